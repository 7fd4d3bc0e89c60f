"""The data sets: what stands in `include/quicksight/data_sets/`, and the requests that make it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, Self

import jinja2
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from flowlogs.include_folder import INCLUDE
from flowlogs.quicksight import expressions
from flowlogs.settings import Settings

FOLDER: Final = INCLUDE / "quicksight" / "data_sets"

ColumnType = Literal["STRING", "INTEGER", "DECIMAL", "DATETIME"]
"""Types of columns in SPICE (API reference, ColumnDataType)."""


class DefinitionError(ValueError):
    """A file of `include/quicksight/` that is not as it has to be. The message names file and place."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Part):
    """A column of a data set's query."""

    type: ColumnType
    description: str = Field(min_length=1, max_length=500)
    folder: str


class CalculatedColumn(Column):
    """A column that QuickSight makes from others when it loads the rows."""

    expression: str = Field(min_length=1, max_length=4096)


class DataSetFile(_Part):
    """A file of `include/quicksight/data_sets/`."""

    name: str = Field(min_length=1, max_length=128)
    sql: str
    """The query, a file of `include/sql/`."""
    look_back: str
    """The date column by which an incremental refresh finds recent rows."""
    columns: Mapping[str, Column]
    calculated: Mapping[str, CalculatedColumn] = Field(default_factory=dict)
    folders: Mapping[str, str]
    """The folders of the columns in QuickSight's list of fields, and what they hold."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        twice = sorted(set(self.columns) & set(self.calculated))
        if twice:
            raise ValueError(f"has {', '.join(twice)} as column and as calculated field; rename one")
        for name, column in self.all_columns.items():
            if column.folder not in self.folders:
                raise ValueError(f"{name}: folder {column.folder!r} is not one of {', '.join(self.folders)}")
        if self.look_back not in self.columns or self.columns[self.look_back].type != "DATETIME":
            raise ValueError(f"look_back is {self.look_back!r}; name a DATETIME column of the query")
        return self

    @property
    def all_columns(self) -> dict[str, Column]:
        """The columns of the query, then the calculated ones."""
        return {**self.columns, **self.calculated}

    @property
    def types(self) -> dict[str, ColumnType]:
        """The type of every column."""
        return {name: column.type for name, column in self.all_columns.items()}


@cache
def data_set_files() -> Mapping[str, DataSetFile]:
    """The data sets by the names of their files: coverage, traffic.

    Raises:
        DefinitionError: naming the file and what is wrong in it.
    """
    return {path.stem: read_data_set(path) for path in sorted(FOLDER.glob("*.yaml"))}


def read_data_set(path: Path) -> DataSetFile:
    """One file, with the macros in its expressions filled in.

    Raises:
        DefinitionError: naming the file and what is wrong in it.
    """
    macros = {"service_name": expressions.service_name, "is_private": expressions.is_private}
    try:
        content: Any = yaml.safe_load(path.read_text())
        for column in content.get("calculated", {}).values():
            column["expression"] = _templates(path.parent).from_string(column["expression"]).render(macros)
        return DataSetFile.model_validate(content)
    except (yaml.YAMLError, jinja2.TemplateError, ValidationError, AttributeError, KeyError, TypeError) as error:
        raise DefinitionError(f"{path.name}: {error}") from error


def query(file: str, settings: Settings) -> str:
    """A query of `include/sql/` with the settings filled in, without its comments.

    QuickSight puts the query into others of its own, so nothing should depend on where its lines end.
    """
    text = _templates(INCLUDE / "sql").get_template(file).render(settings=lambda: settings)
    return "\n".join(line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("--"))


def physical_and_logical(data_set: DataSetFile, data_source_arn: str, sql: str) -> dict[str, Any]:
    """PhysicalTableMap, LogicalTableMap and FieldFolders of a data set.

    Args:
        data_set: its columns, calculated fields and descriptions.
        data_source_arn: what the query runs on.
        sql: the query.
    """
    transforms: list[dict[str, Any]] = [
        # One a step: a calculated field can be made of those before it.
        {"CreateColumnsOperation": {"Columns": [_calculated(name, column)]}}
        for name, column in data_set.calculated.items()
    ]
    transforms += [
        {"TagColumnOperation": {"ColumnName": name, "Tags": [{"ColumnDescription": {"Text": column.description}}]}}
        for name, column in data_set.all_columns.items()
    ]
    return {
        "PhysicalTableMap": {"query": _custom_sql("query", sql, data_source_arn, data_set.columns)},
        "LogicalTableMap": {
            "rows": {"Alias": "rows", "Source": {"PhysicalTableId": "query"}, "DataTransforms": transforms}
        },
        "FieldFolders": {
            folder: {
                "description": description,
                "columns": [name for name, column in data_set.all_columns.items() if column.folder == folder],
            }
            for folder, description in data_set.folders.items()
        },
    }


def _custom_sql(name: str, sql: str, data_source_arn: str, columns: Mapping[str, Column]) -> dict[str, Any]:
    listed = [{"Name": column_name, "Type": column.type} for column_name, column in columns.items()]
    return {"CustomSql": {"DataSourceArn": data_source_arn, "Name": name, "SqlQuery": sql, "Columns": listed}}


def _calculated(name: str, column: CalculatedColumn) -> dict[str, str]:
    # The id is the API's own to choose, but it has to stay the same for analyses that use the column.
    return {"ColumnName": name, "ColumnId": name, "Expression": column.expression}


@cache
def _templates(folder: Path) -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(folder)
    # SQL, and expressions, never HTML.
    return jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
