"""What the health check keeps in the lake, each replaced by one request: readers see the old or the new."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from airflow.providers.amazon.aws.hooks.s3 import S3Hook

from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.settings import Settings

PAGE: Final = "index.html"
CHECK: Final = "check.json"
"""The last check, before it is told."""
MEMORY: Final = "memory.json"
"""The state after the last check that was told (`flowlogs.health.memory`)."""
DRILL: Final = "drill.json"
"""The report of the last fire drill."""


class AlarmHealthFiles:
    """The files of the alarms' health, below `alarm_health/` in the lake."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._bucket = settings.lake.bucket
        self._s3 = S3Hook(aws_conn_id=settings.aws.conn_id, config=BOTOCORE_CONFIG)

    def key(self, name: str) -> str:
        """The key of a file."""
        return f"{self._settings.lake.prefix}alarm_health/{name}"

    def read(self, name: str) -> str | None:
        """A file's text; None when there is none yet."""
        from botocore.exceptions import ClientError

        try:
            text: str = self._s3.conn.get_object(Bucket=self._bucket, Key=self.key(name))["Body"].read().decode()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        return text

    def write(self, name: str, text: str, content_type: str = "application/json") -> None:
        """Replace a file."""
        self.put(self.key(name), text, content_type)

    def put(self, key: str, text: str, content_type: str = "application/json") -> None:
        """Replace an object of the lake."""
        self._s3.conn.put_object(Bucket=self._bucket, Key=key, Body=text.encode(), ContentType=content_type)

    def page_url(self) -> str:
        """The page's address: below `reports.base_url`, or in the S3 console."""
        key = quote(self.key(PAGE), safe="/=")
        if self._settings.reports.base_url:
            return f"{self._settings.reports.base_url}{key}"
        region = self._settings.aws.region
        return f"https://{region}.console.aws.amazon.com/s3/object/{self._bucket}?region={region}&prefix={key}"
