"""The numbers of every arrow: who moved on, how long it took, and whether one person did both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.journeys.canvas.counting import Group, days_between
from workbench.journeys.canvas.nodes import SMALL, young
from workbench.journeys.canvas.question import Question
from workbench.journeys.scoping import shares
from workbench.messages import message
from workbench.results.intervals import wilson

COLUMNS = {
    "group": "Name of the compared segment; 'All …' without one",
    "from": "Id of the node it leaves",
    "to": "Id of the node it leads to",
    "label": "What it was labelled with, else its limits in words",
    "containers": "Containers that reached 'to' through 'from'; arrows are not exclusive",
    "from_containers": "Containers at 'from', the denominator of share",
    "share": "containers / from_containers, 0…1",
    "share_low": "Lower end of its 95 % Wilson interval",
    "share_high": "Upper end of its 95 % Wilson interval",
    "matured_from": "Of from_containers: those that first were at 'from' at least the limit ago; "
    "empty without a limit",
    "matured_containers": "Those of them that moved on",
    "share_of_matured": "matured_containers / matured_from, 0…1",
    "median_days": "Median days of the first passage: from the latest row at 'from' to the "
    "earliest row that was reached from it",
    "p25_days": "First quartile",
    "p75_days": "Third quartile",
    "known_people": "Containers whose first passage names a person at both rows; empty where the "
    "events name none, and for people and sessions",
    "same_person": "Those in which it is the same person",
    "share_same_person": "same_person / known_people, 0…1",
    "note": "That a group is small",
}


def arrows_frame(question: Question, group: Group) -> pd.DataFrame:
    """Lines of the frame for one group, ordered by the node an arrow leads to."""
    rows = [line_of(question, group, number) for number in range(len(question.graph.arrows))]
    frame = pd.DataFrame(rows, columns=[n for n in COLUMNS if not n.startswith("share")])
    for name in ("matured_from", "matured_containers", "known_people", "same_person"):
        frame[name] = pd.array(frame[name].tolist(), dtype="Int64")
    for name, above, below in (
        ("share", "containers", "from_containers"),
        ("share_of_matured", "matured_containers", "matured_from"),
        ("share_same_person", "same_person", "known_people"),
    ):
        frame[name] = shares(_floats(frame[above]), _floats(frame[below]))
    frame["share_low"], frame["share_high"] = wilson(
        _floats(frame["containers"]), _floats(frame["from_containers"])
    )
    return frame[list(COLUMNS)]


def _floats(column: pd.Series) -> np.ndarray:
    return column.to_numpy(float, na_value=np.nan)


def line_of(question: Question, group: Group, number: int) -> dict[str, Any]:
    """What is counted of one arrow, without its shares."""
    arrow, link = question.graph.arrows[number], question.graph.links[number]
    took, there = group.along(number), group.at(link.source)
    matured = matured_took = None
    if link.within is not None:
        old = there & ~young(question, group, link.source, link.within.microseconds)
        matured, matured_took = np.count_nonzero(old), np.count_nonzero(old & took)
    left, came = group.found.left_at[took, number], group.found.came_at[took, number]
    days = days_between(group.found.times(left), group.found.times(came))
    quartiles = np.quantile(days, [0.25, 0.5, 0.75]) if days.size else np.full(3, np.nan)
    known, same = people_of(question, group, left, came)
    containers = int(np.count_nonzero(there))
    return {
        "group": group.name,
        "from": arrow.source,
        "to": arrow.target,
        "label": arrow.label or arrow.in_words(),
        "containers": int(np.count_nonzero(took)),
        "from_containers": containers,
        "matured_from": matured,
        "matured_containers": matured_took,
        "median_days": quartiles[1],
        "p25_days": quartiles[0],
        "p75_days": quartiles[2],
        "known_people": known,
        "same_person": same,
        "note": message("Fewer than {n} {containers}.", n=SMALL,
                        containers=question.container.plural)
        if 0 < containers < SMALL
        else "",
    }  # fmt: skip


def people_of(
    question: Question, group: Group, left: np.ndarray, came: np.ndarray
) -> tuple[int | None, int | None]:
    """Passages that name a person at both rows, and those where it is the same one."""
    store = question.workspace.events
    if "person_id" not in store.columns or question.container.rank < 2:
        return None, None
    if question.container.name == "person":
        return None, None
    column, missing = store.column("person_id"), store.columns["person_id"]["values"]
    before, after = (column[group.found.stream.row_at(places)] for places in (left, came))
    known = (before != missing) & (after != missing)
    return int(np.count_nonzero(known)), int(np.count_nonzero(known & (before == after)))
