"""What a sequence allows between two of its steps, as arrays and compiled decisions.

Source: journeys-attribution-and-segments.md, B2 (within, after, exclude inside a sequence).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from workbench.engine.months import months_later

TIME, EVENTS, MONTHS, COUNTED = range(4)
NOWHERE = -1
UNLIMITED = 2**62


class Chain(NamedTuple):
    """What a sequence asks for, as plain arrays.

    Attributes
    ----------
    slots : int
        Steps in a row; bit k of a code says that its rows serve step k.
    overlapping : bool
        Whether one row could serve two steps.
    least, most : numpy.ndarray of int64, shape (slots, 2)
        Smallest and largest distance to the step before, in microseconds and in events.
    further_of, further_kind, further_least, further_most, further_ruler : numpy.ndarray of int64
        Limits ``further_of[k]:further_of[k + 1]`` of step k in months, or on a line of `rulers`:
        kind, both bounds (below zero: none), line.
    rulers : numpy.ndarray of int32, shape (rulers, places)
    block_slot : numpy.ndarray of int64
        Step before which each exclusion counts.
    block_bits : numpy.ndarray of uint64
        Bits that must all have been seen for each exclusion to hold.
    after_bits : int
        Bits that must not all follow the last step; zero for none.
    after_last : bool
        Whether only what follows the last occurrence counts.
    total, total_months : int
        Longest time from the first to the last row; months below zero for none.
    one_is_enough : bool
        Whether the first complete match of a container ends its walk.
    """

    slots: int
    overlapping: bool
    least: np.ndarray
    most: np.ndarray
    further_of: np.ndarray
    further_kind: np.ndarray
    further_least: np.ndarray
    further_most: np.ndarray
    further_ruler: np.ndarray
    rulers: np.ndarray
    block_slot: np.ndarray
    block_bits: np.ndarray
    after_bits: np.uint64
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
def further_too_far(k, reached, reached_place, place, time, chain, clock):
    """Whether a step that was reached lies farther back than months or rulers allow step k."""
    for n in range(chain.further_of[k], chain.further_of[k + 1]):
        most = chain.further_most[n]
        if most < 0:
            continue
        if chain.further_kind[n] == MONTHS:
            if time > months_later(reached, most, clock):
                return True
            continue
        ruler = chain.rulers[chain.further_ruler[n]]
        if np.int64(ruler[place]) - np.int64(ruler[reached_place]) > most:
            return True
    return False


@njit(nogil=True, cache=True)
def further_far_enough(k, reached, reached_place, place, time, chain, clock):
    """Whether a step that was reached lies as far back as months or rulers ask of step k."""
    for n in range(chain.further_of[k], chain.further_of[k + 1]):
        least = chain.further_least[n]
        if least < 0:
            continue
        if chain.further_kind[n] == MONTHS:
            if time < months_later(reached, least, clock):
                return False
            continue
        ruler = chain.rulers[chain.further_ruler[n]]
        if np.int64(ruler[place]) - np.int64(ruler[reached_place]) < least:
            return False
    return True


@njit(nogil=True, cache=True)
def touching(k, size, chain):
    """Whether step k may follow inside one group of rows with equal times."""
    for n in range(chain.further_of[k], chain.further_of[k + 1]):
        if chain.further_least[n] > 0:
            return False
    return chain.least[k, TIME] <= 0 and chain.least[k, EVENTS] <= size - 1


@njit(nogil=True, cache=True)
def close_exclusions(bits, place, chain, seen, blocked):
    """Note what of the exclusions a group of rows shows, and which of them hold from it on."""
    for bit in range(chain.slots, 64):
        if (bits >> np.uint64(bit)) & np.uint64(1):
            seen[bit] = place
    for block in range(chain.block_slot.size):
        if bits & chain.block_bits[block]:
            closed = last_of_all(chain.block_bits[block], seen)
            slot = chain.block_slot[block]
            blocked[slot] = max(blocked[slot], closed)


@njit(nogil=True, cache=True)
def last_of_all(bits, seen):
    """Latest place from which on all of some bits have been seen; `NOWHERE` before that."""
    out = np.int64(UNLIMITED)
    for bit in range(64):
        if (bits >> np.uint64(bit)) & np.uint64(1):
            out = min(out, seen[bit])
    return out if out != UNLIMITED else np.int64(NOWHERE)


@njit(nogil=True, cache=True)
def bits_seen(codes, bits_of, rows, low, high):
    """All bits that the rows of each container show."""
    out = np.zeros(low.size, np.uint64)
    permuted = rows.size > 0
    for c in range(low.size):
        bits = np.uint64(0)
        for place in range(low[c], high[c]):
            bits |= bits_of[codes[rows[place] if permuted else place]]
        out[c] = bits
    return out


@njit(nogil=True, cache=True)
def groups_end(times, sequence, rows, high, places):
    """One past the last place of the group that begins at each place; `NOWHERE` stays."""
    out = np.full(places.size, NOWHERE, np.int64)
    permuted = rows.size > 0
    for c in range(places.size):
        if places[c] == NOWHERE:
            continue
        row = rows[places[c]] if permuted else places[c]
        time, rank = times[row], sequence[row] if sequence.size else 0
        j = places[c] + 1
        while j < high[c]:
            row = rows[j] if permuted else j
            if times[row] != time:
                break
            if sequence.size and rank != np.iinfo(np.int64).min and sequence[row] != rank:
                break
            j += 1
        out[c] = j
    return out
