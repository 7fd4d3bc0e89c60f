"""Where values come from: the file, the environment over it, the caller's mapping over both; and reading anew."""

import os

import pytest

from flowlogs.settings import SettingsError, load_settings
from tests.unit.flowlogs.smallest_settings import section, source


def problems(load, values, **layers):
    with pytest.raises(SettingsError) as raised:
        load(values, **layers)
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("variable", "value", "read"),
    [
        ("FLOWLOGS__ENVIRONMENT", "prod", lambda settings: settings.environment == "prod"),
        ("FLOWLOGS__ATHENA__WORK_GROUP", "security", lambda settings: settings.athena.work_group == "security"),
        ("FLOWLOGS__ATHENA__BYTES_SCANNED_CUTOFF", "20GB", lambda s: s.athena.bytes_scanned_cutoff == 20 * 10**9),
        ("FLOWLOGS__ARRIVAL__POLL_SECONDS", "7", lambda settings: settings.arrival.poll_seconds == 7),
        ("FLOWLOGS__CHECKS__MAX_NODATA_SHARE", "0.5", lambda settings: settings.checks.max_nodata_share == 0.5),
        ("FLOWLOGS__SCHEDULE__CATCHUP", "true", lambda settings: settings.schedule.catchup is True),
        ("FLOWLOGS__SCHEDULE__START_DATE", "2026-05-01", lambda s: s.schedule.start_date.month == 5),
        ("FLOWLOGS__SOURCES__0__BUCKET", "real-logs", lambda settings: settings.sources[0].bucket == "real-logs"),
        ("FLOWLOGS__SOURCES__0__PREFIX", "2026", lambda settings: settings.sources[0].prefix == "2026/"),
        ("FLOWLOGS__SOURCES__0__ACCOUNTS", '["012345670123"]', lambda s: s.sources[0].accounts == ("012345670123",)),
        ("FLOWLOGS__SOURCES__0__ACCOUNTS__0", "012345670123", lambda s: s.sources[0].accounts == ("012345670123",)),
        (
            "FLOWLOGS__SOURCES__0__REGIONS__1",
            "eu-west-1",
            lambda settings: settings.sources[0].regions == ("us-east-1", "eu-west-1"),
        ),
        (
            "FLOWLOGS__SOURCES__1",
            '{"name": "b", "table": "b", "bucket": "logs-b", "targets": ["111122223333/us-east-1"]}',
            lambda settings: [source.name for source in settings.sources] == ["network", "b"],
        ),
        ("FLOWLOGS__ARRIVAL", '{"on_timeout": "continue"}', lambda s: s.arrival.on_timeout == "continue"),
        ("FLOWLOGS__NOTIFICATIONS__SNS_TOPIC_ARN", "null", lambda s: s.notifications.sns_topic_arn is None),
        ("FLOWLOGS__ATHENA__DATABASE", '"quoted"', lambda settings: settings.athena.database == "quoted"),
    ],
)
def test_the_environment_goes_over_the_file(load, variable, value, read):
    settings = load(section(), environ={variable: value})
    assert read(settings)
    assert settings.lake.bucket == "lake"


def test_the_environment_alone_can_give_a_whole_section(load):
    settings = load(
        section(lake=None, sources=None),
        environ={
            "FLOWLOGS__LAKE__BUCKET": "lake-2",
            "FLOWLOGS__SOURCES__0__NAME": "a",
            "FLOWLOGS__SOURCES__0__BUCKET": "logs-a",
            "FLOWLOGS__SOURCES__0__TARGETS__0": "111122223333/us-east-1",
        },
    )
    assert (settings.lake.bucket, settings.sources[0].name) == ("lake-2", "a")


def test_a_section_from_the_environment_comes_before_its_parts(load):
    environ = {"FLOWLOGS__ARRIVAL__POLL_SECONDS": "9", "FLOWLOGS__ARRIVAL": '{"poll_seconds": 8, "concurrency": 3}'}
    settings = load(section(), environ=environ)
    assert (settings.arrival.poll_seconds, settings.arrival.concurrency) == (9, 3)


def test_list_items_from_the_environment_come_by_number(load):
    environ = {f"FLOWLOGS__SOURCES__0__ACCOUNTS__{number}": f"1111222233{number:02d}" for number in range(12)}
    assert len(load(section(), environ=environ).targets()) == 12


def test_the_callers_mapping_goes_over_the_environment(load):
    settings = load(
        section(arrival={"poll_seconds": 1, "concurrency": 1, "timeout_hours": 1}),
        environ={"FLOWLOGS__ARRIVAL__POLL_SECONDS": "2", "FLOWLOGS__ARRIVAL__CONCURRENCY": "2"},
        overrides={"arrival": {"poll_seconds": 3}, "sources": {"0": {"bucket": "logs-3"}}},
    )
    arrival = settings.arrival
    assert (arrival.poll_seconds, arrival.concurrency, arrival.timeout_hours) == (3, 2, 1)
    assert settings.sources[0].bucket == "logs-3"


def test_a_list_given_whole_replaces_the_list(load):
    settings = load(section(), overrides={"sources": [source(name="only")]})
    assert [source.name for source in settings.sources] == ["only"]


