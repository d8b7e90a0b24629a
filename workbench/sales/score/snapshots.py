"""The instants at which deals are looked at, and the last save that was known then.

A deal is looked at when it enters an open stage (that save is the last thing known) and at the
first instant of each month while it is open (only what was saved strictly before is known).

Source: sales-pipeline.md, section 7 (training rows are snapshots).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.sales.catalogue import OPEN
from workbench.sales.deals import NEVER
from workbench.sales.history import History
from workbench.sales.score.kernels import places_before
from workbench.sales.score.standing import Standing, begun_at

KINDS = ("both", "stages", "months")


@dataclass(frozen=True)
class Rows:
    """Looks at deals, in the order of deals and instants.

    Attributes
    ----------
    deal : numpy.ndarray of int64
    at : numpy.ndarray of int64
        Microseconds; activities and other deals count strictly before it.
    place : numpy.ndarray of int64
        Last save known.
    """

    deal: np.ndarray
    at: np.ndarray
    place: np.ndarray

    def __len__(self) -> int:
        return self.deal.size

    def taken(self, chosen: np.ndarray) -> Rows:
        """Some of the rows."""
        return Rows(self.deal[chosen], self.at[chosen], self.place[chosen])


def months_between(first: int, last: int, zone: str) -> np.ndarray:
    """First instant of each month of a zone from `first` up to `last`, in microseconds."""
    if last < first:
        return np.empty(0, np.int64)
    low, high = (pd.Timestamp(t, unit="us", tz="UTC").tz_convert(zone) for t in (first, last))
    starts = pd.date_range(
        low.tz_localize(None).normalize().replace(day=1), high.tz_localize(None), freq="MS"
    ).tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    found = starts.tz_convert("UTC").tz_localize(None).to_numpy().astype("M8[us]").astype(np.int64)
    return found[(found >= first) & (found <= last)]


def rows_of(history: History, kind: str, upto: int) -> Rows:
    """Every look at every deal up to an instant, also at those that are still open."""
    parts = []
    if kind in ("both", "stages"):
        places = history.entries
        places = places[(history.kind[places] == OPEN) & (history.at[places] <= upto)]
        parts.append((history.deal[places], history.at[places], places))
    if kind in ("both", "months"):
        parts.append(_monthly(history, upto))
    deal, at, place = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.lexsort((place, at, deal))
    return Rows(*(np.ascontiguousarray(a[order].astype(np.int64)) for a in (deal, at, place)))


def _monthly(history: History, upto: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    has = np.flatnonzero(np.diff(history.offsets) > 0)
    nothing = np.empty(0, np.int64)
    if not has.size:
        return nothing, nothing, nothing
    first = history.at[history.offsets[:-1][has]]
    run = history.closed_run[has]
    end = np.where(run >= 0, history.at[np.maximum(run, 0)], upto)
    closed_at = history.deals.closed_at[has]
    told = (run < 0) & (history.deals.outcome[has] != OPEN) & (closed_at != NEVER)
    end = np.minimum(np.where(told, closed_at, end), upto)
    months = months_between(int(first.min()), upto, history.deals.workspace.settings.report_tz)
    low = np.searchsorted(months, first, side="right")
    high = np.maximum(np.searchsorted(months, end, side="right"), low)
    number = high - low
    deal = np.repeat(has, number)
    begin = np.repeat(low - np.r_[0, np.cumsum(number)[:-1]], number)
    at = months[begin + np.arange(deal.size)]
    place = places_before(history.offsets, history.at, deal, at) - 1
    open_then = history.kind[place] == OPEN
    return deal[open_then], at[open_then], place[open_then]


def present_rows(history: History, standing: Standing, chosen: np.ndarray) -> Rows:
    """One look at each chosen deal that was open with a known stage, right after an instant."""
    place = standing.place
    known = chosen & (standing.outcome == OPEN) & (place >= 0) & ~standing.disputed
    deal = np.flatnonzero(known)
    deal = deal[history.kind[place[deal]] == OPEN]
    deal = deal[begun_at(history)[deal] != NEVER]
    return Rows(deal, np.full(deal.size, standing.instant + 1, np.int64), place[deal])
