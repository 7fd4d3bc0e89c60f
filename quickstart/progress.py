"""What a person watching the run sees: one line a step, with its seconds; a moving line while it lasts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

_NARROWEST = 120

console = Console(highlight=False)
if not console.is_terminal:
    # What goes to a file or a CI log has no width of its own; tables shall not be cut there.
    console.width = _NARROWEST


class Step:
    """One step of the run; `note` is shown while it lasts and behind its name when it is done."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.note = ""
        self._started = time.monotonic()
        self._told = 0.0

    @property
    def seconds(self) -> float:
        """Since the step began."""
        return time.monotonic() - self._started

    def tell(self, note: str) -> None:
        """Show how far the step is: in place on a terminal, a line every 15 seconds in a log."""
        self.note = note
        if console.is_terminal:
            console.print(f"  … {self.name}: {note} ({self.seconds:.0f} s)\033[K", end="\r")
        elif self.seconds - self._told >= 15:
            self._told = self.seconds
            console.print(f"  … {self.name}: {note} ({self.seconds:.0f} s)")


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Announce a step, and its end with the seconds it took."""
    current = Step(name)
    if console.is_terminal:
        console.print(f"  … {name}\033[K", end="\r")
    try:
        yield current
    except BaseException:
        console.print(f"  [red]✗[/] {name}\033[K" if console.is_terminal else f"  ✗ {name}")
        raise
    note = f": {current.note}" if current.note else ""
    clear = "\033[K" if console.is_terminal else ""
    console.print(f"  [green]✓[/] {name}{note} [dim]({current.seconds:.1f} s)[/]{clear}")
