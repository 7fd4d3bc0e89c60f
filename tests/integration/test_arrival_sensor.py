"""The arrival sensor, its trigger and its hook wait for flow logs in a bucket of the local AWS."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
import yaml
from airflow.sdk.exceptions import AirflowFailException, AirflowSensorTimeout, TaskDeferred

from flowlogs.arrival_watch import ArrivalWatch
from flowlogs.coverage import Coverage
from flowlogs.hooks.flow_log_bucket import FlowLogBucketHook
from flowlogs.layout import object_key
from flowlogs.sensors.arrival import FlowLogArrivalSensor
from flowlogs.settings import load_settings
from flowlogs.targets import Target
from flowlogs.triggers.arrival import FlowLogArrivalTrigger
from tests.unit.flowlogs.smallest_settings import section, source

pytestmark = pytest.mark.integration

ACCOUNT, REGION = "111122223333", "us-east-1"
TARGET = Target("network", ACCOUNT, REGION)
DAY = date(2026, 11, 20)
BEFORE = DAY - timedelta(days=1)
A, B = "fl-0a1b2c3d4e5f60718", "fl-0f1e2d3c4b5a69788"
NO_QUIET = 0.00001
"""Minutes: the files of the tests are as young as the tests."""


class Logs:
    """A bucket of flow logs, and settings that say so; `arrival` changes them."""

    def __init__(self, local_aws, tmp_path, monkeypatch):
        self.bucket = local_aws.bucket("flowlogs")
        self.s3 = local_aws.client("s3")
        self.layout = "default"
        self._file, self._setenv = tmp_path / "flowlogs.yaml", monkeypatch.setenv
        self.arrival(quiet_minutes=NO_QUIET)

    def arrival(self, **values):
        changes = {"bucket": self.bucket, "layout": self.layout}
        self._file.write_text(yaml.safe_dump(section(sources=[source(**changes)])))
        for name, value in values.items():
            self._setenv(f"FLOWLOGS__ARRIVAL__{name.upper()}", str(value))
        self.settings = load_settings()

    def put(self, flow_log, *times, unique="0a1b2c3d"):
        keys = [
            object_key("", self.layout, ACCOUNT, REGION, flow_log, time, f"{unique}{number:06d}", "text")
            for number, time in enumerate(times)
        ]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"x"), keys))

    def put_day(self, day, *flow_logs, until=(23, 55)):
        """Files of noon and of the day's end."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        for flow_log in flow_logs:
            self.put(flow_log, midnight.replace(hour=11), midnight.replace(hour=until[0], minute=until[1]))


@pytest.fixture
def logs(local_aws, tmp_path, monkeypatch):
    for name, value in local_aws.connection.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FLOWLOGS_CONFIG", str(tmp_path / "flowlogs.yaml"))
    monkeypatch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: None)
    return Logs(local_aws, tmp_path, monkeypatch)


@pytest.fixture
def hook(logs):
    hook = FlowLogBucketHook(aws_conn_id="aws_default")
    hook.connect()
    return hook


def sensor(**changes):
    return FlowLogArrivalSensor(**{"task_id": "arrival", "day": DAY.isoformat(), "poke_interval": 0.01, **changes})


def events_of(trigger):
    async def collect():
        return [event.payload async for event in trigger.run()]

    return asyncio.run(collect())


def trigger_until(deadline):
    return FlowLogArrivalTrigger(
        day=DAY.isoformat(), sources=[], aws_conn_id="aws_default", deadline=deadline.isoformat()
    )


def reason(result):
    return Coverage.from_json(result).reason_of(TARGET)


LAYOUTS = ["default", "hourly", "hive", "hive-hourly"]


