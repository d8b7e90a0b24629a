"""A metric told apart by the values of a dimension, over some rows of some containers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.engine.store import EventStore
from workbench.journeys.canvas.counting import Group
from workbench.journeys.canvas.metrics import Metric
from workbench.journeys.canvas.question import Question
from workbench.journeys.scoping import MISSING, OTHER, readable, shares
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Picked:
    """Rows that are told apart, one line each.

    Attributes
    ----------
    containers : numpy.ndarray of int64
        Number of the container of each row.
    places : numpy.ndarray of int64
        Place of each row in the stream; -1 stands for "no row".
    nothing : str
        What "no row" is called.
    """

    containers: np.ndarray
    places: np.ndarray
    nothing: str = ""


def by_item(
    question: Question, group: Group, picked: Picked, dimension: str, items: int | None
) -> pd.DataFrame:
    """Containers and the primary metric of each value, the largest first, then by name.

    Returns
    -------
    pandas.DataFrame
        ``item, containers, value, total, share, value_total, ratio``; past `items` values one
        line for all others, and last the line for "no row".
    """
    found = picked.places >= 0
    rows = group.found.stream.row_at(picked.places[found])
    distinct, item, line = _told_apart(question.workspace, dimension, rows)
    rows, containers = rows[line], picked.containers[found][line]
    metric = question.primary
    ranked = _counted(group, metric, item, containers, rows, distinct.size)
    present = np.flatnonzero(np.bincount(item, minlength=distinct.size))
    order = present[np.lexsort((distinct[present], -np.nan_to_num(ranked[present])))]
    kept = order if items is None else order[:items]
    labels = [*distinct[kept]]
    folded = np.full(distinct.size, len(kept), np.int64)
    folded[kept] = np.arange(len(kept))
    if len(order) > len(kept):
        labels.append(OTHER)
    return _frame(
        labels,
        group,
        metric,
        (folded[item], containers, rows),
        picked,
    )


def _told_apart(
    workspace: Workspace, dimension: str, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The values of a dimension at some rows; a row with several values gives a line for each.

    Returns
    -------
    names : numpy.ndarray of str
    item : numpy.ndarray of int64
        Which of them, one a line.
    line : numpy.ndarray of int64
        Which of the rows, one a line.
    """
    store = workspace.events
    if store.columns.get(dimension, {}).get("kind") == "list":
        names, item, line = singles_of(store, dimension, rows)
        missing = np.setdiff1d(np.arange(rows.size), line)
        item = np.append(item, np.full(missing.size, len(names)))
        return np.array([*names, MISSING]), item, np.append(line, missing)
    codes, values = workspace.marker().lookup(dimension)
    readables = np.array([readable(v) for v in values], object).astype(str)
    distinct, number = np.unique(readables, return_inverse=True)
    return distinct, number[codes[rows]].astype(np.int64), np.arange(rows.size)


def singles_of(
    store: EventStore, column: str, rows: np.ndarray
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Single values of a column that holds lists: their names, which of them, and at which row."""
    names, places, offsets = store.exploded(column)
    codes = store.column(column)[rows].astype(np.int64)
    line = np.flatnonzero(codes < store.columns[column]["values"])
    lengths = np.diff(offsets)[codes[line]]
    starts = np.repeat(offsets[codes[line]] - np.cumsum(lengths) + lengths, lengths)
    return names, places[starts + np.arange(starts.size)], np.repeat(line, lengths)


def _frame(
    labels: list[str],
    group: Group,
    metric: Metric,
    told_apart: tuple[np.ndarray, np.ndarray, np.ndarray],
    picked: Picked,
) -> pd.DataFrame:
    item, containers, rows = told_apart
    counts = _counted(group, Metric("containers"), item, containers, rows, len(labels))
    values = _counted(group, metric, item, containers, rows, len(labels))
    all_as_one = np.zeros(item.size, np.int64)
    value_total = _counted(group, metric, all_as_one, containers, rows, 1)[0]
    without = np.unique(picked.containers[picked.places < 0]).size
    if without:
        labels = [*labels, picked.nothing]
        counts = np.append(counts, without)
        values = np.append(values, without if metric.kind == "containers" else np.nan)
        value_total += without if metric.kind == "containers" else 0
    total = np.unique(picked.containers).size
    counts = counts.astype(np.int64)
    return pd.DataFrame(
        {
            "item": labels,
            "containers": counts,
            "value": values.astype(float),
            "total": total,
            "share": shares(counts, np.full(counts.size, total)),
            "value_total": float(value_total),
            "ratio": shares(values, np.full(counts.size, float(value_total))),
        }
    )


def _counted(
    group: Group,
    metric: Metric,
    item: np.ndarray,
    containers: np.ndarray,
    rows: np.ndarray,
    size: int,
) -> np.ndarray:
    """The metric of each item."""
    if metric.kind == "divide":
        above, below = (
            _counted(group, part, item, containers, rows, size) for part in metric.parts
        )
        return shares(above, below)
    if metric.kind == "containers":
        return _pairs(item, containers, size)
    if metric.kind == "events":
        return np.bincount(item, minlength=size).astype(float)
    if metric.kind == "distinct":
        return _distinct(group, metric.column, item, rows, size)
    values = np.asarray(group.measures(metric.column)[rows], float)
    known = ~np.isnan(values)
    sums = np.bincount(item[known], values[known], minlength=size)
    if metric.kind == "sum":
        return sums
    return shares(sums, np.bincount(item[known], minlength=size))


def _pairs(item: np.ndarray, keys: np.ndarray, size: int) -> np.ndarray:
    """Distinct keys of each item."""
    if not item.size:
        return np.zeros(size)
    wide = int(keys.max()) + 1
    pairs = np.unique(item * wide + keys)
    return np.bincount(pairs // wide, minlength=size).astype(float)


def _distinct(
    group: Group, column: str, item: np.ndarray, rows: np.ndarray, size: int
) -> np.ndarray:
    store = group.found.compiled.store
    if store.columns[column]["kind"] == "list":
        _, keys, line = singles_of(store, column, rows)
        return _pairs(item[line], keys, size)
    codes = store.column(column)[rows].astype(np.int64)
    known = codes < store.columns[column]["values"]
    return _pairs(item[known], codes[known], size)
