"""The Glue API as a client sees it: JSON in, JSON out, AWS's exceptions."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from local_aws.aws_json import Caller, JsonService, service_model
from local_aws.glue.api import GlueOperations

ACCOUNT = "111122223333"


class Glue:
    """Calls operations through the service as the server does."""

    def __init__(self, store):
        self._service = JsonService("glue", GlueOperations(store), invalid_input="InvalidInputException")

    def answer(self, operation, *, account=ACCOUNT, region="eu-west-1", **params):
        headers = {"x-amz-target": f"AWSGlue.{operation}"}
        body = json.dumps(params).encode()
        status, _, answer = asyncio.run(self._service.handle("POST", "/", headers, body, {}, Caller(account, region)))
        return status, json.loads(answer)

    def __call__(self, operation, **params):
        status, answer = self.answer(operation, **params)
        assert status == 200, answer
        return answer

    def error(self, operation, **params):
        status, answer = self.answer(operation, **params)
        assert status == 400, answer
        return answer["__type"], answer["message"]


@pytest.fixture
def glue(store):
    return Glue(store)


@pytest.fixture
def table(glue):
    """default.t, partitioned by dt (string) and hour (int), with four partitions; the call's common members."""
    keys = [{"Name": "dt", "Type": "string"}, {"Name": "hour", "Type": "int"}]
    columns = [{"Name": "version", "Type": "int"}, {"Name": "action", "Type": "string"}]
    glue(
        "CreateTable",
        DatabaseName="default",
        TableInput={"Name": "t", "PartitionKeys": keys, "StorageDescriptor": {"Columns": columns}},
    )
    of_table = {"DatabaseName": "default", "TableName": "t"}
    inputs = [put(day, hour) for day in ("a", "b") for hour in ("1", "2")]
    assert glue("BatchCreatePartition", **of_table, PartitionInputList=inputs) == {"Errors": []}
    return of_table


def put(*values):
    return {"Values": list(values), "StorageDescriptor": {"Columns": [], "Location": f"s3://b/{values}/"}}


def values(answer):
    return [partition["Values"] for partition in answer["Partitions"]]


def pages(glue, operation, member, **params):
    """All pages of a listing, each a list."""
    answer = glue(operation, **params)
    found = [answer[member]]
    while "NextToken" in answer:
        answer = glue(operation, **params, NextToken=answer["NextToken"])
        found.append(answer[member])
    return found


def test_answers_are_shaped_as_the_service_model_says(glue, table):
    """Every member of an answer is in botocore's model, so that clients find it."""
    from botocore.validate import ParamValidator

    glue("UpdateTable", DatabaseName="default", TableInput={**definition(glue), "Description": "new"})
    calls = {
        "GetDatabase": {"Name": "default"},
        "GetDatabases": {},
        "GetTable": {"DatabaseName": "default", "Name": "t"},
        "GetTables": {"DatabaseName": "default"},
        "SearchTables": {},
        "GetTableVersion": table,
        "GetTableVersions": table,
        "GetPartition": {**table, "PartitionValues": ["a", "1"]},
        "GetPartitions": table,
        "BatchGetPartition": {**table, "PartitionsToGet": [{"Values": ["a", "1"]}]},
        "GetPartitionIndexes": table,
        "GetColumnStatisticsForTable": {**table, "ColumnNames": ["version"]},
        "GetTags": {"ResourceArn": f"arn:aws:glue:eu-west-1:{ACCOUNT}:database/default"},
        "GetCatalogImportStatus": {},
    }
    for operation, params in calls.items():
        answer = glue(operation, **params)
        assert answer, operation
        shape = service_model("glue").operation_model(operation).output_shape
        report = ParamValidator().validate(answer, shape)
        assert not report.has_errors(), (operation, report.generate_report())


def definition(glue):
    """The table's definition as TableInput."""
    table = glue("GetTable", DatabaseName="default", Name="t")["Table"]
    return {member: table[member] for member in ("Name", "PartitionKeys", "StorageDescriptor")}


