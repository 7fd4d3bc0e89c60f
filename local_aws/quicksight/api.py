"""The QuickSight API (https://docs.aws.amazon.com/quicksight/latest/APIReference/), for `RestJsonService`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from local_aws.aws_json import Caller, ServiceError
from local_aws.quicksight.account_operations import AccountOperations
from local_aws.quicksight.analysis_operations import AnalysisOperations
from local_aws.quicksight.athena_source import AthenaSource
from local_aws.quicksight.dashboard_operations import DashboardOperations
from local_aws.quicksight.data_set_operations import DataSetOperations
from local_aws.quicksight.data_source_operations import DataSourceOperations
from local_aws.quicksight.documents import Documents
from local_aws.quicksight.errors import throttled
from local_aws.quicksight.faults import Faults
from local_aws.quicksight.folder_operations import FolderOperations
from local_aws.quicksight.ingesting import Ingesting
from local_aws.quicksight.ingestion_records import IngestionRecords
from local_aws.quicksight.loading import Loading
from local_aws.quicksight.refresh_operations import RefreshOperations
from local_aws.quicksight.resources import Library
from local_aws.quicksight.settings import Behaviour
from local_aws.quicksight.spice import Spice
from local_aws.quicksight.template_operations import TemplateOperations


class QuickSightOperations(
    AccountOperations,
    DataSourceOperations,
    DataSetOperations,
    RefreshOperations,
    AnalysisOperations,
    DashboardOperations,
    TemplateOperations,
    FolderOperations,
):
    """The operations of QuickSight's API; the state is below `folder`."""

    def __init__(self, folder: Path, source: AthenaSource, behaviour: Behaviour) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.behaviour = behaviour
        self.faults = Faults()
        self.documents = Documents(folder / "quicksight.sqlite")
        self.library = Library(self.documents)
        self.records = IngestionRecords(folder / "ingestions.sqlite")
        self.spice = Spice(folder / "spice", self.documents)
        self.reach_work_group = source.problem_of
        load = Loading(self.library, source, self.spice)
        self.ingesting = Ingesting(self.records, self.faults, load, queue_seconds=behaviour.queue_seconds)
        self.ingesting.resume()

    def close(self) -> None:
        """Stop ingestions, which go on after the next start, and close the files."""
        self.ingesting.close()
        self.records.close()
        self.documents.close()

    def before_call(self, caller: Caller, operation: str, params: dict[str, Any]) -> None:
        """Refuse a call on another account, and those that faults are switched on for.

        Raises:
            ServiceError: AccessDeniedException, ThrottlingException, InternalFailureException.
        """
        account = params.get("AwsAccountId", caller.account_id)
        if account != caller.account_id:
            message = f"Account {caller.account_id} is not authorized to perform: quicksight:{operation} on the account {account}"
            raise ServiceError("AccessDeniedException", message, status=401)
        data_set = params.get("DataSetId")
        if self.faults.take("throttle", data_set, operation):
            raise throttled()
        if self.faults.take("internal_failure", data_set, operation):
            raise ServiceError("InternalFailureException", "An internal failure occurred", status=500)
