"""URL functions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("url_extract_host('https://user@example.com:8080/a/b?x=1&y=2#frag')", "example.com"),
    ("url_extract_port('http://example.com:8080/')", "8080"),
    ("url_extract_port('http://example.com/')", None),
    ("url_extract_protocol('https://example.com/a')", "https"),
    ("url_extract_path('https://example.com/a/b%20c?x=1')", "/a/b c"),
    ("url_extract_path('mailto:a@b')", ""),
    ("url_extract_host('mailto:a@b')", ""),
    ("url_extract_host('http://a b/')", None),
    ("url_extract_query('https://example.com/a?x=1&y=2')", "x=1&y=2"),
    ("url_extract_parameter('https://example.com/a?x=1&y=2+3', 'y')", "2 3"),
    ("url_extract_parameter('https://example.com/a?x=1', 'z')", None),
    ("url_extract_parameter('https://example.com/a?x', 'x')", ""),
    ("url_extract_fragment('https://example.com/a#b')", "b"),
    ("url_extract_host(null)", None),
    ("url_encode('a b&c/d~*')", "a+b%26c%2Fd%7E*"),
    ("url_decode('a+b%26c%2Fd')", "a b&c/d"),
]

FAILURES = [
    ("url_decode('%z1')", "INVALID_FUNCTION_ARGUMENT: Illegal hex characters in escape (%) pattern: %z1"),
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
