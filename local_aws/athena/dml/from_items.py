"""FROM: tables, views, WITH queries, subqueries, VALUES, UNNEST, LATERAL and the joins between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlglot import exp

from local_aws.athena.dml.expressions import Expressions
from local_aws.athena.dml.failures import located, not_supported, syntax_error, type_mismatch, with_place
from local_aws.athena.dml.operators import CannotApply, Typed, compare
from local_aws.athena.dml.parser import parse_query
from local_aws.athena.dml.pruning import carry, without_origins
from local_aws.athena.dml.relations import (
    FILE_MODIFIED_TIME,
    FILE_SIZE,
    PARTITION,
    PATH,
    Field,
    Filters,
    ReadTable,
    Relation,
)
from local_aws.athena.dml.schema import CATALOG, Table, View
from local_aws.athena.dml.scopes import CommonQuery, QueryTranslator, Scope, Translation
from local_aws.athena.dml.system_tables import information_schema_sql, partitions_sql
from local_aws.athena.dml.types import (
    BIGINT,
    TIMESTAMP_TZ,
    VARCHAR,
    Type,
    UnknownType,
    common_type,
    hive_to_trino,
    literal,
    quoted,
)
from local_aws.athena.model import QueryFailed

_HIDDEN = {PATH: VARCHAR, FILE_SIZE: BIGINT, FILE_MODIFIED_TIME: TIMESTAMP_TZ, PARTITION: VARCHAR}

_NOT_READ = ("version", "sample", "pivots", "hints", "when", "only", "partition", "changes", "rows_from")


class Queries(QueryTranslator, Protocol):
    """The translator of queries, as FROM needs it."""

    @property
    def database(self) -> str:
        """The database of unqualified table names."""
        ...

    def rows(self, query: exp.Expr, outer: Scope) -> Rows:
        """Returns the translation of a query whose columns are named c0, c1, …"""
        ...

    def within(self, database: str) -> Queries:
        """Returns the translator of a view's query, whose unqualified names belong to another database."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """A translated query: its columns are named c0, c1, … in DuckDB."""

    sql: str
    fields: tuple[Field, ...]


