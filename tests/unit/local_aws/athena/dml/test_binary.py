"""Functions of binary values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("to_utf8('hel')", "68 65 6c"),
    ("from_utf8(to_utf8('hel'))", "hel"),
    ("to_hex(to_utf8('hi'))", "6869"),
    ("from_hex('6869')", "68 69"),
    ("to_base64(to_utf8('hi'))", "aGk="),
    ("from_utf8(from_base64('aGk'))", "hi"),
    ("to_base64url(from_hex('FBFF'))", "-_8="),
    ("from_base64url('-_8=')", "fb ff"),
    ("to_hex(md5(to_utf8('a')))", "0CC175B9C0F1B6A831C399E269772661"),
    ("to_hex(sha256(to_utf8('a')))", "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB"),
    ("length(to_utf8('hé'))", "3"),
    ("substr(to_utf8('abc'), 2)", "62 63"),
    ("substr(to_utf8('abc'), -2, 1)", "62"),
]

FAILURES = [
    ("from_utf8(from_hex('FF'))", "NOT_SUPPORTED: from_utf8 of bytes that are not UTF-8 is not supported"),
    ("from_hex('686')", "INVALID_FUNCTION_ARGUMENT: Invalid hex text: 686"),
    ("from_base64('a')", "INVALID_FUNCTION_ARGUMENT: Illegal base64 text: a"),
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
