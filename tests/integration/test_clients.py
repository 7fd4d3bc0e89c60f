"""Clients that nobody here wrote ask the local Athena, and the answers equal a count over the files.

The three statements are those of Athena's user guide for VPC flow logs, as people paste them.
"""

import gzip
import json
import os
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.integration

ACCOUNT = "123456789010"
DAY = date(2026, 11, 10)
HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)

CREATE_TABLE = """
CREATE EXTERNAL TABLE IF NOT EXISTS default.vpc_flow_logs (
version int, account string, interfaceid string, sourceaddress string, destinationaddress string,
sourceport int, destinationport int, protocol int, numpackets int, numbytes bigint,
starttime int, endtime int, action string, logstatus string
)
PARTITIONED BY (dt string)
ROW FORMAT DELIMITED
FIELDS TERMINATED BY ' '
LOCATION 's3://{your_log_bucket}/AWSLogs/{account_id}/vpcflowlogs/us-east-1/'
TBLPROPERTIES ("skip.header.line.count"="1");
"""

ADD_PARTITION = """
ALTER TABLE default.vpc_flow_logs
ADD PARTITION (dt='{Year}-{Month}-{Day}')
location 's3://{your_log_bucket}/AWSLogs/{account_id}/vpcflowlogs/us-east-1/{Year}/{Month}/{Day}';
"""

SELECT_REJECTS = """
SELECT day_of_week(from_iso8601_timestamp(dt)) AS day, dt, interfaceid, sourceaddress, destinationport, action, protocol
FROM vpc_flow_logs
WHERE action = 'REJECT' AND protocol = 6
order by sourceaddress
LIMIT 100;
"""


@dataclass(frozen=True)
class FlowLogs:
    """Flow log files of one day in a bucket, and what they hold, counted without SQL."""

    bucket: str
    rejected_tcp: list[tuple[str, str, int]]
    """(source address, interface, destination port) of every rejected TCP record."""

    def filled_in(self, statement: str) -> str:
        year, month, day = DAY.isoformat().split("-")
        values = {"your_log_bucket": self.bucket, "account_id": ACCOUNT, "Year": year, "Month": month, "Day": day}
        for name, value in values.items():
            statement = statement.replace(f"{{{name}}}", value)
        return statement

    @property
    def expected_rows(self) -> list[list[str]]:
        rows = sorted(self.rejected_tcp)[:100]
        assert len(rows) == 100
        weekday = str(DAY.isoweekday())
        return [[weekday, str(DAY), interface, source, str(port), "REJECT", "6"] for source, interface, port in rows]


@pytest.fixture(scope="module")
def flow_logs(local_aws) -> FlowLogs:
    bucket = local_aws.bucket("flowlogs")
    s3 = local_aws.client("s3")
    chance = random.Random(7)
    addresses = iter(chance.sample(range(1, 60_000), 4000))  # each source once, so that the order is total
    rejected_tcp = []
    for file_number in range(8):
        lines = [HEADER]
        for _ in range(400):
            number = next(addresses)
            source = f"198.51.{number // 256}.{number % 256}"
            interface = f"eni-{chance.getrandbits(64):017x}"
            port, protocol = chance.choice([22, 443, 3389]), chance.choice([6, 6, 17, 1])
            action = chance.choice(["ACCEPT", "REJECT"])
            lines.append(
                f"2 {ACCOUNT} {interface} {source} 10.0.0.5 {chance.randrange(1024, 65536)} {port} {protocol} "
                f"{chance.randrange(1, 50)} 840 1794268800 1794268860 {action} OK"
            )
            if action == "REJECT" and protocol == 6:
                rejected_tcp.append((source, interface, port))
        lines.append(f"2 {ACCOUNT} eni-1 - - - - - - - 1794268800 1794268860 - NODATA")
        name = f"{ACCOUNT}_vpcflowlogs_us-east-1_fl-00000001_{DAY:%Y%m%d}T{file_number:02d}00Z_{file_number:08x}.log.gz"
        key = f"AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1/{DAY:%Y/%m/%d}/{name}"
        s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress("\n".join(lines).encode()))
    return FlowLogs(bucket, rejected_tcp)


@pytest.fixture
def environ(local_aws, monkeypatch) -> Iterator[dict[str, str]]:
    """The environment in which AWS clients find the local AWS."""
    for name, value in local_aws.connection.items():
        monkeypatch.setenv(name, value)
    return {**os.environ, **local_aws.connection}


@pytest.fixture(autouse=True)
def dropped_table(local_aws, flow_logs) -> Iterator[None]:
    """Each client makes the table itself."""
    yield
    local_aws.client("glue").delete_table(DatabaseName="default", Name="vpc_flow_logs")


