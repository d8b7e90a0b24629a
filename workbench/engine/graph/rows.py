"""What the rows at each node of a graph add up to: rows, measures, distinct keys.

A row counts at a node when it matches it and its container reached the node, or, in sequence,
when the row itself reached it. Every tally also knows unions of nodes, of which a row counts
once, and the total over all rows of the counted containers.

Source: journeys-canvas.md, section 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from workbench.engine.executors import run_slices
from workbench.engine.graph.reach import Reach

_NOTHING = np.empty(0, np.uint64)
_ONE = np.uint64(1)


@dataclass(frozen=True)
class Tally:
    """One number a node, one a union of nodes, and the total.

    Attributes
    ----------
    nodes, unions : numpy.ndarray of float
    total : float
    """

    nodes: np.ndarray
    unions: np.ndarray
    total: float

    @classmethod
    def of(cls, slots: np.ndarray, nodes: int) -> Tally:
        """From one array: nodes, then unions, then the total."""
        slots = slots.astype(float)
        return cls(slots[:nodes], slots[nodes:-1], float(slots[-1]))


@dataclass(frozen=True)
class Rows:
    """The rows that count at the nodes of a graph.

    Attributes
    ----------
    found : Reach
    counted : numpy.ndarray of bool, shape (containers,)
    unions : numpy.ndarray of uint64
        Nodes of each union as bits, at most 64 unions.
    in_sequence : bool
        Whether only rows count that themselves reached the node.
    """

    found: Reach
    counted: np.ndarray
    unions: np.ndarray
    in_sequence: bool

    def _run(self, kernel: Callable[..., Any], *more: Any) -> list[Any]:
        """Call a kernel for slices of containers with the bits of their rows."""
        found, compiled = self.found, self.found.compiled
        keep = np.empty(0, np.bool_) if compiled.keep is None else compiled.keep

        def part_of(part: slice) -> Any:
            first, high = found.walked_from[part], found.high[part]
            row_bits, base = _NOTHING, 0
            if self.in_sequence and first.size:
                row_bits, base = compiled.walk(first, high, rows=True)[6], int(first[0])
            return kernel(
                compiled.codes,
                compiled.bits_of,
                found.stream.rows,
                found.low[part],
                high,
                self.counted[part],
                found.reached[part],
                row_bits,
                base,
                keep,
                part.start or 0,
                *more,
            )

        return run_slices(part_of, found.high - found.walked_from)

    @property
    def _nodes(self) -> int:
        return self.found.compiled.nodes

    def events(self) -> Tally:
        """Rows."""
        parts = self._run(_events, self._nodes, self.unions)
        return Tally.of(np.sum(parts, axis=0), self._nodes)

    def sums(self, measure: np.ndarray) -> tuple[Tally, Tally]:
        """The sum of a measure, and the rows that carry it."""
        parts = self._run(_sums, self._nodes, self.unions, measure)
        size = self._nodes + self.unions.size + 1
        total, lost, known = np.zeros(size), np.zeros(size), np.zeros(size)
        for sums, rests, rows in parts:
            for slot in range(size):
                total[slot], lost[slot] = _added(total[slot], lost[slot], sums[slot])
            lost += rests
            known += rows
        return Tally.of(total + lost, self._nodes), Tally.of(known, self._nodes)

    def distinct(self, keys: np.ndarray, values: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which values of a column occur at each node, each union and at all.

        Parameters
        ----------
        keys : numpy.ndarray
            Code of every row of the store; `values` means missing.

        Returns
        -------
        nodes, unions : numpy.ndarray of uint64, shape (values,)
            A bit a node or union.
        total : numpy.ndarray of bool, shape (values,)
        """
        parts = self._run(_distinct, self._nodes, self.unions, keys, values)
        nodes, unions, total = parts[0] if parts else _no_values(values)
        for part in parts[1:]:
            nodes |= part[0]
            unions |= part[1]
            total |= part[2]
        return nodes, unions, total

    def at(self, node: int, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The rows that count at a node, of chosen containers.

        Returns
        -------
        containers, places : numpy.ndarray of int64
            One line a row; places of the stream.
        """
        kept = Rows(self.found, self.counted & chosen, self.unions, self.in_sequence)
        parts = kept._run(_at, node)
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))  # type: ignore[return-value]


def _no_values(values: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.zeros(values, np.uint64), np.zeros(values, np.uint64), np.zeros(values, np.bool_)


@njit(nogil=True, cache=True)
def _events(
    codes, bits_of, rows, low, high, counted, reached, row_bits, base, keep, first, nodes, unions
):
    out = np.zeros(nodes + unions.size + 1, np.int64)
    sequence, sifted = row_bits.size > 0, keep.size > 0
    by_class = not sequence and not sifted and bits_of.size <= 256
    rows_of = np.zeros(bits_of.size, np.int64)
    for c in range(low.size):
        if not counted[c]:
            continue
        out[-1] += 0 if sifted else high[c] - low[c]
        mask = reached[c]
        if mask == 0 and not sifted:
            continue
        if by_class:
            # Few codes: rows are counted by code first, and looked at no further.
            rows_of[:] = 0
            for i in range(low[c], high[c]):
                rows_of[codes[rows[i] if rows.size else i]] += 1
            for k in range(bits_of.size):
                if bits_of[k] & mask:
                    _add_at(out, bits_of[k] & mask, unions, nodes, rows_of[k])
            continue
        for i in range(low[c], high[c]):
            row = rows[i] if rows.size else i
            if sifted:
                out[-1] += keep[row]
            bits = row_bits[i - base] if sequence else bits_of[codes[row]] & mask
            if bits:
                _add_at(out, bits, unions, nodes, 1)
    return out


@njit(nogil=True, cache=True)
def _add_at(out, bits, unions, nodes, number):
    """Add a number of rows at every node and union that they count at."""
    for u in range(unions.size):
        if bits & unions[u]:
            out[nodes + u] += number
    n = 0
    while bits:
        if bits & _ONE:
            out[n] += number
        bits >>= _ONE
        n += 1


@njit(nogil=True, cache=True)
def _added(total, lost, value):
    """Add a value to a sum and what rounding has lost of it so far (Neumaier)."""
    larger = total + value
    if abs(total) >= abs(value):
        return larger, lost + ((total - larger) + value)
    return larger, lost + ((value - larger) + total)


@njit(nogil=True, cache=True)
def _sums(
    codes, bits_of, rows, low, high, counted, reached, row_bits, base, keep, first, nodes, unions,
    measure,
):  # fmt: skip
    """Sums, what rounding has lost of them, and rows that carry the measure.

    Whatever slices the rows were cut into, the sum comes out the same.
    """
    size = nodes + unions.size + 1
    out, lost, known = np.zeros(size), np.zeros(size), np.zeros(size, np.int64)
    for c in range(low.size):
        if not counted[c]:
            continue
        for i in range(low[c], high[c]):
            row = rows[i] if rows.size else i
            value = measure[row]
            if value != value or (keep.size and not keep[row]):
                continue
            bits = row_bits[i - base] if row_bits.size else bits_of[codes[row]] & reached[c]
            out[-1], lost[-1] = _added(out[-1], lost[-1], value)
            known[-1] += 1
            for u in range(unions.size):
                if bits & unions[u]:
                    slot = nodes + u
                    out[slot], lost[slot] = _added(out[slot], lost[slot], value)
                    known[slot] += 1
            n = 0
            while bits:
                if bits & _ONE:
                    out[n], lost[n] = _added(out[n], lost[n], value)
                    known[n] += 1
                bits >>= _ONE
                n += 1
    return out, lost, known


@njit(nogil=True, cache=True)
def _distinct(
    codes, bits_of, rows, low, high, counted, reached, row_bits, base, keep, first, nodes, unions,
    keys, values,
):  # fmt: skip
    of_nodes, of_unions = np.zeros(values, np.uint64), np.zeros(values, np.uint64)
    total = np.zeros(values, np.bool_)
    for c in range(low.size):
        if not counted[c]:
            continue
        for i in range(low[c], high[c]):
            row = rows[i] if rows.size else i
            key = np.int64(keys[row])
            if key >= values or (keep.size and not keep[row]):
                continue
            total[key] = True
            bits = row_bits[i - base] if row_bits.size else bits_of[codes[row]] & reached[c]
            if bits == 0:
                continue
            of_nodes[key] |= bits
            for u in range(unions.size):
                if bits & unions[u]:
                    of_unions[key] |= _ONE << np.uint64(u)
    return of_nodes, of_unions, total


@njit(nogil=True, cache=True)
def _at(
    codes, bits_of, rows, low, high, counted, reached, row_bits, base, keep, first, node
):  # fmt: skip
    """Containers and places of the rows that count at a node."""
    size = 0
    for fill in range(2):
        containers, places = np.empty(size, np.int64), np.empty(size, np.int64)
        size = 0
        for c in range(low.size):
            if not counted[c] or not reached[c] >> np.uint64(node) & _ONE:
                continue
            for i in range(low[c], high[c]):
                row = rows[i] if rows.size else i
                bits = row_bits[i - base] if row_bits.size else bits_of[codes[row]]
                if bits >> np.uint64(node) & _ONE:
                    if fill:
                        containers[size], places[size] = first + c, i
                    size += 1
    return containers, places
