"""When refresh schedules are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_aws.quicksight.schedules import Schedule
from tests.unit.local_aws.quicksight import sample_dashboard as sample
from tests.unit.local_aws.quicksight.conftest import CALLER, QuickSight


def schedule(interval: str, **frequency: Any) -> Schedule:
    start = frequency.pop("start", 0)
    return Schedule.of(
        {"ScheduleFrequency": {"Interval": interval, "TimeOfTheDay": "12:30", **frequency}, "StartAfterDateTime": start}
    )


@pytest.mark.parametrize(
    ("made", "now", "expected"),
    [
        (schedule("MINUTE15"), "2026-11-05T10:44:59", "2026-11-05T10:30:00"),
        (schedule("HOURLY"), "2026-11-05T10:00:00", "2026-11-05T10:00:00"),
        (schedule("DAILY"), "2026-11-05T12:29:00", "2026-11-04T12:30:00"),
        (schedule("DAILY", Timezone="America/New_York"), "2026-11-05T17:31:00", "2026-11-05T17:30:00"),
        (schedule("WEEKLY", RefreshOnDay={"DayOfWeek": "SUNDAY"}), "2026-11-05T00:00:00", "2026-11-01T12:30:00"),
        (
            schedule("MONTHLY", RefreshOnDay={"DayOfMonth": "LAST_DAY_OF_MONTH"}),
            "2026-11-05T00:00:00",
            "2026-10-31T12:30:00",
        ),
        (schedule("MONTHLY", RefreshOnDay={"DayOfMonth": "5"}), "2026-11-05T12:30:00", "2026-11-05T12:30:00"),
    ],
)
def test_the_latest_moment(made: Schedule, now: str, expected: str) -> None:
    latest = made.latest(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert latest.astimezone(UTC).isoformat() == f"{expected}+00:00"


def test_due_once_and_not_before_its_start() -> None:
    noon = datetime(2026, 11, 5, 12, 30, tzinfo=UTC)
    daily = schedule("DAILY")
    minute = timedelta(minutes=1)
    assert daily.due(noon - minute, noon)
    assert not daily.due(noon, noon + minute)
    assert not schedule("DAILY", start=noon.timestamp()).due(noon - minute, noon)


def test_a_due_schedule_starts_an_ingestion_that_is_no_manual_one(quicksight: QuickSight) -> None:
    quicksight.results.columns, quicksight.results.table = list(sample.COLUMNS), list(sample.rows(1))
    arn = "arn:aws:quicksight:us-east-1:000000000000:datasource/athena"
    first = quicksight.call("create_data_set", **sample.data_set("SELECT 1", arn))
    quicksight.ended(sample.SET, first["IngestionId"])
    daily = {"Interval": "DAILY", "TimeOfTheDay": "12:30"}
    wanted = {"ScheduleId": "daily", "RefreshType": "FULL_REFRESH", "ScheduleFrequency": daily, "StartAfterDateTime": 0}
    quicksight.call("create_refresh_schedule", DataSetId=sample.SET, Schedule=wanted)
    due = datetime(2026, 11, 5, 12, 30, tzinfo=UTC)
    quicksight.operations.start_due(due - timedelta(minutes=1), due)
    quicksight.operations.start_due(due, due + timedelta(minutes=1))
    newest, *others = quicksight.call("list_ingestions", DataSetId=sample.SET)["Ingestions"]
    assert (newest["RequestSource"], newest["RequestType"]) == ("SCHEDULED", "FULL_REFRESH")
    assert len(others) == 1
    assert quicksight.operations.records.manual_since(CALLER, sample.SET, 0) == []
