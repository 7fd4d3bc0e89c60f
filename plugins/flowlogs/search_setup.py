"""What the search export needs of its cluster: index templates, aliases' retention, and the dashboards."""

from __future__ import annotations

import logging
from typing import Any

from flowlogs.curation import record_columns
from flowlogs.search.cluster import SearchCluster, SearchError
from flowlogs.search.fields import KINDS, fields_of
from flowlogs.search.indices import alias_of, index_template, policy_path, retention_policy
from flowlogs.settings import Settings

log = logging.getLogger(__name__)


def wanted_templates(settings: Settings) -> dict[str, dict[str, Any]]:
    """The index templates by name."""
    fields = fields_of(record_columns(settings))
    return {alias_of(settings.search, kind): index_template(settings.search, kind, fields) for kind in KINDS}


def missing_setup(cluster: SearchCluster, settings: Settings) -> list[str]:
    """What is not there, or not as the settings say, in words."""
    problems = []
    for name, wanted in wanted_templates(settings).items():
        found = cluster.found(f"/_index_template/{name}")
        if found is None:
            problems.append(f"the index template {name}")
        elif found["index_templates"][0]["index_template"].get("_meta") != wanted["_meta"]:
            problems.append(f"the index template {name} as the settings say")
    return problems


class SearchSetup:
    """Makes it.

    Args:
        cluster: where.
        settings: what.
        repair: False only finds differences.
    """

    def __init__(self, cluster: SearchCluster, settings: Settings, *, repair: bool = True) -> None:
        self._cluster = cluster
        self._settings = settings
        self._repair = repair

    def apply(self) -> list[str]:
        """Make what is missing and mend what differs; what was, in words.

        Raises:
            SearchError: for what the cluster refuses.
        """
        self._warn_of_version()
        differences = missing_setup(self._cluster, self._settings)
        if self._repair:
            # The policy first: Elasticsearch's templates name it.
            differences += self._put_policy()
            for name, template in wanted_templates(self._settings).items():
                self._cluster.request("PUT", f"/_index_template/{name}", body=template)
        return differences

    def _warn_of_version(self) -> None:
        version = self._cluster.version()
        log.info("the cluster is %s", version)
        if not version.startswith(self._settings.search.server):
            log.warning("search.server is %s, and the cluster is %s", self._settings.search.server, version)

    def _put_policy(self) -> list[str]:
        """Make or change the retention policy, where the server has the like."""
        path, wanted = policy_path(self._settings.search), retention_policy(self._settings.search)
        params = {}
        try:
            found = self._cluster.found(path)
        except SearchError as error:
            if error.status not in (400, 405):
                raise
            log.warning(
                "the server has no index state management, so old indices stay: remove them yourself (%s)", error
            )
            return []
        if found is not None and self._settings.search.server == "opensearch":
            if _age(found["policy"]) == _age(wanted["policy"]):
                return []
            params = {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]}
        try:
            self._cluster.request("PUT", path, params=params, body=wanted)
        except SearchError as error:
            if found is not None or error.status not in (400, 404, 405):
                raise
            log.warning(
                "the server has no index state management, so old indices stay: remove them yourself (%s)", error
            )
        return []


def _age(policy: dict[str, Any]) -> list[Any]:
    return [
        transition.get("conditions", {}).get("min_index_age")
        for state in policy["states"]
        for transition in state["transitions"]
    ]
