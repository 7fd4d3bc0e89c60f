"""The definition of the raw tables, from the sources' settings: for the SQL that makes them, and to find drift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flowlogs.sources import Source

SERDES: Final = {
    "text": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    "parquet": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
}

_STORAGE: Final[dict[str, dict[str, Any]]] = {
    SERDES["text"]: {
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": SERDES["text"],
            "Parameters": {"field.delim": " ", "serialization.format": " "},
        },
    },
    SERDES["parquet"]: {
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": SERDES["parquet"], "Parameters": {"serialization.format": "1"}},
    },
}
"""How Athena stores the tables that `include/sql/tables/raw_table.sql` makes, by their SerDe."""


@dataclass(frozen=True)
class RawTable:
    """What a source's raw table must be."""

    name: str
    location: str
    columns: tuple[tuple[str, str], ...]
    """Names and Hive types, in order."""
    serde: str
    properties: Mapping[str, str] = field(default_factory=dict)
    partition_keys: tuple[str, ...] = ("dt", "aws_account", "aws_region")

    @classmethod
    def of(cls, source: Source) -> RawTable:
        """The raw table of a source."""
        properties = {"skip.header.line.count": "1"} if source.file_format == "text" else {}
        return cls(
            name=source.table,
            location=source.table_location,
            columns=source.raw_columns,
            serde=SERDES[source.file_format],
            properties=properties,
        )

    def drift(self, table: Mapping[str, Any]) -> list[str]:
        """How a table of Glue differs from this, in words; empty when it does not."""
        storage = table["StorageDescriptor"]
        found = tuple((column["Name"], column["Type"]) for column in storage["Columns"])
        differences = []
        if found != self.columns:
            differences.append(f"columns are {_listed(found)}, expected {_listed(self.columns)}")
        keys = tuple(key["Name"] for key in table.get("PartitionKeys", ()))
        if keys != self.partition_keys:
            differences.append(f"partition keys are {', '.join(keys)}, expected {', '.join(self.partition_keys)}")
        if storage["Location"].rstrip("/") != self.location.rstrip("/"):
            differences.append(f"location is {storage['Location']}, expected {self.location}")
        serde = storage.get("SerdeInfo", {}).get("SerializationLibrary")
        if serde != self.serde:
            differences.append(f"SerDe is {serde}, expected {self.serde}")
        parameters = table.get("Parameters", {})
        differences += [
            f"property {name} is {parameters.get(name)!r}, expected {value!r}"
            for name, value in self.properties.items()
            if parameters.get(name) != value
        ]
        return differences

    def repaired(self, table: Mapping[str, Any]) -> dict[str, Any]:
        """Glue's TableInput of the table with the drift undone; what this does not define stays as it is.

        Raises:
            ValueError: when the partition keys differ, which only a new table can mend.
        """
        keys = tuple(key["Name"] for key in table.get("PartitionKeys", ()))
        if keys != self.partition_keys:
            raise ValueError(
                f"table {self.name} is partitioned by {', '.join(keys)}, not {', '.join(self.partition_keys)}: "
                "drop it (its files stay) and run flow_logs_setup again"
            )
        found = table["StorageDescriptor"]
        same_serde = found.get("SerdeInfo", {}).get("SerializationLibrary") == self.serde
        comments = {column["Name"]: column["Comment"] for column in found["Columns"] if column.get("Comment")}
        storage = {
            **found,
            **({} if same_serde else _STORAGE[self.serde]),
            "Columns": [
                {"Name": name, "Type": hive_type, **({"Comment": comments[name]} if name in comments else {})}
                for name, hive_type in self.columns
            ],
            "Location": self.location,
        }
        kept = ("Name", "Description", "Owner", "Retention", "PartitionKeys", "TableType")
        return {
            **{name: table[name] for name in kept if name in table},
            "StorageDescriptor": storage,
            "Parameters": {**table.get("Parameters", {}), **self.properties},
        }


def raw_column(source: Source, field_name: str) -> str | None:
    """The raw table's column of a record field (AWS's name), quoted for Trino; None when the format lacks it."""
    for record_field, (column, _) in zip(source.fields, source.raw_columns, strict=True):
        if record_field.name == field_name:
            return f'"{column}"'
    return None


def _listed(columns: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name} {hive_type}" for name, hive_type in columns)
