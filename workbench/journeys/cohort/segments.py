"""A segment of the containers of some cells, written in dates instead of offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import ArgumentError
from workbench.journeys.cohort.members import Cells, chosen
from workbench.journeys.cohort.wording import offset_name
from workbench.messages import message
from workbench.vocabulary.conditions import Condition, InPeriod, InSegment, Logic, Term, joined
from workbench.vocabulary.criteria import Criterion
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.steps import Step

if TYPE_CHECKING:
    from workbench.journeys.cohort.result import Cohort

_LIST = "Save its members() as a list instead."


def segment_of(result: Cohort, cells: Cells, name: str | None) -> Segment:
    """Containers of at least one of the cells; with kind churn those that did not return.

    Raises
    ------
    ArgumentError
        Where membership depends on more than counts of rows in fixed dates.

    Notes
    -----
    Source: journeys-cohort.md, section 1, selecting cells.
    """
    question = result.question
    chosen(result, cells)
    if not cells:
        raise ArgumentError.of("cells", cells, "one or more cells such as ('2026-01', 2)")
    if question.pooled or question.age is not None:
        raise ArgumentError.of("cells", cells, "cells of calendar buckets", _LIST)
    labels = result.grid.labels
    if name is None:
        parts = [
            labels[row] if offset is None else f"{labels[row]} {offset_name(offset)}"
            for row, offset in cells
        ]
        name = message("cohort {cells}", cells=", ".join(parts))
    condition = joined("any", [_cell(result, row, offset) for row, offset in cells])
    return Segment(name, question.container.name, condition)


def _cell(result: Cohort, row: int, offset: int | None) -> Condition:
    question, grid = result.question, result.grid
    assert grid.panel is not None
    origin = grid.panel.skipped + (0 if question.dimension else row)
    parts = [_included(result, row, origin)]
    if question.first_time:
        earlier = [_did(result, question.inclusion, n) for n in range(origin)]
        parts += [Logic("not", (part,)) for part in earlier]
    if question.segment is not None:
        parts.append(InSegment(question.segment))
    if offset is not None:
        parts.append(_returned(result, origin, offset))
    return joined("all", parts)


def _included(result: Cohort, row: int, origin: int) -> Condition:
    question = result.question
    if question.dimension is None:
        return _did(result, question.inclusion, origin)
    label = result.grid.labels[row]
    known = row < len(result.grid.labels) - (result.grid.further > 0)
    if not known or label == "(none)":
        raise ArgumentError.of("cells", label, "rows of one value of the dimension", _LIST)
    return _did(result, question.inclusion, origin, Term(question.dimension, "=", (label,)))


def _returned(result: Cohort, origin: int, offset: int) -> Condition:
    """What the return of one cell asks of the buckets that it looks at."""
    question, grid = result.question, result.grid
    assert grid.panel is not None
    step = 1 if offset >= 0 else -1
    first = min(abs(offset), grid.table.first if step > 0 else 1)
    last = len(grid.panel.buckets) - 1 - origin if step > 0 else min(grid.table.back, origin)
    ahead = min(grid.table.ahead, last) if step > 0 else last
    spans = {
        "exact": range(abs(offset), abs(offset) + 1),
        "consecutive": range(first, abs(offset) + 1),
        "cumulative": range(first, abs(offset) + 1),
        "unbounded": range(abs(offset), ahead + 1),
    }
    did = [_did(result, question.returning, origin + step * k) for k in spans[question.mode]]
    if not question.churn:
        return joined("all" if question.mode == "consecutive" else "any", did)
    if question.mode != "consecutive":
        return Logic("not", (joined("any", did),))
    lost = Logic("not", (did[-1],))
    return joined("all", [*did[:-1], lost])


def _did(
    result: Cohort, criterion: Criterion, bucket: int, more: Condition | None = None
) -> Condition:
    """Rows of the containers that meet a criterion in one bucket."""
    question, grid = result.question, result.grid
    assert grid.panel is not None
    dates = InPeriod(grid.panel.buckets.dates(bucket))
    within = [InPeriod(str(question.period))] if question.period and not question.snap else []
    parts: list[Condition] = []
    for metric, condition in zip(criterion.metrics, criterion.conditions(), strict=True):
        if metric.sum is not None:
            raise ArgumentError.of("cells", metric.label, "criteria that count rows", _LIST)
        narrowed = joined("all", [condition, dates, *within, *([more] if more else [])])
        least = max(0, -int(-metric.least // 1)) if metric.least > 0 else 0
        if least:
            parts.append(_at_least(question.container.name, narrowed, least))
        if metric.most != float("inf"):
            above = _at_least(question.container.name, narrowed, int(metric.most // 1) + 1)
            parts.append(Logic("not", (above,)))
        if not least and metric.most == float("inf"):
            raise ArgumentError.of("cells", metric.label, "criteria that rows can fail", _LIST)
    return joined("all" if criterion.operator == "and" else "any", parts)


def _at_least(scope: str, condition: Condition, count: int) -> Condition:
    """Rows of containers with so many rows of a kind."""
    text = str(condition)
    if count == 1:
        return InSegment(Segment(text, scope, condition))
    steps = tuple(Step(f"{text} ({n})", condition) for n in range(1, count + 1))
    return InSegment(Segment(f"{text} × {count}", scope, None, steps))
