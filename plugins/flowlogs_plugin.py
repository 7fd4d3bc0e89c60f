"""The Airflow plugin of the pipeline: the page "Flow logs" in Airflow's navigation.

Every daemon imports this file, so it imports nothing that is heavy.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

from flowlogs.page.lazy import LazyPage

PREFIX = "/flowlogs"

SEEN_AT = f"{urlsplit(conf.get('api', 'base_url', fallback='')).path.rstrip('/')}{PREFIX}"
"""Where browsers find it: Airflow may itself stand below a path."""


class FlowLogsPlugin(AirflowPlugin):
    """Serves the page below `/flowlogs/` and shows it in a frame at `/plugin/flow-logs`."""

    name = "flowlogs"
    fastapi_apps: list[Any] = [{"app": LazyPage(), "url_prefix": PREFIX, "name": "Flow logs"}]  # noqa: RUF012 - declared so by Airflow
    external_views: list[Any] = [  # noqa: RUF012
        {
            "name": "Flow logs",
            "href": f"{SEEN_AT}/",
            "url_route": "flow-logs",
            "destination": "nav",
            "nav_top_level": True,
            "icon": f"{SEEN_AT}/static/icon.svg",
            "icon_dark_mode": f"{SEEN_AT}/static/icon-dark.svg",
        }
    ]
