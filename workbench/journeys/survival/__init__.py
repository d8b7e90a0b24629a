"""Survival: how long until it is won, unfinished ones included (journeys-cohort.md)."""

from workbench.journeys.survival.ask import survival
from workbench.journeys.survival.result import Survival

__all__ = ["Survival", "survival"]
