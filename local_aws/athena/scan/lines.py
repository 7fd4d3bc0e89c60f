r"""Lines of text files, as Hadoop's LineRecordReader gives them: ended by \n, \r or \r\n, none dropped.

DuckDB's CSV reader reads a whole line as one column, as long as the column's delimiter does not occur. In
strict mode it is right on files whose lines all end alike, or it refuses: it refuses mixed line ends, text
that is not UTF-8 and lines that hold the delimiter. A refused file is read again from a *normalised* copy:
line ends made \n, bytes that are not UTF-8 made U+FFFD. One case it does not notice, a \r among the lines
that are skipped or next to them, so the beginning of every file with a header is looked at here.
"""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from enum import Enum
from pathlib import Path
from typing import IO

from local_aws.athena.dml.types import literal
from local_aws.athena.model import QueryFailed

MAX_LINE_BYTES = 100 * 1024 * 1024
"""The longest line that is read, in bytes (Trino's hive.text.max-line-length)."""

_USUAL_LINE_BYTES = 4 * 1024 * 1024
"""The longest line of a file that is read without normalising; it decides how large DuckDB's buffers are."""

_FIRST_DELIMITER = "\x1e"
"""A control character that text files hardly ever hold: reading is a tenth faster than by the other one."""

_SAFE_DELIMITER = "\U0010ffff"
"""A code point that is no character; normalised copies do not hold it."""

_READ_BYTES = 1 << 20


class Compression(Enum):
    """How an object's bytes are compressed, by the suffix of its key, as Hadoop's codecs decide."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    BZIP2 = "bzip2"


_SUFFIXES = {".gz": Compression.GZIP, ".zst": Compression.ZSTD, ".bz2": Compression.BZIP2}
_REFUSED_SUFFIXES = (".snappy", ".lz4", ".lzo", ".lzo_deflate", ".deflate")


def compression_of(uri: str) -> Compression:
    """The compression of a text object. Raises: QueryFailed for a codec that is not supported here."""
    name = uri.lower()
    if name.endswith(_REFUSED_SUFFIXES):
        raise QueryFailed(f"NOT_SUPPORTED: the compression of {uri} is not supported; use gzip, zstd, bzip2 or none")
    return next((found for suffix, found in _SUFFIXES.items() if name.endswith(suffix)), Compression.NONE)


def lines_sql(files_variable: str, compression: Compression, header_lines: int, *, normalised: bool) -> str:
    """A relation (line, file_index) over the files in a DuckDB variable; an empty line is an empty string."""
    delimiter = _SAFE_DELIMITER if normalised else _FIRST_DELIMITER
    line_bytes = MAX_LINE_BYTES if normalised else _USUAL_LINE_BYTES
    return (
        f"(SELECT coalesce(line, '') AS line, file_index FROM read_csv(getvariable({literal(files_variable)}), "
        f"auto_detect = false, header = false, skip = {header_lines}, delim = {literal(delimiter)}, quote = '', "
        f"escape = '', comment = '', strict_mode = true, compression = '{compression.value}', "
        f"max_line_size = {line_bytes}, buffer_size = {line_bytes + line_bytes // 4}, "
        "columns = {'line': 'VARCHAR'}))"
    )


def needs_normalising(file: Path, compression: Compression, header_lines: int) -> bool:
    r"""Whether DuckDB cannot be trusted with a file: its codec, or a \r near the header.

    A file that cannot be decompressed is left to the reader, which says what is wrong with it.
    """
    if compression is Compression.BZIP2:
        return True
    return header_lines > 0 and b"\r" in _beginning(file, compression, header_lines + 1)


def _beginning(file: Path, compression: Compression, lines: int) -> bytes:
    """At least the first `lines` lines of a file, or all of it; nothing of a file that is damaged there."""
    beginning = b""
    try:
        with file.open("rb") as raw:
            if compression is Compression.GZIP:
                inflater = zlib.decompressobj(wbits=31)
                compressed = raw.read(4096)
                while compressed and not inflater.eof and beginning.count(b"\n") < lines:
                    beginning += inflater.decompress(compressed, 4096)
                    compressed = inflater.unconsumed_tail or raw.read(4096)
            elif compression is Compression.NONE:
                while beginning.count(b"\n") < lines and (chunk := raw.read(4096)):
                    beginning += chunk
    except zlib.error:
        return b""
    return beginning


def write_normalised(uri: str, file: Path, compression: Compression, target: Path) -> None:
    r"""Write an uncompressed copy in which every line ends in \n and all is UTF-8.

    Raises: QueryFailed when the file is damaged.
    """
    if compression is Compression.ZSTD:
        raise QueryFailed(
            f"HIVE_BAD_DATA: {uri} holds mixed line ends or text that is not UTF-8, which is not supported in zstd "
            "compressed text"
        )
    try:
        with (
            _decompressed(file, compression) as raw,
            io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline=None) as text,
            target.open("w", encoding="utf-8", newline="\n") as copy,
        ):
            while chunk := text.read(_READ_BYTES):
                copy.write(chunk.replace(_SAFE_DELIMITER, "\N{REPLACEMENT CHARACTER}"))
    except (EOFError, OSError, zlib.error) as error:
        raise QueryFailed(f"HIVE_CURSOR_ERROR: Failed to read file at {uri}: {error}") from error


def _decompressed(file: Path, compression: Compression) -> IO[bytes] | gzip.GzipFile | bz2.BZ2File:
    if compression is Compression.GZIP:
        return gzip.open(file, "rb")
    if compression is Compression.BZIP2:
        return bz2.open(file, "rb")
    return file.open("rb")
