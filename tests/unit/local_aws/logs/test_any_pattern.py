"""What holds for every pattern: it is printed as it is parsed, and no text makes the engine fail."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from local_aws.logs.patterns import LONGEST_PATTERN, FilterPattern, InvalidPattern, LogMessage, parse

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True)
quoted = st.text(max_size=8).map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
bare = st.from_regex(r"[A-Za-z0-9_.*+-]{1,6}", fullmatch=True)
numbers = st.from_regex(r"[+-]?[0-9]{1,4}(\.[0-9]{1,2})?(e[+-]?[0-9])?", fullmatch=True)
values = st.tuples(st.sampled_from(["=", " != "]), quoted | bare | numbers).map("".join)
comparisons = values | st.tuples(st.sampled_from([">", " <= "]), numbers).map("".join)


def expressions(condition: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        condition,
        lambda inner: (
            st.tuples(inner, st.sampled_from(["&&", " || "]), inner).map("".join) | inner.map("( {} )".format)
        ),
        max_leaves=4,
    )


fields = names.flatmap(lambda name: st.just(name) | expressions(comparisons.map(lambda c: name + c)))
space_delimited = st.lists(fields | st.sampled_from(["...", ""]), max_size=5).map(lambda parts: f"[{','.join(parts)}]")
steps = (
    names.map(".{}".format)
    | st.integers(0, 99).map("[{}]".format)
    | st.sampled_from([".*", "[*]"])
    | st.from_regex(r"\.\['[a-z. \"\[]{1,5}'\]", fullmatch=True)
)
selectors = st.lists(steps, min_size=1, max_size=4).map(lambda parts: "$" + "".join(parts))
tests = comparisons | st.sampled_from([" IS NULL", " IS TRUE", " NOT EXISTS", "=%[a-z]+%"])
json_patterns = expressions(st.tuples(selectors, tests).map("".join)).map("{{ {} }}".format)
words = st.text("abc_1é", min_size=1, max_size=5) | quoted
terms = st.lists(st.tuples(st.sampled_from(["", "?", "-"]), words).map("".join), max_size=5).map(" ".join)
soup = st.text(st.sampled_from('[]{}()$.*%"\\=!<>&|,?-+ab1 \nISNUL'), max_size=30)
messages = st.text(max_size=40) | st.text(st.sampled_from('[]{}" ab1,:\\'), max_size=30)


def parsed_or_refused(pattern: str) -> FilterPattern | None:
    try:
        return parse(pattern)
    except InvalidPattern:
        return None


@settings(max_examples=250, deadline=None)
@given(space_delimited | json_patterns | terms | soup | soup.map("[{}]".format) | soup.map("{{{}}}".format), messages)
@example("[a = 1e999, b]", "1e999 x")
@example("[,]", "0 0 0")
@example('{ $.a = "\\" }', "{}")
def test_no_text_makes_it_fail_and_every_pattern_is_printed_as_it_is_parsed(pattern, message):
    parsed = parsed_or_refused(pattern)
    if parsed is None:
        return
    read = LogMessage(message)
    if len(str(parsed)) <= LONGEST_PATTERN:  # quotation marks may make it longer than a pattern may be
        assert parse(str(parsed)) == parsed
    if parsed.matches(read):
        for name, value in parsed.extracted_values(read).items():
            assert parsed.knows(name)
            assert parsed.value(read, name) == value


def conditions_of(field_names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.tuples(*(expressions(comparisons.map(name.__add__)) for name in field_names)).map(list)


@settings(max_examples=50, deadline=None)
@given(st.lists(names, min_size=1, max_size=4, unique=True).flatmap(conditions_of))
def test_conditions_on_fields_are_patterns(conditions):
    """The strategies above make patterns, not only refusals."""
    assert parsed_or_refused(f"[{', '.join(conditions)}]") is not None


@settings(max_examples=50, deadline=None)
@given(expressions(st.tuples(names, tests).map(lambda parts: f"$.{parts[0]}{parts[1]}")))
def test_conditions_on_properties_are_patterns(conditions):
    parsed = parsed_or_refused(f"{{ {conditions} }}")
    assert parsed is not None or conditions.count("%") > 4
