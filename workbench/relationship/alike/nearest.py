"""The won deals nearest to each open one, by Gower's distance.

The distance of two deals is the mean over the fields that both have: of numbers their difference
over the range of the won deals, at most 1; of codes 0 or 1; of sets one minus the share of common
members among all (Jaccard). Equal distances are told apart by the order of the won deals.

Source: relationship-analytics.md, section 8; Gower (1971), a general coefficient of similarity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numba import njit

from workbench.engine.executors import run_slices
from workbench.relationship.alike.fields import CODE, NUMBER, SET, Field
from workbench.relationship.alike.options import LEAST_FIELDS, Options

# Sums of like parts in another order differ in the last digits: such distances are equal.
_DIGITS = 1e12


@dataclass(frozen=True)
class Space:
    """Deals as rows of numbers, codes and sets, ready to be compared.

    Attributes
    ----------
    fields : tuple of Field
        In the order of the columns: codes first, then numbers, then sets.
    codes : numpy.ndarray of int32
        A line a deal; -1 for none.
    numbers : numpy.ndarray of float
        A line a deal, divided by the range of the won deals; NaN for none.
    sets : numpy.ndarray of int32
        A line a deal: code of each set; -1 for none.
    begins, items : list of numpy.ndarray
        What the sets of each column hold.
    """

    fields: tuple[Field, ...]
    codes: np.ndarray
    numbers: np.ndarray
    sets: np.ndarray
    begins: np.ndarray
    items: np.ndarray

    def distances(self, one: int, others: np.ndarray) -> np.ndarray:
        """Part of the distance that each field makes, a line a deal; NaN where one lacks it.

        The parts of a line add up to the distance.
        """
        parts = np.full((others.size, len(self.fields)), np.nan)
        _parts(one, others, self.codes, self.numbers, self.sets, self.begins, self.items, parts)
        return parts / np.maximum((~np.isnan(parts)).sum(axis=1), 1)[:, None]


@dataclass(frozen=True)
class Nearest:
    """The won deals nearest to each of some deals; one place a pair, nearest first.

    Attributes
    ----------
    offsets : numpy.ndarray of int64
        Where each deal begins.
    place : numpy.ndarray of int64
        Place of each won deal among the records.
    distance : numpy.ndarray of float
    """

    offsets: np.ndarray
    place: np.ndarray
    distance: np.ndarray


def space_of(fields: Sequence[Field], won: np.ndarray) -> Space:
    """The fields that count, side by side.

    Parameters
    ----------
    won : numpy.ndarray of int64
        Places of the won deals, whose values give the range of each number.
    """
    used = [field for field in fields if not field.reason]
    size = fields[0].values.size
    codes = sorted(
        (f for f in used if f.kind == CODE), key=lambda f: -np.unique(f.values[won]).size
    )
    numbers = [f for f in used if f.kind == NUMBER]
    sets = [f for f in used if f.kind == SET]
    scaled = np.empty((size, len(numbers)))
    for n, field in enumerate(numbers):
        lowest, highest = np.nanmin(field.values[won]), np.nanmax(field.values[won])
        # Where all won deals have one value, any other is as far away as can be.
        span = highest - lowest if highest > lowest else np.finfo(float).tiny
        with np.errstate(over="ignore"):
            scaled[:, n] = np.clip((field.values - lowest) / span, -2.0, 2.0)
    held = [items for field in sets for items in field.items]
    shift = np.append(0, np.cumsum([len(field.items) for field in sets]))[: len(sets)]
    coded = np.column_stack([np.zeros((size, 0), np.int32), *(f.values for f in sets)])
    coded = np.where(coded >= 0, coded + shift, -1).astype(np.int32)
    return Space(
        fields=(*codes, *numbers, *sets),
        codes=np.ascontiguousarray(
            np.column_stack([np.zeros((size, 0), np.int32), *(f.values for f in codes)]), np.int32
        ),
        numbers=scaled,
        sets=np.ascontiguousarray(coded),
        begins=np.append(0, np.cumsum([len(items) for items in held])).astype(np.int64),
        items=np.array(list(chain.from_iterable(held)), np.int64),
    )


def nearest(space: Space, deals: np.ndarray, won: np.ndarray, options: Options) -> Nearest:
    """The nearest won deals of each deal, at most `most` and none beyond `furthest`.

    Parameters
    ----------
    deals : numpy.ndarray of int64
        Places of the deals that are asked about; none is near to itself.
    won : numpy.ndarray of int64
        Places of the won deals, those first that win among equally near ones.
    """
    if len(space.fields) < LEAST_FIELDS or not won.size or not deals.size:
        nothing = np.zeros(0, np.int64)
        return Nearest(np.zeros(deals.size + 1, np.int64), nothing, np.zeros(0))
    codes, numbers, sets = (
        np.ascontiguousarray(v[won]) for v in (space.codes, space.numbers, space.sets)
    )

    def part(piece: slice) -> tuple[np.ndarray, ...]:
        return _nearest(
            deals[piece], won, space.codes, space.numbers, space.sets, codes, numbers, sets,
            space.begins, space.items, options.most, options.furthest, LEAST_FIELDS,
        )  # fmt: skip

    parts = run_slices(part, np.full(deals.size, won.size))
    place, distance, number = (np.concatenate(found) for found in zip(*parts, strict=True))
    kept = np.arange(options.most) < number[:, None]
    return Nearest(np.append(0, np.cumsum(number)).astype(np.int64), place[kept], distance[kept])


@njit(cache=True, nogil=True)
def _jaccard(one, other, begins, items):
    if one == other:
        return 0.0
    i, j, common = begins[one], begins[other], 0
    while i < begins[one + 1] and j < begins[other + 1]:
        if items[i] == items[j]:
            common += 1
            i += 1
            j += 1
        elif items[i] < items[j]:
            i += 1
        else:
            j += 1
    every = begins[one + 1] - begins[one] + begins[other + 1] - begins[other] - common
    return 1.0 - common / every


@njit(cache=True, nogil=True)
def _nearest(
    deals, won, own_codes, own_numbers, own_sets, codes, numbers, sets, begins, items, most,
    furthest, least_fields,
):  # fmt: skip
    place = np.full((deals.size, most), -1, np.int64)
    distance = np.full((deals.size, most), np.nan)
    number = np.zeros(deals.size, np.int64)
    for d in range(deals.size):
        deal = deals[d]
        a, b, c = own_codes[deal], own_numbers[deal], own_sets[deal]
        known = 0
        for n in range(a.size):
            known += a[n] >= 0
        for n in range(b.size):
            known += not np.isnan(b[n])
        for n in range(c.size):
            known += c[n] >= 0
        if known < least_fields:
            continue
        bound = furthest
        for w in range(won.size):
            if won[w] == deal:
                continue
            # A pair compares at most `known` fields, so a larger sum is too far whatever follows.
            limit = bound * known + 1e-9
            total, compared = 0.0, 0
            for n in range(a.size):
                if a[n] >= 0 and codes[w, n] >= 0:
                    compared += 1
                    if a[n] != codes[w, n]:
                        total += 1.0
            if total > limit:
                continue
            for n in range(b.size):
                apart = abs(b[n] - numbers[w, n])
                if apart == apart:
                    compared += 1
                    total += min(apart, 1.0)
            if total > limit:
                continue
            for n in range(c.size):
                if c[n] >= 0 and sets[w, n] >= 0:
                    compared += 1
                    total += _jaccard(c[n], sets[w, n], begins, items)
            if compared < least_fields:
                continue
            apart = np.floor(total / compared * _DIGITS + 0.5) / _DIGITS
            if apart > furthest or (number[d] == most and apart >= bound):
                continue
            at = min(number[d], most - 1)
            while at > 0 and distance[d, at - 1] > apart:
                distance[d, at], place[d, at] = distance[d, at - 1], place[d, at - 1]
                at -= 1
            distance[d, at], place[d, at] = apart, won[w]
            number[d] = min(number[d] + 1, most)
            if number[d] == most:
                bound = distance[d, most - 1]
    return place, distance, number


@njit(cache=True, nogil=True)
def _parts(one, others, codes, numbers, sets, begins, items, parts):
    for w in range(others.size):
        other, at = others[w], 0
        for n in range(codes.shape[1]):
            if codes[one, n] >= 0 and codes[other, n] >= 0:
                parts[w, at] = 0.0 if codes[one, n] == codes[other, n] else 1.0
            at += 1
        for n in range(numbers.shape[1]):
            apart = abs(numbers[one, n] - numbers[other, n])
            if not np.isnan(apart):
                parts[w, at] = min(apart, 1.0)
            at += 1
        for n in range(sets.shape[1]):
            if sets[one, n] >= 0 and sets[other, n] >= 0:
                parts[w, at] = _jaccard(sets[one, n], sets[other, n], begins, items)
            at += 1
