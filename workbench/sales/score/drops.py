"""Falling out of the best grade: one event a fall, and the day by which somebody acts.

Source: sales-pipeline.md, section 7 (alerts).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.sales.score.grades import Grades
from workbench.vocabulary.workdays import free_days

DROP_COLUMNS = {
    "entity_id": "Key of the deal",
    "model": "Name of the model",
    "dropped_at": "Instant of the first score below the best grade (UTC)",
    "score_before": "The score before it",
    "grade_before": "Its grade: the best one",
    "score": "The score that fell",
    "grade": "Its grade",
    "due_on": "Day by which the deal is contacted",
}


def drops_of(
    frame: pd.DataFrame,
    *,
    grades: Any = None,
    days: int = 3,
    business_days: bool = False,
    holidays: str | None = None,
    zone: str = "UTC",
) -> pd.DataFrame:
    """One line for each time that a score left the best grade.

    Parameters
    ----------
    frame : pandas.DataFrame
        Lines of a log, in order of deal, model and time.
    grades, days, business_days, holidays, zone
        As in `workbench.sales.score.log.ScoreLog.drops`.

    Returns
    -------
    pandas.DataFrame
        With the columns of `DROP_COLUMNS`.
    """
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= 365:
        raise ArgumentError.of("days", days, message("a whole number from 0 to 365"))
    graded = Grades.of(grades)
    places = graded.places(frame["score"].to_numpy(np.int64))
    keys = frame[["entity_id", "model"]].to_numpy(object)
    same = np.zeros(len(frame), bool)
    same[1:] = (keys[1:] == keys[:-1]).all(axis=1) if len(frame) else False
    before = np.r_[-1, places[:-1]][: len(frame)]
    fell = np.flatnonzero(same & (before == 0) & (places > 0))
    at = frame["scored_at"].iloc[fell].reset_index(drop=True)
    local = at.dt.tz_convert(zone).dt.tz_localize(None).to_numpy().astype("M8[D]")
    if business_days:
        free = free_days(holidays, *_years(local)) if len(local) else []
        # A fall on a Saturday counts from Friday, so that three days later is Wednesday.
        roll: Literal["backward", "forward"] = "backward" if days else "forward"
        due = np.busday_offset(local, days, roll=roll, holidays=free)
    else:
        due = local + days
    scores, names = frame["score"].to_numpy(np.int64), np.array(graded.names, object)
    out = pd.DataFrame(
        {
            "entity_id": frame["entity_id"].iloc[fell].to_numpy(),
            "model": frame["model"].iloc[fell].to_numpy(),
            "dropped_at": at,
            "score_before": scores[fell - 1],
            "grade_before": names[places[fell - 1]],
            "score": scores[fell],
            "grade": names[places[fell]],
            "due_on": due.astype("M8[s]"),
        }
    )
    return out[list(DROP_COLUMNS)]


def _years(days: np.ndarray) -> tuple[int, int]:
    years = days.astype("M8[Y]").astype(int) + 1970
    return int(years.min()), int(years.max()) + 1
