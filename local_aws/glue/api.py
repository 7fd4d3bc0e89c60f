"""The Glue API over the catalog, for `JsonService("glue", GlueOperations(store), …)`.

Each method is an operation of the Glue API (https://docs.aws.amazon.com/glue/latest/webapi/) and takes and
returns its parameters as AWS names them.
"""

from __future__ import annotations

from local_aws.glue.catalog import CatalogStore
from local_aws.glue.database_operations import DatabaseOperations
from local_aws.glue.partition_operations import PartitionOperations
from local_aws.glue.table_operations import TableOperations


class GlueOperations(DatabaseOperations, TableOperations, PartitionOperations):
    """The catalog operations of Glue: databases, tables, partitions, and what hangs on them."""

    def __init__(self, store: CatalogStore) -> None:
        self.store = store
