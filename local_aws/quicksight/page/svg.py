"""Drawing in SVG: escaped text, axes with round ticks, colours by classes that know light and dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

COLOURS = 10
"""Colours of series; the classes s0 to s9 of the style sheet."""

CHARACTER = 6.4
"""Width of a character of the labels, in pixels, on average."""


@dataclass
class Canvas:
    """An SVG picture that is being drawn, in pixels."""

    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def add(self, name: str, **attributes: object) -> None:
        """An element without content; `class_` is its class, `title` a text shown on hovering."""
        title = attributes.pop("title", None)
        text = " ".join(
            f'{_name(key)}="{escape(_value(value))}"' for key, value in attributes.items() if value is not None
        )
        inner = f"<title>{escape(str(title))}</title></{name}>" if title is not None else f"</{name}>"
        self.parts.append(f"<{name} {text}>{inner}")

    def text(
        self, x: float, y: float, text: str, *, anchor: str = "start", class_: str = "tick", room: float | None = None
    ) -> None:
        """A line of text, cut to `room` pixels; whole on hovering when it was cut."""
        shown = fitted(text, room)
        title = f"<title>{escape(text)}</title>" if shown != text else ""
        self.parts.append(
            f'<text x="{_value(x)}" y="{_value(y)}" text-anchor="{anchor}" class="{class_}">{escape(shown)}{title}</text>'
        )

    def add_slanted(self, x: float, y: float, text: str) -> None:
        """A line of text that ends at a point, rising to it."""
        place = f"rotate(-45 {_value(x)} {_value(y)})"
        self.parts.append(
            f'<text x="{_value(x)}" y="{_value(y)}" text-anchor="end" class="tick" transform="{place}">{escape(text)}</text>'
        )

    def picture(self, label: str, class_: str) -> str:
        """The whole SVG; `label` tells what it shows to who cannot see it."""
        return (
            f'<svg class="{class_}" viewBox="0 0 {_value(self.width)} {_value(self.height)}" role="img" '
            f'aria-label="{escape(label)}">{"".join(self.parts)}</svg>'
        )


@dataclass(frozen=True)
class Colours:
    """Colours of series: those that the definition gives to values, and the style sheet's for all others."""

    given: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str, number: int) -> dict[str, str]:
        """The class or style of a series."""
        if name in self.given:
            return {"style": f"--c:{self.given[name]}", "class_": "mark"}
        return {"class_": f"mark s{number % COLOURS}"}


def fitted(text: str, room: float | None) -> str:
    """The text, cut to what fits into `room` pixels."""
    if room is None or len(text) * CHARACTER <= room:
        return text
    return f"{text[: max(1, int(room / CHARACTER) - 1)].rstrip()}…"


def ticks(least: float, most: float, wanted: int = 5) -> list[float]:
    """Round values that cover a range."""
    if most <= least:
        most = least + 1
    raw = (most - least) / max(1, wanted)
    magnitude = 10 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= raw * 0.999)
    first, last = math.floor(least / step), math.ceil(most / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def scale(domain: tuple[float, float], place: tuple[float, float]) -> Callable[[float], float]:
    """Values to pixels."""
    (low, high), (begin, end) = domain, place
    span = (high - low) or 1
    return lambda value: begin + (value - low) / span * (end - begin)


def legend(names: Sequence[str], colours: Colours) -> list[dict[str, str]]:
    """The entries of a legend for the template: name, class and style."""
    return [
        {"name": name, "class": one["class_"], "style": one.get("style", "")}
        for name, one in ((name, colours.of(name, number)) for number, name in enumerate(names))
    ]


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)
