"""The page "Flow logs" over a ledger in a real bucket, behind Airflow's own rights: what it shows, who may see and start."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowlogs.ledger import LedgerRow, json_lines
from flowlogs.settings import Settings, load_settings
from tests.conftest import LocalAws
from tests.unit.flowlogs.page import sample_ledger as sample
from tests.unit.flowlogs.smallest_settings import section, source

pytestmark = [pytest.mark.integration]

TODAY = date(2026, 11, 24)
TARGETS = sample.targets(12)
LAST = "2026-11-23"


@pytest.fixture(scope="module", autouse=True)
def one_connection() -> Iterator[None]:
    """The page connects to AWS once for all tests: making clients costs more than what they are asked."""
    from flowlogs.page import lake

    connect, made = lake.Lake._connect, {}

    def connect_once(self: lake.Lake) -> None:
        if not made:
            connect(self)
            made.update(s3=self._s3, glue=self._glue)
        self._s3, self._glue = made["s3"], made["glue"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake.Lake, "_connect", connect_once)
        yield


class Lake:
    """A ledger that a test writes, as `record_day` does."""

    def __init__(self, clients: tuple[Any, Any], database: str, folder: Path) -> None:
        self.s3, self._glue = clients
        self.bucket, self._database = f"lake-{database.replace('_', '-')}", database
        self.s3.create_bucket(Bucket=self.bucket)
        self._glue.create_database(DatabaseInput={"Name": database})
        file = folder / "flowlogs.yaml"
        values = section(
            sources=[source()],
            lake={"bucket": self.bucket, "prefix": "pipeline/"},
            athena={"output_location": f"s3://{self.bucket}/athena/", "database": database},
            quicksight={"enabled": True},
        )
        file.write_text(yaml.safe_dump(values))
        self.settings: Settings = load_settings(file, environ={})

    def create(self) -> Lake:
        columns = {"PartitionKeys": [{"Name": "dt", "Type": "string"}], "StorageDescriptor": self._place("")}
        self._glue.create_table(DatabaseName=self._database, TableInput={"Name": "flow_runs", **columns})
        return self

    def record(self, day: str, rows: list[LedgerRow], run: str = "first-1", name: str = "rows.json") -> None:
        folder = f"dt={day}/run={run}/"
        self.s3.put_object(Bucket=self.bucket, Key=f"pipeline/flow_runs/{folder}{name}", Body=json_lines(rows).encode())
        entry = {"Values": [day], "StorageDescriptor": self._place(folder)}
        where = {"DatabaseName": self._database, "TableName": "flow_runs"}
        if self._glue.batch_create_partition(**where, PartitionInputList=[entry])["Errors"]:
            self._glue.update_partition(**where, PartitionValueList=[day], PartitionInput=entry)

    def put(self, key: str, values: Any) -> None:
        text = values if isinstance(values, str) else json.dumps(values)
        self.s3.put_object(Bucket=self.bucket, Key=f"pipeline/{key}", Body=text.encode())

    def keys(self) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="pipeline/page/").get("Contents", [])
        return [entry["Key"] for entry in found]

    def _place(self, folder: str) -> dict[str, Any]:
        return {"Location": f"s3://{self.bucket}/pipeline/flow_runs/{folder}", "Columns": []}


@pytest.fixture(scope="module")
def clients(local_aws: LocalAws) -> tuple[Any, Any]:
    return local_aws.client("s3"), local_aws.client("glue")


@pytest.fixture
def empty_lake(clients, airflow_connection, tmp_path) -> Lake:
    """A bucket and a database without a table."""
    return Lake(clients, f"page_{uuid.uuid4().hex[:10]}", tmp_path)


@pytest.fixture
def lake(empty_lake) -> Lake:
    return empty_lake.create()


@pytest.fixture(scope="module")
def airflow_database(tmp_path_factory) -> Iterator[None]:
    """Airflow's tables in a file of this module's own, and its simple auth manager."""
    import airflow.models.serialized_dag  # noqa: F401  its table, too
    from airflow import settings
    from airflow.api_fastapi import app
    from airflow.models import import_all_models
    from airflow.models.base import Base
    from sqlalchemy import create_engine
    from sqlalchemy.orm import scoped_session, sessionmaker

    folder = tmp_path_factory.mktemp("airflow")
    engine = create_engine(f"sqlite:///{folder}/airflow.db", connect_args={"check_same_thread": False})
    import_all_models()
    Base.metadata.create_all(engine)
    made = sessionmaker(bind=engine, expire_on_commit=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "a secret of these tests, long enough for HS512 " * 2)
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "vera:viewer,uma:user")
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", str(folder / "passwords.json"))
        patch.setattr(settings, "engine", engine)
        patch.setattr(settings, "Session", scoped_session(made))
        patch.setattr(settings, "NonScopedSession", made)
        patch.setattr(app._AuthManagerState, "instance", None)
        app.create_auth_manager()
        yield
    engine.dispose()


def signed_in(role: str | None) -> dict[str, str]:
    """The session cookie of a user with a role; none for nobody."""
    if role is None:
        return {}
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    user = SimpleAuthManagerUser(username=role.lower(), role=role)
    return {"_token": get_auth_manager().generate_jwt(user)}


class Browser:
    """A client of the page, signed in as somebody or nobody."""

    def __init__(self, lake: Lake, role: str | None) -> None:
        from fastapi.testclient import TestClient

        from flowlogs.page.app import create_app

        self.app = create_app(lambda: lake.settings, lambda: TODAY)
        self.client = TestClient(self.app, raise_server_exceptions=False, cookies=signed_in(role))

    def read(self, path: str) -> str:
        """A fragment, when all days are read."""
        self.app.state.sites.current().ledger.ask_again()
        self.app.state.sites.current().ledger.ledger(wait_seconds=30)
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return " ".join(answer.text.split())


@pytest.fixture
def browser(lake, airflow_database) -> Browser:
    return Browser(lake, "USER")


READS = [
    "/", "/overview", "/targets", f"/day/{LAST}", f"/runs?days={LAST}", "/panels/alarms", "/panels/freshness",
    "/panels/costs", "/panels/findings", "/static/page.js",
]  # fmt: skip
CHOSEN = {"days": ["2026-11-21", "2026-11-22"]}


def test_nobody_sees_anything_unless_signed_in(lake, airflow_database):
    client = Browser(lake, None).client
    assert {path: client.get(path).status_code for path in READS} == dict.fromkeys(READS, 401)
    assert client.post("/plan", json=CHOSEN).status_code == 401
    client.cookies.set("_token", "forged")
    assert client.get("/").status_code == 403


def test_the_plugin_s_application_is_made_by_its_first_request(lake, airflow_database, monkeypatch):
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from flowlogs.page.lazy import LazyPage

    monkeypatch.setattr("flowlogs.airflow_settings.airflow_settings", lambda: lake.settings)
    lake.record(LAST, [sample.row(target) for target in TARGETS])
    airflow = FastAPI()
    airflow.mount("/flowlogs", LazyPage())
    assert TestClient(airflow).get("/flowlogs/").status_code == 401
    signed = TestClient(airflow, cookies=signed_in("VIEWER"))
    assert signed.get("/flowlogs/static/icon.svg").headers["Content-Type"] == "image/svg+xml"
    assert "<title>Flow logs</title>" in signed.get("/flowlogs/").text


def test_who_may_only_look_sees_all_and_starts_nothing(lake, airflow_database):
    lake.record(LAST, [sample.row(target) for target in TARGETS])
    viewer = Browser(lake, "VIEWER")
    assert {path: viewer.client.get(path).status_code for path in READS} == dict.fromkeys(READS, 200)
    assert viewer.client.post("/plan", json=CHOSEN).status_code == 403
    document, day = viewer.read("/"), viewer.read(f"/day/{LAST}")
    assert 'data-may-trigger="no"' in document
    assert "Run again…" not in document + day
    assert "You may not trigger" in day


def test_who_may_trigger_is_told_what_to_post(browser):
    assert 'data-may-trigger="yes"' in browser.read("/")
    answer = browser.client.post("/plan", json=CHOSEN)
    assert answer.status_code == 200
    assert [call["path"] for call in answer.json()["calls"]] == ["/api/v2/backfills"]
    assert browser.client.post("/plan", json={"days": ["tomorrow"]}).status_code == 422
    assert (
        browser.client.post("/plan", json={"days": [str(TODAY)]}).json()["detail"] == "2026-11-24 is not over yet (UTC)"
    )
    # A form of another site cannot ask: it has no JSON, and sends no cookie along.
    plain = browser.client.post("/plan", content=json.dumps(CHOSEN), headers={"Content-Type": "text/plain"})
    assert plain.status_code == 422


def test_airflow_itself_judges_what_the_browser_posts(browser, airflow_database):
    """The calls of a plan, made by who may only look and by who may trigger; there is no such DAG here to run."""
    from airflow.api_fastapi.core_api.routes.public.backfills import backfills_router
    from airflow.api_fastapi.core_api.routes.public.dag_run import dag_run_router
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    airflow = FastAPI()
    airflow.include_router(backfills_router, prefix="/api/v2")
    airflow.include_router(dag_run_router, prefix="/api/v2")
    airflow.state.dag_bag = None
    row, gap = ({"days": days} for days in (["2026-11-21", "2026-11-22"], ["2026-11-20", "2026-11-22"]))
    calls = [browser.client.post("/plan", json=body).json()["calls"][0] for body in (row, gap)]
    answers = {}
    for role in ("VIEWER", "USER"):
        client = TestClient(airflow, cookies=signed_in(role))
        answers[role] = [client.post(call["path"], json=call["body"]).status_code for call in calls]
    assert answers == {"VIEWER": [403, 403], "USER": [404, 404]}


def test_the_overview_says_what_is_not_complete_and_why(lake, browser):
    assert "No day has been processed yet" in browser.read("/overview")
    lake.record("2026-11-20", [sample.row(target) for target in TARGETS])
    rows = [sample.row(target) for target in TARGETS]
    rows[3], rows[4] = sample.row(TARGETS[3], **sample.MISSING), sample.row(TARGETS[4], **sample.LATE)
    lake.record("2026-11-22", rows)
    lake.record(LAST, [sample.row(TARGETS[0], **sample.QUARANTINED), *(sample.row(t) for t in TARGETS[1:])])
    page = browser.read("/overview")
    assert "12 <small>of 12</small>" in page
    assert "2026-11-22: 10 of 12 targets complete, 1 missing, 1 late" in page
    assert "2026-11-23: 11 of 12 targets complete, 1 quarantined" in page
    assert "2026-11-21: no result" in page
    assert "missing: <bdi>no file of the day came</bdi>" in page
    assert page.count('data-choose="') == 2
    assert f"{11 * 59_880 + 59_863:,}" in page


def test_a_run_again_is_seen_and_nothing_else_is_read_again(lake, browser, monkeypatch):
    for day in ("2026-11-22", LAST):
        lake.record(day, [sample.row(TARGETS[0], **sample.MISSING)])
    assert browser.read("/overview").count('data-choose="') == 2
    asked: list[str] = []
    source = browser.app.state.sites.current().lake
    read = source.rows_at
    monkeypatch.setattr(source, "rows_at", lambda location: asked.append(location) or read(location))
    lake.record(LAST, [sample.row(TARGETS[0])], run="second-1")
    lake.record("2026-11-22", [sample.row(TARGETS[0], **sample.MISSING)])  # the same folder again
    assert browser.read("/overview").count('data-choose="') == 1
    assert [place.partition("flow_runs/")[2] for place in asked] == [f"dt={LAST}/run=second-1/"]


def test_of_rows_in_several_files_the_newest_counts(lake, browser):
    lake.record(LAST, [sample.row(TARGETS[0], **sample.MISSING, recorded_at="2026-11-24T01:00:00Z")], name="a.json")
    lake.record(LAST, [sample.row(TARGETS[0], recorded_at="2026-11-24T02:00:00Z")], name="b.json")
    assert f"{LAST}: 1 of 1 targets complete" in browser.read("/overview")


def test_the_next_process_reads_one_object_in_place_of_the_days(lake, browser, monkeypatch):
    for day in sample.days(20, date(2026, 11, 23)):
        lake.record(f"{day}", sample.rows(day, TARGETS))
    first = browser.read("/targets?last=90")
    assert lake.keys() == ["pipeline/page/ledger_digests.json.gz"]
    lake.record(LAST, [sample.row(TARGETS[0], **sample.MISSING)], run="later-1")
    second = Browser(lake, "USER")
    asked: list[str] = []
    source = second.app.state.sites.current().lake
    read = source.rows_at
    monkeypatch.setattr(source, "rows_at", lambda location: asked.append(location) or read(location))
    page = second.read("/targets?last=90")
    assert [place.partition("flow_runs/")[2] for place in asked] == [f"dt={LAST}/run=later-1/"]
    assert page != first
    assert page.count('role="rowheader"') == first.count('role="rowheader"') == len(TARGETS)


def test_a_day_shows_plain_sums_and_its_targets(lake, browser):
    rows = [sample.row(TARGETS[0], **sample.REVISED), sample.row(TARGETS[1], **{**sample.LATE, "skipdata": 7})]
    lake.record(LAST, rows)
    lake.put(f"reports/rejected_traffic/daily/dt={LAST}/summary.json", summary(LAST))
    page = browser.read(f"/day/{LAST}")
    for number in ("548", "120,000", "119,760", "104,000", "15,760"):
        assert f'<b class="">{number}</b>' in page
    assert "revision 2: 287 files, 59500 lines before" in page
    assert "2 h 20 min before the day&#39;s end" in page
    assert f"reports/rejected_traffic/daily/dt%3D{LAST}/index.html" in page or f"dt={LAST}/index.html" in page
    assert page.count('<td class="target">') == 2
    assert browser.read(f"/day/{LAST}?state=l").count('<td class="target">') == 1
    assert "The ledger has no row of it" in browser.read("/day/2026-11-01")
    for wrong in ("/day/2026-13-01", "/day/0001-01-01", "/day/x", "/static/app.py", "/static/..%2Fapp.py"):
        assert browser.client.get(wrong).status_code == 404


HOSTILE = "<script>alert(1)</script>\u202e'\""


def summary(day: str, text: str = "Brute force") -> dict[str, Any]:
    finding = {"severity": "high", "title": text, "who": "203.0.113.9", "what": text, "status": "new"}
    return {
        "bytes_scanned": 2_000_000_000,
        "cost_usd": 0.25,
        "findings": [{**finding, "severity": "low"}, finding],
        "day": day,
    }


def test_what_others_wrote_is_text_and_never_markup(lake, browser):
    lake.record(LAST, [sample.row(TARGETS[0], **{**sample.MISSING, "reason": HOSTILE, "run_id": HOSTILE})])
    lake.put(f"reports/rejected_traffic/daily/dt={LAST}/summary.json", summary(LAST, HOSTILE))
    for path in ("/", "/overview", f"/day/{LAST}", "/panels/findings", "/targets", f"/targets?q={HOSTILE}"):
        page = browser.read(path)
        assert "<script>alert" not in page
        assert "\u202e" not in page
    assert "&lt;script&gt;alert(1)" in browser.read("/panels/findings")


def test_panels_say_what_they_know_and_that_they_know_nothing(lake, browser):
    from flowlogs.page.freshness import KEY, DataSetFreshness, freshness_json

    assert "Not set up" in browser.read("/panels/alarms")
    assert "no refresh of SPICE has been noted" in browser.read("/panels/freshness")
    assert "No report of the last days" in browser.read("/panels/findings")
    assert "No day is known yet" in browser.read("/panels/costs")

    lake.record("2026-11-22", [sample.row(target) for target in TARGETS])
    lake.record(LAST, [sample.row(target) for target in TARGETS])
    lake.put("reports/rejected_traffic/daily/dt=2026-11-22/summary.json", summary("2026-11-22"))
    lake.put(f"reports/rejected_traffic/daily/dt={LAST}/summary.json", "damaged")
    other = Browser(lake, "USER")
    findings = other.read("/panels/findings")
    assert "2 findings" in findings
    assert findings.index("high") < findings.index(">low<")
    costs = other.read("/panels/costs")
    assert "$0.25" in costs
    assert "2.1 GB scanned in 2 days" in costs

    finding = {
        "rule": "r", "link": "topic", "subject": "arn:aws:sns:x", "severity": "critical", "title": "Nobody is subscribed",
        "explanation": "", "remedy": "", "alarms": [], "since": "2026-11-23T00:00:00+00:00",
    }  # fmt: skip
    memory = {
        "checked_at": "2026-11-23T00:15:00+00:00", "findings": [finding], "failed_actions": [],
        "filters_right_since": {}, "pending_since": {}, "digest_day": None,
    }  # fmt: skip
    lake.put("alarm_health/memory.json", memory)
    assert "<bdi>Nobody is subscribed</bdi>: <bdi>arn:aws:sns:x</bdi>" in other.read("/panels/alarms")

    lake.put(KEY, freshness_json([DataSetFreshness("Daily traffic", "COMPLETED", None, "2026-11-21", 1234)]))
    freshness = other.read("/panels/freshness")
    assert "2 days behind" in freshness
    assert "1,234" in freshness
    lake.put(KEY, "{}")
    assert "cannot be read" in other.read("/panels/freshness")


def test_trouble_is_said_and_the_page_stands(empty_lake, airflow_database):
    nowhere = empty_lake
    browser = Browser(nowhere, "USER")
    assert "There is no ledger yet" in browser.read("/overview")
    nowhere.create().record(LAST, [sample.row(TARGETS[0])])
    assert "1 <small>of 1</small>" in browser.read("/overview")
    nowhere.s3.put_object(Bucket=nowhere.bucket, Key=f"pipeline/flow_runs/dt={LAST}/run=bad-1/rows.json", Body=b"<xml>")
    place = nowhere._place(f"dt={LAST}/run=bad-1/")
    nowhere._glue.update_partition(
        DatabaseName=nowhere._database, TableName="flow_runs", PartitionValueList=[LAST],
        PartitionInput={"Values": [LAST], "StorageDescriptor": place},
    )  # fmt: skip
    assert "The ledger cannot be read" in browser.read("/overview")


def test_wrong_settings_are_said(airflow_database, tmp_path):
    from fastapi.testclient import TestClient

    from flowlogs.page import access
    from flowlogs.page.app import create_app

    file = tmp_path / "flowlogs.yaml"
    file.write_text("environment: 1")
    app = create_app(lambda: load_settings(file, environ={}), lambda: TODAY)
    app.dependency_overrides[access.MAY_SEE.dependency] = lambda: None
    answer = TestClient(app).get("/overview")
    assert answer.status_code == 503
    assert "The settings cannot be read" in answer.text


def test_runs_come_from_airflow_s_database(airflow_database, lake, browser):
    from airflow.models.dag import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    from flowlogs.page.runs import AirflowRuns, being_run

    some = str(TARGETS[1])
    with create_session() as session:
        session.add(DagBundleModel(name="tests"))
        session.add(
            DagModel(dag_id="flow_logs_daily", bundle_name="tests", is_paused=True, fileloc="x", relative_fileloc="x")
        )
        session.flush()
        for number, (dag_id, key, conf, state) in enumerate(
            [
                ("flow_logs_daily", LAST, {}, "failed"),
                ("flow_logs_daily", LAST, {}, "success"),
                ("flow_logs_daily", "2026-11-22", {}, "failed"),
                ("flow_logs_daily", "2026-11-21", {}, "running"),
                ("flow_logs_daily", None, {"day": "2026-11-20", "targets": [some]}, "queued"),
                ("flow_logs_daily", None, {"day": 7}, "running"),
                ("rejected_traffic_report", LAST, {}, "running"),
            ]
        ):
            session.add(
                DagRun(
                    dag_id=dag_id, run_id=f"run+{number}", run_type="manual", partition_key=key, conf=conf, state=state
                )
            )
    lake.record("2026-11-19", [sample.row(target) for target in TARGETS])
    with create_session() as session:
        runs = AirflowRuns(session)
        assert runs.is_paused() is True
        assert being_run(runs.active()) == {"2026-11-21": None, "2026-11-20": frozenset({some})}
        latest = runs.latest([f"{TODAY - timedelta(days=n)}" for n in range(1, 500)])
        assert {day: run.state for day, run in latest.items()} == {
            LAST: "success", "2026-11-22": "failed", "2026-11-21": "running", "2026-11-20": "queued",
        }  # fmt: skip
        assert [(run.dag_id, run.state) for run in runs.of_day(LAST)] == [
            ("flow_logs_daily", "success"), ("flow_logs_daily", "failed"), ("rejected_traffic_report", "running"),
        ]  # fmt: skip
        assert latest[LAST].path == "/dags/flow_logs_daily/runs/run%2B1"
    page = browser.read("/overview")
    assert "2026-11-22: the run failed" in page
    assert "2026-11-21: a run works on it" in page
    assert 'title="2026-11-22: the run failed"' in page
    assert "../dags/flow_logs_daily/runs/run%2B2" in page
    assert browser.client.post("/plan", json=CHOSEN).json()["is_paused"] is True
    assert browser.client.get(f"/runs?days={LAST},2026-11-01").json() == {
        LAST: {"state": "success", "run_id": "run+1", "path": "/dags/flow_logs_daily/runs/run%2B1"},
        "2026-11-01": None,
    }  # fmt: skip
    assert "running again" not in browser.read(f"/day/{LAST}")  # its report runs, the day does not
