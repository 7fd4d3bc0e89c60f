"""reports/accepted_after_rejected.sql."""

import pytest

FILE = "reports/accepted_after_rejected.sql"


def rejects(count, *, hour=12, **values):
    """Rejects on 8443, a minute apart."""
    return [{"dstport": 8443, "start": f"{hour}:{minute:02}", **values} for minute in range(count)]


def accepted(start, **values):
    return {"action": "ACCEPT", "dstport": 8443, "start": start, **values}


def found(rows):
    return [(row["who"], row["what"], row["amount"]) for row in rows]


def test_accepted_after_ten_rejects(lake):
    lake.records(*rejects(10), accepted("12:30", bytes=700), accepted("13:00", dstport=22, bytes=300))
    (row,) = lake.run("accepted_after_rejected")
    assert found([row]) == [("203.0.113.9", "10.0.0.1", "10")]
    assert (row["first_seen"], row["last_seen"]) == ("2026-11-22 12:00:00.000", "2026-11-22 13:00:00.000")
    assert (row["last_accepted"], row["dstport"]) == ("2026-11-22 13:00:00.000", "22")
    assert (row["accepted_flows"], row["accepted_bytes"], row["dstaddr"]) == ("2", "1000", "10.0.0.1")
    assert (row["interface_id"], row["aws_account"], row["aws_region"]) == ("eni-0a", "111122223333", "us-east-1")


@pytest.mark.parametrize(
    ("rows", "amounts"),
    [
        ([*rejects(9), accepted("12:30")], []),
        ([*rejects(10), accepted("11:59")], []),
        ([*rejects(10), accepted("12:09")], []),
        ([*rejects(10), accepted("12:09:01")], ["10"]),
        ([*rejects(12), accepted("12:08:30")], []),
        ([*rejects(12), accepted("12:09:30")], ["12"]),
        ([*rejects(12), accepted("11:50"), accepted("12:09:30")], ["12"]),
        ([*rejects(5), *rejects(5, hour=18), accepted("15:00")], []),
        ([*rejects(5), *rejects(5, hour=18), accepted("19:00")], ["10"]),
    ],
)
def test_the_accept_comes_after_the_tenth_reject(lake, rows, amounts):
    lake.records(*rows)
    assert [row["amount"] for row in lake.run("accepted_after_rejected")] == amounts


def test_last_seen_is_a_reject_when_rejects_go_on(lake):
    lake.records(*rejects(20), accepted("12:15:30"))
    (row,) = lake.run("accepted_after_rejected")
    assert (row["last_accepted"], row["last_seen"]) == ("2026-11-22 12:15:30.000", "2026-11-22 12:19:00.000")


def test_rejects_on_many_ports_of_a_public_source_count_together(lake):
    lake.records(*({"dstport": 20 + n, "start": f"12:0{n}"} for n in range(10)), accepted("12:30", dstport=80))
    assert found(lake.run("accepted_after_rejected")) == [("203.0.113.9", "10.0.0.1", "10")]


def test_a_private_source_has_to_be_accepted_on_the_same_port(lake):
    lake.records(*rejects(10, srcaddr="10.0.0.7"), accepted("12:30", srcaddr="10.0.0.7", dstport=5432))
    assert lake.run("accepted_after_rejected") == []
    lake.records(accepted("12:31", srcaddr="10.0.0.7"))
    assert found(lake.run("accepted_after_rejected")) == [("10.0.0.7", "10.0.0.1:8443", "10")]


def test_private_sources_count_each_port_by_itself(lake):
    lake.records(*rejects(9, srcaddr="10.0.0.7"), *rejects(9, srcaddr="10.0.0.7", dstport=22))
    lake.records(accepted("13:00", srcaddr="10.0.0.7"), accepted("13:00", srcaddr="10.0.0.7", dstport=22))
    assert lake.run("accepted_after_rejected") == []


@pytest.mark.parametrize(
    "other", [{"srcaddr": "203.0.113.10"}, {"dstaddr": "10.0.0.2"}, {"protocol": 1, "dstport": 0, "srcport": 0}]
)
def test_it_is_the_same_source_and_destination(lake, other):
    lake.records(*rejects(10), accepted("12:30", **other))
    assert lake.run("accepted_after_rejected") == []


def test_the_same_private_address_of_another_network_is_another_destination(lake):
    lake.records(*rejects(10))
    lake.records(accepted("12:30"), account="222233334444")
    lake.records(accepted("12:30"), region="eu-west-1")
    assert lake.run("accepted_after_rejected") == []


