"""The quickest way of sharing credit: few lines, one item a row, and every row a touch or none.

The walk back from a conversion only counts how often each line is met; where the first and the
last touch stand is looked up afterwards, and only for models that ask.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.touches.credit import (
    CONTAINERS,
    CREDIT,
    PARTICIPATION,
    POSITION,
    SAME,
    SETS,
    TOUCHED,
    TOUCHES,
    VALUE,
    XN,
    XX,
    YV,
    YY,
)
from workbench.engine.touches.single import placed_line

MOST_LINES = 32
ALL_SUMS = 9
ONE = np.uint64(1)


@njit(nogil=True, cache=True)
def credits(rows, ends, rule, line_of_code, lines, sums, first, last):
    """As `workbench.engine.touches.credit.credits`, for at most `MOST_LINES` lines.

    Parameters
    ----------
    line_of_code : numpy.ndarray of uint64
        Line of each code of the dimension, `lines` for none. In a ``SETS`` model lines are
        players.
    """
    times, order, codes, permuted = rows.times, rows.order, rows.codes, rows.order.size > 0
    places, begins, since, starts = ends.place, ends.begin, ends.since, ends.starts
    masses, values, model = ends.mass, ends.value, rule.model
    worth = values.any()
    low, between, high = rule.first, rule.middle, rule.last
    shares, set_of = rule.shares, rule.set_of
    # Places carry no sign: an index with one is asked at every look whether it counts from the
    # end. The sums of a line lie side by side, for one conversion adds to all of them.
    acc, own = np.zeros((lines + 1, ALL_SUMS)), np.zeros((lines + 1, 4))
    count = np.zeros(lines + 1, np.int64)
    none = np.uint64(lines)
    n_sum = v_sum = n_square = v_square = 0.0
    for c in range(first, last):
        n_all = v_all = 0.0
        alone = starts[c + 1] - starts[c] == 1
        for e in range(starts[c], starts[c + 1]):
            final = np.uint64(places[e])
            begin = final if model == SAME else np.uint64(begins[e])
            oldest, place = since[e], final + ONE
            if permuted:
                while place > begin:
                    row = np.uint64(order[place - ONE])
                    if times[row] < oldest:
                        break
                    count[line_of_code[codes[row]]] += 1
                    place -= ONE
            else:
                while place > begin and times[place - ONE] >= oldest:
                    place -= ONE
                    count[line_of_code[codes[place]]] += 1
            touches = np.int64(final + ONE - place) - count[lines]
            count[lines] = touches == 0
            mass, value = masses[e], values[e]
            n_all += mass
            v_all += value
            opens = closes = none
            if model == POSITION and touches > 0:
                while opens == none:
                    row = np.uint64(order[place]) if permuted else place
                    opens = line_of_code[codes[row]]
                    place += ONE
                while closes == none:
                    row = np.uint64(order[final]) if permuted else final
                    closes = line_of_code[codes[row]]
                    final -= ONE
            for line in range(none + ONE):
                met = count[line]
                if met == 0:
                    continue
                count[line] = 0
                if touches == 0 or model == PARTICIPATION:
                    part = 1.0
                elif model == POSITION:
                    part = placed_line(
                        touches, met, line == opens, line == closes, low, between, high
                    )
                elif model == SETS:
                    part = shares[set_of[e], line]
                else:
                    part = met / touches
                met = met if touches else 0
                if alone and worth:
                    _add(acc[line], part * mass, part * value, met, mass, mass, value)
                elif alone:
                    _add_credit(acc[line], part * mass, met, mass, mass)
                else:
                    own[line, CREDIT] += part * mass
                    own[line, VALUE] += part * value
                    own[line, TOUCHES] += met
                    own[line, TOUCHED] += mass
        n_sum += n_all
        v_sum += v_all
        n_square += n_all * n_all
        v_square += v_all * v_all
        if not alone:
            for line in range(lines + 1):
                x, y, met, touched = own[line]
                if touched > 0:
                    _add(acc[line], x, y, met, touched, n_all, v_all)
                    own[line] = 0.0
    return acc.T[:sums].copy(), np.array([n_sum, v_sum, n_square, v_square])


@njit(nogil=True, cache=True)
def credits_of_sets(ends, sets, set_of, shares, sums, first, last):
    """As `credits` for a ``SETS`` model whose touched sets are known; touches are not counted.

    Parameters
    ----------
    sets : numpy.ndarray of uint64
        Masks of players, which are lines.
    set_of : numpy.ndarray of int64
        Place in `sets` of each end.
    shares : numpy.ndarray of float, shape (sets, players)
    """
    lines = shares.shape[1]
    acc, own = np.zeros((lines + 1, ALL_SUMS)), np.zeros((lines + 1, 4))
    starts, masses, values = ends.starts, ends.mass, ends.value
    none, met = np.uint64(lines), 0
    n_sum = v_sum = n_square = v_square = 0.0
    for c in range(first, last):
        n_all = v_all = 0.0
        alone = starts[c + 1] - starts[c] == 1
        for e in range(starts[c], starts[c + 1]):
            mass, value, known = masses[e], values[e], np.uint64(set_of[e])
            touched = sets[known]
            n_all += mass
            v_all += value
            for line in range(none + ONE):
                is_none = line == none
                if touched != 0 if is_none else not (touched >> line) & ONE:
                    continue
                part = 1.0 if is_none else shares[known, line]
                if alone:
                    _add(acc[line], part * mass, part * value, met, mass, mass, value)
                else:
                    own[line, CREDIT] += part * mass
                    own[line, VALUE] += part * value
                    own[line, TOUCHED] += mass
        n_sum += n_all
        v_sum += v_all
        n_square += n_all * n_all
        v_square += v_all * v_all
        if not alone:
            for line in range(none + ONE):
                x, y, _, mass = own[line]
                if mass > 0:
                    _add(acc[line], x, y, met, mass, n_all, v_all)
                    own[line] = 0.0
    return acc.T[:sums].copy(), np.array([n_sum, v_sum, n_square, v_square])


@njit(nogil=True, cache=True, inline="always")
def _add(line, x, y, met, touched, n, v):
    """Add what one line got of the conversions of one container."""
    _add_credit(line, x, met, touched, n)
    line[VALUE] += y
    line[YY] += y * y
    line[YV] += y * v


@njit(nogil=True, cache=True, inline="always")
def _add_credit(line, x, met, touched, n):
    """As `_add`, where nothing is worth anything."""
    line[CREDIT] += x
    line[TOUCHES] += met
    line[TOUCHED] += touched
    line[CONTAINERS] += 1
    line[XX] += x * x
    line[XN] += x * n
