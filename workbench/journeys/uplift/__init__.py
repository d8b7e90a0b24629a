"""Uplift: did attending change what followed? (in-person events)"""

from workbench.journeys.uplift.ask import uplift
from workbench.journeys.uplift.result import Uplift

__all__ = ["Uplift", "uplift"]