class TestDatabases:
    def test_live_from_creation_to_deletion(self, glue):
        glue("CreateDatabase", DatabaseInput={"Name": "Lake", "Description": "one"})
        assert glue("GetDatabase", Name="lake")["Database"]["Description"] == "one"
        glue("UpdateDatabase", Name="lake", DatabaseInput={"Name": "lake", "Description": "two"})
        assert glue("GetDatabase", Name="lake")["Database"]["Description"] == "two"
        glue("DeleteDatabase", Name="lake")
        assert glue.error("GetDatabase", Name="lake") == (
            "EntityNotFoundException",
            "Database lake not found.",
        )

    def test_are_listed_by_pages(self, glue):
        for number in range(6):
            glue("CreateDatabase", DatabaseInput={"Name": f"d{number}"})
        listed = pages(glue, "GetDatabases", "DatabaseList", MaxResults=3)
        assert [[database["Name"] for database in page] for page in listed] == [
            ["d0", "d1", "d2"],
            ["d3", "d4", "d5"],
            ["default"],
        ]
        assert glue("GetDatabases", ResourceShareType="FOREIGN") == {"DatabaseList": []}
        assert glue("GetDatabases", AttributesToGet=["NAME"])["DatabaseList"][0] == {"Name": "d0"}

    def test_created_at_is_sent_as_epoch_seconds(self, glue):
        created = glue("GetDatabase", Name="default")["Database"]["CreateTime"]
        assert abs(created - datetime.now(UTC).timestamp()) < 60

    def test_have_tags_that_go_with_them(self, glue):
        arn = f"arn:aws:glue:eu-west-1:{ACCOUNT}:database/lake"
        assert glue.error("GetTags", ResourceArn=arn)[0] == "EntityNotFoundException"
        glue("CreateDatabase", DatabaseInput={"Name": "Lake"}, Tags={"team": "blue"})
        glue("TagResource", ResourceArn=arn, TagsToAdd={"cost": "7", "team": "red"})
        assert glue("GetTags", ResourceArn=arn) == {"Tags": {"cost": "7", "team": "red"}}
        glue("UntagResource", ResourceArn=arn, TagsToRemove=["cost", "none"])
        assert glue("GetTags", ResourceArn=arn) == {"Tags": {"team": "red"}}
        many = {f"k{number}": "v" for number in range(50)}
        assert glue.error("TagResource", ResourceArn=arn, TagsToAdd=many)[0] == "InvalidInputException"
        glue("DeleteDatabase", Name="lake")
        glue("CreateDatabase", DatabaseInput={"Name": "Lake"})
        assert glue("GetTags", ResourceArn=arn) == {"Tags": {}}

    @pytest.mark.parametrize("arn", ["x", "arn:aws:glue:eu-west-1:999999999999:database/default"])
    def test_of_others_cannot_be_tagged(self, glue, arn):
        error = glue.error("TagResource", ResourceArn=arn, TagsToAdd={"a": "b"})
        assert error[0] == "EntityNotFoundException"


