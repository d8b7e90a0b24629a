"""Levels of groups in the order in which a reader sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from workbench.sales.reporting.compiling import Statement
from workbench.sales.reporting.groups import GroupOf
from workbench.sales.reporting.model import TableFile
from workbench.sales.views.frames import frame_of

Values = tuple[Any, ...]


@dataclass(frozen=True)
class Level:
    """One line of a report.

    Attributes
    ----------
    rows, columns : tuple
        Values of its groups, the outer ones first; shorter for a subtotal.
    n : int
        Joined rows behind it.
    figures : tuple
        One for each measure; None where there is none.
    unknown : tuple of int
        Rows of each measure without a value.
    """

    rows: Values
    columns: Values
    n: int
    figures: Values
    unknown: tuple[int, ...]


@dataclass(frozen=True)
class Levels:
    """Every line of a report, subtotals after their groups, the total last.

    Attributes
    ----------
    lines : list of Level
    rows : int
        Joined rows in all.
    """

    lines: list[Level]
    rows: int
    _at: dict[tuple[Values, Values], Level] = field(default_factory=dict)

    def at(self, rows: Values, columns: Values = ()) -> Level | None:
        """The line of some groups."""
        return self._at.get((rows, columns))


def levels_of(statement: Statement, asked: TableFile) -> Levels:
    """Ask the database and put its lines in order."""
    read = frame_of(statement.objects.ask(statement.sql()))
    lines = [_line(row, statement) for row in read.to_dict("records")]
    lines += _without_rows(lines, statement)
    at = {(line.rows, line.columns): line for line in lines}
    order = _order(at, statement, asked)
    lines.sort(key=order)
    total = at[((), ())]
    return Levels(lines, total.n, at)


def _line(row: dict[str, Any], statement: Statement) -> Level:
    i, j, first = int(row["i"]), int(row["j"]), len(statement.rows)
    places = [*range(i), *range(first, first + j)]
    groups = [_value(row[f"g{n}"]) for n in places]
    return Level(
        tuple(groups[:i]),
        tuple(groups[i:]),
        int(row["n"]),
        tuple(_value(row[f"m{n}"]) for n in range(len(statement.measures))),
        tuple(0 if m.formula else int(_value(row[f"u{n}"]) or 0)
              for n, m in enumerate(statement.measures)),
    )  # fmt: skip


def _value(value: Any) -> Any:
    if value is None or value is pd.NA or value != value:
        return None
    return value.item() if hasattr(value, "item") else value


def _without_rows(lines: list[Level], statement: Statement) -> list[Level]:
    """Buckets that no row falls into: every one of them is shown."""
    out = []
    for groups, of in ((statement.rows, "rows"), (statement.columns, "columns")):
        if not groups or not groups[-1].every:
            continue
        there = {(line.rows, line.columns) for line in lines}
        full = [line for line in lines if len(getattr(line, of)) == len(groups) - 1]
        for line in full:
            for value in groups[-1].every:
                own = (*getattr(line, of), value)
                new = (own, line.columns) if of == "rows" else (line.rows, own)
                if new not in there:
                    none = tuple(0 if m.unit == "count" else None for m in statement.measures)
                    out.append(Level(*new, 0, none, (0,) * len(none)))
        lines = [*lines, *out]
    seen: dict[tuple[Values, Values], Level] = {(line.rows, line.columns): line for line in out}
    return list(seen.values())


def _order(
    at: dict[tuple[Values, Values], Level], statement: Statement, asked: TableFile
) -> Any:  # fmt: skip
    """What lines are sorted by: groups by the sorting that was asked for, subtotals after."""
    names = [measure.name for measure in statement.measures]
    sorts = [(item.by, item.order == "desc") for item in asked.sort]

    def places(groups: tuple[GroupOf, ...], values: Values, of_rows: bool) -> list[Any]:
        out: list[Any] = []
        for depth, value in enumerate(values):
            key: list[Any] = []
            for by, falling in sorts if of_rows else []:
                if by in names:
                    line = at.get((values[: depth + 1], ()))
                    figure = None if line is None else line.figures[names.index(by)]
                    key.append(_figure(figure, falling))
            place = groups[depth].place(value)
            down = of_rows and any(by == groups[depth].name and falling for by, falling in sorts)
            out.append((0, *key, _Falling(place) if down else place))
        return [*out, (1,)]

    return lambda line: (
        places(statement.rows, line.rows, True),
        places(statement.columns, line.columns, False),
    )


def _figure(figure: Any, falling: bool) -> tuple[int, float]:
    if figure is None:
        return (1, 0.0)
    return (0, -float(figure) if falling else float(figure))


class _Falling:
    """A place whose order is turned round; empty stays last."""

    def __init__(self, place: tuple[Any, ...]) -> None:
        self.place = place

    def __lt__(self, other: _Falling) -> bool:
        last = (self.place[0] == 2, other.place[0] == 2)
        return last[1] and not last[0] if any(last) else other.place < self.place

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Falling) and self.place == other.place

    __hash__ = None  # type: ignore[assignment] # only compared
