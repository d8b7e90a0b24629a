"""The comments of a report: written from a notebook, listed, and everything done to each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from workbench.collaboration.comments import rights, talking
from workbench.collaboration.comments.mentions import Person
from workbench.collaboration.comments.model import Anchor, Comment, checked_point
from workbench.collaboration.comments.places import with_value
from workbench.collaboration.projects import current_projects, project_named
from workbench.collaboration.store import existing_store, open_store, user_name
from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.results.base import Block, Result
from workbench.results.blocks import action_table
from workbench.results.tables import Column, plain_table
from workbench.workspace import Workspace

COLUMNS = {
    "id": "Name of the comment",
    "thread": "Comment it replies to; empty for the first of a thread",
    "badge": "Number at its place on the page; empty without a place",
    "visual": "Kind or anchor of the visual it is pinned to",
    "point": "Data point in words",
    "value": "What stood there when it was written",
    "text": "What it says",
    "by": "Who wrote it",
    "at": "When, in UTC",
    "resolved": "Whether its thread is settled",
    "edited": "Whether its text was changed",
    "likes": "How many like it",
    "mentions": "Who is called in it",
}


class Comments:
    """Comments of one report, made by `comments`.

    Attributes
    ----------
    threads : list of Comment
        In the order of creation, each with its ``replies``.
    frame : pandas.DataFrame
        A line a comment and reply, with the columns of `COLUMNS`.
    """

    def __init__(
        self, threads: list[Comment], hidden: int, people: list[Person], store: str | None
    ) -> None:
        self.threads, self.hidden = threads, hidden
        self._people, self._store = people, store

    @property
    def frame(self) -> pd.DataFrame:
        """A line a comment, each thread together."""
        rows = [line for first in self.threads for line in (first, *first.replies)]
        called = self._called([one.id for one in rows])
        lines = [
            {
                "id": one.id, "thread": one.thread, "badge": one.badge,
                "visual": one.anchor.visual, "point": one.anchor.words, "value": one.anchor.value,
                "text": one.text, "by": one.by, "at": one.at, "resolved": one.resolved,
                "edited": one.edited, "likes": len(one.likes),
                "mentions": ", ".join(called.get(one.id, ())),
            }
            for one in rows
        ]  # fmt: skip
        frame = pd.DataFrame(lines, columns=list(COLUMNS))
        frame["badge"] = frame["badge"].astype("Int64")
        frame["at"] = pd.to_datetime(frame["at"], utc=True)
        return frame

    def __len__(self) -> int:
        return len(self.threads)

    def __repr__(self) -> str:
        return f"Comments: {self.headline()}"

    def headline(self) -> str:
        """How many threads there are, and how many settled ones are hidden."""
        said = message_of_count("{count} thread", "{count} threads", len(self.threads))
        if not self.hidden:
            return said
        more = message_of_count("{count} settled", "{count} settled", self.hidden)
        return message("{threads} ({more} and hidden)", threads=said, more=more)

    def reply(
        self, identity: str, text: str, *, quote: bool = False, by: str | None = None
    ) -> Comment:
        """Answer in a thread; ``quote`` repeats what is answered."""
        return talking.reply(
            self._opened(), identity, text, by=user_name(by), quote=quote, people=self._people
        )

    def edit(
        self, identity: str, text: str, *, version: int | None = None, by: str | None = None
    ) -> Comment:
        """Change an own comment; what it said stays in `history`."""
        return talking.edit(
            self._opened(), identity, text, by=user_name(by), version=version, people=self._people
        )

    def delete(self, identity: str, *, by: str | None = None) -> int:
        """Delete a comment and its replies for good; return how many went."""
        return talking.delete(self._opened(), identity, by=user_name(by))

    def like(self, identity: str, *, on: bool = True, by: str | None = None) -> bool:
        """Like a comment, or no more."""
        return talking.like(self._opened(), identity, by=user_name(by), on=on)

    def resolve(self, identity: str, *, on: bool = True, by: str | None = None) -> Comment:
        """Settle a thread, or open it again."""
        return talking.resolve(self._opened(), identity, by=user_name(by), on=on)

    def place(
        self, identity: str, *, on: Result | None = None, visual: str = "",
        point: Mapping[str, Any] | None = None, by: str | None = None,
    ) -> Comment:  # fmt: skip
        """Pin a thread to a place or move it; without a place its badge is taken away."""
        anchor = anchor_of(on, visual, point)
        return talking.place(self._opened(), identity, anchor, by=user_name(by))

    def hide_badge(self, identity: str, *, on: bool = True, by: str | None = None) -> Comment:
        """Hide the badge of a thread, or show it again."""
        return talking.hide_badge(self._opened(), identity, by=user_name(by), on=on)

    def history(self, identity: str) -> pd.DataFrame:
        """Return what a comment said: ``at, by, text``, oldest first."""
        return pd.DataFrame(talking.history(self._opened(), identity), columns=["at", "by", "text"])

    def switch(self, project: str, *, on: bool, by: str | None = None) -> None:
        """Switch comments off or on for a report, or for all with an empty name."""
        rights.switch(self._opened(), project, on=on, by=user_name(by))

    def name_owners(self, project: str, *names: str, by: str | None = None) -> tuple[str, ...]:
        """Say who owns a report: they may delete what others wrote and switch comments off."""
        return rights.name_owners(self._opened(), project, list(names), by=user_name(by))

    def block(self) -> Block:
        """The list as a part of a page."""
        return action_table(
            message("Comments"), self.headline(), self.frame,
            (
                Column("id", message("Comment")), Column("thread", message("In thread")),
                Column("badge", message("Badge"), "count"), Column("visual", message("At")),
                Column("point", message("Data point")), Column("value", message("Value then")),
                Column("text", message("Text")), Column("by", message("By")),
                Column("at", message("When"), "date"), Column("likes", message("Likes"), "count"),
            ),
            anchor="comments",
        )  # fmt: skip

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.block()._repr_mimebundle_(include, exclude)

    def _opened(self) -> Any:
        return open_store(self._store)

    def _called(self, ids: list[str]) -> dict[str, list[str]]:
        store = existing_store(self._store)
        out: dict[str, list[str]] = {}
        for entry in store.noted("notices", of=ids) if store and ids else []:
            out.setdefault(entry.of, []).append(entry.key)
        return out


def comment(
    workspace: Workspace, *, text: str, on: Result | None = None, visual: str = "",
    point: Mapping[str, Any] | None = None, project: str | None = None, by: str | None = None,
    store: str | None = None,
) -> Comment:  # fmt: skip
    """Comment on a report, on one of its visuals, or on one of its numbers.

    It appears when the report is made the next time.

    Parameters
    ----------
    workspace : Workspace
        Its users, and whoever has commented before, can be mentioned: ``@first``, ``@last``,
        ``@"First Last"`` or ``@mail@address``. A mention gives nobody access.
    text : str
        At most 15,000 characters; simple markup (emphasis, lists, links).
    on : Result, optional
        The answer it is pinned to.
    visual : str, optional
        The visual by its kind or its anchor on the page, instead of the answer.
    point : mapping, optional
        A number of the table: ``{"row": "Acme", "column": "MQL"}``, also ``metric``, ``segment``.
        What stands there is kept with the comment.
    project : str, optional
        The report; the one that runs or the notebook that is open when left out.
    by : str, optional
        Who writes; the user when left out.
    store : str, optional

    Returns
    -------
    Comment

    Raises
    ------
    ArgumentError
        For a text that is empty or too long, a mention of nobody, a number that is not there, a
        report that is not named or closed for comments; nothing is kept then.
    StoreError
        When the store cannot be written; nothing is kept then.

    Notes
    -----
    Source: collaboration.md, section 3.
    """
    anchor = anchor_of(on, visual, point)
    return talking.post(
        open_store(store), project_named(project), text, by=user_name(by), anchor=anchor,
        people=people_of(workspace),
    )  # fmt: skip


def comments(
    workspace: Workspace, *, project: str | None = None, resolved: bool = False,
    store: str | None = None,
) -> Comments:  # fmt: skip
    """List the comments of a report.

    Parameters
    ----------
    workspace : Workspace
    project : str, optional
        The report; the one that runs or the notebook that is open when left out.
    resolved : bool
        Also threads that are settled.
    store : str, optional

    Returns
    -------
    Comments

    Notes
    -----
    Source: collaboration.md, section 3.
    """
    opened = existing_store(store)
    names = list(current_projects()) if project is None else [project]
    found = talking.threads(opened, names) if opened else []
    shown = [one for one in found if resolved or not one.resolved]
    return Comments(shown, len(found) - len(shown), people_of(workspace), store)


def anchor_of(
    on: Result | None, visual: str, point: Mapping[str, Any] | None, table: Any = None
) -> Anchor | None:
    """Return the place that is meant, with what stands there; None for the report as a whole.

    Parameters
    ----------
    on : Result or None
    visual : str
    point : mapping or None
    table : mapping, optional
        The plain table of the visual where there is no result.
    """
    if on is not None and not isinstance(on, Result):
        raise ArgumentError.of("on", type(on).__name__, message("an answer of an analysis"))
    if not isinstance(visual, str):
        raise ArgumentError.of("visual", visual, message("the kind or anchor of a visual"))
    if on is None and not visual:
        if point:
            raise ArgumentError.of(
                "point", dict(point), message("nothing without the visual that it is in")
            )
        return None
    anchor = Anchor(visual or (on.kind if on else ""), on.headline() if on else "")
    if not point:
        return anchor
    anchor = Anchor(anchor.visual, anchor.heading, **checked_point(point))
    if on is not None:
        table = plain_table(on.table_frame(), on.shown(), most=100_000)
    return with_value(table, anchor) if table is not None else anchor


def people_of(workspace: Workspace) -> list[Person]:
    """Return the members of the own staff that a workspace knows."""
    if not workspace.has("users", "name"):
        return []
    mail = "email" if "email" in workspace.columns_of("users") else "NULL AS email"
    rows = workspace.sql(f"SELECT DISTINCT name, {mail} FROM users WHERE name IS NOT NULL")
    return [
        Person(str(name), "" if pd.isna(email) else str(email))
        for name, email in rows.sort_values(list(rows)).itertuples(index=False)
    ]