def test_other_variables_are_not_settings(load):
    assert load(section(), environ={"FLOWLOGS_CONFIG": "x", "FLOWLOGS": "y", "PATH": "z"}).environment == "test"


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        (
            "FLOWLOGS__ATHENA__DATABSE",
            "x",
            "athena.databse = 'x' (from the environment variable FLOWLOGS__ATHENA__DATABSE): is not a setting; did you "
            "mean 'database'?",
        ),
        (
            "FLOWLOGS__SOURCES__0__ACCOUNTS",
            "[1",
            "sources[0].accounts = '[1' (from the environment variable FLOWLOGS__SOURCES__0__ACCOUNTS): is not JSON "
            "(Expecting ',' delimiter at character 3); quote it, or correct the JSON",
        ),
        (
            "FLOWLOGS__SOURCES__2__BUCKET",
            "x",
            "sources[2] (from the environment variable FLOWLOGS__SOURCES__2__BUCKET): there is no item 2 in "
            "sources; the next new one is 1",
        ),
        (
            "FLOWLOGS__SOURCES__NETWORK__BUCKET",
            "x",
            "sources.network (from the environment variable FLOWLOGS__SOURCES__NETWORK__BUCKET): sources is a list; "
            "write the position of an item after it, from 0",
        ),
        (
            "FLOWLOGS__SOURCES__0__REGIONS",
            '["mars"]',
            "sources[0].regions[0] = 'mars' (from the environment variable FLOWLOGS__SOURCES__0__REGIONS): 'mars' is "
            "not a known AWS region; ",
        ),
        (
            "FLOWLOGS__SCHEDULE",
            "5",
            "schedule = '5' (from the environment variable FLOWLOGS__SCHEDULE): must be a section: keys with values",
        ),
    ],
)
def test_a_problem_names_the_variable_it_came_from(load, variable, value, message):
    (found,) = problems(load, section(), environ={variable: value})
    assert found.startswith(message)


def test_a_problem_names_the_airflow_variable(load):
    (found,) = problems(load, section(), overrides={"lake": {"bucket": "X"}})
    assert found.startswith("lake.bucket = 'X' (from the Airflow Variable flowlogs): is not an S3 bucket's name")


def test_an_airflow_variable_that_is_no_object_is_refused(load):
    (found,) = problems(load, section(), overrides=["x"])
    assert found.startswith(
        "the settings = ['x'] (from the Airflow Variable flowlogs): must be a JSON object of sections"
    )
    assert load(section(), overrides={}).environment == "test"


def test_yaml_anchors_and_merges_work(load):
    settings = load(
        "environment: test\n"
        "athena: {output_location: 's3://lake/athena/'}\n"
        "lake: {bucket: lake}\n"
        "sources:\n"
        "  - &first {name: a, bucket: logs-a, accounts: [111122223333], regions: [us-east-1]}\n"
        "  - {<<: *first, name: b, table: b, bucket: logs-b}\n"
    )
    assert [target.account for target in settings.source("b").targets()] == ["111122223333"]


def test_a_file_that_is_not_there_says_how_to_get_one(tmp_path):
    missing = tmp_path / "none.yaml"
    with pytest.raises(SettingsError) as raised:
        load_settings(missing, environ={})
    assert str(raised.value) == (
        f"{missing}: 1 problem\n"
        "  the settings: cannot be read (No such file or directory); make it from the include/config/flowlogs.yaml of "
        "this repository, or name another file in the environment variable FLOWLOGS_CONFIG"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the settings: holds no keys; the shipped include/config/flowlogs.yaml shows them all"),
        ("- a\n- b\n", "the settings: holds no keys;"),
        ("a: 1\nb: [1, 2\nc: 3\n", "the settings: is not YAML at line 3, column 2:"),
        (
            "lake:\n  bucket: one\n  prefix: x\n  bucket: two\n",
            "the settings: is not YAML at line 4, column 3: the key 'bucket' stands twice in this section;",
        ),
        (
            "a: !!python/object/apply:os.getcwd []\n",
            "the settings: is not YAML at line 1, column 4: could not determine",
        ),
    ],
)
def test_a_file_that_is_no_settings_file_is_refused(load, text, message):
    (found,) = problems(load, text)
    assert found.startswith(message)


def test_bytes_that_are_no_text_are_refused(file):
    file.write_bytes(b"environment: \xff\xfe")
    with pytest.raises(SettingsError, match=r"is not UTF-8 text \(byte 13\); save it in UTF-8"):
        load_settings(file, environ={})


def test_settings_are_kept_until_something_changes(load, file):
    first = load(section())
    assert load_settings(file, {}) is first
    assert load_settings(file, {"PATH": "elsewhere"}) is first
    assert load_settings(file, {"FLOWLOGS__ENVIRONMENT": "prod"}) is not first
    assert load_settings(file, {}, {"environment": "prod"}) is not first

    changed = load(section(environment="changed"))
    assert changed.environment == "changed"


def test_settings_are_read_anew_when_a_file_of_targets_changes(load, file, tmp_path):
    rows = tmp_path / "targets.csv"
    rows.write_text("account,region\n111122223333,us-east-1\n")
    first = load(section(sources=[source(accounts=None, regions=None, targets_file="targets.csv")]))
    assert load_settings(file, {}) is first

    rows.write_text("account,region\n222233334444,us-east-1\n")
    os.utime(rows, ns=(1, 1))
    assert [target.account for target in load_settings(file, {}).targets()] == ["222233334444"]

    rows.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(file, {})
