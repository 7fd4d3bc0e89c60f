"""Settings: `include/config/flowlogs.yaml` with overrides, validated, frozen.

Values come from three layers, each over the one before:

1. the YAML file: the one that `FLOWLOGS_CONFIG` names, or `include/config/flowlogs.yaml` of this repository;
2. the environment: `FLOWLOGS__SECTION__KEY`, list items by position (`FLOWLOGS__SOURCES__0__BUCKET`), lists and
   sections as JSON;
3. a mapping that the caller gives: DAGs give the JSON of the Airflow Variable `flowlogs`.

What is wrong is reported all at once, each with its place, its value and the way out (`SettingsError`).
`docs/settings.md` lists every setting; it is generated from this code (`python -m flowlogs.settings_reference`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import ByteSize, Field, ValidationError, ValidatorFunctionWrapHandler, field_validator
from pydantic_core import InitErrorDetails

from flowlogs.alarm_settings import Alarms, NamedAlarms
from flowlogs.include_folder import INCLUDE
from flowlogs.operation_settings import LateArrivals, Retention, Watchdog
from flowlogs.quicksight_settings import QuickSight
from flowlogs.regions import REGIONS
from flowlogs.search_settings import Search
from flowlogs.setting_types import (
    MINIMUM_SCAN_CUTOFF,
    BucketName,
    Cidr,
    Identifier,
    InterfaceId,
    KeyPrefix,
    PortNumber,
    Positive,
    PositiveCount,
    Region,
    RegionName,
    S3Uri,
    Section,
    Share,
    Surroundings,
    ThresholdValue,
    TopicArn,
    WorkGroupName,
)
from flowlogs.settings_layers import ENVIRONMENT_PREFIX, read_layers
from flowlogs.settings_problems import SettingsError, problems_of
from flowlogs.sources import Source
from flowlogs.targets import FileStamp, Target

__all__ = ["Settings", "SettingsError", "Source", "Target", "load_settings", "settings_file"]

DEFAULT_FILE: Final = INCLUDE / "config" / "flowlogs.yaml"


class Aws(Section):
    """The AWS account and region that the pipeline itself works in."""

    conn_id: str = Field(default="aws_default", min_length=1, description="Airflow connection to AWS.")
    region: Region = Field(default="us-east-1", description="Region of the Glue catalog, Athena and the lake bucket.")


class Athena(Section):
    """Where queries run and what they may cost."""

    database: Identifier = Field(default="flowlogs", description="Glue database of all tables and views.")
    work_group: WorkGroupName = Field(default="flowlogs", description="Athena work group; flow_logs_setup makes it.")
    output_location: S3Uri = Field(description="Where Athena writes results; work group setting.")
    bytes_scanned_cutoff: Annotated[ByteSize, Field(ge=MINIMUM_SCAN_CUTOFF)] = Field(
        default=ByteSize(1_000_000_000_000),
        description="Athena cancels a query that scans more; bytes, or a size such as '500GB', 10 MB at least.",
    )
    price_per_tb_usd: Annotated[float, Field(ge=0)] = Field(
        default=5.0, description="Price of a terabyte scanned, for the cost figures of the ledger and reports."
    )
    poll_seconds: PositiveCount = Field(default=5, description="Seconds between two looks at a running query.")


class Lake(Section):
    """Where the pipeline's own data lives: curated records, summaries, ledger, reports."""

    bucket: BucketName = Field(description="Bucket of curated data.")
    prefix: KeyPrefix = Field(
        default="", description="Key prefix of everything that the pipeline writes; empty for the whole bucket."
    )

    grace_hours: Positive = Field(
        default=24,
        description="Hours that the files of a replaced run are kept, for queries that still read them.",
    )

    def prefix_of(self, table: str) -> str:
        """Key prefix of a table's files, ending in a slash."""
        return f"{self.prefix}{table}/"

    def location_of(self, table: str) -> str:
        """S3 location of a table's files, ending in a slash."""
        return f"s3://{self.bucket}/{self.prefix_of(table)}"

    @property
    def ledger_location(self) -> str:
        """S3 location of the ledger, the table `flow_runs`."""
        return self.location_of("flow_runs")


