"""Alerts: who is told when a number is not what it should be."""

from workbench.collaboration.alerts.book import Alerts, alerts
from workbench.collaboration.alerts.from_result import alert_from
from workbench.collaboration.alerts.preview import alert_preview

__all__ = ["Alerts", "alert_from", "alert_preview", "alerts"]
