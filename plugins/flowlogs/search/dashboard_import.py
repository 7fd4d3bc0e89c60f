"""Putting saved objects into OpenSearch Dashboards or Kibana by their import API."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, Final

import httpx

from flowlogs.search.dashboards import Server

_HEADERS: Final = {"opensearch": "osd-xsrf", "elasticsearch": "kbn-xsrf"}
"""Without it both refuse every request that changes something."""
_TRIES: Final = 4
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})


class ImportRefused(Exception):
    """What was refused, and why; trying again does not help."""


def import_dashboards(
    url: str, server: Server, ndjson: str, *, auth: tuple[str, str] | None = None, verify: bool | str = True,
    pause: Callable[[float], object] = time.sleep,
) -> int:  # fmt: skip
    """Import objects, over those that are there with the same id.

    Args:
        url: where OpenSearch Dashboards or Kibana is.
        server: which of them it is.
        ndjson: the objects, a line each.
        auth: user and password.
        verify: of TLS; False, or the file of an authority.
        pause: waits for so many seconds.

    Returns: how many objects are there now.

    Raises:
        ImportRefused: naming what was refused.
        httpx.HTTPError: when it cannot be reached.
    """
    address = f"{url.rstrip('/')}/api/saved_objects/_import"
    for number in range(1, _TRIES + 1):
        try:
            answer = httpx.post(
                address, params={"overwrite": "true"}, headers={_HEADERS[server]: "true"}, auth=auth, verify=verify,
                files={"file": ("dashboard.ndjson", ndjson.encode(), "application/ndjson")}, timeout=60,
            )  # fmt: skip
        except httpx.TransportError:
            if number == _TRIES:
                raise
        else:
            if answer.status_code not in _AGAIN or number == _TRIES:
                return _imported(answer)
        pause(random.uniform(0, 2**number))  # noqa: S311
    raise AssertionError("the last try returns or raises")


def _imported(answer: httpx.Response) -> int:
    if answer.status_code in (401, 403):
        raise ImportRefused(
            f"HTTP {answer.status_code}: the user of search.dashboards_conn_id may not import saved objects"
        )
    if answer.is_error:
        raise ImportRefused(f"HTTP {answer.status_code} {answer.text[:300]}")
    result: dict[str, Any] = answer.json()
    if not result.get("success"):
        refused = [
            f"{one.get('type')} {one.get('id')}: {one.get('error', {}).get('type', 'unknown')}"
            for one in result.get("errors", ())
        ]
        raise ImportRefused(f"objects were refused: {'; '.join(refused) or result}")
    return int(result["successCount"])
