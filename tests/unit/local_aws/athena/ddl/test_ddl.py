"""Hive DDL by its effect on the catalog, its output, and its errors."""

import string
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.athena.ddl import parse_ddl, run_ddl
from local_aws.athena.ddl.create_table import table_input
from local_aws.athena.ddl.show import create_table_text
from local_aws.athena.ddl.statements import CreateTable
from local_aws.athena.ddl.views import view_definition, view_table_input
from local_aws.athena.model import QueryFailed, QueryRequest
from local_aws.glue.catalog import CatalogStore, EntityNotFound
from local_aws.objects import FolderObjects

FLOW_LOGS = """
CREATE EXTERNAL TABLE IF NOT EXISTS default.vpc_flow_logs (
  version int, account string, starttime int COMMENT 'epoch, it''s seconds'
)
PARTITIONED BY (dt string, n int)
ROW FORMAT DELIMITED
FIELDS TERMINATED BY ' '
LOCATION 's3://logs/AWSLogs/'
TBLPROPERTIES ("skip.header.line.count"="1");
"""


class Hive:
    """Runs statements on a catalog of its own."""

    def __init__(self, folder: Path) -> None:
        self.catalog = CatalogStore(folder / "glue.sqlite").catalog("111122223333", "us-east-1")
        self.objects = FolderObjects(folder / "s3")
        (folder / "s3" / "logs").mkdir(parents=True)
        self._result = folder / "result.txt"

    def __call__(self, sql: str, database: str = "default") -> str:
        statement = parse_ddl(sql)
        assert statement is not None, f"not DDL: {sql}"
        request = QueryRequest(
            query_id="q", sql=sql, account_id="111122223333", region="us-east-1", database=database,
            output_location="s3://results/", work_group="primary", catalog=self.catalog, objects=self.objects,
            result_file=self._result, prepared_statement=str, save_prepared_statement=lambda name, text: None,
        )  # fmt: skip
        self.outcome = run_ddl(statement, request)
        return self._result.read_text()

    def lines(self, sql: str) -> list[str]:
        return self(sql).splitlines()

    def locations(self, table: str = "vpc_flow_logs") -> dict[tuple[str, ...], str]:
        partitions, _ = self.catalog.partitions("default", table)
        return {tuple(found["Values"]): found["StorageDescriptor"]["Location"] for found in partitions}


@pytest.fixture
def hive(tmp_path):
    return Hive(tmp_path)


@pytest.fixture
def flow_logs(hive):
    hive(FLOW_LOGS)
    return hive


def test_create_table_is_kept_as_athena_keeps_it(flow_logs):
    table = flow_logs.catalog.get_table("default", "vpc_flow_logs")
    storage = table["StorageDescriptor"]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["Parameters"]["EXTERNAL"] == "TRUE"
    assert table["Parameters"]["skip.header.line.count"] == "1"
    assert [key["Name"] for key in table["PartitionKeys"]] == ["dt", "n"]
    assert storage["Columns"][2] == {"Name": "starttime", "Type": "int", "Comment": "epoch, it's seconds"}
    assert storage["Location"] == "s3://logs/AWSLogs/"
    assert storage["InputFormat"] == "org.apache.hadoop.mapred.TextInputFormat"
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": " ", "serialization.format": " "},
    }


@pytest.mark.parametrize(
    ("clauses", "serde", "parameters"),
    [
        ("STORED AS PARQUET", "ParquetHiveSerDe", {"serialization.format": "1"}),
        ("STORED AS JSONFILE", "hcatalog.data.JsonSerDe", {"serialization.format": "1"}),
        (
            "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' "
            "WITH SERDEPROPERTIES ('input.regex'='(\\\\d+)')",
            "RegexSerDe",
            {"input.regex": r"(\d+)", "serialization.format": "1"},
        ),
        (
            "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' NULL DEFINED AS '-'",
            "LazySimpleSerDe",
            {"field.delim": "\t", "serialization.format": "\t", "escape.delim": "\\", "serialization.null.format": "-"},
        ),
    ],
)
def test_formats_and_serdes(hive, clauses, serde, parameters):
    hive(
        f"CREATE EXTERNAL TABLE t (a array<struct<x:int,y:map<string,decimal(10,2)>>>) {clauses} LOCATION 's3://logs/t/'"
    )
    storage = hive.catalog.get_table("default", "t")["StorageDescriptor"]
    assert storage["Columns"][0]["Type"] == "array<struct<x:int,y:map<string,decimal(10,2)>>>"
    assert storage["SerdeInfo"]["SerializationLibrary"].endswith(serde)
    assert storage["SerdeInfo"]["Parameters"] == parameters


