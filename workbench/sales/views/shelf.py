"""Where saved definitions lie: the working folder first, then those that are shipped."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from workbench.errors import ArgumentError, either, listed
from workbench.messages import message

FOLDERS = {"view": "views", "table": "tables", "dashboard": "dashboards"}
_PACKAGE = Path(__file__).parents[2]
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


def folders(kind: str) -> list[Path]:
    """Folders that are searched for definitions of a kind, nearest first."""
    starter = _PACKAGE / "starter"
    shipped = starter if starter.is_dir() else _PACKAGE.parent
    here = Path.cwd()
    roots = [here] if here.resolve() == shipped.resolve() else [here, shipped]
    return [root / "parameters" / FOLDERS[kind] for root in roots]


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
    if path.suffix not in (".yaml", ".yml"):
        return str(given), _read(_named(str(given), kind))
    if not path.is_file():
        raise ArgumentError.of(kind, str(given), message("a file that exists"))
    return path.stem, _read(path)


def _files(kind: str) -> dict[str, Path]:
    """Every definition of a kind by name, the nearest of each name."""
    found: dict[str, Path] = {}
    for folder in folders(kind):
        for path in sorted(folder.glob("*.yaml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def _named(name: str, kind: str) -> Path:
    known = _files(kind)
    if name in known:
        return known[name]
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = message(" Did you mean {names}?", names=either(map(repr, close))) if close else ""
    raise ArgumentError(
        message(
            "Nothing in parameters/{folder} is called {name!r}.{hint} Known: {known}.",
            folder=FOLDERS[kind], name=name, hint=hint, known=listed(known),
        )
    )  # fmt: skip


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or message("it is not UTF-8 text")
        raise ArgumentError(
            message("{path} cannot be read: {reason}.", path=path, reason=reason)
        ) from None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        raise ArgumentError(
            message(
                "{path} is not valid YAML{line}: {reason}.",
                path=path,
                line=message(" in line {n}", n=mark.line + 1) if mark else "",
                reason=getattr(problem, "problem", None) or message("unreadable"),
            )
        ) from None
    if not isinstance(content, dict):
        raise ArgumentError(message("{path} holds no `key: value` lines.", path=path))
    return content


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
        for name, path in _files(kind).items():
            try:
                content = _read(path)
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
