"""Small groups of a table hidden, and as many others that none of them can be computed.

A count of 1 to `least` - 1 is hidden; so is every share, amount, date and duration of a row in
which a count is hidden, and every share that with a count of its row comes to a small group. Then
cells are hidden until no hidden one follows from what is left: from sums of columns (overall and
within the rows that share a text), from totals that stand in the table, from columns that are sums,
differences or copies of others, and from steps that are the step before less those who fell out.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

COUNT = "count"
DERIVED = ("share", "points", "money", "number", "duration", "date")
_MOST_SUMMED = 12
_NEAR = 1e-6
_MOST_BOUND = 40
MOST_HIDDEN = 400  # of more, the whole table is left out

Cell = tuple[int, int]
# Cells of which the sum, each with its sign, is known to somebody.
Relation = tuple[tuple[Cell, float], ...]


@dataclass
class Hidden:
    """What of a table is hidden.

    Attributes
    ----------
    small : set of (row, column)
        Counts and shares of small groups.
    others : set of (row, column)
        Counts hidden so that the small ones cannot be computed, and what is derived from either.
    numbers : set of int
        Every hidden count.
    """

    small: set[Cell] = field(default_factory=set)
    others: set[Cell] = field(default_factory=set)
    numbers: set[int] = field(default_factory=set)

    @property
    def cells(self) -> set[Cell]:
        """All hidden cells."""
        return self.small | self.others


def hide_small(
    columns: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[Any]], least: int
) -> Hidden:
    """Which cells of a table must be hidden so that no group of fewer than `least` is told.

    Parameters
    ----------
    columns : sequence of mapping
        With ``kind``; those of kind ``count`` count accounts or people.
    rows : sequence of sequence
    least : int
    """
    kinds = [str(column.get("kind", "text")) for column in columns]
    counted = [position for position, kind in enumerate(kinds) if kind == COUNT]
    found = Hidden()
    for number, row in enumerate(rows):
        for position in counted:
            value = row[position]
            if _is_number(value) and 0 < value < least:
                found.small.add((number, position))
        for position, kind in enumerate(kinds):
            if kind == "share" and _small_share(row[position], row, counted, least):
                found.small.add((number, position))
    hidden = {cell for cell in found.small if kinds[cell[1]] == COUNT}
    if found.small:
        _complement(hidden, _known_sums(kinds, rows, counted), rows, least)
    rows_hidden = {number for number, _ in hidden | found.small}
    found.others |= hidden - found.small
    found.others |= {
        (number, position)
        for number in rows_hidden
        for position, kind in enumerate(kinds)
        if kind in DERIVED
        and rows[number][position] is not None
        and (kind != "date" or position > 0)  # the day that a row is about tells of nobody
    } - found.small
    found.numbers = {int(rows[number][position]) for number, position in hidden}
    return found


def _small_share(value: Any, row: Sequence[Any], counted: Sequence[int], least: int) -> bool:
    if not _is_number(value) or not 0 < value < 1:
        return False
    for position in counted:
        if _is_number(row[position]) and row[position] > 0:
            part = value * row[position]
            if 0 < round(part) < least and abs(part - round(part)) < _NEAR * max(1.0, part):
                return True
    return False


def _known_sums(
    kinds: Sequence[str], rows: Sequence[Sequence[Any]], counted: Sequence[int]
) -> list[Relation]:
    """Every sum of counts that somebody may know, from the table itself or from elsewhere."""
    numeric = [p for p in counted if all(row[p] is None or _is_number(row[p]) for row in rows)]
    found: list[Relation] = []
    for position in numeric:
        found += _column_sums(position, kinds, rows)
    found += _row_sums(numeric, rows)
    found += _lagged(numeric, rows)
    return [relation for relation in found if len(relation) > 1]


def _column_sums(
    position: int, kinds: Sequence[str], rows: Sequence[Sequence[Any]]
) -> Iterator[Relation]:
    filled = [number for number, row in enumerate(rows) if row[position] is not None]
    total = _total_row(filled, [rows[number][position] for number in filled])
    parts = [number for number in filled if number != total]
    yield tuple(((number, position), 1.0) for number in parts)
    if total is not None:
        yield (*(((number, position), 1.0) for number in parts), ((total, position), -1.0))
    for label, kind in enumerate(kinds):
        if kind != "text":
            continue
        groups: dict[Any, list[int]] = {}
        for number in parts:
            groups.setdefault(rows[number][label], []).append(number)
        if len(groups) < len(parts):
            for group in groups.values():
                yield tuple(((number, position), 1.0) for number in group)


def _total_row(filled: Sequence[int], values: Sequence[float]) -> int | None:
    """The row that is the sum of all others, first or last."""
    whole = sum(values)
    for place in (-1, 0):
        if len(values) > 2 and values[place] > 0 and whole == 2 * values[place]:
            return filled[place]
    return None


def _row_sums(numeric: Sequence[int], rows: Sequence[Sequence[Any]]) -> list[Relation]:
    """Columns that are the same as another, or the sum of two others or of all others."""
    full = [n for n, row in enumerate(rows) if all(row[p] is not None for p in numeric)]
    if len(numeric) < 2 or not full:
        return []
    values = np.array([[float(rows[n][p]) for p in numeric] for n in full])
    signs: list[dict[int, float]] = []
    for one, other in itertools.combinations(range(len(numeric)), 2):
        if np.array_equal(values[:, one], values[:, other]):
            signs.append({one: 1.0, other: -1.0})
    if len(numeric) <= _MOST_SUMMED:
        for whole in range(len(numeric)):
            rest = [p for p in range(len(numeric)) if p != whole]
            for one, other in itertools.combinations(rest, 2):
                if np.array_equal(values[:, whole], values[:, one] + values[:, other]):
                    signs.append({whole: -1.0, one: 1.0, other: 1.0})
    for whole in range(len(numeric)):
        if len(numeric) > 3 and np.array_equal(2 * values[:, whole], values.sum(axis=1)):
            signs.append({p: -1.0 if p == whole else 1.0 for p in range(len(numeric))})
    return [
        tuple(((n, numeric[p]), sign) for p, sign in chosen.items())
        for chosen in signs
        for n in full
    ]


def _lagged(numeric: Sequence[int], rows: Sequence[Sequence[Any]]) -> list[Relation]:
    """Rows where a count is that of the row before less another count, as steps of a funnel."""
    found: list[Relation] = []
    for kept, lost in itertools.permutations(numeric[:_MOST_SUMMED], 2):
        for late in (0, 1):
            relation: list[Relation] = []
            for number in range(1, len(rows)):
                cells = ((number - 1, kept), (number, kept), (number - late, lost))
                a, b, c = (rows[r][p] for r, p in cells)
                if None in (a, b, c) or not a:
                    continue
                if a - b != c:
                    relation = []
                    break
                relation.append(tuple(zip(cells, (1.0, -1.0, -1.0), strict=True)))
            if len(relation) > 1:
                found += relation
    return found


def _complement(
    hidden: set[Cell], relations: Sequence[Relation], rows: Sequence[Sequence[Any]], least: int
) -> None:
    """Hide further counts until no small one follows from the known sums."""
    small = set(hidden)
    while len(hidden) <= MOST_HIDDEN:
        # A sum of which nothing is shown stands in no table.
        touched = [
            one for one in relations if 0 < sum(cell in hidden for cell, _ in one) < len(one)
        ]
        lone = [one for one in touched if sum(cell in hidden for cell, _ in one) == 1]
        told = lone or _by_bounds(small, hidden, touched, rows, least)
        told = told or _by_rank(small, hidden, touched)
        grown = _taken(told, hidden, rows)
        if told and not grown:  # what is beside them: the sums themselves are known from elsewhere
            grown = _taken([one for one in touched if one not in told], hidden, rows)
        if not grown:
            return
        hidden |= grown


def _taken(
    relations: Sequence[Relation], hidden: set[Cell], rows: Sequence[Sequence[Any]]
) -> set[Cell]:
    """Of each sum the smallest count that is not hidden yet; of equals the first."""
    found: set[Cell] = set()
    for relation in relations:
        if found & {cell for cell, _ in relation}:
            continue  # one that was just taken may do for this sum too
        left = [cell for cell, _ in relation if cell not in hidden]
        some = [cell for cell in left if float(rows[cell[0]][cell[1]]) > 0] or left
        if some:
            found.add(min(some, key=lambda cell: (float(rows[cell[0]][cell[1]]), cell)))
    return found


def _by_bounds(
    small: set[Cell], hidden: set[Cell], touched: Sequence[Relation],
    rows: Sequence[Sequence[Any]], least: int,
) -> list[Relation]:  # fmt: skip
    """Every hidden count lies in a range: 1 to least - 1, or anything from 0 on; sums narrow it."""
    low = {cell: 1.0 if cell in small else 0.0 for cell in hidden}
    high = {cell: least - 1.0 if cell in small else math.inf for cell in hidden}
    for _ in range(50):
        changed = False
        for relation in touched:
            unknown = [(cell, sign) for cell, sign in relation if cell in hidden]
            if len(unknown) > _MOST_BOUND:
                continue  # so many are free that none is narrow
            rest = sum(sign * float(rows[c[0]][c[1]]) for c, sign in unknown)
            for cell, sign in unknown:
                others = [(c, s) for c, s in unknown if c != cell]
                most = rest - sum((low if s > 0 else high)[c] * s for c, s in others)
                fewest = rest - sum((high if s > 0 else low)[c] * s for c, s in others)
                ends = sorted((most * sign, fewest * sign))
                if ends[0] > low[cell] or ends[1] < high[cell]:
                    low[cell], high[cell] = max(low[cell], ends[0]), min(high[cell], ends[1])
                    changed = True
            if any(cell in small and high[cell] - low[cell] < 1 for cell, _ in unknown):
                return [relation]
        if not changed:
            break
    return []


def _by_rank(small: set[Cell], hidden: set[Cell], touched: Sequence[Relation]) -> list[Relation]:
    """A hidden count is told when every solution of all sums together has the same one."""
    cells = sorted(hidden)
    place = {cell: n for n, cell in enumerate(cells)}
    matrix = np.zeros((len(touched), len(cells)))
    for line, relation in enumerate(touched):
        for cell, sign in relation:
            if cell in place:
                matrix[line, place[cell]] += sign
    if not matrix.size:
        return []
    _, sizes, turned = np.linalg.svd(matrix, full_matrices=True)
    free = turned[int((sizes > 1e-9).sum()) :]
    for cell in sorted(small):
        if not free.size or np.abs(free[:, place[cell]]).max() < 1e-9:
            return [relation for relation in touched if any(c == cell for c, _ in relation)]
    return []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