def test_partitions_are_added_each_at_its_location(flow_logs):
    flow_logs("""
        ALTER TABLE vpc_flow_logs ADD
          PARTITION (dt='2026-11-10', n=1) LOCATION 's3://logs/a/'
          PARTITION (n=2, dt='2026-11-10')""")
    assert flow_logs.locations() == {
        ("2026-11-10", "1"): "s3://logs/a/",
        ("2026-11-10", "2"): "s3://logs/AWSLogs/dt=2026-11-10/n=2",
    }


def test_adding_what_exists_fails_and_adds_nothing(flow_logs):
    flow_logs("ALTER TABLE vpc_flow_logs ADD PARTITION (dt='a', n=1) LOCATION 's3://logs/a/'")
    both = "PARTITION (dt='a', n=1) LOCATION 's3://logs/other/' PARTITION (dt='b', n=1) LOCATION 's3://logs/b/'"
    with pytest.raises(QueryFailed, match=r"AlreadyExistsException.*dt=a/n=1"):
        flow_logs(f"ALTER TABLE vpc_flow_logs ADD {both}")
    assert set(flow_logs.locations()) == {("a", "1")}
    flow_logs(f"ALTER TABLE vpc_flow_logs ADD IF NOT EXISTS {both}")
    assert flow_logs.locations() == {("a", "1"): "s3://logs/a/", ("b", "1"): "s3://logs/b/"}


def test_hundreds_of_partitions_in_one_statement(flow_logs):
    some = "\n".join(f"PARTITION (dt='2026-11-10', n={n}) LOCATION 's3://logs/{n}/'" for n in range(1500))
    flow_logs(f"ALTER TABLE default.vpc_flow_logs ADD IF NOT EXISTS\n{some};")
    assert len(flow_logs.lines("SHOW PARTITIONS vpc_flow_logs")) == 1500


def test_partitions_are_moved_renamed_and_dropped(flow_logs):
    flow_logs("ALTER TABLE vpc_flow_logs ADD PARTITION (dt='a', n=1) PARTITION (dt='a', n=2) PARTITION (dt='b', n=10)")
    flow_logs("ALTER TABLE vpc_flow_logs PARTITION (dt='a', n=1) SET LOCATION 's3://logs/new/'")
    flow_logs("ALTER TABLE vpc_flow_logs PARTITION (dt='a', n=1) RENAME TO PARTITION (dt='c', n=1)")
    assert flow_logs.locations()[("c", "1")] == "s3://logs/new/"
    flow_logs("ALTER TABLE vpc_flow_logs DROP PARTITION (n > 1, n < 10), PARTITION (dt='b')")
    assert set(flow_logs.locations()) == {("c", "1")}
    with pytest.raises(QueryFailed, match="Partition not found dt=zzz"):
        flow_logs("ALTER TABLE vpc_flow_logs DROP PARTITION (dt='zzz')")
    flow_logs("ALTER TABLE vpc_flow_logs DROP IF EXISTS PARTITION (dt='zzz')")


def test_repair_adds_hive_style_folders_only(flow_logs):
    for key in ("dt=a/n=1/x.gz", "dt=a/n=2/y/z.gz", "dt=a/x.gz", "year=1/n=1/x.gz", "dt=%3A/n=1/x"):
        flow_logs.objects.put("logs", f"AWSLogs/{key}", b"")
    output = flow_logs.lines("MSCK REPAIR TABLE vpc_flow_logs")
    assert "Repair: Added partition to metastore vpc_flow_logs:dt=a/n=2" in output
    assert flow_logs.locations() == {
        (":", "1"): "s3://logs/AWSLogs/dt=%3A/n=1",
        ("a", "1"): "s3://logs/AWSLogs/dt=a/n=1",
        ("a", "2"): "s3://logs/AWSLogs/dt=a/n=2",
    }
    assert flow_logs("MSCK REPAIR TABLE vpc_flow_logs") == ""


