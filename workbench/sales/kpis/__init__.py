"""KPIs: definitions with five blanks, figures against targets, anomalies, and what to do next."""

from workbench.sales.kpis.anomaly.ask import anomalies
from workbench.sales.kpis.anomaly.result import Anomalies
from workbench.sales.kpis.ask import kpis
from workbench.sales.kpis.design import Design, kpi_design
from workbench.sales.kpis.result import Kpis

__all__ = ["Anomalies", "Design", "Kpis", "anomalies", "kpi_design", "kpis"]
