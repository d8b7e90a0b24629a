"""The question: who of those that did one thing did another thing later, and how much later?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from workbench.engine.tallies.buckets import MODES, measure_of
from workbench.errors import ArgumentError
from workbench.journeys.cohort.counting import counted
from workbench.journeys.cohort.question import Question
from workbench.journeys.cohort.result import Cohort
from workbench.journeys.scoping import FILTER_SCOPES
from workbench.messages import message
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.criteria import Criterion, criterion_from, value_from
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import GRANULARITIES, Period
from workbench.vocabulary.segments import segment_from
from workbench.workspace import Workspace

KINDS = ("retention", "churn")
ALIGNMENTS = ("first_bucket", "first_inclusion")
AGES = {"day": "1d", "week": "7d", "month": "30d", "quarter": "91d", "year": "365d"}
MOST_OFFSETS = 400
MOST_LENGTHS = 5_000


def cohort(
    workspace: Workspace,
    *,
    container: str = "account",
    inclusion: Any,
    returning: Any,
    period: str | Period | None = None,
    segment: Any = None,
    operator: str = "and",
    granularity: str = "month",
    mode: str = "exact",
    kind: str = "retention",
    first_time: bool = False,
    latency: bool = False,
    lookback: int = 0,
    dimension: str | None = None,
    items: int = 14,
    align: str = "first_bucket",
    age: str | timedelta | Duration = "calendar",
    offsets: int | None = None,
    zero_column: bool = False,
    value: Any = None,
    snap: bool = False,
    partial_in_average: bool = False,
    smallest: int = 0,
    filter_scope: str = "whole",
) -> Cohort:
    """Who of those included in a bucket of time returns in later ones?

    A container sits in the row of every bucket in which it meets `inclusion`; a cell counts those
    of them that meet `returning` so many buckets later.

    Parameters
    ----------
    workspace : Workspace
    container : str
        What is counted: account, global_account, opportunity, buying_group, person, session.
    inclusion, returning : str, mapping, list or Criterion
        One to three metrics: an event name, ``{"event": "visit", "at_least": 2}``, or
        ``{"event": "order", "sum": "amount", "more_than": 1000}``; thresholds are at_least,
        more_than, at_most, less_than and exactly, and hold for the total of one bucket. With
        segments: ``{"metrics": [...], "operator": "or", "segments": [...]}``.
    period : str, optional
        Range of dates of the reporting zone; only rows inside exist.
    segment : Segment or mapping, optional
        Only containers of this segment.
    operator : {"and", "or"}
        How several metrics of one criterion are joined; those of "and" lie in one bucket, not
        necessarily in one row.
    granularity : {"day", "week", "month", "quarter", "year"}
        In the reporting zone, with the week start and fiscal year of the workspace.
    mode : {"exact", "consecutive", "cumulative", "unbounded"}
        Returned in that bucket; in every bucket up to it (share of the previous column); by then;
        then or later.
    kind : {"retention", "churn"}
        Whether `share` is of those that returned or of those that did not.
    first_time : bool
        Only the first inclusion of each container counts.
    latency : bool
        Columns before inclusion too.
    lookback : int
        Buckets before the period that `latency` and `first_time` may look at; the period is then
        widened to calendar borders.
    dimension : str, optional
        Rows are values of this dimension instead of buckets; a container enters the row of each
        value on whose rows it meets `inclusion`, and need not show the value on return.
    items : int
        Values with a row of their own; the rest is put together.
    align : {"first_bucket", "first_inclusion"}
        With `dimension`: included in the first bucket of the period, or each container in its own
        first bucket (all buckets pooled, unfinished ones left out).
    age : "calendar", "own" or duration
        Columns are calendar buckets, or lengths of time since the own inclusion (days 1, 7, 30,
        91, 365 by granularity, or such as ``"14d"``), counted over those old enough.
    offsets : int, optional
        Number of columns; as many as the period holds, at most 36, when left out.
    zero_column : bool
        A column +0 for returns in the bucket of inclusion itself.
    value : str or mapping, optional
        A measure to add up: revenue per included container and net value retention.
    snap : bool
        Widen the period to calendar borders.
    partial_in_average : bool
        Whether averages take unfinished and cut cells too.
    smallest : int
        Cells with fewer containers, on either side, are hidden.
    filter_scope : {"whole", "each_step"}
        With `segment`: one row in it is enough, or every row that counts must be in it.

    Returns
    -------
    Cohort
        Its `frame` has the columns of `Cohort.columns`.

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: journeys-cohort.md.
    """
    for name, given, allowed in (
        ("granularity", granularity, GRANULARITIES),
        ("mode", mode, MODES),
        ("kind", kind, KINDS),
        ("align", align, ALIGNMENTS),
        ("filter_scope", filter_scope, FILTER_SCOPES),
    ):
        if given not in allowed:
            raise ArgumentError.of(name, given, allowed)
    question = Question(
        workspace=workspace,
        container=container_named(container),
        inclusion=criterion_from(inclusion, "inclusion", operator),
        returning=criterion_from(returning, "returning", operator),
        period=workspace.period(period),
        segment=None if segment is None else segment_from(segment),
        granularity=granularity,
        mode=mode,
        kind=kind,
        first_time=bool(first_time),
        latency=bool(latency),
        lookback=lookback,
        dimension=dimension,
        items=items,
        align=align,
        age=_age(age, granularity),
        offsets=offsets,
        zero_column=bool(zero_column),
        value=None if value is None else value_from(value),
        snap=bool(snap),
        partial_in_average=bool(partial_in_average),
        smallest=smallest,
        filter_scope=filter_scope,
    )
    _check(question)
    return answer(question)


def answer(question: Question) -> Cohort:
    """Count and put the result together."""
    return Cohort(question, counted(question))


def _age(value: str | timedelta | Duration, granularity: str) -> Duration | None:
    if value == "calendar":
        return None
    if value == "own":
        return Duration.parse(AGES[granularity])
    try:
        read = Duration.parse(value, "age")
    except ArgumentError:
        raise ArgumentError.of(
            "age", value, message("'calendar', 'own', or a length such as '14d'")
        ) from None
    if read.microseconds < 1_000_000:
        raise ArgumentError.of("age", value, message("a length of one second or more"))
    return read


def _check(question: Question) -> None:
    """Refuse what contradicts itself before any row is read."""
    for name, least, most in (
        ("items", 1, 10_000),
        ("offsets", 1, MOST_OFFSETS),
        ("lookback", 0, MOST_OFFSETS),
        ("smallest", 0, 1_000_000),
    ):
        given = getattr(question, name)
        whole = isinstance(given, int) and not isinstance(given, bool)
        if given is not None and not (whole and least <= given <= most):
            allowed = message("a whole number from {least:,} to {most:,}", least=least, most=most)
            raise ArgumentError.of(name, given, allowed)
    if question.dimension is None and question.align != "first_bucket":
        raise ArgumentError.of("align", question.align, message("only together with dimension="))
    if question.latency and question.dimension is not None:
        raise ArgumentError.of(
            "latency",
            True,
            message("only without dimension="),
            message("Its rows share one inclusion period."),
        )
    if question.first_time and question.dimension is not None:
        raise ArgumentError.of(
            "first_time",
            True,
            message("only without dimension="),
            message("align='first_inclusion' does this."),
        )
    if question.age is not None and (question.latency or question.zero_column):
        raise ArgumentError.of(
            "age",
            str(question.age),
            message("only without latency= and zero_column="),
            message("Every return after the own inclusion is in the columns from +1 on."),
        )
    _check_age(question)
    if question.lookback and not (question.latency or question.first_time):
        allowed = message("only with latency= or first_time=")
        raise ArgumentError.of("lookback", question.lookback, allowed)
    store = question.workspace.events
    for argument, criterion in (
        ("inclusion", question.inclusion),
        ("returning", question.returning),
    ):
        _check_sums(criterion, argument, store)
    if question.value is not None and question.value.sum is not None:
        measure_of(store, question.value.sum, "value")


def _check_age(question: Question) -> None:
    """Refuse lengths so short that the range holds more of them than can be looked at."""
    first = question.workspace.events.description["first"]
    if question.age is None or first is None:
        return
    span = question.workspace.bounds(question.period)[1] - first
    if span // question.age.microseconds > MOST_LENGTHS:
        raise ArgumentError.of(
            "age",
            str(question.age),
            message("lengths of which the events hold at most {n:,}", n=MOST_LENGTHS),
        )


def _check_sums(criterion: Criterion, argument: str, store: Any) -> None:
    for metric in criterion.metrics:
        if metric.sum is not None:
            measure_of(store, metric.sum, f"{argument}.sum")
