"""Athena's API with boto3 against the running local AWS: results in S3, paging, limits, stopping, reuse."""

from __future__ import annotations

import time
import uuid

import pytest

pytestmark = pytest.mark.integration


class Client:
    """boto3's client with a bucket for results."""

    def __init__(self, local_aws) -> None:
        self.athena = local_aws.client("athena")
        self.s3 = local_aws.client("s3")
        self.bucket = local_aws.bucket()

    def start(self, sql: str, **options) -> str:
        options.setdefault("ResultConfiguration", {"OutputLocation": f"s3://{self.bucket}/results/"})
        return self.athena.start_query_execution(QueryString=sql, **options)["QueryExecutionId"]

    def wait(self, query_id: str) -> dict:
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            if execution["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                return execution
            time.sleep(0.02)

    def run(self, sql: str, **options) -> dict:
        return self.wait(self.start(sql, **options))

    def object(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()


@pytest.fixture
def client(local_aws) -> Client:
    return Client(local_aws)


def test_a_result_is_a_csv_file_beside_its_metadata(client):
    execution = client.run("SELECT 1 AS n, 'a\"b' AS s, NULL AS nothing, '' AS empty")
    location = execution["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://{client.bucket}/results/{execution['QueryExecutionId']}.csv"
    assert client.object(location) == b'"n","s","nothing","empty"\n"1","a""b",,""\n'
    assert client.object(f"{location}.metadata")
    assert execution["StatementType"] == "DML"
    assert execution["Statistics"]["DataScannedInBytes"] == 0


def test_ddl_answers_with_text(client):
    execution = client.run("SHOW DATABASES LIKE 'default'")
    location = execution["ResultConfiguration"]["OutputLocation"]
    assert location.endswith(f"{execution['QueryExecutionId']}.txt")
    assert client.object(location) == b"default\n"


def test_results_come_page_by_page_with_the_names_first(client):
    execution = client.run("SELECT x, CAST(x AS varchar) AS s FROM UNNEST(sequence(1, 2500)) AS t(x) ORDER BY x")
    query_id = execution["QueryExecutionId"]
    first = client.athena.get_query_results(QueryExecutionId=query_id)
    assert len(first["ResultSet"]["Rows"]) == 1000
    columns = first["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(column["Name"], column["Type"], column["CaseSensitive"]) for column in columns] == [
        ("x", "bigint", False),
        ("s", "varchar", True),
    ]
    pages = client.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
    rows = [[cell.get("VarCharValue") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]]
    assert rows[0] == ["x", "s"]
    assert rows[1:] == [[str(number), str(number)] for number in range(1, 2501)]


def test_a_failure_has_a_reason_a_category_and_a_type(client):
    status = client.run("SELECT * FROM nope")["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"] == (
        "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.default.nope' does not exist"
    )
    assert status["AthenaError"]["ErrorCategory"] == 2
    assert status["AthenaError"]["Retryable"] is False
    assert status["AthenaError"]["ErrorMessage"] == status["StateChangeReason"]


def test_the_same_token_is_the_same_execution(client):
    token = uuid.uuid4().hex
    first = client.start("SELECT 1", ClientRequestToken=token)
    assert client.start("SELECT 1", ClientRequestToken=token) == first
    with pytest.raises(client.athena.exceptions.InvalidRequestException, match="Idempotent"):
        client.start("SELECT 2", ClientRequestToken=token)


def test_parameters_fill_the_question_marks(client):
    execution = client.run("SELECT ? || 'y', ? + 1", ExecutionParameters=["'x'", "41"])
    assert client.object(execution["ResultConfiguration"]["OutputLocation"]).endswith(b'"xy","42"\n')


def test_a_recent_result_is_reused_without_reading_again(client):
    table = f"reused_{uuid.uuid4().hex[:8]}"
    client.s3.put_object(Bucket=client.bucket, Key="t/f", Body=b"1\n2\n")
    client.run(f"CREATE EXTERNAL TABLE {table} (n int) LOCATION 's3://{client.bucket}/t/'")
    reuse = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}}
    first = client.run(f"SELECT sum(n) FROM {table}", ResultReuseConfiguration=reuse)
    again = client.run(f"SELECT sum(n) FROM {table}", ResultReuseConfiguration=reuse)
    assert first["Statistics"]["DataScannedInBytes"] == 4
    assert again["Statistics"]["DataScannedInBytes"] == 0
    assert again["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"] is True


def test_a_work_group_decides_where_results_go_and_how_much_is_read(client):
    group = f"group_{uuid.uuid4().hex[:8]}"
    client.athena.create_work_group(
        Name=group,
        Configuration={
            "ResultConfiguration": {"OutputLocation": f"s3://{client.bucket}/group/"},
            "EnforceWorkGroupConfiguration": True,
            "BytesScannedCutoffPerQuery": 10_000_000,
        },
    )
    client.s3.put_object(Bucket=client.bucket, Key="big/f", Body=b"x" * 99 + b"\n" * 10_000_001)
    table = f"big_{uuid.uuid4().hex[:8]}"
    client.run(f"CREATE EXTERNAL TABLE {table} (s string) LOCATION 's3://{client.bucket}/big/'")
    small = client.run("SELECT 1", WorkGroup=group)
    assert small["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{client.bucket}/group/")
    big = client.run(f"SELECT max(s) FROM {table}", WorkGroup=group)
    assert big["Status"]["State"] == "CANCELLED"
    assert "Bytes scanned limit was exceeded" in big["Status"]["StateChangeReason"]


def test_a_running_query_is_stopped(client):
    numbers = "WITH n AS (SELECT x FROM UNNEST(sequence(1, 10000)) AS t(x))"
    query_id = client.start(f"{numbers} SELECT sum(a.x * b.x + c.x) FROM n AS a, n AS b, n AS c")
    client.athena.stop_query_execution(QueryExecutionId=query_id)
    assert client.wait(query_id)["Status"]["State"] == "CANCELLED"


def test_a_manifest_lists_what_ctas_wrote(client):
    table = f"made_{uuid.uuid4().hex[:8]}"
    execution = client.run(f"CREATE TABLE {table} AS SELECT 1 AS n")
    manifest = client.object(execution["Statistics"]["DataManifestLocation"]).decode().split()
    assert len(manifest) == 1
    assert client.object(manifest[0])[:4] == b"PAR1"
    assert client.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["UpdateCount"] == 1


def test_a_prepared_statement_is_run_by_name(client):
    name = f"prepared_{uuid.uuid4().hex[:8]}"
    client.athena.create_prepared_statement(StatementName=name, WorkGroup="primary", QueryStatement="SELECT ? + 1 AS n")
    execution = client.run(f"EXECUTE {name} USING 4")
    assert client.object(execution["ResultConfiguration"]["OutputLocation"]) == b'"n"\n"5"\n'


def test_a_bad_file_fails_as_athena_says(client):
    table = f"bad_{uuid.uuid4().hex[:8]}"
    client.s3.put_object(Bucket=client.bucket, Key="bad/f.gz", Body=b"\x1f\x8b\x08\x00truncated")
    client.run(f"CREATE EXTERNAL TABLE {table} (s string) LOCATION 's3://{client.bucket}/bad/'")
    status = client.run(f"SELECT * FROM {table}")["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith("HIVE_")
    assert "bad/f.gz" in status["StateChangeReason"]


def test_unload_writes_the_folders_that_hive_would(client):
    """The keys are as they were named: a client, and a table over them, finds them."""
    folder = f"s3://{client.bucket}/out/"
    sql = (
        "UNLOAD (SELECT n, 'a b%' AS kind FROM (VALUES 1, 2, 3) AS t(n)) "
        f"TO '{folder}' WITH (format = 'PARQUET', partitioned_by = ARRAY['kind'])"
    )
    execution = client.run(sql)
    assert execution["Status"]["State"] == "SUCCEEDED", execution
    (found,) = client.s3.list_objects_v2(Bucket=client.bucket, Prefix="out/")["Contents"]
    assert found["Key"].startswith("out/kind=a b%25/")
    manifest = client.object(execution["Statistics"]["DataManifestLocation"]).decode()
    assert manifest == f"s3://{client.bucket}/{found['Key']}\n"
    statistics = client.athena.get_query_runtime_statistics(QueryExecutionId=execution["QueryExecutionId"])
    assert statistics["QueryRuntimeStatistics"]["Rows"]["OutputRows"] == 3
