"""The tasks of `alarm_health`: look and judge, then tell what changed."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import BaseOperator, BaseOperatorLink, task
from airflow.sdk.exceptions import AirflowSkipException

from flowlogs.airflow_settings import airflow_settings
from flowlogs.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context

    from flowlogs.health.findings import Changes
    from flowlogs.health.messages import Message

log = logging.getLogger(__name__)

_LOGGED: Final = 50
"""Findings that the task's log names."""


class AlarmHealthLink(BaseOperatorLink):
    """The button that opens the page of the alarms' health."""

    name = "Alarm health"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """The page's address; empty until it is written. Airflow asks in the task's process, when it has ended."""
        return str(getattr(operator, "page_url", ""))


class CheckAlarmsOperator(BaseOperator):
    """Look at every alarm in scope and what it hangs on, judge it, and replace the page.

    What changed against the last check that was told is kept beside the page (`check.json`) for `tell_changes`; the
    check itself changes nothing else, so it can be repeated.

    Returns: numbers for the log and the XCom: alarms, findings by change, calls of AWS.
    """

    operator_extra_links = (AlarmHealthLink(),)
    ui_color = "#d5e8c9"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.page_url = ""

    def execute(self, context: Context) -> dict[str, Any]:
        """Check now."""
        settings = airflow_settings()
        if not has_alarms(settings) and not settings.search.enabled:
            raise AirflowSkipException(
                "no alarm is in scope: set alarms.log_group, alarms.extra_alarm_prefixes or alarms.extra_alarm_tags"
            )
        result = check_alarms(settings, datetime.now(UTC), context["run_id"])
        self.page_url = result["page"]
        return result


def has_alarms(settings: Settings) -> bool:
    """Whether the settings name any alarm to look at."""
    configured = settings.alarms
    return bool(configured.log_group or configured.extra_alarm_prefixes or configured.extra_alarm_tags)


def check_alarms(settings: Settings, at: datetime, run_id: str) -> dict[str, Any]:
    """Look, judge, compare, write the page and `check.json`; numbers of it.

    Args:
        settings: which alarms, how long they may last.
        at: the time of the check.
        run_id: the Airflow run that checks.
    """
    from datetime import timedelta

    from flowlogs.alarm_health_files import CHECK, DRILL, MEMORY, PAGE, AlarmHealthFiles
    from flowlogs.alarm_observer import AlarmObserver
    from flowlogs.alarms.wanted import wanted
    from flowlogs.health.findings import changes
    from flowlogs.health.memory import Memory
    from flowlogs.health.page import HealthPage
    from flowlogs.health.rule import Limits
    from flowlogs.health.rules import judge
    from flowlogs.observing.aws_calls import AwsCalls

    files = AlarmHealthFiles(settings)
    kept = files.read(MEMORY)
    memory = Memory() if kept is None else Memory.from_json(kept)
    with AwsCalls(settings.aws.conn_id, settings.aws.region) as aws:
        seen = AlarmObserver(settings, wanted(settings) if settings.alarms.log_group else None, aws).look(at, memory)
        calls = dict(aws.calls)
    limits = Limits(
        alarm=timedelta(hours=settings.alarms.max_alarm_hours),
        insufficient=timedelta(hours=settings.alarms.max_insufficient_hours),
    )
    judgement = judge(seen, limits)
    found = changes(memory.findings, seen, judgement)
    drill = files.read(DRILL)
    page = HealthPage(settings.environment, seen, judgement, found, calls, None if drill is None else json.loads(drill))
    files.write(PAGE, page.html(), "text/html; charset=utf-8")
    check = {
        "run_id": run_id,
        "at": at.isoformat(),
        "alarms": len(seen.alarms),
        "in_alarm": sum(alarm.exists and alarm.state == "ALARM" for alarm in seen.alarms),
        "topic": settings.notifications.sns_topic_arn or seen.own_topic,
        "digest": memory.is_digest_due(at),
        "changes": found.to_json(),
        "memory": memory.after(seen, found.standing).to_json(),
    }
    files.write(CHECK, json.dumps(check, ensure_ascii=False))
    _log_findings(found)
    numbers = {change: len(getattr(found, change)) for change in ("new", "worse", "resolved", "same")}
    log.info("%d alarms, %s, %d calls of AWS: %s", len(seen.alarms), numbers, sum(calls.values()), files.page_url())
    return {"alarms": len(seen.alarms), **numbers, "calls": sum(calls.values()), "page": files.page_url()}


