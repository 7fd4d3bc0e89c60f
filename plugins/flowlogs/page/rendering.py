"""HTML of the page: templates with everything escaped, and the headers that keep it to itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flowlogs.page.states import STATE_OF_CODE, STATES, state_of
from flowlogs.reports.values import bytes_in_units, cost, count, visible

WEB: Final = Path(__file__).with_name("web")

ASSETS: Final[Mapping[str, str]] = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "icon-dark.svg": "image/svg+xml",
}
"""What is served as it is, with its media type."""

HEADERS: Final[Mapping[str, str]] = {
    # Inline styles are sizes of bars only; scripts come from this page's own file alone.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def html(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A template as an answer."""
    text = _templates().get_template(template).render(**values)
    return HTMLResponse(text, status, headers=dict(HEADERS))


def asset_version() -> str:
    """Changes when a file of the page changes, so that browsers may keep them."""
    return _asset_version()


@cache
def _asset_version() -> str:
    return hashlib.sha256(b"".join((WEB / name).read_bytes() for name in ASSETS)).hexdigest()[:12]


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(WEB), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "bytes": bytes_in_units,
        "count": count,
        "cost": lambda usd: "$0" if not usd else cost(usd),
        "visible": visible,
        "plural": _plural,
        "ago": _ago,
        "clock": _clock,
        "lasting": _lasting,
        "short": _short,
    }
    environment.globals |= {
        "states": STATES, "state_of_code": STATE_OF_CODE, "state_of": state_of, "asset_version": asset_version,
    }  # fmt: skip
    return environment


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _short(number: int) -> str:
    return str(number) if number < 1000 else f"{number / 1000:.0f}k"


def _clock(moment: datetime | None) -> str:
    return "–" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _ago(moment: datetime) -> str:
    return f"{_lasting((datetime.now(UTC) - moment).total_seconds())} ago"


def _lasting(seconds: float) -> str:
    seconds = max(0, int(seconds))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
