"""The containers behind cells of a cohort table, as a list to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.engine.tallies.shapes import NEVER
from workbench.errors import ArgumentError
from workbench.journeys.scoping import DAY, instants, named_containers
from workbench.messages import message

if TYPE_CHECKING:
    from workbench.journeys.cohort.result import Cohort

OUTCOMES = ("returned", "churned")
COLUMNS = {
    "key": "Key of the container",
    "name": "Its name, or the key where none is known",
    "cohort": "First of the asked rows that it sits in",
    "included_at": "When it met the inclusion criterion there (UTC)",
    "returned_at": "When it first met the return criterion in the asked cell (UTC); empty for "
    "those that did not return, and for whole rows",
    "days_to_return": "From the one to the other; negative before inclusion",
    "events": "Rows of the container that were read",
}
Cells = list[tuple[int, int | None]]


def cells_of(result: Cohort, cohort: Any, offset: Any, cells: Any) -> Cells:
    """Number of the row and offset of each asked cell.

    Raises
    ------
    ArgumentError
        For a row or column that the table does not have, or a cell that is hidden.
    """
    labels = result.grid.labels
    if cells is not None and (cohort is not None or offset is not None):
        raise ArgumentError.of(
            "cells", cells, message("either cells= or cohort and offset, not both")
        )
    if cells is None:
        rows = labels if cohort is None else [cohort]
        asked = [(row, offset) for row in rows]
    else:
        asked = list(cells) if isinstance(cells, list | set | frozenset) else [cells]
    read: Cells = []
    for cell in asked:
        pair = isinstance(cell, list | tuple) and len(cell) == 2
        if not pair:
            raise ArgumentError.of("cells", cell, message("pairs such as ('2026-01', 2)"))
        row, column = _row(labels, cell[0]), _column(result, cell[1])
        everywhere = cohort is None and cells is None and column is not None
        if everywhere and not result.grid.exists[row, result.grid.offsets == column].any():
            continue
        read.append((row, column))
    return read


def _row(labels: list[str], value: Any) -> int:
    if str(value) not in labels:
        raise ArgumentError.of("cohort", value, labels)
    return labels.index(str(value))


def _column(result: Cohort, value: Any) -> int | None:
    offsets = result.grid.offsets.tolist()
    if value is None:
        return None
    if isinstance(value, bool) or value not in offsets:
        raise ArgumentError.of("offset", value, [f"{n:d}" for n in offsets])
    return int(value)


def chosen(result: Cohort, cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Marks of whole rows and of cells."""
    grid, smallest = result.grid, result.question.smallest
    rows = np.zeros(len(grid.labels), bool)
    marks = np.zeros(grid.exists.shape, bool)
    for row, offset in cells:
        if offset is None:
            rows[row] = True
        else:
            marks[row, grid.offsets == offset] = True
    hidden = result.frame["suppressed"].to_numpy().reshape(marks.shape)
    small = (grid.sums.included > 0) & (grid.sums.included < smallest)
    if (marks & hidden).any() or (rows & small).any():
        raise ArgumentError.of(
            "cells",
            message("a hidden cell"),
            message("cells of at least {smallest}", smallest=smallest),
            message("It was asked for with smallest=."),
        )
    return rows, marks


def members(result: Cohort, cells: Cells, outcome: str | None) -> pd.DataFrame:
    """Containers of some cells, the earliest inclusion first."""
    outcome = outcome or ("churned" if result.question.churn else "returned")
    if outcome not in OUTCOMES:
        raise ArgumentError.of("outcome", outcome, OUTCOMES)
    rows, marks = chosen(result, cells)
    grid = result.grid
    if grid.tallies is None or not rows.size:
        return _frame(result, np.empty(0, np.int64), None)
    found = grid.find(rows, marks, outcome == "churned")
    return _frame(result, np.flatnonzero(found.row >= 0), found)


def _frame(result: Cohort, numbers: np.ndarray, found: Any) -> pd.DataFrame:
    grid = result.grid
    labels = np.array([*grid.labels, ""], object)
    who = named_containers(result.question.workspace, grid.stream, numbers)
    at, back = np.full((2, numbers.size), NEVER)
    row = np.zeros(numbers.size, np.int64)
    events = np.zeros(numbers.size, np.int64)
    if found is not None and grid.tallies is not None:
        at, back, row = (a[numbers] for a in (found.included_at, found.returned_at, found.row))
        events = grid.tallies.events()[numbers]
    frame = pd.DataFrame(
        {
            "key": who["key"],
            "name": who["name"],
            "cohort": labels[row],
            "included_at": instants(at),
            "returned_at": instants(back),
            "days_to_return": np.where(back == NEVER, np.nan, (back - at) / DAY),
            "events": events,
        }
    )
    return frame.sort_values(["included_at", "key"], ignore_index=True)
