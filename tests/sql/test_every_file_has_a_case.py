"""Every SQL file has a test module of its own: `checks/rows.sql` has `tests/sql/checks/test_rows.py`, which runs it."""

import ast
from pathlib import Path

import pytest

from flowlogs.dag_defaults import SQL_FOLDER

FILES = sorted(str(path.relative_to(SQL_FOLDER)) for path in Path(SQL_FOLDER).rglob("*.sql"))


def test_there_are_files():
    assert "checks/rows_by_target.sql" in FILES


@pytest.mark.parametrize("file", FILES)
def test_an_sql_file_has_a_case(file):
    path = Path(file)
    module = Path(__file__).parent / path.parent / f"test_{path.stem}.py"
    assert module.is_file(), f"include/sql/{file} has no case; write tests/sql/{path.parent}/test_{path.stem}.py"
    tree = ast.parse(module.read_text())
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert any(name.startswith("test_") for name in names), f"{module.name} has no test"
    assert file in texts, f"{module.name} does not run {file}"
