"""The question: how much will be won by the end of the period, and how sure is that?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.results import numbers
from workbench.sales.fiscal import fiscal_periods
from workbench.sales.history import history_of
from workbench.sales.population import population
from workbench.sales.ranges import Range, as_date, day_number, day_of, midnight, read_range
from workbench.sales.simulation.known import enough, known_at
from workbench.sales.simulation.question import Question
from workbench.sales.simulation.result import ForecastSimulation
from workbench.sales.targets import Targets, targets_of
from workbench.vocabulary.calendars import Calendar
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.workspace import Workspace

LEAST_DRAWS, MOST_DRAWS = 200, 200_000
MOST_DAYS_AHEAD = 1_100


def forecast_simulation(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    as_of: str | None = None,
    where: Any = None,
    target: Any = None,
    learn_within: str | Duration = "730d",
    draws: int = 10_000,
    seed: int = 20_261,
) -> ForecastSimulation:
    """The amount won by the end of a period as a distribution, learned from past deals.

    For each open deal the chance to be won in time is what became of past deals that stood in the
    same stage for as long: won and lost compete, open ones are censored; stages and ages with few
    deals borrow from all. Amounts change as they did from that stage on. Deals that are not yet
    created come as in the past year, a part of its own. `ForecastSimulation.backtest` asks the
    same at the start of past periods, with what was known then, beside simple forecasts.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Days of closing, such as ``"2026-Q4"``, ``"this fiscal quarter"`` or ``"FY2026 Q3"``; the
        fiscal quarter of the day after `as_of` when left out.
    as_of : str, optional
        Look from the end of this day; nothing after it is looked at.
    where : mapping, optional
        Only deals that meet this condition on their present columns.
    target : number, str or False, optional
        What is to be won in the period, or a ``kpi_id`` of the table of targets; the table's
        target of won amounts when left out, False for none.
    learn_within : str
        How far back past deals teach.
    draws : int
        Between 200 and 200,000.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    ForecastSimulation
        Its `frame` has the columns of `ForecastSimulation.columns`.

    Raises
    ------
    AbsentError
        When there is no history, or too few closed deals to learn from.
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: sales-pipeline.md, section 2 (won, forecast) and 9; b2b-data-model.md, section 4, rules
    1 to 4 and 9.
    """
    _check(draws, seed)
    within = Duration.parse(learn_within, "learn_within")
    zone = workspace.settings.report_tz
    now = microseconds_of(workspace.as_of)
    day, instant = day_of(workspace.as_of, zone), now
    if as_of not in (None, ""):
        asked = read_range(workspace, as_of, as_of=workspace.as_of, argument="as_of")
        if asked.after is None:
            raise ArgumentError.of("as_of", as_of, message("a day such as '2026-06-30'"))
        if midnight(asked.after, zone) - 1 < now:
            day, instant = asked.after - 1, midnight(asked.after, zone) - 1
    chosen_period = _period(workspace, period, day)
    history = history_of(workspace)
    chosen = population(history.deals, where)
    found = _target(workspace, chosen_period, where, target)
    question = Question(
        workspace=workspace,
        period=chosen_period,
        instant=instant,
        day=day,
        where=where,
        learn_within=within,
        draws=draws,
        seed=seed,
        target=found.whole,
        target_notes=found.notes,
    )
    known = known_at(history, chosen, chosen_period, instant, within)
    enough(known)
    return ForecastSimulation(question, known, chosen)


def _period(workspace: Workspace, asked: str | Period | None, day: int) -> Range:
    """The period with both ends; the quarter of the next day when none is named."""
    if asked is None or asked == "":
        calendar = Calendar.of(workspace.settings, "quarter")
        first = calendar.first_day(as_date(day + 1))
        return Range(day_number(first), day_number(calendar.following(first)))
    named = fiscal_periods(workspace)
    found = read_range(workspace, asked, as_of=workspace.as_of, calendar=named)
    today = numbers.day(as_date(day))
    if found.first is None or found.after is None:
        raise ArgumentError.of("period", str(asked), message("a period with a start and an end"))
    if found.after <= day + 1:
        raise AbsentError.of(
            "period",
            str(asked),
            message("a period that ends after {day}", day=today),
            message("That period has ended: what was won in it is known."),
        )
    if found.after > day + MOST_DAYS_AHEAD:
        raise ArgumentError.of(
            "period",
            str(asked),
            message(
                "a period that ends after {day}, and at most {n} days after it",
                day=today,
                n=MOST_DAYS_AHEAD,
            ),
        )
    return found


@dataclass(frozen=True)
class _Asked:
    """What the targets want to know of a question."""

    workspace: Workspace
    range: Range
    where: Any
    by: None = None


def _target(workspace: Workspace, period: Range, where: Any, target: Any) -> Targets:
    if isinstance(target, dict):
        raise ArgumentError.of("target", target, message("an amount, a kpi_id, or False"))
    return targets_of(cast(Any, _Asked(workspace, period, where)), target)


def _check(draws: Any, seed: Any) -> None:
    for name, value, low, high in (
        ("draws", draws, LEAST_DRAWS, MOST_DRAWS),
        ("seed", seed, 0, 2**63 - 1),
    ):
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ArgumentError.of(
                name,
                value,
                message("a whole number from {low} to {high}", low=low, high=f"{high:,}"),
            )
