"""`search_export`, whole, from the local AWS into a real OpenSearch: a week, reruns, revisions, faults."""

from __future__ import annotations

import gzip
import json
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException
from opensearchpy import OpenSearch

from flowlogs import search_export_tasks as tasks
from flowlogs.dag_defaults import SQL_FOLDER
from flowlogs.health.observations import Observations, SeenSearch
from flowlogs.health.rule import Limits
from flowlogs.health.rules import judge
from flowlogs.ledger import ObjectCount, RowCount, ledger_row
from flowlogs.observing.search import seen_search
from flowlogs.search.cluster import OpenSearchCluster, SearchError
from flowlogs.search.dashboards import panel_query, read_dashboard
from flowlogs.search.fields import KINDS
from flowlogs.search_setup import SearchSetup, missing_setup
from flowlogs.settings import load_settings
from flowlogs.targets import Target
from search_server.server import SearchServer
from tests.conftest import ROOT
from tests.integration.airflow_process import Airflow, Run, running_airflow
from tests.integration.curated_days import CuratedDays
from tests.integration.search_cluster import running_search
from tests.sql.reports.conftest import Lake

pytestmark = [pytest.mark.integration, pytest.mark.long]

SECTIONS = ("totals", "brute_force", "coverage")
WEEK = [date(2026, 11, 16) + timedelta(days=number) for number in range(7)]
TARGETS = [
    *(Target("network", a, r) for a in ("111122223333", "222233334444") for r in ("us-east-1", "eu-west-1")),
    Target("other", "111122223333", "us-east-1"),
]
HERE, THERE = TARGETS[0], TARGETS[3]
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = map(str, WEEK)
REPORTED = (MONDAY, TUESDAY)
_NUMBERS = count()


