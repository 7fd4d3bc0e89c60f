"""The fire drill, whole, on a healthy path and on broken ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.integration.airflow_process import Airflow, running_airflow
from tests.integration.alarm_stack import AlarmStack

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def stack(local_aws, tmp_path_factory) -> Iterator[AlarmStack]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in local_aws.connection.items():
            monkeypatch.setenv(name, value)
        stack = AlarmStack(local_aws, tmp_path_factory.mktemp("drill"))
        stack.build()
        yield stack
        stack.endpoint.close()


@pytest.fixture(scope="module")
def airflow(stack, local_aws, tmp_path_factory) -> Iterator[Airflow]:
    environ = {**local_aws.connection, "FLOWLOGS_CONFIG": str(stack.file)}
    home = tmp_path_factory.mktemp("airflow_of_drills") / "airflow"
    with running_airflow(home, ROOT / "dags" / "alarm_drill.py", environ) as airflow:
        yield airflow


def name_of(arn: str) -> str:
    return arn.rpartition(":")[2]


def test_a_healthy_path_is_measured_and_the_alarm_set_back(airflow, stack):
    name = stack.wanted.alarms[0].name
    stack.cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="test")
    run = airflow.run("alarm_drill", alarm=name, timeout=60)
    assert run.state == "success", run.log[-3000:]
    (arrived,) = run.returned("follow_message")
    assert set(arrived) == {f"sqs:{name_of(stack.drill_queue)}", f"lambda:{name_of(stack.function)}"}
    assert all(0 <= seconds < 60 for seconds in arrived.values())
    alarm = stack.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert alarm["StateValue"] == "OK"
    (report,) = run.returned("report_drill")
    assert (report["alarm"], report["passed"], report["missing"]) == (name, True, [])


def test_subscribers_that_it_does_not_reach_are_named_and_the_alarm_set_back(airflow, stack):
    name = stack.wanted.alarms[1].name
    stack.fail_function(True)
    stack.unsubscribe(stack.drill_queue)
    run = airflow.run("alarm_drill", alarm=name, timeout=10)
    stack.fail_function(False)
    stack.subscribe("sqs", stack.drill_queue)
    assert run.state == "failed"
    assert run.states("restore_alarm") == ["success"]
    assert run.states("report_drill") == ["failed"]
    assert f"lambda:{name_of(stack.function)}" in run.log
    assert f"sqs:{name_of(stack.drill_queue)}" in run.log
    alarm = stack.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert alarm["StateValue"] != "ALARM"


def test_an_alarm_that_is_none_is_refused_with_those_there_are(airflow, stack):
    run = airflow.run("alarm_drill", alarm="nothing")
    assert run.state == "failed"
    assert f"CloudWatch has no alarm 'nothing'; the settings' are {stack.wanted.alarms[0].name}" in run.log
