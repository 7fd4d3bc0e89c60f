"""Looking at a day's targets until all are complete: what each look asks of the bucket, and what it says."""

import threading
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest

from flowlogs.arrival import newest
from flowlogs.arrival_watch import ArrivalWatch
from flowlogs.coverage import COMPLETE
from flowlogs.targets import Target
from tests.unit.flowlogs.smallest_settings import section, source

DAY = date(2026, 11, 22)
BEFORE = DAY - timedelta(days=1)
NOON, NIGHT = datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 22, 23, 55, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
A, B = "fl-0000000a", "fl-0000000b"
ONE, TWO = Target("network", "111122223333", "us-east-1"), Target("network", "222233334444", "us-east-1")


class Bucket:
    """A bucket in memory that remembers what it was asked."""

    def __init__(self) -> None:
        self.files = defaultdict(list)
        self.asked = []
        self._lock = threading.Lock()

    def put(self, flow_log, time, *, target=ONE, modified=None):
        self.files[target, time.date(), flow_log].append((time, modified or time + timedelta(minutes=5)))

    def flow_logs(self, source, target, day):
        self._note("ids", target, day)
        return frozenset(flow_log for where, on, flow_log in self.files if (where, on) == (target, day))

    def newest_file(self, source, target, flow_log, day, since):
        self._note("newest", target, flow_log)
        return newest(file for file in self.files.get((target, day, flow_log), []) if file[0] >= since)

    def _note(self, *question):
        with self._lock:
            self.asked.append(question)

    def questions(self):
        """What was asked since the last time this was asked."""
        asked, self.asked = self.asked, []
        return asked


@pytest.fixture
def bucket():
    return Bucket()


@pytest.fixture
def watch(load, bucket):
    def of(*sources, **changes):
        settings = load(section(sources=list(sources) or [source(**changes)]))
        return ArrivalWatch(settings, DAY, bucket)

    return of


def on_the_day_before(bucket, *flow_logs, target=ONE):
    for flow_log in flow_logs:
        bucket.put(flow_log, NIGHT - timedelta(days=1), target=target)


def test_a_complete_target_costs_three_questions(watch, bucket):
    on_the_day_before(bucket, A)
    bucket.put(A, NIGHT)
    coverage = watch().look(NOW)
    assert coverage.is_complete
    assert (coverage.day, coverage.targets) == (DAY, 1)
    assert bucket.questions() == [("ids", ONE, BEFORE), ("newest", ONE, A), ("ids", ONE, DAY)]


def test_a_target_that_is_complete_is_not_asked_for_again(watch, bucket):
    on_the_day_before(bucket, A)
    on_the_day_before(bucket, A, target=TWO)
    bucket.put(A, NIGHT)
    both = watch(accounts=[ONE.account, TWO.account])
    first = both.look(NOW)
    assert (first.targets, set(first.incomplete)) == (2, {TWO})
    bucket.questions()
    second = both.look(NOW)
    assert (second.targets, set(second.incomplete)) == (2, {TWO})
    assert second.status_of(ONE) == COMPLETE
    assert {question[1] for question in bucket.questions()} == {TWO}
    bucket.put(A, NIGHT, target=TWO)
    assert both.look(NOW).is_complete
    bucket.questions()
    assert both.look(NOW).is_complete
    assert bucket.questions() == []


def test_a_look_at_a_waiting_target_with_one_flow_log_costs_one_question(watch, bucket):
    """The day before is asked once, the day itself only when the flow log has reached its end."""
    on_the_day_before(bucket, A)
    bucket.put(A, NOON)
    waiting = watch()
    waiting.look(NOW)
    assert bucket.questions() == [("ids", ONE, BEFORE), ("newest", ONE, A)]
    for _ in range(3):
        coverage = waiting.look(NOW)
        assert bucket.questions() == [("newest", ONE, A)]
    assert (coverage.status_of(ONE), coverage.reason_of(ONE)) == ("partial", f"{A} has no file since 23:45")


def test_a_thorough_look_says_what_is_missing(watch, bucket):
    """A quick look cannot tell a flow log that is late from one that wrote nothing at all."""
    on_the_day_before(bucket, A, B)
    bucket.put(A, NIGHT)
    waiting = watch()
    assert waiting.look(NOW).reason_of(ONE) == f"{B} has no file since 23:45"
    thorough = waiting.look(NOW, thorough=True)
    assert (thorough.status_of(ONE), thorough.reason_of(ONE)) == (
        "partial",
        f"no file of {B}, which wrote the day before",
    )


