"""The settings file of the repository, its documentation, and the command that checks one."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from flowlogs import settings_check, settings_reference
from flowlogs.settings import DEFAULT_FILE, Settings, load_settings
from flowlogs.settings_problems import section_in, setting_keys
from tests.unit.flowlogs.smallest_settings import section, source

ROOT = Path(__file__).parents[3]
ACCOUNTS = ("111122223333", "222233334444", "333344445555", "444455556666")
SAMPLE_REGIONS = ("us-east-1", "eu-west-1", "ap-northeast-2")


def keys_of(model):
    for key, field in setting_keys(model).items():
        yield key
        below = section_in(field.annotation)
        if below is not None:
            yield from keys_of(below)


@pytest.fixture
def shipped() -> Settings:
    return load_settings(DEFAULT_FILE, environ={})


def test_the_shipped_file_explains_every_setting():
    lines = DEFAULT_FILE.read_text().splitlines()
    written = {
        match[1]: number for number, line in enumerate(lines) if (match := re.match(r"[ #-]*\{?([a-z_]+):", line))
    }
    assert set(keys_of(Settings)) - set(written) == set()


def test_the_shipped_sources_are_the_samples(shipped):
    text, parquet = shipped.sources
    for sample in (text, parquet):
        assert (sample.accounts, sample.regions, sample.bucket) == (ACCOUNTS, SAMPLE_REGIONS, "flowlogs-sample-logs")
        assert len(sample.targets()) == 12
    assert (text.table, text.layout, text.file_format, text.record_version) == ("vpc_flow_logs", "default", "text", 2)
    assert (parquet.layout, parquet.file_format, parquet.record_version) == ("hive", "parquet", 5)
    assert len(parquet.fields) == 29


def test_the_shipped_values_are_the_defaults_where_there_are_defaults(shipped):
    for name in ("aws", "schedule", "arrival", "checks", "notifications"):
        chosen = getattr(shipped, name)
        assert chosen == type(chosen)()


def test_the_reference_is_current():
    assert (ROOT / "docs" / "settings.md").read_text() == settings_reference.reference(), (
        "run: PYTHONPATH=plugins python -m flowlogs.settings_reference > docs/settings.md"
    )


def test_the_reference_lists_every_setting():
    written = re.findall(r"^\| `[a-z_\[\].]*?([a-z_]+)` \|", settings_reference.reference(), re.MULTILINE)
    assert sorted(written) == sorted(keys_of(Settings))


def test_the_check_of_a_valid_file_says_what_it_amounts_to(load, file, capsys):
    load(section(sources=[source(prefix="net")]))
    assert settings_check.main([str(file)]) == 0
    assert capsys.readouterr().out == (
        f"{file}: valid, environment 'test'\n"
        "  network: 1 target, version-2 text in the table vpc_flow_logs at s3://logs/net/AWSLogs/\n"
    )


def test_the_check_of_a_wrong_file_prints_the_problems(file, capsys):
    file.write_text("environment: test\n")
    assert settings_check.main([str(file)]) == 1
    assert "sources: is missing; add it." in capsys.readouterr().out


def test_the_check_explains_itself(capsys):
    assert settings_check.main(["--help"]) == 2
    assert "python -m flowlogs.settings_check [file]" in capsys.readouterr().out


def test_settings_need_neither_airflow_nor_boto3():
    code = (
        "import sys, flowlogs.settings, flowlogs.layout; "
        "print(sorted({'airflow', 'boto3', 'botocore', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT / "plugins")}, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr
