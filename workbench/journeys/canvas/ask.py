"""The question: which ways do containers take through a graph of nodes, and where do they end?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from workbench.engine.graph import reach as engine
from workbench.engine.masks import Marker
from workbench.engine.match import TIES
from workbench.engine.segments import segment_rows
from workbench.engine.store import Stream
from workbench.errors import ArgumentError
from workbench.journeys.canvas.counting import Group
from workbench.journeys.canvas.drawn import drawn_from
from workbench.journeys.canvas.graph import Graph
from workbench.journeys.canvas.loops import walked_graph
from workbench.journeys.canvas.metrics import check_columns, metric_from
from workbench.journeys.canvas.money import Measures
from workbench.journeys.canvas.places import places_from
from workbench.journeys.canvas.question import Question
from workbench.journeys.canvas.result import Canvas
from workbench.journeys.scoping import (
    FILTER_SCOPES,
    everyone_label,
    scope_of,
    taking_part,
    with_a_row,
)
from workbench.messages import message
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import Segment, segment_from
from workbench.workspace import Workspace

CHOICES = {
    "percent": ("start", "previous", "total"),
    "secondary_percent": ("total", "start"),
    "node_rows": ("all_matching", "in_sequence"),
    "filter_scope": FILTER_SCOPES,
    "ties": TIES,
    "arrow_text": ("both", "labels", "values", "none"),
    "direction": ("auto", "right", "down"),
}
MANY_NODES = 50


def canvas(
    workspace: Workspace,
    *,
    container: str = "account",
    period: str | Period | None = None,
    segment: Any = None,
    nodes: Mapping[str, Any],
    arrows: Sequence[Any] = (),
    primary: Any = "containers",
    secondary: Any = None,
    percent: str = "start",
    secondary_percent: str = "total",
    node_rows: str = "all_matching",
    exclude: Sequence[str] = (),
    compare: Sequence[Any] = (),
    with_all: bool = True,
    filter_scope: str = "whole",
    ties: str = "any",
    warmup: str | timedelta | Duration | None = None,
    arrow_text: str = "both",
    show_fallout: bool = True,
    direction: str = "auto",
    places: Mapping[str, Sequence[float]] | None = None,
) -> Canvas:
    """Which ways do containers take through a graph of nodes, and where do they fall out?

    Parameters
    ----------
    workspace : Workspace
    container : str
        What is counted: account, global_account, opportunity, buying_group, person, session.
    period : str, optional
        Range of dates of the reporting zone; only rows inside exist.
    segment : Segment or mapping, optional
        Only containers of this segment.
    nodes : mapping
        Ids to steps: event names, mappings or `wb.step` values without limits.
    arrows : list
        Pairs ``(from, to)``, or mappings with ``from``, ``to`` and optionally ``within``,
        ``after`` (limits on the gap, inclusive), ``label``, and ``repeat`` for an arrow back to
        an earlier node. An arrow means THEN, always eventual; several into a node join with OR.
    primary, secondary : str or mapping
        Metrics of the nodes: ``containers``, ``events``, ``people`` (or sessions, accounts,
        opportunities, …), ``{"sum": "amount"}``, ``{"mean": …}``, ``{"distinct": …}``,
        ``{"divide": [above, below]}``.
    percent : {"start", "previous", "total"}
        Which base the sentences and the picture show; the frame holds all of them.
    secondary_percent : {"total", "start"}
        The same for the secondary metric.
    node_rows : {"all_matching", "in_sequence"}
        Whether any matching row of a container that reached the node counts there, or only rows
        that themselves reached it.
    exclude : list of str
        Ids of nodes; containers that reach one of them are left out everywhere.
    compare : list of Segment, optional
        At most two segments, drawn side by side; a container may be in both.
    with_all : bool
        Whether `compare` keeps a group of all containers beside the segments.
    filter_scope : {"whole", "each_step"}
        A container must have one row in the segment, or every node must be such a row.
    ties : {"any", "stable"}
        Whether rows with equal times may stand in either order.
    warmup : str, optional
        Rows up to this long before the period may serve nodes without being counted.
    arrow_text : {"both", "labels", "values", "none"}
        What stands on the arrows of the picture.
    show_fallout : bool
        Whether the picture shows who went no further.
    direction : {"auto", "right", "down"}
        Where the arrows of the picture lead; ``auto`` is right where that fits a page, else down.
    places : mapping, optional
        Ids of nodes to ``[x, y]``: where `wb.edit_canvas` shows them. Kept, and otherwise unused.

    Returns
    -------
    Canvas
        Its `frame` has the columns of `Canvas.columns`; `arrows` those of `Canvas.arrow_columns`.

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed, and for a cycle.

    Notes
    -----
    Source: journeys-canvas.md.
    """
    kind = container_named(container)
    given = {
        "percent": percent,
        "secondary_percent": secondary_percent,
        "node_rows": node_rows,
        "filter_scope": filter_scope,
        "ties": ties,
        "arrow_text": arrow_text,
        "direction": direction,
    }
    for name, value in given.items():
        if value not in CHOICES[name]:
            raise ArgumentError.of(name, value, CHOICES[name])
    drawn = drawn_from(nodes, arrows, kind)
    graph = walked_graph(drawn)
    metric = metric_from(primary, kind)
    second = None if secondary is None else metric_from(secondary, kind, "secondary")
    check_columns(metric, workspace.events, "primary")
    if second is not None:
        check_columns(second, workspace.events, "secondary")
    question = Question(
        workspace=workspace,
        container=kind,
        period=workspace.period(period),
        segment=None if segment is None else segment_from(segment),
        drawn=drawn,
        graph=graph,
        primary=metric,
        secondary=second,
        exclude=_excluded(exclude, graph),
        compare=_compared(compare),
        with_all=bool(with_all),
        warmup=Duration.parse_optional(warmup, "warmup"),
        show_fallout=bool(show_fallout),
        places=places_from(places, drawn.nodes),
        **given,
    )
    return answer(question)


def _excluded(exclude: Any, graph: Graph) -> tuple[str, ...]:
    if isinstance(exclude, str) or not isinstance(exclude, Sequence):
        raise ArgumentError.of("exclude", exclude, message("a list of ids of nodes"))
    for name in exclude:
        if str(name) not in graph.number:
            raise ArgumentError.of("exclude", name, graph.number)
    return tuple(dict.fromkeys(str(name) for name in exclude))


def _compared(compare: Any) -> tuple[Segment, ...]:
    if not isinstance(compare, list | tuple) or len(compare) > 2:
        raise ArgumentError.of("compare", compare, message("a list of one or two segments"))
    return tuple(segment_from(item, "compare") for item in compare)


def answer(question: Question) -> Canvas:
    """Walk, group and put the result together."""
    workspace, store = question.workspace, question.workspace.events
    marker = workspace.marker(question.period)
    stream = store.stream(question.container)
    keep, filtered = taking_part(
        workspace, marker, stream, question.period, question.segment, question.filter_scope
    )
    found = walk(question, marker, stream, keep)
    counted = found.present if filtered is None else found.present & filtered
    measures = Measures(workspace, marker)
    units = {name: measures.currency(name) for name in _measured(question)}
    groups = _groups(question, marker, stream, found, counted, keep, measures)
    if len(question.graph.nodes) > MANY_NODES:
        marker.note(
            message(
                "{n} nodes are more than anybody reads at once; {most} are plenty.",
                n=len(question.graph.nodes),
                most=MANY_NODES,
            )
        )
    read = int((found.high - found.walked_from).sum()) if question.period else None
    scope = scope_of(
        workspace,
        marker,
        question.container,
        question.period,
        dropped_null_key=stream.dropped_null_key,
        rows_read=read,
    )
    return Canvas(question=question, groups=tuple(groups), scope=scope, stream=stream, units=units)


def _measured(question: Question) -> list[str]:
    """Measures that are added up."""
    metrics = [m for m in (question.primary, question.secondary) if m is not None]
    leaves = [leaf for metric in metrics for leaf in metric.leaves()]
    return [leaf.column for leaf in leaves if leaf.kind in ("sum", "mean")]


def walk(
    question: Question, marker: Marker, stream: Stream, keep: np.ndarray | None
) -> engine.Reach:
    """Which containers reach which nodes."""
    start, end = question.workspace.bounds(question.period)
    return engine.reach(
        marker,
        stream,
        [node.step.condition for node in question.graph.nodes],
        question.graph.links,
        ties=question.ties,
        start=start,
        end=end,
        warmup=question.warmup,
        keep=keep,
    )


def _groups(
    question: Question,
    marker: Marker,
    stream: Stream,
    found: engine.Reach,
    counted: np.ndarray,
    keep: np.ndarray | None,
    measures: Measures,
) -> list[Group]:
    def group(name: str, walked: engine.Reach, members: np.ndarray) -> Group:
        number = question.graph.number
        for node in question.exclude:
            members = members & ~walked.at(number[node])
        return Group(name, walked, members, question.graph, question.in_sequence, measures)

    groups = []
    if question.with_all or not question.compare:
        groups.append(group(everyone_label(question.container.plural), found, counted))
    for segment in question.compare:
        rows = segment_rows(marker, segment)
        members = counted & with_a_row(question.workspace, marker, stream, question.period, rows)
        walked = found
        if question.filter_scope == "each_step":
            rows = rows if keep is None else rows & keep
            walked = walk(question, marker, stream, rows)
        groups.append(group(segment.name, walked, members))
    return groups
