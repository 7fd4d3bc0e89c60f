"""Expressions: every node of Trino's grammar to DuckDB's text and Trino's type."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlglot import exp

from local_aws.athena.dml import operators, special_forms
from local_aws.athena.dml.calls import Calls
from local_aws.athena.dml.casts import cast_sql
from local_aws.athena.dml.failures import column_not_found, not_supported, syntax_error, type_mismatch
from local_aws.athena.dml.operators import CannotApply, Typed, as_type, compare
from local_aws.athena.dml.relations import Field
from local_aws.athena.dml.scopes import QueryTranslator, Scope, Translation
from local_aws.athena.dml.type_names import node_type
from local_aws.athena.dml.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    UNKNOWN,
    VARBINARY,
    Type,
    array_of,
    common_type,
    decimal_of,
    literal,
    quoted,
    row_of,
)

_COMPARISONS = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}
_ARITHMETIC = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}


class Expressions(Calls):
    """Translates the expressions of one scope."""

    def __init__(self, translation: Translation, queries: QueryTranslator, scope: Scope) -> None:
        self.translation = translation
        self.queries = queries
        self.scope = scope

    def typed(self, node: exp.Expr) -> Typed:
        """Returns the translation of an expression. Raises: QueryFailed with Trino's error."""
        for kind in type(node).__mro__:
            rule = _RULES.get(kind)
            if rule is not None:
                try:
                    return rule(self, node)
                except CannotApply as error:
                    raise type_mismatch(node, str(error)) from None
        raise not_supported(node, f"{type(node).__name__} expressions are not supported")

    def condition(self, node: exp.Expr, clause: str) -> str:
        """Returns a boolean expression. Raises: QueryFailed TYPE_MISMATCH."""
        value = self.typed(node)
        if value.type not in (BOOLEAN, UNKNOWN):
            raise type_mismatch(node, f"{clause} must evaluate to a boolean: actual type {value.type}")
        return value.sql

    def within(self, arguments: dict[str, Field]) -> Expressions:
        """Returns the translator of a lambda's body."""
        return Expressions(self.translation, self.queries, self.scope.inner(arguments))

    def common(self, nodes: list[exp.Expr], words: str) -> tuple[list[str], Type]:
        """Returns expressions as their common type. Raises: QueryFailed TYPE_MISMATCH, beginning with `words`."""
        values = [self.typed(node) for node in nodes]
        result = UNKNOWN
        for node, value in zip(nodes, values, strict=True):
            common = common_type(result, value.type)
            if common is None:
                raise type_mismatch(node, f"{words}: {result} vs {value.type}")
            result = common
        return [as_type(value, result) for value in values], result

    # Names and literals

    def _column(self, node: exp.Column) -> Typed:
        parts = [part.name for part in node.parts]
        if isinstance(node.this, exp.Star):
            raise syntax_error(node, "mismatched input '*'")
        return self._named(parts, node)

    def _identifier(self, node: exp.Identifier) -> Typed:
        return self._named([node.name], node)

    def _dot(self, node: exp.Dot) -> Typed:
        parts: list[str] = []
        part: exp.Expr = node
        while isinstance(part, exp.Dot):
            parts.insert(0, part.expression.name)
            part = part.this
        if isinstance(part, exp.Identifier):
            return self._named([part.name, *parts], node)
        return self._field(self.typed(node.this), node.expression.name, node)

    def _named(self, parts: list[str], node: exp.Expr) -> Typed:
        found = self.scope.resolve(parts, node)
        if found is None:
            raise column_not_found(node, ".".join(parts))
        column, taken = found
        column.read()
        sql = column.sql
        if self.scope.pruned is not None and column.origins:
            sql = column.origins[self.scope.pruned]
        value = Typed(sql, column.type)
        for name in parts[taken:]:
            value = self._field(value, name, node)
        return value

    def _field(self, value: Typed, name: str, node: exp.Expr) -> Typed:
        names = [field.lower() for field in value.type.field_names] if value.type.name == "row" else []
        if name.lower() not in names:
            raise column_not_found(node, name)
        place = names.index(name.lower())
        return Typed(f"struct_extract({value.sql}, {literal(value.type.field_names[place])})", value.type.args[place])

    def _literal(self, node: exp.Literal) -> Typed:
        if node.is_string:
            return Typed(literal(node.name), Type("varchar", numbers=(len(node.name),)), constant=True)
        text = node.name
        if "e" in text.lower():
            return Typed(f"CAST({text} AS DOUBLE)", DOUBLE, constant=True)
        if "." in text:
            _sign, digits, exponent = Decimal(text).as_tuple()
            scale = -int(exponent)
            return Typed(
                f"CAST({text} AS DECIMAL({max(len(digits), scale)}, {scale}))",
                decimal_of(max(len(digits), scale), scale),
                True,
            )
        if int(text) >= 2**63:
            raise syntax_error(node, f"Invalid numeric literal: {text}")
        return Typed(text, INTEGER if int(text) < 2**31 else BIGINT, constant=True)

    def _boolean(self, node: exp.Boolean) -> Typed:
        return Typed("true" if node.this else "false", BOOLEAN, constant=True)

    def _null(self, node: exp.Null) -> Typed:
        return Typed("NULL", UNKNOWN, constant=True)

    def _hex(self, node: exp.HexString) -> Typed:
        return Typed(f"from_hex({literal(node.name)})", VARBINARY, constant=True)

    def _parameter(self, node: exp.Placeholder) -> Typed:
        # The translation replaces every `?` by its value before; one that is left has none.
        raise syntax_error(node, "Incorrect number of parameters: expected more than were given")

    # Operators

    def _paren(self, node: exp.Paren) -> Typed:
        value = self.typed(node.this)
        return Typed(f"({value.sql})", value.type, value.constant)

    def _row(self, node: exp.Tuple) -> Typed:
        return self.row([self.typed(item) for item in node.expressions])

    def row(self, values: list[Typed]) -> Typed:
        """Returns ROW(values)."""
        type_ = row_of(tuple(value.type for value in values))
        items = ", ".join(
            f"{quoted(name)} := {value.sql}" for name, value in zip(type_.field_names, values, strict=True)
        )
        return Typed(f"struct_pack({items})", type_)

    def _negation(self, node: exp.Neg) -> Typed:
        return operators.negated(self.typed(node.this))

    def _comparison(self, node: exp.Binary) -> Typed:
        operator = _COMPARISONS[type(node)]
        if isinstance(node.expression, exp.Any | exp.All):
            return special_forms.quantified(self, node, operator)
        shown = "IS DISTINCT FROM" if "DISTINCT" in operator else operator
        return Typed(compare(operator, self.typed(node.this), self.typed(node.expression), shown=shown), BOOLEAN)

    def _arithmetic(self, node: exp.Binary) -> Typed:
        return operators.arithmetic(_ARITHMETIC[type(node)], self.typed(node.this), self.typed(node.expression))

    def _concatenation(self, node: exp.DPipe) -> Typed:
        return operators.concatenated(self.typed(node.this), self.typed(node.expression))

    def _logical(self, node: exp.And | exp.Or) -> Typed:
        word = "AND" if isinstance(node, exp.And) else "OR"
        # A chain of a thousand ORs is a tree as deep: it is walked in a loop.
        terms: list[exp.Expr] = []
        waiting: list[exp.Expr] = [node]
        while waiting:
            part = waiting.pop()
            if type(part) is type(node):
                waiting.extend((part.args["expression"], part.this))
            else:
                terms.append(part)
        conditions = [self.condition(term, f"Logical expression term of {word}") for term in terms]
        return Typed(f"({f' {word} '.join(conditions)})", BOOLEAN)

    def _not(self, node: exp.Not) -> Typed:
        return Typed(f"(NOT {self.condition(node.this, 'Value of logical NOT expression')})", BOOLEAN)

    def _between(self, node: exp.Between) -> Typed:
        value, low, high = (self.typed(node.args[part]) for part in ("this", "low", "high"))
        for bound in (low, high):
            if common_type(value.type, bound.type) is None:
                raise CannotApply(f"Cannot check if {value.type} is BETWEEN {low.type} and {high.type}")
        return Typed(f"({compare('>=', value, low)} AND {compare('<=', value, high)})", BOOLEAN)

    def _is(self, node: exp.Is) -> Typed:
        if not isinstance(node.expression, exp.Null):
            raise syntax_error(
                node, f"mismatched input '{node.expression.sql()}'. Expecting: 'DISTINCT', 'NOT', 'NULL'"
            )
        return Typed(f"({self.typed(node.this).sql} IS NULL)", BOOLEAN)

    def _interval(self, node: exp.Interval) -> Typed:
        return special_forms.interval(node)

    def _at_time_zone(self, node: exp.AtTimeZone) -> Typed:
        return operators.at_time_zone(self.typed(node.this), self.typed(node.args["zone"]))

    # Casts and conditionals

    def _cast(self, node: exp.Cast) -> Typed:
        value, target = self.typed(node.this), node_type(node.to, node)
        if value.constant and value.type.name == "varchar" and target.numbers == (0,) and target.name != "decimal":
            target = special_forms.literal_precision(node.this.name, target)
        sql = cast_sql(value.sql, value.type, target)
        if sql is None:
            raise type_mismatch(node, f"Cannot cast {value.type} to {target}")
        return Typed(f"TRY({sql})" if isinstance(node, exp.TryCast) and sql != value.sql else sql, target)

    def _if(self, node: exp.If) -> Typed:
        return self.case([(node.this, node.args["true"])], node.args.get("false"))

    def _case(self, node: exp.Case) -> Typed:
        branches = [(branch.this, branch.args["true"]) for branch in node.args["ifs"]]
        return self.case(branches, node.args.get("default"), node.this)

    def case(
        self,
        branches: list[tuple[exp.Expr, exp.Expr]],
        default: exp.Expr | None,
        operand: exp.Expr | None = None,
    ) -> Typed:
        """Returns CASE [operand] WHEN … THEN … [ELSE default] END."""
        results = [result for _, result in branches] + ([default] if default is not None else [])
        values, type_ = self.common(results, "All CASE results must be the same type")
        subject = self.typed(operand) if operand is not None else None
        parts = ["CASE"]
        for (when, _), value in zip(branches, values, strict=False):
            if subject is None:
                test = self.condition(when, "CASE WHEN clause")
            else:
                test = compare("=", subject, self.typed(when))
            parts.append(f"WHEN {test} THEN {value}")
        if default is not None:
            parts.append(f"ELSE {values[-1]}")
        return Typed(f"({' '.join(parts)} END)", type_)

    # Collections

    def _array(self, node: exp.Array) -> Typed:
        values, element = self.common(node.expressions, "All ARRAY elements must be the same type")
        return Typed(f"list_value({', '.join(values)})", array_of(element))

    def _subscript(self, node: exp.Bracket) -> Typed:
        if len(node.expressions) != 1:
            raise syntax_error(node, "mismatched input ','")
        return special_forms.subscript(self.typed(node.this), self.typed(node.expressions[0]))

    def _current(self, node: exp.Expr) -> Typed:
        return special_forms.current(node)


