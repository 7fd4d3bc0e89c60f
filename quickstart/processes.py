"""Processes that live as long as the run: started with a log file each, all ended at its end."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol

import psutil


class Watched(Protocol):
    """Processes that somebody watches."""

    def ended(self) -> str | None:
        """The name of one that ended by itself; None while all run."""


class Processes:
    """The processes of one run; leaving the context ends them and everything they started.

    Airflow's standalone leaves its scheduler and workers alive when it is told to stop, so descendants are
    found by process id, not trusted to go.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Processes:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start a process in a group of its own (so that Ctrl-C reaches us alone); its output goes to a log."""
        with self.log(name).open("wb") as log:
            self._started[name] = subprocess.Popen(
                command, env=dict(environ), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def log(self, name: str) -> Path:
        """The file with the process's output."""
        return self._logs / f"{name}.log"

    def ended(self) -> str | None:
        """The name of a process that ended by itself, with its exit code; None while all run."""
        for name, process in self._started.items():
            if process.poll() is not None:
                return f"{name} (exit code {process.returncode}; see {self.log(name)})"
        return None

    def stop(self, grace_seconds: float = 15.0) -> None:
        """End every process and its descendants: politely, in reverse order, then by force."""
        for process in reversed(self._started.values()):
            family = _family(process.pid)
            for member in reversed(family):
                _signal(member, force=False)
            _, alive = psutil.wait_procs(family, timeout=grace_seconds)
            for member in alive:
                _signal(member, force=True)
            process.wait()
        self._started.clear()


def _family(pid: int) -> list[psutil.Process]:
    """The process, its descendants, and orphans of its session (children whose parent is gone)."""
    family = []
    for candidate in psutil.process_iter():
        try:
            in_session = os.getsid(candidate.pid) == pid
        except ProcessLookupError:
            continue
        if in_session:
            family.append(candidate)
    try:
        for child in psutil.Process(pid).children(recursive=True):
            if child not in family:
                family.append(child)
    except psutil.NoSuchProcess:
        pass
    return family


def _signal(process: psutil.Process, *, force: bool) -> None:
    try:
        if force:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        pass


def wait_until(ready: object, processes: Watched, what: str, timeout_seconds: float = 120.0) -> float:
    """Call `ready` until it returns something true; the seconds that took.

    Raises:
        RuntimeError: when a process ends meanwhile, or the time is over.
    """
    assert callable(ready)
    started = time.monotonic()
    while time.monotonic() - started < timeout_seconds:
        if ready():
            return time.monotonic() - started
        if ended := processes.ended():
            raise RuntimeError(f"{what} did not come up: {ended}")
        time.sleep(0.3)
    raise RuntimeError(f"{what} did not come up within {timeout_seconds:.0f} s")
