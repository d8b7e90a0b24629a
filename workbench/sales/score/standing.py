"""How every deal stood at one instant: not there yet, open, won or lost, and since when.

Nothing that was saved later plays a part, so that a look back sees what was known then.

Source: b2b-data-model.md, section 4, rules 3 and 4; sales-pipeline.md, section 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.sales.catalogue import LOST, OPEN, WON
from workbench.sales.deals import NEVER
from workbench.sales.history import DAY, History

NOT_YET = -1


@dataclass(frozen=True)
class Standing:
    """Deals as they were known at an instant.

    Attributes
    ----------
    instant : int
        Microseconds since 1970.
    outcome : numpy.ndarray of int8
        0 open, 1 won, 2 lost, -1 not created yet.
    closed_at : numpy.ndarray of int64
        Microseconds; `NEVER` while open.
    place : numpy.ndarray of int64
        Last save by then; -1 for none.
    disputed : numpy.ndarray of bool
        The history ends closed although the deal itself is open.
    """

    instant: int
    outcome: np.ndarray
    closed_at: np.ndarray
    place: np.ndarray
    disputed: np.ndarray

    @property
    def closed(self) -> np.ndarray:
        """Whether each deal was won or lost."""
        return self.outcome > OPEN


def begun_at(history: History) -> np.ndarray:
    """When each deal began: its creation, or its first save where that is earlier or all there is.

    Returns
    -------
    numpy.ndarray of int64
        Microseconds; `NEVER` where nothing is known.
    """
    created = history.deals.created_at
    has = np.diff(history.offsets) > 0
    out = created.copy()
    saved = history.at[history.offsets[:-1][has]]
    out[has] = np.where(created[has] == NEVER, saved, np.minimum(created[has], saved))
    return out


def standing_at(history: History, instant: int) -> Standing:
    """What was known of each deal at an instant, saves at that instant included."""
    deals = history.deals
    place = history.last_before(instant)
    outcome = np.full(len(deals), OPEN, np.int8)
    closed_at = np.full(len(deals), NEVER, np.int64)
    disputed = np.zeros(len(deals), bool)
    saved = np.flatnonzero(place >= 0)
    if saved.size:
        kind = history.kind[place[saved]]
        begin = np.maximum(history.last_open[place[saved]] + 1, history.offsets[:-1][saved])
        shut = kind != OPEN
        who, begin = saved[shut], begin[shut]
        closed_at[who] = history.at[begin]
        outcome[who] = kind[shut]
        final = begin == history.closed_run[who]
        disputed[who] = final & (deals.outcome[who] == OPEN)
        agreed = final & (deals.outcome[who] != OPEN)
        outcome[who[agreed]] = deals.outcome[who[agreed]]
        outcome[disputed], closed_at[disputed] = OPEN, NEVER
    # Deals whose history never closes, or that have none: as their table says.
    told = (history.closed_run < 0) & (deals.outcome != OPEN) & (deals.closed_at != NEVER)
    told &= deals.closed_at <= instant
    outcome[told], closed_at[told] = deals.outcome[told], deals.closed_at[told]
    begun = begun_at(history)
    outcome[(begun != NEVER) & (begun > instant)] = NOT_YET
    return Standing(instant, outcome, closed_at, place, disputed)


@dataclass(frozen=True)
class Changes:
    """Every time that a deal was won or lost, or that this was taken back.

    Attributes
    ----------
    deal, at : numpy.ndarray of int64
    won, lost : numpy.ndarray of int64
        +1, 0 or −1.
    """

    deal: np.ndarray
    at: np.ndarray
    won: np.ndarray
    lost: np.ndarray


def changes_of(history: History) -> Changes:
    """Closings and reopenings of all deals, from their saves; from the table where there are none.

    A closing that the history holds is told by it alone, so that nothing later changes what was
    known at an instant.
    """
    deals = history.deals
    kind = history.kind.astype(np.int64)
    before = np.full(kind.size, OPEN, np.int64)
    if kind.size:
        before[1:] = np.where(history.first[1:], OPEN, kind[:-1])
    moved = np.flatnonzero(kind != before)
    told = (history.closed_run < 0) & (deals.outcome != OPEN) & (deals.closed_at != NEVER)
    told = np.flatnonzero(told)
    step = [
        np.r_[
            (kind[moved] == which).astype(np.int64) - (before[moved] == which),
            (deals.outcome[told] == which).astype(np.int64),
        ]
        for which in (WON, LOST)
    ]
    return Changes(
        np.r_[history.deal[moved], told],
        np.r_[history.at[moved], deals.closed_at[told]],
        step[0],
        step[1],
    )


def long_enough(history: History, standing: Standing, days: float = 2) -> np.ndarray:
    """Deals that lived at least so long before they closed (same-day deals teach nothing)."""
    begun = begun_at(history)
    known = standing.closed & (begun != NEVER) & (standing.closed_at != NEVER)
    lived = np.where(known, standing.closed_at - np.where(known, begun, 0), -1)
    return known & (lived >= days * DAY)
