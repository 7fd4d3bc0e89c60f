"""The task of `flow_logs_setup` that prepares the search cluster."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from flowlogs.airflow_settings import airflow_settings

log = logging.getLogger(__name__)


@task
def set_up_search(params: Mapping[str, Any]) -> list[str]:
    """Make index templates, retention policy and dashboards, or find how they differ and mend that (or only say so).

    Returns: the differences found, in words.

    Raises:
        AirflowSkipException: when the settings want no export.
        AirflowFailException: for what the cluster or its dashboards refuse.
    """
    from flowlogs.hooks.search import SearchHook
    from flowlogs.search.cluster import SearchError
    from flowlogs.search_setup import SearchSetup

    settings = airflow_settings()
    if not settings.search.enabled:
        raise AirflowSkipException("search.enabled is false in the settings")
    hook = SearchHook(settings)
    try:
        with hook.get_conn() as cluster:
            differences = SearchSetup(cluster, settings, repair=params["repair"]).apply()
    except SearchError as error:
        if error.may_pass:
            raise
        raise AirflowFailException(f"{error}; docs/search.md names the privileges that setup needs") from error
    for text in differences:
        log.warning("%s (%s)", text, "made or mended" if params["repair"] else "left as it is")
    if params["repair"] and settings.search.dashboards_conn_id:
        log.info("%d objects of the dashboard are in place", hook.import_dashboards())
    return differences
