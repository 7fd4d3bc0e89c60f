"""The partitions of one table, in a SQLite table of their own.

Partition values stand in indexed columns: one index in the order of the keys, which pages follow, and for
each later key one that begins with it. A storage descriptor without its Location is stored once a table
(`descriptors`), since most partitions differ in Location only; an entry lives as long as its table.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from local_aws.glue.conditions import Condition, condition_of, keys_of, range_of
from local_aws.glue.errors import AlreadyExists, CatalogError, EntityNotFound, InvalidInput, InvalidState
from local_aws.glue.expressions import Node, parse_expression
from local_aws.glue.key_types import HIVE_NULL, KeyColumn, SortValue, key_columns, sort_value
from local_aws.glue.storage import as_time, from_json, now, to_json

PartitionValues = tuple[tuple[str, ...], str | None, dict[str, Any]]
"""Values, Location, and the members of the storage descriptor that differ from the table's."""

_TIMES = ("LastAccessTime", "LastAnalyzedTime")
_STORED = ["location", "descriptor_id", "details", "created"]


class TablePartitions:
    """The partitions of one table within one transaction of `connection`.

    `table` is Glue's Table; `table_id` its row in `tables`.
    """

    def __init__(self, connection: sqlite3.Connection, table_id: int, table: dict[str, Any]) -> None:
        self._connection = connection
        self._table_id = table_id
        self._table = table
        self._keys = key_columns(table.get("PartitionKeys") or [])
        self._name = f"partitions_{table_id}"
        self._order = _order_columns(self._keys)
        self._columns = ", ".join([*(k.value_column for k in self._keys), "location", "descriptor_id"])
        self._descriptors: dict[int, dict[str, Any]] = {}
        self._descriptor_ids: dict[str, int] = {}

    # The storage

    def create_storage(self) -> None:
        """Make the SQLite table and its indexes; nothing for a table without partition keys."""
        if not self._keys:
            return
        execute = self._connection.execute
        columns = [f"{key.value_column} TEXT NOT NULL" for key in self._keys]
        columns += [f"{key.sort_column} NOT NULL" for key in self._keys if key.typed]
        columns += ["location TEXT", "descriptor_id INTEGER", "details TEXT", "created INTEGER NOT NULL"]
        execute(f"CREATE TABLE {self._name} ({', '.join(columns)})")
        for position, index in enumerate(self._index_names()):
            unique = "UNIQUE" if position == 0 else ""
            columns = self._index_columns(position)
            execute(f"CREATE {unique} INDEX {index} ON {self._name} ({', '.join(columns)})")

    def drop_storage(self) -> None:
        """Drop the partitions with all their storage."""
        self._connection.execute(f"DROP TABLE IF EXISTS {self._name}")

    def change_keys(self, partition_keys: Sequence[dict[str, Any]]) -> None:
        """Make the storage fit for other partition keys: renamed, of other types, or more or fewer of them.

        Raises: InvalidInput when the number of keys changes while there are partitions.
        """
        keys = key_columns(partition_keys)
        if [key.kind for key in keys] == [key.kind for key in self._keys]:
            return
        changed = TablePartitions(
            self._connection, self._table_id, {**self._table, "PartitionKeys": list(partition_keys)}
        )
        if len(keys) != len(self._keys):
            if self._any():
                raise InvalidInput(
                    f"The number of partition keys of a table with partitions cannot change "
                    f"(from {len(self._keys)} to {len(keys)}); drop the partitions first"
                )
            self.drop_storage()
            changed.create_storage()
            return
        old = f"{self._name}_old"
        for index in self._index_names():
            self._connection.execute(f"DROP INDEX {index}")
        self._connection.execute(f"ALTER TABLE {self._name} RENAME TO {old}")
        changed.create_storage()
        values = ", ".join(key.value_column for key in self._keys)
        rows = self._connection.execute(f"SELECT {values}, {', '.join(_STORED)} FROM {old}")
        width = len(keys)
        changed._insert((row[:width], row[width:]) for row in rows)
        self._connection.execute(f"DROP TABLE {old}")

    # Writing

    def create(self, inputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Add partitions; the ones that exist (or come twice) are returned as PartitionErrors."""
        created = now()
        rows: list[tuple[tuple[str, ...], tuple[Any, ...]]] = []
        errors = []
        seen: set[tuple[str, ...]] = set()
        for partition_input in inputs:
            values = self.checked_values(partition_input.get("Values"))
            if values in seen or self._rowid(values) is not None:
                errors.append(partition_error(values, AlreadyExists("Partition already exists.")))
                continue
            seen.add(values)
            rows.append((values, (*self._stored(partition_input), created)))
        if rows:
            self._insert(rows)
        return errors

    def update(self, values: Sequence[str], partition_input: dict[str, Any]) -> None:
        """Replace a partition; its values may change.

        Raises: EntityNotFound; AlreadyExists when the new values belong to another partition.
        """
        old = self.checked_values(values)
        new = self.checked_values(partition_input.get("Values") or values)
        rowid = self._rowid(old)
        if rowid is None:
            raise self._not_found(old)
        if new != old and self._rowid(new) is not None:
            raise AlreadyExists("Partition already exists.")
        columns = [*(key.value_column for key in self._keys)]
        columns += [key.sort_column for key in self._keys if key.typed]
        columns += ["location", "descriptor_id", "details"]
        assignments = ", ".join(f"{column} = ?" for column in columns)
        self._connection.execute(
            f"UPDATE {self._name} SET {assignments} WHERE rowid = ?",
            (*new, *self._typed(new), *self._stored(partition_input), rowid),
        )

    def delete(self, values: Sequence[str]) -> None:
        """Remove a partition. Raises: EntityNotFound."""
        checked = self.checked_values(values)
        rowid = self._rowid(checked)
        if rowid is None:
            raise self._not_found(checked)
        self._connection.execute(f"DELETE FROM {self._name} WHERE rowid = ?", (rowid,))

    # Reading

    def get(self, values: Sequence[str]) -> dict[str, Any]:
        """The partition of these values. Raises: EntityNotFound."""
        checked = self.checked_values(values)
        row = self._connection.execute(
            f"SELECT {self._columns}, details, created FROM {self._name} WHERE {self._is_row()}",
            self._sort_values(checked),
        ).fetchone()
        if row is None:
            raise self._not_found(checked)
        return self._partition(row, exclude_column_schema=False)

    def page(
        self,
        expression: str | None,
        *,
        segment: tuple[int, int] | None,
        after: str | None,
        limit: int | None,
        exclude_column_schema: bool,
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Up to `limit` partitions in the order of their values, and the cursor when there are more.

        `segment` (number, of how many) takes one of as many disjoint parts of the table.
        """
        node = self._checked_expression(expression)
        if not self._keys:
            return [], None
        index, where, parameters = self._path(node, after)
        if node is not None:
            condition = condition_of(node, by_index=False)
            where.append(condition.sql)
            parameters += condition.parameters
        if segment is not None:
            number, total = segment
            where.append("rowid % ? = ?")
            parameters += [total, number]
        parameters.append(-1 if limit is None else limit + 1)
        rows = self._connection.execute(
            f"SELECT {self._columns}, details, created FROM {self._name} INDEXED BY {index} "
            f"WHERE {' AND '.join(where) or 'TRUE'} ORDER BY {', '.join(self._order)} LIMIT ?",
            parameters,
        ).fetchall()
        cursor = None
        if limit is not None and len(rows) > limit:
            rows = rows[:limit]
            cursor = base64.urlsafe_b64encode(json.dumps(rows[-1][: len(self._keys)]).encode()).decode()
        return [self._partition(row, exclude_column_schema) for row in rows], cursor

    def _path(self, node: Node | None, after: str | None) -> tuple[str, list[str], list[Any]]:
        """How a page finds its rows without reading what earlier pages read: index, conditions, parameters.

        The conditions name a stretch of the index, in which the rows stand in the order of their values: the
        keys that the expression fixes, then the range that it leaves to the next key, or what comes after
        the cursor. The index is that of all keys in order, or one that begins with a later, fixed key.
        """
        ranges = {key.sort_column: range_of(node, key) for key in self._keys}
        fixed = [ranges[key.sort_column].is_one_value for key in self._keys]
        leading = fixed.index(False) if False in fixed else len(fixed)
        position = next((p for p, is_fixed in enumerate(fixed) if is_fixed and p > leading), 0)
        columns = self._index_columns(position)
        where: list[str] = []
        parameters: list[Any] = []
        while columns and columns[0] in ranges and ranges[columns[0]].is_one_value:
            where.append(f"{columns[0]} = ?")
            parameters.append(ranges[columns.pop(0)].low)
        last = dict(zip(self._order, self._sort_values(self._cursor_values(after)), strict=True)) if after else {}
        if last:
            unknown = ", ".join("?" * len(columns))
            where.append(f"({', '.join(columns)}) > ({unknown})" if columns else "FALSE")
            parameters += [last[column] for column in columns]
        if columns and columns[0] in ranges:
            left = ranges[columns[0]]
            if left.low is not None and not last:
                where.append(f"{columns[0]} >= ?")
                parameters.append(left.low)
            if left.high is not None:
                where.append(f"{columns[0]} <= ?")
                parameters.append(left.high)
        return self._index_names()[position], where, parameters

    def values(self, expression: str | None) -> Iterator[PartitionValues]:
        """The planner's view of the partitions, in no particular order; dicts are shared between rows."""
        node = self._checked_expression(expression)
        if not self._keys:
            return iter(())
        condition = Condition("TRUE", ()) if node is None else condition_of(node, by_index=True)
        rows = self._connection.execute(
            f"SELECT {self._columns} FROM {self._name} WHERE {condition.sql}", condition.parameters
        )
        return self._light_rows(rows)

    def _light_rows(self, rows: Iterator[tuple[Any, ...]]) -> Iterator[PartitionValues]:
        overrides: dict[int | None, dict[str, Any]] = {None: {}}
        of_table = self._table.get("StorageDescriptor") or {}
        for *values, location, descriptor_id in rows:
            if descriptor_id not in overrides:
                descriptor = self._descriptor(descriptor_id)
                overrides[descriptor_id] = {
                    member: value for member, value in descriptor.items() if of_table.get(member) != value
                }
            yield tuple(values), location, overrides[descriptor_id]

    # Details

    def checked_values(self, values: Sequence[str] | None) -> tuple[str, ...]:
        """Partition values of the right number. Raises: InvalidInput."""
        checked = tuple(values or ())
        if len(checked) != len(self._keys):
            raise InvalidInput(
                f"The number of partition keys do not match the number of partition values: "
                f"{len(self._keys)} keys ({', '.join(k.name for k in self._keys) or 'the table has none'}), "
                f"{len(checked)} values {list(checked)}"
            )
        if not checked:
            raise InvalidInput(f"Table {self._table['Name']} has no partition keys, so no partitions")
        if "" in checked:
            raise InvalidInput(f"Partition values cannot be empty strings: {list(checked)}")
        return checked

    def _any(self) -> bool:
        if not self._keys:
            return False
        return self._connection.execute(f"SELECT 1 FROM {self._name} LIMIT 1").fetchone() is not None

    def _index_names(self) -> list[str]:
        """The index in the order of all keys, then one for each later key."""
        return [f"{self._name}_{position}" for position in range(len(self._keys))]

    def _index_columns(self, position: int) -> list[str]:
        first = self._keys[position].sort_column
        return [first, *(column for column in self._order if column != first)]

    def _insert(self, rows: Iterable[tuple[tuple[str, ...], tuple[Any, ...]]]) -> None:
        """Rows of (values, the members of `_STORED`)."""
        columns = [*(key.value_column for key in self._keys)]
        columns += [key.sort_column for key in self._keys if key.typed]
        columns += _STORED
        self._connection.executemany(
            f"INSERT INTO {self._name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            ((*values, *self._typed(values), *stored) for values, stored in rows),
        )

    def _typed(self, values: Sequence[str]) -> list[SortValue]:
        return [sort_value(k.kind, v) for k, v in zip(self._keys, values, strict=True) if k.typed]

    def _sort_values(self, values: Sequence[str]) -> list[SortValue]:
        """The values of the columns `self._order`."""
        texts = [v for k, v in zip(self._keys, values, strict=True) if k.typed]
        return [*(sort_value(k.kind, v) for k, v in zip(self._keys, values, strict=True)), *texts]

    def _is_row(self) -> str:
        return " AND ".join(f"{column} = ?" for column in self._order)

    def _rowid(self, values: tuple[str, ...]) -> int | None:
        row = self._connection.execute(
            f"SELECT rowid FROM {self._name} WHERE {self._is_row()}", self._sort_values(values)
        ).fetchone()
        return None if row is None else int(row[0])

    def _stored(self, partition_input: dict[str, Any]) -> tuple[str | None, int | None, str | None]:
        """location, descriptor_id, details of a PartitionInput."""
        descriptor = partition_input.get("StorageDescriptor")
        details = {k: v for k, v in partition_input.items() if k not in ("Values", "StorageDescriptor")}
        location = None if descriptor is None else descriptor.get("Location")
        return location, self._descriptor_id(descriptor), to_json(details) if details else None

    def _descriptor_id(self, descriptor: dict[str, Any] | None) -> int | None:
        if descriptor is None:
            return None
        text = to_json({member: value for member, value in descriptor.items() if member != "Location"})
        if text not in self._descriptor_ids:
            digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
            key = (self._table_id, digest)
            self._connection.execute(
                "INSERT INTO descriptors (table_id, digest, descriptor) VALUES (?, ?, ?) "
                "ON CONFLICT (table_id, digest) DO NOTHING",
                (*key, text),
            )
            (self._descriptor_ids[text],) = self._connection.execute(
                "SELECT id FROM descriptors WHERE table_id = ? AND digest = ?", key
            ).fetchone()
        return self._descriptor_ids[text]

    def _descriptor(self, descriptor_id: int) -> dict[str, Any]:
        if descriptor_id not in self._descriptors:
            (text,) = self._connection.execute(
                "SELECT descriptor FROM descriptors WHERE id = ?", (descriptor_id,)
            ).fetchone()
            self._descriptors[descriptor_id] = from_json(text)
        return self._descriptors[descriptor_id]

    def _partition(self, row: tuple[Any, ...], exclude_column_schema: bool) -> dict[str, Any]:
        """Glue's Partition of a row of values, location, descriptor_id, details, created."""
        *values, location, descriptor_id, details, created = row
        partition: dict[str, Any] = {
            "Values": values,
            "DatabaseName": self._table["DatabaseName"],
            "TableName": self._table["Name"],
            "CreationTime": as_time(created),
            "CatalogId": self._table["CatalogId"],
        }
        if descriptor_id is not None:
            descriptor = dict(self._descriptor(descriptor_id))
            if location is not None:
                descriptor["Location"] = location
            if exclude_column_schema:
                descriptor.pop("Columns", None)
            partition["StorageDescriptor"] = descriptor
        if details is not None:
            for member, value in from_json(details).items():
                partition[member] = as_time(value) if member in _TIMES else value
        return partition

    def _checked_expression(self, expression: str | None) -> Node | None:
        """The parsed expression, once every value of the keys it looks at is known to be of its type.

        Raises: InvalidInput; InvalidState, as Glue answers when a stored value does not fit its key's type.
        """
        node = parse_expression(expression, self._keys)
        for key in keys_of(node) if node else ():
            if not key.typed:
                continue
            row = self._connection.execute(
                f"SELECT {key.value_column} FROM {self._name} "
                f"WHERE {key.sort_column} >= x'' AND {key.value_column} <> ? LIMIT 1",
                (HIVE_NULL,),
            ).fetchone()
            if row is not None:
                raise InvalidState(
                    f'For input string: "{row[0]}" is not a value of type {key.hive_type} '
                    f"of partition key '{key.name}'"
                )
        return node

    def _cursor_values(self, cursor: str) -> tuple[str, ...]:
        try:
            values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        except ValueError:
            values = None
        fits = isinstance(values, list) and all(isinstance(value, str) for value in values)
        if not fits or len(values) != len(self._keys):
            raise InvalidInput(f"Invalid NextToken for the partitions of {self._table['Name']}: {cursor!r}")
        return tuple(values)

    def _not_found(self, values: Sequence[str]) -> EntityNotFound:
        return EntityNotFound(
            f"Cannot find partition {list(values)} of {self._table['DatabaseName']}.{self._table['Name']}."
        )


def partition_error(values: Sequence[str], error: CatalogError) -> dict[str, Any]:
    """Glue's PartitionError."""
    return {"PartitionValues": list(values), "ErrorDetail": error_detail(error)}


def error_detail(error: CatalogError) -> dict[str, str]:
    """Glue's ErrorDetail."""
    return {"ErrorCode": error.code, "ErrorMessage": error.message}


def _order_columns(keys: Sequence[KeyColumn]) -> list[str]:
    """The columns that order the partitions and tell them apart: `1` and `01` sort alike as int."""
    return [*(key.sort_column for key in keys), *(key.value_column for key in keys if key.typed)]
