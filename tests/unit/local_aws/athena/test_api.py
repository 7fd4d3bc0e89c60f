"""The Athena API, request by request, over an engine that answers what the test tells it to."""

import asyncio
import json
import threading
import time

import pytest

from local_aws.athena.api import AthenaOperations
from local_aws.athena.model import ErrorCategory, QueryCancelled, QueryFailed, QueryOutcome, ResultColumn
from local_aws.aws_json import Caller, JsonService
from local_aws.glue.catalog import CatalogStore
from local_aws.objects import FolderObjects

CALLER = Caller("111122223333", "us-east-1")
COLUMNS = (ResultColumn("n", "integer", 10), ResultColumn("text", "varchar", 2147483647))


class Engine:
    """Runs no SQL: gives rows, fails or waits, as the statement's first word says."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.requests = []

    def run(self, request):
        self.requests.append(request)
        word, _, rest = request.sql.partition(" ")
        if word == "fail":
            raise QueryFailed(rest, error_type=1006, category=ErrorCategory.USER)
        if word == "break":
            raise ZeroDivisionError(rest)
        if word == "cutoff":
            raise QueryCancelled("Query cancelled! : Bytes scanned limit was exceeded")
        if word == "wait":
            while not self.release.is_set():
                if request.cancelled.wait(0.01):
                    raise QueryCancelled
        if word == "show":
            request.result_file.write_text("dt=2026-11-10\ndt=2026-11-11\n")
            return QueryOutcome("UTILITY", "SHOW_PARTITIONS", (ResultColumn("partition", "string"),))
        if word == "unload":
            written = ("s3://results/data/1.parquet", "s3://results/data/2.parquet")
            return QueryOutcome("DML", "UNLOAD", update_count=7, written=written)
        count = int(rest or 1)
        lines = [
            f'"{number}",{None if number % 3 == 0 else chr(34) + "a" + str(number) + chr(34)}'
            for number in range(count)
        ]
        text = '"n","text"\n' + "".join(line.replace(",None", ",") + "\n" for line in lines)
        request.result_file.write_text(text)
        return QueryOutcome("DML", "SELECT", COLUMNS, data_scanned_bytes=1234)


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def objects(tmp_path):
    (tmp_path / "s3" / "results").mkdir(parents=True)
    return FolderObjects(tmp_path / "s3")


@pytest.fixture
def start_operations(tmp_path, engine, objects):
    started = []

    def start() -> AthenaOperations:
        store = CatalogStore(tmp_path / "glue.sqlite")
        operations = AthenaOperations(store, lambda caller: objects, tmp_path, engine.run)
        started.append(operations)
        return operations

    yield start
    for operations in started:
        operations.close()


class Api:
    """Calls operations over JSON, as a client's bytes would."""

    def __init__(self, operations: AthenaOperations) -> None:
        self._service = JsonService("athena", operations, invalid_input="InvalidRequestException")

    def __call__(self, operation: str, **params):
        headers = {"x-amz-target": f"AmazonAthena.{operation}"}
        body = json.dumps(params).encode()
        status, _, answer = asyncio.run(self._service.handle("POST", "/", headers, body, {}, CALLER))
        answer = json.loads(answer)
        if status != 200:
            raise ApiError(answer["__type"], answer["message"])
        return answer

    def start(self, sql: str, **params) -> str:
        params.setdefault("ResultConfiguration", {"OutputLocation": "s3://results/out"})
        return self("StartQueryExecution", QueryString=sql, **params)["QueryExecutionId"]

    def finished(self, query_id: str) -> dict:
        for _ in range(500):
            execution = self("GetQueryExecution", QueryExecutionId=query_id)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return execution
            time.sleep(0.01)
        raise AssertionError(execution)

    def run(self, sql: str, **params) -> dict:
        return self.finished(self.start(sql, **params))


class ApiError(Exception):
    pass


