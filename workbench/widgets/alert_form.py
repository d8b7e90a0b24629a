"""An alert set by hand in JupyterLab: what it would have done is counted after every change."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any

import yaml

from workbench.collaboration.alerts import Alerts, alert_preview, alerts
from workbench.collaboration.alerts.preview import Preview
from workbench.collaboration.alerts.reading import alert_of, as_yaml
from workbench.collaboration.alerts.record import (
    ANOMALY,
    CHANGES,
    FIXED,
    Alert,
)
from workbench.collaboration.alerts.telling import condition_words
from workbench.collaboration.anomalies.series import CONFIDENCES, GRANULARITIES
from workbench.collaboration.metrics.definition import PIPELINE_NUMBERS
from workbench.collaboration.store import Record
from workbench.errors import ArgumentError, WorkbenchError
from workbench.messages import marked, message
from workbench.workspace import Workspace

MOST_EVENTS = 500
# The conditions of a form, without their values.
CONDITIONS_OF_FORM = {
    "anomaly": marked("an anomaly exists"),
    "above_expected": marked("it is above what was expected"),
    "below_expected": marked("it is below what was expected"),
    "at_least": marked("it is at least"),
    "at_most": marked("it is at most"),
    "changes_by": marked("it changes by"),
    "no_data": marked("there are no data"),
}


class AlertEditor:
    """A form of an alert; made by `edit_alert`.

    Attributes
    ----------
    workspace : Workspace
    alert : Alert
        The last one that could be answered.
    preview : Preview
        What it would have done.
    widget : ipywidgets.Widget
    kept : Record or None
        The alert as it was kept.
    """

    def __init__(self, workspace: Workspace, alert: Alert, book: Alerts | None) -> None:
        import ipywidgets

        self._kit: Any = ipywidgets
        self._busy = False
        self._book = book
        self.workspace, self.alert = workspace, alert
        self.preview: Preview | None = None
        self.kept: Record | None = None
        self._metrics = metrics_of(workspace)
        self._build()
        self._show(alert)
        self._tried(lambda: alert)

    def __repr__(self) -> str:
        words = "; ".join(condition_words(trigger) for trigger in self.alert.triggers)
        return f"AlertEditor: {self.alert.name}: {words}"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.widget)

    @property
    def plain(self) -> dict[str, Any]:
        """The mapping of the alert, for YAML and `wb.alerts().add`."""
        return self.alert.plain()

    def keep(self) -> Record:
        """Keep the alert in the store.

        Raises
        ------
        ArgumentError
            For an alert whose metric cannot be judged so.
        """
        book = self._book or alerts()
        self.kept = book.add(self.alert, workspace=self.workspace)
        return self.kept

    def _build(self) -> None:
        kit = self._kit
        style = {"description_width": "150px"}

        def control(kind: Any, words: str, **given: Any) -> Any:
            layout = kit.Layout(width="460px")  # its own: some are hidden
            made = kind(description=words, layout=layout, style=style, **given)
            made.observe(lambda _: self._from_form(), "value")
            return made

        self._name = control(kit.Text, message("Name"), continuous_update=False)
        self._metric = control(kit.Combobox, message("Metric"), options=list(self._metrics),
                               continuous_update=False)  # fmt: skip
        self._granularity = control(
            kit.Dropdown, message("Every"), options=[(message(w), g) for g, w in
                                                     GRANULARITIES.items()],
        )  # fmt: skip
        self._when = control(kit.Dropdown, message("Fires when"), options=[
            (message(words), name) for name, words in CONDITIONS_OF_FORM.items()
        ])  # fmt: skip
        self._value = control(kit.Text, message("Value"), continuous_update=False,
                              placeholder=message("12, or 20 %"))  # fmt: skip
        levels = [(f"{100 * level:g} %", level) for level in CONFIDENCES]
        self._confidence = control(kit.Dropdown, message("Confidence"), options=levels)
        self._effect = control(kit.Text, message("Smallest effect"), continuous_update=False,
                               placeholder=message("none; 5, or 10 %"))  # fmt: skip
        self._repeat = control(kit.Dropdown, message("Tells"), options=[
            (message("once, until a clean period"), "once"), (message("every period"), "every"),
        ])  # fmt: skip
        self._to = kit.TagsInput(allow_duplicates=False)
        self._to.observe(lambda _: self._from_form(), "value")
        self._form = kit.VBox([
            self._name, self._metric, self._granularity, self._when, self._value,
            self._confidence, self._effect, self._repeat,
            kit.HBox([kit.Label(message("To"), layout=kit.Layout(width="150px")), self._to]),
        ])  # fmt: skip
        self._note, self._said = kit.HTML(), kit.HTML()
        self._text = kit.Textarea(layout=kit.Layout(width="720px", height="180px"),
                                  continuous_update=False)  # fmt: skip
        self._text.observe(lambda _: self._from_text(), "value")
        self._keep = kit.Button(description=message("Keep"), button_style="primary")
        self._keep.on_click(lambda _: self._kept())
        self.widget = kit.VBox([self._form, self._note, self._said, self._text, self._keep])

    @contextmanager
    def _quietly(self) -> Any:
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before

    def _from_form(self) -> None:
        if not self._busy:
            self._tried(lambda: alert_of(self._asked()))

    def _from_text(self) -> None:
        if not self._busy:
            self._tried(lambda: alert_of(_of_text(self._text.value)))

    def _asked(self) -> dict[str, Any]:
        """The mapping that the controls say; what they do not hold stays."""
        held = self.alert.plain()
        before = held["triggers"][0]
        named = self._metric.value
        metric = self._metrics.get(named)
        if metric is None:
            metric = before["metric"] if named == self.alert.triggers[0].label else named
        trigger: dict[str, Any] = {"metric": metric, "when": self._when.value}
        if self._when.value in ANOMALY:
            trigger["confidence"] = self._confidence.value
        if self._when.value in (*FIXED, CHANGES):
            trigger["value"] = _number(self._value.value)
        if self._effect.value.strip():
            trigger["minimum_effect"] = _number(self._effect.value)
        for key in ("direction", "baseline"):
            if self._when.value == CHANGES and key in before:
                trigger[key] = before[key]
        return {
            **held, "name": self._name.value, "granularity": self._granularity.value,
            "repeat": self._repeat.value, "to": list(self._to.value), "triggers": [trigger],
        }  # fmt: skip

    def _tried(self, read: Callable[[], Alert]) -> None:
        """Count what an alert would have done; where it cannot be, say why and keep the last."""
        try:
            asked = read()
            found = alert_preview(self.workspace, alert=asked)
        except WorkbenchError as refused:
            self._said.value = f"<p role='alert'>{html.escape(str(refused))}</p>"
            self._keep.disabled = True
            return
        self.alert, self.preview = asked, found
        self._keep.disabled = False
        reasons = "".join(f"<br>{html.escape(reason)}" for reason in found.reasons()[:3])
        self._said.value = f"<p><b>{html.escape(found.headline())}</b>{reasons}</p>"
        self._show(asked)

    def _show(self, alert: Alert) -> None:
        first, held = alert.triggers[0], len(alert.triggers) == 1
        with self._quietly():
            self._text.value = as_yaml(alert)
            self._form.layout.display = "" if held else "none"
            self._note.value = (
                "" if held
                else html.escape(message("Several triggers stand in the text only: edit it below."))
            )  # fmt: skip
            self._name.value, self._granularity.value = alert.name, alert.granularity
            plain = first.metric.plain()
            named = next((n for n, m in self._metrics.items() if m == plain), first.label)
            self._metric.value = named
            self._when.value, self._repeat.value = first.when, alert.repeat
            self._value.value = _shown(first.value, first.when == CHANGES)
            self._confidence.value = first.confidence
            effect = first.minimum_effect
            self._effect.value = (
                _shown(effect.relative, True) if effect.relative
                else _shown(effect.absolute or None, False)
            )  # fmt: skip
            self._to.value = list(alert.to)
            needs = first.when in (*FIXED, CHANGES)
            self._value.layout.display = "" if needs else "none"
            self._confidence.layout.display = "" if first.when in ANOMALY else "none"

    def _kept(self) -> None:
        try:
            record = self.keep()
        except WorkbenchError as refused:
            self._said.value = f"<p role='alert'>{html.escape(str(refused))}</p>"
            return
        said = message("Kept as {id}. `workbench alerts run` looks at it.", id=record.id)
        self._said.value = f"<p role='status'>{html.escape(said)}</p>"


def metrics_of(workspace: Workspace) -> dict[str, Any]:
    """What can be watched without writing it down: events, KPIs, the pipeline; name to mapping."""
    found: dict[str, Any] = {}
    for name in workspace.events.dictionary("event").slice(0, MOST_EVENTS).to_pylist():
        found[str(name)] = {"event": str(name)}
    if workspace.has("opportunities", "opportunity_id"):
        from workbench.sales.kpis.reading import definitions_of

        for number in PIPELINE_NUMBERS:
            found[message("Pipeline: {name}", name=number)] = {"pipeline": number}
        for kpi in definitions_of(None):
            found[message("KPI: {name}", name=kpi.title)] = {"kpi": kpi.kpi_id}
    return found


def _of_text(text: str) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise ArgumentError.of(
            "alert", str(problem).splitlines()[0], message("YAML with name and triggers")
        ) from None
    if not isinstance(found, Mapping):
        raise ArgumentError.of("alert", text[:80], message("a mapping with name and triggers"))
    return found


def _number(text: str) -> Any:
    """What a control holds as a number where it is one; ``20 %`` stays as it is."""
    plain = text.strip()
    try:
        number = float(plain.replace(",", ""))
    except ValueError:
        return plain or None
    return int(number) if number.is_integer() else number


def _shown(value: float | None, share: bool) -> str:
    if value is None:
        return ""
    return f"{100 * value:g} %" if share else f"{value:g}"


def edit_alert(
    workspace: Workspace, *, alert: Any = None, book: Alerts | None = None
) -> AlertEditor:
    """Put an alert together by hand in JupyterLab.

    Controls and YAML show the same definition; how often it would have fired in the last 30 days,
    12 weeks or 12 months is counted after every change. A change that cannot be answered is
    explained, and the last answer stays.

    Parameters
    ----------
    workspace : Workspace
    alert : Alert or mapping, optional
        To begin with, such as `wb.alert_from` makes it; the commonest event when left out.
    book : Alerts, optional
        Where it is kept; `wb.alerts` when left out.

    Returns
    -------
    AlertEditor
        Its ``alert`` is the definition so far, ``plain`` its mapping, ``keep()`` keeps it.

    Raises
    ------
    ArgumentError
        When ipywidgets is not installed, or the alert cannot be.

    Notes
    -----
    Source: collaboration.md, section 2.1.
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
    begin = _first(workspace) if alert is None else alert
    return AlertEditor(workspace, alert_of(begin), book)


def _first(workspace: Workspace) -> dict[str, Any]:
    names = workspace.events.dictionary("event")
    if not len(names):
        raise ArgumentError.of("workspace", workspace.name, message("a workspace with events"))
    trigger = {"metric": {"event": names[0].as_py()}, "when": "anomaly", "confidence": 0.99}
    return {"name": message("New alert"), "workspace": workspace.name, "granularity": "week",
            "triggers": [trigger]}  # fmt: skip
