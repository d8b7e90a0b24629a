"""Both sides of a change: how every deal stood at the first and at the last instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.catalogue import OPEN
from workbench.sales.change.question import Question
from workbench.sales.deals import NEVER, NO_DAY, Deals
from workbench.sales.history import QUALITIES, History, history_of
from workbench.sales.moments import Moment, Named, moment_at, table_moment
from workbench.sales.population import population
from workbench.vocabulary.periods import microseconds_of
from workbench.workspace import Workspace

MARKS_OF_DELETION = ("is_deleted", "isdeleted", "deleted")
TIMES_OF_DELETION = ("deleted_at", "deletedat", "deleted_date", "deleteddate")


@dataclass(frozen=True)
class Side:
    """Deals at one instant, those of the workspace first, then those only the older export has."""

    begun: np.ndarray
    kind: np.ndarray
    stage: Named
    amount: np.ndarray
    rate: np.ndarray
    expected_on: np.ndarray
    closed_at: np.ndarray
    closed_on: np.ndarray
    category: Named
    owner: Named
    assumed: np.ndarray

    @property
    def open(self) -> np.ndarray:
        """Whether the deal was there and open."""
        return self.begun & (self.kind == OPEN)

    @property
    def closed(self) -> np.ndarray:
        """Whether the deal was there and closed."""
        return self.begun & (self.kind != OPEN)


@dataclass(frozen=True)
class Compared:
    """Both sides and whom they speak of.

    Attributes
    ----------
    before, after : Side
    chosen : numpy.ndarray of bool
        Deals that take part.
    unknown : int
        Deals of the population without day of creation, or closed without a day of closing.
    undated : int
        Deals marked as deleted without a time, which count as there until the newest instant.
    """

    question: Question
    history: History
    earlier: Deals | None
    extra: np.ndarray
    before: Side
    after: Side
    chosen: np.ndarray
    unknown: int
    undated: int

    def __len__(self) -> int:
        return self.chosen.size

    @property
    def deals(self) -> Deals:
        """The deals of the workspace."""
        return self.history.deals

    def of_both(self, value: Callable[[Deals], np.ndarray]) -> np.ndarray:
        """Something of every deal; of those only the older export has, from there."""
        own = value(self.deals)
        if self.earlier is None or not self.extra.size:
            return own
        return np.append(own, value(self.earlier)[self.extra])

    @cached_property
    def keys(self) -> np.ndarray:
        """Key of each deal."""
        return self.of_both(lambda deals: deals.text("opportunity_id"))

    @cached_property
    def quality(self) -> np.ndarray:
        """Place of the history of each deal in `QUALITIES`."""
        absent = np.full(self.extra.size, QUALITIES.index("absent"), np.int8)
        return np.append(self.history.quality, absent)

    def groups(self, by: str) -> tuple[np.ndarray, list[str | None]]:
        """Code of each deal's group and the names of the groups, in order; None for none."""
        values = self.of_both(lambda deals: column_of(deals, by))
        missing = np.array([v is None for v in values], bool)
        texts = np.where(missing, "", values).astype(str)
        names, codes = np.unique(texts[~missing], return_inverse=True)
        out = np.full(values.size, names.size, np.int64)
        out[~missing] = codes
        return out, [*names.tolist(), *([None] if missing.any() else [])]


def compared(question: Question) -> Compared:
    """Both sides of a question."""
    history = history_of(question.workspace)
    deals, earlier = history.deals, None
    after = moment_at(history, question.until)
    extra = np.empty(0, np.int64)
    if question.earlier is None:
        before = moment_at(history, question.since)
        sides = _side(before, np.arange(len(deals)), len(deals))
        chosen, unknown = population(deals, question.where), before.unknown | after.unknown
    else:
        old = history_of(question.earlier)
        earlier = old.deals
        if len(earlier) and len(deals) and earlier.currency != deals.currency:
            raise ArgumentError.of(
                "earlier", earlier.currency, message("an export in {c}", c=deals.currency or "–")
            )
        places, extra = _places(deals, earlier)
        sides = _side(table_moment(old), places, len(deals) + extra.size)
        gone = population(earlier, question.where)[extra]
        chosen = np.append(population(deals, question.where), gone)
        unknown = np.append(after.unknown, np.zeros(extra.size, bool))
    last = _side(after, np.arange(len(deals)), chosen.size)
    last, undated = _without_deleted(question, last, len(deals))
    first, _ = _without_deleted(question, sides, len(deals), at=question.since)
    left_out = unknown & chosen
    chosen = chosen & ~unknown
    if question.history == "full":
        full = np.append(history.quality, np.zeros(extra.size, np.int8))
        chosen &= full == QUALITIES.index("full")
    return Compared(
        question, history, earlier, extra, first, last, chosen, int(left_out.sum()), undated
    )


