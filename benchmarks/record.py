"""How a benchmark says what it measured: one JSON file a benchmark, all of them one page in docs/."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass
class Result:
    """The figures of one benchmark, measured in one run.

    `rows` are what was compared, one mapping of column name to text each; `ratios` are what the claims rest
    on, each with its goal in words where there is one.
    """

    name: str
    title: str
    what: str
    rows: Sequence[dict[str, str]]
    ratios: Sequence[str] = field(default_factory=tuple)

    def save(self) -> None:
        """Print the table and keep it for the page."""
        print(self.as_markdown())
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{self.name}.json").write_text(json.dumps(asdict(self), indent=1))

    def as_markdown(self) -> str:
        """A section of the page."""
        columns = list(self.rows[0])
        lines = [f"## {self.title}", "", self.what, "", "| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
        lines += ["| " + " | ".join(row[column] for column in columns) + " |" for row in self.rows]
        lines += ["", *(f"- {ratio}" for ratio in self.ratios)]
        return "\n".join(lines) + "\n"


def write_page(results: Sequence[Result], page: Path) -> None:
    """All results as one Markdown page, with the machine they were measured on."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    head = (
        "# Benchmarks\n\n"
        f"Written by `make bench` on {datetime.now(UTC).date()} ({machine}). Seconds are medians; what counts are "
        "the ratios, measured in one run against the named baseline.\n\n"
    )
    page.write_text(head + "\n".join(result.as_markdown() for result in results))
