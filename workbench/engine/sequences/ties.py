"""Rows of one instant that no order parts: where they begin and end, and distinct rows for steps.

Source: README.md of the specifications, decisions 1 and 2.
"""

from __future__ import annotations

import numpy as np
from numba import njit

NO_NUMBER = np.iinfo(np.int64).min


@njit(nogil=True, cache=True)
def group_around(times, sequence, rows, place, low, high):
    """First place and one past the last place of the group of a row.

    Rows of one instant are one group; where all of them carry a sequence number, those with equal
    numbers are.
    """
    permuted = rows.size > 0
    time = times[rows[place] if permuted else place]
    i, j = place, place + 1
    while i > low and times[rows[i - 1] if permuted else i - 1] == time:
        i -= 1
    while j < high and times[rows[j] if permuted else j] == time:
        j += 1
    # Rows without a number come first.
    if sequence.size == 0 or sequence[rows[i] if permuted else i] == NO_NUMBER:
        return i, j
    rank = sequence[rows[place] if permuted else place]
    while sequence[rows[i] if permuted else i] != rank:
        i += 1
    while sequence[rows[j - 1] if permuted else j - 1] != rank:
        j -= 1
    return i, j


@njit(nogil=True, cache=True)
def distinct_rows(codes, bits_of, sequence, group, size, s, k, owner, via, queue, row_of_step):
    """Whether steps s..k can be given distinct rows of a group, by augmenting paths.

    Parameters
    ----------
    group : numpy.ndarray of int64
        Rows of the store; the first `size` of them count.
    owner, via, queue, row_of_step : numpy.ndarray of int64
        Room to work in.
    """
    if size <= k - s:
        return False
    if sequence.size and sequence[group[0]] != sequence[group[size - 1]]:
        return _in_order(codes, bits_of, sequence, group, size, s, k, row_of_step)
    owner[:size] = -1
    for wanted in range(s, k + 1):
        via[:size] = -1
        queue[0] = wanted
        head, tail, found = 0, 1, -1
        while head < tail and found < 0:
            step = queue[head]
            head += 1
            for v in range(size):
                fits = (bits_of[codes[group[v]]] >> np.uint64(step)) & np.uint64(1)
                if via[v] >= 0 or not fits:
                    continue
                via[v] = step
                if owner[v] < 0:
                    found = v
                    break
                queue[tail] = owner[v]
                tail += 1
        if found < 0:
            return False
        while True:
            step = via[found]
            previous = row_of_step[step]
            owner[found], row_of_step[step] = step, found
            if step == wanted:
                break
            found = previous
    return True


@njit(nogil=True, cache=True)
def _in_order(codes, bits_of, sequence, group, size, s, k, row_of_step):
    """As `distinct_rows` where only some rows carry a sequence number: two numbered rows that
    serve consecutive steps keep their order. Such groups are small and rare, so all is tried."""
    step = s
    row_of_step[s] = -1
    while step >= s:
        v = row_of_step[step] + 1
        while v < size:
            fits = bool((bits_of[codes[group[v]]] >> np.uint64(step)) & np.uint64(1))
            if fits and step > s:
                before, own = sequence[group[row_of_step[step - 1]]], sequence[group[v]]
                fits = before == NO_NUMBER or own == NO_NUMBER or before <= own
                for earlier in range(s, step):
                    fits = fits and row_of_step[earlier] != v
            if fits:
                break
            v += 1
        if v == size:
            step -= 1
            continue
        row_of_step[step] = v
        if step == k:
            return True
        step += 1
        row_of_step[step] = -1
    return False
