"""The search servers: what they keep when they are killed, and what is said where they cannot be had."""

from __future__ import annotations

import functools
import hashlib
import http.server
import threading

import httpx
import pytest

from search_server.elasticsearch import ELASTICSEARCH, ElasticsearchServer
from search_server.jars import OPENSEARCH, Release, ServerNotHad
from search_server.server import SearchServer
from tests.integration.search_cluster import running_search

pytestmark = [pytest.mark.integration, pytest.mark.long]


@pytest.mark.parametrize("product", [SearchServer, ElasticsearchServer])
def test_what_was_acknowledged_survives_a_kill(product):
    with running_search(product) as server:
        made = httpx.put(f"{server.url}/flows/_doc/1", json={"source": "10.0.0.1"})
        assert made.status_code == 201
        server.kill()
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.url)
        url = server.url
        server.restart()
        assert server.url == url
        assert httpx.get(f"{url}/flows/_doc/1").json()["_source"] == {"source": "10.0.0.1"}
        assert b"Node didn't stop" not in server.log.read_bytes()


@pytest.mark.parametrize("release", [OPENSEARCH, ELASTICSEARCH], ids=str)
def test_every_jar_of_a_lock_is_pinned_once(release):
    jars = release.jars()
    assert len({jar.name for jar in jars}) == len(jars)
    assert {jar.folder for jar in jars} == {"lib", "modules/transport-netty4"}
    assert all(len(jar.sha256) == 64 for jar in jars)


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A registry of one jar, and the release that consists of it."""
    content = b"a jar"
    jar = tmp_path / "registry" / "org" / "example" / "thing" / "1" / "thing-1.jar"
    jar.parent.mkdir(parents=True)
    jar.write_bytes(content)
    lock = tmp_path / "example.lock"
    lock.write_text(f"# one\nlib org/example/thing/1/thing-1.jar {hashlib.sha256(content).hexdigest()}\n")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "registry"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setenv("FLOWLOGS_MAVEN_URL", f"http://127.0.0.1:{server.server_port}")
        yield jar, Release("Example", "1", lock, {"modules/one/plugin-descriptor.properties": "name=one\n"})
        server.shutdown()
        thread.join()


def test_jars_are_had_once(registry, tmp_path):
    jar, release = registry
    home = release.installed(tmp_path / "cache")
    assert (home / "lib" / "thing-1.jar").read_bytes() == b"a jar"
    assert (home / "modules" / "one" / "plugin-descriptor.properties").read_text() == "name=one\n"
    jar.unlink()
    assert release.installed(tmp_path / "cache") == home


def test_a_jar_that_is_another_is_refused(registry, tmp_path):
    jar, release = registry
    jar.write_bytes(b"another")
    with pytest.raises(ServerNotHad, match=r"thing-1\.jar has the SHA-256 .*, the lock says"):
        release.installed(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_jar_that_is_missing_is_named(registry, tmp_path):
    jar, release = registry
    jar.unlink()
    with pytest.raises(ServerNotHad, match=r"thing-1\.jar cannot be had: .*404.*FLOWLOGS_MAVEN_URL"):
        release.installed(tmp_path / "cache")