@pytest.fixture
def api(start_operations):
    return Api(start_operations())


def test_a_successful_query_tells_what_it_did(api):
    execution = api.run("select 2", QueryExecutionContext={"Database": "logs"})
    query_id = execution["QueryExecutionId"]
    assert execution["Status"]["State"] == "SUCCEEDED"
    assert execution["Status"]["CompletionDateTime"] >= execution["Status"]["SubmissionDateTime"]
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "SELECT")
    assert execution["ResultConfiguration"]["OutputLocation"] == f"s3://results/out/{query_id}.csv"
    assert execution["Statistics"]["DataScannedInBytes"] == 1234
    assert execution["QueryExecutionContext"] == {"Catalog": "awsdatacatalog", "Database": "logs"}


def test_results_begin_with_the_header_and_tell_null_from_empty(api):
    query_id = api.run("select 2")["QueryExecutionId"]
    result = api("GetQueryResults", QueryExecutionId=query_id)["ResultSet"]
    assert result["Rows"] == [
        {"Data": [{"VarCharValue": "n"}, {"VarCharValue": "text"}]},
        {"Data": [{"VarCharValue": "0"}, {}]},
        {"Data": [{"VarCharValue": "1"}, {"VarCharValue": "a1"}]},
    ]
    assert [(column["Name"], column["Type"]) for column in result["ResultSetMetadata"]["ColumnInfo"]] == [
        ("n", "integer"),
        ("text", "varchar"),
    ]


