"""Sums of the flow: once by pair of owners and fate, from there for every person and team.

Source: sales-pipeline.md, section 2 (deals flow): a move of an owner inside a manager's team is
pushed for one, pulled for the other, zero for the manager.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import AbsentError
from workbench.messages import marked, message
from workbench.sales.change.counting import (
    DELETED,
    IS_LOST,
    IS_WON,
    MOVED_IN,
    MOVED_OUT,
    NEW,
    NOTHING,
    START,
    STAYS,
)
from workbench.sales.deals import NO_DAY
from workbench.sales.moments import Named
from workbench.sales.ranges import Range, as_date, day_number, read_range
from workbench.vocabulary.calendars import Calendar

if TYPE_CHECKING:
    from workbench.sales.change.result import PipelineChange

CATEGORIES = {"start": 1, "new": 1, "pulled": 1, "pushed": -1, "removed": -1, "changed": 1,
              "won": -1, "lost": -1, "end": 1}  # fmt: skip
LABELS = {
    "start": marked("Start"),
    "new": marked("New"),
    "pulled": marked("Pulled"),
    "pushed": marked("Pushed"),
    "removed": marked("Removed"),
    "changed": marked("Amount and rates"),
    "won": marked("Won"),
    "lost": marked("Lost"),
    "end": marked("End"),
}
_LEAVES = {IS_WON: "won", IS_LOST: "lost", STAYS: "end"}


@dataclass(frozen=True)
class Flows:
    """Deals in play by owner before and after.

    Attributes
    ----------
    of : PipelineChange
    within : Range
        Days of the whole forecast.
    owners : list of str or None
        Keys by code; None for no owner.
    before, after : numpy.ndarray of int64
        Owner of each deal at both instants; a deal that was not there keeps its other owner.
    hierarchy : numpy.ndarray of bool
        Which owners belong to it.
    parents : dict
        Manager of each user.
    knows_owners : bool
        Whether the data tell of earlier owners.
    """

    of: PipelineChange
    within: Range
    owners: list[str | None]
    before: np.ndarray
    after: np.ndarray
    hierarchy: np.ndarray
    parents: dict[str, str]
    names: dict[str, str]
    knows_owners: bool

    @classmethod
    def read(cls, of: PipelineChange, top: str | None, within: Any) -> Flows:
        """Owners at both instants, and who leads whom."""
        both = of.both
        parents, names = _users(of)
        first, last, owners = _joined(both.before.owner, both.after.owner)
        first = np.where(both.before.begun, first, last)
        last = np.where(both.after.begun, last, first)
        inside = np.ones(len(owners), bool)
        if top is not None:
            known = {*parents, *parents.values(), *names, *(o for o in owners if o)}
            if top not in known:
                raise AbsentError.of("top", top, sorted(known))
            below = team_of(top, parents)
            inside = np.array([o in below for o in owners], bool)
        history = both.history.owner
        told = both.earlier is not None or (
            history is not None and len(history) > history.null_count
        )
        return cls(
            of, _forecast(of, within), owners, first, last, inside, parents, names, bool(told)
        )

    @cached_property
    def _fates(self) -> tuple[np.ndarray, np.ndarray]:
        """Deals in play, and whether each that left or came did so inside the forecast."""
        both, found = self.of.both, self.of.tables.found
        at = np.flatnonzero(found.entry != NOTHING)
        days = np.where(
            found.entry[at] == MOVED_IN, both.before.expected_on[at], both.after.expected_on[at]
        )
        known = (days != NO_DAY) if self.within else np.ones(at.size, bool)
        return at, self.within.holds(days) & known

    @cached_property
    def scopes(self) -> list[tuple[str | None, str]]:
        """Every person with a deal in play, then every team with one; largest start first."""
        at, _ = self._fates
        here = {self.owners[n] for n in np.unique([self.before[at], self.after[at]]).tolist()}
        here = {o for o in here if self.hierarchy[self.owners.index(o)]}
        leads = {p for o in here if o for p in self._above(o)}
        leads = {p for p in leads if len(team_of(p, self.parents) & here) > 0}
        people = [(o, "person") for o in here]
        teams = [(p, "team") for p in leads]
        size = {s: self.sums(*s)["start"][1] for s in [*people, *teams]}
        ordered = sorted(size, key=lambda s: (s[1] != "team", -size[s], str(s[0] or "\uffff")))
        return list(ordered)

    def _above(self, key: str) -> list[str]:
        out, here = [], self.parents.get(key)
        while here and here not in out:
            out.append(here)
            here = self.parents.get(here)
        return out

    def name(self, scope: str | None) -> str:
        """Name of a person."""
        return self.names.get(scope, scope) if scope else "(missing)"

    def owner_moves(self) -> tuple[int, int]:
        """Deals in play that changed their owner, and all deals in play."""
        at, _ = self._fates
        return int((self.before[at] != self.after[at]).sum()), int(at.size)

    @cached_property
    def _cells(self) -> np.ndarray:
        """Sums by owner before and after, entry, leave and whether inside the forecast.

        One row each: the five, then deals, first, last amounts in cents, deals of other amount.
        """
        at, inside = self._fates
        found = self.of.tables.found
        keys = np.stack(
            [self.before[at], self.after[at], found.entry[at], found.leave[at], inside], axis=1
        ).astype(np.int64)
        if not at.size:
            return np.zeros((0, 9), np.int64)
        cells, place = np.unique(keys, axis=0, return_inverse=True)
        sums = np.zeros((len(cells), 4), np.int64)
        first, last = found.first[at], found.last[at]
        values = np.stack([np.ones(at.size, np.int64), first, last, first != last], axis=1)
        np.add.at(sums, place.ravel(), values)
        return np.concatenate([cells, sums], axis=1)

    def _within(self, scope: str | None, level: str) -> np.ndarray:
        """The owners of a scope, by code."""
        if level == "person":
            return np.array([o == scope for o in self.owners], bool)
        below = team_of(scope or "", self.parents)
        return np.array([o in below for o in self.owners], bool) & self.hierarchy

    def sums(self, scope: str | None, level: str) -> dict[str, tuple[int, int]]:
        """Deals and cents of every category of a scope."""
        cells = self._cells
        marks = self._marks(self._within(scope, level), *cells.T[:5])
        first, last = cells[:, 6], cells[:, 7]
        out = {}
        for category in CATEGORIES:
            mark = marks[category]
            amount = _amount(category, marks, first, last)
            deals = cells[mark, 8 if category == "changed" else 5]
            out[category] = (int(deals.sum()), int(amount[mark].sum()))
        return out

    def members(self, scope: str | None, level: str, category: str) -> tuple[np.ndarray, Any]:
        """Numbers of the deals of a category, and their amounts in cents."""
        at, inside = self._fates
        found = self.of.tables.found
        marks = self._marks(
            self._within(scope, level), self.before[at], self.after[at], found.entry[at],
            found.leave[at], inside,
        )  # fmt: skip
        amount = _amount(category, marks, found.first[at], found.last[at])
        chosen = marks[category] & ((category != "changed") | (amount != 0))
        return at[chosen], amount[chosen]

    def _marks(
        self,
        scope: np.ndarray,
        before: np.ndarray,
        after: np.ndarray,
        entry: np.ndarray,
        leave: np.ndarray,
        inside: np.ndarray,
    ) -> dict[str, np.ndarray]:
        """Which deals, or cells of deals, fall into which category of a scope."""
        was, is_now = scope[before], scope[after]
        inside = inside.astype(bool)
        start = (entry == START) & was
        gone = leave == DELETED
        handed = start & ~is_now & ~gone
        moved = start & is_now & (leave == MOVED_OUT)
        pushed = (handed & self.hierarchy[after]) | (moved & inside)
        kept = start & is_now & ~gone & (leave != MOVED_OUT)
        # Whoever hands a deal over that leaves the period has pushed it, and nobody pulled it.
        came = is_now & ~start & (leave != MOVED_OUT) & ~gone
        taken = came & (entry != NEW) & ~was & self.hierarchy[before]
        dated = came & (entry == MOVED_IN) & was & inside
        pulled = taken | dated
        play = kept | came
        return {
            "start": start,
            "new": came & ~pulled,
            "pulled": pulled,
            "pushed": pushed,
            "removed": start & (gone | (handed & ~pushed) | (moved & ~pushed)),
            "changed": kept,
            **{name: play & (leave == code) for code, name in _LEAVES.items()},
        }


def _amount(
    category: str, marks: dict[str, np.ndarray], first: np.ndarray, last: np.ndarray
) -> np.ndarray:
    if category in ("start", "pushed", "removed"):
        return first
    return last - first if category == "changed" else last


def category_label(category: str) -> str:
    """A category in words."""
    return message(LABELS[category])


def team_of(top: str, parents: dict[str, str]) -> set[str]:
    """A person and everybody below."""
    below: dict[str, list[str]] = {}
    for person, manager in parents.items():
        below.setdefault(manager, []).append(person)
    out, waiting = {top}, [top]
    while waiting:
        for person in below.get(waiting.pop(), []):
            if person not in out:
                out.add(person)
                waiting.append(person)
    return out


def _joined(first: Named, last: Named) -> tuple[np.ndarray, np.ndarray, list[str | None]]:
    """Both in one list of names; None, the last, for nobody."""
    names = sorted({str(n) for side in (first, last) for n in side.names})
    code = {name: n for n, name in enumerate(names)}
    out = []
    for side in (first, last):
        places = np.array([*(code[str(n)] for n in side.names), len(names)], np.int64)
        out.append(places[side.codes])
    return out[0], out[1], [*names, None]


def _users(of: PipelineChange) -> tuple[dict[str, str], dict[str, str]]:
    """Manager and name of each user."""
    workspace = of.question.workspace
    if not workspace.has("users", "user_id"):
        return {}, {}
    columns = workspace.columns_of("users")
    chosen = [
        f"min({name}::VARCHAR) AS {name}" if name in columns else f"NULL::VARCHAR AS {name}"
        for name in ("manager_id", "name")
    ]
    read = workspace.sql(
        f"SELECT user_id::VARCHAR AS key, {', '.join(chosen)} FROM users GROUP BY ALL ORDER BY key"
    )
    managers = read[read["manager_id"].notna()]
    named = read[read["name"].notna()]
    shared = named["name"].duplicated(keep=False)
    names = named["name"].where(~shared, named["name"] + " (" + named["key"] + ")")
    return (
        dict(zip(managers["key"], managers["manager_id"], strict=True)),
        dict(zip(named["key"], names, strict=True)),
    )


def _forecast(of: PipelineChange, within: Any) -> Range:
    """The days of the forecast: as asked for, else the fiscal years that the period lies in."""
    question = of.question
    if within is not None:
        now = question.workspace.as_of
        return read_range(question.workspace, within, as_of=now, argument="within")
    period = question.period
    calendar = Calendar.of(question.workspace.settings, "year")
    first = None if period.first is None else day_number(calendar.first_day(as_date(period.first)))
    after = None
    if period.after is not None:
        last = calendar.first_day(as_date(period.after - 1))
        after = day_number(calendar.following(last))
    return Range(first, after)
