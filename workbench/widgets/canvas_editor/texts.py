"""A graph as YAML, as Python, and back from text, file or answer without loss."""

from __future__ import annotations

import inspect
import pprint
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from workbench.errors import ArgumentError
from workbench.journeys.canvas import Canvas, canvas
from workbench.messages import message

ENDINGS = (".yaml", ".yml")
ARGUMENTS = tuple(name for name in inspect.signature(canvas).parameters if name != "workspace")
# The compiled forms are ten times as fast; they are not built everywhere.
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
EMPTY: dict[str, Any] = {"container": "account", "nodes": {}, "arrows": []}


def graph_from(value: Any) -> dict[str, Any]:
    """Read a graph from a mapping, the answer of `wb.canvas`, or YAML text.

    Raises
    ------
    ArgumentError
        For a text that is no YAML, and for a word that `wb.canvas` does not know.
    """
    if isinstance(value, Canvas):
        return dict(value.graph)
    if isinstance(value, str):
        value = _from_yaml(value)
    if value is None:
        return dict(EMPTY)
    if not isinstance(value, Mapping):
        raise ArgumentError.of(
            "graph", str(value)[:60], message("a mapping with nodes and arrows, or its YAML")
        )
    graph = {str(key): part for key, part in value.items() if key != "analysis"}
    for name in graph:
        if name not in ARGUMENTS:
            raise ArgumentError.of("graph", name, ARGUMENTS)
    return {**graph, "nodes": graph.get("nodes") or {}, "arrows": graph.get("arrows") or []}


def _from_yaml(text: str) -> Any:
    try:
        return yaml.load(text, _Loader)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = 1 + mark.line if mark is not None else 1
        reason = getattr(problem, "problem", None) or str(problem).splitlines()[0]
        raise ArgumentError(
            message("Line {line} cannot be read as YAML: {reason}.", line=line, reason=reason)
        ) from None


def as_yaml(graph: Mapping[str, Any]) -> str:
    """The graph as YAML, a line a node and arrow."""
    return yaml.dump(
        dict(graph), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=88,
        default_flow_style=None,
    )  # fmt: skip


def as_python(graph: Mapping[str, Any]) -> str:
    """The call that asks the same; where its boxes stand does not belong to the question."""
    lines = ["wb.canvas(", "    ws,"]
    for name, value in graph.items():
        if name != "places":
            lines.append(_argument(name, value))
    return "\n".join([*lines, ")"])


def _argument(name: str, value: Any) -> str:
    """An argument of a call, the lines of a long value below each other."""
    inside = " " * (len(name) + 1)
    shown = pprint.pformat(value, width=88 - len(inside), sort_dicts=False)
    return textwrap.indent(f"{name}={shown},".replace("\n", f"\n{inside}"), "    ")


def segment_python(plain: Mapping[str, Any]) -> str:
    """The call that makes a segment."""
    given = {key: value for key, value in plain.items() if key != "name"}
    lines = [f"    {plain.get('name', '')!r},"]
    for name, value in given.items():
        lines.append(_argument(name, value))
    return "\n".join(["wb.segment(", *lines, ")"])


def path_from(value: Any) -> Path | None:
    """The file that a graph is kept in; None for a graph that is none."""
    if isinstance(value, Path):
        return value
    named = isinstance(value, str) and "\n" not in value and value.endswith(ENDINGS)
    return Path(value) if named else None


class Kept:
    """The file that a graph is read from and saved to.

    Attributes
    ----------
    path : pathlib.Path or None
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._last: str | None = None

    def read(self) -> dict[str, Any]:
        """The graph of the file; an empty one where there is no file yet.

        Raises
        ------
        ArgumentError
        """
        text = self._text()
        self._last = text
        return dict(EMPTY) if text is None else graph_from(text)

    def write(self, graph: Mapping[str, Any], path: Path, *, over: bool = False) -> Path:
        """Save a graph whole or not at all.

        Raises
        ------
        ArgumentError
            When the file cannot be written, or holds what somebody else wrote since.
        """
        if path.suffix not in ENDINGS:
            raise ArgumentError.of("file", str(path), message("a name that ends in .yaml"))
        if path != self.path:
            self.path, self._last = path, None
        found = self._text()
        if found is not None and found != self._last and not over:
            self._last = found
            raise ArgumentError(
                message(
                    "{file} holds something else by now. Save again to write over it.",
                    file=path.name,
                )
            )
        text = as_yaml(graph)
        beside = path.with_name(f".{path.name}.{uuid4().hex[:8]}")
        try:
            beside.write_text(text, encoding="utf-8")
            beside.replace(path)
        except OSError as problem:
            beside.unlink(missing_ok=True)
            raise ArgumentError.of(
                "file", str(path), message("a place that can be written"), problem.strerror or ""
            ) from None
        self._last = text
        return path

    def _text(self) -> str | None:
        if self.path is None or not self.path.exists():
            return None
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise ArgumentError.of(
                "file", str(self.path), message("a YAML file of a graph"), str(problem)[:80]
            ) from None
