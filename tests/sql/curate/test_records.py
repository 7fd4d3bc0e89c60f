"""curate/records.sql: every line of the files goes where it belongs, typed."""

import io
import json

import pyarrow
import pyarrow.parquet
import pytest

from flowlogs.curation import run_prefix
from flowlogs.fields import DEFAULT_FIELDS, header_line
from flowlogs.settings import load_settings
from tests.unit.flowlogs.smallest_settings import source

FILE = "curate/records.sql"
ONE, TWO = "111122223333", "222233334444"
DAY = "2026-11-22"
START = 1795348800
"""2026-11-22T12:00:00Z."""

HEADER = header_line(DEFAULT_FIELDS)
RECORD = f"2 {ONE} eni-0a 203.0.113.9 10.0.0.1 40000 22 6 1 40 {START} {START + 60} REJECT OK"


def changed(**changes):
    names = HEADER.split(" ")
    values = RECORD.split(" ")
    for name, value in changes.items():
        values[names.index(name.replace("_", "-"))] = value
    return " ".join(values)


GAP = changed(srcaddr="-", dstaddr="-", srcport="-", dstport="-", protocol="-", packets="-", bytes="-", action="-")


class Curated:
    """What an UNLOAD wrote, shown by the tables it is meant for."""

    def __init__(self, sql) -> None:
        self._sql = sql

    def of(self, *lines, header=HEADER, name="network", final_newline="\n"):
        """Deliver a text file of one target and curate the day."""
        self._sql.deliver(name, "\n".join([header, *lines]) + final_newline)
        return self.curate(name)

    def curate(self, name="network"):
        run = self._sql.curate(name, DAY)
        source = load_settings().source(name)
        for target in source.targets():
            folder = (
                f"s3://logs/lake/{run_prefix('flow_records', DAY, run)}"
                f"aws_account={target.account}/aws_region={target.region}/"
            )
            keys = f"dt = '{DAY}', aws_account = '{target.account}', aws_region = '{target.region}', source = '{name}'"
            for action in ("ACCEPT", "REJECT", "NONE"):
                self._show("flow_records", f"{keys}, action = '{action}'", f"{folder}kind={action}/")
            self._show("flow_gaps", keys, f"{folder}kind=GAP/")
            self._show("flow_quarantine", keys, f"{folder}kind=QUARANTINE/")
        return self

    def records(self, columns="*"):
        return self._sql.athena.rows(f"SELECT {columns} FROM flow_records ORDER BY 1")

    def gaps(self):
        return self._sql.athena.rows('SELECT log_status, interface_id, "start", "end" FROM flow_gaps ORDER BY 1')

    def quarantine(self, columns="reason, line"):
        return self._sql.athena.rows(f"SELECT {columns} FROM flow_quarantine ORDER BY 1, 2")

    def _show(self, table, keys, location):
        self._sql.athena.text(f"ALTER TABLE {table} ADD PARTITION ({keys}) LOCATION '{location}'")


@pytest.fixture
def curated(sql):
    sql.settings(source(accounts=[ONE, TWO]))
    sql.set_up("network", DAY)
    return Curated(sql)


def test_a_record_is_typed_and_what_the_format_lacks_is_null(curated):
    (row,) = curated.of(RECORD).records(
        "version, account_id, interface_id, srcaddr, dstaddr, srcport, dstport, protocol, packets, bytes, "
        '"start", "end", log_status, action, vpc_id, tcp_flags, dt, aws_account, aws_region, source'
    )
    assert row == (
        "2", ONE, "eni-0a", "203.0.113.9", "10.0.0.1", "40000", "22", "6", "1", "40",
        "2026-11-22 12:00:00.000", "2026-11-22 12:01:00.000", "OK", "REJECT", "", "", DAY, ONE, "us-east-1", "network",
    )  # fmt: skip


