"""Seconds to parse the DAG files with 2,500 targets, against the same files with one.

Each parse is what Airflow's DAG processor does: a new process, forked from one that has Airflow imported, executes
the file and serialises its DAGs. Nothing is cached between parses.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from pathlib import Path

import yaml

from benchmarks.record import Result

ROOT = Path(__file__).parents[1]
TARGETS = 2_500
RUNS = 7
REGIONS = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "ap-northeast-2")


def main() -> None:
    """Parse every file with few and with many targets, in turns; save the figures."""
    with tempfile.TemporaryDirectory() as scratch:
        state = Path(scratch)
        os.environ["AIRFLOW_HOME"] = str(state / "airflow")
        os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
        os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"
        import airflow.dag_processing.dagbag
        import airflow.serialization.serialized_objects  # noqa: F401  the processor has both imported

        few, many = _settings(state / "few", 1), _settings(state / "many", TARGETS)
        rows, ratios = [], []
        for file in sorted((ROOT / "dags").glob("*.py")):
            seconds: dict[Path, list[float]] = {few: [], many: []}
            sizes: dict[Path, int] = {}
            for _ in range(RUNS):
                for settings in (few, many):
                    parsed, sizes[settings] = _parse(file, settings)
                    seconds[settings].append(parsed)
            medians = {settings: statistics.median(found) for settings, found in seconds.items()}
            rows += [
                {
                    "DAG file": file.name,
                    "targets": f"{targets:,}",
                    "milliseconds": f"{medians[settings] * 1000:.0f}",
                    "serialised bytes": f"{sizes[settings]:,}",
                }
                for targets, settings in ((1, few), (TARGETS, many))
            ]
            ratios.append(
                f"{file.name}: {medians[many] / medians[few]:.2f} times the seconds and "
                f"{sizes[many] / sizes[few]:.2f} times the bytes of one target"
            )
    Result(
        name="dag_parse",
        title="DAG parse time",
        what=f"Each DAG file parsed and serialised in a process of its own with Airflow imported, medians of {RUNS} "
        f"turns; {TARGETS:,} targets of one source from a CSV file against one target. The targets never become "
        "tasks, so the DAG stays as small.",
        rows=rows,
        ratios=ratios,
    ).save()


def _parse(file: Path, settings: Path) -> tuple[float, int]:
    """Seconds to parse a DAG file in a forked process, and the bytes of what Airflow stores of it."""
    receiver, sender = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_parse_here, args=(file, settings, sender))
    process.start()
    seconds, size = receiver.recv()
    process.join()
    return float(seconds), int(size)


def _parse_here(file: Path, settings: Path, sender: multiprocessing.connection.Connection) -> None:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization

    os.environ["FLOWLOGS_CONFIG"] = str(settings)
    started = time.perf_counter()
    bag = DagBag(str(file), bundle_path=file.parent)
    stored = [DagSerialization.to_dict(dag) for dag in bag.dags.values()]
    seconds = time.perf_counter() - started
    assert not bag.import_errors, bag.import_errors
    assert stored, f"no DAG in {file}"
    sender.send((seconds, len(json.dumps(stored))))


def _settings(folder: Path, targets: int) -> Path:
    folder.mkdir()
    with (folder / "targets.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("account", "region"))
        writer.writerows(
            (f"{100_000_000_000 + n // len(REGIONS):012d}", REGIONS[n % len(REGIONS)]) for n in range(targets)
        )
    path = folder / "flowlogs.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                "environment": "benchmark",
                "athena": {"output_location": "s3://lake/athena/"},
                "lake": {"bucket": "lake"},
                "sources": [{"name": "network", "bucket": "logs", "targets_file": "targets.csv"}],
            }
        )
    )
    return path


if __name__ == "__main__":
    main()
