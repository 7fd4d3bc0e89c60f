"""A proxy before the local AWS, by which a test refuses requests as AWS does, or does something before they arrive."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Asked:
    """A request to AWS."""

    operation: str
    """`AmazonAthena.StartQueryExecution`; for S3 the method and the path."""
    body: bytes


class Meddler:
    """A proxy before the local AWS: `meddle` sees each request first, and may answer it."""

    def __init__(self, port_of_aws: int) -> None:
        self.meddle: Callable[[Asked], Answer | None] = lambda _: None
        meddler = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or an answer's body waits until its headers are acknowledged

            def any_method(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = Asked(self.headers.get("X-Amz-Target") or f"{self.command} {self.path}", body)
                status, headers, answer = meddler.meddle(asked) or self._forwarded(body)
                self.send_response_only(status)
                for name, value in headers.items():
                    if name.lower() not in ("transfer-encoding", "connection"):
                        self.send_header(name, value)
                if "content-length" not in {name.lower() for name in headers}:
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = any_method

            def _forwarded(self, body: bytes) -> Answer:
                aws = http.client.HTTPConnection("127.0.0.1", port_of_aws)
                aws.request(self.command, self.path, body, dict(self.headers))
                answer = aws.getresponse()
                found = answer.status, dict(answer.headers), answer.read()
                aws.close()
                return found

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
