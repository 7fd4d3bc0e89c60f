"""What the page's requests share: the settings, the lake, the ledger in memory, the reports."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from flowlogs.page.lake import Lake
from flowlogs.page.ledger_view import LedgerView
from flowlogs.page.reported import Reports
from flowlogs.settings import Settings

SETTINGS_SECONDS: Final = 15.0
"""How long the settings are not read again: the Variable costs a query of Airflow's database."""


class Site:
    """The things that belong to one state of the settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lake = Lake(settings)
        self.ledger = LedgerView(self.lake)
        self.reports = Reports(settings, self.lake)


class SettingsUnreadableError(Exception):
    """The settings are wrong; the message says how."""


class Sites:
    """The site of the settings in force; a new one when they change."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._site: Site | None = None
        self._looked_at = float("-inf")

    def read_ahead(self) -> None:
        """Begin to read the ledger, waiting for nothing; what is wrong is told to whoever asks for the page."""
        threading.Thread(target=self._read_ahead, name="flowlogs-read-ahead", daemon=True).start()

    def _read_ahead(self) -> None:
        with suppress(Exception):
            self.current().ledger.ledger(wait_seconds=0)

    def current(self) -> Site:
        """The site.

        Raises:
            SettingsUnreadableError: when the settings have mistakes.
        """
        with self._lock:
            if self._site is None or time.monotonic() - self._looked_at > SETTINGS_SECONDS:
                try:
                    settings = self._settings()
                except ValueError as error:  # SettingsError is one
                    raise SettingsUnreadableError(str(error)) from error
                if self._site is None or self._site.settings != settings:
                    self._site = Site(settings)
                self._looked_at = time.monotonic()
            return self._site
