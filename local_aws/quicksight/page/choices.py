"""What a reader of a dashboard has chosen, in the address: the sheet, and values of filters and parameters.

`?sheet=traffic&f.region=us-east-1&f.region=eu-west-1&f.day.from=2026-11-01&f.day.to=2026-11-07&p.Account=123456789012`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode


@dataclass(frozen=True)
class Choices:
    """The query parameters of an address."""

    values: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, query_string: str) -> Choices:
        """From the part of an address behind the `?`."""
        return cls(parse_qs(query_string))

    @property
    def sheet(self) -> str | None:
        """The SheetId that is looked at."""
        return next(iter(self.values.get("sheet", ())), None)

    def of_filter(self, filter_id: str) -> list[str]:
        """The values chosen for a filter; empty when nothing was chosen."""
        return [value for value in self.values.get(f"f.{filter_id}", ()) if value]

    def bounds(self, filter_id: str) -> tuple[str | None, str | None]:
        """The range chosen for a filter."""
        chosen = [next(iter(self.values.get(f"f.{filter_id}.{end}", ())), None) for end in ("from", "to")]
        return chosen[0] or None, chosen[1] or None

    def of_parameter(self, name: str) -> list[str]:
        """The values chosen for a parameter."""
        return [value for value in self.values.get(f"p.{name}", ()) if value]

    def address(self, sheet_id: str) -> str:
        """The query of the same choices on another sheet."""
        others = {name: list(values) for name, values in self.values.items() if name != "sheet"}
        return "?" + urlencode({"sheet": sheet_id, **others}, doseq=True)

    @property
    def any(self) -> bool:
        """Whether a filter or parameter was chosen."""
        return any(value for name, values in self.values.items() if name[:2] in ("f.", "p.") for value in values)


def parameters(definition: Mapping[str, Any], choices: Choices) -> dict[str, list[Any]]:
    """The values of each parameter of a definition: chosen, or static defaults; empty for all values."""
    found: dict[str, list[Any]] = {}
    for declaration in definition.get("ParameterDeclarations", []):
        ((_, body),) = declaration.items()
        default = body.get("DefaultValues", {}).get("StaticValues", [])
        found[body["Name"]] = list(choices.of_parameter(body["Name"]) or default)
    return found
