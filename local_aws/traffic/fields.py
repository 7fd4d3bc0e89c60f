"""The record fields that the generator can fill: names, the version that introduced them, Parquet types.

The generator keeps a table of its own, so that what it writes is an independent check of what the
pipeline reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

DEFAULT_LOG_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} "
    "${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)
"""What AWS writes when a flow log names no format: the version-2 fields."""

VERSION_5_LOG_FORMAT = (
    f"{DEFAULT_LOG_FORMAT} "
    "${vpc-id} ${subnet-id} ${instance-id} ${tcp-flags} ${type} ${pkt-srcaddr} ${pkt-dstaddr} "
    "${region} ${az-id} ${sublocation-type} ${sublocation-id} "
    "${pkt-src-aws-service} ${pkt-dst-aws-service} ${flow-direction} ${traffic-path}"
)
"""Every field of versions 2 to 5, in the order AWS documents them."""


@dataclass(frozen=True, slots=True)
class LogField:
    """One field: AWS's name, the record version that introduced it, its type in a Parquet file (DuckDB's
    name; INTEGER is written as INT_32, BIGINT as INT_64).
    """

    name: str
    version: int
    parquet_type: str

    @property
    def column(self) -> str:
        """The column's name in AWS's Parquet files."""
        return self.name.replace("-", "_")


_NAMES = {
    2: "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end "
    "action log-status",
    3: "vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr",
    4: "region az-id sublocation-type sublocation-id",
    5: "pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path",
    6: "resource-type tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id tgw-src-vpc-id "
    "tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id "
    "tgw-pair-attachment-id packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded "
    "packets-lost-ttl-expired",
    7: "ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn ecs-container-instance-id "
    "ecs-container-id ecs-second-container-id ecs-service-name ecs-task-definition-arn ecs-task-arn "
    "ecs-task-id",
    8: "reject-reason",
    9: "resource-id",
    10: "encryption-status",
}
_INT_32 = {"version", "srcport", "dstport", "protocol", "tcp-flags", "traffic-path", "encryption-status"}
_INT_64 = {
    "packets",
    "bytes",
    "start",
    "end",
    "packets-lost-no-route",
    "packets-lost-blackhole",
    "packets-lost-mtu-exceeded",
    "packets-lost-ttl-expired",
}


def _parquet_type(name: str) -> str:
    if name in _INT_32:
        return "INTEGER"
    return "BIGINT" if name in _INT_64 else "VARCHAR"


FIELDS = MappingProxyType(
    {name: LogField(name, version, _parquet_type(name)) for version, names in _NAMES.items() for name in names.split()}
)
"""Every field the generator knows, by AWS's name."""


def parse_log_format(log_format: str) -> tuple[LogField, ...]:
    """The fields of a flow log's `LogFormat`, in its order.

    Raises: ValueError, naming what is wrong, for text that is not `${name} ${name} …`, for an unknown
    field and for a field named twice.
    """
    fields: list[LogField] = []
    for word in log_format.split():
        match = re.fullmatch(r"\$\{([a-z0-9-]+)\}", word)
        if match is None:
            raise ValueError(f"log format: {word!r} is not of the form ${{field-name}}")
        name = match[1]
        if name not in FIELDS:
            raise ValueError(f"log format: unknown field {name!r}; known are {', '.join(FIELDS)}")
        if FIELDS[name] in fields:
            raise ValueError(f"log format: field {name!r} is named twice")
        fields.append(FIELDS[name])
    if not fields:
        raise ValueError("log format: no fields; the default is " + DEFAULT_LOG_FORMAT)
    return tuple(fields)


def record_version(fields: tuple[LogField, ...]) -> int:
    """What the `version` field of such a record says: the highest version among its fields."""
    return max(field.version for field in fields)
