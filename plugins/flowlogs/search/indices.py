"""Names of indices, their templates and policies, and the one request that puts a day's new indices in place.

A day of a kind is one index, `flowlogs-rejected-2026.11.22-3f2a…`, written by one try of one run alone. People ask the
alias `flowlogs-rejected`, which shows a day's index only when all of it is there.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flowlogs.search.fields import KINDS, Kind, SearchField, mapping
from flowlogs.search_settings import Search

REFRESH_SECONDS: Final = 30

_NAME = re.compile(r"(?P<alias>[a-z][a-z0-9_]*-(?:findings|rejected|daily))-(?P<day>\d{4}\.\d{2}\.\d{2})-[0-9a-f]{12}")


def alias_of(search: Search, kind: Kind) -> str:
    """The name that people search."""
    return f"{search.prefix}-{kind}"


def policy_of(search: Search) -> str:
    """Name of the policy that removes old indices."""
    return f"{search.prefix}-retention"


def index_name(search: Search, kind: Kind, day: str, run_id: str, try_number: int) -> str:
    """The index that one try of a run writes for a day (YYYY-MM-DD): never another's."""
    attempt = hashlib.sha256(f"{run_id}/{try_number}".encode()).hexdigest()[:12]
    return f"{alias_of(search, kind)}-{day.replace('-', '.')}-{attempt}"


def indices_of_day(search: Search, kind: Kind, day: str) -> str:
    """The pattern of every index of a day, in place or not."""
    return f"{alias_of(search, kind)}-{day.replace('-', '.')}-*"


def day_of(index: str) -> str | None:
    """The day (YYYY-MM-DD) of an index; None for a name that is not ours."""
    found = _NAME.fullmatch(index)
    return found["day"].replace(".", "-") if found else None


def index_template(search: Search, kind: Kind, fields: Iterable[SearchField]) -> dict[str, Any]:
    """The template of a kind's indices; `_meta.digest` tells one state of it from another."""
    lifecycle = {"index.lifecycle.name": policy_of(search)} if search.server == "elasticsearch" else {}
    template: dict[str, Any] = {
        "settings": {
            "index.number_of_shards": search.shards,
            # While a day is written, nobody searches its index: no copies and no refresh until it is in place.
            "index.number_of_replicas": 0,
            "index.refresh_interval": "-1",
            "index.codec": "best_compression",
            **lifecycle,
        },
        "mappings": mapping(fields),
    }
    digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:16]
    return {
        "index_patterns": [f"{alias_of(search, kind)}-*"],
        "priority": 300,
        "template": template,
        "_meta": {"managed_by": "flow_logs_setup", "digest": digest},
    }


def settings_in_place(search: Search) -> dict[str, Any]:
    """Settings of an index that is written and now to be searched."""
    return {
        "index": {
            "number_of_replicas": search.replicas,
            "refresh_interval": f"{REFRESH_SECONDS}s",
            "blocks.write": True,
        }
    }


def swap(search: Search, new: Mapping[Kind, str], there: Mapping[Kind, Sequence[str]]) -> dict[str, Any]:
    """The request that shows a day's new indices and removes all others of the day, at once.

    Args:
        new: the new index of each kind.
        there: every index of the day of each kind, the new one too.
    """
    actions: list[dict[str, Any]] = []
    for kind, index in new.items():
        actions.append({"add": {"index": index, "alias": alias_of(search, kind)}})
        actions += [{"remove_index": {"index": old}} for old in there[kind] if old != index]
    return {"actions": actions}


def retention_policy(search: Search) -> dict[str, Any]:
    """The policy that deletes indices that are older than the settings say: ISM's of OpenSearch, ILM's of Elasticsearch."""
    age = f"{search.retention_days}d"
    if search.server == "elasticsearch":
        phases = {"hot": {"actions": {}}, "delete": {"min_age": age, "actions": {"delete": {}}}}
        return {"policy": {"phases": phases, "_meta": {"managed_by": "flow_logs_setup"}}}
    return {
        "policy": {
            "description": "Days of flow logs are removed after their time (flow_logs_setup).",
            "default_state": "kept",
            "states": [
                {
                    "name": "kept",
                    "actions": [],
                    "transitions": [{"state_name": "removed", "conditions": {"min_index_age": age}}],
                },
                {"name": "removed", "actions": [{"delete": {}}], "transitions": []},
            ],
            "ism_template": [{"index_patterns": [f"{alias_of(search, kind)}-*" for kind in KINDS], "priority": 300}],
        }
    }


def policy_path(search: Search) -> str:
    """Where the policy stands in the cluster's API."""
    root = "_ilm/policy" if search.server == "elasticsearch" else "_plugins/_ism/policies"
    return f"/{root}/{policy_of(search)}"