class TestTables:
    def test_are_listed_by_pages_and_by_pattern(self, glue):
        for number in range(5):
            glue("CreateTable", DatabaseName="default", TableInput={"Name": f"t{number}", "TableType": "X"})
        listed = pages(glue, "GetTables", "TableList", DatabaseName="default", MaxResults=2)
        assert [len(page) for page in listed] == [2, 2, 1]
        answer = glue(
            "GetTables",
            DatabaseName="default",
            Expression="t[34]",
            AttributesToGet=["NAME", "TABLE_TYPE"],
        )
        assert answer == {
            "TableList": [{"Name": name, "DatabaseName": "default", "TableType": "X"} for name in ("t3", "t4")]
        }

    def test_pages_go_on_after_the_last_name_though_tables_come_and_go(self, glue):
        for name in ("b", "d", "f"):
            glue("CreateTable", DatabaseName="default", TableInput={"Name": name})
        first = glue("GetTables", DatabaseName="default", MaxResults=2)
        glue("DeleteTable", DatabaseName="default", Name="d")
        glue("CreateTable", DatabaseName="default", TableInput={"Name": "a"})
        rest = glue("GetTables", DatabaseName="default", MaxResults=2, NextToken=first["NextToken"])
        assert [table["Name"] for table in rest["TableList"]] == ["f"]

    def test_keep_versions(self, glue, table):
        for text in ("one", "two", "three"):
            glue("UpdateTable", DatabaseName="default", TableInput={**definition(glue), "Description": text})
        listed = pages(glue, "GetTableVersions", "TableVersions", **table, MaxResults=2)
        assert [[version["VersionId"] for version in page] for page in listed] == [["3", "2"], ["1", "0"]]
        old = glue("GetTableVersion", **table, VersionId="1")["TableVersion"]
        assert (old["VersionId"], old["Table"]["Description"]) == ("1", "one")
        assert glue("GetTableVersion", **table)["TableVersion"]["VersionId"] == "3"
        glue("DeleteTableVersion", **table, VersionId="0")
        errors = glue("BatchDeleteTableVersion", **table, VersionIds=["0", "1", "3"])["Errors"]
        assert [(e["VersionId"], e["ErrorDetail"]["ErrorCode"]) for e in errors] == [
            ("0", "EntityNotFoundException"),
            ("3", "InvalidInputException"),
        ]
        assert len(glue("GetTableVersions", **table)["TableVersions"]) == 2

    def test_are_not_updated_over_somebody_elses_update(self, glue, table):
        update = {"DatabaseName": "default", "TableInput": definition(glue), "VersionId": "0"}
        glue("UpdateTable", **update, SkipArchive=True)
        assert glue.error("UpdateTable", **update)[0] == "ConcurrentModificationException"
        assert len(glue("GetTableVersions", **table)["TableVersions"]) == 1

    def test_are_deleted_by_batch(self, glue, table):
        answer = glue("BatchDeleteTable", DatabaseName="default", TablesToDelete=["t", "nope"])
        assert [(e["TableName"], e["ErrorDetail"]["ErrorCode"]) for e in answer["Errors"]] == [
            ("nope", "EntityNotFoundException")
        ]
        assert glue("GetTables", DatabaseName="default") == {"TableList": []}
        missing = glue.error("BatchDeleteTable", DatabaseName="nope", TablesToDelete=[])
        assert missing[0] == "EntityNotFoundException"

    def test_with_a_bad_partition_index_are_not_created(self, glue):
        error = glue.error(
            "CreateTable",
            DatabaseName="default",
            TableInput={"Name": "t"},
            PartitionIndexes=[{"IndexName": "i", "Keys": ["nope"]}],
        )
        assert error[0] == "InvalidInputException"
        assert glue("GetTables", DatabaseName="default") == {"TableList": []}

    @pytest.mark.parametrize("member", ["OpenTableFormatInput", "TableInput"])
    def test_need_a_definition_that_is_served(self, glue, member):
        params = {"OpenTableFormatInput": {"IcebergInput": {"MetadataOperation": "CREATE"}}}
        error = glue.error("CreateTable", DatabaseName="default", **({} if member == "TableInput" else params))
        assert error[0] == "InvalidInputException"
        assert member in error[1]

    def test_keep_column_statistics(self, glue, table):
        entry = {
            "ColumnName": "Version",
            "ColumnType": "int",
            "AnalyzedTime": 1767225600,
            "StatisticsData": {
                "Type": "LONG",
                "LongColumnStatisticsData": {"NumberOfNulls": 0, "NumberOfDistinctValues": 2},
            },
        }
        unknown = {**entry, "ColumnName": "nope"}
        answer = glue("UpdateColumnStatisticsForTable", **table, ColumnStatisticsList=[entry, unknown])
        assert [(e["ColumnStatistics"], e["Error"]["ErrorCode"]) for e in answer["Errors"]] == [
            (unknown, "EntityNotFoundException")
        ]
        answer = glue("GetColumnStatisticsForTable", **table, ColumnNames=["version", "action"])
        assert answer["ColumnStatisticsList"] == [entry]
        assert [e["ColumnName"] for e in answer["Errors"]] == ["action"]
        glue("DeleteColumnStatisticsForTable", **table, ColumnName="version")
        again = glue.error("DeleteColumnStatisticsForTable", **table, ColumnName="version")
        assert again[0] == "EntityNotFoundException"


