"""`python -m local_aws.traffic`: write days of flow logs into a folder or a bucket; `live` and `probe`: a log group."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from . import live_commands
from .defects import DEFECTS
from .fields import DEFAULT_LOG_FORMAT
from .manifest import DayTotals, Manifest
from .plan import DELIVERIES, FILE_FORMATS, LAYOUTS, Target, TrafficPlan, each_target
from .scenes import KINDS
from .sinks import FolderSink, S3Sink, Sink
from .write import write_traffic

WRONG_ARGUMENT, FAILED, INTERRUPTED = 2, 1, 130
"""Exit codes; 2 is argparse's."""

_DEFAULTS = TrafficPlan(days=(date(2000, 1, 1),))


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, write the files and the manifest, print a summary; the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in live_commands.COMMANDS:
        return live_commands.main(given)
    parser = _parser()
    options = parser.parse_args(given)
    try:
        plan = _plan(options)
        if options.workers < 1:
            raise ValueError(f"workers {options.workers}: at least 1")
    except ValueError as error:
        parser.error(str(error))
    try:
        _write(plan, options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # an endpoint's or a file system's, of many kinds
        print(f"{parser.prog}: {_place(options)}: {error}", file=sys.stderr)
        return FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local_aws.traffic",
        usage="%(prog)s --days DAY … (--folder DIR | --bucket NAME [--endpoint-url URL]) [--manifest FILE] …",
        description="Days of VPC flow log files as AWS delivers them, with planted incidents and a list of them.",
        epilog="The same arguments give the same bytes. Everything is explained in docs/traffic.md. As time passes, "
        "into a CloudWatch Logs log group: `live --help` and `probe --help`.",
    )
    what = parser.add_argument_group("what is logged")
    what.add_argument(
        "--days", nargs="+", required=True, metavar="DAY", help="UTC days: 2026-11-20, or 2026-11-18..2026-11-20"
    )
    what.add_argument("--accounts", nargs="+", metavar="ACCOUNT", help="accounts of 12 digits (123456789012)")
    what.add_argument("--regions", nargs="+", metavar="REGION", help="each account's regions (us-east-1)")
    what.add_argument(
        "--targets", nargs="+", metavar="ACCOUNT/REGION", help="in place of --accounts and --regions: single targets"
    )
    what.add_argument("--records-per-day", type=int, metavar="N", help="about so many records a target and day")
    what.add_argument("--interfaces", type=int, metavar="N", help="network interfaces of a target")
    what.add_argument("--aggregation-seconds", type=int, metavar="N", help="60 or 600")
    what.add_argument("--seed", type=int, metavar="N", help="another number, other traffic")
    files = parser.add_argument_group("how it is filed")
    files.add_argument("--layout", choices=LAYOUTS, help="folders of the keys")
    files.add_argument("--format", choices=FILE_FORMATS, dest="file_format", help="of the files")
    files.add_argument("--log-format", metavar="FIELDS", help=f"'${{version}} …'; the default is {DEFAULT_LOG_FORMAT}")
    files.add_argument("--prefix", help="what stands before AWSLogs/ in the keys, ending in a slash")
    files.add_argument("--flow-logs", type=int, metavar="N", help="flow log ids a target")
    files.add_argument("--file-minutes", type=int, metavar="N", help="between two files of a flow log")
    planted = parser.add_argument_group("what is planted")
    planted.add_argument(
        "--incidents", nargs="+", metavar="KIND", default=["all"], help=f"all, none, or of {', '.join(KINDS)}"
    )
    planted.add_argument("--incident-every", type=int, metavar="DAYS", help="between two of a kind on one target")
    planted.add_argument("--late-files", type=int, metavar="N", help="files of a target's day that come late")
    planted.add_argument("--lateness-minutes", type=int, metavar="N", help="how late")
    planted.add_argument("--deliver", choices=DELIVERIES, help="everything, what came on time, or the late files")
    planted.add_argument(
        "--defects",
        nargs="+",
        metavar="DEFECT",
        default=["none"],
        help=f"all that the format can have, none, or of {', '.join(DEFECTS)}",
    )
    where = parser.add_argument_group("where it goes")
    place = where.add_mutually_exclusive_group(required=True)
    place.add_argument("--folder", type=Path, metavar="DIR", help="a folder in place of a bucket")
    place.add_argument("--bucket", metavar="NAME", help="an S3 bucket; it is made when it is missing")
    where.add_argument("--endpoint-url", metavar="URL", help="of S3, when it is not AWS's own")
    where.add_argument("--bucket-region", metavar="REGION", default="us-east-1", help="(%(default)s)")
    where.add_argument("--manifest", type=Path, metavar="FILE", help="write what was written and planted, as JSON")
    where.add_argument("--workers", type=int, metavar="N", default=1, help="processes (%(default)s)")
    return parser


