"""QuickSight's documents: resources by account, region, kind and id, in one SQLite file."""

from __future__ import annotations

import json
from typing import Any

from local_aws.athena.resources import Resources


class Documents(Resources):
    """As Athena's resources, and read over all accounts too, for the pages and the schedules."""

    def everywhere(self, kind: str) -> list[tuple[str, str, str, dict[str, Any]]]:
        """Every document of a kind: account, region, id, document."""
        with self._lock:
            rows = self._db.execute(
                "SELECT account, region, name, body FROM resources WHERE kind = ? ORDER BY account, region, name",
                [kind],
            ).fetchall()
        return [(account, region, name, json.loads(body)) for account, region, name, body in rows]
