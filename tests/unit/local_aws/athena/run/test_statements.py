"""CREATE TABLE AS, INSERT, UNLOAD, views, prepared statements, EXPLAIN."""

from __future__ import annotations

import json
import re

import duckdb
import pytest

from local_aws.athena.model import QueryCancelled


def written(athena, prefix):
    """The keys of the objects below a prefix."""
    return sorted(found.key for found in athena.objects.list("logs", prefix))


class TestCreateTableAs:
    def test_makes_a_table_of_parquet_files(self, athena):
        athena.text("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS v(n, s)")
        assert athena.outcome.update_count == 2
        assert athena.outcome.substatement_type == "CREATE_TABLE_AS_SELECT"
        assert athena.rows("SELECT * FROM t ORDER BY n") == [("1", "a"), ("2", "")]
        assert re.fullmatch(
            r"s3://logs/results/tables/query-1/\d{8}_\d{6}_\d{5}_\w{5}_[-0-9a-f]{36}", athena_uri(athena)
        )

    def test_partitions_by_the_last_columns(self, athena):
        athena.text(
            "CREATE TABLE t WITH (partitioned_by = ARRAY['dt', 'region'], external_location = 's3://logs/out/') AS "
            "SELECT * FROM (VALUES (1, 'a', 'x'), (2, 'b', 'y z'), (3, NULL, 'x')) AS v(n, dt, region)"
        )
        folders = {key.rpartition("/")[0] for key in written(athena, "out/")}
        assert folders == {
            "out/dt=a/region=x",
            "out/dt=b/region=y z",
            "out/dt=__HIVE_DEFAULT_PARTITION__/region=x",
        }
        assert athena.rows("SELECT n, region FROM t WHERE dt = 'b'") == [("2", "y z")]
        assert athena.rows("SELECT n FROM t WHERE dt IS NULL") == [("3",)]
        assert athena.text("SHOW PARTITIONS t").splitlines()[0].startswith("dt=")

    def test_refuses_more_than_100_partitions_and_leaves_nothing(self, athena, failure):
        days = "SELECT 1 AS n, CAST(x AS varchar) AS dt FROM UNNEST(sequence(1, {})) AS t(x)"
        with_ = "WITH (partitioned_by = ARRAY['dt'], external_location = 's3://logs/out/')"
        assert failure(f"CREATE TABLE t {with_} AS {days.format(101)}").startswith("HIVE_TOO_MANY_OPEN_PARTITIONS: ")
        assert written(athena, "out/") == []
        athena.text(f"CREATE TABLE t {with_} AS {days.format(100)}")
        assert len(written(athena, "out/")) == 100

    def test_refuses_a_location_that_is_not_empty(self, athena, failure):
        athena.put("out/there", "x")
        message = failure("CREATE TABLE t WITH (external_location = 's3://logs/out/') AS SELECT 1 AS n")
        assert message.startswith("HIVE_PATH_ALREADY_EXISTS: ")

    @pytest.mark.parametrize(
        ("statement", "message"),
        [
            ("CREATE TABLE t AS SELECT 1", "MISSING_COLUMN_NAME: "),
            ("CREATE TABLE t AS SELECT 1 AS a, 2 AS A", "DUPLICATE_COLUMN_NAME: "),
            ("CREATE TABLE t WITH (format = 'ORC') AS SELECT 1 AS a", "NOT_SUPPORTED: "),
            ("CREATE TABLE t WITH (nope = 1) AS SELECT 1 AS a", "INVALID_TABLE_PROPERTY: "),
            ("CREATE TABLE t WITH (partitioned_by = ARRAY['a']) AS SELECT 1 AS a, 2 AS b", "HIVE_COLUMN_ORDER_MISMATCH: "),
            ("CREATE TABLE t WITH (partitioned_by = ARRAY['a']) AS SELECT 1 AS a", "INVALID_TABLE_PROPERTY: "),
            ("CREATE TABLE nope.t AS SELECT 1 AS a", "SCHEMA_NOT_FOUND: "),
            ("CREATE TABLE t AS SELECT current_timestamp AS a", "NOT_SUPPORTED: "),
        ],
    )  # fmt: skip
    def test_refuses(self, failure, statement, message):
        assert failure(statement).startswith(message)

    def test_refuses_a_name_that_is_taken_unless_told(self, athena, failure):
        athena.text("CREATE TABLE t AS SELECT 1 AS a")
        assert failure("CREATE TABLE t AS SELECT 2 AS a").startswith("TABLE_ALREADY_EXISTS: ")
        athena.text("CREATE TABLE IF NOT EXISTS t AS SELECT 2 AS a")
        assert athena.value("SELECT a FROM t") == "1"

    def test_without_data_makes_an_empty_table(self, athena):
        athena.text("CREATE TABLE t AS SELECT 1 AS a WITH NO DATA")
        assert athena.rows("SELECT a FROM t") == []

    @pytest.mark.parametrize("format_", ["PARQUET", "TEXTFILE", "JSON"])
    def test_keeps_values_in_every_format(self, athena, format_):
        athena.text(
            f"CREATE TABLE t WITH (format = '{format_}') AS SELECT 1 AS i, 9223372036854775807 AS b, 1.5e0 AS d, "
            "'x y' AS s, true AS t, date '2026-11-10' AS day, timestamp '2026-11-10 01:02:03' AS at, "
            "CAST(1.25 AS decimal(10,2)) AS m, CAST(NULL AS varchar) AS nothing"
        )
        assert athena.rows("SELECT * FROM t") == [
            ("1", "9223372036854775807", "1.5", "x y", "true", "2026-11-10", "2026-11-10 01:02:03.000", "1.25", "")
        ]

    def test_a_query_reads_only_the_columns_it_needs(self, athena):
        athena.text("CREATE TABLE t AS SELECT x, CAST(x AS varchar) AS s FROM UNNEST(sequence(1, 10000)) AS u(x)")
        athena.text("SELECT sum(x) FROM t")
        one = athena.outcome.data_scanned_bytes
        athena.text("SELECT sum(x), max(s) FROM t")
        assert 0 < one < athena.outcome.data_scanned_bytes


