"""How every deal stood at an instant: from its saves, and where it has none from the table.

Source: b2b-data-model.md, section 4, rules 1 to 4; sales-pipeline.md, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.sales.catalogue import OPEN
from workbench.sales.deals import NEVER, NO_DAY, Deals
from workbench.sales.history import History
from workbench.vocabulary.periods import bucket, microseconds_of


@dataclass(frozen=True)
class Moment:
    """The state of every deal at one instant; one place a deal.

    Attributes
    ----------
    deals : Deals
    instant : int
        Microseconds since 1970 in UTC; a save at that very instant counts.
    day : int
        Its day of the reporting zone, since 1970.
    begun : numpy.ndarray of bool
        Whether the deal was there: created, or saved once, by then.
    kind : numpy.ndarray of int8
        0 open, 1 won, 2 lost.
    stage : numpy.ndarray of int32
        Code in the catalogue; -1 where no save and no table says it.
    amount, probability : numpy.ndarray of float
        The amount in the currency of the deal. NaN where none was named by then.
    expected_on : numpy.ndarray of int32
        Expected day of closing; `NO_DAY` where none was named.
    closed_at : numpy.ndarray of int64
        First instant of the run of closed stages; `NEVER` while open.
    category, owner : numpy.ndarray of object
        Forecast category (of the save, else of the stage) and key of the owner; None for none.
    assumed : numpy.ndarray of bool
        Whether the state rests on the table, on the first save after the instant, or on a closing
        that no save tells of.
    unknown : numpy.ndarray of bool
        Whether nothing says when the deal began, or when it was closed: it takes no part.
    """

    deals: Deals
    instant: int
    day: int
    begun: np.ndarray
    kind: np.ndarray
    stage: np.ndarray
    amount: np.ndarray
    probability: np.ndarray
    expected_on: np.ndarray
    closed_at: np.ndarray
    category: Named
    owner: Named
    assumed: np.ndarray
    unknown: np.ndarray

    @property
    def open(self) -> np.ndarray:
        """Whether the deal was there and open."""
        return self.begun & (self.kind == OPEN)

    @property
    def closed(self) -> np.ndarray:
        """Whether the deal was there and closed."""
        return self.begun & (self.kind != OPEN)

    @property
    def closed_on(self) -> np.ndarray:
        """Day of closing in the reporting zone; `NO_DAY` while open."""
        return days_in_zone(self.closed_at, self.deals.workspace.settings.report_tz)

    def rate(self) -> np.ndarray:
        """What an amount is multiplied with to be in the one currency; NaN without a rate."""
        return self.deals.converted(
            np.ones(len(self.deals)),
            at_day=self.day,
            closed_on=np.where(self.closed, self.closed_on, NO_DAY),
            expected_on=self.expected_on,
        )


@dataclass(frozen=True)
class Named:
    """Texts as codes: -1 for none."""

    codes: np.ndarray
    names: np.ndarray

    def texts(self) -> np.ndarray:
        """The text of each place; None for none."""
        return np.append(self.names, [None]).astype(object)[self.codes]


def moment_of(history: History, instant: int) -> Moment:
    """How every deal stood at an instant.

    A save leaves what it does not name as it was before. A deal whose saves begin later stands as
    in its first one, open; a deal without any save stands as in the table, open from its creation
    until its closing. `Moment.assumed` marks both.
    """
    deals = history.deals
    saves = history.last_before(instant)
    has = np.diff(history.offsets) > 0
    begins = history.offsets[:-1]
    seen = saves >= 0
    first = np.where(has, begins, 0)
    place = np.where(seen, saves, first)
    created = deals.created_at
    begun = seen | ((created != NEVER) & (created <= instant))
    if not len(history):
        kind = np.zeros(len(deals), np.int8)
        closed_at = np.full(len(deals), NEVER)
    else:
        kind = np.where(seen, history.kind[place], OPEN).astype(np.int8)
        run = np.maximum(history.last_open[place] + 1, begins)
        closed_at = np.where(kind != OPEN, history.at[np.where(kind != OPEN, run, 0)], NEVER)
    late = _closings_without_save(history)
    shut = (late != NEVER) & (late <= instant)
    kind = np.where(shut, deals.outcome, kind).astype(np.int8)
    closed_at = np.where(shut, late, closed_at)
    # The table says of a deal that has closed since nothing about the time when it was open.
    since = (kind == OPEN) & (deals.outcome != OPEN)
    category, owner = _categories(history, place, has, since), _owners(history, place, has)
    stage = _named(history.stage, -1, place, has, begins, deals.stage)
    stage = np.where(shut | (~has & (kind == OPEN) & (deals.outcome == OPEN)), deals.stage, stage)
    stage = np.where(~has & since, -1, stage)
    chance = np.where(since, np.nan, deals.probability)
    return Moment(
        deals=deals,
        instant=instant,
        day=int(days_in_zone(np.array([instant]), deals.workspace.settings.report_tz)[0]),
        begun=begun,
        kind=kind,
        stage=stage.astype(np.int32),
        amount=_named(history.amount, np.nan, place, has, begins, deals.amount),
        probability=_named(history.probability, np.nan, place, has, begins, chance),
        expected_on=_named(history.expected_on, NO_DAY, place, has, begins, deals.expected_on),
        closed_at=closed_at,
        category=_or_of_stage(deals, category, stage),
        owner=owner,
        assumed=begun & (~seen | shut),
        unknown=_unknown(deals, has),
    )


def table_moment(history: History, instant: int | None = None) -> Moment:
    """How every deal stands in the table itself, at the newest instant or one that it holds at."""
    deals = history.deals
    now = microseconds_of(deals.workspace.as_of) if instant is None else instant
    closed = deals.outcome != OPEN
    closed_at = np.where(closed, deals.closed_at, NEVER)
    run = history.closed_run
    saved = closed & (run >= 0)
    closed_at[saved] = history.at[run[saved]]
    category = Named(*deals.coded("forecast_category"))
    return Moment(
        deals=deals,
        instant=now,
        day=int(days_in_zone(np.array([now]), deals.workspace.settings.report_tz)[0]),
        begun=np.ones(len(deals), bool),
        kind=deals.outcome,
        stage=deals.stage,
        amount=deals.amount,
        probability=deals.probability,
        expected_on=deals.expected_on,
        closed_at=closed_at,
        category=_or_of_stage(deals, category, deals.stage),
        owner=Named(*deals.coded("owner_id")),
        assumed=np.zeros(len(deals), bool),
        unknown=_unknown(deals, np.diff(history.offsets) > 0),
    )


def moment_at(history: History, instant: int) -> Moment:
    """The table where it holds at an instant, else what was saved by then."""
    return (table_moment if table_holds(history, instant) else moment_of)(history, instant)


def table_holds(history: History, instant: int) -> bool:
    """Whether nothing that the tables know of happened after an instant."""
    return instant >= history.newest


def days_in_zone(instants: np.ndarray, zone: str) -> np.ndarray:
    """Day of the reporting zone of each instant, since 1970; `NO_DAY` for `NEVER`."""
    out = np.full(instants.size, NO_DAY, np.int32)
    known = np.flatnonzero(instants != NEVER)
    if known.size:
        local = bucket(instants[known], "day", zone).to_numpy().astype("M8[D]")
        out[known] = local.astype(np.int64)
    return out


def _closings_without_save(history: History) -> np.ndarray:
    """Closing by the table of deals that no save closes; `NEVER` for all others."""
    deals = history.deals
    has = np.diff(history.offsets) > 0
    untold = (deals.outcome != OPEN) & (deals.closed_at != NEVER)
    if len(history):
        ends = np.where(has, history.offsets[1:] - 1, 0)
        untold &= ~has | (history.kind[ends] == OPEN)
        last = np.where(has, history.at[ends], NEVER)
        return np.where(untold, np.maximum(deals.closed_at, last), NEVER)
    return np.where(untold, deals.closed_at, NEVER)


def _unknown(deals: Deals, has: np.ndarray) -> np.ndarray:
    no_day = (deals.outcome != OPEN) & (deals.closed_at == NEVER)
    return ~has & ((deals.created_at == NEVER) | no_day)


def _absent(values: np.ndarray, nothing: float) -> np.ndarray:
    return np.isnan(values) if values.dtype.kind == "f" else values == nothing


def carried(
    values: np.ndarray, nothing: float, place: np.ndarray, begins: np.ndarray
) -> np.ndarray:
    """Place of the save that named the value last, at or before `place`; -1 for none."""
    at = place.astype(np.int64).copy()
    here = np.flatnonzero(_absent(values[at], nothing))
    while here.size:
        at[here] -= 1
        gone = at[here] < begins[here]
        at[here[gone]] = -1
        here = here[~gone]
        here = here[_absent(values[at[here]], nothing)]
    return at


def _named(
    values: np.ndarray,
    nothing: float,
    place: np.ndarray,
    has: np.ndarray,
    begins: np.ndarray,
    table: np.ndarray,
) -> np.ndarray:
    """The last named value of each deal; the table's where saves never name any."""
    if not values.size or _absent(values, nothing).all():
        return table
    at = np.full(place.size, -1, np.int64)
    at[has] = carried(values, nothing, place[has], begins[has])
    found = values[np.maximum(at, 0)]
    return np.where(has, np.where(at >= 0, found, nothing), table)


