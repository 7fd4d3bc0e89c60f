"""SPICE ingestions of data sets, as QuickSight tells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from airflow.providers.amazon.aws.hooks.quicksight import QuickSightHook

from flowlogs.aws import BOTOCORE_CONFIG
from flowlogs.quicksight.ingestions import Ingestion, IngestionType
from flowlogs.settings import Settings

_QUOTA_PERIOD: Final = timedelta(hours=24)


class IngestionHook(QuickSightHook):
    """Lists, starts, looks at and cancels ingestions of an account's data sets.

    :param quicksight_account_id: AWS account of QuickSight; None for that of the connection
    """

    def __init__(self, *, quicksight_account_id: str | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("config", BOTOCORE_CONFIG)
        super().__init__(**kwargs)
        self._account_id = quicksight_account_id

    @classmethod
    def of(cls, settings: Settings) -> IngestionHook:
        """The account and region of the settings."""
        return cls(
            aws_conn_id=settings.aws.conn_id,
            region_name=settings.quicksight.region or settings.aws.region,
            quicksight_account_id=settings.quicksight.account_id,
        )

    def listed(self, data_set_id: str) -> list[Ingestion]:
        """The newest first: those of the last 24 hours, and on to the newest that read all and did not fail.

        Raises:
            botocore.exceptions.ClientError: ResourceNotFoundException when the data set is not there.
        """
        since = datetime.now(UTC) - _QUOTA_PERIOD
        found: list[Ingestion] = []
        has_full = False
        pages = self.conn.get_paginator("list_ingestions").paginate(AwsAccountId=self._account(), DataSetId=data_set_id)
        for page in pages:
            for shape in page["Ingestions"]:
                one = Ingestion.of(shape)
                if has_full and one.created < since:
                    return found
                found.append(one)
                has_full = has_full or (one.reads_all and not one.is_in_vain)
        return found

    def look(self, data_set_id: str, ingestion_id: str) -> Ingestion:
        """One ingestion; ClientError with ResourceNotFoundException when it or its data set is not there."""
        answer = self.conn.describe_ingestion(
            AwsAccountId=self._account(), DataSetId=data_set_id, IngestionId=ingestion_id
        )
        return Ingestion.of(answer["Ingestion"])

    def start(self, data_set_id: str, ingestion_id: str, ingestion_type: IngestionType) -> None:
        """Ask for an ingestion. One that is there already, since an answer was lost on its way, is taken as it is.

        Raises:
            botocore.exceptions.ClientError: as documented for CreateIngestion.
        """
        try:
            self.conn.create_ingestion(
                AwsAccountId=self._account(),
                DataSetId=data_set_id,
                IngestionId=ingestion_id,
                IngestionType=ingestion_type,
            )
        except self.conn.exceptions.ResourceExistsException:
            self.log.info("%s: ingestion %s is there already", data_set_id, ingestion_id)

    def cancel(self, data_set_id: str, ingestion_id: str) -> None:
        """Cancel an ingestion; nothing when it has ended meanwhile."""
        try:
            self.conn.cancel_ingestion(AwsAccountId=self._account(), DataSetId=data_set_id, IngestionId=ingestion_id)
        except (
            self.conn.exceptions.InvalidParameterValueException,
            self.conn.exceptions.ResourceNotFoundException,
        ) as error:
            self.log.info("%s: ingestion %s cannot be cancelled: %s", data_set_id, ingestion_id, error)

    def _account(self) -> str:
        self._account_id = self._account_id or str(self.account_id)
        return self._account_id