def athena_uri(athena):
    athena.text("SELECT 1")
    ((uri,),) = athena.rows('SELECT DISTINCT "$path" FROM t')
    return uri


class TestInsert:
    def test_adds_rows_and_partitions(self, athena):
        athena.text("CREATE TABLE t WITH (partitioned_by = ARRAY['dt']) AS SELECT 1 AS n, 'a' AS dt")
        athena.text("INSERT INTO t SELECT 2, 'a' UNION ALL SELECT 3, 'b'")
        assert athena.outcome.update_count == 2
        assert athena.rows("SELECT n, dt FROM t ORDER BY n") == [("1", "a"), ("2", "a"), ("3", "b")]
        assert athena.text("SHOW PARTITIONS t").split() == ["dt=a", "dt=b"]

    def test_fills_columns_by_name_and_leaves_others_null(self, athena):
        athena.text("CREATE TABLE t AS SELECT 1 AS a, 'x' AS b, 1.5e0 AS c")
        athena.text("INSERT INTO t (c, a) VALUES (2, 7)")
        assert athena.rows("SELECT * FROM t WHERE a = 7") == [("7", "", "2.0")]

    def test_writes_into_the_partition_where_it_stands(self, athena):
        athena.text(
            "CREATE EXTERNAL TABLE t (n int) PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://logs/t/'"
        )
        athena.text("ALTER TABLE t ADD PARTITION (dt='a') LOCATION 's3://logs/elsewhere/'")
        athena.text("INSERT INTO t VALUES (1, 'a')")
        assert len(written(athena, "elsewhere/")) == 1
        assert athena.value("SELECT n FROM t") == "1"

    def test_refuses_other_types(self, athena, failure):
        athena.text("CREATE TABLE t AS SELECT 1 AS a")
        assert failure("INSERT INTO t VALUES 'x'") == (
            "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [integer], Query: [varchar(1)]"
        )
        assert failure("INSERT INTO nope VALUES 1").startswith("TABLE_NOT_FOUND: ")

    def test_a_list_of_what_was_written_is_told(self, athena):
        athena.text("CREATE TABLE t WITH (external_location = 's3://logs/out/') AS SELECT 1 AS a")
        assert [uri.removeprefix("s3://logs/") for uri in athena.outcome.written] == written(athena, "out/")


