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
from tests import sentences
from tests.sentences import error_classes, package, raw_refusals
from tests.worlds import at
from workbench import messages
from workbench.cli import main
from workbench.engine.store import EventStore
from workbench.errors import ArgumentError, StoreError, WorkspaceFileError

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


def test_no_refusal_is_raw():
    """What is handed to an error class went through the door, in every room."""
    classes = error_classes(package())
    assert {"ArgumentError", "UsageError", "StoreError", "SourceError"} <= classes
    assert [place for path in package() for place in raw_refusals(path, classes)] == []


RAW = """
_FORM = "a number with its unit"
def helper(name, todo):
    todo = todo or "Try again later."
    raise ArgumentError.of(name, 1, "numbers", todo)
def other(allowed):
    raise ArgumentError.of("x", 1, allowed)
def check(x, where):
    other(f"{x} or more")
    if x:
        raise StoreError(f"{where} is gone")
    raise ArgumentError.of("steps", f"{x} conditions here", _FORM)
"""


def test_the_search_for_raw_refusals_finds_them(tmp_path, monkeypatch):
    path = tmp_path / "raw.py"
    path.write_text(RAW, encoding="utf-8")
    monkeypatch.setattr(sentences, "named", lambda path: path.name)
    found = raw_refusals(path, {"ArgumentError", "StoreError"})
    assert found == [f"raw.py:{line}" for line in (2, 4, 5, 9, 11, 12)]
    door = RAW.replace('"a number', 'marked("a number').replace('unit"', 'unit")')
    path.write_text(door, encoding="utf-8")
    assert "raw.py:2" not in raw_refusals(path, {"ArgumentError", "StoreError"})


SENTENCES = {
    "accounts": "アカウント",
    "All {containers}": "すべての{containers}",
    ("{count} day", "{count} days"): ("{count}日間",),
    "{argument}={value!r} cannot be used.{hint} Allowed: {allowed}.": (
        "{argument}={value!r} は使えません。{hint}使える値: {allowed}。"
    ),
    " Did you mean {names}?": " {names} のことですか。",
    "{one} or {other}": "{one}または{other}",
    "a number with its unit (s, min, h, d, w), such as '90d' or '1h 30min'": "単位のついた数",
    "{directory} holds no event store that can be read. Open the workspace "
    "with refresh=True to build it again.": "{directory} は読めません。",
    "{path} cannot be used:": "{path} は使えません:",
    "{place}: unknown key.{hint} Known here: {known}.": "{place}: 知らないキー。{hint}",
    " Did you mean {name!r}?": "{name!r} のことですか。",
    "{place}: {given} cannot be used.{hint} Needed: {needed}.": "{place}: 必要なのは{needed}。",
    "true or false": "真か偽",
    "There is no workspace file {path}.": "ワークスペースのファイル {path} はありません。",
    "the following arguments are required: %s": "次の引数が必要です: %s",
    "Report {name}": "レポート {name}",
    "{where} was not run: {problems}\nIt knows:\n{listed}": "{where} は実行しません: {problems}",
    "{name}={value} is not {kind}: {needed} is needed.": "{name}: 必要なのは{needed}。",
    "a whole number": "整数",
}


@pytest.fixture
def japanese(tmp_path, monkeypatch):
    catalog = Catalog(locale="ja")
    for english, said in SENTENCES.items():
        catalog.add(english, said)
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


def test_a_refused_argument_comes_out_translated(japanese):
    events = pd.DataFrame({"account_id": ["A"], "occurred_at": [at(0)], "event": ["a"]})
    ws = wb.from_frames(events=events)
    with pytest.raises(ArgumentError) as refused:
        wb.fallout(ws, steps=["a", "a"], container="acount")
    assert str(refused.value).startswith(
        "container='acount' は使えません。 'account'または'global_account' のことですか。使える値: "
    )
    with pytest.raises(ArgumentError, match="は使えません。使える値: 単位のついた数。"):
        wb.fallout(ws, steps=["a", "a"], total_within="3dd")


def test_a_broken_store_is_told_translated(japanese, tmp_path):
    with pytest.raises(StoreError, match="は読めません。"):
        EventStore(tmp_path)


def test_a_typo_in_a_workspace_file_is_told_translated(japanese, tmp_path):
    path = tmp_path / "one.yaml"
    path.write_text(
        "name: one\ntables: {accounts: {file: a.csv, skip_footer: perhaps, delimeter: ;}}\n",
        encoding="utf-8",
    )
    with pytest.raises(WorkspaceFileError) as refused:
        wb.open(path)
    assert str(refused.value).splitlines() == [
        f"{path} は使えません:",
        "- tables.accounts.skip_footer: 必要なのは真か偽。",
        "- tables.accounts.delimeter: 知らないキー。'delimiter' のことですか。",
    ]


def test_errors_of_the_command_line_are_told_translated(japanese, capsys):
    assert main(["check", "nowhere.yaml"]) == 2
    assert "ワークスペースのファイル nowhere.yaml はありません。" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["check"])
    assert "次の引数が必要です: workspace" in capsys.readouterr().err
    assert main(["report", "grow_key_accounts", "-p", "quiet_days=many"]) == 2
    told = capsys.readouterr().err
    assert told.startswith(
        "レポート grow_key_accounts は実行しません: quiet_days: 必要なのは整数。"
    )


def test_a_language_without_catalogue_falls_back_to_english(monkeypatch):
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "xx")
    assert messages.message("All {containers}", containers="accounts") == "All accounts"
