"""Running a plan: each target's days are generated, counted, packed and handed to the sink.

The work is cut into blocks (a target, a day, some of its files) that know nothing of each other, so that
processes can share them and memory holds one file at a time.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil

import numpy as np

from .defects import UNKNOWN_COLUMN, spoil_text
from .files import ParquetWriter, gzipped, object_key
from .incidents import Planted
from .manifest import DayTotals, DefectiveFile, LateFile, Manifest
from .network import Network, network
from .plan import Target, TrafficPlan
from .records import NODATA, SKIPDATA, Numbers, Records, concatenate, without_traffic
from .scenes import REJECT_SPIKE, SCENES, SPIKE_EVERY, in_turn, play
from .seeding import generator
from .sinks import Sink, Writer
from .text import header_line, record_lines
from .workload import ACCEPTED_RECORDS_EACH, activity, everyday_records, reject_factor

REJECT_SHARE = 0.15
"""The part of a target's records that are rejects."""

SPIKE, NEAR_SPIKE = 1.3, 0.1
"""What a reject spike, and its near miss, add to a day's rejects, relative to the average."""

DELIVERY_DELAY = timedelta(minutes=10)
_SKIPDATA_A_DAY = 6
_BLOCK_RECORDS = 200_000
_EXCHANGES_AT_ONCE = 2_000
_RECORDS_A_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of work: some of the files of one target's day."""

    target: Target
    day: date
    slots: range


@dataclass(slots=True)
class BlockResult:
    """What became of a block. `planted` comes with the block of the day's first file."""

    totals: DayTotals
    planted: list[Planted] = field(default_factory=list)
    late: list[LateFile] = field(default_factory=list)
    defects: list[DefectiveFile] = field(default_factory=list)


Progress = Callable[[DayTotals, float], None]
"""Called after each block with what the block wrote, and the part of the work that is done (0 to 1)."""


def write_traffic(plan: TrafficPlan, sink: Sink, *, workers: int = 1, progress: Progress | None = None) -> Manifest:
    """Write the plan's files to the sink, in `workers` processes, and return the account of it.

    Raises: whatever the sink's endpoint or file system raises; what was written by then stays.
    """
    blocks = list(_blocks(plan))
    results: dict[Block, BlockResult] = {}
    for block, result in _run(plan, sink, blocks, workers):
        results[block] = result
        if progress:
            progress(result.totals, len(results) / len(blocks))
    manifest = Manifest(plan)
    for block in blocks:
        result = results[block]
        if block.slots.start == 0:
            manifest.totals.append(result.totals)
        else:
            manifest.totals[-1].add(result.totals)
        manifest.planted += result.planted
        manifest.late += result.late
        manifest.defects += result.defects
    return manifest


def _blocks(plan: TrafficPlan) -> Iterator[Block]:
    """All work, a target's day in one piece unless it is large."""
    pieces = min(plan.slots, ceil(max(plan.records_per_day, 1) / _BLOCK_RECORDS))
    step = ceil(plan.slots / pieces)
    for day in plan.days:
        for target in plan.targets:
            for first in range(0, plan.slots, step):
                yield Block(target, day, range(first, min(first + step, plan.slots)))


def _run(plan: TrafficPlan, sink: Sink, blocks: Sequence[Block], workers: int) -> Iterator[tuple[Block, BlockResult]]:
    if workers == 1 or len(blocks) == 1:
        writer = sink.open()
        try:
            for block in blocks:
                yield block, _write_block(plan, writer, block)
        finally:
            writer.close()
        return
    # Forked processes would inherit locks that threads of this one hold.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(_write_block_alone, plan, sink, block): block for block in blocks}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _write_block_alone(plan: TrafficPlan, sink: Sink, block: Block) -> BlockResult:
    writer = sink.open()
    try:
        return _write_block(plan, writer, block)
    finally:
        writer.close()


def _write_block(plan: TrafficPlan, writer: Writer, block: Block) -> BlockResult:
    day = _TargetDay(plan, block.target, block.day)
    files = _Files(plan, block.target, block.day, day.network, writer)
    late_slots = _late_slots(plan, block.target, block.day)
    try:
        for slot in block.slots:
            if plan.deliver == "all" or (slot in late_slots) == (plan.deliver == "late"):
                files.write(slot, day.records(slot), late=slot in late_slots)
        if block.slots.start == 0 and plan.deliver != "late":
            files.write_defects(day)
    finally:
        files.close()
    if block.slots.start == 0:
        files.result.planted = day.planted
    return files.result


