"""The local QuickSight put together: its API behind MiniStack's router, its schedules, its pages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_aws.athena.api import AthenaOperations
from local_aws.athena.executions import ObjectsFor
from local_aws.aws_json import Caller, Response
from local_aws.quicksight.api import QuickSightOperations
from local_aws.quicksight.athena_source import AthenaSource
from local_aws.quicksight.page.web import QuickSightApp
from local_aws.quicksight.rest_json import RestJsonService
from local_aws.quicksight.settings import behaviour

log = logging.getLogger(__name__)

SCHEDULE_SECONDS = 20
"""How often it is looked whether a refresh schedule is due."""


class QuickSight:
    """QuickSight with its state below `folder`, reading from `athena`. `app` serves its pages."""

    def __init__(self, folder: Path, athena: AthenaOperations, objects_for: ObjectsFor) -> None:
        self._operations = QuickSightOperations(folder, AthenaSource(athena, objects_for), behaviour())
        self._service = RestJsonService(
            "quicksight",
            self._operations,
            invalid_input="InvalidParameterValueException",
            before_call=self._operations.before_call,
        )
        self.app = QuickSightApp(self._operations)

    def install(self, ministack: Any) -> None:
        """Serve requests whose credential scope or host is QuickSight's; MiniStack itself has no QuickSight."""
        from ministack.core import router
        from ministack.core.responses import get_account_id, get_region

        async def handler(
            method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
        ) -> Response:
            caller = Caller(get_account_id(), get_region())
            return await self._service.handle(method, path, headers, body, query_params, caller)

        router.SERVICE_PATTERNS["quicksight"] = {
            "host_patterns": [r"quicksight\."],
            "credential_scope": "quicksight",
        }
        ministack.SERVICE_HANDLERS["quicksight"] = handler

    async def keep_schedules(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Start the ingestions of refresh schedules when they are due; those due while nothing ran are left out."""
        checked = now()
        while True:
            await asyncio.sleep(SCHEDULE_SECONDS)
            until = now()
            try:
                await asyncio.to_thread(self._operations.start_due, checked, until)
            except Exception:
                log.exception("refresh schedules")
            checked = until

    def close(self) -> None:
        """Stop ingestions and close the files."""
        self._operations.close()
