"""The tables of a change: a line a bar, a line a part of a bar, and the deals behind one."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.sales.change.chart import OTHER
from workbench.sales.change.counting import (
    BARS,
    PARTS,
    SIGNS,
    Fates,
    bar_label,
    part_codes,
    part_label,
)
from workbench.sales.change.sides import Compared
from workbench.sales.deals import days_of
from workbench.sales.history import DAY, QUALITIES

MOST_GROUPS = 12
MISSING = "(missing)"
PARTED = ("new", "moved_in", "increased", "decreased", "moved_out", "won", "lost")


class Tables:
    """Sums of the fates of deals, in whole cents until they are shown."""

    def __init__(self, both: Compared, found: Fates) -> None:
        self.both = both
        self.found = found

    @cached_property
    def _grouped(self) -> tuple[np.ndarray, list[str]]:
        """Code of each deal's group, and the groups, those with most money at either end first."""
        by = self.both.question.by
        size = len(self.both)
        if by is None:
            return np.zeros(size, np.int64), []
        codes, names = self.both.groups(by)
        in_play = (self.found.entry > 0).astype(np.int64)
        weight = np.zeros(len(names), np.int64)
        np.add.at(weight, codes, np.maximum(self.found.first, self.found.last) * in_play)
        count = np.bincount(codes, in_play, minlength=len(names))
        order = np.lexsort((np.arange(len(names)), -count, -weight))
        order = order[count[order] > 0]
        kept = order[:MOST_GROUPS]
        labels = [MISSING if names[n] is None else str(names[n]) for n in kept]
        rank = np.full(len(names) + 1, len(kept), np.int64)
        rank[kept] = np.arange(len(kept))
        if len(order) > len(kept):
            labels.append(OTHER)
        return rank[codes], labels

    @cached_property
    def labels(self) -> list[str]:
        """All deals first, then the groups."""
        return [message("All deals"), *self._grouped[1]]

    def group(self, label: str) -> np.ndarray:
        """The deals of a group."""
        if label == self.labels[0]:
            return np.ones(len(self.both), bool)
        return self._grouped[0] == self.labels.index(label) - 1

    @cached_property
    def bars(self) -> pd.DataFrame:
        """A line a group and bar."""
        both, found = self.both, self.found
        lines = []
        for bar in BARS:
            at = np.flatnonzero(found.within(bar))
            amount = found.amount(bar)[at]
            side = both.before if bar in ("start", "moved_out", "deleted") else both.after
            assumed = both.before.assumed[at] | both.after.assumed[at]
            unnamed = np.isnan(side.amount[at])
            unrated = ~unnamed & np.isnan(side.rate[at])
            for label, sums in self._sums(
                at,
                [np.ones(at.size, np.int64), amount, assumed, amount * assumed, unnamed, unrated],
            ):
                lines.append((label, bar, *sums))
        frame = pd.DataFrame(
            lines,
            columns=["group", "bar", "deals", "amount", "deals_assumed", "amount_assumed",
                     "deals_without_amount", "deals_without_rate"],
        )  # fmt: skip
        order = {label: n for n, label in enumerate(self.labels)}
        frame = frame.sort_values("group", key=lambda c: c.map(order), kind="stable")
        return _placed(frame.reset_index(drop=True))

    def _sums(self, at: np.ndarray, values: list[np.ndarray]) -> list[tuple[str, list[int]]]:
        """Whole sums over some deals, for all of them and each group."""
        out = [(self.labels[0], [int(v.sum()) for v in values])]
        codes, names = self._grouped
        if names:
            table = np.zeros((len(values), len(names) + 1), np.int64)
            for line, v in zip(table, values, strict=True):
                np.add.at(line, codes[at], v.astype(np.int64))
            out += [(name, table[:, n].tolist()) for n, name in enumerate(names)]
        return out

    @cached_property
    def parts(self) -> pd.DataFrame:
        """A line a group, bar and part of it; parts without a deal are left out."""
        lines, names = [], list(PARTS)
        for bar in PARTED:
            at = np.flatnonzero(self.found.within(bar))
            codes = part_codes(self.both, self.found, bar)[at]
            amount = self.found.amount(bar)[at]
            for code in np.unique(codes):
                chosen = codes == code
                sums = self._sums(at[chosen], [np.ones(chosen.sum(), np.int64), amount[chosen]])
                for label, (deals, cents) in sums:
                    if deals:
                        part = names[int(code)]
                        lines.append((label, bar, part, part_label(part), deals, cents / 100))
        frame = pd.DataFrame(lines, columns=["group", "bar", "part", "label", "deals", "amount"])
        order = {label: n for n, label in enumerate(self.labels)}
        bars, parts = list(BARS), list(PARTS)
        frame["_g"], frame["_b"], frame["_p"] = (
            frame["group"].map(order), frame["bar"].map(bars.index), frame["part"].map(parts.index),
        )  # fmt: skip
        frame = frame.sort_values(["_g", "_b", "_p"], ignore_index=True)
        return frame.drop(columns=["_g", "_b", "_p"]).astype({"deals": int, "amount": float})

    def chosen(self, bar: str, part: str | None, group: str | None) -> np.ndarray:
        """Numbers of the deals of a bar, largest amount first."""
        at = self.found.within(bar)
        if part is not None:
            at = at & (part_codes(self.both, self.found, bar) == list(PARTS).index(part))
        if group is not None:
            at = at & self.group(group)
        places = np.flatnonzero(at)
        amount = np.abs(self.found.amount(bar)[places])
        return places[np.lexsort((places, -amount))]

    def listed(self, at: np.ndarray, amount: np.ndarray) -> pd.DataFrame:
        """Deals as rows, with how they stood at both instants."""
        both, found = self.both, self.found
        before, after = both.before, both.after
        accounts = both.of_both(lambda deals: deals.text("account_id"))[at]
        known = [a for a in dict.fromkeys(accounts) if a is not None]
        shown = both.question.workspace.display_names("account", np.array(known, object))
        named = dict(zip(known, shown, strict=True))

        def text(name: str) -> np.ndarray:
            return both.of_both(lambda deals: deals.text(name))[at]

        return pd.DataFrame(
            {
                "opportunity_id": both.keys[at],
                "name": text("name"),
                "account_id": accounts,
                "account": np.array([named.get(a) for a in accounts], object),
                "owner": both.of_both(lambda deals: deals.owners())[at],
                "amount": amount / 100,
                "amount_before": _known(found.first[at], before.begun[at], before.amount[at]),
                "amount_after": _known(found.last[at], after.begun[at], after.amount[at]),
                "stage_before": np.where(before.begun[at], before.stage.texts()[at], None),
                "stage": np.where(after.begun[at], after.stage.texts()[at], None),
                "expected_close_before": days_of(before.expected_on[at]).to_numpy(),
                "expected_close_on": days_of(after.expected_on[at]).to_numpy(),
                "days_in_stage": self._days_in_stage(at),
                "history": np.array(QUALITIES, object)[both.quality[at]],
            }
        )

    def _days_in_stage(self, at: np.ndarray) -> np.ndarray:
        """Days since the stage at the end was entered; NaN where no save tells it."""
        history, until = self.both.history, self.both.question.until
        out = np.full(at.size, np.nan)
        own = at < len(history.deals)
        entries = history.entries
        if not entries.size or not own.any():
            return out
        entries = entries[history.at[entries] <= until]
        last = np.searchsorted(history.deal[entries], at[own], side="right") - 1
        place = entries[np.maximum(last, 0)] if entries.size else np.zeros(own.sum(), np.int64)
        mine = (last >= 0) & (history.deal[place] == at[own])
        out[own] = np.where(mine, (until - history.at[place]) / DAY, np.nan)
        return out