class TestTheHook:
    def test_a_day_of_3000_files_costs_three_list_requests(self, logs, hook):
        """The ids of the day before, the newest file, the ids of the day: none depends on the number of files."""
        logs.put_day(BEFORE, A)
        midnight = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
        logs.put(A, *(midnight + timedelta(minutes=5 * (number % 288)) for number in range(3000)))
        assert ArrivalWatch(logs.settings, DAY, hook).look(datetime.now(UTC)).is_complete
        assert hook.list_calls == 3

    def test_a_second_look_at_one_that_waits_costs_one(self, logs, hook):
        logs.put_day(BEFORE, A)
        logs.put_day(DAY, A, until=(12, 0))
        watch = ArrivalWatch(logs.settings, DAY, hook)
        watch.look(datetime.now(UTC))
        before = hook.list_calls
        watch.look(datetime.now(UTC))
        assert hook.list_calls - before == 1

    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_the_flow_logs_of_a_day(self, logs, hook, layout):
        logs.layout = layout
        logs.arrival()
        logs.put_day(DAY, A, until=(3, 0))
        logs.put_day(DAY, B)
        logs.put_day(BEFORE, "fl-00000001")
        folder = logs.settings.sources[0].day_prefix(TARGET, DAY)
        for other in ("notes.txt", f"{ACCOUNT}_vpcflowlogs_{REGION}_notes_1"):
            logs.s3.put_object(Bucket=logs.bucket, Key=f"{folder}{other}", Body=b"x")
        assert hook.flow_logs(logs.settings.sources[0], TARGET, DAY) == {A, B}

    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_the_newest_file_of_a_flow_log(self, logs, hook, layout):
        logs.layout = layout
        logs.arrival()
        logs.put_day(DAY, A)
        logs.put_day(DAY, B, until=(23, 40))
        where = logs.settings.sources[0], TARGET

        def found(flow_log, since):
            return hook.newest_file(*where, flow_log, DAY, since)

        assert found(A, datetime(2026, 11, 20, 23, 45, tzinfo=UTC)).time == datetime(2026, 11, 20, 23, 55, tzinfo=UTC)
        assert found(A, datetime(2026, 11, 20, 22, 10, tzinfo=UTC)).time == datetime(2026, 11, 20, 23, 55, tzinfo=UTC)
        assert found(B, datetime(2026, 11, 20, 23, 45, tzinfo=UTC)) is None
        assert found("fl-00000001", datetime(2026, 11, 20, 23, 45, tzinfo=UTC)) is None


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("deferrable", [True, False])
def test_a_day_that_is_there_is_decided_at_once(logs, layout, deferrable):
    logs.layout = layout
    logs.arrival()
    for day in (BEFORE, DAY):
        logs.put_day(day, A, B)
    result = sensor(deferrable=deferrable).execute({"ti": started()})
    assert result == {"day": "2026-11-20", "targets": 1, "incomplete": []}


def started(hours_ago=0.0):
    """A task instance as a worker has it, as far as the sensor asks it."""
    return SimpleNamespace(
        start_date=datetime.now(UTC) - timedelta(hours=hours_ago), task_reschedule_count=0, try_number=1, run_id="run"
    )


class TestInTheTriggerer:
    @pytest.fixture
    def deferred(self, logs):
        """What the sensor hands over when a flow log of the day before has not reached the day's end."""
        logs.put_day(BEFORE, A, B)
        logs.put_day(DAY, A)
        logs.put_day(DAY, B, until=(12, 0))
        logs.arrival(poll_seconds=1, timeout_hours=6)
        with pytest.raises(TaskDeferred) as deferred:
            sensor().execute({"ti": started()})
        return deferred.value

    def test_what_airflow_keeps_of_it_is_small_and_json(self, deferred):
        path, arguments = deferred.trigger.serialize()
        assert path == "flowlogs.triggers.arrival.FlowLogArrivalTrigger"
        assert len(json.dumps(arguments)) < 200
        again = FlowLogArrivalTrigger(**json.loads(json.dumps(arguments)))
        assert again.serialize() == (path, arguments)

    def test_the_deadline_is_the_settings_patience_from_now(self, deferred):
        left = datetime.fromisoformat(deferred.trigger.deadline) - datetime.now(UTC)
        assert timedelta(hours=5) < left <= timedelta(hours=6)

    def test_it_goes_on_when_the_last_file_has_come(self, logs, deferred):
        async def wait():
            event = asyncio.ensure_future(anext(deferred.trigger.run()))
            await asyncio.to_thread(logs.put, B, datetime(2026, 11, 20, 23, 50, tzinfo=UTC))
            return (await event).payload

        payload = asyncio.run(wait())
        assert sensor().execute_complete({}, payload) == {"day": "2026-11-20", "targets": 1, "incomplete": []}

    def test_the_last_look_says_what_is_missing(self, logs):
        logs.put_day(BEFORE, A, B)
        logs.put_day(DAY, A)
        (payload,) = events_of(trigger_until(datetime.now(UTC)))
        assert reason(payload["coverage"]) == f"no file of {B}, which wrote the day before"

    def test_a_restarted_trigger_does_not_wait_anew(self, logs):
        """Its deadline is a time in the past: one look, one event."""
        logs.arrival(poll_seconds=3600)
        (payload,) = events_of(trigger_until(datetime.now(UTC) - timedelta(hours=1)))
        assert reason(payload["coverage"]) == "no file of the day, nor of the day before"

    def test_an_event_without_coverage_fails_for_good(self, logs):
        with pytest.raises(AirflowFailException, match="the arrival trigger ended without a coverage: None"):
            sensor().execute_complete({}, None)


