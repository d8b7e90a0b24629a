"""The notes on an answer: what results ask for when they are shown."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Sequence
from datetime import date

from workbench.collaboration.annotations.keeping import kept, switches
from workbench.collaboration.annotations.looking import visual_of
from workbench.collaboration.annotations.model import Annotation, kind_in_words
from workbench.collaboration.annotations.visibility import Visual, days_shown
from workbench.collaboration.store import Store, existing_store, store_address, user_name
from workbench.errors import WorkbenchError
from workbench.messages import message
from workbench.results.annotating import Note
from workbench.results.base import Result

PREFERENCE = "WORKBENCH_ANNOTATIONS"
_PATIENCE_SECONDS, _REST_SECONDS = 5.0, 60.0
_failed: dict[str, float] = {}  # stores that did not answer, and when


def notes_on_result(result: Result) -> list[Note]:
    """Return the notes on an answer; none where there is no store, with a warning where it fails.

    An answer is worth more than its annotations: a store that cannot be read stops nothing, and is
    left alone for a minute, so that a page of many answers does not wait for each of them.
    """
    if os.environ.get(PREFERENCE, "").lower() == "off":
        return []
    address = store_address()
    if time.monotonic() - _failed.get(address, -_REST_SECONDS) < _REST_SECONDS:
        return []
    try:
        store = existing_store(patience=_PATIENCE_SECONDS)
        if store is None:
            return []
        try:
            return notes_on_visual(store, visual_of(result), user=user_name())
        finally:
            store.close()
    except WorkbenchError as problem:
        _failed[address] = time.monotonic()
        warnings.warn(message("Annotations are missing here. {why}", why=problem), stacklevel=2)
        return []


def notes_on_visual(
    store: Store, visual: Visual, *, user: str = "", annotations: Sequence[Annotation] | None = None
) -> list[Note]:
    """Return the notes on a visual in the order of their days, then of creation.

    Parameters
    ----------
    store : Store
    visual : Visual
    user : str
        For whom; a user may have switched annotations off.
    annotations : sequence of Annotation, optional
        Instead of all that are kept.
    """
    found = kept(store) if annotations is None else annotations
    if not found or switches(store).hide(visual, user):
        return []
    notes = [
        note_of(annotation, first, last)
        for annotation in found
        for first, last in days_shown(annotation, visual)
    ]
    return sorted(notes, key=lambda note: note.first)


def note_of(annotation: Annotation, first: date, last: date) -> Note:
    """Return one occurrence of an annotation as results draw it."""
    return Note(
        mark=annotation.id, title=annotation.title, first=first, last=last,
        colour=annotation.colour, kind=kind_in_words(annotation.kind),
        text=annotation.description, by=annotation.by,
    )  # fmt: skip
