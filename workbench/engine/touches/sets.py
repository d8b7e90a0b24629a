"""Compiled games of items: touched sets, Shapley values of rates, transitions between items.

At most 64 players; a set of players is one 64-bit mask.

Source: journeys-attribution-and-segments.md, A4.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.touches.collected import ITEM, TOUCH, collect, opening, room

MOST_PLAYERS = 64
ONE = np.uint64(1)
_ENUMERATED = 12


@njit(nogil=True, cache=True)
def masks_of_codes(offsets, items, player):
    """Mask of the players behind each code of a dimension."""
    out = np.zeros(offsets.size - 1, np.uint64)
    for code in range(out.size):
        for k in range(offsets[code], offsets[code + 1]):
            out[code] |= np.uint64(1) << np.uint64(player[items[k]])
    return out


@njit(nogil=True, cache=True)
def touched_sets(rows, places, begins, since, masks, counted, first, last):
    """Mask of the players touched in the window of each end in [first, last).

    Parameters
    ----------
    places, begins, since : numpy.ndarray of int64
        As in `workbench.engine.touches.collected.Ends`.
    masks : numpy.ndarray of uint64
        Players behind each code.
    counted : int
        Ends before this one have their rows counted.

    Returns
    -------
    touched : numpy.ndarray of uint64
    rows_of_code : numpy.ndarray of int64
        Rows of each code in the windows of the counted ends; nothing where not every row counts.
    """
    times, order, codes, usable = rows.times, rows.order, rows.codes, rows.usable
    session, permuted, every = rows.session, rows.order.size > 0, rows.usable.size == 0
    one_session = session.size > 0
    everyone = np.uint64(0)
    for code in range(masks.size):
        everyone |= masks[code]
    out = np.zeros(last - first, np.uint64)
    plain = every and not one_session and not permuted
    rows_of_code = np.zeros(masks.size if plain else 0, np.int64)
    for e in range(first, last):
        if plain:
            # Places carry no sign: an index with one is asked whether it counts from the end.
            at, begin, mask = np.uint64(places[e]) + ONE, np.uint64(begins[e]), np.uint64(0)
            oldest = since[e]
            if e < counted:
                while at > begin and times[at - ONE] >= oldest:
                    at -= ONE
                    code = codes[at]
                    mask |= masks[code]
                    rows_of_code[code] += 1
            else:
                while mask != everyone and at > begin and times[at - ONE] >= oldest:
                    at -= ONE
                    mask |= masks[codes[at]]
            out[e - first] = mask
            continue
        end = order[places[e]] if permuted else places[e]
        mask = np.uint64(0)
        for place in range(places[e], begins[e] - 1, -1):
            row = order[place] if permuted else place
            if times[row] < since[e]:
                break
            if not (every or usable[row]):
                continue
            if one_session and row != end:
                own = session[end]
                if own == rows.no_session or session[row] != own:
                    continue
            mask |= masks[codes[row]]
            if mask == everyone:
                break
        out[e - first] = mask
    return out, rows_of_code


@njit(nogil=True, cache=True)
def transitions(rows, ends, player, players, repeats, won, times_counted, widest, first, last):
    """How often one state follows another, over the ends [first, last).

    Several values of one row share the transition equally, since they have no order.

    Parameters
    ----------
    won : numpy.ndarray of bool
        Whether the path of an end leads to a conversion.
    times_counted : numpy.ndarray of float
        How often each end counts.

    Returns
    -------
    numpy.ndarray of float, shape (players + 3, players + 3)
        The last three states are the start, the conversion and nothing.
    """
    out = np.zeros((players + 3, players + 3))
    size = player.size if repeats else 0
    stamp, seen = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    pairs = np.empty((3, 64), np.int64)
    for e in range(first, last):
        weight = times_counted[e]
        if weight <= 0:
            continue
        begin = opening(rows, ends.begin[e], ends.place[e], ends.since[e])
        pairs = room(pairs, (ends.place[e] - begin + 1) * widest)
        kept, _ = collect(rows, begin, ends.place[e], repeats, e, stamp, seen, pairs)
        _walk(out, pairs, kept, player, players, weight, won[e])
    return out


@njit(nogil=True, cache=True)
def _walk(out, pairs, kept, player, players, weight, won):
    """Add the transitions of one path, from the start to a conversion or to nothing."""
    previous = low = 0
    while low < kept:
        high = low
        while high < kept and pairs[TOUCH, high] == pairs[TOUCH, low]:
            high += 1
        for k in range(low, high):
            to = player[pairs[ITEM, k]]
            if low == 0:
                out[players, to] += weight / (high - low)
            for j in range(previous, low):
                part = weight / ((high - low) * (low - previous))
                out[player[pairs[ITEM, j]], to] += part
        previous, low = low, high
    final = players + 1 if won else players + 2
    for k in range(previous, kept):
        out[player[pairs[ITEM, k]], final] += weight / (kept - previous)


@njit(nogil=True, cache=True)
def shapley(coalitions, sets, worth, usual, players, first, last):
    """Shapley values of the players of each coalition in [first, last), as shares of one.

    The game: a set that was observed is worth `worth`, any other `usual`, the empty one nothing.
    Values are exact. The game of equal worth gives every player the same, and a set that differs
    from it by d gives d / (s · C(m, s)) to each of its s members of the m players, and takes
    d / ((m − s) · C(m, s)) from each of the others; so only observed subsets are walked.

    Parameters
    ----------
    coalitions, sets : numpy.ndarray of uint64
        Masks; `sets` sorted.
    worth : numpy.ndarray of float
        Worth of each of `sets`.

    Returns
    -------
    numpy.ndarray of float, shape (last - first, players)
        Negative values are cut off and the rest adds up to one; equal where nothing is left.
    """
    out = np.zeros((last - first, players))
    members = np.empty(players, np.int64)
    for n in range(first, last):
        whole = coalitions[n]
        size = 0
        for p in range(players):
            if (whole >> np.uint64(p)) & np.uint64(1):
                members[size] = p
                size += 1
        if size == 0:
            continue
        values = out[n - first]
        for k in range(size):
            values[members[k]] = usual / size
        if size <= _ENUMERATED and (1 << size) < sets.size:
            part = whole
            while part:
                at = np.searchsorted(sets, part)
                if at < sets.size and sets[at] == part:
                    _differ(values, members, size, part, worth[at] - usual)
                part = (part - np.uint64(1)) & whole
        else:
            for at in range(sets.size):
                if sets[at] and (sets[at] & whole) == sets[at]:
                    _differ(values, members, size, sets[at], worth[at] - usual)
        _normalised(values, members, size)
    return out


@njit(nogil=True, cache=True)
def _differ(values, members, size, part, difference):
    """Add what a set of another worth than usual gives to its members and takes from others."""
    inside = 0
    for k in range(size):
        if (part >> np.uint64(members[k])) & np.uint64(1):
            inside += 1
    ways = 1.0
    for k in range(inside):
        ways *= (size - k) / (k + 1)
    for k in range(size):
        if (part >> np.uint64(members[k])) & np.uint64(1):
            values[members[k]] += difference / (inside * ways)
        else:
            values[members[k]] -= difference / ((size - inside) * ways)


@njit(nogil=True, cache=True)
def _normalised(values, members, size):
    total = 0.0
    for k in range(size):
        values[members[k]] = max(values[members[k]], 0.0)
        total += values[members[k]]
    for k in range(size):
        values[members[k]] = values[members[k]] / total if total > 0 else 1.0 / size
