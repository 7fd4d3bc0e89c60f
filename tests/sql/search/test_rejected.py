"""search/rejected.sql."""

from __future__ import annotations

FILE = "search/rejected.sql"
OTHER = {"account": "222233334444", "region": "eu-west-1"}


def exported(lake, *summarised, **options):
    return lake.exported("rejected", summarised=list(summarised), **options)


def test_a_rejected_record_with_all_its_fields(lake):
    lake.records({"srcaddr": "198.51.100.7", "dstport": 23, "bytes": 60, "tcp_flags": 2}, {"action": "ACCEPT"})
    (row,) = exported(lake)
    assert {name: value for name, value in row.items() if value} == {
        "version": "2", "account_id": "111122223333", "interface_id": "eni-0a", "srcaddr": "198.51.100.7",
        "dstaddr": "10.0.0.1", "srcport": "40000", "dstport": "23", "protocol": "6", "packets": "1", "bytes": "60",
        "start": "2026-11-22 12:00:00.000", "end": "2026-11-22 12:01:00.000", "log_status": "OK", "tcp_flags": "2",
        "aws_account": "111122223333", "aws_region": "us-east-1", "source": "network", "action": "REJECT", "flows": "1",
        "detail": "record",
    }  # fmt: skip


def test_only_the_day(lake):
    lake.records({}, day="2026-11-21")
    lake.records({}, {}, day="2026-11-22")
    assert len(exported(lake, day="2026-11-22")) == 2
    assert exported(lake, day="2026-11-20") == []


def test_equal_records_are_neighbours_whatever_their_order(lake):
    one, two = {"srcaddr": "198.51.100.1"}, {"srcaddr": "198.51.100.2"}
    lake.records(one, two, one, two, one)
    assert [row["srcaddr"][-1] for row in exported(lake)] == ["1", "1", "1", "2", "2"]


def test_a_target_with_too_many_is_summarised_by_the_hour(lake):
    lake.records({"start": "03:10"}, {"start": "03:40", "bytes": 100}, {"start": "04:00"})
    lake.records({"start": "03:20"}, {"start": "03:20"}, **OTHER)
    rows = exported(lake, "network/111122223333/us-east-1")
    summary = [row for row in rows if row["detail"] == "summary"]
    assert [(row["hour"], row["flows"], row["bytes"], row["start"][11:16], row["end"][11:16]) for row in summary] == [
        ("3", "2", "140", "03:10", "03:40"),
        ("4", "1", "40", "04:00", "04:00"),
    ]
    assert {row["srcport"] for row in summary} == {""}
    records = [row for row in rows if row["detail"] == "record"]
    assert [row["aws_account"] for row in records] == ["222233334444"] * 2


def test_the_same_account_of_another_source_keeps_its_records(lake):
    lake.records({}, {})
    lake.records({}, origin="other")
    rows = exported(lake, "network/111122223333/us-east-1")
    assert sorted((row["source"], row["detail"], row["flows"]) for row in rows) == [
        ("network", "summary", "2"),
        ("other", "record", "1"),
    ]
