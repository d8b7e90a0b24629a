"""The question: of the deals that entered a stage, how many went on, and within how long?

Source: sales-pipeline.md, section 2 (stage conversion) and section 1 (skips imply the stages
between them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.sales.catalogue import LOST, OPEN, WON
from workbench.sales.pipeline.conversion_result import StageConversion
from workbench.sales.pipeline.question import Question, ask
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

NEVER_REACHED = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Entries:
    """One line for each deal and open stage that it entered in the period, its first entry.

    Attributes
    ----------
    deal, stage : numpy.ndarray
        Number of the deal and code of the stage.
    at : numpy.ndarray of int64
        Microseconds since 1970.
    after : numpy.ndarray of int64, shape (places + 2, lines)
        Microseconds until the deal was first seen in each open stage of the same pipeline, by
        place; then until it was won and lost for good. `NEVER_REACHED` where it was not.
    """

    deal: np.ndarray
    stage: np.ndarray
    at: np.ndarray
    after: np.ndarray


def stage_conversion(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    where: Any = None,
    by: str | None = None,
    as_of: Any = None,
    horizon: str | Duration | None = "180d",
    implied: bool = False,
    quality: Any = None,
    calendar: Any = None,
) -> StageConversion:
    """Of the deals that entered a stage in a period, those seen in a later one within a horizon.

    Only deals whose entry is as old as the horizon are counted, so that young ones do not look
    like failures; the others are counted apart.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Days of entering a stage; everything when left out. A deal that enters a stage again counts
        once, by its first entry in the period.
    horizon : str, optional
        Time within which the later stage must be seen; None for any time.
    implied : bool
        Whether a stage counts as reached when the deal was seen in one behind it, or was won,
        without having been saved in it.
    where, by, as_of, quality, calendar
        As in `workbench.pipeline`.

    Returns
    -------
    StageConversion

    Raises
    ------
    ArgumentError
        For a value that is not allowed.
    AbsentError
        Without a history of stages.

    Notes
    -----
    Source: sales-pipeline.md, section 2. A move to another pipeline is no conversion; won and lost
    are those of the last closing, a withdrawn outcome counts for nothing.
    """
    if not isinstance(implied, bool):
        raise ArgumentError.of("implied", implied, ("True", "False"))
    if not workspace.has("opportunity_history", "stage", "changed_at"):
        raise AbsentError.of(
            "workspace",
            workspace.name,
            message("a workspace with a history of opportunities that names their stages"),
            message("Only the present stage is known here."),
        )
    limit = Duration.parse_optional(None if horizon == "none" else horizon, "horizon")
    if limit is not None and not limit.microseconds:
        raise ArgumentError.of("horizon", str(horizon), message("longer than nothing, or None"))
    more: dict[str, Any] = {"horizon": str(limit) if limit else None}
    if implied:
        more["implied"] = True
    question = ask(
        "stage_conversion", workspace, period=period, where=where, by=by, as_of=as_of,
        quality=quality, calendar=calendar, more=more,
    )  # fmt: skip
    found = entries_of(question, implied)
    return StageConversion(question=question, entries=found, horizon=limit, implied=implied)


def entries_of(question: Question, implied: bool) -> Entries:
    """First entries into open stages in the period, and when later stages were seen."""
    history, catalogue = question.history, question.deals.catalogue
    places = history.entries[history.at[history.entries] <= question.instant]
    places = places[question.taking_part[history.deal[places]]]
    start, end = question.range.instants(question.zone)
    pipeline = catalogue.frame["pipeline"].astype("category").cat.codes.to_numpy(np.int64)
    width = int((catalogue.kind == OPEN).sum()) + 2
    opened = catalogue.kind == OPEN
    if opened.any():
        width = int(catalogue.place[opened].max()) + 3
    column = np.where(
        catalogue.kind == WON, width - 2, np.where(catalogue.kind == LOST, width - 1,
                                                   catalogue.place)
    ).astype(np.int64)  # fmt: skip
    deal, stage, at, after = _followed(
        history.deal[places].astype(np.int64),
        history.stage[places].astype(np.int64),
        history.at[places],
        np.int64(start),
        np.int64(end),
        pipeline,
        column,
        opened,
        np.int64(width),
        np.int64(len(catalogue)),
    )
    after = np.ascontiguousarray(after.T)
    if implied:
        # Won stands behind the last open stage, so whoever was won has passed them all.
        place = catalogue.place[stage]
        for to in range(width - 3, -1, -1):
            later = to > place
            after[to, later] = np.minimum(after[to, later], after[to + 1, later])
    return Entries(deal, stage, at, after)


@njit(cache=True, nogil=True)
def _followed(deal, stage, at, start, end, pipeline, column, opened, width, stages):
    size = deal.size
    lines = 0
    seen = np.full(stages, -1, np.int64)
    for i in range(size):
        if opened[stage[i]] and start <= at[i] < end and seen[stage[i]] != deal[i]:
            seen[stage[i]] = deal[i]
            lines += 1
    of_deal = np.empty(lines, np.int64)
    of_stage = np.empty(lines, np.int64)
    begun = np.empty(lines, np.int64)
    after = np.full((lines, width), NEVER_REACHED, np.int64)
    seen[:] = -1
    filled, first = 0, 0
    for i in range(size):
        if i and deal[i] != deal[i - 1]:
            first = filled
        here, to = stage[i], column[stage[i]]
        for n in range(first, filled):
            if opened[here]:
                after[n, width - 2] = NEVER_REACHED
                after[n, width - 1] = NEVER_REACHED
            if pipeline[here] == pipeline[of_stage[n]] and after[n, to] == NEVER_REACHED:
                after[n, to] = at[i] - begun[n]
        if opened[here] and start <= at[i] < end and seen[here] != deal[i]:
            seen[here] = deal[i]
            of_deal[filled], of_stage[filled], begun[filled] = deal[i], here, at[i]
            filled += 1
    return of_deal, of_stage, begun, after
