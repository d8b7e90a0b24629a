"""Comments of a report as end notes: what each said, where, and what stood there then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from workbench.messages import message

if TYPE_CHECKING:
    from workbench.collaboration.comments.model import Comment
    from workbench.reports.exports.material import Material
    from workbench.reports.snapshots import Snapshot


def end_notes(snapshot: Snapshot, material: Material) -> tuple[dict[str, Any], ...]:
    """The comments on a report that are not settled, each thread together.

    Parameters
    ----------
    snapshot : Snapshot
    material : Material
        In which the places of the comments are looked for.

    Returns
    -------
    tuple of dict
        ``id, number, place, value, author, at, text, depth``; nothing where there is no store, and
        where comments are switched off.
    """
    from workbench.collaboration.place import there_is_a_store

    if not there_is_a_store():
        return ()
    from workbench.collaboration.comments import rights, talking
    from workbench.collaboration.store import existing_store

    notebook = str((snapshot.facts.get("notebook") or {}).get("name") or "")
    names = tuple(dict.fromkeys(n for n in (snapshot.name, notebook.removesuffix(".ipynb")) if n))
    store = existing_store()
    if store is None:
        return ()
    try:
        if not rights.are_open(store, names):
            return ()
        found = talking.threads(store, names, resolved=False)
    finally:
        store.close()
    return tuple(note for one in found for note in _thread(one, material.blocks))


def _thread(first: Comment, blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    place, value = _place(first, blocks)
    notes = [_note(first, 0)]
    notes[0] |= {"number": first.badge, "place": place, "value": value}
    return notes + [_note(answer, 1) for answer in first.replies]


def _note(one: Comment, depth: int) -> dict[str, Any]:
    text = f"> {one.quote}\n{one.text}" if one.quote else one.text
    return {"id": one.id, "number": None, "place": "", "value": "", "author": one.by,
            "at": f"{one.at:%Y-%m-%d %H:%M} UTC", "text": text, "depth": depth}  # fmt: skip


def _place(one: Comment, blocks: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    from workbench.collaboration.comments.places import value_at

    anchor = one.anchor
    if not anchor.visual:
        return "", ""
    named = [block for block in blocks if block.get("anchor") == anchor.visual]
    same = [block for block in named if block.get("heading") == anchor.heading]
    block = next(iter([*same, *named]), None)
    words = anchor.words
    title = str(block.get("heading") or "") if block else anchor.heading or anchor.visual
    place = f"{title}: {words}" if words else title
    now = value_at(block.get("table"), anchor) if block and anchor.is_point else None
    if block is None or (anchor.is_point and now is None):
        return place, message("{value} (its place is gone)", value=anchor.value or "–")
    if now is not None and now != anchor.value:
        return place, message("{value}; now {now}", value=anchor.value, now=now)
    return place, anchor.value


def with_later_notes(html: str, notes: Sequence[Mapping[str, Any]], made_at: str) -> str:
    """A page with the comments that were written after it was made, at its end.

    The page itself holds those that were there when it was made.
    """
    try:
        made = datetime.fromisoformat(made_at)
    except ValueError:
        return html
    later = [note for note in notes if _instant(str(note["at"])) > made]
    if not later or "</main>" not in html:
        return html
    items = "".join(
        f"<li dir='auto' style='margin-left:{2 * int(note['depth'])}em'>"
        f"<b>{escape(str(note['author']))}</b> {escape(str(note['at']))}"
        f"{' · ' + escape(str(note['place'])) if note['place'] else ''}"
        f"{' · ' + escape(str(note['value'])) if note['value'] else ''}"
        f"<div style='white-space:pre-wrap'>{escape(str(note['text']))}</div></li>"
        for note in later
    )
    title = escape(message("Comments since this page was made"))
    section = f"<section><h2>{title}</h2><ul>{items}</ul></section>"
    return html.replace("</main>", f"{section}</main>", 1)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace(" UTC", "+00:00"))
