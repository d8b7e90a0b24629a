"""What was known at an instant: open deals, what was won so far, and what the past teaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.errors import AbsentError
from workbench.messages import message
from workbench.sales.catalogue import OPEN, WON
from workbench.sales.deals import NEVER
from workbench.sales.history import DAY, History
from workbench.sales.moments import Moment, moment_of, table_holds, table_moment
from workbench.sales.ranges import Range, midnight
from workbench.sales.simulation.learning import Chance, Past, followed, past_of
from workbench.vocabulary.durations import Duration

LEAST_CLOSED, LEAST_WON = 40, 10
LEAST_WEEKS, MOST_WEEKS = 8, 52
NO_HISTORY = -1
DAYS_OF_AN_AGE = 7


@dataclass(frozen=True)
class Known:
    """Everything that a forecast may look at.

    Attributes
    ----------
    history : History
    moment : Moment
    past : Past
    start, end : int
        Days from the instant to the first instant of the period (0 when it has begun) and to its
        end.
    open : numpy.ndarray of int64
        Numbers of the open deals.
    stage : numpy.ndarray of int64
        Code of their stage; `NO_HISTORY` for deals without any save.
    age_days : numpy.ndarray of float
        Days in that stage.
    amount : numpy.ndarray of float
        In the one currency; NaN without amount or rate.
    won : numpy.ndarray of int64
        Numbers of the deals won in the period so far.
    amounts : numpy.ndarray of float
        Amounts of all deals in the one currency.
    weekly : numpy.ndarray of int64
        Deals created in each of the past weeks; empty where too few weeks are known.
    fresh : Chance
        The chance of a deal from its creation on.
    fresh_amounts : numpy.ndarray of float
        Amounts of past won deals.
    closed, won_past : int
        Past deals that were closed, and won.
    set_aside : int
        Open deals that only the table knows, when a past instant is looked from.
    """

    history: History
    moment: Moment
    past: Past
    start: int
    end: int
    open: np.ndarray
    stage: np.ndarray
    age_days: np.ndarray
    amount: np.ndarray
    won: np.ndarray
    amounts: np.ndarray
    weekly: np.ndarray
    fresh: Chance
    fresh_amounts: np.ndarray
    closed: int
    won_past: int
    set_aside: int


def known_at(
    history: History,
    chosen: np.ndarray,
    period: Range,
    instant: int,
    learn_within: Duration,
) -> Known:
    """What was known at an instant; nothing that was saved after it is looked at."""
    workspace = history.deals.workspace
    newest = table_holds(history, instant)
    moment = (table_moment if newest else moment_of)(history, instant)
    saved = np.diff(history.offsets) > 0
    # Of a past instant the table tells nothing: what it says today was not known then.
    usable = chosen & ~moment.unknown & (saved & (history.last_before(instant) >= 0) | newest)
    zone = workspace.settings.report_tz
    assert period.first is not None
    assert period.after is not None
    start = max(0, _days_between(instant, midnight(period.first, zone)))
    end = _days_between(instant, midnight(period.after, zone))
    since = instant - learn_within.microseconds
    taught = usable & saved
    past = past_of(history, moment, taught, since, end + DAYS_OF_AN_AGE)
    amounts = moment.amount * moment.rate()
    is_open = np.flatnonzero(usable & moment.open)
    stage, age = _stage_and_age(history, moment, is_open)
    began = _began(history)
    born = taught & (began >= since) & (began <= instant)
    fate = np.where(moment.closed, moment.kind, OPEN).astype(np.int8)
    closed = born & (fate != OPEN)
    inside = usable & (fate == WON) & period.holds(moment.closed_on) & (moment.closed_at <= instant)
    ended = taught & (fate != OPEN) & (moment.closed_at >= since)
    return Known(
        history=history,
        moment=moment,
        past=past,
        start=start,
        end=end,
        open=is_open,
        stage=stage,
        age_days=age,
        amount=amounts[is_open],
        won=np.flatnonzero(inside),
        amounts=amounts,
        weekly=_weekly(began[usable & (began != NEVER)], instant),
        fresh=_fresh(moment, np.flatnonzero(born), began, fate, end),
        fresh_amounts=_quick_amounts(amounts, moment, began, closed & (fate == WON), end),
        closed=int(ended.sum()),
        won_past=int((ended & (fate == WON)).sum()),
        set_aside=int((chosen & moment.open & ~usable).sum()),
    )


def enough(known: Known) -> None:
    """Refuse a history that is too thin to learn from.

    Raises
    ------
    AbsentError
        Which says how many closed deals there are and how many are needed.
    """
    if known.closed >= LEAST_CLOSED and known.won_past >= LEAST_WON:
        return
    name = known.history.deals.workspace.name
    if not len(known.history):
        raise AbsentError.of(
            "workspace",
            name,
            message("a workspace with a history of its opportunities (opportunity_history)"),
            message("Chances by stage and age are learned from what was saved on past deals."),
        )
    raise AbsentError.of(
        "workspace",
        name,
        message(
            "at least {closed} closed deals with history, {won} of them won; here {n} and {w}",
            closed=LEAST_CLOSED,
            won=LEAST_WON,
            n=known.closed,
            w=known.won_past,
        ),
    )


def too_thin(known: Known) -> bool:
    """Whether too few past deals were closed to learn from."""
    return known.closed < LEAST_CLOSED or known.won_past < LEAST_WON


def _days_between(instant: int, later: int) -> int:
    return -((instant - later) // DAY)


def _began(history: History) -> np.ndarray:
    """First instant of each deal: created, or saved first; `NEVER` where unknown."""
    created = history.deals.created_at
    has = np.diff(history.offsets) > 0
    out = created.copy()
    first = history.at[history.offsets[:-1][has]]
    own = created[has]
    out[has] = np.where(own == NEVER, first, np.minimum(own, first))
    return out


def _stage_and_age(
    history: History, moment: Moment, deals: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Stage of open deals and days since it was entered."""
    entries = history.entries
    entries = entries[history.at[entries] <= moment.instant]
    last = np.searchsorted(history.deal[entries], deals, side="right") - 1
    stage = np.full(deals.size, NO_HISTORY, np.int64)
    age = np.zeros(deals.size)
    if entries.size:
        place = entries[np.maximum(last, 0)]
        mine = (last >= 0) & (history.deal[place] == deals)
        stage = np.where(mine, moment.stage[deals], NO_HISTORY)
        age = np.where(mine, (moment.instant - history.at[place]) / DAY, 0.0)
    return stage.astype(np.int64), age


