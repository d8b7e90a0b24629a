"""What lies behind a node, a link or a path: containers as a list, and the rows themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from workbench.engine.paths.plan import Traced
from workbench.errors import ArgumentError
from workbench.journeys.flow.counting import ENTRY, EXIT
from workbench.journeys.flow.question import Question
from workbench.journeys.flow.survey import PERSON, Survey
from workbench.journeys.scoping import DAY, OTHER, instants, named_containers
from workbench.messages import message

if TYPE_CHECKING:
    from workbench.journeys.flow.result import Flow

MEMBER_COLUMNS = {
    "key": "Key of the container",
    "name": "Its name, or the key where none is known",
    "path_views": "Path views that run through what was chosen",
    "first_at": "First anchor of such a path view (UTC)",
    "last_at": "Last anchor of such a path view (UTC)",
    "days_since_last": "From last_at to the end of what was looked at",
}
ROW_COLUMNS = {
    "path": "Number of the path, in order of time within its container",
    "key": "Key of the container",
    "name": "Its name, or the key where none is known",
    "column": "Column in which the row stands",
    "item": "What it is there",
    "occurred_at": "When (UTC)",
    "event": "Its event",
    "person_id": "Its person; empty where none is known",
    "days_from_previous": "Since the row in the column before",
    "path_views": "Path views of this path; more than one where rows hold several values",
}


@dataclass(frozen=True)
class Chosen:
    """Which paths are meant: what must stand in some columns, and where they must end.

    Attributes
    ----------
    slot : numpy.ndarray of int32, shape (columns, items)
    wanted, ends : numpy.ndarray of bool, shape (columns,)
    """

    slot: np.ndarray
    wanted: np.ndarray
    ends: np.ndarray

    def traced(self, survey: Survey, columns: list[int]) -> Traced:
        """The paths, with the places of some columns (numbers from the left)."""
        return survey.paths.trace(self.slot, self.wanted, self.ends, columns)


def chosen(flow: Flow, path: Mapping[int, Any]) -> Chosen:
    """Paths with given items in given columns; None in a column asks for any item there.

    Raises
    ------
    ArgumentError
        For a column or an item that there is not.
    """
    survey, question = flow.survey, flow.question
    size = len(question.numbers)
    slot = np.where(survey.hidden, -1, 1).astype(np.int32)
    wanted, ends = np.zeros(size, bool), np.zeros(size, bool)
    for column, items in path.items():
        k = place_of(question, column)
        if items == (EXIT if column > 0 else ENTRY) and column:
            ends[k] = True
            continue
        wanted[k] = True
        if survey.dimension_at(k) is None:
            _check_event(flow, items)
        if items is None or survey.dimension_at(k) is None:
            continue
        marks = np.zeros(slot.shape[1], bool)
        for item in items if isinstance(items, list | tuple | set) else [items]:
            marks |= _marked(flow, k, item)
        slot[k] = np.where(slot[k] < 0, -1, marks)
    return Chosen(slot, wanted, ends)


def place_of(question: Question, column: Any) -> int:
    """A column by its place from the left."""
    if isinstance(column, bool) or not isinstance(column, int) or column not in question.numbers:
        raise ArgumentError.of("column", column, list(question.numbers))
    return column + question.left


def _check_event(flow: Flow, items: Any) -> None:
    """An anchor that is an event is the only thing in its column."""
    label = flow.question.anchor.label
    if items not in (None, label, [label], (label,)):
        raise ArgumentError.of("item", items, [label])


def _marked(flow: Flow, k: int, item: Any) -> np.ndarray:
    """Items of a column that a name means: one, also of those put together, or all of these."""
    survey = flow.survey
    dimension = survey.dimension_at(k)
    assert dimension is not None
    marks = np.zeros(survey.hidden.shape[1], bool)
    if item == OTHER:
        marks[: len(dimension)] = True
        marks[survey.shown[k]] = False
        return marks
    names = [name for name, kind in flow.tables.names[k] if kind == "item"]
    if item in names:
        marks[survey.shown[k][names.index(item)]] = True
        return marks
    found = pc.index(dimension.texts, pa.scalar(str(item), pa.string())).as_py()
    if found < 0:
        column = k - flow.question.left
        end = EXIT if column > 0 else ENTRY
        raise ArgumentError.of("item", item, [*names, OTHER, *([end] if column else [])])
    marks[found] = True
    return marks


def path_of(flow: Flow, column: int, item: Any, target: Any, path: Any) -> dict[int, Any]:
    """What was asked for as a mapping of column to item."""
    if path is not None:
        return read_path(flow.question, path)
    if target is None:
        return {column: item}
    place_of(flow.question, column + 1)
    return {column: item, column + 1: target}


def read_path(question: Question, path: Any) -> dict[int, Any]:
    """A path as a mapping of column to item; a list runs from left to right and has the anchor."""
    if isinstance(path, Mapping) and path:
        return dict(path)
    sides = {"starts_with": 0, "ends_with": None}
    if isinstance(path, list | tuple) and path and question.anchor.side in sides:
        first = 0 if question.anchor.side == "starts_with" else 1 - len(path)
        return {first + n: item for n, item in enumerate(path)}
    raise ArgumentError.of(
        "path",
        path,
        message("a mapping of column to item, or the items from left to right, anchor included"),
    )


def members(
    flow: Flow, column: int, item: Any, target: Any = None, *, path: Any = None
) -> pd.DataFrame:
    """The containers behind a node, a link or a path.

    Parameters
    ----------
    column : int
        Column of the node, or of the left end of the link.
    item : str, optional
        An item of the column, also one of those put together, ``(other)``, ``(exit)`` or
        ``(entry)``; all that reaches the column when left out.
    target : str, optional
        The right end of a link, in the next column.
    path : list or mapping, optional
        Instead of the others: items from left to right with the anchor, or by column; several
        items of a column in a list.

    Returns
    -------
    pandas.DataFrame
        With the columns of `MEMBER_COLUMNS`, those with most path views first.
    """
    question, survey = flow.question, flow.survey
    traced = chosen(flow, path_of(flow, column, item, target, path)).traced(survey, [question.left])
    times = survey.marker.store.times[survey.stream.row_at(traced.places[:, 0])]
    table = pd.DataFrame(
        {"container": traced.container, "views": traced.views, "time": np.asarray(times, np.int64)}
    )
    grouped = table.groupby("container").agg(
        views=("views", "sum"), first=("time", "min"), last=("time", "max")
    )
    who = named_containers(question.workspace, survey.stream, grouped.index.to_numpy())
    frame = pd.DataFrame(
        {
            "key": who["key"],
            "name": who["name"],
            "path_views": grouped["views"].to_numpy(np.int64),
            "first_at": instants(grouped["first"].to_numpy(np.int64)),
            "last_at": instants(grouped["last"].to_numpy(np.int64)),
            "days_since_last": (question.until - grouped["last"].to_numpy(np.int64)) / DAY,
        }
    )
    return frame.sort_values(["path_views", "key"], ascending=[False, True], ignore_index=True)


def rows(
    flow: Flow,
    column: int,
    item: Any,
    target: Any = None,
    *,
    path: Any = None,
    key: str | None = None,
    most: int = 1_000,
) -> pd.DataFrame:
    """The rows behind a node, a link or a path: every path in its order of time.

    Parameters
    ----------
    column, item, target, path
        As for `members`.
    key : str, optional
        Only paths of one container.
    most : int
        Paths that are listed at most; the earliest containers come first.

    Returns
    -------
    pandas.DataFrame
        With the columns of `ROW_COLUMNS`, a line a path and column.
    """
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise ArgumentError.of("most", most, message("a whole number of {least} or more", least=1))
    question, survey = flow.question, flow.survey
    every = list(range(len(question.numbers)))
    traced = chosen(flow, path_of(flow, column, item, target, path)).traced(survey, every)
    selected = np.ones(traced.container.size, bool)
    if key is not None:
        names = question.workspace.events.container_names(survey.stream)
        selected = names[traced.container] == key
    selected = np.flatnonzero(selected)[:most]
    container, views = traced.container[selected], traced.views[selected]
    number, k = np.nonzero(traced.places[selected] >= 0)
    places = traced.places[selected][number, k]
    found = survey.stream.row_at(places)
    store = survey.marker.store
    times = np.asarray(store.times[found], np.int64)
    who = named_containers(question.workspace, survey.stream, container)
    people = store.values_at(PERSON, found) if survey.knows_people else np.full(found.size, None)
    gaps = np.append(np.nan, np.diff(times) / DAY) if times.size else np.empty(0)
    gaps[np.append(True, np.diff(number) != 0)[: gaps.size]] = np.nan
    return pd.DataFrame(
        {
            "path": number + 1,
            "key": who["key"].to_numpy()[number],
            "name": who["name"].to_numpy()[number],
            "column": k - question.left,
            "item": _items(flow, k, found),
            "occurred_at": instants(times),
            "event": store.values_at("event", found),
            "person_id": people,
            "days_from_previous": gaps,
            "path_views": views[number],
        }
    )


def _items(flow: Flow, k: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """What stands on each row in its column."""
    out = np.full(rows.size, flow.question.anchor.label, object)
    for place in np.unique(k):
        dimension = flow.survey.dimension_at(int(place))
        if dimension is not None:
            out[k == place] = dimension.names_at(rows[k == place])
    return out
