"""The map of the rooms is true, and imports point one way along it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house import (
    PACKAGE,
    files,
    imports_of,
    modules,
    named,
    room_of,
    rooms_on_the_map,
    tree_of,
)

PACKAGE_FILES = modules("workbench")
NOT_ROOMS = {"README.md", "py.typed"}


def _folders(room: Path) -> set[str]:
    """Folders that hold files of the project."""
    return {f"{p.name}/" for p in room.iterdir() if p.is_dir() and files(named(p))}


def _inside(room: Path) -> set[str]:
    """Modules and folders of a room by name."""
    return ({p.stem for p in room.glob("*.py")} - {"__init__"}) | _folders(room)


def test_the_map_lists_exactly_the_rooms_there_are():
    there = {p.name for p in PACKAGE.iterdir() if p.is_file()} - NOT_ROOMS | _folders(PACKAGE)
    assert set(rooms_on_the_map()) == there


@pytest.mark.parametrize("room", [r for r in rooms_on_the_map().values() if r.name[-1] == "/"])
def test_the_map_lists_exactly_what_stands_in_each_room(room):
    assert list(room.modules) == sorted(_inside(PACKAGE / room.name))


def test_the_map_puts_the_rooms_in_import_order():
    levels = [room.level for room in rooms_on_the_map().values()]
    assert levels == sorted(levels)


def _forbidden(path: Path, wanted: str, order: dict[str, int]) -> str | None:
    """Why a file may not import a name of the package, if it may not."""
    own = room_of(path)
    parts = wanted.split(".")
    if len(parts) < 2 or parts[1] in ("__version__", "*"):
        return None
    room = next((n for n in (f"{parts[1]}/", f"{parts[1]}.py") if n in order), None)
    if room is None:
        return "a name of the package as a whole; import it from the room it stands in"
    if room != own and order[room] >= order[own]:
        return f"{room} stands at level {order[room]} and {own} at level {order[own]}"
    return None


@pytest.mark.parametrize("path", PACKAGE_FILES, ids=named)
def test_imports_point_one_way(path):
    order = {name: room.level for name, room in rooms_on_the_map().items()}
    wrong = [
        f"line {line} imports {wanted}: {why}"
        for line, wanted in imports_of(path)
        if wanted.split(".")[0] == "workbench" and (why := _forbidden(path, wanted, order))
    ]
    assert wrong == []


def test_the_law_sees_what_it_forbids():
    order = {"errors.py": 0, "data/": 2, "engine/": 3, "journeys/": 6, "sales/": 6}
    data = PACKAGE / "data" / "any.py"
    assert _forbidden(data, "workbench.errors.DataError", order) is None
    assert _forbidden(data, "workbench.data.sql.quoted", order) is None
    assert "level 3" in (_forbidden(data, "workbench.engine.build.build_store", order) or "")
    assert "level 6" in (
        _forbidden(PACKAGE / "sales" / "any.py", "workbench.journeys.fallout", order) or ""
    )
    assert "whole" in (_forbidden(data, "workbench.fallout", order) or "")


@pytest.mark.parametrize("path", [p for p in PACKAGE_FILES if p.stat().st_size], ids=named)
def test_each_module_says_in_one_sentence_what_it_is_for(path):
    first = (ast.get_docstring(tree_of(path)) or "").split("\n\n")[0]
    assert first.endswith((".", ":", "?")), f"{named(path)} begins without a sentence"
