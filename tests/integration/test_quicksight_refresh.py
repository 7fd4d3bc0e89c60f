"""`quicksight_refresh` on the local AWS: SPICE holds what Athena answers, and each fault ends as a person would wish.

The table of the faults stands in docs/quicksight-refresh.md; `UPDATE_DOCS=1` writes it anew.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, TaskDeferred
from botocore.exceptions import ClientError
from botocore.loaders import Loader

from flowlogs.ledger import ObjectCount, RowCount, ledger_row
from flowlogs.operators.quicksight import RefreshDataSetOperator
from flowlogs.page.freshness import KEY
from flowlogs.quicksight.ingestion_errors import REMEDIES
from flowlogs.quicksight_refresh_tasks import verify_rows
from flowlogs.quicksight_setup import QuickSightSetup
from flowlogs.quicksight_setup_tasks import quicksight_client, wanted_dashboard
from flowlogs.settings import Settings, load_settings
from flowlogs.targets import Target
from tests.conftest import ROOT, LocalAws, free_port
from tests.integration.airflow_process import Airflow, Run, running_airflow
from tests.integration.alarm_stack import ReadOnce
from tests.integration.curated_days import CuratedDays
from tests.sql.quicksight.conftest import DashboardLake, day_before_today

pytestmark = pytest.mark.integration

PAGE_IN_DOCS = ROOT / "docs" / "quicksight-refresh.md"
ACCOUNT = "000000000000"
TRAFFIC, COVERAGE = "test-flowlogs-traffic", "test-flowlogs-coverage"
READ_ONCE = f"""
sys.path.append({str(ROOT)!r})
from botocore.loaders import Loader
from tests.integration.alarm_stack import ReadOnce
Loader.FILE_LOADER_CLASS = ReadOnce
"""
"""QuickSight's model is large, and each client reads it anew."""
ENDED = ("COMPLETED", "FAILED", "CANCELLED")


