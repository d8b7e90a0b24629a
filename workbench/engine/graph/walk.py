"""A compiled walk over a graph whose arrows have limits, and the rows that served it.

As `workbench.engine.graph.kernels.reach`, which is quicker and knows neither limits nor rows.

Source: journeys-canvas.md, section 2; README.md of the specs, decisions 1 and 2.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.graph.kernels import (
    fill_group,
    pack_taken,
    read_arrows,
    tied_group,
)
from workbench.engine.graph.ties import chains_in_group

_UNLIMITED = 2**62
_ONE = np.uint64(1)


@njit(nogil=True, cache=True)
def walk(
    codes,
    bits_of,
    times,
    sequence,
    rows,
    low,
    high,
    source,
    target,
    within,
    after,
    nodes,
    stable,
    want_places,
    want_rows,
):
    """As `reach` under the limits of arrows, with the rows that serve nodes and arrows.

    Parameters
    ----------
    source, target : numpy.ndarray of int64, shape (arrows,)
        Nodes of each arrow, ordered by target.
    within, after : numpy.ndarray of int64, shape (arrows,)
        Largest and smallest gap in microseconds; both are inside.
    want_places, want_rows : bool
        Whether the arrays below are filled; they are empty otherwise.

    Returns
    -------
    reached, taken, unsearched
        As `reach`.
    place_of : numpy.ndarray of int64, shape (containers, nodes)
        Place of the first row that reached each node; -1 for none.
    left_at, came_at : numpy.ndarray of int64, shape (containers, arrows)
        Places of the rows of the first passage of each arrow: the earliest row reached through
        it, and the latest row before that it may have come from; -1 for none.
    row_bits : numpy.ndarray of uint64, shape (places from low[0] to high[-1],)
        Nodes that each row reached.
    """
    arrows = source.size
    some = low.size if want_places else 0
    reached = np.zeros(low.size, np.uint64)
    taken = np.zeros((low.size, (arrows + 63) // 64), np.uint64)
    moved = np.zeros(nodes, np.uint64)
    place_of = np.full((some, nodes), -1, np.int64)
    left_at, came_at = np.full((some, arrows), -1, np.int64), np.full((some, arrows), -1, np.int64)
    base = low[0] if low.size else np.int64(0)
    span = high[-1] - base if low.size and want_rows else 0
    row_bits = np.zeros(span, np.uint64)
    longest = (high - low).max() if low.size else 0
    fitting, places = np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int64)
    bits, ranks = np.empty(longest + 1, np.uint64), np.empty(longest + 1, np.int64)
    hits = np.empty(longest + 1, np.uint64)
    # Of each node: instants and places at which it was reached, only the last one unless an
    # arrow with a smallest gap leaves it.
    instants, spots = np.empty((nodes, 64), np.int64), np.empty((nodes, 64), np.int64)
    count = np.zeros(nodes, np.int64)
    pointer, via = np.empty(arrows, np.int64), np.empty(arrows, np.int64)
    linkable, parents = np.zeros(nodes, np.uint64), np.zeros(nodes, np.uint64)
    kept, arrow_from = np.zeros(nodes, np.bool_), np.zeros(nodes + 1, np.int64)
    starts = read_arrows(source, target, parents)
    _read_limits(source, target, after, linkable, kept, arrow_from)
    links = np.zeros(nodes, np.uint64)
    first, second = np.empty((nodes, nodes), np.int64), np.empty((nodes, nodes), np.int64)
    everything = ~np.uint64(0) >> np.uint64(64 - nodes)
    unsearched = 0
    for c in range(low.size):
        count[:] = 0
        pointer[:] = -1
        moved[:] = 0
        live, changed = everything, False
        f, size, i = 0, 0, low[c]
        while True:
            if f == size:
                if changed and not want_rows:
                    live = _live(reached[c], moved, parents, source, target, within)
                    changed = False
                f, size = 0, 0
                size, i = _next_instant(
                    codes, bits_of, times, rows, i, high[c], live, stable, fitting, places
                )
                if size == 0:
                    break
            time = times[fitting[f]]
            g, mixed, shared, union = f + 1, False, False, bits_of[codes[fitting[f]]] & live
            if size > 1:
                g, mixed, shared, union = tied_group(
                    codes, bits_of, times, sequence, fitting, f, size, time, live
                )
            fill_group(codes, bits_of, sequence, fitting, f, g, live, bits, ranks)
            entered = starts
            for n in range(nodes):
                if union >> np.uint64(n) & _ONE:
                    entered |= _admitted(
                        n, time, arrow_from, source, within, after, count, kept, instants, spots,
                        pointer, via,
                    )  # fmt: skip
            if g - f == 1:
                links[:] = 0
                hits[0] = union & entered
            elif mixed or shared:
                unsearched += not chains_in_group(
                    bits[: g - f], ranks[: g - f], mixed, entered, linkable, hits[: g - f], links,
                    first, second,
                )  # fmt: skip
            else:
                _hit_apart(
                    bits, g - f, union & entered, linkable, union, hits, links, first, second
                )
            now = np.uint64(0)
            for v in range(g - f):
                now |= hits[v]
                if want_rows:
                    row_bits[places[f + v] - base] = hits[v]
            changed |= now & ~reached[c] != 0
            reached[c] |= now
            for n in range(nodes):
                if not now >> np.uint64(n) & _ONE:
                    continue
                begin, end = _span_of(hits, g - f, n)
                if want_places and place_of[c, n] < 0:
                    place_of[c, n] = places[f + begin]
                for a in range(arrow_from[n], arrow_from[n + 1]):
                    p = source[a]
                    inside = links[n] >> np.uint64(p) & _ONE
                    if not inside and via[a] < 0:
                        continue
                    changed |= not moved[n] >> np.uint64(p) & _ONE
                    moved[n] |= _ONE << np.uint64(p)
                    if want_places and came_at[c, a] < 0:
                        left_at[c, a] = places[f + first[n, p]] if inside else via[a]
                        came_at[c, a] = places[f + (second[n, p] if inside else begin)]
                if not kept[n]:
                    count[n] = 0
                elif count[n] == instants.shape[1]:
                    instants, spots = _doubled(instants), _doubled(spots)
                instants[n, count[n]], spots[n, count[n]] = time, places[f + end]
                count[n] += 1
            f = g
        if reached[c]:
            pack_taken(moved, source, target, taken[c])
    return reached, taken, unsearched, place_of, left_at, came_at, row_bits


@njit(nogil=True, cache=True)
def _next_instant(codes, bits_of, times, rows, i, high, live, stable, fitting, places):
    """The next rows of one instant (or the next row) that match live nodes.

    Returns
    -------
    size, i : int
        How many, and the place after the last row that was looked at; no rows at the end.
    """
    size, permuted = 0, rows.size > 0
    while i < high:
        row = rows[i] if permuted else i
        if size and (stable or times[row] != times[fitting[0]]):
            break
        i += 1
        if bits_of[codes[row]] & live:
            fitting[size], places[size] = row, i - 1
            size += 1
    return size, i


@njit(nogil=True, cache=True)
def _live(reached, moved, parents, source, target, within):
    """Nodes whose rows can still change anything.

    A node is done when it was reached through every arrow and every arrow from it was taken,
    unless a later row of it is needed to reach, within a limit, a node that is not done.
    """
    leading = np.uint64(0)
    for a in range(source.size - 1, -1, -1):
        bit = _ONE << np.uint64(source[a])
        taken = moved[target[a]] & bit
        onwards = leading >> np.uint64(target[a]) & _ONE
        if not taken or (within[a] < _UNLIMITED and onwards):
            leading |= bit
    for n in range(parents.size):
        bit = _ONE << np.uint64(n)
        if not reached & bit or moved[n] != parents[n]:
            leading |= bit
    return leading


@njit(nogil=True, cache=True)
def _read_limits(source, target, after, linkable, kept, arrow_from):
    """Fill what a walk needs to know of the arrows of each node."""
    for a in range(source.size):
        arrow_from[target[a] + 1] += 1
        if after[a] == 0:
            linkable[target[a]] |= _ONE << np.uint64(source[a])
        else:
            kept[source[a]] = True
    for n in range(linkable.size):
        arrow_from[n + 1] += arrow_from[n]


@njit(nogil=True, cache=True)
def _admitted(
    n, time, arrow_from, source, within, after, count, kept, instants, spots, pointer, via
):
    """The bit of a node when an arrow leads to it from an earlier group; `via` holds from where."""
    entered = np.uint64(0)
    for a in range(arrow_from[n], arrow_from[n + 1]):
        p = source[a]
        via[a] = -1
        newest = count[p] - 1
        if after[a] > 0:
            while pointer[a] < newest and instants[p, pointer[a] + 1] <= time - after[a]:
                pointer[a] += 1
            newest = pointer[a]
        if newest >= 0 and time - instants[p, newest] <= within[a]:
            via[a] = spots[p, newest]
            entered |= _ONE << np.uint64(n)
    return entered


@njit(nogil=True, cache=True)
def _hit_apart(bits, size, now, linkable, union, hits, links, first, second):
    """As `chains_in_group` where each row matches one node, so that no two share a row."""
    for n in range(linkable.size):
        links[n] = 0
        if not union >> np.uint64(n) & _ONE:
            continue
        links[n] = now & linkable[n]
        if links[n]:
            now |= _ONE << np.uint64(n)
            own = _first_of(bits, size, n)
            for p in range(n):
                if links[n] >> np.uint64(p) & _ONE:
                    first[n, p], second[n, p] = _first_of(bits, size, p), own
    for v in range(size):
        hits[v] = bits[v] & now


@njit(nogil=True, cache=True)
def _first_of(bits, size, n):
    for v in range(size):
        if bits[v] >> np.uint64(n) & _ONE:
            return v
    return -1


@njit(nogil=True, cache=True)
def _span_of(hits, size, n):
    """First and last row of a group that reached a node."""
    begin, end = -1, -1
    for v in range(size):
        if hits[v] >> np.uint64(n) & _ONE:
            end = v
            begin = v if begin < 0 else begin
    return begin, end


@njit(nogil=True, cache=True)
def _doubled(table):
    larger = np.empty((table.shape[0], 2 * table.shape[1]), table.dtype)
    larger[:, : table.shape[1]] = table
    return larger
