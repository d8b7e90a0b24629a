"""Measures: from the tables of a workspace to the units that a figure is made of."""

from workbench.sales.kpis.measures.measured import Measured, Window
from workbench.sales.kpis.measures.route import measured

__all__ = ["Measured", "Window", "measured"]
