"""Prefixes and keys of flow log files: built, parsed, listed."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs import layout
from flowlogs.layout import Folder, Listing, ObjectKey

MINUTE = timedelta(minutes=1)
ACCOUNT, REGION, DAY = "111122223333", "eu-west-1", date(2026, 11, 5)
FLOW_LOG = "fl-0123456789abcdef0"
AT = datetime(2026, 11, 5, 23, 55, tzinfo=UTC)
PLAIN = "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/05/"
HIVE = "AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026/month=11/day=05/"
NAME = "111122223333_vpcflowlogs_eu-west-1_fl-0123456789abcdef0_20261105T2355Z_1f2e3d4c"

layouts = st.sampled_from(["default", "hourly", "hive", "hive-hourly"])
accounts = st.from_regex(r"[0-9]{11,12}", fullmatch=True) | st.just("unknown")
regions = st.sampled_from(["us-east-1", "ap-northeast-2", "us-gov-west-1", "mx-central-1"])
prefixes = st.lists(st.text("abcXYZ019-_.=", min_size=1), max_size=3).map("/".join)
flow_log_ids = st.from_regex(r"fl-([0-9a-f]{8}|[0-9a-f]{17})", fullmatch=True)
minutes = st.integers(0, 85 * 365 * 24 * 60).map(lambda count: datetime(2015, 6, 10, tzinfo=UTC) + count * MINUTE)
hashes = st.from_regex(r"[0-9a-f]{8}", fullmatch=True)
formats = st.sampled_from(["text", "parquet"])


@pytest.mark.parametrize(
    ("name", "hour", "prefix"),
    [
        ("default", None, PLAIN),
        ("hourly", None, PLAIN),
        ("hourly", 7, f"{PLAIN}07/"),
        ("hive", None, HIVE),
        ("hive-hourly", None, HIVE),
        ("hive-hourly", 7, f"{HIVE}hour=07/"),
    ],
)
@pytest.mark.parametrize(("source_prefix", "root"), [("", ""), ("net", "net/"), ("net/", "net/"), ("/a/b/", "a/b/")])
def test_a_days_folder(source_prefix, root, name, hour, prefix):
    assert layout.day_prefix(source_prefix, name, ACCOUNT, REGION, DAY, hour) == root + prefix


@pytest.mark.parametrize("name", ["default", "hive"])
def test_only_hourly_layouts_have_folders_for_hours(name):
    with pytest.raises(ValueError, match=f"the layout '{name}' has no folders for hours; hour 7 was asked for"):
        layout.day_prefix("", name, ACCOUNT, REGION, DAY, 7)
    with pytest.raises(ValueError, match=f"the layout '{name}' has no folders for hours"):
        layout.hours_in("", name, ACCOUNT, REGION, DAY)


def test_a_day_has_24_hours():
    with pytest.raises(ValueError, match="hour 24 is not one of 0 to 23"):
        layout.day_prefix("", "hourly", ACCOUNT, REGION, DAY, 24)


def test_tables_and_partitions_have_locations():
    assert layout.table_location("logs", "net") == "s3://logs/net/AWSLogs/"
    assert layout.partition_location("logs", "", "default", ACCOUNT, REGION, DAY) == f"s3://logs/{PLAIN}"


@pytest.mark.parametrize(
    ("name", "file_format", "key"),
    [
        ("default", "text", f"{PLAIN}{NAME}.log.gz"),
        ("hourly", "text", f"{PLAIN}23/{NAME}.log.gz"),
        ("hive", "parquet", f"{HIVE}{NAME}.log.parquet"),
        ("hive-hourly", "parquet", f"{HIVE}hour=23/{NAME}.log.parquet"),
    ],
)
def test_a_files_key(name, file_format, key):
    assert layout.object_key("", name, ACCOUNT, REGION, FLOW_LOG, AT, "1f2e3d4c", file_format) == key
    hour = 23 if name in layout.HOURLY_LAYOUTS else None
    assert layout.parse_key(key) == ObjectKey(
        folder=Folder("", name, ACCOUNT, REGION, DAY, hour),
        flow_log_id=FLOW_LOG,
        time=AT,
        unique="1f2e3d4c",
        file_format=file_format,
    )


def test_a_parsed_key_answers_for_its_folder():
    parsed = layout.parse_key(f"team/{PLAIN}{NAME}.log.gz")
    assert parsed is not None
    assert (parsed.account, parsed.region, parsed.day, parsed.layout) == (ACCOUNT, REGION, DAY, "default")
    assert (parsed.folder.source_prefix, parsed.folder.prefix) == ("team/", f"team/{PLAIN}")


@given(prefixes, layouts, accounts, regions, flow_log_ids, minutes, hashes, formats)
def test_keys_are_parsed_back(source_prefix, name, account, region, flow_log, time, unique, file_format):
    key = layout.object_key(source_prefix, name, account, region, flow_log, time, unique, file_format)
    parsed = layout.parse_key(key)
    assert parsed is not None
    assert parsed.key == key
    assert parsed.folder.source_prefix == layout.normalised_prefix(source_prefix)
    assert (parsed.layout, parsed.account, parsed.region) == (name, account, region)
    assert (parsed.flow_log_id, parsed.time, parsed.unique) == (flow_log, time, unique)
    assert parsed.file_format == file_format
    assert parsed.day == time.date()


@given(prefixes, layouts, accounts, regions, minutes)
def test_folders_are_parsed_back(source_prefix, name, account, region, time):
    hour = time.hour if name in layout.HOURLY_LAYOUTS else None
    prefix = layout.day_prefix(source_prefix, name, account, region, time.date(), hour)
    folder = Folder(layout.normalised_prefix(source_prefix), name, account, region, time.date(), hour)
    assert layout.parse_prefix(prefix) == folder
    assert layout.parse_prefix(prefix.rstrip("/")) == folder
    assert folder.prefix == prefix


def test_times_in_another_zone_count_in_utc():
    tokyo = datetime(2026, 11, 6, 8, 55, tzinfo=timezone(timedelta(hours=9)))
    assert layout.object_key("", "hourly", ACCOUNT, REGION, FLOW_LOG, tokyo, "1f2e3d4c", "text") == (
        f"{PLAIN}23/{NAME}.log.gz"
    )


@pytest.mark.parametrize(
    "key",
    [
        "",
        PLAIN,
        f"{PLAIN}README.txt",
        f"{PLAIN}{NAME}.log",
        f"{PLAIN}{NAME}.log.gz.tmp",
        f"{PLAIN}{NAME}.log.gz\n",
        f"{PLAIN}_temporary/{NAME}.log.gz",
        f"{PLAIN}24/{NAME}.log.gz",
        f"{PLAIN}{NAME}.log.gz".replace("2026/11/05", "2026/13/05"),
        f"{PLAIN}{NAME}.log.gz".replace("2026/11/05", "2026/02/30"),
        f"{PLAIN}{NAME}.log.gz".replace("20261105T2355Z", "20261105T2460Z"),
        f"{PLAIN}{NAME}.log.gz".replace("fl-0123456789abcdef0", "eni-0123456789abcdef0"),
        f"{PLAIN}999999999999_vpcflowlogs_eu-west-1_{FLOW_LOG}_20261105T2355Z_1f2e3d4c.log.gz",
        f"{PLAIN}111122223333_vpcflowlogs_us-east-1_{FLOW_LOG}_20261105T2355Z_1f2e3d4c.log.gz",
        "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/05/111122223333_CloudTrail_eu-west-1_x.json.gz",
        "AWSLogs/111122223333/vpcflowlogs/111122223333_vpcflowlogs_test.log.gz",
        f"myAWSLogs/{PLAIN.removeprefix('AWSLogs/')}{NAME}.log.gz",
    ],
)
def test_other_objects_are_no_flow_log_files(key):
    assert layout.parse_key(key) is None


@pytest.mark.parametrize("prefix", ["", "AWSLogs/", "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/", "x/y/"])
def test_other_prefixes_are_no_days(prefix):
    assert layout.parse_prefix(prefix) is None


@pytest.mark.parametrize("account", ["12345678910", "unknown"])
def test_odd_accounts_that_have_been_seen_are_read(account):
    key = f"AWSLogs/{account}/vpcflowlogs/eu-west-1/2026/11/05/{NAME}.log.gz".replace(f"/{ACCOUNT}_", f"/{account}_")
    parsed = layout.parse_key(key)
    assert parsed is not None
    assert parsed.account == account


def list_objects(keys, listing):
    """What S3 returns for a listing: keys and common prefixes, in UTF-8 byte order."""
    found = []
    for key in sorted(keys, key=lambda key: key.encode()):
        if not key.startswith(listing.prefix) or (listing.start_after is not None and key <= listing.start_after):
            continue
        if listing.delimiter and listing.delimiter in key[len(listing.prefix) :]:
            end = key.index(listing.delimiter, len(listing.prefix)) + len(listing.delimiter)
            key = key[:end]
        if key not in found:
            found.append(key)
    return found


def day_of_files(name, flow_logs, every=timedelta(minutes=5), times=288):
    start = datetime(2026, 11, 5, tzinfo=UTC)
    return [
        layout.object_key("net", name, ACCOUNT, REGION, flow_log, start + every * number, unique, "text")
        for flow_log in flow_logs
        for number in range(times)
        for unique in ("00000000", "ffffffff")
    ]


@pytest.mark.parametrize("name", ["default", "hourly", "hive", "hive-hourly"])
@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (21, 59), (23, 55)])
def test_listings_of_the_newest_files_return_just_those(name, hour, minute):
    since = datetime(2026, 11, 5, hour, minute, tzinfo=UTC)
    flow_logs = ["fl-00000000", FLOW_LOG, "fl-ffffffffffffffff0"]
    keys = [*day_of_files(name, flow_logs), f"net/{PLAIN}zzz.txt", f"net/{PLAIN}000.txt"]
    listings = layout.newest_files("net", name, ACCOUNT, REGION, FLOW_LOG, DAY, since)
    found = [key for listing in listings for key in list_objects(keys, listing)]
    expected = [
        key
        for key in keys
        if (parsed := layout.parse_key(key)) and parsed.flow_log_id == FLOW_LOG and parsed.time >= since
    ]
    assert found == expected
    hours = 24 - since.hour
    assert len(listings) == (hours if name in layout.HOURLY_LAYOUTS else 1)


def test_the_newest_files_before_or_after_the_day_are_all_or_none():
    def listings(name, since):
        return layout.newest_files("", name, ACCOUNT, REGION, FLOW_LOG, DAY, since)

    assert len(listings("hourly", datetime(2026, 11, 1, 23, tzinfo=UTC))) == 24
    assert listings("default", datetime(2026, 11, 6, tzinfo=UTC)) == ()


@given(layouts, flow_log_ids, minutes, minutes, hashes)
def test_a_listing_that_starts_after_a_time_begins_with_the_file_of_that_time(name, flow_log, time, other, unique):
    boundary = layout.start_after("", name, ACCOUNT, REGION, flow_log, time)
    key = layout.object_key("", name, ACCOUNT, REGION, flow_log, other, unique, "text")
    assert (key > boundary) == (other >= time)


@pytest.mark.parametrize("name", ["default", "hourly", "hive", "hive-hourly"])
def test_one_listing_names_the_flow_logs_of_a_folder(name):
    hourly = name in layout.HOURLY_LAYOUTS
    flow_logs = ["fl-00000000", FLOW_LOG, "fl-fffffffff0000000a"]
    keys = [*day_of_files(name, flow_logs), f"net/{PLAIN}zzz.txt"]
    listing = layout.flow_logs_in("net", name, ACCOUNT, REGION, DAY, 23 if hourly else None)
    found = list_objects(keys, listing)
    assert len(found) == 3
    assert [layout.flow_log_id(common_prefix) for common_prefix in found] == flow_logs


@pytest.mark.parametrize("common_prefix", ["", f"{PLAIN}x_", f"{PLAIN}{ACCOUNT}_vpcflowlogs_{REGION}_backup_"])
def test_common_prefixes_of_other_objects_name_no_flow_log(common_prefix):
    assert layout.flow_log_id(common_prefix) is None


@pytest.mark.parametrize("name", ["hourly", "hive-hourly"])
def test_one_listing_names_the_hours_of_a_day(name):
    keys = day_of_files(name, [FLOW_LOG], times=25)
    found = list_objects(keys, layout.hours_in("net", name, ACCOUNT, REGION, DAY))
    folders = [layout.parse_prefix(common_prefix) for common_prefix in found]
    assert [folder.hour for folder in folders if folder] == [0, 1, 2]


def test_a_flow_logs_files_have_a_prefix_in_each_folder():
    assert layout.flow_log_prefix("", "default", ACCOUNT, REGION, FLOW_LOG, DAY) == (
        f"{PLAIN}111122223333_vpcflowlogs_eu-west-1_fl-0123456789abcdef0_"
    )
    with pytest.raises(ValueError, match="the layout 'hourly' has a folder for each hour; say which hour"):
        layout.flow_log_prefix("", "hourly", ACCOUNT, REGION, FLOW_LOG, DAY)


def test_listings_become_arguments_of_listobjectsv2():
    assert Listing("a/").arguments == {"Prefix": "a/"}
    assert Listing("a/", start_after="a/b", delimiter="_").arguments == {
        "Prefix": "a/",
        "StartAfter": "a/b",
        "Delimiter": "_",
    }
