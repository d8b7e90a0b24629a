"""Segments under a name: ``parameters/segments/NAME.yaml``, to be asked for by that name anywhere.

Source: journeys-attribution-and-segments.md, B1 (a segment is a component with a name).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import shelf
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.segments import Segment, segment_from

KIND = "segments"
COLUMNS = {
    "name": "What it is asked for by",
    "title": "What a reader sees",
    "scope": "What is counted as a whole",
    "definition": "The segment in words; why it cannot be read where it cannot",
    "path": "File",
}
_NAME = re.compile(r"[\w][\w .-]{0,79}", re.UNICODE)


def kept_segment(name: str, argument: str = "segment") -> Segment:
    """The segment that is kept under a name.

    Raises
    ------
    ArgumentError
        When there is none, with the closest names, or its file holds no segment.
    """
    todo = message("It can be written out as well: {example}.", example="{where: {event: meeting}}")
    return _read(shelf.named(KIND, name, argument, todo))


def saved_segments() -> pd.DataFrame:
    """Every segment that is kept, the nearest of each name.

    Returns
    -------
    pandas.DataFrame
        With the columns of this module's `COLUMNS`.
    """
    rows = []
    for name, path in shelf.definitions(KIND).items():
        try:
            found = _read(path)
            rows.append((name, found.name, found.scope, found.in_words(), str(path)))
        except ArgumentError as problem:
            rows.append((name, name, "", str(problem), str(path)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def save_segment(segment: Any, *, name: str, replace: bool = False) -> Path:
    """Keep a segment under a name, in the project.

    Parameters
    ----------
    segment : Segment or mapping
    name : str
        Letters, digits, spaces, ``_``, ``-`` and dots.
    replace : bool
        Whether another segment of this name may be replaced.

    Returns
    -------
    pathlib.Path
        ``parameters/segments/NAME.yaml``.

    Raises
    ------
    ArgumentError
        For a name that cannot be a file, and for one that another segment has.
    """
    wanted = segment_from(segment)
    if not isinstance(name, str) or not _NAME.fullmatch(name.strip()):
        allowed = message("letters, digits, spaces, _, - and dots, up to 80")
        raise ArgumentError.of("name", name, allowed)
    path = shelf.project() / "parameters" / KIND / f"{name.strip()}.yaml"
    text = shelf.as_yaml(wanted.plain())
    if path.exists() and not replace and path.read_text(encoding="utf-8") != text:
        todo = message("Choose another name, or say replace=True.")
        raise ArgumentError.of("name", name, message("a name that no other segment has"), todo)
    shelf.write(path, wanted.plain(), "name")
    return path


def _read(path: Path) -> Segment:
    content = shelf.read_mapping(path)
    try:
        return segment_from({"name": path.stem, **content} if "where" in content else content)
    except ArgumentError as problem:
        raise ArgumentError(f"{path}: {problem}") from None
