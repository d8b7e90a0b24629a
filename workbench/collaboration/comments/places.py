"""Whether the place of a comment is still there: a visual on a page, a data point in its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.collaboration.comments.model import Anchor
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.tables import as_text


def cell_of(table: Mapping[str, Any] | None, anchor: Anchor) -> tuple[int, int | None] | None:
    """Return row and column of a data point in a table; None where it is gone.

    Parameters
    ----------
    table : mapping or None
        As `workbench.results.tables.plain_table` makes it.
    anchor : Anchor
        ``row`` is a text in the row, ``column`` the name or label of a column (the metric where no
        column is named); ``segment`` is a further text in the row. Without column and metric the
        whole row is meant.
    """
    if not table or not anchor.is_point:
        return None
    columns = table.get("columns", [])
    wanted = anchor.column or anchor.metric
    places = [n for n, one in enumerate(columns) if wanted in (one.get("name"), one.get("label"))]
    if wanted and not places:
        return None
    for number, row in enumerate(table.get("rows", [])):
        texts = {*_shown(table, row), *(str(value) for value in row if isinstance(value, str))}
        if all(part in texts for part in (anchor.row, anchor.segment) if part):
            return number, places[0] if wanted else None
    return None


def value_at(table: Mapping[str, Any] | None, anchor: Anchor) -> str | None:
    """Return what stands at a data point, as a reader sees it; None where it is gone."""
    found = cell_of(table, anchor)
    if found is None or table is None:
        return None
    shown = _shown(table, table["rows"][found[0]])
    return " · ".join(shown) if found[1] is None else shown[found[1]]


def _shown(table: Mapping[str, Any], row: Sequence[Any]) -> list[str]:
    return [
        as_text(value, str(one.get("kind", "text")), str(one.get("unit", "")))
        for value, one in zip(row, table["columns"], strict=False)
    ]


def with_value(table: Mapping[str, Any] | None, anchor: Anchor) -> Anchor:
    """Return the anchor with what stands at its place now.

    Raises
    ------
    ArgumentError
        When there is no such row or column.
    """
    found = value_at(table, anchor)
    if found is not None:
        return replace(anchor, value=found)
    columns = [str(one.get("label") or one.get("name")) for one in (table or {}).get("columns", [])]
    rows = [str(row[0]) for row in (table or {}).get("rows", []) if row]
    raise ArgumentError.of(
        "point", anchor.words,
        message(
            "a row ({rows}) and a column ({columns}) of the table",
            rows=", ".join(rows[:8]) or message("none"),
            columns=", ".join(columns) or message("none"),
        ),
    )  # fmt: skip
