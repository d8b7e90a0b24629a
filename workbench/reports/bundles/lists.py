"""Rows about single accounts, people and records: they never leave in a copy for anyone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# Columns whose rows are single accounts, people or records; an owner or partner is a group.
_SINGLE = re.compile(
    r"(?:account|company|customer|person|people|contact|lead|opportunity|deal|record|activity|"
    r"session|member|visitor|attendee|guest|subscription|contract|buying_group|global_account)"
    r"(?:_?(?:id|key|name|number))?\Z"
    r"|(?:.*_)?(?:e_?mail|phone|mobile|telephone|first_name|last_name|full_name|domain|website|"
    r"subject)(?:_norm|_address)?\Z"
)


def is_list(block: Mapping[str, Any], known: Sequence[str] = ()) -> bool:
    """Whether the table of a part has a row for each single account, person or record.

    Parameters
    ----------
    block : mapping
        A part of a page.
    known : sequence of str
        Pseudonyms or names of single things: a column that mostly holds them tells too.
    """
    table = block.get("table")
    if not isinstance(table, Mapping) or not table.get("columns"):
        return False
    if block.get("block") == "table":
        return True
    return any(names_single(column) for column in table["columns"]) or _holds(table, set(known))


def names_single(column: Mapping[str, Any] | str) -> bool:
    """Whether a column of this name holds single accounts, people or records."""
    if isinstance(column, str):
        return bool(_SINGLE.match(_plain(column)))
    if column.get("kind", "text") != "text":
        return False
    return any(_SINGLE.match(_plain(str(column.get(key) or ""))) for key in ("name", "label"))


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().casefold())


def _holds(table: Mapping[str, Any], known: set[str]) -> bool:
    rows = table.get("rows") or []
    for position in range(len(table["columns"])):
        values = [row[position] for row in rows if isinstance(row[position], str)]
        if values and sum(value in known for value in values) * 2 > len(values):
            return True
    return False


def shows_single(spec: Any) -> bool:
    """Whether a chart has a mark for each single account, person or record."""
    return any(
        isinstance(value, str) and names_single(str(name))
        for record in records(spec)
        for name, value in record.items()
    )


def records(part: Any) -> list[Mapping[str, Any]]:
    """Every record of data in a specification of a chart."""
    found: list[Mapping[str, Any]] = []
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == "datasets" and isinstance(value, Mapping):
                for rows in value.values():
                    found += [row for row in rows if isinstance(row, Mapping)]
            elif key == "values" and isinstance(value, list):
                found += [row for row in value if isinstance(row, Mapping)]
            else:
                found += records(value)
    elif isinstance(part, list):
        for one in part:
            found += records(one)
    return found
