"""How far one container gets under every kind of link: limits, next, without, exclusions.

Only rows that fit a step, or that may not lie between two, were gathered before.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.matching.ties import assigned, group_end, ties_around

NEVER = -(2**62)


@njit(nogil=True, cache=True)
def reach_one(
    codes,
    bits_of,
    times,
    sequence,
    rows,
    low,
    high,
    fitting,
    places,
    size,
    within,
    after,
    total,
    blocker,
    beside,
    adjoining,
    selective,
    stable,
    overlapping,
    keep,
    records,
    count,
    pointer,
    last_block,
    pending,
    owner,
    via,
    row_of_step,
):
    """Depth and entry of one container, whose fitting rows were gathered."""
    steps = within.size
    one = np.uint64(1)
    step_mask = (one << np.uint64(steps)) - one
    count[:], pointer[:], last_block[:] = 0, -1, -1
    depth, entry, group, ended = np.int8(0), np.int64(NEVER), -1, low
    f = 0
    while f < size:
        row = fitting[f]
        bits, time, j = bits_of[codes[row]], times[row], f + 1
        group += 1
        if adjoining:
            begun, end = ties_around(times, sequence, rows, places[f], low, high, stable)
            while j < size and places[j] < end:
                bits |= bits_of[codes[fitting[j]]]
                j += 1
            for k in range(steps):
                if beside[k] and k > 0:
                    last_block[k] = group - 1 if begun == ended else group
                elif beside[k]:
                    last_block[k] = -1 if begun == low else group
            ended = end
        elif not stable and j < size and times[fitting[j]] == time:
            j, bits, _ = group_end(codes, bits_of, times, sequence, fitting, f, size, time, bits)
        if bits & step_mask:
            if bits & one and entry == NEVER and last_block[0] < 0:
                entry = time
            if j == f + 1:
                for k in range(steps):
                    if not (bits >> np.uint64(k)) & one:
                        continue
                    start, before = np.int64(NEVER), np.int64(-1)
                    if k == 0:
                        start = time if last_block[0] < 0 else start
                    elif count[k - 1] > 0:
                        before = np.int64(count[k - 1] - 1 if keep else 0)
                        if after[k] > 0:
                            before = old_enough(records, pointer, k, before, time - after[k])
                        if before >= 0:
                            start = start_of(
                                records[k - 1, before, 0],
                                records[k - 1, before, 1],
                                records[k - 1, before, 2],
                                time,
                                within[k],
                                after[k],
                                total,
                                last_block[k],
                            )
                    pending[k, 0], pending[k, 1], pending[k, 2] = start, k, before
            else:
                mixed = sequence.size > 0 and sequence[row] != sequence[fitting[j - 1]]
                among_ties(
                    codes,
                    bits_of,
                    sequence,
                    fitting,
                    f,
                    j,
                    bits,
                    time,
                    mixed,
                    overlapping,
                    within,
                    after,
                    total,
                    keep,
                    records,
                    count,
                    pointer,
                    last_block,
                    pending,
                    owner,
                    via,
                    row_of_step,
                )
            for k in range(steps):
                if (bits >> np.uint64(k)) & one and pending[k, 0] != NEVER:
                    at = count[k] if keep else 0
                    records[k, at, 0], records[k, at, 1] = time, pending[k, 0]
                    records[k, at, 2] = group
                    if keep:
                        records[k, at, 3], records[k, at, 4] = pending[k, 1], pending[k, 2]
                        records[k, at, 5], records[k, at, 6] = f, j
                    count[k] += 1
                    depth = max(depth, np.int8(k + 1))
            if depth == steps:
                break
        if selective:
            for k in range(steps):
                if blocker[k] >= 0 and not beside[k] and (bits >> np.uint64(blocker[k])) & one:
                    last_block[k] = group
        f = j
    return depth, entry


@njit(nogil=True, cache=True)
def among_ties(
    codes,
    bits_of,
    sequence,
    fitting,
    f,
    j,
    bits,
    time,
    mixed,
    overlapping,
    within,
    after,
    total,
    keep,
    records,
    count,
    pointer,
    last_block,
    pending,
    owner,
    via,
    row_of_step,
):
    """The latest start of every step in a group of rows without order, left in `pending`.

    Of each step: the start, the first step that the same group serves, and the record before it.
    """
    for k in range(within.size):
        pending[k, 0] = NEVER
        if not (bits >> np.uint64(k)) & np.uint64(1):
            continue
        for s in range(k, -1, -1):
            if s < k:
                if not (bits >> np.uint64(s)) & np.uint64(1) or after[s + 1] != 0:
                    break
                if (overlapping or mixed) and not assigned(
                    codes,
                    bits_of,
                    sequence,
                    mixed,
                    fitting,
                    f,
                    j,
                    s,
                    k,
                    owner,
                    via,
                    row_of_step,
                ):
                    break
            started, before = np.int64(NEVER), np.int64(-1)
            if s == 0:
                started = time if last_block[0] < 0 else started
            elif count[s - 1] > 0:
                before = np.int64(count[s - 1] - 1 if keep else 0)
                if after[s] > 0:
                    before = old_enough(records, pointer, s, before, time - after[s])
                if before >= 0:
                    started = start_of(
                        records[s - 1, before, 0],
                        records[s - 1, before, 1],
                        records[s - 1, before, 2],
                        time,
                        within[s],
                        after[s],
                        total,
                        last_block[s],
                    )
            if started != NEVER and started >= pending[k, 0]:
                pending[k, 0], pending[k, 1], pending[k, 2] = started, s, before


@njit(nogil=True, cache=True)
def old_enough(records, pointer, k, newest, latest):
    """The newest record of step k - 1 that lies at `latest` or before; -1 for none."""
    while pointer[k] < newest and records[k - 1, pointer[k] + 1, 0] <= latest:
        pointer[k] += 1
    return pointer[k]


@njit(nogil=True, cache=True)
def start_of(reached, start, group, time, within, after, total, last_block):
    """The start of a chain that goes on from one record at a time; `NEVER` where it may not."""
    between = time - reached
    allowed = after <= between <= within and time - start <= total and group >= last_block
    return start if allowed else np.int64(NEVER)
