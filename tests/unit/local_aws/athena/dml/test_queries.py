"""SELECT in all its parts: lists, joins, UNNEST, grouping, set operations, WITH, ordering."""

from __future__ import annotations

import pytest

from local_aws.athena.model import QueryFailed

FLOWS = "(VALUES ('eni-1', 'ACCEPT', 10), ('eni-1', 'REJECT', 20), ('eni-2', 'REJECT', NULL)) AS f(eni, action, bytes)"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # Lists and names
        ("SELECT 1, 'x', NULL, true, 1.50, 2e0", [("1", "x", None, "true", "1.50", "2.0")]),
        (f"SELECT f.* FROM {FLOWS} WHERE bytes > 10", [("eni-1", "REJECT", "20")]),
        (f"SELECT DISTINCT action FROM {FLOWS} ORDER BY action", [("ACCEPT",), ("REJECT",)]),
        (f"SELECT ENI FROM {FLOWS} WHERE F.Action = 'ACCEPT'", [("eni-1",)]),
        ('SELECT "a b" FROM (SELECT 1 AS "a b")', [("1",)]),
        # Ordering: NULL last both ways, positions, names of the list first, expressions
        (f"SELECT bytes FROM {FLOWS} ORDER BY bytes", [("10",), ("20",), (None,)]),
        (f"SELECT bytes FROM {FLOWS} ORDER BY bytes DESC", [("20",), ("10",), (None,)]),
        (f"SELECT bytes FROM {FLOWS} ORDER BY 1 DESC NULLS FIRST", [(None,), ("20",), ("10",)]),
        ("SELECT -x AS x FROM (VALUES 1, 2) AS t(x) ORDER BY x", [("-2",), ("-1",)]),
        ("SELECT x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x % 2, x DESC", [("2",), ("3",), ("1",)]),
        ("SELECT x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x OFFSET 1 LIMIT 1", [("2",)]),
        ("SELECT x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x FETCH FIRST 2 ROWS ONLY", [("1",), ("2",)]),
        ("SELECT x FROM (VALUES 1, 2, 3) AS t(x) ORDER BY x LIMIT ALL", [("1",), ("2",), ("3",)]),
        # Grouping
        (f"SELECT eni, count(*), count(bytes), sum(bytes) FROM {FLOWS} GROUP BY eni ORDER BY eni",
         [("eni-1", "2", "2", "30"), ("eni-2", "1", "0", None)]),
        (f"SELECT count(*) AS n FROM {FLOWS} GROUP BY action HAVING count(*) > 1", [("2",)]),
        (f"SELECT upper(action) AS a, count(*) FROM {FLOWS} GROUP BY upper(action) ORDER BY 1",
         [("ACCEPT", "1"), ("REJECT", "2")]),
        (f"SELECT length(action) + 1, count(*) FROM {FLOWS} GROUP BY 1", [("7", "3")]),
        (f"SELECT eni, action, grouping(eni, action), count(*) FROM {FLOWS} GROUP BY ROLLUP (eni, action) "
         "ORDER BY 3, 1, 2",
         [("eni-1", "ACCEPT", "0", "1"), ("eni-1", "REJECT", "0", "1"), ("eni-2", "REJECT", "0", "1"),
          ("eni-1", None, "1", "2"), ("eni-2", None, "1", "1"), (None, None, "3", "3")]),
        (f"SELECT eni, action, count(*) FROM {FLOWS} GROUP BY GROUPING SETS ((eni), (action), ()) ORDER BY 1, 2",
         [("eni-1", None, "2"), ("eni-2", None, "1"), (None, "ACCEPT", "1"), (None, "REJECT", "2"),
          (None, None, "3")]),
        (f"SELECT count(*) FROM {FLOWS} GROUP BY CUBE (eni, action)", 8),
        (f"SELECT sum(bytes) FROM {FLOWS} WHERE false", [(None,)]),
        (f"SELECT count(*) FILTER (WHERE action = 'REJECT') FROM {FLOWS}", [("2",)]),
        # Joins
        ("SELECT a.x, b.y FROM (VALUES 1, 2) a(x) JOIN (VALUES (2, 'b')) b(x, y) ON a.x = b.x", [("2", "b")]),
        ("SELECT a.x, b.y FROM (VALUES 1, 2) a(x) LEFT JOIN (VALUES (2, 'b')) b(x, y) ON a.x = b.x ORDER BY 1",
         [("1", None), ("2", "b")]),
        ("SELECT a.x, b.x FROM (VALUES 1, 2) a(x) FULL JOIN (VALUES 2, 3) b(x) ON a.x = b.x ORDER BY 1, 2",
         [("1", None), ("2", "2"), (None, "3")]),
        ("SELECT * FROM (VALUES (1, 'a')) a(k, v) JOIN (VALUES (1, 'b')) b(k, w) USING (k)", [("1", "a", "b")]),
        ("SELECT k FROM (VALUES 1) a(k) FULL JOIN (VALUES 2) b(k) USING (k) ORDER BY k", [("1",), ("2",)]),
        ("SELECT a.x, b.x FROM (VALUES 1) a(x), (VALUES 2) b(x)", [("1", "2")]),
        ("SELECT t.x, u.y FROM (VALUES 1, 2) t(x) CROSS JOIN LATERAL (SELECT t.x * 10 AS y) u ORDER BY 1",
         [("1", "10"), ("2", "20")]),
        # UNNEST
        ("SELECT x FROM UNNEST(ARRAY[3, 4]) AS t(x)", [("3",), ("4",)]),
        ("SELECT x, y FROM UNNEST(ARRAY[1, 2], ARRAY['a']) AS t(x, y)", [("1", "a"), ("2", None)]),
        ("SELECT x, n FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t(x, n)", [("a", "1"), ("b", "2")]),
        ("SELECT k, v FROM UNNEST(MAP(ARRAY['a'], ARRAY[1])) AS t(k, v)", [("a", "1")]),
        ("SELECT t.i, u.x, u.n FROM (VALUES (1, ARRAY['a', 'b']), (2, ARRAY[])) AS t(i, a) "
         "CROSS JOIN UNNEST(a) WITH ORDINALITY AS u(x, n)", [("1", "a", "1"), ("1", "b", "2")]),
        ("SELECT t.i, u.x FROM (VALUES (1, ARRAY['a']), (2, NULL)) AS t(i, a) LEFT JOIN UNNEST(a) AS u(x) ON true "
         "ORDER BY 1", [("1", "a"), ("2", None)]),
        ("SELECT p, q FROM UNNEST(ARRAY[ROW(1, 'a'), ROW(2, 'b')]) AS t(p, q)", [("1", "a"), ("2", "b")]),
        # Conditions
        ("SELECT 'abc' LIKE '_b_', 'abc' NOT LIKE '_b_', 'a_c' LIKE 'a!_c' ESCAPE '!', 'abc' NOT LIKE 'a!_c' ESCAPE '!'",
         [("true", "false", "true", "true")]),
        ("SELECT 1 IN (1, 2), 1 NOT IN (1, 2), 3 NOT IN (1, NULL), 1 BETWEEN 1 AND 2, 1 NOT BETWEEN 1 AND 2",
         [("true", "false", None, "true", "false")]),
        ("SELECT NULL IS NULL, 1 IS NOT NULL, 1 IS DISTINCT FROM NULL, NULL IS NOT DISTINCT FROM NULL",
         [("true", "true", "true", "true")]),
        ("SELECT true AND NULL, false AND NULL, true OR NULL, NOT NULL", [(None, "false", "true", None)]),
        # Subqueries
        ("SELECT x FROM (VALUES 1, 2) t(x) WHERE x IN (SELECT y FROM (VALUES 2, 3) u(y))", [("2",)]),
        ("SELECT x FROM (VALUES 1, 2) t(x) WHERE EXISTS (SELECT 1 FROM (VALUES 2) u(y) WHERE y = x)", [("2",)]),
        ("SELECT x, (SELECT max(y) FROM (VALUES 5, 6) u(y) WHERE y > x) FROM (VALUES 1) t(x)", [("1", "6")]),
        ("SELECT x FROM (VALUES 1, 2, 3) t(x) WHERE x >= ALL (SELECT y FROM (VALUES 1, 2) u(y)) ORDER BY 1",
         [("2",), ("3",)]),
        # Set operations
        ("SELECT 1 UNION SELECT 1 UNION ALL SELECT 2 ORDER BY 1", [("1",), ("2",)]),
        ("SELECT 1 AS x UNION ALL SELECT 2.5 ORDER BY x", [("1.0",), ("2.5",)]),
        ("SELECT x FROM (VALUES 1, 2, 2) t(x) EXCEPT SELECT 1", [("2",)]),
        ("SELECT x FROM (VALUES 1, 2, 2) t(x) INTERSECT SELECT 2", [("2",)]),
        ("(SELECT 1 ORDER BY 1 LIMIT 1) UNION ALL (SELECT 2)", 2),
        # WITH
        ("WITH a AS (SELECT 1 AS x), b(y) AS (SELECT x + 1 FROM a) SELECT a.x, b.y FROM a, b", [("1", "2")]),
        ("WITH a AS (SELECT 1 AS x) SELECT * FROM (WITH a AS (SELECT 2 AS x) SELECT x FROM a)", [("2",)]),
        # Windows
        ("SELECT x, sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES 1, 2, 3) t(x) "
         "ORDER BY 1", [("1", "1"), ("2", "3"), ("3", "5")]),
        ("SELECT x, rank() OVER w FROM (VALUES 1, 1, 2) t(x) WINDOW w AS (ORDER BY x) ORDER BY 1, 2",
         [("1", "1"), ("1", "1"), ("2", "3")]),
        ("SELECT y, sum(sum(x)) OVER (ORDER BY y) FROM (VALUES (1, 'a'), (2, 'b')) t(x, y) GROUP BY y ORDER BY 1",
         [("a", "1"), ("b", "3")]),
        # Nested values
        ("SELECT ARRAY[1, NULL], MAP(ARRAY['k'], ARRAY[2]), ROW(1, 'x'), CAST(ROW(1) AS ROW(a integer))",
         [("[1, null]", "{k=2}", "{field0=1, field1=x}", "{a=1}")]),
        ("SELECT r.a, r.b.c FROM (SELECT CAST(ROW(1, ROW(2)) AS ROW(a integer, b ROW(c integer))) AS r)",
         [("1", "2")]),
    ],
)  # fmt: skip
def test_answers(rows, sql, expected):
    answer = rows(sql)
    if isinstance(expected, int):
        assert len(answer) == expected
    else:
        assert answer == expected


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT x FROM (VALUES 1) t(y)", "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved"),
        ("SELECT a.z FROM (VALUES 1) a(x)", "COLUMN_NOT_FOUND: line 1:8: Column 'a.z' cannot be resolved"),
        ("SELECT x FROM (VALUES 1) a(x), (VALUES 1) b(x)", "AMBIGUOUS_NAME: line 1:8: Column 'x' is ambiguous"),
        ("SELECT 1 + 'a'", "TYPE_MISMATCH: line 1:8: Cannot apply operator: integer + varchar(1)"),
        ("SELECT * FROM nope", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.default.nope' does not exist"),
        ("SELECT nope(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'nope' not registered"),
        ("SELECT x, count(*) FROM (VALUES 1) t(x)",
         "EXPRESSION_NOT_AGGREGATE: line 1:8: 'x' must be an aggregate expression or appear in GROUP BY clause"),
        ("SELECT 1 FROM (VALUES 1) t(x) WHERE count(*) > 1", "EXPRESSION_NOT_SCALAR: "),
        ("SELECT x FROM (VALUES 1) t(x) WHERE x", "TYPE_MISMATCH: "),
        ("SELECT x FROM (VALUES 1) t(x) ORDER BY 2",
         "INVALID_COLUMN_REFERENCE: line 1:40: ORDER BY position 2 is not in select list"),
        ("SELECT DISTINCT x FROM (VALUES (1, 2)) t(x, y) ORDER BY y", "EXPRESSION_NOT_IN_DISTINCT: "),
        ("SELECT 1 UNION SELECT 1, 2", "TYPE_MISMATCH: "),
        ("SELECT 1 UNION SELECT 'a'", "TYPE_MISMATCH: "),
        ("SELECT * FROM (VALUES (1, 2)) t(x)", "MISMATCHED_COLUMN_ALIASES: "),
        ("SELECT rank() FROM (VALUES 1) t(x)", "MISSING_OVER: "),
        ("WITH RECURSIVE a(x) AS (SELECT 1) SELECT x FROM a", "NOT_SUPPORTED: "),
        ("SELECT x FROM (VALUES 1) t(x) TABLESAMPLE BERNOULLI (10)", "NOT_SUPPORTED: "),
        ("SELECT 1/0", "DIVISION_BY_ZERO: "),
        ("SELECT 9223372036854775807 + 1", "NUMERIC_VALUE_OUT_OF_RANGE: "),
        ("SELECT FROM t", "SYNTAX_ERROR: "),
        ("SELECT 1 QUALIFY 1", "SYNTAX_ERROR: line 1:18: mismatched input '1'"),
        ("SELECT a::integer FROM t", "SYNTAX_ERROR: "),
    ],
)  # fmt: skip
def test_refuses_as_trino_does(rows, sql, message):
    with pytest.raises(QueryFailed) as failed:
        rows(sql)
    assert failed.value.message.startswith(message)


def test_a_long_chain_of_unions_and_ors_is_no_deep_recursion(rows):
    unions = " UNION ALL ".join(f"SELECT {number} AS x" for number in range(300))
    ors = " OR ".join(f"x = {number}" for number in range(300))
    assert rows(f"SELECT count(*) FROM ({unions}) WHERE {ors}") == [("300",)]


def test_intersect_binds_stronger_than_union(rows):
    assert rows("SELECT 1 UNION SELECT 2 INTERSECT SELECT 2 ORDER BY 1") == [("1",), ("2",)]


def test_an_error_of_a_value_is_told_in_trinos_words_alone(rows):
    with pytest.raises(QueryFailed) as failed:
        rows("SELECT CAST(x AS integer) FROM (VALUES 'it''s' || ' 5') AS t(x)")
    assert failed.value.message == "INVALID_CAST_ARGUMENT: Cannot cast 'it's 5' to INT"
