"""The %regular expressions% of filter patterns: a small language of its own, checked before Python runs it."""

from __future__ import annotations

import re
import warnings

from local_aws.logs.patterns.errors import InvalidPattern

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_#=@/;,- ")
_OPERATORS = frozenset(r"^$?[]{}|\*+.")
_CLASSES = frozenset("dDsSwW")
_REPETITION = re.compile(r"\{\d{1,4}(,\d{0,4})?\}")


def compile_regex(source: str) -> re.Pattern[str]:
    r"""The expression between two percent signs.

    Letters, digits, space, `: _ # = @ / ; , -`, the operators `^ $ ? [ ] { } | \ * + .`, the classes
    `\d \D \s \S \w \W` and `\xhh` are what AWS takes; parentheses and multi-byte characters are not.

    Raises: InvalidPattern for anything else.
    """
    if not source:
        raise InvalidPattern("Invalid filter pattern: the regular expression %% is empty")
    _check_characters(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(source, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidPattern(f"Invalid filter pattern: regular expression %{source}%: {error}") from error


def _check_characters(source: str) -> None:
    position = 0
    in_brackets = False
    while position < len(source):
        character = source[position]
        if character == "\\":
            position += _escape_length(source, position)
            continue
        if character not in _PLAIN and character not in _OPERATORS:
            raise _unsupported(source, character)
        if in_brackets:
            in_brackets = character != "]"
        elif character == "[":
            in_brackets = True
        elif character == "{":
            repetition = _REPETITION.match(source, position)
            if repetition is None:
                raise InvalidPattern(f"Invalid filter pattern: regular expression %{source}%: '{{' is no repetition")
            position = repetition.end()
            continue
        elif character in "*+?}" and source[position + 1 : position + 2] == "+":
            raise InvalidPattern(f"Invalid filter pattern: regular expression %{source}%: multiple repeat")
        position += 1


def _escape_length(source: str, position: int) -> int:
    """Characters of the escape that begins at `position`."""
    escaped = source[position + 1 : position + 2]
    if escaped == "x" and re.fullmatch(r"[0-9a-fA-F]{2}", source[position + 2 : position + 4]):
        return 4
    symbol = escaped in _OPERATORS or (escaped in _PLAIN and not escaped.isalnum())
    if escaped and (escaped in _CLASSES or symbol):
        return 2
    raise _unsupported(source, f"\\{escaped}")


def _unsupported(source: str, character: str) -> InvalidPattern:
    return InvalidPattern(
        f"Invalid character(s) in term '%{source}%': {character} is not supported in a regular expression; "
        "write a character by its code, such as \\x28"
    )