class TestSearch:
    @pytest.fixture(autouse=True)
    def tables(self, glue):
        glue("CreateDatabase", DatabaseInput={"Name": "lake"})
        for database, name, more in (
            ("default", "flows", {"Description": "Rejected traffic", "Owner": "blue"}),
            ("default", "alarms", {"Parameters": {"classification": "parquet"}, "Owner": "red"}),
            ("lake", "dns", {"StorageDescriptor": {"Columns": [{"Name": "resolver", "Comment": "flows to"}]}}),
        ):
            glue("CreateTable", DatabaseName=database, TableInput={"Name": name, **more})

    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ({}, ["alarms", "flows", "dns"]),
            ({"SearchText": "FLOWS"}, ["flows", "dns"]),
            ({"SearchText": '"Rejected"'}, ["flows"]),
            ({"SearchText": '"rejected"'}, []),
            ({"SearchText": "resolver"}, ["dns"]),
            ({"Filters": [{"Key": "DatabaseName", "Value": "lake"}]}, ["dns"]),
            ({"Filters": [{"Key": "classification", "Value": "parquet"}]}, ["alarms"]),
            (
                {"Filters": [{"Key": "CreateTime", "Value": "2020-01-01", "Comparator": "GREATER_THAN"}]},
                ["alarms", "flows", "dns"],
            ),
            (
                {"Filters": [{"Key": "UpdateTime", "Value": "1577836800", "Comparator": "LESS_THAN"}]},
                [],
            ),
            ({"SortCriteria": [{"FieldName": "Name", "Sort": "DESC"}]}, ["flows", "dns", "alarms"]),
            ({"SortCriteria": [{"FieldName": "Owner", "Sort": "ASC"}]}, ["flows", "alarms", "dns"]),
            ({"ResourceShareType": "FOREIGN"}, []),
        ],
    )
    def test_finds(self, glue, search, found):
        assert [table["Name"] for table in glue("SearchTables", **search)["TableList"]] == found

    def test_answers_by_pages(self, glue):
        listed = pages(glue, "SearchTables", "TableList", MaxResults=2)
        assert [[table["Name"] for table in page] for page in listed] == [["alarms", "flows"], ["dns"]]

    @pytest.mark.parametrize(
        "search",
        [
            {"Filters": [{"Key": "CreateTime", "Value": "soon"}]},
            {"SortCriteria": [{"FieldName": "Beauty", "Sort": "ASC"}]},
        ],
    )
    def test_refuses_what_it_cannot_read(self, glue, search):
        assert glue.error("SearchTables", **search)[0] == "InvalidInputException"


