"""Table reports: joined objects in groups, each row of each object counted once."""

from workbench.sales.reporting.ask import table_report
from workbench.sales.reporting.result import TableReport

__all__ = ["TableReport", "table_report"]
