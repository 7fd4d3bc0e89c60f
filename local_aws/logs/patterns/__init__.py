"""CloudWatch Logs filter patterns: one engine for metric filters, TestMetricFilter, FilterLogEvents, subscriptions.

The syntax is the user guide's ("Filter pattern syntax for metric filters, subscription filters, filter log events,
and Live Tail"). Where the guide is silent the engine refuses rather than guesses: what works here works on AWS.
"""

from __future__ import annotations

from functools import lru_cache

from local_aws.logs.patterns.errors import InvalidPattern
from local_aws.logs.patterns.json_pattern import parse_json_pattern
from local_aws.logs.patterns.message import FilterPattern, LogMessage
from local_aws.logs.patterns.space_delimited import parse_space_delimited
from local_aws.logs.patterns.terms import parse_terms

__all__ = ["LONGEST_PATTERN", "FilterPattern", "InvalidPattern", "LogMessage", "parse"]

LONGEST_PATTERN = 1024
"""Characters; the service model's limit of `filterPattern`."""


@lru_cache(maxsize=1024)
def parse(pattern: str) -> FilterPattern:
    """What the pattern matches. `str()` of the answer parses to an equal one.

    Raises: InvalidPattern, worded for the caller.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise InvalidPattern(f"a filter pattern has at most {LONGEST_PATTERN} characters, this has {len(pattern)}")
    text = pattern.strip()
    if text.startswith("{"):
        if not text.endswith("}"):
            raise InvalidPattern("If a filter pattern starts with '{' it must end with '}'")
        return parse_json_pattern(text)
    if text.startswith("["):
        if not text.endswith("]"):
            raise InvalidPattern("If a filter pattern starts with '[' it must end with ']'")
        return parse_space_delimited(text)
    return parse_terms(text)
