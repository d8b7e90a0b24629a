"""Rolling a score out in four steps, as text that is filled with the figures of the data.

Source: sales-pipeline.md, section 7 (roll-out in four steps); the plan of use (aim, thresholds and
what is done, how the effect is measured, which review is due) is a plain mapping, kept as YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.errors import ArgumentError
from workbench.messages import marked, message
from workbench.reasons import reasons
from workbench.results import numbers
from workbench.results.base import Block
from workbench.sales.score.training import ADVISED, HARD_FLOOR

if TYPE_CHECKING:
    from workbench.sales.score.result import Score

AIMS = {
    "forecast": marked("a more accurate forecast"),
    "win_rate": marked("a higher win rate"),
    "efficiency": marked("less time on deals that will be lost"),
}


class Plan(BaseModel):
    """How a score is to be used.

    Attributes
    ----------
    aim : {"forecast", "win_rate", "efficiency"}
    actions : mapping of str to str
        What is done with deals of a grade.
    fallen_within_days : int
        Days within which a deal is contacted that falls out of the best grade.
    measured_by : str
        How the effect is measured.
    reviewed_every_months : int
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    aim: Literal["forecast", "win_rate", "efficiency"] = "win_rate"
    actions: dict[str, str] = Field(default_factory=dict)
    fallen_within_days: int = Field(default=3, ge=0, le=365)
    measured_by: str = ""
    reviewed_every_months: int = Field(default=3, ge=1, le=24)


def plan_from(value: Any, grades: tuple[str, ...]) -> Plan:
    """Read a plan; everything that is wrong is said at once, with the closest names.

    Raises
    ------
    ArgumentError
    """
    if isinstance(value, Plan):
        return value
    if value is not None and not isinstance(value, Mapping):
        allowed = message("a mapping such as {example}", example=_EXAMPLE)
        raise ArgumentError.of("plan", value, allowed)
    problems = []
    given = dict(value or {})
    for name in sorted(set(map(str, given)) - set(Plan.model_fields)):
        problems.append(str(ArgumentError.of("plan", name, list(Plan.model_fields))))
    actions = given.get("actions")
    for name in actions if isinstance(actions, Mapping) else ():
        if name not in grades:
            problems.append(str(ArgumentError.of("plan.actions", name, grades)))
    try:
        found = Plan(**{k: v for k, v in given.items() if k in Plan.model_fields})
    except ValidationError as wrong:
        for reason in reasons(wrong.errors()):
            needed: tuple[str, ...] | str = reason.choices or reason.needed or reason.said
            problems.append(str(ArgumentError.of(f"plan.{reason.path}", reason.given, needed)))
        found = Plan()
    if problems:
        raise ArgumentError(" ".join(problems))
    return found


_EXAMPLE = {"aim": "win_rate", "actions": {"A": "Weekly review"}, "measured_by": "Win rate of A"}


def rollout(result: Score, plan: Any = None) -> Block:
    """The four steps, each with what these data say to it.

    Parameters
    ----------
    result : Score
    plan : mapping or Plan, optional
        How the score is to be used; the usual one when left out.
    """
    grades = result.basis.question.grades
    found = plan_from(plan, grades.names)
    entries = [
        {"term": message("1. Know it"), "text": _known(result)},
        {"term": message("2. Check it"), "text": _checked(result)},
        {"term": message("3. Decide its use"), "text": _used(result, found)},
        {"term": message("4. Try it out"), "text": _tried(found)},
    ]
    return Block(
        {"block": "definitions", "heading": message("Using the score"), "entries": entries}
    )


def _known(result: Score) -> str:
    sample = result.basis.sample
    counts = {
        "won": numbers.count(sample.wins),
        "lost": numbers.count(sample.losses),
        "least": HARD_FLOOR,
        "advised": ADVISED,
    }
    text = message(
        "The score says how often deals that looked alike were won. It does not say why, it is no "
        "order of work by itself, and it is no measure of people."
    )
    if result.basis.model is None:
        more = message(
            "There is not enough history yet: {won} won and {lost} lost deals with a history, "
            "{least} of each are needed and {advised} advised.",
            **counts,
        )
    elif min(sample.wins, sample.losses) < ADVISED:
        more = message(
            "There is enough history for a rough score: {won} won and {lost} lost deals; {advised} "
            "of each are advised.",
            **counts,
        )
    else:
        more = message("There is enough history: {won} won and {lost} lost deals.", **counts)
    return f"{text} {more}"


def _checked(result: Score) -> str:
    if result.basis.model is None:
        return message("Nothing to check: there is no score.")
    return f"{result.stages().headline()} {result.headline()} {result.calibration().headline()}."


def _used(result: Score, plan: Plan) -> str:
    grades = result.basis.question.grades
    parts = [
        message("Aim: {aim}.", aim=message(AIMS[plan.aim])),
        message("Grades: {grades}.", grades=grades.in_words()),
    ]
    parts += [
        message("{grade}: {action}.", grade=name, action=plan.actions[name].rstrip("."))
        for name in grades.names
        if plan.actions.get(name)
    ]
    parts.append(
        message(
            "A deal that falls out of {best} is contacted within {days} days.",
            best=grades.names[0],
            days=plan.fallen_within_days,
        )
    )
    measured = plan.measured_by.rstrip(".") or message(
        "win rate by grade at a horizon of 30 days, beside that of the time before"
    )
    parts.append(message("The effect is measured by: {how}.", how=measured))
    return " ".join(parts)


def _tried(plan: Plan) -> str:
    return message(
        "Pilot with one team. Say beforehand what the score is not; keep data entry going, since "
        "the score lives on it. Review it every {months} months; thresholds are proposed by the "
        "review and moved by people.",
        months=plan.reviewed_every_months,
    )
