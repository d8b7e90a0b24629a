"""Annotations by hand: what happened, when, where it is shown; what is there can be taken away."""

from __future__ import annotations

import html
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.collaboration.annotations.listing import annotate
from workbench.collaboration.annotations.listing import annotations as listed
from workbench.collaboration.annotations.looking import visual_of
from workbench.collaboration.annotations.model import KINDS, kind_in_words
from workbench.collaboration.projects import current_projects
from workbench.errors import ArgumentError, WorkbenchError
from workbench.messages import message

if TYPE_CHECKING:
    from workbench.collaboration.annotations import Annotation
    from workbench.results.base import Result
    from workbench.workspace import Workspace

MOST_SUGGESTED = 200


class AnnotationForm:
    """Controls for annotations in JupyterLab.

    What was typed stays until it is kept; a refusal changes nothing and says why.

    Attributes
    ----------
    kept : Annotation or None
        The last one that was kept.
    widget : ipywidgets.VBox
        What a notebook shows.

    Notes
    -----
    Source: collaboration.md, section 1.
    """

    def __init__(self, workspace: Workspace, days: tuple[date, date], store: str | None) -> None:
        import ipywidgets

        self._kit, self.workspace, self._store = ipywidgets, workspace, store
        self.kept: Annotation | None = None
        self._build(days)
        self._show()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.widget)

    def _build(self, days: tuple[date, date]) -> None:
        kit = self._kit
        style = {"description_width": "130px"}
        wide = kit.Layout(width="auto", max_width="640px")
        given: dict[str, Any] = {"style": style, "layout": wide}
        self.title = kit.Text(description=message("What happened"), **given)
        self.first = kit.DatePicker(description=message("From"), value=days[0], style=style)
        self.last = kit.DatePicker(description=message("To"), value=days[1], style=style)
        self.description = kit.Textarea(description=message("More about it"), **given)
        self.kind = kit.Dropdown(
            description=message("Kind"), options=[(kind_in_words(k), k) for k in KINDS], **given
        )
        rules = (
            (message("once"), ""), (message("every year"), "FREQ=YEARLY"),
            (message("every quarter"), "FREQ=MONTHLY;INTERVAL=3"),
            (message("every month"), "FREQ=MONTHLY"), (message("every week"), "FREQ=WEEKLY"),
        )  # fmt: skip
        self.repeats = kit.Dropdown(description=message("Comes again"), options=rules, **given)
        self.metrics = kit.TagsInput(allow_duplicates=False, layout=wide)
        self.components = kit.TagsInput(allow_duplicates=False, layout=wide)
        self._metric = self._suggesting(
            self.metrics, self._events(), message("any of these metrics")
        )
        self._component = self._suggesting(
            self.components, self._dimensions(), message("all of these dimensions, items, segments")
        )
        narrow = kit.Layout(width="auto", margin="0 24px 0 0")
        self.own = kit.Checkbox(
            value=bool(current_projects()), description=message("only in this report"),
            indent=False, layout=narrow,
        )  # fmt: skip
        self.everywhere = kit.Checkbox(
            value=False, description=message("in every workspace"), indent=False, layout=narrow
        )
        self.own.disabled = not current_projects()
        keep = kit.Button(description=message("Keep"), icon="check", button_style="primary")
        keep.on_click(lambda _: self.keep())
        self._said, self._list = kit.HTML(), kit.VBox()
        scope = kit.VBox([
            kit.HBox([self._metric, self.metrics]), kit.HBox([self._component, self.components]),
            kit.HBox([self.own, self.everywhere]),
        ])  # fmt: skip
        self.widget = kit.VBox(
            [self.title, kit.HBox([self.first, self.last]), self.kind, self.repeats,
             self.description, scope, keep, self._said, self._list],
            layout=kit.Layout(width="auto", max_width="820px"),
        )  # fmt: skip

    def _suggesting(self, tags: Any, names: list[str], hint: str) -> Any:
        """A box whose choice is added to the names beside it."""
        box = self._kit.Combobox(
            options=names, placeholder=hint, continuous_update=False,
            layout=self._kit.Layout(width="280px"),
        )  # fmt: skip

        def chosen(change: Any) -> None:
            if change["new"]:
                tags.value = list(dict.fromkeys([*tags.value, change["new"]]))
                box.value = ""

        box.observe(chosen, "value")
        return box

    def _events(self) -> list[str]:
        names = self.workspace.events.dictionary("event")
        return [str(name) for name in names.slice(0, MOST_SUGGESTED).to_pylist()]

    def _dimensions(self) -> list[str]:
        return sorted({*self.workspace.events.columns, *self.workspace.attribute_names()})

    def keep(self) -> None:
        """Keep what the controls say; where it cannot be, say why and leave them as they are."""
        if self.first.value is None:
            self._say(message("A day is missing."), wrong=True)
            return
        last = self.last.value or self.first.value
        try:
            self.kept = annotate(
                self.workspace, title=self.title.value, on=f"{self.first.value}..{last}",
                description=self.description.value, kind=self.kind.value,
                repeats=self.repeats.value, metrics=list(self.metrics.value),
                components=list(self.components.value),
                project=None if self.own.value else "all", all_views=self.everywhere.value,
                store=self._store,
            )  # fmt: skip
        except WorkbenchError as refused:
            self._say(str(refused), wrong=True)
            return
        self._say(message("{id} was kept: {title}", id=self.kept.id, title=self.kept.title))
        self.title.value = self.description.value = ""
        self._show()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        role = "alert" if wrong else "status"
        self._said.value = f"<p role='{role}' dir='auto'>{html.escape(text)}</p>"

    def _show(self) -> None:
        """List what is there, each with a button that takes it away."""
        try:
            found = list(listed(self.workspace, store=self._store))
        except WorkbenchError as problem:
            self._say(str(problem), wrong=True)
            return
        self._list.children = [self._line(one) for one in reversed(found)]

    def _line(self, one: Annotation) -> Any:
        kit = self._kit
        days = str(one.first) if one.first == one.last else f"{one.first} – {one.last}"
        text = kit.HTML(
            f"<span style='color:{html.escape(one.colour)}'>■</span> <b>{one.id}</b> {days} "
            f"<bdi>{html.escape(one.title)}</bdi> "
            f"<span style='opacity:.7'>({html.escape(one.by)})</span>"
        )
        drop = kit.Button(icon="times", tooltip=message("Take this annotation away"),
                          layout=kit.Layout(width="36px"))  # fmt: skip
        drop.on_click(lambda _: self._removed(one))
        return kit.HBox([drop, text])

    def _removed(self, one: Annotation) -> None:
        try:
            listed(self.workspace, store=self._store).remove(one.id)
        except WorkbenchError as refused:
            self._say(str(refused), wrong=True)
            return
        self._say(message("{id} was taken away: {title}", id=one.id, title=one.title))
        self._show()


def write_annotation(
    workspace: Workspace, *, on: Result | None = None, store: str | None = None
) -> AnnotationForm:
    """Annotate by hand in JupyterLab.

    Parameters
    ----------
    workspace : Workspace
    on : Result, optional
        An answer whose days the form begins with; today when left out.
    store : str, optional

    Returns
    -------
    AnnotationForm
        Its ``kept`` is the last annotation.

    Raises
    ------
    ArgumentError
        When ipywidgets is not installed.

    Notes
    -----
    Source: collaboration.md, section 1.
    """
    _needs_widgets()
    today = pd.Timestamp.now(tz=workspace.settings.report_tz).date()
    days = (today, today)
    if on is not None:
        seen = visual_of(on)
        days = (today if seen.since.year == 1 else seen.since, min(seen.until, today))
    return AnnotationForm(workspace, (min(days), max(days)), store)


def _needs_widgets() -> None:
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        raise ArgumentError(
            message(
                "Writing by hand needs ipywidgets, which is not installed here. Run: "
                "pip install 'b2b-journey-workbench[lab]'"
            )
        ) from None
