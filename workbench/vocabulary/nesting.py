"""Which containers may stand inside which: refused when a segment is written, before any row.

Source: journeys-attribution-and-segments.md, B2; journeys-fallout.md, section 1 (rank).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import Condition, InSegment, OfContainer, leaves_of
from workbench.vocabulary.containers import (
    can_be_touchpoint,
    container_named,
    lies_under,
)
from workbench.vocabulary.wholes import MOST_IN_A_GROUP, Each, Total

if TYPE_CHECKING:
    from workbench.vocabulary.steps import Step


def nested_segments(condition: Condition | None) -> list[InSegment]:
    """Every segment inside a condition, those inside `Each` and `Total` too."""
    found: list[InSegment] = []
    for leaf in [] if condition is None else leaves_of(condition):
        if isinstance(leaf, InSegment):
            found.append(leaf)
        elif isinstance(leaf, Each):
            found += [inner for part in leaf.parts for inner in nested_segments(part)]
        elif isinstance(leaf, Total):
            found += nested_segments(leaf.where)
    return found


def is_checkpoint(condition: Condition, scope: str) -> bool:
    """Whether a step of a sequence is a whole container of a finer kind on the same branch."""
    if not isinstance(condition, InSegment) or condition.segment.stack:
        return False
    inner = condition.segment.scope
    return inner != "event" and lies_under(inner, scope)


def check_where(condition: Condition, scope: str) -> None:
    """Refuse a condition that containers of a scope cannot be asked for."""
    if scope == "event":
        check_rows(condition, "where", each=False)
    else:
        _check_parts(condition, "where")


def check_rows(condition: Condition, argument: str, *, each: bool = True) -> None:
    """Refuse conditions on whole containers where single rows are looked at.

    Parameters
    ----------
    each : bool
        Whether `Each` is allowed as the whole condition: all of it must not occur.
    """
    if each and isinstance(condition, Each):
        return
    for leaf in leaves_of(condition):
        if isinstance(leaf, OfContainer):
            raise ArgumentError.of(
                argument,
                str(leaf),
                message("a condition on single rows"),
                message("It speaks of a whole container: put it into the where of a segment."),
            )


def check_steps(steps: tuple[Step, ...], scope: str) -> None:
    """Refuse steps that a sequence of containers of a scope cannot have."""
    for item in steps:
        grouped = isinstance(item.condition, Each)
        if grouped and len(item.condition.parts) > MOST_IN_A_GROUP:  # type: ignore[union-attr]
            raise ArgumentError.of(
                "steps",
                item.label,
                message("at most {n} conditions in one group", n=MOST_IN_A_GROUP),
            )
        check_rows(item.condition, "steps")
        if item.without is not None:
            check_rows(item.without, "steps")
        if item.next_among is not None:
            check_rows(item.next_among, "steps", each=False)
        _check_parts(item.condition, "steps")
        for inner in nested_segments(item.condition):
            _check_finer(inner, scope)


def _check_finer(inner: InSegment, scope: str) -> None:
    held, around = container_named(inner.segment.scope), container_named(scope)
    if not can_be_touchpoint(held, around):
        raise ArgumentError.of(
            "steps",
            inner.segment.name,
            message("segments of a scope below {scope}", scope=around.name),
            message(
                "This one keeps whole {containers}, so no later step could follow it; put it into "
                "where= instead.",
                containers=held.plural,
            ),
        )


def _check_parts(condition: Condition, argument: str) -> None:
    for inner in nested_segments(condition):
        if inner.segment.part != "everyone":
            raise ArgumentError.of(
                argument,
                inner.segment.name,
                message("nested segments that keep everyone"),
                message("Only the outermost segment can keep what lies before or after."),
            )
