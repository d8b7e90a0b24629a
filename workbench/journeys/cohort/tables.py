"""The grid as frames: one line a cell, one a column for averages, one a column for all rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.journeys.cohort.counting import Grid
from workbench.journeys.cohort.question import Question
from workbench.journeys.scoping import shares
from workbench.results.intervals import wilson

COLUMNS = {
    "cohort": "Name of the row: the bucket of inclusion, or the value of the dimension",
    "cohort_start": "First day of the bucket of inclusion; empty where rows pool several",
    "offset": "Buckets after inclusion, negative before; lengths of time where age is one's own",
    "bucket_start": "First day of the bucket that the cell looks at; empty where it has none",
    "included": "Containers of the row",
    "base": "Denominator of share: those of included that the cell can tell of; with mode "
    "consecutive those of the previous column",
    "returned": "Of base, those that returned as the mode says; empty beyond the range",
    "churned": "base − returned",
    "share": "returned / base, with kind churn churned / base, 0…1",
    "share_low": "Lower end of its 95 % Wilson interval",
    "share_high": "Upper end of its 95 % Wilson interval",
    "kind": "retention or churn",
    "mode": "exact, consecutive, cumulative or unbounded",
    "partial": "Whether the cell may still change, or the range cuts one of its buckets",
    "suppressed": "Whether the numbers are hidden because a group is too small",
    "value_included": "Value of those of the row in the bucket of inclusion (by own age: in the "
    "first length of time); empty where no value was asked for",
    "value": "Their value in the bucket of the cell",
    "net_value_retention": "value / value_included; may exceed 1",
    "value_per_included": "value / containers it comes from",
    "value_to_date": "Their value from inclusion up to this cell; empty before inclusion",
}
AVERAGE_COLUMNS = {
    "offset": "As in frame",
    "rows": "Rows whose cell is averaged: finished ones unless partial_in_average was asked for",
    "average_share": "Plain mean of their shares, 0…1",
    "counted": "Sum of their numerators",
    "base": "Sum of their denominators",
    "weighted_share": "counted / base, 0…1",
    "value_included": "Sum over these rows",
    "value": "Sum over these rows",
    "net_value_retention": "value / value_included",
}
TOTAL_COLUMNS = {
    "offset": "As in frame",
    "containers": "Distinct containers over all rows",
    "base": "Distinct containers in a denominator of this column",
    "returned": "Of them, those that returned from at least one row",
    "churned": "base − returned",
    "share": "returned / base, with kind churn churned / base, 0…1",
}


def cell_frame(question: Question, grid: Grid) -> pd.DataFrame:
    """One line a row and column of the table; cells beyond the range are empty, not 0."""
    rows, columns = grid.exists.shape
    base = grid.sums.base[:, grid.places]
    returned = grid.sums.hit[:, grid.places]
    included = np.repeat(grid.sums.included[:, None], columns, axis=1)
    hidden = suppressed(question, grid)
    known = grid.exists & ~hidden
    counted = base - returned if question.churn else returned
    low, high = wilson(counted.ravel(), np.where(known, base, 0).ravel())
    values = _values(question, grid, known)
    begins = np.array(grid.begins, "datetime64[us]") if rows else np.empty(0, "datetime64[us]")
    frame = pd.DataFrame(
        {
            "cohort": np.repeat(np.array(grid.labels, object), columns),
            "cohort_start": np.repeat(begins, columns),
            "offset": np.tile(grid.offsets, rows),
            "bucket_start": _bucket_starts(grid),
            "included": _whole(included, ~_small(question, included)),
            "base": _whole(base, known),
            "returned": _whole(returned, known),
            "churned": _whole(base - returned, known),
            "share": shares(counted, np.where(known, base, 0)).ravel(),
            "share_low": low,
            "share_high": high,
            "kind": question.kind,
            "mode": question.mode,
            "partial": grid.partial.ravel(),
            "suppressed": hidden.ravel(),
            **values,
        }
    )
    return frame[list(COLUMNS)]


def suppressed(question: Question, grid: Grid) -> np.ndarray:
    """Cells in which either side, or the whole row, is smaller than may be shown."""
    base, returned = grid.sums.base[:, grid.places], grid.sums.hit[:, grid.places]
    small = _small(question, base) | _small(question, returned)
    small |= _small(question, base - returned)
    return (small & grid.exists) | _small(question, grid.sums.included)[:, None]


def _small(question: Question, counts: np.ndarray) -> np.ndarray:
    return (counts > 0) & (counts < question.smallest)


def _whole(counts: np.ndarray, known: np.ndarray) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(counts.ravel().astype(np.int64), ~known.ravel())


def _bucket_starts(grid: Grid) -> np.ndarray:
    out = np.full(grid.exists.shape, "NaT", "datetime64[us]")
    if grid.panel is None or grid.table.age or not any(grid.begins):
        return out.ravel()
    days = np.array(grid.panel.buckets.days, "datetime64[us]")
    numbers = np.broadcast_to(grid.origins[:, None] + grid.offsets, out.shape)
    out[grid.exists] = days[numbers[grid.exists]]
    return out.ravel()


def _values(question: Question, grid: Grid, known: np.ndarray) -> dict[str, np.ndarray]:
    empty = np.full(known.size, np.nan)
    names = (
        "value_included",
        "value",
        "net_value_retention",
        "value_per_included",
        "value_to_date",
    )
    if question.value is None:
        return dict.fromkeys(names, empty)
    sums, places = grid.sums, grid.places
    begun, there, to_date = (
        np.where(known, array[:, places], np.nan)
        for array in (sums.start, sums.value, sums.to_date)
    )
    to_date = np.where(grid.offsets < 0, np.nan, to_date)
    found = (begun, there, _ratio(there, begun), _ratio(there, sums.told[:, places]), to_date)
    return {name: array.ravel() for name, array in zip(names, found, strict=True)}


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Part by whole; not a number for a zero whole, whatever its sign otherwise."""
    out = np.full(part.shape, np.nan)
    np.divide(part, whole, out=out, where=np.nan_to_num(whole) != 0)
    return out


