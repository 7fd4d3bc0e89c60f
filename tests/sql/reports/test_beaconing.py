"""reports/beaconing.sql."""

import pytest

FILE = "reports/beaconing.sql"


def clock(second):
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def call(second, port=40000, **values):
    """A record of a host of ours at a public address, so many seconds after midnight."""
    common = {"action": "ACCEPT", "srcaddr": "10.0.0.5", "dstaddr": "203.0.113.9", "dstport": 443, "srcport": port}
    return {**common, "packets": 9, "bytes": 1480, "start": clock(second), "end": clock(second), **values}


def calls(seconds, **values):
    """Each on a connection of its own."""
    return [call(second, 40000 + number, **values) for number, second in enumerate(seconds)]


def every(gap, count, *, first=3600, jitter=0, **values):
    """Calls so many seconds apart, by turns early and late by the jitter."""
    return calls([first + gap * number + jitter * (-1) ** number for number in range(count)], **values)


def found(rows):
    return [(row["who"], row["what"], row["amount"]) for row in rows]


def test_a_call_every_quarter_of_an_hour(lake):
    lake.records(*every(900, 64, jitter=4))
    assert lake.run("beaconing") == [
        {
            "who": "10.0.0.5", "what": "203.0.113.9:443", "first_seen": "2026-11-22 01:00:04.000",
            "last_seen": "2026-11-22 16:44:56.000", "amount": "64", "gap_seconds": "900", "variation": "0.009",
            "dstaddr": "203.0.113.9", "dstport": "443", "packets": "576", "bytes": "94720",
            "interface_id": "eni-0a", "aws_account": "111122223333", "aws_region": "us-east-1",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("gap", "count", "amounts"),
    [
        (900, 23, []),
        (900, 24, ["24"]),
        (600, 24, []),
        (600, 25, ["25"]),
        (119, 400, []),
        (120, 400, ["400"]),
        (3400, 24, ["24"]),
    ],
)
def test_contacts_hours_and_gaps(lake, gap, count, amounts):
    lake.records(*every(gap, count))
    assert [row["amount"] for row in lake.run("beaconing")] == amounts


@pytest.mark.parametrize(("jitter", "count"), [(0, 1), (40, 1), (85, 1), (100, 0), (250, 0)])
def test_regular_enough(lake, jitter, count):
    # Gaps of 900 seconds more and less twice the jitter: a variation of twice the jitter by 900.
    lake.records(*every(900, 60, jitter=jitter))
    assert len(lake.run("beaconing")) == count


def test_random_times_are_no_beacon(lake):
    lake.records(*calls(sorted(3600 + 7919 * number * number % 60000 for number in range(70))))
    assert lake.run("beaconing") == []


@pytest.mark.parametrize("interval", [60, 600])
@pytest.mark.parametrize("port", [40000, None])
def test_one_long_connection_has_a_record_every_interval(lake, interval, port):
    lake.records(*(call(3600 + interval * number, port) for number in range(72000 // interval)))
    assert lake.run("beaconing") == []


@pytest.mark.parametrize("gap", [5, 60, 100])
def test_a_host_that_talks_all_the_time(lake, gap):
    lake.records(*every(gap, 40000 // gap))
    assert lake.run("beaconing") == []


def test_a_heartbeat_on_a_lasting_connection(lake):
    lake.records(*(call(3600 + 720 * number) for number in range(60)))
    assert lake.run("beaconing") == []
    lake.records(*(call(3600 + 900 * number, dstaddr="203.0.113.8") for number in range(60)))
    assert found(lake.run("beaconing")) == [("10.0.0.5", "203.0.113.8:443", "60")]


def test_several_connections_of_a_contact_are_one(lake):
    lake.records(*every(900, 30), *every(900, 30, first=3602), *every(900, 30, first=3603))
    assert [(row["amount"], row["gap_seconds"]) for row in lake.run("beaconing")] == [("30", "900")]


def test_a_lasting_connection_beside_the_beacon(lake):
    lake.records(*every(900, 30), *(call(600 * number, 50000) for number in range(140)))
    assert [row["gap_seconds"] for row in lake.run("beaconing")] == ["900"]


@pytest.mark.parametrize(("missing", "count"), [([20], 1), (range(20, 40), 1), ([10, 15, 20, 25, 30], 1),
                                                (range(5, 60, 4), 0)])  # fmt: skip
def test_pauses_are_forgiven_when_they_are_few(lake, missing, count):
    kept = [number for number in range(64) if number not in missing and number - 1 not in missing]
    lake.records(*calls([3600 + 900 * number for number in kept]))
    assert len(lake.run("beaconing")) == count


@pytest.mark.parametrize(
    "values",
    [
        {"action": "REJECT"},
        {"dstaddr": "10.0.0.9"},
        {"srcaddr": "203.0.113.1"},
        {"dstport": 123, "protocol": 17},
        {"dstport": 0, "protocol": 1},
        {"protocol": 47, "dstport": 0},
        {"srcaddr": "2600:1f18::5", "dstaddr": "2001:db8::9", "flow_direction": "ingress"},
        {"srcaddr": None},
        {"dstaddr": None},
        {"dstport": None},
    ],
)
def test_what_does_not_call_out(lake, values):
    lake.records(*every(900, 60, **values))
    assert lake.run("beaconing") == []


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"protocol": 17, "dstport": 53}, "203.0.113.9:53"),
        ({"protocol": None}, "203.0.113.9:443"),
        ({"interface_id": None}, "203.0.113.9:443"),
        ({"srcport": None}, "203.0.113.9:443"),
        ({"srcaddr": "2600:1f18::5", "dstaddr": "2001:db8::9", "flow_direction": "egress"}, "[2001:db8::9]:443"),
    ],
)
def test_what_calls_out(lake, values, what):
    lake.records(*every(900, 60, **values))
    assert [row["what"] for row in lake.run("beaconing")] == [what]


def test_the_answers_to_a_strangers_regular_visits_are_no_calls(lake):
    visits = every(300, 100, srcaddr="203.0.113.9", dstaddr="10.0.0.5")
    answers = [
        {**visit, "srcaddr": "10.0.0.5", "dstaddr": "203.0.113.9", "srcport": 443, "dstport": visit["srcport"]}
        for visit in visits
    ]
    lake.records(*visits, *answers)
    assert lake.run("beaconing") == []


def test_pairs_ports_and_networks_are_judged_by_themselves(lake):
    lake.records(*every(900, 30))
    lake.records(*every(900, 30, first=3800, interface_id="eni-0b"), account="222233334444")
    lake.records(*every(900, 31, first=3700, interface_id="eni-0c"))
    lake.records(*every(900, 12, dstaddr="203.0.113.7"), *every(900, 12, first=14400, dstaddr="203.0.113.6"))
    lake.records(*every(900, 40, dstport=8443))
    rows = lake.run("beaconing")
    assert found(rows) == [("10.0.0.5", "203.0.113.9:8443", "40"), ("10.0.0.5", "203.0.113.9:443", "31")]
    assert (rows[1]["aws_account"], rows[1]["interface_id"]) == ("111122223333, 222233334444", "")
    assert found(lake.run("beaconing", limit=1)) == [("10.0.0.5", "203.0.113.9:8443", "40")]


def test_a_slow_beacon_shows_in_a_week(lake):
    for day in range(16, 23):
        lake.records(*every(14400, 6, first=600), day=f"2026-11-{day}")
    assert lake.run("beaconing") == []
    (row,) = lake.run("beaconing", "2026-11-16", "2026-11-22")
    assert (row["amount"], row["gap_seconds"]) == ("42", "14400")


def test_thresholds(lake):
    lake.records(*every(60, 10))
    changed = {"contacts": 10, "hours": 0.1, "min_gap_seconds": 60}
    assert [row["amount"] for row in lake.run("beaconing", thresholds=changed)] == ["10"]
    assert lake.run("beaconing", thresholds={**changed, "contacts": 11}) == []
    lake.records(*(call(36000 + 100 * number, dstaddr="203.0.113.8") for number in range(10)))
    assert len(lake.run("beaconing", thresholds={**changed, "aggregation_seconds": 60})) == 2
    lake.records(*every(900, 30, dstport=123))
    rows = lake.run("beaconing", thresholds={"except_ports": ()})
    assert [row["what"] for row in rows] == ["203.0.113.9:123"]
    assert lake.run("beaconing", thresholds={"except_ports": (123, 443)}) == []
