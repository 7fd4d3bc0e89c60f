"""Tables, pivot tables and heat maps: visuals that are grids of cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local_aws.quicksight.page.drawing import Cell, Drawing, Grid, Task
from local_aws.quicksight.page.fields import Field, labelled
from local_aws.quicksight.page.selection import OTHER, Sort, limit_of
from local_aws.quicksight.page.sources import Undrawable

MOST_ROWS = 200
MOST_COLUMNS = 40
HEAT_ROWS, HEAT_COLUMNS = 30, 24


def table(task: Task) -> Drawing:
    """A TableVisual, aggregated or not."""
    wells = task.configuration.get("FieldWells", {})
    options = task.configuration.get("FieldOptions", {}).get("SelectedFieldOptions", [])
    if "TableUnaggregatedFieldWells" in wells:
        fields = [task.fields.column(one) for one in wells["TableUnaggregatedFieldWells"].get("Values", [])]
        groups: list[Field] = []
        measures: list[Field] = []
        sorts = task.selection.sorts(task.sorting.get("RowSort"), fields)
        rows = task.selection.plain(fields, sorts, MOST_ROWS + 1)
    else:
        own = task.wells("TableAggregatedFieldWells")
        groups, measures = task.fields.dimensions(own, "GroupBy"), task.fields.measures(own, "Values")
        fields = [*groups, *measures]
        default = [Sort(one.term.sql, False) for one in groups]
        sorts = task.selection.sorts(task.sorting.get("RowSort"), fields, default)
        rows, _ = task.selection.grouped(groups, measures, sorts=sorts, rows=MOST_ROWS + 1)
    if not fields:
        raise Undrawable("it has no fields")
    if not rows:
        return Drawing(empty=True)
    shown = labelled(fields, options)
    order = task.configuration.get("FieldOptions", {}).get("Order") or []
    shown.sort(key=lambda one: order.index(one.id) if one.id in order else len(order))
    at = [next(number for number, field in enumerate(fields) if field.id == one.id) for one in shown]
    grid = Grid(
        [one.label for one in shown],
        [[_cell(one, row[place]) for one, place in zip(shown, at, strict=True)] for row in rows[:MOST_ROWS]],
    )
    totals = task.configuration.get("TotalOptions", {})
    if measures and groups and totals.get("TotalsVisibility", "HIDDEN") == "VISIBLE":
        (sums,), _ = task.selection.grouped([], measures)
        by_id = dict(zip([one.id for one in measures], sums, strict=True))
        label = totals.get("CustomLabel", "Total")
        grid.total = [_cell(one, by_id[one.id]) if one.id in by_id else Cell("") for one in shown]
        if not grid.total[0].text:
            grid.total[0] = Cell(label, heading=True)
    notes = [f"the first {MOST_ROWS} rows are shown"] if len(rows) > MOST_ROWS else []
    return Drawing(grid=grid, notes=notes)


def pivot_table(task: Task) -> Drawing:
    """A PivotTableVisual: rows and columns of dimensions, and measures."""
    wells = task.wells("PivotTableAggregatedFieldWells")
    options = task.configuration.get("FieldOptions", {}).get("SelectedFieldOptions", [])
    down, across = task.fields.dimensions(wells, "Rows"), task.fields.dimensions(wells, "Columns")
    measures = labelled(task.fields.measures(wells, "Values"), options)
    down, across = labelled(down, options), labelled(across, options)
    if not measures:
        raise Undrawable("it has no values")
    sorts = [*_pivot_sorts(task, [*down, *across, *measures]), *(Sort(one.term.sql, False) for one in [*down, *across])]
    rows, _ = task.selection.grouped([*down, *across], measures, sorts=sorts)
    if not rows:
        return Drawing(empty=True)
    heads = list(dict.fromkeys(row[: len(down)] for row in rows))
    columns = sorted(
        {row[len(down) : len(down) + len(across)] for row in rows},
        key=lambda one: tuple((value is None, value) for value in one),
    )
    values = {
        (row[: len(down)], row[len(down) : len(down) + len(across)]): row[len(down) + len(across) :] for row in rows
    }
    header = [one.label for one in down]
    for column in columns[:MOST_COLUMNS]:
        over = ", ".join(one.shown(value) for one, value in zip(across, column, strict=True))
        header += [f"{over} {one.label}".strip() if len(measures) > 1 or not across else over for one in measures]
    body = []
    for head in heads[:MOST_ROWS]:
        cells = [Cell(one.shown(value), heading=True) for one, value in zip(down, head, strict=True)]
        for column in columns[:MOST_COLUMNS]:
            found = values.get((head, column))
            cells += [
                _cell(one, found[number]) if found else Cell("", number=True) for number, one in enumerate(measures)
            ]
        body.append(cells)
    notes = []
    if len(heads) > MOST_ROWS or len(columns) > MOST_COLUMNS:
        notes.append(
            f"{min(len(heads), MOST_ROWS)} of {len(heads)} rows, {min(len(columns), MOST_COLUMNS)} of {len(columns)} columns are shown"
        )
    return Drawing(grid=Grid(header, body), notes=notes)


def heat_map(task: Task) -> Drawing:
    """A HeatMapVisual: a grid whose cells are the stronger, the greater their value."""
    wells = task.wells("HeatMapAggregatedFieldWells")
    down, across = task.fields.dimensions(wells, "Rows")[:1], task.fields.dimensions(wells, "Columns")[:1]
    measures = task.fields.measures(wells, "Values")[:1]
    if not down or not across or not measures:
        raise Undrawable("a heat map needs rows, columns and a value")
    measure = measures[0]
    sorting = task.sorting
    limits = {
        down[0].id: limit_of(sorting.get("HeatMapRowItemsLimitConfiguration"), HEAT_ROWS),
        across[0].id: limit_of(sorting.get("HeatMapColumnItemsLimitConfiguration"), HEAT_COLUMNS),
    }
    for one in (*down, *across):
        if one.is_date:
            limits.pop(one.id)
    by_value = [Sort(measure.term.sql, True)]
    rows, cut = task.selection.grouped([*down, *across], measures, sorts=by_value, limits=limits)
    if not rows:
        return Drawing(empty=True)
    heads = _items(task, down[0], sorting.get("HeatMapRowSort"), rows, 0, measure)
    columns = _items(task, across[0], sorting.get("HeatMapColumnSort"), rows, 1, measure)
    values = {(down[0].name(row[0]), across[0].name(row[1])): row[2] for row in rows}
    numbers = [float(value) for value in values.values() if value is not None]
    low, high = min(numbers, default=0), max(numbers, default=1)
    body = []
    for head in heads:
        cells = [Cell(head, heading=True)]
        for column in columns:
            value = values.get((head, column))
            strength = None if value is None else (float(value) - low) / ((high - low) or 1)
            cells.append(Cell("" if value is None else measure.short(float(value)), number=True, strength=strength))
        body.append(cells)
    notes = [
        f"{one.label}: {limits[one.id].items} of {cut[one.id]:,} shown" for one in (*down, *across) if one.id in cut
    ]
    return Drawing(grid=Grid([down[0].label, *columns], body), notes=notes)


def _items(
    task: Task, dimension: Field, sort: Sequence[dict[str, Any]] | None, rows: Sequence[tuple[Any, ...]], at: int, measure: Field
) -> list[str]:  # fmt: skip
    sorts = task.selection.sorts(sort, [dimension, measure], [Sort(dimension.term.sql, False)])
    there = {dimension.name(row[at]) for row in rows}
    ordered = [dimension.name(value) for value in task.selection.order_of(dimension, sorts)]
    found = [item for item in dict.fromkeys(ordered) if item in there]
    return found + [item for item in sorted(there - set(found)) if item == OTHER]


def _cell(field: Field, value: object) -> Cell:
    is_number = isinstance(value, (int, float)) or field.term.is_number
    return Cell(field.shown(value), number=is_number)


def _pivot_sorts(task: Task, fields: Sequence[Field]) -> list[Sort]:
    found = []
    by_id = {one.id: one for one in fields}
    for one in task.sorting.get("FieldSortOptions", []):
        sort = one["SortBy"].get("Field")
        if sort and sort["FieldId"] in by_id:
            found.append(Sort(by_id[sort["FieldId"]].term.sql, sort["Direction"] == "DESC"))
        elif "Column" in one["SortBy"]:
            found += task.selection.sorts([{"ColumnSort": one["SortBy"]["Column"]}], fields)
    return found
