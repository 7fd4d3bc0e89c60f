"""A section's header: what it has to say, and how its mistakes are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from flowlogs.reports.sections import SectionError, read_section, read_sections

TRAFFIC = {
    "title": "Rejects by port",
    "group": "traffic",
    "order": 10,
    "description": "Which ports were tried, with the number of flows.",
    "columns": {"port": {"label": "Port", "kind": "port"}, "flows": {"label": "Flows", "kind": "number"}},
}
DETECTION = {
    **TRAFFIC,
    "group": "detections",
    "severity": "high",
    "thresholds": {"attempts": 3, "ports": [22, 23]},
    "columns": {name: {"label": name} for name in ("who", "what", "first_seen", "last_seen", "amount", "ports")},
}


def write(folder: Path, header: dict[str, Any] | str, name: str = "rejects") -> Path:
    text = header if isinstance(header, str) else f"/*\n{yaml.safe_dump(header, sort_keys=False)}*/\nSELECT 1"
    path = folder / f"{name}.sql"
    path.write_text(text)
    return path


def test_a_header_is_read(tmp_path):
    section = read_section(write(tmp_path, {**TRAFFIC, "chart": {"type": "bars", "x": "port", "y": "flows"}}))
    assert (section.name, section.title, section.is_detection) == ("rejects", "Rejects by port", False)
    assert list(section.columns) == ["port", "flows"]
    assert section.editions == ("daily", "weekly", "monthly")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("SELECT 1", "does not begin with a comment"),
        ("/* title: [ */ SELECT 1", "no YAML"),
        ("/* a text */ SELECT 1", "no mapping"),
        ({**TRAFFIC, "name": "other"}, "name"),
        ({**TRAFFIC, "colour": "red"}, "colour"),
        ({key: value for key, value in TRAFFIC.items() if key != "title"}, "title"),
        ({**TRAFFIC, "description": "short"}, "description"),
        ({**TRAFFIC, "severity": "high"}, "only a detection has a severity"),
        ({**TRAFFIC, "columns": {}}, "columns"),
        ({**TRAFFIC, "columns": {"port": {"label": "Port", "kind": "harbour"}}}, "columns.port.kind"),
        ({**TRAFFIC, "chart": {"type": "bars", "x": "port", "y": "packets"}}, "draws packets"),
        ({**TRAFFIC, "thresholds": {"A-B": 1}}, "'A-B' is no name"),
        ({**DETECTION, "severity": None}, "needs a severity"),
        ({**DETECTION, "columns": TRAFFIC["columns"]}, "begin with who, what, first_seen, last_seen, amount"),
    ],
)
def test_a_wrong_header_names_its_file_and_what_is_wrong(tmp_path, header, told):
    with pytest.raises(SectionError, match=r"rejects\.sql") as caught:
        read_section(write(tmp_path, header))
    assert told in str(caught.value)


def test_a_file_s_name_is_a_section_s_name(tmp_path):
    with pytest.raises(SectionError, match=r"Top-Ports\.sql"):
        read_section(write(tmp_path, TRAFFIC, name="Top-Ports"))


def test_sections_come_in_the_order_of_the_page(tmp_path):
    write(tmp_path, DETECTION, "found")
    write(tmp_path, {**TRAFFIC, "order": 20}, "second")
    write(tmp_path, TRAFFIC, "first")
    write(tmp_path, {**TRAFFIC, "group": "health"}, "health")
    assert [section.name for section in read_sections(tmp_path)] == ["first", "second", "found", "health"]


def test_thresholds_of_the_settings_stand_over_those_of_the_header(tmp_path):
    section = read_section(write(tmp_path, DETECTION))
    assert section.with_thresholds({"attempts": 9}) == {"attempts": 9, "ports": (22, 23)}
    with pytest.raises(SectionError, match="no threshold 'tries'; it has attempts, ports"):
        section.with_thresholds({"tries": 9})
    with pytest.raises(SectionError, match="'ports'"):
        section.with_thresholds({"ports": 22})
