"""A list view by hand: what somebody did is decided here, and the page is told what to show."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError, WorkbenchError
from workbench.messages import message, message_of_count
from workbench.results.tables import Column
from workbench.sales.views import view as asked_view
from workbench.sales.views.edits import key_of
from workbench.sales.views.result import ListView
from workbench.widgets.explorer.answers import members_table
from workbench.widgets.explorer.controls import as_yaml
from workbench.widgets.list_editor.showing import PAGE_ROWS, Shown, cells, changed, kept_rows
from workbench.workspace import Workspace

MOST_CARDS = 40
NUMBERS = {"count", "number", "share", "money", "points", "duration"}


class ListEditor:
    """A saved list view as a grid and a board.

    Attributes
    ----------
    workspace : Workspace
    view : ListView
        The rows as they are now, edits laid over the source.
    pending : dict
        Key and column to the new value; not written before `save`.

    Notes
    -----
    Source: sales-pipeline.md, section 4 (inline edits go beside the source, with a preview).
    """

    def __init__(self, workspace: Workspace, definition: Any, options: Mapping[str, Any]) -> None:
        self.workspace = workspace
        self._asked, self._options = definition, dict(options)
        self.pending: dict[tuple[str, str], Any] = {}
        self.shown = Shown()
        self.view: ListView
        self._read()

    @property
    def definition(self) -> dict[str, Any]:
        """Which view and what of it is shown; plain values."""
        named = self._asked if isinstance(self._asked, str) else dict(self.view.definition)
        return {"view": named, **self.shown.plain()}

    @property
    def yaml(self) -> str:
        """The definition as text."""
        return as_yaml(self.definition)

    def __repr__(self) -> str:
        return message("List of {title}", title=self.view.title)

    @cached_property
    def widget(self) -> Any:
        """What a notebook shows."""
        from workbench.widgets.list_editor.view import view_of

        return view_of(self)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    @property
    def rows(self) -> pd.DataFrame:
        """The rows that are shown, all pages of them, in their order."""
        return self._frame.iloc[self._places()].reset_index(drop=True)

    def save(self, *, by: str = "") -> Path | None:
        """Write the pending edits beside the source; None when there are none.

        Raises
        ------
        ArgumentError
            When the list was opened without a file for edits, or an edit cannot be.
        """
        path = None
        for column, value, keys in self._grouped():
            path = self.view.edit_all({column: value}, keys=keys).save(by=by)
        self.pending.clear()
        self._read()
        return path

    def heard(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Do what the page asks for and return what it is to be told."""
        does = {
            "hello": lambda _: self._told(), "show": self._show, "edit": self._edit,
            "discard": self._discard, "save": self._save,
        }  # fmt: skip
        handler = does.get(str(said.get("do")))
        if handler is None:
            return []
        try:
            return handler(said)
        except WorkbenchError as refused:
            return [{"say": "problem", "sentence": str(refused)}]
        except (LookupError, TypeError, ValueError) as broken:
            sentence = message("This cannot be done here: {reason}.", reason=repr(broken))
            return [{"say": "problem", "sentence": sentence}]

    def _read(self) -> None:
        self.view = asked_view(self.workspace, self._asked, **self._options)
        table = self.view.objects.things[0].table
        self._key = key_of(self.workspace, table) or ""
        self._frame = self.view.members().reset_index(drop=True)
        self._columns: tuple[Column, ...] = self.view.shown()
        self._texts = cells(self._frame, self._columns)
        self._folded = self._texts.apply(lambda column: column.str.casefold())

    def _places(self) -> np.ndarray:
        return kept_rows(self._folded, self._frame, self.shown)

    def _show(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        before = self.shown
        self.shown = changed(before, said, tuple(column.name for column in self._columns))
        try:
            return self._told()
        except WorkbenchError:
            self.shown = before
            raise

    def _edit(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        key, column = str(said["key"]), str(said["column"])
        text = str(said.get("value") if said.get("value") is not None else "").strip()
        value = text or None
        preview = self.view.edit(key, {column: value}).frame
        if bool(preview["changes"].any()):
            self.pending[(key, column)] = value
        else:
            self.pending.pop((key, column), None)
        return self._told()

    def _discard(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        if "key" in said:
            self.pending.pop((str(said["key"]), str(said["column"])), None)
        else:
            self.pending.clear()
        return self._told()

    def _save(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        count, path = len(self.pending), self.save(by=str(said.get("by") or ""))
        sentence = message_of_count(
            "{count} value is kept in {path}; the source is as it was.",
            "{count} values are kept in {path}; the source is as it was.", count, path=path,
        )  # fmt: skip
        return [*self._told(), {"say": "kept", "sentence": sentence}]

    def _grouped(self) -> list[tuple[str, Any, list[str]]]:
        """Pending edits of the same value together: column, value, keys."""
        groups: dict[tuple[str, Any], list[str]] = {}
        for (key, column), value in self.pending.items():
            groups.setdefault((column, value), []).append(key)
        return [(column, value, keys) for (column, value), keys in groups.items()]

    def preview(self) -> pd.DataFrame:
        """What would change: key, column, before, after."""
        parts = [
            self.view.edit_all({column: value}, keys=keys).frame
            for column, value, keys in self._grouped()
        ]
        found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(
            columns=["key", "column", "before", "after", "changes"])  # fmt: skip
        return found[found["changes"].astype(bool)].drop(columns="changes").reset_index(drop=True)

    def _editable(self) -> list[str]:
        thing = self.view.objects.things[0]
        own = set(thing.columns) - {self._key}
        return [column.name for column in self._columns if column.name in own] if self._key else []

    def _told(self) -> list[dict[str, Any]]:
        places = self._places()
        pages = max(1, -(-len(places) // PAGE_ROWS))
        page = min(self.shown.page, pages - 1)
        here = places[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
        shown = {
            "title": self.view.title, "headline": self.view.headline(),
            "columns": [
                {"name": c.name, "label": c.label, "number": c.kind in NUMBERS}
                for c in self._columns
            ],
            "editable": self._editable() if self.view.edits_path is not None else [],
            "keys": self._keys(here),
            "rows": [list(row) for row in self._texts.iloc[here].itertuples(index=False)],
            "found": len(places), "total": len(self._frame), "page": page, "pages": pages,
            "sort": self.shown.sort, "descending": self.shown.descending,
            "search": self.shown.search, "filters": dict(self.shown.filters),
            "pending": [[key, column, value] for (key, column), value in self.pending.items()],
            "preview": members_table(self.preview()) if self.pending else None,
            "board": self._board(places), "yaml": self.yaml,
        }  # fmt: skip
        return [{"say": "shown", "shown": shown}]

    def _keys(self, places: np.ndarray) -> list[str]:
        if not self._key or self._key not in self._frame:
            return [""] * len(places)
        return self._frame[self._key].iloc[places].astype(str).tolist()

    def _board(self, places: np.ndarray) -> dict[str, Any] | None:
        """Lanes with their cards; None for a view without a board."""
        asked = self.view.asked.board
        if asked is None or asked.lane not in self._frame:
            return None
        board = self.view.board()
        lanes = dict.fromkeys([*board.known_lanes(), *board.frame["lane"]])
        held = self._frame[asked.lane].iloc[places]
        values = held.where(held.notna(), "").astype(str).tolist()
        moved = {k: value for (k, column), value in self.pending.items() if column == asked.lane}
        keys = self._keys(places)
        cards: dict[str, list[Any]] = {lane: [] for lane in lanes}
        names = [column.name for column in self._columns if column.name != asked.lane][:4]
        texts = self._texts[names].iloc[places]
        for key, value, row in zip(keys, values, texts.itertuples(index=False), strict=True):
            cards.setdefault(str(moved.get(key, value) or ""), []).append([key, list(row)])
        return {
            "lane": asked.lane,
            "lanes": [
                {"lane": lane, "count": len(found), "cards": found[:MOST_CARDS]}
                for lane, found in cards.items()
            ],
        }


def edit_view(
    workspace: Workspace, definition: Any = "open_deals", *, edits: str | Path | None = None,
    user: str | None = None, as_of: str | None = None,
) -> ListEditor:  # fmt: skip
    """Work on a saved list view by hand in JupyterLab: a grid, a board, edits beside the source.

    Parameters
    ----------
    workspace : Workspace
    definition : str, pathlib.Path or mapping
        As `wb.view` takes it.
    edits : str or pathlib.Path, optional
        File of edits laid over the source; without it nothing can be edited.
    user, as_of : str, optional
        As `wb.view` takes them.

    Returns
    -------
    ListEditor
        Shows itself in a notebook; ``rows`` are the rows that are shown, ``preview()`` what would
        change, ``save()`` writes it.

    Raises
    ------
    ArgumentError
        With everything that is wrong with the definition.

    Notes
    -----
    Source: sales-pipeline.md, section 4.
    """
    if edits is not None and not Path(edits).parent.is_dir():
        raise ArgumentError.of("edits", str(edits), message("a file in a folder that exists"))
    return ListEditor(workspace, definition, {"edits": edits, "user": user, "as_of": as_of})
