"""The types of CAST: sqlglot's nodes to Trino's types."""

from __future__ import annotations

from sqlglot import exp

from local_aws.athena.dml.failures import located
from local_aws.athena.dml.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    INTERVAL_DAY,
    INTERVAL_YEAR,
    IPADDRESS,
    IPPREFIX,
    JSON,
    REAL,
    SMALLINT,
    TINYINT,
    VARBINARY,
    VARCHAR,
    Type,
    array_of,
    decimal_of,
    map_of,
    row_of,
)

_PLAIN = {
    exp.DType.BOOLEAN: BOOLEAN,
    exp.DType.TINYINT: TINYINT,
    exp.DType.SMALLINT: SMALLINT,
    exp.DType.INT: INTEGER,
    exp.DType.BIGINT: BIGINT,
    exp.DType.FLOAT: REAL,
    exp.DType.DOUBLE: DOUBLE,
    exp.DType.VARBINARY: VARBINARY,
    exp.DType.JSON: JSON,
    exp.DType.DATE: DATE,
    exp.DType.IPADDRESS: IPADDRESS,
    exp.DType.IPPREFIX: IPPREFIX,
}
_LENGTHS = {
    exp.DType.VARCHAR: (VARCHAR, ()),
    exp.DType.CHAR: (Type("char"), (1,)),
    exp.DType.TIME: (Type("time"), (3,)),
    exp.DType.TIMESTAMP: (Type("timestamp"), (3,)),
    exp.DType.TIMESTAMPTZ: (Type("timestamp with time zone"), (3,)),
}


def node_type(data_type: exp.DataType, place: exp.Expr) -> Type:
    """Returns the type a CAST names. Raises: QueryFailed TYPE_NOT_FOUND at `place`."""
    kind = data_type.this
    numbers = tuple(int(part.name) for part in data_type.expressions if isinstance(part, exp.DataTypeParam))
    if kind in _PLAIN and not data_type.expressions:
        return _PLAIN[kind]
    if kind in _LENGTHS:
        type_, default = _LENGTHS[kind]
        return Type(type_.name, numbers=numbers or default)
    if kind is exp.DType.DECIMAL:
        precision, scale = (*(numbers or (38,)), 0)[:2]
        return decimal_of(precision, scale)
    if kind is exp.DType.ARRAY and len(data_type.expressions) == 1:
        return array_of(node_type(data_type.expressions[0], place))
    if kind is exp.DType.MAP and len(data_type.expressions) == 2:
        key, value = (node_type(part, place) for part in data_type.expressions)
        return map_of(key, value)
    if kind is exp.DType.STRUCT:
        fields = [
            (part.name, part.args["kind"]) if isinstance(part, exp.ColumnDef) else (None, part)
            for part in data_type.expressions
        ]
        return row_of(tuple(node_type(type_, place) for _, type_ in fields), tuple(name for name, _ in fields))
    if isinstance(kind, exp.Interval):
        return INTERVAL_YEAR if "YEAR" in kind.sql().upper() else INTERVAL_DAY
    raise located("TYPE_NOT_FOUND", place, f"Unknown type: {data_type.sql('trino').lower()}")
