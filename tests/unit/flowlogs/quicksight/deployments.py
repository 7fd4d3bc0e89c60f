"""What the settings of a test want in QuickSight."""

from __future__ import annotations

from typing import Any

from flowlogs.quicksight.wanted import WantedDashboard, wanted
from flowlogs.settings import Settings
from tests.unit.flowlogs.smallest_settings import section

ACCOUNT = "111122223333"


def settings(environment: str = "prod", **quicksight: Any) -> Settings:
    """Settings with a dashboard."""
    return Settings.model_validate(section(environment=environment, quicksight={"enabled": True, **quicksight}))


def dashboard(region: str = "us-east-1", **quicksight: Any) -> WantedDashboard:
    """What there shall be."""
    return wanted(settings(**quicksight), ACCOUNT, region)
