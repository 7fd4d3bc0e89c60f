"""Result files: written to S3 as Athena writes them, read back page by page for GetQueryResults."""

from __future__ import annotations

import base64
import mmap
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local_aws.athena.errors import invalid_request
from local_aws.athena.metadata_file import metadata_bytes
from local_aws.athena.model import QueryOutcome, ResultColumn
from local_aws.objects import NoSuchBucket, ObjectStore, split_s3_uri

WRITES = frozenset({"CREATE_TABLE_AS_SELECT", "INSERT", "UNLOAD"})
"""Substatement types that leave data files and a manifest instead of a result."""

# One CSV value as the engine writes it: quoted, or (NULL) an empty field; then what ends it.
_VALUE = re.compile(rb'(?:"((?:[^"]|"")*+)"|([^",\n]*+))(,|\n|\Z)')


@dataclass(frozen=True)
class ResultFiles:
    """Where the result of one execution lies: `s3://…/<id>.csv`, or `.txt` for DDL and UTILITY."""

    location: str

    @classmethod
    def of(cls, folder: str, query_id: str, *, is_table: bool) -> ResultFiles:
        """The files of an execution in the folder of its results."""
        return cls(f"{folder}{query_id}.{'csv' if is_table else 'txt'}")

    @property
    def manifest(self) -> str:
        """The list of data files that CTAS, INSERT and UNLOAD wrote."""
        return f"{self.location.rsplit('.', 1)[0]}-manifest.csv"

    def write(self, objects: ObjectStore, result_file: Path, outcome: QueryOutcome) -> None:
        """Put the result, its metadata and, if data was written, the manifest.

        Raises: NoSuchBucket.
        """
        bucket, key = split_s3_uri(self.location)
        if outcome.substatement_type in WRITES:
            _, manifest_key = split_s3_uri(self.manifest)
            objects.put(bucket, manifest_key, "".join(f"{uri}\n" for uri in outcome.written).encode())
        else:
            objects.put_file(bucket, key, result_file)
        objects.put(bucket, f"{key}.metadata", metadata_bytes(outcome.columns))

    def exist(self, objects: ObjectStore) -> bool:
        """Whether the result can still be read."""
        bucket, key = split_s3_uri(self.location)
        try:
            return any(found.key == key for found in objects.list(bucket, key))
        except NoSuchBucket:
            return False


@dataclass(frozen=True)
class Page:
    """Some rows of a result (None is NULL), and the token of the page behind them."""

    rows: list[list[str | None]]
    next_token: str | None


def read_page(file: Path, columns: Sequence[ResultColumn], *, is_table: bool, token: str | None, limit: int) -> Page:
    """At most `limit` rows from the position in the file that `token` names; the start without one.

    A text result's lines are rows of one value each, as Athena returns them.

    Raises:
        ServiceError: InvalidRequestException for a token that is none.
    """
    position = _position(token, file.stat().st_size)
    if file.stat().st_size == 0:
        return Page([], None)
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as text:
        rows: list[list[str | None]] = []
        while position < len(text) and len(rows) < limit:
            if is_table:
                row, position = _csv_row(text, position, len(columns))
            else:
                end = text.find(b"\n", position)
                end = len(text) if end < 0 else end
                row, position = [text[position:end].decode()], end + 1
            rows.append(row)
        return Page(rows, _token(position) if position < len(text) else None)


def _csv_row(text: mmap.mmap, position: int, width: int) -> tuple[list[str | None], int]:
    row: list[str | None] = []
    while True:
        value = _VALUE.match(text, position)
        if value is None:
            raise ValueError(f"not a result file: no value at byte {position}")
        quoted, _, end = value.groups()
        row.append(None if quoted is None else quoted.replace(b'""', b'"').decode())
        position = value.end()
        if end != b"," or len(row) > width:
            return row, position


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"byte:{position}".encode()).decode()


def _position(token: str | None, size: int) -> int:
    if token is None:
        return 0
    try:
        kind, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
        position = int(number)
    except ValueError as error:
        raise invalid_request(f"Invalid NextToken: {token!r}") from error
    if kind != "byte" or not 0 <= position <= size:
        raise invalid_request(f"Invalid NextToken: {token!r}")
    return position
