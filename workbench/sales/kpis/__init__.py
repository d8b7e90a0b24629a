"""KPIs: definitions with five blanks, figures against targets, anomalies, and what to do next."""

from workbench.sales.kpis.ask import kpis
from workbench.sales.kpis.result import Kpis

__all__ = ["Kpis", "kpis"]