def test_columns_and_properties_change(flow_logs):
    flow_logs("ALTER TABLE vpc_flow_logs ADD COLUMNS (action string COMMENT 'new')")
    flow_logs("ALTER TABLE vpc_flow_logs CHANGE COLUMN account account_id string")
    flow_logs("ALTER TABLE vpc_flow_logs SET TBLPROPERTIES ('projection.enabled'='true')")
    assert flow_logs.lines("SHOW COLUMNS IN vpc_flow_logs") == [
        name.ljust(20) for name in ("version", "account_id", "starttime", "action", "dt", "n")
    ]
    assert flow_logs("SHOW TBLPROPERTIES vpc_flow_logs('projection.enabled')") == "true\n"
    flow_logs("ALTER TABLE vpc_flow_logs REPLACE COLUMNS (one int)")
    assert [line.split()[0] for line in flow_logs.lines("SHOW COLUMNS FROM vpc_flow_logs IN default")] == [
        "one",
        "dt",
        "n",
    ]


def test_databases_live_from_create_to_drop(hive):
    hive("CREATE DATABASE logs COMMENT 'ours' LOCATION 's3://logs/db/' WITH DBPROPERTIES ('a'='1')")
    hive("ALTER DATABASE logs SET DBPROPERTIES ('b'='2')")
    database = hive.catalog.get_database("logs")
    assert (database["Description"], database["Parameters"]) == ("ours", {"a": "1", "b": "2"})
    with pytest.raises(QueryFailed, match="logs already exists"):
        hive("CREATE SCHEMA logs")
    hive("CREATE SCHEMA IF NOT EXISTS logs")
    assert hive.lines("SHOW DATABASES LIKE 'l*'") == ["logs"]
    hive("CREATE EXTERNAL TABLE logs.t (a int) LOCATION 's3://logs/t/'")
    assert hive.lines("SHOW TABLES IN logs 't|u'") == ["t"]
    with pytest.raises(QueryFailed, match="not empty"):
        hive("DROP DATABASE logs")
    hive("DROP DATABASE logs CASCADE")
    assert hive.lines("SHOW DATABASES") == ["default"]


def test_describe_shows_columns_then_partitions(flow_logs):
    lines = flow_logs.lines("DESCRIBE default.vpc_flow_logs")
    cells = [[cell.strip() for cell in line.split("\t")] for line in lines]
    assert cells[:3] == [["version", "int", ""], ["account", "string", ""], ["starttime", "int", "epoch, it's seconds"]]
    assert cells[-2:] == [["dt", "string", ""], ["n", "int", ""]]
    assert "s3://logs/AWSLogs/" in flow_logs("DESCRIBE FORMATTED vpc_flow_logs")
    assert flow_logs.lines("DESCRIBE vpc_flow_logs version") == [
        "\t".join(["version".ljust(20), "int".ljust(20), " " * 20])
    ]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE EXTERNAL TABLE t (a int)", "needs a LOCATION"),
        ("CREATE EXTERNAL TABLE t (a int) LOCATION '/tmp/x'", "'/tmp/x' is not an S3 path"),
        ("CREATE EXTERNAL TABLE t (a int, A string) LOCATION 's3://b/t/'", "Duplicate column name: a"),
        ("CREATE EXTERNAL TABLE t (a int) PARTITIONED BY (a int) LOCATION 's3://b/t/'", "Duplicate column name: a"),
        ("CREATE EXTERNAL TABLE t (a integr) LOCATION 's3://b/t/'", "line 1:27 mismatched input 'integr'"),
        ("CREATE TABLE t (a int) LOCATION 's3://b/t/'", "only external tables"),
        ("CREATE EXTERNAL TABLE t (a int) STORED AS CSV LOCATION 's3://b/t/'", "expecting one of TEXTFILE"),
        ("ALTER TABLE nope ADD PARTITION (dt='a')", "Table not found default.nope"),
        ("ALTER TABLE vpc_flow_logs ADD PARTITION (dt='a')", r"all \(2\) partition columns of vpc_flow_logs: dt, n"),
        ("ALTER TABLE vpc_flow_logs ADD PARTITION (dt='a', n='x')", "n='x' is no int"),
        ("ALTER TABLE vpc_flow_logs ADD PARTITION (dt=a, n=1)", "strings are quoted"),
        ("ALTER TABLE vpc_flow_logs DROP PARTITION (account='a')", "account is no partition column"),
        ("ALTER TABLE vpc_flow_logs RENAME TO other", "not supported by Athena"),
        ("ALTER TABLE vpc_flow_logs ADD\nPARTITION dt='a'", r"line 2:10 mismatched input 'dt' expecting \("),
        ("DROP TABLE nope", "Table not found default.nope"),
        ("SHOW TABLES IN nope", "nope"),
        ("DROP TABLE vpc_flow_logs extra", "mismatched input 'extra' expecting EOF"),
        ("SHOW PARTITIONS vpc_flow_logs; SELECT 1", "mismatched input 'SELECT'"),
    ],
)
def test_errors_name_what_is_wrong(flow_logs, sql, message):
    with pytest.raises(QueryFailed, match=message):
        flow_logs(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "-- note\nWITH a AS (SELECT 1) SELECT * FROM a",
        "CREATE TABLE t AS SELECT 1 AS a",
        "CREATE TABLE t WITH (format = 'PARQUET') AS\nWITH x AS (SELECT 1 AS a) SELECT * FROM x",
        "CREATE OR REPLACE VIEW v AS SELECT 1",
        "SHOW CREATE VIEW v",
        "INSERT INTO t SELECT 1",
    ],
)
def test_trino_statements_are_left_to_trino(sql):
    assert parse_ddl(sql) is None


