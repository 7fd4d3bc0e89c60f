"""A source: flow logs of one format, delivered to one bucket, for many accounts and regions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, InstanceOf, ValidationInfo, field_validator, model_validator

from flowlogs import fields as record_fields
from flowlogs import layout as s3_layout
from flowlogs import targets as target_lists
from flowlogs.fields import FileFormat
from flowlogs.layout import Layout
from flowlogs.setting_types import (
    AccountId,
    BucketName,
    Identifier,
    KeyPrefix,
    PositiveCount,
    Region,
    Section,
    Surroundings,
)
from flowlogs.targets import Target, TargetsFile

LAKE_TABLES: Final = (
    "flow_records",
    "flow_gaps",
    "flow_quarantine",
    "flow_daily",
    "flow_staging",
    "flow_runs",
    "alarm_findings",
    "threat_list",
)
"""The tables that the pipeline writes, in the same database as the raw tables."""


def _read_targets_file(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        return value
    surroundings = Surroundings.of(info)
    return target_lists.read_targets_file(surroundings.folder / value, surroundings.regions)


class Source(Section):
    """A bucket, prefix, layout, file format and log format, with the targets that deliver there."""

    name: Identifier = Field(description="Name of the source in the UI, the ledger and messages; unique.")
    table: Identifier = Field(
        default="vpc_flow_logs",
        description="Raw table over the source's files, in athena.database; unique.",
    )
    bucket: BucketName = Field(description="Bucket that the flow logs are delivered to.")
    prefix: KeyPrefix = Field(
        default="", description="What stands before AWSLogs/ in the keys; empty when nothing does."
    )
    layout: Layout = Field(
        default="default",
        description=(
            "Folders of the flow log's destination options: default (a folder a day), hourly (PerHourPartition), "
            "hive (HiveCompatiblePartitions), hive-hourly (both)."
        ),
    )
    file_format: FileFormat = Field(default="text", description="FileFormat of the flow log: text (gzip) or parquet.")
    extra_fields: Mapping[str, str] = Field(
        default_factory=dict,
        description=(
            "Fields of log_format that are newer than record version "
            f"{record_fields.LATEST_VERSION}: AWS's name and the Hive type string, int or bigint."
        ),
    )
    log_format: str = Field(
        default=record_fields.DEFAULT_LOG_FORMAT,
        description=(
            "LogFormat of the flow log, or the header line of one of its text files; the default is AWS's default, "
            "the version-2 fields."
        ),
    )
    accounts: tuple[AccountId, ...] = Field(
        default=(), description="Accounts, 12 digits in quotes; every one with every region of regions."
    )
    regions: tuple[Region, ...] = Field(default=(), description="Regions; every one with every account of accounts.")
    targets_listed: tuple[str, ...] = Field(
        default=(),
        alias="targets",
        description="Single targets besides accounts x regions, each written account/region.",
    )
    targets_file: Annotated[InstanceOf[TargetsFile] | None, BeforeValidator(_read_targets_file)] = Field(
        default=None,
        description=(
            "CSV file with the columns account and region, for thousands of targets; the path is relative to the "
            "settings file."
        ),
    )
    exclude: tuple[str, ...] = Field(
        default=(),
        description="Targets to leave out again, each written account/region; * stands for any account or region.",
    )
    expected_flow_logs: PositiveCount | None = Field(
        default=None,
        description=(
            "Flow logs that every target must show before its day counts as complete; empty to expect those of the "
            "day before."
        ),
    )

    @field_validator("table")
    @classmethod
    def _is_free(cls, value: str) -> str:
        if value in LAKE_TABLES:
            raise ValueError(f"is a table of the pipeline's own ({', '.join(LAKE_TABLES)}); give the raw table another")
        if value.endswith("_lines"):
            raise ValueError(
                "ends in _lines, as the tables over files line by line do; give the raw table another name"
            )
        return value

    @field_validator("extra_fields")
    @classmethod
    def _are_fields(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        record_fields.declared_fields(value)
        return MappingProxyType(dict(value))

    @field_validator("log_format")
    @classmethod
    def _parses(cls, value: str, info: ValidationInfo) -> str:
        if "extra_fields" in info.data:  # otherwise they are wrong, and reported already
            record_fields.parse_log_format(value, info.data["extra_fields"])
        return value

    @field_validator("accounts", "regions")
    @classmethod
    def _once_each(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        repeated = sorted(item for item, count in Counter(value).items() if count > 1)
        if repeated:
            raise ValueError(f"names {', '.join(map(repr, repeated))} twice; remove one")
        return value

    @field_validator("targets_listed")
    @classmethod
    def _are_targets(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        target_lists.parse_targets(value, Surroundings.of(info).regions)
        return value

    @field_validator("exclude")
    @classmethod
    def _are_exclusions(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        target_lists.parse_exclusions(value, Surroundings.of(info).regions)
        return value

    @model_validator(mode="after")
    def _has_targets(self) -> Self:
        if bool(self.accounts) != bool(self.regions):
            given, wanting = ("accounts", "regions") if self.accounts else ("regions", "accounts")
            raise ValueError(f"has {given} but no {wanting}; targets are each account with each region")
        if not self.targets():
            raise ValueError(
                "has no targets; give accounts and regions, targets or targets_file, and see what exclude takes away"
            )
        return self

    def targets(self) -> tuple[Target, ...]:
        """Every target once: accounts x regions, then the listed ones, then the file's, without the excluded."""
        return self._targets

    @cached_property
    def _targets(self) -> tuple[Target, ...]:
        pairs = [(account, region) for account in self.accounts for region in self.regions]
        pairs += map(target_lists.account_region, self.targets_listed)
        pairs += self.targets_file.targets if self.targets_file is not None else ()
        kept = target_lists.without(dict.fromkeys(pairs), map(target_lists.account_region, self.exclude))
        return tuple(Target(self.name, account, region) for account, region in kept)

    @cached_property
    def fields(self) -> tuple[record_fields.Field, ...]:
        """The fields of the source's records, in order."""
        return record_fields.parse_log_format(self.log_format, self.extra_fields)

    @property
    def record_version(self) -> int:
        """The version that the source's records carry."""
        return record_fields.record_version(self.fields)

    @cached_property
    def raw_columns(self) -> tuple[tuple[str, str], ...]:
        """Columns and Hive types of the source's raw table, in order."""
        return record_fields.raw_columns(self.fields, self.file_format)

    @property
    def lines_table(self) -> str:
        """Table over the files of a text source, line by line."""
        return f"{self.table}_lines"

    @property
    def file_tables(self) -> tuple[str, ...]:
        """The tables over the source's files: the raw table, and for text the one that reads them line by line."""
        return (self.table, self.lines_table) if self.file_format == "text" else (self.table,)

    @property
    def table_location(self) -> str:
        """Location of the raw table."""
        return s3_layout.table_location(self.bucket, self.prefix)

    def day_prefix(self, target: Target, day: date, hour: int | None = None) -> str:
        """Key prefix of a target's day, or of one of its hours in the hourly layouts."""
        return s3_layout.day_prefix(self.prefix, self.layout, target.account, target.region, day, hour)

    def partition_location(self, target: Target, day: date) -> str:
        """Location of the raw table's partition of a target and day."""
        return s3_layout.partition_location(self.bucket, self.prefix, self.layout, target.account, target.region, day)

    def reads_files_of(self, other: Source) -> bool:
        """Whether the sources share a target's folder: each would take the other's files for its own."""
        if (self.bucket, self.prefix) != (other.bucket, other.prefix):
            return False
        if (self.layout in s3_layout.HIVE_LAYOUTS) != (other.layout in s3_layout.HIVE_LAYOUTS):
            return False
        theirs = {(target.account, target.region) for target in other.targets()}
        return any((target.account, target.region) in theirs for target in self.targets())
