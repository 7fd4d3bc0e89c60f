"""The local AWS as one ASGI application: MiniStack, with our Glue, Athena and log filters in its router.

MiniStack reads the request, checks credentials and (with AUTH=true) IAM policies, and hands Glue's and
Athena's requests, and those of CloudWatch Logs that filter, to the services here; everything else it serves
itself, with our evaluation of alarms in place of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_aws.aws_json import Caller, JsonService, Response

if TYPE_CHECKING:
    from local_aws.iam.service import EnforcedIam

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SNAPSHOT_SECONDS = 5
"""How often MiniStack's state (all but S3 objects and our own services, which write at once) is saved."""


def create_app(data: Path, *, host: str, port: int, smtp: socket.socket, enforce_iam: bool = False) -> App:
    """The ASGI application, with all its state below the folder `data`; `smtp` listens for e-mails.

    IAM policies are enforced with `enforce_iam`, or AUTH=true in the environment.

    MiniStack reads its configuration from the environment when it is imported: one application a process.
    """
    _configure_ministack(data, host=host, port=port)
    if enforce_iam:
        os.environ["AUTH"] = "true"
    from ministack import app as ministack

    reached_at = "127.0.0.1" if host in ("0.0.0.0", "localhost") else host  # noqa: S104
    return _LocalAws(ministack, data, f"http://{reached_at}:{port}", smtp)


def _configure_ministack(data: Path, *, host: str, port: int) -> None:
    os.environ.update(
        GATEWAY_PORT=str(port),
        MINISTACK_HOST="localhost" if host in ("127.0.0.1", "0.0.0.0", "localhost") else host,  # noqa: S104
        PERSIST_STATE="1",
        STATE_DIR=str(data / "state"),
        S3_PERSIST="1",
        S3_DATA_DIR=str(data / "s3"),
        SFTP_ENABLED="0",
    )
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    for folder in ("state", "s3"):
        (data / folder).mkdir(parents=True, exist_ok=True)


class _LocalAws:
    def __init__(self, ministack: Any, data: Path, url: str, smtp: socket.socket) -> None:
        self._ministack = ministack
        self._data = data
        self._url = url
        self._smtp = smtp
        self._inbox: App | None = None
        self._quicksight: App | None = None
        self._iam: EnforcedIam | None = None
        self._closers: list[Callable[[], None]] = []
        self._ready = False
        self._unsaved = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._ministack.app(scope, receive, self._following_lifespan(send))
        elif scope["type"] == "http" and scope["path"] == "/_health":
            await self._answer_health(send)
        elif scope["type"] == "http" and self._inbox and scope["path"].startswith("/_inbox"):
            await self._inbox(scope, receive, send)
        elif scope["type"] == "http" and self._quicksight and scope["path"].startswith("/_quicksight"):
            await self._quicksight(scope, receive, send)
        elif scope["type"] == "http" and self._iam and scope["path"].startswith("/_iam"):
            await self._iam.app(scope, receive, send)
        else:
            if self._iam and scope["type"] == "http":
                self._iam.see(scope)
            self._unsaved = self._unsaved or scope.get("method") not in ("GET", "HEAD")
            await self._ministack.app(scope, receive, send)

    def _following_lifespan(self, send: Send) -> Send:
        async def follow(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._start()
            elif message["type"] == "lifespan.shutdown.complete":
                await self._stop()
            await send(message)

        return follow

    def _start(self) -> None:
        from local_aws.alarms.evaluation import AlarmEvaluation
        from local_aws.athena.api import AthenaOperations
        from local_aws.athena.callers_rights import objects_for
        from local_aws.glue.api import GlueOperations
        from local_aws.glue.catalog import CatalogStore
        from local_aws.iam.service import EnforcedIam
        from local_aws.inbox.inbox import Inbox
        from local_aws.lambda_async.service import async_invocations
        from local_aws.logs.flow_log_delivery import install_flow_log_delivery
        from local_aws.logs.ministack_logs import install_logs
        from local_aws.logs.retention import install_lean_snapshots, keep_to_retention
        from local_aws.ministack_objects import MiniStackObjects, install_key_index
        from local_aws.quicksight.service import QuickSight

        loop = asyncio.get_running_loop()
        install_key_index()
        catalogs = CatalogStore(self._data / "glue.sqlite")
        athena = AthenaOperations(
            catalogs,
            lambda caller: objects_for(caller, MiniStackObjects(caller.account_id, caller.region, loop)),
            self._data,
        )
        if self._ministack.AUTH:
            self._iam = EnforcedIam(athena)
        quicksight = QuickSight(
            self._data / "quicksight",
            athena,
            lambda caller: MiniStackObjects(caller.account_id, caller.region, loop),
        )
        quicksight.install(self._ministack)
        self._quicksight = quicksight.app
        inbox = Inbox(self._data / "inbox", smtp=self._smtp, site=self._url, changed=self._note_change)
        inbox.start()
        self._inbox = inbox.app
        functions = async_invocations(self._data / "lambda", endpoint=self._url, changed=self._note_change)
        functions.install()
        self._closers = [functions.close, inbox.close, quicksight.close, athena.close, catalogs.close]
        self._serve("glue", GlueOperations(catalogs), invalid_input="InvalidInputException")
        self._serve("athena", athena, invalid_input="InvalidRequestException")
        alarms = AlarmEvaluation(changed=self._note_change)
        alarms.install()
        self._ministack.SERVICE_HANDLERS["logs"] = install_logs(alarms)
        install_flow_log_delivery()
        install_lean_snapshots()
        self._tasks = [
            asyncio.create_task(self._save_snapshots()),
            asyncio.create_task(alarms.keep_evaluating()),
            asyncio.create_task(quicksight.keep_schedules()),
            asyncio.create_task(keep_to_retention()),
        ]
        self._ready = True

    def _serve(self, name: str, operations: object, *, invalid_input: str) -> None:
        from ministack.core.responses import get_account_id, get_region

        service = JsonService(name, operations, invalid_input=invalid_input)

        async def handler(
            method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
        ) -> Response:
            rights = self._iam.rights(headers, query_params) if self._iam else None
            caller = Caller(get_account_id(), get_region(), rights)
            return await service.handle(method, path, headers, body, query_params, caller)

        self._ministack.SERVICE_HANDLERS[name] = handler

    async def _stop(self) -> None:
        self._ready = False
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for close in self._closers:
            await asyncio.to_thread(close)

    def _note_change(self) -> None:
        """MiniStack's state changed without a request."""
        self._unsaved = True

    async def _save_snapshots(self) -> None:
        """MiniStack itself saves only at an orderly stop; a killed process should lose seconds, not days.

        A snapshot is of everything, so with hundreds of thousands of log events it takes seconds; then it comes
        less often, and takes a tenth of the time at most.
        """
        from ministack.core.persistence import save_all

        pause: float = SNAPSHOT_SECONDS
        while True:
            await asyncio.sleep(pause)
            if self._unsaved:
                self._unsaved = False
                began = time.monotonic()
                await asyncio.to_thread(save_all, self._ministack._build_persistence_save_dict())
                pause = max(SNAPSHOT_SECONDS, 10 * (time.monotonic() - began))

    async def _answer_health(self, send: Send) -> None:
        status = 200 if self._ready else 503
        body = json.dumps({"status": "ready" if self._ready else "starting"}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
