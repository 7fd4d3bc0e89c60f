"""The pipeline's SQL on the running local AWS: tables and curated days for tests that run whole DAGs on them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import yaml

from flowlogs.settings import Settings, load_settings
from tests.sql.conftest import SqlFiles
from tests.unit.flowlogs.smallest_settings import section

WORK_GROUP = "curated_days"


class CuratedDays(SqlFiles):
    """The SQL files on the running local AWS, for whole DAGs that read the curated lake."""

    database = "flowlogs"

    def __init__(self, aws: Any, settings_file: Path, **changes: Any) -> None:
        super().__init__(self, settings_file)
        self._aws = aws
        self._changes = changes
        self._queries = aws.client("athena")
        self._objects = aws.client("s3")
        self._objects.create_bucket(Bucket="logs")
        where = {"ResultConfiguration": {"OutputLocation": "s3://logs/athena/"}}
        self._queries.create_work_group(Name=WORK_GROUP, Configuration=where)

    def settings(self, *sources: dict[str, Any]) -> Settings:
        values = section(
            sources=list(sources),
            lake={"bucket": "logs", "prefix": "lake/"},
            athena={"output_location": "s3://logs/athena/", "work_group": WORK_GROUP, "poll_seconds": 1},
            schedule={"retries": 1, "retry_delay_minutes": 0.0001},
            **self._changes,
        )
        self._file.write_text(yaml.safe_dump(values))
        return load_settings()

    def rows(self, path: str, day: str = "", **params: Any) -> list[tuple[str, ...]]:
        self.text(self.rendered(path, day, **params))
        return []

    def table(self, name: str) -> dict[str, Any]:
        return self._aws.client("glue").get_table(DatabaseName=self.database, Name=name)["Table"]

    def text(self, sql: str) -> None:
        query = self._queries.start_query_execution(
            QueryString=sql, WorkGroup=WORK_GROUP, QueryExecutionContext={"Database": self.database}
        )["QueryExecutionId"]
        while (state := self._state(query))["State"] in ("QUEUED", "RUNNING"):
            time.sleep(0.01)
        assert state["State"] == "SUCCEEDED", (sql, state)

    def _state(self, query: str) -> dict[str, Any]:
        return self._queries.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]

    def put(self, key: str, body: str | bytes) -> None:
        self._objects.put_object(Bucket="logs", Key=key, Body=body if isinstance(body, bytes) else body.encode())
