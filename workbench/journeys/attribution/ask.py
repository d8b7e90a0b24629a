"""The question: which touches get the credit of a conversion?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np

from workbench.engine.masks import Marker
from workbench.engine.segments import segment_rows
from workbench.engine.store import Stream
from workbench.engine.touches.collected import Rows
from workbench.engine.values import absent_values
from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.attribution.amounts import check_value
from workbench.journeys.attribution.conversions import conversions_of
from workbench.journeys.attribution.counting import REPEATS, Study
from workbench.journeys.attribution.items import Items, items_of
from workbench.journeys.attribution.lookback import Lookback
from workbench.journeys.attribution.models import model_from
from workbench.journeys.attribution.question import Question
from workbench.journeys.attribution.result import Attribution
from workbench.journeys.scoping import scope_of, with_a_row
from workbench.messages import message
from workbench.vocabulary.conditions import Term, condition_from
from workbench.vocabulary.containers import CONTAINERS, container_named
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import segment_from
from workbench.vocabulary.steps import Step, step_from
from workbench.workspace import Workspace

_DISTINCT = {
    *CONTAINERS,
    *(item.many.replace(" ", "_") for item in CONTAINERS.values()),
    "occurrences",
    "persons",
    "visits",
    "visitors",
}


def attribution(
    workspace: Workspace,
    *,
    container: str = "account",
    period: str | Period | None = None,
    segment: Any = None,
    conversion: Any,
    dimension: str,
    model: Any = "last",
    lookback: str | timedelta | Duration | Lookback = "90d",
    half_life: str | timedelta | Duration = "7d",
    value: str | None = None,
    touches: Any = None,
    dedupe: str | None = None,
    display: Any = None,
    items: int = 20,
    prior: float = 10.0,
) -> Attribution:
    """Which touches get the credit of a conversion?

    Parameters
    ----------
    workspace : Workspace
    container : str
        Whose touches count: account, global_account, opportunity, buying_group, person, session.
    period : str, optional
        Range of dates of the reporting zone in which conversions lie; touches before it count
        when the lookback reaches them.
    segment : Segment or mapping, optional
        Only conversions whose row belongs to this segment are counted; their touches may lie
        outside.
    conversion : str, mapping or Step
        The event that is shared out, or a condition such as
        ``{"event": "closed_won", "opportunity_type": "upsell"}``.
    dimension : str
        What touches are told apart by: an event column, or a column of accounts, people or
        opportunities. A row without a value of it is no touch.
    model : str or three numbers
        ``last``, ``first``, ``linear``, ``u_shaped``, ``j_shaped``, ``inverse_j``, ``time_decay``,
        ``participation``, ``same_touch``, ``algorithmic`` (Shapley values of conversion rates),
        ``markov`` (removal effects), or weights ``(first, middle, last)``.
    lookback : str
        ``"90d"``, ``"30 minutes"``, calendar months such as ``"13 months"`` or ``"2 quarters"``,
        ``"session"``, ``"period"`` (back to its start) or ``"ever"``; both ends are inside.
    half_life : str
        Of ``time_decay``.
    value : str, optional
        What a conversion is worth: a measure of the events, or a number of the opportunity such
        as ``"opportunities.amount"``. Money is converted as the workspace file says.
    touches : str or mapping, optional
        Condition that a row must meet to be a touch at all.
    dedupe : {None, "consecutive", "unique"}
        Leave out a touch that repeats the item of the touch before it, or any earlier one in the
        same window; the first of them stays.
    display : str, list or mapping, optional
        Lines to show: names, or a comparison such as ``{"contains": "webinar"}``. The others are
        hidden and nothing is shared out anew.
    items : int
        Lines of their own; the rest is put together.
    prior : float
        Weight of the overall rate in ``algorithmic``, in containers; 0 for none.

    Returns
    -------
    Attribution
        Its `frame` has the columns of `Attribution.columns`.

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, part A.
    """
    if dedupe not in REPEATS:
        raise ArgumentError.of("dedupe", dedupe, [str(name) for name in REPEATS])
    if isinstance(items, bool) or not isinstance(items, int) or items < 1:
        raise ArgumentError.of("items", items, message("1 or more"))
    if not isinstance(dimension, str) or not dimension:
        raise ArgumentError.of("dimension", dimension, message("the name of a column"))
    if value is not None:
        check_value(workspace, value)
    question = Question(
        workspace=workspace,
        container=container_named(container),
        period=workspace.period(period),
        segment=None if segment is None else segment_from(segment),
        conversion=_conversion(workspace, conversion),
        dimension=dimension,
        model=model_from(model, half_life, prior),
        lookback=Lookback.parse(lookback),
        value=value,
        touches=None if touches is None else condition_from(touches, "touches"),
        dedupe=dedupe,
        display=_display(dimension, display),
        items=items,
    )
    return answer(question)


def answer(question: Question) -> Attribution:
    """Find conversions and touches, and put the result together."""
    workspace, store = question.workspace, question.workspace.events
    marker = workspace.marker(question.period)
    stream = store.stream(question.container)
    items = items_of(marker, question.dimension)
    check_display(question, items)
    kept = None if question.segment is None else segment_rows(marker, question.segment)
    conversions = conversions_of(question, marker, stream, kept)
    members = None if kept is None else with_a_row(workspace, marker, stream, question.period, kept)
    rows = _rows(question, marker, stream, items)
    study = Study(question, stream, items, conversions, rows, members)
    scope = scope_of(
        workspace,
        marker,
        question.container,
        question.period,
        dropped_null_key=stream.dropped_null_key,
    )
    return Attribution(study=study, scope=scope)


def _rows(question: Question, marker: Marker, stream: Stream, items: Items) -> Rows:
    store = marker.store
    usable = np.empty(0, bool)
    if question.touches is not None:
        usable = marker.rows(question.touches)
    session, missing = np.empty(0, np.uint8), 0
    if question.lookback.named == "session" and question.container.name != "session":
        if "session_id" not in store.columns:
            raise AbsentError.of(
                "lookback",
                "session",
                message("a length such as '90d'"),
                message("The events carry no session_id."),
            )
        session, missing = store.column("session_id"), store.columns["session_id"]["values"]
    return Rows(
        store.times,
        stream.rows,
        items.codes,
        items.offsets,
        items.places,
        usable,
        session,
        missing,
    )


def _conversion(workspace: Workspace, value: Any) -> Step:
    """The conversion as a condition; links and limits mean nothing without a step before."""
    if isinstance(value, str):
        _check_metric(workspace, value)
    asked = step_from(value)
    limits = (asked.within, asked.after, asked.without, asked.next_among)
    if asked.link != "eventual" or any(item is not None for item in limits):
        raise ArgumentError.of(
            "conversion",
            asked.label,
            message("a condition without link and limits"),
            message("Use lookback=."),
        )
    return asked


def _check_metric(workspace: Workspace, name: str) -> None:
    """Refuse counts of distinct containers, unless an event is called so."""
    known = workspace.events.dictionary("event").to_pylist()
    if name.strip().lower().replace(" ", "_") in _DISTINCT and name not in known:
        raise ArgumentError.of(
            "conversion",
            name,
            known,
            message(
                "Credit of single events can be shared out; a count of distinct "
                "containers, or of all occurrences, cannot."
            ),
        )


def _display(dimension: str, value: Any) -> Term | None:
    if value is None:
        return None
    compared = value if isinstance(value, Mapping) else {"=": value}
    read = condition_from({dimension: compared}, "display")
    if not isinstance(read, Term):
        raise ArgumentError.of("display", value, message("names, or one comparison"))
    return read


def check_display(question: Question, items: Items) -> None:
    """Refuse a line that cannot be: its name is no value of the dimension."""
    term = question.display
    if term is None or term.operator != "=":
        return
    for name in absent_values(items.values, term):
        raise AbsentError.of("display", name, items.values.to_pylist())
