"""GetPartitions' expressions: grammar, types, errors; the SQL answers what Python answers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.glue.catalog import Catalog, CatalogStore, InvalidInput

NULL = "__HIVE_DEFAULT_PARTITION__"


def create(catalog: Catalog, keys: dict[str, str], rows: list[tuple[str, ...]]) -> None:
    partition_keys = [{"Name": name, "Type": hive_type} for name, hive_type in keys.items()]
    catalog.create_table("default", {"Name": "t", "PartitionKeys": partition_keys})
    assert catalog.create_partitions("default", "t", [{"Values": list(row)} for row in rows]) == []


def selected(catalog: Catalog, expression: str) -> list[str]:
    """The first key's values of the partitions that the expression selects."""
    return [partition["Values"][0] for partition in catalog.partitions("default", "t", expression)[0]]


def refusal(catalog: Catalog, expression: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        catalog.partitions("default", "t", expression)
    return caught.value.message


class TestStringKeys:
    @pytest.fixture(autouse=True)
    def partitions(self, catalog):
        create(catalog, {"name": "string"}, [(v,) for v in ("10", "9", "A", "a_b", "a*b", "axb", "it's", "Ü")])

    @pytest.mark.parametrize(
        ("expression", "answer"),
        [
            ("name = 'A'", ["A"]),
            ("NAME='A'", ["A"]),
            ("\"name\" = 'A'", ["A"]),
            ("`name` = 'A'", ["A"]),
            ("name = 'it''s'", ["it's"]),
            ("name = 'Ü'", ["Ü"]),
            ("name = 10", ["10"]),
            ("name = 10.0", []),
            ("name < 'A'", ["10", "9"]),
            ("name > '10' and name <= '9'", ["9"]),
            ("name <> 'A' and name != 'Ü' and name >= 'A'", ["a*b", "a_b", "axb", "it's"]),
            ("name in ('A', 9, 'none')", ["9", "A"]),
            ("name not in ('A', 'Ü') and name > 'a'", ["a*b", "a_b", "axb", "it's"]),
            ("name between 'A' and 'a_b'", ["A", "a*b", "a_b"]),
            ("name not between '0' and 'it'", ["it's", "Ü"]),
            ("name like 'a_b'", ["a*b", "a_b", "axb"]),
            ("name like 'A%'", ["A"]),
            ("name like '%''%'", ["it's"]),
            ("name like 'a*%'", ["a*b"]),
            ("name like '_'", ["9", "A", "Ü"]),
            ("name not like '%_b' and name > 'A'", ["it's", "Ü"]),
            ("name is null", []),
            ("name is not null and name = 'A'", ["A"]),
            ("not name > '10'", ["10"]),
            ("not (name > '10' or name like '1%')", []),
            ("(name) = ((9))", ["9"]),
            ("((name = '9') or (name = 'A')) and (name < 'A')", ["9"]),
            ("name = '9' or name = 'A' and name = 'Ü'", ["9"]),
            ("\tname\n=\r\n'A'  ", ["A"]),
            ("name = 'A' AND 1x = 2", None),
            ("name =", None),
            ("name = 'A", None),
            ("= 'A'", None),
            ("'A' = name", None),
            ("name == 'A'", None),
            ("name = name", None),
            ("name = null", None),
            ("name is 'A'", None),
            ("name in ()", None),
            ("name in 'A'", None),
            ("name in ('A'", None),
            ("name between 'A'", None),
            ("name between 'A' or 'B'", None),
            ("name like 5", None),
            ("name", None),
            ("not", None),
            ("name = 'A' name = 'B'", None),
            ("name = 'A';", None),
            ("name = 'A' -- x", None),
            ("(name = 'A'", None),
            ("name = 'A')", None),
            ("and = 'A'", None),
            ("lower(name) = 'a'", None),
            ("name = 2026-01-01", None),
            ("name ~ 'A'", None),
            ("name = 'A' or", None),
            ("name not 'A'", None),
        ],
    )
    def test_expression(self, catalog, expression, answer):
        if answer is not None:
            assert selected(catalog, expression) == answer
        else:
            message = refusal(catalog, expression)
            assert "Unsupported expression" in message or "Unknown column" in message

    @pytest.mark.parametrize("expression", [None, "", "  \n"])
    def test_no_expression_selects_everything(self, catalog, expression):
        assert len(catalog.partitions("default", "t", expression)[0]) == 8

    def test_the_place_of_a_mistake_is_named(self, catalog):
        assert refusal(catalog, "name = 'A' & name = 'B'") == (
            "Unsupported expression 'name = 'A' & name = 'B'': cannot be read at '&' (character 12)"
        )
        assert refusal(catalog, "name = ").endswith("cannot be read at its end")

    def test_values_are_data_never_sql(self, catalog):
        assert selected(catalog, "name = ''' OR 1=1 --'") == []
        assert selected(catalog, "name = 'x'' UNION SELECT * FROM tables; DROP TABLE tables; --'") == []
        assert len(catalog.partitions("default", "t")[0]) == 8

    def test_nesting_has_a_limit_and_chains_have_none(self, catalog):
        assert selected(catalog, "(" * 40 + "name = 'A'" + ")" * 40) == ["A"]
        assert "nested" in refusal(catalog, "(" * 20_000 + "name = 'A'" + ")" * 20_000)
        assert "nested" in refusal(catalog, "NOT " * 20_000 + "name = 'A'")
        equalities = [f"name = 'x{number}'" for number in range(20_000)]
        assert selected(catalog, " OR ".join([*equalities, "name = 'A'"])) == ["A"]
        inequalities = [f"name <> 'x{number}'" for number in range(2_000)]
        assert selected(catalog, " AND ".join([*inequalities, "name <= 'A'"])) == ["10", "9", "A"]

    def test_the_partition_keys_are_named_when_a_column_is_unknown(self, catalog):
        assert refusal(catalog, "nope = 1") == (
            "Unknown column 'nope' in the partition expression (partition keys: name)"
        )


@pytest.mark.parametrize(
    ("hive_type", "values", "expression", "answer"),
    [
        ("int", ["2", "10", "-1", "07"], "k > 2", ["07", "10"]),
        ("int", ["2", "10", "-1", "07"], "k = '7'", ["07"]),
        ("int", ["2", "10", "-1", "07"], "k < +2", ["-1"]),
        ("tinyint", ["2", "10"], "k in (2, '010')", ["2", "10"]),
        ("smallint", ["2", "10"], "k between 3 and 10", ["10"]),
        ("bigint", ["9223372036854775807", "5"], "k >= 9223372036854775807", ["9223372036854775807"]),
        ("long", ["2", "10"], "k < 10", ["2"]),
        ("date", ["2026-01-09", "2026-01-10"], "k > '2026-01-09'", ["2026-01-10"]),
        (
            "timestamp",
            ["2026-01-09 00:00:00", "2026-01-09 00:00:00.5"],
            "k > '2026-01-09 00:00:00.000'",
            ["2026-01-09 00:00:00.5"],
        ),
        ("decimal(10,2)", ["9.50", "10", "-3"], "k >= 9.5", ["9.50", "10"]),
        ("decimal", ["9.50", "10", "3e14"], "k > '1E+3'", ["3e14"]),
        ("varchar(3)", ["9", "10"], "k < 9", ["10"]),
        ("char(2)", ["9", "10"], "k like '1%'", ["10"]),
        ("STRING", ["9", "10"], "k < '9'", ["10"]),
        ("int", ["1", NULL], "k is null", [NULL]),
        ("int", ["1", NULL], "k is not null", ["1"]),
        ("int", ["1", NULL], "k <> 2", ["1"]),
        ("int", ["1", NULL], "not k = 2", ["1"]),
        ("int", ["1", NULL], "not (k is null or k = 2)", ["1"]),
        ("date", ["2026-01-09", NULL], "k > '2000-01-01'", ["2026-01-09"]),
        ("date", ["2026-01-09", NULL], "k not in ('2000-01-01')", ["2026-01-09"]),
        ("decimal", ["1", NULL], "k not between 5 and 6", ["1"]),
        ("string", ["a", NULL], "k = '__HIVE_DEFAULT_PARTITION__'", [NULL]),
    ],
)
def test_values_compare_by_the_type_of_their_key(catalog, hive_type, values, expression, answer):
    create(catalog, {"k": hive_type}, [(value,) for value in values])
    assert selected(catalog, expression) == answer


@pytest.mark.parametrize(
    ("hive_type", "expression", "message"),
    [
        ("int", "k = 'abc'", '"abc" is not an integer.'),
        ("int", "k in (1, 2.5)", '"2.5" is not an integer.'),
        ("bigint", "k = 9223372036854775808", '"9223372036854775808" is not an integer.'),
        ("int", "k like '1'", "Integral data type doesn't support operation 'LIKE'"),
        ("decimal", "k = 'abc'", "abc is not a decimal."),
        ("decimal", "k like '1'", "Decimal data type doesn't support operation 'LIKE'"),
        ("date", "k = '2026-02-30'", "2026-02-30 is not a date."),
        ("date", "k = '20260201'", "20260201 is not a date."),
        ("date", "k like '2026%'", "Date data type doesn't support operation 'LIKE'"),
        (
            "timestamp",
            "k = '2026-01-01'",
            "Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] 2026-01-01 is not a timestamp.",
        ),
        ("timestamp", "k like '2026%'", "Timestamp data type doesn't support operation 'LIKE'"),
        ("double", "k = 1", "Unknown type : 'double' of partition key 'k'"),
        ("boolean", "k = 'true'", "Unknown type : 'boolean' of partition key 'k'"),
    ],
)
def test_literals_that_do_not_fit_the_key_are_refused(catalog, hive_type, expression, message):
    create(catalog, {"k": hive_type}, [])
    assert refusal(catalog, expression) == message


# The same question asked of SQL and of Python


@dataclass(frozen=True)
class Asked:
    """An expression's text and what it answers for a row: true, false or unknown (None)."""

    text: str
    answer: Callable[[dict[str, str]], bool | None]


def timestamp(text: str) -> datetime:
    return datetime.fromisoformat(text.ljust(26, "0") if "." in text else text)


KEYS: dict[str, tuple[str, Callable[[str], object], list[str]]] = {
    "s": ("string", str, ["a", "B", "ab", "a_b", "%", "o'k", "é", "10", "9"]),
    "n": ("int", int, ["1", "01", "-3", "10", "9", NULL]),
    "d": ("date", date.fromisoformat, ["2025-12-31", "2026-01-01", "2026-11-02", NULL]),
    "t": ("timestamp", timestamp, ["2026-01-01 00:00:00", "2026-01-01 00:00:00.25", NULL]),
    "m": ("decimal(12,4)", Decimal, ["1.5", "1.50", "-0.25", "10", "0", "-10.5", NULL]),
}


def typed(name: str, text: str) -> object:
    """A partition's or literal's value; None for NULL."""
    return None if text == NULL and name != "s" else KEYS[name][1](text)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


COMPARISONS: dict[str, Callable[[object, object], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def known(name: str, test: Callable[[object], bool]) -> Callable[[dict[str, str]], bool | None]:
    def answer(row: dict[str, str]) -> bool | None:
        value = typed(name, row[name])
        return None if value is None else test(value)

    return answer


def negated(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def literal(draw: st.DrawFn, name: str) -> tuple[str, object]:
    text = draw(st.sampled_from([value for value in KEYS[name][2] if value != NULL]))
    bare = name in "nm" and draw(st.booleans())
    return (text if bare else quoted(text)), typed(name, text)


def like(pattern: str) -> Callable[[object], bool]:
    escaped = "".join({"%": ".*", "_": "."}.get(character, re.escape(character)) for character in pattern)
    return lambda value: re.fullmatch(escaped, str(value), re.DOTALL) is not None


@st.composite
def predicates(draw: st.DrawFn) -> Asked:
    name = draw(st.sampled_from(list(KEYS)))
    kind = draw(st.sampled_from(["compare", "in", "between", "null"] + ["like"] * (name == "s")))
    inverted = draw(st.booleans())
    word = "NOT " if inverted else ""
    if kind == "compare":
        operator = draw(st.sampled_from(list(COMPARISONS)))
        text, value = literal(draw, name)
        return Asked(f"{name} {operator} {text}", known(name, lambda v: COMPARISONS[operator](v, value)))
    if kind == "null":
        return Asked(f"{name} IS {word}NULL", lambda row: (typed(name, row[name]) is None) != inverted)
    if kind == "in":
        literals = [literal(draw, name) for _ in range(draw(st.integers(1, 3)))]
        texts, values = [text for text, _ in literals], [value for _, value in literals]
        return Asked(f"{name} {word}IN ({', '.join(texts)})", known(name, lambda v: (v in values) != inverted))
    if kind == "between":
        (low_text, low), (high_text, high) = literal(draw, name), literal(draw, name)
        text = f"{name} {word}BETWEEN {low_text} AND {high_text}"
        return Asked(text, known(name, lambda v: (low <= v <= high) != inverted))
    pattern = draw(st.text("aB%_'é1[*?", max_size=4))
    matches = like(pattern)
    return Asked(f"{name} {word}LIKE {quoted(pattern)}", known(name, lambda v: matches(v) != inverted))


def both(left: Asked, right: Asked) -> Asked:
    def answer(row: dict[str, str]) -> bool | None:
        answers = (left.answer(row), right.answer(row))
        return False if False in answers else None if None in answers else True

    return Asked(f"({left.text} AND {right.text})", answer)


def either(left: Asked, right: Asked) -> Asked:
    def answer(row: dict[str, str]) -> bool | None:
        answers = (left.answer(row), right.answer(row))
        return True if True in answers else None if None in answers else False

    return Asked(f"({left.text} OR {right.text})", answer)


expressions = st.recursive(
    predicates(),
    lambda inner: st.one_of(
        st.builds(both, inner, inner),
        st.builds(either, inner, inner),
        st.builds(lambda e: Asked(f"NOT ({e.text})", lambda row: negated(e.answer(row))), inner),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module", params=["snmdt", "mtdns"], ids=["string first", "decimal first"])
def varied(request, tmp_path_factory):
    """Tables with keys of every type in two orders, each with 120 partitions of varied values."""
    names = list(request.param)
    choose = random.Random(7)
    rows = sorted({tuple(choose.choice(KEYS[name][2]) for name in names) for _ in range(120)})
    store = CatalogStore(tmp_path_factory.mktemp("varied") / "glue.sqlite")
    catalog = store.catalog("1", "r")
    create(catalog, {name: KEYS[name][0] for name in names}, rows)
    yield catalog, names, rows
    store.close()


@given(asked=expressions)
@settings(max_examples=250, deadline=None)
def test_sql_answers_what_python_answers(varied, asked):
    catalog, names, rows = varied
    expected = [row for row in rows if asked.answer(dict(zip(names, row, strict=True))) is True]
    planned = [values for values, _, _ in catalog.partition_values("default", "t", asked.text)]
    assert sorted(planned) == expected
    page, cursor = catalog.partitions("default", "t", asked.text, limit=17)
    paged = [tuple(partition["Values"]) for partition in page]
    while cursor:
        page, cursor = catalog.partitions("default", "t", asked.text, after=cursor, limit=17)
        paged += [tuple(partition["Values"]) for partition in page]
    assert sorted(paged) == expected


@given(st.text("snmdt='A()<>!,.-+1eE%\"` \n", max_size=30) | st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_any_text_is_answered_or_refused(varied, text):
    catalog, _, rows = varied
    try:
        page, _ = catalog.partitions("default", "t", text)
    except InvalidInput:
        return
    assert len(page) == len(rows) or text.strip()
