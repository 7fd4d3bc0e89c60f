"""Settings of day-to-day operation: how long late logs are looked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from flowlogs.setting_types import Section


class LateArrivals(Section):
    """Logs that come when their day was curated already."""

    window_days: Annotated[int, Field(ge=1, le=366)] = Field(
        default=10,
        description=(
            "Days that are compared with the ledger every day, yesterday's included; each costs a LIST request a target "
            "and thousand files."
        ),
    )
