"""Everyday traffic: what a shop's network and the internet's background noise look like.

The rules of detection (brute force, scans, beaconing, …) must find nothing here, however much of it there
is; only planted incidents are there to be found. Hence: clients and scanners come from so many addresses
that none returns often, a scanner touches at most two interfaces, hosts that are refused by their
neighbours use few fixed ports, nothing repeats between one host and one public address, and the number of
rejects a day follows a fixed wave of five days instead of chance, so that no day stands out of the days
before it by three standard deviations.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network
from math import pi, sin

import numpy as np
from numpy.typing import NDArray

from .network import AWS_BLOCKS, CORPORATE_NETWORK, ROLES, Network, public_ipv4, public_ipv6
from .records import (
    ACK,
    AWS_SERVICES,
    FIN,
    ICMP,
    ICMPV6,
    PSH,
    SYN,
    TCP,
    UDP,
    Numbers,
    Records,
)
from .regions import REGIONS
from .seeding import mixed, number

REJECT_WAVE = (1.0, 0.8, 1.2, 0.9, 1.1)
"""Rejects of a day relative to the average, by the day's number modulo five."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A kind of conversation between an interface of the network and a peer.

    `share` is its part of the accepted, or of the rejected, exchanges. `local` and `peer` are roles of
    interfaces (`public`: any that the internet reaches); a peer can also be `internet`, `corporate`, `fixed`
    (five lasting public addresses), or an AWS service. `serves`: the local interface is the server.
    `packets` is the mean a record, `request` and `reply` are bytes a packet; a `reply` of 0 means that none
    is recorded. `both_ends`: the peer's interface records the exchange too; `nat` is that of a NAT gateway,
    which records its own address in place of the public one.
    """

    name: str
    share: float
    local: str
    peer: str
    serves: bool
    protocol: int
    ports: tuple[int, ...]
    packets: float
    request: int
    reply: int
    both_ends: bool = False
    ipv6: float = 0.0
    service: str = "-"


ACCEPTED = (
    Exchange("web client", 30, "load-balancer", "internet", True, TCP, (443, 443, 443, 80), 14, 140, 1050, ipv6=0.12),
    Exchange("to web tier", 16, "load-balancer", "web", False, TCP, (8080,), 16, 180, 900, both_ends=True),
    Exchange("health check", 7, "load-balancer", "web", False, TCP, (8081,), 5, 62, 70, both_ends=True),
    Exchange("to app tier", 10, "web", "app", False, TCP, (8443, 9090), 20, 210, 640, both_ends=True),
    Exchange("to database", 10, "app", "database", False, TCP, (5432, 5432, 3306), 40, 160, 820, both_ends=True),
    Exchange("to cache", 6, "app", "cache", False, TCP, (6379,), 30, 90, 240, both_ends=True),
    Exchange("name lookup", 7, "web", "dns", False, UDP, (53,), 1, 71, 180, both_ends=True),
    Exchange("clock", 3, "app", "internet", False, UDP, (123,), 1, 76, 76),
    Exchange("store", 4, "app", "S3", False, TCP, (443,), 60, 900, 480, service="S3"),
    Exchange("key-value store", 2, "web", "DYNAMODB", False, TCP, (443,), 12, 300, 420, service="DYNAMODB"),
    Exchange("partner interface", 3, "app", "nat", False, TCP, (443,), 18, 260, 700, both_ends=True),
    Exchange("administration", 1, "bastion", "corporate", True, TCP, (22,), 120, 90, 140),
    Exchange("ping", 0.6, "load-balancer", "web", False, ICMP, (0,), 4, 84, 84, both_ends=True),
    Exchange("ping from outside", 0.4, "load-balancer", "internet", True, ICMP, (0,), 2, 84, 84, ipv6=0.5),
)
REJECTED = (
    Exchange(
        "background scan",
        80,
        "public",
        "internet",
        True,
        TCP,
        (22, 23, 23, 3389, 445, 1433, 5900, 8080, 80, 443, 3306, 5060, 6379, 8443, 2323, 25),
        1.4,
        44,
        0,
        ipv6=0.02,
    ),
    Exchange("amplifier search", 5, "public", "internet", True, UDP, (123, 161, 1900, 11211), 1.2, 58, 0),
    Exchange("reply stopped by ACL", 7, "load-balancer", "internet", True, TCP, (443,), 3, 60, 60),
    Exchange("wrong tier", 5, "database", "web", True, TCP, (9100, 8444, 7001), 2, 60, 0),
    Exchange("stopped on the way out", 3, "app", "fixed", False, TCP, (6667, 4444), 2, 60, 0),
)
_TABLE = ACCEPTED + REJECTED
_SCAN = len(ACCEPTED)
_ACL = len(ACCEPTED) + 2
_PORT_CHOICES = 16


def _column(values: list[float]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def _index(values: list[int]) -> Numbers:
    return np.array(values, dtype=np.int64)


def _records_each(exchange: Exchange) -> int:
    return (1 + (exchange.reply > 0)) * (1 + exchange.both_ends)


def _traffic_path(exchange: Exchange) -> int:
    """What traffic-path says of the egress records: FLOW_LOG_FORMAT's numbers."""
    if exchange.peer in ROLES:
        return 1
    if exchange.peer in AWS_BLOCKS:
        return 7
    return 3 if exchange.peer == "corporate" else 8


