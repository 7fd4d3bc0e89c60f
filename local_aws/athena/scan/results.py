"""The result of a query as Athena's CSV file."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from local_aws.athena.dml.types import literal
from local_aws.athena.model import ResultColumn
from local_aws.athena.scan.queries import BoundQuery, Run


def write_result(
    bound: BoundQuery, columns: Sequence[ResultColumn], expressions: Sequence[str], names: Sequence[str], target: Path
) -> Run:
    r"""Write the query's rows: every value in double quotes, NULL as nothing, lines that end in \n.

    Args:
        bound: the query.
        columns: the result's columns, whose names are the header.
        expressions: DuckDB expressions for each column's text, over `names`.
        names: the names under which the expressions know the query's columns, by place.
        target: the file.
    """
    rows = bound.session.scratch / "rows.csv"
    result = ", ".join(f"{expression} AS c{place}" for place, expression in enumerate(expressions))
    copy = (
        f"COPY (SELECT {result} FROM ({bound.query.sql}) AS result({', '.join(names)})) TO {literal(str(rows))} "
        "(FORMAT csv, HEADER false, QUOTE '\"', ESCAPE '\"', FORCE_QUOTE *, NULLSTR '')"
    )
    run = bound.run(lambda connection: int(connection.execute(copy).fetchall()[0][0]))
    # DuckDB would rename columns of the same name in a header of its own.
    with target.open("wb") as whole, rows.open("rb") as body:
        whole.write(header_line(columns).encode())
        shutil.copyfileobj(body, whole, 1 << 20)
    return run


def header_line(columns: Sequence[ResultColumn]) -> str:
    """The first line of a result: the quoted names."""
    quoted_names = ('"' + column.name.replace('"', '""') + '"' for column in columns)
    return ",".join(quoted_names) + "\n"
