"""SELECT: its list, WHERE, GROUP BY, HAVING, DISTINCT, ORDER BY and LIMIT."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from local_aws.athena.dml.bounds import limits, position_of
from local_aws.athena.dml.expressions import Expressions
from local_aws.athena.dml.failures import located, not_supported
from local_aws.athena.dml.frames import ordered
from local_aws.athena.dml.from_items import Queries, Rows
from local_aws.athena.dml.grouping import Grouping, Item, check_field_grouped, check_grouped, grouping, key
from local_aws.athena.dml.operators import Typed, comparable
from local_aws.athena.dml.pruning import carry, origins
from local_aws.athena.dml.relations import Field, Filters, Relation
from local_aws.athena.dml.scopes import Scope, Translation


class Select:
    """Translates one SELECT, whose FROM clause is translated already."""

    def __init__(
        self, translation: Translation, queries: Queries, source: Relation | None, outer: Scope, node: exp.Select
    ) -> None:
        self._node = node
        self._source = source
        windows = {window.this.name.lower(): window for window in node.args.get("windows") or []}
        fields = source.fields if source is not None else ()
        self._scope = Scope(fields, parent=outer, windows=windows)
        self._expressions = Expressions(translation, queries, self._scope)
        self._in_where = Expressions(translation, queries, replace(self._scope, clause="WHERE clause"))
        self._in_group_by = Expressions(translation, queries, replace(self._scope, clause="GROUP BY clause"))

    def rows(self) -> Rows:
        """Returns the query with columns c0, c1, … Raises: QueryFailed."""
        node = self._node
        for part in ("sample", "qualify", "cluster", "distribute", "sort", "connect", "match", "into", "kind", "hint"):
            if node.args.get(part):
                raise not_supported(node, f"{part.upper()} is not supported")
        where = self._where()
        items = list(self._items())
        having = node.args.get("having")
        condition = self._expressions.condition(having.this, "HAVING clause") if having is not None else None
        grouped = grouping(self._in_group_by, node.args.get("group"), items)
        order = list(self._order(items))
        aggregated = bool(node.args.get("group")) or having is not None or self._scope.has_aggregates
        if aggregated:
            self._check_grouped(items, grouped, having)
        selected = ", ".join(f"{item.value.sql} AS c{place}" for place, item in enumerate(items))
        sql = f"SELECT {'DISTINCT ' if self._distinct else ''}{selected}"
        if self._source is not None:
            sql += f" FROM {self._source.sql}"
        sql += where + grouped.sql
        if condition is not None:
            sql += f" HAVING {condition}"
        if order:
            sql += f" ORDER BY {', '.join(order)}"
        bounds = limits(node)
        known = {} if bounds else self._origins(items, grouped, aggregated=aggregated)
        fields = tuple(
            Field(item.name, item.value.type, f'"c{place}"', origins=known.get(place, {}))
            for place, item in enumerate(items)
        )
        return Rows(sql + bounds, fields)

    @property
    def _distinct(self) -> bool:
        distinct = self._node.args.get("distinct")
        if distinct is not None and distinct.args.get("on"):
            raise not_supported(distinct, "DISTINCT ON is not supported")
        return distinct is not None

    def _where(self) -> str:
        where = self._node.args.get("where")
        if where is None:
            return ""
        sql = self._in_where.condition(where.this, "WHERE clause")
        carry(self._in_where, where.this)
        return f" WHERE {sql}"

    def _items(self) -> Iterator[Item]:
        for node in self._node.expressions:
            if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
                yield from self._all_columns(node)
                continue
            value = self._expressions.typed(node.this if isinstance(node, exp.Alias) else node)
            yield Item(_name(node), node.this if isinstance(node, exp.Alias) else node, value)

    def _all_columns(self, node: exp.Expr) -> Iterator[Item]:
        if self._source is None:
            raise located("COLUMN_NOT_FOUND", node, "SELECT * not allowed in queries without FROM clause")
        if node.args.get("except_") or node.args.get("replace") or node.args.get("rename"):
            raise not_supported(node, "SELECT * with EXCEPT, REPLACE or RENAME is not supported")
        qualifiers = tuple(part.name.lower() for part in node.parts[:-1]) if isinstance(node, exp.Column) else ()
        fields = [
            field
            for field in self._source.fields
            if not field.hidden and (not qualifiers or field.qualifiers[-len(qualifiers) :] == qualifiers)
        ]
        if not fields:
            raise located("TABLE_NOT_FOUND", node, f"Unable to resolve reference {'.'.join(qualifiers)}")
        for field in fields:
            field.read()
            yield Item(field.name, None, Typed(field.sql, field.type), field)

    def _order(self, items: list[Item]) -> Iterator[str]:
        """ORDER BY terms: names are those of the SELECT list first, then those of FROM."""
        order = self._node.args.get("order")
        named = tuple(Field(item.name, item.value.type, item.value.sql) for item in items if item.name is not None)
        scope = Scope(_distinct_names(named), parent=self._scope, windows=self._scope.windows)
        expressions = Expressions(self._expressions.translation, self._expressions.queries, scope)
        for term in order.expressions if order is not None else ():
            if isinstance(term.this, exp.Literal) and term.this.is_int:
                place = position_of(term.this, len(items))
                value = items[place].value
            else:
                value = expressions.typed(term.this)
                place = next((n for n, item in enumerate(items) if item.value.sql == value.sql), -1)
            if self._distinct and place < 0:
                raise located(
                    "EXPRESSION_NOT_IN_DISTINCT",
                    term.this,
                    "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                )
            plain = comparable(value.sql, value.type) == value.sql
            yield ordered(str(place + 1) if place >= 0 and plain else comparable(value.sql, value.type), term)
        self._scope.has_aggregates = self._scope.has_aggregates or scope.has_aggregates

    def _check_grouped(self, items: list[Item], grouped: Grouping, having: exp.Having | None) -> None:
        star = next((node for node in self._node.expressions if node.find(exp.Star)), self._node)
        for item in items:
            if item.node is None:
                check_field_grouped(item, grouped.keys, star)
            else:
                check_grouped(self._expressions, item.node, grouped.keys)
        if having is not None:
            check_grouped(self._expressions, having.this, grouped.keys)
        names = {item.name.lower() for item in items if item.name is not None}
        order = self._node.args.get("order")
        for term in order.expressions if order is not None else ():
            columns = term.this.find_all(exp.Column)
            if not any(len(column.parts) == 1 and column.name.lower() in names for column in columns):
                check_grouped(self._expressions, term.this, grouped.keys)

    def _origins(self, items: list[Item], grouped: Grouping, *, aggregated: bool) -> dict[int, dict[Filters, str]]:
        """What the columns are over partition keys. A condition on one may be carried below this query when it
        leaves out whole rows of FROM, or whole groups.
        """
        if self._scope.has_windows:
            return {}
        found = {}
        for place, item in enumerate(items):
            item_key = f"#{id(item.field)}" if item.node is None else key(self._expressions, item.node)
            if aggregated and not (grouped.plain and item_key in grouped.keys):
                continue
            if item.field is not None:
                found[place] = dict(item.field.origins)
            elif item.node is not None:
                found[place] = origins(self._expressions, item.node)
        return found


def _name(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Alias):
        return node.alias
    if isinstance(node, exp.Column):
        return node.name
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return node.expression.name
    return None


def _distinct_names(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Fields without those whose name another one has with another value: FROM's column is meant then."""
    values: dict[str, set[str]] = {}
    for field in fields:
        values.setdefault((field.name or "").lower(), set()).add(field.sql)
    kept: dict[str, Field] = {}
    for field in fields:
        name = (field.name or "").lower()
        if len(values[name]) == 1:
            kept.setdefault(name, field)
    return tuple(kept.values())