@dataclass
class Dashboard:
    """A lake of some days, its data sets in QuickSight, and an Airflow that refreshes them."""

    aws: LocalAws
    airflow: Airflow
    lake: DashboardLake
    settings: Settings
    client: Any

    def publish(self, *back: int, flows: int = 3) -> None:
        """Process days, so many before today: rows of traffic are added, the ledger tells it."""
        for number in back:
            day = day_before_today(number)
            rows = [{"day": day, "srcaddr": f"198.51.100.{n}", "flows": n + 1} for n in range(flows)]
            self.lake.summarised(rows)
            ledger = ledger_row(
                Target("network", "111122223333", "us-east-1"), status="complete", reason="", files=ObjectCount(),
                rows=RowCount(), scanned=0, cost_usd=0.0, run_id="test", recorded_at=datetime.now(UTC),
            )  # fmt: skip
            self.lake.ledger(ledger, day=day)

    def run(self, **conf: str) -> Run:
        return self.airflow.run("quicksight_refresh", **conf)

    def ingestions(self, data_set_id: str = TRAFFIC) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("list_ingestions").paginate(AwsAccountId=ACCOUNT, DataSetId=data_set_id)
        return [one for page in pages for one in page["Ingestions"]]

    def athena_rows(self, name: str) -> int:
        """Rows of a data set's query, counted by Athena."""
        from flowlogs.hooks.queries import QueriesHook
        from flowlogs.quicksight.data_sets import data_set_files, query

        hook = QueriesHook(aws_conn_id="aws_default", region_name="us-east-1")
        sql = f"SELECT count(*) AS n FROM ({query(data_set_files()[name].sql, self.settings)})"
        where = {"database": self.settings.athena.database, "work_group": self.settings.athena.work_group}
        return int(hook.result(hook.run_and_wait(sql, **where))[0]["n"])

    def spice_is_athena(self) -> None:
        """Every data set has as many rows as its query."""
        for name, data_set_id in (("traffic", TRAFFIC), ("coverage", COVERAGE)):
            assert self.ended(data_set_id)["RowInfo"]["TotalRowsInDataset"] == self.athena_rows(name)

    def ended(self, data_set_id: str = TRAFFIC) -> dict[str, Any]:
        """The newest ingestion, when it has ended."""
        while (newest := self.ingestions(data_set_id)[0])["IngestionStatus"] not in ENDED:
            threading.Event().wait(0.02)
        return newest

    def freshness(self) -> dict[str, dict[str, Any]]:
        body = self.aws.client("s3").get_object(Bucket="logs", Key=f"lake/{KEY}")["Body"].read()
        return {one["name"]: one for one in json.loads(body)["data_sets"]}

    def fault(self, kind: str, **fault: Any) -> None:
        self._faults("POST", json.dumps({"kind": kind, "data_set": COVERAGE, **fault}).encode())

    def no_faults(self) -> None:
        self._faults("DELETE", None)

    def _faults(self, method: str, body: bytes | None) -> None:
        request = urllib.request.Request(f"{self.aws.endpoint_url}/_quicksight/faults", body, method=method)
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("refresh")
    quick = {"LOCAL_AWS_QUICKSIGHT_QUEUE_SECONDS": "0.05", "LOCAL_AWS_QUICKSIGHT_SETTLE_SECONDS": "0"}
    server = LocalAws(folder / "data", free_port(), quick)
    server.start()
    environ = {**server.connection, "FLOWLOGS_CONFIG": str(folder / "flowlogs.yaml")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        patch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
        console = {"enabled": True, "console_url": f"{server.endpoint_url}/_quicksight/"}
        lake = DashboardLake(CuratedDays(server, folder / "flowlogs.yaml", quicksight=console))
        patch.setattr(Loader, "FILE_LOADER_CLASS", ReadOnce)
        dag_file = ROOT / "dags" / "quicksight_refresh.py"
        with running_airflow(folder / "airflow", dag_file, environ, prepare=READ_ONCE) as airflow:
            settings = load_settings()
            dashboard = Dashboard(server, airflow, lake, settings, server.client("quicksight"))
            dashboard.publish(1, 2, 9, 10)
            QuickSightSetup(quicksight_client(settings), wanted_dashboard(settings), repair=True).apply()
            yield dashboard
    server.stop()


class TestSpiceHoldsWhatAthenaAnswers:
    """One story: each test goes on where the one before it ended."""

    def test_after_the_first_load(self, dashboard):
        dashboard.ended(TRAFFIC), dashboard.ended(COVERAGE)
        run = dashboard.run()
        assert (run.state, run.states("plan_refresh"), run.states("refresh")) == ("success", ["skipped"], ["skipped"])
        dashboard.spice_is_athena()
        assert len(dashboard.ingestions()) == 1

    def test_after_a_daily_refresh(self, dashboard):
        dashboard.publish(1, flows=5)
        run = dashboard.run()
        assert run.state == "success", run.log
        assert {key: tries for key, tries in run.tries.items() if tries > 1} == {}
        assert set(run.states("refresh")) == {"success"}
        newest = dashboard.ended()
        assert newest["RequestType"] == "INCREMENTAL_REFRESH"
        assert newest["RowInfo"]["RowsIngested"] == 2 * 3 + 5, "of the window only"
        dashboard.spice_is_athena()
        assert run.returned("verify_rows") == [{TRAFFIC: dashboard.athena_rows("traffic"), COVERAGE: 4}]
        noted = dashboard.freshness()["VPC flow logs: traffic (test)"]
        assert (noted["status"], noted["newest_day"], noted["problem"]) == ("COMPLETED", day_before_today(1), "")
        assert noted["rows"] == dashboard.athena_rows("traffic")

    def test_after_a_late_rerun_of_an_old_day(self, dashboard):
        dashboard.publish(10, flows=2)
        run = dashboard.run()
        assert run.state == "success", run.log
        assert "is before" in run.log
        assert dashboard.ended()["RequestType"] == "FULL_REFRESH"
        dashboard.spice_is_athena()

    def test_after_a_backfill_of_five_days_which_is_one_ingestion(self, dashboard):
        before = len(dashboard.ingestions())
        dashboard.publish(4, 5, 6, 7, 8)
        assert set(dashboard.run().states("refresh")) == {"success"}
        assert dashboard.run().states("refresh") == ["skipped"], "as of the other four days"
        assert len(dashboard.ingestions()) == before + 1
        dashboard.spice_is_athena()

    def test_when_it_is_asked_for_by_hand(self, dashboard):
        run = dashboard.run(refresh="full")
        assert set(run.states("refresh")) == {"success"}
        assert dashboard.ended()["IngestionId"].endswith("-traffic-1")
        links = {value for (task, _, key), value in run.xcoms.items() if task == "refresh" and key.startswith("_link")}
        assert {address.partition("/sn/")[2] for address in links} == {
            f"data-sets/{TRAFFIC}", f"data-sets/{COVERAGE}", "dashboards/test-flowlogs"
        }  # fmt: skip
        for address in links:
            with urllib.request.urlopen(address) as answer:
                assert "VPC flow logs" in answer.read().decode()

    def test_rows_that_differ_fail_the_run(self, dashboard):
        newest = dashboard.ended(COVERAGE)
        ingested = {
            "data_set_id": COVERAGE,
            "ingestion_type": "FULL_REFRESH",
            "created": datetime.now(UTC).isoformat(),
            "rows": 1,
            "total": newest["RowInfo"]["TotalRowsInDataset"],
        }
        verify_rows.function([ingested])
        with pytest.raises(AirflowFailException, match=r"SPICE has 3 rows , Athena 9; trigger quicksight_refresh"):
            verify_rows.function([{**ingested, "total": 3}])


@dataclass(frozen=True)
class Outcome:
    """What a task did: its tries, how it ended, and its last words."""

    tries: int
    state: str
    words: str


def tried(dashboard: Dashboard, make: Callable[[], RefreshDataSetOperator], *, overdue: bool = False) -> Outcome:
    """Run the task as Airflow does: deferred, resumed in a new operator, tried again unless it says that is no use."""
    words = ""
    for number in (1, 2):
        try:
            one_try(make, overdue=overdue)
        except AirflowFailException as error:
            return Outcome(number, "failed", str(error))
        except (AirflowException, ClientError) as error:
            words = str(error)
        else:
            return Outcome(number, "success", words)
    return Outcome(2, "failed", words)


def one_try(make: Callable[[], RefreshDataSetOperator], *, overdue: bool) -> Any:
    method, kwargs = "execute", {}
    while True:
        try:
            return getattr(make(), method)({}, **kwargs)
        except TaskDeferred as deferred:
            trigger = deferred.trigger
            if overdue:  # the clock is put forward
                trigger.arguments["deadline"] = (datetime.now(UTC) + timedelta(seconds=0.3)).isoformat()
            event = asyncio.run(anext(trigger.run())).payload
            method, kwargs = deferred.method_name, {"event": event}


NAMED = (COVERAGE, "quota", "gone", "going", "failing")
STEMS = iter(range(10_000))


def refreshing(kind: str = "FULL_REFRESH", data_set_id: str = COVERAGE) -> Callable[[], RefreshDataSetOperator]:
    """The operator of one run, made anew for each try."""
    stem = f"{next(STEMS):012d}-{'a' * 8}-coverage-"
    return lambda: RefreshDataSetOperator(
        task_id="refresh", data_set_id=data_set_id, stem=stem, ingestion_type=kind, poll_seconds=0.02
    )  # type: ignore[arg-type]


def when_begun(dashboard: Dashboard, ingestion_id: str, data_set_id: str, act: Callable[[], object]) -> None:
    """Do something, in a thread, as soon as an ingestion is there."""

    def watch() -> None:
        while dashboard.ingestions(data_set_id)[0]["IngestionId"] != ingestion_id:
            threading.Event().wait(0.02)
        act()

    threading.Thread(target=watch, daemon=True).start()


@pytest.fixture
def quick_waits(monkeypatch):
    """botocore's waits before it tries again take no time."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.001)


@dataclass
class Told:
    """The rows of the table in the docs."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, fault: str, outcome: Outcome) -> None:
        done = {
            (1, "success"): "goes on; the first try succeeds",
            (2, "success"): "tries again, and succeeds",
            (1, "failed"): "fails at once, without retries",
            (2, "failed"): "tries again; fails when its retries are used up",
        }[outcome.tries, outcome.state]
        words = outcome.words.partition(": ")[2] if outcome.words.partition(":")[0] in NAMED else outcome.words
        words = re.sub(r"[0-9a-f]{12}-[0-9a-f]{8}-\w+-\d+", "…", words)
        words = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:[\d.]+)?(\+00:00|Z)?", "(time)", words)
        self.rows.append((fault, done, words))


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


