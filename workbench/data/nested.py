"""Reader of JSON documents as interfaces answer them: objects inside objects become columns.

A document is a list of objects, an object that holds such a list (``value``, ``items``, …), one
object, or an object a line. An object that holds a list of ``referrals`` gives a row for each.

Source: partner-leads.md, section 1 (one engagement can hold several referrals).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from workbench.data.findings import Finding
from workbench.data.records import as_text, loaded
from workbench.data.sources import Part, Reading, SourceError
from workbench.data.survey import survey
from workbench.data.text_files import unique_names
from workbench.data.workspace_file import TableFile
from workbench.messages import message

LISTS = ("value", "values", "items", "data", "results", "records")
ROWS_INSIDE = "referrals"
OUTSIDE = "engagement"
DEEPEST = 8
LABELS = (("firstName", "lastName"), ("name",), ("email",), ("id",))


def read_json(reading: Reading, entry: TableFile, path: Path) -> Part:
    """A file of nested objects; an entry that is none is set aside."""
    surveyed = survey(path, entry.encoding)
    if surveyed.size == 0:
        raise SourceError(Finding("error", message("The file is empty."), file=path.name))
    text = path.read_bytes().decode(surveyed.encoding, "replace").lstrip("\ufeff")
    entries = entries_of(_document(text, path))
    fine, broken = [], []
    for number, one in enumerate(entries, 1):
        if isinstance(one, Mapping):
            fine += [(number, flat(row)) for row in rows_of(one)]
        else:
            broken.append((number, json.dumps(one, ensure_ascii=False)))
    found = list(dict.fromkeys(key for _, row in fine for key in row))
    names, _ = unique_names(found)
    body = [[row.get(key) for key in found] for _, row in fine]
    part = loaded(reading, path.name, names, body, inputs=(path,), row_base=1)
    if not broken:
        return part
    label = f"entries_{reading.next_number()}"
    for name, lines in (("broken", broken), ("lines", [(n, "") for n, _ in fine])):
        table = pa.table(
            {
                "line": pa.array([n for n, _ in lines], pa.int64()),
                "record": pa.array([text for _, text in lines], pa.string()),
            }
        )
        reading.connection.register(f"{label}_{name}_frame", table)
        reading.connection.execute(
            f"CREATE TEMP TABLE {label}_{name} AS SELECT * FROM {label}_{name}_frame"
        )
        reading.connection.unregister(f"{label}_{name}_frame")
    return replace(
        part,
        extra={
            "broken": f"SELECT line, record FROM {label}_broken ORDER BY line",
            "lines": f"SELECT line FROM {label}_lines ORDER BY rowid",
        },
    )


def _document(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if error.msg == "Extra data" and len(lines) > 1:
            return [_line(line) for line in lines]
        raise SourceError(
            Finding(
                "error",
                message(
                    "It cannot be read as JSON: {why}, line {line}.",
                    why=error.msg,
                    line=error.lineno,
                ),
                message("Check format: in the workspace file, or export it again."),
                file=path.name,
                row=error.lineno,
            )
        ) from error
    except RecursionError:
        raise SourceError(
            Finding(
                "error",
                message("It cannot be read as JSON: its objects stand too deep inside others."),
                message("Check format: in the workspace file, or export it again."),
                file=path.name,
            )
        ) from None


def _line(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text


def entries_of(document: Any) -> list[Any]:
    """The objects of a document, wherever it holds them."""
    if isinstance(document, list):
        return document
    if isinstance(document, Mapping):
        for name in LISTS:
            held = document.get(name)
            if isinstance(held, list) and all(isinstance(one, Mapping) for one in held):
                return held
    return [document]


def rows_of(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The rows of an object: itself, or each of the referrals that it holds."""
    inside = entry.get(ROWS_INSIDE)
    if not isinstance(inside, list) or not all(isinstance(one, Mapping) for one in inside):
        yield entry
        return
    around = {f"{OUTSIDE}.{key}": value for key, value in entry.items() if key != ROWS_INSIDE}
    for one in inside:
        yield {**around, **one}


def flat(value: Mapping[str, Any], before: str = "") -> dict[str, str | None]:
    """The values of an object by the path of their names, such as ``customerProfile.name``.

    Of a list of objects the first one (the one called primary, where there is one) gives the
    columns below it, and their labels stand joined in the column of the list. Objects below
    `DEEPEST` others are not opened.
    """
    out: dict[str, str | None] = {}
    for key, one in value.items():
        name = f"{before}{key}"
        if name.count(".") >= DEEPEST and isinstance(one, Mapping | list):
            out[name] = message("(stands too deep)")
        elif isinstance(one, Mapping):
            out |= flat(one, f"{name}.")
        elif isinstance(one, list):
            objects = [each for each in one if isinstance(each, Mapping)]
            labels = [_label(each) if isinstance(each, Mapping) else as_text(each) for each in one]
            out[name] = ", ".join(label for label in labels if label) or None
            if objects:
                first = next((each for each in objects if _is_primary(each)), objects[0])
                out |= flat(first, f"{name}.")
        else:
            out[name] = as_text(one)
    return out


def _label(one: Mapping[str, Any]) -> str:
    by_key = {str(key).casefold(): value for key, value in one.items()}
    for parts in LABELS:
        told = [str(by_key[part.casefold()]) for part in parts if by_key.get(part.casefold())]
        if told:
            return " ".join(told)
    return ""


def _is_primary(one: Mapping[str, Any]) -> bool:
    return any(str(value).casefold() == "primary" for value in one.values())
