"""The pages: all dashboards, and one dashboard with the sheet that is looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from local_aws.aws_json import Caller, ServiceError
from local_aws.quicksight.api import QuickSightOperations
from local_aws.quicksight.page.choices import Choices, parameters
from local_aws.quicksight.page.controls import controls
from local_aws.quicksight.page.fields import Fields
from local_aws.quicksight.page.filters import Filters
from local_aws.quicksight.page.layout import Place, places
from local_aws.quicksight.page.sources import Sources, Stored, Undrawable, moment, opened
from local_aws.quicksight.page.visuals import plain_text, shown
from local_aws.quicksight.preparation.terms import InvalidExpression
from local_aws.quicksight.resources import DASHBOARD, status_of

TEMPLATES = Path(__file__).parent / "templates"
_HISTORY = 100
"""Ingestions that the page of a data set shows."""


class Dashboards:
    """Draws the pages."""

    def __init__(self, operations: QuickSightOperations) -> None:
        self._operations = operations

    def listing(self) -> str:
        """All dashboards of all accounts and regions, and the data sets with their rows."""
        found = []
        for account, region, dashboard_id, dashboard in self._operations.documents.everywhere(DASHBOARD.in_arn):
            caller = Caller(account, region)
            _, version = self._operations.published(caller, dashboard_id)
            found.append(
                {
                    "id": dashboard_id,
                    "name": dashboard["Name"],
                    "account": account,
                    "region": region,
                    "version": version["VersionNumber"],
                    "status": status_of(version["State"]),
                    "sheets": [
                        sheet.get("Name") or sheet["SheetId"] for sheet in version["Definition"].get("Sheets", [])
                    ],
                    "published": moment(dashboard.get("LastPublishedTime", dashboard["CreatedTime"])),
                    "link": _link(caller, dashboard_id),
                }
            )
        sets = []
        for account, region, data_set_id, data_set in self._operations.documents.everywhere("dataset"):
            stored = self._stored(Caller(account, region), data_set_id)
            sets.append(
                {
                    "id": data_set_id,
                    "account": account,
                    "region": region,
                    "mode": data_set["ImportMode"],
                    "stored": stored,
                }
            )
        return _render("listing.html.j2", dashboards=found, data_sets=sets)

    def dashboard(self, path: str, query: str) -> str | None:
        """One dashboard; `path` is its id, behind account and region where it is not alone with it. None for no such."""
        found = self._find(path)
        if found is None:
            return None
        caller, dashboard_id = found
        choices = Choices.of(query)
        dashboard, version = self._operations.published(caller, dashboard_id)
        definition = version["Definition"]
        stored = {
            one["Identifier"]: self._stored(caller, one["DataSetArn"].rpartition("/")[2])
            for one in definition.get("DataSetIdentifierDeclarations", [])
        }
        sheets = definition.get("Sheets", [])
        sheet = next((one for one in sheets if one["SheetId"] == choices.sheet), sheets[0] if sheets else None)
        values: dict[str, Any] = {}
        with opened(definition, stored) as sources:
            if sheet is not None:
                values = _drawn(definition, sheet, sources, choices)
        tabs = [
            {
                "name": one.get("Name") or one["SheetId"],
                "link": choices.address(one["SheetId"]),
                "current": one is sheet,
            }
            for one in sheets
        ]
        return _render(
            "dashboard.html.j2",
            dashboard=dashboard,
            version=version["VersionNumber"],
            status=status_of(version["State"]),
            errors=version["State"].get("errors") or [],
            tabs=tabs,
            sheet=sheet,
            stored=list({one.name: one for one in stored.values()}.values()),
            choices=choices,
            **values,
        )

    def data_set(self, data_set_id: str) -> str | None:
        """A data set's rows and the history of its refreshes; None for no such."""
        for account, region, one_id, data_set in self._operations.documents.everywhere("dataset"):
            if one_id == data_set_id:
                caller = Caller(account, region)
                ingestions = [
                    {**one.shape, "CreatedTime": moment(one.shape["CreatedTime"])}
                    for one in self._operations.records.page(caller, data_set_id, None, _HISTORY)
                ]
                return _render(
                    "data_set.html.j2",
                    id=data_set_id,
                    account=account,
                    region=region,
                    data_set=data_set,
                    stored=self._stored(caller, data_set_id),
                    ingestions=ingestions,
                )
        return None

    def missing(self, path: str) -> str:
        """That there is no such dashboard or data set."""
        return _render("missing.html.j2", path=path)

    def _find(self, path: str) -> tuple[Caller, str] | None:
        account, _, rest = path.partition("/")
        region, _, dashboard_id = rest.partition("/")
        for one_account, one_region, one_id, _ in self._operations.documents.everywhere(DASHBOARD.in_arn):
            if path == one_id or (account, region, dashboard_id) == (one_account, one_region, one_id):
                return Caller(one_account, one_region), one_id
        return None

    def _stored(self, caller: Caller, data_set_id: str) -> Stored:
        """The rows of a data set, and what became of its newest ingestion."""
        try:
            data_set = self._operations.describe_data_set(caller, {"DataSetId": data_set_id})["DataSet"]
        except ServiceError as error:
            return Stored(data_set_id, None, {}, problem=error.message)
        state = self._operations.spice.state(caller, data_set_id)
        newest = next(iter(self._operations.records.page(caller, data_set_id, None, 1)), None)
        problem = None
        if newest is not None and newest.status == "FAILED":
            failure = newest.details.get("ErrorInfo", {})
            problem = f"the newest ingestion failed: {failure.get('Type')}: {failure.get('Message')}"
        elif newest is not None and newest.status != "COMPLETED":
            problem = f"an ingestion is {newest.status}"
        if state is None:
            if data_set["ImportMode"] != "SPICE":
                problem = f"{data_set['Name']} is queried directly, which the local QuickSight does not draw"
            return Stored(data_set["Name"], None, {}, problem=problem or "it has not been ingested yet")
        file = self._operations.spice.file(caller, data_set_id)
        return Stored(data_set["Name"], file, state["columns"], state["rows"], moment(state["refreshed"]), problem)


