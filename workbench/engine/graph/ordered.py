"""The quickest walks over a graph: rows in one order, one node a row.

The answer holds for every container without rows of one instant. Of the others it is a lower
bound, because rows of one instant may stand in any order; they are walked again by
`workbench.engine.graph.kernels.reach`, unless nothing is left to find.

Rows are told apart by classes: rows of one class match the same node, or none.

Source: journeys-canvas.md, section 2; README.md of the specs, decision 1.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# The highest bit stands for "nothing before": every container has it, starts ask for it. The one
# below is set by rows that match no node and asked for by none.
MOST_NODES = 62
_ONE = np.uint64(1)
_TOP = np.uint64(1 << 63)
UNLIMITED = 2**62


@njit(nogil=True, cache=True)
def has_ties(times, rows, low, high):
    """Whether each container has two rows of one instant."""
    out = np.zeros(low.size, np.bool_)
    for c in range(low.size):
        tied = False
        for i in range(low[c] + 1, high[c]):
            if rows.size:
                tied |= times[rows[i]] == times[rows[i - 1]]
            else:
                tied |= times[i] == times[i - 1]
        out[c] = tied
    return out


@njit(nogil=True, cache=True)
def reach_ordered(codes, class_of, node_of, rows, low, high, source, target, nodes):
    """Nodes reached and arrows taken by every container, in the order of the stream.

    Parameters
    ----------
    class_of : numpy.ndarray of uint8
        Class of each code; empty where the codes are the classes.
    node_of : numpy.ndarray of int64
        The node that each class matches; `nodes` for none.

    Returns
    -------
    reached, taken
        As `workbench.engine.graph.kernels.reach`.
    complete : numpy.ndarray of bool
        Containers that reached every node and took every arrow.
    """
    arrows, classes, mapped, permuted = source.size, node_of.size, class_of.size > 0, rows.size > 0
    reached = np.zeros(low.size, np.uint64)
    taken = np.zeros((low.size, (arrows + 63) // 64), np.uint64)
    complete = np.zeros(low.size, np.bool_)
    before, place = _tables(node_of, source, target, nodes)
    known, moved = np.zeros(classes, np.uint64), np.zeros(nodes + 1, np.uint64)
    everything = ~np.uint64(0) >> np.uint64(64 - nodes)
    for c in range(low.size):
        now = _TOP
        known[:] = 0
        for i in range(low[c], high[c]):
            code = codes[rows[i] if permuted else i]
            k = np.int64(class_of[code] if mapped else code)
            # A shifted truth instead of a choice: compilers make that a branch, mostly guessed
            # wrong.
            known[k] |= now
            now |= np.uint64((now & before[k]) != 0) << place[k]
        now &= everything
        reached[c] = now
        if now == 0:
            continue
        moved[:] = 0
        for own in range(classes):
            moved[node_of[own]] |= known[own]
        whole = bool(now == everything)
        for a in range(arrows):
            took = moved[target[a]] >> np.uint64(source[a]) & _ONE
            taken[c, a >> 6] |= took << np.uint64(a & 63)
            whole = whole and took != 0
        complete[c] = whole
    return reached, taken, complete


@njit(nogil=True, cache=True)
def reach_limited(
    codes, class_of, node_of, rows, low, high, source, target, nodes, times, within, after
):
    """As `reach_ordered` for arrows of which each has one limit at most: not both of them.

    The latest row at the node before an arrow decides `within`, the first one decides `after`.
    """
    arrows, mapped, permuted = source.size, class_of.size > 0, rows.size > 0
    reached = np.zeros(low.size, np.uint64)
    taken = np.zeros((low.size, (arrows + 63) // 64), np.uint64)
    free, first_of, timed, limited = _limited_tables(source, target, nodes, within, after)
    first, last = np.zeros(nodes + 1, np.int64), np.zeros(nodes + 1, np.int64)
    moved = np.zeros(nodes + 1, np.uint64)
    for c in range(low.size):
        now = _TOP
        moved[:] = 0
        for i in range(low[c], high[c]):
            row = rows[i] if permuted else i
            code = codes[row]
            n = node_of[np.int64(class_of[code] if mapped else code)]
            came = now & free[n]
            moved[n] |= came
            hit = came != 0
            for q in range(first_of[n], first_of[n + 1]):
                a = limited[q]
                p, time = source[a], times[row]
                near = time - last[p] <= within[a] and time - first[p] >= after[a]
                if near and now >> np.uint64(p) & _ONE:
                    taken[c, a >> 6] |= _ONE << np.uint64(a & 63)
                    hit = True
            if timed[n] and hit:
                last[n] = times[row]
                if not now >> np.uint64(n) & _ONE:
                    first[n] = last[n]
            now |= np.uint64(hit) << np.uint64(n)
        reached[c] = now & ~_TOP
        for a in range(arrows):
            took = moved[target[a]] >> np.uint64(source[a]) & _ONE
            taken[c, a >> 6] |= took << np.uint64(a & 63)
    return reached, taken


@njit(nogil=True, cache=True)
def _limited_tables(source, target, nodes, within, after):
    """Of each node: nodes before it without a limit, its limited arrows, whether its time counts.

    Starts have "nothing before" as a node before them; the node after the last one is that of rows
    which match none.
    """
    free = np.zeros(nodes + 1, np.uint64)
    free[:nodes] = _TOP
    timed, limited = np.zeros(nodes + 1, np.bool_), np.empty(source.size, np.int64)
    first_of, size = np.zeros(nodes + 2, np.int64), 0
    for a in range(source.size):
        free[target[a]] &= ~_TOP
        if after[a] == 0 and within[a] == UNLIMITED:
            free[target[a]] |= _ONE << np.uint64(source[a])
            continue
        limited[size], timed[source[a]] = a, True
        size += 1
        first_of[target[a] + 1 :] += 1
    return free, first_of, timed, limited


@njit(nogil=True, cache=True)
def _tables(node_of, source, target, nodes):
    """Of each class: the nodes before its node, and the place of its node's bit."""
    parents = np.zeros(nodes + 1, np.uint64)
    for a in range(source.size):
        parents[target[a]] |= _ONE << np.uint64(source[a])
    before, place = np.zeros(node_of.size, np.uint64), np.full(node_of.size, 62, np.uint64)
    for k in range(node_of.size):
        n = node_of[k]
        if n < nodes:
            before[k] = parents[n] if parents[n] else _TOP
            place[k] = n
    return before, place


