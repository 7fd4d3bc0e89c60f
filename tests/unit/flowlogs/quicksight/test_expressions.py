"""Expressions of calculated fields, as the local QuickSight understands them."""

from __future__ import annotations

import ipaddress
import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.addresses import PRIVATE_PATTERN
from flowlogs.quicksight.data_sets import data_set_files
from flowlogs.quicksight.expressions import is_private
from flowlogs.reports.services import SERVICES
from local_aws.quicksight.preparation.expressions import compiled
from local_aws.quicksight.preparation.terms import names_of

DATABASE = duckdb.connect()
PRIVATE = compiled(f"ifelse({is_private('a')}, 1, 0)", names_of({"a": "STRING"})).sql

# Near the borders of private networks, and anywhere.
NEAR = st.one_of(
    st.tuples(st.sampled_from([10, 11, 100, 127, 169, 172, 192, 203]), st.integers(0, 255)).map(
        lambda parts: ipaddress.IPv4Address(bytes([*parts, 1, 2]))
    ),
    st.sampled_from(["fc", "fd", "fe", "20"]).flatmap(
        lambda first: st.integers(0, 255).map(lambda second: ipaddress.IPv6Address(f"{first}{second:02x}::5"))
    ),
    st.ip_addresses(),
    st.just(ipaddress.IPv6Address("::1")),
)


@given(st.lists(NEAR, min_size=1, max_size=50))
def test_private_as_everywhere_else_in_the_pipeline(addresses):
    texts = [str(address) for address in addresses]
    rows = DATABASE.execute(f'SELECT {PRIVATE} FROM unnest(?) AS rows ("a")', [texts]).fetchall()
    expected = [int(re.search(PRIVATE_PATTERN, text) is not None) for text in texts]
    assert [row[0] for row in rows] == expected


def columns_of(row):
    """The calculated fields of one row of the traffic."""
    data_set = data_set_files()["traffic"]
    types = dict(data_set.types)
    values = dict.fromkeys(data_set.columns) | row
    duckdb_types = {"STRING": "VARCHAR", "INTEGER": "BIGINT", "DECIMAL": "DOUBLE", "DATETIME": "TIMESTAMP"}
    sql = "SELECT " + ", ".join(f'CAST(? AS {duckdb_types[types[name]]}) AS "{name}"' for name in data_set.columns)
    for name, column in data_set.calculated.items():
        sql = f'SELECT *, {compiled(column.expression, names_of(types)).sql} AS "{name}" FROM ({sql})'
    found = DATABASE.execute(sql, list(values.values()))
    return dict(zip([column[0] for column in found.description], found.fetchone(), strict=True))


@pytest.mark.parametrize(
    ("row", "service", "port"),
    [
        ({"detail": "flow", "dstport": 22}, "ssh", "22 ssh"),
        ({"detail": "flow", "dstport": 31337}, "unnamed", "31337"),
        ({"detail": "flow"}, "replies", "replies"),
        ({"detail": "interface"}, "other", "other"),
    ],
)
def test_services(row, service, port):
    found = columns_of(row)
    assert (found["service"], found["port"]) == (service, port)


def test_every_service_has_its_name():
    data_set = data_set_files()["traffic"]
    sql = compiled(data_set.calculated["service"].expression, names_of(dict(data_set.types))).sql
    rows = DATABASE.execute(
        f"SELECT dstport, {sql} FROM (SELECT unnest(?) AS dstport, 'flow' AS detail)", [[*SERVICES]]
    )
    assert dict(rows.fetchall()) == dict(SERVICES)


def test_units_and_shares():
    found = columns_of({"detail": "flow", "action": "REJECT", "flows": 7, "bytes": 2_500_000, "protocol": 17})
    assert (found["megabytes"], found["gigabytes"]) == (2.5, 0.0025)
    assert (found["rejected_flows"], found["accepted_flows"], found["protocol_name"]) == (7, 0, "UDP")


def test_folded_rows_are_of_no_network():
    found = columns_of({"detail": "account", "srcaddr": "other", "dstaddr": "other"})
    assert (found["source_network"], found["destination_network"], found["protocol_name"]) == ("other",) * 3
