"""The dashboard of `include/search/dashboard.yaml` as saved objects of OpenSearch Dashboards and Kibana.

Both import the same objects: index patterns, visualizations of aggregations, a list of documents, a dashboard. Ids are
made of names, so that importing again replaces.

    python -m flowlogs.search.dashboards opensearch > dashboard.ndjson
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from flowlogs.include_folder import INCLUDE
from flowlogs.search.fields import FIELDS, Kind
from flowlogs.search_settings import Search

FILE: Final = INCLUDE / "search" / "dashboard.yaml"
COLUMNS: Final = 48
"""Width of a dashboard in both products."""

Server = Literal["opensearch", "elasticsearch"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]

_NUMBERS: Final = frozenset({"integer", "long", "double"})
_TYPES: Final = {field.name: field.type for field in FIELDS}
_SOURCE: Final = "kibanaSavedObjectMeta.searchSourceJSON.index"
"""The name that a visualization has for its index pattern, in both products."""


class DashboardError(ValueError):
    """The file is not as it has to be; the text names panel, field, and what there is instead."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Split(_Part):
    """A field whose values with the largest numbers are shown."""

    field: str
    size: Annotated[int, Field(ge=1, le=500)]


class Panel(_Part):
    """What one panel shows.

    A number is the sum of the field `sum`, or of documents without it (findings, of which each is one).
    """

    name: Name
    title: Annotated[str, Field(min_length=1)]
    of: Kind
    chart: Literal["metric", "bars", "lines", "pie", "table", "list"]
    sum: str | None = None
    label: str = "documents"
    over_time: bool = False
    by: tuple[Split, ...] = ()
    columns: tuple[str, ...] = ()
    query: str = ""
    width: Annotated[int, Field(ge=8, le=COLUMNS)]

    @model_validator(mode="after")
    def _is_drawable(self) -> Self:
        if (self.chart == "list") != bool(self.columns):
            raise ValueError("columns are for the chart list, which needs them")
        if self.of != "findings" and self.chart != "list" and self.sum is None:
            raise ValueError("a document may stand for many records: name the field to sum")
        for field in (*(split.field for split in self.by), *self.columns, *((self.sum,) if self.sum else ())):
            if field not in _TYPES:
                near = difflib.get_close_matches(field, _TYPES, 1)
                raise ValueError(f"no field {field!r}" + (f"; is it {near[0]}?" if near else ""))
        if self.sum is not None and _TYPES[self.sum] not in _NUMBERS:
            raise ValueError(f"{self.sum} is no number")
        for split in self.by:
            if _TYPES[split.field] in ("text", "object"):
                raise ValueError(f"{split.field} cannot be split by: it is of the type {_TYPES[split.field]}")
        return self


