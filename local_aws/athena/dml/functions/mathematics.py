"""Mathematical functions. Where Java answers NaN or Infinity, DuckDB would fail: those cases come first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml.failures import located, not_supported, type_mismatch
from local_aws.athena.dml.operators import CannotApply, Typed, arithmetic
from local_aws.athena.dml.types import DOUBLE, INTEGERS, NUMERICS, Type, decimal_of, trino_to_duckdb

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions
    from local_aws.athena.dml.functions import SpecialCall

_NAN = "CAST('nan' AS DOUBLE)"


def _logarithm(sql: str) -> str:
    """For 0 minus infinity, below it NaN."""
    return f"(CASE WHEN {{0}} > 0 THEN {sql} WHEN {{0}} = 0 THEN CAST('-inf' AS DOUBLE) WHEN {{0}} < 0 THEN {_NAN} END)"


TABLE: dict[str, str] = {
    "abs(N) -> N": "abs({0})",
    "cbrt(double) -> double": "(CASE WHEN pow(round(cbrt({0})), 3) = {0} THEN round(cbrt({0})) ELSE cbrt({0}) END)",
    "degrees(double) -> double": "degrees({0})",
    "e() -> double": "exp(CAST(1 AS DOUBLE))",
    "exp(double) -> double": "exp({0})",
    "infinity() -> double": "CAST('inf' AS DOUBLE)",
    "is_finite(double) -> boolean": "isfinite({0})",
    "is_infinite(double) -> boolean": "isinf({0})",
    "is_nan(double) -> boolean": "isnan({0})",
    "ln(double) -> double": _logarithm("ln({0})"),
    "log2(double) -> double": _logarithm("log2({0})"),
    "log10(double) -> double": _logarithm("log10({0})"),
    "log(double, double) -> double": "(CASE WHEN {0} > 0 AND {1} > 0 THEN ln({1}) / ln({0}) "
    f"WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL THEN {_NAN} END)",
    "nan() -> double": _NAN,
    "pi() -> double": "pi()",
    "power(double, double) -> double": "pow({0}, {1})",
    "pow(double, double) -> double": "pow({0}, {1})",
    "radians(double) -> double": "radians({0})",
    "rand() -> double": "random()",
    "random() -> double": "random()",
    "random(bigint) -> bigint": "CAST(floor(random() * {0}) AS BIGINT)",
    "random(bigint, bigint) -> bigint": "({0} + CAST(floor(random() * ({1} - {0})) AS BIGINT))",
    "rand(bigint) -> bigint": "CAST(floor(random() * {0}) AS BIGINT)",
    "rand(bigint, bigint) -> bigint": "({0} + CAST(floor(random() * ({1} - {0})) AS BIGINT))",
    "sqrt(double) -> double": f"(CASE WHEN {{0}} < 0 THEN {_NAN} ELSE sqrt({{0}}) END)",
    **{f"{name}(double) -> double": f"{name}({{0}})" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "atan")},
    **{
        f"{name}(double) -> double": f"(CASE WHEN abs({{0}}) > 1 THEN {_NAN} ELSE {name}({{0}}) END)"
        for name in ("asin", "acos")
    },
    "atan2(double, double) -> double": "atan2({0}, {1})",
    "to_base(bigint, bigint) -> varchar": (
        "(CASE WHEN {0} < 0 THEN '-' ELSE '' END || lower(to_base(abs({0}), CAST({1} AS INTEGER))))"
    ),
    "from_base(varchar, bigint) -> bigint": "trino_from_base({0}, {1})",
    "width_bucket(double, double, double, bigint) -> bigint": "trino_width_bucket({0}, {1}, {2}, {3})",
    "width_bucket(double, array(double)) -> bigint": (
        "CAST(len(list_filter({1}, lambda trino_e: trino_e <= {0})) AS BIGINT)"
    ),
}

_DIGITS = "instr('0123456789abcdefghijklmnopqrstuvwxyz', trino_c) - 1"

MACROS: tuple[str, ...] = (
    "CREATE OR REPLACE TEMP MACRO trino_width_bucket(x, low, high, n) AS CASE "
    "WHEN low < high AND x < low OR low > high AND x > low THEN 0 "
    "WHEN low < high AND x >= high OR low > high AND x <= high THEN n + 1 "
    "ELSE CAST(floor((x - low) * n / (high - low)) AS BIGINT) + 1 END",
    "CREATE OR REPLACE TEMP MACRO trino_base_digits(t) AS "
    f"list_transform(string_split(lower(ltrim(t, '+-')), ''), lambda trino_c: CAST({_DIGITS} AS BIGINT))",
    "CREATE OR REPLACE TEMP MACRO trino_from_base(t, radix) AS CASE WHEN t IS NULL OR radix IS NULL THEN NULL "
    "WHEN NOT regexp_full_match(t, '[+-]?[0-9A-Za-z]+') OR list_max(trino_base_digits(t)) >= radix "
    "THEN CAST('INVALID_FUNCTION_ARGUMENT: Not a valid base-' || radix || ' number: ' || t AS BIGINT) "
    "ELSE CASE WHEN t[1] = '-' THEN -1 ELSE 1 END * "
    "list_reduce(trino_base_digits(t), lambda trino_a, trino_b: trino_a * radix + trino_b) END",
)


def _number(expressions: Expressions, node: exp.Expr, name: str) -> Typed:
    value = expressions.typed(node)
    if value.type.name == "unknown":
        return Typed("CAST(NULL AS DOUBLE)", DOUBLE)
    if value.type.name not in NUMERICS:
        raise type_mismatch(node, f"Unexpected parameters ({value.type}) for function {name}")
    return value


def _whole(function: str, name: str) -> SpecialCall:
    """ceil, floor, round and truncate to a whole number, of any numeric type; the last two also to digits."""

    def rule(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
        if len(arguments) not in ((1, 2) if function in ("round", "trunc") else (1,)):
            raise located("FUNCTION_NOT_FOUND", node, f"Unexpected number of arguments for function {name}")
        value = _number(expressions, arguments[0], name)
        if len(arguments) == 2:
            return _to_digits(function, value, _digits(arguments[1], name), node)
        if value.type.name in INTEGERS:
            return value
        if value.type.name == "decimal":
            precision, scale = value.type.numbers
            grows = int(scale > 0 and function != "trunc")
            type_ = decimal_of(max(1, precision - scale + grows), 0)
            return Typed(f"CAST({function}({value.sql}) AS {trino_to_duckdb(type_)})", type_)
        return _as(f"{function}({value.sql})", value.type)

    return rule


def _digits(node: exp.Expr, name: str) -> int:
    inner, sign = (node.this, -1) if isinstance(node, exp.Neg) else (node, 1)
    if not (isinstance(inner, exp.Literal) and inner.is_int):
        raise not_supported(node, f"the digits of {name} must be a literal")
    return sign * int(inner.name)


def _to_digits(function: str, value: Typed, digits: int, node: exp.Expr) -> Typed:
    if function == "trunc":
        if value.type.name not in ("double", "real"):
            raise not_supported(node, f"truncate of {value.type} to digits is not supported")
        factor = f"CAST(1e{abs(digits)} AS DOUBLE)"
        shifted, back = ("*", "/") if digits >= 0 else ("/", "*")
        return _as(f"(trunc({value.sql} {shifted} {factor}) {back} {factor})", value.type)
    if value.type.name in INTEGERS:
        rounded = f"CAST(round(CAST({value.sql} AS DECIMAL(38, 0)), {digits}) AS {trino_to_duckdb(value.type)})"
        return value if digits >= 0 else Typed(rounded, value.type)
    if value.type.name == "decimal":
        precision, scale = value.type.numbers
        type_ = decimal_of(precision + 1, scale)
        return Typed(f"CAST(round({value.sql}, {digits}) AS {trino_to_duckdb(type_)})", type_)
    return _as(f"round({value.sql}, {digits})", value.type)


def _as(sql: str, type_: Type) -> Typed:
    return Typed(f"CAST({sql} AS FLOAT)" if type_.name == "real" else sql, type_)


def _sign(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    if len(arguments) != 1:
        raise located("FUNCTION_NOT_FOUND", node, "Unexpected number of arguments for function sign")
    value = _number(expressions, arguments[0], "sign")
    type_ = decimal_of(1, 0) if value.type.name == "decimal" else value.type
    return Typed(f"CAST(sign({value.sql}) AS {trino_to_duckdb(type_)})", type_)


def _mod(expressions: Expressions, arguments: list[exp.Expr], node: exp.Expr) -> Typed:
    if len(arguments) != 2:
        raise located("FUNCTION_NOT_FOUND", node, "Unexpected number of arguments for function mod")
    try:
        return arithmetic("%", *(expressions.typed(argument) for argument in arguments))
    except CannotApply as error:
        raise type_mismatch(node, str(error)) from None


SPECIAL: dict[str, SpecialCall] = {
    "ceil": _whole("ceil", "ceil"),
    "ceiling": _whole("ceil", "ceiling"),
    "floor": _whole("floor", "floor"),
    "mod": _mod,
    "round": _whole("round", "round"),
    "sign": _sign,
    "truncate": _whole("trunc", "truncate"),
}
