"""A segment put together by hand: controls and text show the same definition, with who it means."""

from __future__ import annotations

import html
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.engine.layout import CODED
from workbench.errors import ArgumentError, WorkbenchError
from workbench.journeys.audience import audience
from workbench.messages import message
from workbench.vocabulary.conditions import OPERATORS
from workbench.vocabulary.segments import Segment, segment_from
from workbench.widgets.segment_form import Form, Line, as_python, as_text, form_of, from_text

if TYPE_CHECKING:
    from workbench.journeys.audience import Audience
    from workbench.workspace import Workspace

MOST_SUGGESTED = 200


class SegmentEditor:
    """Controls for one segment in JupyterLab.

    Attributes
    ----------
    segment : Segment
        The last definition that could be answered.
    audience : Audience
        Whom it means.
    widget : ipywidgets.VBox
        What a notebook shows.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B1 (one definition in code, text and widget).
    """

    def __init__(self, workspace: Workspace, segment: Any) -> None:
        import ipywidgets

        self._kit, self.workspace = ipywidgets, workspace
        self.segment: Segment = segment_from(segment)
        self.audience: Audience = audience(workspace, segment=self.segment)
        self._busy = False
        self._lines: list[_LineControls] = []
        self._build()
        self._show(self.segment)

    @property
    def plain(self) -> dict[str, Any]:
        """The mapping of the segment, as it stands in YAML."""
        return self.segment.plain()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.widget)

    def _build(self) -> None:
        kit = self._kit
        wide = kit.Layout(width="auto", max_width="760px")
        scopes = ["event", *self.workspace.events.containers()]
        self._name = kit.Text(description=message("Name"), continuous_update=False)
        self._scope = kit.Dropdown(description=message("Scope"), options=scopes)
        self._exclude = kit.ToggleButtons(
            options=[(message("include"), False), (message("exclude"), True)]
        )
        self._joined = kit.ToggleButtons(
            options=[(message("all of these"), "all"), (message("any of these"), "any")]
        )
        self._rows = kit.VBox()
        self._add = kit.Button(description=message("Add a condition"), icon="plus")
        self._add.on_click(lambda _: self._added())
        self._text = kit.Textarea(layout=kit.Layout(width="auto", height="150px"),
                                  continuous_update=False)  # fmt: skip
        self._call = kit.HTML()
        self._said = kit.HTML()
        self._form = kit.VBox(
            [
                kit.HBox([self._name, self._scope, self._exclude]),
                self._joined,
                self._rows,
                self._add,
            ]
        )
        self._note = kit.HTML()
        for control in (self._name, self._scope, self._exclude, self._joined):
            control.observe(lambda _: self._from_form(), "value")
        self._text.observe(lambda _: self._from_text(), "value")
        self.widget = kit.VBox(
            [self._form, self._note, self._said, self._text, self._call], layout=wide
        )

    @contextmanager
    def _quietly(self) -> Any:
        """Set controls without being told of it."""
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before

    def _added(self) -> None:
        self._lines.append(_LineControls(self, Line("event", "=", ())))
        self._rows.children = [line.box for line in self._lines]

    def removed(self, line: _LineControls) -> None:
        """Take a line away."""
        self._lines.remove(line)
        self._rows.children = [each.box for each in self._lines]
        self._from_form()

    def changed(self) -> None:
        """Read the form again after a line has changed."""
        self._from_form()

    def _from_form(self) -> None:
        if self._busy:
            return
        lines = tuple(line.line for line in self._lines)
        form = Form(
            self._name.value, self._scope.value, self._exclude.value, self._joined.value, lines
        )
        self._tried(lambda: segment_from(form.plain()), keep_form=True)

    def _from_text(self) -> None:
        if not self._busy:
            self._tried(lambda: from_text(self._text.value), keep_form=False)

    def _tried(self, read: Callable[[], Segment], *, keep_form: bool) -> None:
        """Answer a definition; where it cannot be, say why and keep the last answer."""
        try:
            asked = read()
            found = audience(self.workspace, segment=asked)
        except WorkbenchError as refused:
            self._said.value = f"<p role='alert'>{html.escape(str(refused))}</p>"
            return
        self.segment, self.audience = asked, found
        self._show(asked, keep_form=keep_form)

    def _show(self, segment: Segment, *, keep_form: bool = False) -> None:
        form, plain = form_of(segment), segment.plain()
        with self._quietly():
            self._text.value = as_text(plain)
            if form is not None and not keep_form:
                self._name.value, self._scope.value = form.name, form.scope
                self._exclude.value, self._joined.value = form.exclude, form.joined
                self._lines = [_LineControls(self, line) for line in form.lines]
                self._rows.children = [line.box for line in self._lines]
        held = form is not None or keep_form
        self._form.layout.display = "" if held else "none"
        self._note.value = (
            ""
            if held
            else html.escape(
                message("This segment has parts that only its text holds: edit it below.")
            )
        )
        self._said.value = f"<p><b>{html.escape(self.audience.headline())}</b></p>"
        self._call.value = f"<code>{html.escape(as_python(plain))}</code>"

    def fields(self) -> list[str]:
        """Names that a condition may compare."""
        known = {*self.workspace.events.columns, *self.workspace.attribute_names()}
        return sorted(known - {"occurred_at", "sequence_no"})

    def suggestions(self, field: str) -> list[str]:
        """Values that a field is known to have, for single choice."""
        columns = self.workspace.events.columns
        if field not in columns or columns[field]["kind"] not in CODED:
            return []
        return self.workspace.events.dictionary(field).slice(0, MOST_SUGGESTED).to_pylist()


