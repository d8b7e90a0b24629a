"""Compiled sharing of credit: weights of the touches of a conversion, and their sums by line.

Source of the weights: journeys-attribution-and-segments.md, A2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from workbench.engine.touches.collected import EVERY, ITEM, PLACE, TOUCH, collect, opening

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
        learned(rule.player, rule.shares, rule.set_of[end], pairs, kept, count, out)
    elif rule.model == DECAY:
        _decayed(rows, rule.half_life, pairs, kept, out)
    else:
        shape = rule.model == POSITION
        placed(shape, rule.first, rule.middle, rule.last, pairs, kept, touches, out)


@njit(nogil=True, cache=True)
def learned(player, shares, set_of, pairs, kept, count, out):
    """The share of a player, divided equally among its pairs; `count` is left as zeros."""
    for k in range(kept):
        count[player[pairs[ITEM, k]]] += 1
    for k in range(kept):
        own = player[pairs[ITEM, k]]
        out[k] = shares[set_of, own] / count[own]
    for k in range(kept):
        count[player[pairs[ITEM, k]]] = 0


@njit(nogil=True, cache=True)
def placed(shape, first, middle, last, pairs, kept, touches, out):
    """By the place of the touch; all the same where no shape is given."""
    if touches <= 1 or not shape:
        low = high = between = 1.0 / max(touches, 1)
    elif touches == 2:
        total = first + last
        low, high = (first / total, last / total) if total > 0 else (0.5, 0.5)
        between = 0.0
    else:
        total = first + middle + last
        low, high = first / total, last / total
        between = middle / (touches - 2) / total
    for k in range(kept):
        touch = pairs[TOUCH, k]
        out[k] = low if touch == 0 else high if touch == touches - 1 else between


@njit(nogil=True, cache=True)
def _decayed(rows, half_life, pairs, kept, out):
    """Halved for every half-life; measured from the latest touch, so that none vanishes."""
    if not kept:
        return
    times, order = rows.times, rows.order
    permuted = order.size > 0
    at = pairs[PLACE, kept - 1]
    latest = times[order[at] if permuted else at]
    total = 0.0
    for k in range(kept):
        at = pairs[PLACE, k]
        time = times[order[at] if permuted else at]
        out[k] = 2.0 ** (-(latest - time) / half_life)
        if k == 0 or pairs[TOUCH, k] != pairs[TOUCH, k - 1]:
            total += out[k]
    for k in range(kept):
        out[k] /= total


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
    n_sum = v_sum = n_square = v_square = 0.0
    scratch = line_of.size if rule.repeats != EVERY or rule.model == PARTICIPATION else 0
    stamp, seen = np.full(scratch, -1, np.int64), np.zeros(scratch, np.int64)
    own = np.zeros((4, lines + 1))
    marks = np.full((3, lines + 1), -1, np.int64)
    used = np.empty(lines + 1, np.int64)
    pairs, weights = np.empty((3, 64), np.int64), np.empty(64)
    places, masses, values, starts = ends.place, ends.mass, ends.value, ends.starts
    begins, since, model, repeats = ends.begin, ends.since, rule.model, rule.repeats
    # Handing the whole rule over costs more than sharing a conversion out by place.
    simple = model in (POSITION, LINEAR, SAME)
    low, between, high = rule.first, rule.middle, rule.last
    player, shares, set_of = rule.player, rule.shares, rule.set_of
    count = np.zeros(shares.shape[1], np.int64)
    number_of_touch = 0
    for c in range(first, last):
        number = 0
        n_all = v_all = 0.0
        for e in range(starts[c], starts[c + 1]):
            place, mass, value = places[e], masses[e], values[e]
            n_all += mass
            v_all += value
            start = place
            if model != SAME:
                start = opening(rows, begins[e], place, since[e])
            needed = (place - start + 1) * widest
            if pairs.shape[1] < needed:
                pairs, weights = np.empty((3, 2 * needed), np.int64), np.empty(2 * needed)
            kept, touches = collect(rows, start, place, repeats, 2 * e, stamp, seen, pairs)
            if simple:
                placed(model == POSITION, low, between, high, pairs, kept, touches, weights)
            elif model == SETS:
                learned(player, shares, set_of[e], pairs, kept, count, weights)
            else:
                weigh(rows, rule, e, pairs, kept, touches, 2 * e + 1, stamp, seen, weights)
            number = _add(
                own, marks, used, number, c, e, number_of_touch, model, line_of, pairs, weights,
                kept, mass, value, lines,
            )  # fmt: skip
            number_of_touch += touches
        n_sum += n_all
        v_sum += v_all
        n_square += n_all * n_all
        v_square += v_all * v_all
        close_container(acc, own, used, number, n_all, v_all)
    return acc, np.array([n_sum, v_sum, n_square, v_square])


@njit(nogil=True, cache=True)
def _add(
    own, marks, used, number, container, end, number_of_touch, model, line_of, pairs, weights,
    kept, mass, value, none,
):  # fmt: skip
    """Add the credit of one conversion; how many lines its container has used by now.

    `own` holds credit, value, touches and touched conversions of the present container by line,
    `marks` the container, the end and the touch that a line was last seen in.
    """
    for k in range(max(kept, 1)):
        line = line_of[pairs[ITEM, k]] if kept else none
        weight = weights[k] if kept else 1.0
        again = False
        if marks[0, line] != container:
            marks[0, line] = container
            own[:, line] = 0.0
            used[number] = line
            number += 1
        if marks[1, line] != end:
            marks[1, line] = end
            own[TOUCHED, line] += mass
        elif model == PARTICIPATION:
            again = True
        own[TOUCHES, line] += kept > 0
        if model == PARTICIPATION:
            weight = 1.0
        elif model != SETS and kept:
            touch = number_of_touch + pairs[TOUCH, k]
            again = marks[2, line] == touch
            marks[2, line] = touch
        if not again:
            own[CREDIT, line] += weight * mass
            own[VALUE, line] += weight * value
    return number


@njit(nogil=True, cache=True)
def close_container(acc, own, used, number, n_all, v_all):
    """Add what the lines of one container got."""
    for k in range(number):
        line = used[k]
        for each in range(4):
            acc[each, line] += own[each, line]
        if acc.shape[0] > CONTAINERS:
            x, y = own[CREDIT, line], own[VALUE, line]
            acc[CONTAINERS, line] += 1
            acc[XX, line] += x * x
            acc[XN, line] += x * n_all
            acc[YY, line] += y * y
            acc[YV, line] += y * v_all


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
    table, out = np.empty((5, 0), np.int64), np.empty(0)
    for filling in (False, True):
        number = 0
        for e in range(first, last):
            place = ends.place[e]
            start = place
            if rule.model != SAME:
                start = opening(rows, ends.begin[e], place, ends.since[e])
            needed = (place - start + 1) * widest
            if pairs.shape[1] < needed:
                pairs, weights = np.empty((3, 2 * needed), np.int64), np.empty(2 * needed)
            mark = 4 * e + 2 * filling
            kept, touches = collect(rows, start, place, rule.repeats, mark, stamp, seen, pairs)
            if filling:
                weigh(rows, rule, e, pairs, kept, touches, mark + 1, stamp, seen, weights)
                _write(table, out, number, e, touches, pairs, weights, kept)
            number += kept
        if not filling:
            table, out = np.empty((5, number), np.int64), np.empty(number)
    return table, out


@njit(nogil=True, cache=True)
def _write(table, out, number, end, touches, pairs, weights, kept):
    for k in range(kept):
        table[0, number + k] = end
        table[1, number + k] = pairs[PLACE, k]
        table[2, number + k] = pairs[ITEM, k]
        table[3, number + k] = pairs[TOUCH, k]
        table[4, number + k] = touches
        out[number + k] = weights[k]
