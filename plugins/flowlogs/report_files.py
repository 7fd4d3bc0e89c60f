"""Where a report's files stand in the lake, and the address of its page."""

from __future__ import annotations

import hashlib
from typing import Final
from urllib.parse import quote

from flowlogs.reports.period import Period
from flowlogs.settings import Settings

RECIPIENTS: Final = ("SNS", "Slack")
"""Who is told of a report."""


def told_key(folder: str, recipient: str) -> str:
    """Key of the note of what a recipient was told of the report in a folder."""
    return f"{folder}told_{recipient.lower()}.json"


class ReportFiles:
    """The places of one edition's report.

    Args:
        settings: the lake, and where people reach it.
        period: the days.
        whole: False for a run of some sections only: it has a place of its own, for without the other sections' findings
            it must neither replace the report nor be what the next one is compared with.
    """

    def __init__(self, settings: Settings, period: Period, *, whole: bool = True) -> None:
        self._settings = settings
        self._period = period
        self._within = "" if whole else "some_sections/"

    def folder(self) -> str:
        """Key prefix of everything of the report."""
        return f"{self._period_folder(self._period)}{self._within}"

    def run_folder(self, run_id: str, try_number: int) -> str:
        """Where a try's CSV files stand in the folder."""
        return f"run={hashlib.sha256(run_id.encode()).hexdigest()[:12]}-{try_number}/"

    def page_key(self) -> str:
        """Key of the page."""
        return f"{self.folder()}index.html"

    def summary_key(self) -> str:
        """Key of the summary."""
        return f"{self.folder()}summary.json"

    def summary_before_key(self) -> str:
        """Key of the summary of the whole report of the period before."""
        return f"{self._period_folder(self._period.before)}summary.json"

    def page_url(self) -> str:
        """The page's address: below `reports.base_url`, or in the S3 console."""
        key = quote(self.page_key(), safe="/=")
        base = self._settings.reports.base_url
        if base:
            return f"{base}{key}"
        region, bucket = self._settings.aws.region, self._settings.lake.bucket
        return f"https://{region}.console.aws.amazon.com/s3/object/{bucket}?region={region}&prefix={key}"

    def _period_folder(self, period: Period) -> str:
        return f"{self._settings.lake.prefix}reports/rejected_traffic/{period.edition}/dt={period.key}/"
