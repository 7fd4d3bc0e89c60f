"""A search cluster, OpenSearch or Elasticsearch, through its maintained Python client.

Both servers take the same requests for indices, aliases and bulk writes; what is made here is the same call for both
clients, and the same errors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch
    from opensearchpy import OpenSearch

_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})
"""Answers of an overloaded or restarting cluster; other errors come again however often one asks."""

_NDJSON: Final = "application/x-ndjson"


class SearchError(Exception):
    """What a cluster answers, or that it does not.

    Attributes:
        status: the HTTP status; None when the cluster could not be reached.
        kind: the error's type, such as index_not_found_exception.
    """

    def __init__(self, text: str, status: int | None = None, kind: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.kind = kind

    @property
    def may_pass(self) -> bool:
        """Whether trying again later can help."""
        return self.status is None or self.status in _AGAIN


class SearchCluster(ABC):
    """Requests to a cluster, as both servers have them."""

    @abstractmethod
    def request(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None, timeout: float = 60,
        content_type: str = "application/json",
    ) -> Any:  # fmt: skip
        """A request's answer.

        Args:
            method: of HTTP.
            path: beginning with a slash; names in it are quoted already.
            params: of the query.
            body: of JSON, or bytes as they are.
            timeout: seconds until the answer.
            content_type: of the body.

        Raises:
            SearchError: for every other answer than a success, and when there is none.
        """

    @abstractmethod
    def close(self) -> None:
        """Close its connections."""

    def __enter__(self) -> SearchCluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def version(self) -> str:
        """The server's name and version, such as opensearch 2.19.1."""
        version = self.request("GET", "/")["version"]
        return f"{version.get('distribution', 'elasticsearch')} {version['number']}"

    def bulk(self, index: str, lines: bytes, *, timeout: float = 120) -> list[dict[str, Any]]:
        """Write documents; of each, in order, what became of it: status, and error where it was refused.

        Args:
            index: where to.
            lines: of newline-delimited JSON, an action and a document in turn.
            timeout: seconds until the answer.
        """
        answer = self.request(
            "POST", f"/{index}/_bulk", params={"filter_path": "errors,items.*.status,items.*.error"},
            body=lines, timeout=timeout, content_type=_NDJSON,
        )  # fmt: skip
        return [outcome for item in answer["items"] for outcome in item.values()]

    def exists(self, path: str) -> bool:
        """Whether a resource is there."""
        return self.found(path) is not None

    def found(self, path: str) -> Any:
        """A resource; None when it is not there."""
        try:
            return self.request("GET", path)
        except SearchError as error:
            if error.status == 404:
                return None
            raise

    def indices(self, pattern: str) -> list[str]:
        """Names of the indices of a pattern, sorted."""
        answer = self.request("GET", f"/_cat/indices/{pattern}", params={"format": "json", "h": "index"})
        return sorted(entry["index"] for entry in answer)

    def create_index(self, name: str) -> None:
        """Make an index of its template; one that is there is replaced by an empty one."""
        self.delete_index(name)
        self.request("PUT", f"/{name}")

    def delete_index(self, name: str) -> None:
        """Remove an index; none is fine."""
        try:
            self.request("DELETE", f"/{name}")
        except SearchError as error:
            if error.status != 404:
                raise

    def sums(self, index: str, fields: Mapping[str, str]) -> tuple[int, dict[str, int]]:
        """Documents of an index or alias, as they are after a refresh, and sums over some fields.

        Args:
            index: name.
            fields: to be added up, by the name of the sum.
        """
        self.request("POST", f"/{quote(index)}/_refresh")
        sums = {name: {"sum": {"field": field}} for name, field in fields.items()}
        answer = self.request(
            "POST", f"/{quote(index)}/_search", body={"size": 0, "track_total_hits": True, "aggs": sums}
        )
        total = int(answer["hits"]["total"]["value"])
        return total, {name: int(value["value"] or 0) for name, value in answer.get("aggregations", {}).items()}


class OpenSearchCluster(SearchCluster):
    """OpenSearch, self-managed or Amazon's."""

    def __init__(self, client: OpenSearch) -> None:
        self._client = client

    def request(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None, timeout: float = 60,
        content_type: str = "application/json",
    ) -> Any:  # fmt: skip
        """See `SearchCluster`."""
        from opensearchpy.exceptions import ConnectionError as NotReached
        from opensearchpy.exceptions import TransportError

        headers = {"content-type": content_type} if body is not None else None
        try:
            return self._client.transport.perform_request(
                method, path, params=dict(params or {}), body=body, timeout=timeout, headers=headers
            )
        except NotReached as error:
            raise SearchError(f"{method} {path}: the cluster does not answer: {error.error}") from error
        except TransportError as error:
            status = error.status_code if isinstance(error.status_code, int) else None
            raise _answered(method, path, status, error.info, str(error.error)) from error

    def close(self) -> None:
        """See `SearchCluster`."""
        self._client.close()


class ElasticsearchCluster(SearchCluster):
    """Elasticsearch 8 or 9. Its client refuses servers that are another product."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client

    def request(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None, timeout: float = 60,
        content_type: str = "application/json",
    ) -> Any:  # fmt: skip
        """See `SearchCluster`."""
        from elasticsearch import ApiError, TransportError

        headers = {"accept": "application/json"}
        if body is not None:
            headers["content-type"] = content_type
        if content_type == _NDJSON:
            body = body.splitlines()  # what the client's serializer takes for such bodies
        try:
            client = self._client.options(request_timeout=timeout)
            return client.perform_request(method, path, params=params, headers=headers, body=body).body
        except ApiError as error:
            raise _answered(method, path, error.status_code, error.body, str(error.message)) from error
        except TransportError as error:
            raise SearchError(f"{method} {path}: the cluster does not answer: {error.message}") from error

    def close(self) -> None:
        """See `SearchCluster`."""
        self._client.close()


def _answered(method: str, path: str, status: int | None, body: Any, text: str) -> SearchError:
    error = body.get("error", {}) if isinstance(body, Mapping) else {}
    kind, reason = "", text
    if isinstance(error, Mapping):
        kind = str(error.get("type", "")) or text
        causes = error.get("root_cause") or [error]
        reason = "; ".join(dict.fromkeys(str(cause.get("reason", text)) for cause in causes)) or text
    return SearchError(f"{method} {path}: HTTP {status} {kind}: {reason}", status, kind)
