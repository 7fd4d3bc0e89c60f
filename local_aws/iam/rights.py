"""Athena works with its caller's rights: on the objects of S3 and on the catalog of Glue."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from local_aws.iam.permissions import glue_resources
from local_aws.objects import ObjectStore, StoredObject


class Refused(Exception):
    """The caller may not; the text is AWS's."""


class Rights:
    """What the caller of a request may do, asked later and in other threads, by the policies of then."""

    def __init__(self, access_key: str, region: str, account: str) -> None:
        self._access_key = access_key
        self._context = contextvars.copy_context()
        self.region = region
        self.account = account

    def need(self, service: str, action: str, resource: str) -> None:
        """Nothing when the caller may do it.

        Raises:
            Refused: when not.
        """
        self._context.copy().run(self._need, service, action, resource)

    def _need(self, service: str, action: str, resource: str) -> None:
        from ministack.core import iam_evaluator
        from ministack.core.iam_actions import identity_denial_message

        refused = iam_evaluator.enforce(self._access_key, action, service, self.region, resource)
        if refused is not None:
            principal = getattr(refused, "principal_arn", "")
            explicit = getattr(refused, "decision", "") == "Deny"
            raise Refused(identity_denial_message(action, principal, resource, explicit))


class RightsOnObjects:
    """S3 as the caller may use it (see `objects.ObjectStore`)."""

    def __init__(self, objects: ObjectStore, rights: Rights, refused: Callable[[str, str, str], Exception]) -> None:
        """`refused` makes the error of what is refused: of the action, the S3 URI, and AWS's text."""
        self._objects = objects
        self._rights = rights
        self._refused = refused

    def bucket_exists(self, bucket: str) -> bool:
        """Whether the bucket exists."""
        return self._objects.bucket_exists(bucket)

    def list(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """As ObjectStore; s3:ListBucket."""
        self._need("ListBucket", bucket, "", prefix)
        return self._objects.list(bucket, prefix)

    def path(self, bucket: str, key: str) -> Path:
        """As ObjectStore; s3:GetObject."""
        self._need("GetObject", bucket, f"/{key}", key)
        return self._objects.path(bucket, key)

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """As ObjectStore; s3:GetBucketLocation and s3:PutObject."""
        self._need_to_put(bucket, key)
        self._objects.put(bucket, key, body)

    def put_file(self, bucket: str, key: str, file: Path) -> None:
        """As ObjectStore; s3:GetBucketLocation and s3:PutObject."""
        self._need_to_put(bucket, key)
        self._objects.put_file(bucket, key, file)

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """As ObjectStore; s3:DeleteObject."""
        keys = list(keys)
        for key in keys:
            self._need("DeleteObject", bucket, f"/{key}", key)
        self._objects.delete(bucket, keys)

    def _need_to_put(self, bucket: str, key: str) -> None:
        self._need("GetBucketLocation", bucket, "", key)
        self._need("PutObject", bucket, f"/{key}", key)

    def _need(self, action: str, bucket: str, below: str, key: str) -> None:
        try:
            self._rights.need("s3", f"s3:{action}", f"arn:aws:s3:::{bucket}{below}")
        except Refused as error:
            raise self._refused(action, f"s3://{bucket}/{key}", str(error)) from error


_ACTIONS: Final = {
    "create_database": "CreateDatabase",
    "get_database": "GetDatabase",
    "list_databases": "GetDatabases",
    "update_database": "UpdateDatabase",
    "delete_database": "DeleteDatabase",
    "create_table": "CreateTable",
    "get_table": "GetTable",
    "list_tables": "GetTables",
    "update_table": "UpdateTable",
    "delete_table": "DeleteTable",
    "create_partitions": "BatchCreatePartition",
    "get_partition": "GetPartition",
    "batch_get_partitions": "BatchGetPartition",
    "partitions": "GetPartitions",
    "partition_values": "GetPartitions",
    "update_partition": "UpdatePartition",
    "update_partitions": "BatchUpdatePartition",
    "delete_partition": "DeletePartition",
    "delete_partitions": "BatchDeletePartition",
}
"""The catalog's methods, and the actions that Athena takes for them."""


class RightsOnCatalog:
    """The catalog (`glue.catalog.Catalog`) as the caller may use it."""

    def __init__(self, catalog: Any, rights: Rights, refused: Callable[[str], Exception]) -> None:
        """`refused` makes the error of AWS's text.

        Whatever the statement, Athena looks for the database `default` first ("Fine-grained access to databases and
        tables in the AWS Glue Data Catalog", Athena user guide).
        """
        self._catalog = catalog
        self._rights = rights
        self._refused = refused
        self._need("GetDatabase", "default", None)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._catalog, name)
        action = _ACTIONS.get(name)
        if action is None:
            return method

        def call(*arguments: Any, **named: Any) -> Any:
            database, table, *_ = *arguments, None, None
            if "database" in name:
                table = None  # what follows the name is what it becomes
            self._need(action, _name(database), "*" if name == "list_tables" else _name(table))
            return method(*arguments, **named)

        return call

    def _need(self, action: str, database: str | None, table: str | None) -> None:
        for arn in glue_resources(
            self._rights.region, self._rights.account, database and database.lower(), table and table.lower()
        ):
            try:
                self._rights.need("glue", f"glue:{action}", arn)
            except Refused as error:
                raise self._refused(str(error)) from error


def _name(given: Any) -> str | None:
    """The name of a database or table, which is given by its name, or by its input for Glue."""
    name: str | None = given["Name"] if isinstance(given, dict) else given
    return name
