"""What a segment of an answer is good for: whom it means, and a comparison with the others.

Source: journeys-flow.md, section 2 (segment from a path, audience, comparison of two segments);
journeys-cohort.md (cells as a segment).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import ArgumentError
from workbench.journeys.audience import audience
from workbench.messages import message
from workbench.vocabulary.segments import Segment
from workbench.widgets.explorer.analyses import of_definition
from workbench.widgets.explorer.answers import members_table
from workbench.workspace import Workspace


def told_audience(workspace: Workspace, segment: Mapping[str, Any]) -> dict[str, Any]:
    """Whom a segment means, as the page shows it: a sentence and who they are."""
    found = audience(workspace, segment=segment)
    frame = found.members()
    return {
        "say": "audience", "headline": found.headline(), "table": members_table(frame),
        "rows": len(frame),
    }  # fmt: skip


def means(workspace: Workspace, segment: Segment) -> str:
    """Whom a segment means, in a sentence."""
    return audience(workspace, segment=segment).headline()


def compared(definition: Mapping[str, Any], segment: Mapping[str, Any]) -> dict[str, Any]:
    """The question that puts a segment beside the others.

    A fallout gets one more group in the place of what it was split by, a flow is split in the
    segment and everybody else, and the two events of a cohort become the steps of a fallout.

    Raises
    ------
    ArgumentError
        For an analysis that compares no segments.
    """
    analysis = str(definition.get("analysis", "fallout"))
    if analysis == "flow":
        return {**definition, "compare": [dict(segment), everybody_else(segment)]}
    if analysis == "cohort":
        names = ("container", "period", "segment")
        kept = {name: definition[name] for name in names if name in definition}
        steps = [definition["inclusion"], definition["returning"]]
        return {"analysis": "fallout", "steps": steps, **kept, "compare": [dict(segment)]}
    if not of_definition(definition).accepts("compare"):
        raise ArgumentError.of("analysis", analysis, ["fallout", "flow", "cohort"])
    before = [one for one in definition.get("compare", ()) if one != segment]
    kept = {key: value for key, value in definition.items() if key != "by"}
    return {**kept, "compare": [*before, dict(segment)]}


def everybody_else(segment: Mapping[str, Any]) -> dict[str, Any]:
    """The segment of those that a segment of a question does not mean.

    One that lies on the segment of the question is told by its last part: both are asked of the
    question's segment alone.
    """
    own = segment["stack"][-1] if "stack" in segment else segment
    turned = {key: value for key, value in own.items() if key not in ("name", "exclude")}
    return {
        "name": message("everybody else"), **turned,
        **({} if own.get("exclude") else {"exclude": True}),
    }  # fmt: skip
