"""Queries: Trino SQL to DuckDB SQL.

Every query becomes one whose columns are named c0, c1, …, and every FROM item gets a name of its own, so that no
name that was typed reaches DuckDB. `relations.Field` knows what each typed name stands for, and its type.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from local_aws.athena.dml.bounds import limits, position_of
from local_aws.athena.dml.casts import coerced
from local_aws.athena.dml.expressions import Expressions
from local_aws.athena.dml.failures import located, not_supported, syntax_error, type_mismatch
from local_aws.athena.dml.frames import ordered
from local_aws.athena.dml.from_items import FromItems, Rows
from local_aws.athena.dml.operators import as_type, comparable
from local_aws.athena.dml.parser import parse_query
from local_aws.athena.dml.pruning import without_origins
from local_aws.athena.dml.relations import Field, OutputColumn, Relation, TranslatedQuery
from local_aws.athena.dml.schema import Schema
from local_aws.athena.dml.scopes import CommonQuery, Scope, Translation
from local_aws.athena.dml.select import Select
from local_aws.athena.dml.types import UNKNOWN, Type, common_type, quoted, trino_to_duckdb

_SET_OPERATIONS = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}


def translate(query: exp.Expr | str, schema: Schema, *, database: str) -> TranslatedQuery:
    """Returns a query of Trino SQL as one of DuckDB's.

    Args:
        query: its tree (from `parser.parse_query`) or text.
        schema: the catalog.
        database: the database of unqualified table names.

    Raises: QueryFailed with Trino's error; NOT_SUPPORTED or FUNCTION_NOT_FOUND names what has no translation.
    """
    tree = parse_query(query) if isinstance(query, str) else query
    translation = Translation(schema)
    rows = QueryTranslation(translation, database).rows(tree, Scope(()))
    columns = tuple(
        OutputColumn(field.name if field.name is not None else f"_col{place}", field.type)
        for place, field in enumerate(rows.fields)
    )
    return TranslatedQuery(rows.sql, tuple(read.use() for read in translation.reads), columns)


@dataclass(frozen=True, slots=True)
class QueryTranslation:
    """Translates the queries of one text: the statement's, or a view's."""

    translation: Translation
    database: str

    def within(self, database: str) -> QueryTranslation:
        """Returns the translator of a view's query."""
        return QueryTranslation(self.translation, database)

    def subquery(self, query: exp.Expr, scope: Scope) -> tuple[Relation, tuple[OutputColumn, ...]]:
        """Returns a query inside of an expression as text in parentheses, and its columns."""
        rows = self.rows(query, scope)
        columns = tuple(OutputColumn(field.name or "", field.type) for field in rows.fields)
        return Relation(f"({rows.sql})", rows.fields), columns

    def rows(self, query: exp.Expr, outer: Scope) -> Rows:
        """Returns a query with columns c0, c1, … Raises: QueryFailed."""
        with_ = query.args.get("with_")
        if with_ is None:
            return self._body(query, outer)
        scope = Scope((), parent=outer)
        if with_.args.get("recursive"):
            raise not_supported(with_, "WITH RECURSIVE is not supported")
        queries = [self._common_query(node, scope) for node in with_.expressions]
        rows = self._body(query, scope)
        used = [common for common in queries if common.referenced]
        unused = {id(read) for common in queries if not common.referenced for read in common.reads}
        self.translation.reads[:] = [read for read in self.translation.reads if id(read) not in unused]
        if not used:
            return rows
        texts = [f"{quoted(common.relation)} AS ({common.sql})" for common in used]
        return Rows(f"WITH {', '.join(texts)} {rows.sql}", rows.fields)

    def _common_query(self, node: exp.CTE, scope: Scope) -> CommonQuery:
        before = len(self.translation.reads)
        rows = self.rows(node.this, scope)
        names = [column.name for column in node.args["alias"].args.get("columns") or []]
        fields = rows.fields
        if names:
            if len(names) != len(fields):
                raise located(
                    "MISMATCHED_COLUMN_ALIASES",
                    node,
                    f"column alias list has {len(names)} entries but WITH query has {len(fields)} columns",
                )
            fields = tuple(replace(field, name=name) for field, name in zip(fields, names, strict=True))
        reads = tuple(self.translation.reads[before:])
        common = CommonQuery(self.translation.alias("with"), fields, rows.sql, reads)
        scope.queries[node.alias.lower()] = common
        return common

    def _body(self, query: exp.Expr, outer: Scope) -> Rows:
        if isinstance(query, exp.Select):
            if not query.expressions:
                raise syntax_error(query, "mismatched input 'FROM'. Expecting: <expression>")
            items = FromItems(self.translation, self, outer)
            return Select(self.translation, self, items.clause(query), outer, query).rows()
        if isinstance(query, exp.SetOperation):
            return self._ordered(self._set_operation(query, outer), query, outer)
        if isinstance(query, exp.Values):
            return self._ordered(self._values(query, outer), query, outer)
        if isinstance(query, exp.Subquery):
            return self._ordered(self.rows(query.this, outer), query, outer)
        raise not_supported(query, f"{type(query).__name__} is not supported as a query")

    def _set_operation(self, node: exp.SetOperation, outer: Scope) -> Rows:
        # A chain of UNIONs is a tree as deep as it is long: it is walked in a loop.
        chain: list[exp.SetOperation] = []
        first: exp.Expr = node
        while isinstance(first, exp.SetOperation) and (first is node or not _has_clauses(first)):
            chain.append(first)
            first = first.this
        rows = self.rows(first, outer)
        for operation in reversed(chain):
            rows = self._combined(operation, rows, self.rows(operation.expression, outer))
        return rows

    def _combined(self, node: exp.SetOperation, left: Rows, right: Rows) -> Rows:
        word = _SET_OPERATIONS[type(node)]
        if len(left.fields) != len(right.fields):
            raise type_mismatch(
                node,
                f"{word} query has different number of fields: {len(left.fields)}, {len(right.fields)}",
            )
        fields, types = [], []
        for place, (one, other) in enumerate(zip(left.fields, right.fields, strict=True)):
            common = common_type(one.type, other.type)
            if common is None:
                raise type_mismatch(
                    node,
                    f"column {place + 1} in {word} query has incompatible types: {one.type}, {other.type}",
                )
            types.append(common)
            origins = {**one.origins, **other.origins}
            fields.append(Field(one.name, common, f'"c{place}"', origins=origins))
        quantifier = "" if node.args.get("distinct") else " ALL"
        texts = [self._as_types(rows, types) for rows in (left, right)]
        return Rows(f"({texts[0]}) {word}{quantifier} ({texts[1]})", tuple(fields))

    def _as_types(self, rows: Rows, types: list[Type]) -> str:
        if all(field.type == type_ for field, type_ in zip(rows.fields, types, strict=True)):
            return rows.sql
        alias = self.translation.alias()
        casts = [
            f"{coerced(f'c{place}', field.type, type_)} AS c{place}"
            for place, (field, type_) in enumerate(zip(rows.fields, types, strict=True))
        ]
        columns = ", ".join(f"c{place}" for place in range(len(types)))
        return f'SELECT {", ".join(casts)} FROM ({rows.sql}) AS "{alias}"({columns})'

    def _values(self, node: exp.Values, outer: Scope) -> Rows:
        expressions = Expressions(self.translation, self, Scope((), parent=outer))
        rows = [
            [expressions.typed(cell) for cell in (row.expressions if isinstance(row, exp.Tuple) else [row])]
            for row in node.expressions
        ]
        types = [UNKNOWN] * len(rows[0])
        for row, row_node in zip(rows, node.expressions, strict=True):
            if len(row) != len(types):
                raise type_mismatch(row_node, f"Values rows have mismatched sizes: {len(types)} vs {len(row)}")
            for place, value in enumerate(row):
                common = common_type(types[place], value.type)
                if common is None:
                    raise type_mismatch(row_node, f"Values rows have mismatched types: {types[place]} vs {value.type}")
                types[place] = common
        texts = [
            f"({', '.join(as_type(value, type_) for value, type_ in zip(row, types, strict=True))})" for row in rows
        ]
        columns = ", ".join(f"c{place}" for place in range(len(types)))
        casts = ", ".join(
            f"CAST(c{place} AS {trino_to_duckdb(type_)}) AS c{place}" for place, type_ in enumerate(types)
        )
        sql = f"SELECT {casts} FROM (VALUES {', '.join(texts)}) AS v({columns})"
        return Rows(sql, tuple(Field(None, type_, f'"c{place}"') for place, type_ in enumerate(types)))

    def _ordered(self, rows: Rows, node: exp.Expr, outer: Scope) -> Rows:
        """ORDER BY, OFFSET and LIMIT of a set operation, of VALUES, or of a query in parentheses."""
        if not _has_clauses(node):
            return rows
        alias = self.translation.alias()
        columns = ", ".join(f"c{place}" for place in range(len(rows.fields)))
        fields = tuple(replace(field, sql=f'"{alias}"."c{place}"') for place, field in enumerate(rows.fields))
        expressions = Expressions(self.translation, self, Scope(fields, parent=outer, clause="ORDER BY clause"))
        sql = f'SELECT {columns} FROM ({rows.sql}) AS "{alias}"({columns})'
        order = node.args.get("order")
        if order is not None:
            terms = []
            for term in order.expressions:
                if isinstance(term.this, exp.Literal) and term.this.is_int:
                    place = position_of(term.this, len(fields))
                    value, type_ = fields[place].sql, fields[place].type
                else:
                    typed = expressions.typed(term.this)
                    value, type_ = typed.sql, typed.type
                terms.append(ordered(comparable(value, type_), term))
            sql += f" ORDER BY {', '.join(terms)}"
        bounds = limits(node)
        return Rows(sql + bounds, without_origins(rows.fields) if bounds else rows.fields)


def _has_clauses(node: exp.Expr) -> bool:
    return any(node.args.get(part) for part in ("order", "limit", "offset"))
