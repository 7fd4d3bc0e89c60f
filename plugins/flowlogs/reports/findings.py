"""Findings: what detections found, which of it is new, which of it is wanted and kept out."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from flowlogs.reports.results import Row, SectionResult, moment, number
from flowlogs.reports.sections import FINDING_COLUMNS, SEVERITIES, Severity
from flowlogs.reports.values import shown

_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Allowlist:
    """What is known and wanted."""

    cidrs: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    interfaces: tuple[str, ...] = ()

    def entry_for(self, values: Mapping[str, str | None], kinds: Mapping[str, str]) -> str | None:
        """The entry that covers a finding by one of its columns; None when none does."""
        for name, value in values.items():
            kind = kinds.get(name, "text")
            if not value:
                continue
            if (kind == "address" or name == "who") and (address := _address(value)) is not None:
                for network in map(_network, self.cidrs):
                    if address.version == network.version and address in network:
                        return str(network)
            if kind == "port" and _PORT.fullmatch(value) and int(value) in self.ports:
                return f"port {int(value)}"
            if kind == "interface" and value in self.interfaces:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Finding:
    """Who did what, when and how much."""

    detection: str
    title: str
    severity: Severity
    who: str
    what: str
    first_seen: datetime | None
    last_seen: datetime | None
    amount: float
    amount_label: str
    amount_shown: str
    """As people read it, of the amount's kind."""
    evidence: Mapping[str, str | None]
    status: Literal["new", "continuing"] = "new"
    allowed_by: str | None = None

    @property
    def identity(self) -> str:
        """The same for the same detection, who and what on any day."""
        return identity(self.detection, self.who, self.what)


def identity(detection: str, who: str, what: str) -> str:
    """A finding's identity: 16 hexadecimal digits."""
    return hashlib.sha256("\0".join((detection, who, what)).encode()).hexdigest()[:16]


def findings_of(
    results: Sequence[SectionResult], allowlist: Allowlist, continuing: frozenset[str] = frozenset()
) -> tuple[list[Finding], list[Finding]]:
    """What the detections found, and what of it the allowlist keeps out; the most severe first.

    Args:
        results: the sections' results; those that are no detection are passed over.
        allowlist: what is wanted.
        continuing: identities of findings of the period before.
    """
    found: list[Finding] = []
    kept_out: list[Finding] = []
    for result in results:
        if result.section.is_detection:
            for row in result.rows:
                finding = _finding(result, row, allowlist, continuing)
                (kept_out if finding.allowed_by else found).append(finding)
    for findings in (found, kept_out):
        findings.sort(
            key=lambda f: (SEVERITIES.index(f.severity), f.status != "new", f.detection, -f.amount, f.who, f.what)
        )
    return found, kept_out


def _finding(result: SectionResult, row: Row, allowlist: Allowlist, continuing: frozenset[str]) -> Finding:
    section = result.section
    assert section.severity is not None, "a detection has one"
    who, what = row["who"] or "", row["what"] or ""
    kinds = {name: column.kind for name, column in section.columns.items()}
    return Finding(
        detection=section.name,
        title=section.title,
        severity=section.severity,
        who=who,
        what=what,
        first_seen=moment(row["first_seen"]),
        last_seen=moment(row["last_seen"]),
        amount=number(row["amount"]),
        amount_label=section.columns["amount"].label,
        amount_shown=shown(row["amount"], section.columns["amount"].kind),
        evidence={name: value for name, value in row.items() if name not in FINDING_COLUMNS},
        status="continuing" if identity(section.name, who, what) in continuing else "new",
        allowed_by=allowlist.entry_for(row, kinds),
    )


@cache
def _network(cidr: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(cidr)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
