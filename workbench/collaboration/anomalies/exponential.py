"""Exponential smoothing of each training window by the best of five forms.

Source: collaboration.md, sections 2.3 and 2.4. The interval follows Student's t with the days that
are left after weights and first states are estimated: the normal interval of the likelihood is too
narrow for 35 days (of clean days 1.3 % instead of 0.1 % lie outside its 99.9 % band).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from workbench.collaboration.anomalies import kernels

FORMS = ("ANA", "AAA", "MNM", "MNA", "AAN")
SEASON = 7
# Weights and first states of each form, a season's values counted without the one that is given
# by the others.
_WEIGHTS = np.array([2, 3, 2, 2, 2])
_STATES = np.array([7, 8, 7, 7, 2])
_RELATIVE = np.array([False, False, True, True, False])
# A larger step than rounding: forms whose errors differ by less are told apart by AIC.
_SAME = 1e-9
_SMALLEST_PART = 64


@dataclass(frozen=True)
class Fits:
    """The best form of each window.

    Attributes
    ----------
    form : numpy.ndarray of int
        Place in `FORMS`; -1 where none could be fitted.
    expected : numpy.ndarray of float
        Value of the day after the window.
    spread : numpy.ndarray of float
        Standard error of that value, with the degrees of freedom below.
    freedom : numpy.ndarray of int
    error : numpy.ndarray of float
        Mean absolute percentage error within the window, 0…
    weights : numpy.ndarray of float, shape (windows, 3)
        Alpha, beta, gamma.
    """

    form: np.ndarray
    expected: np.ndarray
    spread: np.ndarray
    freedom: np.ndarray
    error: np.ndarray
    weights: np.ndarray

    def half(self, confidence: float) -> np.ndarray:
        """Half the width of the interval at a confidence."""
        from scipy.stats import t

        return t.ppf(0.5 + confidence / 2, np.maximum(self.freedom, 1)) * self.spread


def best_fits(windows: np.ndarray, *, season: int = SEASON, threads: int = 1) -> Fits:
    """Fit the five forms to every window and keep the one with the lowest error.

    Parameters
    ----------
    windows : numpy.ndarray of float, shape (windows, periods)
        Without gaps, oldest first; at least 16 periods and two seasons.
    season : int
    threads : int
        The compiled part runs without Python's lock.
    """
    windows = np.ascontiguousarray(windows, float)
    forms = np.arange(len(FORMS))
    figures = np.full((len(windows), len(FORMS), kernels.FIGURES), np.nan)
    cuts = np.linspace(0, len(windows), max(1, min(threads, len(windows) // _SMALLEST_PART)) + 1)
    ends = [(int(a), int(b)) for a, b in pairwise(cuts) if b > a]

    def part(ends: tuple[int, int]) -> None:
        kernels.fit_windows(windows[slice(*ends)], season, forms, figures[slice(*ends)])

    with ThreadPoolExecutor(max(1, threads)) as pool:
        list(pool.map(part, ends))
    return _chosen(figures, windows.shape[1], season)


def _chosen(figures: np.ndarray, size: int, season: int) -> Fits:
    error = np.where(np.isnan(figures[:, :, kernels.ERROR]), np.inf, figures[:, :, kernels.ERROR])
    states = np.where(_STATES > 2, _STATES + season - SEASON, _STATES)
    parameters = _WEIGHTS + states
    likely = 2 * (_WEIGHTS + 1) - 2 * figures[:, :, kernels.LOG_LIKELIHOOD]
    tied = error <= error.min(axis=1, keepdims=True) + _SAME
    form = np.where(tied & np.isfinite(error), likely, np.inf).argmin(axis=1)
    rows = np.arange(len(figures))
    found = figures[rows, form]
    freedom = size - parameters[form]
    spread = np.sqrt(found[:, kernels.SQUARES] / np.maximum(freedom, 1))
    spread = np.where(_RELATIVE[form], spread * np.abs(found[:, kernels.EXPECTED]), spread)
    known = np.isfinite(error[rows, form]) & (freedom > 0)
    return Fits(
        np.where(known, form, -1),
        np.where(known, found[:, kernels.EXPECTED], np.nan),
        np.where(known, spread, np.nan),
        freedom,
        error[rows, form],
        found[:, kernels.LEVEL_WEIGHT :],
    )


def fitted_values(window: np.ndarray, form: int, weights: np.ndarray, season: int) -> np.ndarray:
    """What a form expected of each period of its own window."""
    out = np.zeros(window.size)
    first = kernels.first_states(window, season, form)
    kernels.smooth(window, season, form, np.asarray(weights, float), first, out)
    return out
