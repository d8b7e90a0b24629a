"""Every sentence for a reader passes one door and can be found by extraction."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo

import workbench as wb
from tests.worlds import at
from workbench import messages

PACKAGE = Path(messages.__file__).parent
DOORS = {"message": 1, "message_of_count": 2, "marked": 1}


def calls() -> Iterator[tuple[Path, str, ast.Call]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if called and node.func.id in DOORS and path.name != "messages.py":
                yield path, node.func.id, node


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_sentences_are_literal_where_they_are_made():
    """A text that is chosen at run time must be marked in the same module."""
    marking = {path for path, name, _ in calls() if name == "marked"}
    loose = [
        f"{path.relative_to(PACKAGE)}:{call.lineno}"
        for path, name, call in calls()
        if not all(is_text(argument) for argument in call.args[: DOORS[name]])
        and path not in marking
    ]
    assert loose == []


def test_places_in_a_sentence_are_filled_by_name():
    """A catalogue can move a place only when it has a name."""
    unnamed = [
        f"{path.relative_to(PACKAGE)}:{call.lineno}"
        for path, _, call in calls()
        for argument in call.args
        if is_text(argument) and "{}" in argument.value
    ]
    assert unnamed == []


@pytest.fixture
def japanese(tmp_path, monkeypatch):
    catalog = Catalog(locale="ja")
    catalog.add("accounts", "アカウント")
    catalog.add("All {containers}", "すべての{containers}")
    catalog.add(("{count} day", "{count} days"), ("{count}日間",))
    folder = tmp_path / "ja" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "workbench.mo").open("wb") as file:
        write_mo(file, catalog)
    monkeypatch.setattr(messages, "LOCALE_DIRECTORY", tmp_path)
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "ja")
    messages._catalogue.cache_clear()
    yield
    messages._catalogue.cache_clear()


def test_a_catalogue_speaks_in_every_room(japanese):
    events = pd.DataFrame({"account_id": ["A"], "occurred_at": [at(0)], "event": ["a"]})
    result = wb.fallout(wb.from_frames(events=events), steps=["a", "a"], total_within="90d")
    assert result.frame["step"].iloc[0] == "すべてのアカウント"
    assert "90日間" in result.explain()


def test_a_language_without_catalogue_falls_back_to_english(monkeypatch):
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "xx")
    assert messages.message("All {containers}", containers="accounts") == "All accounts"
