"""The picture: our side and a record's people, and how strongly they are tied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.relationship.people import seniority
from workbench.results import numbers, theme

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.people.network import RelationshipNetwork

Side = Literal["left", "right"]
WIDTH, STEP = 700, 24
LEVEL_AT, NAME_PIXELS, LEVEL_PIXELS = 1.85, 178, 118
MOST_PEOPLE, MOST_OURS, FEW_OURS = 24, 16, 6
LEFT, RIGHT = 0.0, 1.0
STRONG, FEW = 9.0, 0.8


def drawn_people(frame: pd.DataFrame) -> list[str]:
    """Keys of the people that are drawn, the most senior on top: those with the strongest ties."""
    by = frame.groupby("person").agg(
        strength=("strength", "sum"), rank=("rank", "first"), name=("person_name", "first")
    )
    by = by.reset_index().sort_values(
        ["strength", "rank", "name", "person"], ascending=[False, False, True, True]
    )
    kept = by.head(MOST_PEOPLE)
    return list(
        kept.sort_values(["rank", "strength", "name", "person"],
                         ascending=[False, False, True, True])["person"]
    )  # fmt: skip


def draw(result: RelationshipNetwork) -> alt.TopLevelMixin:
    """Two columns of names and lines between them."""
    import altair as alt

    frame = result.frame
    if not len(frame):
        return theme.empty_chart(result.headline())
    theirs, ours, ties = _placed(result)
    height = STEP * max(len(theirs), len(ours), 3) + 30
    x = alt.X("x:Q", scale=alt.Scale(domain=[-0.75, 2.4], nice=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[1 + 12 / height, -36 / height], nice=False), axis=None)
    layers: list[Any] = [_lines(ties, x, y)] if len(ties) else []
    layers += [*_names(ours, x, y, "right", -10), *_names(theirs, x, y, "left", 10)]
    heads = pd.DataFrame(
        {
            "x": [LEFT, RIGHT, LEVEL_AT], "y": [-24 / height] * 3,
            "label": [
                message("Colleague") if result.people else message("Our team"),
                message("Customer"), message("Level"),
            ],
            "align": ["right", "left", "left"],
        }
    )  # fmt: skip
    sides: tuple[Side, ...] = ("left", "right")
    for side in sides:
        head = alt.Chart(heads[heads["align"] == side])
        mark = head.mark_text(align=side, fontWeight="bold", color=theme.QUIET, fontSize=12)
        layers.append(mark.encode(x=x, y=y, text="label:N"))
    levels = alt.Chart(theirs.assign(x=LEVEL_AT)).mark_text(
        align="left", color=theme.QUIET, fontSize=12, limit=LEVEL_PIXELS
    )
    layers.append(levels.encode(x=x, y=y, text="level:N"))
    return alt.layer(*layers).properties(width=WIDTH, height=height)


def _placed(result: RelationshipNetwork) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    frame = result.frame
    people = drawn_people(frame)
    shown = frame[frame["person"].isin(people)]
    first = shown.drop_duplicates("person").set_index("person").loc[people]
    total = shown.groupby("person")["strength"].sum()
    theirs = pd.DataFrame(
        {
            "key": people, "x": RIGHT, "y": _rows(len(people)),
            "label": numbers.shortened_apart([str(n) for n in first["person_name"]], 26),
            "name": [str(n) for n in first["person_name"]],
            "level": [
                str(level) if isinstance(level, str) else seniority.said(int(rank))
                for level, rank in zip(first["level"], first["rank"], strict=True)
            ],
            "known": [bool(total[p] > 0) for p in people],
        }
    )  # fmt: skip
    ties = shown[shown["count"] > 0].copy()
    ties["ours"] = ties["colleague"].fillna("") + "\0" + ties["colleague_name"].astype(str)
    at = theirs.set_index("key")["y"]
    ties["y2"] = ties["person"].map(at)
    by = ties.groupby("ours").agg(strength=("strength", "sum"), y=("y2", "mean"),
                                  name=("colleague_name", "first"))  # fmt: skip
    by = by.sort_values("strength", ascending=False).head(MOST_OURS).sort_values("y")
    beside = _apart(by["y"].to_numpy(float), max(len(theirs), len(by), 3))
    ours = pd.DataFrame(
        {
            "key": by.index, "x": LEFT, "y": beside, "level": "", "known": True,
            "label": numbers.shortened_apart([str(n) for n in by["name"]], 26),
            "name": by["name"].astype(str).to_numpy(),
        }
    )  # fmt: skip
    ties = ties[ties["ours"].isin(by.index)].copy()
    ties["y"] = ties["ours"].map(ours.set_index("key")["y"])
    top = float(ties["strength"].max()) if len(ties) else 1.0
    ties["thick"] = FEW + (STRONG - FEW) * np.sqrt(ties["strength"] / max(top, 1e-9))
    ties["words"] = [numbers.significant(s) for s in ties["strength"]]
    ties["senior"] = ties["rank"] >= seniority.rank_from("director")
    return theirs, ours, ties


def _rows(number: int) -> np.ndarray:
    """Places from 0 to 1, a lone one in the middle."""
    return np.linspace(0, 1, number) if number > 1 else np.full(number, 0.5)


def _apart(wanted: np.ndarray, rows: int) -> np.ndarray:
    """Places from 0 to 1 near the wanted ones, which lie in order, with room for a line each."""
    if wanted.size > FEW_OURS:
        return _rows(wanted.size)
    gap = 1 / max(rows - 1, 1)
    out = wanted.copy()
    for n in range(1, out.size):
        out[n] = max(out[n], out[n - 1] + gap)
    if out.size and out[-1] > 1:
        out[-1] = 1.0
        for n in range(out.size - 2, -1, -1):
            out[n] = min(out[n], out[n + 1] - gap)
    return out


def _lines(ties: pd.DataFrame, x: Any, y: Any) -> Any:
    import altair as alt

    data = ties[["y", "y2", "thick", "senior", "colleague_name", "person_name", "level", "count",
                 "total", "words"]].assign(x=LEFT, x2=RIGHT)  # fmt: skip
    names = {True: message("To directors and above"), False: message("To others")}
    data["senior"] = data["senior"].map(names)
    return alt.Chart(data.sort_values("thick")).mark_rule(opacity=0.75, strokeCap="round").encode(
        x=x, y=y, x2="x2:Q", y2="y2:Q",
        strokeWidth=alt.StrokeWidth("thick:Q", scale=None),
        color=alt.Color("senior:N", title=None, scale=alt.Scale(
            domain=list(names.values()), range=[theme.ACCENT, "#8FA3B5"])),
        tooltip=[
            alt.Tooltip("colleague_name:N", title=message("Our side")),
            alt.Tooltip("person_name:N", title=message("Person of the customer")),
            alt.Tooltip("level:N", title=message("Level")),
            alt.Tooltip("count:Q", title=message("Activities of both")),
            alt.Tooltip("total:Q", title=message("Of those of the person")),
            alt.Tooltip("words:N", title=message("Strength")),
        ],
    )  # fmt: skip


def _names(data: pd.DataFrame, x: Any, y: Any, align: Side, shift: int) -> list[Any]:
    import altair as alt

    out: list[Any] = []
    for known, colour in ((True, theme.TEXT), (False, "#8A94A0")):
        part = data[data["known"] == known]
        if not len(part):
            continue
        base = alt.Chart(part[["x", "y", "label", "name"]]).encode(x=x, y=y)
        out.append(base.mark_circle(size=70, opacity=1, color=theme.QUIET if known else "#C9CED6"))
        out.append(
            base.mark_text(
                align=align, dx=shift, fontSize=12, color=colour, limit=NAME_PIXELS
            ).encode(text="label:N", tooltip=[alt.Tooltip("name:N", title=message("Name"))])
        )
    return out
