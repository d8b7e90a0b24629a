"""What there is to choose from: events and values with their counts, containers, metrics."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from workbench import shelf
from workbench.journeys.canvas.ask import CHOICES
from workbench.journeys.canvas.metrics import metric_from
from workbench.messages import message
from workbench.results import numbers
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.kept import KIND
from workbench.widgets.explorer.finder import Finder
from workbench.workspace import Workspace

DIMENSIONS = "dimensions"
MOST_FOUND = 60
MOST_TRIED, FEW = 40, 20


class Choosing:
    """The list beside the canvas and the settings above it.

    Parameters
    ----------
    workspace : Workspace
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._finder = Finder(workspace)

    def found(self, ask: Mapping[str, Any]) -> dict[str, Any]:
        """Values of a field, or names of dimensions, that hold a text; the commonest first.

        Returns
        -------
        dict
            ``items`` (each with ``label``, ``count`` and the ``part`` or ``dimension`` that it
            stands for) and ``more``, a sentence on those that are not shown.
        """
        field, text = str(ask.get("field") or "event"), str(ask.get("text") or "")
        if field == DIMENSIONS:
            return self._dimensions(text)
        found = self._finder.find(field, text, MOST_FOUND)
        items = [
            {
                "label": item["value"],
                "count": numbers.count(item["rows"]),
                "part": {"field": field, "values": [item["value"]]},
            }
            for item in found["items"]
        ]
        return {"items": items, "more": _more(len(items), found["found"], found["total"])}

    def _dimensions(self, text: str) -> dict[str, Any]:
        names = self._finder.dimensions()
        wanted = text.strip().casefold()
        hit = [name for name in names if wanted in name.casefold()]
        items = [{"label": name, "count": "", "dimension": name} for name in hit[:MOST_FOUND]]
        return {"items": items, "more": _more(len(items), len(hit), len(names))}

    @cached_property
    def telling(self) -> str:
        """A dimension to begin a breakdown with: few values, those of the tables first."""
        names = self._finder.dimensions()
        own = self.workspace.events.columns
        names.sort(key=lambda name: name in own)
        for name in names[:MOST_TRIED]:
            if name != "event" and 2 <= self._finder.find(name, "", 1)["total"] <= FEW:
                return name
        return "event"

    def choices(self, graph: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """Values of each setting with what the reader sees; the current one is among them."""
        kind = container_named(str(graph.get("container") or "account"))
        fields = self._finder.dimensions()
        metrics = [metric for metric in self._metrics() if metric != kind.many]
        current = graph.get("primary")
        if current is not None and current not in metrics:
            metrics.append(current)
        return {
            "container": [
                {"value": name, "label": container_named(name).plural.capitalize()}
                for name in self.workspace.events.containers()
            ],
            "primary": [
                {"value": value, "label": metric_from(value, kind).label} for value in metrics
            ],
            "segment": _segments(graph.get("segment")),
            "percent": [{"value": value, "label": _percent(value)} for value in CHOICES["percent"]],
            "field": [
                {"value": "event", "label": message("Events")},
                {"value": DIMENSIONS, "label": message("Dimensions")},
                *({"value": name, "label": name} for name in fields if name != "event"),
            ],
            "dimension": [{"value": name, "label": name} for name in fields],
        }

    def _metrics(self) -> list[Any]:
        store = self.workspace.events
        counted = [container_named(name).many for name in store.containers()]
        sums = [{"sum": n} for n, facts in store.columns.items() if facts["kind"] == "measure"]
        return ["containers", "events", *counted, *sums]


def _segments(current: Any) -> list[dict[str, Any]]:
    """Segments that are kept under a name, and the one that is asked for."""
    out: list[dict[str, Any]] = [{"value": None, "label": message("everybody")}]
    out += [{"value": name, "label": name} for name in shelf.definitions(KIND)]
    if current is not None and current not in [item["value"] for item in out]:
        name = current.get("name") if isinstance(current, Mapping) else current
        out.append({"value": current, "label": str(name or message("this segment"))})
    return out


def _percent(value: str) -> str:
    return {
        "start": message("% of the start"),
        "previous": message("% of those before"),
        "total": message("% of all in scope"),
    }[value]


def _more(shown: int, found: int, total: int) -> str:
    if not total:
        return message("Nothing here holds values to choose from.")
    if not found:
        return message("None of {total} fits.", total=numbers.count(total))
    if found > shown:
        return message("{found} fit; type more to narrow them down.", found=numbers.count(found))
    return ""
