"""What arrived of a day, target by target: the arrival sensor's result, small enough for XCom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from flowlogs.targets import Target

Status = Literal["complete", "partial", "missing"]

COMPLETE: Final[Status] = "complete"
"""Every flow log of the target reached the day's end, and nothing new came for a while."""
PARTIAL: Final[Status] = "partial"
"""There are files, but not all that are expected."""
MISSING: Final[Status] = "missing"
"""There is no file."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Why a target's day is not complete."""

    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """A day's targets: how many there are, and those that are not complete. With thousands of targets, most of which
    are complete on most days, only the others are worth their bytes in XCom.
    """

    day: date
    targets: int
    incomplete: Mapping[Target, Incomplete] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether every target is complete."""
        return not self.incomplete

    def status_of(self, target: Target) -> Status:
        """The status of one of the day's targets."""
        found = self.incomplete.get(target)
        return COMPLETE if found is None else found.status

    def reason_of(self, target: Target) -> str:
        """Why one of the day's targets is not complete; empty when it is."""
        found = self.incomplete.get(target)
        return "" if found is None else found.reason

    def summary(self) -> str:
        """One line for people: how many are complete, and the first that are not, with the reason."""
        done = f"{self.day}: {self.targets - len(self.incomplete)} of {self.targets} targets complete"
        if self.is_complete:
            return done
        counts = Counter(found.status for found in self.incomplete.values())
        kinds = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        return f"{done}; {kinds}: {in_words(self.incomplete)}"

    def to_json(self) -> dict[str, Any]:
        """A mapping that JSON can hold."""
        return {
            "day": self.day.isoformat(),
            "targets": self.targets,
            "incomplete": [
                [target.source, target.account, target.region, found.status, found.reason]
                for target, found in sorted(self.incomplete.items())
            ],
        }

    @classmethod
    def from_json(cls, text: Mapping[str, Any]) -> Coverage:
        """The coverage that `to_json` wrote.

        Raises:
            ValueError: when it is something else.
        """
        try:
            rows: Sequence[Sequence[Any]] = text["incomplete"]
            incomplete = {
                Target(source, account, region): Incomplete(status, reason)
                for source, account, region, status, reason in rows
            }
            return cls(date.fromisoformat(text["day"]), int(text["targets"]), incomplete)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not a day's coverage as the arrival sensor returns it: {text!r}") from error


def in_words(incomplete: Mapping[Target, Incomplete]) -> str:
    """The first incomplete targets, each with its reason."""
    shown = [f"{target} ({found.reason})" for target, found in sorted(incomplete.items())[:_SHOWN]]
    rest = len(incomplete) - len(shown)
    return "; ".join(shown) + (f"; and {rest} more" if rest > 0 else "")
