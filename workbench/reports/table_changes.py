"""What changed between two tables: rows that came, went, or say something else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.reports.kept_tables import KeptTable

CLOSE = 1e-9  # numbers that differ by less than this part of themselves are the same


@dataclass(frozen=True)
class TableChange:
    """What is different between two tables of one place.

    Attributes
    ----------
    anchor, title : str
    keys : tuple of str
        Labels of the columns by which rows are recognised; empty when they are counted off.
    added, removed : tuple
        Rows of the newer and of the older table, as (key, row as label → value).
    changed : tuple
        (key, label, before, after) of each cell.
    columns_added, columns_removed : tuple of str
    rows : tuple of int
        Rows before and after.
    """

    anchor: str
    title: str
    keys: tuple[str, ...]
    added: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    removed: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    changed: tuple[tuple[str, str, Any, Any], ...] = ()
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    rows: tuple[int, int] = (0, 0)

    @property
    def same(self) -> bool:
        """Whether nothing is different."""
        parts = (self.added, self.removed, self.changed, self.columns_added, self.columns_removed)
        return not any(parts)


def compare_tables(
    before: Sequence[KeptTable], after: Sequence[KeptTable]
) -> tuple[list[TableChange], list[str], list[str]]:
    """Compare the tables of two pages by their places.

    Returns
    -------
    tuple
        A `TableChange` for each place that both have, in the order of the newer page; titles of
        tables that only the newer page has; titles of those that only the older one has.
    """
    old = {table.anchor: table for table in before}
    new = {table.anchor: table for table in after}
    both = [change_of(old[anchor], table) for anchor, table in new.items() if anchor in old]
    came = [table.title for anchor, table in new.items() if anchor not in old]
    went = [table.title for anchor, table in old.items() if anchor not in new]
    return both, came, went


def change_of(before: KeptTable, after: KeptTable) -> TableChange:
    """Compare two tables row by row."""
    names = [_names(table) for table in (before, after)]
    shared = [name for name in names[1] if name in names[0]]
    keys = _key_columns(before, after, shared)
    old, new = (_by_key(table, keys) for table in (before, after))
    labels = dict(zip(names[1], after.labels, strict=True))
    changed = [
        (key, labels[name], old[key][name], row[name])
        for key, row in new.items()
        if key in old
        for name in shared
        if name not in keys and not _equal(old[key][name], row[name])
    ]
    return TableChange(
        after.anchor,
        after.title,
        tuple(labels[name] for name in keys),
        tuple((_said(key), row) for key, row in new.items() if key not in old),
        tuple((_said(key), row) for key, row in old.items() if key not in new),
        tuple((_said(key), label, a, b) for key, label, a, b in changed),
        tuple(labels[name] for name in names[1] if name not in names[0]),
        tuple(name for name in names[0] if name not in names[1]),
        (len(before.rows), len(after.rows)),
    )


def _names(table: KeptTable) -> list[str]:
    return [str(column["name"]) for column in table.columns]


def _key_columns(before: KeptTable, after: KeptTable, shared: Sequence[str]) -> tuple[str, ...]:
    """Columns that tell the rows of both tables apart: a key, else the fewest first texts."""
    kinds = dict(zip(_names(after), (column["kind"] for column in after.columns), strict=True))
    texts = [name for name in shared if kinds[name] in ("text", "date")]
    named = [name for name in texts if name.lower() == "key" or name.lower().endswith("_id")]
    candidates: list[tuple[str, ...]] = [(name,) for name in [*named, *texts]]
    candidates += [tuple(texts[:count]) for count in range(2, len(texts) + 1)]
    for candidate in candidates:
        if all(_distinct(table, candidate) for table in (before, after)):
            return candidate
    return tuple(texts)


def _distinct(table: KeptTable, names: Sequence[str]) -> bool:
    places = [_names(table).index(name) for name in names]
    keys = [tuple(row[place] for place in places) for row in table.rows]
    return len(set(keys)) == len(keys) and all(any(v is not None for v in key) for key in keys)


def _by_key(table: KeptTable, keys: Sequence[str]) -> dict[tuple[str, ...], dict[str, Any]]:
    """Rows by what tells them apart; of equal ones the second is told apart by its number."""
    names = _names(table)
    seen: Counter[tuple[str, ...]] = Counter()
    found = {}
    for row in table.rows:
        filled = dict(zip(names, row, strict=True))
        key = tuple("" if filled[name] is None else str(filled[name]) for name in keys)
        seen[key] += 1
        if seen[key] > 1 or not keys:
            key = (*key, f"#{seen[key]}")
        found[key] = filled
    return found


def _said(key: tuple[str, ...]) -> str:
    return " · ".join(part for part in key if part)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=1e-12)
    return bool(one == other)
