"""Connections to search clusters: what is sent to a server by each, and which are refused."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from airflow.sdk.exceptions import AirflowFailException

from flowlogs.hooks.search import SearchHook
from flowlogs.search.cluster import SearchError
from flowlogs.settings import Settings
from tests.unit.flowlogs.smallest_settings import section

pytestmark = [pytest.mark.integration]


@pytest.fixture
def server():
    """A server that keeps the headers of requests."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append({name.lower(): value for name, value in self.headers.items()})
            text = json.dumps({"version": {"number": "8.17.2"}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def hook(monkeypatch, server):
    """Makes a hook of a connection to the server, with some changes."""

    def made(kind: str = "opensearch", **changes) -> SearchHook:
        connection = {"conn_type": "http", "schema": "http", "host": "127.0.0.1", "port": server.server_port, **changes}
        monkeypatch.setenv("AIRFLOW_CONN_SEARCH_DEFAULT", json.dumps(connection))
        return SearchHook(Settings(**section(search={"enabled": True, "server": kind})))

    return made


def sent(hook: SearchHook, server: HTTPServer) -> dict[str, str]:
    with hook.get_conn() as cluster:
        cluster.version()
    return server.asked[-1]


@pytest.mark.parametrize("kind", ["opensearch", "elasticsearch"])
def test_login_and_password(hook, server, kind):
    assert sent(hook(kind, login="me", password="secret"), server)["authorization"] == "Basic bWU6c2VjcmV0"


@pytest.mark.parametrize("kind", ["opensearch", "elasticsearch"])
def test_nobody(hook, server, kind):
    assert "authorization" not in sent(hook(kind), server)


def test_an_api_key_of_elasticsearch(hook, server):
    headers = sent(hook("elasticsearch", password="a2V5", extra={"auth": "api_key"}), server)
    assert headers["authorization"] == "ApiKey a2V5"


def test_requests_to_amazon_are_signed(hook, server, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps({"conn_type": "aws", "login": "AKIA1", "password": "k"}))
    headers = sent(hook(extra={"auth": "aws", "region": "eu-west-1"}), server)
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIA1/")
    assert "/eu-west-1/es/aws4_request" in headers["authorization"]
    assert "x-amz-date" in headers


@pytest.mark.parametrize("kind", ["opensearch", "elasticsearch"])
def test_without_a_schema_it_is_tls_and_a_plain_server_is_no_cluster(hook, kind):
    with hook(kind, schema=None).get_conn() as cluster, pytest.raises(SearchError, match="does not answer"):
        cluster.version()


@pytest.mark.parametrize(
    ("kind", "changes", "problem"),
    [
        ("opensearch", {"host": ""}, "names no host"),
        (
            "opensearch",
            {"host": "search.example.com", "login": "me"},
            "would send its credentials to search.example.com",
        ),
        ("opensearch", {"extra": {"verfy_certs": False}}, "the extra has verfy_certs; it takes auth, ca_certs,"),
        ("opensearch", {"extra": {"auth": "api_key"}}, "auth is 'api_key'; with opensearch it is basic, aws or none"),
        ("elasticsearch", {"extra": {"auth": "aws"}}, "with elasticsearch it is basic, api_key or none"),
    ],
)
def test_what_cannot_be_right_is_refused(hook, kind, changes, problem):
    with pytest.raises(AirflowFailException) as caught:
        hook(kind, **changes).get_conn()
    assert problem in str(caught.value)


def test_certificates_are_verified_unless_the_connection_says_otherwise(hook):
    with hook(schema="https").get_conn() as cluster:
        assert cluster._client.transport.kwargs["verify_certs"] is True
    with hook(schema="https", extra={"verify_certs": False}).get_conn() as cluster:
        assert cluster._client.transport.kwargs["verify_certs"] is False
