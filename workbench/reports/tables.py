"""Tables of a page: every cell as it is shown, with what sorting and the CSV need beside it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from workbench.messages import marked, message

NUMERIC = ("count", "number", "share", "points", "money", "duration")
NOTHING = "–"
LONG = 15
WORDY = 24  # a cell of more letters needs room to be read
_SECONDS = {
    marked("days"): 86_400,
    marked("hours"): 3_600,
    marked("minutes"): 60,
    marked("seconds"): 1,
}
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?\Z")
_FROM_THE_RIGHT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_LINK = re.compile(r"https?://[^\s<>\"']+\Z")


@dataclass(frozen=True)
class Cell:
    """One cell: what is shown, the exact value behind a rounded one, an address, a badge."""

    text: str
    exact: str = ""
    href: str = ""
    missing: bool = False
    pin: str = ""

    @property
    def turned(self) -> bool:
        """Whether the text holds letters that run from right to left."""
        return bool(_FROM_THE_RIGHT.search(self.text))


@dataclass(frozen=True)
class Column:
    """One column: its header with unit, whether its cells are numbers, or sentences."""

    name: str
    label: str
    numeric: bool
    wordy: bool = False


@dataclass(frozen=True)
class Table:
    """A table ready to be written."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    file_name: str
    note: str
    caption: str = ""

    @property
    def long(self) -> bool:
        """Whether the table is long enough to want a search field."""
        return len(self.rows) > LONG


def read_table(block: Any, *, caption: str = "", file_name: str = "table") -> Table | None:
    """Return the table of a block, or None when the block holds none."""
    if not isinstance(block, Mapping) or not isinstance(block.get("columns"), Sequence):
        return None
    given = [column for column in block["columns"] if isinstance(column, Mapping)]
    rows = [row for row in block.get("rows") or [] if isinstance(row, Sequence)]
    columns, sides = [], []
    for position, column in enumerate(given):
        values = [row[position] if position < len(row) else None for row in rows]
        kind = str(column.get("kind", "text"))
        unit = str(column.get("unit") or "")
        label = str(column.get("label") or column.get("name") or "")
        cells, unit = _column(kind, unit, values)
        if unit and unit.casefold() not in label.casefold():
            label = f"{label} ({unit})"
        numeric = kind in NUMERIC
        wordy = not numeric and max((len(cell.text) for cell in cells), default=0) > WORDY
        columns.append(Column(str(column.get("name", label)), label, numeric, wordy))
        sides.append(cells)
    turned = tuple(zip(*sides, strict=True)) if sides else ()
    total = block.get("total_rows")
    name = re.sub(r"[^\w.-]+", "-", str(block.get("file_name") or file_name)).strip("-.")
    return Table(
        tuple(columns), turned, f"{(name or 'table').removesuffix('.csv')}.csv",
        _note(block.get("note"), len(rows), total), caption,
    )  # fmt: skip


def _note(given: Any, shown: int, total: Any) -> str:
    parts = [str(given)] if given else []
    if isinstance(total, int) and total > shown:
        parts.append(
            message("The first {shown} of {total} rows.", shown=f"{shown:,}", total=f"{total:,}")
        )
    return " ".join(parts)


def _column(kind: str, unit: str, values: list[Any]) -> tuple[list[Cell], str]:
    if kind == "date":
        return [_date(value) for value in values], unit
    if kind not in NUMERIC:
        return [_text(value) for value in values], unit
    factor, unit = _scale(kind, unit, values)
    places = _places(kind, [value * factor for value in values if _is_number(value)])
    return [_number(value, factor, places, kind) for value in values], unit


def _scale(kind: str, unit: str, values: list[Any]) -> tuple[float, str]:
    """Return the factor from stored to shown value, and the unit for the header."""
    if kind == "share":
        return 100.0, ""
    if kind == "points":
        return 100.0, message("points")
    if kind == "duration" and unit in ("", "s", "seconds"):
        sizes = [abs(value) for value in values if _is_number(value)]
        middle = median(sizes) if sizes else 86_400
        unit = next((name for name, size in _SECONDS.items() if middle >= size), "seconds")
        return 1 / _SECONDS[unit], message(unit)
    return 1.0, unit


def _places(kind: str, values: list[float]) -> int:
    if kind == "count" or (
        kind not in ("share", "points") and all(float(value).is_integer() for value in values)
    ):
        return 0
    if kind in ("share", "points", "duration"):
        return 1
    largest = max((abs(value) for value in values), default=0)
    return 0 if kind == "money" and largest >= 1000 else 2 if largest >= 1 else 4


def _number(value: Any, factor: float, places: int, kind: str) -> Cell:
    if not _is_number(value):
        return _text(value)
    scaled = value * factor
    text = f"{scaled:,.{places}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    exact = "" if float(text.replace(",", "")) == scaled else f"{float(scaled):.15g}"
    if kind == "points" and scaled > 0:
        text = f"+{text}"
    return Cell(f"{text} %" if kind == "share" else text, exact)


def _date(value: Any) -> Cell:
    text = "" if value is None else str(value)
    match = _INSTANT.match(text)
    if not match:
        return _text(value)
    day, time, zone = match.groups()
    if time == "00:00" and zone in (None, "Z", "+00:00"):
        return Cell(day)
    return Cell(" ".join(part for part in (day, time, zone or "") if part))


def _text(value: Any) -> Cell:
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return Cell(NOTHING, missing=True)
    if isinstance(value, bool):
        return Cell(message("yes") if value else message("no"))
    if isinstance(value, list | tuple):
        return Cell(", ".join(map(str, value)))
    text = str(value)
    return Cell(text, href=text if _LINK.match(text) else "")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
