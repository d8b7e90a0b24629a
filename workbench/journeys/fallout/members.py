"""The containers behind a bar of a fallout, as a list to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.engine.matching.steps import NEVER
from workbench.errors import ArgumentError
from workbench.journeys.scoping import DAY, instants, named_containers
from workbench.messages import message

if TYPE_CHECKING:
    from workbench.journeys.fallout.counting import Group
    from workbench.journeys.fallout.result import Fallout

OUTCOMES = ("reached", "fell_out", "open", "stopped_here")
COLUMNS = {
    "key": "Key of the container",
    "name": "Its name, or the key where none is known",
    "steps_reached": "Number of steps reached",
    "last_step": "Label of the deepest step reached; empty before step 1",
    "entered_at": "First row that meets step 1 (UTC)",
    "last_step_at": "Row that serves the deepest step in the earliest match (UTC)",
    "days_since_last_step": "From last_step_at to the end of what was looked at",
    "events": "Rows of the container that were read",
}


def members(result: Fallout, position: int, outcome: str, group: Group) -> pd.DataFrame:
    """Containers of one group with one outcome at one step, those with the latest step first."""
    walked, depth = group.walked, group.walked.depth
    if outcome not in OUTCOMES:
        raise ArgumentError.of("outcome", outcome, OUTCOMES)
    if outcome == "reached":
        chosen = group.counted & (depth >= position)
    elif outcome == "stopped_here":
        chosen = group.counted & (depth == position)
    elif position < 1:
        raise ArgumentError.of(
            "step", position, message("1 or more where something is lost before it")
        )
    else:
        chosen = group.counted & (depth == position - 1)
        still_open = result.open_mask(group, position)
        chosen = chosen & still_open if outcome == "open" else chosen
    numbers = np.flatnonzero(chosen)
    who = named_containers(result.question.workspace, result.stream, numbers)
    last = walked.witness_times[numbers, np.maximum(depth[numbers], 1) - 1]
    last = np.where(depth[numbers] > 0, last, NEVER)
    labels = np.array(["", *result.labels], object)
    offsets = np.diff(result.stream.offsets)
    frame = pd.DataFrame(
        {
            "key": who["key"],
            "name": who["name"],
            "steps_reached": depth[numbers].astype(np.int64),
            "last_step": labels[depth[numbers]],
            "entered_at": instants(walked.entry[numbers]),
            "last_step_at": instants(last),
            "days_since_last_step": np.where(
                last == NEVER, np.nan, (result.question.until - last) / DAY
            ),
            "events": offsets[numbers],
        }
    )
    return frame.sort_values(
        ["last_step_at", "key"], ascending=[False, True], na_position="last", ignore_index=True
    )
