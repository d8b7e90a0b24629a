"""The picture of a canvas: boxes in layers, arrows as wide as who took them, labels apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.journeys.canvas import sketch
from workbench.journeys.canvas.captions import arrow_lines, box_lines
from workbench.journeys.canvas.sketch import BAR, HEAD, LINE, PAD, Sketch
from workbench.journeys.canvas.texts import MARK, Text, text_width
from workbench.journeys.canvas.touch import axes, touched
from workbench.messages import message
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.canvas.result import Canvas

# Greys without a tint turn with the theme of the page.
_ARROW, _EDGE, _SOFT, _FACE = "#A9ADB3", "#8A8F96", "#5B6066", "#FFFFFF"
_TRACK = "#D9DBDE"
GROUPS = (theme.CATEGORIES[0], theme.CATEGORIES[1])


def draw(result: Canvas) -> alt.TopLevelMixin:
    """The graph in layers with the numbers of one group, or of two side by side."""
    import altair as alt

    question = result.question
    if not result.nodes["total"].max():
        return theme.empty_chart(
            message("No {containers} in scope.", containers=question.container.plural)
        )
    names = [group.name for group in result.groups]
    shown = names[-2:] if len(names) > 1 else names
    picture = _picture(result, shown)
    layers = [
        *_arrows(result, picture, shown),
        *_boxes(result, picture, shown),
        *_texts(picture),
        *touched(result, picture, shown),
    ]
    drawn = alt.layer(*layers).properties(width=picture.width, height=picture.height)
    return alt.vconcat(*_legend(result, shown, picture.width), drawn, spacing=6)


def _picture(result: Canvas, shown: list[str]) -> Sketch:
    """Everything in its place."""
    graph, question = result.question.graph, result.question
    connected = [n for n in range(len(graph.nodes)) if graph.parents[n] or graph.children[n]]
    layers = {graph.nodes[n].name: _layer(result, n) for n in connected}
    width, lines = box_lines(result, shown)
    counts = [_counts(result, name) for name in shown]
    share = sketch.THICKEST if len(shown) == 1 else sketch.THICKEST / 2
    thick = np.sum([sketch.thicknesses(own, share) for own in counts], axis=0)
    return sketch.sketched(
        layers,
        [(arrow.source, arrow.target) for arrow in graph.arrows],
        lines,
        width,
        arrow_lines(result, shown),
        [float(t) for t in thick] if graph.arrows else [],
        question.direction,
    )


def _layer(result: Canvas, node: int) -> int:
    """The longest way to a node; a start stands directly before the first node that it leads to."""
    graph = result.question.graph
    if graph.parents[node]:
        return graph.layers[node]
    return min(graph.layers[child] for child in graph.children[node]) - 1


def _counts(result: Canvas, group: str) -> np.ndarray:
    return result.arrows.loc[result.arrows["group"] == group, "containers"].to_numpy(float)


def _arrows(result: Canvas, picture: Sketch, shown: list[str]) -> list[Any]:
    """Lines of each group beside each other, dashed where nobody went, and heads."""
    import altair as alt

    if not picture.routes:
        return []
    rows, heads = _arrow_rows(result, picture, shown)
    layers = []
    for (number, empty), points in rows.items():
        colour = _ARROW if len(shown) == 1 else GROUPS[number]
        dashes: dict[str, Any] = {"strokeDash": [3, 4]} if empty else {}
        layers.append(
            alt.Chart(pd.DataFrame(points))
            .mark_line(color=colour, strokeCap="butt", strokeJoin="round", **dashes)
            .encode(
                **axes(picture),
                detail="arrow:N",
                order="order:Q",
                strokeWidth=alt.StrokeWidth("width:Q", scale=None),
            )
        )
    shape = "M-1,-1L1,0L-1,1Z" if picture.direction == "right" else "M-1,-1L1,-1L0,1Z"
    ends = (
        alt.Chart(pd.DataFrame(heads))
        .mark_point(shape=shape, filled=True, opacity=1, color=_EDGE, strokeWidth=0)
        .encode(**axes(picture), size=alt.Size("size:Q", scale=None))
    )
    return [*layers, ends]


def _arrow_rows(
    result: Canvas, picture: Sketch, shown: list[str]
) -> tuple[dict[tuple[int, bool], list[dict[str, Any]]], list[dict[str, Any]]]:
    """The points of the lines, by group and by whether nobody went there, and the heads."""
    right = picture.direction == "right"
    share = sketch.THICKEST if len(shown) == 1 else sketch.THICKEST / 2
    counts = [_counts(result, name) for name in shown]
    widths = [sketch.thicknesses(own, share) for own in counts]
    rows: dict[tuple[int, bool], list[dict[str, Any]]] = {}
    heads = []
    for route in picture.routes:
        begun = -route.thickness / 2
        for number in range(len(shown)):
            width = float(widths[number][route.arrow])
            shift = begun + width / 2 if len(shown) > 1 else 0.0
            begun += width
            rows.setdefault((number, not counts[number][route.arrow]), []).extend(
                {
                    "arrow": f"{route.arrow} {number}",
                    "x": round(float(x) + (0 if right else shift), 1),
                    "y": round(float(y) + (shift if right else 0), 1),
                    "order": n,
                    "width": round(width, 2),
                }
                for n, (x, y) in enumerate(route.points)
            )
        x, y = route.points[-1]
        heads.append(
            {
                "x": float(x) + (HEAD / 2 if right else 0),
                "y": float(y) + (0 if right else HEAD / 2),
                "size": max(HEAD, 0.75 * route.thickness + HEAD - 3) ** 2,
            }
        )
    return rows, heads


def _boxes(result: Canvas, picture: Sketch, shown: list[str]) -> list[Any]:
    import altair as alt

    rows, tracks = [], []
    first = result.nodes[result.nodes["group"] == shown[0]].set_index("node")
    for box in picture.boxes:
        rows.append(
            {
                "x": box.x,
                "x2": box.x + box.width,
                "y": box.y,
                "y2": box.y + box.height,
                "excluded": bool(first.loc[box.node, "excluded"]),
            }
        )
        tracks += _tracks(result, box, shown)
    positions = {**axes(picture), "x2": "x2", "y2": "y2"}
    frames = []
    for excluded in (False, True):
        own = [row for row in rows if row["excluded"] == excluded]
        if own:
            dashes: dict[str, Any] = {"strokeDash": [4, 3]} if excluded else {}
            frames.append(
                alt.Chart(pd.DataFrame(own).drop(columns="excluded"))
                .mark_rect(
                    fill=_FACE, stroke=_EDGE, strokeWidth=1, cornerRadius=5, opacity=1, **dashes
                )
                .encode(**positions)
            )
    data = pd.DataFrame(tracks)
    bars = []
    for number in range(-1, len(shown)):
        own = data[data["group"] == number]
        if len(own):
            colour = _TRACK if number < 0 else GROUPS[number]
            bars.append(
                alt.Chart(own.drop(columns="group")).mark_rect(fill=colour).encode(**positions)
            )
    return [*frames, *bars]


def _tracks(result: Canvas, box: sketch.Box, shown: list[str]) -> list[dict[str, Any]]:
    """The bar at the foot of a box: how much of its base a number is, at most all of it."""
    left, right = box.x + PAD, box.x + box.width - PAD
    thick = (BAR - 4 if len(shown) == 1 else BAR - 1) / len(shown)
    out = []
    for number, name in enumerate(shown):
        line = result.nodes[(result.nodes["group"] == name) & (result.nodes["node"] == box.node)]
        ratio = line[f"ratio_of_{result.question.percent}"].iloc[0]
        top = box.y + box.height - BAR - 1 + number * thick
        place = {"x": left, "y": top, "y2": top + thick - (0.7 if len(shown) > 1 else 0)}
        out.append({**place, "x2": right, "group": -1})
        if ratio == ratio and ratio > 0:
            out.append({**place, "x2": left + (right - left) * min(1.0, ratio), "group": number})
    return out


def _texts(picture: Sketch) -> list[Any]:
    """Every line of text: of boxes in their middle, of arrows beside their line."""
    import altair as alt

    rows: list[dict[str, Any]] = []
    for box in picture.boxes:
        # A short label stands in the middle of the room that the longest one takes.
        empty = sum(line.kind == "bold" and not line.text for line in box.lines)
        for n, line in enumerate(box.lines):
            y = box.y + PAD + LINE * (n + 0.5 + (empty / 2 if line.kind == "bold" else 0))
            left = box.x + PAD if line.mark.isdigit() else None
            rows += _text_rows(line, box.x + box.width / 2, y, left)
    for route in picture.routes:
        for n, line in enumerate(route.lines):
            left = None if picture.direction == "right" else route.label_x
            rows += _text_rows(line, route.label_x, route.label_y + LINE * n - 4, left)
    data = pd.DataFrame(rows)
    styles: dict[str, dict[str, Any]] = {
        "bold": {"fontWeight": "bold", "color": theme.TEXT},
        "plain": {"color": theme.TEXT},
        "soft": {"color": _SOFT},
    }
    marks: dict[str, dict[str, Any]] = {
        "fallout": {"shape": "triangle-down", "size": 42, "color": theme.WARNING},
        **{str(n): {"shape": "square", "size": 62, "color": c} for n, c in enumerate(GROUPS)},
    }
    layers = []
    for (kind, align), own in data.groupby(["kind", "align"], sort=False):
        chart = alt.Chart(own[["x", "y", "text"] if kind in styles else ["x", "y"]])
        if kind in styles:
            drawn = chart.mark_text(align=align, baseline="middle", fontSize=12, **styles[kind])
            layers.append(drawn.encode(**axes(picture), text="text:N"))
        else:
            drawn = chart.mark_point(filled=True, opacity=1, **marks[kind])
            layers.append(drawn.encode(**axes(picture)))
    return layers


def _text_rows(line: Text, x: float, y: float, left: float | None) -> list[dict[str, Any]]:
    """A line around the middle x, or from `left` on, with its signs."""
    if not line.mark and left is None:
        return [{"x": x, "y": y, "text": line.text, "kind": line.kind, "align": "center"}]
    at = x - line.width / 2 if left is None else left
    out = []
    if line.mark:
        out.append({"x": at + 5, "y": y, "text": "", "kind": line.mark, "align": "left"})
        at += MARK
    out.append({"x": at, "y": y, "text": line.text, "kind": line.kind, "align": "left"})
    if line.more:
        at += text_width(line.text) + MARK
        out.append({"x": at + 5, "y": y, "text": "", "kind": "fallout", "align": "left"})
        out.append({"x": at + MARK, "y": y, "text": line.more, "kind": "soft", "align": "left"})
    return out


def _legend(result: Canvas, shown: list[str], width: float) -> list[Any]:
    """Names of the two groups with their sizes, above the picture."""
    import altair as alt

    if len(shown) < 2:
        return []
    short = numbers.shortened_apart(shown, 48)
    rows, marks = [], []
    for number, name in enumerate(shown):
        size = int(np.count_nonzero(result.group(name).counted))
        y = 9 + LINE * number
        marks.append({"x": 6, "y": y, "group": number})
        rows.append({"x": 18, "y": y, "text": f"{short[number]} (n = {size:,})"})
    positions = {
        "x": alt.X("x:Q", scale=alt.Scale(domain=[0, max(width, 360)], nice=False), axis=None),
        "y": alt.Y("y:Q", scale=alt.Scale(domain=[LINE * 2, 0], nice=False), axis=None),
    }
    squares = [
        alt.Chart(pd.DataFrame([marks[n]])[["x", "y"]])
        .mark_point(shape="square", filled=True, size=90, opacity=1, color=GROUPS[n])
        .encode(**positions)
        for n in range(len(shown))
    ]
    texts = (
        alt.Chart(pd.DataFrame(rows))
        .mark_text(align="left", baseline="middle", fontSize=12, color=theme.TEXT)
        .encode(**positions, text="text:N")
    )
    return [alt.layer(*squares, texts).properties(width=max(width, 360), height=LINE * 2)]
