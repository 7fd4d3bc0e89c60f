"""The local AWS as a process: ready when it says so, one port, state that outlives it."""

import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import LOCAL_AWS_PYTHON, ROOT

pytestmark = pytest.mark.integration


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(LOCAL_AWS_PYTHON), "-m", "local_aws", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_a_port_in_use_is_named_with_the_way_out(local_aws, tmp_path):
    answer = serve("--port", str(local_aws.port), "--data", str(tmp_path))
    assert answer.returncode == 1
    assert f"cannot listen on 127.0.0.1:{local_aws.port}" in answer.stderr
    assert "--port" in answer.stderr


def test_two_servers_never_share_a_data_folder(local_aws):
    answer = serve("--port", "0", "--data", str(local_aws.data))
    assert answer.returncode == 1
    assert str(local_aws.data) in answer.stderr
    assert "--data" in answer.stderr


def state_of(server) -> dict[str, object]:
    s3, glue, sns = server.client("s3"), server.client("glue"), server.client("sns")
    athena = server.client("athena")
    return {
        "object": s3.get_object(Bucket="kept", Key="a/b c/é.txt")["Body"].read(),
        "listing": [entry["Key"] for entry in s3.list_objects_v2(Bucket="kept", Prefix="a/")["Contents"]],
        "databases": sorted(entry["Name"] for entry in glue.get_databases()["DatabaseList"]),
        "topics": [entry["TopicArn"] for entry in sns.list_topics()["Topics"]],
        "queries": athena.list_query_executions()["QueryExecutionIds"],
    }


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + 30
    while not file.exists():
        assert time.monotonic() < deadline, f"{file} was not written"
        time.sleep(0.2)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_state_survives_a_restart(own_local_aws, end):
    s3 = own_local_aws.client("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="a/b c/é.txt", Body=b"bytes")
    own_local_aws.client("glue").create_database(DatabaseInput={"Name": "kept"})
    own_local_aws.client("athena").start_query_execution(
        QueryString="SHOW DATABASES", ResultConfiguration={"OutputLocation": "s3://kept/results/"}
    )
    own_local_aws.client("sns").create_topic(Name="kept")
    before = state_of(own_local_aws)
    if end == "kill":
        wait_for(own_local_aws.data / "state" / "sns.json")  # MiniStack's own state is saved every few seconds
    getattr(own_local_aws, end)()
    own_local_aws.start()
    assert state_of(own_local_aws) == before
    assert before["listing"] == ["a/b c/é.txt"]
    assert len(before["topics"]) == 1
