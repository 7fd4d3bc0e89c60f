"""Writing a day of rejected records to OpenSearch, against the client's own bulk helpers.

A result file as Athena writes it becomes documents in an index of the export's template, on a real server of this machine
(`search_server`), which shares its cores with the writer. Each way runs in a process of its own, whose peak memory is
taken; the documents are made by the same code.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.record import Result
from flowlogs.fields import FIELDS, curated_columns

DOCUMENTS = int(os.environ.get("SEARCH_DOCUMENTS", "1000000"))
WARMED = 40_000
DAY = "2026-11-22"
COLUMNS = [*curated_columns(field for name, field in FIELDS.items() if name != "action")]
PARTITION = ["aws_account", "aws_region", "source", "action", "hour", "flows", "detail"]
WAYS = {
    "export": "the export (4 requests in flight, 2 MB each)",
    "bulk": "opensearchpy.helpers.bulk",
    "parallel_bulk": "opensearchpy.helpers.parallel_bulk (4 threads)",
}


def main() -> None:
    """Write them all ways, save the figures."""
    from search_server.server import SearchServer

    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o755)
        file = Path(scratch, "rejected.csv")
        _write_result(file)
        size = file.stat().st_size
        print(f"{DOCUMENTS:,} records, {size / 1e6:.0f} MB of CSV", file=sys.stderr)
        measured = {}
        with SearchServer(Path(scratch, "opensearch"), heap="1g") as server:
            _warm(server.url, file)
            for way in WAYS:
                command = [sys.executable, "-m", "benchmarks.search_export", way, server.url, str(file)]
                answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                measured[way] = json.loads(answer.splitlines()[-1])
                print(f"{WAYS[way]}: {measured[way]}", file=sys.stderr)
    Result(
        name="search_export",
        title="Exporting a day of rejected records to OpenSearch",
        what=f"{DOCUMENTS:,} rejected records ({size / 1e6:,.0f} MB of CSV) to one index of OpenSearch 2.19 with 1 GB of "
        "heap on the same machine, which was warmed. Memory is the process's peak, Python and the client included. One run each.",
        rows=[
            {
                "what": WAYS[way],
                "seconds": f"{one['seconds']:.0f}",
                "documents a second": f"{DOCUMENTS / one['seconds']:,.0f}",
                "peak memory": f"{one['peak_mb']:.0f} MB",
            }
            for way, one in measured.items()
        ],
        ratios=[
            f"{measured['bulk']['seconds'] / measured['export']['seconds']:.2f} times as fast as opensearchpy.helpers.bulk",
            f"{measured['parallel_bulk']['seconds'] / measured['export']['seconds']:.2f} times as fast as its parallel_bulk",
            f"{measured['export']['peak_mb'] / measured['bulk']['peak_mb']:.2f} of the memory of opensearchpy.helpers.bulk",
        ],
    ).save()


def _warm(url: str, file: Path) -> None:
    """A server that just started is slow until Java has compiled what it does: the first way would pay for all."""
    part = file.with_name("part.csv")
    with file.open() as whole, part.open("w") as some:
        some.writelines(itertools.islice(whole, WARMED + 1))
    for way in ("export", "bulk"):
        subprocess.run(
            [sys.executable, "-m", "benchmarks.search_export", way, url, str(part)],
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _write_result(file: Path) -> None:
    chance = random.Random(7)
    names = [name for name, _ in COLUMNS]
    with file.open("w", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        writer.writerow([*names, *PARTITION])
        for number in range(DOCUMENTS):
            seconds = number * 86_400 // DOCUMENTS
            clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"
            known = {
                "version": 5, "account_id": "111122223333", "interface_id": f"eni-{chance.randrange(400):017x}",
                "srcaddr": f"198.51.{chance.randrange(256)}.{chance.randrange(256)}",
                "dstaddr": f"10.0.{chance.randrange(16)}.{chance.randrange(256)}",
                "srcport": chance.randrange(1024, 65536), "dstport": chance.choice((22, 23, 80, 443, 445, 3389)),
                "protocol": 6, "packets": 1, "bytes": 40 + chance.randrange(40), "start": f"{DAY} {clock}",
                "end": f"{DAY} {clock}", "log_status": "OK", "vpc_id": "vpc-0a1b2c3d4e5f60718",
                "subnet_id": f"subnet-{chance.randrange(20):017x}", "tcp_flags": 2, "type": "IPv4",
                "region": "us-east-1", "az_id": "use1-az1", "flow_direction": "ingress",
            }  # fmt: skip
            row = [str(known.get(name, "")) for name in names]
            writer.writerow([*row, "111122223333", "us-east-1", "network", "REJECT", "", "1", "record"])


def write(way: str, url: str, file: Path) -> dict[str, float]:
    """Write the file's rows one way; seconds and peak memory."""
    from opensearchpy import OpenSearch, helpers

    from flowlogs.search.bulk import BulkWriter
    from flowlogs.search.cluster import OpenSearchCluster
    from flowlogs.search.fields import fields_of
    from flowlogs.search.indices import index_template
    from flowlogs.search_settings import Search

    index = f"flowlogs-rejected-2026.11.22-{way.replace('_', '')}"
    client = OpenSearch(url, timeout=120, max_retries=0, pool_maxsize=8)
    cluster = OpenSearchCluster(client)
    template = index_template(Search(), "rejected", fields_of(COLUMNS))
    cluster.request("PUT", "/_index_template/flowlogs-rejected", body=template)
    cluster.create_index(index)
    begun = time.monotonic()
    if way == "export":
        BulkWriter(cluster, index, lambda refused: None).write(_documents(file))
    else:
        actions = ({"_index": index, "_id": key, "_source": body} for key, body in _documents(file))
        if way == "bulk":
            helpers.bulk(client, actions)
        else:
            for _ in helpers.parallel_bulk(client, actions, thread_count=4):
                pass
    seconds = time.monotonic() - begun
    found, _ = cluster.sums(index, {})
    with file.open() as lines:
        wanted = sum(1 for _ in lines) - 1
    assert found == wanted, f"{found} documents of {wanted}"
    cluster.delete_index(index)
    return {"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _documents(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    from flowlogs.search.documents import RowDocuments
    from flowlogs.search.fields import fields_of

    with file.open(newline="") as text:
        rows = csv.reader(text)
        columns = next(rows)
        yield from RowDocuments("rejected", DAY, columns, fields_of(COLUMNS)).of(rows)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(write(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
    else:
        main()
