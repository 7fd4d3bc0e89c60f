"""Looking at a day's targets again and again until all are complete, asking S3 no more than needed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Protocol

from flowlogs.arrival import NewestFile, end_window, judge
from flowlogs.coverage import Coverage, Incomplete
from flowlogs.settings import Settings
from flowlogs.sources import Source
from flowlogs.targets import Target


class FlowLogBucket(Protocol):
    """What is asked of S3 (see `hooks.flow_log_bucket.FlowLogBucketHook`)."""

    def flow_logs(self, source: Source, target: Target, day: date) -> frozenset[str]:
        """The flow logs with files in a target's day."""
        ...

    def newest_file(
        self, source: Source, target: Target, flow_log: str, day: date, since: datetime
    ) -> NewestFile | None:
        """The newest file of a flow log from `since` on."""
        ...


class ArrivalWatch:
    """The targets of a day, those that are complete not looked at again.

    A look at a waiting target costs one LIST request for each flow log that it is known to have. Which flow logs it
    has is asked once for the day before; for the day itself, only when those known have reached its end, or when a
    thorough look shall say what is missing. A source with `expected_flow_logs` is not asked for the day before, but for
    the day itself until so many are known.
    """

    def __init__(self, settings: Settings, day: date, bucket: FlowLogBucket, sources: tuple[str, ...] = ()) -> None:
        """A watch of all sources, or of those named.

        Raises:
            KeyError: for a source that the settings do not have.
        """
        chosen = [settings.source(name) for name in sources] if sources else list(settings.sources)
        self._arrival = settings.arrival
        self._day = day
        self._bucket = bucket
        self._waiting = {target: source for source in chosen for target in source.targets()}
        self._expected: dict[Target, frozenset[str]] = {}
        self._targets = len(self._waiting)

    def look(self, now: datetime, *, thorough: bool = False) -> Coverage:
        """Look at every waiting target, several at a time; what is known then, with `thorough` for the last time."""
        with ThreadPoolExecutor(self._arrival.concurrency, thread_name_prefix="arrival") as pool:
            verdicts = list(pool.map(lambda target: self._verdict(target, now, thorough), self._waiting))
        incomplete = {
            target: verdict
            for target, verdict in zip(list(self._waiting), verdicts, strict=True)
            if verdict is not None
        }
        self._waiting = {target: self._waiting[target] for target in incomplete}
        return Coverage(self._day, self._targets, incomplete)

    def _verdict(self, target: Target, now: datetime, thorough: bool) -> Incomplete | None:
        source, since = self._waiting[target], end_window(self._day, self._arrival)
        known = self._known(source, target)
        at_end = {
            flow_log: self._bucket.newest_file(source, target, flow_log, self._day, since) for flow_log in sorted(known)
        }
        if thorough or all(at_end.values()):
            seen = self._bucket.flow_logs(source, target, self._day)
            for flow_log in sorted(seen - known):
                at_end[flow_log] = self._bucket.newest_file(source, target, flow_log, self._day, since)
            at_end = {flow_log: file for flow_log, file in at_end.items() if flow_log in seen}
            if source.expected_flow_logs is not None and len(seen) >= source.expected_flow_logs:
                self._expected[target] = seen
        return judge(known, at_end, day=self._day, arrival=self._arrival, now=now, at_least=source.expected_flow_logs)

    def _known(self, source: Source, target: Target) -> frozenset[str]:
        """The flow logs that a target must have on the day, as far as they are known by name."""
        if target not in self._expected:
            self._expected[target] = (
                self._bucket.flow_logs(source, target, self._day - timedelta(days=1))
                if source.expected_flow_logs is None
                else frozenset()
            )
        return self._expected[target]
