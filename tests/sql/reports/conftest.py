"""A curated lake of a test's own: rows of records in, the rows of a section out."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from flowlogs import ledger
from flowlogs.dag_defaults import SQL_FOLDER
from flowlogs.reports.sections import read_section
from tests.sql.conftest import DAY, SqlFiles
from tests.unit.flowlogs.smallest_settings import source

ACCOUNT, REGION = "111122223333", "us-east-1"

_RECORD = {
    "version": 2, "account_id": ACCOUNT, "interface_id": "eni-0a", "srcaddr": "203.0.113.9", "dstaddr": "10.0.0.1",
    "srcport": 40000, "dstport": 22, "protocol": 6, "packets": 1, "bytes": 40, "log_status": "OK",
}  # fmt: skip
_DAILY = {
    "interface_id": "eni-0a", "srcaddr": "203.0.113.9", "dstaddr": "10.0.0.1", "dstport": 22, "protocol": 6,
    "action": "REJECT", "flow_direction": None, "hour": 12, "flows": 1, "packets": 1, "bytes": 40,
}  # fmt: skip
_TIMES = {"start", "end", "first_seen", "last_seen"}


class Lake:
    """The curated tables. Rows have sensible values in every column that a test does not give.

    `account`, `region`, `day` and `origin` (the source of the settings) choose the partition; times are `HH:MM` or
    `HH:MM:SS` of the day. What stands in `flow_daily` is made from the records by the pipeline's own SQL; `daily`
    adds days of the past directly.
    """

    def __init__(self, sql: SqlFiles) -> None:
        self._sql = sql
        self._settings = sql.settings(
            source(name="network", accounts=[ACCOUNT, "222233334444"], regions=[REGION, "eu-west-1"]),
            source(name="other", table="other", prefix="other/", accounts=[ACCOUNT], regions=[REGION]),
        )
        sql.rows("tables/database.sql")
        for table in ("flow_records", "flow_gaps", "flow_quarantine", "flow_daily", "flow_runs", "threat_list"):
            sql.rows(f"tables/{table}.sql")
        self._files = 0
        self._unsummarised: set[tuple[str, str]] = set()

    def records(
        self, *rows: Mapping[str, Any], day: str = DAY, account: str = ACCOUNT, region: str = REGION,
        origin: str = "network",
    ) -> None:  # fmt: skip
        """Add records; `action` is REJECT unless a row says otherwise, `end` a minute after `start` (12:00)."""
        by_action: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            values = {"start": "12:00", **row}
            start = _time(day, values["start"])
            end = _time(day, values["end"]) if "end" in values else start + timedelta(seconds=60)
            action = values.pop("action", "REJECT")
            by_action.setdefault(action, []).append({**_RECORD, **values, "start": start, "end": end})
        for action, found in by_action.items():
            self._add("flow_records", found, (day, account, region, origin, action))
        self._unsummarised.add((day, origin))

    def daily(
        self, *rows: Mapping[str, Any], day: str, account: str = ACCOUNT, region: str = REGION,
        origin: str = "network",
    ) -> None:  # fmt: skip
        """Add rows of `flow_daily` of a day that has no records."""
        for row in rows:
            values = {**_DAILY, "first_seen": _time(day, "12:00"), "last_seen": _time(day, "12:00"), **_timed(day, row)}
            action = values.pop("action")
            if action != "REJECT" and "hour" not in row:
                values["hour"] = None
            self._add("flow_daily", [values], (day, account, region, origin, action))

    def gaps(self, *rows: Mapping[str, Any], day: str = DAY, account: str = ACCOUNT, region: str = REGION) -> None:
        """Add rows of `flow_gaps`."""
        common = {"log_status": "NODATA", "account_id": account, "interface_id": "eni-0a"}
        times = {"start": _time(day, "12:00"), "end": _time(day, "12:10")}
        found = [{**common, **times, **_timed(day, row)} for row in rows]
        self._add("flow_gaps", found, (day, account, region, "network"))

    def quarantine(
        self, *rows: Mapping[str, Any], day: str = DAY, account: str = ACCOUNT, region: str = REGION
    ) -> None:
        """Add rows of `flow_quarantine`."""
        common = {"reason": "has 2 fields, not 14", "file": "s3://logs/a.log.gz", "line": "short line"}
        self._add("flow_quarantine", [{**common, **row} for row in rows], (day, account, region, "network"))

    def ledger(self, *rows: ledger.LedgerRow, day: str = DAY) -> None:
        """Put the day's rows of `flow_runs`."""
        folder = f"lake/flow_runs/dt={day}/run=test/"
        self._sql.athena.put(f"{folder}rows.json", ledger.json_lines(rows))
        self._register("flow_runs", {(day,): f"s3://logs/{folder}"})

    def threat_list(self, *lines: str) -> None:
        """Put a file of the threat list."""
        self._files += 1
        self._sql.athena.put(f"lake/threat_list/{self._files}.csv", "\n".join(lines) + "\n")

    def run(self, section: str, first: str = DAY, last: str | None = None, **changes: Any) -> list[dict[str, str]]:
        """A section's rows for a day or the days `first` to `last`, values as Athena's texts; NULL is empty.

        `thresholds` changes the section's own.
        """
        self.summarise()
        described = read_section(Path(SQL_FOLDER) / "reports" / f"{section}.sql")
        thresholds = described.with_thresholds(changes.pop("thresholds", {}))
        params = {
            "first": first, "last": last or first, "section": section, "limit": 100,
            "baseline_first": str(date.fromisoformat(first) - timedelta(days=28)), "thresholds": thresholds, **changes,
        }  # fmt: skip
        statement = self._sql.rendered(f"reports/{section}.sql", **params)
        result = self._sql.athena.rows(statement)
        names = [column.name for column in self._sql.athena.outcome.columns]
        assert names == list(described.columns), "the header does not name the columns of the result"
        return [dict(zip(names, row, strict=True)) for row in result]

    def summarise(self) -> None:
        """Make `flow_daily` of the days and sources that have new records."""
        for day, origin in sorted(self._unsummarised):
            self._summarise(day, origin)
        self._unsummarised.clear()

    def _summarise(self, day: str, origin: str) -> None:
        targets = self._settings.source(origin).targets()
        params = {"source": origin, "first": 0, "last": len(targets), "day": day}
        self._files += 1
        self._sql.athena.text(self._sql.rendered("curate/summary.sql", run_id=str(self._files), **params))
        location = self._sql.last_run_location("flow_daily", str(self._files), params)
        partitions = {
            (day, target.account, target.region, origin, action): (
                f"{location}aws_account={target.account}/aws_region={target.region}/action={action}/"
            )
            for target in targets
            for action in ("ACCEPT", "REJECT", "NONE")
        }
        self._register("flow_daily", partitions, again=True)

    def _add(self, table: str, rows: list[dict[str, Any]], values: tuple[str, ...]) -> None:
        schema = pyarrow.schema(
            [
                (column["Name"], _ARROW[column["Type"]])
                for column in self._sql.table(table)["StorageDescriptor"]["Columns"]
                if any(column["Name"] in row for row in rows)
            ]
        )
        named = {name for row in rows for name in row}
        assert named <= set(schema.names), f"{table} has no column {named - set(schema.names)}"
        file = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema), file)
        folder = f"lake/{table}/{'/'.join(values)}/"
        self._files += 1
        self._sql.athena.put(f"{folder}{self._files}.parquet", file.getvalue())
        self._register(table, {values: f"s3://logs/{folder}"})

    def _register(self, table: str, partitions: Mapping[tuple[str, ...], str], *, again: bool = False) -> None:
        keys = [key["Name"] for key in self._sql.table(table)["PartitionKeys"]]
        specs = {
            ", ".join(f"{key} = '{value}'" for key, value in zip(keys, values, strict=True)): location
            for values, location in partitions.items()
        }
        if again:
            gone = ", ".join(f"PARTITION ({spec})" for spec in specs)
            self._sql.athena.text(f"ALTER TABLE {table} DROP IF EXISTS {gone}")
        added = " ".join(f"PARTITION ({spec}) LOCATION '{location}'" for spec, location in specs.items())
        self._sql.athena.text(f"ALTER TABLE {table} ADD IF NOT EXISTS {added}")


_ARROW = {
    "string": pyarrow.string(), "int": pyarrow.int32(), "bigint": pyarrow.int64(), "timestamp": pyarrow.timestamp("ms"),
}  # fmt: skip


def _time(day: str, text: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{text}")


def _timed(day: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _time(day, value) if name in _TIMES else value for name, value in row.items()}


@pytest.fixture
def lake(sql: SqlFiles) -> Lake:
    return Lake(sql)
