"""Athena's own resources (work groups, named queries, prepared statements, tags) in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

from local_aws.aws_json import Caller


class Resources:
    """JSON documents by kind and name, each account's and region's apart; safe for many threads."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS resources (account TEXT, region TEXT, kind TEXT, name TEXT, body TEXT,"
            " PRIMARY KEY (account, region, kind, name)) WITHOUT ROWID"
        )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def get(self, caller: Caller, kind: str, name: str) -> dict[str, Any] | None:
        """The document of that name."""
        with self._lock:
            row = self._db.execute(
                "SELECT body FROM resources WHERE account = ? AND region = ? AND kind = ? AND name = ?",
                [caller.account_id, caller.region, kind, name],
            ).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, caller: Caller, kind: str, name: str, body: dict[str, Any]) -> None:
        """Write a document, whether or not it exists."""
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?)",
                [caller.account_id, caller.region, kind, name, json.dumps(body)],
            )

    def delete(self, caller: Caller, kind: str, name: str) -> bool:
        """Remove a document; whether it existed."""
        with self._lock:
            cursor = self._db.execute(
                "DELETE FROM resources WHERE account = ? AND region = ? AND kind = ? AND name = ?",
                [caller.account_id, caller.region, kind, name],
            )
        return cursor.rowcount > 0

    def page(
        self, caller: Caller, kind: str, prefix: str, after: str, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Documents whose name starts with `prefix`, by name, behind `after`; and where the next page begins."""
        with self._lock:
            rows = self._db.execute(
                "SELECT name, body FROM resources WHERE account = ? AND region = ? AND kind = ?"
                " AND name >= ? AND name < ? AND name > ? ORDER BY name LIMIT ?",
                [caller.account_id, caller.region, kind, prefix, f"{prefix}\U0010ffff", after, limit + 1],
            ).fetchall()
        more = rows[limit - 1][0] if len(rows) > limit else None
        return [json.loads(row[1]) for row in rows[:limit]], more