_BLOCKS = {peer: IPv4Network(block) for peer, block in AWS_BLOCKS.items()} | {"corporate": CORPORATE_NETWORK}
_BLOCK_BASE = _index([int(_BLOCKS[e.peer].network_address) if e.peer in _BLOCKS else 0 for e in _TABLE])
_BLOCK_MASK = _index([int(_BLOCKS[e.peer].hostmask) if e.peer in _BLOCKS else 0 for e in _TABLE])
_FROM_BLOCK = _BLOCK_MASK > 0
_FIXED_PEER = np.array([e.peer == "fixed" for e in _TABLE])
_PEER_IS_INTERFACE = np.array([e.peer in ROLES for e in _TABLE])
_NAT = np.array([e.peer == "nat" for e in _TABLE])
_SERVES = np.array([e.serves for e in _TABLE])
_PROTOCOL = _index([e.protocol for e in _TABLE])
_PORTS = np.array([(e.ports * _PORT_CHOICES)[:_PORT_CHOICES] for e in _TABLE], dtype=np.int64)
_PACKETS = _column([e.packets for e in _TABLE])
_SIZE = _index([size for e in _TABLE for size in (e.request, e.reply)])
_IPV6 = _column([e.ipv6 for e in _TABLE])
_COPIES = _index([_records_each(e) for e in _TABLE])
_PATH = _index([_traffic_path(e) for e in _TABLE])
_SERVICE = _index([AWS_SERVICES.index(e.service) for e in _TABLE])
_REPLIED = np.array([e.reply > 0 for e in _TABLE])
_REFUSED = np.array([i >= len(ACCEPTED) and i != _ACL for i in range(len(_TABLE))])
# OR-ed over the interval, by who sent: the client's side, the server's side; four equally likely values.
_TCP_FLAGS = _index([SYN, SYN | FIN, SYN | FIN, SYN | PSH | FIN, SYN | ACK, 19, 19, SYN | ACK | PSH | FIN])

_ACCEPTED_SHARES = _column([e.share for e in ACCEPTED])
_ACCEPTED_SHARES /= _ACCEPTED_SHARES.sum()
_ACCEPTED_EDGES = np.cumsum(_ACCEPTED_SHARES)[:-1]
ACCEPTED_RECORDS_EACH = float((_ACCEPTED_SHARES * _COPIES[: len(ACCEPTED)]).sum())
"""Records that an accepted exchange leaves, on average."""

