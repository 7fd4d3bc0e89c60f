"""Settings: what is valid, what is refused, and what the refusal says."""

from datetime import date

import pytest
from pydantic import ValidationError

from flowlogs.settings import DEFAULT_FILE, SettingsError, Target, load_settings, settings_file
from tests.unit.flowlogs.smallest_settings import section, source


def problem(load, values, **layers):
    """The one problem that these values have, as it is written below the file's name."""
    with pytest.raises(SettingsError) as raised:
        load(values, **layers)
    assert len(raised.value.problems) == 1, str(raised.value)
    return str(raised.value.problems[0])


def test_the_smallest_settings_have_defaults_for_the_rest(load):
    settings = load(section())
    assert settings.athena.database == "flowlogs"
    assert settings.arrival.on_timeout == "fail"
    assert settings.checks.max_skipdata_share == 0.01
    assert settings.notifications.sns_topic_arn is None
    assert settings.sources[0].table == "vpc_flow_logs"
    assert settings.targets() == (Target("network", "111122223333", "us-east-1"),)


def test_settings_do_not_change(load):
    settings = load(section())
    with pytest.raises(ValidationError, match="frozen"):
        settings.environment = "other"
    with pytest.raises(ValidationError, match="frozen"):
        settings.sources[0].bucket = "other"
    with pytest.raises(TypeError):
        settings.sources[0].extra_fields["x"] = "int"


def test_values_are_taken_in_their_usual_spellings(load):
    settings = load(
        section(
            athena={"output_location": "s3://lake/athena", "bytes_scanned_cutoff": "500GB"},
            lake={"bucket": "lake", "prefix": "team/flow"},
            sources=[source(accounts=[111122223333], prefix="net")],
            schedule={"start_date": date(2026, 3, 1)},
        )
    )
    assert settings.athena.output_location == "s3://lake/athena/"
    assert settings.athena.bytes_scanned_cutoff == 500_000_000_000
    assert settings.lake.location_of("flow_daily") == "s3://lake/team/flow/flow_daily/"
    assert settings.lake.ledger_location == "s3://lake/team/flow/flow_runs/"
    assert settings.sources[0].accounts == ("111122223333",)
    assert settings.sources[0].prefix == "net/"
    assert settings.schedule.start_date == date(2026, 3, 1)


def test_a_source_is_found_by_name(load):
    settings = load(section())
    assert settings.source("network") is settings.sources[0]
    with pytest.raises(KeyError, match="no source 'netwrok'; there are network"):
        settings.source("netwrok")


