"""What a comment is: its text, where it is pinned, and what was there when it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workbench.collaboration.store import Record
from workbench.errors import ArgumentError
from workbench.messages import message

LONGEST_TEXT = 15_000
POINT = ("row", "column", "metric", "segment")


@dataclass(frozen=True)
class Anchor:
    """Where a comment is pinned: a visual, or one of its data points.

    Attributes
    ----------
    visual : str
        Its kind or its anchor on the page, such as ``fallout`` or ``fallout-2``; empty for a
        comment on the report as a whole.
    heading : str
        What stood over it when the comment was written.
    row, column, metric, segment : str
        The data point; all empty for the visual as a whole.
    value : str
        What stood there when the comment was written, as a reader saw it.
    """

    visual: str = ""
    heading: str = ""
    row: str = ""
    column: str = ""
    metric: str = ""
    segment: str = ""
    value: str = ""

    @property
    def is_point(self) -> bool:
        """Whether a single number is meant."""
        return bool(self.row or self.column or self.metric)

    @property
    def words(self) -> str:
        """The data point in words."""
        return " · ".join(
            part for part in (self.row, self.column, self.metric, self.segment) if part
        )

    def plain(self) -> dict[str, str]:
        """The anchor as plain values, empty ones left out."""
        return {key: text for key, text in vars(self).items() if text}


@dataclass(frozen=True)
class Comment:
    """A comment or a reply.

    Attributes
    ----------
    id : str
        Such as ``c7``.
    project : str
        The report it belongs to.
    text : str
        Simple markup: emphasis, lists, links.
    by : str
    at : datetime
        UTC.
    thread : str
        Id of the comment it replies to; empty for the first of a thread.
    quote : str
        What it quotes of another.
    anchor : Anchor
    badge : int or None
        Number of its badge in the order of creation; None for a comment without a place.
    hidden : bool
        Whether the badge is hidden.
    resolved : bool
    edited : bool
    likes : tuple of str
    replies : tuple of Comment
        In the order of creation.
    version : int

    Notes
    -----
    Source: collaboration.md, section 3.
    """

    id: str
    project: str
    text: str
    by: str
    at: datetime
    thread: str = ""
    quote: str = ""
    anchor: Anchor = Anchor()
    badge: int | None = None
    hidden: bool = False
    resolved: bool = False
    edited: bool = False
    likes: tuple[str, ...] = ()
    replies: tuple[Comment, ...] = field(default=())
    version: int = 1

    @property
    def shows_badge(self) -> bool:
        """Whether a badge stands at its place."""
        return self.badge is not None and not self.resolved and not self.hidden

    @classmethod
    def of(
        cls, record: Record, likes: tuple[str, ...] = (), replies: tuple[Comment, ...] = ()
    ) -> Comment:
        """Read a comment from its record."""
        kept = record.definition
        return cls(
            id=record.id, project=record.project, text=kept["text"], by=record.created_by,
            at=record.created_at, thread=kept.get("thread", ""), quote=kept.get("quote", ""),
            anchor=Anchor(**kept.get("anchor", {})), badge=kept.get("badge"),
            hidden=bool(kept.get("hidden")), resolved=bool(kept.get("resolved")),
            edited=bool(kept.get("edits")), likes=likes, replies=replies, version=record.version,
        )  # fmt: skip


def checked_text(text: Any) -> str:
    """Return the text of a comment without space around it.

    Raises
    ------
    ArgumentError
        For an empty text or one of more than 15,000 characters.
    """
    allowed = message("text of 1 to {n} characters", n=f"{LONGEST_TEXT:,}")
    if not isinstance(text, str):
        raise ArgumentError.of("text", text, allowed)
    kept = text.replace("\r\n", "\n").replace("\x00", "\ufffd").strip()
    if not kept:
        raise ArgumentError.of("text", "", allowed)
    if len(kept) > LONGEST_TEXT:
        raise ArgumentError.of(
            "text", f"{kept[:30]}…", allowed,
            message("It has {n} characters; nothing was kept.", n=f"{len(kept):,}"),
        )  # fmt: skip
    return kept


def checked_point(point: Any) -> dict[str, str]:
    """Return the parts of a data point as texts.

    Raises
    ------
    ArgumentError
        For anything but a mapping of row, column, metric and segment.
    """
    allowed = message("a mapping such as {'row': 'Acme', 'column': 'MQL'}; keys: {keys}").replace(
        "{keys}", ", ".join(POINT)
    )
    if not isinstance(point, Mapping) or not point or not set(point) <= set(POINT):
        raise ArgumentError.of("point", point, allowed)
    return {key: str(value) for key, value in point.items() if value is not None and str(value)}
