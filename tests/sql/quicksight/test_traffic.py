"""quicksight/traffic.sql."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.sql.quicksight.conftest import day_before_today

FILE = "quicksight/traffic.sql"
YESTERDAY = day_before_today(1)
MEASURES = ("flows", "packets", "bytes")


@pytest.fixture
def limited(monkeypatch):
    """At most 100 rows of a day, the smallest limit."""
    monkeypatch.setenv("FLOWLOGS__QUICKSIGHT__MAX_ROWS_PER_DAY", "100")


def totals(rows, *by):
    """Flows, packets and bytes by some columns."""
    found = Counter()
    for row in rows:
        for measure in MEASURES:
            found[(*(str(row[name]) for name in by), measure)] += int(row[measure])
    return found


def traffic(count, seed=0, targets=(("111122223333", "us-east-1"), ("222233334444", "eu-west-1"))):
    """Rows of `flow_daily` of yesterday, each of another source address."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        account, region = chance.choice(targets)
        action = chance.choice(("ACCEPT", "REJECT"))
        rows.append(
            {
                "account": account, "region": region, "action": action, "hour": chance.choice((0, 12)),
                "interface_id": f"eni-{chance.randrange(12):02x}", "srcaddr": f"203.0.{number // 200}.{number % 200}",
                "flows": chance.randrange(1, 50), "packets": chance.randrange(1, 500),
                "bytes": chance.choice((0, 40, 10**chance.randrange(3, 9))),
            }
        )  # fmt: skip
    return rows


def test_a_row_of_a_small_day(lake):
    lake.summarised([{"dstport": 22, "flows": 3, "packets": 6, "bytes": 240, "first_seen": "01:02:03"}])
    assert lake.data_set("traffic") == [
        {
            "day": f"{YESTERDAY} 00:00:00.000", "account": "111122223333", "region": "us-east-1", "source": "network",
            "interface_id": "eni-0a", "srcaddr": "203.0.113.9", "dstaddr": "10.0.0.1", "dstport": "22",
            "protocol": "6", "action": "REJECT", "direction": "unknown", "hour": "12", "hour_start": f"{YESTERDAY} 12:00:00.000", "flows": "3", "packets": "6",
            "bytes": "240", "first_seen": f"{YESTERDAY} 01:02:03.000", "last_seen": f"{YESTERDAY} 12:00:00.000",
            "detail": "flow",
        }
    ]  # fmt: skip


def scanned(lake, statement):
    """The bytes that a statement reads."""
    lake.sql.athena.text(statement)
    return lake.sql.athena.outcome.data_scanned_bytes


def test_days_of_the_history_only(lake, monkeypatch):
    monkeypatch.setenv("FLOWLOGS__QUICKSIGHT__HISTORY_DAYS", "5")
    lake.summarised([{"day": day_before_today(days), "flows": days} for days in (1, 5)])
    within = scanned(lake, lake.sql.rendered(FILE))
    lake.summarised([{"day": day_before_today(6), "flows": 6}])
    assert sorted(row["flows"] for row in lake.data_set("traffic")) == ["1", "5"]
    assert lake.sql.athena.outcome.data_scanned_bytes == within, "days before the history are read"


def test_a_filter_on_the_day_gives_the_same_rows(lake, limited):
    """What an incremental refresh puts around the query; it replaces whole days."""
    lake.summarised([{**row, "day": day_before_today(days)} for days in (1, 2) for row in traffic(120, days)])
    statement = lake.sql.rendered(FILE)
    since = f"TIMESTAMP '{YESTERDAY} 00:00:00.000'"
    some = lake.sql.athena.rows(f'SELECT * FROM ({statement}) AS source WHERE "day" >= {since}')
    assert len(some) > 50
    assert sorted(some) == sorted(row for row in lake.sql.athena.rows(statement) if row[0].startswith(YESTERDAY))


def test_a_day_within_the_limit_is_whole(lake, limited):
    lake.summarised(traffic(100))
    rows = lake.data_set("traffic")
    assert len(rows) == 100
    assert {row["detail"] for row in rows} == {"flow"}


@pytest.mark.parametrize(("count", "seed"), [(101, 1), (400, 2)])
def test_folding_keeps_the_totals(lake, limited, count, seed):
    given = traffic(count, seed)
    lake.summarised(given)
    rows = lake.data_set("traffic")
    assert len(rows) <= 100
    assert "interface" in {row["detail"] for row in rows}
    for row in given:
        row["hour"] = row["hour"] if row["action"] == "REJECT" else ""
    by = ("account", "region", "action", "hour")
    assert totals(rows, *by) == totals(given, *by)


def test_each_day_and_action_keeps_what_has_most_traffic(lake, limited):
    loud = [
        {"srcaddr": "198.51.100.1", "action": "ACCEPT", "bytes": 10**12, "flows": 1},
        {"srcaddr": "198.51.100.2", "action": "REJECT", "bytes": 40, "flows": 100_000},
    ]
    lake.summarised([{**row, "day": day_before_today(days)} for row in [*traffic(150), *loud] for days in (1, 2)])
    rows = lake.data_set("traffic")
    kept = Counter((row["day"][:10], row["srcaddr"]) for row in rows if row["srcaddr"].startswith("198."))
    assert kept == {(day_before_today(days), row["srcaddr"]): 1 for row in loud for days in (1, 2)}
    assert max(Counter(row["day"] for row in rows).values()) <= 100


def test_what_is_folded_is_called_other(lake, limited):
    lake.summarised(traffic(300, seed=3))
    rows = lake.data_set("traffic")
    interfaces = [row for row in rows if row["detail"] == "interface"]
    accounts = [row for row in rows if row["detail"] == "account"]
    for row in (*interfaces, *accounts):
        folded = [row[name] for name in ("srcaddr", "dstaddr", "direction", "dstport", "protocol")]
        assert folded == ["other", "other", "other", "", ""]
    assert all(row["interface_id"].startswith("eni-") for row in interfaces)
    assert {row["interface_id"] for row in accounts} == {"other"}


def test_hours_are_given_up_before_the_limit_is(lake, limited):
    """60 hours of rejects in two regions are more than half of 100 rows."""
    targets = (("111122223333", "us-east-1"), ("111122223333", "eu-west-1"), ("222233334444", "us-east-1"))
    given = [{**row, "hour": number % 24} for number, row in enumerate(traffic(300, 4, targets))]
    lake.summarised(given)
    rows = lake.data_set("traffic")
    assert len(rows) <= 100
    assert {row["hour"] for row in rows if row["detail"] != "flow"} == {""}
    assert totals(rows, "account", "region", "action") == totals(given, "account", "region", "action")


def test_more_accounts_than_rows_are_one_row_each(lake, limited):
    """Nothing is lost even where a limit cannot be kept."""
    given = [{"account": f"{number:012}", "srcaddr": address, "interface_id": f"eni-{address[-1]}a"}
             for number in range(101) for address in ("203.0.113.1", "203.0.113.2")]  # fmt: skip
    lake.summarised(given)
    rows = lake.data_set("traffic")
    assert len(rows) == 101
    assert totals(rows, "account") == totals(
        [{**row, "flows": 1, "packets": 1, "bytes": 40} for row in given], "account"
    )
