"""What became of every deal between the two instants, and the sums of it, in whole cents.

Source: sales-pipeline.md, section 2 (pipeline change) and section 8 (a move wins over a change of
amount); b2b-data-model.md, section 4, rule 9 (effect of exchange rates).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import DataError
from workbench.messages import marked, message
from workbench.sales.catalogue import WON
from workbench.sales.change.sides import Compared, Side
from workbench.sales.deals import NO_DAY

BARS = {
    "start": marked("Open at the start"),
    "new": marked("New"),
    "moved_in": marked("Moved in"),
    "reopened": marked("Reopened"),
    "increased": marked("Increased"),
    "decreased": marked("Decreased"),
    "moved_out": marked("Moved out"),
    "won": marked("Won"),
    "lost": marked("Lost"),
    "deleted": marked("Deleted"),
    "fx": marked("Exchange rates"),
    "end": marked("Open at the end"),
}
SIGNS = dict.fromkeys(BARS, 1) | dict.fromkeys(["decreased", "moved_out", "won", "lost"], -1)
SIGNS["deleted"] = -1
PARTS = {
    "no_day": marked("without an expected day"),
    "before": marked("before the period"),
    "within_3_months": marked("up to 3 months after it"),
    "within_6_months": marked("3 to 6 months after it"),
    "beyond_6_months": marked("more than 6 months after it"),
    "start": marked("open at the start"),
    "new": marked("new"),
    "moved_in": marked("moved in"),
    "reopened": marked("reopened"),
    "open": marked("still open"),
    "won": marked("won since"),
    "lost": marked("lost since"),
}
NOTHING = 0
START, NEW, MOVED_IN, REOPENED = range(1, 5)
STAYS, MOVED_OUT, IS_WON, IS_LOST, DELETED = range(1, 6)
_MOST_CENTS = 2.0**53
_NAMED_DEALS = 5


@dataclass(frozen=True)
class Fates:
    """One place a deal; money in cents of the one currency.

    Attributes
    ----------
    entry, leave : numpy.ndarray of int8
        How it came into the period, and how it left it.
    first, last : numpy.ndarray of int64
        Its amount at the two instants; 0 where none is known.
    change, fx : numpy.ndarray of int64
        What its own amount changed by, at the first rate, and the rest of the difference.
    """

    entry: np.ndarray
    leave: np.ndarray
    first: np.ndarray
    last: np.ndarray
    change: np.ndarray
    fx: np.ndarray

    def amount(self, bar: str) -> np.ndarray:
        """Amount of each deal in a bar, 0 for those that are not in it; `fx` with its sign."""
        at = self.within(bar)
        values = {
            "start": self.first, "moved_out": self.first, "deleted": self.first,
            "increased": self.change, "decreased": -self.change, "fx": self.fx,
        }.get(bar, self.last)  # fmt: skip
        return np.where(at, values, 0)

    def within(self, bar: str) -> np.ndarray:
        """The deals of a bar."""
        entry, leave = self.entry, self.leave
        if bar in ("increased", "decreased", "fx"):
            kept = (entry == START) & (leave != MOVED_OUT) & (leave != DELETED)
            sign = {"increased": self.change > 0, "decreased": self.change < 0}
            return kept & sign.get(bar, self.fx != 0)
        if bar in ("start", "new", "moved_in", "reopened"):
            return entry == {"start": START, "new": NEW, "moved_in": MOVED_IN}.get(bar, REOPENED)
        code = {"moved_out": MOVED_OUT, "won": IS_WON, "lost": IS_LOST, "deleted": DELETED}
        return leave == code.get(bar, STAYS)


def bar_label(bar: str) -> str:
    """A bar in words."""
    return message(BARS[bar])


def part_label(part: str) -> str:
    """A part of a bar in words."""
    return message(PARTS[part])


def fates(both: Compared) -> Fates:
    """What became of every deal.

    Raises
    ------
    DataError
        When the identity does not hold for some deals, or an amount is too large to be added.
    """
    first, last = _cents(both, both.before), _cents(both, both.after)
    period, before, after = both.question.period, both.before, both.after
    inside_after = period.holds(_day(after))
    in_start = both.chosen & before.open & period.holds(before.expected_on)
    closed_since = after.closed & (~before.closed | (after.closed_at > both.question.since))
    seen = both.chosen & inside_after & (after.open | closed_since)
    entry = np.select(
        [in_start, seen & ~before.begun, seen & before.open, seen & before.closed],
        [START, NEW, MOVED_IN, REOPENED],
        NOTHING,
    ).astype(np.int8)
    leave = np.select(
        [
            entry == NOTHING,
            ~after.begun,
            after.open & ~inside_after,
            after.open,
            after.kind == WON,
        ],
        [NOTHING, DELETED, MOVED_OUT, STAYS, IS_WON],
        IS_LOST,
    ).astype(np.int8)
    change = _change(both, first, last)
    found = Fates(entry, leave, first, last, change, last - first - change)
    checked(both, found)
    return found


def checked(both: Compared, found: Fates) -> None:
    """Hold the sum of the bars of each deal against its amount in the open pipeline at the end.

    Raises
    ------
    DataError
        Which names the deals where they differ.
    """
    reached = sum(SIGNS[bar] * found.amount(bar) for bar in BARS if bar != "end")
    after = both.after
    at_end = both.chosen & after.open & both.question.period.holds(after.expected_on)
    off = np.flatnonzero(reached != np.where(at_end, found.last, 0))
    if off.size:
        raise DataError(
            message(
                "The change of the pipeline does not add up for {n} deals: {names}.",
                n=f"{off.size:,}",
                names=", ".join(str(both.keys[n]) for n in off[:_NAMED_DEALS]),
            )
        )


def _day(side: Side) -> np.ndarray:
    """Expected day of closing; of closed deals without one the day they were closed."""
    return np.where((side.expected_on == NO_DAY) & side.closed, side.closed_on, side.expected_on)


def _cents(both: Compared, side: Side) -> np.ndarray:
    with np.errstate(invalid="ignore", over="ignore"):
        cents = np.rint(side.amount * side.rate * 100)
    large = both.chosen & side.begun & (np.abs(cents) >= _MOST_CENTS)
    if large.any():
        raise DataError(
            message(
                "The amounts of {n} deals are too large to be added to the cent: {names}.",
                n=f"{int(large.sum()):,}",
                names=", ".join(str(both.keys[n]) for n in np.flatnonzero(large)[:_NAMED_DEALS]),
            )
        )
    return np.where(both.chosen & side.begun & ~np.isnan(cents), cents, 0).astype(np.int64)


def _change(both: Compared, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The difference of the deal's own amounts at the first rate, the last where none is known."""
    before, after = both.before, both.after
    rate = np.where(np.isnan(before.rate), after.rate, before.rate)
    own = np.nan_to_num(after.amount) - np.nan_to_num(before.amount)
    with np.errstate(invalid="ignore", over="ignore"):
        moved = np.nan_to_num(np.rint(own * rate * 100), posinf=0, neginf=0)
    # Equal rates: all of the difference is the deal's, without a cent of rounding for the rates.
    moved = np.where(before.rate == after.rate, last - first, moved)
    return np.where(before.begun & after.begun, moved, 0).astype(np.int64)


