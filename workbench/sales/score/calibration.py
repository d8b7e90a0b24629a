"""Do chances come true? Looks at the newest deals, by chance, beside how they ended.

Source: sales-pipeline.md, sections 7 and 9 (calibration and sample sizes are shown).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.sales.score import chart_parts as drawing
from workbench.sales.score.listing import deal_lines
from workbench.sales.score.training import Model

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.score.result import Score

LEAST_DEALS_OF_A_BIN = 15


class Calibration(Result):
    """Chances of the newest closed deals in bins, beside the share that was won.

    Attributes
    ----------
    of : Score
    effective : float
        Deals that would say as much as all looks.
    refusal : str
        Why there is nothing to show; empty where there is.
    """

    kind: ClassVar[str] = "score_calibration"
    columns: ClassVar[Mapping[str, str]] = {
        "bin": "Number of the bin, 1 for the lowest chances",
        "chance_from": "Lowest chance in it, 0…1",
        "chance_to": "Highest chance in it",
        "mean_chance": "Mean chance, looks weighted",
        "looks": "Looks at deals",
        "won_looks": "Of them at deals that were won",
        "deals": "Deals that these looks belong to",
        "won_deals": "Of them won",
        "weight": "Looks by their weight, which adds up to the deals; denominator",
        "won_weight": "Of this weight, of won deals; numerator",
        "share": "won_weight / weight",
        "effective_deals": "Deals that would say as much: (Σ weight of a deal)² / Σ squares, since "
        "all looks at a deal share one outcome",
        "low": "Lower end of its 95 % Wilson interval, with effective_deals as their number",
        "high": "Upper end",
        "inside": "Whether the mean chance lies in the interval",
    }

    def __init__(
        self, of: Score, bins: int, frame: pd.DataFrame, bin_of: np.ndarray, effective: float = 0.0
    ) -> None:
        self.of = of
        self.effective = effective
        self.refusal = "" if of.basis.model is not None else of.basis.refusal
        self._frame = frame
        self._bin_of = bin_of
        self.scope = of.scope
        self.definition = {**of.definition, "view": "calibration", "bins": bins}

    @property
    def frame(self) -> pd.DataFrame:
        """One line a bin, with the columns of `Calibration.columns`."""
        return self._frame

    @property
    def error(self) -> float:
        """Weighted mean distance of mean chance and share won; not a number without bins."""
        frame = self._frame
        if not len(frame):
            return float("nan")
        gap = (frame["mean_chance"] - frame["share"]).abs()
        return float((gap * frame["weight"]).sum() / frame["weight"].sum())

    @property
    def expected_and_won(self) -> tuple[float, float, float, float]:
        """Mean chance over all, share won, and its 95 % interval."""
        frame = self._frame
        weight = frame["weight"].sum()
        if not weight:
            return (float("nan"),) * 4
        expected = float((frame["mean_chance"] * frame["weight"]).sum() / weight)
        share = float(frame["won_weight"].sum() / weight)
        low, high = wilson(np.array([share * self.effective]), np.array([self.effective]))
        return expected, share, float(low[0]), float(high[0])

    def headline(self) -> str:
        """How many bins hold what they promise."""
        if self.refusal:
            return message("No model, so no calibration: {reason}.", reason=self.refusal)
        frame = self._frame
        expected, won, low, high = self.expected_and_won
        deals = self.of.basis.sample.deals.size - self.of.basis.sample.teaching
        return message(
            "In {inside} of {bins} bins the chance lies within the 95 % interval of what was won; "
            "over all looks at the newest {deals} closed deals {expected} were expected and {won} "
            "won (95 % {between})",
            inside=int(frame["inside"].sum()),
            bins=len(frame),
            deals=numbers.count(deals),
            between=numbers.between(low, high),
            expected=numbers.share(expected),
            won=numbers.share(won),
        )

    def reading(self) -> str:
        """What a point is."""
        if self.refusal:
            return ""
        return message(
            "Points: looks at deals that the model never learned from, in bins of about equal "
            "weight; across, the mean chance, and up, the share that was won, with its 95 % "
            "interval, which knows that all looks at a deal share one outcome. On the line chances "
            "come true."
        )

    def definitions(self) -> list[str]:
        """The same as of the score."""
        return self.of.definitions()

    def chart(self) -> alt.TopLevelMixin:
        """Points beside the diagonal, with intervals and numbers of deals."""
        return drawing.draw_calibration(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("bin", message("Bin"), "count"),
            Column("mean_chance", message("Mean chance"), "share"),
            Column("share", message("Won, of looks"), "share"),
            Column("low", message("95 % from"), "share"),
            Column("high", message("95 % to"), "share"),
            Column("won_looks", message("Looks at won deals"), "count"),
            Column("looks", message("Looks"), "count"),
            Column("won_deals", message("Won deals"), "count"),
            Column("deals", message("Deals"), "count"),
        )

    def members(self, bin: int) -> pd.DataFrame:
        """The deals with a look in a bin.

        Returns
        -------
        pandas.DataFrame
            Columns of `workbench.sales.score.listing.COLUMNS`, and looks (in this bin), weight
            (of them; their sum is the bin's) and won.
        """
        basis, model = self.of.basis, self.of.basis.model
        if model is None or bin not in set(self._frame["bin"]):
            raise ArgumentError.of("bin", bin, [str(b) for b in self._frame["bin"]])
        own = self._bin_of == bin
        deal = model.sample.rows.deal[model.new][own]
        weight = model.sample.weight[model.new][own]
        found, place = np.unique(deal, return_inverse=True)
        lines = deal_lines(basis.sources, basis.standing, found)
        return lines.assign(
            looks=np.bincount(place),
            weight=np.bincount(place, weights=weight),
            won=basis.standing.outcome[found] == 1,
        )


def calibration(result: Score, bins: int = 10) -> Calibration:
    """Put the looks at the newest deals into bins of about equal weight."""
    if not isinstance(bins, int) or isinstance(bins, bool) or not 1 <= bins <= 100:
        raise ArgumentError.of("bins", bins, message("a whole number from 1 to 100"))
    model = result.basis.model
    if model is None:
        return Calibration(result, bins, _empty(), np.empty(0, np.int64))
    frame, bin_of = binned(model, bins)
    new, sample = model.new, model.sample
    return Calibration(
        result, bins, frame, bin_of, effective(sample.weight[new], sample.rows.deal[new])
    )


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: np.empty(0) for name in Calibration.columns})


def effective(weight: np.ndarray, deal: np.ndarray) -> float:
    """How many single deals would say as much as looks that share the outcome of their deal."""
    _, place = np.unique(deal, return_inverse=True)
    of_deal = np.bincount(place, weights=weight)
    return float(of_deal.sum() ** 2 / (of_deal**2).sum()) if of_deal.size else 0.0


def binned(model: Model, bins: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Bins of the looks at the newest deals, and the bin of each of them; equal chances together.

    A bin holds at least about 15 deals, so few deals make few bins.
    """
    new, sample = model.new, model.sample
    chance, won = model.chances[new], sample.won[new]
    weight, deal = sample.weight[new], sample.rows.deal[new]
    number = int(np.clip(effective(weight, deal) // LEAST_DEALS_OF_A_BIN, 1, bins))
    _, place = np.unique(chance, return_inverse=True)
    of_level = np.bincount(place, weights=weight)
    middle = (np.cumsum(of_level) - of_level / 2) / of_level.sum()
    raw = np.minimum((middle * number).astype(np.int64), number - 1)[place]
    _, bin_of = np.unique(raw, return_inverse=True)
    lines = []
    for b in range(int(bin_of.max()) + 1):
        own = bin_of == b
        deals, first = np.unique(deal[own], return_index=True)
        lines.append(
            (
                b + 1, chance[own].min(), chance[own].max(),
                float(np.average(chance[own], weights=weight[own])), int(own.sum()),
                int(won[own].sum()), deals.size,
                int(won[own][first].sum()), float(weight[own].sum()),
                float(weight[own & won].sum()), effective(weight[own], deal[own]),
            )
        )  # fmt: skip
    named = [n for n in Calibration.columns if n not in ("share", "low", "high", "inside")]
    frame = pd.DataFrame(lines, columns=named)
    frame["share"] = frame["won_weight"] / frame["weight"]
    deals_ = frame["effective_deals"]
    frame["low"], frame["high"] = wilson(frame["share"] * deals_, deals_)
    frame["inside"] = frame["mean_chance"].between(frame["low"], frame["high"])
    return frame[list(Calibration.columns)], bin_of + 1
