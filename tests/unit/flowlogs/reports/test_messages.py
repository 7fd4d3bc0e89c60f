import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.reports.findings import Allowlist
from flowlogs.reports.messages import lambda_notice, slack_payload, sns_subject, sns_text
from flowlogs.reports.results import SectionResult
from tests.unit.flowlogs.reports.hostile import texts
from tests.unit.flowlogs.reports.sample_report import (
    PAGE_URL,
    coverage,
    detection,
    full_report,
    real_section,
    report,
    row,
    section,
    totals,
)


def found(count: int, **values) -> SectionResult:
    rows = [row(**{"who": f"203.0.113.{n}", "amount": str(1000 - n), **values}) for n in range(count)]
    return SectionResult(detection(), rows)


def of_slack(payload) -> str:
    """All that people read in Slack."""
    parts = [block.get("text", {}).get("text", "") for block in payload["blocks"]]
    parts += [
        part.get("text", "")
        for block in payload["blocks"]
        for part in block.get("elements", ())
        if block["type"] == "context"
    ]
    return "\n".join(parts)


def test_the_subject_says_how_many_and_where():
    assert sns_subject(report(found(3), totals())) == "[sample] Rejected traffic, 22 November 2026: 3 findings, 3 new"
    assert sns_subject(report(totals())).endswith(": no findings")
    one = report(found(1))
    continuing = report(found(1), continuing=[one.found[0].identity])
    assert sns_subject(continuing).endswith(": 1 finding, none new")


def test_the_subject_says_when_sections_have_no_answer():
    failed = SectionResult(section(), error="failed")
    assert sns_subject(report(failed)).endswith(": no findings, 1 without an answer")
    assert sns_subject(report(found(2), failed)).endswith(": 2 findings, 2 new; sections 1 without an answer")


def test_the_text_has_numbers_findings_and_the_link():
    assert sns_text(report(totals(), coverage("complete"), found(1), SectionResult(section("x"), cost_usd=0.02))) == (
        "Rejected traffic, 22 November 2026\n"
        "Environment: sample\n"
        "\n"
        "Rejected: 34,567 flows (+15% to before), 123.5 MB\n"
        "Accepted: 120,000 flows (+300% to before), 123.5 MB\n"
        "Findings: 1 high\n"
        "Logs: 1 of 1 target days complete\n"
        "Cost: $0.02 (0 B scanned)\n"
        "\n"
        "New findings, the most severe first (1):\n"
        "- HIGH Section scans: 203.0.113.0 -> 10.0.0.5:22, amount: 1,000, 2026-11-22 12:00 to 12:05 UTC\n"
        "\n"
        f"The report: {PAGE_URL}"
    )


def test_without_totals_it_does_not_say_that_there_was_no_traffic():
    text = sns_text(report(found(1)))
    assert "0 flows" not in text
    assert "Rejected and accepted traffic: not counted" in text
    assert "Logs: coverage unknown" in text


def test_nothing_new_is_said():
    assert "No new findings." in sns_text(report(SectionResult(detection())))
    assert "No new findings." in of_slack(slack_payload(report(SectionResult(detection()))))


def test_nothing_new_is_not_said_when_no_detection_has_an_answer():
    failed = report(SectionResult(detection(), error="failed"))
    assert "No detection has an answer." in sns_text(failed)
    assert "No new findings." not in sns_text(failed)


def test_ten_new_findings_are_told_the_rest_counted():
    made = report(found(1234))
    for text in (sns_text(made), of_slack(slack_payload(made))):
        assert "203.0.113.9" in text
        assert "203.0.113.10," not in text
        assert "and 1,224 more" in text


def test_cut_detections_are_told_as_at_least():
    cut = SectionResult(detection(), [row(who="a"), row(who="b")], limit=2)
    assert "at least 2 findings" in sns_subject(report(cut))
    assert "(at least 2)" in sns_text(report(cut))


def test_continuing_allowed_and_doubts_are_told():
    first = report(found(2))
    made = report(
        found(3), coverage("missing", "complete"), SectionResult(section("broken"), error="failed"),
        SectionResult(real_section("quarantined"), [dict.fromkeys(real_section("quarantined").columns) | {"lines": "1200"}]),
        continuing=[finding.identity for finding in first.found], allowlist=Allowlist(("203.0.113.2/32",)),
    )  # fmt: skip
    for text in (sns_text(made), of_slack(slack_payload(made))):
        assert "Continuing from before: 2." in text
        assert "Kept out by the allowlist: 1." in text
        assert "1 of 2 target days complete" in text
        assert "Target day not complete: 2026-11-22 (missing)." in text
        assert "Quarantined lines: 1,200." in text
        assert "Sections without an answer: Section broken." in text