def _weekly(began: np.ndarray, instant: int) -> np.ndarray:
    """Deals created in each full week before the instant, the newest last."""
    began = began[began <= instant]
    if not began.size:
        return np.empty(0, np.int64)
    ago = (instant - began) // (7 * DAY)
    weeks = min(int(ago.max()), MOST_WEEKS)
    if weeks < LEAST_WEEKS:
        return np.empty(0, np.int64)
    return np.bincount(ago[ago < weeks], minlength=weeks)[::-1]


def _fresh(
    moment: Moment, deals: np.ndarray, began: np.ndarray, fate: np.ndarray, horizon: int
) -> Chance:
    own = fate[deals]
    over = np.where(own == OPEN, moment.instant, moment.closed_at[deals])
    length = (over - began[deals]) / DAY
    days = np.where(own == OPEN, np.floor(length), np.maximum(np.ceil(length), 1))
    return followed(days.astype(np.int64), own, horizon, deals=deals.size)


def _quick_amounts(
    amounts: np.ndarray, moment: Moment, began: np.ndarray, won: np.ndarray, horizon: int
) -> np.ndarray:
    """Amounts of won deals, of those won within the time ahead where these are enough."""
    known = np.flatnonzero(won & np.isfinite(amounts))
    quick = known[moment.closed_at[known] - began[known] <= horizon * DAY]
    return amounts[quick if quick.size >= LEAST_WON else known]
