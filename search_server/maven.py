"""Maven's own client, asked for exact files: mirrors, proxies and passwords are what its settings say."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

_COPY: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_SECONDS: Final = 300
"""Longer than a slow line needs for the jars; after that something hangs."""


class MavenError(RuntimeError):
    """Maven did not get a file; the text is what Maven says."""


def fetch(paths: list[str], folder: Path) -> None:
    """Put files of Maven's repository below `folder`, at the paths that they have in the repository.

    Args:
        paths: such as org/yaml/snakeyaml/2.1/snakeyaml-2.1.jar.
        folder: it is made.

    Raises:
        MavenError: when one cannot be had.
    """
    folder.mkdir(parents=True)
    project = folder / "pom.xml"
    project.write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>search-server</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{''.join(_dependency(path) for path in paths)}</dependencies></project>"
    )
    command = [
        "mvn", "--batch-mode", "--quiet", "--update-snapshots", "--file", str(project), _COPY,
        f"-DoutputDirectory={folder}", "-Dmdep.useRepositoryLayout=true",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise MavenError(f"mvn did not end within {_SECONDS} seconds") from error
    missing = [path for path in paths if not (folder / path).exists()]
    if done.returncode or missing:
        said = [line.partition("[ERROR] ")[2] for line in (done.stdout + done.stderr).splitlines() if "[ERROR]" in line]
        raise MavenError(
            f"mvn did not get {missing[0] if missing else 'all'}: {said[0] if said else done.stdout[-500:]}"
        )


def _dependency(path: str) -> str:
    *group, artifact, version, _ = path.split("/")
    # The lock has all jars already: none brings others along.
    return (
        f"<dependency><groupId>{'.'.join(group)}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
        "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>"
    )