def test_drop_table_forgets_its_partitions(flow_logs):
    flow_logs("ALTER TABLE vpc_flow_logs ADD PARTITION (dt='a', n=1)")
    flow_logs("DROP TABLE IF EXISTS vpc_flow_logs")
    with pytest.raises(EntityNotFound):
        flow_logs.catalog.get_table("default", "vpc_flow_logs")
    flow_logs(FLOW_LOGS)
    assert flow_logs.locations() == {}


names = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\x08\x1a", exclude_categories=["Cs"]), max_size=12)
types = st.recursive(
    st.sampled_from(["int", "bigint", "string", "decimal(10,2)", "varchar(7)", "timestamp"]),
    lambda inner: st.one_of(
        st.builds("array<{}>".format, inner),
        st.builds("map<string,{}>".format, inner),
        st.builds("struct<f:{}>".format, inner),
    ),
    max_leaves=3,
)


@settings(max_examples=60)
@given(
    st.dictionaries(names, st.tuples(types, texts), min_size=2, max_size=5), st.dictionaries(names, texts, max_size=3)
)
def test_show_create_table_makes_the_same_table_again(columns, properties):
    *plain, key = [
        {"Name": name, "Type": hive_type, "Comment": comment} for name, (hive_type, comment) in columns.items()
    ]
    statement = parse_ddl("CREATE EXTERNAL TABLE d.t (a int) ROW FORMAT DELIMITED LOCATION 's3://b/t/'")
    assert isinstance(statement, CreateTable)
    table = table_input(statement) | {"DatabaseName": "d", "PartitionKeys": [key]}
    table["StorageDescriptor"]["Columns"] = plain
    table["Parameters"] = {"EXTERNAL": "TRUE", **properties}
    again = parse_ddl(create_table_text(table))
    assert isinstance(again, CreateTable)
    shape = table_input(again)
    assert shape["StorageDescriptor"] == table["StorageDescriptor"]
    assert shape["PartitionKeys"] == [key]
    assert {name: shape["Parameters"][name] for name in properties} == properties


@given(texts, names, st.lists(st.tuples(names, st.sampled_from(["varchar", "bigint", "timestamp(3)"])), max_size=3))
def test_views_keep_their_text(sql, database, columns):
    table = view_table_input("v", sql, database, columns)
    assert table["TableType"] == "VIRTUAL_VIEW"
    assert view_definition(table) == (sql, database)


def test_indented_and_commented_text_is_read(flow_logs):
    flow_logs(
        textwrap.indent(
            '/* from a\ntemplate */ ALTER TABLE `default`.`vpc_flow_logs` -- here\nADD PARTITION (`dt`="a", n=1);\n',
            " ",
        )
    )
    assert set(flow_logs.locations()) == {("a", "1")}
