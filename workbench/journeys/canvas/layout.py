"""Where the boxes, arrows and labels of a graph stand: layers, few crossings, straight ways.

After Sugiyama: nodes stand in layers by the longest way to them, every arrow has a place of its
own in each layer that it passes (with room for its label in the first one), sweeps put
neighbours opposite each other, and least squares under smallest gaps straighten the rest.
Layers follow each other along one axis; inside a layer things are put across it.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

SWEEPS = 16
BEGINNINGS = 12
STRAIGHTEN = 40
_DUMMY_WEIGHT = 6.0


@dataclass
class Thing:
    """A box, or the place of an arrow in one layer.

    Attributes
    ----------
    room : pair of float
        Room that it takes across its layer, on either side of its centre.
    arrow : int
        Number of the arrow that it belongs to; -1 for a box.
    centre : float
        Where it stands across: the middle of a box, the line of an arrow.
    """

    layer: int
    room: tuple[float, float]
    arrow: int = -1
    centre: float = 0.0
    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Placed:
    """Where everything stands across its layer.

    Attributes
    ----------
    boxes : list of float
        Middle of each node.
    ways : list of list of float
        Where the line of each arrow runs, from layer to layer; the first one has its label.
    width : float
        Room across all layers.
    crossings : int
    """

    boxes: list[float]
    ways: list[list[float]]
    width: float
    crossings: int


def placed(
    layers: Sequence[int],
    arrows: Sequence[tuple[int, int]],
    box: Sequence[float],
    label: Sequence[tuple[float, float]],
    thin: float,
    gap: float,
) -> Placed:
    """Put nodes and arrows across their layers.

    Parameters
    ----------
    layers : sequence of int
        Layer of each node; an arrow leads from a lower to a higher one.
    arrows : sequence of pairs of int
    box : sequence of float
        Room that each node takes across.
    label : sequence of pairs of float
        Room that each arrow with its label takes across, on either side of its line.
    thin, gap : float
        Room of an arrow without label, and between two things.
    """
    things = [
        Thing(2 * layer, (size / 2, size / 2)) for layer, size in zip(layers, box, strict=True)
    ]
    ways: list[list[int]] = []
    for number, (source, target) in enumerate(arrows):
        previous = source
        way: list[int] = []
        for layer in range(2 * layers[source] + 1, 2 * layers[target]):
            room = (thin / 2, thin / 2) if way else label[number]
            things.append(Thing(layer, room, number))
            way.append(len(things) - 1)
            _join(things, previous, way[-1])
            previous = way[-1]
        _join(things, previous, target)
        ways.append(way)
    order, crossings = _fewest_crossings(things)
    _straightened(things, order, gap)
    _ironed(things, order, ways, gap)
    low = min((t.centre - t.room[0] for t in things), default=0.0)
    high = max((t.centre + t.room[1] for t in things), default=0.0)
    for thing in things:
        thing.centre -= low
    return Placed(
        [things[n].centre for n in range(len(layers))],
        [[things[v].centre for v in way] for way in ways],
        high - low,
        crossings,
    )


def _join(things: list[Thing], source: int, target: int) -> None:
    things[source].after.append(target)
    things[target].before.append(source)


def _fewest_crossings(things: list[Thing]) -> tuple[list[list[int]], int]:
    """The best of several sweeps that begin differently; the same for the same graph."""
    best, fewest = _swept(things, _first_order(things, range(len(things))))
    chance = Random(len(things))
    for _ in range(BEGINNINGS):
        if not fewest:
            break
        shuffled = chance.sample(range(len(things)), len(things))
        order, crossings = _swept(things, _first_order(things, shuffled))
        if crossings < fewest:
            best, fewest = order, crossings
    return best, fewest


def _first_order(things: list[Thing], rank: Sequence[int]) -> list[list[int]]:
    """Layers in the order in which a walk from the starts first meets their things."""
    order: list[list[int]] = [[] for _ in range(1 + max((t.layer for t in things), default=-1))]
    seen: set[int] = set()
    for start in sorted(range(len(things)), key=lambda t: rank[t]):
        waiting = [] if things[start].before else [start]
        while waiting:
            thing = waiting.pop()
            if thing not in seen:
                seen.add(thing)
                order[things[thing].layer].append(thing)
                waiting += sorted(things[thing].after, key=lambda t: -rank[t])
    return order


def _swept(things: list[Thing], order: list[list[int]]) -> tuple[list[list[int]], int]:
    """The order with the fewest crossings that sweeps forth and back come by."""
    best, fewest = [list(layer) for layer in order], crossings_of(things, order)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        forth = sweep % 2 == 0
        middle = _mean if sweep % 4 < 2 else _median
        for at in range(len(order)) if forth else range(len(order) - 1, -1, -1):
            other = at - 1 if forth else at + 1
            if not 0 <= other < len(order):
                continue
            place = {thing: n for n, thing in enumerate(order[other])}
            order[at] = _sorted_by(things, order[at], place, forth, middle)
        _transposed(things, order)
        crossings = crossings_of(things, order)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in order], crossings
    return best, fewest


def _sorted_by(
    things: list[Thing],
    layer: list[int],
    place: dict[int, int],
    forth: bool,
    middle: Callable[[list[int]], float],
) -> list[int]:
    """A layer sorted by where its neighbours stand; what has none keeps its place."""
    keys: dict[int, float] = {}
    for thing in layer:
        neighbours = things[thing].before if forth else things[thing].after
        keys[thing] = middle(sorted(place[n] for n in neighbours)) if neighbours else -1.0
    free = [n for n, thing in enumerate(layer) if keys[thing] < 0]
    moved = iter(sorted((t for t in layer if keys[t] >= 0), key=lambda t: keys[t]))
    return [layer[n] if n in free else next(moved) for n in range(len(layer))]


def _mean(places: list[int]) -> float:
    return sum(places) / len(places)


def _median(places: list[int]) -> float:
    half = len(places) // 2
    return places[half] if len(places) % 2 else (places[half - 1] + places[half]) / 2


def _transposed(things: list[Thing], order: list[list[int]]) -> None:
    """Swap neighbours of a layer as long as that takes a crossing away."""
    place = {thing: n for layer in order for n, thing in enumerate(layer)}
    for _ in range(4):
        better = False
        for layer in order:
            for n in range(len(layer) - 1):
                one, other = layer[n], layer[n + 1]
                kept = swapped = 0
                for side in ("before", "after"):
                    mine = [place[t] for t in getattr(things[one], side)]
                    theirs = [place[t] for t in getattr(things[other], side)]
                    kept += sum(a > b for a in mine for b in theirs)
                    swapped += sum(b > a for a in mine for b in theirs)
                if swapped < kept:
                    layer[n], layer[n + 1] = other, one
                    place[other], place[one] = n, n + 1
                    better = True
        if not better:
            return


def crossings_of(things: list[Thing], order: list[list[int]]) -> int:
    """Pairs of arrows that cross between two layers."""
    total = 0
    for here, following in pairwise(order):
        place = {thing: n for n, thing in enumerate(following)}
        met: list[int] = []
        for thing in here:
            ends = sorted(place[t] for t in things[thing].after)
            total += sum(len(met) - bisect_left(met, end + 1) for end in ends)
            for end in ends:
                insort(met, end)
    return total


def _straightened(things: list[Thing], order: list[list[int]], gap: float) -> None:
    """Move everything towards its neighbours, layer by layer, in order and with its room."""
    for layer in order:
        at = 0.0
        for thing in layer:
            things[thing].centre = at + things[thing].room[0]
            at += sum(things[thing].room) + gap
        for thing in layer:
            things[thing].centre -= (at - gap) / 2
    for sweep in range(STRAIGHTEN):
        for layer in order if sweep % 2 == 0 else reversed(order):
            wanted, weights = [], []
            for thing in layer:
                own = things[thing]
                pulls = [
                    (things[t].centre, _pull(own, things[t])) for t in (*own.before, *own.after)
                ]
                weight = sum(w for _, w in pulls)
                wanted.append(sum(c * w for c, w in pulls) / weight if weight else own.centre)
                weights.append(weight or 0.1)
            room = [things[a].room[1] + gap + things[b].room[0] for a, b in pairwise(layer)]
            for thing, centre in zip(layer, spaced(wanted, weights, room), strict=True):
                things[thing].centre = centre


def _ironed(things: list[Thing], order: list[list[int]], ways: list[list[int]], gap: float) -> None:
    """Let the line of each arrow run straight through its layers wherever there is room."""
    at = {thing: (layer, n) for layer in order for n, thing in enumerate(layer)}
    for way in ways:
        run: list[int] = []
        low, high = -math.inf, math.inf
        for thing in (*way, -1):
            bounds = (math.inf, -math.inf)
            if thing >= 0:
                layer, n = at[thing]
                own = things[thing]
                before = things[layer[n - 1]] if n else None
                after = things[layer[n + 1]] if n + 1 < len(layer) else None
                bounds = (
                    before.centre + before.room[1] + gap + own.room[0] if before else -math.inf,
                    after.centre - after.room[0] - gap - own.room[1] if after else math.inf,
                )
            narrowed = max(low, bounds[0]), min(high, bounds[1])
            if narrowed[0] <= narrowed[1]:
                run.append(thing)
                low, high = narrowed
                continue
            if len(run) > 1:
                mean = sum(things[t].centre for t in run) / len(run)
                for t in run:
                    things[t].centre = min(max(mean, low), high)
            run = [thing]
            low, high = bounds


def _pull(one: Thing, other: Thing) -> float:
    """How much two neighbours want to stand opposite each other: ways more than boxes."""
    return _DUMMY_WEIGHT if one.arrow >= 0 and other.arrow >= 0 else 1.0


def spaced(wanted: Sequence[float], weights: Sequence[float], room: Sequence[float]) -> list[float]:
    """Places as near as can be to those wanted (least squares), in order and with their room.

    Parameters
    ----------
    room : sequence of float
        Smallest distance from each to the next one.
    """
    offsets = [0.0]
    for distance in room:
        offsets.append(offsets[-1] + distance)
    blocks: list[tuple[float, float, int]] = []
    for target, weight, offset in zip(wanted, weights, offsets[: len(wanted)], strict=True):
        mean, total, size = target - offset, weight, 1
        while blocks and blocks[-1][0] > mean:
            other, heavier, more = blocks.pop()
            mean = (mean * total + other * heavier) / (total + heavier)
            total, size = total + heavier, size + more
        blocks.append((mean, total, size))
    means = [mean for mean, _, size in blocks for _ in range(size)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]
