"""tables/raw_table.sql: the raw table of each kind of source reads the files as they are delivered."""

import io

import pyarrow
import pyarrow.parquet
import pytest

from flowlogs.settings import load_settings
from flowlogs.tables import RawTable
from tests.unit.flowlogs.smallest_settings import source

FILE = "tables/raw_table.sql"

DEFAULT = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
WIDE = (
    "${version} ${vpc-id} ${start} ${pkt-srcaddr} ${tcp-flags} ${bytes} ${flow-direction} ${new-thing} ${log-status} "
    "${reject-reason}"
)

PLACE = ("2026-11-22", "111122223333", "us-east-1")
LINE = "2 111122223333 eni-0a 10.0.0.1 10.0.0.2 443 50000 6 10 8400000000 1795348800 1795348860 ACCEPT OK"
NODATA = "2 111122223333 eni-0a - - - - - - - 1795348800 1795348860 - NODATA"


@pytest.mark.parametrize("layout", ["default", "hourly", "hive", "hive-hourly"])
def test_text_in_the_default_format(sql, layout):
    """The header is no row, and what a flow log writes as - is no number."""
    sql.settings(source(layout=layout))
    sql.set_up("network")
    sql.deliver("network", f"{DEFAULT}\n{LINE}\n{NODATA}\n")
    assert sql.athena.rows("SELECT * FROM vpc_flow_logs ORDER BY logstatus DESC") == [
        (*LINE.split(), *PLACE),
        ("2", "111122223333", "eni-0a", "-", "-", "", "", "", "", "", "1795348800", "1795348860", "-", "NODATA",
         *PLACE),
    ]  # fmt: skip


def test_text_in_a_wider_format_with_a_field_newer_than_the_project(sql):
    sql.settings(source(log_format=WIDE, extra_fields={"new-thing": "bigint"}))
    sql.set_up("network")
    header = WIDE.replace("${", "").replace("}", "")
    sql.deliver("network", f"{header}\n8 vpc-0a 1795348800 10.0.0.1 19 8400000000 egress 5000000000 OK BPA\n")
    columns = "vpc_id, pkt_srcaddr, tcp_flags, numbytes, flow_direction, new_thing, logstatus, reject_reason"
    assert sql.athena.rows(f"SELECT {columns}, typeof(new_thing) FROM vpc_flow_logs") == [
        ("vpc-0a", "10.0.0.1", "19", "8400000000", "egress", "5000000000", "OK", "BPA", "bigint")
    ]


def test_parquet(sql):
    """Its columns are found by name, so their order in the files need not be that of the settings."""
    sql.settings(
        source(file_format="parquet", layout="hive", log_format="${start} ${srcaddr} ${srcport} ${bytes} ${log-status}")
    )
    sql.set_up("network")
    columns = {
        "log_status": pyarrow.array(["OK", "NODATA"]),
        "start": pyarrow.array([1795348800, 1795348860], pyarrow.int64()),
        "srcaddr": pyarrow.array(["10.0.0.1", None]),
        "srcport": pyarrow.array([443, None], pyarrow.int32()),
        "bytes": pyarrow.array([8_400_000_000, None], pyarrow.int64()),
    }
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    sql.deliver("network", file.getvalue())
    assert sql.athena.rows("SELECT * FROM vpc_flow_logs ORDER BY start") == [
        ("1795348800", "10.0.0.1", "443", "8400000000", "OK", *PLACE),
        ("1795348860", "", "", "", "NODATA", *PLACE),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"prefix": "net/", "layout": "hourly"},
        {"log_format": WIDE, "extra_fields": {"new-thing": "string"}},
        {"file_format": "parquet", "layout": "hive-hourly"},
    ],
    ids=["text", "text under a prefix", "wider text", "parquet"],
)
def test_a_new_table_is_what_the_settings_say(sql, changes):
    """Otherwise the setup would find drift in what it has just made."""
    sql.settings(source(**changes))
    sql.rows("tables/database.sql")
    for _ in range(2):
        sql.rows(FILE, source="network")
    assert RawTable.of(load_settings().source("network")).drift(sql.table("vpc_flow_logs")) == []


@pytest.mark.parametrize("file_format", ["text", "parquet"])
def test_a_repair_stores_a_table_of_another_serde_as_a_new_one_is_stored(sql, file_format):
    sql.settings(source(file_format=file_format))
    sql.rows("tables/database.sql")
    sql.rows(FILE, source="network")
    made = sql.table("vpc_flow_logs")
    json_serde = {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {}}
    other = {**made, "StorageDescriptor": {**made["StorageDescriptor"], "SerdeInfo": json_serde, "InputFormat": "x"}}
    repaired = RawTable.of(load_settings().source("network")).repaired(other)["StorageDescriptor"]
    for key in ("InputFormat", "OutputFormat"):
        assert repaired[key] == made["StorageDescriptor"][key]
    made_serde, repaired_serde = made["StorageDescriptor"]["SerdeInfo"], repaired["SerdeInfo"]
    assert repaired_serde["SerializationLibrary"] == made_serde["SerializationLibrary"]
    assert (
        repaired_serde["Parameters"].items()
        >= {name: value for name, value in made_serde["Parameters"].items() if name == "field.delim"}.items()
    )


def test_every_source_of_the_shipped_settings_has_a_valid_statement(sql, monkeypatch):
    monkeypatch.delenv("FLOWLOGS_CONFIG")
    sql.rows("tables/database.sql")
    for shipped in load_settings().sources:
        sql.rows(FILE, source=shipped.name)
        assert RawTable.of(shipped).drift(sql.table(shipped.table)) == []
