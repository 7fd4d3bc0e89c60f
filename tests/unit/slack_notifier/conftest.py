"""The Lambda as it starts: its folder on the path, a webhook to post to, its environment variables."""

from __future__ import annotations

import importlib
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.unit.slack_notifier.slack_server import SlackServer, running_slack

FOLDER = Path(__file__).parents[3] / "include" / "slack_notifier"
sys.path.append(str(FOLDER))  # at the end: it hides no installed module


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with running_slack() as server:
        yield server


@pytest.fixture
def secret(local_aws: Any) -> Callable[[str], str]:
    """Keeps a text in Secrets Manager; its name."""

    def keep(text: str) -> str:
        name = f"slack/{uuid.uuid4().hex[:10]}"
        local_aws.client("secretsmanager").create_secret(Name=name, SecretString=text)
        return name

    return keep


@pytest.fixture
def cold_start(local_aws: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModuleType]:
    """A new environment of the Lambda, with these environment variables; its module `handler`."""

    def start(**environ: str) -> ModuleType:
        for name, value in {**local_aws.connection, **environ}.items():
            monkeypatch.setenv(name, value)
        for file in FOLDER.glob("*.py"):
            sys.modules.pop(file.stem, None)
        return importlib.import_module("handler")

    return start


@pytest.fixture
def context() -> SimpleNamespace:
    return SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000)
