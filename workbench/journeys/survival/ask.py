"""The question: how long does it take from one thing to another, unfinished ones included?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from workbench.engine.tallies.buckets import measure_of
from workbench.errors import ArgumentError
from workbench.journeys.scoping import FILTER_SCOPES
from workbench.journeys.survival.counting import followed
from workbench.journeys.survival.question import Question
from workbench.journeys.survival.result import Survival
from workbench.messages import message
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.criteria import Criterion, criterion_from
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import GRANULARITIES, Period
from workbench.vocabulary.segments import segment_from
from workbench.workspace import Workspace

MOST_GROUPS = 1_000


def survival(
    workspace: Workspace,
    *,
    container: str = "opportunity",
    entered: Any,
    won: Any,
    lost: Any = None,
    period: str | Period | None = None,
    segment: Any = None,
    by: str | None = None,
    granularity: str = "month",
    items: int = 6,
    horizon: str | timedelta | Duration | None = None,
    filter_scope: str = "whole",
) -> Survival:
    """How long does it take from entering to winning, with those still open counted as open?

    Without `lost` the share that has won is one minus the Kaplan–Meier curve. Where `won` and
    `lost` compete it is the Aalen–Johansen incidence: what is lost can never be won any more.

    Parameters
    ----------
    workspace : Workspace
    container : str
        What is followed: account, global_account, opportunity, buying_group, person, session.
    entered, won, lost : str, mapping, list or Criterion
        As `inclusion` and `returning` of `workbench.cohort`. Each container enters once, at its
        first row that meets `entered`; the first outcome after that decides.
    period : str, optional
        Range of dates of the reporting zone; only rows inside exist, and what is open at its end
        counts as open.
    segment : Segment or mapping, optional
        Only containers of this segment.
    by : str, optional
        ``"cohort"`` for the bucket of entry, a column of the container's own table, or a dimension,
        whose value on the entering row counts; columns of accounts, people and opportunities work
        as well.
    granularity : {"day", "week", "month", "quarter", "year"}
        Buckets of entry.
    items : int
        Values of a dimension with a curve of their own; the rest is put together. Buckets of
        entry all have one.
    horizon : str, optional
        Time at which shares are compared, such as ``"180d"``; the longest that a tenth of all,
        and at least one container, was followed for when left out.
    filter_scope : {"whole", "each_step"}
        With `segment`: one row in it is enough, or every row that counts must be in it.

    Returns
    -------
    Survival
        Its `frame` has the columns of `Survival.columns`.

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: journeys-cohort.md, section 7 (right-censoring aware time to win).
    """
    if granularity not in GRANULARITIES:
        raise ArgumentError.of("granularity", granularity, GRANULARITIES)
    if filter_scope not in FILTER_SCOPES:
        raise ArgumentError.of("filter_scope", filter_scope, FILTER_SCOPES)
    whole = isinstance(items, int) and not isinstance(items, bool)
    if not whole or not 1 <= items <= MOST_GROUPS:
        raise ArgumentError.of(
            "items", items, message("a whole number from 1 to {most:,}", most=MOST_GROUPS)
        )
    question = Question(
        workspace=workspace,
        container=container_named(container),
        entered=criterion_from(entered, "entered"),
        won=criterion_from(won, "won"),
        lost=None if lost is None else criterion_from(lost, "lost"),
        period=workspace.period(period),
        segment=None if segment is None else segment_from(segment),
        by=by,
        granularity=granularity,
        items=items,
        horizon=Duration.parse_optional(horizon, "horizon"),
        filter_scope=filter_scope,
    )
    _check(question)
    return answer(question)


def answer(question: Question) -> Survival:
    """Follow every container and put the result together."""
    return Survival(question, followed(question))


def _check(question: Question) -> None:
    named: list[tuple[str, Criterion]] = [("entered", question.entered), ("won", question.won)]
    if question.lost is not None:
        named.append(("lost", question.lost))
    for argument, criterion in named:
        if criterion.met_by_nothing or (argument != "entered" and not criterion.only_grows):
            raise ArgumentError.of(
                argument,
                criterion.in_words(),
                message("counts of rows with at_least or more_than"),
                message("An outcome happens at one instant and cannot be undone by later rows."),
            )
        for metric in criterion.metrics:
            if metric.sum is not None:
                measure_of(question.workspace.events, metric.sum, f"{argument}.sum")
    if question.horizon is not None and not question.horizon.microseconds:
        raise ArgumentError.of("horizon", str(question.horizon), message("a length above zero"))