class Schedule(Section):
    """When the daily pipeline runs and how often it tries. A day's run begins at the midnight (UTC) that ends it."""

    start_date: date = Field(
        default=date(2026, 1, 1), description="First UTC day that the pipeline may process (YYYY-MM-DD)."
    )
    catchup: bool = Field(
        default=False, description="Run every day since start_date when the DAG is first switched on."
    )
    max_active_days: PositiveCount = Field(default=4, description="Days that are processed at the same time.")
    retries: Annotated[int, Field(ge=0)] = Field(default=2, description="Times that a failed task is tried again.")
    retry_delay_minutes: Positive = Field(default=5, description="Minutes before a failed task is tried again.")


class Arrival(Section):
    """When a day of logs counts as complete, and how long to wait for it."""

    poll_seconds: PositiveCount = Field(
        default=300, description="Seconds between two looks; a flow log delivers every five minutes."
    )
    quiet_minutes: Positive = Field(
        default=15,
        description="Minutes without a new file after which a flow log that reached the day's end is complete.",
    )
    day_end_grace_minutes: Annotated[float, Field(ge=0, lt=1440)] = Field(
        default=15,
        description="A flow log has reached the day's end when its newest file's time is this near to midnight.",
    )
    timeout_hours: Positive = Field(
        default=12, description="Hours after which a day is given up or taken as it is, by on_timeout."
    )
    on_timeout: Literal["fail", "continue"] = Field(
        default="fail",
        description="A day that stays incomplete: fail, or continue with what is there and say what is missing.",
    )
    concurrency: Annotated[int, Field(gt=0, le=256)] = Field(
        default=16, description="Targets that are looked at simultaneously."
    )


class Checks(Section):
    """Limits that a day of raw records has to keep, over all targets of a source."""

    on_failure: Literal["fail", "warn"] = Field(
        default="fail", description="What a broken limit does: fail the run, or warn and go on."
    )
    min_rows_per_target: Annotated[int, Field(ge=0)] = Field(
        default=1, description="Rows that every target must have; NODATA rows count."
    )
    max_nodata_share: Share = Field(default=0.95, description="Largest share of rows that say NODATA, 0 to 1.")
    max_skipdata_share: Share = Field(
        default=0.01, description="Largest share of rows that say SKIPDATA (records that AWS lost), 0 to 1."
    )
    max_unparsable_share: Share = Field(
        default=0.001, description="Largest share of rows that cannot be read as records, 0 to 1."
    )
    max_outside_day_share: Share = Field(
        default=0.05,
        description="Largest share of records that begin on another day, 0 to 1; some around midnight always do.",
    )


class Allowlist(Section):
    """What is known and wanted: findings that it covers are listed at the end of the report instead."""

    cidrs: tuple[Cidr, ...] = Field(default=(), description="Addresses or networks, such as 198.51.100.0/24.")
    ports: tuple[PortNumber, ...] = Field(default=(), description="Ports, 0 to 65535.")
    interfaces: tuple[InterfaceId, ...] = Field(default=(), description="Network interfaces, such as eni-0a1b2c3d.")


class Reports(Section):
    """The rejected-traffic report."""

    max_rows: Annotated[int, Field(gt=0, le=1000)] = Field(default=100, description="Rows of a section at most.")
    thresholds: Mapping[Identifier, Mapping[Identifier, ThresholdValue]] = Field(
        default_factory=dict,
        description=(
            "Thresholds that differ from those in the headers of include/sql/reports/, by section and name: "
            "{brute_force: {attempts: 20}}."
        ),
    )
    allowlist: Allowlist = Field(default_factory=Allowlist, description="What findings are not wanted of.")
    base_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s\"'<>]+/)?$",
        description=(
            "Where people reach the objects of lake.bucket, ending in a slash: links to the page begin so. Empty for "
            "the S3 console."
        ),
    )

    @field_validator("thresholds")
    @classmethod
    def _frozen(cls, value: Mapping[str, Any]) -> Mapping[str, Any]:
        return MappingProxyType({section: MappingProxyType(dict(names)) for section, names in value.items()})


