"""Late files: which they are, when they come, and that nothing is lost or changed by it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flowlogs.layout import parse_key
from local_aws.traffic import FolderSink, TrafficPlan, each_target, write_traffic
from tests.unit.local_aws.traffic.reading import files_in

PLAN = {
    "days": (date(2026, 11, 20), date(2026, 11, 21)),
    "targets": each_target(["111122223333"], ["us-east-1", "eu-west-1"]),
    "records_per_day": 500,
    "file_minutes": 120,
    "late_files": 3,
    "lateness_minutes": 200,
    "flow_logs": 2,
}


def write(folder: Path, **changes: object):
    manifest = write_traffic(TrafficPlan(**PLAN | changes), FolderSink(folder))
    return manifest, files_in(folder)


def test_what_came_on_time_and_what_came_late_are_together_everything(tmp_path):
    everything, all_files = write(tmp_path / "all")
    on_time, first_files = write(tmp_path / "first", deliver="on-time")
    late, late_files = write(tmp_path / "late", deliver="late")
    assert first_files.keys().isdisjoint(late_files)
    assert first_files | late_files == all_files
    assert set(late_files) == {file.key for file in late.late} == {file.key for file in everything.late}
    assert on_time.late == []
    for name in ("files", "size", "records", "ok", "nodata", "rejected", "bytes"):
        assert on_time.total(name) + late.total(name) == everything.total(name)


def test_late_files_can_follow_into_the_same_folder(tmp_path):
    _, together = write(tmp_path / "all")
    write(tmp_path / "bucket", deliver="on-time")
    write(tmp_path / "bucket", deliver="late")
    assert files_in(tmp_path / "bucket") == together


def test_every_flow_logs_day_has_so_many_late_files_and_never_its_last(tmp_path):
    manifest, _ = write(tmp_path)
    late = [parse_key(file.key) for file in manifest.late]
    assert len(late) == 2 * 2 * 2 * 3
    assert all(file.time.hour < 23 for file in late)


def test_files_bear_the_time_of_their_delivery(tmp_path):
    manifest, files = write(tmp_path)
    delivered = {file.key: datetime.fromisoformat(file.delivered) for file in manifest.late}
    for key in files:
        modified = datetime.fromtimestamp((tmp_path / key).stat().st_mtime, UTC)
        minutes = 200 if key in delivered else 10
        assert modified == parse_key(key).time + timedelta(minutes=minutes)
        assert delivered.get(key, modified) == modified


@pytest.mark.parametrize("deliver", ["on-time", "late"])
def test_nothing_is_late_unless_asked_for(tmp_path, deliver):
    _, files = write(tmp_path, late_files=0, deliver=deliver)
    assert bool(files) == (deliver == "on-time")
