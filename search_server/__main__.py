"""`python -m search_server`: OpenSearch in the foreground, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from search_server.jars import DEFAULT_FOLDER, VERSION, ServerNotHad
from search_server.server import SearchServer


def main() -> int:
    """Start it, say where, and wait."""
    parser = argparse.ArgumentParser(prog="python -m search_server", description=__doc__)
    parser.add_argument("--port", type=int, default=9200, help="port of HTTP (default: %(default)s)")
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER / "data", help="folder of its data (it stays)")
    parser.add_argument("--heap", default="1g", help="memory (default: %(default)s)")
    asked = parser.parse_args()
    try:
        with SearchServer(asked.data.resolve(), port=asked.port, heap=asked.heap) as server:
            print(f"OpenSearch {VERSION} at {server.url}; Ctrl-C ends it", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    except (ServerNotHad, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
