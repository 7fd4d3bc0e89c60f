"""An Athena of each test's own, and the messages with which its statements fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from local_aws.athena.model import QueryFailed
from tests.athena_in_process import Athena


@pytest.fixture
def athena(tmp_path: Path) -> Athena:
    return Athena(tmp_path)


@pytest.fixture
def failure(athena: Athena) -> Callable[..., str]:
    """The message with which a statement fails."""

    def run(sql: str, *parameters: str) -> str:
        with pytest.raises(QueryFailed) as failed:
            athena.text(sql, *parameters)
        return failed.value.message

    return run
