"""In-person events: who came, what followed, what it cost, who was not followed up."""

from workbench.journeys.gatherings.ask import gatherings
from workbench.journeys.gatherings.result import Gatherings

__all__ = ["Gatherings", "gatherings"]
