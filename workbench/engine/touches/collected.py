"""Compiled passes over the touches of conversions: what their windows hold.

A *touch* is a row with a value of the dimension inside the window of a conversion; a *pair* is one
value of one touch. A window is read from the conversion backwards, so rows that are equal in time
but stand after the conversion in the order of the store are no touches.

Source of the rules: journeys-attribution-and-segments.md, A3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

EVERY, CONSECUTIVE, UNIQUE = range(3)
PLACE, ITEM, TOUCH = range(3)


class Rows(NamedTuple):
    """What a pass reads of the rows of a stream.

    Attributes
    ----------
    times : numpy.ndarray of int64
        Microseconds of every row of the store.
    order : numpy.ndarray of int64
        Row at each place of the stream; empty when places are rows.
    codes : numpy.ndarray of unsigned integers
        Code of the dimension at every row.
    offsets, items : numpy.ndarray of int64
        ``items[offsets[code]:offsets[code + 1]]`` are the values of a code; none means no touch.
    usable : numpy.ndarray of bool
        Rows that may be touches at all; empty when all may.
    session : numpy.ndarray of unsigned integers
        Session of every row, where a touch must share that of its conversion; empty otherwise.
    no_session : int
        Code of a row without session.
    """

    times: np.ndarray
    order: np.ndarray
    codes: np.ndarray
    offsets: np.ndarray
    items: np.ndarray
    usable: np.ndarray
    session: np.ndarray
    no_session: int


class Ends(NamedTuple):
    """The ends of the windows, those of one container side by side.

    Attributes
    ----------
    place, begin : numpy.ndarray of int64
        Place of the row that ends the window, and where its container begins.
    since : numpy.ndarray of int64
        Oldest microsecond inside.
    mass, value : numpy.ndarray of float
        How much of a conversion, and of its amount, is shared out here.
    starts : numpy.ndarray of int64, shape (containers + 1,)
        Where the ends of each container begin.
    """

    place: np.ndarray
    begin: np.ndarray
    since: np.ndarray
    mass: np.ndarray
    value: np.ndarray
    starts: np.ndarray


@njit(nogil=True, cache=True)
def found(codes, wanted, times, order, offsets, first, last, start, end):
    """Places of the marked rows inside [start, end), the container and the time of each."""
    begin, permuted = offsets[first], order.size > 0
    # Pages of memory that are never written to cost nothing, so there is room for every row;
    # a place is always written and only kept where the row is marked: no branch to guess.
    places = np.empty(offsets[last] - begin + 1, np.int64)
    number = 0
    if permuted:
        for place in range(begin, offsets[last]):
            places[number] = place
            number += wanted[codes[order[place]]]
    else:
        for place in range(begin, offsets[last]):
            places[number] = place
            number += wanted[codes[place]]
    inside = 0
    for n in range(number):
        place = places[n]
        time = times[order[place] if permuted else place]
        places[inside] = place
        inside += start <= time and time < end
    containers, instants = np.empty((2, inside), np.int64)
    c = first
    for n in range(inside):
        place = places[n]
        while offsets[c + 1] <= place:
            c += 1
        containers[n] = c
        instants[n] = times[order[place] if permuted else place]
    return places[:inside].copy(), containers, instants


@njit(nogil=True, cache=True)
def last_touches(rows, offsets, chosen, start, end):
    """Place and time of the last touch of each chosen container inside [start, end).

    The place is -1 where there is none.
    """
    times, order, codes, usable = rows.times, rows.order, rows.codes, rows.usable
    begins, permuted, every = rows.offsets, rows.order.size > 0, rows.usable.size == 0
    out, instants = np.full(chosen.size, -1, np.int64), np.zeros(chosen.size, np.int64)
    for n in range(chosen.size):
        c = chosen[n]
        for place in range(offsets[c + 1] - 1, offsets[c] - 1, -1):
            row = order[place] if permuted else place
            time = times[row]
            if time < start:
                break
            code = codes[row]
            if time < end and begins[code] < begins[code + 1] and (every or usable[row]):
                out[n], instants[n] = place, time
                break
    return out, instants


@njit(nogil=True, cache=True)
def beside(rows, offsets, containers, places, first, last):
    """Ends in [first, last) that are touches themselves, and touches tied with them but after.

    A tied touch has the instant of an end and stands after it in the order of the store.
    """
    times, order, codes, usable = rows.times, rows.order, rows.codes, rows.usable
    begins, permuted, every = rows.offsets, rows.order.size > 0, rows.usable.size == 0
    own = tied = 0
    for n in range(first, last):
        row = order[places[n]] if permuted else places[n]
        instant, code = times[row], codes[row]
        own += begins[code] < begins[code + 1] and (every or usable[row])
        for place in range(places[n] + 1, offsets[containers[n] + 1]):
            row = order[place] if permuted else place
            if times[row] != instant:
                break
            code = codes[row]
            tied += begins[code] < begins[code + 1] and (every or usable[row])
    return own, tied


@njit(nogil=True, cache=True)
def opening(rows, begin, place, since):
    """First place of a window."""
    times, order = rows.times, rows.order
    permuted = order.size > 0
    while place > begin:
        if times[order[place - 1] if permuted else place - 1] < since:
            break
        place -= 1
    return place


@njit(nogil=True, cache=True)
def room(pairs, needed):
    """A buffer with at least that much room for pairs."""
    return pairs if pairs.shape[1] >= needed else np.empty((3, 2 * needed), np.int64)


@njit(nogil=True, cache=True)
def collect(rows, first, place, repeats, mark, stamp, seen, pairs):
    """Write the pairs of one window in order of time; their number and that of touches."""
    # Taken out of the tuple once: every look inside costs a count of references.
    order, codes, usable, session = rows.order, rows.codes, rows.usable, rows.session
    begins, items = rows.offsets, rows.items
    permuted, every, one_session = order.size > 0, usable.size == 0, session.size > 0
    kept = touches = raw = 0
    end = order[place] if permuted else place
    for at in range(first, place + 1):
        row = order[at] if permuted else at
        code = codes[row]
        low, high = begins[code], begins[code + 1]
        if low == high or not (every or usable[row]):
            continue
        if one_session and row != end:
            own = session[end]
            if own == rows.no_session or session[row] != own:
                continue
        raw += 1
        before = kept
        for k in range(low, high):
            item = items[k]
            if repeats != EVERY:
                again = stamp[item] == mark and (repeats == UNIQUE or seen[item] == raw - 1)
                stamp[item] = mark
                seen[item] = raw
                if again:
                    continue
            pairs[PLACE, kept] = at
            pairs[ITEM, kept] = item
            pairs[TOUCH, kept] = touches
            kept += 1
        touches += kept > before
    return kept, touches
