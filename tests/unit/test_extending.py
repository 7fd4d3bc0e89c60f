"""The examples of docs/extending.md are what the settings and the dashboard take."""

from __future__ import annotations

import re
import shutil

import yaml

from flowlogs.quicksight.dashboard_files import FILE, read_dashboard
from flowlogs.quicksight.wanted import wanted
from flowlogs.settings import Settings
from tests.conftest import ROOT
from tests.unit.flowlogs.smallest_settings import section

EXAMPLES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "extending.md").read_text(), re.DOTALL)


def test_the_source():
    settings = Settings.model_validate(section(sources=yaml.safe_load(EXAMPLES[0])["sources"]))
    assert [len(source.targets()) for source in settings.sources] == [2]


def test_the_visual(tmp_path):
    shutil.copytree(FILE.parent, tmp_path / "quicksight")
    sheet = tmp_path / "quicksight" / "sheets" / "rejects.yaml"
    sheet.write_text(f"{sheet.read_text()}\n{EXAMPLES[1]}")
    found = wanted(
        Settings.model_validate(section(quicksight={"enabled": True})),
        "111122223333",
        "us-east-1",
        read_dashboard(tmp_path / "quicksight" / FILE.name),
    )
    assert found.problems == ()
    assert "rejected-packets" in str(found.dashboard.body)
