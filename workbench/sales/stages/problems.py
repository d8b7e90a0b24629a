"""What is found in a catalogue and in histories: one line for each kind, never one a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from workbench.data.findings import Finding

COLUMNS = {
    "code": "Short name of the finding; `members(problem=...)` opens it",
    "level": "error stops a figure from being right, warning may change it, note informs",
    "pipeline": "Pipeline; empty where it concerns no one pipeline",
    "stage": "Stage; empty where it concerns no one stage",
    "problem": "What was found",
    "remedy": "What to do",
    "count": "How many stages, deals or saves",
    "example": "One of them",
}


@dataclass(frozen=True)
class Problem(Finding):
    """A finding of the checks that knows its kind and its stage.

    Attributes
    ----------
    code : str
        Kind of the finding.
    pipeline, stage : str
        Empty where it concerns no one pipeline or stage.
    """

    code: str = ""
    pipeline: str = ""
    stage: str = ""


def as_frame(problems: Iterable[Problem]) -> pd.DataFrame:
    """The findings as a frame with the columns of `COLUMNS`, errors first."""
    order = {"error": 0, "warning": 1, "note": 2}
    rows = [
        {
            "code": p.code,
            "level": p.level,
            "pipeline": p.pipeline,
            "stage": p.stage,
            "problem": p.problem,
            "remedy": p.remedy,
            "count": p.count,
            "example": p.value or "",
        }
        for p in sorted(problems, key=lambda p: order[p.level])
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
