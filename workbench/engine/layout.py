"""What lies in the folder of an event store: its names, its description, its types.

Columns are numbered, so that no name of a column ever becomes the name of a file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import StoreError
from workbench.messages import message

FORMAT = 2
DESCRIPTION = "store.json"
TIME = "occurred_at"
SEQUENCE = "sequence_no"
KEYS = (
    "account_id",
    "person_id",
    "session_id",
    "opportunity_id",
    "buying_group_id",
    "global_account_id",
)
NO_SEQUENCE = np.iinfo(np.int64).min
SEPARATOR = "\x1f"
CODED = ("text", "boolean", "list")


def code_type(values: int) -> np.dtype:
    """The narrowest unsigned integer that holds `values` codes and one more for "missing"."""
    for candidate in (np.uint8, np.uint16, np.uint32):
        if values <= np.iinfo(candidate).max:
            return np.dtype(candidate)
    return np.dtype(np.uint64)


def column_file(directory: Path, number: int) -> Path:
    """Codes, instants or numbers of one column."""
    return directory / f"{number:04d}.npy"


def dictionary_file(directory: Path, number: int) -> Path:
    """Distinct values of one column."""
    return directory / f"{number:04d}.dictionary.arrow"


def description_of(directory: Path) -> dict[str, Any]:
    """Read and check the description of a store.

    Raises
    ------
    StoreError
        When there is none, it cannot be read, or another version wrote it.
    """
    try:
        found = json.loads((directory / DESCRIPTION).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or "format" not in found:
        raise StoreError(
            message(
                "{directory} holds no event store that can be read. Open the workspace "
                "with refresh=True to build it again.",
                directory=directory,
            )
        )
    if found["format"] != FORMAT:
        raise StoreError(
            message(
                "The event store in {directory} was written by another version. Open "
                "the workspace with refresh=True to build it again.",
                directory=directory,
            )
        )
    return found


def is_store(directory: Path) -> bool:
    """Whether a folder holds a store that this version can open."""
    try:
        description_of(directory)
    except StoreError:
        return False
    return True
