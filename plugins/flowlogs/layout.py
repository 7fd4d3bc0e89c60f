"""Where VPC flow logs put their files in S3: prefixes and object keys, built and parsed.

A file's key is

    [prefix/]AWSLogs/{account}/vpcflowlogs/{region}/{YYYY}/{MM}/{DD}/[{HH}/]
    [prefix/]AWSLogs/aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}/year=…/month=…/day=…/[hour=…/]

followed by `{account}_vpcflowlogs_{region}_{flow log id}_{YYYYMMDD}T{HHMM}Z_{hash}.log.gz` (or `.log.parquet`).
So within one folder keys sort by flow log id, then by time, and an S3 listing can begin at any of them: the
newest files of a flow log cost one LIST page, however many files the day has (`newest_files`), and the flow logs
of a folder cost one LIST page too (`flow_logs_in`). The hourly layouts put the hour before the file name, so there
each hour is a folder of its own to list.

Source: "Flow log files" in the Amazon VPC user guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

from flowlogs.fields import FileFormat

Layout = Literal["default", "hourly", "hive", "hive-hourly"]

HIVE_LAYOUTS: Final = frozenset[Layout]({"hive", "hive-hourly"})
HOURLY_LAYOUTS: Final = frozenset[Layout]({"hourly", "hive-hourly"})

_LAYOUTS: Final[dict[tuple[bool, bool], Layout]] = {
    (False, False): "default",
    (False, True): "hourly",
    (True, False): "hive",
    (True, True): "hive-hourly",
}
"""The layout by its two options: Hive-compatible, and a folder for each hour."""

FILE_EXTENSIONS: Final[dict[FileFormat, str]] = {"text": ".log.gz", "parquet": ".log.parquet"}

FLOW_LOG_ID_PATTERN: Final = r"fl-[0-9a-f]{8,32}"
"""A flow log's id: AWS writes 8 or 17 hexadecimal digits."""

# The account of a real file has 12 digits; 11 digits and `unknown` have been seen and are somebody's traffic too.
_ACCOUNT: Final = r"[0-9]{11,12}|unknown"
_REGION: Final = r"[a-z]{2,}(?:-[a-z]+)+-[0-9]+"

