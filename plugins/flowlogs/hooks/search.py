"""The search cluster of an Airflow connection."""

from __future__ import annotations

from typing import Any, Final

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowFailException

from flowlogs.search.cluster import ElasticsearchCluster, OpenSearchCluster, SearchCluster
from flowlogs.settings import Settings

EXTRAS: Final = ("auth", "ca_certs", "verify_certs", "region", "service", "http_compress")
"""Keys of the connection's extra that mean something here."""

_NEAR: Final = ("localhost", "127.0.0.1", "::1")


class SearchHook(BaseHook):
    """Makes clients of the cluster that a connection (HTTP) names: schema, host, port, login and password, and extras:

    - `auth`: `basic` (login and password), `api_key` (Elasticsearch; in the password), `aws` (SigV4, for Amazon
      OpenSearch Service) or `none`; without it, `basic` when there is a login, else `none`;
    - `region`, `service`: of SigV4; by default aws.region and `es`;
    - `verify_certs` (default true), `ca_certs` (a file) of TLS;
    - `http_compress` (default false): compress requests, for a cluster behind a slow line.

    :param settings: the server's kind, its connection, and how many requests are in flight
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def get_conn(self) -> SearchCluster:
        """A client; close it after use.

        Raises:
            AirflowFailException: for a connection that is not there, names no host, has extras that nobody reads, or
                would send a password in clear text over a network.
        """
        conn_id = self._settings.search.conn_id
        connection = self.get_connection(conn_id)
        extra = dict(connection.extra_dejson)
        unknown = sorted(set(extra) - set(EXTRAS))
        if unknown:
            raise AirflowFailException(
                f"connection {conn_id}: the extra has {', '.join(unknown)}; it takes {', '.join(EXTRAS)}"
            )
        if not connection.host:
            raise AirflowFailException(f"connection {conn_id} names no host: give schema, host and port of the cluster")
        scheme = connection.schema or "https"
        host = connection.host.split("://")[-1].rstrip("/")
        port = connection.port or (443 if scheme == "https" else 9200)
        auth = extra.get("auth") or ("basic" if connection.login else "none")
        if scheme == "http" and auth != "none" and host not in _NEAR:
            raise AirflowFailException(
                f"connection {conn_id} would send its credentials to {host} in clear text: make its schema https"
            )
        common = {
            "verify_certs": bool(extra.get("verify_certs", True)) if scheme == "https" else None,
            "ca_certs": extra.get("ca_certs"),
            "http_compress": bool(extra.get("http_compress", False)),
        }
        common = {name: value for name, value in common.items() if value is not None}
        if self._settings.search.server == "elasticsearch":
            return self._elasticsearch(f"{scheme}://{host}:{port}", auth, connection, common)
        return self._opensearch(host, port, scheme, auth, connection, extra, common)

    def import_dashboards(self) -> int:
        """Put the dashboard of include/search/ into OpenSearch Dashboards or Kibana; how many objects are there now.

        Raises:
            AirflowFailException: when it refuses them.
        """
        from flowlogs.search.dashboard_import import ImportRefused, import_dashboards
        from flowlogs.search.dashboards import ndjson, read_dashboard, saved_objects

        search = self._settings.search
        conn_id = str(search.dashboards_conn_id)
        connection = self.get_connection(conn_id)
        scheme = connection.schema or "https"
        host = str(connection.host).split("://")[-1].rstrip("/")
        if scheme == "http" and connection.login and host not in _NEAR:
            raise AirflowFailException(
                f"connection {conn_id} would send its credentials to {host} in clear text: make its schema https"
            )
        port = f":{connection.port}" if connection.port else ""
        extra = connection.extra_dejson
        try:
            return import_dashboards(
                f"{scheme}://{host}{port}", search.server, ndjson(saved_objects(read_dashboard(), search)),
                auth=(connection.login, connection.password or "") if connection.login else None,
                verify=extra.get("ca_certs") or bool(extra.get("verify_certs", True)),
            )  # fmt: skip
        except ImportRefused as refusal:
            raise AirflowFailException(f"{conn_id}: {refusal}") from refusal

    def _opensearch(
        self, host: str, port: int, scheme: str, auth: str, connection: Any, extra: dict[str, Any],
        common: dict[str, Any],
    ) -> SearchCluster:  # fmt: skip
        from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth

        http_auth: Any = None
        if auth == "basic":
            http_auth = (connection.login, connection.password)
        elif auth == "aws":
            session = AwsBaseHook(aws_conn_id=self._settings.aws.conn_id, client_type="sts").get_session()
            region = extra.get("region") or self._settings.aws.region
            http_auth = Urllib3AWSV4SignerAuth(session.get_credentials(), region, extra.get("service") or "es")
        elif auth != "none":
            raise self._no_auth(auth, "basic, aws or none")
        return OpenSearchCluster(
            OpenSearch(
                hosts=[{"host": host, "port": port}], use_ssl=scheme == "https", http_auth=http_auth,
                pool_maxsize=self._settings.search.bulk_in_flight + 1, max_retries=0, **common,
            )
        )  # fmt: skip

    def _elasticsearch(self, url: str, auth: str, connection: Any, common: dict[str, Any]) -> SearchCluster:
        from elasticsearch import Elasticsearch

        given: dict[str, Any] = {}
        if auth == "basic":
            given["basic_auth"] = (connection.login, connection.password)
        elif auth == "api_key":
            given["api_key"] = connection.password
        elif auth != "none":
            raise self._no_auth(auth, "basic, api_key or none")
        in_flight = self._settings.search.bulk_in_flight + 1
        return ElasticsearchCluster(
            Elasticsearch(url, connections_per_node=in_flight, max_retries=0, retry_on_timeout=False, **given, **common)
        )

    def _no_auth(self, auth: str, known: str) -> AirflowFailException:
        search = self._settings.search
        return AirflowFailException(
            f"connection {search.conn_id}: the extra's auth is {auth!r}; with {search.server} it is {known}"
        )
