"""CloudWatch Logs filter patterns for flow log records, from the flow log's own format.

A space-delimited pattern names the words of a record in their order; a condition stands at the place of its field and
may name no other ("Filter pattern syntax for metric filters", CloudWatch Logs user guide).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Final

from flowlogs.alarms.conditions import Alternatives, Condition, ConditionValue, parse_conditions
from flowlogs.fields import Field

Where = Mapping[str, ConditionValue | Sequence[ConditionValue]]
"""What a rule asks of records: AWS field names with a value, a comparison, or a list of them."""

LONGEST_PATTERN: Final = 1024
"""Characters of a filter pattern at most (PutMetricFilter, filterPattern)."""


def pattern_name(field: Field) -> str:
    """A field's name in a pattern: letters, digits and underscores, such as `pkt_srcaddr`."""
    return field.name.replace("-", "_")


def parse_where(log_format_fields: Sequence[Field], where: Where) -> dict[str, Alternatives]:
    """The conditions of a rule by AWS field name.

    Raises:
        ValueError: for a field that the format has not, and for what is no condition on its field.
    """
    fields = {field.name: field for field in log_format_fields}
    unknown = [name for name in where if name not in fields]
    if unknown:
        raise ValueError("; ".join(unknown_field(name, log_format_fields) for name in unknown))
    return {name: parse_conditions(fields[name], value) for name, value in where.items()}


def unknown_field(name: str, log_format_fields: Sequence[Field]) -> str:
    """Says that a log format has no such field, and what it has."""
    names = [field.name for field in log_format_fields]
    nearest = difflib.get_close_matches(name.replace("_", "-"), names, n=1)
    remedy = f"did you mean {nearest[0]!r}?" if nearest else f"it has {', '.join(names)}"
    return f"{name!r} is not a field of alarms.log_format; {remedy}"


def filter_pattern(log_format_fields: Sequence[Field], where: Where, value_field: str | None = None) -> str:
    """The pattern that selects the records of a format which fulfil all conditions.

    Args:
        log_format_fields: the fields of the flow log, in its order.
        where: what is asked of records; nothing selects every record.
        value_field: AWS name of the field that the metric's value is read from, which keeps its name.

    Raises:
        ValueError: as `parse_where`, and for a pattern longer than CloudWatch takes.
    """
    conditions = parse_where(log_format_fields, where)
    pattern = _written([_word(field, conditions) for field in log_format_fields])
    if len(pattern) <= LONGEST_PATTERN:
        return pattern
    # A format with most fields is too long: the words that nothing is asked of are numbered instead of named.
    named = {*conditions, value_field}
    short = _written(
        [
            _word(field, conditions) if field.name in named else f"w{position}"
            for position, field in enumerate(log_format_fields, start=1)
        ]
    )
    if len(short) > LONGEST_PATTERN:
        raise ValueError(
            f"makes a filter pattern of {len(short)} characters, CloudWatch takes {LONGEST_PATTERN}; ask for fewer "
            "values, use wildcards, or make several rules"
        )
    return short


def _written(words: Sequence[str]) -> str:
    return f"[{', '.join(words)}]"


def _word(field: Field, conditions: Mapping[str, Alternatives]) -> str:
    name = pattern_name(field)
    if field.name not in conditions:
        return name
    alternatives = conditions[field.name]
    several = len(alternatives) > 1
    return " || ".join(_joined(conjunction, name, several) for conjunction in alternatives)


def _joined(conjunction: Sequence[Condition], name: str, several: bool) -> str:
    text = " && ".join(condition.pattern(name) for condition in conjunction)
    return f"({text})" if several and len(conjunction) > 1 else text