def column_of(deals: Deals, by: str) -> np.ndarray:
    """A column of the deals, or of their accounts, as text; None where there is no value."""
    if by in ("owner", "owner_id"):
        return owners_apart(deals)
    if by in deals.table.column_names:
        return deals.text(by)
    workspace = deals.workspace
    known = {name: f"t.{quoted(name)}" for name in workspace.columns_of("opportunities")}
    joined = ""
    if workspace.has("accounts", "account_id") and "account_id" in known:
        joined = "LEFT JOIN accounts a ON a.account_id = t.account_id"
        for name in workspace.columns_of("accounts"):
            known[f"accounts.{name}"] = f"a.{quoted(name)}"
            known.setdefault(name, f"a.{quoted(name)}")
    name = by if by in known else f"x_{by}"
    if name not in known:
        raise AbsentError.of("by", by, ["owner", *known])
    read = workspace.arrow(
        f"SELECT t.opportunity_id::VARCHAR AS key, min({known[name]}::VARCHAR) AS value "
        f"FROM opportunities t {joined} WHERE t.opportunity_id IS NOT NULL GROUP BY ALL "
        "ORDER BY key"
    )
    keys = read.column("key").to_numpy(zero_copy_only=False).astype(str)
    values = np.asarray(read.column("value").to_numpy(zero_copy_only=False), object)
    return values[np.searchsorted(keys, deals.text("opportunity_id").astype(str))]


def owners_apart(deals: Deals) -> np.ndarray:
    """Name of each deal's owner; with the key where several owners have the same name."""
    codes, keys = deals.coded("owner_id")
    first = np.unique(codes, return_index=True)
    names = dict(zip(first[0], deals.owners()[first[1]], strict=True))
    shared = Counter(names.values())
    shown = [
        f"{names[n]} ({key})" if shared[names[n]] > 1 else names[n] for n, key in enumerate(keys)
    ]
    return np.array([*shown, None], object)[codes]


def _places(deals: Deals, earlier: Deals) -> tuple[np.ndarray, np.ndarray]:
    """Place of each earlier deal among all of them, and those that are there no more."""
    own = {key: n for n, key in enumerate(deals.text("opportunity_id"))}
    found = np.array([own.get(key, -1) for key in earlier.text("opportunity_id")], np.int64)
    extra = np.flatnonzero(found < 0)
    found[extra] = len(deals) + np.arange(extra.size)
    return found, extra


def _side(moment: Moment, places: np.ndarray, size: int) -> Side:
    """A moment whose deals stand at `places` of `size`; the others are not there."""
    stages = moment.deals.catalogue.frame["stage"].to_numpy(object)

    def laid(values: np.ndarray, nothing: float) -> np.ndarray:
        if size == places.size == values.size and (places == np.arange(size)).all():
            return values
        out = np.full(size, nothing, values.dtype)
        out[places] = values
        return out

    def named(value: Named) -> Named:
        return Named(laid(value.codes, -1), value.names)

    return Side(
        begun=laid(moment.begun, False),
        kind=laid(moment.kind, OPEN),
        stage=named(Named(moment.stage, stages)),
        amount=laid(moment.amount, np.nan),
        rate=laid(moment.rate(), np.nan),
        expected_on=laid(moment.expected_on, NO_DAY),
        closed_at=laid(moment.closed_at, NEVER),
        closed_on=laid(moment.closed_on, NO_DAY),
        category=named(moment.category),
        owner=named(moment.owner),
        assumed=laid(moment.assumed, False),
    )


def marked_columns(workspace: Workspace) -> tuple[str | None, str | None]:
    """Columns that say that a deal is deleted, and when; None where there is none."""
    plain = {
        name.lower().removeprefix("x_"): name for name in workspace.columns_of("opportunities")
    }
    mark = next((plain[name] for name in MARKS_OF_DELETION if name in plain), None)
    time = next((plain[name] for name in TIMES_OF_DELETION if name in plain), None)
    return mark, time


def _without_deleted(
    question: Question, side: Side, size: int, at: int | None = None
) -> tuple[Side, int]:
    """The side without deals that were deleted by then, and how many have no time of it."""
    workspace = question.workspace
    mark, time = marked_columns(workspace)
    if mark is None and time is None:
        return side, 0
    instant = question.until if at is None else at
    now = microseconds_of(workspace.as_of)
    when = f"epoch_us(max(try_cast({quoted(time)} AS TIMESTAMPTZ)))" if time else "NULL::BIGINT"
    flag = (
        f"coalesce(bool_or(lower({quoted(mark)}::VARCHAR) IN ('true', '1', 'yes', 't')), false)"
        if mark
        else f"{when} IS NOT NULL"
    )
    read = workspace.arrow(
        f"SELECT opportunity_id AS key, {flag} AS gone, {when} AS at FROM opportunities "
        "WHERE opportunity_id IS NOT NULL "
        + ("AND coalesce(epoch_us(created_at) <= ?, true) " if _dated(workspace) else "AND ? > 0 ")
        + "GROUP BY opportunity_id ORDER BY opportunity_id",
        [now],
    )
    gone = read.column("gone").to_numpy(zero_copy_only=False).astype(bool)
    times = read.column("at").fill_null(NEVER).to_numpy()
    undated = gone & (times == NEVER)
    gone &= np.where(times == NEVER, instant >= now, times <= instant)
    begun = side.begun.copy()
    begun[:size] &= ~gone
    return Side(**{**side.__dict__, "begun": begun}), int(undated.sum())


def _dated(workspace: Workspace) -> bool:
    return "created_at" in workspace.columns_of("opportunities")
