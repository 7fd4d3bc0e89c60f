"""The fields of a document: each with its name in the Elastic Common Schema, its type, and what it is made of.

Names are of the Elastic Common Schema (ECS) 8. What it has no name for stands below `aws.vpcflow`, as in Elastic's AWS
integration, and what is this pipeline's own below `flowlogs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

FieldType = Literal["keyword", "ip", "integer", "long", "double", "date", "text", "object"]
Kind = Literal["findings", "rejected", "daily"]

KINDS: Final[tuple[Kind, ...]] = ("findings", "rejected", "daily")
"""What a day is exported as, each behind an alias of its own."""

AWS: Final = "aws.vpcflow."
"""Where fields of flow logs stand that ECS has no name for."""


@dataclass(frozen=True, slots=True)
class SearchField:
    """A field of documents.

    Attributes:
        name: with dots.
        type: as the index maps it. `object` is kept and shown, not searched.
        column: the column of the query that it holds as it is; None for what is derived, and for findings' fields.
        meaning: in words.
    """

    name: str
    type: FieldType
    column: str | None
    meaning: str


FIELDS: Final[tuple[SearchField, ...]] = (
    SearchField("@timestamp", "date", None, "begin of the record or of the summary's first; of findings their last"),
    SearchField("message", "text", None, "the document in a sentence"),
    SearchField("tags", "keyword", None, "flow-log; new or continuing of findings"),
    SearchField("ecs.version", "keyword", None, "version of the schema"),
    # event
    SearchField("event.kind", "keyword", None, "event, metric (summary) or alert (finding)"),
    SearchField("event.category", "keyword", None, "network; of findings intrusion_detection too"),
    SearchField("event.type", "keyword", None, "connection, and allowed or denied; info of findings"),
    SearchField("event.action", "keyword", None, "accept or reject; of findings the detection"),
    SearchField("event.outcome", "keyword", None, "success (ACCEPT), failure (REJECT) or unknown"),
    SearchField("event.dataset", "keyword", None, "aws.vpcflow, or flowlogs.findings"),
    SearchField("event.id", "keyword", None, "a finding's identity, the same on each day"),
    SearchField("event.start", "date", None, "begin; of a summary of the first record, of a finding when first seen"),
    SearchField("event.end", "date", None, "end; of a summary begin of the last record, of a finding when last seen"),
    SearchField("event.duration", "long", None, "nanoseconds from begin to end"),
    SearchField("event.severity", "integer", None, "of findings: 90 critical, 70 high, 50 medium, 30 low, 10 info"),
    SearchField("event.reason", "keyword", "reject_reason", "why traffic was rejected beyond the action"),
    SearchField("event.url", "keyword", None, "the day's report"),
    # who talks to whom
    SearchField("source.ip", "ip", "srcaddr", "source address"),
    SearchField("source.port", "integer", "srcport", "source port"),
    SearchField("source.bytes", "long", "bytes", "bytes, which a flow log record counts one way"),
    SearchField("source.packets", "long", "packets", "packets"),
    SearchField("destination.ip", "ip", "dstaddr", "destination address"),
    SearchField("destination.port", "integer", "dstport", "destination port"),
    SearchField("related.ip", "ip", None, "all addresses of the document"),
    SearchField("network.iana_number", "keyword", "protocol", "protocol's number"),
    SearchField("network.transport", "keyword", None, "tcp, udp, icmp and so on"),
    SearchField("network.type", "keyword", None, "ipv4 or ipv6"),
    SearchField("network.protocol", "keyword", None, "service that the destination port is known for"),
    SearchField("network.bytes", "long", "bytes", "bytes"),
    SearchField("network.packets", "long", "packets", "packets"),
    SearchField("network.direction", "keyword", "flow_direction", "ingress or egress, seen from the interface"),
    # where it was seen
    SearchField("cloud.provider", "keyword", None, "aws"),
    SearchField("cloud.account.id", "keyword", "aws_account", "account of the target"),
    SearchField("cloud.region", "keyword", "aws_region", "region of the target"),
    SearchField("cloud.availability_zone", "keyword", "az_id", "availability zone's id"),
    SearchField("cloud.instance.id", "keyword", "instance_id", "instance of the interface"),
    SearchField("observer.vendor", "keyword", None, "Amazon"),
    SearchField("observer.product", "keyword", None, "VPC Flow Logs"),
    SearchField("observer.type", "keyword", None, "flow-log"),
    SearchField("observer.ingress.interface.id", "keyword", None, "interface, of what came in"),
    SearchField("observer.egress.interface.id", "keyword", None, "interface, of what went out"),
    # what ECS has no name for
    SearchField("aws.vpcflow.version", "integer", "version", "record version"),
    SearchField("aws.vpcflow.account_id", "keyword", "account_id", "account of the interface; can be unknown"),
    SearchField("aws.vpcflow.interface_id", "keyword", "interface_id", "network interface"),
    SearchField("aws.vpcflow.action", "keyword", "action", "ACCEPT or REJECT"),
    SearchField("aws.vpcflow.tcp_flags", "integer", "tcp_flags", "TCP flags, OR-ed"),
    SearchField("aws.vpcflow.pkt_srcaddr", "ip", "pkt_srcaddr", "source address in the packet"),
    SearchField("aws.vpcflow.pkt_dstaddr", "ip", "pkt_dstaddr", "destination address in the packet"),
    # findings
    SearchField("rule.id", "keyword", None, "the detection"),
    SearchField("rule.name", "keyword", None, "the detection's title"),
    SearchField("rule.ruleset", "keyword", None, "flowlogs"),
    SearchField("flowlogs.finding.severity", "keyword", None, "critical, high, medium, low or info"),
    SearchField("flowlogs.finding.status", "keyword", None, "new, or continuing from the day before"),
    SearchField("flowlogs.finding.who", "keyword", None, "who did it"),
    SearchField("flowlogs.finding.what", "keyword", None, "what it was done to"),
    SearchField("flowlogs.finding.amount", "double", None, "how much, in the unit of the detection"),
    SearchField("flowlogs.finding.evidence", "object", None, "the detection's other columns"),
    # the pipeline's own
    SearchField("flowlogs.day", "date", None, "the UTC day"),
    SearchField("flowlogs.source", "keyword", "source", "source of the settings"),
    SearchField("flowlogs.flows", "long", "flows", "records that the document stands for: 1 for a record"),
    SearchField("flowlogs.detail", "keyword", "detail", "record, summary, or other (added up)"),
    SearchField("flowlogs.hour", "integer", "hour", "of rejected flows the hour (UTC) in which they began"),
)
"""Every field but those of the flow logs that are not named here: they stand below `aws.vpcflow` (`fields_of`)."""

_NOT_EXPORTED: Final = {"start", "end", "type", "region"}
"""Columns that documents hold under another name, derived: event.start, event.end, network.type, cloud.region."""

_TYPES: Final[Mapping[str, FieldType]] = {"string": "keyword", "int": "integer", "bigint": "long"}


def fields_of(columns: Iterable[tuple[str, str]]) -> tuple[SearchField, ...]:
    """All fields of documents, with those of flow logs' columns that ECS has no name for.

    Args:
        columns: names and Hive types, as `flowlogs.curation.record_columns` gives them.
    """
    named = {field.column for field in FIELDS}
    more = (
        SearchField(f"{AWS}{name}", _TYPES[hive_type], name, f"the flow log's field {name.replace('_', '-')}")
        for name, hive_type in columns
        if name not in named and name not in _NOT_EXPORTED
    )
    return (*FIELDS, *more)


def mapping(fields: Iterable[SearchField]) -> dict[str, Any]:
    """The index mapping: only these fields, each of its type.

    Another field is refused, so that a mistake is seen and not guessed at.
    """
    properties: dict[str, Any] = {}
    for field in fields:
        *path, last = field.name.split(".")
        here = properties
        for part in path:
            here = here.setdefault(part, {"properties": {}})["properties"]
        here[last] = {"type": "object", "enabled": False} if field.type == "object" else {"type": field.type}
        if field.type == "keyword":
            here[last]["ignore_above"] = 1024  # as ECS has it: a longer value is kept, not searched
    return {"dynamic": "strict", "properties": properties}
