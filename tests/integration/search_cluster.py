"""An OpenSearch of a test's own, or a clear word on why there is none."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from search_server.jars import ServerNotHad
from search_server.server import SearchServer


@contextlib.contextmanager
def running_search(product: type[SearchServer] = SearchServer, **options: Any) -> Iterator[SearchServer]:
    """A server (OpenSearch, or the `product`) in a folder of its own; the test is skipped where its jars or Java cannot be had."""
    # Not below pytest's folders: they are closed to others, and started by root the server runs as nobody.
    with tempfile.TemporaryDirectory(prefix="search-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = product(Path(folder), **options)
        try:
            server.start()
        except ServerNotHad as reason:
            pytest.skip(f"no {product.release} here: {reason}")
        try:
            yield server
        finally:
            server.stop()
