"""What the tests of the house share: where its files are and what they import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "workbench"
FOLDERS = ("workbench", "tests", "benchmarks", "notebooks", "parameters", "docs", ".ci")
MADE = {"__pycache__", ".ipynb_checkpoints"}


def files(*folders: str, ending: str = "") -> list[Path]:
    """Every file of the project below some folders (all of them and the top when none is named)."""
    found = [p for f in folders or FOLDERS for p in (ROOT / f).rglob(f"*{ending}") if p.is_file()]
    if not folders:
        found += [p for p in ROOT.glob(f"*{ending}") if p.is_file()]
    return sorted(p for p in found if not MADE.intersection(p.relative_to(ROOT).parts))


def modules(*folders: str) -> list[Path]:
    """Every Python file below some folders."""
    return [path for path in files(*folders) if path.suffix == ".py"]


def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def named(path: Path) -> str:
    """A path as a reader of the project would name it."""
    return path.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Room:
    """One line of the map: what may be imported stands in lines of a lower level."""

    name: str
    level: int
    modules: tuple[str, ...]


def rooms_on_the_map() -> dict[str, Room]:
    """The table of ``workbench/README.md`` by room."""
    lines = (PACKAGE / "README.md").read_text(encoding="utf-8").splitlines()
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in lines if line[:1] == "|"]
    rows = [row for row in cells if len(row) == 4 and row[0].isdigit()]
    found = {}
    for level, room, _, inside in rows:
        name = room.strip("`")
        found[name] = Room(name, int(level), tuple(re.findall(r"`([^`]+)`", inside)))
    return found


def room_of(path: Path) -> str:
    """The room a file of the package stands in, as the map names it."""
    first, *rest = path.relative_to(PACKAGE).parts
    return f"{first}/" if rest else first


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a file of the package imports, inside functions too."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = [*package[: len(package) - node.level + 1]] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
