"""Exponential smoothing in five forms over many training windows: compiled, one window a row.

The forms are those of Hyndman et al. (2008), with the recursions and the heuristic first states of
`statsmodels.tsa.exponential_smoothing.ets.ETSModel`; a test holds both against each other.
"""

from __future__ import annotations

import numpy as np
from numba import njit

ANA, AAA, MNM, MNA, AAN = 0, 1, 2, 3, 4
# Columns of what `fit_windows` gives for each window and form.
LOG_LIKELIHOOD, EXPECTED, SQUARES, ERROR, LEVEL_WEIGHT, TREND_WEIGHT, SEASON_WEIGHT = range(7)
FIGURES = 7
_EDGE = 1e-4
_MOST_STEPS = 160


@njit(cache=True, nogil=True)
def first_states(y: np.ndarray, m: int, form: int) -> np.ndarray:
    """Level, trend and the m seasonal values before the first observation.

    A centred moving average over at most five seasons gives trend and level by a straight line
    through its first ten values; what is left of each place in the season is its seasonal value.
    """
    out = np.zeros(2 + m)
    line = y[:10].copy()
    if form != AAN:
        cycles = min(5, y.size // m)
        cycles = max(cycles, -((-(10 + 2 * (m // 2))) // m))
        size = min(cycles * m, y.size)
        middle = np.full(size, np.nan)
        half = m // 2
        for t in range(half, size - half):
            if m % 2:
                middle[t] = y[t - half : t + half + 1].mean()
            else:
                inner = y[t - half + 1 : t + half].sum()
                middle[t] = (inner + 0.5 * (y[t - half] + y[t + half])) / m
        sums, times = np.zeros(m), np.zeros(m)
        for t in range(size):
            if not np.isnan(middle[t]):
                sums[t % m] += y[t] / middle[t] if form == MNM else y[t] - middle[t]
                times[t % m] += 1
        seasons = sums / np.maximum(times, 1)
        out[2:] = seasons / seasons.mean() if form == MNM else seasons - seasons.mean()
        line = middle[half : half + 10]
    at = np.arange(1, line.size + 1)
    slope = ((at - at.mean()) * (line - line.mean())).sum() / ((at - at.mean()) ** 2).sum()
    out[0] = line.mean() - slope * at.mean()
    out[1] = slope if form in (AAA, AAN) else 0.0
    return out


@njit(cache=True, nogil=True)
def smooth(
    y: np.ndarray, m: int, form: int, weights: np.ndarray, first: np.ndarray, fitted: np.ndarray
) -> tuple[float, float, float]:
    """Run through a window; fills `fitted` and gives log-likelihood, squared errors, next value.

    Weights are those of level, trend and season (alpha, beta, gamma). Errors of the multiplicative
    forms are relative to the fitted value.
    """
    level, trend = first[0], first[1]
    seasons = first[2:].copy()
    alpha, beta, gamma = weights[0], weights[1], weights[2]
    squares, logs = 0.0, 0.0
    seasonal, product = form != AAN, form == MNM
    for t in range(y.size):
        season = seasons[t % m] if seasonal else 0.0
        base = level + trend
        guess = base * season if product else base + season
        fitted[t] = guess
        error = y[t] - guess
        if product:
            part = gamma / (1 - alpha)
            level = alpha * y[t] / season + (1 - alpha) * base
            seasons[t % m] = part * y[t] / level + (1 - part) * season
        else:
            level = base + alpha * error
            trend += beta * error
            if seasonal:
                seasons[t % m] = season + gamma * error
        if form in (MNM, MNA):
            if not guess > 1e-12:
                return -np.inf, np.inf, np.nan
            logs += np.log(guess)
            error /= guess
        squares += error * error
    n = y.size
    following = seasons[n % m] if seasonal else 0.0
    ahead = (level + trend) * following if product else level + trend + following
    mean = max(squares / n, 1e-300)
    return -0.5 * n * (np.log(2 * np.pi * mean) + 1) - logs, squares, ahead


@njit(cache=True, nogil=True)
def _weights(cube: np.ndarray, form: int, out: np.ndarray) -> None:
    """A point of the unit cube as admissible weights: beta < alpha, gamma < 1 - alpha."""
    alpha = min(max(cube[0], _EDGE), 1 - _EDGE)
    out[0], out[1], out[2] = alpha, 0.0, 0.0
    place = 1
    if form in (AAA, AAN):
        out[1] = alpha * min(max(cube[place], _EDGE), 1 - _EDGE)
        place += 1
    if form != AAN:
        out[2] = (1 - alpha) * min(max(cube[place], _EDGE), 1 - _EDGE)


@njit(cache=True, nogil=True)
def _cost(y, m, form, cube, first, weights, fitted):
    _weights(cube, form, weights)
    return -smooth(y, m, form, weights, first, fitted)[0]


@njit(cache=True, nogil=True)
def best_weights(y: np.ndarray, m: int, form: int, first: np.ndarray) -> np.ndarray:
    """The weights of the highest likelihood.

    Nelder and Mead from the best point of a coarse grid with a slow level, and from the best one
    with a quick level: the likelihood of a trend often has a hill on either side.
    """
    size = 3 if form == AAA else 2
    weights, fitted = np.zeros(3), np.zeros(y.size)
    corners = np.array([0.02, 0.15, 0.5, 0.9])
    starts, lowest, point = np.zeros((2, size)), np.full(2, np.inf), np.zeros(size)
    for number in range(4**size):
        rest = number
        for k in range(size):
            point[k] = corners[rest % 4]
            rest //= 4
        side = 1 if point[0] > 0.3 else 0
        cost = _cost(y, m, form, point, first, weights, fitted)
        if cost < lowest[side]:
            lowest[side] = cost
            starts[side] = point
    best, least = starts[0], np.inf
    for side in range(2):
        found, cost = _climb(y, m, form, first, starts[side], weights, fitted)
        if cost < least:
            best, least = found, cost
    _weights(best, form, weights)
    return weights


@njit(cache=True, nogil=True)
def _climb(y, m, form, first, start, weights, fitted):
    """The place of the lowest cost that Nelder and Mead find from a start, and that cost."""
    size = start.size
    simplex, costs = np.zeros((size + 1, size)), np.zeros(size + 1)
    for k in range(size + 1):
        simplex[k] = start
        if k:
            simplex[k, k - 1] += 0.08 if start[k - 1] < 0.5 else -0.08
        costs[k] = _cost(y, m, form, simplex[k], first, weights, fitted)
    for _ in range(_MOST_STEPS):
        order = np.argsort(costs)
        simplex, costs = simplex[order], costs[order]
        if not abs(costs[size] - costs[0]) > 1e-9:
            break
        centre = np.zeros(size)
        for k in range(size):
            centre += simplex[k]
        centre /= size
        worst = simplex[size].copy()
        tried = np.minimum(np.maximum(2 * centre - worst, 0.0), 1.0)
        cost = _cost(y, m, form, tried, first, weights, fitted)
        if cost < costs[0]:
            farther = np.minimum(np.maximum(3 * centre - 2 * worst, 0.0), 1.0)
            other = _cost(y, m, form, farther, first, weights, fitted)
            if other < cost:
                tried, cost = farther, other
        elif cost >= costs[size - 1]:
            nearer = 0.5 * (centre + (tried if cost < costs[size] else worst))
            other = _cost(y, m, form, nearer, first, weights, fitted)
            if other >= min(cost, costs[size]):
                for k in range(1, size + 1):
                    simplex[k] = 0.5 * (simplex[0] + simplex[k])
                    costs[k] = _cost(y, m, form, simplex[k], first, weights, fitted)
                continue
            tried, cost = nearer, other
        simplex[size], costs[size] = tried, cost
    place = np.argmin(costs)
    return simplex[place].copy(), costs[place]


@njit(cache=True, nogil=True)
def error_of(y: np.ndarray, fitted: np.ndarray) -> float:
    """Mean absolute percentage error over actuals that are not zero, 0…; weighted by the actuals
    (sum of errors ÷ sum of actuals) where more than a fifth of them are zero.
    """
    zeros = 0
    total, errors, parts = 0.0, 0.0, 0.0
    for t in range(y.size):
        off = abs(y[t] - fitted[t])
        total += abs(y[t])
        errors += off
        if y[t] == 0:
            zeros += 1
        else:
            parts += off / abs(y[t])
    if zeros == y.size:
        return np.inf if errors > 0 else 0.0
    if zeros > 0.2 * y.size:
        return errors / total
    return parts / (y.size - zeros)


@njit(cache=True, nogil=True)
def fit_windows(windows: np.ndarray, m: int, forms: np.ndarray, figures: np.ndarray) -> None:
    """Fit every form to every window.

    Parameters
    ----------
    windows : numpy.ndarray of float64, shape (windows, days)
        Without gaps, oldest day first.
    m : int
        Length of a season.
    forms : numpy.ndarray of int64
        Which forms are tried; multiplicative ones are skipped where a value is not positive.
    figures : numpy.ndarray of float64, shape (windows, 5, FIGURES)
        Filled; not a number where a form was not tried.
    """
    fitted = np.zeros(windows.shape[1])
    for number in range(windows.shape[0]):
        y = windows[number]
        lowest = y.min()
        for form in forms:
            if form in (MNM, MNA) and lowest <= 0:
                continue
            first = first_states(y, m, form)
            weights = best_weights(y, m, form, first)
            likely, squares, ahead = smooth(y, m, form, weights, first, fitted)
            if not np.isfinite(ahead):
                continue
            out = figures[number, form]
            out[LOG_LIKELIHOOD], out[EXPECTED], out[SQUARES] = likely, ahead, squares
            out[ERROR] = error_of(y, fitted)
            out[LEVEL_WEIGHT:] = weights
