"""Array functions.

Source: https://trino.io/docs/current/functions/array.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.casts import cast_sql, raised
from local_aws.athena.dml.failures import not_supported
from local_aws.athena.dml.functions.arguments import literal_number, unexpected
from local_aws.athena.dml.functions.lambdas import body_of
from local_aws.athena.dml.operators import Typed, as_type
from local_aws.athena.dml.types import (
    BIGINT,
    INTEGER,
    UNKNOWN,
    VARCHAR,
    array_of,
    coerces,
    common_type,
    quoted,
    row_of,
    trino_to_duckdb,
)

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions
    from local_aws.athena.dml.functions import SpecialCall

TABLE: dict[str, str] = {
    "all_match(array(T), function(T, boolean)) -> boolean": "(NOT trino_contains(list_transform({0}, {1}), false))",
    "any_match(array(T), function(T, boolean)) -> boolean": "trino_contains(list_transform({0}, {1}), true)",
    "none_match(array(T), function(T, boolean)) -> boolean": "(NOT trino_contains(list_transform({0}, {1}), true))",
    "array_distinct(array(T)) -> array(T)": "trino_array_distinct({0})",
    "array_except(array(T), array(T)) -> array(T)": "trino_array_except({0}, {1})",
    "array_intersect(array(T), array(T)) -> array(T)": "trino_array_intersect({0}, {1})",
    "array_max(array(T)) -> T": "trino_if_no_nulls({0}, list_max({0}))",
    "array_min(array(T)) -> T": "trino_if_no_nulls({0}, list_min({0}))",
    "array_position(array(T), T) -> bigint": "trino_array_position({0}, {1})",
    "array_remove(array(T), T) -> array(T)": "trino_array_remove({0}, {1})",
    "array_sort(array(T)) -> array(T)": "list_sort({0}, 'ASC', 'NULLS LAST')",
    "array_union(array(T), array(T)) -> array(T)": "trino_array_union({0}, {1})",
    "arrays_overlap(array(T), array(T)) -> boolean": "trino_arrays_overlap({0}, {1})",
    "cardinality(array(T)) -> bigint": "len({0})",
    "contains(array(T), T) -> boolean": "trino_contains({0}, {1})",
    "element_at(array(T), bigint) -> T": "list_extract({0}, trino_array_index({1}))",
    "filter(array(T), function(T, boolean)) -> array(T)": "list_filter({0}, {1})",
    "flatten(array(array(T))) -> array(T)": "flatten({0})",
    "ngrams(array(T), bigint) -> array(array(T))": "trino_ngrams({0}, {1})",
    "repeat(T, bigint) -> array(T)": "trino_repeat({0}, {1})",
    "reverse(array(T)) -> array(T)": "list_reverse({0})",
    "sequence(bigint, bigint) -> array(bigint)": "trino_sequence({0}, {1}, CASE WHEN {0} <= {1} THEN 1 ELSE -1 END)",
    "sequence(bigint, bigint, bigint) -> array(bigint)": "trino_sequence({0}, {1}, {2})",
    "sequence(date, date) -> array(date)": "trino_sequence_of_days({0}, {1})",
    "sequence(date, date, interval_day) -> array(date)": "trino_as_dates(trino_sequence_of_times({0}, {1}, "
    "trino_whole_days({2})))",
    "sequence(date, date, interval_year) -> array(date)": "trino_as_dates(trino_sequence_of_months({0}, {1}, {2}))",
    "sequence(timestamp, timestamp, interval_day) -> array(timestamp)": "trino_sequence_of_times({0}, {1}, "
    "epoch_us(TIMESTAMP '1970-01-01' + {2}))",
    "sequence(timestamp, timestamp, interval_year) -> array(timestamp)": "trino_sequence_of_months({0}, {1}, {2})",
    "slice(array(T), bigint, bigint) -> array(T)": "trino_slice({0}, {1}, {2})",
    "transform(array(T), function(T, U)) -> array(U)": "list_transform({0}, {1})",
    "trim_array(array(T), bigint) -> array(T)": "trino_trim_array({0}, {1})",
}


def _array_join(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    """array_join(array, separator [, what stands for NULL]) of elements that can be cast to varchar."""
    values = [expressions.typed(argument) for argument in arguments]
    element = values[0].type.args[0] if values and values[0].type.name == "array" else None
    text = cast_sql("trino_e", element, VARCHAR) if element is not None and element != UNKNOWN else None
    if element == UNKNOWN:
        text = "CAST(NULL AS VARCHAR)"
    if text is None or len(values) not in (2, 3) or not all(coerces(value.type, VARCHAR) for value in values[1:]):
        expected = "array_join(array(T), varchar), array_join(array(T), varchar, varchar)"
        raise unexpected("array_join", node, values, expected)
    separator, *replacement = (as_type(value, VARCHAR) for value in values[1:])
    if replacement:
        text = f"coalesce({text}, {replacement[0]})"
    joined = f"trino_array_join(list_transform({values[0].sql}, lambda trino_e: {text}), {separator})"
    if replacement:
        joined = f"(CASE WHEN {replacement[0]} IS NOT NULL THEN {joined} END)"
    return Typed(joined, VARCHAR)


def _combinations(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    """combinations(array, n), in Trino's order: by the last place first."""
    values = [expressions.typed(argument) for argument in arguments]
    if len(values) != 2 or values[0].type.name != "array" or not coerces(values[1].type, INTEGER):
        raise unexpected("combinations", node, values, "combinations(array(T), integer)")
    size = literal_number(arguments[1])
    if size is None or size > 5:
        raise not_supported(node, "combinations needs a literal of 0 to 5 as the size")
    array = values[0].sql
    picked = ", ".join(f"list_extract({array}, trino_i{place})" for place in range(size))
    sql = f"list_value(CAST(list_value({picked}) AS {trino_to_duckdb(values[0].type)}))"
    for place in range(size):
        end = f"trino_i{place + 1}" if place + 1 < size else f"len({array}) + 1"
        sql = f"flatten(list_transform(range(1, {end}), lambda trino_i{place}: {sql}))"
    return Typed(f"(CASE WHEN {array} IS NOT NULL THEN {sql} END)", array_of(values[0].type))


