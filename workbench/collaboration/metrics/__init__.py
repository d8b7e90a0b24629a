"""Any number from period to period: counts of events, KPIs, the pipeline, any result's number."""

from workbench.collaboration.metrics.definition import Metric, metric_from
from workbench.collaboration.metrics.reading import read

__all__ = ["Metric", "metric_from", "read"]