class Notifications(Section):
    """Who is told."""

    sns_topic_arn: TopicArn | None = Field(
        default=None, description="SNS topic that failures go to; empty to tell nobody."
    )
    report_topic_arn: TopicArn | None = Field(
        default=None, description="SNS topic that the reports' summaries go to; empty to send none."
    )
    slack_conn_id: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "Airflow connection (HTTP) whose host and password are a Slack incoming webhook's URL, for the reports' "
            "summaries; empty to send none."
        ),
    )


class Settings(Section):
    """Everything that a team sets."""

    environment: Identifier = Field(
        description="Short name of this deployment, such as prod; begins the names of what setup makes in AWS."
    )
    extra_regions: tuple[RegionName, ...] = Field(
        default=(), description="Regions that AWS opened after this release, to be accepted too."
    )
    aws: Aws = Field(default_factory=Aws, description="The account and region that the pipeline works in.")
    athena: Athena = Field(description="Where queries run and what they may cost.")
    lake: Lake = Field(description="Where the pipeline's own data lives.")
    sources: tuple[Source, ...] = Field(description="The flow logs to process, at least one source.")
    schedule: Schedule = Field(
        default_factory=Schedule, description="When the daily pipeline runs and how often it tries."
    )
    arrival: Arrival = Field(default_factory=Arrival, description="When a day of logs counts as complete.")
    checks: Checks = Field(default_factory=Checks, description="Limits that a day of raw records has to keep.")
    reports: Reports = Field(default_factory=Reports, description="The rejected-traffic report.")
    late_arrivals: LateArrivals = Field(
        default_factory=LateArrivals, description="Logs that come when their day was curated already."
    )
    retention: Retention = Field(default_factory=Retention, description="How long is kept what the pipeline made.")
    watchdog: Watchdog = Field(
        default_factory=Watchdog, description="What is told of although no callback of a run told it."
    )
    notifications: Notifications = Field(default_factory=Notifications, description="Who is told.")
    alarms: NamedAlarms = Field(
        default_factory=Alarms,
        description="The second path of the flow logs: log group, metric filters, alarms, messages.",
    )
    quicksight: QuickSight = Field(
        default_factory=QuickSight, description="The QuickSight dashboard: whose it is, how much it may hold."
    )
    search: Search = Field(
        default_factory=Search, description="Findings, rejected records and the summary in OpenSearch or Elasticsearch."
    )

    @field_validator("sources", mode="wrap")
    @classmethod
    def _distinct(cls, value: Any, validate: ValidatorFunctionWrapHandler) -> tuple[Source, ...]:
        """Refuses a name or table that two sources share, together with whatever else is wrong with them."""
        errors = [*_repeats(value, "name"), *_repeats(value, "table")]
        try:
            sources: tuple[Source, ...] = validate(value)
        except ValidationError as error:
            errors += [
                InitErrorDetails(type=found["type"], loc=found["loc"], input=found["input"], ctx=found.get("ctx", {}))
                for found in error.errors()
            ]
        else:
            if not sources:
                raise ValueError("is empty; give at least one source")
            errors += _shared_files(sources)
        if errors:
            raise ValidationError.from_exception_data("sources", errors)
        return sources

    def source(self, name: str) -> Source:
        """The source of a name.

        Raises:
            KeyError: naming the sources there are.
        """
        for source in self.sources:
            if source.name == name:
                return source
        raise KeyError(f"no source {name!r}; there are {', '.join(source.name for source in self.sources)}")

    def targets(self) -> tuple[Target, ...]:
        """The targets of all sources."""
        return tuple(target for source in self.sources for target in source.targets())


