"""A cohort table as lines: how the share of each row goes on from column to column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.journeys.cohort import wording
from workbench.messages import message
from workbench.results import numbers, theme
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.cohort.result import Cohort

FEW = 6


class Curves(Result):
    """Shares of each row over the columns after inclusion, and those of all rows pooled."""

    kind: ClassVar[str] = "cohort_curves"
    columns: ClassVar[Mapping[str, str]] = {
        "cohort": "Name of the row, or what all rows together are called",
        "pooled": "Whether the line is that of all rows together, finished cells only",
        "offset": "Column of the table",
        "counted": "Numerator: those that returned, with kind churn those that did not",
        "base": "Denominator",
        "share": "counted / base, 0…1",
        "share_low": "Lower end of its 95 % Wilson interval; empty for all rows, which overlap",
        "share_high": "Upper end of its 95 % Wilson interval; empty likewise",
        "partial": "Whether the cell may still change, or is cut by the range",
    }

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort
        self.scope = cohort.scope
        self.definition = {**cohort.definition, "view": "curves"}

    @property
    def frame(self) -> pd.DataFrame:
        """One line a row and column that has a share."""
        cells = self.cohort.frame.dropna(subset="share")
        counted = cells["churned" if self.cohort.question.churn else "returned"]
        cells = cells.assign(pooled=False, counted=counted.astype("int64"))
        averages = self.cohort.averages
        pooled = averages[averages["base"] > 0].assign(
            cohort=message("All rows pooled"), pooled=True, partial=False
        )
        pooled = pooled.assign(
            share=pooled["weighted_share"], share_low=float("nan"), share_high=float("nan")
        )
        names = list(self.columns)
        frame = pd.concat([cells[names], pooled[names]], ignore_index=True)
        return frame.astype({"base": "int64", "pooled": "bool", "partial": "bool", "cohort": "str"})

    def headline(self) -> str:
        """The same finding as the table's."""
        return self.cohort.headline()

    def reading(self) -> str:
        """What the lines are, and which parts are unfinished."""
        parts = [
            message(
                "A line is a row of the table, the strong one all rows pooled; {share} on the "
                "upright axis.",
                share=wording.share_title(self.cohort.question).lower(),
            )
        ]
        if self.frame["pooled"].any():
            parts.append(message("Further right it is made of fewer rows, so it may fall."))
        if self.frame["partial"].any():
            parts.append(message("Dashed: unfinished or cut by the period."))
        return " ".join(parts)

    def definitions(self) -> list[str]:
        """Those of the table."""
        return self.cohort.definitions()

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        question = self.cohort.question
        return (
            Column("cohort", question.dimension or message("Included in")),
            Column("offset", wording.offset_title(question), "number"),
            Column("counted", wording.of_title(question), "count"),
            Column("base", wording.base_title(question), "count"),
            Column("share", wording.share_title(question), "share"),
            Column("share_low", message("95 % from"), "share"),
            Column("share_high", message("95 % to"), "share"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """Lines of the rows, the pooled line strong; unfinished parts dashed."""
        import altair as alt

        frame = self.frame
        if frame.empty:
            return theme.empty_chart(self.headline())
        data = frame.assign(
            label=numbers.shortened_apart(list(frame["cohort"]), 28),
            of=[
                f"{numbers.count(a)} / {numbers.count(b)}"
                for a, b in zip(frame["counted"], frame["base"], strict=True)
            ],
            text=[numbers.share(v) for v in frame["share"]],
        )
        rows, pooled = data[~data["pooled"]], data[data["pooled"]]
        few = rows["cohort"].nunique() <= FEW
        names = list(dict.fromkeys(rows["label"]))
        colour: Any = alt.value("#8A94A0")
        if few and names:
            palette = [c for c in theme.CATEGORIES if c != theme.ACCENT][: len(names)]
            colour = alt.Color(
                "label:N", title=None, sort=names, scale=alt.Scale(domain=names, range=palette)
            )
        question = self.cohort.question
        tooltip = [
            alt.Tooltip("cohort:N", title=message("Row")),
            alt.Tooltip("offset:Q", title=wording.offset_title(question)),
            alt.Tooltip("of:N", title=wording.of_title(question)),
            alt.Tooltip("text:N", title=wording.share_title(question)),
        ]
        low, high = int(data["offset"].min()), int(data["offset"].max())
        x = alt.X(
            "offset:Q",
            title=wording.offset_title(question),
            axis=alt.Axis(format="+d", values=_ticks(low, high), grid=False),
            scale=alt.Scale(
                domain=[low, max(high, low + 1)], nice=False, rangeMax=alt.ExprRef("width - 96")
            ),
        )
        y = alt.Y(
            "share:Q",
            title=wording.share_title(question),
            axis=alt.Axis(format="%", tickCount=5),
            scale=alt.Scale(zero=True),
        )
        channels = {"x": x, "y": y, "detail": "cohort:N", "color": colour}
        opacity = 0.9 if few else 0.45
        whole = alt.Chart(rows[~rows["partial"]]).encode(**channels)
        layers = [
            alt.Chart(_unfinished(rows))
            .encode(**channels)
            .mark_line(strokeWidth=1.2, strokeDash=[4, 3], opacity=opacity),
            whole.mark_line(strokeWidth=1.4, opacity=opacity),
            alt.Chart(rows)
            .encode(**channels, tooltip=tooltip)
            .mark_point(filled=True, size=26, opacity=opacity),
        ]
        strong = alt.Chart(pooled).encode(x=x, y=y, color=alt.value(theme.ACCENT))
        layers += [
            strong.mark_line(strokeWidth=3),
            strong.mark_point(filled=True, size=44, opacity=1).encode(tooltip=tooltip),
            alt.Chart(pooled.tail(1))
            .mark_text(align="left", dx=8, fontSize=12, fontWeight="bold", color=theme.ACCENT)
            .encode(x=x, y=y, text="label:N"),
        ]
        return alt.layer(*layers).properties(width=680, height=300)


def _ticks(low: int, high: int) -> list[int]:
    """Whole offsets from the first one on, about a dozen."""
    return list(range(low, high + 1, max(1, -(-(high - low + 1) // 12))))


def _unfinished(rows: pd.DataFrame) -> pd.DataFrame:
    """Unfinished cells, and the finished ones next to them where a line comes from."""
    young = rows.groupby("cohort")["partial"]
    beside = young.shift(-1, fill_value=False) | young.shift(1, fill_value=False)
    return rows[rows["partial"] | beside]
