"""What of a report a reader may see: the parts that were used, with more added or some removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.collaboration.sharing.recipients import become_owner, check_reports, refuse_unless
from workbench.collaboration.sharing.roles import COPY, EDIT, NONE, READ
from workbench.collaboration.store import Record, Store, Transaction
from workbench.errors import ArgumentError
from workbench.messages import message

_NAME = "parts"


def choose_parts(
    store: Store, report: str, *, by: str, add: Sequence[str] = (), remove: Sequence[str] = (),
    hide: Sequence[str] = (), used: Iterable[str] = (),
) -> list[str]:  # fmt: skip
    """Add parts to what readers of a report may see, or take some away.

    Parameters
    ----------
    store : Store
    report, by : str
    add, remove : sequence of str
        Parts (anchors of findings, segments, measures) that are shown beside those that the report
        uses, or not shown although it uses them.
    hide : sequence of str
        Parts that only administrators see.
    used : iterable of str
        What the report uses: it is shown without being added.

    Returns
    -------
    list of str
        What readers see.

    Notes
    -----
    Source: collaboration.md, 4.1.
    """
    both = set(add) & {*remove, *hide}
    if both:
        raise ArgumentError.of("add", sorted(both)[0], message("a part that is not removed too"))
    with store.transaction() as now:
        (report,) = check_reports([report])
        refuse_unless(now, report, by, "curate")
        become_owner(now, report, by)
        found = _record(now, report)
        said = _said(found)
        added = [*(p for p in said["add"] if p not in {*remove, *hide}), *add]
        removed = [*(p for p in said["remove"] if p not in add), *remove]
        hidden = [*(p for p in said["hide"] if p not in add), *hide]
        definition = {
            "add": list(dict.fromkeys(added)), "remove": list(dict.fromkeys(removed)),
            "hide": list(dict.fromkeys(hidden)),
        }  # fmt: skip
        if found:
            now.change("objects", found.id, definition, by=by, version=found.version)
        else:
            now.add("objects", definition, by=by, project=f"report:{report}", name=_NAME)
        return parts_for(now, report, role=READ, used=used)


def parts_for(
    store: Store | Transaction, report: str, *, role: str, used: Iterable[str],
    own: Iterable[str] = (), every: Iterable[str] = (), is_admin: bool = False,
) -> list[str]:  # fmt: skip
    """The parts of a report that somebody may see.

    Parameters
    ----------
    store : Store or Transaction
    report, role : str
    used : iterable of str
        Parts that the report uses.
    own : iterable of str
        Parts that the reader made or was given.
    every : iterable of str
        All parts there are.
    is_admin : bool

    Returns
    -------
    list of str
        Administrators: everything. *Edit original*: everything that is not hidden. *Edit copy*:
        the curated parts and the reader's own. *Read only* and links for anyone: the curated.
    """
    (report,) = check_reports([report])
    said = _said(_record(store, report))
    gone = {*said["remove"], *said["hide"]}
    curated = [part for part in [*used, *said["add"]] if part not in gone]
    chosen = {
        NONE: [],
        READ: curated,
        COPY: [*curated, *own],
        EDIT: [part for part in [*used, *said["add"], *every, *own] if part not in said["hide"]],
    }
    if role not in chosen:
        raise ArgumentError.of("role", role, chosen)
    parts = [*used, *said["add"], *said["hide"], *every, *own] if is_admin else chosen[role]
    return list(dict.fromkeys(parts))


def _record(store: Store | Transaction, report: str) -> Record | None:
    found = store.find("objects", project=f"report:{report}", name=_NAME)
    return found[-1] if found else None


def _said(record: Record | None) -> dict[str, list[str]]:
    kept = record.definition if record else {}
    return {key: list(kept.get(key, [])) for key in ("add", "remove", "hide")}
