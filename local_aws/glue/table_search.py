"""SearchTables: which tables a text and filters find."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from local_aws.glue.catalog import Catalog, InvalidInput
from local_aws.glue.databases import Shape
from local_aws.glue.storage import as_time

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN_EQUALS": operator.le,
}
_TIME_MEMBERS = {"createtime": "CreateTime", "updatetime": "UpdateTime", "lastaccesstime": "LastAccessTime"}
_TEXT_MEMBERS = {
    "name": "Name",
    "databasename": "DatabaseName",
    "description": "Description",
    "owner": "Owner",
    "tabletype": "TableType",
    "createdby": "CreatedBy",
}


def found_tables(catalog: Catalog, params: Shape) -> list[Shape]:
    """The tables that meet SearchText and all Filters, by database and name or as SortCriteria says.

    A text in double quotes must be found as it stands, another one in any case, anywhere in what describes
    the table: names of database, table and columns, comments, parameters. A filter's Key is a member of Table
    (Name, DatabaseName, CreateTime, …) or the name of one of its parameters.

    Raises: InvalidInput for a time that cannot be read or an unknown field to sort by.
    """
    tables = [
        table
        for database in catalog.list_databases()
        for table in catalog.list_tables(database["Name"])
        if _has_text(table, params.get("SearchText")) and _passes(table, params.get("Filters") or [])
    ]
    for criterion in params.get("SortCriteria") or []:
        field = str(criterion.get("FieldName", ""))
        member = {**_TEXT_MEMBERS, **_TIME_MEMBERS}.get(field.lower())
        if member is None:
            raise InvalidInput(f"Tables cannot be sorted by {field!r}")
        present = [table for table in tables if member in table]
        present.sort(key=lambda table: table[member], reverse=criterion.get("Sort") == "DESC")
        tables = present + [table for table in tables if member not in table]
    return tables


def _has_text(table: Shape, text: str | None) -> bool:
    if not text:
        return True
    if len(text) > 2 and text[0] == text[-1] == '"':
        return any(text[1:-1] in said for said in _texts(table))
    return any(text.lower() in said.lower() for said in _texts(table))


def _texts(table: Shape) -> Iterator[str]:
    for member in ("Name", "DatabaseName", "Description", "Owner"):
        yield str(table.get(member, ""))
    columns = (table.get("StorageDescriptor") or {}).get("Columns") or []
    for column in [*columns, *(table.get("PartitionKeys") or [])]:
        yield str(column["Name"])
        yield str(column.get("Comment", ""))
    yield json.dumps(table.get("Parameters") or {})


def _passes(table: Shape, filters: list[Shape]) -> bool:
    return all(_passes_one(table, each) for each in filters)


def _passes_one(table: Shape, condition: Shape) -> bool:
    key, wanted = str(condition.get("Key", "")), str(condition.get("Value", ""))
    compare = _COMPARISONS[condition.get("Comparator", "EQUALS")]
    time_member = _TIME_MEMBERS.get(key.lower())
    if time_member:
        value = table.get(time_member)
        return value is not None and compare(value, _time(wanted))
    text_member = _TEXT_MEMBERS.get(key.lower())
    text = table.get(text_member) if text_member else (table.get("Parameters") or {}).get(key)
    return text is not None and compare(text, wanted)


def _time(text: str) -> datetime:
    try:
        return as_time(float(text)) if text.replace(".", "", 1).isdigit() else as_time(text)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{text!r} is not a time: epoch seconds or ISO 8601") from error
