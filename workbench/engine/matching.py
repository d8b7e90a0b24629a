"""Compiled matching of step sequences, existential and never greedy.

For every step the kernels keep the reached groups of rows and, for each, the latest possible
time of the first step. A later reach never has an earlier start (two chains that cross can be
exchanged), so the latest admissible predecessor is always the best one and each container is
read once. Rows with equal times and no order between them form one group; inside a group the
steps of a chain are given distinct rows by augmenting paths.

Source: journeys-fallout.md, sections 0.2 and 0.3; README.md of the specs, decisions 1 and 2.
"""

from __future__ import annotations

import numpy as np
from numba import njit

NEVER = -(2**62)
UNLIMITED = 2**62


@njit(nogil=True, cache=True)
def reach_disjoint(codes, bits_of, times, rows, low, high, steps, within, total, stable):
    """How far each container gets, when no event can serve two steps and links only look back.

    Returns
    -------
    depth : numpy.ndarray of int8
        Steps reached by each container.
    entry : numpy.ndarray of int64
        Time of its first row that meets step 1; `NEVER` without one.
    """
    depth = np.zeros(low.size, np.int8)
    entry = np.full(low.size, NEVER, np.int64)
    reached = np.empty(steps, np.int64)
    start = np.empty(steps, np.int64)
    longest = (high - low).max() if low.size else 0
    fitting = np.empty(longest + 1, np.int64)
    permuted = rows.size > 0
    one = np.uint64(1)
    for c in range(low.size):
        # Rows that fit some step are gathered without a branch, which would mostly be guessed
        # wrong; only their times are read.
        size = 0
        for i in range(low[c], high[c]):
            row = rows[i] if permuted else i
            fitting[size] = row
            size += bits_of[codes[row]] != 0
        deepest = 0
        group_time, group_bits = np.int64(NEVER), np.uint64(0)
        for f in range(size):
            row = fitting[f]
            bits, time = bits_of[codes[row]], times[row]
            if time != group_time or stable:
                group_time, group_bits = time, bits
            else:
                group_bits |= bits
            if group_bits & one:
                if deepest == 0:
                    entry[c], deepest = time, 1
                reached[0], start[0] = time, time
            k = 1
            while k <= deepest and k < steps:
                if (
                    (group_bits >> np.uint64(k)) & one
                    and time - reached[k - 1] <= within[k]
                    and time - start[k - 1] <= total
                ):
                    reached[k], start[k] = time, start[k - 1]
                    deepest = max(deepest, k + 1)
                k += 1
            if deepest == steps:
                break
        depth[c] = deepest
    return depth, entry


