"""A segment of the containers of some cells, written in dates instead of offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import ArgumentError
from workbench.journeys.cohort.members import Cells, chosen
from workbench.journeys.cohort.wording import offset_name
from workbench.messages import marked, message
from workbench.vocabulary.conditions import Condition, InPeriod, InSegment, Logic, Term, joined
from workbench.vocabulary.criteria import Criterion
from workbench.vocabulary.segments import Segment, segment
from workbench.vocabulary.wholes import Total

if TYPE_CHECKING:
    from workbench.journeys.cohort.result import Cohort

_LIST = marked("Save its members() as a list instead.")
_SIGNS = {"at_least": ">=", "more_than": ">", "at_most": "<=", "less_than": "<", "exactly": "="}


def segment_of(result: Cohort, cells: Cells, name: str | None) -> Segment:
    """Containers of at least one of the cells; with kind churn those that did not return.

    Raises
    ------
    ArgumentError
        Where membership depends on more than totals over fixed dates.

    Notes
    -----
    Source: journeys-cohort.md, section 1, selecting cells.
    """
    question = result.question
    chosen(result, cells)
    if not cells:
        raise ArgumentError.of("cells", cells, message("one or more cells such as ('2026-01', 2)"))
    if question.pooled or question.age is not None:
        raise ArgumentError.of("cells", cells, message("cells of calendar buckets"), message(_LIST))
    labels = result.grid.labels
    if name is None:
        parts = [
            labels[row] if offset is None else f"{labels[row]} {offset_name(offset)}"
            for row, offset in cells
        ]
        name = message("cohort {cells}", cells=", ".join(parts))
    condition = joined("any", [_cell(result, row, offset) for row, offset in cells])
    return segment(name, scope=question.container.name, where=condition)


def _cell(result: Cohort, row: int, offset: int | None) -> Condition:
    question, grid = result.question, result.grid
    assert grid.panel is not None
    origin = int(grid.origins[row])
    parts = [_included(result, row, origin)]
    if question.first_time:
        earlier = [_did(result, question.inclusion, n) for n in range(origin)]
        parts += [Logic("not", (part,)) for part in earlier]
    if question.segment is not None:
        within = InSegment(question.segment)
        parts.append(Total("times", "", within, ((">=", 1.0),)))
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
        raise ArgumentError.of(
            "cells", label, message("rows of one value of the dimension"), message(_LIST)
        )
    return _did(result, question.inclusion, origin, Term(question.dimension, "=", (label,)))


def _returned(result: Cohort, origin: int, offset: int) -> Condition:
    """What the return of one cell asks of the buckets that it looks at."""
    question, grid = result.question, result.grid
    assert grid.panel is not None
    step = 1 if offset >= 0 else -1
    first = grid.table.first if offset >= 0 else 1
    last = len(grid.panel.buckets) - 1 - origin if offset >= 0 else origin
    spans = {
        "exact": range(abs(offset), abs(offset) + 1),
        "consecutive": range(first, abs(offset) + 1),
        "cumulative": range(first, abs(offset) + 1),
        "unbounded": range(abs(offset), last + 1),
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
    """A criterion over the rows of one bucket, as totals of the whole container."""
    question, grid = result.question, result.grid
    assert grid.panel is not None
    only: list[Condition] = [InPeriod(grid.panel.buckets.dates(bucket))]
    if question.period and not (question.snap or question.lookback):
        only.append(InPeriod(str(question.period)))
    if question.segment is not None and question.filter_scope == "each_step":
        only.append(InSegment(question.segment))
    if more is not None:
        only.append(more)
    parts: list[Condition] = []
    for metric, condition in zip(criterion.metrics, criterion.conditions(), strict=True):
        bounds = tuple((_SIGNS[name], number) for name, number in metric.thresholds)
        kind = "times" if metric.sum is None else "total"
        parts.append(Total(kind, metric.sum or "", joined("all", [condition, *only]), bounds))
    met = joined("all" if criterion.operator == "and" else "any", parts)
    if criterion is not question.inclusion or not criterion.met_by_nothing:
        return met
    anything = joined("all", [criterion.any_row(), *only])
    return joined("all", [met, Total("times", "", anything, ((">=", 1.0),))])
