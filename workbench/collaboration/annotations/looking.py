"""What an answer shows, read from its definition: metrics, dimensions, segments, days."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from workbench.collaboration.annotations.visibility import Visual
from workbench.collaboration.projects import current_projects
from workbench.errors import WorkbenchError
from workbench.results.annotating import workspace_of
from workbench.results.base import Result
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

_DAYS = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 31)
_METRICS = {"metric", "metrics", "measure", "measures", "kpi", "kpis", "kpi_id", "value",
            "values", "analysis", "conversion", "primary", "secondary"}  # fmt: skip
_DIMENSIONS = {"by", "dimension", "dimensions", "group_by", "rows", "columns"}
_SEGMENTS = {"segment", "segments", "compare", "breakdown"}
_SHOWN_ITEMS = ("group", "item", "row", "value")
_MOST_ITEMS = 200


def visual_of(result: Result, *, view: str | None = None) -> Visual:
    """Return what an answer shows.

    Parameters
    ----------
    result : Result
    view : str, optional
        Name of its workspace; found in the answer where it holds one.
    """
    metrics = {result.kind}
    components: set[str] = set()
    _walk(dict(result.definition), metrics, components)
    components |= set(_items(result, components))
    workspace = workspace_of(result)
    since, until = _range(result, workspace)
    return Visual(
        result.kind, since, until, frozenset(metrics), frozenset(components),
        frozenset(current_projects()),
        view if view is not None else workspace.name if workspace else "",
    )  # fmt: skip


def _range(result: Result, workspace: Workspace | None) -> tuple[date, date]:
    """The days that an answer looks at, in the reporting zone; as wide as can be where unknown."""
    seen = _DAYS.search(result.scope.as_of)
    first, last = _FIRST, date.fromisoformat(seen[0]) if seen else _LAST
    if workspace is not None:
        zone = workspace.settings.zone
        last = workspace.as_of.astimezone(zone).date()
        with suppress(WorkbenchError):
            if workspace.events.first is not None:
                first = workspace.events.first.astimezone(zone).date()
    text = result.scope.period
    inner = re.search(r"\((\d[^)]*)\)", text)  # a fiscal period tells its days in brackets
    try:
        named = Period.parse(inner[1] if inner else text, "UTC")
    except WorkbenchError:
        return first, last
    if named.start is not None:
        first = named.start.date()
    if named.end is not None:
        last = (named.end - timedelta(microseconds=1)).date()
    return first, last


def _walk(part: Any, metrics: set[str], components: set[str]) -> None:
    if isinstance(part, list | tuple):
        for item in part:
            _walk(item, metrics, components)
        return
    if not isinstance(part, Mapping):
        return
    for key, value in part.items():
        if key in _METRICS:
            metrics.update(_texts(value))
        elif key in _DIMENSIONS:
            components.update(_texts(value))
        elif key in _SEGMENTS:
            components.update(_segment_names(value))
        if key == "label" and isinstance(value, str):
            metrics.add(value)
        if key in ("where", "event"):
            _conditions({"event": value} if key == "event" else value, metrics, components)
        else:
            _walk(value, metrics, components)


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list | tuple) else [value]:
        if isinstance(one, str) and one:
            yield one
        elif isinstance(one, Mapping):
            yield from (
                one[key] for key in ("name", "id", "kpi_id") if isinstance(one.get(key), str)
            )


def _segment_names(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list | tuple) else [value]:
        name = one.get("name") if isinstance(one, Mapping) else one
        if isinstance(name, str) and name:
            yield name
            yield f"segment:{name}"


def _conditions(where: Any, metrics: set[str], components: set[str]) -> None:
    """Fields and values of conditions; an event is a metric, everything else a dimension."""
    if isinstance(where, list | tuple):
        for part in where:
            _conditions(part, metrics, components)
        return
    if not isinstance(where, Mapping):
        return
    for field, value in where.items():
        if field in ("all", "any", "none", "not"):
            _conditions(value, metrics, components)
            continue
        for one in _values(value):
            if field == "event":
                metrics.add(one)
            else:
                components.update((field, f"{field}={one}"))


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for operator, inner in value.items():
            if operator in ("=", "in", "is"):
                yield from _values(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _values(inner)
    elif value is not None:
        yield str(value)


def _items(result: Result, dimensions: set[str]) -> Iterator[str]:
    """Items that stand in the rows of an answer by one dimension."""
    by = [name for name in dimensions if "=" not in name and ":" not in name]
    frame = result.frame if by else None
    if frame is None:
        return
    for name in by:
        columns = [name] if name in frame.columns else [c for c in _SHOWN_ITEMS if c in frame]
        for column in columns[:1]:
            for value in frame[column].dropna().astype(str).unique()[:_MOST_ITEMS]:
                yield f"{name}={value}"