class _LineControls:
    """The controls of one condition."""

    def __init__(self, editor: SegmentEditor, line: Line) -> None:
        kit = editor._kit
        self._editor, narrow = editor, kit.Layout(width="190px")
        self._field = kit.Combobox(value=line.field, options=editor.fields(), layout=narrow,
                                   continuous_update=False)  # fmt: skip
        self._operator = kit.Dropdown(options=list(OPERATORS), value=line.operator,
                                      layout=kit.Layout(width="120px"))  # fmt: skip
        self._values = kit.TagsInput(value=list(line.values), allow_duplicates=False)
        self._choice = kit.Combobox(options=editor.suggestions(line.field), layout=narrow,
                                    placeholder=message("add a value"),
                                    continuous_update=False)  # fmt: skip
        drop = kit.Button(icon="times", tooltip=message("Remove this condition"),
                          layout=kit.Layout(width="36px"))  # fmt: skip
        drop.on_click(lambda _: editor.removed(self))
        for control in (self._field, self._operator, self._values):
            control.observe(self._changed, "value")
        self._choice.observe(self._chosen, "value")
        self.box = kit.HBox([self._field, self._operator, self._values, self._choice, drop])

    @property
    def line(self) -> Line:
        """What the controls say."""
        return Line(self._field.value, self._operator.value, tuple(self._values.value))

    def _changed(self, change: Any) -> None:
        if change["owner"] is self._field:
            self._choice.options = self._editor.suggestions(self._field.value)
        self._editor.changed()

    def _chosen(self, change: Any) -> None:
        if change["new"]:
            if change["new"] not in self._values.value:
                self._values.value = [*self._values.value, change["new"]]
            self._choice.value = ""


def edit_segment(workspace: Workspace, *, segment: Any = None) -> SegmentEditor:
    """Put a segment together by hand in JupyterLab.

    Controls, YAML and the call in Python show the same definition; whom it means is counted after
    every change. A change that cannot be answered is explained, and the last answer stays.

    Parameters
    ----------
    workspace : Workspace
    segment : Segment, mapping or str, optional
        To begin with; rows of the commonest event when left out.

    Returns
    -------
    SegmentEditor
        Its ``segment`` is the definition so far, for any analysis; ``plain`` is its mapping.

    Raises
    ------
    ArgumentError
        When ipywidgets is not installed, or the segment cannot be.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B1.
    """
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        raise ArgumentError(
            message(
                "Editing by hand needs ipywidgets, which is not installed here. Run: "
                "pip install 'b2b-journey-workbench[lab]'"
            )
        ) from None
    return SegmentEditor(workspace, _first(workspace) if segment is None else segment)


def _first(workspace: Workspace) -> dict[str, Any]:
    names = workspace.events.dictionary("event")
    if not len(names):
        raise ArgumentError.of("workspace", workspace.name, message("a workspace with events"))
    name = names[0].as_py()
    return {"name": message("New segment"), "scope": "account", "where": {"event": name}}
