"""The question: what did the in-person events bring?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from workbench.errors import ArgumentError
from workbench.journeys.gatherings.counting import counted
from workbench.journeys.gatherings.question import ENGAGED, OUTCOMES, Question
from workbench.journeys.gatherings.result import Gatherings
from workbench.journeys.scoping import lasting, scope_of, standing_alone
from workbench.messages import message
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import segment_from
from workbench.vocabulary.steps import Step, step, step_from
from workbench.workspace import Workspace


def gatherings(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    segment: Any = None,
    horizon: str | timedelta | Duration = "60d",
    engaged: Sequence[Any] | None = None,
    engaged_within: str | timedelta | Duration = "30d",
    outcomes: Mapping[str, Any] | None = None,
) -> Gatherings:
    """Who came to the in-person events, what followed, and what did it cost?

    What followed is counted, not credited: whether an event caused it is asked by `wb.uplift`.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Only events that begin inside it, in the reporting zone.
    segment : Segment or mapping, optional
        Only people of accounts of this segment.
    horizon : str
        How long after the start of an event an MQL, SQL, opportunity or won deal counts as
        following it; the far edge is inside.
    engaged : list of event names, mappings or steps, optional
        What an account does that counts as engaged; an e-mail of theirs, a call, a meeting or a
        lead form when left out.
    engaged_within : str
        How long that may come after the day of the event.
    outcomes : mapping, optional
        What counts as ``mql``, ``sql``, ``opportunity`` and ``won``: an event name, mapping or
        step for each that is not called as usual.

    Returns
    -------
    Gatherings
        Its `frame` has the columns of `Gatherings.columns`. A workspace without in-person events
        gives an answer that says so.

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: b2b-data-model.md, section 2 (events, event_attendance, campaigns).
    """
    question = Question(
        workspace=workspace,
        period=workspace.period(period),
        segment=None if segment is None else segment_from(segment),
        horizon=lasting(horizon, "horizon"),
        engaged_within=lasting(engaged_within, "engaged_within"),
        outcomes=_outcomes(workspace, outcomes),
        engaged=_engaged(workspace, engaged),
        given={
            "engaged": None
            if engaged is None
            else [s.plain() for s in standing_alone(engaged, "engaged")],
            "outcomes": None
            if outcomes is None
            else {name: step_from(value).plain() for name, value in outcomes.items()},
        },
    )
    account = container_named("account")
    marker = workspace.marker()
    stream = workspace.events.stream(account)
    found = counted(question, marker, stream)
    scope = scope_of(
        workspace, marker, account, question.period, dropped_null_key=stream.dropped_null_key
    )
    return Gatherings(question, found, scope)


def _outcomes(workspace: Workspace, given: Mapping[str, Any] | None) -> dict[str, Step]:
    """What counts as each outcome; a usual event that never occurs is left out."""
    if given is not None and not isinstance(given, Mapping):
        raise ArgumentError.of(
            "outcomes",
            given,
            message("a mapping such as {example}", example={"won": "deal_signed"}),
        )
    for name in given or {}:
        if name not in OUTCOMES:
            raise ArgumentError.of("outcomes", name, OUTCOMES)
    events = set(workspace.events.dictionary("event").to_pylist())
    out = {}
    for name, usual in OUTCOMES.items():
        if given is not None and name in given:
            out[name] = standing_alone([given[name]], "outcomes")[0]
        elif usual in events:
            out[name] = step(usual)
    return out


def _engaged(workspace: Workspace, given: Sequence[Any] | None) -> tuple[Step, ...]:
    if given is not None:
        return standing_alone(given, "engaged")
    events = set(workspace.events.dictionary("event").to_pylist())
    return tuple(step(name) for name in ENGAGED if name in events)
