"""The quick way of sharing credit: rows with one item at most, no repeats left out.

What a line gets of a conversion follows from how many of its touches there are, which line holds
the first and which the last; so one walk back from the conversion is enough, and no touch is kept.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.engine.touches.credit import (
    CREDIT,
    DECAY,
    PARTICIPATION,
    POSITION,
    SAME,
    SETS,
    TOUCHED,
    TOUCHES,
    VALUE,
    close_container,
)


@njit(nogil=True, cache=True)
def credits(rows, ends, rule, line_of_code, lines, sums, first, last):
    """As `workbench.engine.touches.credit.credits`.

    Parameters
    ----------
    line_of_code : numpy.ndarray of int64
        Line of each code of the dimension, -1 for none. In a ``SETS`` model lines are players.
    """
    times, order, codes, usable = rows.times, rows.order, rows.codes, rows.usable
    session, permuted, every = rows.session, rows.order.size > 0, rows.usable.size == 0
    one_session, no_session = session.size > 0, rows.no_session
    places, begins, since, starts = ends.place, ends.begin, ends.since, ends.starts
    masses, values, model, half_life = ends.mass, ends.value, rule.model, rule.half_life
    low, between, high = rule.first, rule.middle, rule.last
    shares, set_of = rule.shares, rule.set_of
    acc, own = np.zeros((sums, lines + 1)), np.zeros((4, lines + 1))
    count, decayed = np.zeros(lines + 1, np.int64), np.zeros(lines + 1)
    mark = np.full(lines + 1, -1, np.int64)
    here, used = np.empty((2, lines + 1), np.int64)
    n_sum = v_sum = n_square = v_square = 0.0
    for c in range(first, last):
        number = 0
        n_all = v_all = 0.0
        for e in range(starts[c], starts[c + 1]):
            end = order[places[e]] if permuted else places[e]
            begin = places[e] if model == SAME else begins[e]
            oldest, touches, distinct = since[e], 0, 0
            opens = closes = -1
            latest, total = np.int64(0), 0.0
            for place in range(places[e], begin - 1, -1):
                row = order[place] if permuted else place
                time = times[row]
                if time < oldest:
                    break
                line = line_of_code[codes[row]]
                if line < 0 or not (every or usable[row]):
                    continue
                if (
                    one_session
                    and row != end
                    and (session[end] == no_session or session[row] != session[end])
                ):
                    continue
                if count[line] == 0:
                    here[distinct] = line
                    distinct += 1
                count[line] += 1
                if touches == 0:
                    closes, latest = line, time
                opens = line
                touches += 1
                if model == DECAY:
                    part = 2.0 ** (-(latest - time) / half_life)
                    decayed[line] += part
                    total += part
            mass, value = masses[e], values[e]
            n_all += mass
            v_all += value
            if touches == 0:
                here[0], distinct = lines, 1
            for k in range(distinct):
                line = here[k]
                if touches == 0 or model == PARTICIPATION:
                    part = 1.0
                elif model == POSITION:
                    part = placed_line(
                        touches, count[line], line == opens, line == closes, low, between, high
                    )
                elif model == DECAY:
                    part = decayed[line] / total
                    decayed[line] = 0.0
                elif model == SETS:
                    part = shares[set_of[e], line]
                else:
                    part = count[line] / touches
                if mark[line] != c:
                    mark[line] = c
                    used[number] = line
                    number += 1
                    own[:, line] = 0.0
                own[CREDIT, line] += part * mass
                own[VALUE, line] += part * value
                own[TOUCHES, line] += count[line]
                own[TOUCHED, line] += mass
                count[line] = 0
        n_sum += n_all
        v_sum += v_all
        n_square += n_all * n_all
        v_square += v_all * v_all
        close_container(acc, own, used, number, n_all, v_all)
    return acc, np.array([n_sum, v_sum, n_square, v_square])


@njit(nogil=True, cache=True)
def placed_line(touches, count, opens, closes, low, between, high):
    """Part of a line with so many of the touches, that may hold the first and the last."""
    if touches == 1:
        return 1.0
    if touches == 2:
        total = low + high
        if total <= 0:
            return 0.5 * count
        return (low * opens + high * closes) / total
    inner = count - opens - closes
    part = low * opens + high * closes + between / (touches - 2) * inner
    return part / (low + between + high)
