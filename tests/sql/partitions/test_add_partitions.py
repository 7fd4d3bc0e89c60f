"""partitions/add_partitions.sql: a day's partitions, each at its own location, in statements that Athena takes."""

from datetime import date

import pytest

from flowlogs.partitions import batches
from tests.unit.flowlogs.smallest_settings import source

FILE = "partitions/add_partitions.sql"
DAY = date(2026, 11, 22)
ONE, TWO = "111122223333", "222233334444"


def partitions(sql):
    found = sql.athena.catalog.batch_get_partitions(
        "flowlogs",
        "vpc_flow_logs",
        [["2026-11-22", account, region] for account in (ONE, TWO) for region in ("us-east-1", "eu-west-1")],
    )
    return {tuple(entry["Values"]): entry["StorageDescriptor"]["Location"].rstrip("/") for entry in found}


@pytest.fixture
def made(sql):
    def make(**changes):
        sql.settings(source(**{"accounts": [ONE, TWO], "regions": ["us-east-1", "eu-west-1"], **changes}))
        sql.rows("tables/database.sql")
        sql.rows("tables/raw_table.sql", source="network")

    return make


@pytest.mark.parametrize(
    ("layout", "folder"),
    [
        ("default", "{account}/vpcflowlogs/{region}/2026/11/22"),
        ("hourly", "{account}/vpcflowlogs/{region}/2026/11/22"),
        ("hive", "aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}/year=2026/month=11/day=22"),
        (
            "hive-hourly",
            "aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}/year=2026/month=11/day=22",
        ),
    ],
)
def test_every_target_has_a_partition_at_its_folder(sql, made, layout, folder):
    made(layout=layout, prefix="net/")
    sql.rows(FILE, source="network", table="vpc_flow_logs", first=0, last=4)
    assert partitions(sql) == {
        ("2026-11-22", account, region): "s3://logs/net/AWSLogs/" + folder.format(account=account, region=region)
        for account in (ONE, TWO)
        for region in ("us-east-1", "eu-west-1")
    }


def test_one_statement_adds_its_slice_of_the_targets_and_may_run_again(sql, made):
    made()
    for _ in range(2):
        sql.rows(FILE, source="network", table="vpc_flow_logs", first=1, last=3)
    assert set(partitions(sql)) == {("2026-11-22", ONE, "eu-west-1"), ("2026-11-22", TWO, "us-east-1")}


def test_each_targets_rows_are_found_in_its_partition_alone(sql, made):
    made(log_format="${srcaddr}")
    sql.rows(FILE, source="network", table="vpc_flow_logs", first=0, last=4)
    sql.deliver("network", "srcaddr\n10.0.0.1\n", account=ONE)
    sql.deliver("network", "srcaddr\n10.0.0.2\n", account=TWO)
    sql.deliver("network", "srcaddr\n10.0.0.3\n", account=TWO, day="2026-11-21")
    assert sql.athena.rows("SELECT aws_account, sourceaddress FROM vpc_flow_logs ORDER BY 1") == [
        (ONE, "10.0.0.1"),
        (TWO, "10.0.0.2"),
    ]


@pytest.mark.parametrize("layout", ["default", "hive-hourly"])
def test_the_statements_of_a_large_organisation_are_within_athenas_limit(sql, layout):
    """Athena's quota "query string length" is 262,144 bytes; statements that leave half of it unused are too many."""
    settings = sql.settings(
        source(
            prefix="p" * 100 + "/",
            layout=layout,
            accounts=[f"{100000000000 + number}" for number in range(1000)],
            regions=["us-east-1", "eu-west-1", "ap-northeast-2"],
        )
    )
    planned = [batch.to_json() for batch in batches(settings, DAY)]
    sizes = [len(sql.rendered(FILE, **batch).encode()) for batch in planned]
    assert max(sizes) <= 262_144
    assert sum(size <= 131_072 for size in sizes) == 2, "only the last statement of each table is short"


def test_athena_takes_a_statement_of_full_size(sql, made):
    made(accounts=[ONE, *(f"{300000000000 + number}" for number in range(999))], regions=["us-east-1"])
    sql.rows(FILE, source="network", table="vpc_flow_logs", first=0, last=800)
    assert sql.athena.rows('SELECT count(*) FROM "vpc_flow_logs$partitions"') == [("800",)]
