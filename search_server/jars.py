"""The server's jars: downloaded once, checked, laid out as the server wants them."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

LOCK: Final = Path(__file__).with_name("opensearch-2.lock")
VERSION: Final = "2.19.6"

REGISTRY: Final = "https://repo1.maven.org/maven2"
"""Maven Central; the environment variable FLOWLOGS_MAVEN_URL names another place that has the same."""

DEFAULT_FOLDER: Final = Path(__file__).parents[1] / ".search_server"

_AT_ONCE: Final = 8

# The jars of Maven Central lack what the server's own archive adds beside them.
_DESCRIPTOR: Final = f"""description=HTTP and transport over Netty
version={VERSION}
name=transport-netty4
classname=org.opensearch.transport.Netty4Plugin
java.version=11
opensearch.version={VERSION}
has.native.controller=false
"""
_PERMISSIONS: Final = """grant {
  permission java.io.FilePermission "/proc/sys/net/core/somaxconn", "read";
  permission java.net.SocketPermission "*", "accept,connect,resolve";
  permission java.lang.RuntimePermission "setContextClassLoader";
  permission java.util.PropertyPermission "*", "read,write";
};
"""


class ServerNotHad(RuntimeError):
    """The server's jars, or a Java that runs them, cannot be had here; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Jar:
    """A line of the lock."""

    folder: str
    path: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.rsplit("/", 1)[1]


def jars() -> list[Jar]:
    """The jars of the lock."""
    lines = LOCK.read_text().splitlines()
    return [Jar(*line.split()) for line in lines if line and not line.startswith("#")]


def installed(folder: Path = DEFAULT_FOLDER) -> Path:
    """The folder with the server's jars and modules, downloaded if they are not there yet (45 MB).

    Raises:
        ServerNotHad: when a jar cannot be had, or is not what the lock says.
    """
    home = folder / f"opensearch-{VERSION}"
    if (home / "complete").exists():
        return home
    folder.mkdir(parents=True, exist_ok=True)
    wanted = jars()
    with tempfile.TemporaryDirectory(dir=folder, prefix="download-") as temporary:
        new = Path(temporary) / "opensearch"
        _download(wanted, new)
        module = new / "modules" / "transport-netty4"
        (module / "plugin-descriptor.properties").write_text(_DESCRIPTOR)
        (module / "plugin-security.policy").write_text(_PERMISSIONS)
        (new / "plugins").mkdir()
        (new / "complete").touch()
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            new.rename(home)
    return home


def _download(wanted: list[Jar], home: Path) -> None:
    registry = os.environ.get("FLOWLOGS_MAVEN_URL", REGISTRY).rstrip("/")
    done = 0
    with (
        httpx.Client(timeout=60, follow_redirects=True, transport=httpx.HTTPTransport(retries=3)) as client,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):
        futures = [pool.submit(_fetch, client, registry, jar, home) for jar in wanted]
        for future in as_completed(futures):
            future.result()
            done += 1
            if sys.stderr.isatty():
                print(f"\rOpenSearch {VERSION}: {done} of {len(wanted)} jars", end="", file=sys.stderr, flush=True)
    print(f"\rOpenSearch {VERSION}: {len(wanted)} jars of {registry}", file=sys.stderr)


def _fetch(client: httpx.Client, registry: str, jar: Jar, home: Path) -> None:
    url = f"{registry}/{jar.path}"
    try:
        answer = client.get(url)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise ServerNotHad(f"{url} cannot be had: {error}; FLOWLOGS_MAVEN_URL can name a mirror") from error
    found = hashlib.sha256(answer.content).hexdigest()
    if found != jar.sha256:
        raise ServerNotHad(f"{url} has the SHA-256 {found}, the lock says {jar.sha256}")
    place = home / jar.folder / jar.name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(answer.content)
