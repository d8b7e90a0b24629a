"""Which groups win more or less often than the others: differences with correction."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme
from workbench.results.base import Result
from workbench.results.intervals import difference, holm
from workbench.results.tables import Column
from workbench.sales.pipeline.dots import MOST, STEP, WIDTH, place, written_above

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.pipeline.win_result import WinRates

MOST_COMPARED = 200
COLUMNS = {
    "group": "Value of by",
    "won": "Won in the group",
    "total": "Denominator in the group",
    "share": "won / total, 0…1",
    "rest_won": "Won in all other groups",
    "rest_total": "Denominator in all other groups",
    "share_rest": "rest_won / rest_total, 0…1",
    "difference": "share − share_rest",
    "low": "Lower end of its 95 % interval (Newcombe)",
    "high": "Upper end of its 95 % interval (Newcombe)",
    "p_value": "Two-sided test of no difference",
    "p_adjusted": "Corrected for the number of groups (Holm)",
    "differs": "p_adjusted below 0.05",
}


class WinDifferences(Result):
    """Each group against all others.

    Attributes
    ----------
    rates : WinRates
    cohort : str
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "win_differences"

    def __init__(self, rates: WinRates, cohort: str) -> None:
        self.rates = rates
        self.cohort = cohort
        self.question = rates.question
        self.definition = {**rates.definition, "view": "differences", "cohort": cohort}
        note = message(
            "p-values are corrected for {n} comparisons (Holm).",
            n=numbers.count(len(self.frame)),
        )
        self.scope = self.question.scope(*rates.scope.notes[:1], note)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a group that has any deal of the cohort, the largest difference first."""
        lines = self.rates.frame
        lines = lines[(lines["cohort"] == self.cohort) & (lines["measure"] == "deals")]
        whole, groups = lines.iloc[0], lines.iloc[1:]
        groups = groups[groups["total"] > 0]
        groups = groups.sort_values("total", ascending=False, kind="stable").head(MOST_COMPARED)
        rows = []
        for line in groups.itertuples():
            rest_won, rest_total = whole["won"] - line.won, whole["total"] - line.total
            with np.errstate(divide="ignore", invalid="ignore"):
                found = difference(int(line.won), int(line.total), int(rest_won), int(rest_total))
            rows.append(
                {
                    "group": line.group,
                    "won": int(line.won),
                    "total": int(line.total),
                    "share": line.share,
                    "rest_won": int(rest_won),
                    "rest_total": int(rest_total),
                    "share_rest": rest_won / rest_total if rest_total else float("nan"),
                    "difference": found.difference,
                    "low": found.low,
                    "high": found.high,
                    "p_value": found.p_value,
                }
            )
        out = pd.DataFrame(rows, columns=[n for n in COLUMNS if n not in ("p_adjusted", "differs")])
        out["p_adjusted"] = holm(out["p_value"].to_numpy(float))
        out["differs"] = out["p_adjusted"] < 0.05
        order = out["difference"].abs().sort_values(ascending=False, kind="stable").index
        return out.loc[order].reset_index(drop=True)[list(COLUMNS)]

    def headline(self) -> str:
        """The largest difference that is no chance, or that there is none."""
        sure = self.frame[self.frame["differs"]]
        if self.frame.empty:
            return message("There are no groups to compare.")
        if sure.empty:
            return message(
                "0 of {n} groups win clearly more or less often than the others",
                n=numbers.count(len(self.frame)),
            )
        line = sure.iloc[0]
        return message(
            "{n} of {groups} groups differ; most “{group}”: {a} ({won} / {total}) against {b} "
            "({rest_won} / {rest_total}), {points}",
            n=numbers.count(len(sure)),
            groups=numbers.count(len(self.frame)),
            group=numbers.shortened(line["group"], 60),
            a=numbers.share(line["share"]),
            won=numbers.count(line["won"]),
            total=numbers.count(line["total"]),
            b=numbers.share(line["share_rest"]),
            rest_won=numbers.count(line["rest_won"]),
            rest_total=numbers.count(line["rest_total"]),
            points=numbers.points(line["difference"]),
        )

    def reading(self) -> str:
        """What a dot is."""
        return message(
            "Dots are the win rate of a group minus that of all others, lines the 95 % interval of "
            "that difference; dark ones remain after correction for many comparisons."
        )

    def definitions(self) -> list[str]:
        """The rules in sentences."""
        return self.rates.definitions()

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("group", message("Group")),
            Column("won", message("Won"), "count"),
            Column("total", message("Of"), "count"),
            Column("share", message("Won / of"), "share"),
            Column("share_rest", message("All others"), "share"),
            Column("difference", message("Difference"), "points"),
            Column("low", message("From (95 %)"), "points"),
            Column("high", message("To (95 %)"), "points"),
            Column("p_adjusted", message("p, corrected"), "number"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """Differences with intervals around 0."""
        return _draw(self)

    def members(self, group: str, *, outcome: str | None = None) -> pd.DataFrame:
        """The deals of a group; see `WinRates.members`."""
        return self.rates.members(self.cohort, group=group, outcome=outcome)


def _draw(result: WinDifferences) -> Any:
    import altair as alt

    data = result.frame.dropna(subset="difference")
    # Those that differ, then the largest: a group of two deals says least, however far it lies.
    data = data.sort_values(["differs", "total"], ascending=[False, False], kind="stable")
    data = data.head(MOST).copy()
    if data.empty:
        return theme.empty_chart(result.headline())
    data = data.sort_values(["difference", "group"], ascending=[False, True])
    data["row"] = numbers.shortened_apart(list(data["group"]), 40)
    data["words"] = [
        f"{numbers.points(d)}  ({numbers.count(w)} / {numbers.count(t)})"
        for d, w, t in zip(data["difference"], data["won"], data["total"], strict=True)
    ]
    data["colour"] = data["differs"].map({True: theme.ACCENT, False: theme.OPEN})
    for name in ("difference", "low", "high"):
        data[name] *= 100
    rows = list(data["row"])
    y = place(rows)
    title = message("Win rate minus that of all others (points; bars: 95 % interval)")
    x = alt.X("difference:Q", axis=alt.Axis(title=title, tickCount=6))
    colour = alt.Color("colour:N", scale=None)
    base = alt.Chart(data[["row", "group", "difference", "low", "high", "words", "colour"]])
    return alt.layer(
        alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=theme.QUIET).encode(x="x:Q"),
        base.mark_rule(strokeWidth=1.5).encode(x=alt.X("low:Q"), x2="high:Q", y=y, color=colour),
        base.mark_point(filled=True, size=90, opacity=1).encode(
            x=x, y=y, color=colour,
            tooltip=[alt.Tooltip("group:N", title=message("Group")),
                     alt.Tooltip("words:N", title=message("Difference"))],
        ),
        *written_above(base, rows),
    ).properties(width=WIDTH, height=alt.Step(STEP))  # fmt: skip
