"""An Airflow task's failure as a message: what failed, for which day, why, what to do, where to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blocks import fields, links, message, section, sentence
from notification import text_of
from slack_text import Mrkdwn, code, code_block, link

_TARGETS_SHOWN = 10
_ERROR_LONGEST = 1500


def failure_message(failure: Mapping[str, Any], environment: str) -> dict[str, Any]:
    """The message of a task that failed for good.

    Args:
        failure: `dag_id`, `run_id`, `day`, `task_id`, `try_number`, `error`, `hint`, `log_url`, `run_url`, `targets` (a
            list, a number or a text); each may be missing.
        environment: the deployment's name.
    """
    dag, task, day = (text_of(failure.get(name)) for name in ("dag_id", "task_id", "day"))
    error, hint = (text_of(failure.get(name)).strip() for name in ("error", "hint"))
    known = [
        ("DAG", dag),
        ("Task", task),
        ("Day", day),
        ("Try", text_of(failure.get("try_number"))),
        ("Run", text_of(failure.get("run_id"))),
        ("Targets", _targets(failure.get("targets"))),
        ("Environment", environment),
    ]
    blocks = [fields([(label, code(value)) for label, value in known if value])] if any(v for _, v in known) else []
    if error:
        blocks += [section(Mrkdwn("*Error*")), section(code_block(error, _ERROR_LONGEST))]
    if hint:
        blocks += [section(Mrkdwn("*What to do*")), sentence(hint)]
    pages = [link(text_of(failure.get("log_url")), "Task log"), link(text_of(failure.get("run_url")), "Run")]
    what = ".".join(name for name in (dag, task) if name) or "a task"
    return message(
        f"Failed: {what}{f', {day}' if day else ''}",
        "high",
        [*blocks, *links(pages)],
        summary=error.partition("\n")[0],
    )


def _targets(targets: Any) -> str:
    if not isinstance(targets, list):
        return text_of(targets)
    shown = ", ".join(map(text_of, targets[:_TARGETS_SHOWN]))
    rest = len(targets) - _TARGETS_SHOWN
    return f"{shown} and {rest:,} more" if rest > 0 else shown
