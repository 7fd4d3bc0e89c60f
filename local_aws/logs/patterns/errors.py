"""Why a filter pattern is refused."""

from __future__ import annotations


class InvalidPattern(ValueError):
    """The pattern is none of CloudWatch Logs. `str()` is the message of the InvalidParameterException."""

    @classmethod
    def at(cls, position: int, problem: str) -> InvalidPattern:
        """A problem at a character of the pattern, counted from 0."""
        return cls(f"Invalid filter pattern: {problem}, at character {position + 1}")

    @classmethod
    def term(cls, term: str) -> InvalidPattern:
        """A term with characters that need double quotation marks (AWS's wording, and the way out)."""
        return cls(f"Invalid character(s) in term '{term}': put it in double quotation marks")
