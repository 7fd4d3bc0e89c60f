"""The records: totals as the manifest says, statuses, times, and traffic that looks like a network's."""

import ipaddress
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.traffic import DayTotals, TrafficPlan, each_target
from local_aws.traffic.fields import VERSION_5_LOG_FORMAT
from local_aws.traffic.plan import FILE_FORMATS, LAYOUTS
from local_aws.traffic.text import decimal
from tests.unit.local_aws.traffic.reading import all_rows, rows_of

FRIDAY = date(2026, 11, 20)
TARGETS = each_target(["111122223333"], ["us-east-1", "ap-northeast-2"])
TRAFFIC_FIELDS = ("srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "action", "tcp-flags")


def counted(day: date, totals: DayTotals, files: dict[str, bytes]) -> dict[str, int]:
    """The numbers of a target's day, counted over its files."""
    mine = {key: body for key, body in files.items() if totals.account in key and totals.region in key}
    mine = {key: body for key, body in mine.items() if f"{day:%Y%m%d}T" in key}
    rows = all_rows(mine)
    ok = [row for row in rows if row["log-status"] == "OK"]
    statuses, actions = Counter(row["log-status"] for row in rows), Counter(row["action"] for row in ok)
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return {
        "files": len(mine),
        "size": sum(map(len, mine.values())),
        "records": len(rows),
        "ok": statuses["OK"],
        "nodata": statuses["NODATA"],
        "skipdata": statuses["SKIPDATA"],
        "accepted": actions["ACCEPT"],
        "rejected": actions["REJECT"],
        "packets": sum(int(row["packets"]) for row in ok),
        "bytes": sum(int(row["bytes"]) for row in ok),
        "outside_day": sum(not midnight <= int(row["start"]) < midnight + 86_400 for row in rows),
        "defective_records": 0,
    }


@pytest.mark.parametrize("file_format", FILE_FORMATS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_manifests_totals_are_those_of_the_files(write, layout, file_format):
    plan = TrafficPlan(
        days=(FRIDAY, FRIDAY + timedelta(days=1)),
        targets=TARGETS,
        layout=layout,
        file_format=file_format,
        records_per_day=1_500,
        file_minutes=240,
    )
    manifest, files = write(plan)
    assert [(totals.day, totals.account, totals.region) for totals in manifest.totals] == [
        (day.isoformat(), target.account, target.region) for day in plan.days for target in plan.targets
    ]
    for totals in manifest.totals:
        expected = counted(date.fromisoformat(totals.day), totals, files)
        assert {name: getattr(totals, name) for name in expected} == expected
    assert manifest.total("records") == len(all_rows(files))


@pytest.mark.parametrize("status", ["NODATA", "SKIPDATA"])
def test_records_without_traffic_have_times_and_dashes(write, status):
    _, files = write(TrafficPlan(days=(FRIDAY,), log_format=VERSION_5_LOG_FORMAT, records_per_day=1_000))
    found = [row for row in all_rows(files) if row["log-status"] == status]
    assert found
    for row in found:
        assert [row[name] for name in TRAFFIC_FIELDS] == ["-"] * len(TRAFFIC_FIELDS)
        assert row["interface-id"].startswith("eni-")
        assert row["account-id"] == "123456789012"
        assert int(row["end"]) - int(row["start"]) == 599


def test_idle_interfaces_say_nodata_once_an_interval(write):
    _, files = write(TrafficPlan(days=(FRIDAY,), records_per_day=100))
    nodata = Counter(row["interface-id"] for row in all_rows(files) if row["log-status"] == "NODATA")
    assert len(nodata) == 2
    assert set(nodata.values()) == {144}


def test_a_file_holds_the_records_that_ended_in_the_minutes_before_its_time(write):
    _, files = write(TrafficPlan(days=(FRIDAY,), records_per_day=5_000))
    for key, body in files.items():
        time = datetime.strptime(key.rsplit("_", 2)[1], "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
        for row in rows_of(key, body):
            assert time - timedelta(minutes=5) < datetime.fromtimestamp(int(row["end"]), UTC) <= time
            assert 0 <= int(row["end"]) - int(row["start"]) < 600


def test_some_records_around_midnight_lie_in_the_next_days_folder(write):
    manifest, _ = write(TrafficPlan(days=(FRIDAY,), records_per_day=20_000))
    outside = manifest.total("outside_day")
    assert 0 < outside < 0.02 * manifest.total("records")


@pytest.mark.parametrize(("region", "hours_ahead"), [("us-east-1", -5), ("eu-west-1", 0), ("ap-northeast-2", 9)])
def test_the_day_is_busier_than_the_night_where_the_region_is(write, region, hours_ahead):
    plan = TrafficPlan(days=(FRIDAY,), targets=each_target(["111122223333"], [region]), file_minutes=60, incidents=())
    _, files = write(plan)
    hours: Counter[int] = Counter()
    for row in all_rows(files):
        if row["action"] == "ACCEPT":
            hours[datetime.fromtimestamp(int(row["end"]) + 3600 * hours_ahead, UTC).hour] += 1
    assert sum(hours[hour] for hour in range(12, 18)) > 2 * sum(hours[hour] for hour in range(6))


def test_weekends_are_quieter(write):
    plan = TrafficPlan(days=(FRIDAY, FRIDAY + timedelta(days=1)), incidents=(), file_minutes=60)
    friday, saturday = write(plan)[0].totals
    assert saturday.accepted < 0.7 * friday.accepted


def test_traffic_has_the_kinds_that_a_network_shows(write):
    _, files = write(TrafficPlan(days=(FRIDAY,), log_format=VERSION_5_LOG_FORMAT, incidents=(), file_minutes=60))
    rows = [row for row in all_rows(files) if row["log-status"] == "OK"]
    flows = Counter((row["action"], int(row["protocol"]), int(row["dstport"])) for row in rows)
    for flow in [("ACCEPT", 6, 443), ("ACCEPT", 6, 5432), ("ACCEPT", 17, 53), ("ACCEPT", 17, 123), ("ACCEPT", 1, 0)]:
        assert flows[flow] > 20, flow
    for port in (22, 23, 445, 3389):
        assert flows["REJECT", 6, port] > 20, port
    assert {int(row["protocol"]) for row in rows} == {1, 6, 17, 58}
    assert 0.1 < sum(row["action"] == "REJECT" for row in rows) / len(rows) < 0.2
    assert {row["type"] for row in rows} == {"IPv4", "IPv6"}
    assert {"S3", "DYNAMODB", "-"} <= {row["pkt-dst-aws-service"] for row in rows}


def test_the_fields_of_a_record_agree_with_each_other(write):
    _, files = write(TrafficPlan(days=(FRIDAY,), log_format=VERSION_5_LOG_FORMAT, file_minutes=60))
    for row in all_rows(files):
        if row["log-status"] != "OK":
            continue
        source, target = ipaddress.ip_address(row["srcaddr"]), ipaddress.ip_address(row["dstaddr"])
        assert row["type"] == f"IPv{source.version}" == f"IPv{target.version}"
        assert (row["traffic-path"] != "-") == (row["flow-direction"] == "egress")
        assert (row["srcport"] == "0") == (row["dstport"] == "0") == (int(row["protocol"]) not in (6, 17))
        assert (row["tcp-flags"] != "0") == (row["protocol"] == "6")
        assert int(row["bytes"]) >= int(row["packets"]) > 0
        assert row["region"] == "us-east-1"
        assert row["az-id"].startswith("use1-az")


def test_traffic_through_the_nat_gateway_appears_twice(write):
    _, files = write(TrafficPlan(days=(FRIDAY,), log_format=VERSION_5_LOG_FORMAT, incidents=(), file_minutes=60))
    rows = [row for row in all_rows(files) if row["log-status"] == "OK"]
    at_the_gateway = [row for row in rows if row["srcaddr"] != row["pkt-srcaddr"]]
    others = {(row["srcaddr"], row["dstaddr"], row["srcport"]) for row in rows if row["srcaddr"] == row["pkt-srcaddr"]}
    assert at_the_gateway
    for row in at_the_gateway:
        assert (row["pkt-srcaddr"], row["pkt-dstaddr"], row["srcport"]) in others


@given(numbers=st.lists(st.integers(0, 999_999_999_999), min_size=1))
def test_numbers_are_written_in_decimal(numbers):
    import numpy as np

    parts = decimal(np.array(numbers, dtype=np.int64))
    columns = [list(part) if not isinstance(part, bytes) else [part] * len(numbers) for part in parts]
    assert [b"".join(digits).decode() for digits in zip(*columns, strict=True)] == [str(n) for n in numbers]
