"""The raw tables as the settings define them, how a table of Glue drifts from that, and what mends it."""

import copy

import pytest

from flowlogs.settings import Settings
from flowlogs.tables import RawTable, raw_column
from tests.unit.flowlogs.smallest_settings import section, source

KEYS = [{"Name": name, "Type": "string"} for name in ("dt", "aws_account", "aws_region")]


def configured(**changes):
    return Settings.model_validate(section(sources=[source(**changes)])).sources[0]


TEXT = configured(log_format="${start} ${srcaddr} ${log-status}", prefix="net/")
PARQUET = configured(log_format="${start} ${srcaddr} ${log-status}", file_format="parquet")


def glue_table():
    """The table of TEXT as Glue returns it."""
    return {
        "Name": "vpc_flow_logs",
        "DatabaseName": "flowlogs",
        "CreateTime": "2026-11-01",
        "VersionId": "3",
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": KEYS,
        "Parameters": {"EXTERNAL": "TRUE", "skip.header.line.count": "1", "team": "network"},
        "StorageDescriptor": {
            "Columns": [
                {"Name": "starttime", "Type": "bigint"},
                {"Name": "sourceaddress", "Type": "string"},
                {"Name": "logstatus", "Type": "string", "Comment": "OK, NODATA or SKIPDATA"},
            ],
            "Location": "s3://logs/net/AWSLogs",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"field.delim": " "},
            },
        },
    }


def changed(*path, to):
    """The table of Glue with one value changed."""
    table = glue_table()
    place = table
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return table


def test_a_text_sources_table():
    assert RawTable.of(TEXT) == RawTable(
        name="vpc_flow_logs",
        location="s3://logs/net/AWSLogs/",
        columns=(("starttime", "bigint"), ("sourceaddress", "string"), ("logstatus", "string")),
        serde="org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        properties={"skip.header.line.count": "1"},
        partition_keys=("dt", "aws_account", "aws_region"),
    )


def test_a_parquet_sources_table_has_the_files_column_names_and_no_header():
    table = RawTable.of(PARQUET)
    assert table.columns == (("start", "bigint"), ("srcaddr", "string"), ("log_status", "string"))
    assert table.serde == "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    assert table.properties == {}


def test_a_table_as_the_settings_say_does_not_drift():
    """The last slash of a location, comments and what the team added do not count."""
    assert RawTable.of(TEXT).drift(glue_table()) == []


STORAGE = "StorageDescriptor"
DRIFTS = [
    pytest.param(
        changed(STORAGE, "Columns", 0, "Type", to="int"),
        "columns are starttime int, sourceaddress string, logstatus string, "
        "expected starttime bigint, sourceaddress string, logstatus string",
        id="a column's type",
    ),
    pytest.param(
        changed(STORAGE, "Columns", to=[{"Name": "starttime", "Type": "bigint"}]),
        "columns are starttime bigint, expected starttime bigint, sourceaddress string, logstatus string",
        id="missing columns",
    ),
    pytest.param(
        changed(STORAGE, "Location", to="s3://old/AWSLogs/"),
        "location is s3://old/AWSLogs/, expected s3://logs/net/AWSLogs/",
        id="location",
    ),
    pytest.param(
        changed("Parameters", to={"EXTERNAL": "TRUE"}),
        "property skip.header.line.count is None, expected '1'",
        id="header lines",
    ),
    pytest.param(
        changed(STORAGE, "SerdeInfo", "SerializationLibrary", to="org.openx.data.jsonserde.JsonSerDe"),
        "SerDe is org.openx.data.jsonserde.JsonSerDe, expected org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        id="serde",
    ),
]


@pytest.mark.parametrize(("table", "told"), DRIFTS)
def test_drift_is_told_in_words(table, told):
    assert RawTable.of(TEXT).drift(table) == [told]


@pytest.mark.parametrize(("table", "told"), DRIFTS)
def test_a_repaired_table_does_not_drift(table, told):
    repaired = RawTable.of(TEXT).repaired(table)
    assert RawTable.of(TEXT).drift(repaired) == []


def test_every_drift_of_a_table_is_told():
    table = changed(STORAGE, "Location", to="s3://old/")
    table["Parameters"] = {}
    assert len(RawTable.of(TEXT).drift(table)) == 2


def test_a_repair_keeps_what_the_settings_do_not_define_and_takes_only_what_glue_accepts():
    table = changed(STORAGE, "Location", to="s3://old/")
    before = copy.deepcopy(table)
    repaired = RawTable.of(TEXT).repaired(table)
    assert table == before
    assert repaired["Parameters"] == {"EXTERNAL": "TRUE", "skip.header.line.count": "1", "team": "network"}
    assert repaired[STORAGE]["SerdeInfo"]["Parameters"] == {"field.delim": " "}
    assert repaired[STORAGE]["Columns"][2] == {
        "Name": "logstatus", "Type": "string", "Comment": "OK, NODATA or SKIPDATA",
    }  # fmt: skip
    assert set(repaired) == {"Name", "Owner", "TableType", "PartitionKeys", STORAGE, "Parameters"}


def test_other_partition_keys_are_told_and_cannot_be_mended():
    table = changed("PartitionKeys", to=[{"Name": "dt", "Type": "string"}])
    assert RawTable.of(TEXT).drift(table) == ["partition keys are dt, expected dt, aws_account, aws_region"]
    with pytest.raises(
        ValueError, match=r"vpc_flow_logs is partitioned by dt, not dt, aws_account, aws_region: drop it"
    ):
        RawTable.of(TEXT).repaired(table)


@pytest.mark.parametrize(
    ("configured_source", "field", "column"),
    [
        (TEXT, "start", '"starttime"'),
        (TEXT, "log-status", '"logstatus"'),
        (PARQUET, "log-status", '"log_status"'),
        (PARQUET, "start", '"start"'),
        (TEXT, "action", None),
        (TEXT, "no-field", None),
    ],
)
def test_the_column_of_a_field(configured_source, field, column):
    assert raw_column(configured_source, field) == column
