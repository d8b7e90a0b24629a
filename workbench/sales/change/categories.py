"""The other set of figures: total, closed won, commit, most likely, best case, open and lost."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import marked, message, message_of_count
from workbench.results import numbers, theme
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.sales.catalogue import LOST, WON
from workbench.sales.change.chart import TICK
from workbench.sales.change.sides import Side
from workbench.sales.deals import NO_DAY

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.change.result import PipelineChange

ROLLUPS = ("cumulative", "single")
MEASURES = {
    "total": marked("Total"),
    "closed_won": marked("Closed won"),
    "commit": marked("Commit"),
    "most_likely": marked("Most likely"),
    "best_case": marked("Best case"),
    "open_pipeline": marked("Open pipeline"),
    "closed_lost": marked("Closed lost"),
}
# Which forecast categories a measure adds up; sales-pipeline.md, section 2 (forecasts).
_OF: dict[str, dict[str, tuple[str, ...]]] = {
    "cumulative": {
        "commit": ("closed", "commit"),
        "most_likely": ("closed", "commit", "mostlikely"),
        "best_case": ("closed", "commit", "mostlikely", "bestcase"),
        "open_pipeline": ("commit", "mostlikely", "bestcase", "pipeline"),
    },
    "single": {
        "commit": ("commit",),
        "most_likely": ("mostlikely",),
        "best_case": ("bestcase",),
        "open_pipeline": ("pipeline",),
    },
}
_SPELLED = {"upside": "bestcase", "probable": "mostlikely", "committed": "commit",
            "forecast": "commit"}  # fmt: skip


class PipelineCategories(Result):
    """Seven figures at both instants, for the deals expected to close in the period.

    Attributes
    ----------
    of : PipelineChange
    rollup : {"cumulative", "single"}
    """

    kind: ClassVar[str] = "pipeline_categories"
    columns: ClassVar[Mapping[str, str]] = {
        "measure": "total, closed_won, commit, most_likely, best_case, open_pipeline, closed_lost",
        "label": "The same in words",
        "deals_before": "Deals at the first instant",
        "amount_before": "Their amounts in the one currency",
        "deals_after": "Deals at the last instant",
        "amount_after": "Their amounts",
        "difference": "amount_after − amount_before",
        "total_before": "Total at the first instant: denominator of the ratio",
        "total_after": "Total at the last instant",
    }

    def __init__(self, of: PipelineChange, rollup: str) -> None:
        self.of = of
        self.rollup = rollup
        self.scope = of.scope
        self.definition = {**of.definition, "view": "categories", "rollup": rollup}

    @cached_property
    def _marks(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        both = self.of.both
        return self._measures(both.before), self._measures(both.after)

    def _measures(self, side: Side) -> dict[str, np.ndarray]:
        """The deals of each measure at one instant."""
        day = np.where((side.expected_on == NO_DAY) & side.closed, side.closed_on, side.expected_on)
        inside = self.of.both.chosen & side.begun & self.of.question.period.holds(day)
        names = np.array([plain_category(name) for name in [*side.category.names, None]], object)
        category = names[side.category.codes]
        is_open = inside & side.open
        out = {
            "total": inside & (side.kind != LOST),
            "closed_won": inside & (side.kind == WON),
            "closed_lost": inside & (side.kind == LOST),
        }
        for measure, parts in _OF[self.rollup].items():
            found = is_open & np.isin(category.astype(str), [p for p in parts if p != "closed"])
            out[measure] = found | out["closed_won"] if "closed" in parts else found
        return {measure: out[measure] for measure in MEASURES}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a measure, with the columns of `PipelineCategories.columns`."""
        found = self.of.tables.found
        before, after = self._marks
        lines = [
            (
                measure, message(label), int(before[measure].sum()),
                int(found.first[before[measure]].sum()) / 100, int(after[measure].sum()),
                int(found.last[after[measure]].sum()) / 100,
            )
            for measure, label in MEASURES.items()
        ]  # fmt: skip
        frame = pd.DataFrame(lines, columns=list(self.columns)[:6])
        frame["difference"] = (frame["amount_after"] - frame["amount_before"]).round(2)
        frame["total_before"] = frame["amount_before"].iloc[0]
        frame["total_after"] = frame["amount_after"].iloc[0]
        return frame

    @property
    def uncategorised(self) -> int:
        """Open deals of the last instant without any forecast category."""
        side = self.of.both.after
        inside = self.of.both.chosen & side.open & self.of.question.period.holds(side.expected_on)
        names = np.array([plain_category(name) for name in [*side.category.names, None]], object)
        known = {c for parts in _OF["cumulative"].values() for c in parts} | {"omitted"}
        of_deal = names[side.category.codes[inside]].astype(str)
        return int((~np.isin(of_deal, sorted(known))).sum())

    def headline(self) -> str:
        """Won and still open, of the total, at the end."""
        lines = self.frame.set_index("measure")
        money = self._money
        return message(
            "{won} won and {open} open of {total} in this period; before: {was} won of {earlier}.",
            won=money(lines.loc["closed_won", "amount_after"]),
            open=money(
                lines.loc["total", "amount_after"] - lines.loc["closed_won", "amount_after"]
            ),
            total=money(lines.loc["total", "amount_after"]),
            was=money(lines.loc["closed_won", "amount_before"]),
            earlier=money(lines.loc["total", "amount_before"]),
        )

    def reading(self) -> str:
        """What each figure holds."""
        text = message(
            "Total: won and all open deals, whatever their category. Open pipeline holds no closed "
            "deals; omitted ones stand in the total only."
        )
        if self.rollup == "cumulative":
            text += " " + message(
                "Commit, most likely and best case hold what is more certain too, closed included."
            )
        if self.uncategorised:
            text += " " + message_of_count(
                "{count} open deal names no forecast category and stands in the total only.",
                "{count} open deals name no forecast category and stand in the total only.",
                self.uncategorised,
            )
        return text

    def definitions(self) -> list[str]:
        """When, and in which currency."""
        return self.of.definitions()

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table that a reader sees."""
        currency, question = self.of.currency, self.of.question
        first, last = (
            question.day_in_words(day) for day in (question.since_day, question.until_day)
        )
        return (
            Column("label", message("Figure")),
            Column("deals_before", message("Deals, {day}", day=first), "count"),
            Column("amount_before", message("Amount, {day}", day=first), "money", currency),
            Column("deals_after", message("Deals, {day}", day=last), "count"),
            Column("amount_after", message("Amount, {day}", day=last), "money", currency),
            Column("difference", message("Difference"), "money", currency),
        )

    def _money(self, value: float) -> str:
        return numbers.money(value, self.of.currency)

    def members(self, measure: str, *, at: str = "end") -> pd.DataFrame:
        """The deals behind a figure, as in `PipelineChange.members`.

        Parameters
        ----------
        measure : str
            A value of the column measure.
        at : {"start", "end"}
        """
        if measure not in MEASURES:
            raise ArgumentError.of("measure", measure, MEASURES)
        if at not in ("start", "end"):
            raise ArgumentError.of("at", at, ["start", "end"])
        found = self.of.tables.found
        amount = found.first if at == "start" else found.last
        places = np.flatnonzero(self._marks[at == "end"][measure])
        places = places[np.lexsort((places, -amount[places]))]
        return self.of.tables.listed(places, amount[places])

    def chart(self) -> alt.TopLevelMixin:
        """A bar for each figure at the end, with a mark where it stood at the start."""
        import altair as alt

        frame = self.frame.copy()
        if not frame[["deals_before", "deals_after"]].to_numpy().sum():
            return theme.empty_chart(message("No deal is expected to close in this period."))
        frame["words"] = [
            f"{self._money(after)} ({_signed(self._money(abs(d)), d)})"
            for after, d in zip(frame["amount_after"], frame["difference"], strict=True)
        ]
        frame["end"] = frame[["amount_before", "amount_after"]].max(axis=1)
        frame["fill"] = [
            {"closed_won": "#009E73", "closed_lost": "#E69F00"}.get(m, theme.ACCENT)
            for m in frame["measure"]
        ]
        top = float(frame["end"].max()) or 1.0
        y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False))
        x = alt.X("amount_after:Q", scale=alt.Scale(domain=[0, top * 1.45], nice=False),
                  title=message("Amount in {currency}; the mark shows the start",
                                currency=self.of.currency or "–"),
                  axis=alt.Axis(tickCount=5, labelExpr=TICK))  # fmt: skip
        base = alt.Chart(frame).encode(
            y=y,
            tooltip=[alt.Tooltip("label:N", title=message("Figure")),
                     alt.Tooltip("deals_before:Q", title=message("Deals before")),
                     alt.Tooltip("amount_before:Q", title=message("Amount before"), format=",.2f"),
                     alt.Tooltip("deals_after:Q", title=message("Deals after")),
                     alt.Tooltip("amount_after:Q", title=message("Amount after"), format=",.2f")],
        )  # fmt: skip
        return alt.layer(
            base.mark_bar(height=16).encode(x=x, color=alt.Color("fill:N", scale=None)),
            base.mark_tick(thickness=3, size=24, color=theme.TEXT).encode(x="amount_before:Q"),
            base.mark_text(align="left", dx=8, fontSize=12).encode(x="end:Q", text="words:N"),
        ).properties(width=560, height=alt.Step(30))


def categories_of(of: PipelineChange, rollup: str) -> PipelineCategories:
    """The figures of a change."""
    if rollup not in ROLLUPS:
        raise ArgumentError.of("rollup", rollup, ROLLUPS)
    return PipelineCategories(of, rollup)


def plain_category(name: Any) -> str:
    """A forecast category in small letters without signs; empty for none."""
    if not isinstance(name, str):
        return ""
    plain = "".join(c for c in name.lower() if c.isalnum())
    return _SPELLED.get(plain, plain)


def _signed(text: str, value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{text}"
