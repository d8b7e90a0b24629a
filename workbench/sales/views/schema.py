"""What definitions speak of: objects, fields, keys and references, and bound values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from workbench.data.tables import canonical_tables
from workbench.quoting import quoted

if TYPE_CHECKING:
    from workbench.workspace import Workspace

ROW, RATE = "␟row", "␟rate"
# Contact data of a partner lead are hidden when it expires, which only the analysis of leads can
# tell. Source: partner-leads.md, section 3 (effect of 14 days without reply).
HELD_BACK = {
    "partner_leads": ("contact_first_name", "contact_last_name", "email", "phone", "title"),
}
_unique: WeakKeyDictionary[Workspace, dict[str, bool]] = WeakKeyDictionary()
_QUOTED = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'")
_PLACE = re.compile(r"\$v\d+\b")


class Bound:
    """Values of one question, each with the place that stands for it in the SQL."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def __call__(self, value: Any) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def of(self, text: str) -> dict[str, Any]:
        """The values whose places stand in a text."""
        used = set(_PLACE.findall(_QUOTED.sub(" ", text)))
        return {name: value for name, value in self.values.items() if f"${name}" in used}


class NotKnown(LookupError):
    """A name that leads nowhere.

    Attributes
    ----------
    said : str
    absent : bool
        Whether other data could hold it.
    """

    def __init__(self, said: str, absent: bool) -> None:
        super().__init__(said)
        self.said, self.absent = said, absent


@dataclass(frozen=True)
class Thing:
    """An object that takes part: the name by which fields say it, and its table."""

    name: str
    table: str
    sql: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class FieldOf:
    """A name that was found.

    Attributes
    ----------
    name : str
        As it was asked for.
    sql : str
    kind : {"text", "number", "boolean", "date", "instant", "list"}
    thing : Thing or None
        The object whose rows carry it; None for a formula.
    table, column : str
        Where it stands; empty for a formula.
    """

    name: str
    sql: str
    kind: str
    thing: Thing | None = None
    table: str = ""
    column: str = ""


def kind_of(duckdb_type: str) -> str:
    """What a DuckDB type holds, in the words of the data model."""
    text = duckdb_type.upper()
    if text.endswith("[]"):
        return "list"
    if text.startswith("TIMESTAMP"):
        return "instant"
    if text in ("DATE", "BOOLEAN"):
        return text.lower()
    numeric = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
    return "number" if text.lstrip("U").startswith(numeric) else "text"


def of_thing(thing: Thing, name: str) -> FieldOf | None:
    """The field of a column of an object, also under its ``x_`` name."""
    for candidate in (name, f"x_{name}"):
        if candidate in thing.columns:
            return FieldOf(name, f"{thing.sql}.{quoted(candidate)}", kind_of(
                thing.columns[candidate]), thing, thing.table, candidate)  # fmt: skip
    return None


def columns_of(workspace: Workspace, table: str) -> dict[str, str]:
    """Columns of a table that a definition may ask for, and their DuckDB types."""
    held = HELD_BACK.get(table, ())
    return {n: kind for n, kind in workspace.columns_of(table).items() if n not in held}


def references(workspace: Workspace, table: str) -> dict[str, str]:
    """Columns of a table that are keys of another table of the workspace."""
    info = workspace.tables.get(table)
    columns = () if info is None else info.columns
    return {
        c.name: c.references
        for c in columns
        if c.references and c.references in workspace.tables and key_of(workspace, c.references)
    }


def unique_key(workspace: Workspace, table: str) -> bool:
    """Whether no two rows of a table have the same key; looked up once."""
    known = _unique.setdefault(workspace, {})
    if table not in known:
        key = quoted(key_of(workspace, table))
        read = workspace.arrow(
            f"SELECT count({key}) = count(DISTINCT {key}) AS u FROM {quoted(table)}"
        )
        known[table] = bool(read["u"].to_pylist()[0])
    return known[table]


def one_a_key(workspace: Workspace, table: str) -> str:
    """SQL of the rows of a table, one for each key: the first in the order of all columns."""
    if unique_key(workspace, table):
        return quoted(table)
    key = quoted(key_of(workspace, table))
    return (
        f"(SELECT DISTINCT ON ({key}) * FROM {quoted(table)} WHERE {key} IS NOT NULL ORDER BY ALL)"
    )


def key_of(workspace: Workspace, table: str) -> str:
    """The one key column of a table; empty where it has none or several."""
    keys = keys_of_table(workspace, table)
    return keys[0] if len(keys) == 1 else ""


def keys_of_table(workspace: Workspace, table: str) -> list[str]:
    """Key columns of a table that these data have; none unless all of them are there."""
    info = workspace.tables.get(table)
    model = canonical_tables().get(table)
    if info is None:
        return []
    named = list(model.key) if model else [c.name for c in info.columns if c.key]
    there = workspace.columns_of(table)
    return named if all(name in there for name in named) else []


def kind_of_arrow(kind: Any) -> str:
    """What an Arrow type holds, in the words of the data model."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return "date" if kind.tz is None else "instant"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_boolean(kind):
        return "boolean"
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return "number" if numeric else "text"
