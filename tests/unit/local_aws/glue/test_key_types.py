"""Sort values order partition values as their types do."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.glue.key_types import KeyKind, key_columns, sort_value, typed_value


def order(kind: KeyKind, first: str, second: str) -> int:
    one, other = typed_value(kind, first), typed_value(kind, second)
    assert isinstance(one, type(other))
    return (one > other) - (one < other)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("hive_type", "kind"),
    [
        ("string", KeyKind.TEXT),
        ("VARCHAR(10)", KeyKind.TEXT),
        ("char(1)", KeyKind.TEXT),
        ("int", KeyKind.INTEGER),
        ("integer", KeyKind.INTEGER),
        (" BigInt ", KeyKind.INTEGER),
        ("decimal(38, 10)", KeyKind.DECIMAL),
        ("date", KeyKind.DATE),
        ("timestamp", KeyKind.TIMESTAMP),
        ("double", KeyKind.OTHER),
        ("boolean", KeyKind.OTHER),
        ("", KeyKind.TEXT),
    ],
)
def test_kinds_of_hive_types(hive_type, kind):
    (column,) = key_columns([{"Name": "k", "Type": hive_type}])
    assert column.kind is kind


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_integers(one, other):
    assert order(KeyKind.INTEGER, str(one), str(other)) == (one > other) - (one < other)


decimals = st.decimals(
    min_value=Decimal("-1e20"), max_value=Decimal("1e20"), allow_nan=False, allow_infinity=False, places=6
) | st.sampled_from([Decimal(text) for text in ("0", "-0", "0.000", "1E+30", "-1E-38", "9" * 38)])


@given(decimals, decimals)
def test_decimals(one, other):
    assert order(KeyKind.DECIMAL, str(one), str(other)) == (one > other) - (one < other)


times = st.datetimes()


@given(times, times)
def test_timestamps(one, other):
    texts = [time.isoformat(sep=" ") for time in (one, other)]
    assert order(KeyKind.TIMESTAMP, *texts) == (one > other) - (one < other)


@given(times, times)
def test_dates(one, other):
    texts = [time.date().isoformat() for time in (one, other)]
    assert order(KeyKind.DATE, *texts) == (one.date() > other.date()) - (one.date() < other.date())


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (KeyKind.INTEGER, ""),
        (KeyKind.INTEGER, "1.0"),
        (KeyKind.INTEGER, "١"),
        (KeyKind.INTEGER, " 1"),
        (KeyKind.INTEGER, "1_000"),
        (KeyKind.INTEGER, "9" * 5000),
        (KeyKind.DECIMAL, "NaN"),
        (KeyKind.DECIMAL, "1e99"),
        (KeyKind.DECIMAL, "1e999999999"),
        (KeyKind.DECIMAL, "1" * 39),
        (KeyKind.DECIMAL, "."),
        (KeyKind.DATE, "2026-1-1"),
        (KeyKind.DATE, "2026-13-01"),
        (KeyKind.TIMESTAMP, "2026-01-01T00:00:00"),
        (KeyKind.TIMESTAMP, "2026-01-01 25:00:00"),
        (KeyKind.TIMESTAMP, "2026-01-01 00:00:00.1234567891"),
    ],
)
def test_texts_that_a_type_cannot_hold_sort_behind_all_that_it_can(kind, text):
    with pytest.raises(ValueError, match="is not a"):
        typed_value(kind, text)
    assert sort_value(kind, text) == text.encode()
