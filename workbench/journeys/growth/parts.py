"""The parts of a customer's health: 0 to 2 points each, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.journeys.growth.contact import QUIET
from workbench.journeys.growth.usage import FALLING, NEW, STEADY, UNUSED
from workbench.journeys.lines import shown, slot, told
from workbench.messages import message
from workbench.results import numbers

if TYPE_CHECKING:
    from workbench.journeys.growth.result import Growth

_TALK_DAYS = (30, 60)
_MOVED = 0.2


def usage_part(of: Growth, customers: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """Use: 2 rising or steady, 1 a fifth less or more, 0 falling or none."""
    state, change = customers["usage"], customers["uses_change"].to_numpy(float)
    points = np.select(
        [state.isin(["", NEW]), state.isin([FALLING, UNUSED]), change <= -_MOVED],
        [np.nan, 0.0, 1.0],
        2.0,
    )
    counts = {
        "n": shown(customers["uses_recent"], numbers.count),
        "m": shown(customers["uses_before"], numbers.count),
    }
    places = {"n": slot("n"), "m": slot("m")}
    words = told(
        message("use {state}: {n} after {m}", state=slot("state"), **places), state=state, **counts
    )
    unsure = (state == STEADY) & (np.abs(change) >= _MOVED)
    words = words.where(~unsure, told(message("use {n} after {m}, unsure", **places), **counts))
    for value, said in (
        ("", message("use not known")),
        (NEW, message("too new to compare use")),
        (UNUSED, message("no use in {weeks} weeks", weeks=2 * of.question.weeks)),
    ):
        words = words.mask(state == value, said)
    return points, words


def inbound_part(of: Growth, customers: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """Contact from them: 2 steady or rising, 1 half or less, 0 falling or quiet."""
    if not customers[["inbound_recent", "inbound_before"]].fillna(0).to_numpy().any():
        return _unknown(customers, message("contact not known"))
    state, ratio = customers["inbound"], customers["inbound_ratio"].to_numpy(float)
    points = np.select(
        [state.isin(["", NEW]), state.isin([FALLING, QUIET]), ratio <= 0.5],
        [np.nan, 0.0, 1.0],
        2.0,
    )
    weeks = customers["weeks_before"].clip(lower=1e-9)
    usual = (customers["inbound_before"] * of.question.weeks / weeks).round(6)
    words = told(
        message("{n} came in, {m} were usual", n=slot("n"), m=slot("m")),
        n=shown(customers["inbound_recent"], numbers.count),
        m=shown(usual, lambda value: numbers.significant(value, 2)),
    )
    for value, said in (
        ("", message("contact not known")),
        (NEW, message("too new to compare contact")),
        (QUIET, message("nothing came in")),
    ):
        words = words.mask(state == value, said)
    return points, words


def two_way_part(of: Growth, customers: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """Last talk: 2 within a month, 1 within two, 0 longer ago or never."""
    days = customers["days_since_two_way"]
    if days.isna().all():
        return _unknown(customers, message("talks not known"))
    near, far = _TALK_DAYS
    points = np.select([days.isna(), days <= near, days <= far], [0.0, 2.0, 1.0], 0.0)
    # Days are shown whole from ten on, so few distinct numbers are formed.
    rounded = days.round(2).where(days < 10, days.round())
    words = told(message("spoke {span} ago", span=slot("span")),
                 span=shown(rounded, numbers.days))  # fmt: skip
    return points, words.mask(days.isna(), message("never spoke"))


def people_part(of: Growth, customers: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """People engaged lately: 2 for three or more, 1 for one or two, 0 for none."""
    engaged = customers["people_engaged"]
    if not engaged.any():
        return _unknown(customers, message("people not known"))
    points = np.select([engaged >= 3, engaged >= 1], [2.0, 1.0], 0.0)
    return points, told(message("{n} engaged", n=slot("n")), n=shown(engaged, numbers.count))


def _unknown(customers: pd.DataFrame, words: str) -> tuple[np.ndarray, pd.Series]:
    """What no customer has anything of is no sign of a bad one: the data do not hold it."""
    size = len(customers)
    return np.full(size, np.nan), pd.Series(words, index=customers.index, dtype="str")


def contract_part(of: Growth, customers: pd.DataFrame) -> tuple[np.ndarray, pd.Series]:
    """End of the contract: 2 after twice the time, 1 after it, 0 nearer."""
    days = customers["days_to_contract_end"]
    near = of.question.ends_within.microseconds / 86_400_000_000
    points = np.select([days.isna(), days > 2 * near, days > near], [np.nan, 2.0, 1.0], 0.0)
    words = told(message("ends in {span}", span=slot("span")),
                 span=shown(days.round(), numbers.days))  # fmt: skip
    return points, words.mask(days.isna(), message("no end known"))