def _late_slots(plan: TrafficPlan, target: Target, day: date) -> set[int]:
    """The files that come late: never the day's last, by which a reader knows the day's end."""
    rng = generator(plan.seed, target.account, target.region, day, "late")
    return {int(slot) for slot in rng.permutation(plan.slots - 1)[: plan.late_files]}


class _TargetDay:
    """The traffic of one target on one day, file by file."""

    def __init__(self, plan: TrafficPlan, target: Target, day: date) -> None:
        self._plan = plan
        self._target = target
        self._day = day
        self.network: Network = network(plan.seed, target.account, target.region, plan.interfaces)
        self.planted, scenes = play(
            self.network,
            day,
            [kind for kind in SCENES if self._due(kind)],
            seed=plan.seed,
            aggregation_seconds=plan.aggregation_seconds,
        )
        self._incidents = concatenate(scenes) if scenes else None
        self._rejects = round(plan.records_per_day * REJECT_SHARE * reject_factor(day)) + self._spike()

    def records(self, slot: int) -> Iterator[Records]:
        """The records of one time's files, in chunks."""
        plan = self._plan
        seconds = plan.file_minutes * 60
        end = int(plan.slot_time(self._day, slot).timestamp())
        rng = generator(plan.seed, self._target.account, self._target.region, self._day, "slot", slot)
        mean = plan.records_per_day * (1 - REJECT_SHARE) / plan.slots / ACCEPTED_RECORDS_EACH
        middle = (slot + 0.5) * plan.file_minutes - 5
        accepted = int(mean * activity(self._day, middle, self._target.region) + rng.random())
        first, last = (self._rejects * s // plan.slots for s in (slot, slot + 1))
        chunks = max(1, ceil((accepted + last - first) / _EXCHANGES_AT_ONCE))
        for i in range(chunks):
            yield everyday_records(
                self.network,
                rng,
                accepted=accepted * (i + 1) // chunks - accepted * i // chunks,
                rejects=range(first + (last - first) * i // chunks, first + (last - first) * (i + 1) // chunks),
                window_end=end,
                window_seconds=seconds,
                aggregation_seconds=plan.aggregation_seconds,
            )
        yield self._without_traffic(rng, end, seconds)
        if self._incidents is not None:
            now = (self._incidents.end > end - seconds) & (self._incidents.end <= end)
            yield self._incidents.take(now)

    def more_records(self, purpose: str, slot: int) -> Records:
        """Some more accepted traffic of a file's time, for an extra file."""
        rng = generator(self._plan.seed, self._target.account, self._target.region, self._day, purpose)
        return everyday_records(
            self.network,
            rng,
            accepted=8,
            rejects=range(0),
            window_end=int(self._plan.slot_time(self._day, slot).timestamp()),
            window_seconds=self._plan.file_minutes * 60,
            aggregation_seconds=self._plan.aggregation_seconds,
        )

    def _without_traffic(self, rng: np.random.Generator, end: int, seconds: int) -> Records:
        """NODATA of the idle interfaces for each interval that ended, and now and then SKIPDATA."""
        aggregation = self._plan.aggregation_seconds
        ends = np.arange(end // aggregation * aggregation, end - seconds, -aggregation, dtype=np.int64)
        idle = np.array(self.network.interfaces("idle"), dtype=np.int64)
        nodata_end = np.repeat(ends, len(idle))
        nodata = without_traffic(np.tile(idle, len(ends)), NODATA, nodata_end - aggregation + 1, nodata_end)
        skipped = int(rng.random() < _SKIPDATA_A_DAY / self._plan.slots)
        where: Numbers = rng.integers(0, len(self.network.address) - len(idle), skipped)
        skip_end = np.full(skipped, end - 1, dtype=np.int64)
        return concatenate([nodata, without_traffic(where, SKIPDATA, skip_end - aggregation + 1, skip_end)])

    def _due(self, kind: str, *, days_later: int = 0) -> bool:
        plan = self._plan
        if kind in plan.incident_days:
            return days_later == 0 and self._day in plan.incident_days[kind]
        return kind in plan.incidents and in_turn(
            kind,
            seed=plan.seed,
            account=self._target.account,
            region=self._target.region,
            day=self._day + timedelta(days=days_later),
            every=SPIKE_EVERY if kind == REJECT_SPIKE else plan.incident_every,
        )

    def _spike(self) -> int:
        """The rejects that a spike, or its near miss, adds to the day."""
        spike, near_miss = self._due(REJECT_SPIKE), self._due(REJECT_SPIKE, days_later=SPIKE_EVERY // 2)
        if not (spike or near_miss):
            return 0
        average = self._plan.records_per_day * REJECT_SHARE
        extra = round(average * (SPIKE if spike else NEAR_SPIKE))
        midnight = _midnight(self._day)
        self.planted.append(
            Planted(
                kind=REJECT_SPIKE,
                detection="reject_spike",
                near_miss=not spike,
                note="more background rejects than usual; needs five days before it to compare with",
                day=self._day.isoformat(),
                account=self._target.account,
                region=self._target.region,
                interfaces=(),
                sources=(),
                targets=(),
                ports=(),
                protocol=6,
                actions=("REJECT",),
                first=midnight,
                last=midnight + 86_399,
                count=extra,
                bytes=0,
            )
        )
        return extra


def _midnight(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400


class _Files:
    """Packs records into the files of one target's day and hands them on."""

    def __init__(self, plan: TrafficPlan, target: Target, day: date, net: Network, writer: Writer) -> None:
        self._plan = plan
        self._target = target
        self._day = day
        self._network = net
        self._writer = writer
        self._header = header_line(plan.fields)
        self._parquet = ParquetWriter() if plan.file_format == "parquet" else None
        self._flow_log_ids = plan.flow_log_ids(target)
        self.result = BlockResult(DayTotals(day.isoformat(), target.account, target.region, self._flow_log_ids))

    def close(self) -> None:
        """Free what packing needed."""
        if self._parquet:
            self._parquet.close()

    def write(self, slot: int, chunks: Iterator[Records], *, late: bool) -> None:
        """Write one time's files, one a flow log, more when there are very many records."""
        waiting: list[list[bytes]] = [[] for _ in self._flow_log_ids]
        rows = [0] * len(waiting)
        part = 0
        for records in chunks:
            self.result.totals.count(records, _midnight(self._day))
            for i, lines in enumerate(waiting):
                # Interfaces take turns among the flow logs.
                own = records if len(waiting) == 1 else records.take(records.interface % len(waiting) == i)
                lines.append(record_lines(self._network, self._plan.fields, own))
                rows[i] += len(own)
            if max(rows) >= _RECORDS_A_FILE:
                self._put_all(slot, waiting, part, late=late)
                waiting, rows, part = [[] for _ in waiting], [0] * len(waiting), part + 1
        if part == 0 or any(rows):
            self._put_all(slot, waiting, part, late=late)

    def write_defects(self, day: _TargetDay) -> None:
        """Write the extra files with defects, each at a time of its own."""
        for i, defect in enumerate(self._plan.defects):
            slot = (i * self._plan.slots) // len(self._plan.defects)
            for flow_log_id in self._flow_log_ids:
                self._write_defect(defect, day, slot, flow_log_id)

    def _write_defect(self, defect: str, day: _TargetDay, slot: int, flow_log_id: str) -> None:
        fields = self._plan.fields
        records = day.more_records(f"defect {defect} {flow_log_id}", slot)
        body = record_lines(self._network, fields, records)
        rng = generator(self._plan.seed, flow_log_id, self._day, defect)
        spoilt = spoil_text(defect, self._header, body, fields, rng)
        more_columns = (UNKNOWN_COLUMN,) if defect == "unknown-column" else ()
        packed = self._packed(spoilt.lines[0], spoilt.lines[1:], more_columns)
        count = spoilt.records
        if defect == "truncated-file":
            packed = packed[: len(packed) // 2]
        elif defect == "empty-file":
            packed, count = b"", 0
        key = self._put(slot, flow_log_id, packed, defect, delay=DELIVERY_DELAY)
        self.result.totals.defective_records += count
        self.result.defects.append(DefectiveFile(defect, key, count, spoilt.occurrences, min(spoilt.spoilt, count)))

    def _put_all(self, slot: int, waiting: Sequence[Sequence[bytes]], part: int, *, late: bool) -> None:
        delay = timedelta(minutes=self._plan.lateness_minutes) if late else DELIVERY_DELAY
        for flow_log_id, lines in zip(self._flow_log_ids, waiting, strict=True):
            key = self._put(slot, flow_log_id, self._packed(self._header, lines), str(part), delay=delay)
            if late:
                delivered = self._plan.slot_time(self._day, slot) + delay
                self.result.late.append(LateFile(key, delivered.isoformat()))

    def _packed(self, header: bytes, lines: Sequence[bytes], more_columns: Sequence[str] = ()) -> bytes:
        if self._parquet:
            return self._parquet.file(self._plan.fields, lines, more_columns=more_columns)
        return gzipped([header, *lines])

    def _put(self, slot: int, flow_log_id: str, packed: bytes, part: str, *, delay: timedelta) -> str:
        time: datetime = self._plan.slot_time(self._day, slot)
        key = object_key(self._plan, self._target, flow_log_id, time, part)
        self._writer.put(key, packed, time + delay)
        self.result.totals.files += 1
        self.result.totals.size += len(packed)
        return key
