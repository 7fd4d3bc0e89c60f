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
    thorough look shall say what is missing.
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
        if target not in self._expected:
            self._expected[target] = self._bucket.flow_logs(source, target, self._day - timedelta(days=1))
        expected = self._expected[target]
        at_end = {
            flow_log: self._bucket.newest_file(source, target, flow_log, self._day, since)
            for flow_log in sorted(expected)
        }
        if thorough or all(at_end.values()):
            seen = self._bucket.flow_logs(source, target, self._day)
            for flow_log in seen - expected:
                at_end[flow_log] = self._bucket.newest_file(source, target, flow_log, self._day, since)
            at_end = {flow_log: file for flow_log, file in at_end.items() if flow_log in seen}
        return judge(expected, at_end, day=self._day, arrival=self._arrival, now=now)