@dataclass
class Search:
    """The lake, the DAGs, and the cluster that they fill."""

    aws: Any
    airflow: Airflow
    days: CuratedDays
    lake: Lake
    server: SearchServer
    client: OpenSearch
    counts: dict[str, Counter[tuple[Target, str]]]
    written: list[dict[str, Any]] = field(default_factory=list)

    def deliver(self, day: str, target: Target, *rows: dict[str, Any]) -> None:
        """Add curated records of a target's day, and bring the ledger up to them."""
        self.lake.records(*rows, day=day, account=target.account, region=target.region, origin=target.source)
        self.lake.summarise()
        for row in rows:
            self.counts.setdefault(day, Counter())[target, row.get("action", "REJECT")] += 1
        self.write_ledger(day)

    def write_ledger(self, day: str) -> None:
        counts = self.counts.get(day, Counter())
        rows = [
            ledger_row(
                target, status="complete", reason="", files=ObjectCount(),
                rows=RowCount(accepted=counts[target, "ACCEPT"], rejected=counts[target, "REJECT"]), scanned=0,
                cost_usd=0.0, run_id="test", recorded_at=datetime(2026, 11, 25, tzinfo=UTC),
            )
            for target in TARGETS
        ]  # fmt: skip
        self.days.put(f"lake/flow_runs/dt={day}/run=test/rows.json", "".join(_line(row) for row in rows))
        self.days.text(
            f"ALTER TABLE flow_runs ADD IF NOT EXISTS PARTITION (dt = '{day}') "
            f"LOCATION 's3://logs/lake/flow_runs/dt={day}/run=test/'"
        )

    def report(self, day: str) -> None:
        assert self.airflow.run("rejected_traffic_report", day=day, messages="never").state == "success"

    def reported(self, day: str) -> None:
        """Write the summary that a report without findings leaves: its run would take seconds."""
        summary = json.dumps({"findings": [], "page": "https://reports.example/"})
        self.days.put(f"lake/reports/rejected_traffic/daily/dt={day}/summary.json", summary)

    def run(self, day: str, **environ: str) -> Run:
        """The whole DAG."""
        return self.airflow.run("search_export", environ=environ, day=day)

    def export(self, day: str, **environ: str) -> dict[str, Any]:
        """The DAG's tasks one after the other, without Airflow around them; what the last returns.

        Raises:
            Exception: what a task raises.
        """
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environ.items():
                patch.setenv(name, value)
            queries = []
            for plan in tasks.plan_export.function(day):
                queries.append(self.query(self.days.rendered(plan["query"], **plan["params"])))
            attempt = {"run_id": f"test__{next(_NUMBERS)}", "ti": SimpleNamespace(try_number=1)}
            self.written = [tasks.write_documents.function(kind, day, queries, **attempt) for kind in KINDS]
            return tasks.put_in_place.function(day, self.written)

    def athena(self, sql: str) -> list[tuple[str, ...]]:
        """Rows of a query."""
        query = self.query(sql)
        rows = self.aws.client("athena").get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"][1:]
        return [tuple(value.get("VarCharValue", "") for value in row["Data"]) for row in rows]

    def query(self, sql: str) -> str:
        """The id of a query that has ended."""
        athena = self.aws.client("athena")
        query = athena.start_query_execution(
            QueryString=sql, WorkGroup="curated_days", QueryExecutionContext={"Database": "flowlogs"}
        )["QueryExecutionId"]
        while athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"] != "SUCCEEDED":
            time.sleep(0.01)
        return str(query)

    def documents(self, kind: str, day: str | None = None) -> dict[str, dict[str, Any]]:
        """What people find behind an alias, by id."""
        alias = f"flowlogs-{kind}"
        if not self.client.indices.exists_alias(name=alias):
            return {}
        self.client.indices.refresh(index=alias)
        query = {"term": {"flowlogs.day": day}} if day else {"match_all": {}}
        hits = self.client.search(index=alias, body={"query": query, "size": 10_000})["hits"]["hits"]
        assert len({hit["_id"] for hit in hits}) == len(hits), "an id stands twice"
        return {hit["_id"]: hit["_source"] for hit in hits}

    def indices(self) -> list[str]:
        found = self.client.cat.indices(index="flowlogs-*", format="json")
        return sorted(entry["index"] for entry in found)

    def sums(self, kind: str) -> dict[tuple[str, str], tuple[int, int, int]]:
        """Flows, packets and bytes behind an alias by day and action, counted by the server."""
        self.client.indices.refresh(index=f"flowlogs-{kind}")
        measures = {"flows": "flowlogs.flows", "packets": "network.packets", "bytes": "network.bytes"}
        by = [
            {"day": {"date_histogram": {"field": "flowlogs.day", "calendar_interval": "day", "format": "yyyy-MM-dd"}}},
            {"action": {"terms": {"field": "aws.vpcflow.action"}}},
        ]
        answer = self.client.search(
            index=f"flowlogs-{kind}",
            body={"size": 0, "aggs": {"all": {
                "composite": {"size": 1000, "sources": by},
                "aggs": {name: {"sum": {"field": field}} for name, field in measures.items()},
            }}},
        )  # fmt: skip
        return {
            (bucket["key"]["day"], bucket["key"]["action"]): tuple(int(bucket[name]["value"]) for name in measures)
            for bucket in answer["aggregations"]["all"]["buckets"]
        }  # fmt: skip

    def expected(self, only: str = "") -> dict[tuple[str, str], tuple[int, int, int]]:
        """The same, of the records, by Athena."""
        rows = self.athena(
            f"SELECT dt, action, count(*), sum(packets), sum(bytes) FROM flow_records {only} GROUP BY dt, action"
        )
        return {(day, action): (int(n), int(packets), int(size)) for day, action, n, packets, size in rows}


def _line(row: Any) -> str:
    from flowlogs.ledger import json_lines

    return json_lines([row])


def rejected(number: int, source: str = "198.51.100.7", port: int = 23) -> list[dict[str, Any]]:
    return [
        {"srcaddr": source, "dstport": port, "srcport": 40000 + n, "bytes": 60 + n, "start": f"{n % 24:02}:{n % 60:02}"}
        for n in range(number)
    ]


def accepted(number: int) -> list[dict[str, Any]]:
    return [{"action": "ACCEPT", "dstport": 443, "packets": 3, "bytes": 1000 + n} for n in range(number)]


def attempts(source: str) -> list[dict[str, Any]]:
    """A dozen at SSH within the hour: a finding of `brute_force`."""
    return [{"srcaddr": source, "dstport": 22, "srcport": 40000 + n, "start": f"09:{n:02}"} for n in range(12)]


