"""The fields of a VPC flow log record: names, columns, types and meaning, for record versions 2 to 10.

A flow log's `LogFormat` chooses fields and their order for the life of that flow log. Text files are positional:
the order of the columns of the raw table is the order of the fields. Parquet files name their columns.

Fields that are newer than version 10 are not listed here, because their spelling is not verified: a source that
has them declares them in its settings (`extra_fields`), and `parse_log_format` takes them as its second argument.

Source: "Flow log records" in the Amazon VPC user guide, the transit gateway guide for version 6, and the
`CREATE TABLE` statements of the Athena user guide for the version-2 column names and the types of version 6.
"""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

FileFormat = Literal["text", "parquet"]
HiveType = Literal["string", "int", "bigint"]

PARTITION_COLUMNS: Final = ("dt", "aws_account", "aws_region")
"""Partition columns, all string, of every table of flow logs, raw or curated."""

MISSING: Final = "-"
"""What a text file holds where a field has no value, in any column."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a flow log record."""

    name: str
    """AWS's name, as in `LogFormat` and in the header line: `interface-id`."""
    version: int
    """The record version that introduced the field."""
    hive_type: str
    """`string`, `int` or `bigint`: the type of the value, where it is not `-`."""
    meaning: str
    raw_column: str
    """Column of a raw table over text files: version 2 has the names of the Athena guides (`interfaceid`)."""

    @property
    def column(self) -> str:
        """AWS's name in snake case (`interface_id`): the column in Parquet files and in curated tables."""
        return self.name.replace("-", "_")


_GUIDE_COLUMNS: Final = {
    "account-id": "account",
    "interface-id": "interfaceid",
    "srcaddr": "sourceaddress",
    "dstaddr": "destinationaddress",
    "srcport": "sourceport",
    "dstport": "destinationport",
    "packets": "numpackets",
    "bytes": "numbytes",
    "start": "starttime",
    "end": "endtime",
    "log-status": "logstatus",
}
"""Version-2 columns whose name in the Athena guides differs from the field's own."""

# name, type, meaning; in the order in which AWS documents them.
_FIELDS_BY_VERSION: Final[dict[int, tuple[tuple[str, HiveType, str], ...]]] = {
    2: (
        ("version", "int", "Highest version among the fields of the record."),
        ("account-id", "string", "Account that owns the network interface; can be `unknown`."),
        ("interface-id", "string", "Network interface on which the traffic was recorded."),
        ("srcaddr", "string", "Source address; of the interface's own side, its primary private address."),
        ("dstaddr", "string", "Destination address; of the interface's own side, its primary private address."),
        ("srcport", "int", "Source port; 0 for ICMP."),
        ("dstport", "int", "Destination port; 0 for ICMP."),
        ("protocol", "int", "IANA protocol number."),
        ("packets", "bigint", "Packets in the aggregation interval."),
        ("bytes", "bigint", "Bytes in the aggregation interval."),
        ("start", "bigint", "Epoch seconds at which the first packet was received; up to 60 s late."),
        ("end", "bigint", "Epoch seconds at which the last packet was received; up to 60 s late."),
        ("action", "string", "ACCEPT or REJECT, by security groups and network ACLs."),
        ("log-status", "string", "OK, NODATA (no traffic) or SKIPDATA (AWS lost records)."),
    ),
    3: (
        ("vpc-id", "string", "VPC of the network interface."),
        ("subnet-id", "string", "Subnet of the network interface."),
        ("instance-id", "string", "Instance of the network interface, if it is yours."),
        ("tcp-flags", "int", "TCP flags seen in the interval, OR-ed: test bits, never equality."),
        ("type", "string", "IPv4, IPv6 or EFA."),
        ("pkt-srcaddr", "string", "Source address in the packet itself, before any NAT or load balancer."),
        ("pkt-dstaddr", "string", "Destination address in the packet itself."),
    ),
    4: (
        ("region", "string", "Region of the network interface."),
        ("az-id", "string", "Availability Zone id of the network interface."),
        ("sublocation-type", "string", "wavelength, outpost or localzone."),
        ("sublocation-id", "string", "Id of the sublocation."),
    ),
    5: (
        ("pkt-src-aws-service", "string", "AWS service that owns pkt-srcaddr."),
        ("pkt-dst-aws-service", "string", "AWS service that owns pkt-dstaddr."),
        ("flow-direction", "string", "ingress or egress, seen from the interface."),
        ("traffic-path", "int", "Path that egress traffic took; see TRAFFIC_PATHS."),
    ),
    6: (
        ("resource-type", "string", "Kind of resource that recorded the flow: TransitGateway and the like."),
        ("tgw-id", "string", "Transit gateway."),
        ("tgw-attachment-id", "string", "Transit gateway attachment."),
        ("tgw-src-vpc-account-id", "string", "Account of the source VPC."),
        ("tgw-dst-vpc-account-id", "string", "Account of the destination VPC."),
        ("tgw-src-vpc-id", "string", "Source VPC."),
        ("tgw-dst-vpc-id", "string", "Destination VPC."),
        ("tgw-src-subnet-id", "string", "Subnet of the source attachment."),
        ("tgw-dst-subnet-id", "string", "Subnet of the destination attachment."),
        ("tgw-src-eni", "string", "Network interface of the source attachment."),
        ("tgw-dst-eni", "string", "Network interface of the destination attachment."),
        ("tgw-src-az-id", "string", "Availability Zone id of the source attachment."),
        ("tgw-dst-az-id", "string", "Availability Zone id of the destination attachment."),
        ("tgw-pair-attachment-id", "string", "The attachment on the flow's other side."),
        ("packets-lost-no-route", "bigint", "Packets lost because no route matched."),
        ("packets-lost-blackhole", "bigint", "Packets lost to a blackhole route."),
        ("packets-lost-mtu-exceeded", "bigint", "Packets lost because they exceeded the MTU."),
        ("packets-lost-ttl-expired", "bigint", "Packets lost because their time to live ran out."),
    ),
    7: (
        ("ecs-cluster-arn", "string", "ECS cluster of the task that owns the interface."),
        ("ecs-cluster-name", "string", "Name of the ECS cluster."),
        ("ecs-container-instance-arn", "string", "ECS container instance."),
        ("ecs-container-instance-id", "string", "Id of the ECS container instance."),
        ("ecs-container-id", "string", "Docker runtime id of the first container."),
        ("ecs-second-container-id", "string", "Docker runtime id of the second container."),
        ("ecs-service-name", "string", "ECS service of the task."),
        ("ecs-task-definition-arn", "string", "ECS task definition."),
        ("ecs-task-arn", "string", "ECS task."),
        ("ecs-task-id", "string", "Id of the ECS task."),
    ),
    8: (("reject-reason", "string", "Why traffic was rejected beyond the action: BPA and the like."),),
    9: (("resource-id", "string", "Resource that the flow belongs to."),),
    10: (("encryption-status", "int", "Encryption in transit; see ENCRYPTION_STATUSES."),),
}

FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        name: Field(
            name=name,
            version=version,
            hive_type=hive_type,
            meaning=meaning,
            raw_column=_GUIDE_COLUMNS.get(name, name.replace("-", "_")),
        )
        for version, fields in _FIELDS_BY_VERSION.items()
        for name, hive_type, meaning in fields
    }
)
"""Every known field by AWS's name, in AWS's documented order."""

LATEST_VERSION: Final = max(_FIELDS_BY_VERSION)
"""The newest record version whose fields are listed here."""

DEFAULT_FIELDS: Final[tuple[Field, ...]] = tuple(field for field in FIELDS.values() if field.version == 2)
"""The fields of a flow log without a custom format, in order."""

DEFAULT_LOG_FORMAT: Final = " ".join(f"${{{field.name}}}" for field in DEFAULT_FIELDS)
"""`LogFormat` of a flow log without a custom format."""


class LogFormatError(ValueError):
    """A `LogFormat` or a header line that names no field, an unknown one, or one twice."""


_TAKEN_COLUMNS: Final = frozenset(
    {*PARTITION_COLUMNS, *(spelling for field in FIELDS.values() for spelling in (field.column, field.raw_column))}
)
_PLACEHOLDER = re.compile(r"\$\{([^{}\s]*)\}")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def parse_log_format(text: str, extra_fields: Mapping[str, str] | None = None) -> tuple[Field, ...]:
    """The fields of a flow log, in order.

    Args:
        text: a flow log's `LogFormat` (`${version} ${account-id} …`), or the header line of one of its text files
            (`version account-id …`).
        extra_fields: AWS names of fields newer than this table with their Hive types.

    Raises:
        LogFormatError: names every field that is unknown, with the nearest known name, or that stands twice.
    """
    names = _field_names(text)
    known: dict[str, Field] = {**FIELDS, **declared_fields(extra_fields or {})}
    unknown = [_unknown_field(name, known) for name in dict.fromkeys(names) if name not in known]
    if unknown:
        raise LogFormatError("; ".join(unknown))
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise LogFormatError(f"names {', '.join(map(repr, repeated))} more than once; a column can stand only once")
    return tuple(known[name] for name in names)


def _field_names(text: str) -> list[str]:
    tokens = text.split()
    if not tokens:
        raise LogFormatError("is empty; write the flow log's LogFormat, such as '${version} ${account-id} ${action}'")
    if not any(token.startswith("$") for token in tokens):
        return tokens
    names = []
    for token in tokens:
        match = _PLACEHOLDER.fullmatch(token)
        if match is None:
            raise LogFormatError(f"{token!r} is not of the form ${{field-name}}; separate the fields by one space each")
        names.append(match[1])
    return names


