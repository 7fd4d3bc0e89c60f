"""Documents that the cluster refused: counted, with reasons, in a file of the lake."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections import Counter
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Final, cast

from flowlogs.search.fields import Kind
from flowlogs.settings import Settings

if TYPE_CHECKING:
    from flowlogs.search.bulk import Refused

PREFIX: Final = "search_dead_letters/"
"""Where the files stand in the lake."""

_REASONS_SHOWN: Final = 5


class DeadLetters:
    """Collects refused documents in a temporary file; memory holds their reasons only.

    Args:
        settings: the lake.
        kind: of the documents.
        day: YYYY-MM-DD.
        index: the index that refused them.
    """

    def __init__(self, settings: Settings, kind: Kind, day: str, index: str) -> None:
        self._settings = settings
        self._key = f"{settings.lake.prefix}{PREFIX}dt={day}/kind={kind}/{index}.jsonl.gz"
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by __exit__
        self._lines = gzip.GzipFile(fileobj=self._file, mode="wb")
        self._reasons: Counter[str] = Counter()

    def __enter__(self) -> DeadLetters:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._file.close()

    def add(self, refused: Refused) -> None:
        """Take a document."""
        self._reasons[f"{refused.type}: {refused.reason}"[:300]] += 1
        self._lines.write(json.dumps(asdict(refused), ensure_ascii=False).encode() + b"\n")

    def reasons(self) -> str:
        """The most frequent reasons, with their numbers."""
        return "; ".join(f"{count} times {reason}" for reason, count in self._reasons.most_common(_REASONS_SHOWN))

    def store(self) -> str | None:
        """Write the file to the lake; its place, None without a document."""
        if not self._reasons:
            return None
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook

        from flowlogs.aws import BOTOCORE_CONFIG

        self._lines.close()
        self._file.seek(0)
        bucket = self._settings.lake.bucket
        s3 = S3Hook(aws_conn_id=self._settings.aws.conn_id, config=BOTOCORE_CONFIG)
        s3.conn.upload_fileobj(cast("IO[bytes]", self._file), bucket, self._key)
        return f"s3://{bucket}/{self._key}"
