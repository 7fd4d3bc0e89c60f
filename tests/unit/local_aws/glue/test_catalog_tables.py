"""Databases, tables and table versions of the catalog."""

from datetime import UTC, datetime, timedelta

import pytest

from local_aws.glue.catalog import (
    AlreadyExists,
    CatalogError,
    CatalogStore,
    ConcurrentModification,
    EntityNotFound,
    InvalidInput,
    ResourceNumberLimitExceeded,
)

FLOW_LOGS = {
    "Name": "flow_logs",
    "TableType": "EXTERNAL_TABLE",
    "Parameters": {"skip.header.line.count": "1"},
    "PartitionKeys": [{"Name": "dt", "Type": "string", "Comment": "day"}],
    "StorageDescriptor": {
        "Columns": [{"Name": "version", "Type": "int"}, {"Name": "action", "Type": "string"}],
        "Location": "s3://logs/AWSLogs/",
        "SerdeInfo": {"Parameters": {"field.delim": " "}},
    },
}


def names(entries):
    return [entry["Name"] for entry in entries]


def is_recent(time):
    return time.tzinfo is UTC and abs(datetime.now(UTC) - time) < timedelta(minutes=1)


def test_the_default_database_is_there_from_the_start(catalog):
    assert names(catalog.list_databases()) == ["default"]


def test_the_default_database_stays(catalog):
    with pytest.raises(InvalidInput, match="cannot be deleted"):
        catalog.delete_database("default")
    with pytest.raises(InvalidInput, match="cannot be renamed"):
        catalog.update_database("default", {"Name": "other"})


def test_a_database_comes_back_as_it_was_put_with_name_in_lower_case(catalog):
    catalog.create_database({"Name": "Security", "Description": "Ü", "Parameters": {"Owner": "Blue"}})
    database = catalog.get_database("SECURITY")
    assert is_recent(database.pop("CreateTime"))
    assert database == {
        "Name": "security",
        "Description": "Ü",
        "Parameters": {"Owner": "Blue"},
        "CatalogId": "111122223333",
    }


def test_accounts_and_regions_have_catalogs_of_their_own(store):
    store.catalog("1", "eu-west-1").create_database({"Name": "mine"})
    assert names(store.catalog("2", "eu-west-1").list_databases()) == ["default"]
    assert names(store.catalog("1", "us-east-1").list_databases()) == ["default"]
    assert names(store.catalog("1", "eu-west-1").list_databases()) == ["default", "mine"]


def test_updating_a_database_replaces_its_description_and_may_rename_it(catalog):
    catalog.create_database({"Name": "a", "Description": "old"})
    catalog.create_table("a", FLOW_LOGS)
    catalog.update_database("A", {"Name": "B"})
    assert names(catalog.list_databases()) == ["b", "default"]
    assert "Description" not in catalog.get_database("b")
    assert catalog.get_table("b", "flow_logs")["DatabaseName"] == "b"


def test_deleting_a_database_deletes_its_tables(catalog):
    catalog.create_database({"Name": "a"})
    catalog.create_table("a", FLOW_LOGS)
    catalog.create_partitions("a", "flow_logs", [{"Values": ["x"]}])
    catalog.delete_database("a")
    catalog.create_database({"Name": "a"})
    assert catalog.list_tables("a") == []
    catalog.create_table("a", FLOW_LOGS)
    assert catalog.partitions("a", "flow_logs") == ([], None)


@pytest.mark.parametrize(
    ("error", "call"),
    [
        (EntityNotFound, lambda c: c.get_database("nope")),
        (EntityNotFound, lambda c: c.update_database("nope", {"Name": "nope"})),
        (EntityNotFound, lambda c: c.delete_database("nope")),
        (AlreadyExists, lambda c: c.create_database({"Name": "DEFAULT"})),
        (AlreadyExists, lambda c: c.create_database({"Name": "x"}) or c.update_database("x", {"Name": "default"})),
        (InvalidInput, lambda c: c.create_database({"Name": " "})),
        (EntityNotFound, lambda c: c.create_table("nope", FLOW_LOGS)),
        (EntityNotFound, lambda c: c.list_tables("nope")),
        (EntityNotFound, lambda c: c.get_table("nope", "flow_logs")),
        (EntityNotFound, lambda c: c.get_table("default", "nope")),
        (EntityNotFound, lambda c: c.update_table("default", FLOW_LOGS)),
        (EntityNotFound, lambda c: c.delete_table("default", "flow_logs")),
        (EntityNotFound, lambda c: c.table_versions("default", "flow_logs")),
        (InvalidInput, lambda c: c.create_table("default", {"Name": ""})),
        (InvalidInput, lambda c: c.list_tables("default", "flow(")),
        (
            InvalidInput,
            lambda c: c.create_table("default", {"Name": "t", "PartitionKeys": [{"Name": "a"}, {"Name": "A"}]}),
        ),
        (
            InvalidInput,
            lambda c: c.create_table(
                "default", {"Name": "t", "PartitionKeys": [{"Name": "a", "Parameters": {"x": "y"}}]}
            ),
        ),
    ],
)
def test_what_is_wrong_is_refused_with_glues_exception(catalog, error, call):
    with pytest.raises(error):
        call(catalog)


def test_errors_carry_the_name_of_glues_exception(catalog):
    with pytest.raises(CatalogError) as caught:
        catalog.get_table("default", "nope")
    assert caught.value.code == "EntityNotFoundException"
    assert caught.value.message == "Table default.nope not found."


