"""Sequences of a segment turned into what the kernels walk, order by order.

Source: journeys-attribution-and-segments.md, B1 and B2 (THEN, within, after, exclude inside a
sequence, logic group, only before, only after).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.engine.checkpoints import Checkpoints, items_of
from workbench.engine.executors import run_slices
from workbench.engine.groupings import Grouping
from workbench.engine.masks import MOST_CONDITIONS
from workbench.engine.months import Clock
from workbench.engine.rulers import clock_for, limits_of
from workbench.engine.sequences import kernels
from workbench.engine.sequences.orders import Atom, Slot, atoms_of, exclusions, orders, steps_done
from workbench.engine.sequences.rules import (
    EVENTS,
    NOWHERE,
    TIME,
    UNLIMITED,
    Chain,
    Items,
    bits_seen,
)
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import Condition
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.limits import Limit
from workbench.vocabulary.segments import Segment

if TYPE_CHECKING:
    from workbench.engine.masks import Marker


@dataclass(frozen=True)
class Walk:
    """How far each container of a grouping walks a sequence.

    Attributes
    ----------
    depth : numpy.ndarray of int64
        Steps reached.
    passes : numpy.ndarray of bool
        Containers that qualify.
    first_end, last_start : numpy.ndarray of int64
        First place of the group in which the first occurrence ends and the last one begins.
    """

    depth: np.ndarray
    passes: np.ndarray
    first_end: np.ndarray
    last_start: np.ndarray


def walk(
    marker: Marker,
    segment: Segment,
    here: Grouping,
    checkpoints: Checkpoints,
    *,
    only_passing: bool = False,
) -> Walk:
    """Walk the steps of a segment through every container of a grouping.

    Parameters
    ----------
    checkpoints : callable
        Gives the finer containers inside `here` that a nested segment speaks of, and which of
        them qualify.
    only_passing : bool
        Whether the depth of containers that cannot pass may be left at zero: those without a row
        for some step are not walked.
    """
    compiled = _Compiled.of(marker, segment, here, checkpoints)
    low = np.where(compiled.possible(), here.low, here.high) if only_passing else here.low
    depth = np.zeros(len(here), np.int64)
    ends = np.full(len(here), NOWHERE, np.int64)
    starts = np.full(len(here), NOWHERE, np.int64)
    excluded = np.full(len(here), NOWHERE, np.int64)
    for order in compiled.orders():
        reached, first_end, last_start, excluded = compiled.walked(order, low)
        step_of = np.array([0, *(steps_done(order, n) for n in range(1, len(order) + 1))])
        depth = np.maximum(depth, step_of[reached])
        found = first_end != NOWHERE
        earlier = found & ((ends == NOWHERE) | (first_end < ends))
        ends = np.where(earlier, first_end, ends)
        starts = np.maximum(starts, last_start)
    passes = ends != NOWHERE
    if segment.anchor == "first":
        passes &= excluded <= ends
    return Walk(depth, passes, ends, starts)


@dataclass(frozen=True)
class _Compiled:
    """Everything that is the same in every order."""

    marker: Marker
    segment: Segment
    here: Grouping
    atoms: tuple[Atom, ...]
    numbers: tuple[tuple[int, ...], ...]
    codes: np.ndarray
    marks: tuple[np.ndarray, ...]
    blocks: tuple[tuple[int, tuple[np.ndarray, ...]], ...]
    after: tuple[np.ndarray, ...]
    items: Items
    item_marks: np.ndarray
    limits: tuple[tuple[int, int, int, int, int], ...]
    rulers: np.ndarray
    clock: Clock

    @classmethod
    def of(
        cls, marker: Marker, segment: Segment, here: Grouping, checkpoints: Checkpoints
    ) -> _Compiled:
        atoms, numbers = atoms_of(segment)
        forbidden = exclusions(segment)
        conditions: list[Condition | None] = [
            None if atom.checkpoint else atom.condition for atom in atoms
        ]
        for _, parts in forbidden:
            conditions += parts
        codes, marks = marker.coded(conditions)
        for number, atom in enumerate(atoms):
            if atom.checkpoint:
                marks[number] = np.zeros(marks[0].size, bool)
        blocks, at = [], len(atoms)
        for step, parts in forbidden:
            blocks.append((step, tuple(marks[at : at + len(parts)])))
            at += len(parts)
        after = [marks for step, marks in blocks if step < 0]
        items, item_marks = items_of(atoms, here, checkpoints, len(marker.store))
        limits, rulers = limits_of(marker, segment, here)
        return cls(
            marker,
            segment,
            here,
            tuple(atoms),
            tuple(numbers),
            codes,
            tuple(marks[: len(atoms)]),
            tuple((step, marks) for step, marks in blocks if step >= 0),
            after[0] if after else (),
            items,
            item_marks,
            limits,
            rulers,
            clock_for(marker, segment),
        )

    def orders(self) -> Iterator[tuple[Slot, ...]]:
        """Every order in which the steps can be served."""
        return orders(self.segment.name, self.numbers, self._together)

    def _together(self, atoms: tuple[int, ...]) -> bool:
        """Whether one row can meet all of several conditions."""
        if any(self.atoms[n].checkpoint for n in atoms):
            return len(atoms) == 1
        return len(atoms) == 1 or bool(np.logical_and.reduce([self.marks[n] for n in atoms]).any())

    def possible(self) -> np.ndarray:
        """Containers that have a row for every condition that speaks of rows."""
        here, found = self.here, np.ones(len(self.here), bool)
        rows = [n for n, atom in enumerate(self.atoms) if not atom.checkpoint]
        for first in range(0, len(rows), 64):
            bits_of = np.zeros(self.marks[0].size, np.uint64)
            wanted = _bits(tuple(self.marks[n] for n in rows[first : first + 64]), 0, bits_of)
            seen = bits_seen(self.codes, bits_of, here.stream.rows, here.low, here.high)
            found &= seen == wanted
        return found

    def walked(self, order: tuple[Slot, ...], low: np.ndarray) -> tuple[np.ndarray, ...]:
        """Walk one order through all containers, each from a place on."""
        store, here = self.marker.store, self.here
        chain, bits_of = self._chain(order)
        slots = [
            sum(1 << k for k, slot in enumerate(order) if slot.atoms == (n,))
            for n in range(len(self.atoms))
        ]
        bits = np.zeros(self.item_marks.shape[1], np.uint64)
        for number, mark in enumerate(self.item_marks):
            bits[mark] |= np.uint64(slots[number])
        items = self.items._replace(bits=bits)
        parts = run_slices(
            lambda part: kernels.walked(
                self.codes,
                bits_of,
                store.times,
                store.sequence,
                here.stream.rows,
                low[part],
                here.high[part],
                part.start,
                chain,
                items,
                self.clock,
            ),
            here.high - low,
        )
        if not parts:
            return tuple(np.empty(0, np.int64) for _ in range(4))
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))

    def _chain(self, order: tuple[Slot, ...]) -> tuple[Chain, np.ndarray]:
        """The arrays of one order, and the bits of each code in it."""
        blocks = [b for b in self.blocks if b[0] >= 0]
        used = len(order) + sum(len(m) for _, m in blocks) + len(self.after)
        if used > MOST_CONDITIONS:
            raise ArgumentError.of(
                "steps",
                message("{n} conditions", n=used),
                message("{n} conditions, exclusions included", n=MOST_CONDITIONS),
            )
        bits_of = np.zeros(self.marks[0].size, np.uint64)
        for k, slot in enumerate(order):
            together = np.logical_and.reduce([self.marks[n] for n in slot.atoms])
            bits_of[together] |= np.uint64(1 << k)
        rows = bits_of & np.uint64((1 << len(order)) - 1)
        overlapping = bool((rows & (rows - (rows > 0))).any())
        block_slot, block_bits, bit = [], [], len(order)
        for k, slot in enumerate(order):
            for step, marks in blocks:
                if slot.first and step == slot.step:
                    block_slot.append(k)
                    block_bits.append(_bits(marks, bit, bits_of))
                    bit += len(marks)
        total = self.segment.total_within
        least, most, further = self._distances(order)
        chain = Chain(
            slots=len(order),
            overlapping=overlapping,
            least=least,
            most=most,
            further_of=further[0],
            further_kind=further[1],
            further_least=further[2],
            further_most=further[3],
            further_ruler=further[4],
            rulers=self.rulers,
            block_slot=np.array(block_slot, np.int64),
            block_bits=np.array(block_bits, np.uint64),
            after_bits=_bits(self.after, bit, bits_of),
            after_last=self.segment.anchor == "last",
            total=total.microseconds if isinstance(total, Duration) else UNLIMITED,
            total_months=total.amount if isinstance(total, Limit) else -1,
            one_is_enough=self.segment.part == "everyone" and not self.after,
        )
        return chain, bits_of

    def _distances(
        self, order: tuple[Slot, ...]
    ) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
        """Bounds in time and events for each place of an order, and all further limits."""
        least = np.zeros((len(order), 2), np.int64)
        most = np.full((len(order), 2), UNLIMITED, np.int64)
        further: list[tuple[int, ...]] = []
        further_of = [0]
        for k, slot in enumerate(order):
            for step, kind, low, high, line in self.limits:
                if not slot.first or step != slot.step:
                    continue
                if kind in (TIME, EVENTS):
                    least[k, kind] = max(least[k, kind], low)
                    most[k, kind] = high if high >= 0 else most[k, kind]
                else:
                    further.append((kind, low, high, line))
            further_of.append(len(further))
        columns = np.array(further, np.int64).reshape(-1, 4).T
        return least, most, (np.array(further_of, np.int64), *np.ascontiguousarray(columns))


def _bits(marks: tuple[np.ndarray, ...], first: int, bits_of: np.ndarray) -> np.uint64:
    """Give each mark a bit, from `first` on, and write it to the bits of every code."""
    for number, mark in enumerate(marks):
        bits_of[mark] |= np.uint64(1 << (first + number))
    return np.uint64(((1 << len(marks)) - 1) << first)
