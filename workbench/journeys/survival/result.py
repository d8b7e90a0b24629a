"""The answer: curves with intervals, a line a group, tests between groups, and who is behind it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.scoping import DAY, instants, named_containers
from workbench.journeys.survival import chart as drawing
from workbench.journeys.survival import wording
from workbench.journeys.survival.counting import LOST, OPEN, WON, Followed
from workbench.journeys.survival.estimates import Curve, curve, log_rank
from workbench.journeys.survival.question import Question
from workbench.messages import message
from workbench.results.base import Block, Result
from workbench.results.intervals import holm
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

OUTCOMES = {"open": OPEN, "won": WON, "lost": LOST}
LEAST_SHARE_FOLLOWED = 0.1
ROUND_DAYS = (1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 150, 180, 270, 365, 545, 730, 1095)
MEMBER_COLUMNS = {
    "key": "Key of the container",
    "name": "Its name, or the key where none is known",
    "group": "Name of its group",
    "entered_at": "First row that met the entry criterion (UTC)",
    "outcome": "won, lost or open",
    "ended_at": "When that happened; for open ones the end of what was looked at (UTC)",
    "days": "From the one to the other",
}


class Survival(Result):
    """Time from entering to winning, with competing losses, and those still open as open.

    Attributes
    ----------
    question : Question
    followed : Followed
        One line a container.
    scope : Scope
    """

    kind: ClassVar[str] = "survival"
    columns: ClassVar[Mapping[str, str]] = {
        "group": "Name of the group; 'All …' without one",
        "days": "Days since entering; lines at 0, at each outcome, and at the end of follow-up",
        "at_risk": "Followed at least that long and still open just before: denominator of a step",
        "won": "Won at that time",
        "lost": "Lost at that time",
        "left": "Still open when their time ran out, since the line before",
        "won_share": "Estimated share won so far, 0…1: Aalen–Johansen where lost competes, else "
        "one minus Kaplan–Meier",
        "won_low": "Lower end of its pointwise 95 % interval",
        "won_high": "Upper end of its pointwise 95 % interval",
        "lost_share": "Estimated share lost so far, 0…1",
        "open_share": "1 − won_share − lost_share",
        "won_if_none_lost": "Share won if losses were merely unfinished (one minus Kaplan–Meier); "
        "overstates where losses compete",
    }

    def __init__(self, question: Question, followed: Followed) -> None:
        self.question = question
        self.followed = followed
        self.scope = followed.scope
        self.definition = question.plain()

    @cached_property
    def curves(self) -> dict[str, Curve]:
        """The estimated curve of each group, by its name."""
        group = self.followed.group
        return {label: self.curve_of(group == n) for n, label in enumerate(self.followed.labels)}

    def curve_of(self, chosen: np.ndarray) -> Curve:
        """The estimated curve of some of the followed containers."""
        found, competing = self.followed, self.question.lost is not None
        return curve(found.days[chosen], found.outcome[chosen], competing=competing)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a group and time of an outcome, with the columns of `Survival.columns`."""
        parts = []
        for label, line in self.curves.items():
            parts.append(
                pd.DataFrame(
                    {
                        "group": label,
                        "days": line.days,
                        "at_risk": line.at_risk,
                        "won": line.won,
                        "lost": line.lost,
                        "left": line.left,
                        "won_share": line.won_share,
                        "won_low": line.low,
                        "won_high": line.high,
                        "lost_share": line.lost_share,
                        "open_share": np.clip(1 - line.won_share - line.lost_share, 0, 1),
                        "won_if_none_lost": line.alone,
                    }
                )
            )
        if not parts:
            return pd.DataFrame({name: np.empty(0) for name in self.columns})
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def horizon_days(self) -> float:
        """Days at which shares are compared; not a number when nobody entered."""
        if self.question.horizon is not None:
            return self.question.horizon.microseconds / DAY
        days = np.sort(self.followed.days)[::-1]
        if not days.size:
            return float("nan")
        longest = days[max(1, int(np.ceil(days.size * LEAST_SHARE_FOLLOWED))) - 1]
        return float(max((d for d in ROUND_DAYS if d <= longest), default=longest))

    @cached_property
    def groups(self) -> pd.DataFrame:
        """One line a group.

        Columns: group, entered, won, lost, open; median_days with median_low and median_high (day
        on which half of all entered are won; empty when that never happens while anybody is
        followed); horizon_days, share_won with share_low and share_high at that day;
        followed_days (longest follow-up), last_share (share won by then), and
        median_days_of_won (day on which half of last_share is reached).
        """
        found, lines = self.followed, []
        for n, (label, line) in enumerate(self.curves.items()):
            outcome = found.outcome[found.group == n]
            last = float(line.won_share[-1]) if line.days.size else float("nan")
            lines.append(
                {
                    "group": label,
                    "entered": outcome.size,
                    **{name: int((outcome == code).sum()) for name, code in OUTCOMES.items()},
                    "median_days": line.first_day(line.won_share, 0.5),
                    "median_low": line.first_day(line.high, 0.5),
                    "median_high": line.first_day(line.low, 0.5),
                    "horizon_days": self.horizon_days,
                    "share_won": line.at(line.won_share, self.horizon_days),
                    "share_low": line.at(line.low, self.horizon_days),
                    "share_high": line.at(line.high, self.horizon_days),
                    "followed_days": float(line.days[-1]) if line.days.size else float("nan"),
                    "last_share": last,
                    "median_days_of_won": line.first_day(line.won_share, last / 2)
                    if last > 0
                    else float("nan"),
                }
            )
        frame = pd.DataFrame(lines, columns=list(_GROUP_COLUMNS))
        # Without a median its interval says nothing: the upper curve alone may pass one half.
        frame.loc[frame["median_days"].isna(), ["median_low", "median_high"]] = np.nan
        return frame

    @cached_property
    def tests(self) -> pd.DataFrame:
        """Log-rank tests: all groups together, and each against all others.

        Columns: group (empty for all together), chi_square, degrees, p_value, and p_adjusted
        (Holm, over the comparisons of one group against the others).
        """
        found = self.followed
        won, labels = found.outcome == WON, found.labels
        overall = log_rank(found.days, won, found.group)
        lines = [("", *overall)]
        if len(labels) > 2:
            lines += [
                (label, *log_rank(found.days, won, (found.group == n).astype(int)))
                for n, label in enumerate(labels)
            ]
        frame = pd.DataFrame(lines, columns=["group", "chi_square", "p_value", "degrees"])
        adjusted = frame["p_value"].to_numpy(float).copy()
        adjusted[1:] = holm(adjusted[1:])
        frame["p_adjusted"] = adjusted
        return frame[["group", "chi_square", "degrees", "p_value", "p_adjusted"]]

    def headline(self) -> str:
        """The median, or the share at the horizon and why there is no median; or the difference."""
        return wording.headline(self)

    def reading(self) -> str:
        """What open ones, losses and intervals mean, and what was tested."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """The question in sentences."""
        return wording.definitions(self)

    def table_frame(self) -> pd.DataFrame:
        """A line a group, with the adjusted p-value against all others."""
        tests = self.tests.set_index("group")["p_adjusted"]
        groups = self.groups
        single = len(groups) == 2
        p_values = [tests[""] if single else tests.get(name) for name in groups["group"]]
        shown = groups.assign(p_adjusted=pd.Series(p_values, dtype="float64"))
        shown["median"] = [wording.median_of(row) for row in groups.to_dict("records")]
        shown["test"] = [wording.chance_of(p) for p in shown["p_adjusted"]]
        return shown

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        many = len(self.followed.labels) > 1
        lost = (Column("lost", wording.name_of_lost(self), "count"),) if self.question.lost else ()
        tested = (Column("test", message("p, against all others")),) if many else ()
        return (
            Column("group", wording.group_title(self)),
            Column("entered", message("Entered"), "count"),
            Column("won", wording.name_of_won(self), "count"),
            *lost,
            Column("open", message("Still open"), "count"),
            Column("median", message("Half of all won within (95 %)")),
            Column("median_days_of_won", message("Half of those won, within"), "duration"),
            Column("share_won", wording.horizon_title(self), "share"),
            Column("share_low", message("95 % from"), "share"),
            Column("share_high", message("95 % to"), "share"),
            *tested,
        )

    def chart(self) -> alt.TopLevelMixin:
        """Steps with intervals, and the numbers still followed below them."""
        return drawing.draw(self)

    def members(self, group: str | None = None, *, outcome: str | None = None) -> pd.DataFrame:
        """The containers of a group, those open longest first.

        Parameters
        ----------
        group : str, optional
            Name of a group; all of them when left out.
        outcome : {"won", "lost", "open"}, optional
            All when left out.

        Returns
        -------
        pandas.DataFrame
            As `MEMBER_COLUMNS` of this module.
        """
        found = self.followed
        chosen = np.ones(found.container.size, bool)
        if group is not None:
            if group not in found.labels:
                raise ArgumentError.of("group", group, found.labels)
            chosen &= found.group == found.labels.index(group)
        if outcome is not None:
            if outcome not in OUTCOMES:
                raise ArgumentError.of("outcome", outcome, OUTCOMES)
            chosen &= found.outcome == OUTCOMES[outcome]
        who = named_containers(self.question.workspace, found.stream, found.container[chosen])
        frame = pd.DataFrame(
            {
                "key": who["key"],
                "name": who["name"],
                "group": np.array([*found.labels, ""], object)[found.group[chosen]],
                "entered_at": instants(found.entered[chosen]),
                "outcome": np.array(list(OUTCOMES), object)[found.outcome[chosen]],
                "ended_at": instants(found.ended[chosen]),
                "days": found.days[chosen],
            }
        )
        return frame.sort_values(["days", "key"], ascending=[False, True], ignore_index=True)

    def key_figures(self) -> Block:
        """Three to four numbers for the head of a page."""
        return wording.figures(self)

    def shares(self) -> pd.DataFrame:
        """Label, count and total of each group at the end, for `compare`."""
        groups = self.groups
        return pd.DataFrame(
            {"label": groups["group"], "count": groups["won"], "total": groups["entered"]}
        )


_GROUP_COLUMNS = (
    "group",
    "entered",
    "won",
    "lost",
    "open",
    "median_days",
    "median_low",
    "median_high",
    "horizon_days",
    "share_won",
    "share_low",
    "share_high",
    "followed_days",
    "last_share",
    "median_days_of_won",
)
