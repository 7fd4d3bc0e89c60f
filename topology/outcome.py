"""What a backfill has left: data, reports, SPICE and messages, in a form in which two backfills can be compared."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import boto3
import httpx

from flowlogs.settings import Settings
from quickstart.environment import ADDRESS, REGION, Addresses

_TABLES: Final[Mapping[str, str]] = {
    "flow_records": """
        SELECT dt, source, aws_account, aws_region, action, count(*) AS n, sum(bytes) AS bytes, sum(packets) AS packets,
          sum(srcport) AS ports, min(start) AS first_start, max("end") AS last_end
        FROM flow_records GROUP BY 1, 2, 3, 4, 5""",
    "flow_gaps": "SELECT dt, source, aws_account, aws_region, log_status, count(*) AS n FROM flow_gaps GROUP BY 1, 2, 3, 4, 5",
    "flow_quarantine": "SELECT dt, source, reason, line FROM flow_quarantine",
    "flow_daily": "SELECT * FROM flow_daily",
    "flow_runs": """
        SELECT dt, source, account, region, status, objects, bytes, records, curated, accepted, rejected, unparsable,
          nodata, skipdata, outside_day FROM flow_runs""",
}  # fmt: skip
"""What is compared of each table: of the records sums by partition, of the ledger all but when, who and what it cost."""

_OF_REPORT: Final = ("traffic", "coverage", "findings")


@dataclass(frozen=True)
class Outcome:
    """What there is.

    Attributes:
        data: a digest of each table's rows and of each day's report, by name.
        rows: how many rows each table's statement answered.
        spice: rows of each data set.
        mails: the texts of the e-mails that are not about alarms, and how often each was sent.
    """

    data: Mapping[str, str]
    rows: Mapping[str, int]
    spice: Mapping[str, int]
    mails: Mapping[str, int]

    def differences(self, other: Outcome) -> list[str]:
        """The names of what is not as in the other one."""
        names = {**self.data, **other.data}
        found = [name for name in names if self.data.get(name) != other.data.get(name)]
        return found + [f"SPICE {name}" for name in self.spice if self.spice[name] != other.spice.get(name)]

    @property
    def doubled(self) -> list[str]:
        """The e-mails that were sent more than once."""
        return [text for text, times in self.mails.items() if times > 1]


def outcome(addresses: Addresses, settings: Settings, days: Sequence[date]) -> Outcome:
    """What stands in the local AWS."""
    athena = _Athena(addresses, settings)
    rows = {name: athena.lines(sql) for name, sql in _TABLES.items()}
    data = {name: _digest(lines) for name, lines in rows.items()}
    for day in days:
        data[f"report of {day}"] = _digest([_report(addresses, settings, day)])
    return Outcome(
        data=data,
        rows={name: len(lines) for name, lines in rows.items()},
        spice=_spice(addresses, settings),
        mails=Counter(mails(addresses)),
    )


def mails(addresses: Addresses) -> list[str]:
    """Subject and text of each e-mail to the sample deployment's address that is not about an alarm."""
    found = httpx.get(f"{addresses.local_aws}/_inbox/messages.json", params={"kind": "email"}, timeout=30).json()
    about = [message for message in found if ADDRESS in message["to"]]
    return [
        f"{message['subject']}\n{message['text']}"
        for message in about
        if not message["subject"].startswith(("ALARM:", "OK:", "INSUFFICIENT_DATA:", "AWS Notification - Subscription"))
    ]


def _report(addresses: Addresses, settings: Settings, day: date) -> str:
    key = f"{settings.lake.prefix}reports/rejected_traffic/daily/dt={day}/summary.json"
    body = _client("s3", addresses).get_object(Bucket=settings.lake.bucket, Key=key)["Body"].read()
    summary = json.loads(body)
    findings = [
        {name: value for name, value in finding.items() if name not in ("status", "first_seen_on")}
        for finding in summary["findings"]
    ]
    return json.dumps({**{name: summary[name] for name in _OF_REPORT}, "findings": findings}, sort_keys=True)


def _spice(addresses: Addresses, settings: Settings) -> dict[str, int]:
    """Rows of each data set after its newest ingestion that ended well."""
    client, found = _client("quicksight", addresses), {}
    account = _client("sts", addresses).get_caller_identity()["Account"]
    for name in ("traffic", "coverage"):
        listed = client.list_ingestions(AwsAccountId=account, DataSetId=f"{settings.environment}-flowlogs-{name}")
        good = next(one for one in listed["Ingestions"] if one["IngestionStatus"] == "COMPLETED")
        found[name] = int(good["RowInfo"]["TotalRowsInDataset"])
    return found


class _Athena:
    def __init__(self, addresses: Addresses, settings: Settings) -> None:
        self._athena, self._s3 = _client("athena", addresses), _client("s3", addresses)
        self._where: dict[str, Any] = {
            "WorkGroup": settings.athena.work_group,
            "QueryExecutionContext": {"Database": settings.athena.database},
        }

    def lines(self, sql: str) -> list[str]:
        """The rows of a statement as lines of CSV, sorted."""
        query = self._athena.start_query_execution(QueryString=sql, **self._where)["QueryExecutionId"]
        while True:
            found = self._athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.1)
        if found["Status"]["State"] != "SUCCEEDED":
            raise RuntimeError(f"{found['Status'].get('StateChangeReason')}: {sql}")
        bucket, _, key = found["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").partition("/")
        text = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        return sorted(text.splitlines()[1:])


def _client(service: str, addresses: Addresses) -> Any:
    return boto3.client(
        service,
        endpoint_url=addresses.local_aws,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def _digest(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
