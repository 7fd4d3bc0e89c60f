"""Regular expression functions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("regexp_count('1a 2b 14m', '\\s*[a-z]+\\s*')", "3"),
    ("regexp_extract_all('1a 2b 14m', '\\d+')", "[1, 2, 14]"),
    ("regexp_extract_all('1a 2b 14m', '(\\d+)([a-z]+)', 2)", "[a, b, m]"),
    ("regexp_extract('1a 2b 14m', '\\d+')", "1"),
    ("regexp_extract('1a 2b 14m', '(\\d+)([a-z]+)', 2)", "a"),
    ("regexp_extract('abc', '\\d+')", None),
    ("regexp_extract('ab', '(x)?b', 1)", None),
    ("regexp_extract('ab', '(x*)b', 1)", ""),
    ("regexp_extract('ab', '(b)', 1 + 0)", "b"),
    ("regexp_extract(null, 'b')", None),
    ("regexp_like('1a 2b 14m', '\\d+b')", "true"),
    ("regexp_like('abc', '^b')", "false"),
    ("regexp_like('i-0abc', '(?i)^I-[0-9a-f]+$')", "true"),
    ("regexp_like('a' || chr(10), 'a$')", "true"),
    ("regexp_like('ü1', '^\\w\\d$')", "true"),
    ("regexp_like('-', '[\\W_]')", "true"),
    ("regexp_like('ab', concat('a', 'b'))", "true"),
    ("regexp_replace('1a 2b 14m', '\\d+[ab] ')", "14m"),
    ("regexp_replace('1a 2b 14m', '(\\d+)([ab]) ', '3c$2 ')", "3ca 3cb 14m"),
    ("regexp_replace('a.b.c', '\\.', '\\$')", "a$b$c"),
    ("regexp_replace('a.b.c', '\\.', '\\\\')", "a\\b\\c"),
    ("regexp_replace('2026-11-10', '(\\d+)-(\\d+)-(\\d+)', '$3/$2/$1')", "10/11/2026"),
    ("regexp_replace('ab', '(?<x>a)', '${x}${x}')", "aab"),
    ("regexp_replace('ab', '(?<x>a)', '$12')", "a2b"),
    ("regexp_replace('ab', '(?<x>a)', concat('<$1', '\\$\\\\>'))", "<a$\\>b"),
    ("regexp_replace('xyz', '(a)|(b)', 'q')", "xyz"),
    ("regexp_split('1a 2b 14m', '\\s*[a-z]+\\s*')", "[1, 2, 14, ]"),
    ("regexp_split('a,b;c', '[,;]')", "[a, b, c]"),
    ("regexp_position('I have 23 apples, 5 pears and 13 oranges', '\\b\\d+\\b')", "8"),
    ("regexp_position('abc', 'z')", "-1"),
    ("regexp_position('', '')", "-1"),
    ("regexp_position(null, 'z')", None),
    ("regexp_like('a.b', '\\Qa.b\\E')", "true"),
    ("regexp_like('a]', '[]]')", "true"),
    ("regexp_like('Α', '\\p{Greek}')", "true"),
    ("regexp_like('a]b', 'a\\]b')", "true"),
    ("regexp_like('10.0.0.1', '^(\\d{1,3}\\.){3}\\d{1,3}$')", "true"),
]

FAILURES = [
    (
        "regexp_extract('ab', 'b', 1)",
        "INVALID_FUNCTION_ARGUMENT: line 1:8: Pattern has 0 groups. Cannot access group 1",
    ),
    ("regexp_extract('ab', '(b)', 1 + 1)", "INVALID_FUNCTION_ARGUMENT: Pattern has 1 groups. Cannot access group 2"),
    (
        "regexp_like('a', 'a(?=b)')",
        "NOT_SUPPORTED: line 1:25: regular expression 'a(?=b)': the lookahead (?= is not supported; write the pattern without it",
    ),
    (
        "regexp_like('aa', '(a)\\1')",
        "NOT_SUPPORTED: line 1:26: regular expression '(a)\\1': the backreference \\1 is not supported; write the pattern without it",
    ),
    (
        "regexp_like('aa', 'a++')",
        "NOT_SUPPORTED: line 1:26: regular expression 'a++': the possessive quantifier ++ is not supported; write the pattern without it",
    ),
    (
        "regexp_like(5, 'a')",
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer, varchar(1)) for function regexp_like. Expected: regexp_like(varchar, varchar)",
    ),
    (
        "regexp_replace('ab', '(?<x>a)', concat('<$2', '>'))",
        "INVALID_FUNCTION_ARGUMENT: Illegal replacement sequence: <$2>",
    ),
    (
        "regexp_replace('ab', 'a', '$1')",
        "INVALID_FUNCTION_ARGUMENT: line 1:34: Illegal replacement sequence: unknown group 1",
    ),
    ("regexp_replace('ab', 'a', '$')", "INVALID_FUNCTION_ARGUMENT: line 1:34: Illegal replacement sequence: $"),
    (
        "regexp_replace('ab', 'a', '${z}')",
        "INVALID_FUNCTION_ARGUMENT: line 1:34: Illegal replacement sequence: unknown group { z }",
    ),
    (
        "regexp_replace('baac', 'a*', '-')",
        "NOT_SUPPORTED: regexp_replace with a pattern that matches the empty text is not supported",
    ),
    (
        "regexp_split('abc', '')",
        "NOT_SUPPORTED: regexp_split with a pattern that matches the empty text is not supported",
    ),
    (
        "regexp_like('x', '[a-z&&[^x]]')",
        "NOT_SUPPORTED: line 1:25: regular expression '[a-z&&[^x]]': the intersection && of character classes is not supported; write the pattern without it",
    ),
    (
        "regexp_replace('abc', '(b)', x -> upper(x[1]))",
        "NOT_SUPPORTED: line 1:8: regexp_replace with a lambda is not supported: use a replacement text",
    ),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES)
def test_value(answer: Answer, expression: str, expected: str | None) -> None:
    """An expression has the value that Trino gives it."""
    assert answer(expression) == expected


@pytest.mark.parametrize(("expression", "message"), FAILURES)
def test_failure(answer: Answer, expression: str, message: str) -> None:
    """An expression that Trino refuses fails with its code and words."""
    with pytest.raises(QueryFailed) as failure:
        answer(expression)
    assert message in failure.value.message
