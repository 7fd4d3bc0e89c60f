"""An alarm as a message: what, where, how many, since when, the log lines, links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from alarm import Alarm
from blocks import Block, context, fields, links, message, section, sentence, severity_of, small_print
from configuration import Configuration
from console_links import ConsoleLinks
from flow_record_table import table_of
from log_lines import LINES_SHOWN, LogLines
from slack_text import Mrkdwn, code, code_block, escaped, link

_STATES = {"ALARM": "ALARM", "OK": "OK again", "INSUFFICIENT_DATA": "No data to judge"}


def alarm_message(
    alarm: Alarm, configuration: Configuration, *, lines: LogLines | None = None, in_alarm_since: datetime | None = None
) -> dict[str, Any]:
    """The message of an alarm that changed its state.

    Args:
        alarm: the alarm.
        configuration: environment, log group, log fields and console.
        lines: the log lines that made it go off; None when there are none to look for.
        in_alarm_since: for an alarm that left ALARM, when it went into it; None when that is not known.
    """
    drill = f"[drill {alarm.drill}] " if alarm.drill else ""
    state = _STATES.get(alarm.state, alarm.state)
    return message(
        f"{drill}{state}: {alarm.title}",
        _colour(alarm),
        [*_drill(alarm), *_body(alarm, configuration, lines, in_alarm_since), *_links(alarm, configuration, lines)],
        summary=_summary(alarm, configuration),
    )


def _body(
    alarm: Alarm, configuration: Configuration, lines: LogLines | None, in_alarm_since: datetime | None
) -> list[Block]:
    if alarm.state == "OK":
        return [_ok_again(alarm, in_alarm_since), small_print(_where(alarm, configuration))]
    body = [sentence(alarm.explanation)] * bool(alarm.explanation) + [_numbers(alarm, configuration)]
    if alarm.state == "INSUFFICIENT_DATA":
        no_data = (
            "CloudWatch has too little data to tell whether this alarm should go off. Nothing is watched by it now."
        )
        body.insert(0, section(escaped(no_data)))
    body += _lines(lines, configuration) if lines is not None else []
    return [*body, small_print(f"CloudWatch: {alarm.reason or 'no reason given'}")]


def _colour(alarm: Alarm) -> str:
    if alarm.drill:
        return "info"
    if alarm.state == "OK":
        return "ok"
    if alarm.state == "INSUFFICIENT_DATA":
        return "unknown"
    severity = severity_of(alarm.severity)
    return severity if severity != "unknown" else "high"


def _summary(alarm: Alarm, configuration: Configuration) -> str:
    many = f"{alarm.value_words}; " if alarm.value_words and alarm.state == "ALARM" else ""
    return f"{many}{_where(alarm, configuration)}"


def _where(alarm: Alarm, configuration: Configuration) -> str:
    return ", ".join(part for part in (configuration.environment, alarm.account, alarm.region) if part)


def _drill(alarm: Alarm) -> list[Block]:
    if not alarm.drill:
        return []
    return [section(Mrkdwn(f"*This is a drill* ({code(alarm.drill)}): the alarm's state was set to test its path."))]


def _numbers(alarm: Alarm, configuration: Configuration) -> Block:
    seen = [
        ("How many", alarm.value_words),
        ("Alarm at", alarm.threshold_words),
        ("Since", f"{alarm.changed_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("Severity", alarm.severity),
        ("Metric", " / ".join(part for part in (alarm.namespace, alarm.metric, alarm.statistic) if part)),
    ]
    places = [
        ("Account and region", ", ".join(part for part in (alarm.account, alarm.region) if part)),
        ("Environment", configuration.environment),
        ("Log group", configuration.log_group),
        ("Alarm", alarm.name),
    ]
    return fields(
        [(label, escaped(value, 300)) for label, value in seen if value]
        + [(label, code(place)) for label, place in places if place]
    )


def _ok_again(alarm: Alarm, in_alarm_since: datetime | None) -> Block:
    name = code(alarm.name)
    if alarm.old_state != "ALARM":
        return section(Mrkdwn(f"{name} is OK; before, CloudWatch had too little data to tell."))
    if in_alarm_since is None:
        return section(Mrkdwn(f"{name} is OK again; its history does not tell since when it was in ALARM."))
    length = _duration(alarm.changed_at - in_alarm_since)
    return section(
        Mrkdwn(f"{name} is OK again, was in ALARM for {length} (since {in_alarm_since:%Y-%m-%d %H:%M} UTC).")
    )


def _duration(length: timedelta) -> str:
    minutes = max(0, round(length.total_seconds() / 60))
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days {hours % 24} h"


def _lines(lines: LogLines, configuration: Configuration) -> list[Block]:
    parts = []
    if lines.first:
        heading = Mrkdwn(f"*{_how_many_lines(lines)}*, times in UTC")
        parts = [section(heading), section(code_block(table_of(lines.first, configuration.log_fields)))]
        if rest := lines.count - len(lines.first):
            parts.append(context(Mrkdwn(f"and {'' if lines.is_complete else 'at least '}{rest:,} more")))
    elif not lines.problem:
        none = "No log line of that time matches" if lines.is_complete else "No log line found in the time there was"
        parts = [context(Mrkdwn(f"{none} the filter pattern {code(lines.pattern)}"))]
    if lines.problem:
        parts.append(small_print(f"The log lines could not {'all ' * bool(lines.first)}be fetched: {lines.problem}"))
    return parts


def _how_many_lines(lines: LogLines) -> str:
    if lines.count > LINES_SHOWN:
        return f"The first {len(lines.first)} of {'' if lines.is_complete else 'at least '}{lines.count:,} log lines"
    return f"{'' if lines.is_complete else 'At least '}{lines.count} log line{'s' * (lines.count != 1)}"


def _links(alarm: Alarm, configuration: Configuration, lines: LogLines | None) -> Sequence[Block]:
    console = ConsoleLinks(configuration.console_url, alarm.region, alarm.arn)
    found = [link(console.alarm(alarm.name), "Alarm")]
    if configuration.log_group:
        start, end = alarm.window
        if lines is not None and lines.pattern:
            found.append(link(console.log_lines(configuration.log_group, lines.pattern, start, end), "Log lines"))
        found.append(link(console.insights(configuration.log_group, start, end), "Logs Insights"))
    return links(found)
