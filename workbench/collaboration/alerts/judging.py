"""Whether a condition is true of a period, by what was known when the period was over.

Source: collaboration.md, section 2.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from workbench.collaboration.alerts.record import ANOMALY, CHANGES, NO_DATA, Trigger
from workbench.collaboration.anomalies.bands import bands
from workbench.collaboration.anomalies.series import Rules, Series
from workbench.messages import message
from workbench.vocabulary.durations import MICROSECONDS

TRUE, FALSE, UNKNOWN, TOO_FEW = "true", "false", "unknown", "too_few"
# How many periods back each baseline lies.
BACK = {
    "day": {"previous": 1, "same_weekday": 7, "last_year": 364},
    "week": {"previous": 1, "last_year": 52},
    "month": {"previous": 1, "last_year": 12},
}
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Verdict:
    """What is true of one trigger in one period.

    Attributes
    ----------
    label, when : str
    start : str
        First day of the period.
    state : {"true", "false", "unknown", "too_few"}
        ``unknown`` where the period or what it is compared with has no value; ``too_few`` where so
        little happens that nothing can be told from chance.
    actual, expected, low, high : float or None
        ``expected`` is what the value is compared with: the model, the baseline, the fixed value.
    deviation : float or None
        actual ÷ expected − 1.
    new : bool
        Something where nothing was before.
    method, holiday, why : str
    unit : str
    """

    label: str
    when: str
    start: str
    state: str
    actual: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    deviation: float | None = None
    new: bool = False
    method: str = ""
    holiday: str = ""
    why: str = ""
    unit: str = "number"
    currency: str = ""

    def plain(self) -> dict[str, Any]:
        """The verdict as plain values."""
        return asdict(self)


def judge(
    asked: Sequence[tuple[Trigger, Series, Sequence[int]]], rules: Rules
) -> list[list[Verdict]]:  # fmt: skip
    """Judge triggers at some places of their series; models are fitted together.

    Parameters
    ----------
    asked : sequence of (Trigger, Series, places)
    rules : Rules
        Holidays and threads; each trigger has its own confidence.

    Returns
    -------
    list of list of Verdict
        For each trigger its places in order.
    """
    from dataclasses import replace

    out: list[list[Verdict]] = [[] for _ in asked]
    levels: dict[float, list[int]] = {}
    for n, (trigger, series, places) in enumerate(asked):
        if trigger.when in ANOMALY:
            levels.setdefault(trigger.confidence, []).append(n)
        else:
            out[n] = [_plainly(trigger, series, int(place)) for place in places]
    for confidence, numbers in levels.items():
        frames = bands([asked[n][1] for n in numbers], replace(rules, confidence=confidence),
                       [list(asked[n][2]) for n in numbers])  # fmt: skip
        for n, frame in zip(numbers, frames, strict=True):
            trigger, series, places = asked[n]
            lines = frame.to_dict("records")
            out[n] = [_expected(trigger, series, int(p), line)
                      for p, line in zip(places, lines, strict=True)]  # fmt: skip
    return out


def _base(trigger: Trigger, series: Series, place: int) -> dict[str, Any]:
    actual = float(series.values[place]) if place >= 0 else float("nan")
    return {"label": trigger.label, "when": trigger.when, "start": str(series.starts[place]),
            "actual": _known(actual), "unit": series.unit, "currency": series.currency}  # fmt: skip


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _expected(
    trigger: Trigger, series: Series, place: int, line: dict[str, Any]
) -> Verdict:  # fmt: skip
    base = _base(trigger, series, place)
    method = str(line["method"])
    if base["actual"] is None:
        return Verdict(**base, state=UNKNOWN, why=_no_data())
    if not np.isfinite(line["expected"]):
        if method == "too_few":
            return Verdict(**base, state=TOO_FEW, method=method, why=_too_few(trigger, line))
        why = message("{n} periods are known before it: too few to expect anything",
                      n=int(line["trained"]))  # fmt: skip
        return Verdict(**base, state=UNKNOWN, method=method, why=why)
    side = {"anomaly": ("above", "below"), "above_expected": ("above",),
            "below_expected": ("below",)}[trigger.when]  # fmt: skip
    away = base["actual"] - line["expected"]
    true = line["anomaly"] in side and _large(trigger, away, line["expected"])
    return Verdict(
        **base, state=TRUE if true else FALSE, expected=float(line["expected"]),
        low=float(line["low"]), high=float(line["high"]), deviation=_known(line["deviation"]),
        method=method, holiday=str(line["holiday"]),
    )  # fmt: skip


def _plainly(trigger: Trigger, series: Series, place: int) -> Verdict:
    base = _base(trigger, series, place)
    actual = base["actual"]
    if trigger.when == NO_DATA:
        return Verdict(**base, state=TRUE if actual is None else FALSE,
                       why=_no_data() if actual is None else "")  # fmt: skip
    if actual is None:
        return Verdict(**base, state=UNKNOWN, why=_no_data())
    if trigger.when == CHANGES:
        return _change(trigger, series, place, base)
    limit = float(trigger.value or 0)
    near = _ROUNDING * max(1.0, abs(actual))
    true = actual >= limit - near if trigger.when == "at_least" else actual <= limit + near
    deviation = actual / limit - 1 if limit else None
    return Verdict(**base, state=TRUE if true else FALSE, expected=limit, deviation=deviation)


def _change(trigger: Trigger, series: Series, place: int, base: dict[str, Any]) -> Verdict:
    earlier = place - BACK[series.granularity][trigger.baseline]
    before = float(series.values[earlier]) if earlier >= 0 else float("nan")
    if not np.isfinite(before):
        return Verdict(**base, state=UNKNOWN,
                       why=message("what it is compared with is not known"))  # fmt: skip
    actual, up = base["actual"], base["actual"] > before
    wanted = trigger.direction == "either" or (trigger.direction == "up") == up
    if before == 0:
        # Nothing became something: no percentage says that, so it is called new.
        true = actual > 0 and wanted and _large(trigger, actual, 0.0)
        return Verdict(**base, state=TRUE if true else FALSE, expected=0.0, new=actual > 0)
    change = (actual - before) / abs(before)
    far = abs(change) >= float(trigger.value or 0) - _ROUNDING
    true = far and actual != before and wanted and _large(trigger, actual - before, before)
    return Verdict(**base, state=TRUE if true else FALSE, expected=before, deviation=change)


def _large(trigger: Trigger, away: float, beside: float) -> bool:
    """Whether a difference is as large as anybody wants to hear of."""
    effect = trigger.minimum_effect
    return bool(
        abs(away) >= effect.absolute - _ROUNDING
        and abs(away) >= effect.relative * abs(beside) - _ROUNDING
    )


def _no_data() -> str:
    return message("the data hold nothing of this period")


def _too_few(trigger: Trigger, line: dict[str, Any]) -> str:
    from workbench.collaboration.anomalies.small import suggested
    from workbench.results import numbers

    return message(
        "{mean} a period are too few to tell an anomaly from chance; a fixed value such as at "
        "least {value} would do",
        mean=numbers.significant(line["mean"]),
        value=suggested(float(line["mean"]), trigger.confidence),
    )


def microseconds(delay: str) -> int:
    """A delay such as ``9h`` as microseconds."""
    from workbench.vocabulary.durations import Duration

    return Duration.parse(delay).microseconds if delay else 9 * MICROSECONDS["h"]
