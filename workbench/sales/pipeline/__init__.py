"""Pipeline numbers: open, weighted, covered, won, converted, how fast, how often put off."""

from workbench.sales.pipeline.ask import pipeline
from workbench.sales.pipeline.conversion import stage_conversion
from workbench.sales.pipeline.conversion_result import StageConversion
from workbench.sales.pipeline.cycle import sales_cycle
from workbench.sales.pipeline.cycle_result import SalesCycle
from workbench.sales.pipeline.forecast import Forecast
from workbench.sales.pipeline.push import pushes
from workbench.sales.pipeline.push_result import Pushes
from workbench.sales.pipeline.result import Pipeline
from workbench.sales.pipeline.slippage_view import Slippage, slippage
from workbench.sales.pipeline.trend import Trend
from workbench.sales.pipeline.velocity_view import Velocity, velocity
from workbench.sales.pipeline.win import win_rates
from workbench.sales.pipeline.win_differences import WinDifferences
from workbench.sales.pipeline.win_result import WinRates

__all__ = [
    "Forecast",
    "Pipeline",
    "Pushes",
    "SalesCycle",
    "Slippage",
    "StageConversion",
    "Trend",
    "Velocity",
    "WinDifferences",
    "WinRates",
    "pipeline",
    "pushes",
    "sales_cycle",
    "slippage",
    "stage_conversion",
    "velocity",
    "win_rates",
]
