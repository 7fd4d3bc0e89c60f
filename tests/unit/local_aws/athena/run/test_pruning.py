"""Which partitions a query reads: seen in the bytes it scans, and in nothing read that need not be."""

from __future__ import annotations

import pytest

DAYS = ("2026-11-08", "2026-11-09", "2026-11-10", "2026-11-11")
REGIONS = ("eu-west-1", "us-east-1")


@pytest.fixture
def table(athena):
    """`logs`, partitioned by dt and region; the file of each partition has a size of its own."""
    athena.text(
        "CREATE EXTERNAL TABLE logs (a string, n int) PARTITIONED BY (dt string, region string) "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY ' ' LOCATION 's3://logs/t/'"
    )
    sizes, clauses = {}, []
    for number, (day, region) in enumerate((day, region) for day in DAYS for region in REGIONS):
        sizes[day, region] = athena.put(f"t/{day}/{region}/f", "".join(f"x {n}\n" for n in range(10 * 2**number)))
        clauses.append(f"PARTITION (dt='{day}', region='{region}') LOCATION 's3://logs/t/{day}/{region}/'")
    athena.text(f"ALTER TABLE logs ADD {' '.join(clauses)}")
    return sizes


def partitions_read(athena, sizes):
    """The partitions whose files' sizes add up to what was scanned: each sum is of one set only."""
    left, read = athena.outcome.data_scanned_bytes, set()
    for partition, size in sorted(sizes.items(), key=lambda item: -item[1]):
        if size <= left:
            left -= size
            read.add(partition)
    assert left == 0, f"{athena.outcome.data_scanned_bytes} bytes are no sum of whole files"
    return {f"{day[-2:]}{region[:2]}" for day, region in read}


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("SELECT count(n) FROM logs", "08eu 08us 09eu 09us 10eu 10us 11eu 11us"),
        ("SELECT count(n) FROM logs WHERE dt = '2026-11-09'", "09eu 09us"),
        ("SELECT count(n) FROM logs WHERE '2026-11-10' < dt", "11eu 11us"),
        ("SELECT count(n) FROM logs WHERE dt IN ('2026-11-09', '2026-11-11') AND region = 'us-east-1'", "09us 11us"),
        ("SELECT count(n) FROM logs WHERE dt BETWEEN '2026-11-09' AND '2026-11-10' AND n > 3", "09eu 09us 10eu 10us"),
        ("SELECT count(n) FROM logs WHERE (dt = '2026-11-08' AND region = 'eu-west-1') OR dt > '2026-11-10'",
         "08eu 11eu 11us"),
        ("SELECT count(n) FROM logs WHERE NOT (dt < '2026-11-11')", "11eu 11us"),
        ("SELECT count(n) FROM logs WHERE substr(dt, 9) = '10' AND region LIKE 'us-%'", "10us"),
        ("SELECT count(n) FROM logs WHERE dt || region = '2026-11-10us-east-1'", "10us"),
        ("SELECT count(n) FROM logs WHERE dt = '2026-11-10' OR n = 1", "08eu 08us 09eu 09us 10eu 10us 11eu 11us"),
        ("SELECT count(n) FROM logs WHERE dt = a", "08eu 08us 09eu 09us 10eu 10us 11eu 11us"),
        # Through queries inside of the query
        ("SELECT count(n) FROM (SELECT n, dt AS day FROM logs) WHERE day = '2026-11-09'", "09eu 09us"),
        ("WITH l AS (SELECT * FROM logs WHERE region = 'us-east-1') SELECT count(n) FROM l WHERE dt = '2026-11-08'",
         "08us"),
        ("WITH l AS (SELECT * FROM logs) SELECT (SELECT count(n) FROM l WHERE dt = '2026-11-08'), "
         "(SELECT count(n) FROM l WHERE dt = '2026-11-11' AND region = 'us-east-1')", "08eu 08us 11us"),
        ("SELECT * FROM (SELECT dt, count(n) FROM logs GROUP BY dt) WHERE dt = '2026-11-09'", "09eu 09us"),
        ("SELECT count(n) FROM (SELECT n, dt FROM logs UNION ALL SELECT 1, '2026-11-09') WHERE dt = '2026-11-09'",
         "09eu 09us"),
        ("SELECT count(x.n) FROM logs x JOIN logs y ON x.n = y.n AND x.dt = '2026-11-08' AND y.dt = '2026-11-09'",
         "08eu 08us 09eu 09us"),
        ("SELECT count(x.n) FROM logs x WHERE x.dt = '2026-11-08' AND EXISTS "
         "(SELECT 1 FROM logs y WHERE y.n = x.n AND y.dt = '2026-11-11')", "08eu 08us 11eu 11us"),
        # Where it would change the answer, nothing is left out
        ("SELECT sum(n) FROM (SELECT n, dt FROM logs ORDER BY n DESC LIMIT 5) WHERE dt = '2026-11-09'",
         "08eu 08us 09eu 09us 10eu 10us 11eu 11us"),
        ("SELECT * FROM (SELECT dt, row_number() OVER (ORDER BY n) AS r FROM logs) WHERE dt = '2026-11-09'",
         "08eu 08us 09eu 09us 10eu 10us 11eu 11us"),
        ("SELECT count(*) FROM (VALUES 1) v(i) LEFT JOIN (SELECT n, dt FROM logs) l ON l.n = v.i "
         "WHERE l.dt IS NULL OR l.dt = '2026-11-09'", "08eu 08us 09eu 09us 10eu 10us 11eu 11us"),
        ("SELECT * FROM (SELECT dt, count(n) FROM logs GROUP BY ROLLUP (dt)) WHERE dt = '2026-11-09'",
         "08eu 08us 09eu 09us 10eu 10us 11eu 11us"),
    ],
)  # fmt: skip
def test_reads_only_the_partitions_it_needs(athena, table, query, read):
    athena.text(query)
    assert partitions_read(athena, table) == set(read.split())


