"""The import API of OpenSearch Dashboards and Kibana, as their references describe it, played by a small server."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from flowlogs.search.dashboard_import import ImportRefused, import_dashboards

REFUSED = {
    "success": False, "successCount": 1,
    "errors": [{"type": "dashboard", "id": "flowlogs-dashboard", "error": {"type": "missing_references"}}],
}  # fmt: skip


@pytest.fixture
def dashboards():
    """A server that answers with what `server.answers` holds, and keeps what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            server.asked.append((self.path, dict(self.headers), body))
            status, answer = server.answers.pop(0)
            if "osd-xsrf" not in self.headers and "kbn-xsrf" not in self.headers:
                status, answer = 400, {"message": "Request must contain a osd-xsrf header."}
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.answers, server.asked = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_port}/base/"
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("server", "header"), [("opensearch", "osd-xsrf"), ("elasticsearch", "kbn-xsrf")])
def test_objects_are_sent_as_a_file_over_those_that_are_there(dashboards, server, header):
    dashboards.answers = [(200, {"success": True, "successCount": 2})]
    assert import_dashboards(dashboards.url, server, '{"a": 1}\n{"b": 2}\n', auth=("me", "secret")) == 2
    ((path, headers, body),) = dashboards.asked
    assert path == "/base/api/saved_objects/_import?overwrite=true"
    assert headers[header] == "true"
    assert headers["Authorization"].startswith("Basic ")
    assert 'filename="dashboard.ndjson"' in body
    assert '{"a": 1}\n{"b": 2}\n' in body


def test_a_server_that_starts_is_asked_again(dashboards):
    dashboards.answers = [(503, {}), (429, {}), (200, {"success": True, "successCount": 1})]
    waited = []
    assert import_dashboards(dashboards.url, "opensearch", "{}\n", pause=waited.append) == 1
    assert len(waited) == 2


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((200, REFUSED), "dashboard flowlogs-dashboard: missing_references"),
        ((401, {}), "HTTP 401: the user of search.dashboards_conn_id may not import"),
        ((403, {}), "HTTP 403"),
        ((413, {"message": "too large"}), "HTTP 413"),
    ],
)
def test_what_is_refused_is_not_tried_again(dashboards, answer, problem):
    dashboards.answers = [answer]
    with pytest.raises(ImportRefused) as caught:
        import_dashboards(dashboards.url, "opensearch", "{}\n", pause=lambda _: None)
    assert problem in str(caught.value)
    assert len(dashboards.asked) == 1


def test_one_that_cannot_be_reached_is_an_error_after_some_tries():
    waited = []
    with pytest.raises(httpx.TransportError):
        import_dashboards("http://127.0.0.1:9", "opensearch", "{}\n", pause=waited.append)
    assert len(waited) == 3
