"""Dashboards: a grid of pictures, each of one saved report, each of them open to its records."""

from workbench.sales.dashboards.ask import dashboard
from workbench.sales.dashboards.component import Component
from workbench.sales.dashboards.result import Dashboard

__all__ = ["Component", "Dashboard", "dashboard"]
