"""Data sets into SPICE: rows and casts, look-back windows, what waits, what ends how, what survives."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from local_aws.aws_json import ServiceError
from local_aws.quicksight.failures import IngestionFailed, of_athena
from tests.unit.local_aws.quicksight.conftest import CALLER, QuickSight, Results, started

ARN = "arn:aws:quicksight:us-east-1:000000000000:datasource/athena"


def arguments(types: dict[str, str], transforms: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    columns = [{"Name": name, "Type": type_} for name, type_ in types.items()]
    custom = {"DataSourceArn": ARN, "Name": "q", "SqlQuery": "SELECT * FROM t;", "Columns": columns}
    logical = {
        "Alias": "l",
        "Source": {"PhysicalTableId": "p"},
        **({"DataTransforms": transforms} if transforms else {}),
    }
    return {
        "DataSetId": "set",
        "Name": "A set",
        "ImportMode": "SPICE",
        "PhysicalTableMap": {"p": {"CustomSql": custom}},
        "LogicalTableMap": {"l": logical},
        **more,
    }


def stored(quicksight: QuickSight) -> list[tuple[Any, ...]]:
    file = quicksight.operations.spice.file(CALLER, "set")
    with duckdb.connect() as database:
        return database.execute(f"SELECT * FROM read_parquet('{file}')").fetchall()


def created(
    quicksight: QuickSight, types: dict[str, str], table: list[tuple[object, ...]], **more: Any
) -> dict[str, Any]:
    """A data set with its first ingestion, ended."""
    quicksight.results.columns, quicksight.results.table = list(types), table
    answer = quicksight.call("create_data_set", **arguments(types, **more))
    return quicksight.ended("set", answer["IngestionId"])


def test_values_of_every_type(quicksight: QuickSight) -> None:
    types = {"s": "STRING", "i": "INTEGER", "d": "DECIMAL", "t": "DATETIME", "b": "BOOLEAN"}
    row = ('say "hi",\nthere', "-9007199254740993", "1.5E10", "2026-11-05 13:45:30.000", "true")
    ingestion = created(quicksight, types, [row, ("", None, None, "2026-11-05", None), (None, 1, 2, None, "false")])
    assert ingestion["RowInfo"] == {"RowsIngested": 3, "RowsDropped": 0, "TotalRowsInDataset": 3}
    first, second, third = stored(quicksight)
    assert (first[0], first[1], first[2], f"{first[3]}", first[4]) == (
        'say "hi",\nthere', -9007199254740993, 1.5e10, "2026-11-05 13:45:30", 1,
    )  # fmt: skip
    assert second[0] == ""
    assert (third[0], third[3], third[4]) == (None, None, 0)


def test_rows_with_values_of_other_types_are_dropped_and_counted(quicksight: QuickSight) -> None:
    ingestion = created(
        quicksight,
        {"i": "INTEGER", "t": "DATETIME"},
        [(1, "2026-11-05"), ("x", "2026-11-05"), (3, "soon"), ("1.5", None)],
    )
    assert ingestion["IngestionStatus"] == "COMPLETED"
    assert ingestion["RowInfo"] == {"RowsIngested": 1, "RowsDropped": 3, "TotalRowsInDataset": 1}


def test_transforms_in_their_order(quicksight: QuickSight) -> None:
    transforms = [
        {"RenameColumnOperation": {"ColumnName": "n", "NewColumnName": "port"}},
        {"CastColumnTypeOperation": {"ColumnName": "port", "NewColumnType": "INTEGER"}},
        {"CreateColumnsOperation": {"Columns": [{"ColumnName": "service", "ColumnId": "x", "Expression": "ifelse({port} = 53, 'dns', 'other')"}]}},
        {"FilterOperation": {"ConditionExpression": "{port} < 1000"}},
        {"TagColumnOperation": {"ColumnName": "service", "Tags": [{"ColumnDescription": {"Text": "By port"}}]}},
        {"ProjectOperation": {"ProjectedColumns": ["service", "port"]}},
    ]  # fmt: skip
    ingestion = created(
        quicksight,
        {"n": "STRING", "x": "STRING"},
        [("53", "a"), ("443", "b"), ("8080", "c"), ("-", "d")],
        transforms=transforms,
    )
    assert ingestion["RowInfo"]["RowsDropped"] == 0, "the filter keeps neither 8080 nor what is no port"
    assert stored(quicksight) == [("dns", 53), ("other", 443)]
    columns = quicksight.call("describe_data_set", DataSetId="set")["DataSet"]["OutputColumns"]
    assert columns == [
        {"Name": "service", "Type": "STRING", "Description": "By port"},
        {"Name": "port", "Type": "INTEGER"},
    ]


@pytest.mark.parametrize(
    ("types", "returned", "error_type"),
    [
        ({"a": "STRING", "gone": "STRING"}, ["a", "b"], "SQL_SCHEMA_MISMATCH_ERROR"),
        ({"a": "STRING"}, ["a", "a"], "DUPLICATE_COLUMN_NAMES_FOUND"),
    ],
)
def test_columns_that_do_not_fit(
    quicksight: QuickSight, types: dict[str, str], returned: list[str], error_type: str
) -> None:
    quicksight.results.columns, quicksight.results.table = returned, [("1", "2")]
    answer = quicksight.call("create_data_set", **arguments(types))
    assert quicksight.ended("set", answer["IngestionId"])["ErrorInfo"]["Type"] == error_type


def test_rows_that_a_function_cannot_parse_are_left_out(quicksight: QuickSight) -> None:
    column = {"ColumnName": "port", "ColumnId": "port", "Expression": "ifelse({n} = 'none', 0, parseInt({n}))"}
    transforms = [{"CreateColumnsOperation": {"Columns": [column]}}]
    ingestion = created(quicksight, {"n": "STRING"}, [("7",), ("1.6",), ("none",), (None,)], transforms=transforms)
    assert ingestion["RowInfo"] == {"RowsIngested": 3, "RowsDropped": 1, "TotalRowsInDataset": 3}
    assert stored(quicksight) == [("7", 7), ("1.6", 2), (None, None)]


def test_an_expression_that_is_not_understood_fails_the_ingestion(quicksight: QuickSight) -> None:
    column = {"ColumnName": "c", "ColumnId": "c", "Expression": "runningSum({n})"}
    ingestion = created(
        quicksight, {"n": "INTEGER"}, [(1,)], transforms=[{"CreateColumnsOperation": {"Columns": [column]}}]
    )
    assert ingestion["ErrorInfo"]["Type"] == "INVALID_DATAPREP_SYNTAX"
    assert "calculated field 'c': the function 'runningSum' is not known" in ingestion["ErrorInfo"]["Message"]


@pytest.mark.parametrize(
    ("reason", "error_type"),
    [
        ("TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.lab.gone' does not exist", "SQL_TABLE_NOT_FOUND"),
        ("SCHEMA_NOT_FOUND: line 1:15: Schema 'gone' does not exist", "SQL_TABLE_NOT_FOUND"),
        ("COLUMN_NOT_FOUND: line 1:8: Column 'gone' cannot be resolved", "SQL_EXCEPTION"),
        ("Query cancelled! : Bytes scanned limit was exceeded", "SOURCE_RESOURCE_LIMIT_EXCEEDED"),
        ("NUMERIC_VALUE_OUT_OF_RANGE: integer addition overflow", "SQL_NUMERIC_OVERFLOW"),
        ("PERMISSION_DENIED: s3", "PERMISSION_DENIED"),
    ],
)
def test_error_types_of_failed_queries(reason: str, error_type: str) -> None:
    assert of_athena(reason).type == error_type


def test_an_incremental_refresh_replaces_the_window_alone(quicksight: QuickSight) -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    days = [now - timedelta(days=back) for back in (10, 5, 2, 1)]
    created(quicksight, {"day": "DATETIME", "n": "INTEGER"}, [(day, 1) for day in days])
    look_back = {"LookbackWindow": {"ColumnName": "day", "Size": 3, "SizeUnit": "DAY"}}
    properties = {"RefreshConfiguration": {"IncrementalRefresh": look_back}}
    quicksight.call("put_data_set_refresh_properties", DataSetId="set", DataSetRefreshProperties=properties)
    quicksight.results.table = [(days[2], 7), (days[3], 7), (now, 7)]
    quicksight.call("create_ingestion", DataSetId="set", IngestionId="inc", IngestionType="INCREMENTAL_REFRESH")
    ingestion = quicksight.ended("set", "inc")
    assert ingestion["RowInfo"] == {"RowsIngested": 3, "RowsDropped": 0, "TotalRowsInDataset": 5}
    assert sorted(stored(quicksight)) == [(days[0], 1), (days[1], 1), (days[2], 7), (days[3], 7), (now, 7)]
    query = quicksight.results.queries[-1]
    begins = datetime.fromtimestamp(ingestion["CreatedTime"], UTC) - timedelta(days=3)
    assert f'WHERE "day" >= TIMESTAMP \'{begins:%Y-%m-%d %H:%M:%S}' in query
    assert "SELECT * FROM t\n" in query, "without the semicolon of the data set's query"


def test_incremental_without_refresh_properties_is_refused(quicksight: QuickSight) -> None:
    created(quicksight, {"n": "INTEGER"}, [(1,)])
    with pytest.raises(ServiceError, match="not configured for incremental refresh"):
        quicksight.call("create_ingestion", DataSetId="set", IngestionId="inc", IngestionType="INCREMENTAL_REFRESH")


def test_the_look_back_column_is_a_date(quicksight: QuickSight) -> None:
    created(quicksight, {"n": "INTEGER"}, [(1,)])
    look_back = {"LookbackWindow": {"ColumnName": "n", "Size": 3, "SizeUnit": "DAY"}}
    with pytest.raises(ServiceError, match="n is of type INTEGER; it must be a column of type DATETIME"):
        quicksight.call(
            "put_data_set_refresh_properties",
            DataSetId="set",
            DataSetRefreshProperties={"RefreshConfiguration": {"IncrementalRefresh": look_back}},
        )


def test_one_ingestion_at_a_time_and_the_next_waits(quicksight: QuickSight) -> None:
    created(quicksight, {"n": "INTEGER"}, [(1,)])
    quicksight.results.gate = threading.Event()
    for name in ("one", "two"):
        quicksight.call("create_ingestion", DataSetId="set", IngestionId=name)
    quicksight.until("set", "one", "RUNNING")
    waiting = quicksight.call("describe_ingestion", DataSetId="set", IngestionId="two")["Ingestion"]
    assert waiting["IngestionStatus"] == "QUEUED"
    assert waiting["QueueInfo"] == {"WaitingOnIngestion": "one", "QueuedIngestion": "two"}
    quicksight.results.gate.set()
    assert quicksight.ended("set", "one")["IngestionStatus"] == "COMPLETED"
    assert "QueueInfo" not in quicksight.ended("set", "two")


def test_cancelling_what_runs_and_what_waits(quicksight: QuickSight) -> None:
    created(quicksight, {"n": "INTEGER"}, [(1,)])
    quicksight.results.gate = threading.Event()
    for name in ("running", "waiting"):
        quicksight.call("create_ingestion", DataSetId="set", IngestionId=name)
    quicksight.until("set", "running", "RUNNING")
    for name in ("waiting", "running"):
        quicksight.call("cancel_ingestion", DataSetId="set", IngestionId=name)
        ended = quicksight.ended("set", name)
        assert (ended["IngestionStatus"], ended["ErrorInfo"]["Type"]) == ("CANCELLED", "INGESTION_CANCELED")
    assert stored(quicksight) == [(1,)], "the rows from before stay"
    with pytest.raises(ServiceError, match="is CANCELLED; only what has not ended can be cancelled"):
        quicksight.call("cancel_ingestion", DataSetId="set", IngestionId="running")


def test_an_edit_supersedes_what_runs(quicksight: QuickSight) -> None:
    created(quicksight, {"n": "INTEGER"}, [(1,)])
    quicksight.results.gate = threading.Event()
    quicksight.call("create_ingestion", DataSetId="set", IngestionId="old")
    quicksight.until("set", "old", "RUNNING")
    answer = quicksight.call("update_data_set", **arguments({"n": "DECIMAL"}))
    assert quicksight.ended("set", "old")["ErrorInfo"]["Type"] == "INGESTION_SUPERSEDED"
    quicksight.results.gate.set()
    edit = quicksight.ended("set", answer["IngestionId"])
    assert (edit["IngestionStatus"], edit["RequestType"]) == ("COMPLETED", "EDIT")


def test_a_failed_query_leaves_the_rows(quicksight: QuickSight) -> None:
    created(quicksight, {"n": "INTEGER"}, [(1,)])
    quicksight.results.failure = IngestionFailed("SQL_TABLE_NOT_FOUND", "gone")
    quicksight.call("create_ingestion", DataSetId="set", IngestionId="bad")
    assert quicksight.ended("set", "bad")["ErrorInfo"] == {"Type": "SQL_TABLE_NOT_FOUND", "Message": "gone"}
    assert stored(quicksight) == [(1,)]


def test_faults(quicksight: QuickSight) -> None:
    created(quicksight, {"n": "INTEGER"}, [(1,), (2,), (3,)])
    faults = quicksight.operations.faults
    faults.add({"kind": "ingestion_error", "data_set": "set", "error_type": "QUERY_TIMEOUT", "message": "too slow"})
    faults.add({"kind": "drop_rows", "data_set": "set", "rows": 2})
    faults.add({"kind": "drop_rows", "data_set": "another"})
    for name in ("failing", "dropping", "well"):
        quicksight.call("create_ingestion", DataSetId="set", IngestionId=name)
    assert quicksight.ended("set", "failing")["ErrorInfo"] == {"Type": "QUERY_TIMEOUT", "Message": "too slow"}
    assert quicksight.ended("set", "dropping")["RowInfo"] == {
        "RowsIngested": 1,
        "RowsDropped": 2,
        "TotalRowsInDataset": 1,
    }
    assert quicksight.ended("set", "well")["RowInfo"]["RowsIngested"] == 3
    faults.add({"kind": "stuck_queued", "data_set": "*"})
    quicksight.call("create_ingestion", DataSetId="set", IngestionId="stuck")
    quicksight.until("set", "stuck", "QUEUED")
    quicksight.call("cancel_ingestion", DataSetId="set", IngestionId="stuck")
    assert quicksight.ended("set", "stuck")["IngestionStatus"] == "CANCELLED"
    faults.add({"kind": "quota"})
    with pytest.raises(ServiceError, match="the next refresh is possible at"):
        quicksight.call("create_ingestion", DataSetId="set", IngestionId="over")
    faults.add({"kind": "throttle", "operation": "CreateIngestion"})
    quicksight.operations.before_call(CALLER, "DescribeIngestion", {"DataSetId": "set"})
    with pytest.raises(ServiceError, match="ThrottlingException: Rate exceeded"):
        quicksight.operations.before_call(CALLER, "CreateIngestion", {"DataSetId": "set"})
    quicksight.operations.before_call(CALLER, "CreateIngestion", {"DataSetId": "set"})


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ([], "a fault is a JSON object"),
        ({"kind": "fire"}, "kind is 'fire'; it is one of throttle"),
        ({"kind": "quota", "time": 1}, "'time' is not known"),
        ({"kind": "quota", "times": "2"}, "times is '2'"),
        ({"kind": "ingestion_error", "error_type": "BAD"}, "error_type is 'BAD'"),
        ({"kind": "quota", "times": 0}, "at least 1"),
    ],
)
def test_faults_that_are_none(quicksight: QuickSight, fault: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        quicksight.operations.faults.add(fault)


def test_the_quota_of_the_standard_edition(tmp_path: Path, results: Results) -> None:
    quicksight = started(tmp_path / "standard", results, edition="STANDARD")
    quicksight.call("create_data_source", DataSourceId="athena", Name="Athena", Type="ATHENA")
    created(quicksight, {"n": "INTEGER"}, [(1,)])
    for number in range(8):
        quicksight.call("create_ingestion", DataSetId="set", IngestionId=f"i{number}")
    with pytest.raises(ServiceError, match=r"refreshed 8 times in 24 hours.*the STANDARD edition") as refused:
        quicksight.call("create_ingestion", DataSetId="set", IngestionId="i8")
    assert refused.value.code == "LimitExceededException"
    quicksight.operations.close()


def test_what_was_unfinished_goes_on_after_a_restart(tmp_path: Path, results: Results) -> None:
    folder = tmp_path / "state"
    first = started(folder, results)
    first.call("create_data_source", DataSourceId="athena", Name="Athena", Type="ATHENA")
    created(first, {"n": "INTEGER"}, [(1,)])
    results.gate = threading.Event()
    for name in ("running", "waiting"):
        first.call("create_ingestion", DataSetId="set", IngestionId=name)
    first.until("set", "running", "RUNNING")
    first.operations.close()
    results.gate, results.table = None, [(1,), (2,)]
    second = started(folder, results)
    for name in ("running", "waiting"):
        assert second.ended("set", name)["RowInfo"]["TotalRowsInDataset"] == 2
    listed = second.call("list_ingestions", DataSetId="set")["Ingestions"]
    assert [one["IngestionId"] for one in listed[:2]] == ["waiting", "running"]
    second.operations.close()


def test_paging_newest_first_while_new_ones_come(quicksight: QuickSight) -> None:
    created(quicksight, {"n": "INTEGER"}, [(1,)])
    for number in range(5):
        quicksight.call("create_ingestion", DataSetId="set", IngestionId=f"i{number}")
    first = quicksight.call("list_ingestions", DataSetId="set", MaxResults=2)
    quicksight.call("create_ingestion", DataSetId="set", IngestionId="late")
    second = quicksight.call("list_ingestions", DataSetId="set", MaxResults=2, NextToken=first["NextToken"])
    third = quicksight.call("list_ingestions", DataSetId="set", MaxResults=2, NextToken=second["NextToken"])
    ids = [one["IngestionId"] for one in first["Ingestions"] + second["Ingestions"] + third["Ingestions"]]
    assert ids[:5] == ["i4", "i3", "i2", "i1", "i0"]
    assert third["NextToken"] is None
    with pytest.raises(ServiceError, match="InvalidNextTokenException"):
        quicksight.call("list_ingestions", DataSetId="set", NextToken="bm9uZQ==")


def test_a_deleted_data_set_leaves_nothing(quicksight: QuickSight) -> None:
    created(quicksight, {"n": "INTEGER"}, [(1,)])
    file = quicksight.operations.spice.file(CALLER, "set")
    quicksight.call("delete_data_set", DataSetId="set")
    assert file is not None
    assert not file.parent.exists()
    with pytest.raises(ServiceError, match="data set set is not found"):
        quicksight.call("list_ingestions", DataSetId="set")
    again = created(quicksight, {"n": "INTEGER"}, [(5,)])
    assert again["RowInfo"]["TotalRowsInDataset"] == 1
    assert len(quicksight.call("list_ingestions", DataSetId="set")["Ingestions"]) == 1
