"""What is sent when a report is ready: text by SNS, blocks to Slack. They speak of what is new."""

from __future__ import annotations

from typing import Any, Final

from flowlogs.reports.findings import Finding
from flowlogs.reports.report import Report, Traffic
from flowlogs.reports.values import bytes_in_units, cost, count, visible

SUBJECT_CHARACTERS: Final = 99
"""Of an SNS subject: less than 100 (SNS API reference, Publish)."""
MESSAGE_BYTES: Final = 256 * 1024
"""Of an SNS message (SNS API reference, Publish)."""
_FINDINGS_SHOWN = 10
_SLACK_TEXT = 2900
"""Characters of a section's text; Slack takes 3,000 (Block Kit reference)."""
_SLACK_CONTEXT = 1900
_SLACK_HEADER = 150
_SLACK_URL = 3000
_NAME = 100
"""Characters of who and what in a message; an address and a port have fewer."""
_SECTIONS_NAMED = 10


def sns_subject(report: Report) -> str:
    """ASCII characters without line breaks, fewer than 100 (SNS API reference, Publish)."""
    text = visible(f"[{report.environment}] {report.title}: {_headline(report)}")
    return text.encode("ascii", "replace").decode()[:SUBJECT_CHARACTERS].rstrip()


def sns_text(report: Report) -> str:
    """The message for mail."""
    lines = [report.title, f"Environment: {_name(report.environment)}", "", *_numbers(report), ""]
    if report.new:
        lines.append(f"New findings, the most severe first ({_at_least(report, len(report.new))}):")
        lines += [f"- {_finding_text(finding)}" for finding in report.new[:_FINDINGS_SHOWN]]
        lines += [f"- and {rest:,} more" for rest in [len(report.new) - _FINDINGS_SHOWN] if rest > 0]
    else:
        lines.append(_nothing_new(report))
    lines += ["", *paragraph] if (paragraph := _notes(report) + _doubts(report)) else []
    lines += ["", f"The report: {report.page_url}"] if report.page_url else []
    # The message has more forms than this one.
    return "\n".join(lines).encode()[: MESSAGE_BYTES // 4].decode(errors="ignore")


def lambda_notice(report: Report) -> dict[str, Any]:
    """The message for the Lambda that posts to Slack (`include/slack_notifier/report_message.py`), which formats it."""
    return {
        "kind": "report",
        "title": visible(report.title),
        "headline": _headline(report),
        "numbers": [f"Environment: {_name(report.environment)}", *_numbers(report)],
        "findings": [
            {
                "severity": finding.severity,
                "title": finding.title,
                "who": _name(finding.who),
                "what": _name(finding.what),
                "amount": _amount(finding),
                "when": _times(finding).removeprefix(", "),
            }
            for finding in report.new[:_FINDINGS_SHOWN]
        ],
        "new": len(report.new),
        "notes": ([] if report.new else [_nothing_new(report)]) + _notes(report) + _doubts(report),
        "page": report.page_url,
    }


def slack_payload(report: Report) -> dict[str, Any]:
    """The message for a Slack incoming webhook (Block Kit)."""
    title = {"type": "plain_text", "text": visible(report.title)[:_SLACK_HEADER], "emoji": False}
    numbers = [f"Environment: {_name(report.environment)}", *_numbers(report)]
    blocks: list[dict[str, Any]] = [{"type": "header", "text": title}, _section("\n".join(map(_escaped, numbers)))]
    if report.new:
        shown = [f"• {_finding_mrkdwn(finding)}" for finding in report.new[:_FINDINGS_SHOWN]]
        rest = len(report.new) - _FINDINGS_SHOWN
        shown += [f"and {rest:,} more"] * (rest > 0)
        heading = f"*New findings ({_at_least(report, len(report.new))}), the most severe first*"
        blocks += map(_section, _filled([heading, *shown]))
    else:
        blocks.append(_section(_escaped(_nothing_new(report))))
    if notes := _notes(report) + _doubts(report):
        blocks.append({"type": "context", "elements": [_mrkdwn(_filled([*map(_escaped, notes)], _SLACK_CONTEXT)[0])]})
    if report.page_url and len(report.page_url) <= _SLACK_URL:
        button = {
            "type": "button",
            "text": {"type": "plain_text", "text": "Open the report", "emoji": False},
            "url": report.page_url,
        }
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": _escaped(f"{report.title}: {_headline(report)}"), "blocks": blocks}


def _headline(report: Report) -> str:
    failed = f", {len(report.failed)} without an answer" if report.failed else ""
    if not report.found:
        return f"no findings{failed}"
    new = f"{len(report.new)} new" if report.new else "none new"
    found = _at_least(report, len(report.found))
    return f"{found} finding{'s' * (len(report.found) > 1)}, {new}{failed and f'; sections{failed[1:]}'}"


def _at_least(report: Report, number: int) -> str:
    return f"at least {number:,}" if report.findings_are_cut else f"{number:,}"


def _numbers(report: Report) -> list[str]:
    rejected, accepted = report.traffic["REJECT"], report.traffic["ACCEPT"]
    return [
        *(
            [f"Rejected: {_traffic(rejected)}", f"Accepted: {_traffic(accepted)}"]
            if report.is_counted
            else ["Rejected and accepted traffic: not counted"]
        ),
        "Findings: "
        + (", ".join(f"{len(found)} {severity}" for severity, found in report.by_severity.items()) or "none"),
        f"Logs: {report.coverage_words} target days complete" if report.coverage else "Logs: coverage unknown",
        f"Cost: {cost(report.cost_usd)} ({bytes_in_units(report.bytes_scanned)} scanned)",
    ]


def _traffic(traffic: Traffic) -> str:
    change = "" if traffic.change is None else f" ({traffic.change:+,.0%} to before)"
    return f"{count(traffic.flows)} flows{change}, {bytes_in_units(traffic.bytes)}"


def _nothing_new(report: Report) -> str:
    return "No new findings." if report.detections else "No detection has an answer."


def _notes(report: Report) -> list[str]:
    continuing = len(report.found) - len(report.new)
    return [
        *[f"Continuing from before: {continuing:,}."] * bool(continuing),
        *[f"Kept out by the allowlist: {len(report.allowed):,}."] * bool(report.allowed),
    ]


def _doubts(report: Report) -> list[str]:
    """What makes the report less than whole."""
    failed = [result.section.title for result in report.failed]
    rest = [f"{len(failed) - _SECTIONS_NAMED} more"] * (len(failed) > _SECTIONS_NAMED)
    return [
        *[f"Target day not complete: {_target(row)}." for row in report.not_complete[:_SECTIONS_NAMED]],
        *[f"And {len(report.not_complete) - _SECTIONS_NAMED:,} more target days that are not complete."]
        * (len(report.not_complete) > _SECTIONS_NAMED),
        *[f"Quarantined lines: {count(report.quarantined)}."] * bool(report.quarantined),
        *[f"Sections without an answer: {', '.join(failed[:_SECTIONS_NAMED] + rest)}."] * bool(failed),
    ]


def _target(row: Any) -> str:
    names = [row.get(name) for name in ("dt", "source", "aws_account", "aws_region")]
    where = " ".join(_name(name, 50) for name in names if name)
    return f"{where} ({_name(row.get('status') or 'unknown', 50)})"


def _name(text: str, longest: int = _NAME) -> str:
    """A text that does not fill the message, however long its characters' codes are."""
    name = visible(text, longest)
    return name if len(name) <= longest + 1 else f"{name[:longest]}…"


def _finding_text(finding: Finding) -> str:
    return (
        f"{finding.severity.upper()} {finding.title}: {_name(finding.who)} -> {_name(finding.what)}, "
        f"{_amount(finding)}{_times(finding)}"
    )


def _finding_mrkdwn(finding: Finding) -> str:
    return (
        f"*{finding.severity.upper()}* {_escaped(finding.title)}: {_escaped(_name(finding.who))} → "
        f"{_escaped(_name(finding.what))}, {_escaped(_amount(finding))}{_times(finding)}"
    )


def _amount(finding: Finding) -> str:
    return f"{finding.amount_label.lower()}: {finding.amount_shown}"


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


def _mrkdwn(text: str) -> dict[str, Any]:
    # verbatim: Slack makes no links of addresses and names in the text.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(text)}


def _filled(lines: list[str], longest: int = _SLACK_TEXT) -> list[str]:
    """Lines joined to texts that Slack takes; a line is never cut, for a cut could part an escaped character."""
    texts = [""]
    for line in lines:
        if texts[-1] and len(texts[-1]) + len(line) + 1 > longest:
            texts.append("")
        texts[-1] = f"{texts[-1]}\n{line}".strip()
    return texts
