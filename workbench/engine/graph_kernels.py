"""Compiled walks over an acyclic graph of up to 64 nodes, existential and never greedy.

Nodes are numbered so that every arrow leads upwards. For every node the kernels keep the rows
that reached it; a row reaches a node when it matches it and the node is a start, or when some
arrow leads here from a row before it, inside the limits of the arrow. Each container is read
once.

Source: journeys-canvas.md, section 2; README.md of the specs, decisions 1 and 2.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.graph_ties import chains_in_group

NEVER = -(2**62)
SEVERAL = -2
_UNNUMBERED = np.iinfo(np.int64).min
_ONE = np.uint64(1)


@njit(nogil=True, cache=True)
def reach(codes, bits_of, node_of, times, sequence, rows, low, high, source, target, nodes, stable):
    """Nodes reached and arrows taken by every container, where no arrow has a limit.

    Parameters
    ----------
    node_of : numpy.ndarray of int64
        The one node that a code matches, -1 for none, `SEVERAL` for more.
    source, target : numpy.ndarray of int64, shape (arrows,)
        Nodes of each arrow, ordered by target.

    Returns
    -------
    reached : numpy.ndarray of uint64, shape (containers,)
        A bit a node.
    taken : numpy.ndarray of uint64, shape (containers, words)
        A bit an arrow.
    unsearched : int
        Groups of tied rows whose search was given up.
    """
    reached = np.zeros(low.size, np.uint64)
    taken = np.zeros((low.size, (source.size + 63) // 64), np.uint64)
    parents = np.zeros(nodes, np.uint64)
    starts = read_arrows(source, target, parents)
    moved = np.zeros(nodes, np.uint64)
    longest = (high - low).max() if low.size else 0
    fitting = np.empty(longest + 1, np.int64)
    bits, ranks = np.empty(64, np.uint64), np.empty(64, np.int64)
    hits = np.empty(64, np.uint64)
    links = np.empty(nodes, np.uint64)
    first, second = np.empty((nodes, nodes), np.int64), np.empty((nodes, nodes), np.int64)
    everything = ~np.uint64(0) >> np.uint64(64 - nodes)
    permuted = rows.size > 0
    unsearched = 0
    for c in range(low.size):
        # Rows that fit some node are gathered without a branch, which would mostly be guessed
        # wrong; only their times are read.
        size = 0
        for i in range(low[c], high[c]):
            row = rows[i] if permuted else i
            fitting[size] = row
            size += node_of[codes[row]] != -1
        now = np.uint64(0)
        moved[:] = 0
        f = 0
        time = times[fitting[0]] if size else np.int64(0)
        while f < size:
            g, mixed, shared, union = f + 1, False, False, bits_of[codes[fitting[f]]]
            following = times[fitting[g]] if g < size else np.int64(NEVER)
            if following == time and not stable:
                g, mixed, shared, union = tied_group(
                    codes, bits_of, times, sequence, fitting, f, size, time
                )
                following = times[fitting[g]] if g < size else np.int64(NEVER)
            if g == f + 1:
                n = node_of[codes[fitting[f]]]
                if n < 0:
                    now |= _single(union, now, parents, starts, moved)
                else:
                    came = now & parents[n]
                    moved[n] |= came
                    if came or starts >> np.uint64(n) & _ONE:
                        now |= _ONE << np.uint64(n)
            elif not mixed and not shared:
                now = _apart(union, now, parents, starts, moved)
            else:
                if g - f > bits.size:
                    bits, ranks = np.empty(2 * (g - f), np.uint64), np.empty(2 * (g - f), np.int64)
                    hits = np.empty(2 * (g - f), np.uint64)
                fill_group(codes, bits_of, sequence, fitting, f, g, bits, ranks)
                entered = starts | _single(union, now, parents, starts, moved)
                whole = chains_in_group(
                    bits[: g - f], ranks[: g - f], mixed, entered, parents, hits[: g - f],
                    links, first, second,
                )  # fmt: skip
                unsearched += not whole
                for v in range(g - f):
                    now |= hits[v]
                for n in range(nodes):
                    moved[n] |= links[n]
            if now == everything and all_taken(moved, parents):
                break
            f, time = g, following
        reached[c] = now
        if now:
            pack_taken(moved, source, target, taken[c])
    return reached, taken, unsearched


@njit(nogil=True, cache=True)
def read_arrows(source, target, parents):
    """Fill the nodes before each node; the nodes to which no arrow leads."""
    for a in range(source.size):
        parents[target[a]] |= _ONE << np.uint64(source[a])
    starts = np.uint64(0)
    for n in range(parents.size):
        if parents[n] == 0:
            starts |= _ONE << np.uint64(n)
    return starts


@njit(nogil=True, cache=True)
def pack_taken(moved, source, target, taken):
    """Write the arrows that were taken as bits of an arrow each."""
    for a in range(source.size):
        if moved[target[a]] >> np.uint64(source[a]) & _ONE:
            taken[a >> 6] |= _ONE << np.uint64(a & 63)


@njit(nogil=True, cache=True, inline="always")
def _single(bits, now, parents, starts, moved):
    """Nodes that one row reaches when it matches several; it never serves two of a chain."""
    new = np.uint64(0)
    for n in range(parents.size):
        if bits >> np.uint64(n) & _ONE:
            came = now & parents[n]
            moved[n] |= came
            if came or starts >> np.uint64(n) & _ONE:
                new |= _ONE << np.uint64(n)
    return new


@njit(nogil=True, cache=True)
def _apart(union, now, parents, starts, moved):
    """Nodes that a group of tied rows reaches when each row matches one node."""
    for n in range(parents.size):
        if union >> np.uint64(n) & _ONE:
            came = now & parents[n]
            moved[n] |= came
            if came or starts >> np.uint64(n) & _ONE:
                now |= _ONE << np.uint64(n)
    return now


@njit(nogil=True, cache=True)
def all_taken(moved, parents):
    """Whether every arrow was taken, so that nothing can change any more."""
    n = 0
    while n < parents.size and moved[n] == parents[n]:
        n += 1
    return n == parents.size


@njit(nogil=True, cache=True)
def tied_group(codes, bits_of, times, sequence, fitting, f, size, time):
    """The rows from f on that have no order among them.

    Returns
    -------
    end : int
        One past the last of them.
    mixed : bool
        Whether only some of them carry a sequence number (rows without one come first).
    shared : bool
        Whether some of them match several nodes.
    union : uint64
        Nodes that any of them matches.
    """
    rank = sequence[fitting[f]] if sequence.size else np.int64(_UNNUMBERED)
    mixed, shared, union = False, False, np.uint64(0)
    g = f
    while g < size and times[fitting[g]] == time:
        row = fitting[g]
        if sequence.size and sequence[row] != rank:
            if rank != _UNNUMBERED:
                break
            mixed = True
        bits = bits_of[codes[row]]
        shared |= bits & (bits - _ONE) != 0
        union |= bits
        g += 1
    return g, mixed and g - f > 1, shared and g - f > 1, union


@njit(nogil=True, cache=True)
def fill_group(codes, bits_of, sequence, fitting, f, g, bits, ranks):
    """Fill the nodes that each row of a group matches, and its sequence number."""
    for v in range(g - f):
        row = fitting[f + v]
        bits[v] = bits_of[codes[row]]
        ranks[v] = sequence[row] if sequence.size else np.int64(_UNNUMBERED)
