"""Pairs turned into credit of lines, and credit into parts that add up exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.engine.touches.credit import PARTICIPATION, SETS, TOUCHES
from workbench.errors import ArgumentError
from workbench.journeys.attribution.counting import Lines, Pairs, Study
from workbench.journeys.attribution.models import CODES, Model
from workbench.messages import message

MOST_TOUCHES = 20_000_000


@dataclass(frozen=True)
class Credited:
    """Credit of lines in single conversions.

    Attributes
    ----------
    end : numpy.ndarray of int64
        Conversion, as a place in `Conversions`.
    line : numpy.ndarray of int64
    credit : numpy.ndarray of float
        Part of the conversion, 0…1.
    """

    end: np.ndarray
    line: np.ndarray
    credit: np.ndarray


def code_of(model: Model) -> int:
    """How a model shares out: see `workbench.engine.touches.credit`."""
    return CODES.get(model.name, -1)


def first_of_each(*keys: np.ndarray) -> np.ndarray:
    """A mark for the first of all places that agree in every key."""
    out = np.zeros(keys[0].size, bool)
    if out.size:
        order = np.lexsort((np.arange(out.size), *keys))
        changed = np.zeros(out.size, bool)
        for key in keys:
            ordered = key[order]
            changed |= np.append(True, ordered[1:] != ordered[:-1])
        out[order[changed]] = True
    return out


def credited(study: Study, model: Model, lines: Lines, pairs: Pairs) -> Credited:
    """Credit of each pair to its line; a touch, or a participation, credits a line once."""
    line = lines.line_of[pairs.item]
    code = code_of(model)
    if code == PARTICIPATION:
        credit = first_of_each(pairs.end, line).astype(float)
    elif code == SETS or study.items.widest == 1:
        credit = pairs.weight
    else:
        credit = np.where(first_of_each(pairs.end, pairs.touch, line), pairs.weight, 0.0)
    return Credited(pairs.end, line, credit)


def times_of(study: Study, rows: np.ndarray) -> np.ndarray:
    """Microseconds of some rows of the store."""
    return np.asarray(study.question.workspace.events.times[rows], np.int64)


def untouched(study: Study, pairs: Pairs) -> np.ndarray:
    """Conversions without any touch, where `pairs` are all there are."""
    touched = np.zeros(study.conversions.row.size, bool)
    touched[pairs.end] = True
    return np.flatnonzero(~touched)


def checked_size(study: Study, model: Model) -> None:
    """Refuse to lay out more touches than a frame can hold."""
    number = int(study.by_item(model).sums[TOUCHES].sum())
    if number > MOST_TOUCHES:
        raise ArgumentError.of(
            "lookback",
            study.question.lookback.plain(),
            message("a window with at most {most:,} touches to lay out", most=MOST_TOUCHES),
            message("It holds {number:,}; ask for a shorter period or lookback.", number=number),
        )


def exact_parts(weights: np.ndarray, group: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Split totals by weights so that the parts of each add up to it without rounding.

    Every part is a whole number of the smallest steps between floats of the size of its total, so
    that any sum of parts is exact, in any order; what is left over goes to the largest weight.

    Parameters
    ----------
    weights : numpy.ndarray of float
        Those of each group add up to one.
    group : numpy.ndarray of int64
        Group of each weight, a place in `totals`.
    totals : numpy.ndarray of float
    """
    size = np.abs(totals)
    step = np.where(size > 0, np.spacing(size), 1.0)
    units = np.floor(weights * (size / step)[group])
    rest = size / step - np.bincount(group, units, totals.size)
    order = np.lexsort((weights, group))
    last = np.append(group[order][1:] != group[order][:-1], True) if order.size else order
    largest = order[last.astype(bool)]
    units[largest] += rest[group[largest]]
    return np.copysign(units * step[group], totals[group])