def test_each_line_goes_to_one_place(curated):
    found = curated.of(
        RECORD, changed(action="ACCEPT"), changed(action="-"), f"{GAP.removesuffix('OK')}NODATA",
        f"{GAP.removesuffix('OK')}SKIPDATA", "something else",
    )  # fmt: skip
    assert [row[0] for row in found.records("action")] == ["ACCEPT", "NONE", "REJECT"]
    times = ("2026-11-22 12:00:00.000", "2026-11-22 12:01:00.000")
    assert found.gaps() == [("NODATA", "eni-0a", *times), ("SKIPDATA", "eni-0a", *times)]
    assert found.quarantine() == [("has 2 fields, not 14", "something else")]


BROKEN = [
    pytest.param("", "has 1 fields, not 14", id="an empty line"),
    pytest.param(RECORD.rpartition(" ")[0], "has 13 fields, not 14", id="a field too few"),
    pytest.param(f"{RECORD} more", "has 15 fields, not 14", id="a field too many"),
    pytest.param(RECORD.replace(" eni", "  eni"), "has 15 fields, not 14", id="a double space"),
    pytest.param(HEADER, "a header line", id="the header again"),
    pytest.param(changed(srcport="x"), "srcport is no whole number", id="a word for a number"),
    pytest.param(changed(bytes="1.5"), "bytes is no whole number", id="a fraction"),
    pytest.param(changed(packets="9" * 19), "packets is no whole number", id="a number beyond 64 bits"),
    pytest.param(changed(dstport="2147483648"), "dstport is no whole number", id="a number beyond 32 bits"),
    pytest.param(changed(start="-"), "start is missing", id="no start"),
    pytest.param(changed(end="-"), "end is missing", id="no end"),
    pytest.param(changed(start="-5"), "start is no time", id="a time before 1970"),
    pytest.param(changed(start="9" * 15), "start is no time", id="a time far off"),
    pytest.param(changed(log_status="ok"), "log-status is not OK, NODATA or SKIPDATA", id="a status that is none"),
    pytest.param(changed(log_status="-"), "log-status is not OK, NODATA or SKIPDATA", id="no status"),
    pytest.param(changed(action="DROP"), "action is not ACCEPT or REJECT", id="an action that is none"),
    pytest.param(changed(srcaddr="<script>"), "srcaddr is no address", id="a text for an address"),
    pytest.param(changed(dstaddr="10.0.0.1;"), "dstaddr is no address", id="an address and more"),
]


@pytest.mark.parametrize(("line", "reason"), BROKEN)
def test_what_is_no_record_is_kept_with_the_reason(curated, line, reason):
    found = curated.of(RECORD, line, RECORD)
    assert found.quarantine() == [(reason, line)]
    assert len(found.records()) == 2


def test_quarantine_names_the_file(curated):
    ((_, file),) = curated.of("x").quarantine("reason, file")
    assert file.startswith(f"s3://logs/AWSLogs/{ONE}/vpcflowlogs/us-east-1/2026/11/22/{ONE}_vpcflowlogs_")


HARMLESS = [
    pytest.param(changed(account_id="unknown"), id="an unknown account"),
    pytest.param(changed(account_id="11122223333"), id="an account of 11 digits"),
    pytest.param(changed(start=f"{START}000", end=f"{START + 60}000"), id="milliseconds"),
    pytest.param(changed(srcaddr="2001:db8::1", dstaddr="::ffff:10.0.0.1"), id="IPv6"),
    pytest.param(changed(srcport="-", dstport="-"), id="no ports"),
    pytest.param(changed(bytes="9223372036854775807"), id="the largest number"),
]


@pytest.mark.parametrize("line", HARMLESS)
def test_what_is_odd_but_right_is_a_record(curated, line):
    found = curated.of(line)
    assert found.records('"start", "end"') == [("2026-11-22 12:00:00.000", "2026-11-22 12:01:00.000")]
    assert found.quarantine() == []


def test_the_last_line_counts_without_a_newline(curated):
    assert len(curated.of(RECORD, RECORD, final_newline="").records()) == 2