def test_many_missing_targets_are_counted():
    text = sns_text(report(coverage(*["missing"] * 40)))
    assert text.count("Target day not complete") == 10
    assert "And 30 more target days that are not complete." in text


def test_slack_has_a_header_findings_and_a_button():
    payload = slack_payload(report(totals(), found(2)))
    types = [block["type"] for block in payload["blocks"]]
    assert types == ["header", "section", "section", "actions"]
    assert payload["blocks"][0]["text"] == {
        "type": "plain_text", "text": "Rejected traffic, 22 November 2026", "emoji": False,
    }  # fmt: skip
    assert payload["blocks"][-1]["elements"][0]["url"] == PAGE_URL
    assert payload["text"] == "Rejected traffic, 22 November 2026: 2 findings, 2 new"
    assert "*HIGH* Section scans: 203.0.113.0 → 10.0.0.5:22, amount: 1,000" in of_slack(payload)


def test_the_lambda_gets_what_it_makes_a_message_of():
    made = report(
        totals(), coverage("complete", "missing"), found(12), page_url="https://reports.example.com/index.html"
    )
    notice = lambda_notice(made)
    assert (notice["kind"], notice["new"], len(notice["findings"])) == ("report", 12, 10)
    assert notice["headline"] in sns_subject(made)
    assert notice["page"] == "https://reports.example.com/index.html"
    assert set(notice["findings"][0]) == {"severity", "title", "who", "what", "amount", "when"}
    text = sns_text(made)
    told = [*notice["numbers"], *notice["notes"], notice["findings"][0]["who"], notice["findings"][0]["when"]]
    assert [line for line in told if line not in text] == []


def test_without_an_address_there_is_no_button():
    for url in ("", "https://x.example/" + "x" * 3000):
        assert "actions" not in {block["type"] for block in slack_payload(report(totals(), page_url=url))["blocks"]}
    assert "The report" not in sns_text(report(totals(), page_url=""))


def fits_slack(payload) -> None:
    """Slack's limits (Block Kit reference)."""
    assert 1 <= len(payload["blocks"]) <= 50
    for block in payload["blocks"]:
        if block["type"] == "header":
            assert 1 <= len(block["text"]["text"]) <= 150
        if block["type"] == "section":
            assert 1 <= len(block["text"]["text"]) <= 3000
        for part in block.get("elements", ()):
            if block["type"] == "context":
                assert 1 <= len(part["text"]) <= 2000
            else:
                assert len(part["url"]) <= 3000


@pytest.mark.parametrize("made", [full_report(), report()])
def test_a_full_and_an_empty_report_fit(made):
    fits_slack(slack_payload(made))
    assert len(sns_text(made).encode()) < 256 * 1024
    assert 0 < len(sns_subject(made)) < 100


@settings(deadline=None)
@given(texts, texts, st.integers(1, 30))
def test_any_text_is_told_as_a_text(text, other, count):
    rows = [row(who=text + str(n), what=other, first_seen=text, amount=text) for n in range(count)]
    missing = dict.fromkeys(real_section("coverage").columns) | {
        "status": text, "dt": other, "source": text, "aws_account": text, "aws_region": text,
    }  # fmt: skip
    made = report(
        SectionResult(detection(), rows), SectionResult(real_section("coverage"), [missing] * count), environment=text
    )

    subject = sns_subject(made)
    assert subject.isascii()
    assert subject.isprintable()
    assert 0 < len(subject) < 100

    mail = sns_text(made)
    plain = sns_text(report(found(count, what="x"), coverage(*["missing"] * count)))
    assert len(mail.encode()) < 256 * 1024
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\u200b]", mail)
    # A text makes no line of its own. (An empty status is told, an empty text may be complete.)
    assert len(mail.splitlines()) <= len(plain.splitlines()) + 1

    payload = slack_payload(made)
    fits_slack(payload)
    for part in [payload["text"], of_slack(payload)]:
        assert not re.search(r"[<>]|&(?!(amp|lt|gt);)", part)
        assert not re.search(r"[@#](?!\u200b)", part)
    marked = [block["text"] for block in payload["blocks"] if block["type"] == "section"]
    assert all(part["verbatim"] is True for part in marked)
    # The only marks are the message's own: the severities and the heading.
    for part in marked:
        assert all(
            re.fullmatch(r"(HIGH|New findings .*)", bold)
            for bold in re.findall(r"\*(?!\u200b)([^*]*)\*(?!\u200b)", part["text"])
        )
        assert not re.search(r"[_~`](?!\u200b)", part["text"])
