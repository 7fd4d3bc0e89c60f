"""Records that a rule's filter pattern must select, and records that it must not: its test before it is put."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flowlogs.alarms.conditions import fulfils, values_that_fail, values_that_fulfil
from flowlogs.alarms.filter_pattern import Where, parse_where
from flowlogs.fields import MISSING, Field

_USUAL: Final = {
    "version": "2",
    "account-id": "111122223333",
    "interface-id": "eni-0a1b2c3d",
    "srcaddr": "198.51.100.7",
    "dstaddr": "172.31.16.5",
    "srcport": "49761",
    "dstport": "8081",
    "protocol": "17",
    "packets": "20",
    "bytes": "4249",
    "start": "1418530010",
    "end": "1418530070",
    "action": "ACCEPT",
    "log-status": "OK",
}


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """A record as a line of the log group.

    Attributes:
        line: the record.
        matches: whether the pattern must select it.
        why: what makes it so.
        value: what the metric's value must be read as; None when the rule counts, or when it does not match.
    """

    line: str
    matches: bool
    why: str
    value: str | None = None


def sample_records(
    log_format_fields: Sequence[Field], where: Where, value_field: str | None = None
) -> tuple[SampleRecord, ...]:
    """Records for each condition of a rule: one for each value that fulfils it, one that fails this condition alone.

    In a record that must not match, every other field holds what would fulfil the condition, so that a pattern whose
    conditions stand at wrong positions is found out.

    Raises:
        ValueError: as `parse_where`.
    """
    names = [field.name for field in log_format_fields]
    conditions = parse_where(log_format_fields, where)
    fields = {field.name: field for field in log_format_fields}
    good = {name: values_that_fulfil(fields[name], alternatives) for name, alternatives in conditions.items()}
    usual = {name: _USUAL.get(name, MISSING) for name in names}
    base = {**usual, **{name: values[0] for name, values in good.items()}}

    def line(record: dict[str, str]) -> str:
        return " ".join(record[name] for name in names)

    def selected(record: dict[str, str], why: str) -> SampleRecord:
        return SampleRecord(line(record), True, why, record[value_field] if value_field else None)

    def found() -> Iterator[SampleRecord]:
        yield selected(base, "it fulfils all conditions")
        for name, values in good.items():
            for value in values[1:]:
                yield selected({**base, name: value}, f"{name} is {value}")
        for name, alternatives in conditions.items():
            bad = values_that_fail(fields[name], alternatives)[0]
            others = {other: good[name][0] for other in names if other not in conditions}
            yield SampleRecord(line({**base, **others, name: bad}), False, f"{name} is {bad}")
            if not fulfils(MISSING, alternatives):
                yield SampleRecord(line({**base, name: MISSING}), False, f"{name} is missing")
        if len(names) > 1:
            yield SampleRecord(" ".join(base[name] for name in names[:-1]), False, "its last field is missing")

    return tuple(dict.fromkeys(found()))
