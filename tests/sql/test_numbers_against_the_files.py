"""Every number of a generated day with defects, against a count of the same files in plain Python."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowlogs.curation import run_prefix
from flowlogs.dag_defaults import SQL_FOLDER
from flowlogs.reports.findings import Allowlist, findings_of
from flowlogs.reports.page import page_html
from flowlogs.reports.period import Period
from flowlogs.reports.report import Report
from flowlogs.reports.results import SectionResult, read_result
from flowlogs.reports.sections import read_section
from local_aws.traffic import FolderSink, TrafficPlan, write_traffic
from local_aws.traffic import Target as TrafficTarget
from local_aws.traffic.defects import DEFECTS
from tests.athena_in_process import Athena
from tests.sql.conftest import SqlFiles
from tests.sql.counted_by_hand import Counted, Record, count_files, distinct, grouped, most_within, sums
from tests.unit.flowlogs.smallest_settings import source

YESTERDAY, DAY = date(2026, 11, 21), date(2026, 11, 22)
ACCOUNTS, REGIONS = ("111122223333", "222233334444"), ("us-east-1", "eu-west-1")
V2 = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} "
    "${bytes} ${start} ${end} ${action} ${log-status}"
)
V5 = f"{V2} ${{vpc-id}} ${{subnet-id}} ${{tcp-flags}} ${{type}} ${{pkt-srcaddr}} ${{pkt-dstaddr}} ${{flow-direction}}"
FORMATS = {"text": ("network", "", V2), "parquet": ("edge", "v5/", V5)}
UNREADABLE = "truncated-file"
"""Athena fails on it; that a run then fails and tells is tested with the DAG."""
ALL = 1_000_000


@dataclass
class TwoDays:
    """Curated days of two sources, and what a count of their files says, by day."""

    sql: SqlFiles
    counted: dict[date, Counted]

    def section(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.text(name))))

    def text(self, name: str, limit: int = ALL) -> str:
        described = read_section(Path(SQL_FOLDER) / "reports" / f"{name}.sql")
        params = {
            "first": str(DAY), "last": str(DAY), "limit": limit, "section": name, "thresholds": described.thresholds,
            "baseline_first": str(DAY - timedelta(days=28)),
        }  # fmt: skip
        return self.sql.athena.text(self.sql.rendered(f"reports/{name}.sql", **params))

    def query(self, sql: str) -> list[tuple[str, ...]]:
        return self.sql.athena.rows(sql)

    @property
    def rejects(self) -> list[Record]:
        return self.counted[DAY].rejects


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoDays]:
    folder = tmp_path_factory.mktemp("numbers")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("FLOWLOGS_CONFIG", str(folder / "flowlogs.yaml"))
        monkeypatch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
        athena = Athena(folder)
        athena.database = "flowlogs"
        sql = SqlFiles(athena, folder / "flowlogs.yaml")
        settings = sql.settings(
            *(
                source(
                    name=name, table=f"{name}_logs", prefix=prefix, log_format=log_format, file_format=file_format,
                    accounts=list(ACCOUNTS), regions=list(REGIONS),
                )
                for file_format, (name, prefix, log_format) in FORMATS.items()
            )
        )  # fmt: skip
        counted = {YESTERDAY: Counted(), DAY: Counted()}
        for day in (YESTERDAY, DAY):
            for file_format, (name, prefix, log_format) in FORMATS.items():
                place = folder / f"{name}-{day}"
                plan = TrafficPlan(
                    days=(day,),
                    targets=tuple(TrafficTarget(account, region) for account in ACCOUNTS for region in REGIONS),
                    prefix=prefix,
                    file_format=file_format,
                    log_format=log_format,
                    records_per_day=900,
                    file_minutes=360,
                    defects=tuple(
                        defect
                        for defect in DEFECTS
                        if DEFECTS[defect].possible_in(file_format) and defect != UNREADABLE
                    ),
                )
                write_traffic(plan, FolderSink(place))
                count_files(place, name, log_format, counted[day])
                for path in place.rglob("*_vpcflowlogs_*"):
                    athena.put(str(path.relative_to(place)), path.read_bytes())
                publish(sql, settings.source(name), str(day))
        yield TwoDays(sql, counted)


def publish(sql: SqlFiles, of_source: Any, day: str) -> None:
    """Curate, summarise and show a day, as the DAG does."""
    sql.set_up(of_source.name, day)
    run = sql.curate(of_source.name, day, run_id=f"{of_source.name}-{day}")
    last = len(of_source.targets())
    for target in of_source.targets():
        keys = f"dt = '{day}', aws_account = '{target.account}', aws_region = '{target.region}', source = '{of_source.name}'"
        place = f"aws_account={target.account}/aws_region={target.region}"
        records = f"s3://logs/lake/{run_prefix('flow_records', day, run)}{place}"
        for action in ("ACCEPT", "REJECT"):
            add = f"ADD PARTITION ({keys}, action = '{action}') LOCATION"
            sql.athena.text(f"ALTER TABLE flow_records {add} '{records}/kind={action}/'")
            summary = f"s3://logs/lake/{run_prefix('flow_daily', day, run)}{place}/action={action}/"
            sql.athena.text(f"ALTER TABLE flow_daily {add} '{summary}'")
        for table, kind in (("flow_gaps", "GAP"), ("flow_quarantine", "QUARANTINE")):
            sql.athena.text(f"ALTER TABLE {table} ADD PARTITION ({keys}) LOCATION '{records}/kind={kind}/'")
    sql.athena.text(
        sql.rendered("curate/summary.sql", day, f"{of_source.name}-{day}", source=of_source.name, first=0, last=last)
    )


def integers(rows: list[dict[str, str]], keys: tuple[str, ...], values: tuple[str, ...]) -> dict[Any, tuple[int, ...]]:
    return {tuple(row[key] for key in keys): tuple(int(row[value]) for value in values) for row in rows}


def text_keys(found: dict[tuple[object, ...], Any]) -> dict[tuple[str, ...], Any]:
    return {tuple(map(str, key)): value for key, value in found.items()}


def test_every_row_of_the_files_is_a_record_a_gap_or_in_quarantine(days):
    where = "source, aws_account, aws_region"
    for day, counted in days.counted.items():
        assert counted.quarantined, "the files have defects"
        records = {
            (tuple(row[:3]), row[3]): int(row[4])
            for row in days.query(f"SELECT {where}, action, count(*) FROM flow_records WHERE dt = '{day}' GROUP BY {where}, action")
        }  # fmt: skip
        assert records == {key: len(found) for key, found in grouped(counted.records, "target", "action").items()}
        gaps = {
            (tuple(row[:3]), row[3]): int(row[4])
            for row in days.query(f"SELECT {where}, log_status, count(*) FROM flow_gaps WHERE dt = '{day}' GROUP BY {where}, log_status")
        }  # fmt: skip
        assert gaps == counted.gaps
        quarantined = {
            tuple(row[:3]): int(row[3])
            for row in days.query(f"SELECT {where}, count(*) FROM flow_quarantine WHERE dt = '{day}' GROUP BY {where}")
        }
        assert quarantined == counted.quarantined


def test_the_summary_has_every_flow_packet_and_byte(days):
    for day, counted in days.counted.items():
        rows = days.query(
            "SELECT source, aws_account, aws_region, action, sum(flows), sum(packets), sum(bytes) FROM flow_daily "
            f"WHERE dt = '{day}' GROUP BY source, aws_account, aws_region, action"
        )
        found = {(tuple(row[:3]), row[3]): tuple(map(int, row[4:])) for row in rows}
        assert found == {key: sums(some) for key, some in grouped(counted.records, "target", "action").items()}


def test_totals_beside_those_of_the_day_before(days):
    found = integers(days.section("totals"), ("action",), ("flows", "packets", "bytes", "flows_before"))
    before = grouped(days.counted[YESTERDAY].records, "action")
    expected = {
        key: (*sums(some), len(before[key])) for key, some in grouped(days.counted[DAY].records, "action").items()
    }
    assert found == expected


def test_totals_by_target(days):
    found = integers(
        days.section("totals_by_target"),
        ("source", "aws_account", "aws_region"),
        ("flows", "rejected_flows", "rejected_packets", "rejected_bytes", "accepted_flows", "accepted_packets", "accepted_bytes"),
    )  # fmt: skip
    expected = {}
    for (target,), some in grouped(days.counted[DAY].records, "target").items():
        by_action = grouped(some, "action")
        expected[target] = (len(some), *sums(by_action["REJECT",]), *sums(by_action["ACCEPT",]))
    assert found == expected


def test_top_rejected_sources_destinations_pairs_and_ports(days):
    for section, key, others in (
        ("top_rejected_sources", ("srcaddr",), {"destinations": "dstaddr", "ports": "dstport"}),
        ("top_rejected_destinations", ("dstaddr",), {"sources": "srcaddr", "ports": "dstport"}),
        ("top_rejected_pairs", ("srcaddr", "dstaddr"), {"ports": "dstport"}),
    ):
        rows = days.section(section)
        found = integers(rows, key, ("flows", "packets", "bytes", *others))
        expected = {
            group: (*sums(some), *(distinct(some, name) for name in others.values()))
            for group, some in grouped(days.rejects, *key).items()
        }
        assert found == expected, section
        for row in rows:
            some = [one for one in days.rejects if all(getattr(one, name) == row[name] for name in key)]
            assert row["first_seen"][:19] == f"{min(one.when for one in some):%Y-%m-%d %H:%M:%S}", (section, row)
            assert float(row["share"]) == pytest.approx(len(some) / len(days.rejects), abs=0.00006)
        order = [int(row["flows"]) for row in rows]
        assert order == sorted(order, reverse=True)
    found = integers(
        days.section("top_rejected_ports"),
        ("port", "protocol"),
        ("flows", "sources", "destinations", "packets", "bytes"),
    )
    expected = {}
    for group, some in text_keys(grouped(days.rejects, "dstport", "protocol")).items():
        flows, packets, size = sums(some)
        expected[group] = (flows, distinct(some, "srcaddr"), distinct(some, "dstaddr"), packets, size)
    assert found == expected


def test_rejects_by_hour(days):
    rows = days.section("rejects_by_hour")
    by_port = sorted(grouped(days.rejects, "dstport").items(), key=lambda item: (-len(item[1]), item[0]))
    shown = {port for (port,), _ in by_port[:8]}
    expected = {
        (str(hour), str(port) if port in shown else "other"): 0
        for hour in range(24)
        for port in (*shown, *(["other"] if len(by_port) > 8 else []))
    }
    for record in days.rejects:
        expected[str(record.when.hour), str(record.dstport) if record.dstport in shown else "other"] += 1
    assert {(row["hour"], row["port"]): int(row["flows"]) for row in rows} == expected


def test_repeated_http(days):
    attempts = [one for one in days.rejects if one.dstport in (80, 443) and one.protocol == 6]
    expected = {}
    for (who,), some in grouped(attempts, "srcaddr").items():
        if (most := most_within(some, 300)) >= 3:
            flows, packets, size = sums(some)
            expected[who,] = (most, flows, distinct(some, "dstaddr"), packets, size)
    found = integers(days.section("repeated_http"), ("who",), ("amount", "flows", "destinations", "packets", "bytes"))
    assert expected, "incidents are planted"
    assert found == expected


def test_the_page_and_its_summary_begin_with_the_same_numbers(days):
    results = []
    for name in ("totals", "top_rejected_ports", "repeated_http"):
        section = read_section(Path(SQL_FOLDER) / "reports" / f"{name}.sql")
        results.append(SectionResult(section=section, rows=read_result(section, days.text(name, limit=100)), limit=100))
    found, allowed = findings_of(results, Allowlist(), frozenset())
    report = Report(
        period=Period.of("daily", DAY), environment="test", run_id="r", generated_at=datetime(2026, 11, 23, tzinfo=UTC),
        results=results, found=found, allowed=allowed,
    )  # fmt: skip
    by_action = grouped(days.counted[DAY].records, "action")
    for action, traffic in report.traffic.items():
        assert (traffic.flows, traffic.packets, traffic.bytes) == sums(by_action[action,])
    page = page_html(report, "run=1/")
    assert f"{len(days.rejects):,}" in page
    assert f"{len(by_action['ACCEPT',]):,}" in page
