"""The containers behind an uplift: those who took part, those held against them, those left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.scoping import instants, named_containers

if TYPE_CHECKING:
    from workbench.journeys.uplift.result import Uplift

WHICH = ("treated", "comparison", "unmatched", "untreated")
COLUMNS = {
    "key": "Key of the container",
    "name": "Its name, or the key where none is known",
    "event": "Label of the event",
    "took_part": "Whether it took part",
    "chance": "Chance of taking part by what was known before, 0…1",
    "weight": "How much it counts: 1 for those compared, less or more for the others",
    "outcome": "Label of the outcome",
    "converted": "Whether it reached the outcome within the horizon",
    "converted_at": "First row of the outcome within the horizon (UTC)",
}


def members(result: Uplift, which: str, outcome: str | None) -> pd.DataFrame:
    """Containers of one side, those that count most first.

    Parameters
    ----------
    which : {"treated", "comparison", "unmatched", "untreated"}
        Took part; did not and are compared; took part and have nobody comparable; did not at all.
    outcome : str, optional
        Label of the outcome that is shown; the first when left out.

    Returns
    -------
    pandas.DataFrame
        The columns of `COLUMNS`.
    """
    if which not in WHICH:
        raise ArgumentError.of("which", which, WHICH)
    labels = result.question.labels
    if outcome is not None and outcome not in labels:
        raise ArgumentError.of("outcome", outcome, labels)
    place = 0 if outcome is None else labels.index(outcome)
    if result.analysis is None:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS})
    sample, comparison = result.analysis.sample, result.analysis.comparison
    chosen = {
        "treated": sample.treated,
        "comparison": ~sample.treated & comparison.kept,
        "unmatched": sample.treated & ~comparison.kept,
        "untreated": ~sample.treated,
    }[which]
    lines = np.flatnonzero(chosen)
    who = named_containers(result.question.workspace, sample.stream, sample.container[lines])
    events = np.array([one.label for one in result.treatments.ready], object)
    frame = pd.DataFrame(
        {
            "key": who["key"],
            "name": who["name"],
            "event": events[sample.event[lines]],
            "took_part": sample.treated[lines],
            "chance": comparison.chance[lines],
            "weight": comparison.weight[lines],
            "outcome": labels[place],
            "converted": result.analysis.converted[lines, place],
            "converted_at": instants(sample.first[lines, place]),
        },
        columns=list(COLUMNS),
    )
    return frame.sort_values(
        ["weight", "chance", "key", "event"],
        ascending=[False, False, True, True],
        ignore_index=True,
    )
