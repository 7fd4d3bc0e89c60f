"""The report's sections as they stand in `include/sql/reports/`, read once a process."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from flowlogs.include_folder import INCLUDE
from flowlogs.reports.period import Edition, Period
from flowlogs.reports.sections import Section, SectionError, read_sections
from flowlogs.settings import Settings

FOLDER: Final = INCLUDE / "sql" / "reports"


@cache
def all_sections() -> tuple[Section, ...]:
    """Every section, in the order of the page.

    Raises:
        SectionError: for a file that is no section.
    """
    return read_sections(FOLDER)


def section_named(name: str) -> Section:
    """The section of a name.

    Raises:
        SectionError: naming those there are.
    """
    for section in all_sections():
        if section.name == name:
            return section
    raise SectionError(f"no section {name!r}; there are {', '.join(section.name for section in all_sections())}")


def sections_of(edition: Edition) -> tuple[Section, ...]:
    """The sections of an edition, in the order of the page.

    Raises:
        SectionError: as `all_sections`.
    """
    return tuple(section for section in all_sections() if edition in section.editions)


def planned_sections(settings: Settings, period: Period, names: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What the mapped task of a report's queries takes: a file and its parameters for each section.

    Args:
        settings: thresholds and the number of rows.
        period: the days.
        names: only these sections; all of the edition without.

    Raises:
        SectionError: for a section or a threshold that is none.
    """
    chosen = [section_named(name) for name in dict.fromkeys(names)] or sections_of(period.edition)
    for name in settings.reports.thresholds:
        section_named(name)
    return [
        {
            "query": f"reports/{section.name}.sql",
            "params": {
                "section": section.name,
                "first": period.first.isoformat(),
                "last": period.last.isoformat(),
                "baseline_first": period.baseline_first.isoformat(),
                "limit": settings.reports.max_rows,
                "thresholds": {
                    name: list(value) if isinstance(value, tuple) else value
                    for name, value in section.with_thresholds(
                        settings.reports.thresholds.get(section.name, {})
                    ).items()
                },
            },
        }
        for section in chosen
    ]
