"""The containers behind a node, an arrow or a fallout, as a list to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.engine.graph.reach import UNLIMITED
from workbench.engine.matching.steps import NEVER
from workbench.journeys.canvas.nodes import longest_wait, young
from workbench.journeys.scoping import DAY, instants, named_containers

if TYPE_CHECKING:
    from workbench.journeys.canvas.counting import Group
    from workbench.journeys.canvas.points import Point
    from workbench.journeys.canvas.result import Canvas

COLUMNS = {
    "key": "Key of the container",
    "name": "Its name, or the key where none is known",
    "point": "Node, arrow or fallout that it was looked up at",
    "started_at": "First row at a start that leads here (UTC)",
    "reached_at": "First row that reached the node, for an arrow through it (UTC)",
    "days_from_start": "From started_at to reached_at",
    "days_since_reached": "From reached_at to the end of what was looked at",
    "may_still_come": "Fallout only: whether the limits of the arrows have not run out yet; empty "
    "where an arrow has no limit",
    "last_event_at": "Last row that was read (UTC)",
    "events": "Rows inside the period",
}


def members(result: Canvas, point: Point, group: Group) -> pd.DataFrame:
    """Containers at one point of one group, those who came last first."""
    question, found = result.question, group.found
    numbers = np.flatnonzero(point.containers(group))
    who = named_containers(question.workspace, result.stream, numbers)
    reached = found.times(point.places(group, numbers))
    started = np.full(numbers.size, UNLIMITED, np.int64)
    for start in question.graph.starts_of[point.node]:
        first = group.first_times(start)[numbers]
        started = np.minimum(started, np.where(first == NEVER, UNLIMITED, first))
    started[started == UNLIMITED] = NEVER
    open_marks = np.full(numbers.size, None, object)
    wait = longest_wait(question, point.node)
    if point.kind == "fallout" and wait != UNLIMITED:
        open_marks = young(question, group, point.node, wait)[numbers].astype(object)
    frame = pd.DataFrame(
        {
            "key": who["key"],
            "name": who["name"],
            "point": point.label(question.graph),
            "started_at": instants(started),
            "reached_at": instants(reached),
            "days_from_start": (reached - started) / DAY,
            "days_since_reached": (question.until - reached) / DAY,
            "may_still_come": pd.array(open_marks, dtype="boolean"),
            "last_event_at": instants(found.times(found.high[numbers] - 1)),
            "events": found.high[numbers] - found.low[numbers],
        },
        columns=list(COLUMNS),
    )
    return frame.sort_values(
        ["reached_at", "key"], ascending=[False, True], na_position="last", ignore_index=True
    )
