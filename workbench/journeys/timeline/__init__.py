"""The play-by-play of one named account: what happened, who did it, what came before and after."""

from workbench.journeys.timeline.ask import timeline
from workbench.journeys.timeline.result import Timeline

__all__ = ["Timeline", "timeline"]
