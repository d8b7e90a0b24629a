"""Why a value of a file or a parameter was refused, in our own words instead of pydantic's.

Takes what ``ValidationError.errors()`` gives: mappings with ``type``, ``loc``, ``input``, ``ctx``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import either
from workbench.messages import marked, message

UNKNOWN, MISSING, WRONG = "unknown", "missing", "wrong"
_LONGEST = 80
_NEEDED = {
    "string": marked("text"),
    "int": marked("a whole number"),
    "float": marked("a number"),
    "decimal": marked("a number"),
    "finite_number": marked("a finite number"),
    "bool": marked("true or false"),
    "list": marked("a list"),
    "tuple": marked("a list"),
    "set": marked("a list"),
    "iterable": marked("a list"),
    "dict": marked("a mapping"),
    "mapping": marked("a mapping"),
    "model": marked("a mapping"),
    "date": marked("a date"),
    "datetime": marked("an instant"),
    "none": marked("no value"),
}
_ENDS = re.compile(r"_(type|parsing|from_float|parsing_size|attributes_type|required|from_\w+)$")
_BRANCHES = frozenset({"str", "int", "float", "bool", "none"})


@dataclass(frozen=True)
class Reason:
    """What is wrong with one place.

    Attributes
    ----------
    place : tuple
        Keys and positions that lead to it.
    kind : str
        `UNKNOWN` (a key that means nothing), `MISSING` (a key that is needed) or `WRONG`.
    needed : str
        What would be right, empty where `said` tells it.
    said : str
        The sentence of a check of our own.
    given : object
        The value that was refused.
    choices : tuple of str
        Allowed values where they can be listed.
    """

    place: tuple[Any, ...]
    kind: str
    needed: str = ""
    said: str = ""
    given: Any = None
    choices: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The place as it is written: keys joined by points."""
        return ".".join(map(str, self.place))

    @property
    def shown(self) -> str:
        """The refused value, cut when it is long."""
        text = repr(self.given)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def reasons(problems: Iterable[Mapping[str, Any]], models: Iterable[str] = ()) -> list[Reason]:
    """One reason for each place; the branches of a choice of types are told as one.

    `models` are the names of models that stand in such a choice: pydantic puts the name of a
    branch into the place, as if it were a key of the file.
    """
    found = list(problems)
    branches = _branches([problem["loc"] for problem in found], {*_BRANCHES, *models})
    grouped: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for problem in found:
        location = problem["loc"]
        place = [part for n, part in enumerate(location) if location[: n + 1] not in branches]
        grouped.setdefault(tuple(place), []).append(problem)
    # What lies deeper is what was meant, where one branch got further than another.
    deepest = [
        place
        for place in grouped
        if not any(len(other) > len(place) and other[: len(place)] == place for other in grouped)
    ]
    return [_reason(place, grouped[place]) for place in deepest]


def _branches(locations: list[tuple[Any, ...]], names: set[str]) -> set[tuple[Any, ...]]:
    """Locations whose last part names a branch; every branch of a choice has a problem."""
    likely: dict[tuple[Any, ...], set[str]] = {}
    for location in locations:
        for n, part in enumerate(location):
            if isinstance(part, str) and (part in names or "[" in part):
                likely.setdefault(location[:n], set()).add(part)
    return {(*place, part) for place, parts in likely.items() if len(parts) > 1 for part in parts}


def _reason(place: tuple[Any, ...], problems: list[Mapping[str, Any]]) -> Reason:
    first = problems[0]
    if first["type"] == "extra_forbidden":
        return Reason(place, UNKNOWN)
    if first["type"] == "missing":
        return Reason(place, MISSING)
    own = next((p for p in problems if p["type"] in ("value_error", "assertion_error")), None)
    if own is not None:
        said = str(own.get("ctx", {}).get("error", "")) or message("this value cannot be used")
        return Reason(place, WRONG, said=said.rstrip("."), given=own.get("input"))
    needed = either(dict.fromkeys(map(_needed, problems)))
    choices = tuple(choice for problem in problems for choice in _choices(problem))
    return Reason(place, WRONG, needed, given=first.get("input"), choices=choices)


def _needed(problem: Mapping[str, Any]) -> str:
    kind, context = str(problem["type"]), problem.get("ctx", {})
    choices = _choices(problem)
    if choices:
        return either(map(repr, choices))
    if kind in ("greater_than_equal", "greater_than", "less_than_equal", "less_than"):
        return _bounded(kind, next(iter(context.values())))
    if kind in ("string_too_short", "too_short"):
        return message("a length of {n} or more", n=context.get("min_length"))
    if kind in ("string_too_long", "too_long"):
        return message("a length of {n} or less", n=context.get("max_length"))
    known = _NEEDED.get(_ENDS.sub("", kind))
    return message(known) if known else message("another value")


def _bounded(kind: str, limit: object) -> str:
    if kind == "greater_than_equal":
        return message("{n} or more", n=limit)
    if kind == "greater_than":
        return message("more than {n}", n=limit)
    if kind == "less_than_equal":
        return message("{n} or less", n=limit)
    return message("less than {n}", n=limit)


def _choices(problem: Mapping[str, Any]) -> list[str]:
    if problem["type"] not in ("literal_error", "enum"):
        return []
    return re.findall(r"'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
