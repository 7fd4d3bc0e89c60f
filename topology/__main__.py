"""`python -m topology`: what `make topology` and `make kills` do."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

import httpx

from quickstart.environment import Addresses
from quickstart.pipeline import RunsFailed
from quickstart.preflight import free_port
from quickstart.progress import console
from topology.backfill import backfill, last_days, prepare
from topology.compose import ROOT, ComposeError
from topology.kills import experiment
from topology.servers import MissingServer
from topology.stack import Stack


def main() -> int:
    """Bring the stack up and backfill some days through it, undisturbed or with kills; 0 when all is as it should be."""
    parser = argparse.ArgumentParser(prog="make topology")
    parser.add_argument("--days", type=int, default=2, help="how many complete days, up to yesterday (UTC)")
    parser.add_argument(
        "--kills", type=int, default=0, help="so many kills -9, in a second stack, compared with the first"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the moments and the victims of the kills")
    parser.add_argument("--page", type=Path, help="where to write what the kills led to")
    parser.add_argument("--state", type=Path, default=ROOT / ".run" / "topology", help="folder of all state and logs")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    shutil.rmtree(arguments.state, ignore_errors=True)
    state = arguments.state.resolve()
    try:
        if arguments.kills:
            return experiment(state, last_days(arguments.days), arguments.kills, arguments.seed, arguments.page)
        undisturbed(state, arguments.days)
    except KeyboardInterrupt:
        console.print("stopped")
        return 130
    except (MissingServer, ComposeError, RunsFailed, RuntimeError, OSError, httpx.HTTPError) as error:
        console.print(f"[red]make topology:[/] {error}")
        return 1
    return 0


def undisturbed(state: Path, count: int) -> None:
    """One backfill on a new stack."""
    days = last_days(count)
    console.print(f"[bold]The services of docker-compose.yaml as processes[/], days {days[0]} to {days[-1]}")
    stack = Stack(state, Addresses(free_port(), free_port()))
    with stack.running():
        backfill(stack, prepare(stack, days), days)


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
