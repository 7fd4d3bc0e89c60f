"""The HTTP prober: a few rejected attempts by one stranger on one interface, on demand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address

import numpy as np

from .incidents import Stage
from .network import Network
from .records import Records


@dataclass(frozen=True, slots=True)
class Probe:
    """`attempts` on `port` within `within` seconds, by the address `source` (None: a public one that appears nowhere
    else) on the interface of the address `target` (None: the network's first load balancer).

    Raises: ValueError, naming the argument, its value and what is allowed.
    """

    attempts: int = 3
    within: float = 300
    port: int = 80
    source: str | None = None
    target: str | None = None

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"attempts {self.attempts}: at least 1")
        if self.within < 0:
            raise ValueError(f"within {self.within}: 0 seconds or more")
        if not 1 <= self.port <= 65_535:
            raise ValueError(f"port {self.port}: from 1 to 65535")
        for name, address in (("source", self.source), ("target", self.target)):
            if address is not None:
                _ipv4(name, address)

    def moments(self, now: float) -> list[float]:
        """When the attempts are made, so that the last one is now (epoch seconds) and all lie within the time."""
        return [now - self.within * i / self.attempts for i in reversed(range(self.attempts))]

    def interface(self, net: Network) -> int:
        """The interface that is probed.

        Raises: ValueError when the network has no interface of the target's address.
        """
        if self.target is None:
            return net.first["load-balancer"]
        found = np.flatnonzero(net.address == int(_ipv4("target", self.target)))
        if not len(found):
            some = ", ".join(net.ipv4(i) for i in net.interfaces("load-balancer", "bastion"))
            raise ValueError(f"target {self.target}: no interface of the network has it; these are public: {some}")
        return int(found[0])

    def stranger(self, net: Network, now: float) -> int:
        """The source's address as a number."""
        if self.source is not None:
            return int(_ipv4("source", self.source))
        return self._stage(net, now).stranger()

    def records(self, net: Network, source: int, moments: list[float], now: float) -> Records:
        """A REJECT record of each attempt; none ends after now."""
        stage = self._stage(net, moments[0])
        for moment in moments:
            stage.arrive(self.interface(net), source, self.port, int(moment))
        stage.say("probe", "attempts on demand")
        records = stage.records()
        records.end = np.maximum(np.minimum(records.end, int(now)), records.start)
        return records

    def _stage(self, net: Network, moment: float) -> Stage:
        day = datetime.fromtimestamp(moment, UTC).date()
        return Stage(net, day, seed=0, kind=f"probe {moment}", aggregation_seconds=60)


def _ipv4(name: str, address: str) -> IPv4Address:
    try:
        return IPv4Address(address)
    except AddressValueError:
        raise ValueError(f"{name} {address!r}: an IPv4 address, such as 198.51.100.7") from None