def test_results_are_paged_without_loss(api):
    query_id = api.run("select 2500")["QueryExecutionId"]
    numbers, token = [], {}
    while True:
        page = api("GetQueryResults", QueryExecutionId=query_id, MaxResults=999, **token)
        numbers += [row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert numbers == ["n", *map(str, range(2500))]


def test_a_text_result_has_no_header_and_a_row_a_line(api, objects):
    execution = api.run("show partitions")
    query_id = execution["QueryExecutionId"]
    assert execution["ResultConfiguration"]["OutputLocation"].endswith(f"{query_id}.txt")
    rows = api("GetQueryResults", QueryExecutionId=query_id)["ResultSet"]["Rows"]
    assert rows == [{"Data": [{"VarCharValue": "dt=2026-11-10"}]}, {"Data": [{"VarCharValue": "dt=2026-11-11"}]}]
    keys = [found.key for found in objects.list("results", "out/")]
    assert keys == [f"out/{query_id}.txt", f"out/{query_id}.txt.metadata"]


def test_statements_that_write_leave_a_manifest(api, objects):
    execution = api.run("unload")
    manifest = execution["Statistics"]["DataManifestLocation"]
    assert manifest == f"s3://results/out/{execution['QueryExecutionId']}-manifest.csv"
    text = objects.path("results", manifest.removeprefix("s3://results/")).read_text()
    assert text == "s3://results/data/1.parquet\ns3://results/data/2.parquet\n"
    results = api("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])
    assert results["UpdateCount"] == 7
    assert results["ResultSet"]["Rows"] == []


@pytest.mark.parametrize(
    ("sql", "state", "reason", "error"),
    [
        ("fail TABLE_NOT_FOUND: nope", "FAILED", "TABLE_NOT_FOUND: nope", (2, 1006, False)),
        ("break it", "FAILED", "GENERIC_INTERNAL_ERROR: ZeroDivisionError: it", (1, 401, True)),
        ("cutoff", "CANCELLED", "Query cancelled! : Bytes scanned limit was exceeded", None),
    ],
)
def test_what_goes_wrong_is_told_as_athena_tells_it(api, sql, state, reason, error):
    execution = api.run(sql)
    status = execution["Status"]
    assert (status["State"], status["StateChangeReason"]) == (state, reason)
    told = status.get("AthenaError")
    assert (told and (told["ErrorCategory"], told["ErrorType"], told["Retryable"])) == error
    with pytest.raises(ApiError, match=f"Final query state: {state}"):
        api("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])


def test_a_missing_output_bucket_is_refused_before_anything_runs(api, engine):
    with pytest.raises(ApiError, match="Unable to verify/create output bucket nowhere"):
        api.start("select 1", ResultConfiguration={"OutputLocation": "s3://nowhere/"})
    assert engine.requests == []


def test_a_failed_query_names_the_result_it_would_have_had(api):
    execution = api.run("fail x")
    location = execution["ResultConfiguration"]["OutputLocation"]
    assert location.startswith(f"s3://results/out/{execution['QueryExecutionId']}.")


def test_closing_runs_nothing_more_and_says_what_was_interrupted(start_operations, engine):
    operations = start_operations()
    api = Api(operations)
    started = [api.start(f"wait {number}") for number in range(4)] + [api.start("select 1")]
    while len(engine.requests) < 4:
        time.sleep(0.01)
    operations.close()
    assert "select 1" not in [request.sql for request in engine.requests]
    after = Api(start_operations())
    for query_id in started:
        status = after("GetQueryExecution", QueryExecutionId=query_id)["QueryExecution"]["Status"]
        assert (status["State"], status["AthenaError"]["Retryable"]) == ("FAILED", True)


def test_a_running_query_can_be_stopped(api):
    query_id = api.start("wait")
    with pytest.raises(ApiError, match="has not yet finished"):
        api("GetQueryResults", QueryExecutionId=query_id)
    api("StopQueryExecution", QueryExecutionId=query_id)
    assert api.finished(query_id)["Status"]["State"] == "CANCELLED"


def test_a_queued_query_can_be_stopped_and_never_runs(api, engine):
    running = [api.start(f"wait {number}") for number in range(4)]
    queued = api.start("select 1")
    api("StopQueryExecution", QueryExecutionId=queued)
    assert api.finished(queued)["Status"]["State"] == "CANCELLED"
    engine.release.set()
    assert {api.finished(query_id)["Status"]["State"] for query_id in running} == {"SUCCEEDED"}
    assert "select 1" not in [request.sql for request in engine.requests]


def test_a_token_starts_a_query_once(api, engine):
    token = "t" * 32
    first = api.start("select 1", ClientRequestToken=token)
    assert api.start("select 1", ClientRequestToken=token) == first
    api.finished(first)
    assert len(engine.requests) == 1
    with pytest.raises(ApiError, match="Idempotent parameters do not match"):
        api.start("select 2", ClientRequestToken=token)


def test_a_result_young_enough_is_reused(api, engine, objects):
    reuse = {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 5}}}
    first = api.run("select 1", **reuse)
    again = api.run("select 1", **reuse)
    assert again["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": True}
    assert again["Statistics"]["DataScannedInBytes"] == 0
    assert len(engine.requests) == 1
    api.run("select 1", QueryExecutionContext={"Database": "other"}, **reuse)
    assert len(engine.requests) == 2, "another database is another question"
    objects.delete("results", [first["ResultConfiguration"]["OutputLocation"].removeprefix("s3://results/")])
    api.run("select 1", **reuse)
    assert len(engine.requests) == 3, "the result is gone"


def test_history_and_results_survive_a_restart(start_operations):
    operations = start_operations()
    before = Api(operations).run("select 3")
    unfinished = Api(operations).start("wait")
    time.sleep(0.05)
    after = Api(start_operations())
    query_id = before["QueryExecutionId"]
    assert after("GetQueryExecution", QueryExecutionId=query_id)["QueryExecution"] == before
    assert len(after("GetQueryResults", QueryExecutionId=query_id)["ResultSet"]["Rows"]) == 4
    interrupted = after("GetQueryExecution", QueryExecutionId=unfinished)["QueryExecution"]["Status"]
    assert interrupted["State"] == "FAILED"
    assert interrupted["AthenaError"]["Retryable"] is True


def test_executions_are_listed_newest_first_by_work_group(api):
    api("CreateWorkGroup", Name="team", Configuration={"ResultConfiguration": {"OutputLocation": "s3://results/t/"}})
    ids = [api.start("select 1", WorkGroup="team") for _ in range(5)]
    api.start("select 1")
    first = api("ListQueryExecutions", WorkGroup="team", MaxResults=3)
    second = api("ListQueryExecutions", WorkGroup="team", MaxResults=3, NextToken=first["NextToken"])
    assert first["QueryExecutionIds"] + second["QueryExecutionIds"] == ids[::-1]
    assert "NextToken" not in second


class TestWorkGroups:
    def test_where_results_go(self, api):
        elsewhere = {"ResultConfiguration": {"OutputLocation": "s3://results/call/"}}
        for enforce, folder in ((True, "s3://results/group/"), (False, "s3://results/call/")):
            name = f"enforce{enforce}"
            results = {"OutputLocation": "s3://results/group/"}
            configuration = {"EnforceWorkGroupConfiguration": enforce, "ResultConfiguration": results}
            api("CreateWorkGroup", Name=name, Configuration=configuration)
            location = api.run("select 1", WorkGroup=name, **elsewhere)["ResultConfiguration"]["OutputLocation"]
            assert location.startswith(folder)
        with pytest.raises(ApiError, match="No output location provided"):
            api.start("select 1", ResultConfiguration={})

    def test_the_cutoff_reaches_the_engine(self, api, engine):
        api("CreateWorkGroup", Name="small", Configuration={"BytesScannedCutoffPerQuery": 10_000_000})
        api.run("select 1", WorkGroup="small")
        assert engine.requests[-1].bytes_scanned_cutoff == 10_000_000
        updates = {"RemoveBytesScannedCutoffPerQuery": True}
        api("UpdateWorkGroup", WorkGroup="small", ConfigurationUpdates=updates)
        api.run("select 1", WorkGroup="small")
        assert engine.requests[-1].bytes_scanned_cutoff is None
        with pytest.raises(ApiError, match="10000000"):
            api("CreateWorkGroup", Name="tiny", Configuration={"BytesScannedCutoffPerQuery": 9_999_999})

    def test_an_update_changes_what_it_names(self, api):
        results = {"OutputLocation": "s3://results/a/", "ExpectedBucketOwner": "111122223333"}
        api("CreateWorkGroup", Name="team", Description="ours", Configuration={"ResultConfiguration": results})
        updates = {
            "ResultConfigurationUpdates": {"OutputLocation": "s3://results/b/", "RemoveExpectedBucketOwner": True}
        }
        api("UpdateWorkGroup", WorkGroup="team", State="DISABLED", ConfigurationUpdates=updates)
        group = api("GetWorkGroup", WorkGroup="team")["WorkGroup"]
        assert group["Configuration"]["ResultConfiguration"] == {"OutputLocation": "s3://results/b/"}
        assert (group["Description"], group["State"]) == ("ours", "DISABLED")
        with pytest.raises(ApiError, match="disabled"):
            api.start("select 1", WorkGroup="team")

    def test_one_with_contents_is_deleted_only_when_asked(self, api):
        arn = "arn:aws:athena:us-east-1:111122223333:workgroup/team"
        api("CreateWorkGroup", Name="team", Tags=[{"Key": "owner", "Value": "data"}])
        for number in range(60):
            api("CreateNamedQuery", Name=f"q{number}", Database="d", QueryString="select 1", WorkGroup="team")
        with pytest.raises(ApiError, match="not empty"):
            api("DeleteWorkGroup", WorkGroup="team")
        api("DeleteWorkGroup", WorkGroup="team", RecursiveDeleteOption=True)
        assert [group["Name"] for group in api("ListWorkGroups")["WorkGroups"]] == ["primary"]
        api("CreateWorkGroup", Name="team")
        assert api("ListNamedQueries", WorkGroup="team")["NamedQueryIds"] == []
        assert api("ListTagsForResource", ResourceARN=arn)["Tags"] == []
        with pytest.raises(ApiError, match="cannot be deleted"):
            api("DeleteWorkGroup", WorkGroup="primary")


def test_prepared_statements_are_shared_with_sql(api, engine):
    api("CreatePreparedStatement", StatementName="s", WorkGroup="primary", QueryStatement="select ?")
    api.run("select 1", ExecutionParameters=["'a'"])
    request = engine.requests[-1]
    assert request.execution_parameters == ("'a'",)
    assert request.prepared_statement("s") == "select ?"
    request.save_prepared_statement("t", "select 2")
    names = [
        entry["StatementName"] for entry in api("ListPreparedStatements", WorkGroup="primary")["PreparedStatements"]
    ]
    assert names == ["s", "t"]
    request.save_prepared_statement("t", None)
    with pytest.raises(ApiError, match="t was not found"):
        api("GetPreparedStatement", StatementName="t", WorkGroup="primary")
    with pytest.raises(QueryFailed, match="t was not found"):
        request.prepared_statement("t")


def test_named_queries_live_from_create_to_delete(api):
    created = api("CreateNamedQuery", Name="q", Database="d", QueryString="select 1", Description="one")
    query_id = created["NamedQueryId"]
    api("UpdateNamedQuery", NamedQueryId=query_id, Name="q2", QueryString="select 2")
    query = api("GetNamedQuery", NamedQueryId=query_id)["NamedQuery"]
    assert (query["Name"], query["QueryString"], query["Description"]) == ("q2", "select 2", "one")
    missing = "00000000-0000-0000-0000-000000000000"
    batch = api("BatchGetNamedQuery", NamedQueryIds=[query_id, missing])
    assert [entry["NamedQueryId"] for entry in batch["UnprocessedNamedQueryIds"]] == [missing]
    api("DeleteNamedQuery", NamedQueryId=query_id)
    assert api("ListNamedQueries")["NamedQueryIds"] == []


def test_tags_come_and_go(api):
    arn = "arn:aws:athena:us-east-1:111122223333:workgroup/team"
    api("CreateWorkGroup", Name="team", Tags=[{"Key": "owner", "Value": "data"}])
    api("TagResource", ResourceARN=arn, Tags=[{"Key": "cost", "Value": "1"}])
    api("UntagResource", ResourceARN=arn, TagKeys=["owner"])
    assert api("ListTagsForResource", ResourceARN=arn)["Tags"] == [{"Key": "cost", "Value": "1"}]


@pytest.mark.parametrize(
    ("operation", "params", "message"),
    [
        ("GetQueryExecution", {"QueryExecutionId": "x"}, "x was not found"),
        ("GetWorkGroup", {"WorkGroup": "nope"}, "nope is not found"),
        ("StartQueryExecution", {}, "QueryString"),
        ("GetDatabase", {"CatalogName": "AwsDataCatalog", "DatabaseName": "nope"}, "nope"),
        ("GetDataCatalog", {"Name": "other"}, "other is not found"),
        ("ListWorkGroups", {"NextToken": "!"}, "NextToken"),
        ("BatchGetQueryExecution", {"QueryExecutionIds": ["x"] * 51}, "at most 50"),
        ("StartQueryExecution", {"QueryString": "s", "QueryExecutionContext": {"Catalog": "nope"}}, "output location"),
        ("DeleteDataCatalog", {"Name": "AwsDataCatalog"}, "cannot be deleted"),
    ],
)
def test_wrong_requests_name_what_is_wrong(api, operation, params, message):
    with pytest.raises(ApiError, match=message):
        api(operation, **params)


def test_a_query_text_has_a_limit(api):
    with pytest.raises(ApiError, match="262144"):
        api.start("select " + "x" * 262_144)
