"""Buying groups: who should decide together, who of them is there, and who is silent."""

from workbench.journeys.buying_groups.ask import buying_groups
from workbench.journeys.buying_groups.result import BuyingGroups

__all__ = ["BuyingGroups", "buying_groups"]
