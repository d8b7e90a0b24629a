"""Attribution: which touches get the credit of a conversion (journeys-attribution-and-segments.md,
part A)."""

from workbench.journeys.attribution.ask import attribution
from workbench.journeys.attribution.result import Attribution

__all__ = ["Attribution", "attribution"]