@njit(nogil=True, cache=True)
def places_ordered(codes, class_of, node_of, rows, low, high, source, target, nodes):
    """Places of the rows that served nodes and arrows, in the order of the stream.

    Returns
    -------
    place_of, left_at, came_at : numpy.ndarray of int64
        As `workbench.engine.graph.walk.walk`.
    """
    arrows, mapped, permuted = source.size, class_of.size > 0, rows.size > 0
    place_of = np.full((low.size, nodes), -1, np.int64)
    left_at = np.full((low.size, arrows), -1, np.int64)
    came_at = np.full((low.size, arrows), -1, np.int64)
    before, place = _tables(node_of, source, target, nodes)
    first_arrow = np.zeros(nodes + 2, np.int64)
    for a in range(arrows):
        first_arrow[target[a] + 1 :] += 1
    moved, last = np.zeros(nodes + 1, np.uint64), np.empty(nodes + 1, np.int64)
    for c in range(low.size):
        now = _TOP
        moved[:] = 0
        for i in range(low[c], high[c]):
            code = codes[rows[i] if permuted else i]
            k = np.int64(class_of[code] if mapped else code)
            came = now & before[k]
            n = node_of[k]
            if came & ~moved[n]:
                if place_of[c, n] < 0:
                    place_of[c, n] = i
                for a in range(first_arrow[n], first_arrow[n + 1]):
                    if (came & ~moved[n]) >> np.uint64(source[a]) & _ONE:
                        left_at[c, a], came_at[c, a] = last[source[a]], i
                moved[n] |= came
            last[n if came else nodes] = i
            now |= np.uint64(came != 0) << place[k]
    return place_of, left_at, came_at
