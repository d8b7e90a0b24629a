"""The picture of a design: goals, and below each its KPIs by class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme
from workbench.sales.kpis.record import class_word

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.kpis.design import Design

_GOAL, _LINE, _SPACE, _WIDTH = 30, 22, 12, 620
_MOST = 120


def draw(result: Design) -> alt.TopLevelMixin:
    """A line a KPI under its goal and class; a class without any says so."""
    import altair as alt

    if not result.goals:
        return theme.empty_chart(message("No KPI is defined."))
    lines: list[dict[str, Any]] = []
    at = 0.0
    for goal, part in result.matrix.groupby("goal", sort=False):
        lines.append(_text(goal, at + _GOAL / 2, 0.0, theme.TEXT, "bold"))
        at += _GOAL
        for kind, kpis in zip(part["class"], part["kpis"], strict=True):
            lines.append(_text(class_word(kind), at + _LINE / 2, 0.0, theme.QUIET))
            shown = kpis or [message("none yet")]
            colour = theme.TEXT if kpis else theme.WARNING
            for name in shown:
                lines.append(_text(name, at + _LINE / 2, 0.25, colour))
                at += _LINE
        at += _SPACE
    if len(lines) > _MOST:
        lines = lines[:_MOST]
        at = float(lines[-1]["y"]) + _LINE
    base = alt.Chart(pd.DataFrame(lines))

    def text(weight: str, cut: str) -> Any:
        return (
            base.transform_filter(alt.datum.weight == weight)
            .mark_text(
                align="left", baseline="middle", fontSize=13, fontWeight=weight,  # type: ignore[arg-type]
                limit=alt.ExprRef(cut),
            )
            .encode(
                x=alt.X("x:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=None),
                y=alt.Y("y:Q", scale=alt.Scale(domain=[at, 0], nice=False, zero=False), axis=None),
                text="text:N",
                color=alt.Color("colour:N", scale=None),
                tooltip=[alt.Tooltip("whole:N", title=message("KPI"))],
            )
        )  # fmt: skip

    return alt.layer(text("normal", "width * 0.75"), text("bold", "width")).properties(
        width=_WIDTH, height=at
    )


def _text(name: Any, y: float, x: float, colour: str, weight: str = "normal") -> dict[str, Any]:
    return {"text": numbers.shortened(str(name), 84), "whole": str(name), "y": y, "x": x,
            "colour": colour, "weight": weight}  # fmt: skip
