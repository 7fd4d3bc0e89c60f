"""Patterns for unstructured messages, with the user guide's examples."""

from __future__ import annotations

import pytest

from tests.unit.local_aws.logs.matching import extracted, matches, refusal

BAD_REQUEST = "[ERROR 400] BAD REQUEST"
UNAUTHORIZED = "[ERROR 401] UNAUTHORIZED REQUEST"
MISSING = "[ERROR 419] MISSING ARGUMENTS"
INVALID = "[ERROR 420] INVALID ARGUMENTS"
INTERNAL = "[ERROR 500] INTERNAL SERVER ERROR"
SUCCESS = "[INFO 200] SUCCESSFUL REQUEST"
MESSAGES = [BAD_REQUEST, UNAUTHORIZED, MISSING, INVALID, INTERNAL, SUCCESS]


@pytest.mark.parametrize(
    ("pattern", "selected"),
    [
        ("ERROR", [BAD_REQUEST, UNAUTHORIZED, MISSING, INVALID, INTERNAL]),
        ("error", []),
        ("ERROR ARGUMENTS", [MISSING, INVALID]),
        ("?ERROR ?ARGUMENTS", [BAD_REQUEST, UNAUTHORIZED, MISSING, INVALID, INTERNAL]),
        ("?BAD ?SUCCESSFUL", [BAD_REQUEST, SUCCESS]),
        ("?ERROR ?ARGUMENTS REQUEST", [BAD_REQUEST, UNAUTHORIZED, SUCCESS]),  # ? beside other terms is ignored
        ('"INTERNAL SERVER ERROR"', [INTERNAL]),
        ('"[ERROR 4"', [BAD_REQUEST, UNAUTHORIZED, MISSING, INVALID]),
        ("ERROR -ARGUMENTS", [BAD_REQUEST, UNAUTHORIZED, INTERNAL]),
        ('-"BAD REQUEST" -ARGUMENTS', [UNAUTHORIZED, INTERNAL, SUCCESS]),
        ("", MESSAGES),
        ("   ", MESSAGES),
        ('" "', MESSAGES),
        ('""', MESSAGES),
        ("%AUTHORIZED%", [UNAUTHORIZED]),
        ("%^.INFO|SERVER%", [INTERNAL, SUCCESS]),
    ],
)
def test_terms_select(pattern, selected):
    assert [message for message in MESSAGES if matches(pattern, message)] == selected


def test_quoted_marks_and_backslashes():
    assert matches(r'"say \"yes\""', 'they say "yes"')
    assert matches(r'"C:\\temp"', r"in C:\temp")
    assert not matches(r'"C:\\temp"', r"in C:\\temp")


def test_terms_extract_nothing():
    assert extracted("ERROR", BAD_REQUEST) == {}


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("key:value", "Invalid character(s) in term 'key:value'"),
        ("10.0.0.1", "Invalid character(s) in term '10.0.0.1'"),
        ("-", "Invalid character(s) in term '-'"),
        ('ERROR"x"', """Invalid character(s) in term 'ERROR"x"'"""),
        ('ERROR "INTERNAL SERVER', "quotation mark is not closed"),
        ("%ERROR", "must end with '%'"),
        ("%", "must end with '%'"),
        ("%%", "is empty"),
        ("x" * 1025, "at most 1024 characters"),
        ("{ $.a = 1", "If a filter pattern starts with '{' it must end with '}'"),
        ("[a, b", "If a filter pattern starts with '[' it must end with ']'"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern, problem):
    assert problem in refusal(pattern)
