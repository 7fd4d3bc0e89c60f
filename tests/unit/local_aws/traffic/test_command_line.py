"""`python -m local_aws.traffic` as a person calls it."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from local_aws.traffic.__main__ import main
from tests.conftest import ROOT, free_port
from tests.unit.local_aws.traffic.reading import all_rows, files_in

DAY = ["--days", "2026-11-20", "--records-per-day", "200", "--file-minutes", "480"]


def test_a_call_writes_files_and_manifest_and_prints_a_summary(tmp_path):
    manifest_file = tmp_path / "answers" / "manifest.json"
    command = [sys.executable, "-m", "local_aws.traffic", "--days", "2026-11-19..2026-11-20", "2026-11-22"]
    options = shlex.split(
        "--accounts 111122223333 222233334444 --regions us-east-1 eu-west-1 --layout hive-hourly --format parquet "
        "--prefix logs/ --records-per-day 200 --file-minutes 480 --seed 9 --incidents ssh-brute-force "
        "--late-files 1 --defects all --workers 2"
    )
    place = ["--log-format", "${start} ${end} ${account-id}", "--folder", str(tmp_path / "bucket")]
    done = subprocess.run(
        [*command, *options, *place, "--manifest", str(manifest_file)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    files = files_in(tmp_path / "bucket")
    manifest = json.loads(manifest_file.read_text())
    spoilt = {file["key"] for file in manifest["defects"]}
    assert len(files) == manifest["totals"]["files"] == 3 * 4 * (3 + 6)
    assert all(key.startswith("logs/AWSLogs/aws-account-id=") and key.endswith(".log.parquet") for key in files)
    rows = all_rows(files, leaving_out=spoilt)
    assert len(rows) == manifest["totals"]["records"]
    assert {tuple(row) for row in rows} == {("start", "end", "account-id")}
    assert {day["day"] for day in manifest["days"]} == {"2026-11-19", "2026-11-20", "2026-11-22"}
    assert {incident["kind"] for incident in manifest["planted"]} == {"ssh-brute-force"}
    assert manifest["plan"]["seed"] == 9
    assert len(manifest["late"]) == 3 * 4
    records = manifest["totals"]["records"] + manifest["totals"]["defective_records"]
    assert f"{len(files)} files, {records:,} records, {manifest['totals']['size']:,} bytes in " in done.stdout
    assert "records/s)" in done.stdout
    assert "planted: 12 incidents, 24 near misses; 12 late files, 72 files with defects" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--days", "tomorrow", "--folder", "x"], "--days 'tomorrow': write YYYY-MM-DD, or YYYY-MM-DD..YYYY-MM-DD"),
        (["--days", "2026-11-20..2026-11-19", "--folder", "x"], "the last day is before the first"),
        ([*DAY, "--folder", "x", "--regions", "moon-1"], "region 'moon-1': known are us-east-1, "),
        ([*DAY, "--folder", "x", "--accounts", "12"], "account '12': an AWS account id has 12 digits"),
        ([*DAY, "--folder", "x", "--targets", "12"], "--targets '12': write account/region, such as"),
        (
            [*DAY, "--folder", "x", "--targets", "111122223333/us-east-1", "--regions", "us-east-1"],
            "leave --accounts and --regions out",
        ),
        ([*DAY, "--folder", "x", "--layout", "weekly"], "argument --layout: invalid choice: 'weekly' (choose from "),
        ([*DAY, "--folder", "x", "--seed", "a"], "argument --seed: invalid int value: 'a'"),
        ([*DAY, "--folder", "x", "--log-format", "${moon}"], "log format: unknown field 'moon'; known are "),
        (
            [*DAY, "--folder", "x", "--incidents", "none", "beaconing"],
            "--incidents none beaconing: 'none' stands alone",
        ),
        ([*DAY, "--folder", "x", "--defects", "rust"], "defect 'rust': known are repeated-header, "),
        ([*DAY, "--folder", "x", "--workers", "0"], "workers 0: at least 1"),
        ([*DAY, "--folder", "x", "--bucket", "y"], "argument --bucket: not allowed with argument --folder"),
        (DAY, "one of the arguments --folder --bucket is required"),
        (["--folder", "x"], "the following arguments are required: --days"),
    ],
)
def test_a_wrong_argument_ends_with_exit_code_2_and_names_the_way_out(capsys, arguments, problem):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert problem in capsys.readouterr().err


def test_what_is_not_given_is_as_in_a_plan(tmp_path):
    assert main(["--days", "2026-11-20", "--folder", str(tmp_path / "logs"), "--manifest", str(tmp_path / "m")]) == 0
    plan = json.loads((tmp_path / "m").read_text())["plan"]
    assert plan["targets"] == [{"account": "123456789012", "region": "us-east-1"}]
    assert (plan["layout"], plan["file_format"], plan["records_per_day"], plan["seed"]) == (
        "default",
        "text",
        20_000,
        1,
    )
    assert plan["defects"] == []
    assert len(plan["incidents"]) == 18


def test_single_targets_stand_in_place_of_accounts_and_regions(tmp_path):
    targets = ["111122223333/us-east-1", "222233334444/eu-west-1"]
    assert main([*DAY, "--folder", str(tmp_path), "--targets", *targets]) == 0
    assert {"/".join(key.split("/")[1:4:2]) for key in files_in(tmp_path)} == set(targets)


def test_a_place_that_cannot_be_written_to_is_named(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main([*DAY, "--folder", str(tmp_path / "file")]) == 1
    assert f"python -m local_aws.traffic: folder {tmp_path / 'file'}: " in capsys.readouterr().err


def test_an_endpoint_that_does_not_answer_is_named(capsys, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    url = f"http://127.0.0.1:{free_port()}"
    assert main([*DAY, "--bucket", "logs", "--endpoint-url", url]) == 1
    assert f"bucket logs at {url}: Could not connect to the endpoint URL" in capsys.readouterr().err


def test_the_local_awss_environment_is_enough(tmp_path: Path):
    python = str(ROOT / ".venv-local-aws/bin/python")
    command = [python, "-m", "local_aws.traffic", *DAY, "--format", "parquet", "--folder", str(tmp_path / "a")]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert main([*DAY, "--format", "parquet", "--folder", str(tmp_path / "b")]) == 0
    assert files_in(tmp_path / "a") == files_in(tmp_path / "b")
