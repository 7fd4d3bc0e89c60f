"""The page's application: a document, fragments of it that the browser asks for, and the plan of a rerun.

Nothing here starts a run. The browser posts to Airflow's own REST API with the session of who is signed in, so that
Airflow judges, limits and logs it like any other; `POST /plan` says what to post.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from airflow.api_fastapi.common.db.common import SessionDep
from botocore.exceptions import BotoCoreError, ClientError
from fastapi import Body, Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from flowlogs.page import access
from flowlogs.page.alarms import alarm_health
from flowlogs.page.calendar import Day, by_month, calendar
from flowlogs.page.costs import day_costs
from flowlogs.page.day_table import SORTS, day_table
from flowlogs.page.digest import digest
from flowlogs.page.freshness import spice_freshness
from flowlogs.page.ledger_view import Ledger
from flowlogs.page.plan import DAG_ID, SINGLE_RUNS_AT_MOST, Reprocess, plan
from flowlogs.page.rendering import ASSETS, HEADERS, WEB, html
from flowlogs.page.runs import AirflowRuns, Run, being_run
from flowlogs.page.site import SettingsUnreadableError, Site, Sites
from flowlogs.page.states import NOT_COMPLETE, STATE_OF_CODE, state_of
from flowlogs.page.target_rows import Order, page_of, target_rows
from flowlogs.settings import Settings

CALENDAR_DAYS: Final = 400
RANGES: Final = (30, 90, 400)
"""Days that the table of targets can show."""
COST_DAYS: Final = 30
LOOKED_AT_DAYS: Final = 30
"""Days before today whose gaps are listed: older ones stand in the calendar."""


def create_app(
    settings: Callable[[], Settings] | None = None,
    today: Callable[[], date] = lambda: datetime.now(UTC).date(),
) -> FastAPI:
    """The application, for mounting below `/flowlogs`.

    Args:
        settings: where the settings come from; without it, from Airflow (`airflow_settings`).
        today: the UTC day.
    """
    if settings is None:
        from flowlogs.airflow_settings import airflow_settings

        settings = airflow_settings
    sites = Sites(settings)
    app = FastAPI(title="Flow logs", dependencies=[access.MAY_SEE], openapi_url=None, docs_url=None, redoc_url=None)
    app.state.sites = sites
    app.state.today = today
    app.add_exception_handler(SettingsUnreadableError, _settings_are_wrong)
    app.add_exception_handler(BotoCoreError, _aws_does_not_answer)
    app.add_exception_handler(ClientError, _aws_does_not_answer)
    _add_routes(app)
    return app


def _site(request: Request) -> Site:
    site: Site = request.app.state.sites.current()
    return site


def _today(request: Request) -> date:
    today: date = request.app.state.today()
    return today


def _runs(session: SessionDep) -> AirflowRuns:
    return AirflowRuns(session)


SiteDep = Annotated[Site, Depends(_site)]
TodayDep = Annotated[date, Depends(_today)]
RunsDep = Annotated[AirflowRuns, Depends(_runs)]
MayTriggerDep = Annotated[bool, Depends(access.may_trigger)]


def _add_routes(app: FastAPI) -> None:
    app.get("/", response_class=HTMLResponse)(document)
    app.get("/static/{name}")(asset)
    app.get("/overview", response_class=HTMLResponse)(overview)
    app.get("/targets", response_class=HTMLResponse)(targets)
    app.get("/day/{day}", response_class=HTMLResponse)(one_day)
    app.get("/runs")(runs_of_days)
    app.post("/plan", dependencies=[access.MAY_TRIGGER])(plan_of_days)
    app.get("/panels/alarms", response_class=HTMLResponse, dependencies=[access.MAY_SEE_ALARMS])(alarms_panel)
    app.get("/panels/freshness", response_class=HTMLResponse)(freshness_panel)
    app.get("/panels/costs", response_class=HTMLResponse, dependencies=[access.MAY_SEE_REPORTS])(costs_panel)
    app.get("/panels/findings", response_class=HTMLResponse, dependencies=[access.MAY_SEE_REPORTS])(findings_panel)


def document(site: SiteDep, today: TodayDep, runs: RunsDep, may_trigger: MayTriggerDep) -> HTMLResponse:
    """The whole document, with the calendar in it; the rest is asked for by its script."""
    values = _overview(site, today, runs)
    return html("page.html.j2", **values, environment=site.settings.environment, may_trigger=may_trigger, ranges=RANGES)


def overview(
    site: SiteDep, today: TodayDep, runs: RunsDep, may_trigger: MayTriggerDep, fresh: bool = False
) -> HTMLResponse:
    """Figures, days that need a look, the calendar. `fresh` asks the catalog again at once."""
    if fresh:
        site.ledger.ask_again()
    values = _overview(site, today, runs)
    return html("overview.html.j2", **values, may_trigger=may_trigger)


def targets(
    site: SiteDep,
    today: TodayDep,
    runs: RunsDep,
    last: Literal["30", "90", "400"] = "30",
    q: Annotated[str, Query(max_length=200)] = "",
    order: Order = "worst",
    problems: bool = False,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """A page of targets by days."""
    active = runs.active()
    days = _calendar(site.ledger.ledger(), today, active, {})[-int(last) :]
    rows = target_rows(days, being_run(active))
    found = page_of(rows, text=q, order=order, only_problems=problems, page=page)
    return html("targets.html.j2", found=found, days=days, last=int(last), q=q, order=order, problems=problems)


def one_day(
    day: str,
    site: SiteDep,
    today: TodayDep,
    runs: RunsDep,
    may_trigger: MayTriggerDep,
    q: Annotated[str, Query(max_length=200)] = "",
    state: Annotated[str, Query(max_length=1)] = "",
    sort: Annotated[str, Query(max_length=30)] = "state",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """A day: its numbers, report, runs, targets."""
    at = _day_or_404(day)
    rows = site.ledger.rows(day)
    of_day = runs.of_day(day)
    running = being_run(of_day)
    return html(
        "day.html.j2",
        day=Day(at, digest(day, rows), day in running, _has_failed(of_day)),
        before=(at - timedelta(days=1)).isoformat(),
        after=(at + timedelta(days=1)).isoformat() if at < today - timedelta(days=1) else None,
        is_over=at < today,
        runs=of_day,
        report_url=site.reports.files(day).page_url() if site.reports.of_day(day) else None,
        table=day_table(rows, text=q, state=state if state in STATE_OF_CODE else "", sort=sort, page=page),
        sorts=SORTS,
        q=q,
        state=state,
        may_trigger=may_trigger,
    )


def runs_of_days(days: Annotated[str, Query(max_length=2000)], runs: RunsDep) -> JSONResponse:
    """The latest run of each of the days (joined by commas), to follow what was started."""
    names = [_day_or_404(name).isoformat() for name in days.split(",") if name][:200]
    found = runs.latest(names)
    return JSONResponse(
        {
            name: {"state": run.state, "run_id": run.run_id, "path": run.path} if (run := found.get(name)) else None
            for name in names
        },
        headers=dict(HEADERS),
    )


def plan_of_days(
    site: SiteDep,
    today: TodayDep,
    runs: RunsDep,
    days: Annotated[list[str], Body(max_length=400)],
    reprocess: Annotated[Reprocess, Body()] = "completed",
    only_incomplete: Annotated[bool, Body()] = False,
) -> JSONResponse:
    """What to post to Airflow's API to run the days again. Changes nothing."""
    try:
        chosen = plan(
            days,
            today=today,
            reprocess=reprocess,
            targets=_incomplete(site, days) if only_incomplete else None,
        )
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return JSONResponse(
        {
            "days": chosen.days,
            "words": chosen.words,
            "is_paused": runs.is_paused(),
            "calls": [{"path": call.path, "body": call.body} for call in chosen.calls],
        },
        headers=dict(HEADERS),
    )


