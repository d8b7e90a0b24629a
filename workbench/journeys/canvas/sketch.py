"""The texts, sizes and places of everything in the picture of a canvas, before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from workbench.journeys.canvas.layout import Placed, placed
from workbench.journeys.canvas.texts import Text

# Room that arrows and boxes keep, in pixels; stems are those of arrows to the right and down.
LINE, PAD, BAR = 16, 8, 8
BOX_LEAST, BOX_MOST = 104, 176
GAP, THIN, LONGEST_RIGHT = 16, 12, 1_060
HEAD = 9
STEM = {True: 20, False: 15}
THINNEST, THICKEST = 1.2, 9.0


@dataclass(frozen=True)
class Box:
    """A node of the picture: its place and its lines of text."""

    node: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[Text, ...]


@dataclass(frozen=True)
class Route:
    """An arrow of the picture: the points of its line, its label, its head."""

    arrow: int
    points: np.ndarray
    label_x: float
    label_y: float
    lines: tuple[Text, ...]
    thickness: float


@dataclass(frozen=True)
class Sketch:
    """Everything in its place.

    Attributes
    ----------
    width, height : float
    direction : {"right", "down"}
    crossings : int
    """

    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    width: float
    height: float
    direction: str
    crossings: int


def sketched(
    layers: dict[str, int],
    arrows: list[tuple[str, str]],
    box_lines: dict[str, tuple[Text, ...]],
    box_width: float,
    arrow_lines: list[tuple[Text, ...]],
    thickness: list[float],
    direction: str,
) -> Sketch:
    """Put boxes, arrows and labels into a picture.

    Parameters
    ----------
    layers : dict
        Layer of each node that has arrows; nodes of `box_lines` without one stand below.
    direction : {"auto", "right", "down"}
        With ``auto`` to the right where that fits a page, else down.
    """
    height = PAD * 2 + BAR + LINE * max((len(lines) for lines in box_lines.values()), default=1)
    sizes = [max((t.width for t in lines), default=0.0) for lines in arrow_lines]
    if direction == "auto":
        fits = _length_right(layers, arrows, sizes, box_width) <= LONGEST_RIGHT
        direction = "right" if fits else "down"
    right = direction == "right"
    names = list(layers)
    number = {name: n for n, name in enumerate(names)}
    pairs = [(number[a], number[b]) for a, b in arrows]
    # A label stands above its line, or to the right of it.
    label_room = [
        (LINE * len(lines) + thick / 2 + 2, thick / 2 + 2)
        if right
        else (thick / 2 + 3, thick / 2 + 7 + size)
        for lines, size, thick in zip(arrow_lines, sizes, thickness, strict=True)
    ]
    across = height if right else box_width
    where = placed(
        [layers[name] for name in names], pairs, [across] * len(names), label_room, THIN, GAP
    )
    starts = _layer_starts(layers, pairs, names, arrow_lines, sizes, box_width, height, right)
    boxes = _boxes(names, layers, where, starts, box_width, height, box_lines, right)
    by_name = {box.node: box for box in boxes}
    routes = _routes(arrows, by_name, where, starts, layers, arrow_lines, thickness, right)
    width = max((b.x + b.width for b in boxes), default=0.0)
    bottom = max(
        [*(b.y + b.height for b in boxes), *(float(r.points[:, 1].max()) + 6 for r in routes)],
        default=0.0,
    )
    width = max([width, *(float(r.points[:, 0].max()) + 6 for r in routes)])
    alone = [name for name in box_lines if name not in layers]
    below, width, bottom = _alone(alone, box_lines, box_width, height, width, bottom)
    for route, size in zip(routes, sizes, strict=True):
        width = max(width, route.label_x + (size / 2 if right else size) + 4)
    return Sketch(
        (*boxes, *below), tuple(routes), width + 2, bottom + 2, direction, where.crossings
    )


def _length_right(
    layers: dict[str, int], arrows: list[tuple[str, str]], sizes: list[float], box_width: float
) -> float:
    """How wide the picture is when its arrows lead to the right."""
    depth = 1 + max(layers.values(), default=0)
    between = [0.0] * depth
    for (source, _), size in zip(arrows, sizes, strict=True):
        at = layers[source]
        between[at] = max(between[at], size)
    return depth * box_width + sum(size + 2 * STEM[True] + HEAD for size in between[: depth - 1])


def _layer_starts(
    layers: dict[str, int],
    pairs: list[tuple[int, int]],
    names: list[str],
    arrow_lines: list[tuple[Text, ...]],
    sizes: list[float],
    box_width: float,
    height: float,
    right: bool,
) -> list[float]:
    """Where each layer begins along the way: boxes and places of labels take turns."""
    depth = 1 + max(layers.values(), default=0)
    between = [0.0] * depth
    for (source, _), lines, size in zip(pairs, arrow_lines, sizes, strict=True):
        layer = layers[names[source]]
        need = size if right else float(LINE * len(lines))
        between[layer] = max(between[layer], need)
    starts: list[float] = []
    at = 0.0
    for layer in range(depth):
        starts.append(at)
        at += box_width if right else height
        starts.append(at + STEM[right])
        at += between[layer] + 2 * STEM[right] + HEAD
    return starts


def _boxes(
    names: list[str],
    layers: dict[str, int],
    where: Placed,
    starts: list[float],
    width: float,
    height: float,
    lines: dict[str, tuple[Text, ...]],
    right: bool,
) -> list[Box]:
    out = []
    for n, name in enumerate(names):
        along, centre = starts[2 * layers[name]], where.boxes[n]
        x, y = (along, centre - height / 2) if right else (centre - width / 2, along)
        out.append(Box(name, x, y, width, height, lines[name]))
    return out


def _alone(
    names: list[str],
    lines: dict[str, tuple[Text, ...]],
    box_width: float,
    height: float,
    width: float,
    bottom: float,
) -> tuple[list[Box], float, float]:
    """Boxes without arrows, in rows below the rest."""
    if not names:
        return [], width, bottom
    each = max(1, int(max(width, 720) // (box_width + GAP)))
    top = bottom + (2 * GAP if bottom else 0)
    boxes = [
        Box(
            name,
            (n % each) * (box_width + GAP),
            top + (n // each) * (height + GAP),
            box_width,
            height,
            lines[name],
        )
        for n, name in enumerate(names)
    ]
    return (
        boxes,
        max(width, max(b.x + b.width for b in boxes)),
        max(b.y + b.height for b in boxes),
    )


def _routes(
    arrows: list[tuple[str, str]],
    boxes: dict[str, Box],
    where: Placed,
    starts: list[float],
    layers: dict[str, int],
    arrow_lines: list[tuple[Text, ...]],
    thickness: list[float],
    right: bool,
) -> list[Route]:
    leaving = _ports(arrows, boxes, where, right, thickness, out=True)
    coming = _ports(arrows, boxes, where, right, thickness, out=False)
    routes = []
    for a, (source, target) in enumerate(arrows):
        first, last = boxes[source], boxes[target]
        begin = first.x + first.width if right else first.y + first.height
        end = (last.x if right else last.y) - HEAD
        knots = [(begin, leaving[a]), (begin + 3, leaving[a])]
        for step, line in enumerate(where.ways[a]):
            layer = 2 * layers[source] + 1 + step
            low, high = starts[layer], (starts[layer + 1] if layer + 1 < len(starts) else end)
            high = max(low, high - STEM[right] - (HEAD if layer % 2 else 0))
            if not step:
                label_along, label_line = (low + high) / 2, line
            knots += [(low, line), (high, line)]
        knots += [(end - 3, coming[a]), (end, coming[a])]
        points = _smooth(np.array(knots))
        lines = arrow_lines[a]
        if right:
            label_x = label_along
            label_y = label_line - thickness[a] / 2 - 4 - LINE * (len(lines) - 1)
        else:
            points = points[:, ::-1]
            label_x = label_line + thickness[a] / 2 + 5
            label_y = label_along - LINE * (len(lines) - 1) / 2 + 4
        routes.append(Route(a, points, label_x, label_y, lines, thickness[a]))
    return routes


def _ports(
    arrows: list[tuple[str, str]],
    boxes: dict[str, Box],
    where: Placed,
    right: bool,
    thickness: list[float],
    out: bool,
) -> dict[int, float]:
    """Where each arrow leaves or meets its box, so that none covers another."""
    of_box: dict[str, list[int]] = {}
    for a, (source, target) in enumerate(arrows):
        of_box.setdefault(source if out else target, []).append(a)
    found: dict[int, float] = {}
    for name, own in of_box.items():
        box = boxes[name]
        centre = box.y + box.height / 2 if right else box.x + box.width / 2
        room = (box.height if right else box.width) - 2 * PAD
        own.sort(key=lambda a: where.ways[a][0 if out else -1])
        needs = [max(thickness[a] + 3, 7) for a in own]
        scale = min(1.0, room / sum(needs))
        at = centre - sum(needs) * scale / 2
        for a, need in zip(own, needs, strict=True):
            found[a] = at + need * scale / 2
            at += need * scale
    return found


def _smooth(knots: np.ndarray, steps: int = 10) -> np.ndarray:
    """A line through knots (along, across) that leaves and meets each of them straight ahead."""
    parts = [knots[:1]]
    share = np.linspace(0, 1, steps + 1)[1:, None]
    for (a, b), (c, d) in pairwise(knots):
        if abs(b - d) < 0.5 or c - a < 1:
            parts.append(np.array([[c, d]]))
            continue
        half = (c - a) / 2
        curve = np.array([[a, b], [a + half, b], [c - half, d], [c, d]])
        weights = np.hstack(
            [
                (1 - share) ** 3,
                3 * share * (1 - share) ** 2,
                3 * share**2 * (1 - share),
                share**3,
            ]
        )
        parts.append(weights @ curve)
    return np.vstack(parts)


def thicknesses(counts: np.ndarray, thickest: float = THICKEST) -> np.ndarray:
    """Thickness of each arrow by its containers, in pixels."""
    largest = counts.max() if counts.size and counts.max() > 0 else 1.0
    return THINNEST + (thickest - THINNEST) * counts / largest
