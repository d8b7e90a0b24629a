"""Rows with equal times and no order between them: their extent, and distinct rows for steps.

What is called once a group is small and has few ways out: each array that is handed to a compiled
function is counted on every way, which costs more than the work on a lone row.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def ties_around(times, sequence, rows, place, low, high, stable):
    """First place and one past the last place of the rows that have no order against one row."""
    if stable:
        return place, place + 1
    permuted = rows.size > 0
    time = times[rows[place] if permuted else place]
    begun, end = place, place + 1
    while begun > low and times[rows[begun - 1] if permuted else begun - 1] == time:
        begun -= 1
    while end < high and times[rows[end] if permuted else end] == time:
        end += 1
    if sequence.size == 0 or end == begun + 1:
        return begun, end
    # Rows without a number come first; where there is one, it could stand anywhere.
    if sequence[rows[begun] if permuted else begun] == np.iinfo(np.int64).min:
        return begun, end
    rank = sequence[rows[place] if permuted else place]
    while sequence[rows[begun] if permuted else begun] != rank:
        begun += 1
    while sequence[rows[end - 1] if permuted else end - 1] != rank:
        end -= 1
    return begun, end


@njit(nogil=True, cache=True)
def group_end(codes, bits_of, times, sequence, rows, i, high, time, bits):
    """One past the last row that has no order against row i, the bits of all, and whether only
    some of them carry a sequence number (rows without one come first)."""
    permuted = rows.size > 0
    rank = sequence[rows[i] if permuted else i] if sequence.size else 0
    j, mixed = i + 1, False
    while j < high:
        row = rows[j] if permuted else j
        if times[row] != time:
            break
        if sequence.size and rank != np.iinfo(np.int64).min and sequence[row] != rank:
            break
        mixed |= sequence.size > 0 and sequence[row] != rank
        bits |= bits_of[codes[row]]
        j += 1
    return j, bits, mixed


@njit(nogil=True, cache=True)
def assigned(codes, bits_of, sequence, mixed, rows, i, j, s, k, owner, via, row_of_step):
    """Give steps s..k distinct rows of the group [i, j); the rows are left in `row_of_step`."""
    permuted = rows.size > 0
    size = j - i
    if size <= k - s:
        return False
    if mixed:
        return _assigned_in_order(codes, bits_of, sequence, rows, i, size, s, k, row_of_step)
    owner[:size] = -1
    queue = np.empty(k + 1, np.int64)
    for wanted in range(s, k + 1):
        via[:size] = -1
        queue[0] = wanted
        head, tail, found = 0, 1, -1
        while head < tail and found < 0:
            step = queue[head]
            head += 1
            for v in range(size):
                row = rows[i + v] if permuted else i + v
                if via[v] >= 0 or not (bits_of[codes[row]] >> np.uint64(step)) & np.uint64(1):
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
            owner[found] = step
            row_of_step[step] = found
            if step == wanted:
                break
            found = previous
    return True


@njit(nogil=True, cache=True)
def _assigned_in_order(codes, bits_of, sequence, rows, i, size, s, k, row_of_step):
    """As `_assigned` where only some rows carry a sequence number: two numbered rows that serve
    consecutive steps keep their order. A depth-first search, for such groups are small and rare."""
    permuted = rows.size > 0
    step = s
    row_of_step[s] = -1
    while step >= s:
        v = row_of_step[step] + 1
        while v < size:
            row = rows[i + v] if permuted else i + v
            fits = (bits_of[codes[row]] >> np.uint64(step)) & np.uint64(1)
            if fits and step > s:
                last = row_of_step[step - 1]
                before = sequence[rows[i + last] if permuted else i + last]
                numbered = before != np.iinfo(np.int64).min
                missing = sequence[row] == np.iinfo(np.int64).min
                fits = np.uint64(not numbered or missing or before <= sequence[row])
                for earlier in range(s, step):
                    if row_of_step[earlier] == v:
                        fits = np.uint64(0)
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


@njit(nogil=True, cache=True)
def trace(
    codes,
    bits_of,
    sequence,
    stable,
    fitting,
    places,
    records,
    depth,
    owner,
    via,
    row_of_step,
    witness,
):
    """Walk back from the earliest completion, always to the latest predecessor."""
    k, at = depth - 1, np.int64(0)
    while k >= 0:
        s, f, j = records[k, at, 3], records[k, at, 5], records[k, at, 6]
        mixed = not stable and sequence.size > 0
        mixed = mixed and sequence[fitting[f]] != sequence[fitting[j - 1]]
        assigned(codes, bits_of, sequence, mixed, fitting, f, j, s, k, owner, via, row_of_step)
        for step in range(s, k + 1):
            witness[step] = places[f + row_of_step[step]]
        at = records[k, at, 4]
        k = s - 1
