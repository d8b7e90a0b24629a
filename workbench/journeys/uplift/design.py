"""What was known, as columns of numbers that a model can weigh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.journeys.scoping import MISSING, OTHER
from workbench.journeys.uplift.covariates import Fact
from workbench.messages import message

_LEVELS = 12


@dataclass(frozen=True)
class Design:
    """Columns of what is held equal.

    Attributes
    ----------
    natural : numpy.ndarray of float, shape (containers, columns)
        Counts and numbers as they are (the median where missing), one 0/1 column a category.
    logged : numpy.ndarray of bool
        Columns that are compared on the scale log(1 + x), as counts and sizes are skewed.
    names, groups : tuple of str
        What the reader sees of each column, and the name by which it was asked for.
    """

    natural: np.ndarray
    logged: np.ndarray
    names: tuple[str, ...]
    groups: tuple[str, ...]

    def scaled(self) -> np.ndarray:
        """The columns with mean 0 and standard deviation 1."""
        values = self.natural.copy()
        values[:, self.logged] = np.log1p(values[:, self.logged])
        if not values.size:
            return values
        values -= values.mean(axis=0)
        return values / values.std(axis=0)

    def without(self, group: str) -> Design:
        """The same without the columns of one group."""
        kept = np.array([name != group for name in self.groups], bool)
        return self._only(kept)

    def _only(self, kept: np.ndarray) -> Design:
        names = tuple(np.array(self.names, object)[kept])
        groups = tuple(np.array(self.groups, object)[kept])
        return replace(
            self,
            natural=self.natural[:, kept],
            logged=self.logged[kept],
            names=names,
            groups=groups,
        )


def stacked(parts: Sequence[Sequence[Fact]]) -> list[Fact]:
    """Facts of several events under each other; what one of them lacks is missing there."""
    sizes = [facts[0].values.size if facts else 0 for facts in parts]
    seen: dict[str, Fact] = {}
    for facts in parts:
        for fact in facts:
            seen.setdefault(fact.name, fact)
    out = []
    for name, first in seen.items():
        empty = None if first.kind == "category" else 0.0 if first.kind == "count" else np.nan
        columns = []
        for facts, size in zip(parts, sizes, strict=True):
            found = next((fact for fact in facts if fact.name == name), None)
            columns.append(np.full(size, empty) if found is None else found.values)
        out.append(replace(first, values=np.concatenate(columns)))
    return out


def design_of(facts: Sequence[Fact], size: int) -> Design:
    """Turn facts into columns; a column in which all containers agree is left out."""
    columns: list[np.ndarray] = []
    logged: list[bool] = []
    names: list[str] = []
    groups: list[str] = []
    for fact in facts:
        for name, values, is_logged in _columns(fact):
            columns.append(values)
            logged.append(is_logged)
            names.append(name)
            groups.append(fact.group)
    natural = np.column_stack(columns) if columns else np.zeros((size, 0))
    made = Design(natural, np.array(logged, bool), tuple(names), tuple(groups))
    varies = np.ptp(natural, axis=0) > 0 if size and columns else np.zeros(len(columns), bool)
    return made._only(varies)


def _columns(fact: Fact) -> list[tuple[str, np.ndarray, bool]]:
    if fact.kind == "category":
        return _levels(fact)
    values = fact.values.astype(float)
    if fact.kind == "count":
        return [(fact.name, values, True)]
    missing = np.isnan(values)
    if missing.all():
        return []
    filled = np.where(missing, np.median(values[~missing]), values)
    out = [(fact.name, filled, bool(filled.min() >= 0))]
    if missing.any():
        label = message("{name} = {value}", name=fact.name, value=MISSING)
        out.append((label, missing.astype(float), False))
    return out


def _levels(fact: Fact) -> list[tuple[str, np.ndarray, bool]]:
    """One column a value: the most frequent ones, all others together, and missing."""
    number, found = pd.factorize(fact.values)
    values = np.array([*map(str, found), MISSING])
    number = np.where(number < 0, found.size, number)
    sizes = np.bincount(number, minlength=values.size)
    order = np.lexsort((values, -sizes))
    order = order[sizes[order] > 0]
    chosen = sorted(order[:_LEVELS], key=lambda n: str(values[n]))
    out = [
        (message("{name} = {value}", name=fact.name, value=values[n]), (number == n) * 1.0, False)
        for n in chosen
    ]
    if order.size > len(chosen):
        rest = ~np.isin(number, chosen) * 1.0
        out.append((message("{name} = {value}", name=fact.name, value=OTHER), rest, False))
    return out
