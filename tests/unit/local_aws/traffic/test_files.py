"""The files: their keys, their bytes, and the records in them as the log format declares them."""

import gzip
import ipaddress
import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs import fields as pipeline_fields
from flowlogs.layout import parse_key
from local_aws.traffic import Target, TrafficPlan, each_target
from local_aws.traffic.fields import FIELDS, VERSION_5_LOG_FORMAT
from local_aws.traffic.plan import FILE_FORMATS, LAYOUTS
from tests.unit.local_aws.traffic.reading import all_rows, rows_of, write_into

DAY = date(2026, 11, 20)
TARGETS = each_target(["111122223333", "222233334444"], ["us-east-1", "eu-west-1"])
ALL_FIELDS = " ".join(f"${{{name}}}" for name in FIELDS)
SMALL = {"days": (DAY,), "records_per_day": 300, "incidents": (), "file_minutes": 480}

log_formats = st.lists(st.sampled_from(list(FIELDS)), min_size=1, unique=True)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("file_format", FILE_FORMATS)
def test_the_pipeline_parses_every_key(write, layout, file_format):
    plan = TrafficPlan(
        **SMALL | {"days": (DAY, DAY + timedelta(days=1))},
        targets=TARGETS,
        layout=layout,
        file_format=file_format,
        prefix="network/logs/",
        flow_logs=2,
    )
    _, files = write(plan)
    parsed = [parse_key(key) for key in files]
    expected = {
        (target, flow_log_id, day, hour)
        for target in TARGETS
        for flow_log_id in plan.flow_log_ids(target)
        for day in plan.days
        for hour in (7, 15, 23)
    }
    assert {
        (Target(file.account, file.region), file.flow_log_id, file.day, file.time.hour) for file in parsed
    } == expected
    assert len(files) == len(expected)
    for key, file in zip(files, parsed, strict=True):
        assert file.key == key
        assert file.folder.source_prefix == "network/logs/"
        assert file.file_format == file_format
        assert file.folder.hour == (file.time.hour if layout.endswith("hourly") else None)
        assert file.time == datetime(file.day.year, file.day.month, file.day.day, file.time.hour, 55, tzinfo=UTC)
        assert file.layout == layout


@given(names=log_formats)
@settings(max_examples=25, deadline=None)
def test_text_files_hold_the_fields_of_the_log_format_in_its_order(names):
    log_format = " ".join(f"${{{name}}}" for name in names)
    plan = TrafficPlan(**SMALL, log_format=log_format)
    with TemporaryDirectory() as folder:
        manifest, files = write_into(Path(folder), plan)
    version = str(pipeline_fields.record_version(pipeline_fields.parse_log_format(log_format)))
    lines = 0
    for body in files.values():
        header, *records = gzip.decompress(body).decode().split("\n")[:-1]
        assert header == " ".join(names)
        lines += len(records)
        for record in records:
            values = dict(zip(names, record.split(" "), strict=True))
            assert "" not in values.values()
            assert values.get("version", version) == version
    assert lines == manifest.total("records") > 0


@given(names=log_formats)
@settings(max_examples=10, deadline=None)
def test_parquet_files_hold_the_same_values_as_text_files_with_awss_types(names):
    log_format = " ".join(f"${{{name}}}" for name in names)
    with TemporaryDirectory() as folder:
        _, text = write_into(Path(folder, "text"), TrafficPlan(**SMALL, log_format=log_format))
        _, parquet = write_into(
            Path(folder, "parquet"), TrafficPlan(**SMALL, log_format=log_format, file_format="parquet")
        )
    assert all_rows(parquet) == all_rows(text)
    types = {"int": pa.int32(), "bigint": pa.int64(), "string": pa.string()}
    expected = [(name.replace("-", "_"), types[pipeline_fields.FIELDS[name].hive_type]) for name in names]
    for body in parquet.values():
        schema = pq.read_schema(BytesIO(body))
        assert list(zip(schema.names, schema.types, strict=True)) == expected


@pytest.mark.parametrize("file_format", FILE_FORMATS)
def test_every_value_is_of_its_fields_type(write, file_format):
    _, files = write(TrafficPlan(**SMALL, log_format=ALL_FIELDS, file_format=file_format))
    whole_numbers = {name for name, field in pipeline_fields.FIELDS.items() if field.hive_type != "string"}
    for row in all_rows(files):
        for name in whole_numbers:
            assert re.fullmatch(r"-|[0-9]+", row[name]), (name, row[name])


@pytest.mark.parametrize("name", ["srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr"])
def test_addresses_are_written_in_their_shortest_form(write, name):
    _, files = write(TrafficPlan(**SMALL | {"records_per_day": 3000}, log_format=VERSION_5_LOG_FORMAT))
    addresses = {row[name] for row in all_rows(files) if row["log-status"] == "OK"}
    assert {ipaddress.ip_address(address).version for address in addresses} == {4, 6}
    for address in addresses:
        assert str(ipaddress.ip_address(address)) == address


@pytest.mark.parametrize("file_format", FILE_FORMATS)
def test_the_same_plan_gives_the_same_bytes(write, file_format):
    plan = TrafficPlan(
        **SMALL | {"incidents": ("ssh-brute-force",)},
        targets=TARGETS[:2],
        file_format=file_format,
        late_files=1,
        defects=("milliseconds",),
    )
    (first_manifest, first), (second_manifest, second) = write(plan), write(plan)
    assert first == second
    assert first_manifest.as_json() == second_manifest.as_json()


def test_another_seed_gives_other_bytes_under_other_keys(write):
    (_, one), (_, two) = (write(TrafficPlan(**SMALL, seed=seed)) for seed in (1, 2))
    assert set(one).isdisjoint(two)
    assert set(one.values()).isdisjoint(two.values())


def test_the_bytes_do_not_depend_on_the_number_of_processes(tmp_path):
    plan = TrafficPlan(**SMALL | {"records_per_day": 450_000, "file_minutes": 180}, incident_days={"beaconing": (DAY,)})
    one_manifest, one = write_into(tmp_path / "one", plan)
    two_manifest, two = write_into(tmp_path / "two", plan, workers=2)
    assert one == two
    assert one_manifest.as_json() == two_manifest.as_json()


@given(targets=st.sets(st.sampled_from(TARGETS), min_size=1), days=st.sets(st.integers(0, 3), min_size=1))
@settings(max_examples=10, deadline=None)
def test_a_targets_day_is_the_same_whatever_stands_beside_it(targets, days):
    chosen = [DAY + timedelta(days=day) for day in sorted(days)]
    every = SMALL | {"records_per_day": 100, "file_minutes": 1440}
    with TemporaryDirectory() as folder:
        _, alone = write_into(
            Path(folder, "alone"), TrafficPlan(**every | {"days": tuple(chosen)}, targets=tuple(sorted(targets)))
        )
        _, whole = write_into(
            Path(folder, "whole"),
            TrafficPlan(**every | {"days": tuple(DAY + timedelta(days=day) for day in range(4))}, targets=TARGETS),
        )
    assert len(alone) == len(targets) * len(days)
    assert alone == {key: whole[key] for key in alone}


def test_several_flow_logs_share_the_interfaces_of_a_target(write):
    plan = TrafficPlan(**SMALL, flow_logs=2)
    _, files = write(plan)
    interfaces = {
        flow_log_id: {
            row["interface-id"] for key, body in files.items() if flow_log_id in key for row in rows_of(key, body)
        }
        for flow_log_id in plan.flow_log_ids(plan.targets[0])
    }
    first, second = interfaces.values()
    assert first
    assert second
    assert first.isdisjoint(second)
