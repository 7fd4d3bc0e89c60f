"""PartitionHook: what Glue has against what should be there; and setup, which mends what differs."""

from __future__ import annotations

import pytest

from flowlogs import setup_tasks
from flowlogs.hooks.partitions import PartitionHook
from flowlogs.partitions import Partition
from flowlogs.settings import load_settings

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("airflow_connection")]

COUNT = 230
"""More than two of Glue's batches of 100."""


@pytest.fixture
def expected() -> list[Partition]:
    return [
        Partition("2026-11-10", f"{account:012d}", "us-east-1", f"s3://logs/{account}/") for account in range(COUNT)
    ]


@pytest.fixture
def table(local_aws, database) -> tuple[str, str]:
    keys = [{"Name": name, "Type": "string"} for name in ("dt", "aws_account", "aws_region")]
    descriptor = {"Columns": [{"Name": "version", "Type": "int"}], "Location": "s3://logs/"}
    local_aws.client("glue").create_table(
        DatabaseName=database, TableInput={"Name": "raw", "PartitionKeys": keys, "StorageDescriptor": descriptor}
    )
    return database, "raw"


def test_missing_partitions_are_found_and_created(table, expected):
    hook = PartitionHook()
    wrong = hook.differences(*table, expected)
    assert len(wrong.missing) == COUNT
    hook.repair(*table, wrong)
    assert not hook.differences(*table, expected)


def test_partitions_that_stand_elsewhere_are_moved(local_aws, table, expected):
    hook = PartitionHook()
    hook.repair(*table, hook.differences(*table, expected))
    glue = local_aws.client("glue")
    moved = {"Values": expected[7].values, "StorageDescriptor": {"Location": "s3://elsewhere/"}}
    glue.update_partition(
        DatabaseName=table[0], TableName=table[1], PartitionValueList=expected[7].values, PartitionInput=moved
    )
    wrong = hook.differences(*table, expected)
    assert wrong.elsewhere == [(expected[7], "s3://elsewhere/")]
    assert "s3://elsewhere/" in wrong.in_words()
    hook.repair(*table, wrong)
    assert not hook.differences(*table, expected)
    found = glue.get_partition(DatabaseName=table[0], TableName=table[1], PartitionValues=expected[7].values)
    assert found["Partition"]["StorageDescriptor"]["Columns"] == [{"Name": "version", "Type": "int"}]


def test_a_location_without_its_last_slash_is_the_same(local_aws, table, expected):
    hook = PartitionHook()
    bare = [Partition(p.dt, p.aws_account, p.aws_region, p.location.rstrip("/")) for p in expected[:3]]
    hook.repair(*table, hook.differences(*table, bare))
    assert not hook.differences(*table, expected[:3])


def test_a_partition_is_pointed_at_another_folder_made_if_need_be(local_aws, table):
    hook = PartitionHook()
    values = ["2026-11-10", "1" * 12, "us-east-1"]
    glue = local_aws.client("glue")
    for folder in ("s3://logs/run=1/", "s3://logs/run=2/"):
        hook.point(*table, values, folder)
        found = glue.get_partition(DatabaseName=table[0], TableName=table[1], PartitionValues=values)
        assert found["Partition"]["StorageDescriptor"]["Location"] == folder


class TestSetup:
    @pytest.fixture
    def settings(self, local_aws, database, monkeypatch):
        overrides = {
            "athena": {
                "work_group": database,
                "database": database,
                "output_location": f"s3://{local_aws.bucket()}/results/",
                "bytes_scanned_cutoff": 50_000_000,
            }
        }
        settings = load_settings(overrides=overrides)
        monkeypatch.setattr(setup_tasks, "airflow_settings", lambda: settings)
        return settings

    def test_the_work_group_is_made_once_with_the_scan_limit(self, settings, local_aws):
        for _ in range(2):
            assert setup_tasks.ensure_work_group.function(params={"repair": True}) == []
        group = local_aws.client("athena").get_work_group(WorkGroup=settings.athena.work_group)["WorkGroup"]
        assert group["Configuration"]["BytesScannedCutoffPerQuery"] == 50_000_000
        assert group["Configuration"]["EnforceWorkGroupConfiguration"] is True

    @pytest.mark.parametrize(("repair", "left"), [(True, 50_000_000), (False, 99_000_000)])
    def test_a_work_group_that_drifted_is_mended_or_reported(self, settings, local_aws, repair, left):
        setup_tasks.ensure_work_group.function(params={"repair": True})
        athena = local_aws.client("athena")
        athena.update_work_group(
            WorkGroup=settings.athena.work_group, ConfigurationUpdates={"BytesScannedCutoffPerQuery": 99_000_000}
        )
        told = setup_tasks.ensure_work_group.function(params={"repair": repair})
        assert len(told) == 1
        assert "99000000" in told[0]
        group = athena.get_work_group(WorkGroup=settings.athena.work_group)["WorkGroup"]
        assert group["Configuration"]["BytesScannedCutoffPerQuery"] == left

    def test_a_bucket_that_is_not_there_is_named(self, settings):
        with pytest.raises(Exception, match=f"bucket {settings.lake.bucket} does not exist: create it"):
            setup_tasks.check_buckets.function()
