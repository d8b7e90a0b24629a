"""Which containers a segment means: nested containers, logic and totals, sequences.

Inside a container, conditions on rows that are joined by AND must meet on one row. A nested
segment is looked for on its own: finer containers on the same branch see only the rows of the one
around them, and one of them is enough; containers of a sibling kind are joined through rows, so
that an opportunity with a person is one of whose rows carries such a person.

Source: journeys-attribution-and-segments.md, B2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.engine.groupings import Grouping, inside, outermost
from workbench.engine.match import match
from workbench.engine.sequences.orders import is_plain
from workbench.engine.sequences.walks import Walk, walk
from workbench.engine.totals import total_of
from workbench.vocabulary.conditions import (
    Condition,
    InSegment,
    Logic,
    OfContainer,
    joined,
    leaves_of,
)
from workbench.vocabulary.containers import lies_under
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.wholes import Each, Total

if TYPE_CHECKING:
    from workbench.engine.masks import Marker

Around = tuple[Grouping, ...]


def qualifies(marker: Marker, segment: Segment, around: Around) -> np.ndarray:
    """A mark for every container of the innermost grouping; `exclude` is left to the caller.

    Parameters
    ----------
    around : tuple of Grouping
        From the outermost container to the one that the segment speaks of.
    """
    found = np.ones(len(around[-1]), bool)
    if segment.where is not None:
        found &= meets(marker, segment.where, around)
    if segment.steps:
        found &= walks(marker, segment, around, only_passing=True).passes
    return found


def meets(marker: Marker, condition: Condition, around: Around) -> np.ndarray:
    """Containers of the innermost grouping that hold what a condition asks for."""
    here = around[-1]
    if on_rows(condition):
        return here.any_row(marker.rows(condition))
    if isinstance(condition, Each):
        return _all([meets(marker, part, around) for part in condition.parts])
    if isinstance(condition, Total):
        return np.asarray(condition.holds(total_of(marker, condition, here))) & here.present
    if isinstance(condition, InSegment):
        return _holds(marker, condition.segment, around)
    assert isinstance(condition, Logic)
    if condition.kind == "not":
        return ~meets(marker, condition.parts[0], around) & here.present
    found = [meets(marker, part, around) for part in requirements(condition)]
    return _all(found) if condition.kind == "all" else np.asarray(np.logical_or.reduce(found))


def requirements(condition: Condition) -> list[Condition]:
    """Parts that are looked for on their own: those on rows stay together.

    AND within AND is one AND, however it is written.
    """
    if not isinstance(condition, Logic) or condition.kind == "not":
        return [condition]
    parts = _flat(condition, condition.kind)
    rows = [part for part in parts if on_rows(part)]
    rest = [part for part in parts if not on_rows(part)]
    return ([joined(condition.kind, rows)] if rows else []) + rest


def _flat(condition: Condition, kind: str) -> list[Condition]:
    if isinstance(condition, Logic) and condition.kind == kind:
        return [inner for part in condition.parts for inner in _flat(part, kind)]
    return [condition]


def on_rows(condition: Condition) -> bool:
    """Whether a condition speaks of single rows only."""
    return not any(isinstance(leaf, InSegment | OfContainer) for leaf in leaves_of(condition))


def walks(marker: Marker, segment: Segment, around: Around, *, only_passing: bool = False) -> Walk:
    """Walk the steps of a segment; those that every journey knows by the faster matcher."""
    here = around[-1]
    if not is_plain(segment):
        finer = lambda inner: _inner(marker, inner, around)  # noqa: E731
        return walk(marker, segment, here, finer, only_passing=only_passing)
    assert segment.total_within is None or isinstance(segment.total_within, Duration)
    found = match(
        marker,
        here.stream,
        segment.steps,
        total_within=segment.total_within,
        start=marker.start,
        end=marker.end,
    )
    complete = found.depth == len(segment.steps)
    nowhere = np.full(len(here), -1, np.int64)
    return Walk(found.depth.astype(np.int64), complete, nowhere, nowhere)


def _all(found: list[np.ndarray]) -> np.ndarray:
    return np.asarray(np.logical_and.reduce(found))


def _inner(marker: Marker, segment: Segment, around: Around) -> tuple[Grouping, np.ndarray]:
    """Containers that a nested segment speaks of, and which of them qualify."""
    grouping = inside(marker, around[-1], segment.scope)
    found = qualifies(marker, segment, (*around, grouping))
    return grouping, ~found & grouping.present if segment.exclude else found


def _holds(marker: Marker, segment: Segment, around: Around) -> np.ndarray:
    """Containers of the innermost grouping that hold a container of a nested segment."""
    from workbench.engine.segments import segment_rows

    here = around[-1]
    if segment.stack or segment.scope == "event":
        return here.any_row(segment_rows(marker, segment))
    if _one_branch(segment.scope, here.scope):
        grouping, found = _inner(marker, segment, around)
        return grouping.lifted(found, here)
    inner = _inside_nearest(marker, segment.scope, around)
    found = qualifies(marker, segment, inner)
    found = ~found & inner[-1].present if segment.exclude else found
    return here.any_row(inner[-1].rows_of(found, len(marker.store)))


def _one_branch(first: str, second: str) -> bool:
    return first == second or lies_under(first, second) or lies_under(second, first)


def _inside_nearest(marker: Marker, scope: str, around: Around) -> Around:
    """Groupings down to a sibling kind: inside the nearest one that stands on its branch."""
    for depth in range(len(around), 0, -1):
        if around[depth - 1].single and _one_branch(scope, around[depth - 1].scope):
            return (*around[:depth], inside(marker, around[depth - 1], scope))
    return (outermost(marker, scope),)
