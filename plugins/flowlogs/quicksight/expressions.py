"""Expressions of calculated fields that are made of the pipeline's own lists, for the files of `data_sets/`."""

from __future__ import annotations

from typing import Final

from flowlogs.reports.services import SERVICES

PRIVATE_PREFIXES: Final = ("10.", "192.168.", "169.254.", "127.", "fe8", "fe9", "fea", "feb")
"""Beginnings of addresses that are not routed on the internet, besides those by their first two parts."""


def service_name(port: str, detail: str) -> str:
    """The usual name of the port in a column: `unnamed` for others, `other` where rows were added up."""
    cases = ", ".join(f"{number}, '{name}'" for number, name in SERVICES.items())
    return (
        f"ifelse({{{detail}}} <> 'flow', 'other', isNull({{{port}}}), 'replies', "
        f"switch({{{port}}}, {cases}, 'unnamed'))"
    )


def is_private(column: str) -> str:
    """The condition that the address in a column is private: `flowlogs.addresses.PRIVATE_PATTERN` without a regular
    expression, which QuickSight has not; and without parseInt, which leaves out rows that hold no number.
    """
    lower = f"toLower({{{column}}})"
    second = f"split({{{column}}}, '.', 2)"
    conditions = [f"startsWith({lower}, '{prefix}')" for prefix in PRIVATE_PREFIXES]
    conditions += [
        f"(startsWith({{{column}}}, '172.') AND in({second}, [{_texts(16, 31)}]))",
        f"(startsWith({{{column}}}, '100.') AND in({second}, [{_texts(64, 127)}]))",
        # fc00::/7 is written with all of its first four digits: fc12:, fd00:
        f"(in(left({lower}, 2), ['fc', 'fd']) AND substring({{{column}}}, 5, 1) = ':')",
        f"{{{column}}} = '::1'",
    ]
    return f"({' OR '.join(conditions)})"


def _texts(first: int, last: int) -> str:
    return ", ".join(f"'{number}'" for number in range(first, last + 1))
