"""An analysis put together by hand: controls, text and answer show one definition.

The page sends what somebody did; everything it means is decided here, and the page is told what to
show. The definition is the same mapping as in YAML.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from workbench import shelf
from workbench.asking import ask
from workbench.errors import ArgumentError, WorkbenchError
from workbench.messages import message
from workbench.results.base import Result
from workbench.vocabulary.conditions import OPERATORS
from workbench.vocabulary.kept import save_segment
from workbench.vocabulary.steps import combine
from workbench.widgets.explorer import controls, opening, telling, texts
from workbench.widgets.explorer.analyses import analysis_named, of_definition, offered
from workbench.widgets.explorer.answers import members_table, missing, payload
from workbench.widgets.explorer.collecting import collect
from workbench.widgets.explorer.deeds import deeds_of, done
from workbench.widgets.explorer.fields import is_empty
from workbench.widgets.explorer.finder import Finder
from workbench.widgets.explorer.history import History
from workbench.widgets.explorer.opened import Opened
from workbench.widgets.explorer.setting_apart import compared, means, told_audience
from workbench.workspace import Workspace


class Explorer:
    """One analysis in JupyterLab, changed by hand.

    Attributes
    ----------
    workspace : Workspace
    result : Result or None
        The last answer; None until the question is whole.

    Notes
    -----
    Source: journeys-fallout.md, section 1 (the builder); design.md, "Results".
    """

    def __init__(self, workspace: Workspace, definition: Mapping[str, Any]) -> None:
        self.workspace = workspace
        self.result: Result | None = None
        self.finder = Finder(workspace)
        self._workspaces = Opened(workspace)
        self._history = History(dict(definition))
        self._problem: dict[str, str] | None = None
        self._took_ms = 0.0
        self._answered: dict[str, Any] = {}
        self._answer()

    @property
    def definition(self) -> dict[str, Any]:
        """The question as it stands: plain values, as in YAML."""
        return self._history.now

    @property
    def yaml(self) -> str:
        """The definition as text for a parameters file."""
        return texts.as_text(self.definition)

    @property
    def python(self) -> str:
        """The call that asks the same."""
        return texts.as_python(self.definition)

    def __repr__(self) -> str:
        return message("Explorer of {definition}", definition=self.python)

    @cached_property
    def widget(self) -> Any:
        """What a notebook shows."""
        from workbench.widgets.explorer.view import view_of

        return view_of(self)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    # What somebody can do; each says what has changed as a list of messages to the page.

    def heard(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Do what the page asks for and return what it is to be told."""
        does = {
            "hello": self._greeted, "set": self._set, "analysis": self._chosen,
            "undo": self._undone, "redo": self._redone, "text": self._written,
            "combine": self._combined, "search": self._searched, "open": self._opened,
            "segment": self._segmented, "deed": self._did, "keep": self._kept,
            "report": self._collected, "annotate": self._noted, "comment": self._commented,
            "alert": self._alerted, "audience": self._met, "compare": self._compared,
            "workspace": self._moved,
        }  # fmt: skip
        handler = does.get(str(said.get("do")))
        if handler is None:
            return []
        try:
            return handler(said)
        except WorkbenchError as refused:
            return [_problem(str(said.get("name") or said.get("do")), refused)]
        except (LookupError, TypeError, ValueError, AttributeError) as broken:
            sentence = message("This cannot be done here: {reason}.", reason=repr(broken))
            return [{"say": "problem", "field": str(said.get("name") or ""), "sentence": sentence}]

    def shown(self) -> dict[str, Any]:
        """Everything the form shows, as plain values."""
        analysis = of_definition(self.definition)
        fields = []
        for field in analysis.fields:
            value = controls.shown(field, self.definition.get(field.name))
            fields.append({**field.plain(), "value": value})
        own = {field.name for field in analysis.fields}
        rest = {k: v for k, v in self.definition.items() if k not in own and k != "analysis"}
        return {
            "analysis": analysis.name,
            "analyses": [[name, label] for name, label in offered().items()],
            "fields": fields,
            "rest": controls.as_yaml(rest) if rest else "",
            "yaml": self.yaml,
            "python": self.python,
            "undo": self._history.can_undo,
            "redo": self._history.can_redo,
            "outcomes": list(opening.OUTCOMES.get(analysis.name, ())),
        }

    def offer(self) -> dict[str, Any]:
        """What can be chosen in this workspace."""
        return {
            "workspace": self._workspaces.name_of(self.workspace),
            "workspaces": self._workspaces.offered(),
            "containers": self.workspace.events.containers(),
            "fields": self.finder.fields(),
            "dimensions": self.finder.dimensions(),
            "operators": list(OPERATORS),
            "segments": sorted(shelf.definitions("segments")),
        }

    def _greeted(self, _: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [self._offered(), *self._told()]

    def _set(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        field = of_definition(self.definition).field(str(said["name"]))
        if field is None:
            raise ArgumentError.of("name", said["name"], list(self.definition))
        value = controls.read(field, said.get("value"))
        changed = {k: v for k, v in self.definition.items() if k != field.name}
        if not is_empty(field, value):
            changed = self._in_order({**changed, field.name: value})
        return self._put(changed)

    def _chosen(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        wanted = analysis_named(said.get("name"))
        kept = {
            name: value for name, value in self.definition.items()
            if name in ("container", "period", "segment") and wanted.accepts(name)
        }  # fmt: skip
        return self._put({"analysis": wanted.name, **kept})

    def _written(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self._put(texts.definition_from(str(said.get("text", ""))))

    def _combined(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        name, into, other = str(said["name"]), int(said["into"]), int(said["other"])
        steps = list(self.definition.get(name, []))
        made = combine(steps[into], steps[other])
        steps[into] = controls.short_step(made)
        del steps[other]
        return self._put({**self.definition, name: steps})

    def _undone(self, _: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self._changed() if self._history.undo() else self._told()

    def _redone(self, _: Mapping[str, Any]) -> list[dict[str, Any]]:
        return self._changed() if self._history.redo() else self._told()

    def _searched(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = self.finder.find(str(said["field"]), str(said.get("text", "")))
        return [{"say": "found", "id": said.get("id"), **found}]

    def _rows(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        self._need_answer()
        if "marks" in said:
            found = [opening.row_of_mark(mark) for mark in said["marks"]]
            return [row for row in found if row]
        places = [int(place) for place in said.get("rows", [])]
        return opening.rows_at(self._need_answer(), places)

    def _opened(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        rows = self._rows(said)
        if not rows:
            return []
        frame = opening.members(self._need_answer(), rows, str(said.get("outcome") or ""))
        offered = deeds_of(self.definition, rows[-1]) if len(rows) == 1 else []
        return [
            {"say": "members", "table": members_table(frame), "rows": len(frame),
             "segments": opening.means_segments(self._need_answer()),
             "deeds": [[deed.name, deed.label] for deed in offered]}
        ]  # fmt: skip

    def _segmented(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        rows = self._rows(said)
        outcome = str(said.get("outcome") or "")
        made = opening.segment(self._need_answer(), rows, str(said.get("called") or ""), outcome)
        known, headline = controls.as_yaml(made.plain()), means(self.workspace, made)
        return [{"say": "segment", "name": made.name, "yaml": known, "headline": headline}]

    def _met(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [told_audience(self.workspace, controls.from_yaml(str(said.get("yaml")), "segment"))]

    def _compared(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        segment = controls.from_yaml(str(said.get("yaml")), "segment")
        return self._put(self._in_order(compared(self.definition, segment)))

    def _moved(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Ask the same of another workspace; where it cannot be opened, this one stays."""
        try:
            self.workspace = self._workspaces.open(str(said.get("called")))
        except WorkbenchError as refused:
            return [self._offered(), *self._told(), _problem("workspace", refused)]
        self.finder, self.result = Finder(self.workspace), None
        return [{"say": "cleared"}, self._offered(), *self._changed()]

    def _offered(self) -> dict[str, Any]:
        return {"say": "offer", "offer": self.offer()}

    def _did(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        rows = self._rows(said)
        changed = done(self.definition, rows[-1] if rows else {}, str(said.get("deed")))
        return self._put(self._in_order(changed))

    def _kept(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        name = str(said.get("called") or "").strip()
        made = controls.from_yaml(str(said.get("yaml", "")), "segment")
        if said.get("renamed") and isinstance(made, Mapping):
            made = {**made, "name": name}
        path = save_segment(made, name=name)
        sentence = message("Kept as {path}; ask for it as segment={name!r}.", path=path, name=name)
        return [_kept_for("keep", sentence), self._offered()]

    def _collected(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        self._need_answer()
        path = collect(self.workspace, self._answered, report=str(said.get("called") or ""))
        return [
            _kept_for(
                "report",
                message("In {path}. Make the page: workbench report {name}",
                        path=path, name=path.stem),
            )
        ]  # fmt: skip

    def _noted(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [_kept_for("annotate", telling.note_on_day(self.workspace, said))]

    def _commented(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        result, rows = self._need_answer(), self._rows(said)
        told = telling.comment_on(
            self.workspace, result, rows[-1] if len(rows) == 1 else None, str(said.get("text", ""))
        )
        return [_kept_for("comment", told)]

    def _alerted(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        result, rows = self._need_answer(), self._rows(said)
        return [_kept_for("alert", telling.alert_on(self.workspace, result, rows, said))]

    def _need_answer(self) -> Result:
        if self.result is None:
            raise ArgumentError.of("answer", "–", message("a question that is answered"))
        return self.result

    def _in_order(self, definition: dict[str, Any]) -> dict[str, Any]:
        order = [field.name for field in of_definition(definition).fields]
        known = {name: definition[name] for name in order if name in definition}
        return {"analysis": definition["analysis"], **known, **definition}

    def _put(self, definition: dict[str, Any]) -> list[dict[str, Any]]:
        return self._changed() if self._history.put(definition) else self._told()

    def _changed(self) -> list[dict[str, Any]]:
        self._answer()
        return self._told()

    def _answer(self) -> None:
        """Ask the definition; where it cannot be answered, keep the last answer and say why."""
        begun, self._problem = time.perf_counter(), None
        try:
            wanted = missing(of_definition(self.definition), self.definition)
            if wanted:
                said = message("Still to be chosen: {names}.",
                               names=", ".join(field.label for field in wanted))  # fmt: skip
                self._problem = {"field": wanted[0].name, "sentence": said, "kind": "waiting"}
                return
            asked = ask(self.workspace, self.definition)
            self._payload = payload(asked)
            self.result, self._answered = asked, dict(self.definition)
        except WorkbenchError as refused:
            self._problem = _problem("", refused, self.definition)
        finally:
            self._took_ms = (time.perf_counter() - begun) * 1000

    def _told(self) -> list[dict[str, Any]]:
        said: list[dict[str, Any]] = [{"say": "shown", "shown": self.shown()}]
        if self._problem is not None:
            said.append({"say": "problem", **self._problem, "stale": self.result is not None})
        elif self.result is not None:
            said.append({"say": "answer", "answer": self._payload, "took_ms": self._took_ms})
        return said


def _kept_for(what: str, sentence: str) -> dict[str, Any]:
    return {"say": "kept", "for": what, "sentence": sentence}


_REFUSED = re.compile(r"(?P<name>[a-z_]+)[\w.\[\]]*=(?P<value>'(?:[^'\\]|\\.)*'|[^ ]+)")


def _problem(
    field: str, refused: WorkbenchError, definition: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """A refusal, with the field that it speaks of where one can be told."""
    sentence = str(refused)
    named = _REFUSED.match(sentence)
    if definition is not None and named:
        holding = [
            name for name, value in definition.items()
            if named["value"].strip("'") in _texts_in(value)
        ]  # fmt: skip
        field = named["name"] if named["name"] in definition else "".join(holding[:1])
    return {"say": "problem", "field": field, "sentence": sentence, "kind": "refused"}


def _texts_in(value: Any) -> set[str]:
    """Every single value inside a plain value, as text."""
    if isinstance(value, Mapping):
        return {text for item in value.values() for text in _texts_in(item)} | set(map(str, value))
    if isinstance(value, list | tuple):
        return {text for item in value for text in _texts_in(item)}
    return {str(value)}
