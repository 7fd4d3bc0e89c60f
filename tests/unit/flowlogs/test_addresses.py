"""Private and public addresses, as SQL conditions."""

import ipaddress

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.addresses import is_private, is_public


def kind(address):
    sql = f"SELECT {is_private('a')}, {is_public('a')} FROM (SELECT $1 AS a)".replace("regexp_like", "regexp_matches")
    return duckdb.execute(sql, [str(address)]).fetchall()[0]


PRIVATE = ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "169.254.1.1",
           "127.0.0.1", "fd00::1", "FC00::1", "fe80::1", "febf::1", "::1"]  # fmt: skip
PUBLIC = ["9.255.255.255", "11.0.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "100.63.0.1", "100.128.0.1", "8.8.8.8",
          "223.255.255.255", "240.0.0.1", "2001:db8::1", "fec0::1", "1.0.0.1", "::2"]  # fmt: skip
NEITHER = ["224.0.0.251", "239.255.255.250", "255.255.255.255", "ff02::fb", "0.0.0.0", "::"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        *((address, (True, False)) for address in PRIVATE),
        *((address, (False, True)) for address in PUBLIC),
        *((address, (False, False)) for address in NEITHER),
    ],
)
def test_an_address_is_private_public_or_nobodys(address, expected):
    assert kind(address) == expected


@given(st.ip_addresses(v=4))
def test_no_address_is_both_and_private_ones_are_pythons(address):
    private, public = kind(address)
    assert not (private and public)
    ours = [ipaddress.ip_network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                                              "169.254.0.0/16", "127.0.0.0/8")]  # fmt: skip
    assert private == any(address in network for network in ours)
