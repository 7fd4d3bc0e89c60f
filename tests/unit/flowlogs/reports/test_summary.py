import json

import pytest
from hypothesis import given, settings

from flowlogs.reports.findings import Allowlist, identity
from flowlogs.reports.results import SectionResult
from flowlogs.reports.summary import fingerprint, identities_of, summary_json
from tests.unit.flowlogs.reports.hostile import texts
from tests.unit.flowlogs.reports.sample_report import coverage, detection, full_report, report, row, section, totals


def test_machines_find_the_report_s_numbers():
    scans = SectionResult(detection(dstport="port"), [row(dstport="22")], "SELECT 1", "q-1", 1000, 0.5)
    failed = SectionResult(section("broken"), error="its query failed")
    kept_out = SectionResult(detection("other"), [row(who="10.9.9.9")])
    made = report(
        totals(), coverage("complete", "missing"), scans, failed, kept_out, allowlist=Allowlist(("10.9.9.9/32",))
    )
    values = json.loads(summary_json(made))
    assert values.pop("generated_at") == "2026-11-23T02:15:00+00:00"
    assert values["schema_version"] == 1
    assert (values["edition"], values["first"], values["last"]) == ("daily", "2026-11-22", "2026-11-22")
    assert (values["environment"], values["run_id"]) == ("sample", "scheduled__2026-11-22")
    assert values["counted"] is True
    assert values["traffic"]["REJECT"] == {"flows": 34567, "packets": 9, "bytes": 123456789}
    assert values["coverage"] == {"complete": 1, "missing": 1}
    assert values["findings"] == [
        {
            "identity": identity("scans", "203.0.113.9", "10.0.0.5:22"), "detection": "scans", "title": "Section scans",
            "severity": "high", "status": "new", "who": "203.0.113.9", "what": "10.0.0.5:22",
            "first_seen": "2026-11-22T12:00:00+00:00", "last_seen": "2026-11-22T12:05:00+00:00", "amount": 12.0,
            "evidence": {"dstport": "22"},
        }
    ]  # fmt: skip
    assert values["allowed"] == 1
    assert values["sections"]["scans"] == {
        "rows": 1, "bytes_scanned": 1000, "cost_usd": 0.5, "query_id": "q-1", "error": None,
    }  # fmt: skip
    assert values["sections"]["broken"]["error"] == "its query failed"
    assert (values["bytes_scanned"], values["cost_usd"]) == (1000, 0.5)


def test_the_next_report_reads_the_identities():
    made = full_report()
    assert identities_of(summary_json(made)) == {finding.identity for finding in made.found}
    assert len(identities_of(summary_json(made))) > 10


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", "3", '{"findings": 3}', '{"findings": [{}]}', '{"findings": ["a"]}', "{}"]
)
def test_a_text_that_is_no_summary_knows_of_nothing(text):
    assert identities_of(text) == frozenset()


def test_the_fingerprint_is_of_the_set():
    assert fingerprint(frozenset("ab")) == fingerprint(frozenset("ba"))
    assert len({fingerprint(frozenset(names)) for names in ("", "a", "b", "ab")}) == 4


@settings(deadline=None)
@given(texts)
def test_any_text_comes_back_and_is_plain_in_the_file(text):
    found = SectionResult(detection(place="text"), [row(who=text, what=text, place=text, amount=text)])
    written = summary_json(report(found, environment=text, run_id=text))
    (finding,) = json.loads(written, parse_constant=pytest.fail)["findings"]
    assert finding["who"] == finding["what"] == finding["evidence"]["place"] == text
    assert written.isascii()
