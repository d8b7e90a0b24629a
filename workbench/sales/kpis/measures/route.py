"""From the source of a definition to its units, and what time a source speaks of."""

from __future__ import annotations

from typing import Any

from workbench.sales.kpis import sources as s
from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.measured import FLOW, NOW, PAST, Goal, Measured, Window
from workbench.sales.kpis.measures import deals, declared, hearing, visits

_MEASURES: dict[type, Any] = {
    s.Declared: declared.declared,
    s.NewFromCustomers: deals.new_from_customers,
    s.WonAmount: deals.won_amount,
    s.HearingFilled: hearing.hearing_filled,
    s.AnomalyShare: deals.anomaly,
    s.Visits: visits.visits,
    s.VisitsPerRep: visits.visits_per_rep,
    s.VisitedWeekly: visits.visited_weekly,
    s.Unvisited: visits.unvisited,
    s.CustomerVisitShare: visits.customer_share,
}


def measured(facts: Facts, source: Any, window: Window, goal: Goal) -> Measured:
    """Units of a source in one period.

    Parameters
    ----------
    facts : Facts
    source : Source
    window : Window
    goal : Goal
        Target and direction; they decide who has something to do where a figure is one of people.

    Raises
    ------
    AbsentError
        When the workspace does not hold what the source needs.
    """
    result: Measured = _MEASURES[type(source)](facts, source, window, goal)
    return result


def time_of(source: Any) -> str:
    """Whether a source speaks of what happened in a period, of its end, or of the present alone."""
    if isinstance(source, s.Declared):
        return FLOW if source.at else NOW
    if isinstance(source, s.HearingFilled | s.AnomalyShare):
        return NOW
    return PAST if isinstance(source, s.Unvisited) else FLOW
