"""Partitions in the Glue catalog, hundreds a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from airflow.providers.amazon.aws.hooks.glue_catalog import GlueCatalogHook

from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.partitions import Differences, Partition

T = TypeVar("T")

GET_AT_ONCE = 1000
WRITE_AT_ONCE = 100
"""Glue's quotas for BatchGetPartition, and for BatchCreatePartition and BatchUpdatePartition."""


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
        found: dict[tuple[str, ...], str] = {}
        for some in _batches(expected, GET_AT_ONCE):
            to_get = [{"Values": partition.values} for partition in some]
            while to_get:
                answer = self.conn.batch_get_partition(DatabaseName=database, TableName=table, PartitionsToGet=to_get)
                for entry in answer["Partitions"]:
                    found[tuple(entry["Values"])] = entry["StorageDescriptor"]["Location"]
                to_get = answer.get("UnprocessedKeys", [])
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
        if refused:
            texts = [f"{error.get('PartitionValues') or error.get('PartitionValueList')}: {error['ErrorDetail']}"
                     for error in refused]  # fmt: skip
            raise RuntimeError(
                f"Glue refused {len(refused)} partitions of {database}.{table}:\n" + "\n".join(texts[:20])
            )

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


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
