"""What people say about a page: notes on its charts, badges at its parts, threads at its end.

Comments are read when a page is made; a store that cannot be read is said on the page and stops
nothing. Every text is markup that is shown, never obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from workbench.errors import WorkbenchError
from workbench.messages import message, message_of_count
from workbench.reports.cells import Heading, markdown

if TYPE_CHECKING:
    from workbench.collaboration.comments.model import Comment
    from workbench.reports.page import Page, Section
    from workbench.reports.tables import Table

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_MOST_PLACES = 3
_TEXTS = ("mark", "title", "days", "kind", "text", "by")


@dataclass(frozen=True)
class Badge:
    """A badge at a heading: its number, or three dots for several, and where it leads."""

    text: str
    href: str
    said: str


@dataclass(frozen=True)
class Said:
    """A comment or reply as the page writes it."""

    identity: str
    by: str
    at: str
    html: Markup
    quote: Markup | None = None
    edited: bool = False
    likes: int = 0
    badge: str = ""
    place: str = ""
    href: str = ""
    point: str = ""
    values: str = ""
    detached: bool = False
    replies: tuple[Said, ...] = ()


def marks_of(block: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    """Return the notes on a part as texts, as its block lists them."""
    given = block.get("annotations")
    notes = [note for note in given if isinstance(note, Mapping)] if isinstance(given, list) else []
    return tuple(
        {
            **{key: str(note.get(key) or "") for key in _TEXTS},
            "colour": found if _COLOUR.match(found := str(note.get("colour"))) else "#5B6B7B",
        }
        for note in notes
    )


def notes_section(sections: Sequence[Section], anchor: str) -> Section | None:
    """Return the list of all notes on a page, with the parts that they stand at."""
    from workbench.reports.page import Section

    places: dict[tuple[str, str], list[tuple[str, str]]] = {}
    notes: dict[tuple[str, str], Mapping[str, str]] = {}
    # Those that draw them come first; further ones are counted.
    for part in sorted(sections, key=lambda part: not part.block.get("annotated", True)):
        for note in part.marks:
            key = (note["mark"], note["days"])
            notes[key] = note
            places.setdefault(key, []).append((part.anchor, part.heading))
    if not notes:
        return None
    ordered = sorted(notes, key=lambda key: key[1])
    content = [
        {**notes[key], "places": places[key][:_MOST_PLACES],
         "more": max(0, len(places[key]) - _MOST_PLACES)}
        for key in ordered
    ]  # fmt: skip
    return Section("annotations", anchor, message("Annotations"), content=content)


def lay_in(page: Page, projects: Sequence[str]) -> None:
    """Put the comments on a report into its page.

    Parameters
    ----------
    page : Page
        It gets badges at its headings and cells, and the threads near its end.
    projects : sequence of str
        Names that the report has: its own and that of its notebook.
    """
    from workbench.collaboration.place import there_is_a_store

    if not there_is_a_store():
        return
    from workbench.collaboration.comments import rights, talking
    from workbench.collaboration.store import existing_store

    names = tuple(dict.fromkeys(name for name in projects if name))
    try:
        store = existing_store()
        if store is None or not rights.are_open(store, names):
            return
        found = talking.threads(store, names)
        store.close()
    except WorkbenchError as problem:
        _add(page, [], message("The comments could not be read. {why}", why=problem))
        return
    if found:
        lay_threads(page, found)


def lay_threads(page: Page, threads: Sequence[Comment]) -> None:
    """Put threads into a page: badges where they are pinned, the threads near the end."""
    shown = [one for one in threads if not one.resolved]
    settled = len(threads) - len(shown)
    numbers = _numbers(shown)
    said: list[Said] = []
    at_part: dict[int, list[Comment]] = {}
    for one in shown:
        index = _part_of(page.sections, one)
        if index is not None and one.shows_badge:
            at_part.setdefault(index, []).append(one)
        part = page.sections[index] if index is not None else None
        said.append(_thread(one, part, numbers.get(one.id, "")))
    for index, ones in at_part.items():
        page.sections[index] = _pinned(page.sections[index], ones, numbers)
    sentence = message_of_count("{count} thread.", "{count} threads.", len(shown))
    if settled:
        sentence += " " + message_of_count(
            "{count} more is settled and not shown.", "{count} more are settled and not shown.",
            settled,
        )  # fmt: skip
    _add(page, said, sentence)


def _add(page: Page, said: list[Said], sentence: str) -> None:
    from workbench.reports.page import LATE, Section

    section = Section("comments", "comments", message("Comments"), reading=sentence, content=said)
    page.ending = sorted([*page.ending, section], key=lambda part: LATE.index(part.kind))


def _numbers(shown: Sequence[Comment]) -> dict[str, str]:
    """Badges by comment; counted anew where two names of a report gave one number twice."""
    pinned = [one for one in shown if one.shows_badge]
    kept = [one.badge for one in pinned]
    if len(set(kept)) == len(kept):
        return {one.id: str(one.badge) for one in pinned}
    return {one.id: str(n) for n, one in enumerate(sorted(pinned, key=lambda c: c.at), start=1)}


def _part_of(sections: Sequence[Section], one: Comment) -> int | None:
    """Number of the part that a thread is pinned to: the same heading first, then the anchor."""
    anchor = one.anchor
    if not anchor.visual:
        return None
    named = [n for n, part in enumerate(sections) if part.anchor == anchor.visual]
    alike = [n for n, part in enumerate(sections)
             if str(part.block.get("anchor", "")) == anchor.visual]  # fmt: skip
    same = [n for n in alike if sections[n].heading == anchor.heading]
    return next(iter([*same, *named, *alike]), None)


def _thread(one: Comment, part: Section | None, badge: str) -> Said:
    from workbench.collaboration.comments.places import value_at

    anchor, values, detached = one.anchor, "", bool(one.anchor.visual and part is None)
    if anchor.is_point and part is not None:
        now = value_at(part.block.get("table"), anchor)
        detached = now is None
        if now is not None and anchor.value and now != anchor.value:
            values = message("{value} when written, {now} now", value=anchor.value, now=now)
        elif now is not None:
            values = now
    if detached and anchor.value:
        values = message("{value} when written", value=anchor.value)
    place = part.heading if part is not None else anchor.heading or anchor.visual
    return replace(
        _said(one), badge=badge, place=place, point=anchor.words, values=values,
        href=f"#{part.anchor}" if part is not None else "", detached=detached,
        replies=tuple(_said(answer) for answer in one.replies),
    )  # fmt: skip


def _said(one: Comment) -> Said:
    return Said(
        identity=one.id, by=one.by, at=f"{one.at:%Y-%m-%d %H:%M} UTC", html=as_html(one.text),
        quote=as_html(one.quote) if one.quote else None,
        edited=one.edited, likes=len(one.likes),
    )  # fmt: skip


def as_html(text: str) -> Markup:
    """Return the text of a comment as HTML: its markup is the page's, everything else is shown."""
    parts = []
    for kind, content in markdown(text):
        if kind == "heading":
            heading: Heading = content
            parts.append(Markup("<p><strong>{}</strong></p>").format(heading.html))
        else:
            parts.append(content)
    return Markup("").join(parts)