def alarms_panel(site: SiteDep) -> HTMLResponse:
    """What is wrong with the alarms."""
    return html("alarms.html.j2", health=alarm_health(site.settings, site.lake))


def freshness_panel(site: SiteDep) -> HTMLResponse:
    """How fresh SPICE is."""
    newest = max(site.ledger.ledger().days, default=None)
    return html("freshness.html.j2", freshness=spice_freshness(site.settings, site.lake), newest=newest)


def costs_panel(site: SiteDep, today: TodayDep) -> HTMLResponse:
    """What the last days cost."""
    days = _calendar(site.ledger.ledger(), today, [], {})[-COST_DAYS:]
    costs = day_costs(days, site.reports.of_days([day.name for day in days]))
    return html("costs.html.j2", costs=costs)


def findings_panel(site: SiteDep) -> HTMLResponse:
    """What the latest report found."""
    return html("findings.html.j2", report=site.reports.latest([*site.ledger.ledger().days]))


def asset(name: str) -> Response:
    """A file of the page."""
    if name not in ASSETS:
        raise HTTPException(404, f"no file {name!r}")
    headers = {**HEADERS, "Cache-Control": "private, max-age=31536000, immutable"}
    return Response((WEB / name).read_bytes(), media_type=ASSETS[name], headers=headers)


