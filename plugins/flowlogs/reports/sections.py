"""Sections of the report: one SQL file each in `include/sql/reports/`, whose header says all there is to know of it.

A header is YAML in the file's first comment:

    /*
    title: Repeated HTTP attempts
    group: detections
    order: 10
    severity: medium
    description: What it means to the person on call, and what to do.
    thresholds: {attempts: 3, seconds: 300}
    chart: {type: bars, x: hour, y: flows}
    columns:
      who: {label: Source, kind: address}
      …
    */
    SELECT …

To add a section is to add a file. A threshold can be set by `reports.thresholds.<section>.<name>` of the settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Group = Literal["traffic", "detections", "health"]
Severity = Literal["info", "low", "medium", "high", "critical"]
Kind = Literal["text", "number", "bytes", "share", "time", "day", "address", "port", "protocol", "interface"]
Threshold = int | float | tuple[int, ...] | tuple[str, ...]

GROUPS: Final[tuple[Group, ...]] = ("traffic", "detections", "health")
"""In the order of the page."""
SEVERITIES: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low", "info")
FINDING_COLUMNS: Final = ("who", "what", "first_seen", "last_seen", "amount")
"""The columns that a detection's rows begin with."""

_HEADER = re.compile(r"\A\s*/\*(.*?)\*/", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class SectionError(ValueError):
    """A section's file that is no section, with what is wrong."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Part):
    """A column of the result: how people call it and how its values are shown."""

    label: str = Field(min_length=1)
    kind: Kind = "text"


class Chart(_Part):
    """How the result is drawn: `x` and `y` are columns; `series` is one by whose values bars or lines are split;
    a heat map has the column of its rows as `series`.
    """

    type: Literal["bars", "stacked_bars", "line", "heatmap"]
    x: str
    y: str
    series: str | None = None


class Section(_Part):
    """One query of the report."""

    name: str
    title: str = Field(min_length=1, max_length=80)
    group: Group
    order: int
    severity: Severity | None = None
    """Of its findings; a detection has one, other sections do not."""
    description: str = Field(min_length=20)
    thresholds: Mapping[str, Threshold] = Field(default_factory=dict)
    chart: Chart | None = None
    columns: Annotated[Mapping[str, Column], Field(min_length=1)]
    editions: tuple[Literal["daily", "weekly", "monthly"], ...] = ("daily", "weekly", "monthly")

    @property
    def is_detection(self) -> bool:
        """Whether its rows are findings."""
        return self.group == "detections"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.is_detection and self.severity is None:
            raise ValueError(f"a detection needs a severity: {', '.join(SEVERITIES)}")
        if not self.is_detection and self.severity is not None:
            raise ValueError("only a detection has a severity")
        if self.is_detection and tuple(self.columns)[: len(FINDING_COLUMNS)] != FINDING_COLUMNS:
            raise ValueError(f"a detection's columns begin with {', '.join(FINDING_COLUMNS)}")
        drawn = [] if self.chart is None else [self.chart.x, self.chart.y, self.chart.series]
        unknown = [name for name in drawn if name is not None and name not in self.columns]
        if unknown:
            raise ValueError(f"the chart draws {', '.join(unknown)}, which the columns do not name")
        for name in self.thresholds:
            if not _NAME.fullmatch(name):
                raise ValueError(f"threshold {name!r} is no name: lower-case letters, digits and _")
        return self

    def with_thresholds(self, changes: Mapping[str, Threshold]) -> dict[str, Threshold]:
        """The thresholds with those of the settings.

        Raises:
            SectionError: for one that the section does not have, or of another type.
        """
        for name, value in changes.items():
            if name not in self.thresholds:
                raise SectionError(
                    f"section {self.name} has no threshold {name!r}; it has {', '.join(self.thresholds) or 'none'}"
                )
            if isinstance(value, tuple) != isinstance(self.thresholds[name], tuple):
                raise SectionError(f"threshold {name!r} of section {self.name} is {self.thresholds[name]!r} by default")
        return {**self.thresholds, **changes}


def read_section(path: Path) -> Section:
    """The section of an SQL file.

    Raises:
        SectionError: naming the file and everything that is wrong with its header.
    """
    if not _NAME.fullmatch(path.stem):
        raise SectionError(f"{path.name}: a section's name has lower-case letters, digits and _")
    header = _HEADER.match(path.read_text())
    if header is None:
        raise SectionError(f"{path.name} does not begin with a comment that holds its header")
    try:
        values: Any = yaml.safe_load(header[1])
    except yaml.YAMLError as error:
        raise SectionError(f"{path.name}: the header is no YAML: {error}") from error
    if not isinstance(values, dict):
        raise SectionError(f"{path.name}: the header is no mapping of title, group, …")
    try:
        return Section(name=path.stem, **values)
    except (ValidationError, TypeError) as error:
        raise SectionError(f"{path.name}: {_in_words(error)}") from error


def read_sections(folder: Path) -> tuple[Section, ...]:
    """All sections, in the order of the page.

    Raises:
        SectionError: as `read_section`.
    """
    sections = [read_section(path) for path in sorted(folder.glob("*.sql"))]
    return tuple(sorted(sections, key=lambda section: (GROUPS.index(section.group), section.order, section.name)))


def _in_words(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return str(error)
    return "; ".join(f"{'.'.join(map(str, found['loc'])) or 'header'}: {found['msg']}" for found in error.errors())
