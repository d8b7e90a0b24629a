"""What of a report may leave: no lists, no small groups, no pictures that would tell them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from workbench.messages import message
from workbench.reports.bundles.cells import DERIVED, MOST_HIDDEN, Hidden, hide_small
from workbench.reports.bundles.lists import is_list, records, shows_single
from workbench.reports.bundles.sentences import tells_of_few

# Fields of a chart that order marks and count nobody.
_ORDINAL = re.compile(
    r"(?:.*_)?(?:position|order|step|index|rank|offset|column|row|level|week|month|quarter|year|"
    r"day|hour|bucket|sort|place|line|panel|x|y|x2|y2|bin|depth|granularity|from|to|angle|size)"
    r"(?:_index|_number|_no)?\Z",
    re.IGNORECASE,
)


class Own(str):
    """A sentence of the copy itself: its numbers count nobody."""

    __slots__ = ()


# What a part of a kind is nothing without.
_EMPTY = {"text": "text", "quality": "sentence"}


@dataclass
class Done:
    """What was done to a report before it left.

    Attributes
    ----------
    lists : list of str
        Headings of lists that were left out.
    cells, pictures, sentences, tables : int
        How many were hidden or left out because they tell of small groups.
    numbers : set of int
        Counts that were hidden.
    """

    lists: list[str] = field(default_factory=list)
    cells: int = 0
    pictures: int = 0
    sentences: int = 0
    tables: int = 0
    numbers: set[int] = field(default_factory=set)


def without_lists(blocks: Iterable[Mapping[str, Any]], done: Done, known: list[str]) -> list[Any]:
    """The parts without rows about single accounts and people, and without text from cells.

    Parameters
    ----------
    blocks : iterable of mapping
    done : Done
        Is told what was left out.
    known : list of str
        Names of single things.
    """
    kept: list[Any] = []
    for block in blocks:
        if is_list(block, known):
            done.lists.append(str(block.get("heading") or block.get("anchor") or ""))
            if not block.get("chart"):
                continue
            said = message("Its list of single accounts or people is left out of this copy.")
            block = {**block, "table": None, "notes": [*_notes(block), said]}
        if block.get("block") == "quality":  # its tables name files and hold examples of rows
            block = {k: v for k, v in block.items() if k not in ("balance", "findings")}
        kept.append(block)
    return kept


def without_few(
    blocks: Iterable[Mapping[str, Any]], least: int, done: Done, known: Sequence[str] = ()
) -> list[Any]:
    """The parts with every group of fewer than `least` hidden.

    A table keeps its rows; hidden cells all look the same. A picture is left out when its data or
    its table hold a small group, or when it has a mark for each single account or person. A
    sentence is left out when it tells of a small group, or of one of the single things `known`.
    """
    judged = [_tabled(dict(block), least, done) for block in blocks]
    few = partial(_is_of_few, least=least, done=done, known=tuple(known))
    told = [_told(block, least, done, few) for block in judged]
    return [block for block in told if block.get(_EMPTY.get(str(block.get("block")), "block"))]


def _is_of_few(text: str, *, least: int, done: Done, known: tuple[str, ...]) -> bool:
    return tells_of_few(text, least, done.numbers) or any(name in text for name in known)


def _notes(block: Mapping[str, Any]) -> list[str]:
    return [note if isinstance(note, Own) else str(note) for note in block.get("notes") or []]


def _tabled(block: dict[str, Any], least: int, done: Done) -> dict[str, Any]:
    touched, table = False, block.get("table")
    if isinstance(table, Mapping):
        block["table"], touched = _hidden_table(table, least, done)
    spec = block.get("chart")
    if spec is None and not block.get("svg"):
        return block
    if touched or not isinstance(spec, Mapping) or _pictures_few(spec, block, least):
        done.pictures += 1
        said = message("Its picture is left out of this copy: it shows groups of fewer than "
                       "{least}.", least=least)  # fmt: skip
        block["notes"] = [*_notes(block), Own(said)]
        return {**block, "chart": None, "svg": None}
    return block


def _hidden_table(table: Mapping[str, Any], least: int, done: Done) -> tuple[Any, bool]:
    columns = list(table.get("columns") or [])
    rows = [list(row) for row in table.get("rows") or []]
    kinds = [str(column.get("kind", "text")) for column in columns]
    measured = any(kind in DERIVED and kind != "date" for kind in kinds)
    if rows and measured and "count" not in kinds:
        done.tables += 1  # how large its groups are cannot be told
        return None, True
    found = hide_small(columns, rows, least)
    if len(found.cells) > MOST_HIDDEN:
        done.tables += 1
        return None, True
    done.numbers |= found.numbers
    texts = _few_texts(kinds, rows, least, found)
    for number, position in found.cells | texts:
        rows[number][position] = hidden_mark()
    done.cells += len(found.cells | texts)
    note = str(table.get("note") or "")
    if found.cells or texts:
        said = message("Groups of fewer than {least} and what they follow from are hidden.",
                       least=least)  # fmt: skip
        note = f"{note} {said}".strip()
    return {**table, "rows": rows, "note": note}, bool(found.cells or texts)


def _few_texts(
    kinds: list[str], rows: list[list[Any]], least: int, found: Hidden
) -> set[tuple[int, int]]:
    return {
        (number, position)
        for number, row in enumerate(rows)
        for position, kind in enumerate(kinds)
        if kind == "text"
        and isinstance(row[position], str)
        and not row[position].strip().isdecimal()
        and tells_of_few(row[position], least, found.numbers)
    }


def hidden_mark() -> str:
    """What stands in every hidden cell, whatever the reason."""
    return message("hidden")


def _pictures_few(spec: Mapping[str, Any], block: Mapping[str, Any], least: int) -> bool:
    """Whether a chart tells of a small group, or has marks for single things."""
    if shows_single(spec):
        return True
    table = block.get("table") or {}
    known = {str(c.get("name")): str(c.get("kind")) for c in table.get("columns") or []}
    rows = records(spec)
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    columns = [{"name": name, "kind": _kind(name, rows, known)} for name in names]
    values = [[row.get(name) for name in names] for row in rows]
    if any(_is_few(value, column["kind"], least)
           for row in values for value, column in zip(row, columns, strict=True)):  # fmt: skip
        return True
    return bool(hide_small(columns, values, least).small)


def _is_few(value: Any, kind: str, least: int) -> bool:
    if isinstance(value, str):
        return not value.strip().isdecimal() and tells_of_few(value, least)
    return kind == "count" and isinstance(value, int | float) and 0 < value < least


def _kind(name: str, rows: list[Mapping[str, Any]], known: Mapping[str, str]) -> str:
    if name in known:
        return known[name]
    values = [row[name] for row in rows if row.get(name) is not None]
    if not values or not all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in values
    ):
        return "text"
    if _ORDINAL.match(name):
        return "number"
    if all(float(value).is_integer() for value in values):
        return "count"
    return "share" if all(0 <= value <= 1 for value in values) else "number"


def _told(
    block: dict[str, Any], least: int, done: Done, few: Callable[[str], bool]
) -> dict[str, Any]:
    """The part without sentences that tell of small or hidden groups."""
    if block.get("block") == "definitions":
        return block
    if block.get("figures"):
        figures = [_figure(dict(figure), least, done, few) for figure in block["figures"]]
        return {**block, "figures": figures}
    for key in ("heading", "reading", "alt", "subtitle", "text", "sentence"):
        if block.get(key) and few(str(block[key])):
            block[key] = _left_out(block, key, least)
            done.sentences += key != "alt"
    notes = _notes(block)
    kept = [note for note in notes if isinstance(note, Own) or not few(note)]
    done.sentences += len(notes) - len(kept)
    told = {key: block.get(key) or {} for key in ("scope", "definition")}
    for key in told:
        if few(json.dumps(told[key], ensure_ascii=False, default=str).replace(":", " ")):
            told[key] = {}
    return {**block, "notes": kept, **told}


def _left_out(block: Mapping[str, Any], key: str, least: int) -> str:
    if key in ("heading", "alt"):
        name = str(block.get("anchor") or block.get("block") or "").replace("_", " ")
        return message("{name} (its sentence tells of fewer than {least} and is left out)",
                       name=name.replace("-", " ").capitalize(), least=least)  # fmt: skip
    return ""


def _figure(
    figure: dict[str, Any], least: int, done: Done, few: Callable[[str], bool]
) -> dict[str, Any]:
    said = [
        str(figure.get(key) or "") for key in ("label", "value", "detail", "interval", "change")
    ]
    bare = said[1].strip()
    if not (bare.isdecimal() and 0 < int(bare) < least) and not any(map(few, said)):
        return {**figure, "raw": None}
    done.sentences += 1
    label = said[0] if not few(said[0]) else message("Key figure")
    return {"label": label, "value": hidden_mark(),
            "detail": message("fewer than {least}, or told by such", least=least)}  # fmt: skip