def test_a_source_knows_its_table_and_places(load):
    chosen = load(
        section(
            sources=[source(prefix="net", layout="hive-hourly", file_format="parquet", log_format="${end} ${vpc-id}")]
        )
    ).sources[0]
    target = chosen.targets()[0]
    assert chosen.raw_columns == (("end", "bigint"), ("vpc_id", "string"))
    assert chosen.record_version == 3
    assert chosen.table_location == "s3://logs/net/AWSLogs/"
    folder = "net/AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=us-east-1"
    day = f"{folder}/year=2026/month=11/day=05/"
    assert chosen.day_prefix(target, date(2026, 11, 5)) == day
    assert chosen.day_prefix(target, date(2026, 11, 5), 3) == f"{day}hour=03/"
    assert chosen.partition_location(target, date(2026, 11, 5)) == f"s3://logs/{day}"
    assert str(target) == "network/111122223333/us-east-1"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"environment": None}, "environment: is missing; add it. Short name of this deployment, such as prod;"),
        (
            {"environment": "Prod"},
            "environment = 'Prod': is not a usable name; begin with a lower-case letter, then lower-case letters, "
            "digits and underscores",
        ),
        ({"environment": 7}, "environment = 7: must be text (put it in quotes). Short name of this deployment"),
        ({"athena": None}, "athena: is missing; add it. Where queries run and what they may cost."),
        ({"athena": {}}, "athena.output_location: is missing; add it. Where Athena writes results"),
        ({"athena": "x"}, "athena = 'x': must be a section: keys with values below it. Where queries run"),
        ({"lake": {"bucket": "x y z"}}, "lake.bucket = 'x y z': is not an S3 bucket's name; use 3 to 63 lower-case"),
        ({"lake": {"bucket": "10.0.0.1"}}, "lake.bucket = '10.0.0.1': is not an S3 bucket's name, because it is an IP"),
        ({"lake": {"bucket": "a..b"}}, "lake.bucket = 'a..b': is not an S3 bucket's name;"),
        ({"lakee": {}}, "lakee = {}: is not a setting; did you mean 'lake'?"),
        ({"qqq": 1}, "qqq = 1: is not a setting; remove it, or use one of environment, extra_regions, aws,"),
        ({"sources": []}, "sources: is empty; give at least one source"),
        ({"sources": None}, "sources: is missing; add it. The flow logs to process"),
        ({"sources": {"name": "x"}}, "sources = {'name': 'x'}: must be a list. The flow logs to process"),
        ({"aws": {"region": "us-esat-1"}}, "aws.region = 'us-esat-1': 'us-esat-1' is not a known AWS region; did you"),
        ({"aws": {"conn_id": ""}}, "aws.conn_id = '': must have at least 1 character. Airflow connection to AWS."),
        ({"checks": {"max_nodata_share": 2}}, "checks.max_nodata_share = 2: must be less than or equal to 1. Largest"),
        ({"checks": {"max_nodata_share": -1}}, "checks.max_nodata_share = -1: must be greater than or equal to 0."),
        ({"arrival": {"poll_seconds": "soon"}}, "arrival.poll_seconds = 'soon': must be a whole number. Seconds"),
        ({"arrival": {"poll_seconds": 0}}, "arrival.poll_seconds = 0: must be greater than 0. Seconds between"),
        ({"arrival": {"quiet_minutes": -5}}, "arrival.quiet_minutes = -5: must be greater than 0. Minutes"),
        (
            {"arrival": {"on_timeout": "continu"}},
            "arrival.on_timeout = 'continu': must be one of fail, continue; did you mean 'continue'?",
        ),
        ({"schedule": {"start_date": "soon"}}, "schedule.start_date = 'soon': must be a valid date"),
        ({"schedule": {"catchup": "maybe"}}, "schedule.catchup = 'maybe': must be true or false. Run every day"),
        (
            {"notifications": {"sns_topic_arn": "flowlogs"}},
            "notifications.sns_topic_arn = 'flowlogs': is not an SNS topic's ARN; write arn:aws:sns:",
        ),
        ({"extra_regions": ["Mars"]}, "extra_regions[0] = 'Mars': is not spelled as a region is; write it as"),
    ],
)
def test_a_refused_setting_is_named_with_value_and_remedy(load, changes, message):
    assert problem(load, section(**changes)).startswith(message)