class TestUnload:
    def test_writes_parquet_that_others_read(self, athena, tmp_path):
        athena.text(
            "UNLOAD (SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(n, s)) TO 's3://logs/out/' "
            "WITH (format = 'PARQUET', compression = 'zstd')"
        )
        ((key),) = written(athena, "out/")
        path = athena.objects.path("logs", key)
        assert duckdb.execute(f"SELECT * FROM read_parquet('{path}') ORDER BY n").fetchall() == [(1, "a"), (2, "b")]

    def test_writes_partitions_and_json(self, athena):
        athena.text(
            "UNLOAD (SELECT 1 AS n, 'x' AS s, 'a' AS dt) TO 's3://logs/out' "
            "WITH (format = 'JSON', compression = 'none', partitioned_by = ARRAY['dt'])"
        )
        ((key),) = written(athena, "out/")
        assert key.startswith("out/dt=a/")
        assert json.loads(athena.objects.path("logs", key).read_text()) == {"n": 1, "s": "x"}

    def test_refuses_a_folder_that_is_not_empty(self, athena, failure):
        athena.put("out/there", "x")
        message = failure("UNLOAD (SELECT 1 AS a) TO 's3://logs/out/' WITH (format = 'PARQUET')")
        assert message.startswith("HIVE_PATH_ALREADY_EXISTS: ")


class TestViews:
    def test_are_queries(self, athena):
        athena.text("CREATE VIEW v AS SELECT x * 2 AS y FROM (VALUES 1, 2) AS t(x)")
        assert athena.rows("SELECT y FROM v WHERE y > 2") == [("4",)]
        athena.text("CREATE OR REPLACE VIEW v AS SELECT 'new' AS y")
        assert athena.value("SELECT y FROM v") == "new"
        athena.text("DROP VIEW v")
        athena.text("DROP VIEW IF EXISTS v")

    def test_stand_in_glue_as_athena_keeps_them(self, athena):
        athena.text("CREATE VIEW v AS SELECT 1 AS y")
        table = athena.catalog.get_table("default", "v")
        assert table["TableType"] == "VIRTUAL_VIEW"
        assert table["StorageDescriptor"]["Columns"] == [{"Name": "y", "Type": "int"}]

    def test_refuse(self, athena, failure):
        athena.text("CREATE VIEW v AS SELECT 1 AS y")
        assert failure("CREATE VIEW v AS SELECT 1 AS y").startswith("ALREADY_EXISTS: ")
        assert failure("CREATE VIEW w AS SELECT 1").startswith("MISSING_COLUMN_NAME: ")
        assert failure("CREATE VIEW w AS SELECT * FROM nope").startswith("TABLE_NOT_FOUND: ")
        assert failure("DROP VIEW nope").startswith("TABLE_NOT_FOUND: ")
        athena.text("CREATE OR REPLACE VIEW v AS SELECT y FROM (SELECT 1 AS y)")

    def test_a_view_of_itself_is_refused(self, athena, failure):
        athena.text("CREATE VIEW v AS SELECT 1 AS y")
        athena.text("CREATE VIEW w AS SELECT y FROM v")
        athena.text("CREATE OR REPLACE VIEW v AS SELECT y FROM w")
        assert "recursive" in failure("SELECT * FROM v")


