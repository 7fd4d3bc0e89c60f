"""Function calls: the allow-list, the choice of the overload, aggregates and windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from local_aws.athena.dml import frames, functions, special_forms
from local_aws.athena.dml.failures import function_not_found, located, syntax_error
from local_aws.athena.dml.grouping import is_aggregate
from local_aws.athena.dml.operators import Typed, as_type, comparable
from local_aws.athena.dml.relations import Field
from local_aws.athena.dml.signatures import Bindings, Signature, bind, expanded, resolved
from local_aws.athena.dml.types import UNKNOWN, VARCHAR, Type, common_type, quoted

if TYPE_CHECKING:
    from local_aws.athena.dml.expressions import Expressions
    from local_aws.athena.dml.scopes import QueryTranslator, Scope, Translation

Call = tuple[str, str, str]
_PLAIN: Call = ("", "", "")


class Calls:
    """The part of `Expressions` that translates calls."""

    translation: Translation
    queries: QueryTranslator
    scope: Scope

    if TYPE_CHECKING:

        def typed(self, node: exp.Expr) -> Typed: ...  # noqa: D102

        def condition(self, node: exp.Expr, clause: str) -> str: ...  # noqa: D102

        def within(self, arguments: dict[str, Field]) -> Expressions: ...  # noqa: D102

    def call(self, node: exp.Anonymous) -> Typed:
        """Returns a call `name(arguments)`."""
        return self._call(node, _PLAIN)

    def function(self, name: str, arguments: Sequence[exp.Expr], node: exp.Expr) -> Typed:
        """Returns the call of a function that a form of the grammar stands for."""
        return self._chosen(name, list(arguments), node, _PLAIN)

    def filtered(self, node: exp.Filter) -> Typed:
        """Returns `aggregate(…) FILTER (WHERE condition)`."""
        return self._around(node, "")

    def windowed(self, node: exp.Window) -> Typed:
        """Returns `function(…) OVER (window)`."""
        self._refuse("Window functions", node)
        self.scope.has_windows = True
        return self._around(node.this, frames.over(self, node))  # type: ignore[arg-type]

    def nulls(self, node: exp.Expr) -> Typed:
        """IGNORE NULLS and RESPECT NULLS are part of a window function."""
        raise syntax_error(node, "Cannot specify null treatment clause without OVER clause")

    def _around(self, node: exp.Expr, over: str) -> Typed:
        behind, after = over, ""
        while not isinstance(node, exp.Anonymous | exp.GroupConcat):
            if isinstance(node, exp.Filter):
                behind = f" FILTER (WHERE {self.condition(node.expression.this, 'Filter expression')}){behind}"
            elif isinstance(node, exp.IgnoreNulls):
                after = " IGNORE NULLS"
            elif not isinstance(node, exp.RespectNulls):
                raise syntax_error(node, "mismatched input 'OVER'")
            node = node.this
        if isinstance(node, exp.GroupConcat):
            return self.listagg(node, behind)
        return self._call(node, ("", after, behind))

    def _call(self, node: exp.Anonymous, call: Call) -> Typed:
        name, arguments = node.name.lower(), list(node.expressions)
        before, after, behind = call
        if arguments and isinstance(arguments[-1], exp.Order):
            order = arguments.pop()
            arguments.append(order.this)
            after = f" {frames.order_by(self, order)}{after}"  # type: ignore[arg-type]
        if len(arguments) == 1 and isinstance(arguments[0], exp.Distinct):
            arguments = list(arguments[0].expressions)
            before = "DISTINCT "
            if arguments and isinstance(arguments[-1], exp.Order):
                order = arguments.pop()
                arguments.append(order.this)
                after = f" {frames.order_by(self, order)}{after}"  # type: ignore[arg-type]
        return self._chosen(name, arguments, node, (before, after, behind))

    def _chosen(self, name: str, arguments: list[exp.Expr], node: exp.Expr, call: Call) -> Typed:
        special = special_forms.FORMS.get(name) or functions.SPECIAL.get(name)
        if special is not None and call == _PLAIN:
            return special(self, arguments, node)  # type: ignore[arg-type]
        overloads = functions.FUNCTIONS.get(name)
        if overloads is None:
            raise function_not_found(node, name)
        aggregate = "[" in overloads[0].template
        if aggregate:
            self._noted(name, node, call)
        elif call != _PLAIN:
            raise located("FUNCTION_NOT_AGGREGATE", node, f"Function '{name}' is not an aggregation function")
        if name == "count" and len(arguments) == 1 and isinstance(arguments[0], exp.Star):
            arguments = []
        values = [None if isinstance(argument, exp.Lambda) else self.typed(argument) for argument in arguments]
        if name == "count" and call[0] and values[0] is not None:
            values[0] = Typed(comparable(values[0].sql, values[0].type), UNKNOWN)
        for exact in (True, False):
            for signature in overloads:
                found = self._with_signature(signature, arguments, values, call, exact=exact)
                if found is not None:
                    return found
        given = ", ".join(str(value.type) if value else "function" for value in values)
        expected = ", ".join(map(str, overloads))
        raise located(
            "FUNCTION_NOT_FOUND", node, f"Unexpected parameters ({given}) for function {name}. Expected: {expected}"
        )

    def _with_signature(
        self,
        signature: Signature,
        arguments: list[exp.Expr],
        values: list[Typed | None],
        call: Call,
        *,
        exact: bool,
    ) -> Typed | None:
        parameters = signature.parameters_for(len(values))
        if parameters is None:
            return None
        bindings: Bindings = {}
        for parameter, value in zip(parameters, values, strict=True):
            if (parameter.name == "function") != (value is None):
                return None
            if value is not None and not bind(parameter, value.type, bindings, exact=exact):
                return None
        texts: list[str] = []
        for parameter, value, argument in zip(parameters, values, arguments or [exp.Star()] * len(values), strict=True):
            if value is None:
                body = self._lambda(parameter, argument, bindings)
                if body is None:
                    return None
                texts.append(body)
            else:
                texts.append(as_type(value, resolved(parameter, bindings, value.type)))
        result = resolved(signature.result, bindings)
        return Typed(expanded(signature.template, texts, bindings, call), result)

    def _lambda(self, parameter: Type, node: exp.Expr, bindings: Bindings) -> str | None:
        *takes, returns = parameter.args
        names = [argument.name for argument in node.expressions]
        if len(names) != len(takes):
            return None
        fields = {
            name.lower(): Field(name, resolved(type_, bindings), quoted(name))
            for name, type_ in zip(names, takes, strict=True)
        }
        body = self.within(fields).typed(node.this)
        if not bind(returns, body.type, bindings, exact=False):
            return None
        sql = as_type(body, resolved(returns, bindings, body.type))
        return f"lambda {', '.join(map(quoted, names))}: {sql}"

    def listagg(self, node: exp.GroupConcat, behind: str = "") -> Typed:
        """Returns LISTAGG(text [, separator]) WITHIN GROUP (ORDER BY …)."""
        self._noted("listagg", node, ("", "", behind))
        inner, order = node.this, ""
        if isinstance(inner, exp.Order):
            order = f" {frames.order_by(self, inner)}"  # type: ignore[arg-type]
            inner = inner.this
        distinct = ""
        if isinstance(inner, exp.Distinct):
            inner, distinct = inner.expressions[0], "DISTINCT "
        separator = node.args.get("separator")
        value = self.typed(inner)
        if common_type(value.type, VARCHAR) is None:
            raise located(
                "TYPE_MISMATCH", node, f"Expected expression of varchar, but '{inner.sql()}' has {value.type} type"
            )
        between = self.typed(separator).sql if separator is not None else "''"
        return Typed(f"string_agg({distinct}{as_type(value, VARCHAR)}, {between}{order}){behind}", VARCHAR)

    def _noted(self, name: str, node: exp.Expr, call: Call) -> None:
        """Notes that the query aggregates; refuses it where Trino does."""
        if " OVER " in call[2]:
            return
        if name in functions.WINDOW_ONLY:
            raise located("MISSING_OVER", node, f"Window function '{name}' requires an OVER clause")
        around = node.parent
        while around is not None and not isinstance(around, exp.Query | exp.Window):
            if is_aggregate(around) and not isinstance(around.parent, exp.Window):
                raise located(
                    "NESTED_AGGREGATION", around, f"Cannot nest aggregations inside aggregation: [{node.sql('trino')}]"
                )
            around = around.parent
        self._refuse("Aggregations", node)
        self.scope.has_aggregates = True

    def _refuse(self, what: str, node: exp.Expr) -> None:
        if self.scope.clause != "SELECT":
            code = "EXPRESSION_NOT_SCALAR"
            raise located(
                code,
                node,
                f"{self.scope.clause} cannot contain aggregations, window functions or grouping operations: [{node.sql('trino')}]",
            )
