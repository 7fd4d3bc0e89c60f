"""How the data sets are refreshed: what an incremental refresh reads again, and when QuickSight itself reads all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flowlogs.quicksight.differences import differences
from flowlogs.settings import Settings


def look_back_window(settings: Settings) -> int:
    """Days of the look-back window. It reaches back from the moment of the refresh, which is on the day after the
    newest one with data, so one day more than are to be read.
    """
    return settings.quicksight.look_back_days + 1


def first_day_reread(settings: Settings, now: datetime) -> date:
    """The first day that an incremental refresh at `now` (UTC) reads again; older ones need a full refresh."""
    begin = now - timedelta(days=look_back_window(settings))
    return begin.date() if begin.time() == datetime.min.time() else begin.date() + timedelta(days=1)


@dataclass(frozen=True)
class RefreshProperties:
    """How an incremental refresh finds recent rows."""

    id: str
    """The data set's."""
    account_id: str
    column: str
    days: int

    def request(self) -> dict[str, Any]:
        """The arguments of PutDataSetRefreshProperties."""
        window = {"ColumnName": self.column, "Size": self.days, "SizeUnit": "DAY"}
        return {
            "AwsAccountId": self.account_id,
            "DataSetId": self.id,
            "DataSetRefreshProperties": {
                "RefreshConfiguration": {"IncrementalRefresh": {"LookbackWindow": window}}
            },
        }  # fmt: skip

    def differences(self, actual: Mapping[str, Any] | None) -> list[str]:
        """How the data set's DataSetRefreshProperties differ; None for none."""
        return differences(
            self.request()["DataSetRefreshProperties"]["RefreshConfiguration"],
            (actual or {}).get("RefreshConfiguration"),
            "RefreshConfiguration",
        )


@dataclass(frozen=True)
class RefreshSchedule:
    """The weekly full refresh of a data set."""

    id: str
    data_set_id: str
    account_id: str
    day: str
    time: str

    def request(self) -> dict[str, Any]:
        """The arguments of CreateRefreshSchedule and UpdateRefreshSchedule."""
        return {
            "AwsAccountId": self.account_id,
            "DataSetId": self.data_set_id,
            "Schedule": {
                "ScheduleId": self.id,
                "RefreshType": "FULL_REFRESH",
                "ScheduleFrequency": {
                    "Interval": "WEEKLY",
                    "RefreshOnDay": {"DayOfWeek": self.day.upper()},
                    "Timezone": "UTC",
                    "TimeOfTheDay": self.time,
                },
            },
        }

    def differences(self, actual: Mapping[str, Any]) -> list[str]:
        """How a RefreshSchedule differs."""
        return differences(self.request()["Schedule"], actual)