def _reduce(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    """reduce(array, initial state, (state, element) -> state, state -> result).

    DuckDB's list_reduce wants the state to be of the elements' type, so both travel in a struct.
    """
    lambdas = [argument for argument in arguments if isinstance(argument, exp.Lambda)]
    values = [expressions.typed(argument) for argument in arguments if not isinstance(argument, exp.Lambda)]
    expected = "reduce(array(T), S, function(S,T,S), function(S,R))"
    if len(lambdas) != 2 or len(values) != 2 or values[0].type.name != "array":
        raise unexpected("reduce", node, values, expected)
    (array, initial), (step, finish) = values, lambdas
    element, state = array.type.args[0], initial.type.base
    before, following = (quoted(f"{_together(step)} {place}") for place in (1, 2))
    right = (f"struct_extract({following}, 'element')", element)
    body = body_of(expressions, step, (f"struct_extract({before}, 'state')", state), right)
    if body is not None and common_type(body.type.base, state) not in (state, None):
        # The state is of the type that both the initial one and the lambda's result coerce to.
        state = common_type(body.type.base, state) or state
        body = body_of(expressions, step, (f"struct_extract({before}, 'state')", state), right)
    last = quoted(_together(finish))
    result = body_of(expressions, finish, (last, state))
    if body is None or result is None or not coerces(body.type, state):
        raise unexpected("reduce", node, values, expected)
    pair = f"struct_pack(state := CAST({{}} AS {trino_to_duckdb(state)}), element := CAST({{}} AS {trino_to_duckdb(element)}))"
    pairs = f"list_transform({array.sql}, lambda trino_e: {pair.format('NULL', 'trino_e')})"
    next_pair, start = (pair.format(as_type(value, state), "NULL") for value in (body, initial))
    reduced = f"list_reduce({pairs}, lambda {before}, {following}: {next_pair}, {start}).state"
    finished = f"list_extract(list_transform(list_value({reduced}), lambda {last}: {result.sql}), 1)"
    return Typed(f"(CASE WHEN {array.sql} IS NOT NULL THEN {finished} END)", result.type)


def _together(node: exp.Expr) -> str:
    """A name for what carries all arguments of a lambda: another one inside hides it only if it hides them all."""
    return " ".join(argument.name for argument in node.expressions)


def _zip(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    """zip(arrays…): rows, with NULL where an array has ended."""
    values = [expressions.typed(argument) for argument in arguments]
    if not 2 <= len(values) <= 5 or any(value.type.name != "array" for value in values):
        raise unexpected("zip", node, values, "zip(array(T1), array(T2), …), of two to five arrays")
    row = row_of(tuple(value.type.args[0] for value in values))
    fields = ", ".join(f"{name} := struct_extract(e, {place})" for place, name in enumerate(row.field_names, 1))
    given = " AND ".join(f"{value.sql} IS NOT NULL" for value in values)
    zipped = f"list_zip({', '.join(value.sql for value in values)})"
    return Typed(
        f"(CASE WHEN {given} THEN list_transform({zipped}, lambda e: struct_pack({fields})) END)", array_of(row)
    )


def _zip_with(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    """zip_with(array, array, (x, y) -> …)."""
    values = [expressions.typed(argument) for argument in arguments if not isinstance(argument, exp.Lambda)]
    arrays = len(values) == 2 and all(value.type.name == "array" for value in values)
    body, pair = None, ""
    if arrays and len(arguments) == 3 and isinstance(arguments[2], exp.Lambda):
        pair = quoted(_together(arguments[2]))
        fields = [(f"struct_extract({pair}, {place})", value.type.args[0]) for place, value in enumerate(values, 1)]
        body = body_of(expressions, arguments[2], *fields)
    if body is None:
        raise unexpected("zip_with", node, values, "zip_with(array(T), array(U), function(T,U,R))")
    zipped = f"list_zip({values[0].sql}, {values[1].sql})"
    given = " AND ".join(f"{value.sql} IS NOT NULL" for value in values)
    return Typed(
        f"(CASE WHEN {given} THEN list_transform({zipped}, lambda {pair}: {body.sql}) END)", array_of(body.type)
    )


SPECIAL: dict[str, SpecialCall] = {
    "array_join": _array_join,
    "combinations": _combinations,
    "reduce": _reduce,
    "zip": _zip,
    "zip_with": _zip_with,
}


def _failed(message: str) -> str:
    return raised(f"'INVALID_FUNCTION_ARGUMENT: {message}'", BIGINT)


# A failure stands where a number is wanted (an index, a length): so it is of no array's type.
_WRONG_STOP = _failed(
    "sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop "
    "should be less than or equal to start"
)
_TOO_LONG = _failed("result of sequence function must not have more than 10000 entries")

MACROS: tuple[str, ...] = (
    """CREATE OR REPLACE TEMP MACRO trino_contains(a, x) AS CASE
        WHEN list_contains(a, x) THEN true
        WHEN x IS NOT NULL AND list_count(a) = len(a) THEN false END""",
    "CREATE OR REPLACE TEMP MACRO trino_if_no_nulls(a, x) AS CASE WHEN list_count(a) = len(a) THEN x END",
    """CREATE OR REPLACE TEMP MACRO trino_array_distinct(a) AS
        list_filter(a, lambda trino_e, trino_i: list_position(a, trino_e) = trino_i)""",
    """CREATE OR REPLACE TEMP MACRO trino_array_except(a, b) AS CASE WHEN b IS NOT NULL THEN
        list_filter(a, lambda trino_e, trino_i: list_position(a, trino_e) = trino_i
            AND list_position(b, trino_e) IS NULL) END""",
    """CREATE OR REPLACE TEMP MACRO trino_array_intersect(a, b) AS CASE
        WHEN len(a) >= len(b) THEN list_filter(a, lambda trino_e, trino_i:
            list_position(a, trino_e) = trino_i AND list_position(b, trino_e) IS NOT NULL)
        WHEN len(a) < len(b) THEN list_filter(b, lambda trino_e, trino_i:
            list_position(b, trino_e) = trino_i AND list_position(a, trino_e) IS NOT NULL) END""",
    """CREATE OR REPLACE TEMP MACRO trino_array_union(a, b) AS
        CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN trino_array_distinct(list_concat(a, b)) END""",
    """CREATE OR REPLACE TEMP MACRO trino_arrays_overlap(a, b) AS CASE
        WHEN a IS NULL OR b IS NULL THEN NULL
        WHEN list_has_any(a, b) THEN true
        WHEN len(a) = 0 OR len(b) = 0 THEN false
        WHEN list_count(a) = len(a) AND list_count(b) = len(b) THEN false END""",
    """CREATE OR REPLACE TEMP MACRO trino_array_position(a, x) AS
        CASE WHEN a IS NOT NULL AND x IS NOT NULL THEN coalesce(list_position(a, x), 0) END""",
    """CREATE OR REPLACE TEMP MACRO trino_array_remove(a, x) AS
        CASE WHEN x IS NOT NULL THEN list_filter(a, lambda trino_e: trino_e IS NULL OR trino_e <> x) END""",
    """CREATE OR REPLACE TEMP MACRO trino_array_join(texts, separator) AS
        CASE WHEN texts IS NOT NULL AND separator IS NOT NULL THEN array_to_string(texts, separator) END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_array_index(i) AS
        CASE WHEN i = 0 THEN {_failed("SQL array indices start at 1")} ELSE i END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_ngrams(a, n) AS
        list_transform(range(1, greatest(len(a) - (CASE WHEN n <= 0 THEN {_failed("N must be positive")} ELSE n END), 0)
            + 2), lambda trino_i: list_slice(a, trino_i, trino_i + n - 1))""",
    f"""CREATE OR REPLACE TEMP MACRO trino_repeat(x, n) AS
        list_transform(range(0, CASE
            WHEN n < 0 THEN {_failed("count argument of repeat function must be greater than or equal to 0")}
            WHEN n > 10000 THEN {_failed("count argument of repeat function must be less than or equal to 10000")}
            ELSE n END), lambda trino_i: x)""",
    f"""CREATE OR REPLACE TEMP MACRO trino_sequence(first, last, step) AS
        generate_series(first, last, CASE
            WHEN step = 0 THEN {_failed("step must not be zero")}
            WHEN (step > 0) <> (first <= last) AND first <> last THEN {_WRONG_STOP}
            WHEN (last - first) // nullif(step, 0) >= 10000 THEN {_TOO_LONG}
            ELSE step END)""",
    """CREATE OR REPLACE TEMP MACRO trino_sequence_of_days(first, last) AS
        trino_as_dates(trino_sequence_of_times(
            first, last, CASE WHEN first <= last THEN 86400000000 ELSE -86400000000 END))""",
    "CREATE OR REPLACE TEMP MACRO trino_as_dates(times) AS CAST(times AS DATE[])",
    # `step` is in microseconds.
    """CREATE OR REPLACE TEMP MACRO trino_sequence_of_times(first, last, step) AS
        list_transform(trino_sequence(0, epoch_us(CAST(last AS TIMESTAMP)) - epoch_us(CAST(first AS TIMESTAMP)), step),
            lambda trino_e: CAST(first AS TIMESTAMP) + to_microseconds(trino_e))""",
    f"""CREATE OR REPLACE TEMP MACRO trino_whole_days(step) AS CASE
        WHEN epoch_us(TIMESTAMP '1970-01-01' + step) % 86400000000 <> 0
        THEN {_failed("sequence step must be a day interval if start and end values are dates")}
        ELSE epoch_us(TIMESTAMP '1970-01-01' + step) END""",
    # Each date is the first plus months, so that the end of a month does not wander. datediff counts one too many.
    "CREATE OR REPLACE TEMP MACRO trino_months(step) AS datepart('year', step) * 12 + datepart('month', step)",
    f"""CREATE OR REPLACE TEMP MACRO trino_sequence_of_months(first, last, step) AS
        list_filter(
            list_transform(
                trino_sequence(0, datediff('month', CAST(first AS TIMESTAMP), CAST(last AS TIMESTAMP)),
                    CASE WHEN (trino_months(step) > 0) <> (first <= last) AND first <> last THEN {_WRONG_STOP}
                    ELSE trino_months(step) END),
                lambda trino_e: CAST(first AS TIMESTAMP) + to_months(CAST(trino_e AS INTEGER))),
            lambda trino_e: trino_e BETWEEN least(CAST(first AS TIMESTAMP), CAST(last AS TIMESTAMP))
                AND greatest(CAST(first AS TIMESTAMP), CAST(last AS TIMESTAMP)))""",
    # Before the first element and without a length there is nothing.
    f"""CREATE OR REPLACE TEMP MACRO trino_slice(a, first, size) AS CASE
        WHEN a IS NULL OR first IS NULL OR size IS NULL THEN NULL
        ELSE list_slice(a,
            CASE WHEN first = 0 THEN {_failed("SQL array indices start at 1")}
                WHEN first < 0 AND -first > len(a) THEN len(a) + 1
                WHEN first < 0 THEN len(a) + first + 1 ELSE first END,
            CASE WHEN size < 0 THEN {_failed("length must be greater than or equal to 0")}
                WHEN first < 0 AND -first > len(a) THEN len(a)
                WHEN first < 0 THEN least(len(a) + first + size, len(a))
                ELSE first - 1 + least(size, len(a)) END) END""",
    f"""CREATE OR REPLACE TEMP MACRO trino_trim_array(a, n) AS
        list_slice(a, 1, CASE
            WHEN n < 0 THEN {raised("'INVALID_FUNCTION_ARGUMENT: size must not be negative: ' || n", BIGINT)}
            WHEN n > len(a) THEN {
        raised(
            "'INVALID_FUNCTION_ARGUMENT: size must not exceed array cardinality ' || len(a) || ': ' || n",
            BIGINT,
        )
    }
            ELSE len(a) - n END)""",
)
