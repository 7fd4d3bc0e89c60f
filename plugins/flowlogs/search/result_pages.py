"""A query's result file of any size, read a page at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

PAGE: Final = 8 * 1024 * 1024
"""Bytes of a GET request: the memory that a result takes, however large it is."""


class ResultPages(io.RawIOBase):
    """An object of S3 as a stream that asks for one range after the other.

    A reader may pause between two pages as long as it likes, which would end the connection of a single GET.

    Args:
        client: of S3.
        uri: s3://bucket/key.
        page: bytes of a request.

    Raises:
        botocore.exceptions.ClientError: also when the object was replaced while it was read.
    """

    def __init__(self, client: Any, uri: str, page: int = PAGE) -> None:
        place = urlsplit(uri)
        self._client = client
        self._place = {"Bucket": place.netloc, "Key": place.path.lstrip("/")}
        head = client.head_object(**self._place)
        self._size, self._tag = int(head["ContentLength"]), head["ETag"]
        self._page = page
        self._held, self._at = b"", 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Some bytes; none at the end."""
        if not self._held and self._at < self._size:
            last = min(self._at + self._page, self._size) - 1
            answer = self._client.get_object(**self._place, Range=f"bytes={self._at}-{last}", IfMatch=self._tag)
            self._held = answer["Body"].read()
            self._at = last + 1
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count


def result_rows(client: Any, uri: str, page: int = PAGE) -> Iterator[list[str]]:
    """The rows of a result file of Athena (CSV), its header first; NULL is an empty text."""
    stream = io.TextIOWrapper(io.BufferedReader(ResultPages(client, uri, page), 1024 * 1024), "utf-8", newline="")
    yield from csv.reader(stream)
