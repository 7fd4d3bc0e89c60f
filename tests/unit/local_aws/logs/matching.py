"""How the tests ask whether a filter pattern selects a message."""

from __future__ import annotations

import pytest

from local_aws.logs.patterns import InvalidPattern, LogMessage, parse


def matches(pattern: str, message: str) -> bool:
    parsed = parse(pattern)
    assert parse(str(parsed)) == parsed
    return parsed.matches(LogMessage(message))


def extracted(pattern: str, message: str) -> dict[str, str]:
    assert matches(pattern, message)
    return parse(pattern).extracted_values(LogMessage(message))


def refusal(pattern: str) -> str:
    with pytest.raises(InvalidPattern) as caught:
        parse(pattern)
    return str(caught.value)
