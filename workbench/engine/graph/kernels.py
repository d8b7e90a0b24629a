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

from workbench.engine.graph.ties import chains_in_group

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
    fitting = np.empty(64, np.int64)
    everything = ~np.uint64(0) >> np.uint64(64 - nodes)
    permuted = rows.size > 0
    unsearched = 0
    for c in range(low.size):
        now = np.uint64(0)
        moved[:] = 0
        # A node that was reached through every arrow has nothing more to learn: its rows are
        # passed over, and only the times of the others are read.
        live = everything
        i = low[c]
        while i < high[c]:
            row = rows[i] if permuted else i
            own = bits_of[codes[row]] & live
            i += 1
            if own == 0:
                continue
            if not stable and i < high[c] and times[rows[i] if permuted else i] == times[row]:
                fitting, size, i = _instant(
                    codes, bits_of, times, rows, i, high[c], row, live, fitting
                )
                if size > 1:
                    now, whole = _tied(
                        codes, bits_of, times, sequence, fitting, size, now, live, parents, starts,
                        moved,
                    )  # fmt: skip
                    unsearched += not whole
                    live = _unsettled(now, moved, parents)
                    if live == 0:
                        break
                    continue
            n = node_of[codes[row]]
            if n < 0:
                now |= _single(own, now, parents, starts, moved)
                live = _unsettled(now, moved, parents)
            else:
                came = now & parents[n]
                moved[n] |= came
                if came or starts & own:
                    now |= own
                    if moved[n] == parents[n]:
                        live &= ~own
            if live == 0:
                break
        reached[c] = now
        if now:
            pack_taken(moved, source, target, taken[c])
    return reached, taken, unsearched


@njit(nogil=True, cache=True)
def _unsettled(now, moved, parents):
    """Nodes that were not reached, or not through every arrow."""
    out = np.uint64(0)
    for n in range(parents.size):
        reached = now >> np.uint64(n) & _ONE
        if not reached or moved[n] != parents[n]:
            out |= _ONE << np.uint64(n)
    return out


@njit(nogil=True, cache=True)
def _instant(codes, bits_of, times, rows, i, high, row, live, fitting):
    """The rows of one instant that match live nodes, how many, and the place after the instant."""
    time, size = times[row], 1
    fitting[0] = row
    while i < high:
        following = rows[i] if rows.size else i
        if times[following] != time:
            break
        i += 1
        if bits_of[codes[following]] & live:
            if size == fitting.size:
                fitting = np.append(fitting, np.empty_like(fitting))
            fitting[size] = following
            size += 1
    return fitting, size, i


@njit(nogil=True, cache=True)
def _tied(codes, bits_of, times, sequence, fitting, size, now, live, parents, starts, moved):
    """Nodes reached after one instant, and whether all was searched; `moved` grows."""
    nodes, whole, f = parents.size, True, 0
    while f < size:
        g, mixed, shared, union = tied_group(
            codes, bits_of, times, sequence, fitting, f, size, times[fitting[f]], live
        )
        if g == f + 1:
            now |= _single(union, now, parents, starts, moved)
        elif not mixed and not shared:
            now = _apart(union, now, parents, starts, moved)
        else:
            bits, ranks = np.empty(g - f, np.uint64), np.empty(g - f, np.int64)
            hits, links = np.empty(g - f, np.uint64), np.empty(nodes, np.uint64)
            first, second = np.empty((nodes, nodes), np.int64), np.empty((nodes, nodes), np.int64)
            fill_group(codes, bits_of, sequence, fitting, f, g, live, bits, ranks)
            entered = starts | _single(union, now, parents, starts, moved)
            whole &= chains_in_group(
                bits, ranks, mixed, entered, parents, hits, links, first, second
            )
            for v in range(g - f):
                now |= hits[v]
            for n in range(nodes):
                moved[n] |= links[n]
        f = g
    return now, whole


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
def tied_group(codes, bits_of, times, sequence, fitting, f, size, time, live):
    """The rows from f on that have no order among them, of those that match a live node.

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
        bits = bits_of[codes[row]] & live
        shared |= bits & (bits - _ONE) != 0
        union |= bits
        g += 1
    return g, mixed and g - f > 1, shared and g - f > 1, union


@njit(nogil=True, cache=True)
def fill_group(codes, bits_of, sequence, fitting, f, g, live, bits, ranks):
    """Fill the nodes that each row of a group matches, and its sequence number."""
    for v in range(g - f):
        row = fitting[f + v]
        bits[v] = bits_of[codes[row]] & live
        ranks[v] = sequence[row] if sequence.size else np.int64(_UNNUMBERED)