class FromItems:
    """Translates the FROM clause of one query."""

    def __init__(self, translation: Translation, queries: Queries, outer: Scope) -> None:
        self._translation = translation
        self._queries = queries
        self._outer = outer

    def clause(self, select: exp.Select) -> Relation | None:
        """Returns what stands after FROM, or None for a query without it. Raises: QueryFailed."""
        start = select.args.get("from_")
        if start is None:
            return None
        joined = self._item(start.this, None)
        for lateral in select.args.get("laterals") or []:
            raise not_supported(lateral, "LATERAL VIEW is not supported; use CROSS JOIN UNNEST")
        return self._joins(joined, select.args.get("joins") or [])

    # Items

    def _item(self, node: exp.Expr, left: Relation | None) -> Relation:
        nested = node.args.get("joins") or []
        if isinstance(node, exp.Table):
            item = self._table(node)
        elif isinstance(node, exp.Unnest):
            item = self._unnest(node, left)
        elif isinstance(node, exp.Lateral):
            item = self._lateral(node, left)
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
            inner = self._joins(self._item(_without_joins(node.this), left), node.this.args.get("joins") or [])
            item = Relation(f"({inner.sql})", _renamed(inner.fields, node))
        elif isinstance(node, exp.Subquery | exp.Values | exp.Query):
            query = node.copy() if isinstance(node, exp.Values) else node
            if isinstance(query, exp.Values):
                query.set("alias", None)
            item = self._derived(self._queries.rows(query, self._outer), node)
        else:
            raise not_supported(node, f"{type(node).__name__} is not supported in FROM")
        return self._joins(item, nested) if nested and not isinstance(node.this, exp.Table) else item

    def _derived(self, rows: Rows, node: exp.Expr, prefix: str = "") -> Relation:
        """A query as a FROM item, under the alias of `node`."""
        alias = self._translation.alias()
        columns = [f"c{place}" for place in range(len(rows.fields))]
        fields = tuple(
            replace(field, sql=f'"{alias}"."{column}"', qualifiers=(), source=None, hidden=False)
            for field, column in zip(rows.fields, columns, strict=True)
        )
        sql = f'{prefix}({rows.sql}) AS "{alias}"({", ".join(columns)})'
        return Relation(sql, _renamed(fields, node))

    def _table(self, node: exp.Table) -> Relation:
        for part in _NOT_READ:
            if node.args.get(part):
                raise not_supported(node, f"{part.upper()} of a table is not supported")
        name = node.name.lower()
        if not node.args.get("db"):
            common = self._outer.common_query(name)
            if common is not None:
                return self._reference(common, node)
        catalog, database = (node.catalog or CATALOG).lower(), (node.db or self._queries.database).lower()
        if catalog != CATALOG:
            raise located("CATALOG_NOT_FOUND", node, f"Catalog '{catalog}' not found")
        try:
            if database == "information_schema":
                return self._inline(*information_schema_sql(self._translation.schema, name), node)
            if name.endswith("$partitions"):
                return self._inline(*partitions_sql(self._translation.schema, database, name), node)
            relation = self._translation.schema.relation(database, name)
        except QueryFailed as failure:
            raise with_place(failure, node) from None
        if isinstance(relation, View):
            return self._view(relation, node)
        return self._base_table(relation, node)

    def _base_table(self, table: Table, node: exp.Table) -> Relation:
        read = ReadTable(table, self._translation.alias("scan"))
        self._translation.reads.append(read)
        alias = self._translation.alias()
        keys = {column.name for column in table.partition_keys}
        fields = []
        for column in (*table.columns, *table.partition_keys):
            try:
                type_ = hive_to_trino(column.type)
            except UnknownType as error:
                raise located("HIVE_INVALID_METADATA", node, f"column {column.name}: {error}") from None
            origins = {read.filters: quoted(column.name)} if column.name in keys else {}
            sql = f"{quoted(alias)}.{quoted(column.name)}"
            fields.append(Field(column.name, type_, sql, origins=origins, source=read, source_column=column.name))
        for name, type_ in _HIDDEN.items():
            if name == PARTITION and not keys:
                continue
            sql = f"{quoted(alias)}.{quoted(name)}"
            sql = f"trino_zoned({sql}, 'UTC')" if type_ == TIMESTAMP_TZ else sql
            fields.append(Field(name, type_, sql, source=read, source_column=name, hidden=True))
        named = tuple(replace(field, qualifiers=(table.catalog, table.database, table.name)) for field in fields)
        return Relation(f"{quoted(read.placeholder)} AS {quoted(alias)}", _renamed(named, node))

    def _view(self, view: View, node: exp.Table) -> Relation:
        name = f"{view.database}.{view.name}"
        if name in self._translation.views:
            raise located("VIEW_IS_RECURSIVE", node, "Statement stack is recursive: view refers to itself")
        self._translation.views.append(name)
        try:
            queries = self._queries.within(view.default_database)
            rows = queries.rows(parse_query(view.sql), Scope(()))
        except QueryFailed as failure:
            words = f"Failed analyzing stored view '{view.catalog}.{name}': {failure.message}"
            raise located("INVALID_VIEW", node, words) from None
        finally:
            self._translation.views.pop()
        item = self._derived(rows, exp.Table())
        named = tuple(replace(field, qualifiers=(view.catalog, view.database, view.name)) for field in item.fields)
        return Relation(item.sql, _renamed(named, node))

    def _reference(self, common: CommonQuery, node: exp.Table) -> Relation:
        common.referenced = True
        alias = self._translation.alias()
        readers = {filters for field in common.fields for filters in field.origins}
        reference = {filters: Filters() for filters in readers}
        for filters, own in reference.items():
            filters.references.append(own)
        fields = tuple(
            replace(
                field,
                sql=f'"{alias}"."c{place}"',
                qualifiers=(node.name.lower(),),
                origins={reference[filters]: sql for filters, sql in field.origins.items()},
                source=None,
            )
            for place, field in enumerate(common.fields)
        )
        return Relation(f'{quoted(common.relation)} AS "{alias}"', _renamed(fields, node))

    def _inline(self, sql: str, columns: Sequence[tuple[str, Type]], node: exp.Table) -> Relation:
        fields = tuple(Field(name, type_, f'"c{place}"') for place, (name, type_) in enumerate(columns))
        item = self._derived(Rows(sql, fields), exp.Table())
        qualifiers = (CATALOG, (node.db or self._queries.database).lower(), node.name.lower())
        return Relation(item.sql, _renamed(tuple(replace(f, qualifiers=qualifiers) for f in item.fields), node))

    def _scope_of(self, left: Relation | None) -> Scope:
        return Scope(left.fields, parent=self._outer) if left is not None else self._outer

    def _lateral(self, node: exp.Lateral, left: Relation | None) -> Relation:
        if not isinstance(node.this, exp.Subquery):
            raise not_supported(node, "LATERAL takes a query in parentheses")
        rows = self._queries.rows(node.this, self._scope_of(left))
        return self._derived(Rows(rows.sql, without_origins(rows.fields)), node, "LATERAL ")

    def _unnest(self, node: exp.Unnest, left: Relation | None) -> Relation:
        """Arrays side by side, the shorter ones filled with NULL; a map is two columns, rows a column a field."""
        expressions = Expressions(self._translation, self._queries, self._scope_of(left))
        values = [expressions.typed(part) for part in node.expressions]
        lists, taken, fields = [], [], []
        for place, value in enumerate(values):
            element = f'"e{place}"'
            if value.type.name == "array":
                lists.append((value.sql, element))
                inner = value.type.args[0]
            elif value.type.name == "map":
                lists.append((f"map_entries({value.sql})", element))
                inner = Type("row", value.type.args, ("key", "value"))
            else:
                raise type_mismatch(node.expressions[place], f"Cannot unnest type: {value.type}")
            if inner.name == "row":
                for number, type_ in enumerate(inner.args):
                    taken.append(f"struct_extract({element}, {literal(inner.field_names[number])})")
                    fields.append(Field(inner.names[number], type_, ""))
            else:
                taken.append(element)
                fields.append(Field(None, inner, ""))
        unnested = [f"unnest({sql}) AS {element}" for sql, element in lists]
        if node.args.get("offset"):
            longest = ", ".join(f"coalesce(len({sql}), 0)" for sql, _ in lists)
            unnested.append(f'unnest(range(1, greatest({longest}, 0) + 1)) AS "ordinality"')
            taken.append('"ordinality"')
            fields.append(Field("ordinality", BIGINT, ""))
        named = ", ".join(f"{sql} AS c{place}" for place, sql in enumerate(taken))
        rows = Rows(f"SELECT {named} FROM (SELECT {', '.join(unnested)})", tuple(fields))
        item = self._derived(rows, exp.Table(), "LATERAL " if left is not None else "")
        return Relation(item.sql, _renamed(item.fields, node))

    # Joins

    def _joins(self, left: Relation, joins: Sequence[exp.Join]) -> Relation:
        for join in joins:
            left = self._join(left, join)
        return left

    def _join(self, left: Relation, join: exp.Join) -> Relation:
        right = self._item(join.this, left)
        if join.args.get("method"):
            raise not_supported(join, f"{join.args['method']} joins are not supported")
        side, kind = (join.side or "").upper(), (join.kind or "").upper()
        if kind in ("SEMI", "ANTI"):
            raise syntax_error(join, f"mismatched input '{kind}'")
        correlated = isinstance(join.this, exp.Unnest | exp.Lateral)
        if correlated and side in ("RIGHT", "FULL"):
            raise located("INVALID_COLUMN_REFERENCE", join, f"LATERAL reference not allowed in {side} JOIN")
        condition, using = join.args.get("on"), join.args.get("using")
        if kind == "CROSS" or (not side and condition is None and not using):
            return Relation(f"{left.sql} CROSS JOIN {right.sql}", left.fields + right.fields)
        word = f"{side} JOIN" if side else "JOIN"
        if using:
            return self._join_using(left, right, word, side, join)
        if condition is None:
            raise syntax_error(join, "mismatched input. Expecting: 'ON', 'USING'")
        fields = left.fields + right.fields
        scope = Scope(fields, parent=self._outer, clause="JOIN clause")
        expressions = Expressions(self._translation, self._queries, scope)
        sql = expressions.condition(condition, "JOIN ON clause")
        carry(expressions, condition, self._readers(side, left, right))
        return Relation(f"{left.sql} {word} {right.sql} ON {sql}", _outer_joined(side, left, right))

    @staticmethod
    def _readers(side: str, left: Relation, right: Relation) -> set[Filters]:
        """The readers whose rows an ON condition can leave out: not those of a side that is kept whole."""
        sides = {"": (left, right), "LEFT": (right,), "RIGHT": (left,), "FULL": ()}[side]
        return {filters for relation in sides for field in relation.fields for filters in field.origins}

    def _join_using(self, left: Relation, right: Relation, word: str, side: str, join: exp.Join) -> Relation:
        names = [column.name for column in join.args["using"]]
        conditions, merged = [], []
        fields = _outer_joined(side, left, right)
        for name in names:
            one, other = (self._using_field(relation, name, join) for relation in (left, right))
            values = Typed(one.sql, one.type), Typed(other.sql, other.type)
            try:
                conditions.append(compare("=", *values))
            except CannotApply as error:
                raise type_mismatch(join, str(error)) from None
            common = common_type(one.type, other.type)
            assert common is not None, "compare found a common type"
            kept = {"RIGHT": other, "FULL": None}.get(side, one)
            sql = kept.sql if kept is not None else f"COALESCE({one.sql}, {other.sql})"
            origins = {**one.origins, **other.origins} if not side else (kept.origins if kept is not None else {})
            one.read()
            other.read()
            merged.append(Field(one.name, common if kept is None else kept.type, sql, origins=origins))
        lowered = {name.lower() for name in names}
        others = tuple(field for field in fields if (field.name or "").lower() not in lowered)
        sql = f"{left.sql} {word} {right.sql} ON {' AND '.join(conditions)}"
        return Relation(sql, (*merged, *others))

    @staticmethod
    def _using_field(relation: Relation, name: str, join: exp.Join) -> Field:
        found = [field for field in relation.fields if field.matches([name.lower()])]
        if len(found) != 1:
            raise located("COLUMN_NOT_FOUND", join, f"Column '{name}' is missing from one side of join")
        return found[0]


