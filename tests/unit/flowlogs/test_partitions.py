"""Which partitions a day has, where they lie, and in how few statements they are registered."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.partitions import LONGEST_STATEMENT_BYTES, Batch, Differences, Partition, batches, expected_partitions
from flowlogs.settings import Settings
from tests.unit.flowlogs.smallest_settings import section, source

DAY = date(2026, 11, 2)
REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-2", "us-gov-west-1"]


def accounts(number):
    return [f"{111122220000 + n}" for n in range(number)]


def of_sources(*sources):
    return Settings.model_validate(section(sources=list(sources)))


@pytest.mark.parametrize(
    ("layout", "location"),
    [
        ("default", "s3://logs/net/AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/11/02/"),
        ("hourly", "s3://logs/net/AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/11/02/"),
        (
            "hive",
            "s3://logs/net/AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=us-east-1/"
            "year=2026/month=11/day=02/",
        ),
        (
            "hive-hourly",
            "s3://logs/net/AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=us-east-1/"
            "year=2026/month=11/day=02/",
        ),
    ],
)
def test_a_partition_is_a_day_of_a_target_whatever_the_layout(layout, location):
    network = of_sources(source(layout=layout, prefix="net/")).source("network")
    assert list(expected_partitions(network, DAY)) == [Partition("2026-11-02", "111122223333", "us-east-1", location)]


def test_the_values_stand_in_the_order_of_the_tables_keys():
    partition = Partition(dt="2026-11-02", aws_account="111122223333", aws_region="us-east-1", location="s3://logs/")
    assert partition.values == ["2026-11-02", "111122223333", "us-east-1"]


def test_a_slice_of_the_targets_in_the_settings_order():
    network = of_sources(source(accounts=accounts(2), regions=REGIONS)).source("network")
    found = list(expected_partitions(network, DAY, 3, 6))
    assert [(partition.aws_account, partition.aws_region) for partition in found] == [
        ("111122220000", "us-gov-west-1"),
        ("111122220001", "us-east-1"),
        ("111122220001", "eu-west-1"),
    ]


@pytest.mark.parametrize(("targets", "statements"), [(4, 2), (400, 2), (4000, 10)])
def test_few_statements_register_a_day(targets, statements):
    planned = batches(of_sources(source(accounts=accounts(targets // 4), regions=REGIONS)), DAY)
    assert len(planned) == statements


def test_each_source_has_statements_of_its_own():
    edge = source(name="edge", table="edge", prefix="edge/", regions=["eu-west-1"])
    assert batches(of_sources(source(regions=REGIONS), edge), DAY) == [
        Batch("network", "vpc_flow_logs", 0, 4),
        Batch("network", "vpc_flow_logs_lines", 0, 4),
        Batch("edge", "edge", 0, 1),
        Batch("edge", "edge_lines", 0, 1),
    ]


LONG = source(bucket="l" * 63, prefix="p" * 300 + "/", layout="hive", accounts=accounts(20), regions=REGIONS)


@settings(max_examples=50, deadline=None)
@given(st.integers(min_value=1_500, max_value=60_000))
def test_batches_hold_every_target_once_and_keep_any_limit(longest):
    configured = of_sources(LONG)
    network = configured.source("network")
    planned = batches(configured, DAY, longest)
    assert [number for batch in planned for number in range(batch.first, batch.last)] == [*range(80)] * 2
    for batch in planned:
        partitions = list(expected_partitions(network, DAY, batch.first, batch.last))
        written = sum(len("".join([*partition.values, partition.location])) + 120 for partition in partitions)
        assert 0 < written + 60 <= longest


def test_a_limit_without_room_for_one_partition_is_refused():
    with pytest.raises(
        ValueError, match=r"a statement of 700 bytes has no room for the partition at s3://lll.*/day=02/"
    ):
        batches(of_sources(LONG), DAY, 700)


def test_the_limit_is_athenas():
    """Athena's quota "query string length", in bytes."""
    assert LONGEST_STATEMENT_BYTES == 262_144


def test_a_batch_is_what_a_mapped_task_takes():
    assert Batch("network", "net", 3, 6).to_json() == {"source": "network", "table": "net", "first": 3, "last": 6}


def partition(number):
    return Partition("2026-11-02", f"{number:012d}", "us-east-1", f"s3://logs/{number}/")


class TestDifferences:
    def test_nothing_is_no_difference(self):
        assert not Differences([], [])
        assert Differences([], []).in_words() == ""

    def test_what_is_missing_and_what_stands_elsewhere(self):
        differences = Differences([partition(1)], [(partition(2), "s3://old/")])
        assert differences
        assert differences.in_words() == (
            "2026-11-02/000000000001/us-east-1 is missing\n"
            "2026-11-02/000000000002/us-east-1 is at s3://old/, not at s3://logs/2/"
        )

    @pytest.mark.parametrize(("missing", "last"), [(3, "000000000002/us-east-1 is missing"), (4, "… and 1 more")])
    def test_a_long_list_is_cut_with_the_number_of_the_rest(self, missing, last):
        lines = Differences([partition(number) for number in range(missing)], []).in_words(at_most=3).splitlines()
        assert lines[-1].endswith(last)
        assert sum("is missing" in line for line in lines) == 3