class TestParameters:
    def test_prepared_statements_take_values(self, athena):
        athena.text("PREPARE p FROM SELECT ? + x FROM (VALUES 1, 2) AS t(x) WHERE x > ?")
        assert athena.rows("EXECUTE p USING 10, 1") == [("12",)]
        assert athena.rows("EXECUTE p", "20", "1") == [("22",)]
        athena.text("DEALLOCATE PREPARE p")
        assert athena.prepared == {}

    def test_a_statement_takes_values_in_order(self, athena):
        assert athena.rows("SELECT '?', ?, -- ? \n ?", "'it''s ?'", "2") == [("?", "it's ?", "2")]

    def test_numbers_of_values_must_agree(self, failure):
        assert failure("SELECT ?") == (
            "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 1 but found 0"
        )
        assert failure("SELECT ?", "1", "2").startswith("INVALID_PARAMETER_USAGE: ")

    def test_a_value_is_one_expression(self, failure):
        assert failure("SELECT ?", "1; DROP TABLE t").startswith("SYNTAX_ERROR: ")
        assert failure("SELECT ?", "1, 2").startswith("SYNTAX_ERROR: ")
        assert failure("SELECT ?", "1 FROM t").startswith("SYNTAX_ERROR: ")


class TestExplain:
    def test_tells_the_partitions_and_files(self, athena):
        athena.text(
            "CREATE TABLE t WITH (partitioned_by = ARRAY['dt']) AS SELECT 1 AS n, 'a' AS dt UNION SELECT 2, 'b'"
        )
        plan = athena.text("EXPLAIN SELECT n FROM t WHERE dt = 'a'")
        assert "1 partitions, 1 files" in plan
        assert athena.outcome.data_scanned_bytes == 0
        assert athena.outcome.statement_type == "UTILITY"

    def test_analyze_runs_the_query(self, athena):
        athena.text("CREATE TABLE t AS SELECT 1 AS n")
        assert "1 files" in athena.text("EXPLAIN ANALYZE SELECT n FROM t")

    def test_validate_finds_errors(self, athena, failure):
        assert athena.text("EXPLAIN (TYPE VALIDATE) SELECT 1").splitlines()[-1] == "true"
        assert failure("EXPLAIN SELECT x").startswith("COLUMN_NOT_FOUND: ")


class TestCatalogTables:
    def test_information_schema(self, athena):
        athena.text("CREATE TABLE t WITH (partitioned_by = ARRAY['dt']) AS SELECT 1 AS n, 'a' AS dt")
        athena.text("CREATE VIEW v AS SELECT n FROM t")
        tables = (
            "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'default' ORDER BY 1"
        )
        assert athena.rows(tables) == [("t", "BASE TABLE"), ("v", "VIEW")]
        columns = (
            "SELECT column_name, data_type, extra_info FROM information_schema.columns WHERE table_name = 't' "
            "ORDER BY ordinal_position"
        )
        assert athena.rows(columns) == [("n", "integer", ""), ("dt", "varchar(1)", "partition key")]

    def test_partitions(self, athena):
        athena.text("CREATE TABLE t WITH (partitioned_by = ARRAY['n']) AS SELECT 'x' AS s, 1 AS n UNION SELECT 'y', 12")
        assert athena.rows('SELECT n FROM "t$partitions" WHERE n > 9') == [("12",)]


def test_the_work_groups_limit_cancels_a_query_that_reads_more(athena):
    size = athena.put("t/f", "x\n" * 1000)
    athena.text("CREATE EXTERNAL TABLE t (s string) LOCATION 's3://logs/t/'")
    athena.text("SELECT max(s) FROM t", cutoff=size)
    with pytest.raises(QueryCancelled, match="Bytes scanned limit was exceeded"):
        athena.text("SELECT max(s) FROM t", cutoff=size - 1)


@pytest.mark.parametrize("statement", ["DELETE FROM t", "UPDATE t SET a = 1", "MERGE INTO t USING u ON true"])
def test_rows_are_not_modified(failure, statement):
    assert failure(statement).startswith("NOT_SUPPORTED: ")
