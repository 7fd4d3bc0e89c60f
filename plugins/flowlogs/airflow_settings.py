"""The settings as Airflow sees them: file, environment, and the Variable `flowlogs` over both."""

from __future__ import annotations

import json
from typing import Any

from airflow.sdk import Variable

from flowlogs.settings import Settings, load_settings

VARIABLE = "flowlogs"


def airflow_settings() -> Settings:
    """Settings for a running task. Not for DAG files: reading the Variable asks Airflow's API.

    Raises:
        SettingsError: everything that is wrong with them, in one message.
        ValueError: when the Variable is not a JSON object.
    """
    text = Variable.get(VARIABLE, default=None)
    if text is None:
        return load_settings()
    try:
        overrides: Any = json.loads(text)
    except ValueError as error:
        raise ValueError(
            f"the Airflow Variable {VARIABLE!r} is not JSON ({error}); mend it in Admin > Variables"
        ) from error
    if not isinstance(overrides, dict):
        raise ValueError(f'the Airflow Variable {VARIABLE!r} is no JSON object; write it as {{"arrival": {{…}}}}')
    return load_settings(overrides=overrides)
