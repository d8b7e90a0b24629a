"""Edits of a list view: lines added to a file beside the source, which is never written.

Each line says what the source held when the edit was made. While the source still holds that, the
edit is shown; when the source holds the new value, the edit is settled; when it holds something
else, the source is shown and the edit is a conflict.

Source: sales-pipeline.md, section 4 (edits overlay, bulk edit with preview).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench import ledger
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message, message_of_count
from workbench.quoting import quoted
from workbench.results.base import Block
from workbench.results.tables import Column, plain_table
from workbench.sales.views.fields import Objects
from workbench.sales.views.schema import Thing, key_of

if TYPE_CHECKING:
    from workbench.sales.views.result import ListView

KEYS = ("object", "key", "column", "seen", "value", "by", "at")
STATES = ("shown", "settled", "conflict", "gone")
COLUMNS = {
    "key": "Key of the row",
    "column": "Column",
    "source": "What the source holds now",
    "seen": "What the source held when the edit was made",
    "value": "What the edit says",
    "by": "Who made it",
    "at": "When",
    "state": "shown, settled (the source says the same), conflict, or gone (no such row)",
}


def read_edits(path: str | Path, table: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The last edit of each row and column of a table.

    Raises
    ------
    ArgumentError
        When a line is no edit.
    """
    file = Path(path)
    if not file.exists():
        return {}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise ArgumentError.of("edits", str(path), message("a file of edits that can be read"),
                               f"{type(problem).__name__}.") from None  # fmt: skip
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            edit = json.loads(line)
            known = {name: edit[name] for name in KEYS}
        except (ValueError, TypeError, KeyError):
            raise ArgumentError.of(
                "edits",
                str(path),
                message("lines of edits, as a list view writes them"),
                message("Line {n} is none.", n=number),
            ) from None
        if known["object"] == table:
            found[(str(known["key"]), str(known["column"]))] = known
    return found


def overlaid(
    objects: Objects, thing: Thing, edits: Mapping[tuple[str, str], dict[str, Any]]
) -> pd.DataFrame:
    """Lay edits over the rows of an object and say what became of each.

    Returns
    -------
    pandas.DataFrame
        One line an edit, with the columns of `COLUMNS`.
    """
    key = key_of(objects.workspace, thing.table)
    lines, replaced, joined = [], [], []
    columns = sorted({column for _, column in edits if key and column in thing.columns})
    for place, column in enumerate(columns):
        own = {k: edit for (k, c), edit in edits.items() if c == column}
        held = _source_values(objects, thing.table, key, column, list(own))
        shown = {}
        for row, edit in sorted(own.items()):
            state = _state(row, edit, held)
            if state == "shown":
                shown[row] = edit["value"]
            lines.append({**edit, "key": row, "source": held.get(row), "state": state})
        keys, values = objects.bound(list(shown)), objects.bound(list(shown.values()))
        name, kind = quoted(column), thing.columns[column]
        joined.append(
            f"LEFT JOIN (SELECT unnest({keys}::VARCHAR[]) AS k, unnest({values}::VARCHAR[]) AS v) "
            f"e{place} ON e{place}.k = t.{quoted(key)}::VARCHAR"
        )
        replaced.append(
            f"CASE WHEN e{place}.k IS NULL THEN t.{name} ELSE e{place}.v::{kind} END AS {name}"
        )
    if replaced:
        objects.relations[thing.sql] = (
            f"(SELECT t.* REPLACE ({', '.join(replaced)}) FROM {quoted(thing.table)} t "
            f"{' '.join(joined)} WHERE {objects.cut(thing)})"
        )
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _state(row: str, edit: Mapping[str, Any], held: Mapping[str, Any]) -> str:
    if row not in held:
        return "gone"
    if held[row] == edit["value"]:
        return "settled"
    return "shown" if held[row] == edit["seen"] else "conflict"


def _source_values(
    objects: Objects, table: str, key: str, column: str, rows: Iterable[str]
) -> dict[str, str | None]:
    """What the source holds in a column, as text."""
    read = objects.ask(
        f"SELECT {quoted(key)}::VARCHAR AS k, min({quoted(column)}::VARCHAR) AS v "
        f"FROM {quoted(table)} WHERE {quoted(key)}::VARCHAR IN "
        f"(SELECT unnest({objects.bound([str(r) for r in rows])}::VARCHAR[])) GROUP BY ALL"
    )
    return dict(zip(read["k"].to_pylist(), read["v"].to_pylist(), strict=True))


