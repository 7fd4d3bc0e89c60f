"""Where a report's files stand in the lake, and the address of its page."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from flowlogs.reports.period import Period
from flowlogs.settings import Settings


class ReportFiles:
    """The places of one edition's report."""

    def __init__(self, settings: Settings, period: Period) -> None:
        self._settings = settings
        self._period = period

    def folder(self, period: Period | None = None) -> str:
        """Key prefix of the report of a period (this one's by default)."""
        period = period or self._period
        return f"{self._settings.lake.prefix}reports/rejected_traffic/{period.edition}/dt={period.key}/"

    def run_folder(self, run_id: str, try_number: int) -> str:
        """Where a try's CSV files stand in the folder."""
        return f"run={hashlib.sha256(run_id.encode()).hexdigest()[:12]}-{try_number}/"

    def page_key(self) -> str:
        """Key of the page."""
        return f"{self.folder()}index.html"

    def summary_key(self, period: Period | None = None) -> str:
        """Key of the summary of a period (this one's by default)."""
        return f"{self.folder(period)}summary.json"

    def page_url(self) -> str:
        """The page's address: below `reports.base_url`, or in the S3 console."""
        key = quote(self.page_key(), safe="/=")
        base = self._settings.reports.base_url
        if base:
            return f"{base}{key}"
        region, bucket = self._settings.aws.region, self._settings.lake.bucket
        return f"https://{region}.console.aws.amazon.com/s3/object/{bucket}?region={region}&prefix={key}"
