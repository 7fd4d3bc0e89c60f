"""The parts of each node of sqlglot's trees that the translation reads.

A part that it does not read would be left out in silence, and the answer be wrong: a query that has one is refused.
"""

from __future__ import annotations

from sqlglot import exp

from local_aws.athena.dml.failures import not_supported

_CLAUSES = ("with_", "order", "limit", "offset")

_KNOWN: dict[type[exp.Expr], frozenset[str]] = {
    kind: frozenset(parts)
    for kind, parts in {
        exp.Select: (
            *_CLAUSES, "expressions", "distinct", "from_", "joins", "where", "group", "having", "windows", "laterals",
        ),
        exp.SetOperation: (*_CLAUSES, "this", "expression", "distinct"),
        exp.Subquery: (*_CLAUSES, "this", "alias", "joins"),
        exp.Values: ("expressions", "alias", "order", "limit", "offset"),
        exp.With: ("expressions", "recursive"),
        exp.CTE: ("this", "alias", "materialized"),
        exp.Table: ("this", "db", "catalog", "alias", "joins", "sample", "version"),
        exp.TableAlias: ("this", "columns"),
        exp.Join: ("this", "on", "side", "kind", "using", "method"),
        exp.Unnest: ("expressions", "alias", "offset"),
        exp.Lateral: ("this", "alias"),
        exp.Group: ("expressions",),
        exp.Distinct: ("expressions",),
        exp.Order: ("expressions", "this"),
        exp.Ordered: ("this", "desc", "nulls_first"),
        exp.Limit: ("expression",),
        exp.Offset: ("expression",),
        exp.Fetch: ("direction", "count", "limit_options"),
        exp.LimitOptions: ("rows", "with_ties"),
        exp.Window: ("this", "partition_by", "order", "spec", "alias", "over"),
        exp.WindowSpec: ("kind", "start", "start_side", "end", "end_side", "exclude"),
        exp.GroupConcat: ("this", "separator"),
        exp.Column: ("this", "table", "db", "catalog"),
        exp.Cast: ("this", "to"),
        exp.TryCast: ("this", "to", "safe", "requires_string"),
        exp.Between: ("this", "low", "high"),
        exp.In: ("this", "expressions", "query"),
        exp.Is: ("this", "expression"),
        exp.Like: ("this", "expression", "negate"),
        exp.Case: ("this", "ifs", "default"),
        exp.Trim: ("this", "expression", "position"),
        exp.Substring: ("this", "start", "length"),
        exp.StrPosition: ("this", "substr"),
        exp.Bracket: ("this", "expressions"),
        exp.Interval: ("this", "unit"),
    }.items()
}  # fmt: skip


def refuse_unknown_parts(node: exp.Expr) -> None:
    """Raises: QueryFailed NOT_SUPPORTED for a node with a part that is not translated."""
    for kind in type(node).__mro__:
        known = _KNOWN.get(kind)
        if known is not None:
            unknown = sorted(part for part, value in node.args.items() if value and part not in known)
            if unknown:
                words = ", ".join(part.strip("_").upper() for part in unknown)
                raise not_supported(node, f"{words} of {type(node).__name__.upper()} is not supported")
            return
