"""Were the groups alike before the event? Standardised differences before and after weighting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.journeys.uplift import chart as drawing
from workbench.journeys.uplift.analysis import UNLIKE
from workbench.journeys.uplift.view import View
from workbench.messages import message
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.uplift.result import Uplift

ALIKE = 0.1


class Balance(View, Result):
    """What was known before the event, of those who took part and of those held against them."""

    kind: ClassVar[str] = "uplift_balance"
    view: ClassVar[str] = "balance"
    columns: ClassVar[Mapping[str, str]] = {
        "covariate": "What was known before",
        "group": "Name by which it is asked for",
        "treated_mean": "Mean (of a 0/1 column: share) of those who took part",
        "untreated_mean": "The same of all others",
        "compared_mean": "Of those who took part and have comparable others",
        "comparable_mean": "Weighted mean of those they are compared with",
        "difference_before": "Standardised mean difference of the first two (counts and sizes on "
        "the scale log(1 + x))",
        "difference_after": "The same of those compared, in standard deviations of before",
        "unlike": "Whether it still differs by more than 0.25 and by more than chance",
    }

    def headline(self) -> str:
        """How many covariates differ by more than a tenth, before and after."""
        known = self._frame.dropna(subset=["difference_before", "difference_after"])
        if self.refusal or known.empty:
            return self.refusal or message("Nothing was known before that could be held equal.")
        before = int((known["difference_before"].abs() > ALIKE).sum())
        after = int((known["difference_after"].abs() > ALIKE).sum())
        worst = known.loc[known["difference_after"].abs().idxmax()]
        return message(
            "{before} of {n} covariates differed by more than a tenth of a standard deviation, "
            "{after} of {n} still do among those compared; most “{name}” ({smd})",
            before=before,
            after=after,
            n=len(known),
            name=worst["covariate"],
            smd=f"{worst['difference_after']:+.2f}".replace("-", "−"),
        )

    def reading(self) -> str:
        """What the points are."""
        if self.refusal:
            return ""
        text = message(
            "Distance of the means of those who took part and of the others, in standard "
            "deviations: grey before, blue among those compared. Below {alike} is a common aim; "
            "beyond {unlike} and beyond chance an effect is held in doubt.",
            alike=ALIKE,
            unlike=UNLIKE,
        )
        shown, total = min(drawing.MOST_COVARIATES, len(self._frame)), len(self._frame)
        if shown < total:
            text += " " + message(
                "The {shown} largest of {total} are drawn, the table has all.",
                shown=shown,
                total=total,
            )
        return text

    def chart(self) -> alt.TopLevelMixin:
        """One line a covariate: distance before and after."""
        return drawing.draw_balance(self._frame, self.headline())

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("covariate", message("Known before")),
            Column("treated_mean", message("Mean, took part"), "number"),
            Column("untreated_mean", message("Mean, all others"), "number"),
            Column("comparable_mean", message("Mean, comparable others (weighted)"), "number"),
            Column("difference_before", message("Difference before (sd)"), "number"),
            Column("difference_after", message("Difference after (sd)"), "number"),
        )

    def members(self, which: str = "treated") -> pd.DataFrame:
        """The containers behind the means; as `Uplift.members`."""
        return self.uplift.members(which)


def balance(result: Uplift) -> Balance:
    """Means and standardised differences of everything that was held equal."""
    names = list(Balance.columns)
    if result.analysis is None:
        return Balance(result, _typed(pd.DataFrame(columns=names)), result.refusal)
    analysis = result.analysis
    treated, weight = analysis.sample.treated, analysis.comparison.weight
    natural, design = analysis.design.natural, analysis.design
    before, after = analysis.differences
    columns = natural.shape[1]
    others = weight[~treated]

    def mean(values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        if not values.size or (weights is not None and not weights.sum()):
            return np.full(columns, np.nan)
        return np.average(values, axis=0, weights=weights)

    frame = pd.DataFrame(
        {
            "covariate": list(design.names),
            "group": list(design.groups),
            "treated_mean": mean(natural[treated]),
            "untreated_mean": mean(natural[~treated]),
            "compared_mean": mean(natural[treated & (weight > 0)]),
            "comparable_mean": mean(natural[~treated], others),
            "difference_before": before,
            "difference_after": after,
            "unlike": np.isin(np.arange(columns), analysis.unlike),
        },
        columns=names,
    )
    order = np.lexsort((frame["covariate"], -frame["difference_before"].abs().fillna(-1)))
    frame = frame.iloc[order].reset_index(drop=True)
    return Balance(result, _typed(frame), result.refusal if after.size == 0 else "")


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    for name in frame.columns[2:-1]:
        frame[name] = frame[name].astype(float)
    return frame.astype({"covariate": "str", "group": "str", "unlike": bool})
