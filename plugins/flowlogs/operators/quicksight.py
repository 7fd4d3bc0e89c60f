"""A SPICE ingestion as an operations team needs it: one at a time, within the quota, with words for what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn

from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk import BaseOperator, BaseOperatorLink, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.hooks.ingestions import IngestionHook
from flowlogs.quicksight.ingestion_errors import remedy
from flowlogs.quicksight.ingestions import REFRESHES_A_DAY, Ingestion, IngestionType, quota
from flowlogs.triggers.ingestion import IngestionTrigger

_CLOCKS_DIFFER: Final = timedelta(seconds=30)
"""How long after the time that the quota says the pipeline asks again."""

_REFUSALS: Final = {
    "ResourceNotFoundException": "the data set is not there: run flow_logs_setup, which makes it again",
    "AccessDeniedException": "grant Airflow's role what include/iam/airflow_role.json has for QuickSight "
    "(docs/permissions.md)",
    "InvalidParameterValueException": "somebody has edited the data set or its refresh properties: run "
    "flow_logs_setup, which mends them",
    "UnsupportedUserEditionException": "QuickSight's edition is Standard: set quicksight.edition to standard",
    "InvalidRequestException": "see whether the account is still signed up for QuickSight in quicksight.region",
}
"""What to do about errors that come again however often one tries."""


class DataSetLink(BaseOperatorLink):
    """The button that opens the data set in QuickSight, with the history of its refreshes."""

    name = "Data set"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """The page's address. Airflow asks in the task's process, when it has ended."""
        data_set_id = getattr(operator, "data_set_id", "")
        return f"{_console()}sn/data-sets/{data_set_id}" if isinstance(data_set_id, str) and data_set_id else ""


class DashboardLink(BaseOperatorLink):
    """The button that opens the dashboard."""

    name = "Dashboard"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """The page's address."""
        return f"{_console()}sn/dashboards/{airflow_settings().environment}-flowlogs"


def _console() -> str:
    settings = airflow_settings()
    region = settings.quicksight.region or settings.aws.region
    return settings.quicksight.console_url or f"https://{region}.quicksight.aws.amazon.com/"


