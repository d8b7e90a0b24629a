"""Names and values as SQL text have one home, and survive a database."""

from __future__ import annotations

import ast

import duckdb
import pytest

from tests.house import modules, named, tree_of
from workbench.quoting import literal, literals, quoted

HOSTILE = ['a"b', '"', "x'; DROP TABLE t; --", "a\nb", "名前", " ", 'select "']


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_and_any_value_can_stand_in_a_query(name: str) -> None:
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE t AS SELECT {literal(name)} AS {quoted(name)}")
    assert connection.execute(f"SELECT {quoted(name)} FROM t").fetchall() == [(name,)]
    given = f"SELECT list_contains({literals([name, 'x'])}, {literal(name)}), {literal(None)}"
    assert connection.execute(given).fetchall() == [(True, None)]


def test_nothing_else_doubles_the_signs_of_sql() -> None:
    elsewhere = [
        named(path)
        for path in modules("workbench")
        for call in ast.walk(tree_of(path))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "replace"
        and [a.value for a in call.args if isinstance(a, ast.Constant)]
        in (['"', '""'], ["'", "''"])
    ]
    assert set(elsewhere) == {"workbench/quoting.py"}
