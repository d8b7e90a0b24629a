"""Draws of the amount that is won by the end of a period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.sales.simulation.known import NO_HISTORY, Known
from workbench.sales.simulation.learning import borrowed

MANY = 3_000
_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Drawn:
    """Draws of every part; the same draw of all parts belongs together.

    Attributes
    ----------
    so_far : float
        Won in the period before the instant.
    stages : numpy.ndarray of int64
        Stages of the open deals, in the order of the catalogue; `NO_HISTORY` last.
    of_stage : numpy.ndarray of float, shape (draws, stages)
        Won from the open deals of each stage.
    fresh : numpy.ndarray of float, shape (draws,)
        Won from deals that are not yet created.
    chance : numpy.ndarray of float
        Chance of each open deal to be won in the period.
    learned : numpy.ndarray of int64
        Past deals that its stage and age rest on.
    expected_ratio : numpy.ndarray of float
        Mean of amount when won ÷ amount now.
    draws : int
    """

    so_far: float
    stages: np.ndarray
    of_stage: np.ndarray
    fresh: np.ndarray
    chance: np.ndarray
    learned: np.ndarray
    expected_ratio: np.ndarray
    draws: int

    @property
    def total(self) -> np.ndarray:
        """Won in the whole period, for each draw."""
        return self.so_far + self.of_stage.sum(axis=1) + self.fresh


def drawn(known: Known, draws: int, rng: np.random.Generator) -> Drawn:
    """Draw what is won, from the open deals and from those to come.

    Each draw takes the chances anew within what the number of past deals leaves open, the same
    way for all deals of a stage; then, deal by deal, whether it is won and how its amount changes.
    """
    chance, learned = _chances(known)
    stages = np.unique(known.stage)
    stages = np.append(stages[stages != NO_HISTORY], stages[stages == NO_HISTORY])
    place = {int(s): n for n, s in enumerate(stages)}
    of_stage = np.zeros((draws, stages.size))
    shift = rng.standard_normal((draws, stages.size)).astype(np.float32)
    spread = _spread(chance, learned + borrowed(learned))
    unknown = known.fresh_amounts if known.fresh_amounts.size else np.zeros(1)
    ratio = np.ones(known.open.size)
    for stage, column in place.items():
        own = np.flatnonzero(known.stage == stage)
        ratios = known.past.ratios(stage)
        ratio[own] = ratios.mean()
        moved = shift[:, column]
        if own.size > MANY:
            cells = _Cells.of(known.amount[own], chance[own], spread[own], ratios, unknown)
            of_stage[:, column] = cells.drawn(moved, rng)
            continue
        size = max(1, _AT_ONCE // draws)
        for at in range(0, own.size, size):
            part = own[at : at + size]
            likely = _moved(chance[part], spread[part], moved)
            won = rng.random((draws, part.size), np.float32) < likely
            line, deal = np.nonzero(won)
            amount = known.amount[part][deal] * rng.choice(ratios, deal.size)
            amount = np.where(np.isnan(amount), rng.choice(unknown, deal.size), amount)
            of_stage[:, column] += np.bincount(line, amount, minlength=draws)
    return Drawn(
        so_far=float(np.nansum(known.amounts[known.won])),
        stages=stages,
        of_stage=of_stage,
        fresh=_fresh(known, draws, rng),
        chance=chance,
        learned=learned,
        expected_ratio=ratio,
        draws=draws,
    )


@dataclass(frozen=True)
class _Cells:
    """Many deals of one stage, put together where their chance is the same.

    The sum over so many is drawn from the normal distribution with its mean and variance.
    """

    chance: np.ndarray
    spread: np.ndarray
    mean: np.ndarray
    square: np.ndarray
    squared_mean: np.ndarray

    @classmethod
    def of(
        cls,
        amount: np.ndarray,
        chance: np.ndarray,
        spread: np.ndarray,
        ratios: np.ndarray,
        unknown: np.ndarray,
    ) -> _Cells:
        """Sums of what each deal brings when it is won, of its square, and of its square's mean."""
        named = np.isfinite(amount)
        mean = np.where(named, amount * ratios.mean(), unknown.mean())
        square = np.where(named, amount**2 * (ratios**2).mean(), (unknown**2).mean())
        _, first, cell = np.unique(chance, return_index=True, return_inverse=True)
        sums = [np.bincount(cell, values) for values in (mean, square, mean**2)]
        return cls(chance[first], spread[first], *sums)

    def drawn(self, shift: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Won in each draw."""
        likely = _moved(self.chance, self.spread, shift).astype(float)
        variance = likely @ self.square - likely**2 @ self.squared_mean
        noise = rng.standard_normal(shift.size) * np.sqrt(np.maximum(variance, 0))
        return np.maximum(likely @ self.mean + noise, 0)


def _chances(known: Known) -> tuple[np.ndarray, np.ndarray]:
    """Chance of each open deal to be won in the period, and the past deals behind it."""
    chance = np.zeros(known.open.size)
    learned = np.zeros(known.open.size, np.int64)
    for stage in np.unique(known.stage):
        own = np.flatnonzero(known.stage == stage)
        if stage == NO_HISTORY:
            chance[own] = known.past.whole.between(known.start, known.end)
            continue
        ages, beyond = known.past.ages(int(stage), known.age_days[own])
        for age in np.unique(ages):
            found = known.past.of_age(int(stage), int(age))
            at = ages == age
            chance[own[at]] = found.between(known.start, known.end, beyond[at])
            learned[own[at]] = found.deals
    return chance, learned


def _spread(chance: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Standard error of the chance on the scale of log odds."""
    inner = np.clip(chance, 1e-6, 1 - 1e-6)
    return np.minimum(1 / np.sqrt(np.maximum(weight, 1) * inner * (1 - inner)), 1.5)


def _moved(chance: np.ndarray, spread: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Chances of each draw (rows) and deal (columns); a chance of 0 or 1 stays."""
    inner = np.clip(chance, 1e-6, 1 - 1e-6)
    odds = np.log(inner / (1 - inner)).astype(np.float32)
    moved = 1 / (1 + np.exp(-(odds[None, :] + shift[:, None] * spread.astype(np.float32)[None, :])))
    # The mean over all draws stays the estimated chance.
    mean = moved.mean(axis=0)
    scaled = np.minimum(moved * np.where(mean > 0, chance / np.maximum(mean, 1e-12), 0), 1)
    return np.where((chance > 0)[None, :], scaled, 0)


def _fresh(known: Known, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Won from deals that are created after the instant and before the period's end.

    The sum over very many is drawn from the normal distribution with its mean and variance.
    """
    amounts = known.fresh_amounts
    if not known.weekly.size or not amounts.size or known.end <= 0:
        return np.zeros(draws)
    weeks = -(-known.end // 7)
    lengths = np.minimum(7, known.end - 7 * np.arange(weeks))
    middle = 7 * np.arange(weeks) + lengths / 2
    chance = known.fresh.between(np.maximum(0.0, known.start - middle), known.end - middle)
    created = known.weekly[rng.integers(0, known.weekly.size, (draws, weeks))]
    created = rng.binomial(created, lengths / 7)
    spread = _spread(chance, np.full(weeks, max(known.fresh.deals, 1)))
    likely = _moved(chance, spread, rng.standard_normal(draws).astype(np.float32))
    wins = rng.binomial(created, likely).sum(axis=1)
    if wins.max() > MANY:
        noise = rng.standard_normal(draws) * np.sqrt(wins * amounts.var())
        return np.maximum(wins * amounts.mean() + noise, 0)
    line = np.repeat(np.arange(draws), wins)
    return np.bincount(line, rng.choice(amounts, line.size), minlength=draws)
