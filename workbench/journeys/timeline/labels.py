"""Where the names of milestones stand, so that none runs into another."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pandas as pd

from workbench.journeys.timeline.milestones import weight_of
from workbench.results import numbers

if TYPE_CHECKING:
    from workbench.journeys.timeline.result import Timeline

WIDTH = 720
_LEVELS = 7
_GAP = 12
_LONGEST = 34


def text_width(text: str) -> float:
    """About how many pixels a text of 12 px takes; wide signs take twice as much."""
    return sum(12.5 if unicodedata.east_asian_width(sign) in "WF" else 7.2 for sign in text)


def placed(result: Timeline) -> pd.DataFrame:
    """Every milestone with its level and the side on which its name stands.

    Returns
    -------
    pandas.DataFrame
        Columns ``at, name, label, level, side``: the label is empty where there is no room; the
        weightiest milestones choose first, then the earliest.
    """
    marks = result.milestones
    start, end = result.span
    per_pixel = max(end - start, 1) / WIDTH
    times = marks["at"].dt.as_unit("us").astype("int64").to_numpy() if len(marks) else []
    out = pd.DataFrame(
        {"at": marks["at"], "name": marks["label"], "label": "", "level": -1, "side": "left"}
    ).astype({"label": "str", "side": "str"})
    out["event"], out["detail"], out["rows"] = marks["event"], marks["detail"], marks["rows"]
    taken: list[list[tuple[float, float]]] = [[] for _ in range(_LEVELS)]
    order = sorted(range(len(marks)), key=lambda n: (weight_of(marks["event"].iloc[n]), times[n]))
    for n in order:
        x = (times[n] - start) / per_pixel
        text = numbers.shortened(str(marks["label"].iloc[n]), _LONGEST)
        size = text_width(text) + _GAP
        side = "left" if x + size <= WIDTH + 60 else "right"
        low, high = (x - 5, x + size) if side == "left" else (x - size, x + 5)
        for level in range(_LEVELS):
            if all(high <= a or low >= b for a, b in taken[level]):
                taken[level].append((low, high))
                out.loc[n, ["label", "side"]] = [text, side]
                out.loc[n, "level"] = level
                break
    return out