_REJECTED_SHARES = _column([e.share for e in REJECTED])
# One cycle of 100 kinds in a scattered order: any stretch of the cycle has about the right shares.
_REJECT_CYCLE = np.random.Generator(np.random.SFC64(1)).permutation(
    np.repeat(np.arange(len(ACCEPTED), len(_TABLE)), _REJECTED_SHARES.astype(int))
)


def activity(day: date, minute: float, region: str) -> float:
    """How busy people keep the network at that minute of the UTC day, about 1 on average over a week:
    busiest at three in the afternoon of the region's clock, quieter at weekends.
    """
    local_hour = minute / 60 + REGIONS[region].utc_offset
    curve = 1 + 0.6 * sin((local_hour - 9) / 24 * 2 * pi)
    return curve * (0.65 if day.weekday() >= 5 else 1.14)


def reject_factor(day: date) -> float:
    """How many rejects the day has, relative to the average."""
    return REJECT_WAVE[day.toordinal() % len(REJECT_WAVE)]


def everyday_records(
    net: Network,
    rng: np.random.Generator,
    *,
    accepted: int,
    rejects: range,
    window_end: int,
    window_seconds: int,
    aggregation_seconds: int,
) -> Records:
    """Records of `accepted` exchanges and of the rejects with the day's serial numbers `rejects`, whose
    intervals end in the `window_seconds` up to `window_end` (epoch seconds).
    """
    serial = np.full(accepted + len(rejects), -1, dtype=np.int64)
    serial[accepted:] = rejects
    kind = np.empty(len(serial), dtype=np.int64)
    kind[:accepted] = np.searchsorted(_ACCEPTED_EDGES, rng.random(accepted))
    kind[accepted:] = _REJECT_CYCLE[serial[accepted:] % len(_REJECT_CYCLE)]
    order = rng.permutation(len(kind))
    kind, serial = kind[order], serial[order]

    local, peer = _interfaces(net, rng, kind)
    local_address, peer_address, port = _addresses(net, rng, kind, serial, local, peer)
    is_ipv6 = local_address < 0
    protocol = np.where(is_ipv6 & (_PROTOCOL[kind] == ICMP), ICMPV6, _PROTOCOL[kind])
    client_port = np.where(port > 0, rng.integers(32768, 61000, len(kind)), 0)
    client_port = np.where(port == 123, 123, client_port)
    packets = 1 + (rng.standard_exponential(len(kind)) * (_PACKETS[kind] - 0.5)).astype(np.int64)
    end = window_end - rng.integers(0, window_seconds, len(kind))
    start = end - rng.integers(1, aggregation_seconds, len(kind))
    noise = rng.integers(0, 1 << 32, len(kind))

    # One row an exchange becomes one to four records: request, reply, and both again at the peer.
    copies = _COPIES[kind]
    row = np.repeat(np.arange(len(kind)), copies)
    copy = np.arange(len(row)) - np.repeat(np.cumsum(copies) - copies, copies)
    kind, noise = kind[row], noise[row]
    reply = _REPLIED[kind] & (copy & 1 == 1)
    at_peer = copy >= 2
    local_sends = reply == _SERVES[kind]
    local_address, peer_address = local_address[row], peer_address[row]
    pkt_src = np.where(local_sends, local_address, peer_address)
    pkt_dst = np.where(local_sends, peer_address, local_address)
    interface = np.where(at_peer, peer[row], local[row])
    at_nat = at_peer & _NAT[kind]
    egress = local_sends ^ at_peer
    nat_address = net.address[net.first["nat"]]
    port, client_port = port[row], client_port[row]
    packets = packets[row]
    sizes = _SIZE[kind * 2 + reply]
    protocol = protocol[row]
    service = _SERVICE[kind]
    accepted_flags = ~_REFUSED[kind] & ~((kind == _ACL) & reply)
    tcp_flags = np.where(_REFUSED[kind], SYN, _TCP_FLAGS[reply * 4 + (noise & 3)])
    return Records(
        interface=interface,
        status=np.zeros(len(row), dtype=np.int64),
        src=np.where(at_nat & reply, nat_address, pkt_src),
        dst=np.where(at_nat & ~reply, nat_address, pkt_dst),
        pkt_src=pkt_src,
        pkt_dst=pkt_dst,
        srcport=np.where(reply, port, client_port),
        dstport=np.where(reply, client_port, port),
        protocol=protocol,
        packets=packets,
        bytes=packets * sizes + (noise >> 8) % np.maximum(sizes // 4, 1),
        start=start[row],
        end=end[row],
        accepted=accepted_flags,
        tcp_flags=np.where(protocol == TCP, tcp_flags, 0),
        egress=egress,
        path=np.where(egress, _PATH[kind], 0),
        src_service=np.where(local_sends, 0, service),
        dst_service=np.where(local_sends, service, 0),
    )


def _interfaces(net: Network, rng: np.random.Generator, kind: Numbers) -> tuple[Numbers, Numbers]:
    """The local interface of each exchange, and the peer's where the peer is one of the network's."""
    roles = dict.fromkeys(ROLES) | {"public": None}
    ranges = {role: net.interfaces(*(ROLES[:4] if role == "public" else (role,))) for role in roles}
    first = _index([ranges[e.local].start for e in _TABLE] + [ranges.get(e.peer, range(1)).start for e in _TABLE])
    count = _index([len(ranges[e.local]) for e in _TABLE] + [len(ranges.get(e.peer, range(1))) for e in _TABLE])
    draws = rng.integers(0, 1 << 31, (2, len(kind)))
    peer_kind = kind + len(_TABLE)
    return first[kind] + draws[0] % count[kind], first[peer_kind] + draws[1] % count[peer_kind]


def _addresses(
    net: Network, rng: np.random.Generator, kind: Numbers, serial: Numbers, local: Numbers, peer: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """The local address, the peer's, and the server's port of each exchange."""
    bits = rng.integers(0, 1 << 62, len(kind))
    choice = rng.integers(0, 1 << 30, len(kind))

    # Some scanners find a second interface in the same interval, never a third.
    scans = np.flatnonzero(kind == _SCAN)
    seconds = scans[1::2][choice[scans[1::2]] % 4 == 0]
    bits[seconds] = bits[scans[np.searchsorted(scans, seconds) - 1]]
    # One scan in five is by a scanner that comes back every day, once, to the same port.
    returning = scans[serial[scans] % 5 == 0]
    lasting = mixed(serial[returning], number(net.account, net.region, net.ipv6_prefix, "scanners"))
    bits[returning] = (lasting >> np.uint64(2)).astype(np.int64)
    choice[returning] = (lasting & np.uint64(0xFFFF)).astype(np.int64)

    fixed = _FIXED_PEER[kind]
    bits[fixed] = mixed(local[fixed] * 5 + choice[fixed] % 5, number(net.ipv6_prefix)).astype(np.int64) & (2**62 - 1)
    peer_address = public_ipv4(bits)
    peer_address = np.where(_FROM_BLOCK[kind], _BLOCK_BASE[kind] | (bits & _BLOCK_MASK[kind]), peer_address)
    # A partner behind the NAT gateway keeps its public address; other peers inside have their own.
    inside = _PEER_IS_INTERFACE[kind] & ~_NAT[kind]
    peer_address = np.where(inside, net.address[peer], peer_address)
    is_ipv6 = rng.random(len(kind)) < _IPV6[kind]
    peer_address = np.where(is_ipv6, public_ipv6(bits), peer_address)
    local_address = np.where(is_ipv6, net.ipv6[local], net.address[local])
    # A host that is refused keeps to one port for each neighbour.
    port_choice = np.where(kind == _SCAN + 3, peer_address + local_address, choice >> 4)
    return local_address, peer_address, _PORTS[kind, port_choice % _PORT_CHOICES]
