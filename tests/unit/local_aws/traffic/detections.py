"""The report's detection rules in plain SQL, to be run over records that the generator wrote.

A rule that counts within a time asks, for each record of a group with enough records at all, how many of the group
follow within that time.
"""

from collections.abc import Callable

import duckdb

from local_aws.traffic.incidents import Planted
from tests.unit.local_aws.traffic.reading import Row

Finding = tuple[str, ...]

HOUR = 3600
REJECTED = "action = 'REJECT'"
INSIDE, OUTSIDE = "srcaddr LIKE '10.%'", "srcaddr NOT LIKE '10.%'"
LEAVING = f"{INSIDE} AND dstaddr NOT LIKE '10.%'"
WITHIN = "action = 'REJECT' AND srcaddr LIKE '10.%' AND dstaddr LIKE '10.%'"


def _within(seconds: int, least: int, who: str, where: str, counted: str = "*") -> str:
    """`who` has `least` records (or distinct values of `counted`) of those `where`, less than `seconds` apart."""
    group = ", ".join(f"one.{name}" for name in who.split(", "))
    same = " AND ".join(f"one.{name} = other.{name}" for name in who.split(", "))
    others, enough = ("*", "*") if counted == "*" else (f"DISTINCT other.{counted}", f"DISTINCT {counted}")
    return f"""
        WITH chosen AS (SELECT *, row_number() OVER () AS number FROM records WHERE {where}),
        busy AS (SELECT {who} FROM chosen GROUP BY ALL HAVING count({enough}) >= {least}),
        one AS (SELECT chosen.* FROM chosen JOIN busy USING ({who}))
        SELECT DISTINCT {group}
        FROM one JOIN chosen AS other ON {same} AND other.start >= one.start AND other.start < one.start + {seconds}
        GROUP BY {group}, one.number HAVING count({others}) >= {least}"""


def _brute_force(ports: str) -> str:
    return _within(HOUR, 10, "srcaddr, dstaddr", f"{REJECTED} AND protocol = 6 AND dstport IN ({ports})")


def _any(where: str) -> str:
    return f"SELECT DISTINCT srcaddr, dstaddr FROM records WHERE {where}"


RULES = {
    "repeated_http": _within(300, 3, "srcaddr", f"{REJECTED} AND protocol = 6 AND dstport IN (80, 443)"),
    "ssh_brute_force": _brute_force("22"),
    "rdp_brute_force": _brute_force("3389"),
    "winrm_brute_force": _brute_force("5985, 5986"),
    "database_brute_force": _brute_force("1433, 1521, 3306, 5432, 27017"),
    "vertical_scan": _within(HOUR, 10, "srcaddr, dstaddr", f"{REJECTED} AND {OUTSIDE}", "dstport"),
    "horizontal_scan": _within(HOUR, 25, "srcaddr, dstport", f"{REJECTED} AND {OUTSIDE}", "dstaddr"),
    "egress_vertical_scan": _within(HOUR, 10, "srcaddr, dstaddr", f"{REJECTED} AND {LEAVING}", "dstport"),
    "egress_horizontal_scan": _within(HOUR, 25, "srcaddr, dstport", f"{REJECTED} AND {LEAVING}", "dstaddr"),
    "internal_vertical_scan": _within(HOUR, 10, "srcaddr, dstaddr", WITHIN, "dstport"),
    "internal_horizontal_scan": _within(HOUR, 25, "srcaddr, dstport", WITHIN, "dstaddr"),
    "accepted_after_rejected": """
        SELECT srcaddr, dstaddr FROM records AS accepted JOIN records AS rejected USING (srcaddr, dstaddr)
        WHERE accepted.action = 'ACCEPT' AND rejected.action = 'REJECT' AND rejected.start < accepted.start
        GROUP BY srcaddr, dstaddr, accepted.start HAVING count(*) >= 10""",
    "large_egress": f"""
        SELECT srcaddr, dstaddr FROM records WHERE action = 'ACCEPT' AND {LEAVING}
        GROUP BY ALL HAVING sum(bytes) > 500000000""",
    "unapproved_dns": _any(f"dstport IN (53, 853) AND protocol IN (6, 17) AND {LEAVING}"),
    "unusual_protocol": _any("protocol NOT IN (1, 6, 17, 58, 47, 50)"),
    "cleartext_accepted": _any(
        f"action = 'ACCEPT' AND {OUTSIDE} AND protocol = 6 "
        "AND dstport IN (21, 23, 25, 110, 143, 389, 3306, 5432, 6379, 9200, 27017)"
    ),
    "admin_port_accepted": _any(f"action = 'ACCEPT' AND {OUTSIDE} AND dstport IN (22, 3389, 5985, 5986)"),
    "threat_list": _any(
        r"regexp_full_match(srcaddr, '45\.(148\.10\.\d+|155\.205\.233|134\.2[67]\.\d+)') "
        r"OR regexp_full_match(dstaddr, '45\.(148\.10\.\d+|155\.205\.233|134\.2[67]\.\d+)')"
    ),
    "beaconing": f"""
        SELECT srcaddr, dstaddr FROM (
            SELECT *, start - lag(start) OVER (PARTITION BY srcaddr, dstaddr, dstport ORDER BY start) AS gap
            FROM records WHERE action = 'ACCEPT' AND protocol = 6 AND {LEAVING})
        GROUP BY srcaddr, dstaddr, dstport
        HAVING count(DISTINCT srcport) >= 12 AND stddev(gap) < 0.1 * avg(gap)""",
}
"""The rules of one day. What they find is a source; or source and destination; or source and port."""

_SCANS_OF_ONE_PORT = ("horizontal_scan", "egress_horizontal_scan", "internal_horizontal_scan")


def planted_as_found(planted: Planted) -> set[Finding]:
    """What a rule would find that finds the planted incident."""
    if planted.detection == "repeated_http":
        return {(source,) for source in planted.sources}
    others = tuple(map(str, planted.ports)) if planted.detection in _SCANS_OF_ONE_PORT else planted.targets
    return {(source, other) for source in planted.sources for other in others}


def detector(rows: list[Row]) -> Callable[[str], set[Finding]]:
    """Applies the rules to the records that have traffic: rule's name to what it finds."""
    columns = ("srcaddr", "dstaddr", "srcport", "dstport", "protocol", "bytes", "start", "action")
    with_traffic = [row for row in rows if row["log-status"] == "OK"]
    connection = duckdb.connect()
    lists = ", ".join(f"unnest(${name}) AS {name}" for name in columns)
    connection.execute(
        f"CREATE TABLE records AS SELECT * REPLACE (srcport::INT AS srcport, dstport::INT AS dstport, "
        f"protocol::INT AS protocol, bytes::BIGINT AS bytes, start::BIGINT AS start) FROM (SELECT {lists})",
        {name: [row[name] for row in with_traffic] for name in columns},
    )
    return lambda rule: {tuple(map(str, row)) for row in connection.execute(RULES[rule]).fetchall()}