def part_codes(both: Compared, found: Fates, bar: str) -> np.ndarray:
    """Place in `PARTS` of each deal of a bar: by how far it moved, or what it was or became."""
    if bar in ("moved_in", "moved_out"):
        side = both.before if bar == "moved_in" else both.after
        return _distance(both, side.expected_on)
    names = list(PARTS)
    if bar in ("won", "lost"):
        return found.entry.astype(np.int64) - START + names.index("start")
    became = {MOVED_OUT: "open", IS_WON: "won", IS_LOST: "lost"}
    codes = np.full(found.leave.size, names.index("open"), np.int64)
    for leave, name in became.items():
        codes[found.leave == leave] = names.index(name)
    return codes


def _distance(both: Compared, days: np.ndarray) -> np.ndarray:
    period = both.question.period
    names = list(PARTS)
    edges = [np.inf, np.inf]
    if period.after is not None:
        end = pd.Timestamp(period.after, unit="D")
        edges = [(end + pd.DateOffset(months=m)).value // 86_400_000_000_000 for m in (3, 6)]
    return np.select(
        [
            days == NO_DAY,
            days < (period.first if period.first is not None else NO_DAY),
            days < edges[0],
            days < edges[1],
        ],
        [names.index(n) for n in ("no_day", "before", "within_3_months", "within_6_months")],
        names.index("beyond_6_months"),
    )