def _pinned(part: Section, ones: Sequence[Comment], numbers: Mapping[str, str]) -> Section:
    first = ones[0]
    text = numbers[first.id] if len(ones) == 1 else "\N{HORIZONTAL ELLIPSIS}"
    said = message_of_count("{count} comment on this", "{count} comments on this", len(ones))
    names = ", ".join(numbers[one.id] for one in ones)
    badge = Badge(text, f"#{first.id}", message("{said}: {names}", said=said, names=names))
    tables = part.tables
    if tables:
        tables = (_with_pins(tables[0], part, ones, numbers), *tables[1:])
    return replace(part, badge=badge, tables=tables)


def _with_pins(
    table: Table, part: Section, ones: Sequence[Comment], numbers: Mapping[str, str]
) -> Table:
    """Return a table with the numbers of comments at the cells that they are pinned to."""
    from workbench.collaboration.comments.places import cell_of

    rows = [list(row) for row in table.rows]
    for one in ones:
        found = cell_of(part.block.get("table"), one.anchor)
        if found is None or found[0] >= len(rows):
            continue
        row, column = found[0], found[1] or 0
        cell = rows[row][column]
        pin = "\N{HORIZONTAL ELLIPSIS}" if cell.pin else numbers[one.id]
        rows[row][column] = replace(cell, pin=pin)
    return replace(table, rows=tuple(tuple(row) for row in rows))
