"""The segment that means the containers of one row of a fallout: its group, its step, its outcome.

Source: journeys-fallout.md, section 1 (a touchpoint as a segment, also of those who fell out).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import ArgumentError
from workbench.journeys.scoping import MISSING, OTHER
from workbench.messages import message
from workbench.vocabulary.segments import Segment, segment_from


def segment_of_row(
    result: Any, row: Mapping[str, Any], outcome: str = "", name: str | None = None
) -> Segment:
    """A segment of those who stand behind a row.

    Parameters
    ----------
    result : Fallout
    row : mapping
        With ``position`` and ``group``.
    outcome : str
        ``reached`` (also when empty), ``fell_out`` or ``stopped_here``.
    name : str, optional

    Raises
    ------
    ArgumentError
        For those who are still on the way, for groups that are put together, and for everybody.
    """
    position, group = int(row["position"]), row.get("group")
    parts = [*_scope(result), *_group(result, group), *_walked(result, position, outcome)]
    if not parts:
        raise ArgumentError.of("position", position, message("a step; everybody is no segment"))
    label = name or _label(result, position, str(group or ""), outcome)
    if len(parts) == 1:
        return segment_from({**parts[0], "name": label})
    return segment_from({"name": label, "stack": parts})


def _scope(result: Any) -> list[dict[str, Any]]:
    asked = result.question.segment
    return [] if asked is None else [asked.plain()]


def _group(result: Any, group: Any) -> list[dict[str, Any]]:
    question = result.question
    named = {one.name: one.plain() for one in question.compare}
    if group in named:
        return [named[group]]
    if question.by is None or group is None:
        return []
    if group == OTHER:
        raise ArgumentError.of("group", group, message("a group that is told apart"))
    by = result.definition["by"]
    value = {"exists": False} if group == MISSING else str(group)
    return [{"scope": question.container.name, "where": {by: value}}]


def _walked(result: Any, position: int, outcome: str) -> list[dict[str, Any]]:
    """Sequences up to a step, and not up to the next."""
    last = len(result.labels)
    if outcome in ("", "reached"):
        return [_up_to(result, position)] if position else []
    if outcome == "fell_out":
        reached, lost = position - 1, position
    elif outcome == "stopped_here":
        reached, lost = position, position + 1
    else:
        allowed = ["reached", "fell_out", "stopped_here"]
        raise ArgumentError.of("outcome", outcome, allowed)
    return [
        *([_up_to(result, reached)] if reached > 0 else []),
        *([{**_up_to(result, lost), "exclude": True}] if 0 < lost <= last else []),
    ]


def _up_to(result: Any, position: int) -> dict[str, Any]:
    return dict(result.segment_at(position).plain())


def _label(result: Any, position: int, group: str, outcome: str) -> str:
    step = result.labels[position - 1] if position else ""
    said = {
        "fell_out": message("fell out before {step}", step=step),
        "stopped_here": message("stopped at {step}", step=step),
    }.get(outcome, message("reached {step}", step=step) if step else "")
    several = result.question.by is not None or group in {s.name for s in result.question.compare}
    return ", ".join(part for part in (group if several else "", said) if part)