@pytest.mark.parametrize(
    ("athena", "message"),
    [
        ({"output_location": "lake/athena/"}, "athena.output_location = 'lake/athena/': is not an S3 location; write"),
        ({"output_location": "s3://"}, "athena.output_location = 's3://': is not an S3 location; write s3://bucket/"),
        ({"output_location": "s3://A/"}, "athena.output_location = 's3://A/': is not an S3 bucket's name; use"),
        ({"output_location": "s3://lake/it's/"}, "is not a usable key prefix; use letters, digits and !_.*()/=+@-"),
        ({"database": "vpc-logs"}, "athena.database = 'vpc-logs': is not a usable name; begin with a lower-case"),
        ({"database": "x; DROP TABLE y"}, "athena.database = 'x; DROP TABLE y': is not a usable name;"),
        ({"databse": "x"}, "athena.databse = 'x': is not a setting; did you mean 'database'?"),
        ({"work_group": "a b"}, "athena.work_group = 'a b': is not a work group's name; use up to 128 letters,"),
        (
            {"bytes_scanned_cutoff": "1MB"},
            "athena.bytes_scanned_cutoff = '1MB': must be greater than or equal to 10000000",
        ),
        ({"bytes_scanned_cutoff": "much"}, "athena.bytes_scanned_cutoff = 'much': could not parse value and unit"),
        ({"price_per_tb_usd": -1}, "athena.price_per_tb_usd = -1: must be greater than or equal to 0. Price"),
        ({"price_per_tb_usd": float("nan")}, "athena.price_per_tb_usd = nan: must be a finite number. Price"),
    ],
)
def test_a_refused_athena_setting(load, athena, message):
    assert message in problem(load, section(athena={"output_location": "s3://lake/athena/", **athena}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": None}, "sources[0].name: is missing; add it. Name of the source in the UI"),
        ({"name": "my-logs"}, "sources[0].name = 'my-logs': is not a usable name; begin with a lower-case letter"),
        (
            {"table": "flow_runs"},
            "sources[0].table = 'flow_runs': is a table of the pipeline's own (flow_records, flow_g",
        ),
        ({"table": "Logs"}, "sources[0].table = 'Logs': is not a usable name;"),
        (
            {"layout": "hourlyy"},
            "sources[0].layout = 'hourlyy': must be one of default, hourly, hive, hive-hourly; did",
        ),
        ({"file_format": "csv"}, "sources[0].file_format = 'csv': must be one of text, parquet"),
        (
            {"prefix": "/net"},
            "sources[0].prefix = '/net': is not a usable key prefix; write it without a leading slash",
        ),
        ({"prefix": "a//b"}, "sources[0].prefix = 'a//b': is not a usable key prefix; write it without"),
        ({"prefix": "a'b"}, 'sources[0].prefix = "a\'b": is not a usable key prefix; use letters, digits and'),
        (
            {"prefix": "net/AWSLogs/"},
            "sources[0].prefix = 'net/AWSLogs/': goes too far; give only what stands before AWSLogs/, or leave",
        ),
        (
            {"log_format": "${acount-id}"},
            "sources[0].log_format = '${acount-id}': 'acount-id' is not a flow log field; did you mean 'account-id'?",
        ),
        (
            {"extra_fields": {"srcaddr": "string"}},
            "sources[0].extra_fields: extra field 'srcaddr' exists already; remove it from extra_fields",
        ),
        (
            {"accounts": ["12345678910"]},
            "sources[0].accounts[0] = '12345678910': is not an AWS account id; write its 12 digits in quotes, "
            "leading zeros too",
        ),
        ({"accounts": [12345678]}, "sources[0].accounts[0] = 12345678: is not an AWS account id; write its 12 digits"),
        ({"accounts": [True]}, "sources[0].accounts[0] = True: must be text"),
        ({"accounts": ["111122223333"] * 2}, "sources[0].accounts: names '111122223333' twice; remove one"),
        ({"regions": ["us-east-1"] * 2}, "sources[0].regions: names 'us-east-1' twice; remove one"),
        (
            {"regions": ["eu-west-1", "eu-wst-2"]},
            "sources[0].regions[1] = 'eu-wst-2': 'eu-wst-2' is not a known AWS region; did you mean 'eu-west-2'? "
            "a region newer than the list goes into extra_regions",
        ),
        ({"regions": None}, "sources[0]: has accounts but no regions; targets are each account with each region"),
        ({"accounts": []}, "sources[0]: has regions but no accounts; targets are each account with each region"),
        (
            {"accounts": None, "regions": None},
            "sources[0]: has no targets; give accounts and regions, targets or targets_file, and see what exclude",
        ),
        ({"exclude": ["*/us-east-1"]}, "sources[0]: has no targets;"),
        ({"exclude": ["*/*"]}, "sources[0].exclude: '*/*' excludes everything; remove the source instead"),
        (
            {"exclude": ["us-east-1"]},
            "sources[0].exclude: [0]: 'us-east-1' is not a target; write account/region, where",
        ),
        (
            {"targets": ["111122223333:us-east-1"]},
            "sources[0].targets: [0]: '111122223333:us-east-1' is not a target; write account/region, such as "
            "'111122223333/us-east-1'",
        ),
        (
            {"targets": ["222233334444/us-east-1", "222233334444/us-east-1"]},
            "sources[0].targets: [1]: '222233334444/us-east-1' stands twice; remove one",
        ),
        ({"targets_listed": []}, "sources[0].targets_listed = []: is not a setting; did you mean 'targets_file'?"),
        ({"expected_flow_logs": 0}, "sources[0].expected_flow_logs = 0: must be greater than 0. Flow logs that every"),
    ],
)
def test_a_refused_source(load, changes, message):
    assert problem(load, section(sources=[source(**changes)])).startswith(message)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ({"table": "b", "prefix": "b"}, "sources[1].name = 'network': sources[0] has the same name; give each source"),
        ({"name": "b", "prefix": "b"}, "sources[1].table = 'vpc_flow_logs': sources[0] has the same table; give each"),
        (
            {"name": "b", "table": "b"},
            "sources[1].prefix = '': sources[0] has targets in the same folders of the bucket, so each would read",
        ),
        (
            {"name": "b", "table": "b", "layout": "hourly"},
            "sources[1].prefix = '': sources[0] has targets in the same folders of the bucket",
        ),
    ],
)
def test_sources_are_told_apart(load, second, message):
    shared = source(name="network", table="vpc_flow_logs")
    assert problem(load, section(sources=[shared, {**source(), **second}])).startswith(message)