def test_both_networks_are_named_in_one_finding(lake):
    lake.records(*rejects(10), accepted("12:30"))
    lake.records(*rejects(12), accepted("12:30"), account="222233334444")
    (row,) = lake.run("accepted_after_rejected")
    assert (row["amount"], row["aws_account"]) == ("12", "111122223333, 222233334444")


@pytest.mark.parametrize(
    "values",
    [
        # An ACL stops replies to some of a client's ports.
        {"srcaddr": "10.0.0.1", "dstaddr": "203.0.113.9", "srcport": 443, "dstport": 20000},
        # It lets the replies to our own requests in later.
        {"srcport": 443, "dstport": 50000},
        {"srcport": 8443, "dstport": 50000},
        {"srcport": 8443, "dstport": 20000, "tcp_flags": 18},
        # They come after the end of the connection.
        {"srcport": 443, "dstport": 20000, "tcp_flags": 4},
        {"protocol": 17, "srcport": 53, "dstport": 40000},
        {"protocol": 1, "srcport": 0, "dstport": 0},
        {"srcaddr": "10.0.0.1", "dstaddr": "203.0.113.9"},
        {"srcaddr": "2600:1f18::1", "dstaddr": "2001:db8::1", "flow_direction": "egress"},
        {"srcaddr": None},
        {"dstaddr": None},
    ],
)
def test_rejects_that_do_not_count(lake, values):
    lake.records(*rejects(20, **values), accepted("13:00", **values))
    assert lake.run("accepted_after_rejected") == []


def test_a_reply_to_our_own_request_is_no_way_in(lake):
    lake.records(*rejects(10), accepted("13:00", srcport=443, dstport=50000))
    assert lake.run("accepted_after_rejected") == []
    lake.records(accepted("12:30", srcport=50001, dstport=50000))
    assert [row["last_accepted"] for row in lake.run("accepted_after_rejected")] == ["2026-11-22 12:30:00.000"]


def test_requests_that_look_like_replies_count_where_the_log_has_flags(lake):
    lake.records(*rejects(10, srcport=443, dstport=50000, tcp_flags=2), accepted("13:00"))
    assert found(lake.run("accepted_after_rejected")) == [("203.0.113.9", "10.0.0.1", "10")]


def test_an_exchange_whose_reply_is_stopped_is_no_finding(lake):
    client, server = (
        {"srcaddr": "203.0.113.9", "dstaddr": "10.0.0.1"},
        {"srcaddr": "10.0.0.1", "dstaddr": "203.0.113.9"},
    )
    for minute in range(20):
        port = 40000 + minute
        lake.records(
            {**client, "action": "ACCEPT", "srcport": port, "dstport": 443, "start": f"12:{minute:02}"},
            {**server, "srcport": 443, "dstport": port, "start": f"12:{minute:02}"},
        )
    lake.records({**server, "action": "ACCEPT", "srcport": 443, "dstport": 40000, "start": "13:00"})
    assert lake.run("accepted_after_rejected") == []


def test_ipv6(lake):
    lake.records(*rejects(10, srcaddr="2001:db8::9", dstaddr="2600:1f18::1"))
    lake.records(accepted("13:00", srcaddr="2001:db8::9", dstaddr="2600:1f18::1"))
    assert found(lake.run("accepted_after_rejected")) == [("2001:db8::9", "2600:1f18::1", "10")]


def test_rejects_of_one_day_and_an_accept_of_the_next(lake):
    lake.records(*rejects(6), day="2026-11-20")
    lake.records(*rejects(6), day="2026-11-21")
    lake.records(accepted("01:00"), day="2026-11-22")
    assert lake.run("accepted_after_rejected", "2026-11-21", "2026-11-22") == []
    (row,) = lake.run("accepted_after_rejected", "2026-11-20", "2026-11-22")
    assert (row["amount"], row["last_accepted"]) == ("12", "2026-11-22 01:00:00.000")


def test_threshold_and_limit(lake):
    for number in range(3):
        source = f"203.0.113.{number}"
        lake.records(*rejects(3 + number, srcaddr=source), accepted("13:00", srcaddr=source))
    rows = lake.run("accepted_after_rejected", thresholds={"rejects": 4})
    assert [row["who"] for row in rows] == ["203.0.113.2", "203.0.113.1"]
    assert [row["who"] for row in lake.run("accepted_after_rejected", thresholds={"rejects": 4}, limit=1)] == [
        "203.0.113.2"
    ]
