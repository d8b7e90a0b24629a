"""Giving a copy of a report to anyone: through its link, in the folder that is served, until a day.

Copies lie in ``shared/`` of the folder of the pages, each under the token of its link. What ends a
link takes its file away, so that on a server it is gone at once; files that somebody has kept stay
with him and only stop showing their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.collaboration.sharing.curating import parts_for
from workbench.collaboration.sharing.links import (
    Link,
    give_link,
    is_token,
    last_day,
    link_of,
    usable,
)
from workbench.collaboration.sharing.roles import READ
from workbench.collaboration.store import Store
from workbench.errors import AbsentError, ArgumentError, WorkbenchError
from workbench.messages import message
from workbench.reports.bundles.building import Copy, Terms, build_copy, component_of
from workbench.reports.bundles.locking import check_password, locked
from workbench.reports.exports.ask import material_of
from workbench.reports.exports.places import inside, write_bytes
from workbench.reports.snapshots import find_snapshot

if TYPE_CHECKING:
    from workbench.reports.bundles.names import Identity
    from workbench.reports.exports.material import Material
    from workbench.reports.snapshots import Snapshot
    from workbench.workspace import Workspace

SHARED = "shared"
PASSWORD = "WORKBENCH_SHARE_PASSWORD"


@dataclass(frozen=True)
class Given:
    """A copy that was given.

    Attributes
    ----------
    path : pathlib.Path
        Its file in the folder that is served.
    link : Link
    said : tuple of str
        What was done to it.
    removed : tuple of str
        Files of dead links that were taken away.
    """

    path: Path
    link: Link
    said: tuple[str, ...]
    removed: tuple[str, ...]


def give_copy(
    store: Store,
    report: str,
    *,
    by: str,
    folder: str | Path = "reports",
    expires: str | date | None = None,
    least: int = 5,
    pseudonyms: bool = True,
    comments: bool = False,
    password: str = "",
    renew: bool = False,
    workspace: Workspace | None = None,
    today: date | None = None,
) -> Given:
    """Give a copy of a report's newest good run to anyone who has its link.

    Parameters
    ----------
    store : Store
        Knows who may, the link, and which parts readers may see.
    report : str
        A report or one of its runs.
    by : str
    folder : str or Path
        Folder of the pages.
    expires : str or date, optional
        Last day; 30 days ahead when left out.
    least : int
        Smallest group that is shown; 0 shows all.
    pseudonyms : bool
        Replace names of accounts, people and their records.
    comments : bool
    password : str
        Asked for by the page; 8 signs or more with a digit and a special sign.
    renew : bool
        A new link; the old one dies.
    workspace : Workspace, optional
        Knows the names; opened as the run did when left out.
    today : date, optional

    Raises
    ------
    ArgumentError, ReportError
        When it may not be given, or not in this form; nothing is written then.

    Notes
    -----
    Source: collaboration.md, 4.
    """
    if least < 0 or least > 1000:
        raise ArgumentError.of("least", least, message("0 to 1,000"))
    if password:
        check_password(password)
    place = Path(folder)
    snapshot = find_snapshot(place, report)
    material = material_of(snapshot)
    used = _components(material)
    visible = tuple(parts_for(store, snapshot.name, role=READ, used=used))
    until = last_day(expires, today)
    names = _Names(snapshot, workspace) if pseudonyms else None
    # What cannot be given kills no link: the page is made before the link is given.
    copy = build_copy(
        material, Terms(until, least, pseudonyms, visible, comments), identities=names
    )
    link = usable(give_link(store, snapshot.name, by=by, expires=until, renew=renew, today=today))
    html = locked(copy.html, password, link.expires) if password else copy.html
    path = write_bytes(inside(place / SHARED, link.file_name), html.encode("utf-8", "replace"))
    return Given(path, link, _said(copy, password), tuple(sweep(store, place, today=today)))


def used_parts(report: str, folder: str | Path) -> list[str]:
    """The parts that a report uses: anchors of findings and lists, ``figures``, ``definitions``."""
    return _components(material_of(find_snapshot(Path(folder), report)))


def _components(material: Material) -> list[str]:
    names = [component_of(block) for block in material.blocks]
    return list(dict.fromkeys(name for name in names if name != "header"))


def sweep(store: Store, folder: str | Path, *, today: date | None = None) -> list[str]:
    """Take the files of dead links away; return their names.

    A file is dead when no link of the store that is on has its token. Other files in the folder
    are left alone.
    """
    place = Path(folder) / SHARED
    alive = set()
    for record in store.find("shares", name="anyone"):
        try:
            link = link_of(store, record.project, today=today)
        except AbsentError:
            continue
        if link.state == "on":
            alive.add(link.file_name)
    removed = []
    for path in sorted(place.glob("*.html")) if place.is_dir() else []:
        if is_token(path.stem) and path.name not in alive and not path.is_symlink():
            path.unlink()
            removed.append(path.name)
    return removed


def _said(copy: Copy, password: str) -> tuple[str, ...]:
    if not password:
        return copy.said
    said = message("It asks for a password; whoever forgets it cannot open it.")
    return (*copy.said, said)


class _Names:
    """Names of a workspace for the texts of one report, opened when first asked for."""

    def __init__(self, snapshot: Snapshot, workspace: Workspace | None) -> None:
        self._snapshot, self._workspace = snapshot, workspace

    def __call__(self, said: str) -> Iterable[Identity]:
        from workbench.reports.bundles.identities import identities_of

        if self._workspace is None:
            self._workspace = _opened(self._snapshot)
        return identities_of(self._workspace, said)


def _opened(snapshot: Snapshot) -> Workspace:
    """The workspace of a run, to learn which names are names."""
    from workbench.workspace import open_workspace

    values = snapshot.facts.get("values") or {}
    name, root = str(values.get("workspace") or ""), str(values.get("data") or "")
    try:
        if not name:
            raise ArgumentError.of("workspace", "", message("the name of a workspace"))
        return open_workspace(name, root=root or None)
    except WorkbenchError as error:
        raise ArgumentError(
            message("The names in {report} are known to its workspace, which cannot be opened, so "
                    "that they cannot be replaced. {why}", report=snapshot.name, why=error)
        ) from error  # fmt: skip
