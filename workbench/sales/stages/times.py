"""How long deals stay in each stage, those that were won beside those that were lost."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import numbers, theme
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.sales.catalogue import OPEN
from workbench.sales.stages.chart import stage_axis
from workbench.sales.stages.common import (
    Answer,
    labels_of,
    limit_in_words,
    mix_in_words,
    question_in_words,
    scope_of,
)
from workbench.sales.stages.found import HAS_LOST, HAS_WON, Found, quantiles
from workbench.sales.stages.members import code_of, listing

if TYPE_CHECKING:
    import altair as alt

MEASURES = ("latest", "cumulative", "visit")
OUTCOMES = ("all", "won", "lost")
_PARTS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
_NAMES = ("min_days", "p10_days", "q1_days", "median_days", "q3_days", "p90_days", "longest_days")
COLUMNS = {
    "pipeline": "Pipeline",
    "stage": "Open stage",
    "outcome": "all, won or lost: what became of the deals by the instant that is looked from",
    "stays": "Finished stays: the latest visit of a deal, all its visits together, or each visit",
    "running": "Stays that are not over: in none of the lengths",
    "min_days": "Shortest, in days",
    "p10_days": "A tenth are shorter, in days",
    "q1_days": "A quarter are shorter, in days",
    "median_days": "Half are shorter, in days",
    "q3_days": "Three quarters are shorter, in days",
    "p90_days": "Nine tenths are shorter, in days",
    "longest_days": "Longest, in days",
    "max_days": "Longest usual stay of the stage, in days",
    "over_max": "Of stays: those longer than max_days; empty without a limit",
    "share_over_max": "over_max / stays, 0…1",
}
MOST_STAGES = 30


class StageTimes(Answer, Result):
    """Time in stage: the spread of finished stays.

    Attributes
    ----------
    found : Found
    measure : str
        One of `MEASURES`.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "stage_times"

    def __init__(self, found: Found, measure: str = "latest") -> None:
        if measure not in MEASURES:
            raise ArgumentError.of("measure", measure, MEASURES)
        self.found = found
        self.measure = measure
        self.scope = scope_of(found, self.findings)
        self.definition = found.question.plain(self.kind, measure=measure)

    @cached_property
    def _stays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Deal, stage, days and whether it is over, of every stay that counts."""
        found = self.found
        if self.measure == "visit":
            stays, at = found.stays, found.taken
            return stays.deal[at], stays.stage[at], stays.days[at], ~stays.running[at]
        visits = found.visits
        days = visits.latest_days if self.measure == "latest" else visits.cumulative_days
        return visits.deal, visits.stage, days, found.visits_over

    @cached_property
    def _state(self) -> np.ndarray:
        found = self.found
        if self.measure != "visit":
            return found.visit_state
        deal = self._stays[0]
        kind = found.moment.kind[deal]
        return np.where(kind == 1, HAS_WON, np.where(kind == 2, HAS_LOST, 0))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line an open stage and outcome."""
        found = self.found
        deal, stage, days, over = self._stays
        size = len(found.catalogue)
        codes = found.codes[found.catalogue.kind[found.codes] == OPEN]
        limits = found.limits["max_days"].to_numpy(float)
        own = found.catalogue.frame.iloc[codes]
        parts = []
        for name, wanted in zip(OUTCOMES, (None, HAS_WON, HAS_LOST), strict=True):
            mark = np.ones(deal.size, bool) if wanted is None else self._state == wanted
            done = mark & over
            long = done & (days > np.nan_to_num(limits, nan=np.inf)[stage])
            spread = quantiles(stage[done], days[done], size, _PARTS)[codes]
            n = np.bincount(stage[done], minlength=size)[codes]
            limited = ~np.isnan(limits[codes])
            many = np.where(limited, np.bincount(stage[long], minlength=size)[codes], np.nan)
            with np.errstate(invalid="ignore", divide="ignore"):
                share = np.where(n > 0, many / n, np.nan)
            parts.append(
                pd.DataFrame(
                    {
                        "pipeline": own["pipeline"].astype("str").to_numpy(),
                        "stage": own["stage"].astype("str").to_numpy(),
                        "outcome": name,
                        "stays": n,
                        "running": np.bincount(stage[mark & ~over], minlength=size)[codes],
                        **{part: spread[:, i] for i, part in enumerate(_NAMES)},
                        "max_days": limits[codes],
                        "over_max": many,
                        "share_over_max": share,
                        "order": range(len(codes)),
                    }
                )
            )
        out = pd.concat(parts, ignore_index=True).sort_values("order", kind="stable")
        return out[list(COLUMNS)].reset_index(drop=True)

    def headline(self) -> str:
        """Where deals stay longest, and how won and lost ones differ there."""
        if not self.found.has_history:
            return mix_in_words(self.found)
        every = self.frame[(self.frame["outcome"] == "all") & (self.frame["stays"] > 0)]
        if every.empty:
            return message("No deal has left an open stage yet.")
        top = every.loc[every["median_days"].idxmax()]
        text = message(
            "Deals stay longest in {stage}: half of {n} finished stays took more than {days}",
            stage=numbers.shortened(str(top["stage"]), 40),
            n=numbers.count(top["stays"]),
            days=numbers.days(top["median_days"]),
        )
        own = self.frame[
            (self.frame["stage"] == top["stage"]) & (self.frame["pipeline"] == top["pipeline"])
        ].set_index("outcome")
        won, lost = own.loc["won"], own.loc["lost"]
        if won["stays"] and lost["stays"]:
            text += message(
                "; those of won deals {won} (of {n}), of lost ones {lost} (of {m})",
                won=numbers.days(won["median_days"]),
                n=numbers.count(won["stays"]),
                lost=numbers.days(lost["median_days"]),
                m=numbers.count(lost["stays"]),
            )
        return text + "."

    def reading(self) -> str:
        """What the boxes are."""
        if not self.frame["stays"].sum():
            return ""
        running = int(self.frame.loc[self.frame["outcome"] == "all", "running"].sum())
        return message(
            "A box holds the middle half of the finished stays, its line the median, the thin line "
            "reaches from the tenth to the ninetieth percentile; blue are deals that were won, "
            "grey those that were lost. The dark mark is the longest usual stay. {n} stays are "
            "still running and in no box.",
            n=numbers.count(running),
        )

    def definitions(self) -> list[str]:
        """Which lengths are meant."""
        what = {
            "latest": message("Length: the latest visit of a deal to the stage."),
            "cumulative": message("Length: all visits of a deal to the stage together."),
            "visit": message("Length: every visit to the stage by itself."),
        }
        return [what[self.measure], limit_in_words(), *question_in_words(self.found)]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        found = [
            Column("stage", message("Stage")),
            Column("outcome", message("Deals")),
            Column("stays", message("Finished stays"), "count"),
            Column("running", message("Running"), "count"),
            Column("q1_days", message("First quartile"), "duration"),
            Column("median_days", message("Median"), "duration"),
            Column("q3_days", message("Third quartile"), "duration"),
            Column("p90_days", message("Nine tenths below"), "duration"),
            Column("max_days", message("Longest usual stay"), "duration"),
            Column("share_over_max", message("Longer than usual, of finished"), "share"),
        ]
        if self.frame["pipeline"].nunique() > 1:
            found.insert(0, Column("pipeline", message("Pipeline")))
        return tuple(found)

    def chart(self) -> alt.TopLevelMixin:
        """Boxes of won and lost deals for every open stage."""
        import altair as alt

        frame = self.frame[(self.frame["outcome"] != "all")]
        if not frame["stays"].sum():
            return theme.empty_chart(self.headline())
        data = frame.head(2 * MOST_STAGES).reset_index(drop=True)
        stages = data.drop_duplicates(["pipeline", "stage"])
        named = dict(
            zip(
                zip(stages["pipeline"], stages["stage"], strict=True),
                labels_of(stages, 34),
                strict=True,
            )
        )
        keys = zip(data["pipeline"], data["stage"], strict=True)
        data["label"] = [named[key] for key in keys]
        words = {"won": message("won"), "lost": message("lost")}
        data["what"] = [words[name] for name in data["outcome"]]
        return _boxes(data, words, alt)

    def members(
        self,
        stage: str | None = None,
        outcome: str = "all",
        *,
        longer_than: float | None = None,
        pipeline: str | None = None,
    ) -> pd.DataFrame:
        """The deals behind a box.

        Parameters
        ----------
        stage, pipeline : str, optional
        outcome : str
            ``all``, ``won`` or ``lost``.
        longer_than : float, optional
            Only finished stays of more than so many days.

        Returns
        -------
        pandas.DataFrame
            As `workbench.sales.stages.members.COLUMNS`.
        """
        if outcome not in OUTCOMES:
            raise ArgumentError.of("outcome", outcome, OUTCOMES)
        deal, of_stage, days, over = self._stays
        keep = over & np.isin(of_stage, code_of(self.found, stage, pipeline))
        keep &= self.found.catalogue.kind[of_stage] == OPEN
        if outcome != "all":
            keep &= self._state == (HAS_WON if outcome == "won" else HAS_LOST)
        if longer_than is not None:
            keep &= days > longer_than
        return listing(self.found, np.unique(deal[keep]).astype(np.int64))


