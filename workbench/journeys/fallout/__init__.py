"""Fallout: how far containers get in a sequence of steps (journeys-fallout.md)."""

from workbench.journeys.fallout.ask import fallout
from workbench.journeys.fallout.result import Fallout

__all__ = ["Fallout", "fallout"]
