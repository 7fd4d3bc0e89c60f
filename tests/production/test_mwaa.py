"""What `make mwaa` builds, unpacked as Amazon MWAA unpacks it, loads every DAG by itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile

import pytest

from tests.conftest import ROOT
from topology.mwaa import DAGS, build

LOAD = """
import json
from airflow.dag_processing.dagbag import DagBag
bag = DagBag()
import flowlogs.dag_defaults, flowlogs.settings, pathlib
print(json.dumps({
    "dags": sorted(bag.dag_ids), "errors": {str(k): v for k, v in bag.import_errors.items()},
    "plugin": flowlogs.dag_defaults.__file__, "sql": flowlogs.dag_defaults.SQL_FOLDER,
    "settings": str(flowlogs.settings.DEFAULT_FILE),
}))
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """/usr/local/airflow of an environment, elsewhere."""
    folder = tmp_path_factory.mktemp("mwaa")
    build(folder / "bucket")
    home = folder / "airflow"
    (folder / "bucket" / "dags").rename(folder / "dags")
    home.mkdir()
    (folder / "dags").rename(home / "dags")
    with zipfile.ZipFile(folder / "bucket" / "plugins.zip") as archive:
        archive.extractall(home / "plugins")
    return folder / "bucket", home


def test_every_dag_loads_from_it_alone(unpacked):
    bucket, home = unpacked
    exported = re.findall(r"^export (\w+)=(\S+)$", (bucket / "startup.sh").read_text(), re.MULTILINE)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "FLOWLOGS", "PYTHON"))}
    environ = {
        **kept,
        "PYTHONDONTWRITEBYTECODE": "1",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        **{name: value.replace(DAGS, str(home / "dags")) for name, value in exported},
    }
    done = subprocess.run([sys.executable, "-c", LOAD], env=environ, cwd=home, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["errors"] == {}
    assert {path.stem for path in (ROOT / "dags").glob("*.py")} <= set(told["dags"]) | {"rejected_traffic_report"}
    for place in (told["plugin"], told["sql"], told["settings"]):
        assert place.startswith(str(home)), place


def test_the_requirements_are_pinned_under_constraints_and_leave_airflow_to_mwaa(unpacked):
    bucket, home = unpacked
    first, *lines = (bucket / "requirements.txt").read_text().splitlines()
    assert first == f'--constraint "{DAGS}/constraints.txt"'
    constraints = dict(line.split("==") for line in (home / "dags" / "constraints.txt").read_text().splitlines())
    found = {re.sub(r"\[.*\]", "", name).lower(): version for name, version in (line.split("==") for line in lines)}
    assert "apache-airflow" not in found
    assert {"apache-airflow-providers-amazon", "boto3", "pandas", "matplotlib"} <= set(found)
    assert {name: constraints[name] for name in found} == found


def test_nothing_else_is_in_it(unpacked):
    bucket, home = unpacked
    assert {path.name for path in bucket.iterdir()} == {"plugins.zip", "requirements.txt", "startup.sh"}
    assert not list(home.rglob("__pycache__"))
    assert not (home / "plugins" / "include").exists()
