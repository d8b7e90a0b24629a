"""Sorting many whole numbers: several keys as one, and each value once."""

from __future__ import annotations

from math import prod

import numpy as np
from numba import njit

_MOST = 2**62


def order_of(*keys: np.ndarray) -> np.ndarray:
    """Places in the order of the keys, the first above all; equal ones stay as they lie.

    Parameters
    ----------
    *keys : numpy.ndarray of int
    """
    if not keys[0].size:
        return np.zeros(0, np.int64)
    lowest = [int(key.min()) for key in keys]
    spans = [int(key.max()) - low + 1 for key, low in zip(keys, lowest, strict=True)]
    if prod(spans) >= _MOST:
        return np.lexsort(keys[::-1])
    joined = np.zeros(keys[0].size, np.int64)
    for key, low, span in zip(keys, lowest, spans, strict=True):
        joined = joined * span + (key.astype(np.int64) - low)
    if (joined[1:] >= joined[:-1]).all():
        return np.arange(joined.size)
    return np.argsort(joined, kind="stable")


def by_time(record: np.ndarray, when: np.ndarray) -> np.ndarray:
    """Places by record, then by time; equal ones stay as they lie."""
    later = (record[1:] > record[:-1]) | ((record[1:] == record[:-1]) & (when[1:] >= when[:-1]))
    if later.all():
        return np.arange(record.size)
    order = np.argsort(when, kind="stable")
    return order[np.argsort(record[order], kind="stable")]


def distinct(values: np.ndarray) -> np.ndarray:
    """Each value once, in order."""
    values = np.sort(values)
    return values[np.append(True, values[1:] != values[:-1])] if values.size else values


def places_of(codes: np.ndarray, size: int) -> np.ndarray:
    """Where each code begins among sorted ones, and where the last ends."""
    return np.append(0, np.cumsum(np.bincount(codes, minlength=size)))


def spread(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every place of half-open ranges, and the number of its range."""
    number = high - low
    of = np.repeat(np.arange(number.size), number)
    return np.repeat(low - np.append(0, np.cumsum(number)[:-1]), number) + np.arange(of.size), of


@njit(cache=True, nogil=True)
def by_appearance(codes, size):
    """The same codes from 0 on in the order in which they first appear; -1 stays."""
    new = np.full(size, -1, np.int64)
    out = np.empty(codes.size, np.int64)
    number = 0
    for n in range(codes.size):
        code = codes[n]
        if code < 0:
            out[n] = -1
            continue
        if new[code] < 0:
            new[code] = number
            number += 1
        out[n] = new[code]
    return out
