"""Where the bars and ribbons of a flow stand: columns as wide as one unit, heights in pixels."""

from __future__ import annotations

import numpy as np
import pandas as pd

GAP = 9.0
THINNEST, THINNEST_END = 1.5, 7.0
_POINTS = 9


def placed(nodes: pd.DataFrame, links: pd.DataFrame, *, slot: float) -> tuple[pd.DataFrame, float]:
    """Bars from top to bottom in their columns, no two labels nearer than a slot.

    Parameters
    ----------
    nodes : pandas.DataFrame
        ``node``, ``place`` (column from the left), ``kind``, ``value``; in the order of drawing.
    links : pandas.DataFrame
        ``left``, ``right`` (node), ``value``.
    slot : float
        Pixels that the label of a node needs.

    Returns
    -------
    nodes : pandas.DataFrame
        With ``size`` (what stands there, at least all that comes or leaves), ``top``, ``bottom``,
        ``middle``.
    height : float
    """
    leaving = links.groupby("left")["value"].sum()
    coming = links.groupby("right")["value"].sum()
    sizes = pd.concat(
        [
            nodes["value"].astype(float),
            nodes["node"].map(leaving).fillna(0.0),
            nodes["node"].map(coming).fillna(0.0),
        ],
        axis=1,
    ).max(axis=1)
    most = int(nodes.groupby("place").size().max())
    height = float(np.clip(slot * most * 1.35, 220, max(560, slot * most * 1.1)))
    scale = _scale(sizes.to_numpy(), nodes["place"].to_numpy(), height, slot)
    out = nodes.assign(size=sizes)
    thinnest = np.where(nodes["kind"].isin(["exit", "entry"]), THINNEST_END, THINNEST)
    bars = np.maximum(sizes.to_numpy() * scale, thinnest)
    rooms = np.maximum(bars + GAP, slot)
    begins = pd.Series(rooms, index=out.index).groupby(out["place"]).cumsum().to_numpy() - rooms
    out["middle"] = begins + rooms / 2
    out["top"], out["bottom"] = out["middle"] - bars / 2, out["middle"] + bars / 2
    out["scale"] = scale
    used = float((begins + rooms).max())
    return out, used


def _scale(sizes: np.ndarray, places: np.ndarray, height: float, slot: float) -> float:
    """Pixels a path view, as many as let the fullest column fit."""

    def fits(scale: float) -> bool:
        rooms = np.maximum(sizes * scale + GAP, slot)
        return bool(np.bincount(places, weights=rooms).max() <= height)

    low, high = 0.0, height / max(float(sizes.max()), 1e-9)
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def ribbons(nodes: pd.DataFrame, links: pd.DataFrame, bar: float) -> pd.DataFrame:
    """Points of every ribbon: where it leaves and enters the bars, smooth in between.

    Parameters
    ----------
    nodes : pandas.DataFrame
        As `placed` gives it.
    links : pandas.DataFrame
        ``link``, ``left``, ``right``, ``value``.
    bar : float
        Width of a bar, as a part of its column.

    Returns
    -------
    pandas.DataFrame
        ``link``, ``x``, ``low``, ``high``; links in the order of drawing, the widest first.
    """
    at = nodes.set_index("node")
    scale = float(nodes["scale"].iloc[0])
    starts = _stacked(links, at, "left", "right", scale)
    ends = _stacked(links, at, "right", "left", scale)
    steps = np.linspace(0, 1, _POINTS)
    eased = steps * steps * (3 - 2 * steps)
    parts = []
    for link in links.sort_values("value", ascending=False, kind="stable").itertuples():
        width = max(link.value * scale, 0.6)
        place = float(at.loc[link.left, "place"])
        top = starts[link.link] + (ends[link.link] - starts[link.link]) * eased
        parts.append(
            pd.DataFrame(
                {
                    "link": link.link,
                    "x": (place + bar + (1 - bar) * steps).round(3),
                    "low": top.round(1),
                    "high": (top + width).round(1),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _stacked(
    links: pd.DataFrame, at: pd.DataFrame, own: str, other: str, scale: float
) -> dict[int, float]:
    """Upper edge of every ribbon on its bar, in the order of the bars at the other ends."""
    order = links.assign(far=links[other].map(at["middle"])).sort_values("far", kind="stable")
    widths = order["value"] * scale
    filled = widths.groupby(order[own]).cumsum() - widths
    tops = order[own].map(at["top"]).to_numpy() + filled.to_numpy()
    return dict(zip(order["link"], tops, strict=True))
