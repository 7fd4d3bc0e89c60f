"""The operations on tables, their versions and column statistics."""

from __future__ import annotations

from typing import Any

from local_aws.glue.catalog import Catalog, CatalogError, CatalogStore, EntityNotFound, InvalidInput
from local_aws.glue.databases import Shape
from local_aws.glue.operation import operation, page_of
from local_aws.glue.partitions import error_detail
from local_aws.glue.table_search import found_tables

PAGE_SIZE = 100
"""Tables and versions of one answer (AWS Glue API, GetTables and GetTableVersions)."""


class TableOperations:
    """CreateTable … SearchTables, table versions, column statistics."""

    store: CatalogStore

    @operation
    def create_table(self, catalog: Catalog, params: Shape) -> None:
        """Add a table, with partition indexes if given."""
        table_input = _table_input(params)
        catalog.create_table(params["DatabaseName"], table_input)
        for index in params.get("PartitionIndexes") or []:
            try:
                catalog.create_partition_index(
                    params["DatabaseName"], table_input["Name"], index["IndexName"], index["Keys"]
                )
            except CatalogError:
                catalog.delete_table(params["DatabaseName"], table_input["Name"])
                raise

    @operation
    def get_table(self, catalog: Catalog, params: Shape) -> Shape:
        """One table."""
        return {"Table": catalog.get_table(params["DatabaseName"], params["Name"])}

    @operation
    def get_tables(self, catalog: Catalog, params: Shape) -> Shape:
        """The tables of a database, or those whose names match Expression, up to 100 at a time."""
        tables = catalog.list_tables(params["DatabaseName"], params.get("Expression") or None)
        if params.get("ResourceShareType") == "FEDERATED":
            tables = []
        page, token = page_of(tables, lambda table: [table["Name"]], params, PAGE_SIZE)
        attributes = set(params.get("AttributesToGet") or [])
        if attributes and not attributes & {"DEFAULT", "LATEST_ICEBERG_METADATA"}:
            members = {"NAME": "Name", "TABLE_TYPE": "TableType"}
            wanted = {"Name", "DatabaseName", *(members[attribute] for attribute in attributes)}
            page = [{name: table[name] for name in wanted & table.keys()} for table in page]
        return {"TableList": page, **token}

    @operation
    def update_table(self, catalog: Catalog, params: Shape) -> None:
        """Replace a table's definition, archiving the old one as a version."""
        catalog.update_table(
            params["DatabaseName"],
            _table_input(params),
            skip_archive=params.get("SkipArchive", False),
            version_id=params.get("VersionId"),
        )

    @operation
    def delete_table(self, catalog: Catalog, params: Shape) -> None:
        """Remove a table with its versions and partitions."""
        catalog.delete_table(params["DatabaseName"], params["Name"])

    @operation
    def batch_delete_table(self, catalog: Catalog, params: Shape) -> Shape:
        """Remove up to 100 tables; those that failed are answered with their errors."""
        catalog.get_database(params["DatabaseName"])
        errors = []
        for name in params["TablesToDelete"]:
            try:
                catalog.delete_table(params["DatabaseName"], name)
            except CatalogError as error:
                errors.append({"TableName": name, "ErrorDetail": error_detail(error)})
        return {"Errors": errors}

    @operation
    def search_tables(self, catalog: Catalog, params: Shape) -> Shape:
        """Tables of all databases by text and filters."""
        tables = found_tables(catalog, params)
        if params.get("ResourceShareType") in ("FOREIGN", "FEDERATED"):
            tables = []
        positions = {id(table): [position] for position, table in enumerate(tables)}
        page, token = page_of(tables, lambda table: positions[id(table)], params, 1000)
        return {"TableList": page, **token}

    @operation
    def get_table_version(self, catalog: Catalog, params: Shape) -> Shape:
        """One version of a table, the present one unless VersionId is given."""
        table = catalog.get_table(params["DatabaseName"], params["TableName"], params.get("VersionId"))
        return {"TableVersion": {"Table": table, "VersionId": table["VersionId"]}}

    @operation
    def get_table_versions(self, catalog: Catalog, params: Shape) -> Shape:
        """The versions of a table, newest first, up to 100 at a time."""
        versions = catalog.table_versions(params["DatabaseName"], params["TableName"])

        def position(version: Shape) -> list[Any]:
            return [-int(version["VersionId"])]

        page, token = page_of(versions, position, params, PAGE_SIZE)
        return {"TableVersions": page, **token}

    @operation
    def delete_table_version(self, catalog: Catalog, params: Shape) -> None:
        """Remove an archived version."""
        catalog.delete_table_version(params["DatabaseName"], params["TableName"], params["VersionId"])

    @operation
    def batch_delete_table_version(self, catalog: Catalog, params: Shape) -> Shape:
        """Remove up to 100 archived versions; those that failed are answered with their errors."""
        database, table = params["DatabaseName"], params["TableName"]
        catalog.get_table(database, table)
        errors = []
        for version_id in params["VersionIds"]:
            try:
                catalog.delete_table_version(database, table, version_id)
            except CatalogError as error:
                detail = error_detail(error)
                errors.append({"TableName": table, "VersionId": version_id, "ErrorDetail": detail})
        return {"Errors": errors}

    @operation
    def update_column_statistics_for_table(self, catalog: Catalog, params: Shape) -> Shape:
        """Keep statistics of up to 25 columns."""
        statistics = params["ColumnStatisticsList"]
        errors = catalog.set_column_statistics(params["DatabaseName"], params["TableName"], statistics)
        return {"Errors": errors}

    @operation
    def get_column_statistics_for_table(self, catalog: Catalog, params: Shape) -> Shape:
        """The statistics of up to 100 columns; columns without any are answered as errors."""
        known = catalog.column_statistics(params["DatabaseName"], params["TableName"])
        found, errors = [], []
        for name in params["ColumnNames"]:
            statistics = known.get(name.lower())
            if statistics is not None:
                found.append(statistics)
            else:
                detail = error_detail(EntityNotFound(f"Column {name} has no statistics."))
                errors.append({"ColumnName": name, "Error": detail})
        return {"ColumnStatisticsList": found, "Errors": errors}

    @operation
    def delete_column_statistics_for_table(self, catalog: Catalog, params: Shape) -> None:
        """Forget the statistics of a column."""
        catalog.delete_column_statistics(params["DatabaseName"], params["TableName"], params["ColumnName"])


def _table_input(params: Shape) -> Shape:
    """Raises: InvalidInput for an open table format (Iceberg), whose metadata files Glue itself would write."""
    for member in ("OpenTableFormatInput", "UpdateOpenTableFormatInput"):
        if member in params:
            raise InvalidInput(f"{member} (Iceberg tables) is not served by the local AWS")
    if "TableInput" not in params:
        raise InvalidInput("TableInput is missing")
    table_input: Shape = params["TableInput"]
    return table_input
