"""Anomaly detection: what was expected of a number from period to period, drawn as a band."""

from workbench.collaboration.anomalies.ask import anomaly_detection
from workbench.collaboration.anomalies.holiday_table import holiday_table

__all__ = ["anomaly_detection", "holiday_table"]
