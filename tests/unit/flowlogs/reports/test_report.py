import pytest

from flowlogs.reports.report import Traffic
from flowlogs.reports.results import SectionResult
from tests.unit.flowlogs.reports.sample_report import coverage, detection, real_section, report, row, section, totals


def test_traffic_is_that_of_the_totals():
    made = report(totals("34567", "120000", before="30000"))
    assert made.is_counted
    assert made.traffic["REJECT"].flows == 34567
    assert made.traffic["REJECT"].change == pytest.approx(0.15223, abs=1e-5)
    assert made.traffic["ACCEPT"].bytes == 123456789


def test_without_a_before_there_is_no_change():
    assert report(totals(before=None)).traffic["REJECT"].change is None
    assert report(totals(before="0")).traffic["REJECT"].change is None


@pytest.mark.parametrize("results", [(), (SectionResult(real_section("totals"), error="failed"),)])
def test_without_totals_nothing_is_counted(results):
    made = report(*results)
    assert not made.is_counted
    assert made.traffic["REJECT"] == Traffic()


def test_totals_without_rows_are_counted_as_none():
    made = report(SectionResult(real_section("totals")))
    assert made.is_counted
    assert made.traffic["REJECT"].flows == 0


@pytest.mark.parametrize(
    ("statuses", "limit", "words"),
    [
        ((), 100, "unknown"),
        (("complete", "complete"), 100, "2 of 2"),
        (("missing", "partial", "complete"), 100, "1 of 3"),
        (("missing",), 100, "0 of 1"),
        (("complete", "complete"), 2, "all"),
        (("missing", "complete"), 2, "all but 1"),
        (("missing", "missing"), 2, "all but 2 or more"),
    ],
)
def test_coverage_says_what_is_known(statuses, limit, words):
    assert report(coverage(*statuses, limit=limit)).coverage_words == words


def test_coverage_without_an_answer_is_unknown():
    made = report(SectionResult(real_section("coverage"), error="failed"))
    assert made.coverage_words == "unknown"
    assert not made.not_complete


def test_findings_by_severity_new_and_failed():
    high = SectionResult(detection("a"), [row(who="x"), row(who="y")], bytes_scanned=10, cost_usd=0.5)
    low = SectionResult(detection("b", "low"), [row()], bytes_scanned=5, cost_usd=0.25)
    failed = SectionResult(section("c"), error="no")
    made = report(low, high, failed)
    assert {severity: len(found) for severity, found in made.by_severity.items()} == {"high": 2, "low": 1}
    assert list(made.by_severity) == ["high", "low"]
    assert len(made.new) == 3
    assert made.failed == [failed]
    assert made.detections == 2
    assert (made.bytes_scanned, made.cost_usd) == (15, 0.75)
    again = report(high, continuing=[finding.identity for finding in made.found])
    assert again.new == []


def test_findings_are_cut_when_a_detection_is():
    assert report(SectionResult(detection(), [row()], limit=1)).findings_are_cut
    assert not report(SectionResult(detection(), [row()], limit=2), coverage("complete", limit=1)).findings_are_cut