def connection(port: int) -> str:
    return json.dumps({"conn_type": "http", "schema": "http", "host": "127.0.0.1", "port": port})


@pytest.fixture(scope="module")
def search(local_aws, tmp_path_factory) -> Iterator[Search]:
    """A week of curated days in the lake, and an empty cluster that is set up."""
    folder = tmp_path_factory.mktemp("search_export")
    sql_folder = folder / "sql"
    (sql_folder / "reports").mkdir(parents=True)
    for name in SECTIONS:
        shutil.copy(f"{SQL_FOLDER}/reports/{name}.sql", sql_folder / "reports")
    shutil.copytree(f"{SQL_FOLDER}/search", sql_folder / "search")
    prepare = (
        "import flowlogs.dag_defaults, flowlogs.sections, pathlib\n"
        f"flowlogs.dag_defaults.SQL_FOLDER = {str(sql_folder)!r}\n"
        f"flowlogs.sections.FOLDER = pathlib.Path({str(sql_folder)!r}, 'reports')\n"
    )
    with (
        running_search() as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("FLOWLOGS_CONFIG", str(folder / "flowlogs.yaml"))
        patch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
        wanted = {"enabled": True, "replicas": 0, "bulk_size": "100kB"}
        days = CuratedDays(local_aws, folder / "flowlogs.yaml", search=wanted)
        lake = Lake(days)
        environ = {
            **local_aws.connection,
            "FLOWLOGS_CONFIG": str(folder / "flowlogs.yaml"),
            "AIRFLOW_CONN_SEARCH_DEFAULT": connection(server.port),
        }
        for name, value in environ.items():
            patch.setenv(name, value)
        client = OpenSearch(server.url, timeout=30)
        dags = [ROOT / "dags" / "rejected_traffic_report.py", ROOT / "dags" / "search_export.py"]
        with running_airflow(folder / "airflow", dags, environ, prepare=prepare) as airflow:
            found = Search(local_aws, airflow, days, lake, server, client, {})
            SearchSetup(OpenSearchCluster(client), load_settings()).apply()
            for number, day in enumerate(map(str, WEEK), start=1):
                found.deliver(day, HERE, *rejected(10 * number), *accepted(number))
                found.deliver(day, THERE, *rejected(3, "203.0.113.50"), *attempts("203.0.113.9"))
            yield found


@pytest.fixture(scope="module")
def week(search) -> Search:
    """The week, reported and exported once."""
    for day in map(str, WEEK):
        if day in REPORTED:
            search.report(day)
            run = search.run(day)
            assert run.state == "success", run.log[-3000:]
        else:
            search.reported(day)
            search.export(day)
    return search


class TestAWeek:
    def test_sums_are_those_of_athena(self, week):
        assert week.sums("daily") == week.expected()
        assert week.sums("rejected") == week.expected("WHERE action = 'REJECT'")

    def test_every_rejected_record_is_a_document(self, week):
        assert len(week.documents("rejected", SUNDAY)) == 70 + 3 + 12

    def test_findings_are_those_of_the_report(self, week):
        found = week.documents("findings")
        assert {(one["flowlogs"]["day"], one["rule"]["id"], one["flowlogs"]["finding"]["who"]) for one in found.values()} == {
            (day, "brute_force", "203.0.113.9") for day in REPORTED
        }  # fmt: skip
        by_day = {one["flowlogs"]["day"]: one for one in found.values()}
        assert by_day[MONDAY]["flowlogs"]["finding"]["status"] == "new"
        assert by_day[TUESDAY]["flowlogs"]["finding"]["status"] == "continuing"

    def test_a_day_is_three_indices_behind_three_aliases(self, week):
        assert len(week.indices()) == 3 * len(WEEK)
        aliases = week.client.indices.get_alias(index="flowlogs-*")
        assert {name: list(value["aliases"]) for name, value in aliases.items()} == {
            name: ["-".join(name.split("-")[:2])] for name in week.indices()
        }

    def test_fields_are_of_their_types(self, week):
        (index, *_) = week.client.indices.get_alias(name="flowlogs-rejected")
        answer = week.client.field_caps(index=index, fields="*")["fields"]
        wanted = {
            "@timestamp": "date", "event.start": "date", "event.end": "date", "source.ip": "ip", "destination.ip": "ip",
            "source.port": "integer", "destination.port": "integer", "network.bytes": "long", "event.outcome": "keyword",
            "related.ip": "ip", "cloud.account.id": "keyword", "flowlogs.day": "date",
        }  # fmt: skip
        assert {name: next(iter(answer[name])) for name in wanted} == wanted

    def test_an_address_is_found_by_its_network(self, week):
        week.client.indices.refresh(index="flowlogs-rejected")
        body = {"query": {"term": {"source.ip": "203.0.113.0/24"}}, "size": 0, "track_total_hits": True}
        assert week.client.search(index="flowlogs-rejected", body=body)["hits"]["total"]["value"] == 7 * (3 + 12)


PANELS = {panel.name: panel for panel in read_dashboard().panels if panel.chart != "list"}


def total(answer: dict[str, Any]) -> int:
    """The sum that a panel shows, over all that it is split by."""
    number = answer.get("aggregations", {}).get("number")
    return int(number["value"]) if number else answer["hits"]["total"]["value"]


class TestDashboard:
    @pytest.mark.parametrize("name", PANELS)
    def test_each_panel_shows_what_athena_counts(self, week, name):
        panel = PANELS[name]
        alias = f"flowlogs-{panel.of}"
        week.client.indices.refresh(index=alias)
        answer = week.client.search(index=alias, body=panel_query(panel))
        if panel.of == "findings":
            assert total(answer) == len(REPORTED)
        else:
            measure = ("flowlogs.flows", "network.packets", "network.bytes").index(panel.sum)
            only = {"rejected": "WHERE action = 'REJECT'", "daily": ""}[panel.of]
            only = "WHERE action = 'ACCEPT'" if panel.query else only
            assert total(answer) == sum(sums[measure] for sums in week.expected(only).values())
        buckets = answer.get("aggregations", {})
        for part in (["time"] if panel.over_time else []) + ["by"] * len(panel.by):
            assert buckets[part]["buckets"], f"{name} has nothing by {part}"
            buckets = buckets[part]["buckets"][0]


class TestAgain:
    def test_a_rerun_changes_nothing(self, week):
        before = {kind: week.documents(kind) for kind in ("findings", "rejected", "daily")}
        week.export(MONDAY)
        assert {kind: week.documents(kind) for kind in before} == before
        assert len(week.indices()) == 3 * len(WEEK)

    def test_a_day_with_fewer_records_leaves_none_over(self, week):
        day = TUESDAY
        where = (
            f"dt = '{day}', aws_account = '{THERE.account}', aws_region = '{THERE.region}', source = '{THERE.source}'"
        )
        before = week.documents("rejected", day)
        for table in ("flow_records", "flow_daily"):
            week.days.text(f"ALTER TABLE {table} DROP IF EXISTS PARTITION ({where}, action = 'REJECT')")
        del week.counts[day][THERE, "REJECT"]
        week.write_ledger(day)
        week.reported(day)
        week.export(day)
        after = week.documents("rejected", day)
        assert after.items() < before.items()
        assert len(before) - len(after) == 3 + 12
        assert week.documents("findings", day) == {}
        assert week.sums("daily") == week.expected()

    def test_a_revised_day_has_the_new_records_too(self, week):
        before = week.documents("rejected", FRIDAY)
        week.deliver(FRIDAY, TARGETS[4], *rejected(5, "192.0.2.77", port=3389))
        week.export(FRIDAY)
        assert before.items() < week.documents("rejected", FRIDAY).items()
        assert week.sums("rejected") == week.expected("WHERE action = 'REJECT'")

    def test_equal_records_are_as_many_documents(self, week):
        day = "2026-11-02"
        week.deliver(day, HERE, *[{"srcaddr": "192.0.2.9"}] * 3)
        week.reported(day)
        week.export(day)
        assert len(week.documents("rejected", day)) == 3


class TestLimits:
    def test_of_too_many_records_the_largest_targets_are_summarised(self, week, caplog):
        week.export(SATURDAY, FLOWLOGS__SEARCH__MAX_REJECTED_RECORDS="20")
        found = week.documents("rejected", SATURDAY).values()
        assert Counter((one["cloud"]["account"]["id"], one["flowlogs"]["detail"]) for one in found)[
            THERE.account, "record"
        ] == 3 + 12  # fmt: skip
        assert {one["flowlogs"]["detail"] for one in found if one["cloud"]["account"]["id"] == HERE.account} == {
            "summary"
        }
        assert "network/111122223333/us-east-1" in caplog.text
        assert week.sums("rejected") == week.expected("WHERE action = 'REJECT'")
        week.export(SATURDAY)

    def test_a_day_without_a_ledger_is_not_exported(self, week):
        with pytest.raises(AirflowFailException, match="2026-10-01 is not in the ledger: run flow_logs_daily for it"):
            week.export("2026-10-01")

    def test_a_day_without_a_report_is_not_exported(self, week):
        day = "2026-11-03"
        week.deliver(day, HERE, *rejected(2))
        with pytest.raises(AirflowFailException, match=f"{day} has no report: run rejected_traffic_report for it"):
            week.export(day)
        assert week.documents("rejected", day) == {}

    def test_a_run_without_a_day_says_what_to_do(self, week):
        run = week.airflow.run("search_export")
        assert run.state == "failed"
        assert "trigger it with one day" in run.log

    def test_switched_off_it_does_nothing(self, week):
        run = week.run(MONDAY, FLOWLOGS__SEARCH__ENABLED="false")
        assert set(run.tasks.values()) == {"skipped"}


class TestFaults:
    def test_a_count_that_is_not_the_ledger_s_is_not_shown(self, week):
        before = week.documents("rejected", WEDNESDAY)
        week.counts[WEDNESDAY][HERE, "REJECT"] += 1
        week.write_ledger(WEDNESDAY)
        with pytest.raises(AirflowFailException, match="rejected: 45 flows, the ledger has 46"):
            week.export(WEDNESDAY)
        assert week.documents("rejected", WEDNESDAY) == before
        week.counts[WEDNESDAY][HERE, "REJECT"] -= 1
        week.write_ledger(WEDNESDAY)
        week.export(WEDNESDAY)
        # What the failed run wrote is gone as well.
        assert len([name for name in week.indices() if "2026.11.18" in name]) == 3

    def test_refused_documents_are_kept_with_their_reasons(self, week):
        day = "2026-11-04"
        week.deliver(day, HERE, {"srcaddr": "not an address"}, *rejected(3))
        week.reported(day)
        with pytest.raises(
            AirflowFailException, match=r"refused 1 of 4 documents of rejected .* 1 times mapper_parsing"
        ):
            week.export(day)
        prefix = f"lake/search_dead_letters/dt={day}/kind=rejected/"
        s3 = week.aws.client("s3")
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket="logs", Prefix=prefix)["Contents"]]
        lines = gzip.decompress(s3.get_object(Bucket="logs", Key=keys[0])["Body"].read()).decode().splitlines()
        (letter,) = map(json.loads, lines)
        assert letter["status"] == 400
        assert "'not an address' is not an IP string literal" in letter["reason"]
        assert json.loads(letter["document"])["source"]["ip"] == "not an address"

        week.export(day, FLOWLOGS__SEARCH__MAX_REFUSED_SHARE="0.5")
        assert len(week.documents("rejected", day)) == 3
        assert week.written[1]["dead_letters"].startswith(f"s3://logs/{prefix}")

    def test_a_server_that_is_killed_in_between_is_waited_for(self, week):
        day = "2026-11-05"
        week.deliver(day, HERE, *rejected(3000))
        week.reported(day)
        killed = threading.Event()

        def kill_once_it_is_filled() -> None:
            while not killed.is_set():
                try:
                    stats = week.client.cat.count(index="flowlogs-rejected-2026.11.05-*", format="json")
                    health = week.client.indices.stats(index="flowlogs-rejected-2026.11.05-*", metric="indexing")
                    if health["_all"]["total"]["indexing"]["index_total"] > 0 or int(stats[0]["count"]) > 0:
                        week.server.kill()
                        killed.set()
                except Exception:
                    pass
            week.server.start()

        killer = threading.Thread(target=kill_once_it_is_filled)
        killer.start()
        run = week.run(day)
        killer.join()
        assert killed.is_set()
        assert run.state == "success", run.log[-3000:]
        assert "trying again" in run.log
        found = week.documents("rejected", day)
        assert len(found) == 3000
        assert week.sums("rejected")[day, "REJECT"] == week.expected(f"WHERE dt = '{day}'")[day, "REJECT"]

    def test_a_cluster_that_stays_away_fails_with_its_name(self, week):
        with pytest.raises(SearchError, match="the cluster does not answer"):
            week.export(MONDAY, FLOWLOGS__SEARCH__CONN_ID="away", AIRFLOW_CONN_AWAY=connection(9))

    def test_a_cluster_that_is_not_set_up_costs_no_query(self, week):
        run = week.run(MONDAY, FLOWLOGS__SEARCH__PREFIX="another")
        assert "the cluster lacks the index template another-findings" in run.log
        assert "run flow_logs_setup" in run.log
        assert set(run.states("run_queries")) <= {"upstream_failed"}