def _repeats(sources: Any, key: str) -> list[InitErrorDetails]:
    errors = []
    first: dict[str, int] = {}
    default = Source.model_fields[key].get_default()
    for position, source in enumerate(sources if isinstance(sources, Sequence) else ()):
        value = source.get(key, default) if isinstance(source, Mapping) else getattr(source, key, None)
        if isinstance(value, str) and first.setdefault(value, position) != position:
            message = f"sources[{first[value]}] has the same {key}; give each source its own"
            errors.append(_error((position, key), value, message))
    return errors


def _shared_files(sources: Sequence[Source]) -> list[InitErrorDetails]:
    errors = []
    for position, source in enumerate(sources):
        for earlier in range(position):
            if source.reads_files_of(sources[earlier]):
                message = (
                    f"sources[{earlier}] has targets in the same folders of the bucket, so each would read the "
                    "other's files; deliver them under a prefix of their own, or take the targets out of one"
                )
                errors.append(_error((position, "prefix"), source.prefix, message))
    return errors


def _error(path: tuple[int | str, ...], value: object, message: str) -> InitErrorDetails:
    return InitErrorDetails(type="value_error", loc=path, input=value, ctx={"error": ValueError(message)})


def settings_file(environ: Mapping[str, str] | None = None) -> Path:
    """The settings file that is in force: `FLOWLOGS_CONFIG`, or the repository's own."""
    named = (os.environ if environ is None else environ).get("FLOWLOGS_CONFIG")
    return Path(named) if named else DEFAULT_FILE


def load_settings(
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Settings of a file, with the environment's values and `overrides` over it.

    Settings are kept for as long as the file, the files it names, the environment and the overrides stay as they
    were, so that a process which asks again pays nothing.

    Args:
        file: the settings file; without it, the one that is in force (`settings_file`).
        environ: the environment; without it, the process's own.
        overrides: values over both, as sections or single values; a caller that knows the Airflow Variable
            `flowlogs` gives its JSON.

    Raises:
        SettingsError: everything that is wrong, in one message.
    """
    environ = os.environ if environ is None else environ
    file = settings_file(environ) if file is None else file
    variables = sorted(item for item in environ.items() if item[0].startswith(ENVIRONMENT_PREFIX))
    key = json.dumps([str(file), variables, overrides], default=str, sort_keys=True)
    stamp = FileStamp.of(file)
    kept = _kept.get(key)
    if kept is not None and kept.file_stamp == stamp and kept.is_current():
        return kept.settings
    settings = _load(file, environ, overrides)
    if len(_kept) >= _KEPT_AT_MOST:
        _kept.clear()
    _kept[key] = _Kept(settings, stamp)
    return settings


@dataclass(frozen=True, slots=True)
class _Kept:
    """Settings that were loaded before, and the state of their file at that time."""

    settings: Settings
    file_stamp: FileStamp | None

    def is_current(self) -> bool:
        """Whether the files of targets are still as they were."""
        files = (source.targets_file for source in self.settings.sources)
        return all(file is None or FileStamp.of(file.path) == file.stamp for file in files)


_KEPT_AT_MOST: Final = 16
_kept: dict[str, _Kept] = {}


def _load(file: Path, environ: Mapping[str, str], overrides: Mapping[str, Any] | None) -> Settings:
    layers = read_layers(file, environ, overrides)
    extra = layers.values.get("extra_regions")
    extra_regions = {region for region in extra if isinstance(region, str)} if isinstance(extra, list) else set()
    surroundings = Surroundings(folder=file.parent, regions=REGIONS | extra_regions)
    problems = list(layers.problems)
    try:
        settings = Settings.model_validate(layers.values, context=surroundings)
    except ValidationError as error:
        problems += problems_of(error, Settings, layers.origins)
    if problems:
        raise SettingsError(file, problems)
    return settings
