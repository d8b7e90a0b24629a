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

from workbench.engine.matching.links import NEVER, reach_one
from workbench.engine.matching.ties import trace

UNLIMITED = 2**62
# Rows of one container from which on room for what was reached is measured before it is taken.
MANY = 100_000


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
    # Rows carry no sign: an index with one is asked at every look whether it counts from the end.
    fitting = np.empty(longest + 1, np.uint64)
    permuted = rows.size > 0
    none, one = np.uint64(0), np.uint64(1)
    for c in range(low.size):
        # Rows that fit some step are gathered without a branch, which would mostly be guessed
        # wrong; only their times are read.
        size = none
        for i in range(np.uint64(low[c]), np.uint64(high[c])):
            row = np.uint64(rows[i]) if permuted else i
            fitting[size] = row
            size += np.uint64(bits_of[codes[row]] != 0)
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
    # first and last of the fitting rows of the group.
    records = np.empty((steps, 64 if keep else 1, 7), np.int64)
    owner = np.empty(64, np.int64)
    via = np.empty(64, np.int64)
    row_of_step = np.empty(steps, np.int64)
    longest = (high - low).max() if low.size else 0
    fitting = np.empty(longest + 1, np.int64)
    places = np.empty(longest + 1, np.int64)
    count = np.empty(steps, np.int64)
    pointer = np.empty(steps, np.int64)
    last_block = np.empty(steps, np.int64)
    pending = np.empty((steps, 3), np.int64)
    everywhere = _everywhere(bits_of, steps)
    told_apart = ~everywhere
    beside = np.zeros(steps, np.bool_)
    for k in range(steps):
        if blocker[k] >= 0:
            beside[k] = (everywhere >> np.uint64(blocker[k])) & np.uint64(1)
    adjoining = beside.any()
    selective = ((blocker >= 0) & ~beside).any()
    permuted = rows.size > 0
    for c in range(low.size):
        # As in `reach_disjoint`; a row that only says "not between" by being there is no row
        # to look at, for what stands beside each other is seen from the places.
        size = 0
        for i in range(low[c], high[c]):
            row = rows[i] if permuted else i
            fitting[size], places[size] = row, i
            size += bits_of[codes[row]] & told_apart != 0
        if size > owner.size:
            owner, via = np.empty(2 * size, np.int64), np.empty(2 * size, np.int64)
        if keep and size > records.shape[1]:
            needed = size if size < MANY else _most_of_a_step(codes, bits_of, fitting, size, steps)
            if needed > records.shape[1]:
                records = np.empty((steps, 2 * needed if needed < MANY else needed, 7), np.int64)
        depth[c], entry[c] = reach_one(
            codes,
            bits_of,
            times,
            sequence,
            rows,
            low[c],
            high[c],
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
        )
        if want_witness and depth[c] > 0:
            trace(
                codes,
                bits_of,
                sequence,
                stable,
                fitting,
                places,
                records,
                depth[c],
                owner,
                via,
                row_of_step,
                witness[c],
            )
    return depth, entry, witness


@njit(nogil=True, cache=True)
def _most_of_a_step(codes, bits_of, fitting, size, steps):
    """How many of the fitting rows meet the step that most of them meet."""
    met = np.zeros(steps, np.int64)
    for f in range(size):
        bits = bits_of[codes[fitting[f]]]
        for k in range(steps):
            met[k] += (bits >> np.uint64(k)) & np.uint64(1)
    return met.max()


@njit(nogil=True, cache=True)
def _everywhere(bits_of, steps):
    """Bits beyond those of the steps that every row carries."""
    found = np.uint64(0xFFFFFFFFFFFFFFFF)
    for bits in bits_of:
        found &= bits
    return found & ~((np.uint64(1) << np.uint64(steps)) - np.uint64(1))
