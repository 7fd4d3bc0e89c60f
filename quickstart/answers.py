"""The first answers, asked of Athena as a person would ask them, printed as tables."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import boto3
from rich.table import Table

from flowlogs.settings import Settings
from quickstart.environment import Addresses
from quickstart.progress import console


@dataclass(frozen=True)
class Question:
    """A query, and what its answer tells."""

    title: str
    sql: str


def questions(settings: Settings, days: Sequence[date]) -> list[Question]:
    """The seed's query, the most rejected ports, and what the ledger says of each day and source."""
    days_in = ", ".join(f"'{day}'" for day in days)
    last = max(days)
    return [
        Question(
            f"Rejected TCP on {last} (the first rows)",
            f"""
            SELECT day_of_week(from_iso8601_timestamp(dt)) AS day, dt, interfaceid, sourceaddress,
                   destinationport, action, protocol
            FROM vpc_flow_logs
            WHERE action = 'REJECT' AND protocol = 6 AND dt = '{last}'
            ORDER BY sourceaddress
            LIMIT 5""",
        ),
        Question(
            "Most rejected destination ports",
            f"""
            SELECT destinationport AS port, count(*) AS rejected_flows,
                   approx_distinct(sourceaddress) AS sources, sum(numpackets) AS packets
            FROM vpc_flow_logs
            WHERE action = 'REJECT' AND dt IN ({days_in})
            GROUP BY 1 ORDER BY 2 DESC LIMIT 8""",
        ),
        Question(
            "The ledger: what arrived",
            f"""
            SELECT dt, source, count(*) AS targets, sum(objects) AS objects, sum(bytes) AS bytes,
                   sum(records) AS records, sum(nodata) AS nodata, sum(skipdata) AS skipdata
            FROM flow_runs
            WHERE dt IN ({days_in})
            GROUP BY 1, 2 ORDER BY 1, 2""",
        ),
    ]


def show(settings: Settings, addresses: Addresses, days: Sequence[date]) -> None:
    """Ask every question and print its answer, with the bytes that Athena scanned for it."""
    athena = boto3.client(
        "athena",
        endpoint_url=addresses.local_aws,
        region_name=settings.aws.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    for question in questions(settings, days):
        execution, rows = _ask(athena, question.sql, settings)
        scanned = execution["Statistics"]["DataScannedInBytes"]
        table = Table(title=f"{question.title} [dim]({scanned / 1e6:.2f} MB scanned)[/]", title_justify="left")
        for name in rows[0]:
            table.add_column(name)
        for row in rows[1:]:
            table.add_row(*row)
        console.print(table)


def _ask(athena: Any, sql: str, settings: Settings) -> tuple[dict[str, Any], list[list[str]]]:
    query_id = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": settings.athena.database},
        WorkGroup=settings.athena.work_group,
    )["QueryExecutionId"]
    while True:
        execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        state = execution["Status"]["State"]
        if state in ("FAILED", "CANCELLED"):
            raise RuntimeError(f"{execution['Status']['StateChangeReason']}\n{sql}")
        if state == "SUCCEEDED":
            break
        time.sleep(0.2)
    rows = athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"]
    return execution, [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in rows]
