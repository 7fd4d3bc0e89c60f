"""Who may see the page, and who may start runs from it: Airflow's own rights on the DAGs."""

from __future__ import annotations

from typing import Any, Final

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from airflow.models.dag import DagModel
from fastapi import Depends

from flowlogs.page.plan import DAG_ID
from flowlogs.page.runs import REPORT_DAG_ID

ALARM_DAG_ID: Final = "alarm_health"

MAY_SEE: Final[Any] = Depends(requires_access_dag("GET", DagAccessEntity.RUN, DAG_ID))
"""Everything on the page needs it; anonymous requests get 401, others 403."""

MAY_SEE_REPORTS: Final[Any] = Depends(requires_access_dag("GET", DagAccessEntity.RUN, REPORT_DAG_ID))
MAY_SEE_ALARMS: Final[Any] = Depends(requires_access_dag("GET", DagAccessEntity.RUN, ALARM_DAG_ID))

MAY_TRIGGER: Final[Any] = Depends(requires_access_dag("POST", DagAccessEntity.RUN, DAG_ID))
"""What Airflow's own backfills and triggers need."""


def may_trigger(user: GetUserDep) -> bool:
    """Whether to offer the button. What it starts is judged again by `MAY_TRIGGER` and by Airflow's API."""
    return get_auth_manager().is_authorized_dag(
        method="POST",
        access_entity=DagAccessEntity.RUN,
        details=DagDetails(id=DAG_ID, team_name=DagModel.get_team_name(DAG_ID)),
        user=user,
    )