def _outer_joined(side: str, left: Relation, right: Relation) -> tuple[Field, ...]:
    """The fields of a join: a WHERE condition cannot be carried to a side whose rows may be NULL in it."""
    lefts = without_origins(left.fields) if side in ("RIGHT", "FULL") else left.fields
    rights = without_origins(right.fields) if side in ("LEFT", "FULL") else right.fields
    return lefts + rights


def _without_joins(node: exp.Table) -> exp.Table:
    table = node.copy()
    table.set("joins", None)
    return table


def _renamed(fields: tuple[Field, ...], node: exp.Expr) -> tuple[Field, ...]:
    """Fields under the alias of a FROM item, and its column names where it has them."""
    alias = node.args.get("alias")
    if alias is None or alias.this is None:
        return fields
    name = alias.name.lower()
    columns = [column.name for column in alias.args.get("columns") or []]
    offset = node.args.get("offset")
    if isinstance(offset, exp.Identifier):
        columns.append(offset.name)
    visible = [field for field in fields if not field.hidden]
    if columns and len(columns) != len(visible):
        raise located(
            "MISMATCHED_COLUMN_ALIASES",
            node,
            f"Column alias list has {len(columns)} entries but '{name}' has {len(visible)} columns available",
        )
    if not columns:
        return tuple(replace(field, qualifiers=(name,)) for field in fields)
    # The tables' hidden columns are not in sight behind a list of column names.
    return tuple(
        replace(field, name=column, qualifiers=(name,)) for field, column in zip(visible, columns, strict=True)
    )
