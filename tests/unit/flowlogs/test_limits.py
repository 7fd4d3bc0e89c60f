"""Whether a day of a source keeps the limits of the settings: at them it does, above them it does not."""

import pytest

from flowlogs.ledger import RowCount
from flowlogs.limits import broken_limits
from flowlogs.settings import Checks, Settings
from tests.unit.flowlogs.smallest_settings import section, source

ONE, TWO = ("111122223333", "us-east-1"), ("222233334444", "us-east-1")
NETWORK = Settings.model_validate(section(sources=[source(accounts=[ONE[0], TWO[0]])])).source("network")
CHECKS = Checks(
    min_rows_per_target=100,
    max_nodata_share=0.5,
    max_skipdata_share=0.01,
    max_unparsable_share=0.001,
    max_outside_day_share=0.05,
)
FULL = RowCount(records=1000)


def broken(rows, *, checks=CHECKS, excused=frozenset()):
    return broken_limits(NETWORK, rows, checks, excused)


def test_a_day_within_its_limits_breaks_none():
    assert broken({ONE: FULL, TWO: FULL}) == []


@pytest.mark.parametrize(
    ("column", "at_limit", "name", "limit"),
    [
        ("nodata", 1000, "max_nodata_share", "50.00%"),
        ("skipdata", 20, "max_skipdata_share", "1.00%"),
        ("unparsable", 2, "max_unparsable_share", "0.10%"),
        ("outside_day", 100, "max_outside_day_share", "5.00%"),
    ],
)
def test_the_share_of_all_rows_of_the_source(column, at_limit, name, limit):
    """The two targets have 2,000 rows together."""

    def with_count(count):
        half = count // 2
        rows = {
            place: RowCount(**{"records": 1000, column: part}) for place, part in ((ONE, half), (TWO, count - half))
        }
        return broken(rows)

    assert with_count(at_limit - 1) == []
    assert with_count(at_limit) == []
    above = at_limit + 1
    assert with_count(above) == [f"network: {above} of 2000 rows ({above / 2000:.2%}), checks.{name} is {limit}"]


def test_one_target_alone_may_be_above_a_share():
    assert broken({ONE: FULL, TWO: RowCount(records=1000, nodata=1000)}) == []


@pytest.mark.parametrize(
    ("records", "told"),
    [
        (99, ["network/222233334444/us-east-1 has 99 rows, checks.min_rows_per_target is 100"]),
        (100, []),
        (101, []),
    ],
)
def test_the_rows_of_each_target(records, told):
    assert broken({ONE: FULL, TWO: RowCount(records=records)}) == told


def test_a_target_without_any_row_has_none():
    assert broken({ONE: FULL}) == ["network/222233334444/us-east-1 has 0 rows, checks.min_rows_per_target is 100"]


def test_a_target_whose_files_are_known_to_be_missing_is_excused():
    assert broken({ONE: FULL}, excused=frozenset({TWO})) == []


def test_every_broken_limit_is_told():
    rows = {ONE: RowCount(records=100, nodata=100, skipdata=100, unparsable=100, outside_day=100)}
    told = broken(rows)
    assert [next(name for name in CHECKS.__class__.model_fields if name in text) for text in told] == [
        "min_rows_per_target",
        "max_nodata_share",
        "max_skipdata_share",
        "max_unparsable_share",
        "max_outside_day_share",
    ]


def test_a_day_without_rows_has_no_shares_to_break():
    checks = CHECKS.model_copy(update={"min_rows_per_target": 0, "max_nodata_share": 0.0})
    assert broken({}, checks=checks) == []