def _texts(
    column: pa.Array | None, place: np.ndarray, has: np.ndarray, begins: np.ndarray, table: Named
) -> Named:
    """As `_named`, for texts."""
    if column is None or not len(column) or column.null_count == len(column):
        return table
    names = np.asarray(column.dictionary.to_numpy(zero_copy_only=False), object)
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    every = np.append(names, table.names)
    shifted = np.where(table.codes >= 0, table.codes + names.size, -1)
    return Named(_named(codes, -1, place, has, begins, shifted).astype(np.int64), every)


def _categories(history: History, place: np.ndarray, has: np.ndarray, since: np.ndarray) -> Named:
    codes, names = history.deals.coded("forecast_category")
    table = Named(np.where(since, -1, codes), names)
    return _texts(history.category, place, has, history.offsets[:-1], table)


def _owners(history: History, place: np.ndarray, has: np.ndarray) -> Named:
    table = Named(*history.deals.coded("owner_id"))
    return _texts(history.owner, place, has, history.offsets[:-1], table)


def _or_of_stage(deals: Deals, category: Named, stage: np.ndarray) -> Named:
    """The category of the stage where none was named."""
    of_stage = deals.catalogue.frame["forecast_category"].to_numpy(object)
    known = np.array([isinstance(name, str) and bool(name) for name in of_stage], bool)
    places = np.append(np.where(known, np.arange(of_stage.size) + category.names.size, -1), -1)
    codes = np.where(category.codes >= 0, category.codes, places[stage])
    return Named(codes.astype(np.int64), np.append(category.names, of_stage))
