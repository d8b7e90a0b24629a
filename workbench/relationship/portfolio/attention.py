"""Ready-made filters of the list of relationships: what asks for attention, and why.

Source: relationship-analytics.md, section 7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.filtering import compiled
from workbench.messages import message
from workbench.quoting import quoted
from workbench.relationship.measuring import Measured
from workbench.results import numbers
from workbench.vocabulary.conditions import condition_from

FILTERS = ("declining", "nothing_planned", "long_silent", "slow", "one_sided")
SLOW_HOURS, ONE_SIDED = 24.0, 3.0
GRADES = {"good": 0, "fair": 1, "poor": 2}


def marks_of(measured: Measured, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Which filters each line meets.

    Parameters
    ----------
    measured : Measured
    frame : pandas.DataFrame
        As of `Relationships`.

    Returns
    -------
    mapping of str to numpy.ndarray of bool
        ``declining`` (trend), ``nothing_planned``, ``long_silent`` (the last activity is more
        than twice the expected days ago, or there is none), ``slow`` (more than 24 hours until we
        answer on average) and ``one_sided`` (three mails of ours or more for each of theirs).
    """
    sent, received = frame["emails_sent"].to_numpy(), frame["emails_received"].to_numpy()
    last = frame["days_since_last"]
    return {
        "declining": (frame["trend"] == "declining").to_numpy(),
        "nothing_planned": frame["next_at"].isna().to_numpy(),
        "long_silent": (last.isna() | (last > 2 * measured.asked.rules.every_days)).to_numpy(),
        "slow": (frame["hours_by_us"] > SLOW_HOURS).to_numpy(),
        "one_sided": (sent >= ONE_SIDED) & (sent >= ONE_SIDED * received),
    }


def words_of(every_days: int) -> dict[str, str]:
    """Each filter as a reader sees it."""
    return {
        "declining": message("Health declines"),
        "nothing_planned": message("Nothing is planned"),
        "long_silent": message("No activity for {n} days", n=2 * every_days),
        "slow": message("We answer after more than {n} hours", n=numbers.significant(SLOW_HOURS)),
        "one_sided": message("{n} mails of ours for one of theirs, or more",
                             n=numbers.significant(ONE_SIDED)),
    }  # fmt: skip


def chosen_by(only: Any, marks: dict[str, np.ndarray], size: int) -> np.ndarray:
    """Lines that meet all of some filters.

    Raises
    ------
    ArgumentError
        For a filter that there is not.
    """
    names = [only] if isinstance(only, str) else list(only or ())
    out = np.ones(size, bool)
    for name in names:
        if name not in FILTERS:
            raise ArgumentError.of("only", name, FILTERS)
        out &= marks[name]
    return out


def met_by(frame: pd.DataFrame, lines: Any) -> np.ndarray:
    """Lines that meet a condition on the columns of the frame, such as ``{"score": {"<": 40}}``.

    Raises
    ------
    AbsentError
        For a column that is not there.
    """
    import duckdb

    def column(name: str) -> str:
        if name not in frame.columns:
            raise AbsentError.of("lines", name, list(frame.columns))
        return quoted(name)

    values: list[Any] = []
    text = compiled(condition_from(lines, "lines"), column, values)
    plain = frame.reset_index(drop=True)
    for name in plain.select_dtypes("datetimetz").columns:
        plain[name] = plain[name].dt.tz_convert(None)
    plain["place__"] = np.arange(len(plain))
    with duckdb.connect() as connection:
        connection.register("list", plain)
        try:
            found = connection.execute(
                f"SELECT place__ FROM list WHERE {text}", values
            ).fetchnumpy()
        except duckdb.Error as problem:
            raise ArgumentError.of(
                "lines", lines, message("values that fit their columns"),
                f"{str(problem).splitlines()[0]}.",
            ) from None  # fmt: skip
    out = np.zeros(len(frame), bool)
    out[np.asarray(found["place__"], int)] = True
    return out


def ordered(frame: pd.DataFrame, sort: Any, ascending: bool, amounts: np.ndarray) -> pd.DataFrame:
    """The lines by one column, missing values last, ties by the larger amount, then by key.

    States go from good over fair and poor to all others.
    """
    if sort not in frame.columns:
        raise ArgumentError.of("sort", sort, list(frame.columns))
    values = frame[sort]
    if sort == "state":
        values = values.map(lambda code: GRADES.get(code, 3))
    order = pd.DataFrame({"by": values.to_numpy(), "key": frame["key"].to_numpy()})
    order["amount"] = amounts
    order = order.sort_values(["amount", "key"], ascending=[False, True], kind="stable")
    order = order.sort_values("by", ascending=ascending, na_position="last", kind="stable")
    return frame.iloc[order.index.to_numpy()].reset_index(drop=True)
