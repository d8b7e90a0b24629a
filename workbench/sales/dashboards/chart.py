"""Pictures of components: each with its title, and what it rests on below the title."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from workbench.messages import message
from workbench.results import numbers, theme
from workbench.sales.dashboards import figures, shapes, wording
from workbench.sales.dashboards.model import SINGLE

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.dashboards.component import Component


def draw(component: Component) -> alt.TopLevelMixin:
    """The picture of a component; title and footing stand beside it."""
    return _picture(component)


def titled(component: Component) -> Any:
    """The picture with its title and footing, for a grid that is one picture."""
    import altair as alt

    return _picture(component).properties(
        title=alt.Title(
            text=_lines(title(component), 38),
            subtitle=[line for text in wording.footing(component) for line in _lines(text, 48)],
            anchor="start", frame="bounds", fontSize=14, subtitleFontSize=12, color=theme.TEXT,
            subtitleColor=theme.QUIET, font=theme.FONT, subtitleFont=theme.FONT, offset=10,
        )
    )  # fmt: skip


def title(component: Component) -> str:
    """The finding, except where the picture is the figure itself."""
    single = component.asked.type in (*SINGLE, "table") or component.report is None
    return component.title if single else component.headline()


def _lines(text: str, width: int) -> list[str]:
    return [
        numbers.shortened(line, width)
        for line in textwrap.wrap(text, width, break_long_words=True)[:6]
    ] or [""]


def _picture(component: Component) -> Any:
    if component.report is None:
        return figures.sentence(message("These data cannot answer this component."))
    kind = component.asked.type
    if kind == "table":
        return figures.table(component)
    place = component.shown_measures[0][0]
    known = [m for m in component.marks if isinstance(m.line.figures[place], int | float)]
    if not known:
        return figures.sentence(message("No row meets the conditions."))
    if kind in ("donut", "funnel") and min(m.line.figures[place] for m in known) < 0:
        return figures.sentence(
            message("Negative figures cannot be parts of a whole; show them as bars.")
        )
    made = {
        "number": figures.number, "gauge": figures.gauge,
        "bar": shapes.bar, "column": shapes.column,
        "stacked": shapes.stacked, "line": shapes.line, "donut": shapes.donut,
        "funnel": shapes.funnel, "scatter": shapes.scatter,
    }  # fmt: skip
    return made[kind](component)
