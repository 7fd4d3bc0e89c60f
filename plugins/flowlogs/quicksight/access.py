"""Row-level security: who sees the rows of which accounts, as a data set of its own.

A row names a group or a user, and the accounts whose rows they see, separated by commas; none means all accounts. Who
is in no row sees nothing (user guide, "Using row-level security with user-based rules").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowlogs.quicksight_settings import AccessRule

_NAMES = (("groupname", "GroupName"), ("username", "UserName"), ("account", "account"))
"""Athena's names, which are in lower case, and those that QuickSight looks for."""


def access_sql(rules: Sequence[AccessRule]) -> str:
    """The rules as a query that reads no table. Its texts were validated with the settings."""
    rows = ",\n".join(
        f"  ({_text(rule.group)}, {_text(rule.user)}, {_text(','.join(rule.accounts) or None)})" for rule in rules
    )
    columns = ", ".join(name for name, _ in _NAMES)
    return f"SELECT {columns}\nFROM (VALUES\n{rows}\n) AS rules ({columns})"


def access_tables(rules: Sequence[AccessRule], data_source_arn: str) -> dict[str, Any]:
    """PhysicalTableMap and LogicalTableMap of the rules."""
    query = {
        "DataSourceArn": data_source_arn,
        "Name": "rules",
        "SqlQuery": access_sql(rules),
        "Columns": [{"Name": name, "Type": "STRING"} for name, _ in _NAMES],
    }
    renamed = [
        {"RenameColumnOperation": {"ColumnName": name, "NewColumnName": wanted}}
        for name, wanted in _NAMES
        if name != wanted
    ]
    return {
        "PhysicalTableMap": {"rules": {"CustomSql": query}},
        "LogicalTableMap": {
            "access": {"Alias": "access", "Source": {"PhysicalTableId": "rules"}, "DataTransforms": renamed}
        },
    }


def _text(value: str | None) -> str:
    if value is None:
        return "CAST(NULL AS varchar)"
    doubled = value.replace("'", "''")
    return f"CAST('{doubled}' AS varchar)"