Rule = Callable[[Expressions, Any], Typed]

_RULES: dict[type[exp.Expr], Rule] = {
    exp.Column: Expressions._column,
    exp.Identifier: Expressions._identifier,
    exp.Dot: Expressions._dot,
    exp.Literal: Expressions._literal,
    exp.Boolean: Expressions._boolean,
    exp.Null: Expressions._null,
    exp.HexString: Expressions._hex,
    exp.Placeholder: Expressions._parameter,
    exp.Paren: Expressions._paren,
    exp.Tuple: Expressions._row,
    exp.Neg: Expressions._negation,
    exp.DPipe: Expressions._concatenation,
    exp.And: Expressions._logical,
    exp.Or: Expressions._logical,
    exp.Not: Expressions._not,
    exp.Between: Expressions._between,
    exp.Is: Expressions._is,
    exp.Interval: Expressions._interval,
    exp.AtTimeZone: Expressions._at_time_zone,
    exp.Cast: Expressions._cast,
    exp.TryCast: Expressions._cast,
    exp.If: Expressions._if,
    exp.Case: Expressions._case,
    exp.Array: Expressions._array,
    exp.Bracket: Expressions._subscript,
    exp.In: special_forms.membership,
    exp.Like: special_forms.like,
    exp.Escape: special_forms.escaped_like,
    exp.Exists: special_forms.exists,
    exp.Subquery: special_forms.scalar_subquery,
    exp.Extract: special_forms.extract,
    exp.Substring: special_forms.substring,
    exp.Trim: special_forms.trim,
    exp.StrPosition: special_forms.position,
    exp.Normalize: special_forms.normalize,
    exp.ParseJSON: special_forms.json_literal,
    exp.CurrentDate: Expressions._current,
    exp.CurrentTimestamp: Expressions._current,
    exp.CurrentTime: Expressions._current,
    exp.Localtimestamp: Expressions._current,
    exp.Localtime: Expressions._current,
    exp.CurrentUser: Expressions._current,
    exp.Anonymous: Calls.call,
    exp.Window: Calls.windowed,
    exp.Filter: Calls.filtered,
    exp.IgnoreNulls: Calls.nulls,
    exp.RespectNulls: Calls.nulls,
    exp.GroupConcat: Calls.listagg,
    **dict.fromkeys(_COMPARISONS, Expressions._comparison),
    **dict.fromkeys(_ARITHMETIC, Expressions._arithmetic),
}
