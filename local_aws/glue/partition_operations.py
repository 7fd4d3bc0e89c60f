"""The operations on partitions and partition indexes."""

from __future__ import annotations

from local_aws.glue.catalog import AlreadyExists, Catalog, CatalogStore, InvalidInput
from local_aws.glue.databases import Shape
from local_aws.glue.operation import operation

PAGE_SIZE = 1000
"""Partitions of one GetPartitions answer (AWS Glue API)."""


class PartitionOperations:
    """CreatePartition … BatchDeletePartition, CreatePartitionIndex, GetPartitionIndexes, DeletePartitionIndex."""

    store: CatalogStore

    @operation
    def create_partition(self, catalog: Catalog, params: Shape) -> None:
        """Add one partition."""
        errors = catalog.create_partitions(params["DatabaseName"], params["TableName"], [params["PartitionInput"]])
        if errors:
            raise AlreadyExists(errors[0]["ErrorDetail"]["ErrorMessage"])

    @operation
    def batch_create_partition(self, catalog: Catalog, params: Shape) -> Shape:
        """Add up to 100 partitions; those that exist are answered as errors, the others made."""
        inputs = params["PartitionInputList"]
        return {"Errors": catalog.create_partitions(params["DatabaseName"], params["TableName"], inputs)}

    @operation
    def get_partition(self, catalog: Catalog, params: Shape) -> Shape:
        """One partition."""
        values = params["PartitionValues"]
        return {"Partition": catalog.get_partition(params["DatabaseName"], params["TableName"], values)}

    @operation
    def get_partitions(self, catalog: Catalog, params: Shape) -> Shape:
        """The partitions that meet Expression, up to 1,000 at a time, whole or a Segment of them."""
        segment = None
        if "Segment" in params:
            number, total = params["Segment"]["SegmentNumber"], params["Segment"]["TotalSegments"]
            if number >= total:
                raise InvalidInput(f"SegmentNumber {number} is not less than TotalSegments {total}")
            segment = (number, total)
        page, cursor = catalog.partitions(
            params["DatabaseName"],
            params["TableName"],
            params.get("Expression"),
            segment=segment,
            after=params.get("NextToken") or None,
            limit=params.get("MaxResults", PAGE_SIZE),
            exclude_column_schema=params.get("ExcludeColumnSchema", False),
        )
        return {"Partitions": page, **({"NextToken": cursor} if cursor else {})}

    @operation
    def batch_get_partition(self, catalog: Catalog, params: Shape) -> Shape:
        """Up to 1,000 partitions by their values; those that do not exist are left out.

        UnprocessedKeys is for what Glue had no time for, so it is always empty here.
        """
        values_list = [entry["Values"] for entry in params["PartitionsToGet"]]
        found = catalog.batch_get_partitions(params["DatabaseName"], params["TableName"], values_list)
        return {"Partitions": found, "UnprocessedKeys": []}

    @operation
    def update_partition(self, catalog: Catalog, params: Shape) -> None:
        """Replace one partition; its values may change."""
        catalog.update_partition(
            params["DatabaseName"],
            params["TableName"],
            params["PartitionValueList"],
            params["PartitionInput"],
        )

    @operation
    def batch_update_partition(self, catalog: Catalog, params: Shape) -> Shape:
        """Replace up to 100 partitions; those that failed are answered with their errors."""
        updates = [(entry["PartitionValueList"], entry["PartitionInput"]) for entry in params["Entries"]]
        return {"Errors": catalog.update_partitions(params["DatabaseName"], params["TableName"], updates)}

    @operation
    def delete_partition(self, catalog: Catalog, params: Shape) -> None:
        """Remove one partition."""
        catalog.delete_partition(params["DatabaseName"], params["TableName"], params["PartitionValues"])

    @operation
    def batch_delete_partition(self, catalog: Catalog, params: Shape) -> Shape:
        """Remove up to 25 partitions; those that failed are answered with their errors."""
        values_list = [entry["Values"] for entry in params["PartitionsToDelete"]]
        return {"Errors": catalog.delete_partitions(params["DatabaseName"], params["TableName"], values_list)}

    @operation
    def create_partition_index(self, catalog: Catalog, params: Shape) -> None:
        """Note a partition index; it is active at once, since every partition key is indexed."""
        index = params["PartitionIndex"]
        catalog.create_partition_index(params["DatabaseName"], params["TableName"], index["IndexName"], index["Keys"])

    @operation
    def get_partition_indexes(self, catalog: Catalog, params: Shape) -> Shape:
        """The partition indexes of a table, of which there are at most three."""
        indexes = catalog.partition_indexes(params["DatabaseName"], params["TableName"])
        return {"PartitionIndexDescriptorList": indexes}

    @operation
    def delete_partition_index(self, catalog: Catalog, params: Shape) -> None:
        """Forget a partition index."""
        catalog.delete_partition_index(params["DatabaseName"], params["TableName"], params["IndexName"])
