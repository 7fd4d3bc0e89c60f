"""A settings file to write, and to load as a process with another environment would."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowlogs.settings import Settings, load_settings

Load = Callable[..., Settings]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "flowlogs.yaml"


@pytest.fixture
def load(file: Path) -> Load:
    """Write values to the settings file, and load it with an environment and overrides."""

    def write_and_load(
        values: Mapping[str, Any] | str,
        environ: Mapping[str, str] | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> Settings:
        file.write_text(values if isinstance(values, str) else yaml.safe_dump(dict(values), sort_keys=False))
        return load_settings(file, environ or {}, overrides)

    return write_and_load
