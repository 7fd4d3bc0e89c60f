"""A query reads and writes with the rights of who started it, where IAM is enforced."""

from __future__ import annotations

from typing import cast

from local_aws.athena.model import ErrorCategory, QueryFailed
from local_aws.aws_json import Caller
from local_aws.glue.catalog import Catalog
from local_aws.iam.rights import RightsOnCatalog, RightsOnObjects
from local_aws.objects import ObjectStore


def objects_for(caller: Caller, objects: ObjectStore) -> ObjectStore:
    """The objects of S3 as the caller may use them; what is refused fails the query as on Athena."""
    return objects if caller.rights is None else RightsOnObjects(objects, caller.rights, _refused_object)


def catalog_for(caller: Caller, catalog: Catalog) -> Catalog:
    """The Glue catalog as the caller may use it; what is refused fails the query as on Athena."""
    if caller.rights is None:
        return catalog
    return cast(Catalog, RightsOnCatalog(catalog, caller.rights, _refused_entry))


def _refused_object(action: str, uri: str, reason: str) -> QueryFailed:
    if action in ("PutObject", "GetBucketLocation"):
        text = (
            f"Access denied when writing output to url: {uri} . Please ensure you are allowed to access the S3 bucket."
        )
    else:
        text = f"Permission denied on S3 path: {uri}."
    return QueryFailed(f"{text} {reason}", error_type=1003, category=ErrorCategory.USER)


def _refused_entry(reason: str) -> QueryFailed:
    return QueryFailed(f"Insufficient permissions to execute the query. {reason}", error_type=1003)
