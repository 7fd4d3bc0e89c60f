"""What Athena shows of its data catalog: databases and tables of Glue, under the name AwsDataCatalog."""

from __future__ import annotations

import re
from typing import Any

from local_aws.athena.errors import invalid_request, metadata_error
from local_aws.athena.paging import Paging
from local_aws.aws_json import Caller
from local_aws.glue.catalog import CatalogError, CatalogStore

CATALOG = "AwsDataCatalog"


class CatalogOperations:
    """The API operations on data catalogs, databases and table metadata."""

    catalogs: CatalogStore

    def list_data_catalogs(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListDataCatalogs."""
        return {"DataCatalogsSummary": [{"CatalogName": CATALOG, "Type": "GLUE", "Status": "CREATE_COMPLETE"}]}

    def get_data_catalog(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """GetDataCatalog."""
        _check_catalog(params["Name"])
        parameters = {"catalog-id": caller.account_id}
        catalog = {"Name": CATALOG, "Type": "GLUE", "Status": "CREATE_COMPLETE", "Parameters": parameters}
        return {"DataCatalog": catalog}

    def create_data_catalog(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateDataCatalog is refused: the local Athena has Glue's catalog only."""
        raise invalid_request(f"the local Athena has one data catalog, {CATALOG}; {params['Name']} is not created")

    def update_data_catalog(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateDataCatalog is refused, as CreateDataCatalog is."""
        raise invalid_request(f"the local Athena has one data catalog, {CATALOG}, which cannot be changed")

    def delete_data_catalog(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteDataCatalog is refused, as CreateDataCatalog is."""
        raise invalid_request(f"the local Athena has one data catalog, {CATALOG}, which cannot be deleted")

    def get_database(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """GetDatabase."""
        _check_catalog(params["CatalogName"])
        try:
            return {"Database": _database(self._glue(caller).get_database(params["DatabaseName"]))}
        except CatalogError as error:
            raise metadata_error(error.message) from error

    def list_databases(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListDatabases."""
        _check_catalog(params["CatalogName"])
        databases = [_database(database) for database in self._glue(caller).list_databases()]
        return Paging.of(params, largest=50).cut("DatabaseList", databases)

    def get_table_metadata(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """GetTableMetadata."""
        _check_catalog(params["CatalogName"])
        try:
            table = self._glue(caller).get_table(params["DatabaseName"], params["TableName"])
        except CatalogError as error:
            raise metadata_error(error.message) from error
        return {"TableMetadata": _table_metadata(table)}

    def list_table_metadata(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListTableMetadata; `Expression` is a regular expression on names."""
        _check_catalog(params["CatalogName"])
        try:
            pattern = re.compile(params.get("Expression") or ".*", re.IGNORECASE)
            tables = self._glue(caller).list_tables(params["DatabaseName"])
        except re.error as error:
            raise invalid_request(
                f"Expression {params['Expression']!r} is not a regular expression: {error}"
            ) from error
        except CatalogError as error:
            raise metadata_error(error.message) from error
        found = [_table_metadata(table) for table in tables if pattern.fullmatch(table["Name"])]
        return Paging.of(params, largest=50).cut("TableMetadataList", found)

    def _glue(self, caller: Caller) -> Any:
        return self.catalogs.catalog(caller.account_id, caller.region)


def _check_catalog(name: str) -> None:
    if name.lower() != CATALOG.lower():
        raise invalid_request(f"Data catalog {name} is not found; the local Athena has {CATALOG}")


def _database(database: dict[str, Any]) -> dict[str, Any]:
    kept = {"Name": database["Name"], "Parameters": database.get("Parameters") or {}}
    return {**kept, "Description": database["Description"]} if database.get("Description") else kept


def _table_metadata(table: dict[str, Any]) -> dict[str, Any]:
    storage = table.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    formats = {
        "location": storage.get("Location"),
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    }
    parameters = {
        **(table.get("Parameters") or {}),
        **{key: value for key, value in formats.items() if value},
        **{f"serde.param.{key}": value for key, value in (serde.get("Parameters") or {}).items()},
    }
    return {
        "Name": table["Name"],
        "CreateTime": table["CreateTime"],
        "TableType": table.get("TableType", ""),
        "Columns": [_column(column) for column in storage.get("Columns") or []],
        "PartitionKeys": [_column(column) for column in table.get("PartitionKeys") or []],
        "Parameters": parameters,
    }


def _column(column: dict[str, Any]) -> dict[str, Any]:
    return {key: column[key] for key in ("Name", "Type", "Comment") if column.get(key)}
