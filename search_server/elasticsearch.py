"""Elasticsearch 8 as a process, of the jars that Maven Central holds.

Its own archive is not there, nor are most of its modules: what it does is indices, aliases, templates, bulk writes,
searches and aggregations. It has no `GET /`, no Painless, no update or delete by query, no ILM and no security.
8.17 is the last that these jars start: from 8.18 on it starts an agent whose jar is not published.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from search_server.console_class import CONSOLE_JAR
from search_server.jars import Release
from search_server.server import LOGGING, SearchServer, free_port, java

_VERSION: Final = "8.17.2"
_NETTY: Final = "modules/transport-netty4"

ELASTICSEARCH: Final = Release(
    "Elasticsearch", _VERSION, Path(__file__).with_name("elasticsearch-8.lock"),
    {
        f"{_NETTY}/plugin-descriptor.properties": f"""description=HTTP and transport over Netty
version={_VERSION}
name=transport-netty4
classname=org.elasticsearch.transport.netty4.Netty4Plugin
modulename=org.elasticsearch.transport.netty4
java.version=17
elasticsearch.version={_VERSION}
has.native.controller=false
""",
        f"{_NETTY}/plugin-security.policy": """grant {
  permission java.io.FilePermission "/proc/sys/net/core/somaxconn", "read";
  permission java.net.SocketPermission "*", "accept,connect,resolve";
  permission java.lang.RuntimePermission "getClassLoader";
  permission java.lang.RuntimePermission "setContextClassLoader";
};
""",
        "lib/tools/ansi-console/console.jar": CONSOLE_JAR,
    },
)  # fmt: skip


class ElasticsearchServer(SearchServer):
    """Elasticsearch on this machine; the arguments are those of SearchServer."""

    release = ELASTICSEARCH
    oldest_java = 17

    def _configure(self) -> None:
        for name in ("config", "data", "logs", "tmp"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        # Its launcher reads this file; here the settings go to the server itself (`_input`).
        (self.home / "config" / "elasticsearch.yml").touch()
        # Without a terminal the server takes its own console away.
        to_file = LOGGING.replace("type = Console", f"type = File\nappender.console.fileName = {self.log}")
        (self.home / "config" / "log4j2.properties").write_text(to_file)
        self.log.touch()
        self._give_away()

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "LIBFFI_TMPDIR": str(self.home / "tmp")}

    def _command(self, jars: Path) -> list[str]:
        return [
            str(java(self.oldest_java)), f"-Xms{self._heap}", f"-Xmx{self._heap}", "-XX:+UseSerialGC", "-Xshare:auto",
            "-XX:TieredStopAtLevel=1", "-Djava.security.manager=allow", f"-Djava.io.tmpdir={self.home / 'tmp'}",
            "-Des.distribution.type=tar", "-Djava.awt.headless=true",
            "-Dio.netty.noUnsafe=true", "-Dio.netty.noKeySetOptimization=true",
            "-Dlog4j.shutdownHookEnabled=false", "-Dlog4j2.disable.jmx=true",
            "--module-path", f"{jars}/lib", "--add-modules=jdk.net,jdk.management.agent,ALL-MODULE-PATH",
            "-m", "org.elasticsearch.server/org.elasticsearch.bootstrap.Elasticsearch",
        ]  # fmt: skip

    def _input(self, jars: Path) -> bytes:
        """What its launcher writes to it: org.elasticsearch.bootstrap.ServerArgs, in Elasticsearch's wire format.

        In order: to the background, without console, file of the process's number, secrets, settings, folders.
        """
        settings = {
            "path.home": str(jars), "path.data": str(self.home / "data"), "path.logs": str(self.home / "logs"),
            "cluster.name": "flowlogs", "node.name": "flowlogs", "discovery.type": "single-node",
            "network.host": self.host, "http.port": str(self.port), "transport.port": str(free_port()),
            "cluster.routing.allocation.disk.threshold_enabled": "false", "action.destructive_requires_name": "true",
            **{name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in self._options.items()},
        }  # fmt: skip
        no, yes = b"\0", b"\1"
        # An empty keystore: format 6, no password, no bytes, no entries, not closed.
        secrets = (
            _text("org.elasticsearch.common.settings.KeyStoreWrapper") + (6).to_bytes(4, "big") + no + no + no + no
        )
        # Each value is of the type 0, text.
        written = _number(len(settings)) + b"".join(_text(name) + no + _text(value) for name, value in settings.items())
        folders = _text(str(self.home / "config")) + _text(str(self.home / "logs"))
        return no + yes + no + secrets + written + folders


def _number(value: int) -> bytes:
    """A number in groups of seven bits, the least first; the eighth bit says that more follow."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def _text(value: str) -> bytes:
    """The number of UTF-16 units, then each of them as UTF-8."""
    raw = value.encode("utf-16-be")
    units = [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]
    return _number(len(units)) + b"".join(chr(unit).encode("utf-8", "surrogatepass") for unit in units)
