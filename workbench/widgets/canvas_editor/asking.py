"""What somebody asks of a point of the canvas: its members, a breakdown, what lies beside it.

Every answer is a plain mapping for the panel of the page: a title, and a table whose rows may
stand for something that can be dragged onto the canvas.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.canvas import Canvas
from workbench.journeys.canvas.neighbours import NOTHING, Neighbours
from workbench.journeys.scoping import MISSING, OTHER
from workbench.messages import message
from workbench.results import numbers
from workbench.results.tables import Column, as_text

POINTS = ("node", "arrow", "fallout")
SIDES = ("after", "before", "between", "after_fallout", "anywhere")
MOST_ROWS = 200
MOST_ITEMS = 15
DRAWN = 3


def point_of(ask: Mapping[str, Any]) -> dict[str, Any]:
    """The point that a question is about, as the methods of `Canvas` take it.

    Raises
    ------
    ArgumentError
    """
    point = ask.get("point")
    named = [kind for kind in POINTS if isinstance(point, Mapping) and point.get(kind)]
    if len(named) != 1:
        raise ArgumentError.of("point", point, POINTS)
    return {named[0]: point[named[0]]}  # type: ignore[index]


def members(result: Canvas, ask: Mapping[str, Any]) -> tuple[dict[str, Any], pd.DataFrame]:
    """The containers behind a number, those who came last first."""
    point = point_of(ask)
    frame = result.members(**point)
    number = result.number(**point)
    who = result.question.container
    title = message(
        "{n} of {total} {containers}: {point}",
        n=numbers.count(number["containers"]),
        total=numbers.count(number["of"]),
        containers=who.plural,
        point=number["label"],
    )
    columns = [
        Column("name", who.singular.capitalize()),
        Column("started_at", message("Started"), "date"),
        Column("reached_at", message("Reached"), "date"),
        Column("days_from_start", message("Took"), "duration"),
        Column("events", message("Events"), "count"),
        Column("key", message("Key")),
    ]
    if (frame["name"] == frame["key"]).all():
        columns = columns[:-1]
    return table(title, frame, columns), frame


def breakdown(
    result: Canvas, ask: Mapping[str, Any], dimension: str
) -> tuple[dict[str, Any], pd.DataFrame]:
    """A point told apart by a dimension."""
    found = result.breakdown(**point_of(ask), dimension=dimension, items=MOST_ITEMS)
    out = table(found.headline(), found.frame, list(found.shown()))
    return {**out, **_items(found.frame, dimension), "note": found.reading()}, found.frame


def neighbours(result: Canvas, ask: Mapping[str, Any]) -> Neighbours:
    """What is directly after, before or between; see `Canvas.top_nodes`.

    Raises
    ------
    ArgumentError
    """
    side, of = ask.get("side"), ask.get("of")
    dimension = str(ask.get("dimension") or "event")
    if side not in SIDES:
        raise ArgumentError.of("side", side, SIDES)
    if side == "after_fallout":
        return result.after_fallout(str(of), dimension=dimension, items=MOST_ITEMS)
    given = {} if side == "anywhere" else {str(side): of}
    return result.top_nodes(dimension=dimension, items=MOST_ITEMS, **given)


def top(result: Canvas, ask: Mapping[str, Any]) -> tuple[dict[str, Any], pd.DataFrame]:
    """What could be drawn next, as a table."""
    found = neighbours(result, ask)
    out = table(found.headline(), found.frame, list(found.shown()))
    items = _items(found.frame, found.dimension, NOTHING[found.where])
    return {**out, **items, "note": found.reading()}, found.frame


def _items(frame: pd.DataFrame, dimension: str, nothing: str = "") -> dict[str, Any]:
    """What each row stands for when it is dragged; None for rows that stand for no value."""
    none = (OTHER, MISSING, nothing)
    parts = [
        None if item in none else {"field": dimension, "values": [item]} for item in frame["item"]
    ]
    return {"parts": parts[:MOST_ROWS]}


def table(title: str, frame: pd.DataFrame, columns: list[Column]) -> dict[str, Any]:
    """A table of texts for the panel."""
    shown = frame.head(MOST_ROWS)
    cells = [[as_text(value, c.kind, c.unit) for value in shown[c.name]] for c in columns]
    more = len(frame) - len(shown)
    return {
        "title": title,
        "columns": [{"label": c.label, "number": c.kind not in ("text", "date")} for c in columns],
        "rows": [list(row) for row in zip(*cells, strict=True)],
        "parts": [],
        "more": message("{n} more lines are not shown.", n=numbers.count(more)) if more else "",
        "note": "",
    }
