"""What a pointer shows on a box or an arrow: unseen shapes on top of the picture.

Texts lie on the boxes and would keep a pointer from them, and a line shows one row of data only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.journeys.canvas.sketch import Sketch
from workbench.journeys.canvas.wording import value_text
from workbench.messages import message
from workbench.results import numbers

if TYPE_CHECKING:
    from workbench.journeys.canvas.result import Canvas

_WIDE_ENOUGH = 12


def axes(picture: Sketch) -> dict[str, Any]:
    """Positions in pixels, without axes."""
    import altair as alt

    across = alt.Scale(domain=[0, picture.width], nice=False, zero=False)
    down = alt.Scale(domain=[picture.height, 0], nice=False, zero=False)
    return {
        "x": alt.X("x:Q", scale=across, axis=None),
        "y": alt.Y("y:Q", scale=down, axis=None),
    }


def touched(result: Canvas, picture: Sketch, shown: list[str]) -> list[Any]:
    """Unseen lines along the arrows and rectangles over the boxes."""
    import altair as alt

    layers = []
    if picture.routes:
        rows = [
            {"arrow": route.arrow, "x": round(x, 1), "y": round(y, 1), "order": n}
            for route in picture.routes
            for n, (x, y) in enumerate(route.points[::2].tolist() + route.points[-1:].tolist())
        ]
        told = [
            {
                "arrow": route.arrow,
                "wide": max(_WIDE_ENOUGH, route.thickness),
                **_arrow_tip(result, route.arrow, shown),
            }
            for route in picture.routes
        ]
        fields = [name for name in told[0] if name != "arrow"]
        layers.append(
            alt.Chart(pd.DataFrame(rows))
            .transform_lookup(
                lookup="arrow", from_=alt.LookupData(pd.DataFrame(told), "arrow", fields)
            )
            .mark_line(strokeOpacity=0)
            .encode(
                **axes(picture),
                detail="arrow:N",
                order="order:Q",
                strokeWidth=alt.StrokeWidth("wide:Q", scale=None),
                tooltip=_told(_arrow_titles(result)),
            )
        )
    boxes = [
        {
            "x": box.x,
            "x2": box.x + box.width,
            "y": box.y,
            "y2": box.y + box.height,
            **_box_tip(result, box.node, shown),
        }
        for box in picture.boxes
    ]
    over = alt.Chart(pd.DataFrame(boxes)).mark_rect(opacity=0)
    places = {**axes(picture), "x2": "x2", "y2": "y2"}
    return [*layers, over.encode(**places, tooltip=_told(_box_titles(result)))]


def _told(titles: list[tuple[str, str]]) -> list[Any]:
    import altair as alt

    return [alt.Tooltip(f"{name}:N", title=title) for name, title in titles]


def _box_titles(result: Canvas) -> list[tuple[str, str]]:
    return [
        ("label", message("Box")),
        ("number", result.question.primary.label),
        ("of_start", message("Of the start")),
        ("of_previous", message("Of those before")),
        ("of_total", message("Of all in scope")),
        ("fell_out", message("Went no further")),
        ("rows", message("Rows counted")),
        ("note", message("Note")),
    ]


def _arrow_titles(result: Canvas) -> list[tuple[str, str]]:
    return [
        ("way", message("Arrow")),
        ("moved", result.question.container.plural.capitalize()),
        ("interval", message("95 % interval")),
        ("median", message("Median time")),
        ("person", message("Same person at both")),
    ]


def _box_tip(result: Canvas, node: str, shown: list[str]) -> dict[str, Any]:
    """What a pointer on a box shows."""
    lines = result.nodes[result.nodes["node"] == node].set_index("group")
    question = result.question
    rows = (
        message("rows that reached the box in sequence")
        if question.in_sequence
        else message("all matching rows of those that reached it")
    )
    out: dict[str, Any] = {"label": str(lines["label"].iloc[0]), "rows": rows}
    names = {"of_start": "start", "of_previous": "previous", "of_total": "total"}
    out["number"] = _joined(
        [value_text(result, question.primary, lines.loc[name, "value"]) for name in shown]
    )
    for key, base in names.items():
        out[key] = _joined(
            [
                numbers.NOTHING
                if numbers.absent(lines.loc[name, f"ratio_of_{base}"])
                else f"{numbers.share(lines.loc[name, f'ratio_of_{base}'])} "
                f"({value_text(result, question.primary, lines.loc[name, f'value_{base}'])})"
                for name in shown
            ]
        )
    out["fell_out"] = _joined(
        [
            f"{numbers.count(lines.loc[name, 'fell_out'])} "
            f"({numbers.share(lines.loc[name, 'share_fell_out'])})"
            for name in shown
        ]
    )
    out["note"] = str(lines.loc[shown[0], "note"])
    return out


def _arrow_tip(result: Canvas, number: int, shown: list[str]) -> dict[str, Any]:
    """What a pointer on an arrow shows."""
    arrow, graph = result.question.graph.arrows[number], result.question.graph
    lines = result.arrows.set_index(["group", "from", "to"])
    own = [lines.loc[(name, arrow.source, arrow.target)] for name in shown]
    labels = {node.name: node.label for node in graph.nodes}
    return {
        "way": f"{labels[arrow.source]} → {labels[arrow.target]}",
        "moved": _joined(
            [
                f"{numbers.count(line['containers'])} / {numbers.count(line['from_containers'])} "
                f"({numbers.share(line['share'])})"
                for line in own
            ]
        ),
        "interval": _joined(
            [numbers.between(line["share_low"], line["share_high"]) for line in own]
        ),
        "median": _joined([numbers.days(line["median_days"]) for line in own]),
        "person": _joined([numbers.share(line["share_same_person"]) for line in own]),
    }


def _joined(texts: list[str]) -> str:
    return " | ".join(text or numbers.NOTHING for text in texts)
