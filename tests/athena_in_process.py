"""An Athena of a test's own: the engine over a folder of objects and a catalog, in process."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

from local_aws.athena.engine import run_statement
from local_aws.athena.model import QueryFailed, QueryOutcome, QueryRequest
from local_aws.glue.catalog import CatalogStore
from local_aws.objects import FolderObjects

ACCOUNT = "111122223333"


class Athena:
    """Runs statements; `outcome` is that of the last one."""

    outcome: QueryOutcome
    database = "default"
    """Database of unqualified names."""

    def __init__(self, folder: Path) -> None:
        self.catalog = CatalogStore(folder / "glue.sqlite").catalog(ACCOUNT, "us-east-1")
        self.objects = FolderObjects(folder / "s3")
        (folder / "s3" / "logs").mkdir(parents=True)
        self.prepared: dict[str, str] = {}
        self._result = folder / "result"
        self._count = 0

    def text(self, sql: str, *parameters: str, cutoff: int | None = None) -> str:
        """Run a statement; its result file."""
        self._count += 1
        self._result.write_bytes(b"")
        request = QueryRequest(
            query_id=f"query-{self._count}", sql=sql, account_id=ACCOUNT, region="us-east-1", database=self.database,
            output_location="s3://logs/results/", work_group="primary", catalog=self.catalog, objects=self.objects,
            result_file=self._result, prepared_statement=self._prepared, save_prepared_statement=self._save,
            execution_parameters=parameters, bytes_scanned_cutoff=cutoff,
        )  # fmt: skip
        self.outcome = run_statement(request)
        return self._result.read_text()

    def rows(self, sql: str, *parameters: str) -> list[tuple[str, ...]]:
        """A query's rows as texts; NULL and the empty text are both empty."""
        return [tuple(row) for row in csv.reader(io.StringIO(self.text(sql, *parameters)))][1:]

    def value(self, sql: str) -> str:
        """The only value of a query."""
        ((value,),) = self.rows(sql)
        return value

    def put(self, key: str, text: str | bytes) -> int:
        """Put an object, compressed when its name ends in .gz; its size."""
        body = text.encode() if isinstance(text, str) else text
        body = gzip.compress(body, mtime=0) if key.endswith(".gz") and isinstance(text, str) else body
        self.objects.put("logs", key, body)
        return len(body)

    def _prepared(self, name: str) -> str:
        if name not in self.prepared:
            raise QueryFailed(f"NOT_FOUND: Prepared statement not found: {name}")
        return self.prepared[name]

    def _save(self, name: str, sql: str | None) -> None:
        if sql is None:
            del self.prepared[name]
        else:
            self.prepared[name] = sql
