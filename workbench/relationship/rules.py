"""Options of the formula of health, checked.

Source: relationship-analytics.md, sections 4 and 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.relationship.activities import TYPES

DAY_US = 86_400_000_000
FREQUENCIES = (1, 3, 7, 14, 30)
SHARES = (0.5, 0.3, 0.2)
SHARES_WITH_SENTIMENT = (0.45, 0.25, 0.15, 0.15)
SOCIAL = "social"
OPTIONS = ("good", "fair", "look_back_days", "least", "daily_cap", "half_life_days", "shares",
           "sentiment", "limit_age")  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """Options of the formula.

    Attributes
    ----------
    every_days : int
        Expected days between contacts (C).
    weights : mapping
        Type to a whole number from 3 to 9; 6 is neutral. Messages of social networks from 0.
    good, fair : int
        Lowest score of the two grades.
    look_back_days, least, daily_cap : int
        Days that count, fewest activities for a score, and how many activities of one type count
        on one day between the same two people; 0 for no cap.
    half_life_days : float, optional
        Days after which a contact counts half; twice `every_days` when None.
    shares : tuple of float
        Of activity, recency and engagement, and of the mood where it is asked for.
    sentiment : bool
        Whether the mood of activities is a part.
    limit_age : bool
        Whether records created more than two years ago get no score.
    """

    every_days: int = 7
    weights: dict[str, int] = field(default_factory=dict)
    good: int = 60
    fair: int = 40
    look_back_days: int = 90
    least: int = 3
    daily_cap: int = 5
    half_life_days: float | None = None
    shares: tuple[float, ...] = SHARES
    sentiment: bool = False
    limit_age: bool = False

    @classmethod
    def read(cls, every_days: Any, weights: Any, health: Any = None) -> Rules:
        """Check the options that a question takes.

        Parameters
        ----------
        every_days : int
        weights : mapping, optional
        health : mapping, optional
            Further options by name, see `OPTIONS`.

        Raises
        ------
        ArgumentError
        """
        if every_days not in FREQUENCIES or isinstance(every_days, bool):
            raise ArgumentError.of("every_days", every_days, FREQUENCIES)
        return cls(every_days=every_days, weights=_weights(weights), **_further(health))

    @property
    def half_life(self) -> float:
        """Days after which a contact counts half."""
        return float(self.half_life_days or 2 * self.every_days)

    @property
    def expected(self) -> float:
        """Sum that one neutral activity every `every_days` days comes to."""
        return float(1 / (1 - 0.5 ** (self.every_days / self.half_life)))

    def weight(self) -> np.ndarray:
        """Factor of each type; 1 for the neutral weight."""
        return np.array([self.weights.get(name, 6) / 6 for name in TYPES])

    def plain(self) -> dict[str, Any]:
        """The further options that differ from the usual ones, as plain values."""
        usual = Rules(sentiment=self.sentiment)
        given = {name: getattr(self, name) for name in OPTIONS if name != "shares"}
        out = {n: v for n, v in given.items() if v != getattr(Rules(), n)}
        if self.shares != (SHARES_WITH_SENTIMENT if usual.sentiment else SHARES):
            out["shares"] = list(self.shares)
        return out


def _weights(weights: Any) -> dict[str, int]:
    if weights is not None and not isinstance(weights, Mapping):
        raise ArgumentError.of(
            "weights", weights, message("a mapping of types to whole numbers from 3 to 9")
        )
    given = dict(weights or {})
    for name, value in given.items():
        if name not in (*TYPES, SOCIAL):
            raise ArgumentError.of("weights", name, (*TYPES, SOCIAL))
        lowest = 0 if name == SOCIAL else 3
        if not _whole(value, lowest, 9):
            raise ArgumentError.of(
                "weights", value, message("a whole number from {low} to 9", low=lowest)
            )
    return given


def _further(health: Any) -> dict[str, Any]:
    if health is not None and not isinstance(health, Mapping):
        raise ArgumentError.of("health", health, message("a mapping of options to values"))
    given = dict(health or {})
    for name in given:
        if name not in OPTIONS:
            raise ArgumentError.of("health", name, OPTIONS)
    for name in ("sentiment", "limit_age"):
        if not isinstance(given.get(name, False), bool):
            raise ArgumentError.of(f"health[{name!r}]", given[name], [True, False])
    bounds = {"good": (1, 100), "fair": (0, 100), "look_back_days": (1, 3_660), "least": (1, 1_000),
              "daily_cap": (0, 1_000)}  # fmt: skip
    for name, (low, high) in bounds.items():
        if name in given and not _whole(given[name], low, high):
            raise ArgumentError.of(
                f"health[{name!r}]", given[name],
                message("a whole number from {low} to {high}", low=low, high=high),
            )  # fmt: skip
    good, fair = given.get("good", 60), given.get("fair", 40)
    if fair >= good:
        raise ArgumentError.of(
            "health['fair']", fair, message("a number under that of good, {good}", good=good)
        )
    life = given.get("half_life_days")
    if life is not None and not (_number(life) and 0 < life <= 3_660):
        raise ArgumentError.of("health['half_life_days']", life, message("days above 0"))
    given["shares"] = _shares(given.get("shares"), bool(given.get("sentiment")))
    return given


def _shares(shares: Any, sentiment: bool) -> tuple[float, ...]:
    usual = SHARES_WITH_SENTIMENT if sentiment else SHARES
    if shares is None:
        return usual
    fits = isinstance(shares, list | tuple) and len(shares) == len(usual)
    fits = fits and all(_number(v) and v >= 0 for v in shares) and abs(sum(shares) - 1) < 1e-9
    if not fits:
        raise ArgumentError.of(
            "health['shares']", shares,
            message("{n} shares that come to 1, such as {usual}", n=len(usual), usual=list(usual)),
        )  # fmt: skip
    return tuple(float(v) for v in shares)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
