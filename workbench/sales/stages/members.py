"""The deals behind a number: who they are, where they stand, since when, what they are worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.sales.catalogue import KINDS
from workbench.sales.deals import days_of
from workbench.sales.history import QUALITIES
from workbench.sales.stages.found import STATES, Found

COLUMNS = {
    "opportunity_id": "Key of the deal",
    "name": "Its name, or the key where none is known",
    "account_id": "Key of its company",
    "account": "Name of the company, or the key where none is known",
    "owner": "Its owner",
    "pipeline": "Pipeline it stands in",
    "stage": "Stage it stands in, at the instant that is looked from",
    "state": "open, won or lost",
    "amount": "In the currency of the result",
    "probability": "Probability of its own, 0…1",
    "expected_close_on": "Expected day of closing",
    "created_on": "Day of creation",
    "days_in_stage": "Calendar days since it entered the stage; empty where not known or closed",
    "max_days": "Longest usual stay in that stage",
    "history": "Quality of its history",
}
WHAT = (
    "deals", "stalled", "dated", "without_amount", "probability_differs", "entered", "revisited",
    "over", *STATES,
)  # fmt: skip


def listing(found: Found, numbers: np.ndarray) -> pd.DataFrame:
    """Deals by their numbers, with the columns of `COLUMNS`."""
    deals, moment = found.deals, found.moment
    table = deals.table.take(numbers)

    def text(name: str) -> np.ndarray:
        return np.asarray(table.column(name).to_numpy(zero_copy_only=False), object)

    keys, accounts = text("opportunity_id"), text("account_id")
    names = text("name")
    workspace = found.question.workspace
    known = np.array([key is not None for key in accounts], bool)
    shown = accounts.copy()
    if known.any():
        shown[known] = workspace.display_names("account", accounts[known])
    frame = found.catalogue.frame
    stages, pipelines = (
        np.array([*frame[name], None], object)[moment.stage[numbers]]
        for name in ("stage", "pipeline")
    )
    limits = np.append(found.limits["max_days"].to_numpy(float), np.nan)
    return pd.DataFrame(
        {
            "opportunity_id": keys,
            "name": [name or key for name, key in zip(names, keys, strict=True)],
            "account_id": accounts,
            "account": shown,
            "owner": deals.owners()[numbers] if numbers.size else np.empty(0, object),
            "pipeline": pipelines,
            "stage": stages,
            "state": np.array(KINDS, object)[moment.kind[numbers]],
            "amount": found.money[0][numbers],
            "probability": moment.probability[numbers],
            "expected_close_on": days_of(moment.expected_on[numbers]).to_numpy(),
            "created_on": days_of(deals.created_on[numbers]).to_numpy(),
            "days_in_stage": found.days_in_stage[numbers],
            "max_days": limits[moment.stage[numbers]],
            "history": np.array(QUALITIES, object)[found.history.quality[numbers]],
        },
        columns=list(COLUMNS),
    )


def code_of(found: Found, stage: Any, pipeline: Any = None) -> np.ndarray:
    """Codes of the shown stages of that name; all where none is named.

    Raises
    ------
    ArgumentError
        For a stage that is not shown.
    """
    own = found.catalogue.frame.iloc[found.codes]
    names, pipelines = own["stage"].to_numpy(object), own["pipeline"].to_numpy(object)
    keep = np.ones(len(own), bool)
    if pipeline is not None:
        if pipeline not in set(pipelines):
            raise ArgumentError.of("pipeline", pipeline, dict.fromkeys(pipelines))
        keep &= pipelines == pipeline
    if stage is not None:
        if stage not in set(names[keep]):
            raise ArgumentError.of("stage", stage, dict.fromkeys(names[keep]))
        keep &= names == stage
    return found.codes[keep]


def deals_behind(found: Found, what: str, stage: Any, pipeline: Any) -> np.ndarray:
    """Numbers of the deals behind a column of the lines, each once."""
    if what not in WHAT:
        raise ArgumentError.of("what", what, WHAT)
    codes = code_of(found, stage, pipeline)
    if what in ("entered", "revisited", "over", *STATES):
        visits = found.visits
        keep = np.isin(visits.stage, codes)
        if what == "revisited":
            keep &= visits.visits > 1
        elif what == "over":
            keep &= found.visits_over
        elif what in STATES:
            keep &= found.visit_state == STATES.index(what)
        return np.unique(visits.deal[keep]).astype(np.int64)
    moment = found.moment
    mark = found.standing & np.isin(moment.stage, codes)
    if what == "stalled":
        mark &= found.stalled
    elif what == "dated":
        mark &= ~np.isnan(found.days_in_stage)
    elif what == "without_amount":
        mark &= np.isnan(found.money[0])
    elif what == "probability_differs":
        default = np.append(found.catalogue.frame["default_probability"].to_numpy(float), np.nan)[
            moment.stage
        ]
        with np.errstate(invalid="ignore"):
            mark &= np.abs(moment.probability - default) > 1e-9
    return np.flatnonzero(mark)