@pytest.fixture
def table(told, dashboard) -> Iterator[Told]:
    yield told
    dashboard.no_faults()


@pytest.mark.usefixtures("quick_waits")
class TestFaults:
    def test_throttled_for_a_moment(self, dashboard, table):
        dashboard.fault("throttle", operation="CreateIngestion", times=3)
        outcome = tried(dashboard, refreshing())
        assert (outcome.tries, outcome.state) == (1, "success")
        table.add("CreateIngestion throttled for a moment", outcome)

    def test_throttled_for_long(self, dashboard, table):
        dashboard.fault("throttle", operation="CreateIngestion", times=8)
        outcome = tried(dashboard, refreshing())
        assert (outcome.tries, outcome.state) == (2, "success")
        assert "ThrottlingException" in outcome.words
        table.add("CreateIngestion throttled for minutes", outcome)

    def test_throttled_while_it_waits(self, dashboard, table):
        dashboard.fault("stuck_queued", seconds=0.3)
        dashboard.fault("throttle", operation="DescribeIngestion", times=20)
        make = refreshing()
        dashboard.client.create_ingestion(
            AwsAccountId=ACCOUNT, DataSetId=COVERAGE, IngestionId=f"{make().stem}1", IngestionType="FULL_REFRESH"
        )
        outcome = tried(dashboard, make)
        assert (outcome.tries, outcome.state) == (1, "success")
        table.add("DescribeIngestion throttled during the wait", outcome)

    def test_internal_failure(self, dashboard, table):
        dashboard.fault("internal_failure", operation="CreateIngestion", times=8)
        outcome = tried(dashboard, refreshing())
        assert (outcome.tries, outcome.state) == (2, "success")
        table.add("CreateIngestion fails inside AWS for minutes", outcome)

    def test_the_answer_or_the_worker_is_lost(self, dashboard, table):
        make = refreshing()
        arguments = {"AwsAccountId": ACCOUNT, "DataSetId": COVERAGE, "IngestionType": "FULL_REFRESH"}
        dashboard.client.create_ingestion(**arguments, IngestionId=f"{make().stem}1")
        before = len(dashboard.ingestions(COVERAGE))
        outcome = tried(dashboard, make)
        assert (outcome.tries, outcome.state) == (1, "success")
        assert len(dashboard.ingestions(COVERAGE)) == before, "no second one"
        table.add("the worker is lost when it has begun the ingestion", outcome)

    def test_others_refresh_the_data_set(self, dashboard, table):
        dashboard.fault("stuck_queued", seconds=0.3)
        arguments = {"AwsAccountId": ACCOUNT, "DataSetId": COVERAGE, "IngestionType": "FULL_REFRESH"}
        dashboard.client.create_ingestion(**arguments, IngestionId="by-hand")
        make = refreshing()
        outcome = tried(dashboard, make)
        assert (outcome.tries, outcome.state) == (1, "success")
        newest, before = dashboard.ingestions(COVERAGE)[:2]
        assert (newest["IngestionId"], before["IngestionId"]) == (f"{make().stem}1", "by-hand")
        ended = before["CreatedTime"] + timedelta(seconds=0.3)
        assert newest["CreatedTime"] >= ended, "one at a time"
        table.add("others refresh the data set meanwhile", outcome)

    def test_stuck_in_queued(self, dashboard, table):
        dashboard.fault("stuck_queued", times=1)
        outcome = tried(dashboard, refreshing(), overdue=True)
        assert (outcome.tries, outcome.state) == (2, "success")
        assert "was QUEUED until" in outcome.words
        assert dashboard.ingestions(COVERAGE)[1]["IngestionStatus"] == "CANCELLED"
        table.add("stuck in QUEUED", outcome)

    def test_rows_dropped(self, dashboard, table):
        dashboard.fault("drop_rows", rows=2)
        make = refreshing()
        outcome = tried(dashboard, make)
        assert (outcome.tries, outcome.state) == (1, "failed")
        assert "dropped 2 of" in outcome.words
        table.add("rows dropped", Outcome(1, "failed", re.sub(r"dropped 2 of \d+", "dropped 2 of 9", outcome.words)))
        assert tried(dashboard, make).state == "success", "when it is cleared, a new ingestion is begun"

    def test_cancelled_by_somebody(self, dashboard, table):
        dashboard.fault("stuck_queued")
        make = refreshing()
        one = {"AwsAccountId": ACCOUNT, "DataSetId": COVERAGE, "IngestionId": f"{make().stem}1"}
        when_begun(dashboard, one["IngestionId"], COVERAGE, lambda: dashboard.client.cancel_ingestion(**one))
        outcome = tried(dashboard, make)
        assert (outcome.tries, outcome.state) == (1, "failed")
        table.add("cancelled by somebody", outcome)

    def test_the_quota_is_used_up_but_for_the_reserve(self, dashboard, table):
        data_set = wanted_dashboard(dashboard.settings).data_sets["coverage"].request()
        dashboard.client.create_data_set(**{**data_set, "DataSetId": "quota"})
        make = refreshing(data_set_id="quota")
        for number in range(28):
            one = {"AwsAccountId": ACCOUNT, "DataSetId": "quota", "IngestionId": f"by-hand-{number}"}
            dashboard.client.create_ingestion(**one)
        dashboard.ended("quota")
        outcome = tried(dashboard, make)
        assert (outcome.tries, outcome.state) == (1, "failed")
        first = dashboard.ingestions("quota")[-2]["CreatedTime"]
        assert f"the next is possible at {first + timedelta(days=1):%Y-%m-%d %H:%M} UTC" in outcome.words
        assert "28 of 32 refreshes" in outcome.words
        table.add("the day's quota used up but for the reserve", outcome)
        dashboard.client.create_ingestion(AwsAccountId=ACCOUNT, DataSetId="quota", IngestionId="a-person")
        dashboard.client.delete_data_set(AwsAccountId=ACCOUNT, DataSetId="quota")

    def test_the_quota_is_used_up_unseen(self, dashboard, table):
        dashboard.fault("quota", times=20)  # botocore takes it for throttling
        outcome = tried(dashboard, refreshing())
        assert (outcome.tries, outcome.state) == (1, "failed")
        assert "LimitExceededException" in outcome.words
        table.add("QuickSight itself refuses: LimitExceededException", outcome)

    def test_the_data_set_is_deleted(self, dashboard, table):
        outcome = tried(dashboard, refreshing(data_set_id="gone"))
        assert (outcome.tries, outcome.state) == (1, "failed")
        assert "run flow_logs_setup" in outcome.words
        table.add("the data set is deleted", outcome)

    def test_the_data_set_is_deleted_during_the_wait(self, dashboard, table):
        data_set = wanted_dashboard(dashboard.settings).data_sets["coverage"].request()
        dashboard.client.create_data_set(**{**data_set, "DataSetId": "going"})
        dashboard.ended("going")
        dashboard.fault("stuck_queued", data_set="going")
        make, gone = refreshing(data_set_id="going"), {"AwsAccountId": ACCOUNT, "DataSetId": "going"}
        when_begun(dashboard, f"{make().stem}1", "going", lambda: dashboard.client.delete_data_set(**gone))
        outcome = tried(dashboard, make)
        assert (outcome.tries, outcome.state) == (1, "failed")
        table.add("the data set is deleted during the wait", outcome)

    def test_incremental_refresh_is_not_set_up_any_more(self, dashboard, table):
        one = {"AwsAccountId": ACCOUNT, "DataSetId": COVERAGE}
        kept = dashboard.client.describe_data_set_refresh_properties(**one)["DataSetRefreshProperties"]
        dashboard.client.delete_data_set_refresh_properties(**one)
        outcome = tried(dashboard, refreshing("INCREMENTAL_REFRESH"))
        dashboard.client.put_data_set_refresh_properties(**one, DataSetRefreshProperties=kept)
        assert (outcome.tries, outcome.state) == (1, "failed")
        table.add("somebody has removed the refresh properties", outcome)

    @pytest.mark.parametrize("error_type", sorted(REMEDIES))
    def test_an_ingestion_that_failed(self, dashboard, table, error_type):
        # A data set of its own: all together are more than the day's quota.
        data_set = wanted_dashboard(dashboard.settings).data_sets["coverage"].request()
        dashboard.client.create_data_set(**{**data_set, "DataSetId": "failing"})
        dashboard.ended("failing")
        dashboard.fault("ingestion_error", data_set="failing", error_type=error_type, message="as QuickSight says it")
        outcome = tried(dashboard, refreshing(data_set_id="failing"))
        dashboard.client.delete_data_set(AwsAccountId=ACCOUNT, DataSetId="failing")
        again = REMEDIES[error_type].again
        assert (outcome.tries, outcome.state) == ((2, "success") if again else (1, "failed"))
        assert error_type in outcome.words
        assert outcome.words.endswith(REMEDIES[error_type].text)
        table.add(f"ingestion failed: {error_type}", outcome)


