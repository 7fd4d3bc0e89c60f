"""`python -m quickstart`: what `make run` does, step by step."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import FrameType

import httpx

from quickstart import answers, people, pipeline, samples
from quickstart.airflow_api import AirflowApi, DagRun
from quickstart.environment import PASSWORD, ROOT, USERNAME, Addresses, airflow_environ, aws_environ
from quickstart.preflight import NotReady, check_disk, check_ports
from quickstart.processes import Processes, wait_until
from quickstart.progress import console, step


def main() -> int:
    """Bring everything up, run the pipeline, show the answers; 0 when every run succeeded."""
    parser = argparse.ArgumentParser(prog="make run")
    parser.add_argument("--port", type=int, default=4566, help="port of the local AWS")
    parser.add_argument("--airflow-port", type=int, default=8080, help="port of Airflow")
    parser.add_argument("--days", type=int, default=3, help="how many complete days, up to yesterday (UTC)")
    parser.add_argument("--state", type=Path, default=ROOT / ".run", help="folder of all state and logs")
    parser.add_argument("--once", action="store_true", help="exit when the pipeline is done")
    arguments = parser.parse_args()
    if not 1 <= arguments.days <= 60:
        parser.error(f"--days (DAYS={arguments.days}): choose 1 to 60")
    addresses = Addresses(arguments.port, arguments.airflow_port)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Processes(arguments.state / "logs") as processes:
            days = _last_days(arguments.days)
            return _run(addresses, days, processes, arguments.state.resolve(), once=arguments.once)
    except KeyboardInterrupt:
        console.print("stopped")
        return 130
    except (NotReady, pipeline.RunsFailed, RuntimeError, OSError, httpx.HTTPError) as error:
        console.print(f"[red]make run:[/] {error}")
        return 1


def _run(addresses: Addresses, days: Sequence[date], processes: Processes, state: Path, *, once: bool) -> int:
    console.print(f"[bold]VPC flow log operations[/], days {days[0]} to {days[-1]}, on this machine alone")
    check_ports(**{"the local AWS": addresses.local_aws_port, "Airflow": addresses.airflow_port})
    check_disk(state)

    from flowlogs.settings import load_settings

    settings = load_settings()

    with step("local AWS") as current:
        _start_local_aws(processes, addresses, state)
        current.note = addresses.local_aws
    with step("Airflow is starting meanwhile"):
        environ = airflow_environ(addresses, state / "airflow")
        processes.start("airflow", [str(ROOT / ".venv/bin/airflow"), "standalone"], environ)
    with step("sample flow logs") as current:
        samples.load(settings, addresses, days, state / "samples", current)
        people.keep_webhook(addresses)
    with step("Airflow") as current:
        api = AirflowApi(addresses.airflow, USERNAME, PASSWORD)
        wait_until(api.is_healthy, processes, "Airflow", timeout_seconds=180)
        api.sign_in()
        wait_until(
            lambda: pipeline.dags_are_there(api),
            processes,
            "the DAGs",
            timeout_seconds=180,
        )
        current.note = addresses.airflow
    with step(f"{pipeline.SETUP}: tables, alarms") as current:
        pipeline.set_up(api, processes, current)
        people.confirm_subscription(addresses, processes)
    with step(f"{pipeline.DAILY}: {len(days)} days") as current:
        runs = pipeline.run_days(api, processes, days, current)
    with step(f"{pipeline.REPORT}: {len(days)} days") as current:
        pipeline.reports(api, processes, days, current)
    with step(f"{pipeline.REFRESH}: {len(days)} days") as current:
        pipeline.refreshes(api, processes, days, current)
    with step("three HTTP attempts in the log group: alarm, e-mail, Slack") as current:
        email, slack = people.try_the_alarm(settings, addresses, processes)
        current.note = f"e-mail after {email:.1f} s, Slack after {slack:.1f} s"

    answers.show(settings, addresses, days)
    _say_where_to_look(addresses, runs, days[-1], state)
    if once:
        return 0
    console.print("Ctrl-C stops everything.")
    while not (ended := processes.ended()):
        time.sleep(1)
    raise RuntimeError(f"stopped by itself: {ended}")


def _start_local_aws(processes: Processes, addresses: Addresses, state: Path) -> None:
    python = str(ROOT / ".venv-local-aws/bin/python")
    command = [python, "-m", "local_aws", "--port", str(addresses.local_aws_port), "--data"]
    environ = {**aws_environ(addresses), "LOCAL_AWS_LAMBDA_RETRY_SECONDS": "1,2"}
    processes.start("local_aws", [*command, str(state / "local_aws")], environ)
    wait_until(lambda: _answers(f"{addresses.local_aws}/_health"), processes, "the local AWS")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _last_days(count: int) -> list[date]:
    today = datetime.now(UTC).date()
    return [today - timedelta(days=back) for back in range(count, 0, -1)]


def _say_where_to_look(addresses: Addresses, runs: Sequence[DagRun], reported: date, state: Path) -> None:
    ran = ", ".join(f"{run.day} in {run.seconds:.0f} s" for run in runs if run.seconds is not None)
    console.print(f"\nran: {pipeline.DAILY} for {ran}")
    console.print(f"look: {addresses.airflow}/dags/{pipeline.DAILY}  (user {USERNAME}, password {PASSWORD})")
    page = f"flowlogs-sample-lake/reports/rejected_traffic/daily/dt={reported}/index.html"
    console.print(f"read: {addresses.local_aws}/{page}")
    console.print(f"see:  {addresses.local_aws}/_quicksight/sample-flowlogs  (the dashboard, from SPICE)")
    console.print(f"sent: {addresses.local_aws}/_inbox  (e-mails and Slack messages: reports, alarms, failures)")
    console.print(f"ask:  AWS_ENDPOINT_URL={addresses.local_aws} with any AWS client (keys: test / test)")
    console.print(f"logs: {state / 'logs'}")


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
