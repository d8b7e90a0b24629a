"""Which groups differ, and is the difference real?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.journeys.fallout import chart as drawing
from workbench.journeys.fallout.counting import Group
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import SMALL_GROUP, difference, holm, wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.fallout.result import Fallout

REAL = 0.05


class Differences(Result):
    """Each group of a fallout against all containers outside it."""

    kind: ClassVar[str] = "fallout_differences"
    columns: ClassVar[Mapping[str, str]] = {
        "group": "Name of the group",
        "reached": "Containers of the group that reached the step",
        "total": "Containers of the group at the start, the denominator",
        "share": "reached / total, 0…1",
        "low": "Lower end of its 95 % Wilson interval",
        "high": "Upper end of its 95 % Wilson interval",
        "others_reached": "Containers outside the group that reached the step",
        "others_total": "Containers outside the group at the start",
        "others_share": "others_reached / others_total, 0…1",
        "difference": "share − others_share",
        "difference_low": "Lower end of its 95 % interval (Newcombe)",
        "difference_high": "Upper end of its 95 % interval (Newcombe)",
        "p_value": "Two-sided test of no difference",
        "p_adjusted": "The same, adjusted for the number of groups (Holm)",
        "differs": "Whether p_adjusted is below 0.05",
        "test": "score, or Fisher where fewer than five were expected in a cell",
    }

    def __init__(self, fallout: Fallout, frame: pd.DataFrame, step: int, start: int) -> None:
        self.fallout = fallout
        self._frame = frame
        self.step = step
        self.start = start
        self.scope = fallout.scope
        self.definition = {
            **fallout.definition,
            "view": "differences",
            "step": step,
            "start": start,
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One line a group, the largest share first."""
        return self._frame

    def _labels(self) -> tuple[str, str]:
        names = [self.fallout.question.container.plural, *self.fallout.labels]
        return names[self.start], names[self.step]

    def headline(self) -> str:
        """The group that differs most, or that none does."""
        start, step = self._labels()
        known = self._frame.dropna(subset="difference")
        if known.empty:
            return message("There are no two groups to compare.")
        real = known[known["differs"]]
        if real.empty:
            return message(
                "No group differs from the others by more than chance on the way from “{start}” to "
                "“{step}” ({n} groups compared)",
                start=start,
                step=step,
                n=len(known),
            )
        first = real.loc[real["difference"].abs().idxmax()]
        return message(
            "“{group}” differs most on the way from “{start}” to “{step}”: {share} ({reached} of "
            "{total}) against {others} elsewhere, {points}",
            group=first["group"],
            start=start,
            step=step,
            share=numbers.share(first["share"]),
            reached=numbers.count(first["reached"]),
            total=numbers.count(first["total"]),
            others=numbers.share(first["others_share"]),
            points=numbers.points(first["difference"]),
        )

    def reading(self) -> str:
        """How to tell a difference from chance."""
        small = self._frame.loc[self._frame["total"] < SMALL_GROUP, "group"]
        text = message(
            "Point: share of the group; line: its 95 % interval. A group differs when the test "
            "against all others, adjusted for {n} groups, is below 0.05.",
            n=len(self._frame),
        )
        if len(small):
            text += " " + message("Fewer than 30 in: {groups}.", groups=", ".join(small))
        return text

    def chart(self) -> alt.TopLevelMixin:
        """Points with intervals."""
        frame = self._frame
        everyone, total = frame["reached"] + frame["others_reached"], frame["total"]
        whole = (total + frame["others_total"]).max() if len(frame) else 0
        overall = everyone.max() / whole if whole else float("nan")
        return drawing.draw_differences(frame, float(overall))

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("group", message("Group")),
            Column("reached", message("Reached"), "count"),
            Column("total", message("Of"), "count"),
            Column("share", message("Share"), "share"),
            Column("others_share", message("All others"), "share"),
            Column("difference", message("Difference"), "points"),
            Column("difference_low", message("95 % from"), "points"),
            Column("difference_high", message("95 % to"), "points"),
            Column("p_adjusted", message("p, adjusted"), "number"),
        )


def differences(
    fallout: Fallout, step: int | str | None = None, *, start: int | str = 0
) -> Differences:
    """Compare each group with all containers outside it.

    Parameters
    ----------
    step : int or str, optional
        The step to reach; the last when left out.
    start : int or str
        Where the denominator is counted; 0 for all containers in scope.

    Notes
    -----
    Groups are compared with their complement, so the two sides are disjoint even where segments
    overlap.
    """
    to, since = fallout.position(step), fallout.position(start)
    if since >= to:
        from workbench.errors import ArgumentError

        raise ArgumentError.of("start", start, message("a step before {to}", to=to))
    everyone = fallout.groups[0]
    if fallout.question.by is not None or not fallout.question.with_all:
        union = np.logical_or.reduce([g.counted for g in fallout.groups])
        everyone = Group("", everyone.walked, union)
    named = [
        g for g in fallout.groups if g is not everyone and not _is_everyone(g, everyone, fallout)
    ]
    rows = [_against_others(group, everyone, to, since) for group in named]
    frame = pd.DataFrame(rows, columns=list(Differences.columns))
    frame["p_adjusted"] = holm(frame["p_value"].to_numpy(float))
    frame["differs"] = frame["p_adjusted"] < REAL
    low, high = wilson(frame["reached"].to_numpy(), frame["total"].to_numpy())
    frame["low"], frame["high"] = low, high
    frame = frame.sort_values(["share", "group"], ascending=[False, True], ignore_index=True)
    return Differences(fallout, frame, to, since)


def _is_everyone(group: Group, everyone: Group, fallout: Fallout) -> bool:
    return len(fallout.groups) == 1 and bool((group.counted == everyone.counted).all())


def _against_others(group: Group, everyone: Group, step: int, start: int) -> dict[str, object]:
    def counts(depths: np.ndarray) -> tuple[int, int]:
        return int((depths >= step).sum()), int((depths >= start).sum())

    reached, total = counts(group.depths())
    outside = everyone.counted & ~group.counted
    others_reached, others_total = counts(everyone.walked.depth[outside])
    found = difference(reached, total, others_reached, others_total)
    return {
        "group": group.name,
        "reached": reached,
        "total": total,
        "share": reached / total if total else np.nan,
        "others_reached": others_reached,
        "others_total": others_total,
        "others_share": others_reached / others_total if others_total else np.nan,
        "difference": found.difference,
        "difference_low": found.low,
        "difference_high": found.high,
        "p_value": found.p_value,
        "test": found.test,
    }
