"""Documents of rows and findings, with ids that are the same whenever the same day is exported."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from flowlogs.fields import PROTOCOLS
from flowlogs.reports.services import service_name
from flowlogs.search.fields import Kind, SearchField

ECS_VERSION: Final = "8.17.0"

Document = tuple[str, dict[str, Any]]
"""Its id, and its body."""

_SEVERITIES: Final = {"critical": 90, "high": 70, "medium": 50, "low": 30, "info": 10}
_OUTCOMES: Final = {"ACCEPT": "success", "REJECT": "failure"}
_TYPES: Final = {"ACCEPT": "allowed", "REJECT": "denied"}
_SUMS: Final = frozenset({"flows", "packets", "bytes", "start", "end"})
"""Columns that a revised day changes in a row of the summary: they are not in its id."""


class RowDocuments:
    """Makes documents of a query's rows.

    Args:
        kind: rejected or daily.
        day: the UTC day, YYYY-MM-DD.
        columns: the query's columns, in order.
        fields: all fields (`fields_of`).

    Raises:
        ValueError: naming columns that the documents cannot do without.
    """

    def __init__(self, kind: Kind, day: str, columns: Sequence[str], fields: Iterable[SearchField]) -> None:
        missing = [name for name in ("start", "action", "detail", "flows") if name not in columns]
        if missing:
            raise ValueError(
                f"the query for {kind} lacks the columns {', '.join(missing)}; it has {', '.join(columns)}"
            )
        position = {name: number for number, name in enumerate(columns)}
        self._kind = kind
        self._day = day
        self._plain = [
            (position[field.column], field.name.rpartition(".")[0], field.name.rpartition(".")[2], _CONVERTERS.get(field.type))
            for field in fields
            if field.column in position
        ]  # fmt: skip
        self._at = {name: position.get(name) for name in _DERIVED_OF}
        self._in_id = [number for number, name in enumerate(columns) if kind == "rejected" or name not in _SUMS]

    def of(self, rows: Iterable[Sequence[str]]) -> Iterator[Document]:
        """A document for each row. Equal rows have to be neighbours: they are told apart by their number."""
        before, number = "", 0
        for row in rows:
            identity = "\0".join([row[n] for n in self._in_id])
            number = number + 1 if identity == before else 0
            before = identity
            yield document_id(self._day, self._kind, identity, str(number)), self._body(row)

    def _body(self, row: Sequence[str]) -> dict[str, Any]:
        value = {name: "" if at is None else row[at] for name, at in self._at.items()}
        action, begin, end = value["action"], _moment(value["start"]), _moment(value["end"])
        is_record = value["detail"] == "record"
        begin_text = _text(begin) if begin else f"{self._day}T00:00:00.000Z"
        body: dict[str, Any] = {
            "@timestamp": begin_text,
            "tags": ["flow-log"],
            "ecs": {"version": ECS_VERSION},
            "event": {
                "kind": "event" if is_record else "metric",
                "category": ["network"],
                "type": ["connection", *([_TYPES[action]] if action in _TYPES else [])],
                "action": action.lower(),
                "outcome": _OUTCOMES.get(action, "unknown"),
                "dataset": "aws.vpcflow",
                "start": begin_text,
            },
            "cloud": {"provider": "aws"},
            "observer": {"vendor": "Amazon", "product": "VPC Flow Logs", "type": "flow-log"},
            "flowlogs": {"day": self._day},
        }
        if begin and end:
            body["event"]["end"] = _text(end)
            body["event"]["duration"] = int((end - begin).total_seconds()) * 1_000_000_000
        # Of a row's sixty columns most are empty, and the others stand below a dozen objects: each is made once.
        objects: dict[str, dict[str, Any]] = {}
        for number, parent, name, convert in self._plain:
            text = row[number]
            if text:
                if parent not in objects:
                    objects[parent] = _object(body, parent)
                objects[parent][name] = text if convert is None else convert(text)
        _derive(body, value)
        return body


def _object(body: dict[str, Any], path: str) -> dict[str, Any]:
    for part in path.split("."):
        body = body.setdefault(part, {})
    return body


_DERIVED_OF: Final = (
    "start", "end", "action", "detail", "srcaddr", "dstaddr", "pkt_srcaddr", "pkt_dstaddr", "protocol", "dstport", "type",
    "flow_direction", "interface_id",
)  # fmt: skip
"""Columns that derived fields are made of."""


def _derive(body: dict[str, Any], value: Mapping[str, str]) -> None:
    addresses = [value[name] for name in ("srcaddr", "dstaddr", "pkt_srcaddr", "pkt_dstaddr") if value[name]]
    if addresses:
        body["related"] = {"ip": list(dict.fromkeys(addresses))}
    network = body.setdefault("network", {})
    if value["protocol"]:
        network["transport"] = PROTOCOLS.get(int(value["protocol"]), value["protocol"]).lower()
    if value["type"] in ("IPv4", "IPv6"):
        network["type"] = value["type"].lower()
    elif addresses:
        network["type"] = "ipv6" if ":" in addresses[0] else "ipv4"
    if value["dstport"] and value["protocol"] in ("6", "17"):
        service = service_name(int(value["dstport"]))
        if service:
            network["protocol"] = service
    if value["interface_id"] and value["flow_direction"] in ("ingress", "egress"):
        body["observer"][value["flow_direction"]] = {"interface": {"id": value["interface_id"]}}
    if value["action"] and addresses:
        port = f":{value['dstport']}" if value["dstport"] else ""
        body["message"] = (
            f"{value['action']} {network.get('transport', '')} {value['srcaddr']} to {value['dstaddr']}{port}"
            f" at {value['interface_id']}"
        )


def _moment(text: str) -> datetime | None:
    """Athena writes timestamps as 2026-11-22 01:02:03.000, UTC here."""
    return datetime.fromisoformat(text) if text else None


def _text(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='milliseconds')}Z"


_CONVERTERS: Final[Mapping[str, Callable[[str], Any]]] = {"integer": int, "long": int, "double": float}


def finding_documents(day: str, summary: Mapping[str, Any]) -> Iterator[Document]:
    """A document for each finding of a report's `summary.json`.

    Args:
        day: the UTC day.
        summary: what `flowlogs.reports.summary.summary_json` wrote.
    """
    for finding in summary["findings"]:
        first, last = finding["first_seen"], finding["last_seen"]
        body: dict[str, Any] = {
            "@timestamp": _utc(last or first) or f"{day}T00:00:00.000Z",
            "message": f"{finding['title']}: {finding['who']} {finding['what']}",
            "tags": ["flow-log", finding["status"]],
            "ecs": {"version": ECS_VERSION},
            "event": {
                "kind": "alert",
                "category": ["network", "intrusion_detection"],
                "type": ["info"],
                "action": finding["detection"],
                "outcome": "unknown",
                "dataset": "flowlogs.findings",
                "id": finding["identity"],
                "severity": _SEVERITIES[finding["severity"]],
                "url": summary["page"],
                **{name: _utc(moment) for name, moment in (("start", first), ("end", last)) if moment},
            },
            "rule": {"id": finding["detection"], "name": finding["title"], "ruleset": "flowlogs"},
            "cloud": {"provider": "aws"},
            "observer": {"vendor": "Amazon", "product": "VPC Flow Logs", "type": "flow-log"},
            "flowlogs": {
                "day": day,
                "finding": {
                    "severity": finding["severity"],
                    "status": finding["status"],
                    "who": finding["who"],
                    "what": finding["what"],
                    "amount": finding["amount"],
                    "evidence": finding["evidence"],
                },
            },
        }
        if _is_address(finding["who"]):
            body["source"] = {"ip": finding["who"]}
        related = [finding[name] for name in ("who", "what") if _is_address(finding[name])]
        if related:
            body["related"] = {"ip": related}
        yield document_id(day, "findings", finding["identity"]), body


def document_id(*parts: str) -> str:
    """The id of what these texts name: 32 hexadecimal digits."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def _utc(text: str | None) -> str | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment
    return _text(moment.replace(tzinfo=None))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
