"""Live traffic: the records of the seconds that have just passed, with the generator's network and exchanges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from math import ceil

import numpy as np

from .network import Network, network
from .plan import FEWEST_INTERFACES, Target
from .records import NODATA, Records, concatenate, without_traffic
from .scenes import SCENES, play
from .seeding import generator
from .workload import ACCEPTED_RECORDS_EACH, everyday_records
from .write import REJECT_SHARE

WATCHED_PORTS = (22, 80, 443, 3389)
"""The ports whose rejects the shipped alarm rules count."""


@dataclass(frozen=True)
class LiveTraffic:
    """What goes on in one target's network, steadily.

    `records_per_minute` is about how many records each minute of the clock gets, times `speed`; a part of
    `reject_share` of them are rejects, but none to `quiet_ports`, so that an alarm on these means a probe or an
    incident. `incidents` are kinds of scenes (scenes.py), played at the times that they have on this day in the
    generator's files. Idle interfaces have a NODATA record every `aggregation_seconds` divided by `speed`.

    Raises: ValueError, naming the argument, its value and what is allowed.
    """

    target: Target
    records_per_minute: float = 120
    speed: float = 1
    reject_share: float = REJECT_SHARE
    quiet_ports: tuple[int, ...] = WATCHED_PORTS
    incidents: tuple[str, ...] = ()
    interfaces: int = 32
    aggregation_seconds: int = 60
    seed: int = 1

    def __post_init__(self) -> None:
        if self.records_per_minute < 0:
            raise ValueError(f"records per minute {self.records_per_minute}: at least 0")
        if self.speed <= 0:
            raise ValueError(f"speed {self.speed}: more than 0; 1 is the clock's, 10 is ten times as much")
        if not 0 <= self.reject_share <= 1:
            raise ValueError(f"reject share {self.reject_share}: from 0 to 1")
        if self.aggregation_seconds not in (60, 600):
            raise ValueError(f"aggregation seconds {self.aggregation_seconds}: AWS has 60 and 600")
        if not FEWEST_INTERFACES <= self.interfaces <= 2000:
            raise ValueError(f"interfaces {self.interfaces}: from {FEWEST_INTERFACES} to 2000")
        for kind in self.incidents:
            if kind not in SCENES:
                raise ValueError(f"incident {kind!r}: known are {', '.join(SCENES)}")

    @property
    def network(self) -> Network:
        """The target's network: the same as in the generator's files of that seed."""
        return network(self.seed, self.target.account, self.target.region, self.interfaces)

    def between(self, begin: float, end: float) -> Records:
        """The records whose intervals end after `begin` and until `end` (epoch seconds); the same for the same times.

        Two times that follow each other give each record once.
        """
        window = max(1, ceil(end) - ceil(begin))
        rng = generator(self.seed, self.target.account, self.target.region, "live", begin, end)
        a_second = self.records_per_minute / 60 * self.speed
        accepted = a_second * (1 - self.reject_share) / ACCEPTED_RECORDS_EACH
        rejected = a_second * self.reject_share
        everyday = everyday_records(
            self.network,
            rng,
            accepted=_passed(begin, end, accepted),
            rejects=range(
                int(begin % 86_400 * rejected), int(begin % 86_400 * rejected) + _passed(begin, end, rejected)
            ),
            window_end=int(end),
            window_seconds=window,
            aggregation_seconds=self.aggregation_seconds,
        )
        noise = ~everyday.accepted & np.isin(everyday.dstport, self.quiet_ports)
        parts = [everyday.take(~noise)]
        if int(end // self._interval) > int(begin // self._interval):
            parts.append(self.idle_interfaces(end))
        for day in {_day(begin), _day(end)}:
            scenes = _scenes(self, day)
            parts += [scenes.take((scenes.end > begin) & (scenes.end <= end))] if scenes is not None else []
        return concatenate(parts)

    def idle_interfaces(self, now: float) -> Records:
        """NODATA of the idle interfaces for the last interval that has ended by now."""
        idle = np.array(self.network.interfaces("idle"), dtype=np.int64)
        last = np.full(len(idle), int(now // self._interval) * self._interval, dtype=np.int64)
        return without_traffic(idle, NODATA, last - self._interval, last)

    @property
    def _interval(self) -> int:
        return max(1, round(self.aggregation_seconds / self.speed))


def _passed(begin: float, end: float, a_second: float) -> int:
    """How many of a steady stream of events come between two times: none is lost between calls."""
    return int(end * a_second) - int(begin * a_second)


def _day(moment: float) -> date:
    return datetime.fromtimestamp(moment, UTC).date()


@lru_cache(maxsize=4)
def _scenes(traffic: LiveTraffic, day: date) -> Records | None:
    if not traffic.incidents:
        return None
    return concatenate(
        play(
            traffic.network,
            day,
            traffic.incidents,
            seed=traffic.seed,
            aggregation_seconds=traffic.aggregation_seconds,
        )[1]
    )
