"""The page's application, built when the first request comes: every Airflow process imports the plugin, one serves it."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class LazyPage:
    """An ASGI application that makes the real one when it is first called."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._app: AsgiApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        await self._made()(scope, receive, send)

    def _made(self) -> AsgiApp:
        with self._lock:
            if self._app is None:
                from flowlogs.page.app import create_app

                app = create_app()
                # Airflow's navigation asks for the icon first: the ledger is read before anybody opens the page.
                app.state.sites.read_ahead()
                self._app = app
            return self._app
