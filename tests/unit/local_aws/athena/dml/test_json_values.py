"""JSON functions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("json_extract_scalar('{\"a\": {\"b\": 5}}', '$.a.b')", "5"),
    ("json_extract_scalar('{\"a\": [1, 2]}', '$.a[1]')", "2"),
    ("json_extract_scalar('{\"a\": [1, 2]}', '$.a')", None),
    ("json_extract_scalar('{\"a\": \"x\"}', '$.a')", "x"),
    ("json_extract_scalar('{\"a\": null}', '$.a')", None),
    ("json_extract_scalar('{\"a\": true}', '$[\"a\"]')", "true"),
    ("json_extract_scalar('not json', '$.a')", None),
    ("json_extract_scalar(json '{\"a\": 1}', '$.a')", "1"),
    ("json_extract_scalar('{\"a/b\": 1}', '$[\"a/b\"]')", "1"),
    ("json_extract('{\"a\": {\"b\": [1,2]}}', '$.a')", '{"b":[1,2]}'),
    ("json_extract('{\"a\": null}', '$.a')", "null"),
    ("json_extract('5', '$')", "5"),
    ('json_format(json_parse(\'{"b": 1, "a": {"d": 2, "c": 1}}\'))', '{"a":{"c":1,"d":2},"b":1}'),
    ("json_array_length('[1, 2, 3]')", "3"),
    ("json_array_length('{}')", None),
    ("json_array_length('x')", None),
    ("json_array_get('[1, 2, 3]', 1)", "2"),
    ("json_array_get('[1, 2, 3]', -1)", "3"),
    ("json_array_get('[1, 2, 3]', 9)", None),
    ("json_array_contains('[1, 2, 3]', 2)", "true"),
    ("json_array_contains('[\"a\"]', 'a')", "true"),
    ("json_array_contains('[1.5]', 1.5e0)", "true"),
    ("json_array_contains('[true]', false)", "false"),
    ("json_array_contains('{}', 'a')", None),
    ('json_size(\'{"x": {"a": 1, "b": 2}}\', \'$.x\')', "2"),
    ("json_size('{\"x\": 1}', '$.x')", "0"),
    ("json_size('{\"x\": 1}', '$.y')", None),
    ("json_size('[1, 2]', '$')", "2"),
    ("is_json_scalar('1')", "true"),
    ("is_json_scalar('[1]')", "false"),
    ("is_json_scalar(json 'null')", "true"),
]

FAILURES = [
    ("json_extract_scalar('{\"a\": 1}', 'a')", "INVALID_FUNCTION_ARGUMENT: line 1:40: Invalid JSON path: 'a'"),
    ("json_extract_scalar('{\"a\": 1}', '$.a.*')", "INVALID_FUNCTION_ARGUMENT: line 1:40: Invalid JSON path: '$.a.*'"),
    ("json_parse('x')", "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: 'x'"),
    (
        "json_array_get('[\"a\"]', 0)",
        "NOT_SUPPORTED: json_array_get of a text is not supported: use json_extract(json, '$[0]')",
    ),
    ("is_json_scalar('x')", "INVALID_FUNCTION_ARGUMENT: Invalid JSON value: x"),
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