def declared_fields(extra_fields: Mapping[str, str]) -> dict[str, Field]:
    """Fields newer than this table, from their AWS names and Hive types.

    Raises:
        LogFormatError: when a name is not spelled as a field's, is taken, or has another type than the known ones.
    """
    for name, hive_type in extra_fields.items():
        if _FIELD_NAME.fullmatch(name) is None:
            raise LogFormatError(
                f"extra field {name!r} is not spelled as AWS spells fields: lower-case words joined by hyphens"
            )
        if name.replace("-", "_") in _TAKEN_COLUMNS:
            raise LogFormatError(f"extra field {name!r} exists already; remove it from extra_fields")
        if hive_type not in get_args(HiveType):
            raise LogFormatError(
                f"extra field {name!r} has the type {hive_type!r}; use one of {', '.join(get_args(HiveType))}"
            )
    return {
        name: Field(
            name=name,
            version=LATEST_VERSION + 1,
            hive_type=hive_type,
            meaning="Declared in the settings (extra_fields).",
            raw_column=name.replace("-", "_"),
        )
        for name, hive_type in extra_fields.items()
    }


def _unknown_field(name: str, known: Mapping[str, Field]) -> str:
    by_column = {spelling: field.name for field in known.values() for spelling in (field.column, field.raw_column)}
    nearest = by_column.get(name) or next(iter(difflib.get_close_matches(name, known, n=1)), None)
    if nearest is not None:
        return f"{name!r} is not a flow log field; did you mean {nearest!r}?"
    return f"{name!r} is not a flow log field of versions 2 to {LATEST_VERSION}; declare a newer one in extra_fields"


def log_format(fields: Iterable[Field]) -> str:
    """The `LogFormat` with which `CreateFlowLogs` makes a flow log of these fields."""
    return " ".join(f"${{{field.name}}}" for field in fields)


def header_line(fields: Iterable[Field]) -> str:
    """The first line of a text file of these fields, without its line end."""
    return " ".join(field.name for field in fields)


def record_version(fields: Iterable[Field]) -> int:
    """The version that a record of these fields carries: the highest among them.

    A field declared in `extra_fields` counts as one version above `LATEST_VERSION`, whatever AWS calls it.
    """
    return max(field.version for field in fields)


def raw_columns(fields: Iterable[Field], file_format: FileFormat) -> tuple[tuple[str, str], ...]:
    """Columns and Hive types of the raw table over files of these fields, in order.

    Text files get the column names of the Athena guides for version 2, so that the guides' queries run as they
    stand; Parquet files are read by name, so their columns have the names in the files. Packets and times are
    bigint where the guides write int: counts over 2^31 and times in milliseconds do occur.
    """
    if file_format == "text":
        return tuple((field.raw_column, field.hive_type) for field in fields)
    return tuple((field.column, field.hive_type) for field in fields)


def curated_columns(fields: Iterable[Field] = FIELDS.values()) -> tuple[tuple[str, str], ...]:
    """Columns and Hive types of curated records: AWS's names in snake case, start and end as timestamps."""
    return tuple((field.column, "timestamp" if field.name in ("start", "end") else field.hive_type) for field in fields)


class TcpFlag(enum.IntFlag):
    """Bits of `tcp-flags`, OR-ed over the aggregation interval, so 3, 18 and 19 are normal values."""

    FIN = 1
    SYN = 2
    RST = 4
    PSH = 8
    ACK = 16


TRAFFIC_PATHS: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "another resource in the same VPC",
        2: "internet gateway or gateway VPC endpoint",
        3: "virtual private gateway",
        4: "intra-region VPC peering",
        5: "inter-region VPC peering",
        6: "local gateway",
        7: "gateway VPC endpoint",
        8: "internet gateway",
    }
)
"""Meanings of `traffic-path`, which only egress records carry."""

ENCRYPTION_STATUSES: Final[Mapping[int, str]] = MappingProxyType(
    {0: "not encrypted", 1: "encrypted by Nitro", 2: "encrypted by the application", 3: "encrypted by both"}
)
"""Meanings of `encryption-status`."""

PROTOCOLS: Final[Mapping[int, str]] = MappingProxyType(
    {
        1: "ICMP",
        2: "IGMP",
        4: "IPv4",
        6: "TCP",
        17: "UDP",
        41: "IPv6",
        47: "GRE",
        50: "ESP",
        51: "AH",
        58: "ICMPv6",
        89: "OSPF",
        103: "PIM",
        112: "VRRP",
        132: "SCTP",
    }
)
"""Names of the IANA protocol numbers that flow logs commonly show."""


def protocol_name(number: int) -> str:
    """`TCP` for 6; the number itself where it has no common name."""
    return PROTOCOLS.get(number, str(number))
