"""Flow log records as columns, and the addresses in them as numbers.

An address is one int64: an IPv4 address its own value, an IPv6 address a negative number that packs the
index of a prefix and three 16-bit groups (`pack_ipv6`), so that records of both kinds go through the same
vectorised code and are turned into text at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

OK, NODATA, SKIPDATA = 0, 1, 2
LOG_STATUSES = ("OK", "NODATA", "SKIPDATA")

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

OWN_IPV6_PREFIX = 255
"""The prefix index that stands for the network's own IPv6 block."""

AWS_SERVICES = ("-", "S3", "DYNAMODB", "EC2", "AMAZON")
"""What `pkt-src-aws-service` and `pkt-dst-aws-service` can say; records hold the index."""


@dataclass(slots=True)
class Records:
    """Columns of equal length, one element a record.

    `interface` indexes the network's interfaces; `status` is OK, NODATA or SKIPDATA; `src` and `dst` are
    what the log calls srcaddr and dstaddr, `pkt_src` and `pkt_dst` the packets' own addresses; `start` and
    `end` are epoch seconds; `path` is traffic-path (0 for none); the services index AWS_SERVICES.
    """

    interface: Numbers
    status: Numbers
    src: Numbers
    dst: Numbers
    pkt_src: Numbers
    pkt_dst: Numbers
    srcport: Numbers
    dstport: Numbers
    protocol: Numbers
    packets: Numbers
    bytes: Numbers
    start: Numbers
    end: Numbers
    accepted: Flags
    tcp_flags: Numbers
    egress: Flags
    path: Numbers
    src_service: Numbers
    dst_service: Numbers

    def __len__(self) -> int:
        return len(self.interface)

    def take(self, which: NDArray[Any] | slice) -> Records:
        """The records that a mask, an index array or a slice selects."""
        return Records(*(getattr(self, f.name)[which] for f in fields(self)))


def concatenate(parts: Sequence[Records]) -> Records:
    """The records of all parts, one after the other (at least one part)."""
    if len(parts) == 1:
        return parts[0]
    return Records(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Records)))


def without_traffic(interface: Numbers, status: int, start: Numbers, end: Numbers) -> Records:
    """NODATA or SKIPDATA records: an interface and a time, no traffic."""
    n = len(interface)
    nothing = np.zeros(n, dtype=np.int64)
    never = np.zeros(n, dtype=np.bool_)
    columns: dict[str, Any] = {f.name: nothing for f in fields(Records)}
    columns |= {"interface": interface, "status": np.full(n, status), "start": start, "end": end}
    columns |= {"accepted": never, "egress": never}
    return Records(**columns)


def pack_ipv6(prefix: Numbers | int, groups: Numbers | int) -> Any:
    """The number that stands for an IPv6 address: prefix index (0 to 255) and the last 48 bits."""
    return -1 - ((prefix << 48) | groups)
