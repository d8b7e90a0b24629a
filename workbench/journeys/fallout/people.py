"""Is it one person or a team? Who stands behind the steps of a container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.journeys.fallout import chart as drawing
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.fallout.result import Fallout


class People(Result):
    """Containers whose steps so far were done by one person, by several, or by nobody known."""

    kind: ClassVar[str] = "fallout_people"
    columns: ClassVar[Mapping[str, str]] = {
        "group": "Name of the group",
        "position": "Number of the step",
        "step": "Label of the step",
        "reached": "Containers that reached the step",
        "one_person": "Those whose witness rows up to here name one person",
        "several_people": "Those whose witness rows up to here name several",
        "nobody_known": "Those whose witness rows name nobody",
        "share_several": "several_people / (one_person + several_people), 0…1",
    }

    def __init__(self, fallout: Fallout, frame: pd.DataFrame) -> None:
        self.fallout = fallout
        self._frame = frame
        self.scope = fallout.scope
        self.definition = {**fallout.definition, "view": "people"}

    @property
    def frame(self) -> pd.DataFrame:
        """One line a group and step."""
        return self._frame

    def headline(self) -> str:
        """How many got through by the work of several people."""
        who = self.fallout.question.container.plural
        first = self._frame[self._frame["group"] == self.fallout.groups[0].name]
        known = first[(first["one_person"] + first["several_people"]) > 0]
        if known.empty:
            return message("No step names a person, so nothing can be said about teams.")
        last = known.iloc[-1]
        return message(
            "Of {n} {containers} that reached “{step}”, {several} got there through several people "
            "({share})",
            n=numbers.count(last["one_person"] + last["several_people"]),
            containers=who,
            step=last["step"],
            several=numbers.count(last["several_people"]),
            share=numbers.share(last["share_several"]),
        )

    def reading(self) -> str:
        """Whose rows are looked at."""
        return message(
            "The people named by the rows that serve the steps up to this one, in the earliest "
            "match; steps that name nobody (such as stage changes) say nothing about people."
        )

    def chart(self) -> alt.TopLevelMixin:
        """One stacked bar a step."""
        first = self._frame[self._frame["group"] == self.fallout.groups[0].name]
        return drawing.draw_people(first, self.fallout.question.container.plural)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        grouped = (Column("group", message("Group")),) if len(self.fallout.groups) > 1 else ()
        return (
            *grouped,
            Column("step", message("Step")),
            Column("reached", message("Reached"), "count"),
            Column("one_person", message("One person"), "count"),
            Column("several_people", message("Several people"), "count"),
            Column("nobody_known", message("Nobody known"), "count"),
            Column("share_several", message("Several, of those with a known person"), "share"),
        )


def people(result: Fallout) -> People:
    """For every step: whether the witness rows so far belong to one person or several.

    Notes
    -----
    Source: journeys-fallout.md, section 6, "who did it" share.
    """
    store = result.question.workspace.events
    rows = []
    for group in result.groups:
        walked = group.walked
        places = walked.witness[group.counted]
        named = _people(result, places) if "person_id" in store.columns else None
        for position, label in enumerate(result.labels, start=1):
            reached = places[:, position - 1] >= 0
            several = one = np.zeros(reached.size, bool)
            if named is not None:
                distinct = _distinct(named[:, :position])
                several, one = reached & (distinct > 1), reached & (distinct == 1)
            known = int(several.sum() + one.sum())
            rows.append(
                {
                    "group": group.name,
                    "position": position,
                    "step": label,
                    "reached": int(reached.sum()),
                    "one_person": int(one.sum()),
                    "several_people": int(several.sum()),
                    "nobody_known": int(reached.sum()) - known,
                    "share_several": several.sum() / known if known else np.nan,
                }
            )
    return People(result, pd.DataFrame(rows, columns=list(People.columns)))


def _people(result: Fallout, places: np.ndarray) -> np.ndarray:
    """Code of the person of every witness row; -1 where none is known."""
    store = result.question.workspace.events
    stream = result.groups[0].walked.match.stream
    out = np.full(places.shape, -1, np.int64)
    found = places >= 0
    codes = store.column("person_id")[stream.row_at(places[found])].astype(np.int64)
    out[found] = np.where(codes == store.columns["person_id"]["values"], -1, codes)
    return out


def _distinct(codes: np.ndarray) -> np.ndarray:
    """Distinct known codes in each line."""
    ordered = np.sort(codes, axis=1)
    new = np.diff(ordered, axis=1, prepend=-1) != 0
    return (new & (ordered >= 0)).sum(axis=1)
