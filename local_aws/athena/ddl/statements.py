"""The DDL statements, as plain data. Names are folded to lower case; `database` None means the query's own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableName:
    """A table, perhaps with its database."""

    database: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: `type` is Hive's type text without spaces."""

    name: str
    type: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class PartitionCondition:
    """One term of a partition specification; anything but `=` occurs in DROP PARTITION only."""

    column: str
    operator: str
    value: str


PartitionSpec = tuple[PartitionCondition, ...]


@dataclass(frozen=True, slots=True)
class CreateDatabase:
    """CREATE DATABASE|SCHEMA."""

    name: str
    if_not_exists: bool
    comment: str | None
    location: str | None
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class DropDatabase:
    """DROP DATABASE|SCHEMA."""

    name: str
    if_exists: bool
    cascade: bool


@dataclass(frozen=True, slots=True)
class AlterDatabase:
    """ALTER DATABASE … SET DBPROPERTIES."""

    name: str
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE EXTERNAL TABLE. `serde` None means LazySimpleSerDe or what the file format brings."""

    table: TableName
    if_not_exists: bool
    columns: tuple[Column, ...]
    partition_keys: tuple[Column, ...]
    comment: str | None
    serde: str | None
    serde_properties: dict[str, str]
    stored_as: str | None
    input_format: str | None
    output_format: str | None
    location: str | None
    properties: dict[str, str]
    clustered_by: tuple[str, ...] = ()
    buckets: int = 0


@dataclass(frozen=True, slots=True)
class DropTable:
    """DROP TABLE."""

    table: TableName
    if_exists: bool


@dataclass(frozen=True, slots=True)
class NewPartition:
    """One partition of ADD PARTITION and its LOCATION, if one is given."""

    spec: PartitionSpec
    location: str | None


@dataclass(frozen=True, slots=True)
class AddPartitions:
    """ALTER TABLE … ADD [IF NOT EXISTS] PARTITION …, any number of them."""

    table: TableName
    if_not_exists: bool
    partitions: tuple[NewPartition, ...]


@dataclass(frozen=True, slots=True)
class DropPartitions:
    """ALTER TABLE … DROP [IF EXISTS] PARTITION …."""

    table: TableName
    if_exists: bool
    specs: tuple[PartitionSpec, ...]


@dataclass(frozen=True, slots=True)
class SetPartitionLocation:
    """ALTER TABLE … PARTITION (…) SET LOCATION."""

    table: TableName
    spec: PartitionSpec
    location: str


@dataclass(frozen=True, slots=True)
class RenamePartition:
    """ALTER TABLE … PARTITION (…) RENAME TO PARTITION (…)."""

    table: TableName
    spec: PartitionSpec
    new_spec: PartitionSpec


@dataclass(frozen=True, slots=True)
class ChangeColumns:
    """ALTER TABLE … ADD|REPLACE COLUMNS (…), or CHANGE COLUMN old new type."""

    table: TableName
    how: str
    """ADD, REPLACE or CHANGE."""
    columns: tuple[Column, ...]
    changed: str | None = None


@dataclass(frozen=True, slots=True)
class SetTableProperties:
    """ALTER TABLE … SET TBLPROPERTIES."""

    table: TableName
    properties: dict[str, str]


@dataclass(frozen=True, slots=True)
class RepairTable:
    """MSCK REPAIR TABLE."""

    table: TableName


@dataclass(frozen=True, slots=True)
class Show:
    """SHOW …: `what` is DATABASES, TABLES, VIEWS, PARTITIONS, COLUMNS, CREATE_TABLE or TBLPROPERTIES."""

    what: str
    table: TableName | None = None
    database: str | None = None
    pattern: str | None = None
    spec: PartitionSpec = ()
    property: str | None = None


@dataclass(frozen=True, slots=True)
class Describe:
    """DESCRIBE [EXTENDED|FORMATTED] table [PARTITION (…)] [column]."""

    table: TableName
    mode: str = ""
    spec: PartitionSpec = ()
    column: str | None = None


DdlStatement = (
    CreateDatabase
    | DropDatabase
    | AlterDatabase
    | CreateTable
    | DropTable
    | AddPartitions
    | DropPartitions
    | SetPartitionLocation
    | RenamePartition
    | ChangeColumns
    | SetTableProperties
    | RepairTable
    | Show
    | Describe
)
