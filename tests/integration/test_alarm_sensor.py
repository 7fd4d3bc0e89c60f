"""The hook of CloudWatch alarms and the sensor of their state, on the local AWS."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred

from flowlogs.hooks.alarms import AlarmHook, console_url
from flowlogs.sensors.alarm import AlarmLink, CloudWatchAlarmStateSensor
from flowlogs.triggers.alarm import CloudWatchAlarmStateTrigger

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("airflow_connection")]


@pytest.fixture
def prefix() -> str:
    return f"test-{uuid.uuid4().hex[:10]}-"


@pytest.fixture
def cloudwatch(local_aws):
    return local_aws.client("cloudwatch")


def put_alarm(cloudwatch, name, **more):
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace=f"None/{name}", MetricName="nothing", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold", Statistic="Sum", **more,
    )  # fmt: skip


@pytest.fixture
def alarm(cloudwatch, prefix) -> str:
    put_alarm(cloudwatch, f"{prefix}one", TreatMissingData="ignore")
    return f"{prefix}one"


@pytest.fixture
def hook() -> AlarmHook:
    return AlarmHook(aws_conn_id="aws_default", region_name="us-east-1")


@pytest.fixture
def tagging(local_aws, monkeypatch):
    """A Resource Groups Tagging API that knows alarms: the local AWS's does not."""

    class Answers(BaseHTTPRequestHandler):
        pages: ClassVar[list[list[str]]] = []
        requests: ClassVar[list[dict]] = []

        def do_POST(self):
            request = {"PaginationToken": "", **json.loads(self.rfile.read(int(self.headers["Content-Length"])))}
            self.requests.append(request)
            number = int(request["PaginationToken"] or 0)
            listed = [
                {"ResourceARN": f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{name}"}
                for name in self.pages[number]
            ]
            token = str(number + 1) if number + 1 < len(self.pages) else ""
            body = json.dumps({"ResourceTagMappingList": listed, "PaginationToken": token}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        connection = json.loads(local_aws.connection["AIRFLOW_CONN_AWS_DEFAULT"])
        connection["extra"]["service_config"] = {
            "resourcegroupstaggingapi": {"endpoint_url": f"http://127.0.0.1:{server.server_port}"}
        }
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(connection))
        yield Answers
        server.shutdown()


def sensor(alarm, state="ALARM", **more):
    return CloudWatchAlarmStateSensor(
        task_id="wait",
        alarm_name=alarm,
        target_state=state,
        region_name="us-east-1",
        poke_interval=1,
        timeout=60,
        **more,
    )


class TestTheHook:
    def test_lists_more_alarms_than_a_page_has_both_kinds(self, cloudwatch, hook, prefix):
        for number in range(103):
            put_alarm(cloudwatch, f"{prefix}{number:03d}")
        cloudwatch.put_composite_alarm(AlarmName=f"{prefix}all", AlarmRule=f'ALARM("{prefix}000")')
        found = [alarm["AlarmName"] for alarm in hook.alarms(prefix=prefix)]
        assert sorted(found) == sorted([*(f"{prefix}{number:03d}" for number in range(103)), f"{prefix}all"])
        names = [*found, f"{prefix}missing"]
        assert sorted(alarm["AlarmName"] for alarm in hook.alarms(names=names)) == sorted(found)

    def test_finds_alarms_by_their_tags(self, cloudwatch, hook, prefix, tagging):
        for name in ("a", "b"):
            put_alarm(cloudwatch, f"{prefix}{name}")
        tagging.pages = [[f"{prefix}a"], [f"{prefix}gone"]]
        assert [alarm["AlarmName"] for alarm in hook.alarms(tags={"team": "network"})] == [f"{prefix}a"]
        assert [request["PaginationToken"] for request in tagging.requests] == ["", "1"]
        assert tagging.requests[0]["TagFilters"] == [{"Key": "team", "Values": ["network"]}]
        assert tagging.requests[0]["ResourceTypeFilters"] == ["cloudwatch:alarm"]

    def test_takes_one_of_names_prefix_and_tags(self, hook):
        with pytest.raises(ValueError, match="not several"):
            list(hook.alarms(names=["a"], prefix="b"))

    def test_sets_a_state_with_a_reason_of_any_length_and_tells_its_history(self, hook, alarm):
        since = datetime.now(UTC) - timedelta(minutes=1)
        hook.set_state(alarm, "ALARM", "x" * 2000)
        assert hook.state(alarm) == "ALARM"
        (item,) = hook.history(since=since, item_type="StateUpdate", name=alarm)
        assert item["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"

    def test_says_that_there_is_no_such_alarm(self, hook, prefix):
        with pytest.raises(LookupError, match=f"no alarm '{prefix}none' in us-east-1"):
            hook.state(f"{prefix}none")


class TestTheSensor:
    @pytest.mark.parametrize("deferrable", [True, False])
    def test_ends_at_once_when_the_alarm_is_in_the_state(self, hook, alarm, deferrable):
        hook.set_state(alarm, "ALARM", "test")
        waiting = sensor(alarm, deferrable=deferrable)
        assert waiting.execute({}) is None
        assert AlarmLink().get_link(waiting, ti_key=None) == console_url("us-east-1", alarm)

    def test_pokes(self, hook, alarm):
        waiting = sensor(alarm, deferrable=False)
        assert not waiting.poke({})
        hook.set_state(alarm, "ALARM", "test")
        assert waiting.poke({})

    def test_waits_in_the_triggerer_for_the_state(self, hook, alarm):
        with pytest.raises(TaskDeferred) as deferred:
            sensor(alarm).execute({})
        trigger = restored(deferred.value.trigger)

        async def wait():
            event = asyncio.ensure_future(anext(trigger.run()))
            await asyncio.to_thread(hook.set_state, alarm, "ALARM", "test")
            return (await event).payload

        payload = asyncio.run(wait())
        assert payload == {"status": "success", "alarm_name": alarm}
        sensor(alarm).execute_complete({}, payload)

    def test_waits_for_a_composite_alarm(self, cloudwatch, hook, alarm, prefix):
        cloudwatch.put_composite_alarm(AlarmName=f"{prefix}all", AlarmRule=f'ALARM("{alarm}")')
        assert not sensor(f"{prefix}all", deferrable=False).poke({})
        hook.set_state(alarm, "ALARM", "test")
        (event,) = events_of(trigger(f"{prefix}all"))
        assert event["status"] == "success"

    @pytest.mark.parametrize("deferrable", [True, False])
    def test_fails_for_good_without_the_alarm(self, prefix, deferrable):
        with pytest.raises(AirflowFailException, match=f"no alarm '{prefix}none'"):
            sensor(f"{prefix}none", deferrable=deferrable).execute({})

    def test_fails_when_the_alarm_goes_while_it_waits(self, prefix):
        (event,) = events_of(trigger(f"{prefix}none"))
        with pytest.raises(RuntimeError, match=f"CloudWatch has no alarm '{prefix}none'"):
            sensor(f"{prefix}none").execute_complete({}, event)

    def test_a_state_that_is_none_fails_for_good(self, alarm):
        with pytest.raises(AirflowFailException, match="'RED' is no state; write one of OK, ALARM, INSUFFICIENT_DATA"):
            sensor(alarm, "RED").execute({})


def trigger(alarm):
    return CloudWatchAlarmStateTrigger(
        alarm_name=alarm, target_state="ALARM", waiter_delay=0, waiter_max_attempts=2, region_name="us-east-1"
    )


def restored(trigger):
    """The trigger as the triggerer makes it of what Airflow keeps."""
    path, arguments = trigger.serialize()
    assert path == "flowlogs.triggers.alarm.CloudWatchAlarmStateTrigger"
    return CloudWatchAlarmStateTrigger(**json.loads(json.dumps(arguments)))


def events_of(trigger):
    async def collect():
        return [event.payload async for event in trigger.run()]

    return asyncio.run(collect())


def test_the_console_s_address_of_an_alarm():
    assert console_url("eu-west-1", "a b/ü") == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/a%20b%2F%C3%BC"
    )