class TestPartitions:
    def test_live_from_creation_to_deletion(self, glue, table):
        one = {**table, "PartitionValues": ["c", "3"]}
        glue("CreatePartition", **table, PartitionInput=put("c", "3"))
        again = glue.error("CreatePartition", **table, PartitionInput=put("c", "3"))
        assert again == ("AlreadyExistsException", "Partition already exists.")
        assert glue("GetPartition", **one)["Partition"]["StorageDescriptor"] == put("c", "3")["StorageDescriptor"]
        glue(
            "UpdatePartition",
            **table,
            PartitionValueList=["c", "3"],
            PartitionInput={"Values": ["c", "3"], "Parameters": {"rows": "7"}, "LastAccessTime": 1767225600},
        )
        got = glue("GetPartition", **one)["Partition"]
        assert "StorageDescriptor" not in got
        assert (got["Parameters"], got["LastAccessTime"]) == ({"rows": "7"}, 1767225600.0)
        glue("DeletePartition", **one)
        for operation in ("GetPartition", "DeletePartition"):
            assert glue.error(operation, **one)[0] == "EntityNotFoundException"
        missing = glue.error("UpdatePartition", **table, PartitionValueList=["c", "3"], PartitionInput={})
        assert missing[0] == "EntityNotFoundException"

    def test_are_created_by_batch(self, glue, table):
        answer = glue("BatchCreatePartition", **table, PartitionInputList=[put("a", "1"), put("c", "1")])
        assert answer["Errors"] == [
            {
                "PartitionValues": ["a", "1"],
                "ErrorDetail": {
                    "ErrorCode": "AlreadyExistsException",
                    "ErrorMessage": "Partition already exists.",
                },
            }
        ]
        assert len(values(glue("GetPartitions", **table))) == 5

    def test_are_read_by_batch(self, glue, table):
        wanted = [{"Values": ["b", "2"]}, {"Values": ["z", "0"]}, {"Values": ["a", "1"]}]
        answer = glue("BatchGetPartition", **table, PartitionsToGet=wanted)
        assert values(answer) == [["b", "2"], ["a", "1"]]
        assert answer["UnprocessedKeys"] == []

    def test_are_updated_by_batch(self, glue, table):
        entries = [
            {"PartitionValueList": ["a", "1"], "PartitionInput": put("a", "11")},
            {"PartitionValueList": ["a", "2"], "PartitionInput": put("b", "1")},
            {"PartitionValueList": ["z", "0"], "PartitionInput": put("z", "0")},
        ]
        errors = glue("BatchUpdatePartition", **table, Entries=entries)["Errors"]
        assert [(e["PartitionValueList"], e["ErrorDetail"]["ErrorCode"]) for e in errors] == [
            (["a", "2"], "AlreadyExistsException"),
            (["z", "0"], "EntityNotFoundException"),
        ]
        assert values(glue("GetPartitions", **table, Expression="dt = 'a'")) == [["a", "2"], ["a", "11"]]

    def test_are_deleted_by_batch(self, glue, table):
        going = [{"Values": ["a", "1"]}, {"Values": ["z", "0"]}]
        errors = glue("BatchDeletePartition", **table, PartitionsToDelete=going)["Errors"]
        assert [(e["PartitionValues"], e["ErrorDetail"]["ErrorCode"]) for e in errors] == [
            (["z", "0"], "EntityNotFoundException")
        ]
        assert len(values(glue("GetPartitions", **table))) == 3

    def test_are_listed_by_pages_by_expression_and_by_segment(self, glue, table):
        listed = pages(glue, "GetPartitions", "Partitions", **table, Expression="hour >= 1", MaxResults=3)
        assert [[p["Values"] for p in page] for page in listed] == [
            [["a", "1"], ["a", "2"], ["b", "1"]],
            [["b", "2"]],
        ]
        segments = [
            values(glue("GetPartitions", **table, Segment={"SegmentNumber": number, "TotalSegments": 2}))
            for number in (0, 1)
        ]
        assert sorted(segments[0] + segments[1]) == [["a", "1"], ["a", "2"], ["b", "1"], ["b", "2"]]
        beyond = glue.error("GetPartitions", **table, Segment={"SegmentNumber": 2, "TotalSegments": 2})
        assert beyond[0] == "InvalidInputException"

    def test_leave_out_the_columns_if_wanted(self, glue, table):
        answer = glue("GetPartitions", **table, ExcludeColumnSchema=True)
        assert {frozenset(p["StorageDescriptor"]) for p in answer["Partitions"]} == {frozenset({"Location"})}

    @pytest.mark.parametrize("expression", ["nope = 1", "hour = 'x'", "hour =", "hour LIKE '1'"])
    def test_refuse_a_bad_expression(self, glue, table, expression):
        assert glue.error("GetPartitions", **table, Expression=expression)[0] == "InvalidInputException"

    def test_answer_an_expression_over_an_unfit_value_with_invalid_state(self, glue, table):
        glue("CreatePartition", **table, PartitionInput=put("c", "null"))
        assert glue.error("GetPartitions", **table, Expression="hour >= 0")[0] == "InvalidStateException"

    @pytest.mark.parametrize(
        ("operation", "params"),
        [
            ("CreatePartition", {"PartitionInput": put("a")}),
            ("CreatePartition", {"PartitionInput": {}}),
            ("BatchCreatePartition", {"PartitionInputList": [put("a", "7"), put("a", "7", "x")]}),
            ("GetPartition", {"PartitionValues": ["a"]}),
            ("BatchGetPartition", {"PartitionsToGet": [{"Values": ["a"]}]}),
            ("UpdatePartition", {"PartitionValueList": ["a"], "PartitionInput": put("a", "1")}),
            ("DeletePartition", {"PartitionValues": ["a", "1", "x"]}),
        ],
    )
    def test_need_as_many_values_as_keys(self, glue, table, operation, params):
        error, message = glue.error(operation, **table, **params)
        assert error == "InvalidInputException"
        assert "number of partition keys do not match the number of partition values" in message

    def test_have_indexes(self, glue, table):
        glue("CreatePartitionIndex", **table, PartitionIndex={"IndexName": "by_hour", "Keys": ["hour"]})
        assert glue("GetPartitionIndexes", **table)["PartitionIndexDescriptorList"] == [
            {"IndexName": "by_hour", "Keys": [{"Name": "hour", "Type": "int"}], "IndexStatus": "ACTIVE"}
        ]
        glue("DeletePartitionIndex", **table, IndexName="by_hour")
        gone = glue.error("DeletePartitionIndex", **table, IndexName="by_hour")
        assert gone[0] == "EntityNotFoundException"


