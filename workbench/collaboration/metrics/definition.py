"""Which number is meant: a plain mapping, checked before anything is asked.

Source: collaboration.md, sections 2.1 (metrics, calculated ones allowed) and 5 (a funnel step, a
canvas node, a cohort cell too).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.asking import ANALYSES
from workbench.errors import ArgumentError
from workbench.messages import marked, message
from workbench.results import numbers
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.segments import segment_from
from workbench.vocabulary.steps import steps_from

EVENT, KPI, PIPELINE, RESULT = "event", "kpi", "pipeline", "result"
_KEYS = {
    EVENT: {"event", "count", "segment", "label"},
    KPI: {"kpi", "definitions", "by", "group", "label"},
    PIPELINE: {"pipeline", "where", "period", "label"},
    RESULT: {"result", "number", "window", "label", "unit"},
}
PIPELINE_NUMBERS = ("open_deals", "open_amount", "weighted_amount", "won_deals", "won_amount")
WINDOWS = ("same", "period", "all")
TABLES = ("frame", "nodes", "arrows", "links", "trend")
UNITS = ("count", "number", "share", "money")
_FORM = marked(
    "the name of an event, or a mapping with one of the keys event, kpi, pipeline, result"
)


@dataclass(frozen=True)
class Metric:
    """A number that can be asked for any period.

    Attributes
    ----------
    kind : {"event", "kpi", "pipeline", "result"}
    content : mapping
        The plain mapping that means it.
    label : str
        What a reader calls it.
    """

    kind: str
    content: Mapping[str, Any] = field(hash=False)
    label: str

    def plain(self) -> dict[str, Any]:
        """The mapping that `metric_from` reads back."""
        return dict(self.content)

    @property
    def asks(self) -> bool:
        """Whether every period is a question of its own."""
        return self.kind in (PIPELINE, RESULT)


def metric_from(value: Any, argument: str = "metric") -> Metric:
    """Read a metric.

    Parameters
    ----------
    value : str, mapping or Metric
        ``"mql_qualified"``; ``{"event": ["web_visit", "webinar"], "count": "account", "segment":
        {…}}``; ``{"kpi": "won_value", "group": …}``; ``{"pipeline": "open_amount", "where": {…}}``;
        ``{"result": definition, "number": {"table": "nodes", "where": {"node": "mql"}, "column":
        "containers"}, "window": "same"}``. Each may carry a ``label``.

    Raises
    ------
    ArgumentError
        For a mapping that means no number.
    """
    if isinstance(value, Metric):
        return value
    content = {"event": value} if isinstance(value, str) and value.strip() else value
    if not isinstance(content, Mapping):
        raise ArgumentError.of(argument, value, message(_FORM))
    kinds = [kind for kind in _KEYS if kind in content]
    if len(kinds) != 1:
        raise ArgumentError.of(argument, sorted(map(str, content)), message(_FORM))
    kind = kinds[0]
    unknown = sorted({str(key) for key in content} - _KEYS[kind])
    if unknown:
        raise ArgumentError.of(argument, unknown[0], sorted(_KEYS[kind]))
    plain, label = {EVENT: _event, KPI: _kpi, PIPELINE: _pipeline, RESULT: _result}[kind](
        {str(key): item for key, item in content.items()}, argument
    )
    given = content.get("label")
    if given is not None and (not isinstance(given, str) or not given.strip()):
        raise ArgumentError.of(f"{argument}.label", given, message("a name"))
    return Metric(kind, plain, given or label)


def _event(content: dict[str, Any], argument: str) -> tuple[dict[str, Any], str]:
    named = content["event"]
    asked = {"event": named} if isinstance(named, list | tuple) else named
    (step,) = steps_from([asked], f"{argument}.event")
    out: dict[str, Any] = {"event": named}
    counted = content.get("count", "events")
    if counted != "events":
        counted = container_named(counted).name
        out["count"] = counted
    if content.get("segment") is not None:
        out["segment"] = segment_from(content["segment"]).plain()
    if content.get("label") is not None:
        out["label"] = content["label"]
    label = " | ".join(map(str, named)) if isinstance(named, list | tuple) else step.label
    if counted != "events":
        what = container_named(counted).plural
        label = message("{what} with {event}", what=what, event=label)
    return out, label


def _kpi(content: dict[str, Any], argument: str) -> tuple[dict[str, Any], str]:
    from workbench.sales.kpis.reading import definitions_of

    (kpi,) = definitions_of(content.get("definitions"), [str(content["kpi"])])
    label = kpi.title
    if content.get("group") is not None:
        label = f"{label}: {content['group']}"
    return content, label


def _pipeline(content: dict[str, Any], argument: str) -> tuple[dict[str, Any], str]:
    if content["pipeline"] not in PIPELINE_NUMBERS:
        raise ArgumentError.of(f"{argument}.pipeline", content["pipeline"], PIPELINE_NUMBERS)
    words = {
        "open_deals": message("Open opportunities"),
        "open_amount": message("Open amount"),
        "weighted_amount": message("Weighted amount"),
        "won_deals": message("Won opportunities"),
        "won_amount": message("Won amount"),
    }
    return content, words[content["pipeline"]]


def _result(content: dict[str, Any], argument: str) -> tuple[dict[str, Any], str]:
    definition, number = content["result"], content.get("number")
    if not isinstance(definition, Mapping) or definition.get("analysis") not in ANALYSES:
        named = definition.get("analysis") if isinstance(definition, Mapping) else definition
        raise ArgumentError.of(f"{argument}.result", named, sorted(ANALYSES))
    if not isinstance(number, Mapping) or not isinstance(number.get("column"), str):
        raise ArgumentError.of(
            f"{argument}.number", number,
            message("a mapping with column, and where needed table and where"),
        )  # fmt: skip
    unknown = sorted(set(map(str, number)) - {"table", "where", "column"})
    if unknown:
        raise ArgumentError.of(f"{argument}.number", unknown[0], ["table", "where", "column"])
    if number.get("table", "frame") not in TABLES:
        raise ArgumentError.of(f"{argument}.number.table", number["table"], TABLES)
    if not isinstance(number.get("where", {}), Mapping):
        raise ArgumentError.of(f"{argument}.number.where", number["where"], message("a mapping"))
    if content.get("window", "same") not in WINDOWS:
        raise ArgumentError.of(f"{argument}.window", content["window"], WINDOWS)
    if content.get("unit", "number") not in UNITS:
        raise ArgumentError.of(f"{argument}.unit", content["unit"], UNITS)
    where = " · ".join(numbers.shortened(str(v)) for v in number.get("where", {}).values())
    name = str(definition.get("view") or definition["analysis"]).replace("_", " ")
    return content, " · ".join(part for part in (name, where, number["column"]) if part)
