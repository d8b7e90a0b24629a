"""What a sequence allows between two of its steps, as arrays and compiled decisions.

Source: journeys-attribution-and-segments.md, B2 (within, after, exclude inside a sequence).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from workbench.engine.months import months_later

TIME, MONTHS, EVENTS, COUNTED = range(4)
NOWHERE = -1


class Chain(NamedTuple):
    """What a sequence asks for, as plain arrays.

    Attributes
    ----------
    slots : int
        Steps in a row; bit k of a code says that its rows serve step k.
    overlapping : bool
        Whether one row could serve two steps.
    limit_of, limit_kind, limit_least, limit_most, limit_ruler : numpy.ndarray of int64
        Limits ``limit_of[k]:limit_of[k + 1]`` belong to step k: kind, both bounds (below zero:
        none), and the line of `rulers` that counts.
    rulers : numpy.ndarray of int32, shape (rulers, places)
    block_of, block_bits_of, block_bits : numpy.ndarray of int64
        Exclusions ``block_of[k]:block_of[k + 1]`` before step k; exclusion b holds when each of
        the bits ``block_bits[block_bits_of[b]:block_bits_of[b + 1]]`` was seen.
    after_bits : numpy.ndarray of int64
        What must not follow the last step; all of them together.
    after_last : bool
        Whether only what follows the last occurrence counts.
    total, total_months : int
        Longest time from the first to the last row; below zero for none.
    one_is_enough : bool
        Whether the first complete match of a container ends its walk.
    """

    slots: int
    overlapping: bool
    limit_of: np.ndarray
    limit_kind: np.ndarray
    limit_least: np.ndarray
    limit_most: np.ndarray
    limit_ruler: np.ndarray
    rulers: np.ndarray
    block_of: np.ndarray
    block_bits_of: np.ndarray
    block_bits: np.ndarray
    after_bits: np.ndarray
    after_last: bool
    total: int
    total_months: int
    one_is_enough: bool


class Items(NamedTuple):
    """Finer containers that may serve steps, in the order of their first place.

    Attributes
    ----------
    of : numpy.ndarray of int64, shape (containers + 1,)
        Where the items of each container begin.
    first, last : numpy.ndarray of int64
        First and last place of each item in the stream around it.
    bits : numpy.ndarray of uint64
        Steps that it may serve.
    by_last : numpy.ndarray of int64
        The items of each container again, in the order of their last place.
    """

    of: np.ndarray
    first: np.ndarray
    last: np.ndarray
    bits: np.ndarray
    by_last: np.ndarray


@njit(nogil=True, cache=True)
def blocked_until(k, chain, seen):
    """Place of the latest group that closes an exclusion before step k."""
    out = np.int64(NOWHERE)
    for block in range(chain.block_of[k], chain.block_of[k + 1]):
        first, last = chain.block_bits_of[block], chain.block_bits_of[block + 1]
        closed = seen[chain.block_bits[first]]
        for at in range(first + 1, last):
            closed = min(closed, seen[chain.block_bits[at]])
        out = max(out, closed)
    return out


@njit(nogil=True, cache=True)
def too_far(k, record, i, j, time, chain, clock):
    """Whether a record lies farther before the group than step k allows."""
    for n in range(chain.limit_of[k], chain.limit_of[k + 1]):
        most, kind = chain.limit_most[n], chain.limit_kind[n]
        if most < 0:
            continue
        if kind == MONTHS:
            if time > months_later(record[0], most, clock):
                return True
            continue
        if kind == TIME:
            distance = time - record[0]
        elif kind == EVENTS:
            distance = i - record[2]
        else:
            ruler = chain.rulers[chain.limit_ruler[n]]
            distance = np.int64(ruler[j - 1]) - np.int64(ruler[record[2]])
        if distance > most:
            return True
    return False


@njit(nogil=True, cache=True)
def far_enough(k, record, i, j, time, chain, clock):
    """Whether a record lies as far before the group as step k asks."""
    for n in range(chain.limit_of[k], chain.limit_of[k + 1]):
        least, kind = chain.limit_least[n], chain.limit_kind[n]
        if least < 0:
            continue
        if kind == MONTHS:
            if time < months_later(record[0], least, clock):
                return False
            continue
        if kind == TIME:
            distance = time - record[0]
        elif kind == EVENTS:
            distance = j - 1 - record[1]
        else:
            ruler = chain.rulers[chain.limit_ruler[n]]
            distance = np.int64(ruler[j - 1]) - np.int64(ruler[record[2]])
        if distance < least:
            return False
    return True


@njit(nogil=True, cache=True)
def touching(k, size, chain):
    """Whether step k may follow inside one group of rows with equal times."""
    for n in range(chain.limit_of[k], chain.limit_of[k + 1]):
        least = chain.limit_least[n]
        if least > (size - 1 if chain.limit_kind[n] == EVENTS else 0):
            return False
    return True


@njit(nogil=True, cache=True)
def short_enough(time, start, chain, clock, times, rows):
    """Whether a chain that begins at a place may last until a time."""
    begun = times[rows[start] if rows.size else start]
    if chain.total >= 0 and time - begun > chain.total:
        return False
    return chain.total_months < 0 or time <= months_later(begun, chain.total_months, clock)
