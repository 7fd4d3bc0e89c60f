"""Faults that tests and drills switch on: the next calls or ingestions of a data set fail as QuickSight's can.

Kept in memory: a restart switches them off.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import Any

from local_aws.aws_json import service_model

KINDS = ("throttle", "internal_failure", "quota", "ingestion_error", "stuck_queued", "drop_rows")

_MEMBERS = {
    "kind": str, "data_set": str, "times": int, "operation": str, "error_type": str, "message": str, "seconds": (int, float), "rows": int,
}  # fmt: skip


@dataclass
class Fault:
    """One fault: what happens, to which data set (`*`: any), how many times more."""

    kind: str
    data_set: str = "*"
    times: int = 1
    operation: str | None = None
    """For throttle and internal_failure: the only operation that it hits, such as CreateIngestion."""
    error_type: str = "SQL_EXCEPTION"
    """For ingestion_error: of IngestionErrorType."""
    message: str = ""
    """For ingestion_error: ErrorInfo.Message; says that it was switched on when empty."""
    seconds: float = 3600
    """For stuck_queued: how long the ingestion stays QUEUED."""
    rows: int = 1
    """For drop_rows: how many rows are dropped."""


class Faults:
    """The faults that are switched on; safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, wanted: object) -> Fault:
        """Switch on what a JSON object says.

        Raises: ValueError naming what is wrong with it.
        """
        fault = _fault(wanted)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        """What is switched on."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def take(self, kind: str, data_set: str | None, operation: str | None = None) -> Fault | None:
        """The first fault of that kind that hits the data set, counted as used; None without one.

        A call on no data set (None) is hit by faults of `*` only.
        """
        with self._lock:
            for fault in self._faults:
                hit = fault.data_set in ("*", data_set) and (fault.operation is None or fault.operation == operation)
                if fault.kind == kind and hit:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    return fault
        return None


def _fault(wanted: object) -> Fault:
    if not isinstance(wanted, dict):
        raise ValueError("a fault is a JSON object such as {'data_set': '*', 'kind': 'throttle', 'times': 2}")
    for name, value in wanted.items():
        if name not in _MEMBERS:
            raise ValueError(f"{name!r} is not known; a fault has {', '.join(_MEMBERS)}")
        if not isinstance(value, _MEMBERS[name]) or isinstance(value, bool):  # type: ignore[arg-type]
            raise ValueError(f"{name} is {value!r}, which is not of its type")
    if wanted.get("kind") not in KINDS:
        raise ValueError(f"kind is {wanted.get('kind')!r}; it is one of {', '.join(KINDS)}")
    fault = Fault(**wanted)
    types = service_model("quicksight").shape_for("IngestionErrorType").metadata["enum"]
    if fault.error_type not in types:
        raise ValueError(f"error_type is {fault.error_type!r}; it is one of {', '.join(types)}")
    if fault.times < 1 or fault.rows < 1 or fault.seconds < 0:
        raise ValueError("times and rows are at least 1, seconds at least 0")
    return fault
