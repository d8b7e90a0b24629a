"""Attainment and status of a figure against its target.

Source: sales-pipeline.md, section 3 (attainment, status, pro-rata option).
"""

from __future__ import annotations

import math

from workbench.messages import marked, message
from workbench.sales.kpis.record import Kpi

GREEN, AMBER, RED, GREY = "green", "amber", "red", "grey"
STATES = {
    GREEN: marked("on target"),
    AMBER: marked("close to target"),
    RED: marked("off target"),
    GREY: marked("not judged"),
}
_ROUNDING = 9


def state_word(state: str) -> str:
    """A status as a reader sees it."""
    return message(STATES[state])


def attainment(value: float, target: float, direction: str) -> float:
    """How far a target is reached; 1 for all of it, not a number where that cannot be said.

    Up: value ÷ target, nothing for a target of zero. Down: target ÷ value, 1 for a value of zero.
    """
    if math.isnan(value) or math.isnan(target) or target < 0:
        return math.nan
    if direction == "up":
        return math.nan if target == 0 else value / target
    if value <= 0:
        return 1.0
    return target / value


def status(kpi: Kpi, value: float, reached: float, cases: float) -> str:
    """Green from 1, amber from the KPI's own edge, red below; grey with too few cases.

    A figure with a flag is red where the flag holds and never green for its target alone.
    """
    if math.isnan(value) or (kpi.min_n and cases < kpi.min_n):
        return GREY
    if kpi.flag is not None and kpi.flag.holds(value):
        return RED
    if math.isnan(reached):
        return GREY if kpi.flag is None else GREEN
    rounded = round(reached, _ROUNDING)
    if rounded >= 1:
        return GREEN
    return AMBER if rounded >= kpi.amber else RED
