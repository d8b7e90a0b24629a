"""What can be done to a question from a row of its answer: each deed changes the definition.

Source: journeys-flow.md, section 2 (expand, collapse, hide, filter a column); journeys-fallout.md,
section 1 (touchpoints are taken away and inserted).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message

MOST_COLUMNS = 12


@dataclass(frozen=True)
class Deed:
    """One thing that can be done.

    Attributes
    ----------
    name, label : str
    change : callable
        Definition and row to the changed definition.
    """

    name: str
    label: str
    change: Callable[[dict[str, Any], Mapping[str, Any]], dict[str, Any]]


def deeds_of(definition: Mapping[str, Any], row: Mapping[str, Any]) -> list[Deed]:
    """What can be done from a row, in the order in which it is offered."""
    if definition["analysis"] == "flow" and isinstance(row.get("column"), int):
        return _flow(row)
    if definition["analysis"] == "fallout" and int(row.get("position", 0)) > 0:
        return _fallout(definition)
    return []


def done(definition: Mapping[str, Any], row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The definition after a deed.

    Raises
    ------
    ArgumentError
        When the row does not offer it.
    """
    offered = {deed.name: deed for deed in deeds_of(definition, row)}
    if name not in offered:
        raise ArgumentError.of("deed", name, offered)
    return offered[name].change(dict(definition), row)


def _flow(row: Mapping[str, Any]) -> list[Deed]:
    column, plain = int(row["column"]), row.get("kind") == "item" and row.get("item") != "(other)"
    out = [
        Deed("expand", message("One more column"), _more_columns),
        Deed("collapse", message("End at this column"), _fewer_columns),
    ]
    if column == 0:
        return out[:1]
    if plain:
        out += [
            Deed("only", message("Only paths through it"), _only),
            Deed("leave_out", message("Leave it out"), _left_out),
        ]
    if row.get("item") == "(other)":
        out.append(Deed("tell_apart", message("Tell more items apart"), _more_items))
    return out


def _fallout(definition: Mapping[str, Any]) -> list[Deed]:
    steps = definition.get("steps", ())
    if len(steps) < 2:
        return []
    return [Deed("take_away", message("Take this step away"), _without_step)]


def _more_columns(definition: dict[str, Any], _: Mapping[str, Any]) -> dict[str, Any]:
    return {**definition, "columns": min(MOST_COLUMNS, int(definition.get("columns", 4)) + 1)}


def _fewer_columns(definition: dict[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    wide = abs(int(row["column"])) + 1
    if "contains" in definition:
        wide = 2 * wide - 1
    return {**definition, "columns": max(2, wide)}


def _only(definition: dict[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    filters = {**definition.get("filters", {}), int(row["column"]): row["item"]}
    return {**definition, "filters": filters}


def _left_out(definition: dict[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    before = definition.get("exclude") or []
    if isinstance(before, Mapping):
        raise ArgumentError.of("exclude", dict(before), message("a list of items"))
    known = [before] if isinstance(before, str) else list(before)
    return {**definition, "exclude": [*known, row["item"]]}


def _more_items(definition: dict[str, Any], _: Mapping[str, Any]) -> dict[str, Any]:
    return {**definition, "items": int(definition.get("items", 5)) + 5}


def _without_step(definition: dict[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    steps = list(definition["steps"])
    del steps[int(row["position"]) - 1]
    return {**definition, "steps": steps}