class TestLimits:
    """What AWS refuses before the operation looks at it, worded as AWS does."""

    @pytest.mark.parametrize(
        ("operation", "params", "at"),
        [
            ("BatchCreatePartition", {"PartitionInputList": [put("c", "0")] * 101}, "'partitionInputList'"),
            ("BatchGetPartition", {"PartitionsToGet": [{"Values": ["a", "1"]}] * 1001}, "'partitionsToGet'"),
            (
                "BatchUpdatePartition",
                {"Entries": [{"PartitionValueList": ["a", "1"], "PartitionInput": {}}] * 101},
                "'entries'",
            ),
            ("BatchDeletePartition", {"PartitionsToDelete": [{"Values": ["a", "1"]}] * 26}, "'partitionsToDelete'"),
            ("GetPartitions", {"MaxResults": 1001}, "'maxResults'"),
            ("GetPartitions", {"Expression": "x" * 2049}, "'expression'"),
            ("GetTableVersions", {"MaxResults": 101}, "'maxResults'"),
            (
                "GetPartitions",
                {"Segment": {"SegmentNumber": 0, "TotalSegments": 11}},
                "'segment.totalSegments'",
            ),
            (
                "CreatePartition",
                {"PartitionInput": put("x" * 1025, "1")},
                "'partitionInput.values.1.member'",
            ),
            ("CreatePartition", {"PartitionInput": put("\ud800", "1")}, "'partitionInput.values.1.member'"),
        ],
    )
    def test_are_enforced(self, glue, table, operation, params, at):
        error, message = glue.error(operation, **table, **params)
        assert error == "ValidationException"
        assert message.startswith("1 validation error detected: Value '")
        assert f"at {at} failed to satisfy constraint: Member must " in message
        assert len(values(glue("GetPartitions", **table))) == 4

    def test_at_the_limit_are_met(self, glue, table):
        inputs = [put("c", str(number)) for number in range(100)]
        assert glue("BatchCreatePartition", **table, PartitionInputList=inputs) == {"Errors": []}
        wanted = [{"Values": ["c", str(number)]} for number in range(1000)]
        assert len(values(glue("BatchGetPartition", **table, PartitionsToGet=wanted))) == 100

    def test_of_enumerations_too(self, glue):
        error, message = glue.error("GetDatabases", ResourceShareType="SOME")
        assert error == "ValidationException"
        assert "FOREIGN, ALL, FEDERATED" in message


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("GetDatabases", {}),
        ("GetTable", {"DatabaseName": "default", "Name": "t"}),
        ("GetPartitions", {"DatabaseName": "default", "TableName": "t"}),
    ],
)
def test_the_catalog_is_the_callers_own(glue, table, operation, params):
    glue(operation, **params, CatalogId=ACCOUNT)
    error, message = glue.error(operation, **params, CatalogId="999999999999")
    assert error == "InvalidInputException"
    assert ACCOUNT in message
    _, elsewhere = glue.answer(operation, account="999999999999", **params)
    assert elsewhere.get("__type", "EntityNotFoundException") == "EntityNotFoundException"


@pytest.mark.parametrize("token", ["x", "e30=", "MQ==", "WzFd"])
@pytest.mark.parametrize("operation", ["GetDatabases", "GetTables"])
def test_a_token_that_is_none_is_refused(glue, operation, token):
    params = {"DatabaseName": "default"} if operation == "GetTables" else {}
    if operation == "GetTables":
        glue("CreateTable", DatabaseName="default", TableInput={"Name": "t"})
    assert glue.error(operation, **params, NextToken=token)[0] == "InvalidInputException"
