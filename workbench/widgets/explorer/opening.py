"""Who stands behind rows of an answer, and the segment that means them.

A row is a line of the answer's table by its position, or what a mark of its chart carries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.base import Result
from workbench.vocabulary.segments import Segment
from workbench.widgets.explorer.fallout_rows import segment_of_row

# What tells the rows of an answer apart.
KEYS: Mapping[str, tuple[str, ...]] = {
    "fallout": ("group", "position"),
    "flow": ("column", "item"),
    "cohort": ("cohort", "offset"),
    "attribution": ("item",),
    "survival": ("group",),
}
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "fallout": ("reached", "fell_out", "open", "stopped_here"),
    "cohort": ("returned", "churned"),
    "survival": ("won", "lost", "open"),
}


def rows_at(result: Result, positions: Sequence[int]) -> list[dict[str, Any]]:
    """The lines of the answer's table at some positions.

    Raises
    ------
    ArgumentError
        When there is no such line.
    """
    frame = result.table_frame()
    wrong = [place for place in positions if not 0 <= int(place) < len(frame)]
    if wrong:
        raise ArgumentError.of("row", wrong[0], message("0 to {n}", n=len(frame) - 1))
    return [dict(frame.iloc[int(place)]) for place in positions]


def row_of_mark(mark: Mapping[str, Any]) -> dict[str, Any] | None:
    """The line that a mark of the chart stands for; None where it stands for none."""
    if "position" in mark and "group" in mark:
        return dict(mark)
    if "cohort" in mark and str(mark.get("column", "")).lstrip("+").isdigit():
        return {"cohort": mark["cohort"], "offset": int(str(mark["column"]).lstrip("+"))}
    if "item" in mark and (isinstance(mark.get("column", 0), int)):
        return dict(mark)
    if "group" in mark:
        return dict(mark)
    return None


def members(result: Result, rows: Sequence[Mapping[str, Any]], outcome: str = "") -> pd.DataFrame:
    """The containers behind some rows.

    Raises
    ------
    ArgumentError
        When these rows have no members of their own.
    """
    opener = _OPENERS.get(result.kind)
    if opener is None:
        said = message("Rows of this answer are opened in Python: `e.result.members(…)`.")
        raise ArgumentError(said)
    if not rows:
        raise ArgumentError.of("row", len(rows), message("a row of the table"))
    return opener(result, rows, outcome)


def means_segments(result: Result) -> bool:
    """Whether rows of an answer can be a segment."""
    return result.kind in _SEGMENTS


def segment(
    result: Result, rows: Sequence[Mapping[str, Any]], name: str = "", outcome: str = ""
) -> Segment:
    """The segment that means the containers of some rows.

    Raises
    ------
    ArgumentError
        When no segment can say it.
    """
    maker = _SEGMENTS.get(result.kind)
    if maker is None or not rows:
        raise ArgumentError.of(
            "segment", result.kind, message("rows of a fallout, flow or cohort table")
        )
    return maker(result, rows, name.strip() or None, outcome)


def _fallout(result: Any, rows: Sequence[Mapping[str, Any]], outcome: str) -> pd.DataFrame:
    row = rows[-1]
    group = row.get("group")
    groups = set(result.frame["group"])
    return result.members(
        int(row["position"]), outcome=outcome or "reached",
        group=group if len(groups) > 1 else None,
    )  # fmt: skip


def _flow(result: Any, rows: Sequence[Mapping[str, Any]], _: str) -> pd.DataFrame:
    if len(rows) > 1:
        return result.members(path=_path(rows))
    return result.members(int(rows[-1]["column"]), rows[-1]["item"])


def _cohort(result: Any, rows: Sequence[Mapping[str, Any]], outcome: str) -> pd.DataFrame:
    return result.members(cells=_cells(rows), outcome=outcome or None)


def _attribution(result: Any, rows: Sequence[Mapping[str, Any]], _: str) -> pd.DataFrame:
    return result.members(rows[-1]["item"])


def _survival(result: Any, rows: Sequence[Mapping[str, Any]], outcome: str) -> pd.DataFrame:
    return result.members(rows[-1]["group"], outcome=outcome or None)


def _cells(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    return [(str(row["cohort"]), int(row["offset"])) for row in rows]


def _from_anchor(result: Any, rows: Sequence[Mapping[str, Any]]) -> dict[int, Any]:
    """A path with its anchor: somebody who chooses what came next means what came before too."""
    path, frame = _path(rows), result.table_frame()
    anchors = frame[frame["column"] == 0]
    if 0 not in path and set(anchors["kind"]) == {"item"}:
        items = list(dict.fromkeys(anchors["item"].tolist()))
        path[0] = items[0] if len(items) == 1 else items
    columns = sorted(path)
    gone = [n for n in range(columns[0], columns[-1] + 1) if n not in path]
    if gone:
        allowed = message("an item of each column on the way; choose several with Ctrl")
        raise ArgumentError.of("column", gone[0], allowed)
    return path


def _path(rows: Sequence[Mapping[str, Any]]) -> dict[int, Any]:
    """Items of a path by their column; several of one column are alternatives."""
    path: dict[int, Any] = {}
    for row in rows:
        column, item = int(row["column"]), row["item"]
        path[column] = [*path[column], item] if column in path else [item]
    return {column: items[0] if len(items) == 1 else items for column, items in path.items()}


_OPENERS: Mapping[str, Callable[..., pd.DataFrame]] = {
    "fallout": _fallout, "flow": _flow, "cohort": _cohort, "attribution": _attribution,
    "survival": _survival,
}  # fmt: skip
_SEGMENTS: Mapping[str, Callable[..., Segment]] = {
    "fallout": lambda result, rows, name, outcome: segment_of_row(result, rows[-1], outcome, name),
    "flow": lambda result, rows, name, _: result.segment_of(_from_anchor(result, rows), name),
    "cohort": lambda result, rows, name, _: result.segment_of(_cells(rows), name=name),
}
