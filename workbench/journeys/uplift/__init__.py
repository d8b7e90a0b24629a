"""Uplift: did attending an in-person event change what followed?"""

from workbench.journeys.uplift.ask import uplift
from workbench.journeys.uplift.each import Uplifts, uplifts
from workbench.journeys.uplift.result import Uplift

__all__ = ["Uplift", "Uplifts", "uplift", "uplifts"]
