"""A SPICE ingestion whose retries do not stumble over their own id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.providers.amazon.aws.operators.quicksight import QuickSightCreateIngestionOperator


class RefreshDataSetOperator(QuickSightCreateIngestionOperator):
    """Airflow's operator, with the try's number behind the ingestion's id: QuickSight takes an id once.

    :param data_set_id: the data set (templated)
    :param ingestion_id: the beginning of the ingestion's id: letters, digits, - and _ (templated)
    :param ingestion_type: FULL_REFRESH or INCREMENTAL_REFRESH (templated)
    """

    ingestion_id: str
    template_fields: Sequence[str] = QuickSightCreateIngestionOperator.template_fields

    def execute(self, context: Any) -> Any:
        """Start the ingestion, and wait for it in the triggerer."""
        self.ingestion_id = f"{self.ingestion_id}-{context['ti'].try_number}"
        return super().execute(context)
