"""The states of a target's day, as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flowlogs.coverage import MISSING, PARTIAL
from flowlogs.ledger import LedgerRow


@dataclass(frozen=True, slots=True)
class State:
    """One state: a letter to keep, a word and a sign to show. The sign says what the colour says."""

    code: str
    name: str
    sign: str
    meaning: str


MISSING_DAY: Final = State("m", "missing", "×", "no file came")
LATE: Final = State("l", "late", "◐", "not all files had come when the wait for the day ended")
QUARANTINED: Final = State("q", "quarantined", "!", "all files came; some lines are no records and are in quarantine")
REVISED: Final = State("v", "revised", "↻", "complete, and curated again because files changed afterwards")
COMPLETE: Final = State("c", "complete", "", "all files came and were curated")
RUNNING: Final = State("r", "running", "▸", "a run works on it or is queued")
NO_RESULT: Final = State("n", "no result", "?", "not in the ledger: no run of the day ended well")

STATES: Final = (MISSING_DAY, LATE, NO_RESULT, QUARANTINED, REVISED, RUNNING, COMPLETE)
"""The worst first."""

STATE_OF_CODE: Final = {state.code: state for state in STATES}
WORST_FIRST: Final = "".join(state.code for state in STATES)

NOT_COMPLETE: Final = frozenset({MISSING_DAY.code, LATE.code, NO_RESULT.code})
"""What somebody on call has to look at."""


def state_of(row: LedgerRow) -> State:
    """The state of a target's day by its row of the ledger; the worst that holds."""
    if row.status == MISSING:
        return MISSING_DAY
    if row.status == PARTIAL:
        return LATE
    if row.unparsable:
        return QUARANTINED
    if row.revision > 1:
        return REVISED
    return COMPLETE
