"""The question: did taking part change what followed?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from workbench.errors import ArgumentError
from workbench.journeys.scoping import lasting, scope_of, standing_alone
from workbench.journeys.uplift.analysis import analysis_of
from workbench.journeys.uplift.covariates import asked_covariates, stages_of
from workbench.journeys.uplift.question import METHODS, Question
from workbench.journeys.uplift.result import Uplift
from workbench.journeys.uplift.sample import Sample, sample_of
from workbench.journeys.uplift.treatment import Treatments, treatments
from workbench.messages import message, message_of_count
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import segment_from
from workbench.vocabulary.steps import Step
from workbench.workspace import Workspace

MOST_OUTCOMES = 20


def uplift(
    workspace: Workspace,
    *,
    container: str = "account",
    event: Any = None,
    at: str | Period | None = None,
    outcome: Any = "opportunity_created",
    segment: Any = None,
    horizon: str | timedelta | Duration = "60d",
    known_before: str | timedelta | Duration = "90d",
    covariates: Sequence[str] | None = None,
    stages: Sequence[Any] | None = None,
    method: str = "weighting",
    neighbours: int = 3,
) -> Uplift:
    """Did attending an event change what followed?

    Those who came are compared with others who did not and who were like them by all that was
    known before the event began. The effect is that on those who came.

    Parameters
    ----------
    workspace : Workspace
    container : str
        What is counted: account, global_account, buying_group, person, …
    event : str, list of str, or step
        Key or name of an in-person event, or several that are judged together; or, with `at`, a
        step whose rows mean taking part. Without it: the in-person event that drew most accounts
        among those whose horizon is over.
    at : str, optional
        Dates of a step, such as ``"2026-03-15"``; what was known before ends with their start.
    outcome : str, step, or list of them
        Event names or steps that mean converting, each a line of the frame.
    segment : Segment or mapping, optional
        Only containers of this segment, by what was known before the event.
    horizon : str
        How long after the start of the event an outcome counts; the far edge is inside.
    known_before : str
        How long before the event engagement is counted.
    covariates : list of str, optional
        What is held equal: ``engagement`` (events of each kind in the look-back), ``stage``
        (furthest before), ``score`` (latest grade, tier or score of each model), ``recency``
        (days since the first and the last event), and columns of the events or the tables beside
        them. Everything that is known when left out: those four, and industry, employees,
        revenue, country, region and rank of the accounts.
    stages : list, optional
        Steps that are stages, in order; the usual ones of the funnel when left out.
    method : {"weighting", "matching"}
        Others count by their chance of taking part, or the nearest ones do.
    neighbours : int
        With matching: how many others stand against each.

    Returns
    -------
    Uplift
        Its `frame` has the columns of `Uplift.columns`. Where nothing can be said (no in-person
        events, too few, nobody comparable, horizon not over) it says why.

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Both the chance of taking part and the outcome are modelled; the effect is right when either
    model is (doubly robust). `Uplift.placebo` asks the same of the time before the event, and
    `Uplift.sensitivity` how strong something unmeasured would have to be.
    Unfinished is not lost: specs README, decision 3. Source of the tables: b2b-data-model.md,
    section 2 (events, event_attendance, scores).
    """
    chosen, treatment = _events(event, at)
    outcomes = _outcomes(outcome)
    horizon_read = lasting(horizon, "horizon")
    look_back = lasting(known_before, "known_before")
    if method not in METHODS:
        raise ArgumentError.of("method", method, METHODS)
    if not isinstance(neighbours, int) or isinstance(neighbours, bool) or neighbours < 1:
        raise ArgumentError.of("neighbours", neighbours, message("a whole number from 1 on"))
    if isinstance(covariates, str) or not isinstance(covariates, Sequence | None):
        raise ArgumentError.of("covariates", covariates, message("a list of names"))
    question = Question(
        workspace=workspace,
        container=container_named(container),
        events=chosen,
        treatment=treatment,
        at=_day(workspace, at) if at is not None else None,
        outcomes=outcomes,
        stages=() if stages is None else standing_alone(stages, "stages"),
        horizon=horizon_read,
        known_before=look_back,
        segment=None if segment is None else segment_from(segment),
        covariates=None if covariates is None else tuple(dict.fromkeys(map(str, covariates))),
        method=method,
        neighbours=neighbours,
    )
    return answer(question)


def answer(question: Question) -> Uplift:
    """Find the events, gather who is compared, and put the result together."""
    workspace, store = question.workspace, question.workspace.events
    stream = store.stream(question.container)
    marker = workspace.marker()
    asked_covariates(question)
    marker.bits((*question.outcomes, *stages_of(question)))  # refuses events that never occur
    found = treatments(question)
    scope = scope_of(
        workspace, marker, question.container, Period(), dropped_null_key=stream.dropped_null_key
    )
    if found.refusal:
        return Uplift(question, found, None, None, scope)
    sample = sample_of(question, found.ready, marker, stream)

    def earlier() -> Sample:
        return sample_of(question, found.ready, marker, stream, earlier=True)

    scope = replace(scope, notes=(*scope.notes, *_notes(found, sample)))
    return Uplift(question, found, analysis_of(question, sample), earlier, scope)


def _notes(found: Treatments, sample: Sample) -> list[str]:
    out = list(found.notes)
    if found.unfinished:
        names = ", ".join(one.label for one in found.unfinished)
        out.append(
            message(
                "Set aside because their horizon is not over (unfinished is not lost): {events}.",
                events=names,
            )
        )
    if sample.unknown_before:
        out.append(
            message_of_count(
                "{count} that took part had no event before, so nobody is comparable: set aside.",
                "{count} that took part had no event before, so nobody is comparable: set aside.",
                sample.unknown_before,
            )
        )
    return out


def _events(event: Any, at: Any) -> tuple[tuple[str, ...], Step | None]:
    """Keys or names of in-person events, or a step."""
    if at is not None:
        if event is None or isinstance(event, list | tuple):
            raise ArgumentError.of(
                "event", event, message("one event name, mapping or step beside at=")
            )
        return (), standing_alone([event], "event")[0]
    if event is None or event == "":
        return (), None
    if isinstance(event, Step | Mapping):
        raise ArgumentError.of(
            "at",
            at,
            message("the dates of the step, such as '2026-03-15'"),
            message("A step needs them."),
        )
    names = event if isinstance(event, list | tuple) else [event]
    if not names or not all(isinstance(name, str | int) and str(name).strip() for name in names):
        raise ArgumentError.of(
            "event", event, message("keys or names of in-person events, or a step")
        )
    return tuple(dict.fromkeys(str(name) for name in names)), None


def _outcomes(outcome: Any) -> tuple[Step, ...]:
    several = outcome if isinstance(outcome, list | tuple) else [outcome]
    found = standing_alone(several, "outcome")
    if len(found) > MOST_OUTCOMES:
        raise ArgumentError.of(
            "outcome",
            message("{count} outcomes", count=len(found)),
            message("at most {most}", most=MOST_OUTCOMES),
        )
    return found


def _day(workspace: Workspace, at: str | Period) -> Period:
    found = Period.parse(at, workspace.settings.report_tz, workspace.as_of, "at")
    if found.start is None or found.end is None:
        raise ArgumentError.of("at", str(at), message("a date, or a range of dates with both ends"))
    return found
