"""An Airflow of a test's own: it runs whole DAGs, in a process with a home and a database of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

_SERVE = """
import asyncio, json, os, sys, time

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # whatever else is printed goes to the log

# Between two looks at what nobody else changes there is nothing to wait for.
wait, wait_async = time.sleep, asyncio.sleep
time.sleep = lambda seconds: wait(min(seconds, 0.02))
asyncio.sleep = lambda seconds, *result: wait_async(min(seconds, 0.02), *result)

from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.dagbundle import DagBundleModel
from airflow.models.xcom import XComModel
from airflow.sdk.exceptions import ParamValidationError
from airflow.utils.db import initdb
from airflow.utils.session import create_session

exec(sys.argv[2])
initdb()
bag = DagBag(sys.argv[1])
assert not bag.import_errors, bag.import_errors
with create_session() as session:  # so that one DAG can trigger another
    session.merge(DagBundleModel(name="tests"))
sync_bag_to_db(bag, "tests", None)
params = {dag_id: dag.params.dump() for dag_id, dag in bag.dags.items()}

def run(dag_id, conf, environ):
    before = {name: os.environ.get(name) for name in environ}
    os.environ.update(environ)
    try:
        # Without a logical date, as runs by hand and by asset events are.
        # A run of `test` leaves its parameters in the DAG, so each run is given all of them.
        found = bag.dags[dag_id].test(run_conf={**params[dag_id], **conf}, logical_date=None)
    except ParamValidationError as error:
        return {"refused": str(error)}
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    with create_session() as session:
        stored = session.query(XComModel).filter(XComModel.run_id == found.run_id).all()
        xcoms = [[x.task_id, x.map_index, x.key, XComModel.deserialize_value(x)] for x in stored]
    states = [[ti.task_id, ti.map_index, ti.state, ti.try_number] for ti in found.get_task_instances()]
    return {"run_id": found.run_id, "state": found.state, "tasks": states, "xcoms": xcoms}

for line in sys.stdin:
    print(json.dumps(run(*json.loads(line))), file=answers, flush=True)
"""


@dataclass(frozen=True)
class Run:
    """What became of a run."""

    run_id: str
    state: str
    tasks: Mapping[tuple[str, int], str]
    """States by task and map index, which is -1 of a task that is not mapped."""
    tries: Mapping[tuple[str, int], int]
    xcoms: Mapping[tuple[str, int, str], Any]
    """By task, map index and key."""
    log: str
    """What the tasks logged."""

    def states(self, task_id: str) -> list[str]:
        """The states of a task's instances, in their order."""
        return [state for (task, _), state in sorted(self.tasks.items()) if task == task_id]

    def returned(self, task_id: str) -> list[Any]:
        """What a task's instances returned, in their order."""
        found = sorted(item for item in self.xcoms.items() if item[0][0] == task_id)
        return [value for (_, _, key), value in found if key == "return_value"]


class Refused(Exception):
    """Airflow makes no run of such parameters."""


class Airflow:
    """Runs DAGs when asked to."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log

    def run(self, dag_id: str, environ: Mapping[str, str] | None = None, **conf: Any) -> Run:
        """Run a DAG to its end, as triggered by hand with parameters.

        Args:
            dag_id: the DAG.
            environ: variables of the environment during this run.
            conf: the run's parameters.

        Raises:
            Refused: for parameters that Airflow does not take.
        """
        before = self._log.stat().st_size
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([dag_id, conf, dict(environ or {})]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        log = self._log.read_text()[before:]
        assert line, log[-5000:]
        answer = json.loads(line)
        if "refused" in answer:
            raise Refused(answer["refused"])
        return Run(
            run_id=answer["run_id"],
            state=answer["state"],
            tasks={(task, index): state for task, index, state, _ in answer["tasks"]},
            tries={(task, index): tries for task, index, _, tries in answer["tasks"]},
            xcoms={(task, index, key): value for task, index, key, value in answer["xcoms"]},
            log=log,
        )


@contextlib.contextmanager
def running_airflow(
    home: Path, dag_files: Path | Sequence[Path], environ: Mapping[str, str], *, prepare: str = ""
) -> Iterator[Airflow]:
    """An Airflow that knows the DAGs of some files. It starts while the caller goes on.

    Args:
        home: a folder of its own.
        dag_files: the DAGs.
        environ: more variables of its environment.
        prepare: Python that runs before the DAGs are loaded.
    """
    dags = home / "dags"
    dags.mkdir(parents=True)
    for file in [dag_files] if isinstance(dag_files, Path) else dag_files:
        (dags / file.name).symlink_to(file)
    log = home / "output.log"
    everything = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "PYTHONPATH": str(ROOT / "plugins"),
        **environ,
    }
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, str(dags), prepare],
            env=everything, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True,
        )  # fmt: skip
    try:
        yield Airflow(process, log)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)
