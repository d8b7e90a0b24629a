"""Where the boxes were put by hand: kept with the graph, so that an editor opens it as it was left.

The picture of a result lays itself out by layers and does not look at them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message

FARTHEST = 1_000_000


def places_from(value: Any, nodes: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Read the places of nodes: ids to pairs of pixels, right and down.

    Raises
    ------
    ArgumentError
        For an id that no node has, or a place that is no pair of numbers.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ArgumentError.of("places", value, message("a mapping of ids of nodes to [x, y]"))
    known = list(nodes)
    out: dict[str, tuple[int, int]] = {}
    for key, pair in value.items():
        if str(key) not in known:
            raise ArgumentError.of("places", key, known)
        numbers = pair if isinstance(pair, list | tuple) else ()
        if len(numbers) != 2 or not all(map(_is_place, numbers)):
            raise ArgumentError.of(f"places.{key}", pair, message("two numbers, [x, y]"))
        out[str(key)] = round(numbers[0]), round(numbers[1])
    return out


def _is_place(number: Any) -> bool:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    return math.isfinite(number) and abs(number) <= FARTHEST
