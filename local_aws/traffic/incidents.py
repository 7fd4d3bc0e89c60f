"""Incidents: what was planted on a target's day, and the stage on which scenes (scenes.py) are played."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from ipaddress import IPv4Address
from typing import Any

import numpy as np

from .network import Network, public_ipv4
from .records import SYN, TCP, UDP, Records
from .seeding import generator


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted, so that it can be counted: the `count` records from `sources` to `targets` with a
    destination port of `ports` and an action of `actions`, which start between `first` and `last`
    (epoch seconds). `detection` is the rule; a near miss stays just under it.
    """

    kind: str
    detection: str
    near_miss: bool
    note: str
    day: str
    account: str
    region: str
    interfaces: tuple[str, ...]
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    ports: tuple[int, ...]
    protocol: int
    actions: tuple[str, ...]
    first: int
    last: int
    count: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Row:
    interface: int
    src: int
    dst: int
    srcport: int
    dstport: int
    protocol: int
    packets: int
    bytes: int
    start: int
    seconds: int
    accepted: bool
    egress: bool


class Stage:
    """Where scenes are played: one target's day. Collects the records and what was planted."""

    def __init__(self, net: Network, day: date, seed: int, kind: str, aggregation_seconds: int) -> None:
        self.net = net
        self.day = day
        self.rng = generator(seed, net.account, net.region, day, "incident", kind)
        self.kind = kind
        self.aggregation_seconds = aggregation_seconds
        self.midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        self.rows: list[_Row] = []
        self.planted: list[Planted] = []
        self._scene: list[_Row] = []

    def stranger(self) -> int:
        """A public address that appears nowhere else."""
        return int(public_ipv4(self.rng.integers(0, 1 << 62, 1))[0])

    def strangers(self, n: int) -> list[int]:
        """Different public addresses."""
        found: set[int] = set()
        while len(found) < n:
            found.add(self.stranger())
        return sorted(found)

    def pick(self, values: Sequence[int], n: int) -> list[int]:
        """`n` different values."""
        return [int(v) for v in self.rng.choice(np.array(values), size=n, replace=False)]

    def between(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def hour(self) -> int:
        """The first second of an hour that lies wholly inside the day's files, from 01:00 to 21:00."""
        return self.midnight + 3600 * self.between(1, 21)

    def address(self, interface: int) -> int:
        """The interface's own address."""
        return int(self.net.address[interface])

    def arrive(
        self,
        interface: int,
        source: int,
        port: int,
        at: int,
        *,
        accepted: bool = False,
        protocol: int = TCP,
        srcport: int | None = None,
    ) -> None:
        """A record of traffic from outside to the interface; small, as attempts are."""
        packets = self.between(1, 3) if not accepted else self.between(8, 20)
        self._add(
            interface,
            (source, self.address(interface)),
            port,
            at,
            packets=packets,
            size=packets * (44 if not accepted else 120),
            accepted=accepted,
            egress=False,
            protocol=protocol,
            srcport=srcport,
        )

    def leave(
        self,
        interface: int,
        target: int,
        port: int,
        at: int,
        *,
        accepted: bool,
        protocol: int = TCP,
        packets: int = 2,
        size: int = 120,
        srcport: int | None = None,
        seconds: int | None = None,
    ) -> None:
        """A record of traffic from the interface to an address outside."""
        self._add(
            interface,
            (self.address(interface), target),
            port,
            at,
            packets=packets,
            size=size,
            accepted=accepted,
            egress=True,
            protocol=protocol,
            srcport=srcport,
            seconds=seconds,
        )

    def _add(
        self,
        interface: int,
        ends: tuple[int, int],
        port: int,
        at: int,
        *,
        packets: int,
        size: int,
        accepted: bool,
        egress: bool,
        protocol: int,
        srcport: int | None,
        seconds: int | None = None,
    ) -> None:
        has_ports = protocol in (TCP, UDP)
        source_port = (self.between(32768, 60999) if srcport is None else srcport) if has_ports else 0
        row = _Row(
            interface=interface,
            src=ends[0],
            dst=ends[1],
            srcport=source_port,
            dstport=port if has_ports else 0,
            protocol=protocol,
            packets=packets,
            bytes=size,
            start=at,
            seconds=self.between(1, 20) if seconds is None else seconds,
            accepted=accepted,
            egress=egress,
        )
        self._scene.append(row)

    def say(self, detection: str, note: str, *, near_miss: bool = False) -> None:
        """End the scene: everything since the last call is one planted incident."""
        scene, self._scene = self._scene, []
        self.rows += scene
        self.planted.append(
            Planted(
                kind=self.kind,
                detection=detection,
                near_miss=near_miss,
                note=note,
                day=self.day.isoformat(),
                account=self.net.account,
                region=self.net.region,
                interfaces=tuple(sorted({self.net.interface_id(r.interface) for r in scene})),
                sources=_as_text(r.src for r in scene),
                targets=_as_text(r.dst for r in scene),
                ports=tuple(sorted({r.dstport for r in scene})),
                protocol=scene[0].protocol,
                actions=tuple(sorted({"ACCEPT" if r.accepted else "REJECT" for r in scene})),
                first=min(r.start for r in scene),
                last=max(r.start for r in scene),
                count=len(scene),
                bytes=sum(r.bytes for r in scene),
            )
        )

    def records(self) -> Records:
        """All scenes' records as columns."""

        def column(values: list[Any], dtype: type = np.int64) -> Any:
            return np.array(values, dtype=dtype)

        rows = self.rows
        src, dst = column([r.src for r in rows]), column([r.dst for r in rows])
        nothing = np.zeros(len(rows), dtype=np.int64)
        tcp_flags = [0 if r.protocol != TCP else 3 if r.accepted else SYN for r in rows]
        inside = 10 << 24
        path = [0 if not r.egress else 3 if r.dst >> 24 << 24 == inside else 8 for r in rows]
        return Records(
            interface=column([r.interface for r in rows]),
            status=nothing,
            src=src,
            dst=dst,
            pkt_src=src,
            pkt_dst=dst,
            srcport=column([r.srcport for r in rows]),
            dstport=column([r.dstport for r in rows]),
            protocol=column([r.protocol for r in rows]),
            packets=column([r.packets for r in rows]),
            bytes=column([r.bytes for r in rows]),
            start=column([r.start for r in rows]),
            end=column([r.start + r.seconds for r in rows]),
            accepted=column([r.accepted for r in rows], np.bool_),
            tcp_flags=column(tcp_flags),
            egress=column([r.egress for r in rows], np.bool_),
            path=column(path),
            src_service=nothing,
            dst_service=nothing,
        )


def _as_text(addresses: Iterable[int]) -> tuple[str, ...]:
    return tuple(str(IPv4Address(a)) for a in sorted(set(addresses)))
