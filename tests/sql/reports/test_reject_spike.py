"""reports/reject_spike.sql."""

from datetime import date, timedelta

import pytest

from tests.sql.conftest import DAY

FILE = "reports/reject_spike.sql"


def before(number, of=DAY):
    return str(date.fromisoformat(of) - timedelta(days=number))


def baseline(lake, flows, **place):
    """Rejected flows of the days before, the latest first; 0 is a day with accepted traffic alone."""
    for number, count in enumerate(flows, start=1):
        row = {"flows": count} if count else {"action": "ACCEPT", "flows": 5000}
        lake.daily(row, day=before(number), **place)


def rejects(lake, flows, day=DAY, **place):
    lake.daily({"flows": flows, "packets": 2 * flows, "bytes": 80 * flows}, day=day, **place)


def test_a_day_far_above_the_days_before(lake):
    baseline(lake, [1000, 900, 1100, 1000, 1000])
    lake.daily(
        {"flows": 900, "packets": 1800, "bytes": 72000, "dstport": 23, "srcaddr": "203.0.113.1", "first_seen": "08:00"},
        {"flows": 800, "packets": 800, "bytes": 32000, "dstport": 23, "srcaddr": "203.0.113.2", "last_seen": "18:00"},
        {"flows": 1000, "packets": 1000, "bytes": 40000, "dstport": 22, "srcaddr": "203.0.113.2"},
        {"flows": 9000, "action": "ACCEPT"},
        day=DAY,
    )
    assert lake.run("reject_spike") == [
        {
            "who": "111122223333/us-east-1", "what": "network", "first_seen": "2026-11-22 08:00:00.000",
            "last_seen": "2026-11-22 18:00:00.000", "amount": "2700", "day": DAY, "usual": "1000", "deviation": "71",
            "baseline_days": "5", "days": "1", "top_port": "23", "top_source": "203.0.113.2", "packets": "3600",
            "bytes": "144000", "aws_account": "111122223333", "aws_region": "us-east-1",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("flows", "amounts"),
    [(1300, []), (1301, ["1301"])],
)
def test_three_standard_deviations(lake, flows, amounts):
    # Mean 1000, deviation of the sample exactly 100.
    baseline(lake, [1100, 900, 1100, 900, 1000])
    rejects(lake, flows)
    assert [row["amount"] for row in lake.run("reject_spike")] == amounts


@pytest.mark.parametrize(("days", "found"), [(4, 0), (5, 1), (28, 1)])
def test_five_days_are_needed(lake, days, found):
    baseline(lake, [1000] * days)
    rejects(lake, 5000)
    rows = lake.run("reject_spike")
    assert [row["baseline_days"] for row in rows] == [str(days)] * found


def test_days_older_than_the_baseline_do_not_count(lake):
    baseline(lake, [1000] * 4)
    for number in (29, 30, 31):
        rejects(lake, 1000, before(number))
    rejects(lake, 5000)
    assert lake.run("reject_spike") == []
    rejects(lake, 1000, before(28))
    assert [row["baseline_days"] for row in lake.run("reject_spike")] == ["5"]


@pytest.mark.parametrize(("flows", "amounts"), [(3, []), (99, []), (100, ["100"])])
def test_few_rejects_are_no_spike_of_a_quiet_target(lake, flows, amounts):
    baseline(lake, [0] * 6)
    rejects(lake, flows)
    rows = lake.run("reject_spike")
    assert [(row["amount"], row["usual"]) for row in rows] == [(amount, "0") for amount in amounts]


@pytest.mark.parametrize(("flows", "amounts"), [(1099, []), (1100, ["1100"])])
def test_a_few_more_than_always_the_same_are_no_spike(lake, flows, amounts):
    baseline(lake, [1000] * 10)
    rejects(lake, flows)
    assert [row["amount"] for row in lake.run("reject_spike")] == amounts


def test_days_without_rejects_lower_the_mean_and_days_without_traffic_are_unknown(lake):
    baseline(lake, [0, 0, 0, 0, 500])
    rejects(lake, 1000)
    (row,) = lake.run("reject_spike")
    assert (row["usual"], row["deviation"]) == ("100", "224")


def test_nothing_rejected_or_no_baseline(lake):
    baseline(lake, [1000] * 6)
    lake.daily({"action": "ACCEPT", "flows": 9000}, day=DAY)
    rejects(lake, 9000, region="eu-west-1")
    assert lake.run("reject_spike") == []


def test_targets_and_sources_are_judged_by_themselves(lake):
    places = [
        {"account": "111122223333"},
        {"account": "222233334444"},
        {"account": "111122223333", "region": "eu-west-1"},
        {"account": "111122223333", "origin": "other"},
    ]
    for number, place in enumerate(places, start=1):
        baseline(lake, [1000] * 5, **place)
        rejects(lake, 1000 * number, **place)
    assert [(row["who"], row["what"], row["amount"]) for row in lake.run("reject_spike")] == [
        ("111122223333/us-east-1", "other", "4000"),
        ("111122223333/eu-west-1", "network", "3000"),
        ("222233334444/us-east-1", "network", "2000"),
    ]
    assert [row["amount"] for row in lake.run("reject_spike", limit=1)] == ["4000"]


def test_each_day_of_a_week_is_judged_by_the_days_before_its_first(lake):
    first, last = "2026-11-16", "2026-11-22"
    for number in range(1, 6):
        rejects(lake, 1000, before(number, first))
    for number, flows in enumerate([1000, 3000, 1000, 4000, 1050, 1000, 1000]):
        rejects(lake, flows, before(-number, first))
    (row,) = lake.run("reject_spike", first, last)
    assert (row["amount"], row["day"], row["days"], row["usual"]) == ("4000", "2026-11-19", "2", "1000")
    assert (row["first_seen"], row["last_seen"]) == ("2026-11-17 12:00:00.000", "2026-11-19 12:00:00.000")
    assert (row["packets"], row["top_port"]) == ("8000", "22")


def test_missing_addresses_and_ports(lake):
    baseline(lake, [1000] * 5)
    lake.daily({"flows": 2000, "dstport": None, "srcaddr": None}, day=DAY)
    (row,) = lake.run("reject_spike")
    assert (row["amount"], row["top_port"], row["top_source"]) == ("2000", "", "")


def test_thresholds(lake):
    baseline(lake, [10, 12, 8])
    rejects(lake, 15)
    changed = {"sigmas": 2, "days_needed": 3, "min_flows": 5}
    assert [row["amount"] for row in lake.run("reject_spike", thresholds=changed)] == ["15"]
    assert lake.run("reject_spike", thresholds={**changed, "sigmas": 2.5}) == []
    assert lake.run("reject_spike", thresholds={**changed, "days_needed": 4}) == []
    assert lake.run("reject_spike", thresholds={**changed, "min_flows": 6}) == []
