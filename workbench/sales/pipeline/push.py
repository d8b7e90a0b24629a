"""The question: how often is the expected close put off, and what becomes of such deals?

Source: sales-pipeline.md, section 2 (push): an expected close that moves to a later day counts,
by option only one that moves to a later calendar month.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.sales.catalogue import OPEN
from workbench.sales.deals import NO_DAY
from workbench.sales.history import History
from workbench.sales.pipeline.push_result import Pushes
from workbench.sales.pipeline.question import Question, ask
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

COUNTED = ("day", "month")


@dataclass(frozen=True)
class Moved:
    """What happened to the expected close of each deal; one place a deal.

    Attributes
    ----------
    part : numpy.ndarray of bool
        Open at some time of the period with a known expected close.
    pushes, pulls : numpy.ndarray of int64
        Moves to a later and to an earlier day (month) in the period.
    net_days : numpy.ndarray of int64
        Days later minus days earlier, of all moves in the period.
    """

    part: np.ndarray
    pushes: np.ndarray
    pulls: np.ndarray
    net_days: np.ndarray


def pushes(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    where: Any = None,
    by: str | None = None,
    as_of: Any = None,
    count: str = "day",
    quality: Any = None,
    calendar: Any = None,
) -> Pushes:
    """How often the expected close of deals was put off, by how much, and how they ended.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        When the moves were saved; everything when left out.
    count : {"day", "month"}
        Whether any later day counts, or only a later calendar month.
    where, by, as_of, quality, calendar
        As in `workbench.pipeline`.

    Returns
    -------
    Pushes

    Raises
    ------
    AbsentError
        Without a history that names the expected close.

    Notes
    -----
    Source: sales-pipeline.md, section 2. Moves saved with or after the closing do not count: some
    systems write the day of closing over the expected one.
    """
    if count not in COUNTED:
        raise ArgumentError.of("count", count, COUNTED)
    needs_history(workspace)
    question = ask(
        "pushes", workspace, period=period, where=where, by=by, as_of=as_of, quality=quality,
        calendar=calendar, more={} if count == "day" else {"count": count},
    )  # fmt: skip
    return Pushes(question=question, count=count, moved=moves(question, count))


def needs_history(workspace: Workspace) -> None:
    """Refuse a workspace whose saves name no expected close.

    Raises
    ------
    AbsentError
    """
    if not workspace.has("opportunity_history", "changed_at", "expected_close_on"):
        raise AbsentError.of(
            "workspace",
            workspace.name,
            message("a workspace with a history of opportunities that names the expected close"),
            message("Only the present expected close is known here."),
        )


def moves(question: Question, count: str) -> Moved:
    """Moves of the expected close of every deal in the period."""
    history, size = question.history, len(question.deals)
    start, end = question.range.instants(question.zone)
    end = min(end, question.instant + 1)
    places, before = _changes(history)
    inside = (history.at[places] >= start) & (history.at[places] < end)
    inside &= history.kind[places] == OPEN
    places, before = places[inside], before[inside]
    deal, now, old = history.deal[places], history.expected_on[places], before
    shift = now.astype(np.int64) - old
    later, earlier = shift > 0, shift < 0
    if count == "month":
        months = _month(now) - _month(old)
        later, earlier = months > 0, months < 0
    return Moved(
        part=_open_in(question, start, end),
        pushes=np.bincount(deal[later], minlength=size),
        pulls=np.bincount(deal[earlier], minlength=size),
        net_days=np.bincount(deal, shift, minlength=size).astype(np.int64),
    )


def _changes(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Saves whose expected close differs from the last one known, and that one."""
    known = np.flatnonzero(history.expected_on != NO_DAY)
    if known.size < 2:
        return known[:0], known[:0]
    same = history.deal[known[1:]] == history.deal[known[:-1]]
    old, new = history.expected_on[known[:-1]], history.expected_on[known[1:]]
    changed = same & (old != new)
    return known[1:][changed], old[changed].astype(np.int64)


def _open_in(question: Question, start: int, end: int) -> np.ndarray:
    """Deals that were open at some time of a period and had an expected close by its end."""
    history, standing = question.history, question.standing
    known = (history.expected_on != NO_DAY) & (history.at < end)
    dated = np.bincount(history.deal[known], minlength=len(question.deals)) > 0
    open_later = standing.open | (standing.closed_at >= start)
    return np.asarray(question.taking_part & dated & open_later)


def _month(days: np.ndarray) -> np.ndarray:
    return days.astype("M8[D]").astype("M8[M]").astype(np.int64)
