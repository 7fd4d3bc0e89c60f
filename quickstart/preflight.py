"""What must hold before anything is started; each failure says what to do about it."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

NEEDED_BYTES = 2 * 1024**3
"""Environments are installed already; state, logs and sample data of a week take well under this."""


class NotReady(Exception):
    """Something on this machine is in the way; the message says what, and the way out."""


def check_ports(**ports: int) -> None:
    """Every port must be free.

    Args:
        ports: what would listen there -> the port.

    Raises:
        NotReady: naming each port that is taken and the setting that chooses another.
    """
    taken = [f"{port} (for {name})" for name, port in ports.items() if not _is_free(port)]
    if taken:
        raise NotReady(
            f"in use on this machine: port {', '.join(taken)}. Stop what listens there (another `make run`?), "
            "or choose other ports: make run PORT=4570 AIRFLOW_PORT=8090"
        )


def check_disk(folder: Path) -> None:
    """There must be room for the run's state below `folder`.

    Raises:
        NotReady: with the space found and the space needed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise NotReady(
            f"{folder} has {free / 1024**3:.1f} GiB free, {NEEDED_BYTES / 1024**3:.0f} GiB are needed: "
            "make room (`make clean` removes earlier runs' state)"
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
