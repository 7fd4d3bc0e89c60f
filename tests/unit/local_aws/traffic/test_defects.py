"""Defects: each is in the files that the manifest names, as often as it says, and nowhere else."""

import gzip
import zlib
from collections.abc import Callable
from datetime import date
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local_aws.traffic import TrafficPlan
from local_aws.traffic.defects import DEFECTS
from tests.unit.local_aws.traffic.reading import rows_of

DAY = date(2026, 11, 20)
PLAN = {"days": (DAY,), "records_per_day": 400, "file_minutes": 120, "flow_logs": 2}
FIELDS = 14
ACCOUNT_AT, START_AT, END_AT = 1, 10, 11
OF_BYTES = ("empty-file", "truncated-file")


def lines_of(body: bytes) -> list[bytes]:
    return gzip.decompress(body).splitlines()


def values(body: bytes) -> list[list[bytes]]:
    return [line.split(b" ") for line in lines_of(body)]


COUNTED: dict[str, Callable[[bytes], int]] = {
    "repeated-header": lambda body: lines_of(body).count(lines_of(body)[0]) - 1,
    "unknown-column": lambda body: (
        (len(values(body)[0]) == FIELDS + 1) * sum(len(line) == FIELDS + 1 for line in values(body)[1:])
    ),
    "too-few-fields": lambda body: sum(len(line) == FIELDS - 1 for line in values(body)),
    "too-many-fields": lambda body: sum(len(line) == FIELDS + 1 for line in values(body)),
    "double-space": lambda body: sum(b"  " in line for line in lines_of(body)),
    "no-final-newline": lambda body: int(not gzip.decompress(body).endswith(b"\n")),
    "milliseconds": lambda body: sum(
        len(line[START_AT]) == len(line[END_AT]) == 13 and line[START_AT].isdigit() for line in values(body)
    ),
    "short-account": lambda body: sum(len(line[ACCOUNT_AT]) == 11 for line in values(body)),
    "unknown-account": lambda body: sum(line[ACCOUNT_AT] == b"unknown" for line in values(body)),
    "empty-file": lambda body: int(body == b""),
    "truncated-file": lambda body: int(body != b"" and not _is_whole(body)),
}
"""How often a text file has the defect."""


def _is_whole(body: bytes) -> bool:
    try:
        gzip.decompress(body)
    except (EOFError, zlib.error):
        return False
    return True


def test_every_defect_is_counted_here():
    assert set(COUNTED) == set(DEFECTS)


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_text_file_has_its_defect_as_often_as_the_manifest_says(write, defect):
    manifest, files = write(TrafficPlan(**PLAN, defects=(defect,)))
    assert len(manifest.defects) == 2  # one a flow log
    for file in manifest.defects:
        assert file.defect == defect
        assert COUNTED[defect](files[file.key]) == file.occurrences > 0
        assert file.spoilt <= file.records
        if defect not in OF_BYTES:
            headers = COUNTED["repeated-header"](files[file.key]) + 1
            assert len(lines_of(files[file.key])) == file.records + headers
            assert file.spoilt == (0 if DEFECTS[defect].harmless else file.occurrences)


@pytest.mark.parametrize("defect", DEFECTS)
def test_no_other_file_has_the_defect(write, defect):
    manifest, files = write(TrafficPlan(**PLAN, defects=(defect,)))
    sound = files.keys() - {file.key for file in manifest.defects}
    assert len(sound) == 24
    assert [key for key in sound if files[key] == b"" or COUNTED[defect](files[key])] == []


@pytest.mark.parametrize("file_format", ["text", "parquet"])
def test_defects_come_in_files_of_their_own_beside_the_days_others(write, file_format):
    defects = tuple(name for name, defect in DEFECTS.items() if defect.possible_in(file_format))
    plain_manifest, plain = write(TrafficPlan(**PLAN, file_format=file_format))
    manifest, files = write(TrafficPlan(**PLAN, file_format=file_format, defects=defects))
    spoilt = {file.key for file in manifest.defects}
    assert len(spoilt) == 2 * len(defects)
    assert {key: body for key, body in files.items() if key not in spoilt} == plain
    assert manifest.total("records") == plain_manifest.total("records")
    assert manifest.total("defective_records") == sum(file.records for file in manifest.defects) > 0
    assert manifest.total("files") == len(files)
    assert manifest.total("size") == sum(map(len, files.values()))


@pytest.mark.parametrize(
    ("defect", "is_spoilt"),
    [
        ("milliseconds", lambda row: len(row["start"]) == 13),
        ("short-account", lambda row: len(row["account-id"]) == 11),
        ("unknown-account", lambda row: row["account-id"] == "unknown"),
        ("unknown-column", lambda row: row["x-unknown-field"].startswith("x")),
    ],
)
def test_a_parquet_file_can_have_defects_of_values(write, defect, is_spoilt):
    manifest, files = write(TrafficPlan(**PLAN, file_format="parquet", defects=(defect,)))
    for file in manifest.defects:
        rows = rows_of(file.key, files[file.key])
        assert len(rows) == file.records
        assert sum(map(is_spoilt, rows)) == file.occurrences > 0


@pytest.mark.parametrize("defect", OF_BYTES)
def test_a_parquet_file_can_be_empty_or_cut(write, defect):
    manifest, files = write(TrafficPlan(**PLAN, file_format="parquet", defects=(defect,)))
    for file in manifest.defects:
        with pytest.raises(pa.ArrowInvalid):
            pq.read_table(BytesIO(files[file.key]))
