"""`make bench`: run every benchmark in a process of its own, then write docs/benchmarks.md."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.record import RESULTS, Result, write_page

BENCHMARKS = (
    "athena_scan",
    "arrival",
    "registration",
    "dag_parse",
    "day_to_report",
    "traffic",
    "page",
    "alarm_health",
    "search_export",
)


def main() -> int:
    """Run them all; 1 if one failed."""
    failed = []
    for name in BENCHMARKS:
        print(f"\n# {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"]).returncode:
            failed.append(name)
    files = [RESULTS / f"{name}.json" for name in BENCHMARKS if name not in failed]
    results = [Result(**json.loads(file.read_text())) for file in files]
    write_page(results, Path(__file__).parents[1] / "docs" / "benchmarks.md")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
