"""The regular expressions of filter patterns: what the user guide lists, and nothing else."""

from __future__ import annotations

import pytest

from tests.unit.local_aws.logs.matching import matches, refusal


@pytest.mark.parametrize(
    ("regex", "found", "not_found"),
    [
        ("^[hc]at", "hat trick", "a hat"),
        ("[hc]at$", "the cat", "cats"),
        ("colou?r", "color", "colr"),
        ("^a{3,5}$", "aaaa", "aa"),
        ("^a{2}$", "aa", "aaa"),
        ("gray|grey", "grey", "groy"),
        ("^starting|^shutting down", "shutting down now", "not starting"),
        (r"10\.10\.0\.1", "from 10.10.0.1", "from 10210.0.1"),
        (r"\[.\]", "value [7] here", "value 7 here"),
        ("ab*c", "ac", "ab"),
        ("ab+c", "abbc", "ac"),
        (".at", "4at", "at"),
        (r"^\d+$", "80", "8o"),
        (r"^\D+$", "abc", "a1"),
        (r"a\sb", "a b", "a_b"),
        (r"^\w+$", "a_1", "a-1"),
        (r"\x28\x29", "f()", "f[]"),
        (r"a\-b\\", "a-b\\", "ab\\"),
        ("[a-z]{1,2};", "ab;", "1;"),
    ],
)
def test_what_is_supported(regex, found, not_found):
    assert matches(f"%{regex}%", found)
    assert not matches(f"%{regex}%", not_found)


@pytest.mark.parametrize(
    "regex",
    ["something!", "(ab)", r"\(ab\)", "café", r"\p", r"\!", r"\x2", "a{3,", "a{,3}", "[", "*a", "a**", "a++", "a\\"],
)
def test_what_is_not_supported_is_refused(regex):
    assert regex in refusal(f"%{regex}%")


def test_at_most_two_in_a_pattern():
    assert matches("[a = %x%, b = %y%, c]", "x y z")
    assert "at most 2 regular expressions" in refusal("[a = %x%, b = %y%, c = %z%]")
    assert "at most 2 regular expressions" in refusal("{ $.a = %x% || $.b = %y% || $.c = %z% }")
