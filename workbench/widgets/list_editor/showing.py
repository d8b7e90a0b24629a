"""What of a list is on the page: sorted, searched, filtered, and cut into pages.

Source: sales-pipeline.md, section 4 (list views: sort, filter, search, board).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.tables import Column, as_text, plain_table

PAGE_ROWS = 50
_BOUNDS = {">=": np.greater_equal, "<=": np.less_equal, ">": np.greater, "<": np.less}


@dataclass(frozen=True)
class Shown:
    """Which rows, in which order, which page of them.

    Attributes
    ----------
    sort : str
        Column; empty for the order of the view.
    descending : bool
    search : str
        A text that any cell must hold, regardless of case.
    filters : mapping
        Column to a text that its cell must hold, or a bound such as ``>= 100000``.
    page : int
        From 0.
    """

    sort: str = ""
    descending: bool = False
    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    page: int = 0

    def plain(self) -> dict[str, Any]:
        """Only what differs from a list as the view has it."""
        out: dict[str, Any] = {}
        if self.sort:
            out["sort"] = {"by": self.sort, "order": "desc" if self.descending else "asc"}
        if self.search:
            out["search"] = self.search
        if self.filters:
            out["filters"] = dict(self.filters)
        return out


def changed(shown: Shown, said: Mapping[str, Any], columns: tuple[str, ...]) -> Shown:
    """The state after somebody sorted, searched, filtered or turned a page.

    Raises
    ------
    ArgumentError
        For a column that the list does not have.
    """
    for name in [said.get("sort"), *dict(said.get("filters") or {})]:
        if name and name not in columns:
            raise ArgumentError.of("column", name, columns)
    made = shown
    if "sort" in said:
        made = replace(made, sort=str(said["sort"] or ""),
                       descending=bool(said.get("descending")), page=0)  # fmt: skip
    if "search" in said:
        made = replace(made, search=str(said["search"] or "").strip(), page=0)
    if "filters" in said:
        kept = {str(k): str(v).strip() for k, v in dict(said["filters"] or {}).items()}
        made = replace(made, filters={k: v for k, v in kept.items() if v}, page=0)
    if "page" in said:
        made = replace(made, page=max(0, int(said["page"])))
    return made


def kept_rows(texts: pd.DataFrame, frame: pd.DataFrame, shown: Shown) -> np.ndarray:
    """Positions of the rows that remain, in the order in which they are shown.

    Parameters
    ----------
    texts : pandas.DataFrame
        Cells as a reader sees them, in small letters.
    frame : pandas.DataFrame
        The same cells as values.
    """
    keep = np.ones(len(frame), bool)
    if shown.search:
        low = shown.search.casefold()
        keep &= np.logical_or.reduce([_holds(texts[name], low) for name in texts.columns])
    for name, wanted in shown.filters.items():
        keep &= _met(frame[name], texts[name], wanted)
    places = np.flatnonzero(keep)
    if not shown.sort:
        return places
    order = frame[shown.sort].iloc[places]
    if order.dtype == object:
        order = order.astype("str").where(order.notna())
    ranked = order.reset_index(drop=True).sort_values(
        ascending=not shown.descending, kind="stable", na_position="last"
    )
    return places[ranked.index.to_numpy()]


def _holds(texts: pd.Series, low: str) -> np.ndarray:
    return texts.str.contains(low, regex=False).to_numpy(bool)


def _met(values: pd.Series, texts: pd.Series, wanted: str) -> np.ndarray:
    for sign, compare in _BOUNDS.items():
        if wanted.startswith(sign):
            return _bounded(values, wanted[len(sign) :].strip(), compare)
    return _holds(texts, wanted.casefold())


def _bounded(values: pd.Series, bound: str, compare: Any) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(values):
        numbers, limit = values.astype(float).to_numpy(), _number(bound)
        with np.errstate(invalid="ignore"):
            return compare(numbers, limit) & ~np.isnan(numbers)
    days = pd.to_datetime(values, errors="coerce", utc=True)
    limit_day = pd.to_datetime(bound, errors="coerce", utc=True)
    if pd.isna(limit_day):
        raise ArgumentError.of("filter", bound, message("a number, or a day such as 2026-09-30"))
    return (compare(days, limit_day) & days.notna()).to_numpy(bool)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "").replace("_", ""))
    except ValueError:
        raise ArgumentError.of("filter", text, message("a number")) from None


def cells(frame: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Every cell as a reader sees it."""
    plain = plain_table(frame, columns, most=len(frame))
    kinds = [(one["name"], one["kind"], one.get("unit", "")) for one in plain["columns"]]
    return pd.DataFrame(
        {
            name: [as_text(row[at], kind, unit) for row in plain["rows"]]
            for at, (name, kind, unit) in enumerate(kinds)
        },
        dtype="str",
    )