def _log_findings(found: Changes) -> None:
    for finding in found.standing[:_LOGGED]:
        log.warning("%s %s: %s. %s", finding.severity, finding.title, finding.explanation, finding.remedy)
    if len(found.standing) > _LOGGED:
        log.warning("and %d more findings, see the page", len(found.standing) - _LOGGED)


@task
def tell_changes(run_id: str) -> dict[str, Any]:
    """Tell what changed by SNS, and once a day what stands; keep the memory; write the ledger.

    The message goes to `notifications.sns_topic_arn`, and without one to the alarms' own topic, where the people are who
    are told of alarms. A topic that is broken must not hide its own breakage: when publishing fails, this task fails,
    and with it the run, and the changes are told by the next check that can. Set `notifications.sns_topic_arn` to a
    topic of its own to be told by that one.

    A task that is tried again after it told does not tell twice.
    """
    return tell(airflow_settings(), run_id)


def tell(settings: Settings, run_id: str) -> dict[str, Any]:
    """Tell the check of a run.

    Raises:
        RuntimeError: when there is no check of the run, or SNS does not take a message.
    """
    from flowlogs.alarm_health_files import CHECK, MEMORY, AlarmHealthFiles
    from flowlogs.health.findings import Changes
    from flowlogs.health.memory import Memory
    from flowlogs.health.messages import Scope, changes_message, digest_message

    files = AlarmHealthFiles(settings)
    check = json.loads(files.read(CHECK) or "{}")
    if check.get("run_id") != run_id:
        raise RuntimeError(
            f"{files.key(CHECK)} is of the run {check.get('run_id')}, not of {run_id}: clear check_alarms"
        )
    at = datetime.fromisoformat(check["at"])
    found = Changes.from_json(check["changes"])
    kept = files.read(MEMORY)
    told = []
    if kept is None or Memory.from_json(kept).checked_at != at:
        scope = Scope(settings.environment, at, check["alarms"], check["in_alarm"], files.page_url())
        messages = {"changes": changes_message(found, scope)} if found.any else {}
        messages |= {"digest": digest_message(found.standing, scope)} if check["digest"] else {}
        for name, message in messages.items():
            _publish(settings, check["topic"], message, files.page_url())
            told.append(name)
        files.write(MEMORY, check["memory"])
    rows = _write_ledger(settings, files, found, at, run_id, with_standing=check["digest"])
    log.info("told: %s; %d rows in the ledger", ", ".join(told) or "nothing", rows)
    return {"told": told, "topic": check["topic"], "rows": rows}


def _publish(settings: Settings, topic: str | None, message: Message, page_url: str) -> None:
    from airflow.providers.amazon.aws.hooks.sns import SnsHook
    from botocore.exceptions import BotoCoreError, ClientError

    from flowlogs.aws import BOTOCORE_CONFIG

    if topic is None:
        raise RuntimeError(
            "nobody can be told: set notifications.sns_topic_arn (the settings define no alarms' topic, or its account is "
            f"unknown). {message.subject}; see {page_url}"
        )
    hook = SnsHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region, config=BOTOCORE_CONFIG)
    try:
        hook.conn.publish(TopicArn=topic, Subject=message.subject, Message=message.body, MessageStructure="json")
    except (ClientError, BotoCoreError) as error:
        raise RuntimeError(
            f"{topic} does not take the message, so nobody is told: {error}. {message.subject}; see {page_url}"
        ) from error


def _write_ledger(
    settings: Settings, files: Any, found: Changes, at: datetime, run_id: str, *, with_standing: bool
) -> int:
    from flowlogs.health import ledger
    from flowlogs.hooks.partitions import PartitionHook

    rows = list(ledger.finding_rows(found, at, run_id, with_standing=with_standing))
    if rows:
        lake = settings.lake
        folder = ledger.day_folder(lake.prefix_of(ledger.TABLE), at.date())
        files.put(f"{folder}{ledger.file_name(at, run_id)}", ledger.json_lines(rows))
        hook = PartitionHook(aws_conn_id=settings.aws.conn_id, region_name=settings.aws.region)
        hook.point(settings.athena.database, ledger.TABLE, [str(at.date())], f"s3://{lake.bucket}/{folder}")
    return len(rows)