def test_a_target_without_any_file_of_the_day_is_missing(watch, bucket):
    on_the_day_before(bucket, A)
    thorough = watch().look(NOW, thorough=True)
    assert (thorough.status_of(ONE), thorough.reason_of(ONE)) == (
        "missing",
        f"no file of the day; the day before had {A}",
    )


def test_files_that_are_too_young_make_the_day_wait(watch, bucket):
    on_the_day_before(bucket, A)
    bucket.put(A, NIGHT, modified=NOW - timedelta(minutes=4))
    waiting = watch()
    assert waiting.look(NOW).reason_of(ONE) == "files came 4 minutes ago"
    assert waiting.look(NOW + timedelta(minutes=11)).is_complete


def test_a_late_file_with_an_old_name_makes_the_day_wait_too(watch, bucket):
    on_the_day_before(bucket, A)
    bucket.put(A, NIGHT)
    bucket.put(A, NIGHT - timedelta(minutes=5), modified=NOW)
    assert watch().look(NOW).reason_of(ONE) == "files came 0 minutes ago"


@pytest.mark.parametrize(
    ("newest_of_b", "verdict"), [(NIGHT, ("complete", "")), (NOON, ("partial", f"{B} has no file since 23:45"))]
)
def test_a_flow_log_that_began_on_the_day_counts_too(watch, bucket, newest_of_b, verdict):
    on_the_day_before(bucket, A)
    bucket.put(A, NIGHT)
    bucket.put(B, newest_of_b)
    coverage = watch().look(NOW)
    assert (coverage.status_of(ONE), coverage.reason_of(ONE)) == verdict


@pytest.mark.parametrize(
    ("newest_file", "verdict"),
    [
        (NIGHT, ("complete", "")),
        (NOON, ("partial", f"{A} has no file since 23:45")),
        (None, ("missing", "no file of the day, nor of the day before")),
    ],
)
def test_the_first_day_ever_goes_by_the_flow_logs_of_the_day(watch, bucket, newest_file, verdict):
    if newest_file is not None:
        bucket.put(A, newest_file)
    coverage = watch().look(NOW)
    assert (coverage.status_of(ONE), coverage.reason_of(ONE)) == verdict


def test_an_empty_day_before_is_asked_once(watch, bucket):
    waiting = watch()
    for _ in range(3):
        waiting.look(NOW)
    assert bucket.questions().count(("ids", ONE, BEFORE)) == 1


def test_a_set_number_of_flow_logs_stands_for_those_of_the_day_before(watch, bucket):
    """One that was deleted is not waited for; one that is yet to come is."""
    on_the_day_before(bucket, A, B, "fl-0000000c")
    bucket.put(A, NIGHT)
    waiting = watch(expected_flow_logs=2)
    coverage = waiting.look(NOW)
    assert coverage.reason_of(ONE) == f"1 of 2 flow logs have files: {A}"
    bucket.put(B, NIGHT)
    assert waiting.look(NOW).is_complete
    assert ("ids", ONE, BEFORE) not in bucket.questions()


def test_once_the_set_number_is_known_by_name_a_look_costs_a_question_for_each(watch, bucket):
    bucket.put(A, NOON)
    bucket.put(B, NIGHT)
    waiting = watch(expected_flow_logs=2)
    waiting.look(NOW)
    bucket.questions()
    assert waiting.look(NOW).reason_of(ONE) == f"{A} has no file since 23:45"
    assert bucket.questions() == [("newest", ONE, A), ("newest", ONE, B)]


def test_the_sources_to_watch_can_be_named(load, bucket):
    settings = load(
        section(sources=[source(), source(name="edge", table="edge", prefix="edge/", regions=["eu-west-1"])])
    )
    coverage = ArrivalWatch(settings, DAY, bucket, ("edge",)).look(NOW)
    assert list(coverage.incomplete) == [Target("edge", ONE.account, "eu-west-1")]
    assert ArrivalWatch(settings, DAY, bucket).look(NOW).targets == 2
    with pytest.raises(KeyError, match="no source 'egde'; there are network, edge"):
        ArrivalWatch(settings, DAY, bucket, ("egde",))


def test_what_the_bucket_raises_is_raised(watch, bucket):
    def closed(*question):
        raise PermissionError("access denied")

    bucket.flow_logs = closed
    with pytest.raises(PermissionError, match="access denied"):
        watch().look(NOW)
