"""Compiled sharing of credit: weights of the touches of a conversion, and their sums by line.

Source of the weights: journeys-attribution-and-segments.md, A2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from workbench.engine.touches import EVERY, ITEM, PLACE, TOUCH, collect, opening, room

POSITION, LINEAR, DECAY, SAME, PARTICIPATION, SETS = range(6)
CREDIT, VALUE, TOUCHES, TOUCHED, CONTAINERS, XX, XN, YY, YV = range(9)


class Rule(NamedTuple):
    """How the credit of one conversion is shared out.

    Attributes
    ----------
    model : int
        One of ``POSITION, LINEAR, DECAY, SAME, PARTICIPATION, SETS``.
    first, middle, last : float
        Weights of a ``POSITION`` model.
    half_life : float
        Microseconds of a ``DECAY`` model.
    repeats : int
        ``EVERY``, or which repeated items are left out: ``CONSECUTIVE``, ``UNIQUE``.
    player : numpy.ndarray of int64
        Player of each item in a ``SETS`` model.
    set_of : numpy.ndarray of int64
        Row of `shares` for each end.
    shares : numpy.ndarray of float, shape (sets, players)
        Credit of each player of each set.
    """

    model: int
    first: float
    middle: float
    last: float
    half_life: float
    repeats: int
    player: np.ndarray
    set_of: np.ndarray
    shares: np.ndarray


@njit(nogil=True, cache=True)
def weigh(rows, rule, end, pairs, kept, touches, mark, stamp, seen, out):
    """Write the weight of each pair of one window.

    The weights of the touches add up to one, each value of a touch having all of it; in a
    ``SETS`` model those of the pairs do, in ``PARTICIPATION`` those of each item.
    """
    if rule.model == PARTICIPATION:
        for k in range(kept):
            item = pairs[ITEM, k]
            seen[item] = seen[item] + 1 if stamp[item] == mark else 1
            stamp[item] = mark
        for k in range(kept):
            out[k] = 1.0 / seen[pairs[ITEM, k]]
    elif rule.model == SETS:
        count = np.zeros(rule.shares.shape[1], np.int64)
        for k in range(kept):
            count[rule.player[pairs[ITEM, k]]] += 1
        for k in range(kept):
            player = rule.player[pairs[ITEM, k]]
            out[k] = rule.shares[rule.set_of[end], player] / count[player]
    elif rule.model == DECAY:
        _decayed(rows, rule.half_life, pairs, kept, out)
    else:
        for k in range(kept):
            out[k] = _weight_at(rule, pairs[TOUCH, k], touches)


@njit(nogil=True, cache=True)
def _weight_at(rule, touch, touches):
    if touches == 1:
        return 1.0
    if rule.model != POSITION:
        return 1.0 / touches
    if touches == 2:
        both = rule.first + rule.last
        if both <= 0:
            return 0.5
        return (rule.first if touch == 0 else rule.last) / both
    total = rule.first + rule.middle + rule.last
    if touch == 0:
        return rule.first / total
    if touch == touches - 1:
        return rule.last / total
    return rule.middle / (touches - 2) / total


@njit(nogil=True, cache=True)
def _decayed(rows, half_life, pairs, kept, out):
    """Halved for every half-life; measured from the latest touch, so that none vanishes."""
    if not kept:
        return
    at = pairs[PLACE, kept - 1]
    latest = rows.times[rows.order[at] if rows.order.size else at]
    total = 0.0
    for k in range(kept):
        at = pairs[PLACE, k]
        time = rows.times[rows.order[at] if rows.order.size else at]
        out[k] = 2.0 ** (-(latest - time) / half_life)
        if k == 0 or pairs[TOUCH, k] != pairs[TOUCH, k - 1]:
            total += out[k]
    for k in range(kept):
        out[k] /= total


@njit(nogil=True, cache=True)
def _give(acc, x, y, marked, used, number, container, line, weight, mass, value):
    """Add credit to a line inside one container; how many lines the container has used."""
    if marked[line] != container:
        marked[line] = container
        x[line] = y[line] = 0.0
        used[number] = line
        number += 1
    x[line] += weight * mass
    y[line] += weight * value
    acc[CREDIT, line] += weight * mass
    acc[VALUE, line] += weight * value
    return number


@njit(nogil=True, cache=True)
def credits(rows, ends, rule, line_of, lines, widest, sums, first, last):
    """Credit of each line over the containers [first, last).

    Parameters
    ----------
    line_of : numpy.ndarray of int64
        Line of each item; a touch or a conversion credits a line once, however many of its values
        fall into it.
    lines : int
        Number of lines; one more holds conversions without a touch.
    widest : int
        Most values of one row.
    sums : int
        9 for all sums below, 4 for the first four of them.

    Returns
    -------
    acc : numpy.ndarray of float, shape (sums, lines + 1)
        ``CREDIT, VALUE`` sums; ``TOUCHES`` (pairs), ``TOUCHED`` conversions and ``CONTAINERS``;
        then, with x and n the credit and the conversions of a container, y and v the same in
        value, the sums of x², x·n, y² and y·v.
    totals : numpy.ndarray of float
        Sums of n, v, n², v².
    """
    acc = np.zeros((sums, lines + 1))
    totals = np.zeros(4)
    scratch = line_of.size if rule.repeats != EVERY or rule.model == PARTICIPATION else 0
    stamp, seen = np.full(scratch, -1, np.int64), np.zeros(scratch, np.int64)
    x, y = np.zeros(lines + 1), np.zeros(lines + 1)
    marked, in_end, in_touch = np.full((3, lines + 1), -1, np.int64)
    used = np.empty(lines + 1, np.int64)
    pairs, weights = np.empty((3, 64), np.int64), np.empty(64)
    touch_number = 0
    for c in range(first, last):
        number = 0
        n_all = v_all = 0.0
        for e in range(ends.starts[c], ends.starts[c + 1]):
            place, mass, value = ends.place[e], ends.mass[e], ends.value[e]
            n_all += mass
            v_all += value
            if rule.model == SAME:
                start = place
            else:
                start = opening(rows, ends.begin[e], place, ends.since[e])
            pairs = room(pairs, (place - start + 1) * widest)
            if weights.size < pairs.shape[1]:
                weights = np.empty(pairs.shape[1])
            kept, touches = collect(rows, start, place, rule.repeats, 2 * e, stamp, seen, pairs)
            if not kept:
                number = _give(acc, x, y, marked, used, number, c, lines, 1.0, mass, value)
                acc[TOUCHED, lines] += mass
                continue
            weigh(rows, rule, e, pairs, kept, touches, 2 * e + 1, stamp, seen, weights)
            for k in range(kept):
                line = line_of[pairs[ITEM, k]]
                weight = weights[k]
                this_touch = touch_number + pairs[TOUCH, k]
                again = in_touch[line] == this_touch
                in_touch[line] = this_touch
                if rule.model == PARTICIPATION:
                    again, weight = in_end[line] == e, 1.0
                if in_end[line] != e:
                    in_end[line] = e
                    acc[TOUCHED, line] += mass
                acc[TOUCHES, line] += 1
                if again and rule.model != SETS:
                    continue
                number = _give(acc, x, y, marked, used, number, c, line, weight, mass, value)
            touch_number += touches
        totals += np.array([n_all, v_all, n_all * n_all, v_all * v_all])
        for k in range(number if sums > CONTAINERS else 0):
            line = used[k]
            acc[CONTAINERS, line] += 1
            acc[XX, line] += x[line] * x[line]
            acc[XN, line] += x[line] * n_all
            acc[YY, line] += y[line] * y[line]
            acc[YV, line] += y[line] * v_all
    return acc, totals


@njit(nogil=True, cache=True)
def pairs_of(rows, ends, rule, widest, first, last):
    """Every pair of the ends [first, last), with its weight.

    Returns
    -------
    table : numpy.ndarray of int64, shape (5, pairs)
        End, place, item, number of the touch in its window, touches of the window.
    weights : numpy.ndarray of float
    """
    scratch = 0
    if rule.repeats != EVERY or rule.model == PARTICIPATION:
        scratch = rows.items.max() + 1 if rows.items.size else 0
    stamp, seen = np.full(scratch, -1, np.int64), np.zeros(scratch, np.int64)
    pairs, weights = np.empty((3, 64), np.int64), np.empty(64)
    table, out = np.empty((5, 256), np.int64), np.empty(256)
    number = 0
    for e in range(first, last):
        place = ends.place[e]
        start = place
        if rule.model != SAME:
            start = opening(rows, ends.begin[e], place, ends.since[e])
        pairs = room(pairs, (place - start + 1) * widest)
        if weights.size < pairs.shape[1]:
            weights = np.empty(pairs.shape[1])
        kept, touches = collect(rows, start, place, rule.repeats, 2 * e, stamp, seen, pairs)
        weigh(rows, rule, e, pairs, kept, touches, 2 * e + 1, stamp, seen, weights)
        if number + kept > out.size:
            more = max(out.size, kept)
            table = np.concatenate((table, np.empty((5, more), np.int64)), axis=1)
            out = np.concatenate((out, np.empty(more)))
        for k in range(kept):
            table[0, number] = e
            table[1, number] = pairs[PLACE, k]
            table[2, number] = pairs[ITEM, k]
            table[3, number] = pairs[TOUCH, k]
            table[4, number] = touches
            out[number] = weights[k]
            number += 1
    return table[:, :number].copy(), out[:number].copy()
