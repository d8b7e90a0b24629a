"""Growth: which customers could buy more, which are in danger, and why, in words."""

from workbench.journeys.growth.ask import growth
from workbench.journeys.growth.result import Growth

__all__ = ["Growth", "growth"]
