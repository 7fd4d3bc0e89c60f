"""checks/summary_by_target.sql: what an unpublished summary holds, target by target."""

from tests.sql.reports.conftest import ACCOUNT, Lake

FILE = "checks/summary_by_target.sql"


def test_rows_and_flows_of_each_target(sql):
    lake = Lake(sql)
    lake.records({}, {}, {"action": "ACCEPT"})
    lake.records({}, account="222233334444", region="eu-west-1")
    sql.rows("tables/flow_staging.sql")
    params = {"source": "network", "first": 0, "last": 4}
    sql.athena.text(sql.rendered("curate/summary.sql", **params))
    run = (
        sql.last_run_location("flow_daily", "scheduled__1", {"day": "2026-11-22", **params}).split("run=")[1].strip("/")
    )
    assert sql.rows(FILE, runs=[run]) == [
        (run, ACCOUNT, "us-east-1", "2", "3"),
        (run, "222233334444", "eu-west-1", "1", "1"),
    ]
    assert sql.rows(FILE, runs=["another"]) == []
