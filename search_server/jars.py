"""The servers' jars: downloaded once, checked, laid out as the server wants them."""

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

from search_server import maven

REGISTRY: Final = "https://repo1.maven.org/maven2"
"""Maven Central; the environment variable FLOWLOGS_MAVEN_URL names another place that has the same."""

DEFAULT_FOLDER: Final = Path(__file__).parents[1] / ".search_server"

_AT_ONCE: Final = 8


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


@dataclass(frozen=True, slots=True)
class Release:
    """A server of one version.

    Attributes:
        product: its name.
        version: of the server.
        lock: the file of its jars.
        added: what the server's own archive has beside the jars and Maven Central lacks, by path.
    """

    product: str
    version: str
    lock: Path
    added: dict[str, str | bytes]

    def __str__(self) -> str:
        return f"{self.product} {self.version}"

    def jars(self) -> list[Jar]:
        """The jars of the lock."""
        lines = self.lock.read_text().splitlines()
        return [Jar(*line.split()) for line in lines if line and not line.startswith("#")]

    def installed(self, folder: Path = DEFAULT_FOLDER) -> Path:
        """The folder with the server's jars and modules, downloaded if they are not there yet (45 MB).

        Raises:
            ServerNotHad: when a jar cannot be had, or is not what the lock says.
        """
        home = folder / f"{self.product.lower()}-{self.version}-{self._digest()}"
        if home.exists():
            return home
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix="download-") as temporary:
            new = Path(temporary) / "server"
            _lay_out(self, new, Path(temporary) / "maven")
            for path, content in self.added.items():
                (new / path).parent.mkdir(parents=True, exist_ok=True)
                (new / path).write_bytes(content if isinstance(content, bytes) else content.encode())
            for name in ("bin", "plugins"):
                (new / name).mkdir()
            try:
                new.rename(home)
            except OSError:  # another process was faster, and what it made is the same
                if not home.exists():
                    raise
        return home

    def _digest(self) -> str:
        """Of all that is laid out: a change of it is another folder, and a server that runs keeps its own."""
        return hashlib.sha256(repr((self.jars(), sorted(self.added.items()))).encode()).hexdigest()[:8]


def _lay_out(release: Release, home: Path, scratch: Path) -> None:
    """Maven's own client where there is one (it knows the mirrors of settings.xml), else downloads of our own."""
    wanted = release.jars()
    registry = os.environ.get("FLOWLOGS_MAVEN_URL")
    if not registry and shutil.which("mvn"):
        print(f"{release}: {len(wanted)} jars, with mvn", file=sys.stderr)
        try:
            maven.fetch([jar.path for jar in wanted], scratch)
        except maven.MavenError as error:
            raise ServerNotHad(f"{release}: {error}; FLOWLOGS_MAVEN_URL can name a mirror") from error
        for jar in wanted:
            _place(jar, (scratch / jar.path).read_bytes(), f"Maven's {jar.path}", home)
        return
    _download(release, wanted, (registry or REGISTRY).rstrip("/"), home)


def _download(release: Release, wanted: list[Jar], registry: str, home: Path) -> None:
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
                print(f"\r{release}: {done} of {len(wanted)} jars", end="", file=sys.stderr, flush=True)
    print(f"\r{release}: {len(wanted)} jars of {registry}", file=sys.stderr)


def _fetch(client: httpx.Client, registry: str, jar: Jar, home: Path) -> None:
    url = f"{registry}/{jar.path}"
    try:
        answer = client.get(url)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ServerNotHad(f"{url} cannot be had: {reason}; FLOWLOGS_MAVEN_URL can name a mirror") from error
    _place(jar, answer.content, url, home)


def _place(jar: Jar, content: bytes, source: str, home: Path) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != jar.sha256:
        raise ServerNotHad(f"{source} has the SHA-256 {found}, the lock says {jar.sha256}")
    place = home / jar.folder / jar.name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)


# The jars of Maven Central lack what the server's own archive adds beside them.
_NETTY: Final = "modules/transport-netty4"
_PERMISSIONS: Final = """grant {
  permission java.io.FilePermission "/proc/sys/net/core/somaxconn", "read";
  permission java.net.SocketPermission "*", "accept,connect,resolve";
  permission java.lang.RuntimePermission "getClassLoader";
  permission java.lang.RuntimePermission "setContextClassLoader";
  permission java.util.PropertyPermission "*", "read,write";
};
"""

VERSION: Final = "2.19.6"
OPENSEARCH: Final = Release(
    "OpenSearch", VERSION, Path(__file__).with_name("opensearch-2.lock"),
    {
        f"{_NETTY}/plugin-descriptor.properties": f"""description=HTTP and transport over Netty
version={VERSION}
name=transport-netty4
classname=org.opensearch.transport.Netty4Plugin
java.version=11
opensearch.version={VERSION}
has.native.controller=false
""",
        f"{_NETTY}/plugin-security.policy": _PERMISSIONS,
    },
)  # fmt: skip


def jars() -> list[Jar]:
    """The jars of OpenSearch."""
    return OPENSEARCH.jars()


def installed(folder: Path = DEFAULT_FOLDER) -> Path:
    """OpenSearch's folder, as `Release.installed`."""
    return OPENSEARCH.installed(folder)
