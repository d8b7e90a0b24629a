"""Four phases of a sale, whose colours the bubbles have, from the names and order of stages.

Source: relationship-analytics.md, section 6 (seed: Qualify, Develop, Propose, Close).
"""

from __future__ import annotations

import re

import numpy as np

from workbench.messages import message
from workbench.workspace import Workspace

PHASES = ("qualify", "develop", "propose", "close", "other")
_WORDS = (
    ("qualify", r"qualif|prospect|見込|評価|初回"),
    ("propose", r"propos|quot|offer|price|提案|見積|angebot"),
    ("close", r"clos|negotia|contract|commit|sign|交渉|契約|クローズ|abschluss|verhandl"),
    (
        "develop",
        r"develop|need|analy|discover|demo|engag|value|decision|perception|開発|分析|bedarf",
    ),
)


def phases_of(workspace: Workspace, stages: np.ndarray) -> np.ndarray:
    """Phase of each stage: by its name, else by its place among the open stages of the catalogue.

    Parameters
    ----------
    workspace : Workspace
    stages : numpy.ndarray of object
        Names of stages; None where unknown.
    """
    places = _places(workspace)
    known = {stage: _phase(stage, places) for stage in set(stages)}
    return np.array([known[stage] for stage in stages], object)


def said(phase: str) -> str:
    """A phase in words."""
    return {
        "qualify": message("Qualify"),
        "develop": message("Develop"),
        "propose": message("Propose"),
        "close": message("Close"),
        "other": message("Another stage"),
    }[phase]


def _phase(stage: str | None, places: dict[str, float]) -> str:
    if not isinstance(stage, str):
        return "other"
    for phase, words in _WORDS:
        if re.search(words, stage.lower()):
            return phase
    return PHASES[min(int(places[stage] * 4), 3)] if stage in places else "other"


def _places(workspace: Workspace) -> dict[str, float]:
    """Place of every open stage among those of its pipeline, from 0 to under 1."""
    columns = workspace.columns_of("stages") if "stages" in workspace.tables else {}
    if not {"stage", "sort"} <= set(columns):
        return {}
    only_open = "WHERE lower(kind) = 'open'" if "kind" in columns else ""
    pipeline = "pipeline" if "pipeline" in columns else "NULL"
    read = workspace.sql(
        f"SELECT stage::VARCHAR AS stage, min(place) AS place FROM (SELECT stage, "
        f"(row_number() OVER w - 1.0) / count(*) OVER (PARTITION BY {pipeline}) AS place "
        f"FROM stages {only_open} WINDOW w AS (PARTITION BY {pipeline} ORDER BY sort, stage)) "
        "GROUP BY 1"
    )
    return dict(zip(read["stage"], read["place"].astype(float), strict=True))
