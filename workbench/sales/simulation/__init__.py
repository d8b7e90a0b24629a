"""Forecast by simulation: what may be won by the end of a period, and how far to trust it."""

from workbench.sales.simulation.ask import forecast_simulation
from workbench.sales.simulation.result import ForecastSimulation

__all__ = ["ForecastSimulation", "forecast_simulation"]
