"""How data sets are refreshed: ingestions that are asked for, refresh properties, refresh schedules."""

from __future__ import annotations

import time
import uuid
import zoneinfo
from datetime import UTC, datetime
from typing import Any

from local_aws.aws_json import Caller, ServiceError
from local_aws.quicksight.documents import Documents
from local_aws.quicksight.errors import exists, invalid_value, limit_exceeded, not_found, unsupported_edition
from local_aws.quicksight.faults import Faults
from local_aws.quicksight.filing import Filing
from local_aws.quicksight.ingesting import Ingesting
from local_aws.quicksight.ingestion_records import Ingestion, IngestionRecords
from local_aws.quicksight.loading import REFRESH_PROPERTIES
from local_aws.quicksight.preparation.tables import output_columns
from local_aws.quicksight.resources import DATA_SET, MOST_RESULTS, position_of, token_of
from local_aws.quicksight.schedules import Schedule

SCHEDULES = "refresh_schedules"
"""The kind of document that keeps a data set's refresh schedules, by ScheduleId."""

QUOTA_SECONDS = 24 * 3600
"""Refreshes are counted over the 24 hours before now (API reference, CreateIngestion)."""

MOST_SCHEDULES = 5
"""Refresh schedules of a data set (API reference, CreateRefreshSchedule)."""

_ONCE_A_DATA_SET = ("MINUTE15", "MINUTE30", "HOURLY")


