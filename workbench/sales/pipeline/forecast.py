"""The forecast by category: each alone, and each with the safer ones.

Source: sales-pipeline.md, section 2 (forecast, single and cumulative).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.results import numbers, theme
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.sales.pipeline.chart import value_axis, worded
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.members import chosen_group, listed
from workbench.sales.pipeline.standing import (
    BEST_CASE,
    CATEGORIES,
    CLOSED,
    COMMIT,
    MOST_LIKELY,
    NO_CATEGORY,
    OMITTED,
    PIPELINE,
    category_names,
)

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.pipeline.result import Pipeline

COLUMNS = {
    "group": "'All opportunities' first, then each value of by",
    "category": "Closed, Commit, MostLikely, BestCase, Pipeline, Omitted; empty for none",
    "label": "Its name",
    "deals": "Closed: won in the period; else open with an expected close in it",
    "amount": "Sum of their known amounts: the single forecast",
    "without_amount": "Of deals, those without a usable amount",
    "cumulative_deals": "Deals of the cumulative forecast; missing where it has none",
    "cumulative_amount": "Closed; + Commit; + most likely; + best case; for Pipeline all open "
    "categories without Closed; missing for Omitted and none",
}
# What each cumulative figure adds up; Omitted and deals without category never do.
ADDED = {
    CLOSED: (CLOSED,),
    COMMIT: (CLOSED, COMMIT),
    MOST_LIKELY: (CLOSED, COMMIT, MOST_LIKELY),
    BEST_CASE: (CLOSED, COMMIT, MOST_LIKELY, BEST_CASE),
    PIPELINE: (PIPELINE, BEST_CASE, MOST_LIKELY, COMMIT),
}


class Forecast(Result):
    """Sums by forecast category, single and cumulative.

    Attributes
    ----------
    pipeline : Pipeline
        The answer whose deals are summed.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "forecast"

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.question = pipeline.question
        self.definition = {**pipeline.definition, "view": "forecast"}
        self.scope = pipeline.scope

    @property
    def currency(self) -> str:
        """Currency of the amounts; empty where none is known."""
        return self.pipeline.currency

    @cached_property
    def _part(self) -> np.ndarray:
        """Category of every deal that takes part; -1 for all others."""
        masks, standing = self.pipeline.counts.masks, self.question.standing
        out = np.where(masks["open"], standing.category.astype(np.int64), -1)
        return np.where(masks["won"], CLOSED, out)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Seven lines for all deals, then seven for each group."""
        groups = self.question.groups
        parts = [self._sums(np.zeros(groups.codes.size, np.int64), [everyone()])]
        if self.question.by is not None:
            parts.append(self._sums(groups.codes, groups.names))
        return pd.concat(parts, ignore_index=True)[list(COLUMNS)]

    def _sums(self, codes: np.ndarray, names: list[str]) -> pd.DataFrame:
        size, amounts = len(CATEGORIES), self.question.standing.amount
        inside = self._part >= 0
        place = (codes * size + self._part)[inside]
        known = ~np.isnan(amounts[inside])
        shape = (len(names), size)
        deals = np.bincount(place, minlength=len(names) * size).reshape(shape)
        amount = np.bincount(
            place[known], amounts[inside][known], minlength=len(names) * size
        ).reshape(shape)
        unknown = np.bincount(place[~known], minlength=len(names) * size).reshape(shape)
        totals = np.full((2, *shape), np.nan)
        for category, added in ADDED.items():
            totals[0, :, category] = deals[:, added].sum(axis=1)
            totals[1, :, category] = amount[:, added].sum(axis=1)
        return pd.DataFrame(
            {
                "group": np.repeat(np.array(names, object), size),
                "category": list(CATEGORIES) * len(names),
                "label": category_names() * len(names),
                "deals": deals.ravel(),
                "amount": amount.ravel(),
                "without_amount": unknown.ravel(),
                "cumulative_deals": totals[0].ravel(),
                "cumulative_amount": totals[1].ravel(),
            }
        )

    @cached_property
    def _whole(self) -> pd.DataFrame:
        return self.frame.head(len(CATEGORIES))

    def headline(self) -> str:
        """What is closed, committed, and possible at best."""
        lines = self._whole.set_index("category")
        if not lines["deals"].sum():
            return message("0 opportunities lie in the forecast of this period.")
        told = lines.drop(index=["Closed", ""])["deals"].sum()
        none = int(lines.loc["", "deals"])
        if not told and none:
            return message(
                "{closed} closed; none of the {n} carries a forecast category",
                closed=numbers.money(lines.loc["Closed", "amount"], self.currency),
                n=message_of_count("{count} open opportunity", "{count} open opportunities", none),
            )
        values = lines["cumulative_amount"]
        return message(
            "{closed} closed; {commit} with what is committed, {best} at best, of {n}",
            closed=numbers.money(values["Closed"], self.currency),
            commit=numbers.money(values["Commit"], self.currency),
            best=numbers.money(values["BestCase"], self.currency),
            n=message_of_count(
                "{count} opportunity", "{count} opportunities", int(lines["deals"].sum())
            ),
        )

    def reading(self) -> str:
        """What the bars add up."""
        out = [
            message(
                "Dark: the category alone. Light: with the safer ones; the open pipeline adds all "
                "open categories and leaves out what is closed."
            )
        ]
        lines = self._whole.set_index("category")
        for category, text in (
            ("Omitted", message("Omitted")),
            ("", message("No category")),
        ):
            if lines.loc[category, "deals"]:
                out.append(
                    message(
                        "“{category}” ({n} worth {amount}) is in no sum.",
                        category=text,
                        n=numbers.count(lines.loc[category, "deals"]),
                        amount=numbers.money(lines.loc[category, "amount"], self.currency)
                        if lines.loc[category, "amount"]
                        else message("an unknown amount"),
                    )
                )
        return " ".join(out)

    def definitions(self) -> list[str]:
        """The rules in sentences."""
        return [
            message(
                "Forecast: Closed is won in the period; every other category is open with an "
                "expected close in it. A deal without category takes that of its stage."
            ),
            message(
                "Cumulative: Commit adds Closed, most likely adds Commit, best case adds most "
                "likely; the open pipeline is Pipeline + best case + most likely + Commit."
            ),
            *self.question.sentences(),
        ]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        group = (Column("group", message("Group")),) if self.question.by else ()
        return (
            *group,
            Column("label", message("Category")),
            Column("deals", message("Opportunities"), "count"),
            Column("amount", message("Amount, alone"), "money", self.currency),
            Column("cumulative_amount", message("Amount, cumulative"), "money", self.currency),
            Column("without_amount", message("Without amount"), "count"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """A bar a category, and behind it the cumulative one."""
        return _draw(self)

    def members(self, category: str = "Commit", *, group: str | None = None) -> pd.DataFrame:
        """The deals of a category, as a list that can be exported.

        Parameters
        ----------
        category : str
            Closed, Commit, MostLikely, BestCase, Pipeline, Omitted, or empty for none.
        group : str, optional
        """
        if category not in CATEGORIES:
            raise ArgumentError.of("category", category, CATEGORIES)
        mask = self._part == list(CATEGORIES).index(category)
        if group != everyone():
            mask = mask & chosen_group(self.question, group)
        return listed(self.question, mask)


def _draw(result: Forecast) -> Any:
    import altair as alt

    lines = result._whole
    if not lines["deals"].sum():
        return theme.empty_chart(result.headline())
    kind = "money" if lines["amount"].any() else "count"
    single, total = ("amount", "cumulative_amount") if kind == "money" else (
        "deals", "cumulative_deals")  # fmt: skip
    codes = [n for n in range(len(CATEGORIES)) if n not in (OMITTED, NO_CATEGORY)]
    data = lines.iloc[codes].assign(value=lambda d: d[single], total=lambda d: d[total])
    data["row"] = [message("Open pipeline") if n == PIPELINE else data["label"].iloc[i]
                   for i, n in enumerate(codes)]  # fmt: skip
    data["words"] = [
        worded(t, kind)
        if n == CLOSED
        else message("{total} · alone {single}", total=worded(t, kind), single=worded(v, kind))
        for n, t, v in zip(codes, data["total"], data["value"], strict=True)
    ]
    title = message("Amount ({currency})", currency=result.currency) if result.currency else (
        message("Amount"))  # fmt: skip
    title = title if kind == "money" else message("Opportunities")
    line = result.pipeline.total["target"]
    held = kind == "money" and line == line
    top = max(float(data["total"].max()), float(line) if held else 0.0) or 1.0
    rows = list(data["row"])
    y = alt.Y("row:N", sort=rows, title=None, axis=alt.Axis(ticks=False, domain=False))
    scale = alt.Scale(domain=[0, top * 1.34], nice=False)
    tooltip = [
        alt.Tooltip("row:N", title=message("Category")),
        alt.Tooltip("words:N", title=title),
        alt.Tooltip("deals:Q", title=message("Opportunities")),
    ]
    base = alt.Chart(data)
    x = alt.X("total:Q", axis=value_axis(title, kind), scale=scale)
    layers = [
        base.mark_bar(color=theme.OPEN, height=22).encode(x=x, y=y, tooltip=tooltip),
        base.mark_bar(color=theme.ACCENT, height=10).encode(
            x=alt.X("value:Q", scale=scale), y=y, tooltip=tooltip
        ),
        base.mark_text(align="left", dx=5, fontSize=12).encode(x=x, y=y, text="words:N"),
    ]
    if held:
        mark = pd.DataFrame(
            {"x": [float(line)], "words": [message("Target {n}", n=worded(float(line), kind))]}
        )
        rule = alt.Chart(mark).encode(x=alt.X("x:Q", scale=scale))
        layers += [
            rule.mark_rule(color=theme.WARNING, strokeDash=[4, 3], strokeWidth=1.5),
            rule.mark_text(color=theme.WARNING, align="left", dx=4, dy=-6, fontSize=12).encode(
                y=alt.value(0), text="words:N"
            ),
        ]
    return alt.layer(*layers).properties(width=520, height=alt.Step(34))