def _overview(site: Site, today: date, runs: AirflowRuns) -> dict[str, Any]:
    ledger = site.ledger.ledger()
    active = runs.active()
    days = _calendar(ledger, today, active, {})
    unknown = [day.name for day in days[-LOOKED_AT_DAYS:] if day.digest is None and not day.is_running]
    latest = runs.latest(unknown) if unknown else {}
    if latest:
        days = _calendar(ledger, today, active, latest)
    recent = days[-LOOKED_AT_DAYS:]
    done = [day for day in recent if day.digest is not None]
    return {
        "ledger": ledger,
        "days": days,
        "months": by_month(days),
        "latest": done[-1] if done else None,
        "look": [day for day in reversed(recent) if day.needs_a_look],
        "looked_at": len(recent),
        "latest_runs": latest,
        "active": active,
        "scanned": sum(day.digest.totals.bytes_scanned for day in done if day.digest),
        "cost": sum(day.digest.totals.cost_usd for day in done if day.digest),
        "dag_id": DAG_ID,
    }


def _calendar(ledger: Ledger, today: date, active: Sequence[Run], latest: Mapping[str, Run]) -> list[Day]:
    return calendar(
        ledger.days,
        today=today,
        days=CALENDAR_DAYS,
        running=frozenset(name for name in being_run(active) if _is_day(name)),
        failed=frozenset(name for name, run in latest.items() if run.state == "failed"),
    )


def _incomplete(site: Site, days: Sequence[str]) -> dict[str, list[str]]:
    return {
        day: [str(row.target) for row in site.ledger.rows(day) if state_of(row).code in NOT_COMPLETE]
        for day in days[:SINGLE_RUNS_AT_MOST]
    }


def _has_failed(runs: Sequence[Run]) -> bool:
    daily = [run for run in runs if run.dag_id == DAG_ID]
    return bool(daily) and daily[0].state == "failed"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _day_or_404(text: str) -> date:
    if not _is_day(text):
        raise HTTPException(404, f"{text!r} is no day; write YYYY-MM-DD")
    day = date.fromisoformat(text)
    if not MINYEAR < day.year < MAXYEAR:
        raise HTTPException(404, f"{text} is at the calendar's end")
    return day


def _settings_are_wrong(request: Request, error: Exception) -> Response:
    return html("problem.html.j2", 503, title="The settings cannot be read", words=str(error))


def _aws_does_not_answer(request: Request, error: Exception) -> Response:
    return html("problem.html.j2", 502, title="AWS does not answer as it should", words=str(error))
