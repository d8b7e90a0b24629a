"""Which won deals each open deal is put beside, and why.

Source: relationship-analytics.md, section 8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.relationship.alike.comparing import BEHIND, MEASURES, Done, done_of
from workbench.relationship.alike.fields import Field, amounts_of, fields_of
from workbench.relationship.alike.nearest import Nearest, Space, nearest, space_of
from workbench.relationship.alike.options import ELAPSED, LEAST_DAYS, TOP_WON, Options
from workbench.relationship.health import DAY_US
from workbench.relationship.measuring import LIFETIME, Measured
from workbench.relationship.records import NEVER

SIMILAR, TOP, NONE = "similar", "top_won", "none"
MODES = np.array([SIMILAR, TOP, NONE], object)


@dataclass(frozen=True)
class Found:
    """Open deals with the won deals that they are compared with.

    Attributes
    ----------
    measured : Measured
        Of opportunities; its window does not count.
    options : Options
    """

    measured: Measured
    options: Options

    @cached_property
    def lifetime(self) -> Measured:
        """The same question about all time."""
        if self.measured.asked.window == LIFETIME:
            return self.measured
        asked = replace(self.measured.asked, window=LIFETIME)
        return Measured(asked, self.measured.records)

    @property
    def instant(self) -> int:
        """Nothing after it counts."""
        return self.measured.asked.instant

    @cached_property
    def deals(self) -> np.ndarray:
        """Places of the open deals that are asked about."""
        chosen = self.measured.chosen
        return chosen[self.measured.records.open_at(self.instant)[chosen]]

    @cached_property
    def money(self) -> tuple[np.ndarray, str]:
        """Amounts of all deals in one currency, and that currency."""
        return amounts_of(self.measured.asked.workspace, self.measured.records, self.instant)

    @cached_property
    def _closed(self) -> np.ndarray:
        """Deals that closed in the look-back after a life of two days or more."""
        records = self.measured.records
        now = pd.Timestamp(self.instant, unit="us", tz="UTC")
        local = now.tz_convert(self.measured.asked.zone)
        since = (local - pd.DateOffset(months=self.options.months)).tz_convert("UTC")
        known = records.closed & (records.closed_at != NEVER) & (records.created_at != NEVER)
        known &= (records.closed_at >= since.value // 1_000) & (records.closed_at <= self.instant)
        life = np.where(known, records.closed_at - records.created_at, 0)
        return known & (life >= LEAST_DAYS * DAY_US)

    @cached_property
    def won(self) -> np.ndarray:
        """Places of the won deals that may be similar, the latest closed first."""
        records = self.measured.records
        places = np.flatnonzero(self._closed & records.won)
        return places[np.argsort(-records.closed_at[places], kind="stable")]

    @cached_property
    def lost(self) -> np.ndarray:
        """A mark for every lost deal of the same time."""
        return self._closed & ~self.measured.records.won

    @cached_property
    def fields(self) -> list[Field]:
        """Every field, those that do not count with the reason."""
        records = self.measured.records
        return fields_of(
            self.measured.asked.workspace, records, self.money[0], self.options.features,
            self._closed & records.won, self.lost,
        )  # fmt: skip

    @cached_property
    def space(self) -> Space:
        """The fields that count."""
        return space_of(self.fields, self.won)

    @cached_property
    def near(self) -> Nearest:
        """The nearest won deals, too few of them or not."""
        return nearest(self.space, self.deals, self.won, self.options)

    @cached_property
    def within(self) -> np.ndarray:
        """Won deals near enough, of each open deal, up to `most`."""
        return np.diff(self.near.offsets)

    @cached_property
    def top(self) -> np.ndarray:
        """Places of the largest won deals; equal or unknown amounts: the latest first."""
        amounts = self.money[0][self.won]
        order = np.argsort(-np.nan_to_num(amounts, nan=-1.0), kind="stable")
        return self.won[order[:TOP_WON]]

    @cached_property
    def mode(self) -> np.ndarray:
        """0 similar, 1 the largest won, 2 nothing to compare with, of each open deal.

        A deal of unknown age has no won deals of the same age.
        """
        few = self.within < self.options.least
        mode = np.where(few, 1 if self.won.size else 2, 0).astype(np.int8)
        if self.options.alignment == ELAPSED:
            mode[self.begins[self.deals] == NEVER] = 2
        return mode

    @cached_property
    def groups(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the won deals of each open deal begin, and their places."""
        similar = self.mode == 0
        number = np.where(similar, self.within, np.where(self.mode == 1, self.top.size, 0))
        place = np.empty(int(number.sum()), np.int64)
        of_similar = np.repeat(similar, number)
        place[of_similar] = self.near.place[np.repeat(similar, self.within)]
        place[~of_similar] = np.tile(self.top, int((self.mode == 1).sum()))
        return np.append(0, np.cumsum(number)), place

    @cached_property
    def done(self) -> Done:
        """What was done for every deal."""
        return done_of(self.lifetime.counted)

    @cached_property
    def begins(self) -> np.ndarray:
        """First instant that counts, of every deal there is."""
        created = self.measured.records.created_at
        return created if self.options.alignment == ELAPSED else np.full(created.size, NEVER)

    @cached_property
    def ages(self) -> np.ndarray:
        """Age of each open deal in microseconds; -1 where all counts or it is unknown."""
        created = self.measured.records.created_at[self.deals]
        if self.options.alignment != ELAPSED:
            return np.full(created.size, -1)
        known = created != NEVER
        return np.where(known, self.instant - np.where(known, created, self.instant), -1)

    @cached_property
    def own(self) -> np.ndarray:
        """Measures of each open deal, then the numbers behind its ratios."""
        ends = np.full(self.deals.size, self.instant)
        return self.done.within(self.deals, self.begins[self.deals], ends)

    @cached_property
    def typical(self) -> tuple[np.ndarray, np.ndarray]:
        """Typical measures of the won deals of each open deal, and how many had a value."""
        offsets, place = self.groups
        return self.done.typical(
            offsets, place, self.begins, self.ages, self.instant,
            self.options.typical == "median",
        )  # fmt: skip


def measures_of(values: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of measures and of the numbers behind them by name."""
    names = (*MEASURES, *BEHIND)
    return {
        name: values[:, n].astype(np.int64) if name in WHOLE else values[:, n]
        for n, name in enumerate(names)
    }


WHOLE = ("activities", "started_by_us", *BEHIND)