def average_frame(question: Question, frame: pd.DataFrame) -> pd.DataFrame:
    """Averages of each column, over finished cells unless asked otherwise.

    Notes
    -----
    Source: journeys-cohort.md, section 2, average row.
    """
    usable = frame if question.partial_in_average else frame[~frame["partial"]]
    usable = usable.dropna(subset="share")
    counted = usable["churned" if question.churn else "returned"].astype("int64")
    usable = usable.assign(counted=counted, base=usable["base"].astype("int64"))
    out = usable.groupby("offset").agg(
        rows=("share", "size"),
        average_share=("share", "mean"),
        counted=("counted", "sum"),
        base=("base", "sum"),
        value_included=("value_included", "sum"),
        value=("value", "sum"),
    )
    out = out.reindex(frame["offset"].drop_duplicates()).rename_axis("offset").reset_index()
    for name in ("rows", "counted", "base"):
        out[name] = out[name].fillna(0).astype("int64")
    out["weighted_share"] = shares(out["counted"].to_numpy(), out["base"].to_numpy())
    if question.value is None:
        out[["value_included", "value"]] = np.nan
    out["net_value_retention"] = _ratio(
        out["value"].to_numpy(float), out["value_included"].to_numpy(float)
    )
    return out[list(AVERAGE_COLUMNS)]


def total_frame(question: Question, grid: Grid) -> pd.DataFrame:
    """Every container once, over all rows.

    Notes
    -----
    Source: journeys-cohort.md, section 6, total row.
    """
    base, returned = grid.sums.all_base[grid.places], grid.sums.all_hit[grid.places]
    small = _small(question, base) | _small(question, returned) | _small(question, base - returned)
    known = ~small
    counted = base - returned if question.churn else returned
    return pd.DataFrame(
        {
            "offset": grid.offsets,
            "containers": int(grid.sums.distinct[0]),
            "base": _whole(base, known),
            "returned": _whole(returned, known),
            "churned": _whole(base - returned, known),
            "share": shares(counted, np.where(known, base, 0)),
        }
    )


def told_cells(question: Question, grid: Grid, frame: pd.DataFrame) -> np.ndarray:
    """Lines of the frame that tell anything.

    Those inside the range, from the first bucket that holds anybody, and where age is counted only
    those for which somebody's time is over.
    """
    inside = grid.exists.copy()
    filled = np.flatnonzero(grid.sums.included)
    if filled.size and question.dimension is None:
        inside[: filled[0]] = False
    if question.pooled or question.age is not None:
        told = (frame["share"].notna() | frame["suppressed"]).to_numpy()
        inside &= told.reshape(inside.shape)
    return inside.ravel()