def _known(cents: np.ndarray, begun: np.ndarray, amount: np.ndarray) -> np.ndarray:
    return np.where(begun & ~np.isnan(amount), cents / 100, np.nan)


def _placed(frame: pd.DataFrame) -> pd.DataFrame:
    """Where each bar begins and ends on the way from start to end, and its ratio to the start."""
    sign = frame["bar"].map(SIGNS).astype("int64")
    total = frame["bar"].isin(["start", "end"])
    effect = frame["amount"] * sign
    steps = effect.where(frame["bar"] != "end", 0)
    reached = steps.groupby(frame["group"], sort=False).cumsum()
    start = frame["amount"].where(frame["bar"] == "start").groupby(frame["group"]).transform("max")
    out = pd.DataFrame(
        {
            "group": frame["group"],
            "bar": frame["bar"],
            "label": [bar_label(bar) for bar in frame["bar"]],
            "deals": frame["deals"],
            "amount": frame["amount"] / 100,
            "effect": effect / 100,
            "from_amount": (reached - steps).where(~total, 0) / 100,
            "to_amount": reached / 100,
            "start_amount": start / 100,
            "ratio_to_start": np.where(start > 0, effect / start.where(start > 0, 1), np.nan),
        }
    )
    rest = ["deals_assumed", "amount_assumed", "deals_without_amount", "deals_without_rate"]
    out[rest] = frame[rest]
    out["amount_assumed"] = out["amount_assumed"] / 100
    return out
