"""The functions of QuickSight's expressions that the local one knows, each a rule from arguments to DuckDB SQL.

Names and arguments are those of the user guide ("Functions by category"). A function that is not here makes an
InvalidExpression, which an ingestion ends with: nothing is translated by guess.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from local_aws.quicksight.preparation.terms import InvalidExpression, Term, TermType, text_literal

Rule = Callable[[Sequence[Term]], Term]

PERIODS = {
    "YYYY": "year", "Q": "quarter", "MM": "month", "WK": "week", "DD": "day", "HH": "hour", "MI": "minute",
    "SS": "second", "MS": "millisecond",
}  # fmt: skip
"""Periods of date functions, as truncDate('DD', …)."""

_EXTRACTED = {**PERIODS, "WD": "dow"}

_JAVA_TO_STRFTIME = (
    ("yyyy", "%Y"), ("MMM", "%b"), ("MM", "%m"), ("dd", "%d"), ("EEEE", "%A"), ("EEE", "%a"), ("HH", "%H"),
    ("hh", "%I"), ("mm", "%M"), ("ss", "%S"), ("SSS", "%g"), ("a", "%p"), ("Q", "%Q"),
)  # fmt: skip


def function(name: str, arguments: Sequence[Term]) -> Term:
    """A call of a function.

    Raises: InvalidExpression for a function that is not known here, and for arguments that it does not take.
    """
    rule = _RULES.get(name.lower())
    if rule is None:
        raise InvalidExpression(f"the function {name!r} is not known to the local QuickSight")
    least, most, apply = rule
    if not least <= len(arguments) <= (most if most is not None else len(arguments)):
        wanted = str(least) if least == most else f"{least} to {most}" if most else f"at least {least}"
        raise InvalidExpression(f"{name} takes {wanted} arguments, not {len(arguments)}")
    try:
        made = apply(arguments)
    except InvalidExpression as error:
        raise InvalidExpression(f"{name}: {error}") from error
    is_aggregate = name.lower() in AGGREGATES
    if is_aggregate and any(argument.aggregate for argument in arguments):
        raise InvalidExpression(f"{name}: an aggregation cannot be aggregated again")
    return Term(made.sql, made.type, is_aggregate or any(argument.aggregate for argument in arguments))


def common_type(terms: Sequence[Term], what: str) -> TermType:
    """The type that all terms have; INTEGER beside DECIMAL is DECIMAL.

    Raises: InvalidExpression.
    """
    types = {term.type for term in terms} - {"NULL"}
    if not types:
        return "NULL"
    if types <= {"INTEGER", "DECIMAL"}:
        return "DECIMAL" if "DECIMAL" in types else "INTEGER"
    if len(types) > 1:
        raise InvalidExpression(f"{what} are of different types: {', '.join(sorted(types))}")
    return types.pop()


def _number(term: Term) -> str:
    if not term.is_number:
        raise InvalidExpression(f"a number is needed, not {term.type}")
    return term.sql


def _text(term: Term) -> str:
    if term.type not in ("STRING", "NULL"):
        raise InvalidExpression(f"a text is needed, not {term.type}; see toString")
    return term.sql


def _date(term: Term) -> str:
    if term.type not in ("DATETIME", "NULL"):
        raise InvalidExpression(f"a date is needed, not {term.type}; see parseDate")
    return term.sql


def _condition(term: Term) -> str:
    if term.type not in ("BOOLEAN", "NULL"):
        raise InvalidExpression(f"a condition is needed, not {term.type}")
    return term.sql


def _literal(term: Term) -> str:
    if not (term.sql.startswith("'") and term.type == "STRING"):
        raise InvalidExpression(f"a text in quotes is needed, not {term.sql}")
    return term.sql[1:-1].replace("''", "'")


def _period(term: Term, periods: dict[str, str] = PERIODS) -> str:
    name = _literal(term).upper()
    if name not in periods:
        raise InvalidExpression(f"{name!r} is no period; periods are {', '.join(periods)}")
    return periods[name]


def _if_else(arguments: Sequence[Term]) -> Term:
    if len(arguments) % 2 == 0:
        raise InvalidExpression("it takes pairs of a condition and a value, and then the value for all else")
    conditions, values = arguments[:-1:2], [*arguments[1::2], arguments[-1]]
    type_ = common_type(values, "the values")
    cases = "".join(
        f" WHEN {_condition(condition)} THEN {value.sql}"
        for condition, value in zip(conditions, values[:-1], strict=True)
    )
    return Term(f"CASE{cases} ELSE {values[-1].sql} END", type_)


def _switch(arguments: Sequence[Term]) -> Term:
    if len(arguments) % 2:
        raise InvalidExpression("it takes a value, pairs of a case and its result, and then the result for all else")
    subject, cases, results = arguments[0], arguments[1:-1:2], [*arguments[2:-1:2], arguments[-1]]
    common_type([subject, *cases], "the value and its cases")
    whens = "".join(f" WHEN {case.sql} THEN {result.sql}" for case, result in zip(cases, results[:-1], strict=True))
    return Term(f"CASE {subject.sql}{whens} ELSE {results[-1].sql} END", common_type(results, "the results"))


def _same(sql_name: str) -> Rule:
    def apply(arguments: Sequence[Term]) -> Term:
        type_ = common_type(arguments, "the arguments")
        return Term(f"{sql_name}({', '.join(argument.sql for argument in arguments)})", type_)

    return apply


def _texts(template: str, type_: TermType = "STRING") -> Rule:
    return lambda arguments: Term(template.format(*map(_text, arguments)), type_)


def _numbers(template: str, type_: TermType = "DECIMAL") -> Rule:
    return lambda arguments: Term(template.format(*map(_number, arguments)), type_)


def _same_number(sql_name: str) -> Rule:
    return lambda arguments: Term(f"{sql_name}({_number(arguments[0])})", arguments[0].type)


def _to_string(arguments: Sequence[Term]) -> Term:
    (value,) = arguments
    if value.type == "DATETIME":
        return Term(f"strftime({value.sql}, '%Y-%m-%dT%H:%M:%S.%gZ')", "STRING")
    return Term(f"CAST({value.sql} AS VARCHAR)", "STRING")


def _concat(arguments: Sequence[Term]) -> Term:
    # NULL makes the whole NULL, as in the databases that QuickSight asks; DuckDB's concat() would skip it.
    return Term(f"({' || '.join(map(_text, arguments))})", "STRING")


def _contains(template: str) -> Rule:
    def apply(arguments: Sequence[Term]) -> Term:
        text, part = _text(arguments[0]), _text(arguments[1])
        if len(arguments) > 2:
            mode = arguments[2].sql.strip("'").upper()
            if mode not in ("CASE_INSENSITIVE", "CASE_SENSITIVE"):
                raise InvalidExpression(f"{mode!r} is no string comparison mode")
            if mode == "CASE_INSENSITIVE":
                text, part = f"lower({text})", f"lower({part})"
        return Term(template.format(text, part), "BOOLEAN")

    return apply


def _substring(arguments: Sequence[Term]) -> Term:
    text, start, length = arguments
    return Term(f"substring({_text(text)}, {_number(start)}, {_number(length)})", "STRING")


def _end_of_text(side: str) -> Rule:
    return lambda arguments: Term(f"{side}({_text(arguments[0])}, {_number(arguments[1])})", "STRING")


def _locate(arguments: Sequence[Term]) -> Term:
    text, part = _text(arguments[0]), _text(arguments[1])
    if len(arguments) == 2:
        return Term(f"instr({text}, {part})", "INTEGER")
    start = _number(arguments[2])
    found = f"instr(substring({text}, {start}), {part})"
    return Term(f"CASE WHEN {found} = 0 THEN 0 ELSE {found} + {start} - 1 END", "INTEGER")


def _split(arguments: Sequence[Term]) -> Term:
    text, delimiter, position = arguments
    return Term(f"split_part({_text(text)}, {_text(delimiter)}, {_number(position)})", "STRING")


def _round(arguments: Sequence[Term]) -> Term:
    digits = _number(arguments[1]) if len(arguments) > 1 else "0"
    return Term(f"round({_number(arguments[0])}, CAST({digits} AS INTEGER))", "DECIMAL")


def _trunc_date(arguments: Sequence[Term]) -> Term:
    unit, date = _period(arguments[0]), _date(arguments[1])
    if unit == "week":  # QuickSight's weeks begin on Sunday, DuckDB's on Monday
        return Term(f"CAST(date_trunc('week', {date} + INTERVAL 1 DAY) - INTERVAL 1 DAY AS TIMESTAMP)", "DATETIME")
    return Term(f"CAST(date_trunc('{unit}', {date}) AS TIMESTAMP)", "DATETIME")


def _extract(arguments: Sequence[Term]) -> Term:
    unit = _period(arguments[0], _EXTRACTED)
    shift = " + 1" if unit == "dow" else ""  # Sunday is 1
    return Term(f"(date_part('{unit}', {_date(arguments[1])}){shift})", "INTEGER")


def _date_diff(arguments: Sequence[Term]) -> Term:
    unit = _period(arguments[2]) if len(arguments) > 2 else "day"
    return Term(f"date_diff('{unit}', {_date(arguments[0])}, {_date(arguments[1])})", "INTEGER")


def _add_date_time(arguments: Sequence[Term]) -> Term:
    amount, unit, date = _number(arguments[0]), _period(arguments[1]), _date(arguments[2])
    interval = f"to_{unit}s(CAST({amount} AS BIGINT))"
    if unit == "quarter":
        interval = f"to_months(CAST(3 * {amount} AS BIGINT))"
    return Term(f"({date} + {interval})", "DATETIME")


def _strftime_pattern(term: Term) -> str:
    left, made = _literal(term), ""
    while left:
        for java, own in _JAVA_TO_STRFTIME:
            if left.startswith(java):
                left, made = left[len(java) :], made + own
                break
        else:
            if left[0].isalpha() and left[0] not in "TZ":
                raise InvalidExpression(f"the date format {_literal(term)!r} is not known to the local QuickSight")
            left, made = left[1:], made + ("%%" if left[0] == "%" else left[0])
    return text_literal(made)


def _format_date(arguments: Sequence[Term]) -> Term:
    pattern = _strftime_pattern(arguments[1]) if len(arguments) > 1 else "'%Y-%m-%dT%H:%M:%S.%gZ'"
    return Term(f"strftime({_date(arguments[0])}, {pattern})", "STRING")


def _parse_date(arguments: Sequence[Term]) -> Term:
    pattern = _strftime_pattern(arguments[1]) if len(arguments) > 1 else "'%m/%d/%Y'"
    return Term(f"CAST(try_strptime({_text(arguments[0])}, {pattern}) AS TIMESTAMP)", "DATETIME")


def _total(sql_name: str) -> Rule:
    return lambda arguments: Term(f"{sql_name}({_number(arguments[0])})", _summed(arguments[0], sql_name))


def _summed(term: Term, sql_name: str) -> TermType:
    return term.type if sql_name in ("sum", "min", "max") else "DECIMAL"


def _extreme(sql_name: str) -> Rule:
    return lambda arguments: Term(f"{sql_name}({arguments[0].sql})", arguments[0].type)


def _where(rule: Rule) -> Rule:
    """The …If form of an aggregate: the second argument is the condition of the rows."""

    def apply(arguments: Sequence[Term]) -> Term:
        made = rule(arguments[:1])
        return Term(f"{made.sql} FILTER (WHERE {_condition(arguments[1])})", made.type)

    return apply


_count: Rule = lambda arguments: Term(f"count({arguments[0].sql})", "INTEGER")  # noqa: E731
_distinct: Rule = lambda arguments: Term(f"count(DISTINCT {arguments[0].sql})", "INTEGER")  # noqa: E731

_AGGREGATE_RULES: dict[str, Rule] = {
    "sum": _total("sum"),
    "avg": _total("avg"),
    "median": _total("median"),
    "stdev": _total("stddev_samp"),
    "stdevp": _total("stddev_pop"),
    "var": _total("var_samp"),
    "varp": _total("var_pop"),
    "min": _extreme("min"),
    "max": _extreme("max"),
    "count": _count,
    "distinct_count": _distinct,
}

AGGREGATES = {*_AGGREGATE_RULES, *(f"{name}if" for name in _AGGREGATE_RULES)}

_RULES: dict[str, tuple[int, int | None, Rule]] = {
    **{name: (1, 1, rule) for name, rule in _AGGREGATE_RULES.items()},
    **{f"{name}if": (2, 2, _where(rule)) for name, rule in _AGGREGATE_RULES.items()},
    "ifelse": (3, None, _if_else),
    "switch": (4, None, _switch),
    "isnull": (1, 1, lambda arguments: Term(f"({arguments[0].sql} IS NULL)", "BOOLEAN")),
    "isnotnull": (1, 1, lambda arguments: Term(f"({arguments[0].sql} IS NOT NULL)", "BOOLEAN")),
    "coalesce": (2, None, _same("coalesce")),
    "nullif": (2, 2, _same("nullif")),
    "tostring": (1, 1, _to_string),
    "concat": (2, None, _concat),
    "strlen": (1, 1, _texts("length({0})", "INTEGER")),
    "tolower": (1, 1, _texts("lower({0})")),
    "toupper": (1, 1, _texts("upper({0})")),
    "trim": (1, 1, _texts("trim({0})")),
    "ltrim": (1, 1, _texts("ltrim({0})")),
    "rtrim": (1, 1, _texts("rtrim({0})")),
    "replace": (3, 3, _texts("replace({0}, {1}, {2})")),
    "substring": (3, 3, _substring),
    "left": (2, 2, _end_of_text("left")),
    "right": (2, 2, _end_of_text("right")),
    "locate": (2, 3, _locate),
    "split": (3, 3, _split),
    "contains": (2, 3, _contains("contains({0}, {1})")),
    "startswith": (2, 3, _contains("starts_with({0}, {1})")),
    "endswith": (2, 3, _contains("ends_with({0}, {1})")),
    "parseint": (1, 1, _texts("CAST(round(TRY_CAST({0} AS DOUBLE)) AS BIGINT)", "INTEGER")),
    "parsedecimal": (1, 1, _texts("TRY_CAST({0} AS DOUBLE)", "DECIMAL")),
    "inttodecimal": (1, 1, _numbers("CAST({0} AS DOUBLE)")),
    "decimaltoint": (1, 1, _numbers("CAST(trunc({0}) AS BIGINT)", "INTEGER")),
    "abs": (1, 1, _same_number("abs")),
    "ceil": (1, 1, _numbers("CAST(ceil({0}) AS BIGINT)", "INTEGER")),
    "floor": (1, 1, _numbers("CAST(floor({0}) AS BIGINT)", "INTEGER")),
    "round": (1, 2, _round),
    "sqrt": (1, 1, _numbers("sqrt({0})")),
    "exp": (1, 1, _numbers("exp({0})")),
    "ln": (1, 1, _numbers("ln({0})")),
    "log": (1, 1, _numbers("log10({0})")),
    "mod": (2, 2, _numbers("({0} % nullif({1}, 0))", "INTEGER")),
    "intdivide": (2, 2, _numbers("CAST(trunc({0} / nullif({1}, 0)) AS BIGINT)", "INTEGER")),
    "truncdate": (2, 2, _trunc_date),
    "extract": (2, 2, _extract),
    "datediff": (2, 3, _date_diff),
    "adddatetime": (3, 3, _add_date_time),
    "formatdate": (1, 2, _format_date),
    "parsedate": (1, 2, _parse_date),
    "epochdate": (1, 1, lambda arguments: Term(f"make_timestamp(CAST({_number(arguments[0])} * 1000000 AS BIGINT))", "DATETIME")),
    "now": (0, 0, lambda arguments: Term("CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)", "DATETIME")),
}  # fmt: skip

SKIPPING = {"parseint", "parsedecimal", "parsedate"}
"""Functions that leave out rows whose text they cannot parse (user guide, parseInt, parseDecimal, parseDate)."""

FUNCTIONS = tuple(sorted([*_RULES, "in", "notin"]))
"""Every function of the local QuickSight, in lower case."""