STATEMENTS = (CREATE_TABLE, ADD_PARTITION, SELECT_REJECTS)


class TestTheThreeStatementsVerbatim:
    def test_by_the_aws_cli(self, flow_logs, environ):
        def aws(*arguments: str) -> Any:
            command = [str(ROOT / ".venv/bin/aws"), *arguments, "--output", "json"]
            answer = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
            assert answer.returncode == 0, answer.stderr
            return json.loads(answer.stdout)

        for statement in STATEMENTS:
            query_id = aws(
                "athena", "start-query-execution", "--query-string", flow_logs.filled_in(statement),
                "--result-configuration", f"OutputLocation=s3://{flow_logs.bucket}/results/",
            )["QueryExecutionId"]  # fmt: skip
            state = "QUEUED"
            while state in ("QUEUED", "RUNNING"):
                execution = aws("athena", "get-query-execution", "--query-execution-id", query_id)["QueryExecution"]
                state = execution["Status"]["State"]
            assert state == "SUCCEEDED", execution["Status"]
        rows = aws("athena", "get-query-results", "--query-execution-id", query_id)["ResultSet"]["Rows"]
        values = [[cell["VarCharValue"] for cell in row["Data"]] for row in rows]
        assert values[0] == ["day", "dt", "interfaceid", "sourceaddress", "destinationport", "action", "protocol"]
        assert values[1:] == flow_logs.expected_rows

    def test_by_pyathena(self, flow_logs, environ, local_aws):
        from pyathena import connect

        connection = connect(
            s3_staging_dir=f"s3://{flow_logs.bucket}/results/",
            region_name="us-east-1",
            endpoint_url=local_aws.endpoint_url,
            schema_name="default",
            poll_interval=0.05,
        )
        cursor = connection.cursor()
        for statement in STATEMENTS:
            cursor.execute(flow_logs.filled_in(statement).strip().rstrip(";"))
        assert [column[:2] for column in cursor.description] == [
            ("day", "bigint"), ("dt", "varchar"), ("interfaceid", "varchar"), ("sourceaddress", "varchar"),
            ("destinationport", "integer"), ("action", "varchar"), ("protocol", "integer"),
        ]  # fmt: skip
        assert [[str(value) for value in row] for row in cursor.fetchall()] == flow_logs.expected_rows
        assert cursor.data_scanned_in_bytes == scanned_bytes(local_aws, flow_logs)

    def test_by_awswrangler(self, flow_logs, environ):
        import awswrangler

        for statement in (CREATE_TABLE, ADD_PARTITION):
            query_id = awswrangler.athena.start_query_execution(
                flow_logs.filled_in(statement), s3_output=f"s3://{flow_logs.bucket}/results/", wait=False
            )
            awswrangler.athena.wait_query(query_id)
        frame = awswrangler.athena.read_sql_query(
            SELECT_REJECTS.strip().rstrip(";"),
            database="default",
            ctas_approach=False,
            s3_output=f"s3://{flow_logs.bucket}/results/",
        )
        assert frame.astype(str).to_numpy().tolist() == flow_logs.expected_rows
        assert awswrangler.catalog.get_partitions("default", "vpc_flow_logs") == {
            f"s3://{flow_logs.bucket}/AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1/{DAY:%Y/%m/%d}": [str(DAY)]
        }

    @pytest.mark.parametrize("deferrable", [False, True])
    def test_by_airflows_operator(self, flow_logs, environ, local_aws, deferrable):
        import asyncio

        from airflow.providers.amazon.aws.operators.athena import AthenaOperator
        from airflow.sdk.exceptions import TaskDeferred

        for statement in STATEMENTS:
            ask = AthenaOperator(
                task_id="ask",
                query=flow_logs.filled_in(statement),
                database="default",
                output_location=f"s3://{flow_logs.bucket}/results/",
                sleep_time=1,
                deferrable=deferrable,
            )
            if deferrable:
                with pytest.raises(TaskDeferred) as deferred:
                    ask.execute({})
                event = asyncio.run(anext(deferred.value.trigger.run()))
                query_id = ask.execute_complete({}, event.payload)
            else:
                query_id = ask.execute({})
        pages = local_aws.client("athena").get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
        rows = [[cell["VarCharValue"] for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]]
        assert rows[1:] == flow_logs.expected_rows


def scanned_bytes(local_aws, flow_logs) -> int:
    prefix = f"AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1/{DAY:%Y/%m/%d}/"
    listing = local_aws.client("s3").list_objects_v2(Bucket=flow_logs.bucket, Prefix=prefix)
    return sum(entry["Size"] for entry in listing["Contents"])
