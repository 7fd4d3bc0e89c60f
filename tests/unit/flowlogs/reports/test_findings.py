import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from flowlogs.reports.findings import Allowlist, findings_of, identity
from flowlogs.reports.results import SectionResult
from tests.unit.flowlogs.reports.hostile import cells
from tests.unit.flowlogs.reports.sample_report import detection, row, section

SCANS = detection(dstaddr="address", dstport="port", interface_id="interface", bytes="bytes")


def scan(**values):
    return row(**{"dstaddr": "10.0.0.5", "dstport": "22", "interface_id": "eni-0a", "bytes": "1200", **values})


def found_of(*rows, allowlist=None, continuing=frozenset(), of=SCANS):
    return findings_of([SectionResult(of, rows)], allowlist or Allowlist(), continuing)


def test_a_row_is_a_finding_with_its_evidence():
    ((finding,), allowed) = found_of(scan())
    assert allowed == []
    assert (finding.detection, finding.title, finding.severity) == ("scans", "Section scans", "high")
    assert (finding.who, finding.what, finding.amount) == ("203.0.113.9", "10.0.0.5:22", 12.0)
    assert (finding.amount_label, finding.amount_shown) == ("Amount", "12")
    assert finding.first_seen == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert finding.last_seen == datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
    assert finding.evidence == {"dstaddr": "10.0.0.5", "dstport": "22", "interface_id": "eni-0a", "bytes": "1200"}
    assert finding.status == "new"


def test_an_amount_is_shown_as_its_kind_says():
    ((finding,), _) = found_of(row(amount="1500000000"), of=detection(amount="bytes"))
    assert finding.amount_shown == "1.5 GB"


def test_only_detections_have_findings():
    other = SectionResult(section(), [{"what": "x", "flows": "1"}])
    failed = SectionResult(detection("failed"), error="its query failed")
    assert findings_of([other, failed], Allowlist()) == ([], [])


def test_the_most_severe_comes_first_then_the_new_then_the_largest():
    results = [
        SectionResult(detection("low", "low"), [row(who="a", amount="99")]),
        SectionResult(
            detection("b", "high"), [row(who="b", amount="5"), row(who="c", amount="50"), row(who="d", amount="9")]
        ),
        SectionResult(detection("top", "critical"), [row(who="e", amount="1")]),
    ]
    found, _ = findings_of(results, Allowlist(), frozenset({identity("b", "c", "10.0.0.5:22")}))
    assert [finding.who for finding in found] == ["e", "d", "b", "c", "a"]


def test_identity_is_of_detection_who_and_what_alone():
    ((today,), _) = found_of(scan(amount="12"))
    ((tomorrow,), _) = found_of(scan(amount="99", first_seen="2026-11-23 01:00:00.000", dstport="23", bytes=None))
    assert today.identity == tomorrow.identity == identity("scans", "203.0.113.9", "10.0.0.5:22")
    assert re.fullmatch("[0-9a-f]{16}", today.identity)
    ((other,), _) = found_of(scan(what="10.0.0.6:22"))
    assert other.identity != today.identity
    assert identity("a", "bc", "d") != identity("a", "b", "cd")


def test_identity_does_not_change_from_one_version_to_the_next():
    assert identity("scans", "203.0.113.9", "10.0.0.5:22") == "74947d5546f21cb0"


def test_what_was_found_before_is_continuing():
    before = frozenset({identity("scans", "203.0.113.9", "10.0.0.5:22"), "0" * 16})
    found, _ = found_of(scan(), scan(what="10.0.0.6:22"), continuing=before)
    assert {finding.what: finding.status for finding in found} == {"10.0.0.5:22": "continuing", "10.0.0.6:22": "new"}


@pytest.mark.parametrize(
    ("allowlist", "entry"),
    [
        (Allowlist(cidrs=("203.0.113.0/24",)), "203.0.113.0/24"),
        (Allowlist(cidrs=("203.0.113.9/32",)), "203.0.113.9/32"),
        (Allowlist(cidrs=("2001:db8::/32", "10.0.0.5/32")), "10.0.0.5/32"),
        (Allowlist(ports=(80, 22)), "port 22"),
        (Allowlist(interfaces=("eni-0a",)), "eni-0a"),
        (
            Allowlist(
                cidrs=("203.0.113.10/32", "10.0.0.4/32", "::/0"), ports=(23, 2, 5), interfaces=("eni-0", "eni-0ab")
            ),
            None,
        ),
        (Allowlist(), None),
    ],
)
def test_the_allowlist_keeps_out_by_address_port_and_interface(allowlist, entry):
    found, allowed = found_of(scan(), allowlist=allowlist)
    assert [finding.allowed_by for finding in allowed] == ([entry] if entry else [])
    assert len(found) == (0 if entry else 1)


def test_ipv6_networks_are_allowed():
    _, allowed = found_of(scan(who="2001:db8::9"), allowlist=Allowlist(cidrs=("10.9.0.0/16", "2001:db8::/32")))
    assert [finding.allowed_by for finding in allowed] == ["2001:db8::/32"]


def test_who_counts_by_what_it_says_other_texts_do_not():
    plain = detection("plain", who="text", place="text", number="number")
    _, allowed = found_of(row(who="203.0.113.9"), of=plain, allowlist=Allowlist(cidrs=("203.0.113.9/32",)))
    assert len(allowed) == 1
    found, _ = found_of(
        row(who="nobody", place="203.0.113.9", number="22"), of=plain, allowlist=Allowlist(("203.0.113.9/32",), (22,))
    )
    assert len(found) == 1


@settings(deadline=None)
@given(cells, cells, cells, cells)
def test_any_values_make_a_finding(who, what, time, port):
    everything = Allowlist(cidrs=("203.0.113.0/24",), ports=(22,), interfaces=("eni-0a",))
    values = {"who": who, "what": what, "first_seen": time, "amount": time, "dstaddr": what, "dstport": port}
    for allowlist in (Allowlist(), everything):
        found, allowed = found_of(scan(**values), allowlist=allowlist)
        (finding,) = found + allowed
        assert re.fullmatch("[0-9a-f]{16}", finding.identity)
        assert finding.amount == finding.amount
