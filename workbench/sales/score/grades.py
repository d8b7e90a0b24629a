"""Scores of 1 to 99 and their grades: only the smallest score of each grade is kept.

Source: sales-pipeline.md, section 7 (our model, roll-out) and section 8 (grade edges).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.errors import ArgumentError
from workbench.messages import message

USUAL = {"A": 70, "B": 50, "C": 30, "D": 1}
LOWEST, HIGHEST = 1, 99
NO_SCORE = -1


def scores_of(chances: np.ndarray) -> np.ndarray:
    """Chances of 0…1 as whole scores of 1…99, halves up; `NO_SCORE` where there is no chance."""
    chances = np.asarray(chances, float)
    known = ~np.isnan(chances)
    whole = np.floor(100 * np.where(known, chances, 0.0) + 0.5)
    return np.where(known, np.clip(whole, LOWEST, HIGHEST), NO_SCORE).astype(np.int64)


@dataclass(frozen=True)
class Grades:
    """Grades from best to worst; the largest score of each follows from the next better one.

    Attributes
    ----------
    names : tuple of str
    minima : tuple of int
        Falling.
    """

    names: tuple[str, ...]
    minima: tuple[int, ...]

    @classmethod
    def of(cls, value: Any = None, argument: str = "grades") -> Grades:
        """Read a mapping of name to smallest score, such as ``{"A": 70, "B": 50, "C": 1}``."""
        if isinstance(value, Grades):
            return value
        given = USUAL if value is None else value
        allowed = message(
            "a mapping of grades to their smallest score, 1 to 99, each another, such as {example}",
            example=USUAL,
        )
        if not isinstance(given, Mapping) or not given:
            raise ArgumentError.of(argument, value, allowed)
        for name, least in given.items():
            whole = isinstance(least, int | np.integer) and not isinstance(least, bool)
            if not isinstance(name, str) or not name.strip() or not whole:
                raise ArgumentError.of(argument, {name: least}, allowed)
            if not 0 <= least <= HIGHEST:
                raise ArgumentError.of(argument, {name: least}, allowed)
        if len(set(given.values())) < len(given):
            raise ArgumentError.of(argument, dict(given), allowed)
        ordered = sorted(given.items(), key=lambda pair: -pair[1])
        lowest = max(int(ordered[-1][1]), 0)
        if lowest > LOWEST:
            raise ArgumentError.of(
                argument,
                dict(given),
                message("a lowest grade that begins at 1, so that every score has a grade"),
            )
        return cls(tuple(n for n, _ in ordered), tuple(int(m) for _, m in ordered))

    @property
    def maxima(self) -> tuple[int, ...]:
        """Largest score of each grade: one below the smallest of the next better one."""
        return (HIGHEST, *(least - 1 for least in self.minima[:-1]))

    def places(self, scores: np.ndarray) -> np.ndarray:
        """Place of each score's grade, 0 for the best; -1 without a score."""
        rising = np.array(self.minima[::-1])
        found = np.searchsorted(rising, scores, side="right") - 1
        place = len(self.minima) - 1 - np.maximum(found, 0)
        return np.where(np.asarray(scores) == NO_SCORE, -1, place)

    def named(self, scores: np.ndarray) -> np.ndarray:
        """Name of each score's grade; None without a score."""
        return np.array([*self.names, None], object)[self.places(scores)]

    def in_words(self) -> str:
        """Grades with their ranges: ``A 70–99, B 50–69``."""
        return ", ".join(
            f"{name} {max(low, LOWEST)}–{high}"
            for name, low, high in zip(self.names, self.minima, self.maxima, strict=True)
        )

    def plain(self) -> dict[str, int]:
        """The grades as a plain mapping."""
        return dict(zip(self.names, self.minima, strict=True))
