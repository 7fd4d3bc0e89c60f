"""Documents of rows and findings: their fields, all mapped, and their ids."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.curation import curated_columns
from flowlogs.search.documents import RowDocuments, finding_documents
from flowlogs.search.fields import FIELDS, fields_of, mapping

DAY = "2026-11-22"
RECORD = curated_columns()
COLUMNS = [*(name for name, _ in RECORD if name != "action"), "aws_account", "aws_region", "source", "action", "hour", "flows", "detail"]  # fmt: skip
ROW = {
    "version": "5", "account_id": "111122223333", "interface_id": "eni-0a", "srcaddr": "198.51.100.7",
    "dstaddr": "10.0.0.1", "srcport": "40000", "dstport": "22", "protocol": "6", "packets": "3", "bytes": "180",
    "start": f"{DAY} 01:02:03.000", "end": f"{DAY} 01:03:03.000", "log_status": "OK", "vpc_id": "vpc-1",
    "type": "IPv4", "pkt_srcaddr": "192.0.2.1", "region": "us-east-1", "flow_direction": "ingress",
    "aws_account": "111122223333", "aws_region": "us-east-1", "source": "network", "action": "REJECT", "flows": "1",
    "detail": "record",
}  # fmt: skip


def made(
    *rows: dict[str, str], kind: Any = "rejected", columns: list[str] = COLUMNS
) -> list[tuple[str, dict[str, Any]]]:
    maker = RowDocuments(kind, DAY, columns, fields_of(RECORD))
    return list(maker.of([[row.get(name, "") for name in columns] for row in rows]))


def leaves(body: dict[str, Any], path: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in body.items():
        where = f"{path}{name}"
        if isinstance(value, dict) and where != "flowlogs.finding.evidence":
            found |= leaves(value, f"{where}.")
        else:
            found[where] = value
    return found


def test_a_record_in_the_common_schema():
    ((_, body),) = made(ROW)
    assert leaves(body) == {
        "@timestamp": f"{DAY}T01:02:03.000Z",
        "message": "REJECT tcp 198.51.100.7 to 10.0.0.1:22 at eni-0a",
        "tags": ["flow-log"], "ecs.version": "8.17.0", "event.kind": "event", "event.category": ["network"],
        "event.type": ["connection", "denied"], "event.action": "reject", "event.outcome": "failure",
        "event.dataset": "aws.vpcflow", "event.start": f"{DAY}T01:02:03.000Z", "event.end": f"{DAY}T01:03:03.000Z",
        "event.duration": 60_000_000_000, "source.ip": "198.51.100.7", "source.port": 40000, "source.bytes": 180,
        "source.packets": 3, "destination.ip": "10.0.0.1", "destination.port": 22,
        "related.ip": ["198.51.100.7", "10.0.0.1", "192.0.2.1"], "network.iana_number": "6", "network.transport": "tcp",
        "network.type": "ipv4", "network.protocol": "ssh", "network.bytes": 180, "network.packets": 3,
        "network.direction": "ingress", "cloud.provider": "aws", "cloud.account.id": "111122223333",
        "cloud.region": "us-east-1", "observer.vendor": "Amazon", "observer.product": "VPC Flow Logs",
        "observer.type": "flow-log", "observer.ingress.interface.id": "eni-0a", "aws.vpcflow.version": 5,
        "aws.vpcflow.account_id": "111122223333", "aws.vpcflow.interface_id": "eni-0a", "aws.vpcflow.action": "REJECT",
        "aws.vpcflow.pkt_srcaddr": "192.0.2.1", "aws.vpcflow.log_status": "OK", "aws.vpcflow.vpc_id": "vpc-1",
        "flowlogs.day": DAY, "flowlogs.source": "network", "flowlogs.flows": 1, "flowlogs.detail": "record",
    }  # fmt: skip


def test_a_row_that_has_nothing_else_has_its_day():
    ((_, body),) = made({"action": "NONE", "flows": "4", "detail": "other"}, kind="daily")
    assert (body["@timestamp"], body["event"]["outcome"], body["event"]["kind"]) == (
        f"{DAY}T00:00:00.000Z",
        "unknown",
        "metric",
    )
    assert body["event"]["type"] == ["connection"]


def test_the_same_rows_have_the_same_ids_and_equal_rows_have_their_own():
    other = {**ROW, "srcport": "40001"}
    first = [key for key, _ in made(ROW, ROW, other)]
    assert len(set(first)) == 3
    assert [key for key, _ in made(ROW, ROW, other)] == first
    assert [key for key, _ in made(ROW, other)] == [first[0], first[2]]


def test_a_summary_that_grew_keeps_its_id():
    grown = {**ROW, "flows": "9", "packets": "30", "bytes": "1", "end": f"{DAY} 23:00:00.000"}
    ((before, _),) = made(ROW, kind="daily")
    ((after, _),) = made(grown, kind="daily")
    assert before == after


def test_a_query_without_its_columns_is_refused():
    with pytest.raises(ValueError, match="the query for rejected lacks the columns action, detail, flows"):
        RowDocuments("rejected", DAY, ["start", "srcaddr"], fields_of(RECORD))


TEXTS = {"keyword": st.text(min_size=1, max_size=20), "ip": st.ip_addresses().map(str)}
NUMBERS = st.integers(0, 2**31 - 1).map(str)
TYPES = {field.column: field.type for field in fields_of(RECORD) if field.column}


@given(st.fixed_dictionaries(
    {"flows": NUMBERS, "detail": st.sampled_from(["record", "summary", "other"]), "action": st.sampled_from(["ACCEPT", "REJECT", "NONE"])},
    optional={
        **{name: TEXTS.get(TYPES[name], NUMBERS) for name in COLUMNS if name in TYPES and name not in ("flows", "detail", "action", "protocol", "dstport")},
        "protocol": st.integers(0, 255).map(str), "dstport": st.integers(0, 65535).map(str),
        "start": st.just(f"{DAY} 00:00:00.000"), "end": st.just(f"{DAY} 23:59:59.999"),
        "type": st.sampled_from(["IPv4", "IPv6", "EFA"]),
    },
))  # fmt: skip
def test_every_field_of_every_document_is_mapped_and_of_its_type(row):
    ((_, body),) = made(row)
    kinds = {field.name: field.type for field in fields_of(RECORD)}
    for name, value in leaves(body).items():
        assert kinds[name] not in ("integer", "long") or isinstance(value, int), name
    json.dumps(body)


def test_fields_are_named_once_and_the_mapping_has_them_all():
    names = [field.name for field in fields_of(RECORD)]
    assert len(set(names)) == len(names)
    properties = mapping(fields_of(RECORD))["properties"]

    def mapped(found, path=""):
        for name, value in found.items():
            yield from mapped(value["properties"], f"{path}{name}.") if "properties" in value else [f"{path}{name}"]

    assert sorted(mapped(properties)) == sorted(names)
    assert {field.column for field in fields_of(RECORD)} >= {name for name, _ in RECORD} - {
        "start",
        "end",
        "type",
        "region",
    }


def test_a_finding():
    finding = {
        "identity": "abc", "detection": "brute_force", "title": "Brute force", "severity": "high", "status": "new",
        "who": "198.51.100.7", "what": "eni-0a port 22", "first_seen": f"{DAY}T01:00:00", "last_seen": f"{DAY}T09:30:00+09:00",
        "amount": 12.0, "evidence": {"hour": "9"},
    }  # fmt: skip
    ((key, body),) = finding_documents(DAY, {"page": "https://reports.example/", "findings": [finding]})
    found = leaves(body)
    assert found["@timestamp"] == found["event.end"] == f"{DAY}T00:30:00.000Z"
    assert (found["event.kind"], found["event.severity"], found["event.id"]) == ("alert", 70, "abc")
    assert (found["source.ip"], found["related.ip"]) == ("198.51.100.7", ["198.51.100.7"])
    assert set(found) <= {field.name for field in FIELDS}
    ((again, _),) = finding_documents(
        DAY, {"page": "", "findings": [{**finding, "status": "continuing", "amount": 30}]}
    )
    assert again == key
    ((another_day, _),) = finding_documents("2026-11-23", {"page": "", "findings": [finding]})
    assert another_day != key
