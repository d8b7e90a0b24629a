"""The question: which containers get from step to step, and where do they fall out?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from workbench.engine import kernels
from workbench.engine.masks import Marker
from workbench.engine.match import Match, held_constant, match, ranges
from workbench.engine.segments import segment_rows
from workbench.engine.store import Stream
from workbench.errors import ArgumentError
from workbench.journeys.fallout.counting import Group, Walked
from workbench.journeys.fallout.question import Question
from workbench.journeys.fallout.result import Fallout
from workbench.journeys.scoping import (
    FILTER_SCOPES,
    OTHER,
    everyone_label,
    readable,
    scope_of,
    taking_part,
    with_a_row,
)
from workbench.messages import message
from workbench.vocabulary.conditions import InSegment, Logic
from workbench.vocabulary.containers import can_be_touchpoint, container_named
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import Segment, segment_from
from workbench.vocabulary.steps import steps_from
from workbench.workspace import Workspace

COUNTS = ("containers", "attempts")


def fallout(
    workspace: Workspace,
    *,
    container: str = "account",
    steps: Sequence[Any],
    period: str | Period | None = None,
    segment: Any = None,
    by: str | None = None,
    total_within: str | timedelta | Duration | None = None,
    baseline: bool = True,
    compare: Sequence[Any] = (),
    with_all: bool = True,
    filter_scope: str = "whole",
    same: str | None = None,
    count: str = "containers",
    ties: str = "any",
    warmup: str | timedelta | Duration | None = None,
    items: int = 8,
) -> Fallout:
    """How far do containers get in a sequence of steps, and where do they fall out?

    Parameters
    ----------
    workspace : Workspace
    container : str
        What is counted: account, global_account, opportunity, buying_group, person, session.
    steps : list
        Event names, mappings or `wb.step` values, in order.
    period : str, optional
        Range of dates of the reporting zone; only rows inside exist.
    segment : Segment or mapping, optional
        Only containers of this segment.
    by : str, optional
        Dimension whose value at entry splits the containers; a column of accounts, people or
        opportunities works as well. Not together with `compare`.
    total_within : str, optional
        Limit from step 1 to each later step, such as ``"90d"``; inclusive.
    baseline : bool
        Whether all containers with a row in scope are the first bar.
    compare : list of Segment, optional
        One further column for each segment; a container may be in several of them.
    with_all : bool
        Whether `compare` keeps a column of all containers beside the segments.
    filter_scope : {"whole", "each_step"}
        A container must have one row in the segment, or every step must be such a row.
    same : str, optional
        A dimension whose value must be the same at all steps, such as ``"opportunity_id"``.
    count : {"containers", "attempts"}
        Each container once, or each attempt (greedy, without overlap).
    ties : {"any", "stable"}
        Whether rows with equal times may stand in either order.
    warmup : str, optional
        Rows up to this long before the period may serve steps; a container still needs a row
        inside the period to be counted.
    items : int
        Values of `by` that get a column of their own; the rest is put together.

    Returns
    -------
    Fallout
        Its `frame` has the columns of `Fallout.columns`.

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: journeys-fallout.md.
    """
    kind = container_named(container)
    asked = steps_from(steps)
    _check_choices(filter_scope, count, by, compare, items)
    for item in asked:
        _check_segments(item.condition, kind.name)
    question = Question(
        workspace=workspace,
        container=kind,
        steps=asked,
        period=workspace.period(period),
        segment=None if segment is None else segment_from(segment),
        by=by,
        total_within=Duration.parse_optional(total_within, "total_within"),
        baseline=baseline,
        compare=tuple(segment_from(item, "compare") for item in compare),
        with_all=with_all,
        filter_scope=filter_scope,
        same=same,
        count=count,
        ties=ties,
        warmup=Duration.parse_optional(warmup, "warmup"),
        items=items,
    )
    return answer(question)


def answer(question: Question) -> Fallout:
    """Match, group and put the result together."""
    workspace, store = question.workspace, question.workspace.events
    marker = workspace.marker(question.period)
    stream = store.stream(question.container)
    keep, filtered = taking_part(
        workspace, marker, stream, question.period, question.segment, question.filter_scope
    )
    walked = _walk(marker, stream, question, keep)
    counted = walked.present if filtered is None else walked.present & filtered
    groups = _groups(marker, stream, question, walked, counted, keep)
    read = walked.match.high - walked.match.low
    scope = scope_of(
        workspace,
        marker,
        question.container,
        question.period,
        dropped_null_key=walked.match.stream.dropped_null_key,
        rows_read=int(read.sum()) if question.period else None,
    )
    return Fallout(question=question, groups=tuple(groups), scope=scope, stream=stream)


def _check_choices(
    filter_scope: str, count: str, by: str | None, compare: Sequence[Any], items: int
) -> None:
    if filter_scope not in FILTER_SCOPES:
        raise ArgumentError.of("filter_scope", filter_scope, FILTER_SCOPES)
    if count not in COUNTS:
        raise ArgumentError.of("count", count, COUNTS)
    if by is not None and compare:
        raise ArgumentError.of("by", by, message("either by= or compare=, not both"))
    if not isinstance(compare, list | tuple):
        raise ArgumentError.of("compare", compare, message("a list of segments"))
    if items < 1:
        raise ArgumentError.of("items", items, message("1 or more"))


def _check_segments(condition: Any, container: str) -> None:
    """A segment as a touchpoint must be finer than what is counted (section 1)."""
    if isinstance(condition, Logic):
        for part in condition.parts:
            _check_segments(part, container)
    if isinstance(condition, InSegment):
        scope, counted = container_named(condition.segment.scope), container_named(container)
        if not can_be_touchpoint(scope, counted):
            raise ArgumentError.of(
                "steps",
                condition.segment.name,
                message("segments of a scope below {name}", name=counted.name),
                message(
                    "This one keeps whole {plural}, so every step after it would show a "
                    "meaningless 100 %; use it as segment= or compare= instead.",
                    plural=scope.plural,
                ),
            )


def _walk(marker: Marker, stream: Stream, question: Question, keep: np.ndarray | None) -> Walked:
    start, end = question.workspace.bounds(question.period)

    def matched(which: Stream) -> Match:
        return match(
            marker,
            which,
            question.steps,
            total_within=question.total_within,
            ties=question.ties,
            start=start,
            end=end,
            warmup=question.warmup,
            keep=keep,
        )

    if question.same is None:
        found = matched(stream)
        return Walked(found, found.present)
    codes, values = marker.lookup(question.same)
    split, parent = held_constant(marker.store, stream, codes, values.size - 1)
    low, high = ranges(marker.store, stream, start, end)
    return Walked.held(matched(split), parent, high > low)


def _groups(
    marker: Marker,
    stream: Stream,
    question: Question,
    walked: Walked,
    counted: np.ndarray,
    keep: np.ndarray | None,
) -> list[Group]:
    everyone = Group(everyone_label(question.container.plural), walked, counted)
    if question.by is not None:
        return _groups_by_value(marker, stream, question, everyone)
    groups = [everyone] if question.with_all or not question.compare else []
    for segment in question.compare:
        groups.append(_group_of(marker, stream, question, segment, everyone, keep))
    return groups


def _group_of(
    marker: Marker,
    stream: Stream,
    question: Question,
    segment: Segment,
    everyone: Group,
    keep: np.ndarray | None,
) -> Group:
    rows = segment_rows(marker, segment)
    members = everyone.counted & with_a_row(
        question.workspace, marker, stream, question.period, rows
    )
    if question.filter_scope == "whole":
        return Group(segment.name, everyone.walked, members)
    if keep is not None:
        rows = rows & keep
    return Group(segment.name, _walk(marker, stream, question, rows), members)


def _groups_by_value(
    marker: Marker, stream: Stream, question: Question, everyone: Group
) -> list[Group]:
    """One group a value at entry; containers that never entered count by their first value."""
    assert question.by is not None
    codes, values = marker.lookup(question.by)
    missing = values.size - 1
    low, high = ranges(marker.store, stream, *question.workspace.bounds(question.period))
    code = kernels.first_values(codes, stream.rows, low, high, missing)
    walked = everyone.walked
    entered = walked.witness[:, 0] >= 0
    entry_rows = walked.match.stream.row_at(walked.witness[entered, 0])
    code[entered] = codes[entry_rows]
    names = np.array([readable(v) for v in values], object)
    distinct, number = np.unique(names.astype(str), return_inverse=True)
    of_container = number[code]
    sizes = np.bincount(of_container[everyone.counted], minlength=distinct.size)
    order = np.lexsort((distinct, -sizes))
    kept = [n for n in order if sizes[n]][: question.items]
    groups = [Group(str(distinct[n]), walked, everyone.counted & (of_container == n)) for n in kept]
    rest = everyone.counted & ~np.isin(of_container, kept)
    if rest.any():
        groups.append(Group(OTHER, walked, rest))
    return groups or [everyone]