def _plan(options: argparse.Namespace) -> TrafficPlan:
    """The plan of the options; what is not given has the plan's default."""
    names = [*TrafficPlan.__dataclass_fields__.keys() & vars(options).keys() - {"days", "incidents", "defects"}]
    given: dict[str, Any] = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    possible = [name for name, defect in DEFECTS.items() if defect.possible_in(options.file_format or "text")]
    return TrafficPlan(
        **given
        | {
            "days": tuple(day for text in options.days for day in _days(text)),
            "targets": _targets(options),
            "incidents": _chosen("incidents", options.incidents, KINDS),
            "defects": _chosen("defects", options.defects, possible),
        }
    )


def _days(text: str) -> list[date]:
    first, dots, last = text.partition("..")
    try:
        begin = date.fromisoformat(first)
        end = date.fromisoformat(last) if dots else begin
    except ValueError:
        raise ValueError(f"--days {text!r}: write YYYY-MM-DD, or YYYY-MM-DD..YYYY-MM-DD for all between") from None
    if end < begin:
        raise ValueError(f"--days {text!r}: the last day is before the first; write the earlier one first")
    return [begin + timedelta(days=i) for i in range((end - begin).days + 1)]


def _targets(options: argparse.Namespace) -> tuple[Target, ...]:
    if not options.targets:
        default = _DEFAULTS.targets[0]
        return each_target(options.accounts or [default.account], options.regions or [default.region])
    if options.accounts or options.regions:
        raise ValueError("--targets names accounts and regions already: leave --accounts and --regions out")
    for text in options.targets:
        if not re.fullmatch(r"[^/]+/[^/]+", text):
            raise ValueError(f"--targets {text!r}: write account/region, such as 123456789012/us-east-1")
    return tuple(Target(*text.split("/")) for text in options.targets)


def _chosen(what: str, names: Sequence[str], all_names: Sequence[str]) -> tuple[str, ...]:
    if names in (["all"], ["none"]):
        return tuple(all_names) if names == ["all"] else ()
    for name in ("all", "none"):
        if name in names:
            raise ValueError(f"--{what} {' '.join(names)}: {name!r} stands alone")
    return tuple(names)


def _place(options: argparse.Namespace) -> str:
    if options.folder:
        return f"folder {options.folder}"
    return f"bucket {options.bucket} at {options.endpoint_url or 'AWS'}"


def _write(plan: TrafficPlan, options: argparse.Namespace) -> None:
    sink: Sink
    if options.folder:
        sink = FolderSink(options.folder)
    else:
        sink = S3Sink(options.bucket, options.endpoint_url, options.bucket_region)
        sink.ensure_bucket()
    progress = ProgressLine(sys.stderr.isatty())
    try:
        manifest = write_traffic(plan, sink, workers=options.workers, progress=progress)
    finally:
        progress.end()
    if options.manifest:
        options.manifest.parent.mkdir(parents=True, exist_ok=True)
        options.manifest.write_text(manifest.as_json())
    print(_summary(manifest, progress.seconds, _place(options)))


class ProgressLine:
    """How far the work is, on standard error: in place on a terminal, else a line every two seconds."""

    def __init__(self, on_terminal: bool) -> None:
        self._on_terminal = on_terminal
        self._started = self._told = time.monotonic()
        self._records = 0
        self._shown = False

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._started

    def __call__(self, totals: DayTotals, part_done: float) -> None:
        """A block was written."""
        self._records += totals.records
        now = time.monotonic()
        if now - self._told < (0.2 if self._on_terminal else 2):
            return
        self._told, self._shown = now, True
        line = f"{part_done:4.0%}  {self._records:,} records  {self.seconds:.0f} s"
        print(f"\r{line}\033[K" if self._on_terminal else line, end="" if self._on_terminal else "\n", file=sys.stderr)
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._shown and self._on_terminal:
            print(file=sys.stderr)


def _summary(manifest: Manifest, seconds: float, place: str) -> str:
    records = manifest.total("records") + manifest.total("defective_records")
    near_misses = sum(planted.near_miss for planted in manifest.planted)
    lines = [
        f"{manifest.total('files'):,} files, {records:,} records, {manifest.total('size'):,} bytes in {seconds:.1f} s "
        f"({records / max(seconds, 1e-9):,.0f} records/s): {place}",
        f"planted: {len(manifest.planted) - near_misses} incidents, {near_misses} near misses; "
        f"{len(manifest.late)} late files, {len(manifest.defects)} files with defects",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
