"""How every deal stood at an instant: open or closed, stage, amount, chance, expected close.

Today's values come from the table of opportunities, older ones from what was saved by then (see
`workbench.sales.moments`). A closing stands where the history has it, else where the table has.

Source: b2b-data-model.md, section 4, rules 1, 3, 4 (stages, closing, reopening) and 9 (money).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from workbench.messages import marked, message
from workbench.sales.catalogue import OPEN
from workbench.sales.deals import NEVER, Deals
from workbench.sales.history import history_of
from workbench.sales.moments import days_in_zone, moment_of
from workbench.workspace import Workspace

CATEGORIES = {
    "Closed": marked("Closed"),
    "Commit": marked("Commit"),
    "MostLikely": marked("Most likely"),
    "BestCase": marked("Best case"),
    "Pipeline": marked("Pipeline"),
    "Omitted": marked("Omitted"),
    "": marked("No category"),
}
CLOSED, COMMIT, MOST_LIKELY, BEST_CASE, PIPELINE, OMITTED, NO_CATEGORY = range(len(CATEGORIES))
_SPELLED = {
    "pipeline": PIPELINE, "bestcase": BEST_CASE, "best": BEST_CASE, "upside": BEST_CASE,
    "mostlikely": MOST_LIKELY, "probable": MOST_LIKELY, "commit": COMMIT, "committed": COMMIT,
    "forecast": COMMIT, "closed": CLOSED, "won": CLOSED, "closedwon": CLOSED,
    "omitted": OMITTED, "lost": OMITTED, "closedlost": OMITTED,
    "100000001": PIPELINE, "100000002": BEST_CASE, "100000003": COMMIT, "100000004": OMITTED,
    "100000005": CLOSED, "100000006": OMITTED,
}  # fmt: skip
_newest: WeakKeyDictionary[Workspace, int] = WeakKeyDictionary()


def category_names() -> list[str]:
    """Names of `CATEGORIES` for a reader, in their order."""
    return [message(label) for label in CATEGORIES.values()]


def category_code(name: object) -> int:
    """Place of a forecast category in `CATEGORIES`, however it is spelled."""
    if not isinstance(name, str):
        return NO_CATEGORY
    return _SPELLED.get("".join(c for c in name.lower() if c.isalnum()), NO_CATEGORY)


@dataclass(frozen=True)
class Standing:
    """Deals as they stood at an instant; one place a deal, as in `Deals`.

    Attributes
    ----------
    deals : Deals
    instant : int
        Microseconds since 1970 in UTC.
    day : int
        The same as a day of the reporting zone, since 1970.
    exists : numpy.ndarray of bool
        Whether the deal had been created.
    outcome : numpy.ndarray of int8
        0 open, 1 won, 2 lost.
    stage : numpy.ndarray of int32
        Code in the catalogue; -1 where unknown.
    own_amount, probability : numpy.ndarray of float
        In the deal's currency, and 0…1; NaN where unknown.
    expected_on : numpy.ndarray of int32
    category : numpy.ndarray of int8
        Place in `CATEGORIES`; that of the stage where the deal names none.
    closed_at : numpy.ndarray of int64
        `NEVER` while open.
    stand_in : numpy.ndarray of bool
        Whether today's values stand in for unknown older ones.
    """

    deals: Deals
    instant: int
    day: int
    exists: np.ndarray
    outcome: np.ndarray
    stage: np.ndarray
    own_amount: np.ndarray
    probability: np.ndarray
    expected_on: np.ndarray
    category: np.ndarray
    closed_at: np.ndarray
    stand_in: np.ndarray

    @cached_property
    def open(self) -> np.ndarray:
        """Whether the deal existed and was open."""
        return self.exists & (self.outcome == OPEN)

    @cached_property
    def closed_on(self) -> np.ndarray:
        """Day of closing in the reporting zone, since 1970; `NO_DAY` while open."""
        return days_in_zone(self.closed_at, self.deals.workspace.settings.report_tz)

    @cached_property
    def amount(self) -> np.ndarray:
        """Amounts in one currency; NaN where the amount or its rate is unknown."""
        return self.deals.converted(
            self.own_amount,
            at_day=self.day,
            closed_on=self.closed_on,
            expected_on=self.expected_on,
        )

    @cached_property
    def without_rate(self) -> np.ndarray:
        """Whether the amount is known and no rate brings it into the one currency."""
        return ~np.isnan(self.own_amount) & np.isnan(self.amount)


def newest_of(deals: Deals) -> int:
    """The newest instant that the tables of deals know of, in microseconds since 1970."""
    workspace = deals.workspace
    if workspace not in _newest:
        found = [int(deals.closed_at.max(initial=NEVER)), int(deals.created_at.max(initial=NEVER))]
        if workspace.has("opportunity_history", "changed_at"):
            read = workspace.arrow(
                "SELECT epoch_us(max(changed_at)) AS at FROM opportunity_history"
            )
            found += [at for at in read.column("at").to_pylist() if at is not None]
        _newest[workspace] = max(found)
    return _newest[workspace]


def standing_at(deals: Deals, instant: int) -> Standing:
    """The deals as they stood at an instant.

    Parameters
    ----------
    instant : int
        Microseconds since 1970 in UTC.
    """
    if instant >= newest_of(deals):
        return _present(deals, instant)
    moment = moment_of(history_of(deals.workspace), instant)
    codes = np.array([*(category_code(n) for n in moment.category.names), NO_CATEGORY], np.int8)
    return Standing(
        deals=deals,
        instant=instant,
        day=moment.day,
        exists=moment.begun & ~moment.unknown,
        outcome=moment.kind,
        stage=moment.stage,
        own_amount=moment.amount,
        probability=moment.probability,
        expected_on=moment.expected_on,
        category=_categories(moment.kind, codes[moment.category.codes]),
        closed_at=np.where(moment.closed, moment.closed_at, NEVER),
        stand_in=moment.assumed,
    )


def _present(deals: Deals, instant: int) -> Standing:
    history = history_of(deals.workspace)
    closed_at = np.where(deals.outcome != OPEN, deals.closed_at, NEVER)
    saved = (deals.outcome != OPEN) & (history.closed_run >= 0)
    closed_at[saved] = history.at[history.closed_run[saved]]
    of_deal, names = deals.coded("forecast_category")
    own = np.array([*(category_code(n) for n in names), -1], np.int8)[of_deal]
    of_stage = [category_code(n) for n in deals.catalogue.frame["forecast_category"]]
    usual = np.array([*of_stage, NO_CATEGORY], np.int8)[deals.stage]
    return Standing(
        deals=deals,
        instant=instant,
        day=int(days_in_zone(np.array([instant]), deals.workspace.settings.report_tz)[0]),
        exists=np.ones(len(deals), bool),
        outcome=deals.outcome,
        stage=deals.stage,
        own_amount=deals.amount,
        probability=deals.probability,
        expected_on=deals.expected_on,
        category=_categories(deals.outcome, np.where(own < 0, usual, own)),
        closed_at=closed_at,
        stand_in=np.zeros(len(deals), bool),
    )


def _categories(outcome: np.ndarray, category: np.ndarray) -> np.ndarray:
    """Closed for won, omitted for lost, whatever was typed; an open deal's own."""
    # An open deal whose category says that it is closed tells nothing of its forecast.
    found = np.where((outcome == OPEN) & (category == CLOSED), NO_CATEGORY, category)
    return np.select([outcome == 1, outcome == 2], [CLOSED, OMITTED], found).astype(np.int8)