_FOLDER = re.compile(
    rf"""
    (?P<source_prefix>(?:.*/)?)AWSLogs/
    (?:
        (?P<account>{_ACCOUNT})/vpcflowlogs/(?P<region>{_REGION})/
        (?P<day>[0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}})/
        (?:(?P<hour>[0-9]{{2}})/)?
      |
        aws-account-id=(?P<hive_account>{_ACCOUNT})/aws-service=vpcflowlogs/aws-region=(?P<hive_region>{_REGION})/
        (?P<hive_day>year=[0-9]{{4}}/month=[0-9]{{2}}/day=[0-9]{{2}})/
        (?:hour=(?P<hive_hour>[0-9]{{2}})/)?
    )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_FILE_NAME = re.compile(
    rf"""
    (?P<account>{_ACCOUNT})_vpcflowlogs_(?P<region>{_REGION})_(?P<flow_log_id>{FLOW_LOG_ID_PATTERN})_
    (?P<time>[0-9]{{8}}T[0-9]{{4}})Z_
    (?P<unique>[0-9A-Za-z]+)
    (?P<extension>\.log\.gz|\.log\.parquet)
    """,
    re.VERBOSE | re.ASCII,
)
_FLOW_LOG_PREFIX = re.compile(
    rf"(?:{_ACCOUNT})_vpcflowlogs_(?:{_REGION})_(?P<flow_log_id>{FLOW_LOG_ID_PATTERN})_", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one day, or in the hourly layouts of one hour, of one target."""

    source_prefix: str
    """What stands before `AWSLogs/`: empty, or ending in a slash."""
    layout: Layout
    account: str
    region: str
    day: date
    hour: int | None = None
    """0 to 23; None for the whole day, which in the default and Hive layouts is the only folder."""

    @property
    def prefix(self) -> str:
        """The folder as an S3 key prefix, ending in a slash."""
        return day_prefix(self.source_prefix, self.layout, self.account, self.region, self.day, self.hour)


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """One flow log file, as its key describes it."""

    folder: Folder
    flow_log_id: str
    time: datetime
    """The UTC time in the file's name."""
    unique: str
    """The hash that tells apart two files of one flow log and time."""
    file_format: FileFormat

    @property
    def key(self) -> str:
        """The object's key in its bucket."""
        name = (
            f"{file_prefix(self.folder.account, self.folder.region, self.flow_log_id)}"
            f"{_time_text(self.time)}_{self.unique}{FILE_EXTENSIONS[self.file_format]}"
        )
        return f"{self.folder.prefix}{name}"

    @property
    def account(self) -> str:
        """The account whose folder holds the file."""
        return self.folder.account

    @property
    def region(self) -> str:
        """The region whose folder holds the file."""
        return self.folder.region

    @property
    def day(self) -> date:
        """The day whose folder holds the file; the partition that reads it."""
        return self.folder.day

    @property
    def layout(self) -> Layout:
        """The layout that the key follows."""
        return self.folder.layout


@dataclass(frozen=True, slots=True)
class Listing:
    """One S3 listing, to be paged until its end (a page holds 1,000 keys and common prefixes together)."""

    prefix: str
    start_after: str | None = None
    delimiter: str | None = None

    @property
    def arguments(self) -> dict[str, str]:
        """Arguments of ListObjectsV2, but for the bucket."""
        arguments = {"Prefix": self.prefix, "StartAfter": self.start_after, "Delimiter": self.delimiter}
        return {name: value for name, value in arguments.items() if value is not None}


def normalised_prefix(source_prefix: str) -> str:
    """A source's prefix as it stands in keys: without a leading slash, and ending in one unless it is empty."""
    stripped = source_prefix.strip("/")
    return f"{stripped}/" if stripped else ""


def source_root(source_prefix: str) -> str:
    """The key prefix of everything that the flow logs of a source deliver."""
    return f"{normalised_prefix(source_prefix)}AWSLogs/"


def table_location(bucket: str, source_prefix: str) -> str:
    """Location of a source's raw table. Its partitions have locations of their own (`partition_location`)."""
    return f"s3://{bucket}/{source_root(source_prefix)}"


def day_prefix(
    source_prefix: str, layout: Layout, account: str, region: str, day: date, hour: int | None = None
) -> str:
    """Key prefix of a target's day, or of one of its hours in the hourly layouts.

    Raises:
        ValueError: when an hour is given in a layout that has no folder for hours, or is not one of 0 to 23.
    """
    hive = layout in HIVE_LAYOUTS
    target = (
        f"aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}"
        if hive
        else f"{account}/vpcflowlogs/{region}"
    )
    # Not strftime: it writes years below 1000 without their zeros on some platforms.
    written = (f"{day.year:04d}", f"{day.month:02d}", f"{day.day:02d}")
    dated = "year={}/month={}/day={}".format(*written) if hive else "/".join(written)
    folder = f"{source_root(source_prefix)}{target}/{dated}/"
    if hour is None:
        return folder
    if layout not in HOURLY_LAYOUTS:
        raise ValueError(f"the layout {layout!r} has no folders for hours; hour {hour} was asked for")
    if not 0 <= hour <= 23:
        raise ValueError(f"hour {hour} is not one of 0 to 23")
    return f"{folder}{'hour=' if hive else ''}{hour:02d}/"


def partition_location(bucket: str, source_prefix: str, layout: Layout, account: str, region: str, day: date) -> str:
    """Location of the partition of one target and day: an S3 URI ending in a slash."""
    return f"s3://{bucket}/{day_prefix(source_prefix, layout, account, region, day)}"


def file_prefix(account: str, region: str, flow_log_id: str = "") -> str:
    """How the file names of a target begin, or with an id those of one flow log."""
    return f"{account}_vpcflowlogs_{region}_{flow_log_id + '_' if flow_log_id else ''}"


def object_key(
    source_prefix: str,
    layout: Layout,
    account: str,
    region: str,
    flow_log_id: str,
    time: datetime,
    unique: str,
    file_format: FileFormat,
) -> str:
    """Key under which a flow log delivers the file of `time` (UTC, or aware)."""
    time = _utc(time)
    return ObjectKey(
        folder=_folder_at(source_prefix, layout, account, region, time),
        flow_log_id=flow_log_id,
        time=time,
        unique=unique,
        file_format=file_format,
    ).key


def parse_prefix(prefix: str) -> Folder | None:
    """The folder that a key prefix (or a partition's location without `s3://bucket/`) names; None for any other.

    A day's folder looks the same with and without hours below it, so a day's prefix reads as the layout without.
    The last slash may be missing, as in locations that people write.
    """
    match = _FOLDER.fullmatch(prefix if prefix.endswith("/") else f"{prefix}/")
    return None if match is None else _folder(match)


def parse_key(key: str) -> ObjectKey | None:
    """What a key says about its file; None for a key that no flow log writes, such as other objects in the bucket."""
    match = _FOLDER.match(key)
    if match is None:
        return None
    folder = _folder(match)
    name = _FILE_NAME.fullmatch(key, match.end())
    if folder is None or name is None:
        return None
    if (name["account"], name["region"]) != (folder.account, folder.region):
        return None
    try:
        time = datetime.strptime(name["time"], "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    return ObjectKey(
        folder=folder,
        flow_log_id=name["flow_log_id"],
        time=time,
        unique=name["unique"],
        file_format="text" if name["extension"] == FILE_EXTENSIONS["text"] else "parquet",
    )


def flow_log_prefix(
    source_prefix: str,
    layout: Layout,
    account: str,
    region: str,
    flow_log_id: str,
    day: date,
    hour: int | None = None,
) -> str:
    """Key prefix of one flow log's files in one folder.

    Raises:
        ValueError: when the hour is missing in an hourly layout, where a flow log's day has no common prefix, or is
            given in another.
    """
    if hour is None and layout in HOURLY_LAYOUTS:
        raise ValueError(f"the layout {layout!r} has a folder for each hour; say which hour")
    folder = day_prefix(source_prefix, layout, account, region, day, hour)
    return f"{folder}{file_prefix(account, region, flow_log_id)}"


def start_after(source_prefix: str, layout: Layout, account: str, region: str, flow_log_id: str, time: datetime) -> str:
    """`StartAfter` with which a listing begins at the flow log's file of `time`, that file included.

    It sorts after every older file of the flow log and before every file of `time` or later. In the hourly layouts
    it lies in the hour of `time`, and the folders of later hours follow it.
    """
    time = _utc(time)
    folder = _folder_at(source_prefix, layout, account, region, time)
    return f"{folder.prefix}{file_prefix(account, region, flow_log_id)}{_time_text(time)}"


def newest_files(
    source_prefix: str, layout: Layout, account: str, region: str, flow_log_id: str, day: date, since: datetime
) -> tuple[Listing, ...]:
    """Listings that together return the files of a flow log in a day's folders from `since` (UTC) to the day's end.

    One listing in the default and Hive layouts; in the hourly ones, one for each hour from that of `since` on.
    `since` before the day means all of the day; after it, nothing is listed.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    since = max(_utc(since), midnight)
    if since >= midnight + timedelta(days=1):
        return ()
    after = start_after(source_prefix, layout, account, region, flow_log_id, since)
    hours: tuple[int | None, ...] = tuple(range(since.hour, 24)) if layout in HOURLY_LAYOUTS else (None,)
    return tuple(
        Listing(
            prefix=flow_log_prefix(source_prefix, layout, account, region, flow_log_id, day, hour),
            start_after=after if position == 0 else None,
        )
        for position, hour in enumerate(hours)
    )


def flow_logs_in(
    source_prefix: str, layout: Layout, account: str, region: str, day: date, hour: int | None = None
) -> Listing:
    """Listing whose common prefixes are one for each flow log with files in a folder (`flow_log_id` reads them).

    The delimiter is the underscore after the flow log's id, so S3 folds all files of a flow log into one entry, and
    a folder of 100,000 files answers in one page.

    Raises:
        ValueError: as `flow_log_prefix`.
    """
    prefix = flow_log_prefix(source_prefix, layout, account, region, "", day, hour)
    return Listing(prefix=prefix, delimiter="_")


def hours_in(source_prefix: str, layout: Layout, account: str, region: str, day: date) -> Listing:
    """Listing whose common prefixes are the hours of a day that have files, in the hourly layouts (`parse_prefix`).

    Raises:
        ValueError: in a layout without folders for hours.
    """
    if layout not in HOURLY_LAYOUTS:
        raise ValueError(f"the layout {layout!r} has no folders for hours")
    return Listing(prefix=day_prefix(source_prefix, layout, account, region, day), delimiter="/")


def flow_log_id(common_prefix: str) -> str | None:
    """The flow log that a common prefix of `flow_logs_in` stands for; None where it is another object's."""
    match = _FLOW_LOG_PREFIX.fullmatch(common_prefix.rpartition("/")[2])
    return None if match is None else match["flow_log_id"]


def _folder(match: re.Match[str]) -> Folder | None:
    hive = match["hive_account"] is not None
    written_day = match["hive_day"] if hive else match["day"]
    written_hour = match["hive_hour"] if hive else match["hour"]
    hour = None if written_hour is None else int(written_hour)
    try:
        day = date(*(int(number) for number in re.findall(r"[0-9]+", written_day)))
    except ValueError:
        return None
    if hour is not None and hour > 23:
        return None
    return Folder(
        source_prefix=match["source_prefix"],
        layout=_LAYOUTS[hive, hour is not None],
        account=match["hive_account"] if hive else match["account"],
        region=match["hive_region"] if hive else match["region"],
        day=day,
        hour=hour,
    )


def _folder_at(source_prefix: str, layout: Layout, account: str, region: str, time: datetime) -> Folder:
    hour = time.hour if layout in HOURLY_LAYOUTS else None
    return Folder(normalised_prefix(source_prefix), layout, account, region, time.date(), hour)


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _time_text(time: datetime) -> str:
    return f"{time.year:04d}{time.month:02d}{time.day:02d}T{time.hour:02d}{time.minute:02d}Z"
