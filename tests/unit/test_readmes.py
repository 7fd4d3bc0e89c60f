"""Both READMEs say the same: the same commands, DAGs, tables, pages and pictures; and all that they name is there."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

ENGLISH, KOREAN = ((ROOT / name).read_text() for name in ("README.md", "README.ko.md"))


@pytest.mark.parametrize(
    "pattern",
    [r"^    .*$", r"^\| (`[^|]*`)", r"`([^`\n]+)`", r"\]\((docs/[^)]+)\)", r"^#+ ", r"^\d\. "],
    ids=["commands", "first column of tables", "names", "links", "headings", "steps"],
)
def test_they_name_the_same_things(pattern):
    def found(text: str) -> list[str]:
        outside = re.sub(r"```mermaid.*?```", "", text, flags=re.DOTALL)
        return sorted(re.sub(r"`, .*", "`", one) for one in re.findall(pattern, outside, re.MULTILINE))

    assert found(ENGLISH)
    assert found(KOREAN) == found(ENGLISH)


def test_the_pictures_have_the_same_arrows():
    arrows = r"^\s+\w+.* (?:-->|-\..*\.->|-- .* -->) "
    assert len(re.findall(arrows, KOREAN, re.MULTILINE)) == len(re.findall(arrows, ENGLISH, re.MULTILINE)) > 5


def test_every_page_and_picture_is_there():
    for text in (ENGLISH, KOREAN, *(path.read_text() for path in (ROOT / "docs").glob("*.md"))):
        base = ROOT if text in (ENGLISH, KOREAN) else ROOT / "docs"
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            assert (base / link).exists(), link


def test_every_dag_is_named():
    named = set(re.findall(r"^\| `(\w+)` \|", ENGLISH, re.MULTILINE))
    assert {path.stem for path in (ROOT / "dags").glob("*.py")} <= named