class TestADayThatStaysIncomplete:
    @pytest.fixture
    def ended(self, logs):
        """Ends of the wait, in the triggerer and in the worker."""
        logs.put_day(BEFORE, A)

        def in_triggerer():
            (payload,) = events_of(trigger_until(datetime.now(UTC)))
            return sensor().execute_complete({}, payload)

        def in_worker():
            return sensor(deferrable=False).execute({"ti": started(hours_ago=7)})

        return {"triggerer": in_triggerer, "worker": in_worker}

    @pytest.mark.parametrize("where", ["triggerer", "worker"])
    def test_fails_with_the_reason_and_the_way_out(self, logs, ended, where):
        logs.arrival(on_timeout="fail", timeout_hours=6)
        with pytest.raises(AirflowSensorTimeout) as failed:
            ended[where]()
        assert str(failed.value) == (
            f"2026-11-20: 0 of 1 targets complete; 1 missing: {TARGET} (no file of the day; the day before had {A}). "
            "Waited 6.0 hours (arrival.timeout_hours); clear this task to wait again, or set arrival.on_timeout to "
            "continue to go on with what is there."
        )

    @pytest.mark.parametrize("where", ["triggerer", "worker"])
    def test_goes_on_with_what_is_there_when_the_settings_say_so(self, logs, ended, where):
        logs.arrival(on_timeout="continue", timeout_hours=6)
        result = ended[where]()
        assert Coverage.from_json(result).status_of(TARGET) == "missing"
        assert reason(result) == f"no file of the day; the day before had {A}"


def test_in_the_worker_it_pokes_until_the_day_is_complete(logs):
    logs.put_day(BEFORE, A)
    waiting = sensor(deferrable=False)
    assert not waiting.poke({"ti": started()}).is_done
    logs.put_day(DAY, A)
    poked = waiting.poke({"ti": started()})
    assert (poked.is_done, poked.xcom_value) == (True, {"day": "2026-11-20", "targets": 1, "incomplete": []})


def test_files_younger_than_the_quiet_minutes_are_waited_for(logs):
    logs.put_day(DAY, A)
    logs.arrival(quiet_minutes=60)
    assert not sensor(deferrable=False).poke({"ti": started()}).is_done


def test_the_airflow_variable_goes_over_the_settings(logs, monkeypatch):
    logs.put_day(DAY, A)
    logs.arrival(quiet_minutes=60)
    text = json.dumps({"arrival": {"quiet_minutes": NO_QUIET}})
    monkeypatch.setattr("flowlogs.airflow_settings.Variable.get", lambda *_, **__: text)
    assert sensor(deferrable=False).poke({"ti": started()}).is_done


@pytest.mark.parametrize("deferrable", [True, False])
def test_a_day_that_is_none_fails_for_good(logs, deferrable):
    with pytest.raises(AirflowFailException, match="day='20 November' is no day; write YYYY-MM-DD"):
        sensor(day="20 November", deferrable=deferrable).execute({"ti": started()})
