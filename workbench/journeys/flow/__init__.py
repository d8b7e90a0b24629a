"""Flow: paths of items from, to and around a point of the journey (journeys-flow.md)."""

from workbench.journeys.flow.ask import flow
from workbench.journeys.flow.result import Flow

__all__ = ["Flow", "flow"]
