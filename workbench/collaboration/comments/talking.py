"""The only writers of comments: posting, replying, liking, resolving, editing, deleting, placing.

Each function checks everything, writes in one transaction, and gives back what is kept. Notices of
mentions are entries of the store; they give nobody access to anything.

Source: collaboration.md, section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from workbench.collaboration.comments.mentions import Person, mentioned
from workbench.collaboration.comments.model import Anchor, Comment, checked_text
from workbench.collaboration.comments.rights import may_moderate, open_for_comments
from workbench.collaboration.store import Entry, Record, Store, Transaction
from workbench.errors import ArgumentError
from workbench.messages import message

KIND = "comments"
_MOST_QUOTED = 280


def post(
    store: Store, project: str, text: str, *, by: str, anchor: Anchor | None = None,
    people: Iterable[Person] = (),
) -> Comment:  # fmt: skip
    """Begin a thread: general, or with a badge at a visual or a data point.

    Parameters
    ----------
    store : Store
    project : str
        The report.
    text : str
    by : str
    anchor : Anchor, optional
        Nothing for a comment on the report as a whole.
    people : iterable of Person
        Who can be mentioned, beside those who wrote here.
    """
    if not isinstance(project, str) or not project.strip():
        raise ArgumentError.of("project", project, message("the name of a report or notebook"))
    kept, place = checked_text(text), anchor or Anchor()
    with store.transaction() as now:
        open_for_comments(now, project, by)
        called = mentioned(kept, [*people, *_writers(now, people)])
        definition: dict[str, Any] = {"text": kept, "anchor": place.plain()}
        if place.visual:
            definition["badge"] = now.count(f"badge {project}")
        record = now.add(KIND, definition, by=by, project=project, name="")
        _notice(now, record, called, kept, by)
    return Comment.of(record)


def reply(
    store: Store, identity: str, text: str, *, by: str, quote: bool = False,
    people: Iterable[Person] = (),
) -> Comment:  # fmt: skip
    """Answer in a thread, quoting what is answered where that is asked for."""
    kept = checked_text(text)
    with store.transaction() as now:
        answered = now.get(KIND, identity)
        open_for_comments(now, answered.project, by)
        called = mentioned(kept, [*people, *_writers(now, people)])
        thread = answered.definition.get("thread") or answered.id
        definition = {"text": kept, "thread": thread, "of": answered.id}
        if quote:
            said = answered.definition["text"]
            cut = said if len(said) <= _MOST_QUOTED else said[: _MOST_QUOTED - 1] + "…"
            definition["quote"] = f"{answered.created_by}: {cut}"
        record = now.add(KIND, definition, by=by, project=answered.project)
        _notice(now, record, called, kept, by)
    return Comment.of(record)


def edit(
    store: Store, identity: str, text: str, *, by: str, version: int | None = None,
    people: Iterable[Person] = (),
) -> Comment:  # fmt: skip
    """Change the text of an own comment; what it said before stays in its history."""
    kept = checked_text(text)
    with store.transaction() as now:
        record = now.get(KIND, identity)
        open_for_comments(now, record.project, by)
        if record.created_by != by:
            raise ArgumentError(
                message("{id} was written by {who}, who alone may edit it.",
                        id=record.id, who=record.created_by)
            )  # fmt: skip
        called = mentioned(kept, [*people, *_writers(now, people)])
        edits = int(record.definition.get("edits", 0)) + 1
        changed = {**record.definition, "text": kept, "edits": edits}
        record = now.change(KIND, identity, changed, by=by, version=version)
        _notice(now, record, called, kept, by)
    return Comment.of(record)


def delete(store: Store, identity: str, *, by: str) -> int:
    """Delete a comment for good, with the replies of a thread; return how many went.

    Its author and the owners of the report may.
    """
    with store.transaction() as now:
        record = now.get(KIND, identity)
        if record.created_by != by:
            may_moderate(now, record, by)
        gone = [record, *_replies(now, record)]
        for one in gone:
            now.unnote("likes", of=one.id)
            now.unnote("notices", of=one.id)
            now.erase(KIND, one.id)
    return len(gone)


def like(store: Store, identity: str, *, by: str, on: bool = True) -> bool:
    """Like a comment, or no more; return whether that changed anything."""
    with store.transaction() as now:
        record = now.get(KIND, identity)
        open_for_comments(now, record.project, by)
        if on:
            return now.note("likes", of=record.id, key=by, by=by)
        return bool(now.unnote("likes", of=record.id, key=by))


def resolve(store: Store, identity: str, *, by: str, on: bool = True) -> Comment:
    """Settle a thread: it is hidden and loses its badge until it is reopened."""
    return _set(store, identity, by, {"resolved": on, "resolved_by": by if on else ""})


def place(store: Store, identity: str, anchor: Anchor | None, *, by: str) -> Comment:
    """Pin a thread to a place, move it, or take its badge away; the comment stays."""
    with store.transaction() as now:
        record = _first_of_thread(now, identity, by)
        if record.created_by != by:
            may_moderate(now, record, by)
        changed = {**record.definition, "anchor": (anchor or Anchor()).plain()}
        if anchor is None or not anchor.visual:
            changed.pop("badge", None)
        elif changed.get("badge") is None:
            changed["badge"] = now.count(f"badge {record.project}")
        return Comment.of(now.change(KIND, identity, changed, by=by))


def hide_badge(store: Store, identity: str, *, by: str, on: bool = True) -> Comment:
    """Hide the badge of a thread, or show it again."""
    return _set(store, identity, by, {"hidden": on})


def threads(store: Store, projects: str | Sequence[str], *, resolved: bool = True) -> list[Comment]:
    """Return the threads of a report in the order of creation, with their replies and likes.

    Parameters
    ----------
    store : Store
    projects : str or sequence of str
        Names that the report has.
    resolved : bool
        Also those that are settled.
    """
    with store.reading() as now:
        records = now.find(KIND, project=projects)
        liked: dict[str, list[str]] = {}
        for entry in now.noted("likes", of=[record.id for record in records]):
            liked.setdefault(entry.of, []).append(entry.key)
    likes = {record.id: tuple(liked.get(record.id, ())) for record in records}
    replies: dict[str, list[Comment]] = {}
    for record in records:
        if thread := record.definition.get("thread"):
            replies.setdefault(thread, []).append(Comment.of(record, likes[record.id]))
    return [
        Comment.of(record, likes[record.id], tuple(replies.get(record.id, ())))
        for record in records
        if not record.definition.get("thread")
        and (resolved or not record.definition.get("resolved"))
    ]


def history(store: Store, identity: str) -> list[dict[str, Any]]:
    """Return what a comment said: ``at, by, text`` of each version with another text."""
    out: list[dict[str, Any]] = []
    for version in store.history(KIND, identity):
        text = version["definition"]["text"]
        if not out or out[-1]["text"] != text:
            out.append({"at": version["at"], "by": version["by"], "text": text})
    return out


def notices(store: Store, person: str, *, seen: bool = False) -> list[Entry]:
    """Return the notices of mentions for somebody, by his name or mail address, oldest first.

    Parameters
    ----------
    store : Store
    person : str
    seen : bool
        Also those that he has seen.
    """
    wanted = person.casefold()
    return [
        entry
        for entry in store.noted("notices")
        if wanted in (entry.key.casefold(), str(entry.content.get("email", "")).casefold())
        and (seen or entry.status == "new")
    ]


def mark_seen(store: Store, found: Sequence[Entry]) -> None:
    """Say that somebody has seen his notices."""
    with store.transaction() as now:
        for entry in found:
            now.settle("notices", of=entry.of, key=entry.key, status="seen")


def _set(store: Store, identity: str, by: str, fields: dict[str, Any]) -> Comment:
    with store.transaction() as now:
        record = _first_of_thread(now, identity, by)
        return Comment.of(now.change(KIND, identity, {**record.definition, **fields}, by=by))


def _first_of_thread(now: Transaction, identity: str, by: str) -> Record:
    record = now.get(KIND, identity)
    open_for_comments(now, record.project, by)
    thread = record.definition.get("thread")
    if thread:
        raise ArgumentError.of(
            "id", record.id, repr(thread),
            message("It is a reply; a thread is settled and placed as a whole, by its first."),
        )  # fmt: skip
    return record


def _replies(now: Transaction, record: Record) -> list[Record]:
    found = now.find(KIND, project=record.project)
    return [one for one in found if one.definition.get("thread") == record.id]


def _writers(now: Transaction, people: Iterable[Person]) -> list[Person]:
    """Those who wrote comments, without those who are known by name or mail."""
    known = list(people)
    names = dict.fromkeys(record.created_by for record in now.find(KIND))
    return [Person(n) for n in names if not any(one.answers_to(n) for one in known)]


def _notice(now: Transaction, record: Record, called: list[Person], text: str, by: str) -> None:
    for person in called:
        if person.name != by:
            now.note(
                "notices", of=record.id, key=person.name, by=by, status="new",
                content={"email": person.email, "project": record.project, "text": text[:500]},
            )  # fmt: skip