def test_every_documented_error_type_has_its_remedy(dashboard):
    model = dashboard.client.meta.service_model.shape_for("IngestionErrorType")
    assert set(REMEDIES) == set(model.enum)


def test_a_whole_run_with_a_fault_fails_and_the_page_knows_why(dashboard):
    dashboard.publish(1)
    dashboard.fault("ingestion_error", error_type="ACCOUNT_CAPACITY_LIMIT_EXCEEDED", message="SPICE is full")
    run = dashboard.run()
    assert run.state == "failed"
    assert sorted(run.states("refresh")) == ["failed", "success"]
    assert "buy SPICE capacity" in run.log
    noted = dashboard.freshness()["VPC flow logs: coverage (test)"]
    assert noted["status"] == "FAILED"
    assert noted["problem"].startswith("ACCOUNT_CAPACITY_LIMIT_EXCEEDED: SPICE is full; buy SPICE capacity")
    again = dashboard.run()
    assert again.state == "success", "the next run reads what the failed one did not"
    assert again.states("refresh") == ["success"]
    dashboard.spice_is_athena()


def test_the_table_in_the_docs_is_of_this_run(told):
    lines = [f"| {fault} | {done} | {words.replace('|', ' ')} |" for fault, done, words in told.rows]
    text = HEAD + "\n".join(lines) + "\n"
    if os.environ.get("UPDATE_DOCS"):
        PAGE_IN_DOCS.write_text(text)
    assert PAGE_IN_DOCS.read_text() == text, "run the test with UPDATE_DOCS=1 to write docs/quicksight-refresh.md anew"


HEAD = """# What can go wrong with a refresh

`quicksight_refresh` brings each published day into SPICE (docs/dashboard.md). This page is written by
`tests/integration/test_quicksight_refresh.py`, which causes each fault in the local QuickSight and lets the task `refresh`
meet it: what it does, and what stands in its log and in the message of the failed run.

| fault | the task | what it says |
|---|---|---|
"""
