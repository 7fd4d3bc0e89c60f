"""`make mwaa`: the repository as Amazon MWAA takes it. Needs Python's own library only.

MWAA puts the DAG folder at /usr/local/airflow/dags and unpacks plugins.zip at /usr/local/airflow/plugins (MWAA user guide,
"Adding or updating DAGs", "Installing custom plugins"); there is no place beside them, so `include/` lies in the DAG folder,
and the startup script says so.
"""

from __future__ import annotations

import re
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
DAGS: Final = "/usr/local/airflow/dags"
_LEFT_OUT: Final = shutil.ignore_patterns("__pycache__", "*.pyc")

STARTUP = f"""#!/bin/sh
# Where the pipeline finds its SQL, settings, templates and definitions.
export FLOWLOGS_INCLUDE={DAGS}/include
"""


def build(folder: Path) -> None:
    """Write `dags/`, `plugins.zip`, `requirements.txt` and `startup.sh` into a folder, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "dags", folder / "dags", ignore=_LEFT_OUT)
    shutil.copytree(ROOT / "include", folder / "dags" / "include", ignore=_LEFT_OUT)
    (folder / "dags" / ".airflowignore").write_text("include/\n")
    pins = (ROOT / "requirements.txt").read_text()
    (folder / "dags" / "constraints.txt").write_text(_constraints(pins))
    (folder / "requirements.txt").write_text(_requirements((ROOT / "requirements.in").read_text(), pins))
    (folder / "startup.sh").write_text(STARTUP)
    with zipfile.ZipFile(folder / "plugins.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((ROOT / "plugins").rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(ROOT / "plugins"))


def _constraints(pins: str) -> str:
    """Every pinned version; constraints take no extras."""
    return "".join(f"{name}=={version}\n" for name, version in _versions(pins).items())


def _requirements(wanted: str, pins: str) -> str:
    """What the DAGs need but for Airflow itself, which MWAA brings, at the pinned versions."""
    versions = _versions(pins)
    lines = [f'--constraint "{DAGS}/constraints.txt"']
    for line in wanted.splitlines():
        match = re.match(r"([A-Za-z0-9-]+)(\[[^]]*\])?", line)
        if match and match[1] != "apache-airflow":
            lines.append(f"{match[1]}{match[2] or ''}=={versions[match[1].lower()]}")
    return "\n".join(lines) + "\n"


def _versions(pins: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9-]+)(?:\[[^]]*\])?==([^\s;]+)", pins, re.MULTILINE))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
    print(f"built {sys.argv[1]}: what to do with it stands in docs/mwaa.md")
