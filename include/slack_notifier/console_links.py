"""Addresses in the AWS console. Their form is not documented; it is what the console itself shows as its address."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote

_PARTITIONS = {"aws-cn": "https://{region}.console.amazonaws.cn", "aws-us-gov": "https://console.amazonaws-us-gov.com"}
_QUERY = "fields @timestamp, @message | sort @timestamp asc | limit 1000"


class ConsoleLinks:
    """Pages of one region's CloudWatch; each is empty when the configuration has no console or the region is unknown."""

    def __init__(self, console_url: str, region: str, arn: str = "") -> None:
        """Pages below `console_url`, or where the partition of an ARN has its console."""
        base = _PARTITIONS.get(arn.split(":")[1] if arn.count(":") >= 5 else "", console_url) if console_url else ""
        self._home = f"{base.replace('{region}', region)}/cloudwatch/home?region={region}" if base and region else ""

    def alarm(self, name: str) -> str:
        """An alarm's page."""
        return self._page(f"alarmsV2:alarm/{quote(name, safe='', errors='replace')}")

    def log_lines(self, log_group: str, pattern: str, start: datetime, end: datetime) -> str:
        """A log group's lines of a time that match a filter pattern."""
        query = f"?filterPattern={_quoted(pattern)}&start={_milliseconds(start)}&end={_milliseconds(end)}"
        return self._page(f"logsV2:log-groups/log-group/{_dollars(_quoted(log_group))}/log-events{_dollars(query)}")

    def insights(self, log_group: str, start: datetime, end: datetime) -> str:
        """Logs Insights on a log group and time."""
        detail = (
            f"~(end~'{_value(_iso(end))}~start~'{_value(_iso(start))}~timeType~'ABSOLUTE~tz~'UTC"
            f"~editorString~'{_value(_QUERY)}~source~(~'{_value(log_group)}))"
        )
        escaped = detail.translate({ord(c): f"%{ord(c):02X}" for c in "~()'"})
        return self._page(f"logsV2:logs-insights{_dollars(f'?queryDetail={escaped}')}")

    def _page(self, fragment: str) -> str:
        return f"{self._home}#{fragment}" if self._home else ""


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _dollars(text: str) -> str:
    """Percent-encoded, with `$` for the percent sign."""
    return quote(text, safe="*", errors="replace").replace("%", "$")


def _value(text: str) -> str:
    """A text within the query's detail: all but letters, digits, `-` and `.` as `*` and two digits."""
    encoded = quote(text, safe="", errors="replace").replace("_", "%5F").replace("~", "%7E")
    return re.sub("%(..)", lambda code: f"*{code.group(1).lower()}", encoded)


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