class RefreshOperations(Filing):
    """Operations on ingestions, refresh properties and refresh schedules."""

    records: IngestionRecords
    ingesting: Ingesting
    faults: Faults
    documents: Documents

    def create_ingestion(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateIngestion: FULL_REFRESH without an IngestionType."""
        data_set = self._spice_data_set(caller, params["DataSetId"])
        request_type = params.get("IngestionType", "FULL_REFRESH")
        if request_type == "INCREMENTAL_REFRESH":
            self._check_incremental(caller, data_set)
        if self.records.get(caller, params["DataSetId"], params["IngestionId"]) is not None:
            raise exists("INGESTION", f"ingestion {params['IngestionId']} already exists")
        self._check_quota(caller, params["DataSetId"])
        ingestion = Ingestion(caller, params["DataSetId"], params["IngestionId"], request_type)
        self.ingesting.submit(ingestion)
        return {"Status": 201, "Arn": ingestion.arn, "IngestionId": ingestion.id, "IngestionStatus": "INITIALIZED"}

    def describe_ingestion(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeIngestion."""
        return {"Ingestion": self._ingestion(caller, params).shape}

    def cancel_ingestion(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CancelIngestion of one that has not ended."""
        ingestion = self._ingestion(caller, params)
        if not self.ingesting.cancel(ingestion):
            raise invalid_value(
                f"ingestion {ingestion.id} is {ingestion.status}; only what has not ended can be cancelled"
            )
        return {"Arn": ingestion.arn, "IngestionId": ingestion.id}

    def list_ingestions(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListIngestions, newest first. A page begins where the last ended, also when new ones have come since."""
        self.library.get(caller, DATA_SET, params["DataSetId"])
        size = params.get("MaxResults", MOST_RESULTS)
        before = position_of(params.get("NextToken")) or None
        found = self.records.page(caller, params["DataSetId"], before, size + 1)
        following = token_of(found[size - 1].number) if len(found) > size else None
        return {"Ingestions": [ingestion.shape for ingestion in found[:size]], "NextToken": following}

    def put_data_set_refresh_properties(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """PutDataSetRefreshProperties: the look-back window's column is a date column of the data set."""
        data_set = self._spice_data_set(caller, params["DataSetId"])
        if self.behaviour.edition != "ENTERPRISE":
            raise unsupported_edition("Incremental refresh is not available in the Standard edition")
        properties = params["DataSetRefreshProperties"]
        if configuration := properties.get("RefreshConfiguration"):
            name = configuration["IncrementalRefresh"]["LookbackWindow"]["ColumnName"]
            columns = output_columns(data_set).types
            if columns.get(name) != "DATETIME":
                what = f"of type {columns[name]}" if name in columns else "not a column of the data set"
                raise invalid_value(f"LookbackWindow: {name} is {what}; it must be a column of type DATETIME")
        self.library.documents.put(caller, REFRESH_PROPERTIES, params["DataSetId"], properties)
        return {}

    def describe_data_set_refresh_properties(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeDataSetRefreshProperties."""
        self._spice_data_set(caller, params["DataSetId"])
        found = self.library.documents.get(caller, REFRESH_PROPERTIES, params["DataSetId"])
        if found is None:
            raise not_found("DATA_SET_REFRESH_PROPERTIES", f"data set {params['DataSetId']} has no refresh properties")
        return {"DataSetRefreshProperties": found}

    def delete_data_set_refresh_properties(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteDataSetRefreshProperties."""
        self.describe_data_set_refresh_properties(caller, params)
        self.library.documents.delete(caller, REFRESH_PROPERTIES, params["DataSetId"])
        return {}

    def create_refresh_schedule(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """CreateRefreshSchedule."""
        schedules = self._schedules(caller, params["DataSetId"])
        wanted = params["Schedule"]
        if wanted["ScheduleId"] in schedules:
            raise exists("REFRESH_SCHEDULE", f"schedule {wanted['ScheduleId']} already exists")
        if len(schedules) >= MOST_SCHEDULES:
            raise limit_exceeded("REFRESH_SCHEDULE", f"A data set has at most {MOST_SCHEDULES} refresh schedules")
        return {"Status": 201, **self._put_schedule(caller, params["DataSetId"], schedules, wanted)}

    def update_refresh_schedule(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """UpdateRefreshSchedule."""
        schedules = self._schedules(caller, params["DataSetId"])
        _schedule(schedules, params["Schedule"]["ScheduleId"])
        return self._put_schedule(caller, params["DataSetId"], schedules, params["Schedule"])

    def describe_refresh_schedule(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DescribeRefreshSchedule."""
        found = _schedule(self._schedules(caller, params["DataSetId"]), params["ScheduleId"])
        return {"RefreshSchedule": found, "Arn": found["Arn"]}

    def list_refresh_schedules(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """ListRefreshSchedules."""
        return {"RefreshSchedules": list(self._schedules(caller, params["DataSetId"]).values())}

    def delete_refresh_schedule(self, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteRefreshSchedule."""
        schedules = self._schedules(caller, params["DataSetId"])
        gone = _schedule(schedules, params["ScheduleId"])
        del schedules[gone["ScheduleId"]]
        self.library.documents.put(caller, SCHEDULES, params["DataSetId"], schedules)
        return {"ScheduleId": gone["ScheduleId"], "Arn": gone["Arn"]}

    def start_due(self, after: datetime, until: datetime) -> None:
        """Start the ingestions of schedules that became due in the time behind `after`, up to `until`.

        They do not count as manual ones.
        """
        for account, region, data_set_id, schedules in self.documents.everywhere(SCHEDULES):
            for schedule in schedules.values():
                if Schedule.of(schedule).due(after, until):
                    caller = Caller(account, region)
                    ingestion = Ingestion(caller, data_set_id, str(uuid.uuid4()), schedule["RefreshType"], "SCHEDULED")
                    self.ingesting.submit(ingestion)

    def _spice_data_set(self, caller: Caller, data_set_id: str) -> dict[str, Any]:
        data_set = self.library.get(caller, DATA_SET, data_set_id)
        if data_set["ImportMode"] != "SPICE":
            raise invalid_value(f"The dataset {data_set_id} is not a SPICE dataset")
        return data_set

    def _check_incremental(self, caller: Caller, data_set: dict[str, Any]) -> None:
        if self.behaviour.edition != "ENTERPRISE":
            raise unsupported_edition("Incremental refresh is not available in the Standard edition")
        properties = self.library.documents.get(caller, REFRESH_PROPERTIES, data_set["DataSetId"])
        if not properties or "RefreshConfiguration" not in properties:
            raise invalid_value(
                f"The dataset {data_set['DataSetId']} is not configured for incremental refresh; see PutDataSetRefreshProperties"
            )

    def _check_quota(self, caller: Caller, data_set_id: str) -> None:
        now = time.time()
        begun = self.records.manual_since(caller, data_set_id, now - QUOTA_SECONDS)
        most = self.behaviour.refreshes_per_day
        if len(begun) >= most or self.faults.take("quota", data_set_id):
            next_at = datetime.fromtimestamp((begun[-most] if len(begun) >= most else now) + QUOTA_SECONDS, UTC)
            raise limit_exceeded(
                "INGESTION",
                f"The data set {data_set_id} has been refreshed {most} times in 24 hours, which is the limit of the "
                f"{self.behaviour.edition} edition; the next refresh is possible at {next_at:%Y-%m-%dT%H:%M:%SZ}",
            )

    def _ingestion(self, caller: Caller, params: dict[str, Any]) -> Ingestion:
        self.library.get(caller, DATA_SET, params["DataSetId"])
        found = self.records.get(caller, params["DataSetId"], params["IngestionId"])
        if found is None:
            raise not_found("INGESTION", f"ingestion {params['IngestionId']} is not found")
        return found

    def _schedules(self, caller: Caller, data_set_id: str) -> dict[str, Any]:
        self._spice_data_set(caller, data_set_id)
        return self.library.documents.get(caller, SCHEDULES, data_set_id) or {}

    def _put_schedule(
        self, caller: Caller, data_set_id: str, schedules: dict[str, Any], wanted: dict[str, Any]
    ) -> dict[str, Any]:
        others = [one for one in schedules.values() if one["ScheduleId"] != wanted["ScheduleId"]]
        self._check_schedule(caller, data_set_id, wanted, others)
        arn = f"{DATA_SET.arn(caller, data_set_id)}/refresh-schedule/{wanted['ScheduleId']}"
        schedules[wanted["ScheduleId"]] = {"StartAfterDateTime": time.time(), **wanted, "Arn": arn}
        self.library.documents.put(caller, SCHEDULES, data_set_id, schedules)
        return {"ScheduleId": wanted["ScheduleId"], "Arn": arn}

    def _check_schedule(
        self, caller: Caller, data_set_id: str, wanted: dict[str, Any], others: list[dict[str, Any]]
    ) -> None:
        frequency = wanted["ScheduleFrequency"]
        interval = frequency["Interval"]
        if interval in ("MINUTE15", "MINUTE30") and wanted["RefreshType"] != "INCREMENTAL_REFRESH":
            raise invalid_value(f"Interval {interval} is only supported for incremental refreshes")
        if interval in _ONCE_A_DATA_SET and any(one["ScheduleFrequency"]["Interval"] == interval for one in others):
            raise invalid_value(f"Interval {interval} can only be used for one schedule of a data set")
        if frequency.get("Timezone", "UTC") not in zoneinfo.available_timezones():
            raise invalid_value(f"Timezone {frequency['Timezone']!r} is not known")
        try:
            Schedule.of(wanted)
        except ValueError as error:
            raise invalid_value(str(error)) from error
        if wanted["RefreshType"] == "INCREMENTAL_REFRESH":
            try:
                self._check_incremental(caller, self.library.get(caller, DATA_SET, data_set_id))
            except ServiceError as error:
                raise ServiceError("PreconditionNotMetException", error.message) from error


def _schedule(schedules: dict[str, Any], schedule_id: str) -> dict[str, Any]:
    if schedule_id not in schedules:
        raise not_found("REFRESH_SCHEDULE", f"refresh schedule {schedule_id} is not found")
    found: dict[str, Any] = schedules[schedule_id]
    return found
