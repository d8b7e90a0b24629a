"""Cohort tables: who comes back, how soon, and who does not (journeys-cohort.md)."""

from workbench.journeys.cohort.ask import cohort
from workbench.journeys.cohort.result import Cohort

__all__ = ["Cohort", "cohort"]
