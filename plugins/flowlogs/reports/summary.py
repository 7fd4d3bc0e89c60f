"""`summary.json`: the report for machines, and for the next report, which tells by it what is new."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flowlogs.reports.report import Report

SCHEMA_VERSION = 1


def summary_json(report: Report) -> str:
    """The report's numbers, findings and sections."""
    return json.dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "title": report.title,
            "edition": report.period.edition,
            "first": report.period.first.isoformat(),
            "last": report.period.last.isoformat(),
            "environment": report.environment,
            "run_id": report.run_id,
            "generated_at": report.generated_at.isoformat(),
            "page": report.page_url,
            "counted": report.is_counted,
            "traffic": {
                action: {"flows": int(t.flows), "packets": int(t.packets), "bytes": int(t.bytes)}
                for action, t in report.traffic.items()
            },
            "coverage": dict(report.coverage),
            "quarantined": int(report.quarantined),
            "findings": [
                {
                    "identity": f.identity,
                    "detection": f.detection,
                    "title": f.title,
                    "severity": f.severity,
                    "status": f.status,
                    "who": f.who,
                    "what": f.what,
                    "first_seen": f.first_seen.isoformat() if f.first_seen else None,
                    "last_seen": f.last_seen.isoformat() if f.last_seen else None,
                    "amount": f.amount,
                    "evidence": dict(f.evidence),
                }
                for f in report.found
            ],
            "allowed": len(report.allowed),
            "sections": {
                r.section.name: {
                    "rows": len(r.rows), "bytes_scanned": r.bytes_scanned, "cost_usd": r.cost_usd,
                    "query_id": r.query_id, "error": r.error,
                }
                for r in report.results
            },
            "bytes_scanned": report.bytes_scanned,
            "cost_usd": report.cost_usd,
        },
        indent=1,
    )  # fmt: skip


def identities_of(summary: str | None) -> frozenset[str]:
    """Identities of a summary's findings; none without a summary, or of a text that is none.

    A damaged summary costs one report the knowledge of what is new, not the report.
    """
    try:
        values: dict[str, Any] = json.loads(summary or "{}")
        return frozenset(str(finding["identity"]) for finding in values["findings"])
    except (ValueError, KeyError, TypeError):
        return frozenset()


def fingerprint(identities: frozenset[str]) -> str:
    """Tells one set of findings from another."""
    return hashlib.sha256(" ".join(sorted(identities)).encode()).hexdigest()[:16]