def test_targets_stay_apart(curated):
    curated._sql.deliver("network", f"{HEADER}\n{RECORD}\n", account=ONE)
    curated._sql.deliver("network", f"{HEADER}\n{RECORD}\n{RECORD}\n", account=TWO)
    assert curated.curate().records("aws_account, count(*) OVER (PARTITION BY aws_account)") == [
        (ONE, "1"), (TWO, "2"), (TWO, "2"),
    ]  # fmt: skip


def test_a_changed_log_format_is_a_new_source_whose_records_meet_the_others(sql):
    """The old files keep their table, the new ones have another; `flow_records` has the fields of both."""
    newer = "${interface-id} ${srcaddr} ${dstport} ${action} ${log-status} ${start} ${end} ${vpc-id} ${reject-reason}"
    sql.settings(source(), source(name="newer", table="newer", prefix="newer/", log_format=newer))
    found = Curated(sql)
    for name in ("network", "newer"):
        sql.set_up(name, DAY)
    found.of(RECORD)
    header = newer.replace("${", "").replace("}", "")
    found.of(f"eni-0b 198.51.100.7 443 REJECT OK {START} {START + 60} vpc-1 BPA", header=header, name="newer")
    assert found.records("interface_id, srcaddr, dstport, vpc_id, reject_reason, bytes, source") == [
        ("eni-0a", "203.0.113.9", "22", "", "", "40", "network"),
        ("eni-0b", "198.51.100.7", "443", "vpc-1", "BPA", "", "newer"),
    ]


def test_a_format_without_action_and_status(sql):
    sql.settings(source(log_format="${srcaddr} ${start}"))
    sql.set_up("network", DAY)
    found = Curated(sql).of(f"10.0.0.1 {START}", "x y", header="srcaddr start")
    assert found.records("srcaddr, action") == [("10.0.0.1", "NONE")]
    assert found.quarantine() == [("start is no whole number", "x y")]


def test_a_parquet_file(sql):
    sql.settings(
        source(
            file_format="parquet",
            layout="hive",
            log_format="${srcaddr} ${bytes} ${action} ${log-status} ${start} ${end}",
        )
    )
    sql.set_up("network", DAY)
    rows = [
        ("10.0.0.1", 40, "ACCEPT", "OK", START, START + 60),
        ("10.0.0.2", 50, "REJECT", "OK", START * 1000, (START + 60) * 1000),
        ("-", None, "-", "NODATA", START, START + 60),
        ("10.0.0.3", 60, "REJECT", "OK", None, START),
        ("10.0.0.4", 70, "REJECT", None, START, START),
    ]
    names = ("srcaddr", "bytes", "action", "log_status", "start", "end")
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(dict(zip(names, zip(*rows, strict=True), strict=True))), file)
    sql.deliver("network", file.getvalue())
    found = Curated(sql).curate()
    assert found.records('srcaddr, bytes, action, "start"') == [
        ("10.0.0.1", "40", "ACCEPT", "2026-11-22 12:00:00.000"),
        ("10.0.0.2", "50", "REJECT", "2026-11-22 12:00:00.000"),
    ]
    assert [row[0] for row in found.gaps()] == ["NODATA"]
    (no_status, no_start) = found.quarantine()
    assert no_start[0] == "start is missing"
    assert json.loads(no_start[1])["srcaddr"] == "10.0.0.3"
    assert no_status[0] == "log-status is not OK, NODATA or SKIPDATA"


def test_rejects_are_read_without_the_rest(sql, curated):
    curated.of(*[changed(action="ACCEPT", srcport=str(port)) for port in range(1024, 6024)], RECORD)
    sql.athena.rows("SELECT srcaddr, srcport FROM flow_records")
    everything = sql.athena.outcome.data_scanned_bytes
    assert sql.athena.rows("SELECT srcaddr, srcport FROM flow_records WHERE action = 'REJECT'") == [
        ("203.0.113.9", "40000")
    ]
    assert sql.athena.outcome.data_scanned_bytes < everything / 5
