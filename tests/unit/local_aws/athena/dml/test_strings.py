"""Functions of texts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_aws.athena.model import QueryFailed

Answer = Callable[[str], str | None]

VALUES = [
    ("upper('straße ü')", "STRAßE Ü"),
    ("lower('ÀB')", "àb"),
    ("chr(65)", "A"),
    ("codepoint('A')", "65"),
    ("concat('a','b','c')", "abc"),
    ("concat('a', null)", None),
    ("concat(array[1], array[2], array[3])", "[1, 2, 3]"),
    ("concat(null, null)", None),
    ("concat_ws(',', 'a', NULL, 'b')", "a,b"),
    ("concat_ws(',', ARRAY['a', NULL, 'b'])", "a,b"),
    ("hamming_distance('häc', 'hbc')", "1"),
    ("hamming_distance('', '')", "0"),
    ("levenshtein_distance('kitten', 'sitting')", "3"),
    ("levenshtein_distance('hänsel', 'hansel')", "1"),
    ("levenshtein_distance('äöü', '')", "3"),
    ("lpad('7', 3, '0')", "007"),
    ("lpad('abcd', 2, '0')", "ab"),
    ("rpad('7', 0, 'ab')", ""),
    ("luhn_check('79927398713')", "true"),
    ("luhn_check('79927398714')", "false"),
    ("replace('banana', 'an')", "ba"),
    ("replace('banana', 'an', 'x')", "bxxa"),
    ("replace('abc', '', '-')", "-a-b-c-"),
    ("replace('', '', '-')", "-"),
    ("reverse('abcä')", "äcba"),
    ("soundex('CHYNA')", "C500"),
    ("soundex('China')", "C500"),
    ("soundex('Tymczak')", "T522"),
    ("soundex('Pfister')", "P236"),
    ("soundex('Honeyman')", "H555"),
    ("soundex('Ashcraft')", "A261"),
    ("soundex('')", ""),
    ("split('a,b,c', ',')", "[a, b, c]"),
    ("split('a,b,c,d', ',', 2)", "[a, b,c,d]"),
    ("split('', ',')", "[]"),
    ("split_part('a-b-c', '-', 2)", "b"),
    ("split_part('a-b-c', '-', 4)", None),
    ("split_part('a-b-', '-', 3)", ""),
    ("split_part('abc', '', 2)", "b"),
    ("split_part('', '', 1)", None),
    ("split_part('', '-', 1)", ""),
    ("split_part(null, '-', 0)", None),
    ("strpos('abcabc', 'c', 2)", "6"),
    ("strpos('abcabc', 'c', -1)", "6"),
    ("strpos('aaa', 'aa', 2)", "2"),
    ("strpos('aaa', 'aa', 3)", "0"),
    ("strpos('ab', 'abc', 1)", "0"),
    ("substr('abcdef', 3)", "cdef"),
    ("substr('abcdef', 2, 3)", "bcd"),
    ("substr('abcdef', -2)", "ef"),
    ("substr('abcdef', -6)", "abcdef"),
    ("substr('abcdef', -7)", ""),
    ("substr('abcdef', -3, 2)", "de"),
    ("substr('abc', 0)", ""),
    ("substr('abc', 5)", ""),
    ("substr('abc', 2, null)", None),
    ("substr('abc', 2, -1)", ""),
    ("substr('abc', 1, 9223372036854775807)", "abc"),
    ("substr('abc', 9223372036854775807)", ""),
    ("substring('abcdef' FROM 2 FOR 3)", "bcd"),
    ("substring('abcdef', 2)", "bcdef"),
    ("translate('abcd', 'aac', 'zq')", "zbd"),
    ("trim(chr(9) || ' a ' || chr(10))", "a"),
    ("trim('!' FROM '!foo!')", "foo"),
    ("trim(TRAILING 'ER' FROM upper('worker'))", "WORK"),
    ("trim('xax', 'x')", "a"),
    ("ltrim('  a ')", "a "),
    ("trim('a' from null)", None),
    ("normalize('schön')", "schön"),
    ("position('c' IN 'abc')", "3"),
    ("starts_with('abc', 'ab')", "true"),
    ("length('häuser')", "6"),
    ("upper('ß')", "ß"),
    ("lower(null)", None),
    ("split(null, ',')", None),
    ("strpos(null, 'a')", None),
    ("transform(ARRAY['a-b-a'], trino -> strpos(trino, 'a', 2))", "[5]"),
]

FAILURES = [
    ("chr(1114112)", "INVALID_FUNCTION_ARGUMENT: Not a valid Unicode code point: 1114112"),
    ("codepoint('')", "INVALID_FUNCTION_ARGUMENT: Input string must be a single character string"),
    (
        "codepoint('AB')",
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (varchar(2)) for function codepoint. Expected: codepoint(varchar(1))",
    ),
    (
        "hamming_distance('a', 'bc')",
        "INVALID_FUNCTION_ARGUMENT: The input strings to hamming_distance function must have the same length",
    ),
    ("lpad('a', 3, '')", "INVALID_FUNCTION_ARGUMENT: Padding string must not be empty"),
    ("rpad('7', -1, 'ab')", "INVALID_FUNCTION_ARGUMENT: Target length must be in the range [0..2147483647]"),
    ("luhn_check('a')", "INVALID_FUNCTION_ARGUMENT: Input contains non-digit characters"),
    ("split('a', '')", "INVALID_FUNCTION_ARGUMENT: The delimiter may not be the empty string"),
    ("split('a,b', ',', 0)", "INVALID_FUNCTION_ARGUMENT: Limit must be positive"),
    ("split_part('a', '-', 0)", "INVALID_FUNCTION_ARGUMENT: Index must be greater than zero"),
    ("strpos('ab', 'c', 0)", "INVALID_FUNCTION_ARGUMENT: 'instance' must be a positive or negative number."),
    (
        "length(5)",
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer) for function length. Expected: length(varbinary), length(varchar)",
    ),
    ("soundex('é')", "INVALID_FUNCTION_ARGUMENT: The character is not mapped: soundex takes ASCII text"),
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