def test_an_outer_join_prunes_the_side_that_may_be_missing_by_its_on_condition_only(athena, table):
    rows = athena.rows(
        "SELECT v.i, count(l.n) FROM (VALUES 1, 99999) v(i) "
        "LEFT JOIN logs l ON l.n = v.i AND l.dt = '2026-11-08' GROUP BY v.i ORDER BY 1"
    )
    assert rows == [("1", "2"), ("99999", "0")]
    assert partitions_read(athena, table) == {"08eu", "08us"}


def test_a_view_is_pruned_as_its_query_is(athena, table):
    athena.text("CREATE VIEW us AS SELECT n, dt AS day FROM logs WHERE region = 'us-east-1'")
    athena.text("SELECT count(n) FROM us WHERE day >= '2026-11-10'")
    assert partitions_read(athena, table) == {"10us", "11us"}


def test_a_condition_that_fails_on_a_partition_does_not_fail_the_query_for_it(athena, table):
    athena.text("ALTER TABLE logs ADD PARTITION (dt='not a date', region='us-east-1') LOCATION 's3://logs/none/'")
    count = athena.value("SELECT count(n) FROM logs WHERE CAST(dt AS date) = date '2026-11-08'")
    assert count == "30"


def test_only_keys_are_answered_without_reading_a_file_twice(athena, table):
    assert athena.rows("SELECT DISTINCT region FROM logs WHERE dt = '2026-11-10' ORDER BY 1") == [
        ("eu-west-1",),
        ("us-east-1",),
    ]


def test_a_partition_without_files_is_empty(athena, table):
    athena.text("ALTER TABLE logs ADD PARTITION (dt='2026-12-01', region='us-east-1') LOCATION 's3://logs/nothing/'")
    assert athena.value("SELECT count(*) FROM logs WHERE dt = '2026-12-01'") == "0"


def test_typed_keys_compare_by_their_type(athena):
    athena.text(
        "CREATE EXTERNAL TABLE h (n int) PARTITIONED BY (hour int) ROW FORMAT DELIMITED LOCATION 's3://logs/h/'"
    )
    for hour in (2, 10):
        athena.put(f"h/{hour}/f", f"{hour}\n")
        athena.text(f"ALTER TABLE h ADD PARTITION (hour={hour}) LOCATION 's3://logs/h/{hour}/'")
    assert athena.rows("SELECT n FROM h WHERE hour > 9") == [("10",)]
