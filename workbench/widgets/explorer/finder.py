"""Names and values of the data with their counts, found while somebody types.

Source: journeys-fallout.md, section 1 (touchpoints are chosen among the values there are).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.engine.layout import CODED
from workbench.workspace import Workspace

MOST_FOUND = 60
_PARTED = re.compile("[_-]")


class Finder:
    """Distinct values of every column, the commonest first.

    Parameters
    ----------
    workspace : Workspace

    Notes
    -----
    Values of the events are counted in events, those of accounts, people and opportunities in
    records.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._known: dict[str, tuple[pa.Array, pa.Array, np.ndarray]] = {}

    def fields(self) -> list[str]:
        """Names that a condition may compare, those of the events first."""
        own = [name for name in self.workspace.events.columns
               if name not in ("occurred_at", "sequence_no")]  # fmt: skip
        first = [name for name in ("event",) if name in own]
        further = [name for name in self.workspace.attribute_names() if name not in own]
        return [*first, *sorted(name for name in own if name not in first), *further]

    def dimensions(self) -> list[str]:
        """Names that split an answer: columns that hold a limited number of texts."""
        columns = self.workspace.events.columns
        numbers = {name for name, facts in columns.items() if facts["kind"] not in CODED}
        return [name for name in self.fields() if name not in numbers]

    def find(self, field: str, text: str, most: int = MOST_FOUND) -> dict[str, Any]:
        """Values of a field that hold every word of a text, the commonest first.

        Case is not looked at, and ``_``, ``-`` and spaces are the same.

        Returns
        -------
        dict
            ``items`` (each with value and rows), ``found`` and ``total`` (how many values).
        """
        values, folded, counts = self._values(field)
        if not len(values):
            return {"items": [], "found": 0, "total": 0}
        wanted = _PARTED.sub(" ", text.lower()).split()
        places = np.arange(len(values))
        for word in wanted:
            hit = pc.match_substring(folded, word)
            left = np.flatnonzero(hit.to_numpy(zero_copy_only=False))
            places, folded = places[left], folded.take(pa.array(left))
        shown = places[:most]
        items = [
            {"value": values[int(place)].as_py(), "rows": int(counts[place])} for place in shown
        ]
        return {"items": items, "found": len(places), "total": len(values)}

    def has(self, field: str, values: Sequence[str]) -> list[str]:
        """Those of some values that a field does not hold."""
        known = self._values(field)[0]
        inside = pc.is_in(pa.array(list(values), pa.string()), value_set=known)
        return [value for value, there in zip(values, inside.to_pylist(), strict=True) if not there]

    def _values(self, field: str) -> tuple[pa.Array, pa.Array, np.ndarray]:
        if field not in self._known:
            self._known[field] = self._counted(field)
        return self._known[field]

    def _counted(self, field: str) -> tuple[pa.Array, pa.Array, np.ndarray]:
        store, columns = self.workspace.events, self.workspace.events.columns
        if field in columns:
            if columns[field]["kind"] not in CODED:
                return _nothing()
            values = store.dictionary(field)
            rows = np.bincount(store.column(field), minlength=len(values) + 1)[: len(values)]
            if columns[field]["kind"] == "list":
                return _singles(*store.exploded(field), rows)
            return _ordered(values, rows)
        attribute = self.workspace.attribute(field)
        if attribute is None or isinstance(attribute.values, np.ndarray):
            return _nothing()
        counted = pc.value_counts(pc.drop_null(attribute.values))
        return _ordered(counted.field(0), counted.field(1).to_numpy())


def _nothing() -> tuple[pa.Array, pa.Array, np.ndarray]:
    return pa.array([], pa.string()), pa.array([], pa.string()), np.zeros(0, np.int64)


def _singles(
    names: list[str], places: np.ndarray, offsets: np.ndarray, rows: np.ndarray
) -> tuple[pa.Array, pa.Array, np.ndarray]:
    """Values of a column that holds lists, each with the rows whose list holds it."""
    each = np.repeat(rows, np.diff(offsets)[: len(rows)])
    counts = np.bincount(places, weights=each, minlength=len(names)).astype(np.int64)
    return _ordered(pa.array(names, pa.string()), counts)


def _ordered(values: pa.Array, counts: np.ndarray) -> tuple[pa.Array, pa.Array, np.ndarray]:
    """Values by their number of rows, the same in small letters, and the numbers."""
    order = np.argsort(-counts, kind="stable")
    ranked = values.take(pa.array(order)).cast(pa.string())
    folded = pc.replace_substring_regex(pc.utf8_lower(ranked), "[_-]", " ")
    return ranked, folded, counts[order]
