"""The question: who is in a segment, and why?"""

from __future__ import annotations

from typing import Any

from workbench.journeys.audience.counting import count
from workbench.journeys.audience.question import Question
from workbench.journeys.audience.result import Audience
from workbench.journeys.scoping import scope_of
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import segment_from
from workbench.workspace import Workspace


def audience(
    workspace: Workspace,
    *,
    container: str | None = None,
    period: str | Period | None = None,
    segment: Any,
) -> Audience:
    """Who is in a segment, who is not, and why?

    Parameters
    ----------
    workspace : Workspace
    container : str, optional
        What is counted; the scope of the segment when left out, accounts for a segment of events
        and for several segments.
    period : str, optional
        Range of dates of the reporting zone; only rows inside qualify a container.
    segment : Segment, mapping, or list of them
        A list keeps the rows that belong to all of them.

    Returns
    -------
    Audience
        Its `frame` has the columns of `Audience.columns`; `members` names everybody.

    Raises
    ------
    ArgumentError
        Before any row is read, for a segment that cannot be; for an event, a dimension or a key
        that these data do not hold.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B1, B2 and B5.
    """
    asked = segment_from(segment)
    own = "account" if asked.stack or asked.scope == "event" else asked.scope
    kind = container_named(own if container is None else container)
    question = Question(workspace, kind, workspace.period(period), asked)
    marker = workspace.marker(question.period)
    counted = count(question, marker)
    stream = counted.grouping.stream
    scope = scope_of(
        workspace,
        marker,
        kind,
        question.period,
        dropped_null_key=stream.dropped_null_key,
        rows_read=counted.events_total if question.period else None,
    )
    return Audience(question=question, counted=counted, scope=scope)