def _drawn(
    definition: Mapping[str, Any], sheet: Mapping[str, Any], sources: Sources, choices: Choices
) -> dict[str, Any]:
    """The controls and elements of a sheet for the template."""
    fields = Fields(sources, definition)
    chosen = parameters(definition, choices)
    filters = Filters(definition, fields, choices, chosen)
    elements: list[tuple[Place, dict[str, Any]]] = []
    laid = places(sheet)
    for visual in sheet.get("Visuals", []):
        ((_, body),) = visual.items()
        place = laid[body["VisualId"]]
        one = shown(visual, sheet["SheetId"], sources, fields, filters, width=place.width, height=place.height)
        elements.append((place, {"visual": one}))
    for box in sheet.get("TextBoxes", []):
        place = laid[box["SheetTextBoxId"]]
        elements.append((place, {"text": plain_text(box.get("Content", ""))}))
    elements.sort(key=lambda one: (one[0].row, one[0].column))
    try:
        offered = controls(sheet, sources, fields, filters, choices, chosen)
    except (Undrawable, InvalidExpression):
        offered = []
    return {"elements": [{"place": place, **one} for place, one in elements], "controls": offered}


def _link(caller: Caller, dashboard_id: str) -> str:
    return f"/_quicksight/{caller.account_id}/{caller.region}/{dashboard_id}"


def _render(template: str, **values: Any) -> str:
    return _templates().get_template(template).render(now=datetime.now(UTC), **values)


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    # Pictures are made by our own code, which escapes every text in them.
    templates.filters["picture"] = lambda svg: Markup(svg)  # noqa: S704
    templates.filters["ago"] = _ago
    templates.filters["json"] = json.dumps
    return templates


def _ago(time: datetime, now: datetime) -> str:
    minutes = int((now - time).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"
