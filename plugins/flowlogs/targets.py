"""Targets: the accounts and regions of a source, written out or read from a CSV file."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flowlogs.regions import REGIONS, unknown_region

ACCOUNT_PATTERN: Final = r"[0-9]{12}"
ANY: Final = "*"

_TARGET = re.compile(rf"({ACCOUNT_PATTERN})/([^/\s*]+)", re.ASCII)
_EXCLUSION = re.compile(rf"({ACCOUNT_PATTERN}|\*)/([^/\s*]+|\*)", re.ASCII)
_PROBLEMS_SHOWN = 5


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One account and region of a source."""

    source: str
    account: str
    region: str

    def __str__(self) -> str:
        """`source/account/region`, as shown to people and as a key in results."""
        return f"{self.source}/{self.account}/{self.region}"


AccountRegion = tuple[str, str]


def parse_targets(written: Sequence[str], regions: Collection[str] = REGIONS) -> tuple[AccountRegion, ...]:
    """Accounts and regions of texts like `111122223333/us-east-1`.

    Raises:
        ValueError: names the first few that are not of that form, or whose region is not among `regions`.
    """
    return _parsed(written, _TARGET, regions, "write account/region, such as '111122223333/us-east-1'")


def parse_exclusions(written: Sequence[str], regions: Collection[str] = REGIONS) -> tuple[AccountRegion, ...]:
    """As `parse_targets`, where either side may be `*` for any.

    Raises:
        ValueError: as `parse_targets`; `*/*` is refused, because it leaves nothing.
    """
    exclusions = _parsed(
        written, _EXCLUSION, regions, "write account/region, where one of them may be *, such as '*/us-east-1'"
    )
    if (ANY, ANY) in exclusions:
        raise ValueError("'*/*' excludes everything; remove the source instead")
    return exclusions


def account_region(written: str) -> AccountRegion:
    """The account and region of a text that `parse_targets` or `parse_exclusions` accepted."""
    account, _, region = written.partition("/")
    return account, region


def without(targets: Iterable[AccountRegion], exclusions: Iterable[AccountRegion]) -> Iterator[AccountRegion]:
    """The targets that no exclusion matches, in order."""
    excluded = frozenset(exclusions)
    for account, region in targets:
        if excluded.isdisjoint(((account, region), (account, ANY), (ANY, region))):
            yield account, region


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What changes when a file is written anew."""

    modified_ns: int
    size: int

    @classmethod
    def of(cls, path: Path) -> FileStamp | None:
        """The stamp of a file as it is now; None when it is not there."""
        try:
            status = path.stat()
        except OSError:
            return None
        return cls(status.st_mtime_ns, status.st_size)


@dataclass(frozen=True, slots=True)
class TargetsFile:
    """A CSV file of targets as it was read."""

    path: Path
    stamp: FileStamp
    targets: tuple[AccountRegion, ...]


def read_targets_file(path: Path, regions: Collection[str] = REGIONS) -> TargetsFile:
    """Read a CSV file whose header has the columns `account` and `region`; further columns are the team's own.

    Empty lines, and lines that begin with `#`, are passed over.

    Raises:
        ValueError: when the file cannot be read, lacks the columns, or has rows that name no target; with the line
            numbers of the first few.
    """
    try:
        status = path.stat()
        with path.open(encoding="utf-8-sig", newline="") as file:
            targets = _read_rows(file, regions)
    except OSError as error:
        raise ValueError(
            f"cannot be read ({error.strerror}: {path}); the path is taken from the settings file's folder"
        ) from error
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text ({path}); save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise ValueError(f"is not CSV ({error}: {path}); write lines of account,region") from error
    return TargetsFile(path, FileStamp(status.st_mtime_ns, status.st_size), targets)


def _read_rows(lines: Iterable[str], regions: Collection[str]) -> tuple[AccountRegion, ...]:
    numbers: list[int] = []

    def counted() -> Iterator[str]:
        for number, line in enumerate(lines, start=1):
            if line.strip() and not line.startswith("#"):
                numbers.append(number)
                yield line

    rows = csv.reader(counted())
    header = [name.strip().lower() for name in next(rows, [])]
    if "account" not in header or "region" not in header:
        raise ValueError(
            f"has the header {','.join(header)!r}; its first line must name the columns account and region"
        )
    account_at, region_at = header.index("account"), header.index("region")
    written: list[str] = []
    at_line: list[int] = []
    for row in rows:
        cells = [*row, *[""] * (len(header) - len(row))]
        written.append(f"{cells[account_at].strip()}/{cells[region_at].strip()}")
        at_line.append(numbers[-1])
    if not written:
        raise ValueError("has no rows below its header; add account,region lines")
    form = "each row holds a 12-digit account and a region"
    return _parsed(written, _TARGET, regions, form, [f"line {number}" for number in at_line])


def _parsed(
    written: Sequence[str],
    pattern: re.Pattern[str],
    regions: Collection[str],
    form: str,
    places: Sequence[str] | None = None,
) -> tuple[AccountRegion, ...]:
    matches = [pattern.fullmatch(text) for text in written]
    known = {*regions, ANY}
    problems = []
    first_place: dict[str, int] = {}
    for place, (text, match) in enumerate(zip(written, matches, strict=True)):
        if match is None:
            problems.append((place, f"{text!r} is not a target; {form}"))
        elif match[2] not in known:
            problems.append((place, unknown_region(match[2], regions)))
        elif first_place.setdefault(text, place) != place:
            problems.append((place, f"{text!r} stands twice; remove one"))
    if problems:
        shown = [f"{places[place] if places else f'[{place}]'}: {text}" for place, text in problems[:_PROBLEMS_SHOWN]]
        more = len(problems) - len(shown)
        raise ValueError("; ".join(shown) + (f"; and {more} more" if more else ""))
    return tuple((match[1], match[2]) for match in matches if match is not None)
