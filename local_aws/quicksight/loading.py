"""Loading a data set: its query on Athena, in the work group of its data source, into SPICE."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from local_aws.quicksight.athena_source import AthenaSource
from local_aws.quicksight.data_source_operations import work_group_of
from local_aws.quicksight.failures import IngestionFailed
from local_aws.quicksight.ingestion_records import Ingestion
from local_aws.quicksight.preparation.tables import InvalidTables, Physical, physical_table, transforms
from local_aws.quicksight.preparation.terms import identifier
from local_aws.quicksight.resources import DATA_SET, DATA_SOURCE, Library
from local_aws.quicksight.spice import Loaded, Spice, Window

REFRESH_PROPERTIES = "refresh_properties"
"""The kind of document that keeps a data set's DataSetRefreshProperties."""


class Loading:
    """Brings the rows of an ingestion into SPICE."""

    def __init__(self, library: Library, source: AthenaSource, spice: Spice) -> None:
        self._library = library
        self._source = source
        self._spice = spice

    def __call__(self, ingestion: Ingestion, stop: threading.Event, drop: int) -> Loaded:
        """Run the query and replace the rows: all, or those in the look-back window.

        Raises: IngestionFailed, Stopped.
        """
        caller, data_set_id = ingestion.caller, ingestion.data_set_id
        data_set = self._library.find(caller, DATA_SET, data_set_id)
        if data_set is None:
            raise IngestionFailed("DATA_SET_DELETED", f"The data set {data_set_id} was deleted")
        if data_set["ImportMode"] != "SPICE":
            raise IngestionFailed("DATA_SET_NOT_SPICE", f"The data set {data_set_id} is not imported into SPICE")
        try:
            physical, steps = physical_table(data_set), transforms(data_set)
        except InvalidTables as error:
            raise IngestionFailed("INVALID_DATAPREP_SYNTAX", str(error)) from error
        data_source = self._library.find(caller, DATA_SOURCE, physical.data_source_arn.rpartition("/")[2])
        if data_source is None:
            raise IngestionFailed("DATA_SOURCE_NOT_FOUND", f"The data source {physical.data_source_arn} is not found")
        window = self._window(ingestion)
        sql = physical.sql if window is None else _in_window(physical, steps, window)
        rows = self._source.rows(caller, sql, work_group_of(data_source), stop)
        return self._spice.load(caller, data_set_id, ingestion.number, rows, physical, steps, window=window, drop=drop)

    def _window(self, ingestion: Ingestion) -> Window | None:
        """The window of an incremental refresh; None for all rows, also when there are none yet."""
        caller, data_set_id = ingestion.caller, ingestion.data_set_id
        if ingestion.request_type != "INCREMENTAL_REFRESH" or self._spice.state(caller, data_set_id) is None:
            return None
        properties = self._library.documents.get(caller, REFRESH_PROPERTIES, data_set_id)
        if properties is None:
            raise IngestionFailed("CUSTOMER_ERROR", f"The data set {data_set_id} has no refresh properties any more")
        look_back = properties["RefreshConfiguration"]["IncrementalRefresh"]["LookbackWindow"]
        unit = {"HOUR": timedelta(hours=1), "DAY": timedelta(days=1), "WEEK": timedelta(weeks=1)}[look_back["SizeUnit"]]
        # From this moment back, not from midnight: what is documented is a window of that size that ends now.
        begins = datetime.fromtimestamp(ingestion.created, UTC) - look_back["Size"] * unit
        return Window(look_back["ColumnName"], begins.replace(tzinfo=None, microsecond=0))


def _in_window(physical: Physical, steps: list[dict[str, Any]], window: Window) -> str:
    """The query, asked only for the rows of the window: Athena reads no more than these."""
    column = window.column
    for step in reversed(steps):
        rename = step.get("RenameColumnOperation")
        if rename and rename["NewColumnName"] == column:
            column = rename["ColumnName"]
    if column not in physical.columns:
        raise IngestionFailed(
            "SQL_SCHEMA_MISMATCH_ERROR", f"The look-back window's column {window.column} is not a column of the query"
        )
    start = window.start.strftime("%Y-%m-%d %H:%M:%S.000")
    return f"SELECT * FROM (\n{physical.sql}\n) AS source WHERE {identifier(column)} >= TIMESTAMP '{start}'"
