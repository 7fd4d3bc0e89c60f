"""Partitions in the Glue catalog, hundreds a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from airflow.providers.amazon.aws.hooks.glue_catalog import GlueCatalogHook

from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.partitions import Differences, Partition

T = TypeVar("T")

GET_AT_ONCE = 1000
WRITE_AT_ONCE = 100
"""Glue's quotas for BatchGetPartition, and for BatchCreatePartition and BatchUpdatePartition."""
DELETE_AT_ONCE = 25
"""Partitions that BatchDeletePartition takes (Glue API reference)."""


class PartitionHook(GlueCatalogHook):
    """Compares a table's partitions with those expected, and repairs them.

    :param aws_conn_id: the Airflow connection to AWS
    :param region_name: the catalog's region
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("config", BOTOCORE_CONFIG)
        super().__init__(**kwargs)

    def differences(self, database: str, table: str, expected: Sequence[Partition]) -> Differences:
        """What of the expected partitions is missing or stands elsewhere."""
        found = self.locations(database, table, [tuple(partition.values) for partition in expected])
        missing, elsewhere = [], []
        for partition in expected:
            location = found.get(tuple(partition.values))
            if location is None:
                missing.append(partition)
            elif location.rstrip("/") != partition.location.rstrip("/"):
                elsewhere.append((partition, location))
        return Differences(missing, elsewhere)

    def repair(self, database: str, table: str, differences: Differences) -> None:
        """Create what is missing and move what stands elsewhere.

        Raises:
            RuntimeError: with Glue's words for each partition that it refused.
        """
        descriptor = self.conn.get_table(DatabaseName=database, Name=table)["Table"]["StorageDescriptor"]
        errors: list[dict[str, Any]] = []
        for some in _batches(differences.missing, WRITE_AT_ONCE):
            inputs = [partition_input(partition, descriptor) for partition in some]
            answer = self.conn.batch_create_partition(DatabaseName=database, TableName=table, PartitionInputList=inputs)
            errors += answer.get("Errors", [])
        for moved in _batches(differences.elsewhere, WRITE_AT_ONCE):
            entries = [
                {"PartitionValueList": partition.values, "PartitionInput": partition_input(partition, descriptor)}
                for partition, _ in moved
            ]
            answer = self.conn.batch_update_partition(DatabaseName=database, TableName=table, Entries=entries)
            errors += answer.get("Errors", [])
        refused = [error for error in errors if error["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException"]
        _raise_refused(database, table, refused)

    def show(self, database: str, table: str, partitions: Mapping[tuple[str, ...], str]) -> None:
        """Point partitions at locations, creating those that are missing; hundreds a call.

        Readers see each partition as it was or as it is to be. What stands right is left alone.

        Raises:
            RuntimeError: with Glue's words for each partition that it refused.
        """
        found = self.locations(database, table, list(partitions))
        descriptor = self.conn.get_table(DatabaseName=database, Name=table)["Table"]["StorageDescriptor"]
        inputs = {
            values: {"Values": list(values), "StorageDescriptor": {**descriptor, "Location": location}}
            for values, location in partitions.items()
            if found.get(values) != location
        }
        errors: list[dict[str, Any]] = []
        created_meanwhile = []
        for some in _batches([values for values in inputs if values not in found], WRITE_AT_ONCE):
            answer = self.conn.batch_create_partition(
                DatabaseName=database, TableName=table, PartitionInputList=[inputs[values] for values in some]
            )
            for error in answer.get("Errors", []):
                if error["ErrorDetail"]["ErrorCode"] == "AlreadyExistsException":  # another run's: the last one wins
                    created_meanwhile.append(tuple(error["PartitionValues"]))
                else:
                    errors.append(error)
        for some in _batches([*(v for v in inputs if v in found), *created_meanwhile], WRITE_AT_ONCE):
            entries = [{"PartitionValueList": list(values), "PartitionInput": inputs[values]} for values in some]
            answer = self.conn.batch_update_partition(DatabaseName=database, TableName=table, Entries=entries)
            errors += answer.get("Errors", [])
        _raise_refused(database, table, errors)

    def locations(self, database: str, table: str, values: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
        """Where those of the partitions that exist stand."""
        found: dict[tuple[str, ...], str] = {}
        for some in _batches(values, GET_AT_ONCE):
            to_get = [{"Values": list(one)} for one in some]
            while to_get:
                answer = self.conn.batch_get_partition(DatabaseName=database, TableName=table, PartitionsToGet=to_get)
                for entry in answer["Partitions"]:
                    found[tuple(entry["Values"])] = entry["StorageDescriptor"]["Location"]
                to_get = answer.get("UnprocessedKeys", [])
        return found

    def locations_of_day(self, database: str, table: str, day: str) -> list[str]:
        """Where all partitions of a day stand."""
        pages = self.conn.get_paginator("get_partitions").paginate(
            DatabaseName=database, TableName=table, Expression=f"dt = '{day}'", ExcludeColumnSchema=True
        )
        return [entry["StorageDescriptor"]["Location"] for page in pages for entry in page["Partitions"]]

    def days_before(self, database: str, table: str, day: str) -> dict[str, list[list[str]]]:
        """The values of all partitions of the days before a day, by day, in the order of the days."""
        pages = self.conn.get_paginator("get_partitions").paginate(
            DatabaseName=database, TableName=table, Expression=f"dt < '{day}'", ExcludeColumnSchema=True
        )
        found: dict[str, list[list[str]]] = {}
        for page in pages:
            for entry in page["Partitions"]:
                found.setdefault(entry["Values"][0], []).append(entry["Values"])
        return dict(sorted(found.items()))

    def remove(self, database: str, table: str, values: Sequence[Sequence[str]]) -> None:
        """Remove partitions from the catalog; their files stay. What is gone already is no error.

        Raises:
            RuntimeError: with Glue's words for each partition that it refused.
        """
        errors: list[dict[str, Any]] = []
        for some in _batches(values, DELETE_AT_ONCE):
            answer = self.conn.batch_delete_partition(
                DatabaseName=database, TableName=table, PartitionsToDelete=[{"Values": list(one)} for one in some]
            )
            errors += answer.get("Errors", [])
        refused = [error for error in errors if error["ErrorDetail"]["ErrorCode"] != "EntityNotFoundException"]
        _raise_refused(database, table, refused)

    def point(self, database: str, table: str, values: Sequence[str], location: str) -> None:
        """Point one partition at a location, creating it if need be: readers see the old files or the new."""
        descriptor = self.conn.get_table(DatabaseName=database, Name=table)["Table"]["StorageDescriptor"]
        shape = {"Values": list(values), "StorageDescriptor": {**descriptor, "Location": location}}
        try:
            self.conn.update_partition(
                DatabaseName=database, TableName=table, PartitionValueList=list(values), PartitionInput=shape
            )
        except self.conn.exceptions.EntityNotFoundException:
            try:
                self.conn.create_partition(DatabaseName=database, TableName=table, PartitionInput=shape)
            except self.conn.exceptions.AlreadyExistsException:  # another run made it in between: the last one wins
                self.conn.update_partition(
                    DatabaseName=database, TableName=table, PartitionValueList=list(values), PartitionInput=shape
                )


def partition_input(partition: Partition, descriptor: dict[str, Any]) -> dict[str, Any]:
    """Glue's PartitionInput: the table's storage at the partition's location."""
    return {"Values": partition.values, "StorageDescriptor": {**descriptor, "Location": partition.location}}


def _raise_refused(database: str, table: str, errors: Sequence[Mapping[str, Any]]) -> None:
    if errors:
        texts = [
            f"{error.get('PartitionValues') or error.get('PartitionValueList')}: {error['ErrorDetail']}"
            for error in errors
        ]
        raise RuntimeError(f"Glue refused {len(errors)} partitions of {database}.{table}:\n" + "\n".join(texts[:20]))


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
