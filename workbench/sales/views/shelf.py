"""Where saved definitions lie: the working folder first, then those that are shipped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import shelf
from workbench.errors import ArgumentError
from workbench.messages import message

FOLDERS = {"view": "views", "table": "tables", "dashboard": "dashboards"}
COLUMNS = {
    "kind": "view, table or dashboard",
    "name": "What it is asked for by",
    "title": "Title",
    "object": "Table that its rows come from; empty for a dashboard",
    "sharing": "private, public or group",
    "owner": "Key of the user who keeps it",
    "groups": "Teams that see it",
    "pinned": "Whether it stands at the top",
    "path": "File",
}


def read_definition(given: Any, kind: str) -> tuple[str, Mapping[str, Any]]:
    """Name and content of a definition.

    Parameters
    ----------
    given : str, pathlib.Path or mapping
        A name, the path of a YAML file, or the definition itself.
    kind : {"view", "table", "dashboard"}

    Raises
    ------
    ArgumentError
        When nothing has the name, or the file is not a mapping in YAML.
    """
    if isinstance(given, Mapping):
        return str(given.get("title") or ""), given
    if not isinstance(given, str | Path) or not str(given).strip():
        raise ArgumentError.of(
            kind, given, message("a name, the path of a YAML file, or a mapping")
        )
    path = Path(given)
    if path.suffix not in shelf.ENDINGS:
        named = shelf.named(FOLDERS[kind], str(given), kind)
        return str(given), shelf.read_mapping(named)
    if not path.is_file():
        raise ArgumentError.of(kind, str(given), message("a file that exists"))
    return path.stem, shelf.read_mapping(path)


def saved_views(*, user: str | None = None, team: str | None = None) -> pd.DataFrame:
    """Saved list views, table reports and dashboards that somebody sees, pinned ones first.

    Parameters
    ----------
    user : str, optional
        Key of a user: private definitions of others are left out. Sharing sorts a list; it is no
        protection of files.
    team : str, optional
        Team of the user: definitions for other groups are left out.

    Returns
    -------
    pandas.DataFrame
        ``kind, name, title, object, sharing, owner, groups, pinned, path``; a file that cannot be
        read has the reason as its title.

    Notes
    -----
    Source: sales-pipeline.md, section 4 (sharing, pin).
    """
    rows = []
    for kind in FOLDERS:
        for name, path in shelf.definitions(FOLDERS[kind]).items():
            try:
                content = shelf.read_mapping(path)
            except ArgumentError as problem:
                content = {"title": str(problem)}
            groups = content.get("groups")
            rows.append(
                {
                    "kind": kind,
                    "name": name,
                    "title": str(content.get("title") or name),
                    "object": str(content.get("object") or ""),
                    "sharing": str(content.get("sharing") or "public"),
                    "owner": str(content.get("owner") or ""),
                    "groups": ", ".join(map(str, groups)) if isinstance(groups, list) else "",
                    "pinned": content.get("pinned") is True,
                    "path": str(path),
                }
            )
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    if len(frame):
        seen = [visible(row, user, team) for row in frame.to_dict("records")]
        frame = frame[pd.Series(seen, index=frame.index, dtype=bool)]
    order = pd.Series({"view": 0, "table": 1, "dashboard": 2})
    frame = frame.assign(_pin=~frame["pinned"].astype(bool), _kind=frame["kind"].map(order))
    frame = frame.sort_values(["_pin", "_kind", "name"], kind="stable")
    return frame[list(COLUMNS)].reset_index(drop=True)


def visible(row: Mapping[str, Any], user: str | None, team: str | None) -> bool:
    """Whether a definition is for a user; everything is when no user is named."""
    if row["sharing"] == "private":
        return user is None or row["owner"] == user
    if row["sharing"] == "group" and team is not None and row["owner"] != user:
        return team in row["groups"].split(", ")
    return True