def test_a_table_comes_back_as_it_was_put(catalog):
    analyzed = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    catalog.create_table("DEFAULT", {**FLOW_LOGS, "Name": "Flow_Logs", "LastAnalyzedTime": analyzed})
    table = catalog.get_table("default", "FLOW_LOGS")
    assert is_recent(table.pop("CreateTime"))
    assert is_recent(table.pop("UpdateTime"))
    assert table == {
        **FLOW_LOGS,
        "LastAnalyzedTime": analyzed,
        "DatabaseName": "default",
        "CatalogId": "111122223333",
        "VersionId": "0",
        "IsRegisteredWithLakeFormation": False,
    }


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (None, ["a_flow", "flow_daily", "flow_records", "other"]),
        ("flow.*", ["flow_daily", "flow_records"]),
        ("flow*", ["flow_daily", "flow_records"]),
        ("*flow*", ["a_flow", "flow_daily", "flow_records"]),
        ("*", ["a_flow", "flow_daily", "flow_records", "other"]),
        ("FLOW_DAILY|other", ["flow_daily", "other"]),
        ("flow", []),
        ("[a-f]+_[a-z]*", ["a_flow"]),
    ],
)
def test_tables_are_listed_by_name_and_pattern(catalog, pattern, found):
    for name in ("other", "flow_records", "a_flow", "flow_daily"):
        catalog.create_table("default", {"Name": name})
    assert names(catalog.list_tables("default", pattern)) == found


class TestVersions:
    @pytest.fixture(autouse=True)
    def three_versions(self, catalog):
        catalog.create_table("default", {**FLOW_LOGS, "Description": "first"})
        catalog.update_table("default", {**FLOW_LOGS, "Description": "second"})
        catalog.update_table("default", {**FLOW_LOGS, "Description": "third"})

    def test_an_update_replaces_the_definition_and_counts_the_version(self, catalog):
        table = catalog.get_table("default", "flow_logs")
        assert (table["Description"], table["VersionId"]) == ("third", "2")
        catalog.update_table("default", FLOW_LOGS)
        assert "Description" not in catalog.get_table("default", "flow_logs")

    def test_replaced_definitions_are_archived(self, catalog):
        versions = catalog.table_versions("default", "flow_logs")
        assert [(v["VersionId"], v["Table"]["Description"]) for v in versions] == [
            ("2", "third"),
            ("1", "second"),
            ("0", "first"),
        ]
        assert catalog.get_table("default", "flow_logs", "0")["Description"] == "first"
        assert catalog.get_table("default", "flow_logs", "2")["Description"] == "third"

    def test_skip_archive_keeps_no_copy_but_counts_on(self, catalog):
        catalog.update_table("default", FLOW_LOGS, skip_archive=True)
        catalog.update_table("default", FLOW_LOGS)
        assert [v["VersionId"] for v in catalog.table_versions("default", "flow_logs")] == ["4", "3", "1", "0"]

    def test_an_update_of_another_version_is_a_concurrent_modification(self, catalog):
        with pytest.raises(ConcurrentModification, match="version 2, not 1"):
            catalog.update_table("default", FLOW_LOGS, version_id="1")
        catalog.update_table("default", FLOW_LOGS, version_id="2")

    def test_archived_versions_can_be_deleted_the_present_one_not(self, catalog):
        catalog.delete_table_version("default", "flow_logs", "1")
        with pytest.raises(EntityNotFound):
            catalog.delete_table_version("default", "flow_logs", "1")
        with pytest.raises(EntityNotFound):
            catalog.get_table("default", "flow_logs", "1")
        with pytest.raises(InvalidInput, match="present version"):
            catalog.delete_table_version("default", "flow_logs", "2")
        with pytest.raises(InvalidInput, match="not a number"):
            catalog.delete_table_version("default", "flow_logs", "newest")

    def test_a_new_table_of_the_same_name_inherits_nothing(self, catalog):
        catalog.delete_table("default", "flow_logs")
        catalog.create_table("default", FLOW_LOGS)
        assert [v["VersionId"] for v in catalog.table_versions("default", "flow_logs")] == ["0"]


def test_partition_indexes_are_active_at_once_and_at_most_three(catalog):
    keys = [{"Name": name, "Type": "int"} for name in ("year", "month")]
    catalog.create_table("default", {"Name": "t", "PartitionKeys": keys})
    catalog.create_partition_index("default", "t", "by_year", ["Year"])
    assert catalog.partition_indexes("default", "t") == [
        {"IndexName": "by_year", "Keys": [{"Name": "year", "Type": "int"}], "IndexStatus": "ACTIVE"}
    ]
    with pytest.raises(AlreadyExists):
        catalog.create_partition_index("default", "t", "by_year", ["month"])
    with pytest.raises(InvalidInput, match="day"):
        catalog.create_partition_index("default", "t", "by_day", ["day"])
    catalog.create_partition_index("default", "t", "two", ["month"])
    catalog.create_partition_index("default", "t", "three", ["year", "month"])
    with pytest.raises(ResourceNumberLimitExceeded):
        catalog.create_partition_index("default", "t", "four", ["year"])
    catalog.delete_partition_index("default", "t", "two")
    with pytest.raises(EntityNotFound):
        catalog.delete_partition_index("default", "t", "two")


def test_a_file_of_another_format_is_refused_and_left_alone(tmp_path):
    import sqlite3

    file = tmp_path / "glue.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(RuntimeError, match="format 99"):
        CatalogStore(file)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
