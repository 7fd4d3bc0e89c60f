"""QuickSight's expressions, evaluated by DuckDB over one row."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.quicksight.preparation.expressions import compiled
from local_aws.quicksight.preparation.terms import ColumnType, InvalidExpression, names_of

COLUMNS: dict[str, ColumnType] = {
    "port": "INTEGER",
    "bytes": "INTEGER",
    "share": "DECIMAL",
    "action": "STRING",
    "nothing": "STRING",
    "seen": "DATETIME",
    "two words": "STRING",
}
ROW = (
    "SELECT 443::BIGINT port, 1500::BIGINT bytes, 0.25::DOUBLE share, 'ACCEPT' action, NULL::VARCHAR nothing,"
    " TIMESTAMP '2026-11-05 13:45:30' seen, 'a b' \"two words\""
)


def value(expression: str) -> object:
    term = compiled(expression, names_of(COLUMNS))
    (found,) = duckdb.connect().execute(f"SELECT {term.sql} FROM ({ROW})").fetchall()
    return found[0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-{port} + 443", 0),
        ("2 ^ 3 ^ 0", 2),
        ("7 / 2", 3.5),
        ("7 / 0", None),
        ("7 % 4", 3),
        ("{bytes} / 1000", 1.5),
        ("port", 443),
        ("{two words}", "a b"),
        ("'it''s'", "it's"),
        (r"'it\'s'", "it's"),
        ("/* a note */ 1", 1),
        ("ifelse({port} = 443, 'https', 'other')", "https"),
        ("ifelse({port} = 22, 'ssh', {port} = 443, 'https', 'other')", "https"),
        ("ifelse(isNull({nothing}), 'none', {nothing})", "none"),
        ("IFELSE({port} = 443 AND NOT isNull({nothing}), 1, 0)", 0),
        ("switch({action}, 'ACCEPT', 1, 'REJECT', 2, 0)", 1),
        ("in({port}, [22, 443])", True),
        ("notIn({action}, ['ACCEPT', 'REJECT'])", False),
        ("{port} <> 443 or {share} < 0.5", True),
        ("concat('port ', toString({port}))", "port 443"),
        ("concat({action}, {nothing})", None),
        ("coalesce({nothing}, 'x')", "x"),
        ("contains({action}, 'cep', CASE_INSENSITIVE)", True),
        ("contains({action}, 'cep')", False),
        ("startsWith({action}, 'ACC')", True),
        ("substring({action}, 2, 3)", "CCE"),
        ("split('10.1.2.3', '.', 2)", "1"),
        ("parseInt('12x')", None),
        ("decimalToInt(2.9)", 2),
        ("round(2.345, 1)", 2.3),
        ("extract('HH', {seen})", 13),
        ("extract('WD', {seen})", 5),
        ("formatDate({seen}, 'yyyy-MM-dd')", "2026-11-05"),
        ("toString(truncDate('DD', {seen}))", "2026-11-05T00:00:00.000Z"),
        ("toString(truncDate('WK', {seen}))", "2026-11-01T00:00:00.000Z"),
        ("dateDiff(truncDate('MM', {seen}), {seen}, 'DD')", 4),
        ("toString(addDateTime(-1, 'MM', {seen}))", "2026-10-05T13:45:30.000Z"),
        ("{seen} >= '2026-11-05'", True),
        ("sumIf({bytes}, {action} = 'ACCEPT') / sum({bytes})", 1.0),
        ("distinct_count({port})", 1),
    ],
)
def test_value(expression: str, expected: object) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{gone}", "there is no column 'gone'; the columns are port"),
        ("windowSum({bytes})", "the function 'windowSum' is not known"),
        ("'a' + 'b'", "numbers are needed beside +.*see concat"),
        ("{port} = '443'", "the sides of = are of different types: INTEGER, STRING"),
        ("ifelse({port}, 1, 2)", "ifelse: a condition is needed, not INTEGER"),
        ("ifelse({port} = 1, 'a', 2)", "the values are of different types"),
        ("ifelse({port} = 1, 2)", "ifelse takes at least 3 arguments, not 2"),
        ("truncDate('XX', {seen})", "'XX' is no period"),
        ("toUpper({port})", "toUpper: a text is needed, not INTEGER"),
        ("1 +", "a value is expected where the end is"),
        ("(1", r"'\)' is expected where the end is"),
        ("1 2", "'end' is expected where '2' is"),
        ("1 ; 2", "'; 2' at character 2 is not understood"),
        ("${Region}", "parameters such as"),
        ("sum(sum({bytes}))", "cannot be aggregated again"),
        ("not {port}", "a condition is needed"),
    ],
)
def test_what_is_not_understood(expression: str, message: str) -> None:
    with pytest.raises(InvalidExpression, match=message):
        compiled(expression, names_of(COLUMNS))


@given(st.text(alphabet=st.characters(exclude_characters="\\\0", exclude_categories=["Cs"])))
def test_a_text_is_what_it_was(text: str) -> None:
    literal = "'" + text.replace("'", "''") + "'"
    term = compiled(literal, names_of({}))
    assert duckdb.connect().execute(f"SELECT {term.sql}").fetchall() == [(text,)]


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    try:
        term = compiled(text, names_of(COLUMNS))
    except InvalidExpression:
        return
    assert term.sql
