"""The operations on databases, their tags, and the catalog as a whole."""

from __future__ import annotations

from datetime import UTC, datetime

from local_aws.glue.catalog import Catalog, CatalogStore, EntityNotFound, InvalidInput
from local_aws.glue.databases import Shape
from local_aws.glue.operation import operation, page_of

MAX_TAGS = 50
"""Tags of one resource (AWS Glue API, TagResource)."""


class DatabaseOperations:
    """CreateDatabase … DeleteDatabase, TagResource, UntagResource, GetTags, GetCatalogImportStatus."""

    store: CatalogStore

    @operation
    def create_database(self, catalog: Catalog, params: Shape) -> None:
        """Add a database, with tags if given."""
        database_input = params["DatabaseInput"]
        if "FederatedDatabase" in database_input:
            raise InvalidInput("Federated databases need a connection, which the local AWS does not have")
        catalog.create_database(database_input)
        if params.get("Tags"):
            catalog.tag(_database_arn(catalog, database_input["Name"].lower()), params["Tags"])

    @operation
    def get_database(self, catalog: Catalog, params: Shape) -> Shape:
        """One database."""
        return {"Database": catalog.get_database(params["Name"])}

    @operation
    def get_databases(self, catalog: Catalog, params: Shape) -> Shape:
        """The databases, a page of up to 100 at a time; none are shared or federated."""
        databases = catalog.list_databases()
        if params.get("ResourceShareType") in ("FOREIGN", "FEDERATED"):
            databases = []
        page, token = page_of(databases, lambda database: [database["Name"]], params, 100)
        if params.get("AttributesToGet"):
            members = {"NAME": "Name", "TARGET_DATABASE": "TargetDatabase"}
            wanted = {"Name", *(members[attribute] for attribute in params["AttributesToGet"])}
            page = [{name: database[name] for name in wanted & database.keys()} for database in page]
        return {"DatabaseList": page, **token}

    @operation
    def update_database(self, catalog: Catalog, params: Shape) -> None:
        """Replace a database's description."""
        catalog.update_database(params["Name"], params["DatabaseInput"])

    @operation
    def delete_database(self, catalog: Catalog, params: Shape) -> None:
        """Remove a database, its tables and its tags."""
        catalog.delete_database(params["Name"])
        arn = _database_arn(catalog, params["Name"].lower())
        catalog.untag(arn, list(catalog.tags(arn)))

    @operation
    def tag_resource(self, catalog: Catalog, params: Shape) -> None:
        """Set tags of a database."""
        arn = _existing_arn(catalog, params["ResourceArn"])
        if len({*catalog.tags(arn), *params["TagsToAdd"]}) > MAX_TAGS:
            raise InvalidInput(f"{arn} would have more than {MAX_TAGS} tags")
        catalog.tag(arn, params["TagsToAdd"])

    @operation
    def untag_resource(self, catalog: Catalog, params: Shape) -> None:
        """Remove tags of a database."""
        catalog.untag(_existing_arn(catalog, params["ResourceArn"]), params["TagsToRemove"])

    @operation
    def get_tags(self, catalog: Catalog, params: Shape) -> Shape:
        """The tags of a database."""
        return {"Tags": catalog.tags(_existing_arn(catalog, params["ResourceArn"]))}

    @operation
    def get_catalog_import_status(self, catalog: Catalog, params: Shape) -> Shape:
        """Whether an old Athena catalog was moved into Glue: this one has always been Glue's."""
        status = {
            "ImportCompleted": True,
            "ImportTime": datetime(2017, 8, 14, tzinfo=UTC),  # the day Glue became generally available
            "ImportedBy": catalog.account_id,
        }
        return {"ImportStatus": status}


def _database_arn(catalog: Catalog, name: str) -> str:
    return f"arn:aws:glue:{catalog.region}:{catalog.account_id}:database/{name}"


def _existing_arn(catalog: Catalog, arn: str) -> str:
    """The ARN of a database that exists, its name in lower case.

    Raises: EntityNotFound; the local Glue has no other resources that Glue would tag.
    """
    prefix = _database_arn(catalog, "")
    if not arn.startswith(prefix):
        raise EntityNotFound(f"{arn} is not the ARN of a database here ({prefix}<name>)")
    return _database_arn(catalog, catalog.get_database(arn.removeprefix(prefix))["Name"])
