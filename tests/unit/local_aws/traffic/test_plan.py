"""What a plan accepts, and what it says to a value that it does not."""

import re
from datetime import UTC, date, datetime

import pytest

from flowlogs import fields as pipeline_fields
from flowlogs import regions as pipeline_regions
from local_aws.traffic import Target, TrafficPlan, each_target
from local_aws.traffic.fields import FIELDS, parse_log_format
from local_aws.traffic.regions import REGIONS

DAY = date(2026, 11, 20)
PARQUET_TYPES = {"int": "INTEGER", "bigint": "BIGINT", "string": "VARCHAR"}


@pytest.mark.parametrize(
    ("argument", "value", "problem"),
    [
        ("days", (), "days: none given; name at least one day"),
        ("days", (DAY, DAY), "days 2026-11-20: given twice"),
        ("targets", (), "targets: none given"),
        ("targets", (Target("12345678901", "us-east-1"),), "account '12345678901': an AWS account id has 12 digits"),
        ("targets", (Target("１23456789012", "us-east-1"),), "an AWS account id has 12 digits"),
        ("targets", (Target("123456789012", "us-moon-1"),), "region 'us-moon-1': known are us-east-1, "),
        ("targets", each_target(["123456789012"] * 2, ["us-east-1"]), "targets 123456789012/us-east-1: given twice"),
        ("prefix", "logs", "prefix 'logs': empty, or folders that each end with a slash"),
        ("prefix", "/logs/", "prefix '/logs/'"),
        ("layout", "daily", "layout 'daily': known are default, hourly, hive, hive-hourly"),
        ("file_format", "orc", "file format 'orc': known are text, parquet"),
        ("log_format", "", "log format: no fields"),
        ("log_format", "version", "log format: 'version' is not of the form ${field-name}"),
        ("log_format", "${version} ${moon}", "log format: unknown field 'moon'; known are version, "),
        ("log_format", "${start} ${start}", "log format: field 'start' is named twice"),
        ("records_per_day", -1, "records per day -1: at least 0"),
        ("interfaces", 29, "interfaces 29: at least 30"),
        ("interfaces", 2001, "interfaces 2001: at most 2000"),
        ("flow_logs", 0, "flow logs 0: at least 1"),
        ("file_minutes", 7, "file minutes 7: a multiple of 5 that divides a day"),
        ("file_minutes", 0, "file minutes 0: at least 5"),
        ("aggregation_seconds", 300, "aggregation seconds 300: AWS has 60 and 600"),
        ("incidents", ("moon-landing",), "incident 'moon-landing': known are repeated-http, "),
        ("incident_days", {"moon-landing": (DAY,)}, "incident 'moon-landing'"),
        ("incident_every", 0, "incident every 0: at least 1"),
        ("late_files", 288, "late files 288: fewer than the 288 files of a day"),
        ("lateness_minutes", 0, "lateness minutes 0: at least 1"),
        ("deliver", "never", "deliver 'never': known are all, on-time, late"),
        ("defects", ("rust",), "defect 'rust': known are repeated-header, "),
        ("seed", -1, "seed -1: at least 0"),
    ],
)
def test_a_wrong_argument_is_named_with_its_value_and_what_is_allowed(argument, value, problem):
    with pytest.raises(ValueError, match=re.escape(problem)):
        TrafficPlan(**{"days": (DAY,), argument: value})


def test_a_parquet_file_cannot_have_a_defect_of_text():
    with pytest.raises(ValueError, match="'double-space': files in the format parquet cannot have it"):
        TrafficPlan(days=(DAY,), file_format="parquet", defects=("double-space",))


def test_targets_are_every_account_in_every_region():
    assert each_target(["111122223333", "222233334444"], iter(["us-east-1", "eu-west-1"])) == (
        Target("111122223333", "us-east-1"),
        Target("111122223333", "eu-west-1"),
        Target("222233334444", "us-east-1"),
        Target("222233334444", "eu-west-1"),
    )


@pytest.mark.parametrize(("file_minutes", "files"), [(5, 288), (60, 24), (1440, 1)])
def test_the_last_file_of_a_day_is_named_five_minutes_before_midnight(file_minutes, files):
    plan = TrafficPlan(days=(DAY,), file_minutes=file_minutes)
    assert plan.slots == files
    assert plan.slot_time(DAY, files - 1) == datetime(2026, 11, 20, 23, 55, tzinfo=UTC)


def test_the_first_file_of_a_day_is_named_midnight_when_files_come_every_five_minutes():
    assert TrafficPlan(days=(DAY,)).slot_time(DAY, 0) == datetime(2026, 11, 20, 0, 0, tzinfo=UTC)


def test_flow_logs_have_the_same_ids_every_day_and_others_for_each_target_and_format():
    target, neighbour = each_target(["111122223333"], ["us-east-1", "eu-west-1"])
    plan = TrafficPlan(days=(DAY,), targets=(target, neighbour), flow_logs=3)
    ids = plan.flow_log_ids(target)
    assert len(set(ids)) == 3
    assert list(ids) == sorted(ids)
    assert set(ids).isdisjoint(plan.flow_log_ids(neighbour))
    parquet = TrafficPlan(days=(DAY,), targets=(target,), flow_logs=3, file_format="parquet")
    assert set(ids).isdisjoint(parquet.flow_log_ids(target))
    later = TrafficPlan(days=(date(2027, 1, 1),), targets=(target,), flow_logs=3)
    assert later.flow_log_ids(target) == ids


def test_the_generators_fields_are_those_of_the_pipeline():
    assert {field.name: (field.version, field.parquet_type, field.column) for field in FIELDS.values()} == {
        field.name: (field.version, PARQUET_TYPES[field.hive_type], field.column)
        for field in pipeline_fields.FIELDS.values()
    }


def test_log_formats_read_as_the_pipeline_reads_them():
    text = "${start} ${reject-reason} ${vpc-id}"
    assert [field.name for field in parse_log_format(text)] == [
        field.name for field in pipeline_fields.parse_log_format(text)
    ]


def test_traffic_can_be_made_for_every_region_that_settings_can_name():
    assert set(REGIONS) == set(pipeline_regions.REGIONS)