class TestHealth:
    def look(self, **environ: str) -> SeenSearch:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environ.items():
                patch.setenv(name, value)
            return seen_search(load_settings(), datetime(2026, 11, 23, 9, tzinfo=UTC))

    def faults(self, seen: SeenSearch) -> list[str]:
        judgement = judge(Observations(at=datetime(2026, 11, 23, 9, tzinfo=UTC), search=seen), Limits())
        return [one.fault.explanation for one in judgement.faults]

    @pytest.fixture(autouse=True)
    def a_ledger_that_is_hours_old(self, week, monkeypatch):
        monkeypatch.setattr("flowlogs.observing.search.EXPORTED_AFTER", timedelta(days=-365))

    def test_a_week_that_is_there_is_well(self, week):
        seen = self.look()
        assert [one.day for one in seen.days] == [*map(str, WEEK)]
        assert self.faults(seen) == []

    def test_a_day_that_is_removed_is_told(self, week):
        (index,) = [name for name in week.indices() if "daily-2026.11.21" in name]
        week.client.indices.delete(index=index)
        assert self.faults(self.look()) == [f"{SATURDAY} is not in the search cluster (daily)"]
        week.export(SATURDAY)
        assert self.faults(self.look()) == []

    def test_documents_that_somebody_removed_are_told(self, week):
        (index,) = [name for name in week.indices() if "rejected-2026.11.21" in name]
        week.client.indices.put_settings(index=index, body={"index.blocks.write": False})
        for document, body in week.documents("rejected", SATURDAY).items():
            if body["source"]["ip"] == "203.0.113.9":
                week.client.delete(index=index, id=document)
        week.client.indices.refresh(index=index)
        assert self.faults(self.look()) == [f"{SATURDAY} in the search cluster: rejected 63 flows, the ledger 75"]
        week.export(SATURDAY)
        assert self.faults(self.look()) == []

    def test_a_cluster_that_does_not_answer_is_told(self, week):
        (fault,) = self.faults(self.look(FLOWLOGS__SEARCH__CONN_ID="away", AIRFLOW_CONN_AWAY=connection(9)))
        assert fault.startswith("Search cluster away: POST /flowlogs-rejected/_search: the cluster does not answer")


class TestSetUp:
    def test_what_is_there_is_left(self, week):
        cluster = OpenSearchCluster(week.client)
        assert missing_setup(cluster, load_settings()) == []
        assert SearchSetup(cluster, load_settings()).apply() == []

    def test_what_was_edited_is_mended(self, week):
        cluster = OpenSearchCluster(week.client)
        week.client.indices.delete_index_template(name="flowlogs-daily")
        changed = load_settings(overrides={"search": {"shards": 2}})
        assert SearchSetup(cluster, changed, repair=False).apply() == [
            "the index template flowlogs-findings as the settings say",
            "the index template flowlogs-rejected as the settings say",
            "the index template flowlogs-daily",
        ]
        SearchSetup(cluster, load_settings()).apply()
        assert missing_setup(cluster, load_settings()) == []
