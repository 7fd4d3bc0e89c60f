"""The ingestions of every data set, newest first, in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_aws.aws_json import Caller
from local_aws.quicksight.errors import exists

_SCHEMA = """
CREATE TABLE IF NOT EXISTS ingestions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL, region TEXT NOT NULL, data_set TEXT NOT NULL, id TEXT NOT NULL,
    status TEXT NOT NULL, created REAL NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL, details TEXT NOT NULL,
    UNIQUE (account, region, data_set, id)
);
CREATE INDEX IF NOT EXISTS by_status ON ingestions (status);
"""

ENDED = ("COMPLETED", "FAILED", "CANCELLED")
REFRESHES = ("FULL_REFRESH", "INCREMENTAL_REFRESH")


@dataclass
class Ingestion:
    """One ingestion. `details` are the API's further members: RowInfo, ErrorInfo, QueueInfo, times and sizes."""

    caller: Caller
    data_set_id: str
    id: str
    request_type: str
    """INITIAL_INGESTION, EDIT, FULL_REFRESH or INCREMENTAL_REFRESH."""
    request_source: str = "MANUAL"
    """MANUAL or SCHEDULED."""
    status: str = "INITIALIZED"
    created: float = field(default_factory=time.time)
    number: int = 0
    """Its place in the order of all ingestions; 0 before it is kept."""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """Its ARN."""
        caller = self.caller
        return f"arn:aws:quicksight:{caller.region}:{caller.account_id}:dataset/{self.data_set_id}/ingestion/{self.id}"

    @property
    def shape(self) -> dict[str, Any]:
        """The API's Ingestion."""
        return {
            "Arn": self.arn,
            "IngestionId": self.id,
            "IngestionStatus": self.status,
            "CreatedTime": self.created,
            "RequestSource": self.request_source,
            "RequestType": self.request_type,
            **self.details,
        }


class IngestionRecords:
    """Ingestions in one SQLite file; safe for many threads."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def add(self, ingestion: Ingestion) -> None:
        """Keep a new ingestion and number it.

        Raises:
            ServiceError: ResourceExistsException, when the data set has one of that id.
        """
        caller = ingestion.caller
        values = [
            caller.account_id, caller.region, ingestion.data_set_id, ingestion.id, ingestion.status, ingestion.created,
            ingestion.request_source, ingestion.request_type, json.dumps(ingestion.details),
        ]  # fmt: skip
        with self._lock:
            try:
                cursor = self._db.execute(
                    "INSERT INTO ingestions (account, region, data_set, id, status, created, source, type, details)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    values,
                )
            except sqlite3.IntegrityError as error:
                raise exists("INGESTION", f"ingestion {ingestion.id} already exists") from error
        ingestion.number = cursor.lastrowid or 0

    def save(self, ingestion: Ingestion) -> None:
        """Keep what has changed since."""
        with self._lock:
            self._db.execute(
                "UPDATE ingestions SET status = ?, details = ? WHERE number = ?",
                [ingestion.status, json.dumps(ingestion.details), ingestion.number],
            )

    def get(self, caller: Caller, data_set_id: str, ingestion_id: str) -> Ingestion | None:
        """The ingestion of that id."""
        found = self._select(
            "account = ? AND region = ? AND data_set = ? AND id = ?",
            [caller.account_id, caller.region, data_set_id, ingestion_id],
        )
        return found[0] if found else None

    def page(self, caller: Caller, data_set_id: str, before: int | None, limit: int) -> list[Ingestion]:
        """At most `limit` ingestions of a data set, newest first, older than the one with the number `before`."""
        where = "account = ? AND region = ? AND data_set = ? AND number < ?"
        return self._select(where, [caller.account_id, caller.region, data_set_id, before or 2**62], limit)

    def manual_since(self, caller: Caller, data_set_id: str, since: float) -> list[float]:
        """When the refreshes of a data set that clients asked for began, those after `since`, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT created FROM ingestions WHERE account = ? AND region = ? AND data_set = ? AND created > ?"
                " AND source = 'MANUAL' AND type IN (?, ?) ORDER BY created",
                [caller.account_id, caller.region, data_set_id, since, *REFRESHES],
            ).fetchall()
        return [row[0] for row in rows]

    def unfinished(self) -> list[Ingestion]:
        """Ingestions that were waiting or running when the process that ran them ended, oldest first."""
        return self._select("status NOT IN (?, ?, ?)", [*ENDED])[::-1]

    def forget(self, caller: Caller, data_set_id: str) -> None:
        """Remove the ingestions of a data set that is deleted."""
        with self._lock:
            self._db.execute(
                "DELETE FROM ingestions WHERE account = ? AND region = ? AND data_set = ?",
                [caller.account_id, caller.region, data_set_id],
            )

    def _select(self, where: str, values: list[Any], limit: int = -1) -> list[Ingestion]:
        with self._lock:
            rows = self._db.execute(
                "SELECT account, region, data_set, id, type, source, status, created, number, details FROM ingestions"
                f" WHERE {where} ORDER BY number DESC LIMIT ?",
                [*values, limit],
            ).fetchall()
        return [_ingestion(row) for row in rows]


def _ingestion(row: tuple[Any, ...]) -> Ingestion:
    account, region, data_set, id_, type_, source, status, created, number, details = row
    return Ingestion(
        Caller(account, region), data_set, id_, type_, source, status, created, number, json.loads(details)
    )
