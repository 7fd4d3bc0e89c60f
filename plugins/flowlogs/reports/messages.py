"""What is sent when a report is ready: text by SNS, blocks to Slack. They speak of what is new."""

from __future__ import annotations

from typing import Any, Final

from flowlogs.reports.findings import Finding
from flowlogs.reports.report import Report, Traffic
from flowlogs.reports.values import bytes_in_units, count, visible

SUBJECT_CHARACTERS: Final = 100
MESSAGE_BYTES: Final = 256 * 1024
"""Of an SNS message (SNS API reference, Publish)."""
_FINDINGS_SHOWN = 10
_SLACK_TEXT = 2900
"""Characters of a section's text; Slack takes 3,000 (Block Kit reference)."""


def sns_subject(report: Report) -> str:
    """At most 100 ASCII characters, without line breaks (SNS API reference, Publish)."""
    text = f"[{report.environment}] {report.title}: {_headline(report)}"
    return text.encode("ascii", "replace").decode()[:SUBJECT_CHARACTERS]


def sns_text(report: Report) -> str:
    """The message for mail."""
    lines = [report.title, "", *_numbers(report), ""]
    if report.new:
        lines.append(f"New findings, the most severe first ({len(report.new)}):")
        lines += [f"- {_finding_text(finding)}" for finding in report.new[:_FINDINGS_SHOWN]]
        lines += [f"- and {rest} more" for rest in [len(report.new) - _FINDINGS_SHOWN] if rest > 0]
    else:
        lines.append("No new findings.")
    continuing = len(report.found) - len(report.new)
    lines += [f"Continuing from before: {continuing}."] * bool(continuing)
    lines += [f"Kept out by the allowlist: {len(report.allowed)}."] * bool(report.allowed)
    lines += ["", *_doubts(report), f"The report: {report.page_url}"]
    text = "\n".join(lines)
    return text.encode()[: MESSAGE_BYTES - 1024].decode(errors="ignore")


def slack_payload(report: Report) -> dict[str, Any]:
    """The message for a Slack incoming webhook (Block Kit)."""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": visible(report.title)[:150]}},
        _section("\n".join(map(_escaped, _numbers(report)))),
    ]
    if report.new:
        shown = [f"• {_finding_mrkdwn(finding)}" for finding in report.new[:_FINDINGS_SHOWN]]
        rest = len(report.new) - _FINDINGS_SHOWN
        shown += [f"and {rest} more"] * (rest > 0)
        blocks += [_section(f"*New findings ({len(report.new)})*"), *map(_section, _filled(shown))]
    else:
        blocks.append(_section("No new findings."))
    continuing = len(report.found) - len(report.new)
    notes = [f"Continuing from before: {continuing}."] * bool(continuing) + _doubts(report)
    if notes:
        blocks.append(
            {"type": "context", "elements": [{"type": "mrkdwn", "text": _escaped(" ".join(notes))[:_SLACK_TEXT]}]}
        )
    if report.page_url:
        button = {"type": "button", "text": {"type": "plain_text", "text": "Open the report"}, "url": report.page_url}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": _escaped(f"{report.title}: {_headline(report)}"), "blocks": blocks}


def _headline(report: Report) -> str:
    if not report.found:
        return "no findings"
    new = f"{len(report.new)} new" if report.new else "none new"
    return f"{len(report.found)} finding{'s' * (len(report.found) > 1)}, {new}"


def _numbers(report: Report) -> list[str]:
    rejected, accepted = report.traffic["REJECT"], report.traffic["ACCEPT"]
    return [
        f"Rejected: {_traffic(rejected)}",
        f"Accepted: {_traffic(accepted)}",
        "Findings: "
        + (", ".join(f"{len(found)} {severity}" for severity, found in report.by_severity.items()) or "none"),
    ]


def _traffic(traffic: Traffic) -> str:
    change = "" if traffic.change is None else f" ({traffic.change:+.0%} to before)"
    return f"{count(traffic.flows)} flows{change}, {bytes_in_units(traffic.bytes)}"


def _doubts(report: Report) -> list[str]:
    """What makes the report less than whole."""
    missing = sum(number for status, number in report.coverage.items() if status != "complete")
    return [
        *[f"Logs not complete: {missing} of {report.coverage.total()} target days."] * bool(missing),
        *[f"Quarantined lines: {count(report.quarantined)}."] * bool(report.quarantined),
        *[f"Sections without an answer: {', '.join(r.section.title for r in report.failed)}."] * bool(report.failed),
    ]


def _finding_text(finding: Finding) -> str:
    return (
        f"{finding.severity.upper()} {finding.title}: {visible(finding.who)} -> {visible(finding.what)}, "
        f"{count(finding.amount)} {finding.amount_label.lower()}{_times(finding)}"
    )


def _finding_mrkdwn(finding: Finding) -> str:
    return (
        f"*{finding.severity.upper()}* {_escaped(finding.title)}: {_escaped(visible(finding.who))} → "
        f"{_escaped(visible(finding.what))}, {count(finding.amount)} {_escaped(finding.amount_label.lower())}{_times(finding)}"
    )


def _times(finding: Finding) -> str:
    if finding.first_seen is None or finding.last_seen is None:
        return ""
    same_day = finding.first_seen.date() == finding.last_seen.date()
    until = f"{finding.last_seen:%H:%M}" if same_day else f"{finding.last_seen:%Y-%m-%d %H:%M}"
    return f", {finding.first_seen:%Y-%m-%d %H:%M} to {until} UTC"


def _escaped(text: str) -> str:
    """A text that Slack shows as it is: no mention, link or format comes of it (Slack, Formatting text)."""
    for character, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, written)
    # A zero-width space keeps Slack's marks from being marks.
    return "".join(f"{c}\u200b" if c in "*_~`@#" else c for c in text)


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:_SLACK_TEXT]}}


def _filled(lines: list[str]) -> list[str]:
    """Lines joined to texts that Slack takes."""
    texts = [""]
    for line in lines:
        if texts[-1] and len(texts[-1]) + len(line) + 1 > _SLACK_TEXT:
            texts.append("")
        texts[-1] = f"{texts[-1]}\n{line}".strip()
    return texts
