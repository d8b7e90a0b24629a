"""What the pictures of components share: their rows, axes, lines and colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results import numbers, theme
from workbench.sales.reporting.groups import empty_label
from workbench.sales.reporting.wording import figure

if TYPE_CHECKING:
    from workbench.sales.dashboards.component import Component
    from workbench.sales.reporting.measures import MeasureOf


WIDTH, HEIGHT, MOST, MOST_UNITS = 218, 190, 24, 400


def data_of(component: Component) -> pd.DataFrame:
    """What is drawn: name, whole, series, value, text, share; at most `MOST` groups."""
    place, measure = component.shown_measures[0]
    marks = [m for m in component.marks if isinstance(m.line.figures[place], int | float)]
    parts = [(m.group, m.series, m.name, float(m.line.figures[place])) for m in marks]
    groups = list(dict.fromkeys(group for group, *_ in parts))
    if component.asked.type in ("line", "column") and not component.asked.sort:
        groups, parts = _without_gaps(component, groups, parts)
    groups = groups[-MOST_UNITS:] if component.dated else groups[:MOST]
    names = dict(zip(groups, numbers.shortened_apart(groups, 20), strict=True))
    parts = [part for part in parts if part[0] in names]
    total = sum(value for *_, value in parts)
    return pd.DataFrame(
        {
            "name": [names[group] for group, *_ in parts],
            "whole": [name for _, _, name, _ in parts],
            "series": [numbers.shortened(series, 20) for _, series, _, _ in parts],
            "value": [value for *_, value in parts],
            "text": [figure(value, measure) for *_, value in parts],
            "share": [value / total if total else 0.0 for *_, value in parts],
        }
    )


Part = tuple[str, str, str, float]


def _without_gaps(
    component: Component, groups: list[str], parts: list[Part]
) -> tuple[list[str], list[Part]]:  # fmt: skip
    """Units of time without a row, drawn as nothing where the figure is a number of things."""
    group = component.statement.rows[0]
    additive = component.shown_measures[0][1].asked.kind in ("count", "sum", "distinct")
    days = sorted({m.line.rows[0] for m in component.marks if m.line.rows[0] is not None})
    if not component.dated or not additive or len(days) < 2 or group.following is None:
        return groups, parts
    every = [days[0]]
    while every[-1] < days[-1] and len(every) < MOST_UNITS:
        every.append(group.following(every[-1]))
    if every[-1] != days[-1]:
        return groups, parts
    labels = [group.label(value) for value in every]
    labels += [label for label in groups if label not in labels]
    known = {(part[0], part[1]): part for part in parts}
    series = dict.fromkeys(part[1] for part in parts)
    out = [
        known.get((label, name), (label, name, " | ".join(filter(None, (label, name))), 0.0))
        for label in labels
        for name in series
    ]
    return labels, out


def left_out(component: Component) -> str:
    """How many groups are not drawn."""
    groups = {m.group for m in component.marks}
    if len(groups) <= MOST or component.dated:
        return ""
    return " · " + message("{n} more in the table", n=numbers.count(len(groups) - MOST))


def axis_title(component: Component) -> str:
    """The figure with its currency."""
    measure = component.shown_measures[0][1]
    unit = f" ({measure.currency})" if measure.currency else ""
    return f"{measure.name}{unit}{left_out(component)}"


def axis_format(measure: MeasureOf) -> str:
    """How an axis writes a figure; small plain numbers are not written as thousandths."""
    return "%" if measure.unit == "share" else ",.3~r" if measure.unit == "number" else "~s"


def plain_axis(component: Component) -> Any:
    """The axis of the figure."""
    import altair as alt

    return alt.Axis(format=axis_format(component.shown_measures[0][1]), tickCount=4)


def tips(component: Component) -> list[Any]:
    """What a pointer shows."""
    import altair as alt

    return [alt.Tooltip("whole:N", title=message("Group")),
            alt.Tooltip("text:N", title=component.shown_measures[0][1].name)]  # fmt: skip


def domain(values: list[float], component: Component, room: float = 0.0) -> list[float]:
    """Ends of the axis: zero, all values, reference and target."""
    more = [v for v in (component.asked.reference, component.target) if v is not None]
    high, low = max([0.0, *values, *more]), min([0.0, *values, *more])
    span = (high - low) or 1.0
    return [low, high + room * span]


def lines_at(component: Component, channel: str, ends: list[float], y: int = -6) -> list[Any]:
    """Reference line and target across the picture.

    Parameters
    ----------
    component : Component
    channel : {"x", "y"}
        The axis of the figure.
    ends : list of float
        Ends of that axis: a label stands on the side with more room.
    y : int
        Height of the labels of upright lines.
    """
    import altair as alt

    out = []
    measure = component.shown_measures[0][1]
    for value, word, colour, lift in (
        (component.asked.reference, message("reference"), theme.QUIET, 0),
        (component.target, message("target"), theme.WARNING, 13 if channel == "x" else 0),
    ):
        if value is None:
            continue
        rule = pd.DataFrame({"at": [value], "label": [f"{word} {figure(value, measure)}"]})
        base = alt.Chart(rule).encode(**{channel: "at:Q"})
        out.append(base.mark_rule(color=colour, strokeDash=[4, 3], strokeWidth=1.5, clip=True))
        right = channel == "y" or value > (ends[0] + ends[-1]) / 2
        lifted = y - (lift if component.asked.reference is not None else 0)
        place = {"y": alt.value(lifted)} if channel == "x" else {"x": alt.value(WIDTH)}
        text = base.mark_text(color=colour, fontSize=12, align="right", baseline="bottom")
        if not right:
            text = base.mark_text(color=colour, fontSize=12, align="left", baseline="bottom")
        out.append(text.encode(text="label:N", **place))
    return out


def across(component: Component, data: pd.DataFrame) -> Any:
    """Groups along the lower edge; as many names as there is room for."""
    import altair as alt

    names = list(dict.fromkeys(data["name"]))
    title = component.statement.rows[0].name if component.statement.rows else None
    return alt.X("name:N", sort=names, title=title, axis=alt.Axis(
        labelAngle=0, labelLimit=110, values=_named(names), ticks=False, labelPadding=7,
    ))  # fmt: skip


def _named(names: list[str]) -> list[str]:
    """As many names as there is room for; the group without a value is always named."""
    room = max(1, WIDTH // (7 * max((len(name) for name in names), default=1) + 10))
    step = -(-len(names) // room)
    shown = names[::step]
    if names and names[-1] == empty_label() and names[-1] not in shown:
        shown = [*[n for n in shown if len(names) - 1 - names.index(n) >= step], names[-1]]
    return shown


def coloured(data: pd.DataFrame, component: Component) -> Any:
    """A colour for each series."""
    import altair as alt

    group = component.statement.columns
    order = sorted({m.line.columns[0] for m in component.marks}, key=group[0].place)
    names = list(dict.fromkeys(numbers.shortened(group[0].label(v), 20) for v in order))
    colours = [theme.CATEGORIES[n % len(theme.CATEGORIES)] for n in range(len(names))]
    return alt.Color("series:N", sort=names, title=group[0].name,
                     scale=alt.Scale(domain=names, range=colours),
                     legend=alt.Legend(columns=2, orient="top", labelLimit=110))  # fmt: skip
