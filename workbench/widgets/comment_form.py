"""Comments by hand: on an answer or one of its numbers, with the threads that are there."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.collaboration.comments.listing import comment, comments, people_of
from workbench.collaboration.projects import current_projects
from workbench.errors import ArgumentError, WorkbenchError
from workbench.messages import message
from workbench.results.tables import as_text, plain_table

if TYPE_CHECKING:
    from workbench.collaboration.comments import Comment
    from workbench.results.base import Result
    from workbench.workspace import Workspace

MOST_ROWS = 300


class CommentForm:
    """Controls for the comments of one report in JupyterLab.

    What was typed stays until it is kept; a refusal changes nothing and says why.

    Attributes
    ----------
    kept : Comment or None
        The last one that was kept.
    widget : ipywidgets.VBox
        What a notebook shows.

    Notes
    -----
    Source: collaboration.md, section 3. The form calls the functions of the room that keeps
    comments, and writes nothing itself.
    """

    def __init__(
        self, workspace: Workspace, on: Result | None, project: str | None, store: str | None
    ) -> None:
        import ipywidgets

        self._kit, self.workspace, self._on = ipywidgets, workspace, on
        self._given: dict[str, Any] = {"project": project, "store": store}
        self.kept: Comment | None = None
        self._editing = ""
        self._table = plain_table(on.table_frame(), on.shown(), most=MOST_ROWS) if on else None
        self._build()
        self._show()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.widget)

    def _build(self) -> None:
        kit = self._kit
        place = self._on.headline() if self._on else message("the whole report")
        head = kit.HTML(f"<p><b><bdi>{html.escape(place)}</bdi></b></p>")
        self.row = kit.Dropdown(description=message("Row"), options=self._rows())
        self.column = kit.Dropdown(description=message("Column"), options=self._columns())
        self._point = kit.HBox([self.row, self.column])
        self._point.layout.display = "" if self._table else "none"
        self.text = kit.Textarea(
            placeholder=message("Simple markup: **bold**, - lists, [links](https://…), @name"),
            layout=kit.Layout(width="auto", height="110px"),
        )
        self._mention = kit.Combobox(
            placeholder=message("mention somebody"), continuous_update=False,
            options=[person.name for person in people_of(self.workspace)],
        )  # fmt: skip
        self._mention.observe(self._mentioned, "value")
        self.thread = kit.Dropdown(description=message("Thread"), options=[])
        self.quote = kit.Checkbox(
            value=False, description=message("quote"), indent=False,
            layout=kit.Layout(width="auto", min_width="90px"),
        )  # fmt: skip
        acts: tuple[tuple[str, Callable[[], None]], ...] = (
            (message("Reply"), self.reply), (message("Like"), lambda: self._act("like")),
            (message("Settle"), lambda: self._act("resolve")), (message("Edit"), self.edit),
            (message("Delete"), lambda: self._act("delete")),
        )  # fmt: skip
        keep = kit.Button(description=message("Keep"), icon="check", button_style="primary")
        keep.on_click(lambda _: self.keep())
        buttons = [self._button(text, act) for text, act in acts]
        self._said, self._list = kit.HTML(), kit.HTML()
        self._threads = kit.HBox(
            [self.thread, self.quote, *buttons], layout=kit.Layout(flex_flow="row wrap")
        )
        self.widget = kit.VBox(
            [head, self._point, self.text, kit.HBox([keep, self._mention]), self._said,
             self._threads, self._list],
            layout=kit.Layout(width="auto", max_width="900px"),
        )  # fmt: skip

    def _button(self, text: str, act: Callable[[], None]) -> Any:
        button = self._kit.Button(
            description=text, layout=self._kit.Layout(width="auto", flex="0 0 auto")
        )
        button.on_click(lambda _: act())
        return button

    def _rows(self) -> list[tuple[str, str]]:
        """The first column of each row; an empty choice means the answer as a whole."""
        whole = [(message("(the whole answer)"), "")]
        if not self._table or not self._table["columns"]:
            return whole
        kind, unit = self._table["columns"][0]["kind"], self._table["columns"][0].get("unit", "")
        names = dict.fromkeys(as_text(row[0], kind, unit) for row in self._table["rows"])
        return whole + [(name, name) for name in names]

    def _columns(self) -> list[tuple[str, str]]:
        columns = self._table["columns"][1:] if self._table else []
        return [(column["label"], column["name"]) for column in columns] or [("", "")]

    def _mentioned(self, change: Any) -> None:
        if change["new"]:
            self.text.value = f'{self.text.value.rstrip()} @"{change["new"]}" '.lstrip()
            self._mention.value = ""

    def keep(self) -> None:
        """Keep what was typed: a new thread, or the new text of a comment that is edited."""
        if self._editing:
            edited = self._editing
            self._tried(lambda: self._listed().edit(edited, self.text.value))
            return
        point = {"row": self.row.value, "column": self.column.value} if self.row.value else None
        self._tried(
            lambda: comment(
                self.workspace, text=self.text.value, on=self._on, point=point, **self._given
            )
        )

    def reply(self) -> None:
        """Answer in the chosen thread with what was typed."""
        self._tried(
            lambda: self._listed().reply(
                str(self.thread.value), self.text.value, quote=self.quote.value
            )
        )

    def edit(self) -> None:
        """Take the text of the chosen comment into the box; keeping it changes the comment."""
        found = [one for one in self._all() if one.id == self.thread.value]
        if found:
            self._editing, self.text.value = found[0].id, found[0].text
            self._say(message("Change {id} and keep it.", id=self._editing))

    def _act(self, name: str) -> None:
        chosen = str(self.thread.value or "")
        self._tried(lambda: getattr(self._listed(), name)(chosen), clear=False)

    def _tried(self, act: Callable[[], Any], *, clear: bool = True) -> None:
        try:
            done = act()
        except WorkbenchError as refused:
            self._say(str(refused), wrong=True)
            return
        if clear:
            self.kept, self._editing, self.text.value = done, "", ""
            self._say(
                message("{id} was kept; it stands in the report when it is made the next time.",
                        id=done.id)
            )  # fmt: skip
        else:
            self._say(message("Done."))
        self._show()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        role = "alert" if wrong else "status"
        self._said.value = f"<p role='{role}' dir='auto'>{html.escape(text)}</p>"

    def _listed(self) -> Any:
        return comments(self.workspace, **self._given)

    def _all(self) -> list[Comment]:
        threads = self._listed().threads
        return [one for first in threads for one in (first, *first.replies)]

    def _show(self) -> None:
        """List the threads as they stand now."""
        try:
            found = self._all()
        except WorkbenchError as problem:
            self._say(str(problem), wrong=True)
            return
        before = self.thread.value
        self.thread.options = [(f"{one.id} {one.by}: {one.text[:40]}", one.id) for one in found]
        ids = [one.id for one in found]
        self.thread.value = before if before in ids else next(iter(ids), None)
        self._threads.layout.display = "" if found else "none"
        self._list.value = "".join(map(_as_html, found))


def _as_html(one: Comment) -> str:
    inset = "2em" if one.thread else "0"
    badge = f"[{one.badge}] " if one.shows_badge else ""
    place = " · ".join(part for part in (one.anchor.words, one.anchor.value) if part)
    head = f"{badge}{one.by} · {one.at:%Y-%m-%d %H:%M} UTC" + (f" · {place}" if place else "")
    likes = f" · ♥ {len(one.likes)}" if one.likes else ""
    return (
        f"<div style='margin:.5em 0 .5em {inset}'><b>{one.id}</b> "
        f"<span style='opacity:.75'><bdi>{html.escape(head + likes)}</bdi></span>"
        f"<div dir='auto' style='white-space:pre-line'>{html.escape(one.text)}</div></div>"
    )


def write_comment(
    workspace: Workspace, *, on: Result | None = None, project: str | None = None,
    store: str | None = None,
) -> CommentForm:  # fmt: skip
    """Comment by hand in JupyterLab, on an answer or on the report as a whole.

    Parameters
    ----------
    workspace : Workspace
    on : Result, optional
        The answer; its rows and columns can be chosen.
    project : str, optional
        The report; the notebook that is open when left out.
    store : str, optional

    Returns
    -------
    CommentForm
        Its ``kept`` is the last comment.

    Raises
    ------
    ArgumentError
        When ipywidgets is not installed, or no report is known here.

    Notes
    -----
    Source: collaboration.md, section 3.
    """
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        raise ArgumentError(
            message(
                "Writing by hand needs ipywidgets, which is not installed here. Run: "
                "pip install 'b2b-journey-workbench[lab]'"
            )
        ) from None
    if project is None and not current_projects():
        raise ArgumentError.of("project", project, message("the name of a report or notebook"))
    return CommentForm(workspace, on, project, store)
