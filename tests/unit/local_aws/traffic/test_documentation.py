"""docs/traffic.md names everything that can be asked for, and nothing else."""

import json
import re
from datetime import date

import pytest

from local_aws.traffic import TrafficPlan
from local_aws.traffic.__main__ import main
from local_aws.traffic.defects import DEFECTS
from local_aws.traffic.scenes import KINDS
from tests.conftest import ROOT


def table(title: str) -> list[list[str]]:
    """The rows of the table under a heading, cell by cell."""
    page = (ROOT / "docs" / "traffic.md").read_text()
    section = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("| `")]


def named(title: str) -> list[str]:
    """The code words in the table's first column."""
    return [word for row in table(title) for word in re.findall(r"`([^`]+)`", row[0])]


def test_the_incidents():
    assert sorted(named("The incidents")) == sorted(KINDS)


def test_the_defects_and_the_formats_that_can_have_them():
    assert {row[0].strip("`"): row[2] for row in table("The defects")} == {
        name: "yes" if defect.possible_in("parquet") else "" for name, defect in DEFECTS.items()
    }
    harmless = {row[0].strip("`") for row in table("The defects") if "harmless" in row[1]}
    assert harmless == {name for name, defect in DEFECTS.items() if defect.harmless}


def test_the_arguments(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    options = set(re.findall(r"^ +(--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    assert sorted(named("What can be chosen")) == sorted(options)


def test_the_manifest(write):
    manifest, _ = write(TrafficPlan(days=(date(2026, 11, 20),), records_per_day=10, file_minutes=1440))
    assert {row[0].strip("`") for row in table("The manifest")} == set(json.loads(manifest.as_json()))