class Row(_Part):
    """Panels beside each other."""

    height: Annotated[int, Field(ge=4, le=60)]
    panels: Annotated[tuple[Panel, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        width = sum(panel.width for panel in self.panels)
        if width > COLUMNS:
            raise ValueError(f"{', '.join(panel.name for panel in self.panels)} are {width} wide; a row has {COLUMNS}")
        return self


class Dashboard(_Part):
    """The file."""

    title: str
    description: str
    from_: Annotated[str, Field(alias="from", pattern=r"^now-\d+[dwM]$")]
    rows: Annotated[tuple[Row, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [panel.name for panel in self.panels]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the name {', '.join(twice)} stands twice")
        return self

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels, row by row."""
        return tuple(panel for row in self.rows for panel in row.panels)


def read_dashboard(text: str | None = None) -> Dashboard:
    """The dashboard of a text, or of the file.

    Raises:
        DashboardError: everything that is wrong, each with its place.
    """
    try:
        return Dashboard.model_validate(yaml.safe_load(FILE.read_text() if text is None else text))
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()
        ]
        raise DashboardError(f"{FILE.name}: {'; '.join(problems)}") from error


def saved_objects(dashboard: Dashboard, search: Search) -> list[dict[str, Any]]:
    """The objects that the import takes, those that others refer to first."""
    patterns = [
        {
            "type": "index-pattern",
            "id": _pattern_id(search, kind),
            "attributes": {"title": _pattern_id(search, kind), "timeFieldName": "@timestamp"},
            "references": [],
        }
        for kind in get_args(Kind)
    ]
    panels = [_panel(panel, search) for panel in dashboard.panels]
    return [*patterns, *panels, _dashboard(dashboard, search)]


def ndjson(objects: list[dict[str, Any]]) -> str:
    """Objects as the import takes them, a line each."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)


def dashboard_id(search: Search) -> str:
    """The dashboard's id, which ends its address."""
    return f"{search.prefix}-dashboard"


def panel_query(panel: Panel) -> dict[str, Any]:
    """The search that a panel of numbers makes, days for the time axis: to see that its fields answer."""
    metric = {"number": {"sum": {"field": panel.sum}}} if panel.sum else {}
    aggregations: dict[str, Any] = metric
    for split in reversed(panel.by):
        order = {"order": {"number": "desc"}} if panel.sum else {}
        aggregations = {"by": {"terms": {"field": split.field, "size": split.size, **order}, "aggs": aggregations}}
        aggregations = {**aggregations, **metric}
    if panel.over_time:
        over_time = {"date_histogram": {"field": "@timestamp", "calendar_interval": "day"}, "aggs": aggregations}
        aggregations = {"time": over_time, **metric}
    query: dict[str, Any] = {"match_all": {}}
    if panel.query:
        query = {"query_string": {"query": panel.query.replace(": ", ":")}}
    return {"size": 0, "track_total_hits": True, "query": query, "aggs": aggregations}


def _pattern_id(search: Search, kind: Kind) -> str:
    return f"{search.prefix}-{kind}"


def _panel_id(search: Search, panel: Panel) -> str:
    return f"{search.prefix}-panel-{panel.name}"


def _panel_type(panel: Panel) -> str:
    return "search" if panel.chart == "list" else "visualization"


def _panel(panel: Panel, search: Search) -> dict[str, Any]:
    source = {"query": {"query": panel.query, "language": "kuery"}, "filter": [], "indexRefName": _SOURCE}
    attributes: dict[str, Any] = {
        "title": panel.title,
        "description": "",
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(source)},
    }
    if panel.chart == "list":
        attributes |= {"columns": [*panel.columns], "sort": [["@timestamp", "desc"]], "hits": 0}
    else:
        attributes |= {"visState": json.dumps(_vis_state(panel, search.server)), "uiStateJSON": "{}"}
    return {
        "type": _panel_type(panel),
        "id": _panel_id(search, panel),
        "attributes": attributes,
        "references": [{"name": _SOURCE, "type": "index-pattern", "id": _pattern_id(search, panel.of)}],
    }


_VIS_TYPES: Final = {"metric": "metric", "bars": "histogram", "lines": "line", "pie": "pie", "table": "table"}
_SPLIT_SCHEMAS: Final = {"bars": "group", "lines": "group", "pie": "segment", "table": "bucket"}


def _vis_state(panel: Panel, server: Server) -> dict[str, Any]:
    """A visualization of aggregations, as both products keep it."""
    return {
        "title": panel.title,
        "type": _VIS_TYPES[panel.chart],
        "aggs": list(_aggregations(panel, server)),
        "params": _params(panel),
    }


def _aggregations(panel: Panel, server: Server) -> Iterator[dict[str, Any]]:
    number = {"field": panel.sum} if panel.sum else {}
    yield _aggregation(1, "sum" if panel.sum else "count", "metric", {**number, "customLabel": panel.label})
    following = 2
    if panel.over_time:
        normalized = "useNormalizedOpenSearchInterval" if server == "opensearch" else "useNormalizedEsInterval"
        params = {
            "field": "@timestamp", normalized: True, "interval": "auto", "scaleMetricValues": False,
            "drop_partials": False, "min_doc_count": 1, "extended_bounds": {},
        }  # fmt: skip
        yield _aggregation(following, "date_histogram", "segment", params)
        following += 1
    for split in panel.by:
        params = {
            "field": split.field, "orderBy": "1", "order": "desc", "size": split.size, "otherBucket": False,
            "otherBucketLabel": "Other", "missingBucket": False, "missingBucketLabel": "Missing",
        }  # fmt: skip
        yield _aggregation(following, "terms", _SPLIT_SCHEMAS[panel.chart], params)
        following += 1


def _aggregation(number: int, kind: str, schema: str, params: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": str(number), "enabled": True, "type": kind, "schema": schema, "params": dict(params)}


def _params(panel: Panel) -> dict[str, Any]:
    common: dict[str, Any] = {
        "type": _VIS_TYPES[panel.chart],
        "addTooltip": True,
        "addLegend": True,
        "legendPosition": "right",
    }
    match panel.chart:
        case "pie":
            return {
                **common,
                "isDonut": True,
                "labels": {"show": False, "values": True, "last_level": True, "truncate": 100},
            }
        case "table":
            return {
                "perPage": 10, "showPartialRows": False, "showMetricsAtAllLevels": False, "showTotal": False,
                "totalFunc": "sum", "percentageCol": "",
            }  # fmt: skip
        case "metric":
            style = {"bgFill": "#000", "bgColor": False, "labelColor": False, "subText": "", "fontSize": 36}
            metric = {
                "percentageMode": False, "useRanges": False, "colorSchema": "Green to Red", "metricColorMode": "None",
                "colorsRange": [{"from": 0, "to": 10000}], "labels": {"show": True}, "invertColors": False, "style": style,
            }  # fmt: skip
            return {**common, "addLegend": False, "metric": metric}
    return {**common, **_axes(panel)}


def _axes(panel: Panel) -> dict[str, Any]:
    labels = {"show": True, "filter": True, "truncate": 100}
    category = {
        "id": "CategoryAxis-1", "type": "category", "position": "bottom", "show": True, "style": {},
        "scale": {"type": "linear"}, "labels": labels, "title": {},
    }  # fmt: skip
    value = {
        "id": "ValueAxis-1", "name": "LeftAxis-1", "type": "value", "position": "left", "show": True, "style": {},
        "scale": {"type": "linear", "mode": "normal"}, "labels": {**labels, "rotate": 0, "filter": False},
        "title": {"text": panel.label},
    }  # fmt: skip
    series = {
        "show": True, "type": _VIS_TYPES[panel.chart], "mode": "stacked" if panel.chart == "bars" else "normal",
        "data": {"label": panel.label, "id": "1"}, "valueAxis": "ValueAxis-1", "drawLinesBetweenPoints": True,
        "lineWidth": 2, "showCircles": True,
    }  # fmt: skip
    return {
        "grid": {"categoryLines": False}, "categoryAxes": [category], "valueAxes": [value], "seriesParams": [series],
        "times": [], "addTimeMarker": False, "labels": {"show": False},
        "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
    }  # fmt: skip


def _dashboard(dashboard: Dashboard, search: Search) -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    references: list[dict[str, str]] = []
    top = 0
    for row in dashboard.rows:
        left = 0
        for panel in row.panels:
            index = str(len(panels))
            grid = {"x": left, "y": top, "w": panel.width, "h": row.height, "i": index}
            name = f"panel_{index}"
            panels.append(
                {
                    "type": _panel_type(panel),
                    "gridData": grid,
                    "panelIndex": index,
                    "embeddableConfig": {},
                    "panelRefName": name,
                }
            )
            references.append({"name": name, "type": _panel_type(panel), "id": _panel_id(search, panel)})
            left += panel.width
        top += row.height
    everything = {"query": {"query": "", "language": "kuery"}, "filter": []}
    return {
        "type": "dashboard",
        "id": dashboard_id(search),
        "attributes": {
            "title": dashboard.title,
            "description": dashboard.description,
            "hits": 0,
            "version": 1,
            "panelsJSON": json.dumps(panels),
            "optionsJSON": json.dumps({"useMargins": True, "hidePanelTitles": False}),
            "timeRestore": True,
            "timeFrom": dashboard.from_,
            "timeTo": "now",
            "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(everything)},
        },
        "references": references,
    }


def main() -> None:
    """Write the objects for a server, for an import by hand."""
    from flowlogs.settings import load_settings

    server = sys.argv[1] if len(sys.argv) == 2 else ""
    if server not in get_args(Server):
        sys.exit("usage: python -m flowlogs.search.dashboards opensearch|elasticsearch > dashboard.ndjson")
    search = load_settings().search.model_copy(update={"server": server})
    sys.stdout.write(ndjson(saved_objects(read_dashboard(), search)))


if __name__ == "__main__":
    main()
