"""`python -m search_server`: OpenSearch (or Elasticsearch) in the foreground, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from search_server.elasticsearch import ElasticsearchServer
from search_server.jars import DEFAULT_FOLDER, ServerNotHad
from search_server.server import SearchServer


def main() -> int:
    """Start it, say where, and wait."""
    parser = argparse.ArgumentParser(prog="python -m search_server", description=__doc__)
    parser.add_argument("--port", type=int, default=9200, help="port of HTTP (default: %(default)s)")
    parser.add_argument("--data", type=Path, help="folder of its data, which stays (default: data-… in .search_server)")
    parser.add_argument("--heap", default="1g", help="memory (default: %(default)s)")
    parser.add_argument("--elasticsearch", action="store_true", help="Elasticsearch 8 instead of OpenSearch 2")
    asked = parser.parse_args()
    product = ElasticsearchServer if asked.elasticsearch else SearchServer
    data = asked.data or DEFAULT_FOLDER / f"data-{product.release.product.lower()}"
    try:
        with product(data.resolve(), port=asked.port, heap=asked.heap) as server:
            print(f"{server.release} at {server.url}; Ctrl-C ends it", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    except (ServerNotHad, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
