"""Compiled passes over saves and over lists sorted by owner and time."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def places_before(offsets, at, entity, instant):
    """Place of the first entry at or after an instant, one for each pair.

    Parameters
    ----------
    offsets : numpy.ndarray of int64, shape (entities + 1,)
    at : numpy.ndarray of int64
        Instants of the entries, rising within each entity.
    entity, instant : numpy.ndarray of int64
        A negative entity has no entries: the answer is 0.

    Returns
    -------
    numpy.ndarray of int64
        One past the last entry of the entity where none is so late.
    """
    out = np.zeros(entity.size, np.int64)
    for n in range(entity.size):
        e = entity[n]
        if e < 0:
            continue
        low, high = offsets[e], offsets[e + 1]
        while low < high:
            middle = (low + high) // 2
            if at[middle] < instant[n]:
                low = middle + 1
            else:
                high = middle
        out[n] = low
    return out


@njit(cache=True, nogil=True)
def walked(offsets, at, stage, amount, expected, no_day):
    """What is known after each save: one pass over the saves of all deals.

    Parameters
    ----------
    offsets : numpy.ndarray of int64
    at : numpy.ndarray of int64
    stage : numpy.ndarray of int32
        -1 where a save names none: the one before stays.
    amount : numpy.ndarray of float
        Not a number where a save names none: the one before stays.
    expected : numpy.ndarray of int32
        Days; `no_day` where a save names none.

    Returns
    -------
    stage_now : numpy.ndarray of int32
    entered_at : numpy.ndarray of int64
        When the present stage began.
    amount_now : numpy.ndarray of float
    pushes, amount_changes : numpy.ndarray of int64
        How often the expected close moved later by a day or more, and the amount changed, so far.
    """
    size = at.size
    stage_now = np.full(size, -1, np.int32)
    entered_at = np.zeros(size, np.int64)
    amount_now = np.full(size, np.nan)
    pushes = np.zeros(size, np.int64)
    amount_changes = np.zeros(size, np.int64)
    for deal in range(offsets.size - 1):
        current, entered, value = np.int32(-1), np.int64(0), np.nan
        day, pushed, changed = no_day, 0, 0
        for i in range(offsets[deal], offsets[deal + 1]):
            if i == offsets[deal]:
                entered = at[i]
            if stage[i] >= 0 and stage[i] != current:
                current, entered = stage[i], at[i]
            if not np.isnan(amount[i]):
                if not np.isnan(value) and amount[i] != value:
                    changed += 1
                value = amount[i]
            if expected[i] != no_day:
                if day != no_day and expected[i] > day:
                    pushed += 1
                day = expected[i]
            stage_now[i], entered_at[i], amount_now[i] = current, entered, value
            pushes[i], amount_changes[i] = pushed, changed
    return stage_now, entered_at, amount_now, pushes, amount_changes