class RefreshDataSetOperator(BaseOperator):
    """Bring a data set's rows into SPICE, and wait for it in the triggerer.

    Beyond the provider's operator:

    - an ingestion that an earlier try began is taken up; each try that begins one gives it an id of its own;
    - one ingestion at a time: what others have begun is waited for first;
    - of the day's quota some are left to people; when it is used up, the failure says when the next is possible;
    - the wait is bounded, and our own ingestion is cancelled at its end, so that it stands in nobody's way;
    - a failure says what to do; what no retry mends fails the task at once, and so do rows that were dropped.

    Returns: `{"data_set_id", "ingestion_id", "ingestion_type", "created", "rows", "total"}`.

    :param data_set_id: the data set (templated)
    :param stem: what the ingestion's id begins with, the same for all tries of a run: letters, digits, - and _ (templated)
    :param ingestion_type: FULL_REFRESH or INCREMENTAL_REFRESH (templated)
    :param days: the days that it is to bring, for the log (templated)
    :param poll_seconds: seconds between two looks at the ingestion
    """

    template_fields: Sequence[str] = ("data_set_id", "stem", "ingestion_type", "days")
    operator_extra_links = (DataSetLink(), DashboardLink())
    ui_color = "#e8dfc3"

    def __init__(
        self,
        *,
        data_set_id: str,
        stem: str,
        ingestion_type: IngestionType = "FULL_REFRESH",
        days: Sequence[str] = (),
        poll_seconds: float = 5,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.data_set_id = data_set_id
        self.stem = stem
        self.ingestion_type = ingestion_type
        self.days = days
        self.poll_seconds = poll_seconds

    def execute(self, context: Context) -> dict[str, Any]:
        """Begin the ingestion, or take up that of an earlier try, and wait for it."""
        minutes = airflow_settings().quicksight.refresh_timeout_minutes
        self.log.info("%s: %s for %s", self.data_set_id, self.ingestion_type, ", ".join(self.days) or "all days")
        return self._begin(datetime.now(UTC) + timedelta(minutes=minutes))

    def begin_when_others_ended(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Begin after waiting for another ingestion."""
        if event["status"] == "OVERDUE":
            raise AirflowException(
                f"{self.data_set_id}: ingestion {event['ingestion_id']}, which others began, has not ended by "
                f"{event['deadline']}; see the data set's page and cancel it if it is stuck"
            )
        return self._begin(datetime.fromisoformat(event["deadline"]))

    def begin_within_quota(self, context: Context, event: Any = None) -> dict[str, Any]:
        """Begin after waiting for the quota."""
        return self.execute(context)

    def take_up(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """What became of our ingestion."""
        hook, ingestion_id = IngestionHook.of(airflow_settings()), event["ingestion_id"]
        if event["status"] == "GONE":
            raise AirflowFailException(
                f"{self.data_set_id}: ingestion {ingestion_id} is gone, and so is the data set perhaps; run flow_logs_setup, "
                "which makes it again"
            )
        ingestion = hook.look(self.data_set_id, ingestion_id)
        if event["status"] == "OVERDUE" and ingestion.is_under_way:
            hook.cancel(self.data_set_id, ingestion_id)
            raise AirflowException(
                f"{self.data_set_id}: ingestion {ingestion_id} was {ingestion.status} until {event['deadline']}, and is "
                "cancelled"
            )
        return self._result(ingestion)

    def _begin(self, deadline: datetime) -> dict[str, Any]:
        settings = airflow_settings()
        hook = IngestionHook.of(settings)
        listed = self._listed(hook)
        own = [one for one in listed if one.id.startswith(self.stem)]
        if own and not own[0].is_in_vain and not own[0].dropped:
            self.log.info("taking up ingestion %s, which is %s", own[0].id, own[0].status)
            return self._wait(own[0], deadline)
        for one in listed:
            if one.is_under_way:
                self.log.info("waiting for ingestion %s, which others began", one.id)
                self._defer(one.id, deadline, "begin_when_others_ended")
        self._keep_quota(listed, deadline)
        ingestion_id = f"{self.stem}{len(own) + 1}"
        self._start(hook, ingestion_id)
        return self._defer(ingestion_id, deadline, "take_up")

    def _listed(self, hook: IngestionHook) -> list[Ingestion]:
        from botocore.exceptions import ClientError

        try:
            return hook.listed(self.data_set_id)
        except ClientError as error:
            self._refused(error)

    def _start(self, hook: IngestionHook, ingestion_id: str) -> None:
        from botocore.exceptions import ClientError

        try:
            hook.start(self.data_set_id, ingestion_id, self.ingestion_type)
        except ClientError as error:
            if error.response["Error"]["Code"] == "LimitExceededException":
                raise AirflowFailException(
                    f"{self.data_set_id}: QuickSight allows no more refreshes today, people's included: {error}"
                ) from error
            self._refused(error)

    def _keep_quota(self, listed: Sequence[Ingestion], deadline: datetime) -> None:
        """Wait until the quota has room beside the reserve; fail when that is after the deadline."""
        quicksight = airflow_settings().quicksight
        left = quota(listed, datetime.now(UTC), REFRESHES_A_DAY[quicksight.edition], quicksight.refresh_reserve)
        if left.next_possible is None:
            return
        told = (
            f"{self.data_set_id}: {left.used} of {left.limit} refreshes of 24 hours are used and {left.reserve} are left to "
            f"people; the next is possible at {left.next_possible:%Y-%m-%d %H:%M} UTC"
        )
        moment = left.next_possible + _CLOCKS_DIFFER
        if moment >= deadline:
            raise AirflowFailException(f"{told}: clear this task then, or refresh the data set by hand")
        self.log.warning("%s", told)
        self.defer(trigger=DateTimeTrigger(moment=moment), method_name="begin_within_quota")

    def _wait(self, ingestion: Ingestion, deadline: datetime) -> dict[str, Any]:
        if ingestion.is_under_way:
            self._defer(ingestion.id, deadline, "take_up")
        return self._result(ingestion)

    def _defer(self, ingestion_id: str, deadline: datetime, method_name: str) -> NoReturn:
        trigger = IngestionTrigger(
            data_set_id=self.data_set_id,
            ingestion_id=ingestion_id,
            deadline=deadline.isoformat(),
            poll_seconds=self.poll_seconds,
        )
        self.defer(trigger=trigger, method_name=method_name)

    def _result(self, ingestion: Ingestion) -> dict[str, Any]:
        """What a completed ingestion brought; raises what one that failed means."""
        where = f"{self.data_set_id}: ingestion {ingestion.id}"
        if ingestion.status == "CANCELLED":
            raise AirflowFailException(f"{where} was cancelled; {remedy('INGESTION_CANCELED').text}")
        if ingestion.status == "FAILED":
            what = remedy(ingestion.error_type)
            text = f"{where} failed: {ingestion.error_type}: {ingestion.error}; {what.text}"
            raise AirflowException(text) if what.again else AirflowFailException(text)
        if ingestion.dropped:
            raise AirflowFailException(
                f"{where} dropped {ingestion.dropped} of {ingestion.dropped + (ingestion.rows or 0)} rows, whose values "
                "do not fit their columns' types; the data set's page in QuickSight (link Data set, Refresh, View error "
                "rows) has them. Mend the query or the columns in include/quicksight/data_sets/, and run flow_logs_setup"
            )
        self.log.info("%s: %s rows, %s now, %s s", where, ingestion.rows, ingestion.total, ingestion.seconds)
        return {
            "data_set_id": self.data_set_id,
            "ingestion_id": ingestion.id,
            "ingestion_type": ingestion.type,
            "created": ingestion.created.isoformat(),
            "rows": ingestion.rows,
            "total": ingestion.total,
        }

    def _refused(self, error: Any) -> NoReturn:
        """Raise what an error of the API means: with the way out where no retry helps, as it is otherwise."""
        way_out = _REFUSALS.get(error.response["Error"]["Code"])
        if way_out is None:
            raise error
        raise AirflowFailException(f"{self.data_set_id}: {error}; {way_out}") from error
