"""How often an alert would have fired: each past period judged by what was known then.

Source: collaboration.md, sections 2.1 (preview) and 5 (precision preview against alert fatigue).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from workbench.collaboration.alerts import telling
from workbench.collaboration.alerts.evaluating import (
    COOLING,
    FIRED,
    MUTED,
    NOT_KNOWN,
    Outcome,
    evaluate,
)
from workbench.collaboration.alerts.reading import alert_of
from workbench.collaboration.alerts.record import Alert
from workbench.errors import ArgumentError, WorkbenchError
from workbench.messages import marked, message, message_of_count
from workbench.vocabulary.calendars import Calendar
from workbench.workspace import Workspace

PERIODS = {"day": 30, "week": 12, "month": 12}
_WORDS = {
    "day": marked("in the last {n} days"),
    "week": marked("in the last {n} weeks"),
    "month": marked("in the last {n} months"),
}
COLUMNS = {
    "start": "First day of the period",
    "trigger": "What the metric is called",
    "when": "Its condition",
    "state": "fired, quiet, cooling, muted or unknown: what became of the alert in the period",
    "true": "Whether the trigger was true",
    "actual": "Value of the period",
    "expected": "What it was compared with",
    "low": "Lower end of the band, of conditions on what was expected",
    "high": "Upper end of it",
    "deviation": "actual ÷ expected − 1",
    "why": "Why nothing can be said; empty where something is",
}


@dataclass(frozen=True)
class Preview:
    """What an alert would have done.

    Attributes
    ----------
    alert : Alert
    outcomes : tuple of Outcome
        Oldest first.
    """

    alert: Alert
    outcomes: tuple[Outcome, ...]

    @property
    def fired(self) -> int:
        """How many messages there would have been."""
        return sum(outcome.state == FIRED for outcome in self.outcomes)

    def headline(self) -> str:
        """The number as a sentence, with what was held back and why nothing can be told."""
        counts = {s: sum(o.state == s for o in self.outcomes) for s in (COOLING, MUTED, NOT_KNOWN)}
        window = message(_WORDS[self.alert.granularity], n=len(self.outcomes))
        said = message_of_count(
            "Would have fired {count} time {window}", "Would have fired {count} times {window}",
            self.fired, window=window,
        )  # fmt: skip
        parts = [
            (COOLING, message("{n} more while it was still true", n=counts[COOLING])),
            (MUTED, message("{n} muted", n=counts[MUTED])),
            (NOT_KNOWN, message("{n} could not be judged", n=counts[NOT_KNOWN])),
        ]
        more = "; ".join(words for state, words in parts if counts[state])
        return f"{said} ({more})." if more else f"{said}."

    def reasons(self) -> list[str]:
        """Why periods could not be judged, each once."""
        return list(dict.fromkeys(
            message("{label}: {why}.", label=v.label, why=v.why)
            for o in self.outcomes for v in o.verdicts if v.why and v.when != "no_data"
        ))  # fmt: skip

    @property
    def frame(self) -> pd.DataFrame:
        """One line a period and trigger, with the columns of `COLUMNS`."""
        rows = [
            {"start": pd.Timestamp(o.start), "trigger": v.label, "when": v.when, "state": o.state,
             "true": v.state == "true", "actual": v.actual, "expected": v.expected, "low": v.low,
             "high": v.high, "deviation": v.deviation, "why": v.why}
            for o in self.outcomes for v in o.verdicts
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def messages(self) -> list[str]:
        """The messages that would have been sent, oldest first."""
        return [
            telling.parcel(self.alert, o, identity="preview", run="–").text
            for o in self.outcomes if o.state == FIRED
        ]  # fmt: skip

    def __repr__(self) -> str:
        return f"Preview: {self.headline()}"


def alert_preview(
    workspace: Workspace,
    *,
    alert: Alert | Mapping[str, Any],
    periods: int | None = None,
    now: datetime | None = None,
) -> Preview:
    """How often an alert would have fired, period by period, by what was known then.

    Parameters
    ----------
    workspace : Workspace
    alert : Alert or mapping
        As `wb.alerts().add` takes it; nothing is kept.
    periods : int, optional
        30 days, 12 weeks or 12 months when left out.
    now : datetime, optional
        Looked at from this instant; from the end of the data when left out.

    Returns
    -------
    Preview
        Its `headline` is the number, its `frame` has the columns of `COLUMNS`.

    Raises
    ------
    ArgumentError
        For an alert that cannot be evaluated.

    Notes
    -----
    Source: collaboration.md, section 2.1.
    """
    checked = alert_of(alert)
    count = PERIODS[checked.granularity] if periods is None else periods
    if not isinstance(count, int) or isinstance(count, bool) or not 0 < count <= 366:
        raise ArgumentError.of("periods", periods, message("a whole number from 1 to 366"))
    (found,) = evaluate([checked], workspace, now=now or end_of_data(checked, workspace),
                        periods=count)  # fmt: skip
    if isinstance(found, WorkbenchError):
        raise found
    return Preview(checked, tuple(found))


def end_of_data(alert: Alert, workspace: Workspace) -> datetime:
    """The instant at which the last period that the data fill is due."""
    from zoneinfo import ZoneInfo

    from workbench.collaboration.alerts.judging import microseconds
    from workbench.collaboration.metrics.reading import after_newest

    calendar = Calendar.of(workspace.settings, alert.granularity)
    after = after_newest(calendar, workspace)
    midnight = datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(calendar.zone))
    return midnight + timedelta(microseconds=microseconds(alert.delay))
