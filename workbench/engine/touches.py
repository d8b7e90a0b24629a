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
    """Places of the marked rows inside [start, end), and the container of each."""
    places = np.empty(64, np.int64)
    containers = np.empty(64, np.int64)
    number = 0
    for c in range(first, last):
        for place in range(offsets[c], offsets[c + 1]):
            row = order[place] if order.size else place
            if wanted[codes[row]] and start <= times[row] < end:
                if number == places.size:
                    places = np.concatenate((places, np.empty_like(places)))
                    containers = np.concatenate((containers, np.empty_like(containers)))
                places[number] = place
                containers[number] = c
                number += 1
    return places[:number], containers[:number]


@njit(nogil=True, cache=True)
def last_touches(rows, offsets, chosen, start, end):
    """Place of the last touch of each chosen container inside [start, end); -1 for none."""
    out = np.full(chosen.size, -1, np.int64)
    for n in range(chosen.size):
        c = chosen[n]
        for place in range(offsets[c + 1] - 1, offsets[c] - 1, -1):
            row = rows.order[place] if rows.order.size else place
            if rows.times[row] < start:
                break
            if rows.times[row] < end and _is_touch(rows, row):
                out[n] = place
                break
    return out


@njit(nogil=True, cache=True)
def tied_after(rows, offsets, containers, places):
    """Touches of the same instant as an end that stand after it in the order of the store."""
    number = 0
    for n in range(places.size):
        end = rows.order[places[n]] if rows.order.size else places[n]
        for place in range(places[n] + 1, offsets[containers[n] + 1]):
            row = rows.order[place] if rows.order.size else place
            if rows.times[row] != rows.times[end]:
                break
            number += _is_touch(rows, row)
    return number


@njit(nogil=True, cache=True)
def _is_touch(rows, row):
    code = rows.codes[row]
    if rows.offsets[code] == rows.offsets[code + 1]:
        return False
    return rows.usable.size == 0 or rows.usable[row]


@njit(nogil=True, cache=True)
def opening(rows, begin, place, since):
    """First place of a window."""
    while place > begin:
        row = rows.order[place - 1] if rows.order.size else place - 1
        if rows.times[row] < since:
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
    kept = touches = raw = 0
    end = rows.order[place] if rows.order.size else place
    for at in range(first, place + 1):
        row = rows.order[at] if rows.order.size else at
        if not _is_touch(rows, row):
            continue
        if rows.session.size and row != end:
            own = rows.session[end]
            if own == rows.no_session or rows.session[row] != own:
                continue
        raw += 1
        before = kept
        code = rows.codes[row]
        for k in range(rows.offsets[code], rows.offsets[code + 1]):
            item = rows.items[k]
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
