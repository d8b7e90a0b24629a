"""What an annotation says: its fields, checked before anything is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from workbench.collaboration.store import Record
from workbench.errors import ArgumentError
from workbench.messages import marked, message

MOST_SCOPED = 10
LONGEST_TITLE = 200
LONGEST_TEXT = 15_000
KINDS = {
    "note": "#5B6B7B",
    "holiday": "#56B4E9",
    "campaign": "#E69F00",
    "release": "#009E73",
    "market": "#CC79A7",
    "tracking": "#D55E00",
}
_KIND_WORDS = {
    "note": marked("note"),
    "holiday": marked("holiday"),
    "campaign": marked("campaign or fair"),
    "release": marked("change of our own"),
    "market": marked("event in the market"),
    "tracking": marked("problem with the data"),
}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@dataclass(frozen=True)
class Annotation:
    """One annotation.

    Attributes
    ----------
    id : str
        Such as ``a3``; it stands on charts and in lists.
    title, description : str
    tags : tuple of str
    kind : str
        One of `KINDS`; it chooses the colour.
    colour : str
        ``#rrggbb``.
    first, last : date
        Both included; of the first occurrence where it recurs.
    repeats : str
        A rule of RFC 5545 such as ``FREQ=YEARLY``; empty for once.
    metrics : tuple of str
        Shown where any of these is; everywhere when empty.
    components : tuple of str
        Shown where all of these dimensions, items (``industry=Software``) and segments are.
    project : str
        Empty for all projects.
    view : str
        Name of the workspace; empty for all.
    by : str
    version : int

    Notes
    -----
    Source: collaboration.md, section 1.
    """

    id: str
    title: str
    first: date
    last: date
    description: str = ""
    tags: tuple[str, ...] = ()
    kind: str = "note"
    colour: str = KINDS["note"]
    repeats: str = ""
    metrics: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    project: str = ""
    view: str = ""
    by: str = ""
    version: int = 1

    @classmethod
    def of(cls, record: Record) -> Annotation:
        """Read an annotation from its record."""
        kept = record.definition
        return cls(
            id=record.id, title=record.name, first=date.fromisoformat(kept["first"]),
            last=date.fromisoformat(kept["last"]), description=kept.get("description", ""),
            tags=tuple(kept.get("tags", ())), kind=kept.get("kind", "note"),
            colour=kept.get("colour") or KINDS.get(kept.get("kind", ""), KINDS["note"]),
            repeats=kept.get("repeats", ""), metrics=tuple(kept.get("metrics", ())),
            components=tuple(kept.get("components", ())), project=record.project,
            view=kept.get("view", ""), by=record.created_by, version=record.version,
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """What is kept in the store beside title and project."""
        own = {"id", "title", "project", "by", "version"}
        kept = {field.name: getattr(self, field.name) for field in fields(self)}
        return {key: value for key, value in kept.items() if key not in own}


def kind_in_words(kind: str) -> str:
    """Return a kind as a reader says it."""
    return message(_KIND_WORDS[kind])


def checked(given: Mapping[str, Any], *, today: date) -> Annotation:
    """Return an annotation of the fields that somebody gave; its id is empty.

    Parameters
    ----------
    given : mapping
        ``title``, ``on`` and whatever else `annotate` takes.
    today : date
        What ``on="today"`` means.

    Raises
    ------
    ArgumentError
        For a value that is not allowed.
    """
    first, last = _days(given.get("on"), today)
    kind = given.get("kind") or "note"
    if kind not in KINDS:
        raise ArgumentError.of("kind", kind, KINDS)
    colour = given.get("colour") or KINDS[kind]
    if not isinstance(colour, str) or not _COLOUR.match(colour):
        raise ArgumentError.of("colour", colour, message("a colour such as #E69F00"))
    return Annotation(
        id="", title=_text("title", given.get("title"), LONGEST_TITLE, needed=True),
        first=first, last=last,
        description=_text("description", given.get("description") or "", LONGEST_TEXT),
        tags=_names("tags", given.get("tags"), 50), kind=kind, colour=colour,
        repeats=_rule(given.get("repeats") or "", first),
        metrics=_names("metrics", given.get("metrics"), MOST_SCOPED),
        components=_names("components", given.get("components"), MOST_SCOPED),
        project=_text("project", given.get("project") or "", LONGEST_TITLE),
        view=_text("view", given.get("view") or "", LONGEST_TITLE),
    )  # fmt: skip


def _text(argument: str, value: Any, longest: int, *, needed: bool = False) -> str:
    allowed = message("text of at most {n} characters", n=f"{longest:,}")
    if needed:
        allowed = message("text of 1 to {n} characters", n=f"{longest:,}")
    if not isinstance(value, str) or len(value.strip()) > longest:
        shown = value if not isinstance(value, str) else f"{value[:40]}…"
        raise ArgumentError.of(argument, shown, allowed)
    if needed and not value.strip():
        raise ArgumentError.of(argument, value, allowed)
    return value.strip()


def _names(argument: str, value: Any, most: int) -> tuple[str, ...]:
    if not isinstance(value, Iterable | None) or isinstance(value, Mapping):
        raise ArgumentError.of(argument, value, message("a list of names"))
    found = [value] if isinstance(value, str) else list(value or ())
    if not all(isinstance(name, str) and name.strip() for name in found):
        raise ArgumentError.of(argument, value, message("a list of names"))
    kept = tuple(dict.fromkeys(name.strip() for name in found))
    if len(kept) > most:
        raise ArgumentError.of(
            argument, message("{n} names", n=len(kept)), message("at most {n}", n=most)
        )
    return kept


def _days(value: Any, today: date) -> tuple[date, date]:
    """The first and last day of a day, a range ``2026-02-25..2026-03-01``, or ``today``."""
    allowed = message("a day such as 2026-03-05, a range 2026-02-25..2026-03-01, or 'today'")
    if isinstance(value, date):
        return _day(value), _day(value)
    if isinstance(value, str) and value.strip() == "today":
        return today, today
    begin, found, end = str(value or "").partition("..")
    parts = [part.strip() for part in ((begin, end) if found else (begin, begin))]
    if not all(_DAY.match(part) for part in parts):
        raise ArgumentError.of("on", value, allowed)
    try:
        first, last = (date.fromisoformat(part) for part in parts)
    except ValueError:
        raise ArgumentError.of("on", value, allowed) from None
    if last < first:
        raise ArgumentError.of("on", value, allowed, message("The range ends before it begins."))
    return first, last


def _day(value: date) -> date:
    return date(value.year, value.month, value.day)


def _rule(value: Any, first: date) -> str:
    from workbench.collaboration.annotations.recurring import rule_named

    if value:
        rule_named(value, first)
    return str(value).strip()