@njit(nogil=True, cache=True)
def reach_any(
    codes,
    bits_of,
    times,
    sequence,
    rows,
    low,
    high,
    steps,
    within,
    after,
    total,
    blocker,
    stable,
    overlapping,
    want_witness,
):
    """How far each container gets under every kind of link, and the tightest earliest match.

    Parameters
    ----------
    blocker : numpy.ndarray of int64, shape (steps,)
        Bit of the rows that must not lie between step k - 1 and step k, before step 1 for k = 0;
        -1 for none.

    Returns
    -------
    depth, entry
        As `reach_disjoint`.
    witness : numpy.ndarray of int64, shape (containers, steps) or (0, steps)
        Place in the stream of the row that serves each step; -1 past the depth.
    """
    depth = np.zeros(low.size, np.int8)
    entry = np.full(low.size, NEVER, np.int64)
    witness = np.full((low.size if want_witness else 0, steps), -1, np.int64)
    keep = want_witness or after.max() > 0
    # Of each record: time, start, group number, first step met in its group, predecessor,
    # first and last place of the group.
    records = np.empty((steps, 64 if keep else 1, 7), np.int64)
    count = np.zeros(steps, np.int64)
    pointer = np.empty(steps, np.int64)
    last_block = np.empty(steps, np.int64)
    pending = np.empty((steps, 3), np.int64)
    row_of_step = np.empty(steps, np.int64)
    owner = np.empty(64, np.int64)
    via = np.empty(64, np.int64)
    step_mask = (np.uint64(1) << np.uint64(steps)) - np.uint64(1)
    permuted = rows.size > 0
    for c in range(low.size):
        count[:] = 0
        pointer[:] = -1
        last_block[:] = -1
        group = -1
        i = low[c]
        while i < high[c]:
            row = rows[i] if permuted else i
            bits = bits_of[codes[row]]
            if bits == 0:
                i += 1
                continue
            time = times[row]
            j, mixed = i + 1, False
            following = rows[j] if permuted and j < high[c] else j
            if not stable and j < high[c] and times[following] == time:
                j, bits, mixed = _group_end(
                    codes, bits_of, times, sequence, rows, i, high[c], time, bits
                )
            group += 1
            if bits & step_mask:
                if bits & np.uint64(1) and entry[c] == NEVER and last_block[0] < 0:
                    entry[c] = time
                if j - i > owner.size:
                    owner = np.empty(2 * (j - i), np.int64)
                    via = np.empty(2 * (j - i), np.int64)
                for k in range(steps):
                    pending[k, 0] = NEVER
                    if not (bits >> np.uint64(k)) & np.uint64(1):
                        continue
                    for s in range(k, -1, -1):
                        if s < k:
                            linked = (bits >> np.uint64(s)) & np.uint64(1) and after[s + 1] == 0
                            if not linked:
                                break
                            if (overlapping or mixed) and not _assigned(
                                codes,
                                bits_of,
                                sequence,
                                mixed,
                                rows,
                                i,
                                j,
                                s,
                                k,
                                owner,
                                via,
                                row_of_step,
                            ):
                                break
                        started, before = _started(
                            records, count, pointer, last_block, s, time, within, after, total, keep
                        )
                        if started != NEVER and started >= pending[k, 0]:
                            pending[k, 0], pending[k, 1], pending[k, 2] = started, s, before
                for k in range(steps):
                    if pending[k, 0] == NEVER:
                        continue
                    if keep and count[k] == records.shape[1]:
                        larger = np.empty((steps, 2 * records.shape[1], 7), np.int64)
                        larger[:, : records.shape[1]] = records
                        records = larger
                    at = count[k] if keep else 0
                    records[k, at, 0], records[k, at, 1] = time, pending[k, 0]
                    records[k, at, 2], records[k, at, 3] = group, pending[k, 1]
                    records[k, at, 4], records[k, at, 5] = pending[k, 2], i
                    records[k, at, 6] = j
                    count[k] += 1
                    depth[c] = max(depth[c], k + 1)
                if depth[c] == steps:
                    break
            for k in range(steps):
                if blocker[k] >= 0 and (bits >> np.uint64(blocker[k])) & np.uint64(1):
                    last_block[k] = group
            i = j
        if want_witness and depth[c] > 0:
            _trace(
                codes,
                bits_of,
                sequence,
                stable,
                rows,
                records,
                depth[c],
                owner,
                via,
                row_of_step,
                witness[c],
            )
    return depth, entry, witness


@njit(nogil=True, cache=True)
def _group_end(codes, bits_of, times, sequence, rows, i, high, time, bits):
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


@njit(nogil=True, cache=True, inline="always")
def _started(records, count, pointer, last_block, s, time, within, after, total, keep):
    """Latest start of a chain that enters this group with step s, and its last record before."""
    if s == 0:
        return np.int64(time if last_block[0] < 0 else NEVER), np.int64(-1)
    newest = count[s - 1] - 1
    if newest < 0:
        return np.int64(NEVER), np.int64(-1)
    if not keep:
        newest = 0
    elif after[s] > 0:
        while pointer[s] < newest and records[s - 1, pointer[s] + 1, 0] <= time - after[s]:
            pointer[s] += 1
        newest = pointer[s]
        if newest < 0:
            return np.int64(NEVER), np.int64(-1)
    reached, start = records[s - 1, newest, 0], records[s - 1, newest, 1]
    if (
        time - reached > within[s]
        or time - start > total
        or records[s - 1, newest, 2] < last_block[s]
        or time - reached < after[s]
    ):
        return np.int64(NEVER), np.int64(-1)
    return start, np.int64(newest)


@njit(nogil=True, cache=True)
def _assigned(codes, bits_of, sequence, mixed, rows, i, j, s, k, owner, via, row_of_step):
    """Give steps s..k distinct rows of the group [i, j); the rows are left in `row_of_step`."""
    permuted = rows.size > 0
    size = j - i
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
def _trace(codes, bits_of, sequence, stable, rows, records, depth, owner, via, row_of_step, places):
    """Walk back from the earliest completion, always to the latest predecessor."""
    k, at = depth - 1, np.int64(0)
    while k >= 0:
        s, i, j = records[k, at, 3], records[k, at, 5], records[k, at, 6]
        first, last = (rows[i], rows[j - 1]) if rows.size else (i, j - 1)
        mixed = not stable and sequence.size > 0 and sequence[first] != sequence[last]
        _assigned(codes, bits_of, sequence, mixed, rows, i, j, s, k, owner, via, row_of_step)
        for step in range(s, k + 1):
            places[step] = i + row_of_step[step]
        at = records[k, at, 4]
        k = s - 1
