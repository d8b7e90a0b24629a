"""Audiences: who a segment means, why, and how many (journeys-attribution-and-segments.md, B)."""

from workbench.journeys.audience.ask import audience
from workbench.journeys.audience.result import Audience

__all__ = ["Audience", "audience"]
