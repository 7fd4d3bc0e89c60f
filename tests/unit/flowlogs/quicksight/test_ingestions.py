"""Which ingestion a data set needs, and what is left of the day's quota."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.quicksight.ingestions import (
    FULL,
    INCREMENTAL,
    Ingestion,
    IngestionName,
    definition_of,
    quota,
    wanted_ingestion,
)

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
NAME = IngestionName.of("scheduled__1", {"PhysicalTableMap": 1}, "traffic")
OLD, RECENT = "2026-11-10", "2026-11-22"


def window(moment: datetime) -> date:
    return moment.date() - timedelta(days=3)


def ingestion(hours_ago: float, type_: str = FULL, status: str = "COMPLETED", id_: str = f"{NAME.stem}1") -> Ingestion:
    return Ingestion(id_, status, type_, "MANUAL", NOW - timedelta(hours=hours_ago))


def wanted(published: dict[str, float], *listed: Ingestion, definition: str = NAME.definition, incremental=True):
    """What is wanted; the days by the hours since they were published, the ingestions newest first."""
    found = wanted_ingestion(
        {day: NOW - timedelta(hours=hours) for day, hours in published.items()},
        listed,
        now=NOW,
        first_reread=window,
        definition=definition,
        has_incremental=incremental,
    )
    return found.type, found.days


def test_a_data_set_that_was_never_loaded_is_read_whole():
    assert wanted({RECENT: 1}) == (FULL, (RECENT,))
    assert wanted({RECENT: 2}, ingestion(1, status="FAILED")) == (FULL, (RECENT,))


def test_recent_days_are_read_by_an_incremental_refresh_and_older_ones_by_a_full_one():
    assert wanted({RECENT: 1}, ingestion(30)) == (INCREMENTAL, (RECENT,))
    assert wanted({RECENT: 1, OLD: 1}, ingestion(30)) == (FULL, (OLD, RECENT))
    assert wanted({OLD: 40, RECENT: 1}, ingestion(30)) == (INCREMENTAL, (RECENT,))


def test_the_standard_edition_reads_all():
    assert wanted({RECENT: 1}, ingestion(30), incremental=False) == (FULL, (RECENT,))


@pytest.mark.parametrize("status", ["INITIALIZED", "QUEUED", "RUNNING", "COMPLETED"])
def test_a_day_that_an_ingestion_reads_needs_no_other(status):
    assert wanted({RECENT: 2}, ingestion(1, INCREMENTAL, status), ingestion(30)) == (None, ())
    assert wanted({RECENT: 2, OLD: 2}, ingestion(1, FULL, status)) == (None, ())


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED"])
def test_a_day_whose_ingestion_failed_is_read_again(status):
    assert wanted({RECENT: 2}, ingestion(1, INCREMENTAL, status), ingestion(30)) == (INCREMENTAL, (RECENT,))


def test_an_incremental_refresh_does_not_read_an_old_day():
    assert wanted({OLD: 2}, ingestion(1, INCREMENTAL), ingestion(30)) == (FULL, (OLD,))


def test_what_was_in_the_window_when_it_was_read_needs_no_full_refresh_later():
    """The window moves on with time; what an incremental refresh of a week ago read, it has read."""
    assert wanted({"2026-11-14": 24 * 8 + 1}, ingestion(24 * 8, INCREMENTAL), ingestion(24 * 20)) == (None, ())


def test_a_changed_definition_is_read_whole_once():
    assert wanted({RECENT: 40}, ingestion(30), definition="0" * 8) == (FULL, (RECENT,))
    edit = ingestion(1, "EDIT", id_="5f0c4c1e-7a3b-4a52-9a44-6d7a4e0a1b2c")
    assert wanted({RECENT: 40}, edit, ingestion(30), definition="0" * 8) == (None, ())


@given(st.lists(st.sampled_from(["COMPLETED", "FAILED"]), max_size=6), st.integers(0, 20), st.integers(0, 20))
def test_what_is_wanted_is_not_wanted_again_when_it_is_done(statuses, old_hours, recent_hours):
    listed = [ingestion(hours + 1, status=status) for hours, status in enumerate(statuses)]
    days = {OLD: old_hours, RECENT: recent_hours}
    type_, _ = wanted(days, *listed)
    if type_ is not None:
        done = replace(ingestion(-0.01, type_), id="another")
        assert wanted(days, done, *listed)[0] is None


def test_ids_tell_the_definition_and_begin_alike_for_all_tries_of_a_run():
    assert definition_of(f"{NAME.stem}12") == NAME.definition
    assert definition_of("5f0c4c1e-7a3b-4a52-9a44-6d7a4e0a1b2c") is None
    assert definition_of("by-hand") is None
    assert IngestionName.of("scheduled__2", {"PhysicalTableMap": 1}, "traffic").stem != NAME.stem


def test_the_quota_counts_what_was_asked_for_in_24_hours():
    asked = [ingestion(hours / 2) for hours in range(1, 29)]
    assert quota(asked[:27], NOW, 32, 4).next_possible is None
    left = quota(asked, NOW, 32, 4)
    assert left.used == 28
    assert left.next_possible == NOW - timedelta(hours=14) + timedelta(hours=24), "when the oldest of 28 is a day old"
    scheduled = [replace(one, source="SCHEDULED") for one in asked]
    edits = [replace(one, type="EDIT") for one in asked]
    old = [replace(one, created=one.created - timedelta(days=1)) for one in asked]
    assert quota([*scheduled, *edits, *old], NOW, 32, 4).used == 0
    assert quota(asked[:8], NOW, 8, 8).next_possible is not None, "a reserve of all leaves one"
