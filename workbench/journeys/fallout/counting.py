"""Counting containers at every step of a fallout, a group at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.engine.match import Match
from workbench.engine.matching.steps import NEVER, UNLIMITED
from workbench.journeys.scoping import shares
from workbench.results.intervals import wilson
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.steps import Step

COLUMNS = {
    "group": "Name of the compared segment or value; 'All …' without one",
    "position": "0 for the baseline, then the number of the step",
    "step": "Label of the step",
    "reached": "Containers (or attempts) that reached the step",
    "start": "Denominator of share_of_start: the baseline, or step 1 without one",
    "share_of_start": "reached / start, 0…1",
    "share_of_start_low": "Lower end of its 95 % Wilson interval",
    "share_of_start_high": "Upper end of its 95 % Wilson interval",
    "previous": "Denominator of share_of_previous: reached of the step before",
    "share_of_previous": "reached / previous, 0…1",
    "share_of_previous_low": "Lower end of its 95 % Wilson interval",
    "share_of_previous_high": "Upper end of its 95 % Wilson interval",
    "fell_out": "previous − reached",
    "share_fell_out": "fell_out / previous, 0…1",
    "share_fell_out_of_start": "1 − share_of_start, 0…1",
    "open": "Of fell_out: entered too recently for the limits to have run out, so not lost; "
    "empty where no limit is set",
    "matured_entries": "Containers whose first step-1 row is at least the limits old",
    "matured_reached": "Those of them that reached the step",
    "share_of_matured": "matured_reached / matured_entries, 0…1",
}


@dataclass(frozen=True)
class Walked:
    """How far each container walked, whatever split it went through.

    Attributes
    ----------
    match : Match
    best : numpy.ndarray of int64 or None
        Where a property is held constant: the split container that speaks for each container,
        -1 for none; None where containers are not split.
    present : numpy.ndarray of bool
        Containers with a row in the period.
    low, high : numpy.ndarray of int64
        Places read, in the stream of `match` for witnesses and of the containers otherwise.
    """

    match: Match
    present: np.ndarray
    best: np.ndarray | None = None
    first_entry: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    def _of(self, values: np.ndarray, nothing: int) -> np.ndarray:
        if self.best is None:
            return values
        known = self.best >= 0
        out = np.full((self.best.size, *values.shape[1:]), nothing, values.dtype)
        out[known] = values[self.best[known]]
        return out

    @cached_property
    def depth(self) -> np.ndarray:
        """Steps reached by each container."""
        return self._of(self.match.depth, 0)

    @cached_property
    def entry(self) -> np.ndarray:
        """Time of the first step-1 row of each container."""
        return self.match.entry if self.best is None else self.first_entry

    @cached_property
    def witness(self) -> np.ndarray:
        """Place of the witness row of each step, in the stream of `match`."""
        return self._of(self.match.witness, -1)

    @cached_property
    def witness_times(self) -> np.ndarray:
        """Time of the witness row of each step."""
        return self._of(self.match.witness_times, NEVER)

    @cached_property
    def high(self) -> np.ndarray:
        """One past the last place that each container could use, in the stream of `match`."""
        return self._of(self.match.high, 0)

    @classmethod
    def held(cls, match: Match, parent: np.ndarray, present: np.ndarray) -> Walked:
        """Let the split container that got farthest, and finished first, speak for its parent."""
        finished = match.witness_times.max(axis=1, initial=NEVER)
        order = np.lexsort((finished, -match.depth.astype(np.int64), parent))
        firsts = np.append(True, np.diff(parent[order]) != 0) if parent.size else np.empty(0, bool)
        best = np.full(present.size, -1, np.int64)
        best[parent[order][firsts]] = order[firsts]
        entry = np.full(present.size, UNLIMITED, np.int64)
        entered = match.entry != NEVER
        np.minimum.at(entry, parent[entered], match.entry[entered])
        entry[entry == UNLIMITED] = NEVER
        return cls(match, present, best, entry)


@dataclass(frozen=True)
class Group:
    """One column of a fallout: a name and the containers that are counted in it."""

    name: str
    walked: Walked
    counted: np.ndarray

    def depths(self) -> np.ndarray:
        """Steps reached by each counted container."""
        return self.walked.depth[self.counted]


def limits(steps: tuple[Step, ...], total_within: Duration | None) -> np.ndarray:
    """Longest time from step 1 to each step that the limits allow; `UNLIMITED` for none."""
    out = np.full(len(steps), UNLIMITED, np.int64)
    out[0] = 0
    total = UNLIMITED if total_within is None else total_within.microseconds
    span = 0
    for k, item in enumerate(steps[1:], start=1):
        span = UNLIMITED if item.within is None else min(UNLIMITED, span + item.within.microseconds)
        out[k] = min(span, total)
    return out


def group_frame(
    group: Group,
    steps: tuple[Step, ...],
    *,
    everyone: str,
    baseline: bool,
    reached: np.ndarray | None,
    until: int,
    longest: np.ndarray,
) -> pd.DataFrame:
    """Lines of the frame for one group.

    Parameters
    ----------
    everyone : str
        Label of the baseline.
    reached : numpy.ndarray or None
        Attempts that reached each step, instead of containers; they have no baseline.
    until : int
        Instant up to which was looked, in microseconds.
    longest : numpy.ndarray
        As `limits` gives it.
    """
    number = len(steps)
    depths = group.depths()
    if reached is None:
        at_depth = np.bincount(depths, minlength=number + 1)
        reached = at_depth[::-1].cumsum()[::-1]
    else:
        reached, baseline = np.append(0, reached), False
    positions = np.arange(0 if baseline else 1, number + 1)
    counts = reached[positions]
    start = reached[0] if baseline else reached[1]
    previous = np.append(counts[0], counts[:-1])
    low, high = wilson(counts, np.full(counts.size, start))
    low_previous, high_previous = wilson(counts, previous)
    frame = pd.DataFrame(
        {
            "group": group.name,
            "position": positions,
            "step": [everyone if p == 0 else steps[p - 1].label for p in positions],
            "reached": counts,
            "start": start,
            "share_of_start": shares(counts, np.full(counts.size, start)),
            "share_of_start_low": low,
            "share_of_start_high": high,
            "previous": previous,
            "share_of_previous": shares(counts, previous),
            "share_of_previous_low": low_previous,
            "share_of_previous_high": high_previous,
            "fell_out": previous - counts,
            "share_fell_out": shares(previous - counts, previous),
            "share_fell_out_of_start": 1 - shares(counts, np.full(counts.size, start)),
        }
    )
    return _with_maturity(frame, group, positions, until, longest)


def _with_maturity(
    frame: pd.DataFrame, group: Group, positions: np.ndarray, until: int, longest: np.ndarray
) -> pd.DataFrame:
    """Add open and matured entries; empty for steps without a limit (specs README, decision 3).

    Maturity looks at the first step-1 row alone and never at the outcome, so the share over
    matured entries is not biased towards the quick ones.
    """
    entry = group.walked.entry[group.counted]
    depths = group.depths()
    entered = entry != NEVER
    columns: dict[str, list[int | None]] = {
        "open": [],
        "matured_entries": [],
        "matured_reached": [],
    }
    for position in positions:
        span = longest[position - 1] if position else UNLIMITED
        if span == UNLIMITED:
            values: tuple[int | None, ...] = (None, None, None)
        else:
            matured = entered & (entry + span <= until)
            arrived, just_before = depths >= position, depths == position - 1
            values = (
                int(np.count_nonzero(entered & ~matured & just_before)),
                int(np.count_nonzero(matured)),
                int(np.count_nonzero(matured & arrived)),
            )
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    for name, column in columns.items():
        frame[name] = pd.array(column, dtype="Int64")
    frame["share_of_matured"] = shares(
        frame["matured_reached"].to_numpy(float, na_value=np.nan),
        frame["matured_entries"].to_numpy(float, na_value=np.nan),
    )
    return frame
