"""Where SQL, settings, templates and definitions lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

INCLUDE: Final = Path(os.environ.get("FLOWLOGS_INCLUDE") or Path(__file__).parents[2] / "include")
"""Beside `plugins/`, as in the repository; elsewhere where the environment variable FLOWLOGS_INCLUDE says (Amazon MWAA)."""