@pytest.mark.parametrize(
    "second", [{"prefix": "b"}, {"bucket": "logs-2"}, {"layout": "hive"}, {"regions": ["us-east-2"]}]
)
def test_sources_with_folders_of_their_own_stand_side_by_side(load, second):
    settings = load(section(sources=[source(), source(name="b", table="b", **second)]))
    assert len(settings.targets()) == 2


def test_everything_wrong_is_said_at_once(load, file):
    values = section(
        environment="Prod",
        athena={"databse": "x"},
        sources=[source(layout="hourlyy"), source(accounts=["1"], log_format="${acount-id}")],
        checks={"max_nodata_share": 2},
    )
    with pytest.raises(SettingsError) as raised:
        load(values)
    lines = str(raised.value).splitlines()
    assert lines[0] == f"{file}: 9 problems"
    assert [line.split(" = ")[0].split(": ")[0].strip() for line in lines[1:]] == [
        "environment",
        "athena.output_location",
        "athena.databse",
        "sources[1].name",
        "sources[1].table",
        "sources[0].layout",
        "sources[1].log_format",
        "sources[1].accounts[0]",
        "checks.max_nodata_share",
    ]


def test_a_region_newer_than_the_list_is_declared(load):
    values = section(
        extra_regions=["xx-north-7"],
        aws={"region": "xx-north-7"},
        sources=[source(regions=["xx-north-7"], targets=["222233334444/xx-north-7"])],
    )
    assert [target.region for target in load(values).targets()] == ["xx-north-7", "xx-north-7"]


def test_a_long_value_is_cut(load):
    text = problem(load, section(environment="x y" * 100))
    assert text.startswith("environment = 'x yx y")
    assert "…: is not a usable name;" in text
    assert len(text) < 250


def test_the_file_in_force_is_the_repositorys_or_the_environments():
    assert settings_file({}) == DEFAULT_FILE
    assert str(settings_file({"FLOWLOGS_CONFIG": "/etc/flowlogs.yaml"})) == "/etc/flowlogs.yaml"


def test_the_environment_names_the_file(load, file):
    load(section(environment="elsewhere"))
    assert load_settings(environ={"FLOWLOGS_CONFIG": str(file)}).environment == "elsewhere"
