"""What the numbers of stages are made of: deals as they stood, their stays, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.sales.catalogue import OPEN, WON, Catalogue
from workbench.sales.deals import NEVER, NO_DAY, Deals, deals_of
from workbench.sales.history import QUALITIES, History, history_of
from workbench.sales.moments import Moment, days_in_zone, moment_at, table_holds
from workbench.sales.population import population
from workbench.sales.stages.question import Question
from workbench.sales.stays import Stays, Visits, stays_of
from workbench.vocabulary.periods import microseconds_of

FEWEST_WON = 20
USUAL = 0.75
STATES = ("still_open", "won", "lost", "moved_out")
STILL_OPEN, HAS_WON, HAS_LOST, MOVED_OUT = range(len(STATES))


@dataclass(frozen=True)
class Found:
    """Deals of a question, how they stood, and the stays that count.

    Attributes
    ----------
    question : Question
    deals : Deals
    history : History
    moment : Moment
        How every deal stood at the instant that is looked from.
    chosen : numpy.ndarray of bool
        Deals that take part.
    """

    question: Question
    deals: Deals
    history: History
    moment: Moment
    chosen: np.ndarray

    @property
    def catalogue(self) -> Catalogue:
        """Stages by code."""
        return self.deals.catalogue

    @property
    def has_history(self) -> bool:
        """Whether any save of these deals names a stage."""
        return bool(len(self.stays))

    @cached_property
    def stays(self) -> Stays:
        """Stays of all deals up to the instant that is looked from."""
        return stays_of(self.history, self.question.instant)

    @cached_property
    def codes(self) -> np.ndarray:
        """Codes of the stages that are shown, in the order of their pipelines."""
        frame = self.catalogue.frame
        wanted = self.question.pipeline
        shown = np.ones(len(frame), bool) if wanted is None else frame["pipeline"].eq(wanted)
        number = frame["pipeline"].astype("category").cat.codes.to_numpy()
        order = np.lexsort((self.catalogue.place, number))
        return order[np.asarray(shown)[order]]

    @cached_property
    def counted(self) -> np.ndarray:
        """Whether the history of a deal counts for lengths and moves."""
        if self.question.quality is None:
            return self.chosen
        wanted = [QUALITIES.index(name) for name in self.question.quality]
        return self.chosen & np.isin(self.history.quality, wanted)

    @cached_property
    def _taken(self) -> np.ndarray:
        stays = self.stays
        taken = self.counted[stays.deal]
        if self.question.pipeline is not None:
            shown = np.zeros(len(self.catalogue), bool)
            shown[self.codes] = True
            taken &= shown[stays.stage]
        if self.question.period:
            start, end = self.question.bounds()
            taken &= (stays.start >= start) & (stays.start < end)
        return taken

    @property
    def taken(self) -> np.ndarray:
        """Places of the stays that count: chosen deals, shown stages, begun in the period."""
        return np.flatnonzero(self._taken).astype(np.int32)

    @cached_property
    def visits(self) -> Visits:
        """The stays that count, those of one deal in one stage together."""
        return self.stays.visits if self._taken.all() else self.stays.visits_of(self.taken)

    @cached_property
    def visits_over(self) -> np.ndarray:
        """Whether the latest visit is over: only its length is known whole."""
        return ~self.stays.running[self.visits.last_stay]

    @cached_property
    def pipeline_of_stage(self) -> np.ndarray:
        """Number of each stage's pipeline."""
        return self.catalogue.frame["pipeline"].astype("category").cat.codes.to_numpy()

    @cached_property
    def visit_state(self) -> np.ndarray:
        """What became of each deal that was in a stage: its place in `STATES`."""
        visits, moment = self.visits, self.moment
        state = np.array([STILL_OPEN, HAS_WON, HAS_LOST])[moment.kind[visits.deal]]
        now = moment.stage[visits.deal]
        of_stage = np.append(self.pipeline_of_stage, -1)
        elsewhere = (now >= 0) & (of_stage[now] != of_stage[visits.stage])
        return np.where(elsewhere, MOVED_OUT, state).astype(np.int8)

    @cached_property
    def entered_on(self) -> np.ndarray:
        """Day on which each open deal entered its stage; `NO_DAY` where it is not known."""
        stays, moment = self.stays, self.moment
        out = np.full(len(self.deals), NO_DAY, np.int32)
        last = np.flatnonzero(stays.running)
        last = last[stays.stage[last] == moment.stage[stays.deal[last]]]
        zone = self.question.workspace.settings.report_tz
        out[stays.deal[last]] = days_in_zone(stays.start[last], zone)
        untold = (out == NO_DAY) & (moment.kind == OPEN)
        if untold.any() and self.at_present:
            changed = _last_changes(self.deals)
            known = untold & (changed != NEVER) & (changed <= self.question.instant)
            out[known] = days_in_zone(changed[known], zone)
        return np.where(moment.kind == OPEN, out, NO_DAY).astype(np.int32)

    @cached_property
    def days_in_stage(self) -> np.ndarray:
        """Calendar days since each open deal entered its stage; NaN where not known."""
        entered = self.entered_on
        return np.where(entered == NO_DAY, np.nan, self.moment.day - entered.astype(float))

    @cached_property
    def age_days(self) -> np.ndarray:
        """Calendar days since each deal was created; NaN where not known."""
        created = self.deals.created_on
        return np.where(created == NO_DAY, np.nan, self.moment.day - created.astype(float))

    @cached_property
    def at_present(self) -> bool:
        """Whether the table of deals tells how they stand, not only their history."""
        return table_holds(self.history, self.question.instant)

    @cached_property
    def limits(self) -> pd.DataFrame:
        """Longest usual stay of each stage by code: ``max_days``, ``source``, ``rests_on``.

        Written in the catalogue, else the 75th percentile of the latest stays of won deals that
        left the stage, of at least 20. It is a property of the stage: filters do not change it.
        """
        frame, stays = self.catalogue.frame, self.stays
        written = frame["max_days"].to_numpy(float)
        visits = self.visits if self._taken.all() else stays.visits
        won = self.moment.kind[visits.deal] == WON
        won &= self.catalogue.kind[visits.stage] == OPEN
        codes = visits.stage[won]
        n = np.bincount(codes, minlength=len(frame))
        usual = quantiles(codes, visits.latest_days[won], len(frame), (USUAL,))[:, 0]
        derived = np.where(n >= FEWEST_WON, np.floor(usual + 0.5), np.nan)
        known = ~np.isnan(written)
        found = np.where(known, written, derived)
        found[self.catalogue.kind != OPEN] = np.nan
        source = np.where(known, "catalogue", np.where(np.isnan(derived), "", "derived"))
        return pd.DataFrame(
            {
                "max_days": found,
                "source": np.where(np.isnan(found), "", source),
                "rests_on": np.where(known, 0, n),
            }
        )

    @cached_property
    def stalled(self) -> np.ndarray:
        """Open deals that have stood in their stage longer than its limit."""
        limit = np.append(self.limits["max_days"].to_numpy(float), np.nan)[self.moment.stage]
        with np.errstate(invalid="ignore"):
            return self.standing & (self.moment.kind == OPEN) & (self.days_in_stage > limit)

    @cached_property
    def standing(self) -> np.ndarray:
        """Chosen deals that stand in a shown stage."""
        shown = np.zeros(len(self.catalogue) + 1, bool)
        shown[self.codes] = True
        return self.chosen & shown[self.moment.stage] & (self.moment.stage >= 0)

    @cached_property
    def money(self) -> tuple[np.ndarray, str, str]:
        """Amount of each deal in one currency, the currency, and why there is none."""
        try:
            return self.moment.amount * self.moment.rate(), self.deals.currency, ""
        except ArgumentError as problem:
            return np.full(len(self.deals), np.nan), "", str(problem)

    def mix(self, deals: np.ndarray) -> Mapping[str, int]:
        """How many deals have a history of each quality."""
        n = np.bincount(self.history.quality[deals], minlength=len(QUALITIES))
        return dict(zip(QUALITIES, map(int, n), strict=True))


