"""The export's requests, by Elasticsearch's own client, to a real Elasticsearch 8.

Its jars of Maven Central are the server without X-Pack, so without ILM: the template goes there without its policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from flowlogs.curation import curated_columns
from flowlogs.hooks.search import SearchHook
from flowlogs.search.bulk import BulkWriter
from flowlogs.search.cluster import SearchCluster, SearchError
from flowlogs.search.fields import fields_of
from flowlogs.search.indices import index_name, index_template, indices_of_day, settings_in_place, swap
from flowlogs.settings import Settings
from search_server.elasticsearch import ElasticsearchServer
from tests.integration.search_cluster import running_search
from tests.unit.flowlogs.smallest_settings import section

pytestmark = [pytest.mark.integration, pytest.mark.long]

DAY = "2026-11-22"
SETTINGS = Settings(**section(search={"enabled": True, "server": "elasticsearch", "replicas": 0}))
SEARCH = SETTINGS.search


@pytest.fixture(scope="module")
def cluster() -> Iterator[SearchCluster]:
    with running_search(ElasticsearchServer) as server, pytest.MonkeyPatch.context() as patch:
        connection = {"conn_type": "http", "schema": "http", "host": "127.0.0.1", "port": server.port}
        patch.setenv("AIRFLOW_CONN_SEARCH_DEFAULT", json.dumps(connection))
        with SearchHook(SETTINGS).get_conn() as found:
            template = index_template(SEARCH, "rejected", fields_of(curated_columns()))
            del template["template"]["settings"]["index.lifecycle.name"]
            found.request("PUT", "/_index_template/flowlogs-rejected", body=template)
            yield found


def export(cluster: SearchCluster, number: int, documents: list[dict[str, Any]]) -> list[Any]:
    """Write documents as the tasks do, and put them in place; what was refused."""
    refused: list[Any] = []
    index = index_name(SEARCH, "rejected", DAY, f"run-{number}", 1)
    cluster.create_index(index)
    pairs = [(f"{n}", document) for n, document in enumerate(documents)]
    BulkWriter(cluster, index, refused.append, size=1000).write(pairs)
    cluster.sums(index, {})
    cluster.request("PUT", f"/{index}/_settings", body=settings_in_place(SEARCH))
    there = cluster.indices(indices_of_day(SEARCH, "rejected", DAY))
    cluster.request("POST", "/_aliases", body=swap(SEARCH, {"rejected": index}, {"rejected": there}))
    return refused


def document(number: int, address: str = "198.51.100.7") -> dict[str, Any]:
    return {
        "@timestamp": f"{DAY}T01:02:03.000Z", "source": {"ip": address}, "network": {"bytes": number},
        "flowlogs": {"flows": 1, "day": DAY},
    }  # fmt: skip


def test_a_day_is_exported_and_replaced(cluster):
    assert export(cluster, 1, [document(n) for n in range(200)]) == []
    sums = {"flows": "flowlogs.flows", "bytes": "network.bytes"}
    assert cluster.sums("flowlogs-rejected", sums) == (200, {"flows": 200, "bytes": sum(range(200))})
    assert export(cluster, 2, [document(n) for n in range(50)]) == []
    assert cluster.sums("flowlogs-rejected", sums) == (50, {"flows": 50, "bytes": sum(range(50))})
    assert len(cluster.indices(indices_of_day(SEARCH, "rejected", DAY))) == 1


def test_refused_documents_have_their_reasons(cluster):
    (refused,) = export(cluster, 3, [document(1), document(2, "not an address"), document(3)])
    assert (refused.id, refused.status) == ("1", 400)
    assert "'not an address' is not an IP string literal" in refused.reason
    (unmapped,) = export(cluster, 4, [{**document(1), "another": "field"}])
    assert unmapped.type == "strict_dynamic_mapping_exception"


def test_errors_are_told_as_those_of_opensearch(cluster):
    with pytest.raises(SearchError, match="index_not_found_exception") as caught:
        cluster.request("GET", "/nothing/_search")
    assert (caught.value.status, caught.value.may_pass) == (404, False)
    assert cluster.found("/_index_template/nothing") is None
    assert cluster.exists("/_index_template/flowlogs-rejected")
