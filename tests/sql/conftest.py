"""The SQL files, rendered as Airflow renders them and run on an Athena in process."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from airflow.sdk import DAG

from flowlogs.curation import run_name
from flowlogs.dag_defaults import MACROS, SQL_FOLDER, run_location
from flowlogs.settings import Settings, load_settings
from tests.athena_in_process import Athena
from tests.unit.flowlogs.smallest_settings import section

DAY = "2026-11-22"


class SqlFiles:
    """Renders the files of `include/sql/` with the settings of a test, and runs them.

    All buckets of the settings have to be `logs`, the only one of the Athena in process.
    """

    def __init__(self, athena: Athena, settings_file: Path) -> None:
        self.athena = athena
        self._file = settings_file
        dag = DAG("sql", schedule=None, template_searchpath=SQL_FOLDER, user_defined_macros=MACROS)
        self._templates = dag.get_template_env()

    def settings(self, *sources: dict[str, Any]) -> Settings:
        """Put settings with these sources in force."""
        values = section(sources=list(sources), lake={"bucket": "logs", "prefix": "lake/"})
        self._file.write_text(yaml.safe_dump(values))
        return load_settings()

    def rendered(self, path: str, day: str = DAY, run_id: str = "scheduled__1", **params: Any) -> str:
        """The statement of a file."""
        task_instance = SimpleNamespace(xcom_pull=lambda task_ids: {"the_day": day}[task_ids], try_number=1)
        return self._templates.get_template(path).render(params={"day": day, **params}, ti=task_instance, run_id=run_id)

    def curate(self, source: str, day: str = DAY, run_id: str = "scheduled__1") -> str:
        """Curate a source's day into `flow_records`' folders, unpublished; the run's name."""
        for table in ("flow_records", "flow_gaps", "flow_quarantine", "flow_daily", "flow_staging"):
            self.rows(f"tables/{table}.sql")
        last = len(self._targets(source))
        self.athena.text(self.rendered("curate/records.sql", day, run_id, source=source, first=0, last=last))
        return run_name(run_id, load_settings().source(source), 0, last, 1)

    @staticmethod
    def last_run_location(table: str, run_id: str, params: dict[str, Any]) -> str:
        """Where a statement of `curate/` that was rendered with these writes."""
        return run_location(table, params, run_id, 1)

    def rows(self, path: str, day: str = DAY, **params: Any) -> list[tuple[str, ...]]:
        """Run the statement of a file; its rows."""
        return self.athena.rows(self.rendered(path, day, **params))

    def table(self, name: str) -> dict[str, Any]:
        """A table in the catalog."""
        return self.athena.catalog.get_table(self.athena.database, name)

    def deliver(self, source: str, text: str | bytes, *, account: str = "111122223333", day: str = DAY) -> None:
        """Put one file of a target in us-east-1 where its flow log would."""
        configured = load_settings().source(source)
        target = next(target for target in configured.targets() if target.account == account)
        moment = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        extension = "log.gz" if configured.file_format == "text" else "log.parquet"
        name = f"{account}_vpcflowlogs_{target.region}_fl-0a1b2c3d4e5f60718_{moment:%Y%m%dT%H%MZ}_0a1b2c3d.{extension}"
        self.athena.put(f"{configured.day_prefix(target, moment.date())}{name}", text)

    def set_up(self, source: str, day: str = DAY) -> None:
        """Database, raw table and the day's partitions of a source, as the DAGs make them."""
        self.rows("tables/database.sql")
        self.rows("tables/raw_table.sql", source=source)
        parts = {"source": source, "first": 0, "last": len(self._targets(source))}
        if load_settings().source(source).file_format == "text":
            self.rows("tables/lines_table.sql", source=source)
        for table in load_settings().source(source).file_tables:
            self.rows("partitions/add_partitions.sql", day, table=table, **parts)

    @staticmethod
    def _targets(source: str) -> tuple[Any, ...]:
        return load_settings().source(source).targets()


@pytest.fixture
def sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlFiles:
    settings_file = tmp_path / "flowlogs.yaml"
    monkeypatch.setenv("FLOWLOGS_CONFIG", str(settings_file))
    monkeypatch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
    athena = Athena(tmp_path)
    athena.database = "flowlogs"
    return SqlFiles(athena, settings_file)