def found_for(question: Question) -> Found:
    """Read deals and history and see how they stood."""
    workspace = question.workspace
    deals, history = deals_of(workspace), history_of(workspace)
    moment = moment_at(history, question.instant)
    chosen = population(deals, question.where) & moment.begun
    return Found(question, deals, history, moment, chosen)


def _last_changes(deals: Deals) -> np.ndarray:
    """When the stage last changed by the table; `NEVER` where it does not say."""
    workspace = deals.workspace
    if "last_stage_change_at" not in workspace.columns_of("opportunities"):
        return np.full(len(deals), NEVER)
    read = workspace.arrow(
        "SELECT max(epoch_us(last_stage_change_at::TIMESTAMPTZ)) AS at FROM opportunities "
        "WHERE opportunity_id IS NOT NULL AND coalesce(epoch_us(created_at) <= ?, true) "
        "GROUP BY opportunity_id ORDER BY opportunity_id",
        [microseconds_of(workspace.as_of)],
    )
    return read.column("at").fill_null(NEVER).to_numpy()


def quantiles(
    codes: np.ndarray, values: np.ndarray, size: int, at: tuple[float, ...] = (0.25, 0.5, 0.75)
) -> np.ndarray:
    """Quantiles of the values of each code, shape (size, len(at)); NaN for none."""
    out = np.full((size, len(at)), np.nan)
    missing = np.isnan(values)
    if missing.any():
        codes, values = codes[~missing], values[~missing]
    # Sixteen bits are sorted by their digits, in one pass.
    order = np.argsort(codes.astype(np.int16 if size < 2**15 else np.int64), kind="stable")
    counts = np.bincount(codes, minlength=size)
    ends = np.cumsum(counts)
    for code in np.flatnonzero(counts):
        own = values[order[ends[code] - counts[code] : ends[code]]]
        out[code] = np.quantile(own, at, overwrite_input=True)
    return out