@dataclass(frozen=True)
class Edits(Block):
    """A preview of edits; nothing is written before `save`.

    Attributes
    ----------
    frame : pandas.DataFrame
        ``key, column, before, after, changes``: what is shown now and what would be.
    lines : tuple of mapping
        What `save` adds to the file.
    path : pathlib.Path or None
        The file of the list view.
    """

    frame: pd.DataFrame
    lines: tuple[Mapping[str, Any], ...] = ()
    path: Path | None = field(default=None)

    def __repr__(self) -> str:
        return f"Edits: {self.content['heading']}"

    def save(
        self, path: str | Path | None = None, *, by: str = "", at: datetime | None = None
    ) -> Path:  # fmt: skip
        """Add the edits to the end of a file; the source stays as it is.

        Parameters
        ----------
        path : str or pathlib.Path, optional
            The file that the list view was asked with when left out.
        by : str
            Who makes them.
        at : datetime, optional
            When; the present instant when left out.
        """
        target = self.path if path is None else Path(path)
        if target is None or not target.parent.is_dir():
            raise ArgumentError.of("path", str(target), message("a file in a folder that exists"))
        when = (at or datetime.now(UTC)).astimezone(UTC).isoformat()
        text = "".join(
            json.dumps({**line, "by": by, "at": when}, ensure_ascii=False, sort_keys=True) + "\n"
            for line in self.lines
        )
        try:
            with ledger.alone(target) as stream:
                ledger.add(stream, text, errors="backslashreplace")
        except OSError as problem:
            raise ArgumentError.of("path", str(target), message("a place that can be written"),
                                   f"{problem.strerror}.") from None  # fmt: skip
        return target


def previewed(view: ListView, keys: Iterable[str], values: Mapping[str, Any]) -> Edits:
    """What would change if some rows of a list view got new values."""
    objects, thing = view.objects, view.objects.things[0]
    key = key_of(view.workspace, thing.table)
    if not key:
        raise AbsentError.of("object", thing.table, message("a table with one key column"))
    if not isinstance(values, Mapping) or not values:
        raise ArgumentError.of("values", values, message("a mapping of column to new value"))
    rows = list(dict.fromkeys(map(str, keys)))
    lines, shown = [], []
    for name, value in values.items():
        column = _editable(view, name, key)
        after = _cast(objects, thing, column, value)
        held = _source_values(objects, thing.table, key, column, rows)
        unknown = [row for row in rows if row not in held]
        if unknown:
            raise ArgumentError.of("key", unknown[0], message("a key of {table}",
                                                              table=thing.table))  # fmt: skip
        now = {row: edit for row, edit in _now(view, column).items() if row in held}
        for row in rows:
            before = now.get(row, held[row])
            shown.append({"key": row, "column": column, "before": before, "after": after,
                          "changes": before != after})  # fmt: skip
            if before != after:
                lines.append({"object": thing.table, "key": row, "column": column,
                              "seen": held[row], "value": after})  # fmt: skip
    frame = pd.DataFrame(shown, columns=["key", "column", "before", "after", "changes"])
    return Edits(_block(frame, len(lines)), frame, tuple(lines), view.edits_path)


def _now(view: ListView, column: str) -> dict[str, Any]:
    edits = view.edits
    own = edits[(edits["column"] == column) & (edits["state"] == "shown")]
    return dict(zip(own["key"], own["value"], strict=True))


def _editable(view: ListView, name: str, key: str) -> str:
    thing = view.objects.things[0]
    columns = [c for c in thing.columns if c != key]
    found = next((c for c in (name, f"x_{name}") if c in columns), None)
    if found is None:
        raise ArgumentError.of("column", name, columns)
    return found


def _cast(objects: Objects, thing: Thing, column: str, value: Any) -> str | None:
    """A new value as the database writes it as text."""
    if value is None:
        return None
    kind = thing.columns[column]
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "VARCHAR":
        return text
    place = objects.bound(text)
    read = objects.ask(f"SELECT try_cast({place}::VARCHAR AS {kind})::VARCHAR AS v")
    found = read["v"].to_pylist()[0]
    if found is None:
        raise ArgumentError.of("value", value, message("a value for {column}, which holds {kind}",
                                                       column=column, kind=kind))  # fmt: skip
    info = objects.workspace.tables[thing.table].column(column)
    if info is not None and info.nonnegative and float(found) < 0:
        raise ArgumentError.of("value", value, message("0 or more"))
    return found


def _block(frame: pd.DataFrame, changes: int) -> dict[str, Any]:
    heading = message_of_count("{count} value would change", "{count} values would change", changes)
    columns = (
        Column("key", message("Key")), Column("column", message("Column")),
        Column("before", message("Now")), Column("after", message("Then")),
    )  # fmt: skip
    return {
        "block": "table",
        "anchor": "edits",
        "heading": heading,
        "reading": message("Nothing is written before it is saved; the source is never written."),
        "table": plain_table(frame[frame["changes"]], columns, file_name="edits.csv"),
    }
