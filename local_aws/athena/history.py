"""The query history: every execution as the API describes it, kept for 45 days, across restarts."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from local_aws.athena.model import ResultColumn
from local_aws.aws_json import Caller

RETENTION_SECONDS = 45 * 24 * 3600
"""Athena keeps the query history for 45 days (user guide, "View recent queries")."""

_PRUNE_EVERY_SECONDS = 3600

_SCHEMA = """
CREATE TABLE IF NOT EXISTS executions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT UNIQUE NOT NULL,
    account TEXT NOT NULL, region TEXT NOT NULL, work_group TEXT NOT NULL,
    state TEXT NOT NULL, submitted REAL NOT NULL,
    token TEXT, request TEXT NOT NULL, fingerprint TEXT NOT NULL,
    execution TEXT NOT NULL, details TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS by_token ON executions (account, region, token);
CREATE INDEX IF NOT EXISTS by_submission ON executions (submitted);
CREATE INDEX IF NOT EXISTS by_work_group ON executions (account, region, work_group, number);
CREATE INDEX IF NOT EXISTS by_fingerprint ON executions (account, region, fingerprint, submitted);
"""


@dataclass
class Execution:
    """One statement's execution.

    `shape` is the API's QueryExecution with times in epoch seconds; `request` identifies the whole call (for
    its token), `fingerprint` what decides the answer (for the reuse of results).
    """

    caller: Caller
    shape: dict[str, Any]
    request: str
    fingerprint: str
    token: str | None = None
    columns: tuple[ResultColumn, ...] = ()
    update_count: int | None = None
    output: dict[str, int] = field(default_factory=dict)
    """Rows and bytes in and out, for GetQueryRuntimeStatistics."""

    @property
    def id(self) -> str:
        """QueryExecutionId."""
        return str(self.shape["QueryExecutionId"])

    @property
    def state(self) -> str:
        """QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED."""
        return str(self.shape["Status"]["State"])

    @property
    def is_final(self) -> bool:
        """Whether the state will never change again."""
        return self.state in ("SUCCEEDED", "FAILED", "CANCELLED")


class QueryHistory:
    """Executions in one SQLite file; safe for many threads."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        self._prune()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def add(self, execution: Execution) -> Execution:
        """Keep a new execution. When its token was used before, the execution that has it is returned instead."""
        caller, shape = execution.caller, execution.shape
        with self._lock:
            if execution.token is not None:
                earlier = self._one("account = ? AND region = ? AND token = ?", caller, execution.token)
                if earlier is not None:
                    return earlier
            if time.time() - self._pruned > _PRUNE_EVERY_SECONDS:
                self._prune()
            self._db.execute(
                "INSERT INTO executions (id, account, region, work_group, state, submitted, token, request,"
                " fingerprint, execution, details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    execution.id, caller.account_id, caller.region, shape["WorkGroup"], execution.state,
                    shape["Status"]["SubmissionDateTime"], execution.token, execution.request, execution.fingerprint,
                    json.dumps(shape), _details(execution),
                ],
            )  # fmt: skip
        return execution

    def save(self, execution: Execution) -> None:
        """Keep what has changed since."""
        with self._lock:
            self._db.execute(
                "UPDATE executions SET state = ?, execution = ?, details = ? WHERE id = ?",
                [execution.state, json.dumps(execution.shape), _details(execution), execution.id],
            )

    def get(self, caller: Caller, query_id: str) -> Execution | None:
        """The execution with that id, if it is the caller's."""
        with self._lock:
            return self._one("account = ? AND region = ? AND id = ?", caller, query_id)

    def with_token(self, caller: Caller, token: str) -> Execution | None:
        """The execution that was started with that ClientRequestToken."""
        with self._lock:
            return self._one("account = ? AND region = ? AND token = ?", caller, token)

    def latest_answer(self, caller: Caller, fingerprint: str, since: float) -> Execution | None:
        """The newest successful execution with the same fingerprint that was submitted after `since`."""
        where = "account = ? AND region = ? AND fingerprint = ? AND submitted >= ? AND state = 'SUCCEEDED'"
        with self._lock:
            return self._one(where, caller, fingerprint, since)

    def page(self, caller: Caller, work_group: str, before: int | None, limit: int) -> tuple[list[str], int | None]:
        """Ids of a work group's executions, newest first, and where the next page begins."""
        with self._lock:
            rows = self._db.execute(
                "SELECT number, id FROM executions WHERE account = ? AND region = ? AND work_group = ?"
                " AND number < ? ORDER BY number DESC LIMIT ?",
                [caller.account_id, caller.region, work_group, before or 2**62, limit + 1],
            ).fetchall()
        more = rows[limit - 1][0] if len(rows) > limit else None
        return [row[1] for row in rows[:limit]], more

    def delete_work_group(self, caller: Caller, work_group: str) -> None:
        """Forget a work group's executions."""
        with self._lock:
            self._db.execute(
                "DELETE FROM executions WHERE account = ? AND region = ? AND work_group = ?",
                [caller.account_id, caller.region, work_group],
            )

    def unfinished(self) -> list[Execution]:
        """Executions that were queued or running when the process that ran them ended."""
        with self._lock:
            rows = self._db.execute(f"{_SELECT} WHERE state IN ('QUEUED', 'RUNNING')").fetchall()
        return [_execution(row) for row in rows]

    def _prune(self) -> None:
        self._pruned = time.time()
        self._db.execute("DELETE FROM executions WHERE submitted < ?", [self._pruned - RETENTION_SECONDS])

    def _one(self, where: str, caller: Caller, *values: object) -> Execution | None:
        row = self._db.execute(
            f"{_SELECT} WHERE {where} ORDER BY number DESC LIMIT 1", [caller.account_id, caller.region, *values]
        ).fetchone()
        return None if row is None else _execution(row)


_SELECT = "SELECT account, region, token, request, fingerprint, execution, details FROM executions"


def _details(execution: Execution) -> str:
    columns = [asdict(column) for column in execution.columns]
    return json.dumps({"columns": columns, "update_count": execution.update_count, "output": execution.output})


def _execution(row: tuple[str, str, str | None, str, str, str, str]) -> Execution:
    account, region, token, request, fingerprint, shape, details = row
    kept = json.loads(details)
    return Execution(
        caller=Caller(account, region),
        shape=json.loads(shape),
        request=request,
        fingerprint=fingerprint,
        token=token,
        columns=tuple(ResultColumn(**column) for column in kept["columns"]),
        update_count=kept["update_count"],
        output=kept["output"],
    )