def _boxes(data: pd.DataFrame, words: Mapping[str, str], alt: Any) -> alt.TopLevelMixin:
    domain = list(words.values())
    offset = alt.YOffset("what:N", sort=domain, scale=alt.Scale(domain=domain))
    colours = alt.Scale(domain=domain, range=[theme.ACCENT, "#8A94A0"])
    colour = alt.Color("what:N", title=None, sort=domain, scale=colours)
    tooltip = [
        alt.Tooltip("stage:N", title=message("Stage")),
        alt.Tooltip("what:N", title=message("Deals")),
        alt.Tooltip("stays:Q", title=message("Finished stays"), format=","),
        alt.Tooltip("q1_days:Q", title=message("First quartile (days)"), format=".1f"),
        alt.Tooltip("median_days:Q", title=message("Median (days)"), format=".1f"),
        alt.Tooltip("q3_days:Q", title=message("Third quartile (days)"), format=".1f"),
        alt.Tooltip("p90_days:Q", title=message("Nine tenths below (days)"), format=".1f"),
        alt.Tooltip("max_days:Q", title=message("Longest usual stay (days)"), format=".0f"),
    ]
    y = stage_axis(data.drop_duplicates("label"))
    data = data.assign(n_text=[f"n {numbers.count(n)}" for n in data["stays"]])
    base = alt.Chart(data).encode(y=y, yOffset=offset, tooltip=tooltip)
    x = alt.X(
        "p10_days:Q",
        title=message("Days in the stage"),
        scale=alt.Scale(rangeMax=alt.ExprRef("width - 60"), zero=True, nice=False),
    )
    limits = (
        alt.Chart(data.dropna(subset="max_days").drop_duplicates("label"))
        .mark_tick(color=theme.TEXT, thickness=2, size=40)
        .encode(y=y, x="max_days:Q")
    )
    return alt.layer(
        base.mark_rule(strokeWidth=1.2).encode(x=x, x2="p90_days:Q", color=colour),
        base.mark_bar(size=11, strokeWidth=3).encode(
            x="q1_days:Q",
            x2="q3_days:Q",
            color=colour,
            stroke=alt.Stroke("what:N", title=None, scale=colours, sort=domain),
        ),
        base.mark_tick(color="#FFFFFF", thickness=2, size=11).encode(x="median_days:Q"),
        limits,
        base.transform_filter("datum.stays > 0")
        .mark_text(align="left", dx=6, fontSize=12, color=theme.QUIET)
        .encode(x="p90_days:Q", text="n_text:N"),
    ).properties(width=640, height=alt.Step(20))
