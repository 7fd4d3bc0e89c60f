"""The Glue catalog behind a boto3 client, over the wire."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.integration

COLUMNS = [{"Name": "version", "Type": "int"}, {"Name": "action", "Type": "string"}]
KEYS = [{"Name": "dt", "Type": "date"}, {"Name": "aws_region", "Type": "string"}, {"Name": "hour", "Type": "int"}]


def make_table(glue: Any, database: str) -> dict[str, str]:
    """A partitioned table in a new database; the members with which calls name it."""
    glue.create_database(DatabaseInput={"Name": database})
    descriptor = {"Columns": COLUMNS, "Location": "s3://logs/"}
    glue.create_table(
        DatabaseName=database,
        TableInput={"Name": "flow_logs", "PartitionKeys": KEYS, "StorageDescriptor": descriptor},
    )
    return {"DatabaseName": database, "TableName": "flow_logs"}


def partition(day: int, region: str, hour: int) -> dict[str, Any]:
    location = f"s3://logs/2026/11/{day:02}/{region}/{hour}/"
    return {
        "Values": [f"2026-11-{day:02}", region, str(hour)],
        "StorageDescriptor": {"Columns": COLUMNS, "Location": location},
    }


def create(glue: Any, table: dict[str, str], inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Create partitions in batches of 100; the errors."""
    errors = []
    for begin in range(0, len(inputs), 100):
        batch = inputs[begin : begin + 100]
        errors += glue.batch_create_partition(**table, PartitionInputList=batch)["Errors"]
    return errors


def values(glue: Any, table: dict[str, str], **params: Any) -> list[list[str]]:
    pages = glue.get_paginator("get_partitions").paginate(**table, **params)
    return [entry["Values"] for page in pages for entry in page["Partitions"]]


@pytest.fixture
def glue(local_aws: Any) -> Any:
    return local_aws.client("glue")


@pytest.fixture
def table(glue: Any) -> Iterator[dict[str, str]]:
    table = make_table(glue, f"glue_{uuid.uuid4().hex[:12]}")
    yield table
    glue.delete_database(Name=table["DatabaseName"])


def test_a_month_of_hours_is_created_listed_and_found_by_expression(glue, table):
    regions = ("eu-west-1", "eu-west-2", "us-east-1")
    inputs = [partition(day, region, hour) for day in range(1, 31) for region in regions for hour in range(24)]
    assert create(glue, table, inputs) == []
    listed = values(glue, table)
    assert len(listed) == len(inputs) == 2160
    assert {tuple(each) for each in listed} == {tuple(each["Values"]) for each in inputs}

    day = values(glue, table, Expression="dt = '2026-11-07' AND aws_region LIKE 'eu-%' AND hour >= 9")
    assert len(day) == 2 * 15
    late = values(glue, table, Expression="hour BETWEEN 22 AND 23", PaginationConfig={"PageSize": 50})
    assert len(late) == 30 * 3 * 2

    got = glue.get_partition(**table, PartitionValues=["2026-11-07", "eu-west-1", "9"])["Partition"]
    assert got["StorageDescriptor"] == partition(7, "eu-west-1", 9)["StorageDescriptor"]


def test_a_partition_moves_to_a_new_prefix(glue, table):
    create(glue, table, [partition(1, "eu-west-1", 0)])
    of_partition = partition(1, "eu-west-1", 0)["Values"]
    moved = {"Values": of_partition, "StorageDescriptor": {"Columns": COLUMNS, "Location": "s3://logs/run=2/"}}
    glue.update_partition(**table, PartitionValueList=of_partition, PartitionInput=moved)
    got = glue.get_partition(**table, PartitionValues=of_partition)["Partition"]
    assert got["StorageDescriptor"]["Location"] == "s3://logs/run=2/"


def test_errors_are_the_clients_exception_classes(glue, table):
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table(DatabaseName=table["DatabaseName"], Name="nope")
    with pytest.raises(glue.exceptions.AlreadyExistsException):
        glue.create_database(DatabaseInput={"Name": table["DatabaseName"].upper()})
    with pytest.raises(glue.exceptions.InvalidInputException, match="Unknown column 'nope'"):
        glue.get_partitions(**table, Expression="nope = 1")
    with pytest.raises(glue.exceptions.ConcurrentModificationException):
        glue.update_table(DatabaseName=table["DatabaseName"], TableInput={"Name": "flow_logs"}, VersionId="41")
    with pytest.raises(ClientError, match="less than or equal to 25") as caught:
        glue.batch_delete_partition(**table, PartitionsToDelete=[{"Values": ["a", "b", "c"]}] * 26)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_many_clients_create_each_partition_once(local_aws, table):
    inputs = [partition(day, "eu-west-1", hour) for day in range(1, 11) for hour in range(24)]

    def register(_: int) -> int:
        return len(inputs) - len(create(local_aws.client("glue"), table, inputs))

    with ThreadPoolExecutor(6) as pool:
        created = list(pool.map(register, range(6)))
    assert sum(created) == len(inputs) == len(values(local_aws.client("glue"), table))


def test_the_catalog_survives_a_kill(own_local_aws):
    glue = own_local_aws.client("glue")
    table = make_table(glue, "kept")
    create(glue, table, [partition(day, "eu-west-1", 0) for day in range(1, 31)])
    glue.update_table(DatabaseName="kept", TableInput={"Name": "flow_logs", "PartitionKeys": KEYS})
    before = glue.get_partitions(**table)["Partitions"]
    own_local_aws.kill()
    own_local_aws.start()
    glue = own_local_aws.client("glue")
    assert glue.get_partitions(**table)["Partitions"] == before
    assert glue.get_table(DatabaseName="kept", Name="flow_logs")["Table"]["VersionId"] == "1"
    assert len(glue.get_table_versions(**table)["TableVersions"]) == 2
