"""Steps of a setup: what is missing or differs, in words, and the call that mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal


class AlarmSetupError(RuntimeError):
    """The alarms cannot be set up; the text names what, and the way out. Trying again does not help."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do.

    Attributes:
        kind: `missing`: it is not there yet; `drift`: it is there and differs; `note`: only to be said.
        text: what it is about, in words.
        apply: does it; nothing for a note.
    """

    kind: Literal["missing", "drift", "note"]
    text: str
    apply: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class SetupResult:
    """What a setup found and did.

    Attributes:
        created: what was missing and was made.
        drift: how what was there differed.
        repaired: whether the drift was mended.
        notes: what somebody else has to look after.
    """

    created: tuple[str, ...]
    drift: tuple[str, ...]
    repaired: bool
    notes: tuple[str, ...]


def apply_steps(steps: Iterable[Step], *, repair: bool) -> SetupResult:
    """Make what is missing, mend what differs if `repair`; every step is said in the result.

    Raises:
        AlarmSetupError: naming the step that AWS refused; those before it are done, and are not done again next time.
    """
    from botocore.exceptions import ClientError

    steps = list(steps)
    for step in steps:
        if step.apply is None or (step.kind == "drift" and not repair):
            continue
        try:
            step.apply()
        except ClientError as error:
            raise AlarmSetupError(f"{step.text}: {error}") from error

    def of(kind: str) -> tuple[str, ...]:
        return tuple(step.text for step in steps if step.kind == kind)

    return SetupResult(created=of("missing"), drift=of("drift"), repaired=repair, notes=of("note"))


def unless_missing(call: Callable[[], Any], *codes: str) -> Any:
    """What a call answers; None when AWS says, by one of the codes, that it is not there."""
    from botocore.exceptions import ClientError

    try:
        return call()
    except ClientError as error:
        if error.response["Error"]["Code"] in codes:
            return None
        raise
