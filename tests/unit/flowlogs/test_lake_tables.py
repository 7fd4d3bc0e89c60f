"""Columns that the lake's tables gained."""

from __future__ import annotations

import pytest

from flowlogs.lake_tables import declared_columns, with_new_columns

DDL = """-- A table.
CREATE EXTERNAL TABLE IF NOT EXISTS db.t (
  source string COMMENT 'what it''s from, (and) so on',
  `start` timestamp,
  share decimal(10, 2) COMMENT 'of all',
  names array<string> COMMENT 'several'
)
PARTITIONED BY (dt string)
LOCATION 's3://lake/t/'
"""


def test_the_columns_of_a_statement():
    assert declared_columns(DDL) == [
        {"Name": "source", "Type": "string", "Comment": "what it's from, (and) so on"},
        {"Name": "start", "Type": "timestamp", "Comment": ""},
        {"Name": "share", "Type": "decimal(10, 2)", "Comment": "of all"},
        {"Name": "names", "Type": "array<string>", "Comment": "several"},
    ]


def test_a_text_that_makes_no_table_is_refused():
    with pytest.raises(ValueError, match="no columns"):
        declared_columns("CREATE DATABASE db")


def test_new_columns_come_behind_those_that_are_there():
    there = {
        "Name": "t", "CreateTime": 1, "PartitionKeys": [],
        "StorageDescriptor": {"Columns": [{"Name": "share", "Type": "double"}], "Location": "s3://lake/t/"},
    }  # fmt: skip
    table, new = with_new_columns(there, declared_columns(DDL))
    assert new == ["source", "start", "names"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["share", *new]
    assert table["StorageDescriptor"]["Location"] == "s3://lake/t/"
    assert "CreateTime" not in table
    assert with_new_columns(table, declared_columns(DDL))[1] == []
