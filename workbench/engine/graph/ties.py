"""Chains of nodes inside one group of rows that have no order among them.

Rows with equal times may serve consecutive nodes in either order, but never one row two nodes of
a chain. Nodes are numbered so that every arrow leads upwards. Rows that match the same nodes (and
carry the same sequence number, where that matters) can stand in for each other, so a chain is
described by its last node, the kind of its last row and how many rows of each kind it has used;
from every such state the search goes on once, in turn from the oldest and the newest of them.

Whether a path through a graph has distinct rows is a hard question in general, so the search
gives up after `MOST_STATES` states of one group and says so; all it has found holds.

Source: README.md of the specs, decisions 1 and 2; journeys-canvas.md, section 2.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MOST_STATES = 100_000
_MOST_KEYS = 2.0**62
_UNNUMBERED = np.iinfo(np.int64).min
_ONE = np.uint64(1)


@njit(nogil=True, cache=True)
def chains_in_group(bits, ranks, mixed, entered, linkable, hits, links, first, second):
    """Which rows serve which node, and which arrows are taken, inside one group.

    Parameters
    ----------
    bits : numpy.ndarray of uint64, shape (rows,)
        Nodes that each row matches.
    ranks : numpy.ndarray of int64, shape (rows,)
        Sequence numbers; looked at where `mixed` is set: two numbered rows that follow each
        other keep their order.
    entered : uint64
        Nodes that a chain may begin with in this group.
    linkable : numpy.ndarray of uint64, shape (nodes,)
        For each node the nodes before it from which an arrow without smallest gap leads here.
    hits : numpy.ndarray of uint64, shape (rows,)
        Filled with the nodes that each row serves.
    links : numpy.ndarray of uint64, shape (nodes,)
        Filled with the nodes from which each node is reached inside the group.
    first, second : numpy.ndarray of int64, shape (nodes, nodes)
        Filled at [node, node before] with a pair of rows that takes the arrow.

    Returns
    -------
    bool
        Whether the search was whole.
    """
    kind_of, of_kind = _kinds(bits, ranks, mixed)
    kinds, nodes = len(of_kind), linkable.size
    served = np.zeros(kinds, np.uint64)
    links[:] = 0
    left = _possible(bits, of_kind, entered, linkable)
    size_of, keys = _sizes(bits, of_kind, kinds * nodes)
    queue = np.empty(32, np.int64)
    table = np.full(128, -1, np.int64)
    used = np.empty(kinds, np.int64)
    head, tail, seen = 0, 0, 0
    whole, oldest = keys < _MOST_KEYS, False
    for start in range(kinds * nodes):
        kind, n = start // nodes, start % nodes
        if (entered & bits[of_kind[kind, 0]]) >> np.uint64(n) & _ONE:
            served[kind] |= _ONE << np.uint64(n)
            left -= 1
            used[:] = 0
            used[kind] = 1
            key = _key(used, size_of, start, kinds * nodes)
            queue, table, tail, seen = _remembered(key, queue, table, tail, seen)
    while whole and head < tail and left > 0:
        # The oldest prove the short chains and the newest the long ones, should it be given up.
        oldest = not oldest
        key = queue[head] if oldest else queue[tail - 1]
        head, tail = (head + 1, tail) if oldest else (head, tail - 1)
        state = _read_key(key, size_of, kinds * nodes, used)
        whole = seen <= MOST_STATES
        kind, p = state // nodes, state % nodes
        for m in range(p + 1, nodes):
            if not linkable[m] >> np.uint64(p) & _ONE:
                continue
            for k in range(kinds):
                if not bits[of_kind[k, 0]] >> np.uint64(m) & _ONE or used[k] >= of_kind[k, 1]:
                    continue
                a, b = of_kind[kind, 0], of_kind[k, 0]
                if mixed and not _in_order(ranks[a], ranks[b]):
                    continue
                if not links[m] >> np.uint64(p) & _ONE:
                    links[m] |= _ONE << np.uint64(p)
                    first[m, p], second[m, p] = a, of_kind[k, 2] if a == b else b
                    left -= 1
                if not served[k] >> np.uint64(m) & _ONE:
                    served[k] |= _ONE << np.uint64(m)
                    left -= 1
                used[k] += size_of[k] > 1
                key = _key(used, size_of, k * nodes + m, kinds * nodes)
                used[k] -= size_of[k] > 1
                queue, table, tail, seen = _remembered(key, queue, table, tail, seen)
    for v in range(bits.size):
        hits[v] = served[kind_of[v]]
    return whole or left == 0


@njit(nogil=True, cache=True)
def _in_order(before, after):
    return before == _UNNUMBERED or after == _UNNUMBERED or before <= after


@njit(nogil=True, cache=True)
def _kinds(bits, ranks, mixed):
    """The kind of each row, and of each kind its first row, its rows, and its second row."""
    kind_of = np.empty(bits.size, np.int64)
    of_kind = np.empty((bits.size, 3), np.int64)
    kinds = 0
    for v in range(bits.size):
        k = 0
        while k < kinds:
            own = of_kind[k, 0]
            if bits[own] == bits[v] and (not mixed or ranks[own] == ranks[v]):
                break
            k += 1
        if k == kinds:
            of_kind[k, 0], of_kind[k, 1], of_kind[k, 2] = v, 0, -1
            kinds += 1
        elif of_kind[k, 1] == 1:
            of_kind[k, 2] = v
        of_kind[k, 1] += 1
        kind_of[v] = k
    return kind_of, of_kind[:kinds]


@njit(nogil=True, cache=True)
def _possible(bits, of_kind, entered, linkable):
    """An upper bound of what can be found: kinds at nodes, and arrows, whatever they share."""
    present = np.uint64(0)
    for k in range(len(of_kind)):
        present |= bits[of_kind[k, 0]]
    reached, left = entered & present, 0
    for n in range(linkable.size):
        if not present >> np.uint64(n) & _ONE:
            continue
        for p in range(n):
            if (linkable[n] & reached) >> np.uint64(p) & _ONE:
                left += _two_rows(bits, of_kind, p, n)
                reached |= _ONE << np.uint64(n)
    for k in range(len(of_kind)):
        for n in range(linkable.size):
            left += (bits[of_kind[k, 0]] & reached) >> np.uint64(n) & _ONE != 0
    return left


@njit(nogil=True, cache=True)
def _two_rows(bits, of_kind, p, n):
    """Whether there are two different rows that together match two nodes."""
    either = 0
    for k in range(len(of_kind)):
        own = bits[of_kind[k, 0]]
        if (own >> np.uint64(p) | own >> np.uint64(n)) & _ONE:
            either += of_kind[k, 1]
    return either > 1


@njit(nogil=True, cache=True)
def _sizes(bits, of_kind, states):
    """How many numbers of used rows are told apart for each kind, and the keys there are.

    A kind with at least as many rows as it matches nodes never runs out and is not counted.
    """
    out = np.ones(len(of_kind), np.int64)
    keys = float(states)
    for k in range(len(of_kind)):
        rest, matched = bits[of_kind[k, 0]], 0
        while rest:
            rest &= rest - _ONE
            matched += 1
        if of_kind[k, 1] < matched:
            out[k] = of_kind[k, 1] + 1
        keys *= out[k]
    return out, keys


@njit(nogil=True, cache=True)
def _key(used, size_of, state, states):
    """One number for the rows used of each kind and the last node and kind."""
    key = np.int64(0)
    for k in range(used.size):
        key = key * size_of[k] + (used[k] if size_of[k] > 1 else 0)
    return key * states + state


@njit(nogil=True, cache=True)
def _read_key(key, size_of, states, used):
    """The last node and kind; `used` is filled."""
    rest = key // states
    for k in range(used.size - 1, -1, -1):
        used[k] = rest % size_of[k]
        rest //= size_of[k]
    return key % states


@njit(nogil=True, cache=True)
def _remembered(key, queue, table, tail, seen):
    """Put a state at the end of the queue unless it stood there before."""
    place = _place(key, table)
    if place < 0:
        return queue, table, tail, seen
    table[place] = key
    seen += 1
    if 2 * seen > table.size:
        larger = np.full(4 * table.size, -1, np.int64)
        for known in table:
            if known >= 0:
                larger[_place(known, larger)] = known
        table = larger
    if tail == queue.size:
        queue = np.append(queue, np.empty_like(queue))
    queue[tail] = key
    return queue, table, tail + 1, seen


@njit(nogil=True, cache=True)
def _place(key, table):
    """The free place of a key in a table of a power of two places; -1 when it stands there."""
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    at = np.int64(mixed >> np.uint64(20)) & (table.size - 1)
    while table[at] != -1:
        if table[at] == key:
            return -1
        at = (at + 1) & (table.size - 1)
    return at
