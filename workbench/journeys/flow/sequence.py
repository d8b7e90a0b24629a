"""From a path back to a question: a sequential segment, a new middle, other options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.errors import ArgumentError
from workbench.journeys.flow.anchors import SIDES
from workbench.journeys.flow.counting import ENTRY, EXIT
from workbench.journeys.flow.members import chosen, place_of, read_path
from workbench.journeys.flow.question import DEFAULTS, Question
from workbench.journeys.scoping import OTHER
from workbench.messages import message
from workbench.vocabulary.conditions import Condition, InSegment, Logic, Term, joined
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.steps import Step

if TYPE_CHECKING:
    from workbench.journeys.flow.result import Flow


def again(flow: Flow, changes: dict[str, Any]) -> Flow:
    """The same question with other options."""
    from workbench.journeys.flow.ask import flow as ask

    question = flow.question
    options: dict[str, Any] = {name: getattr(question, name) for name in DEFAULTS}
    options |= {
        "container": question.container.name,
        "period": question.period,
        "segment": question.segment,
        "dimension": question.dimension,
        "dimensions": dict(question.dimensions),
        "filters": dict(question.filters),
        "exclude": _exclude(question),
        "compare": question.compare,
    }
    if not set(changes) & set(SIDES):
        options[question.anchor.side] = question.anchor.plain()
    unknown = [name for name in changes if name not in (*options, *SIDES)]
    if unknown:
        raise ArgumentError.of("option", unknown[0], sorted({*options, *SIDES}))
    return ask(question.workspace, **{**options, **changes})


def _exclude(question: Question) -> Any:
    if question.exclude and question.exclude[0][0] is None:
        return question.exclude[0][1]
    return dict(question.exclude) or None


def focus(flow: Flow, column: int, item: str) -> Flow:
    """The same question with one node in the middle of its paths."""
    place_of(flow.question, column)
    dimension = flow.question.dimension_of(column)
    nodes = flow.nodes[(flow.nodes["column"] == column) & (flow.nodes["kind"] == "item")]
    items = list(nodes["item"])
    if dimension is None or item not in items:
        raise ArgumentError.of("item", item, items)
    return again(
        flow,
        {
            "contains": {dimension: {"=": item}},
            "dimension": dimension,
            "dimensions": None,
            "filters": None,
            "exclude": None,
        },
    )


def segment_of(flow: Flow, path: Any, name: str | None = None) -> Segment:
    """Containers that walk a path, as a sequential segment.

    Parameters
    ----------
    flow : Flow
    path : list or mapping
        Items from left to right with the anchor, or by column; several items of a column in a
        list, and then a change among them counts as a repeat. ``(entry)`` and ``(exit)`` may
        stand at the ends.
    name : str, optional
        What the reader calls it.

    Returns
    -------
    Segment
        Of the container of the flow. Each step is the next row on which its dimension is set;
        repeats, skipped items and the segment of the flow are part of it. In a segment rows with
        equal times may stand in either order, in a flow they have one.

    Notes
    -----
    Source: journeys-flow.md, section 2, segment from a path.
    """
    question = flow.question
    asked = _checked(question, read_path(question, path))
    columns = sorted(asked)
    begins = asked[columns[0]] == ENTRY and columns[0] < 0
    ends = asked[columns[-1]] == EXIT and columns[-1] > 0
    kept = columns[begins : len(columns) - ends]
    _check_limit(question, kept, ends)
    steps = tuple(_step(flow, column, asked, column == kept[0]) for column in kept)
    after = _between(flow, asked, columns[-1]) if ends else None
    if question.limit == "last":
        after = _anchors(question)
    label = name or " → ".join(step.label for step in steps)
    made = Segment(
        label,
        question.container.name,
        None,
        steps,
        without_before=_between(flow, asked, columns[0]) if begins else None,
        without_after=after,
        anchor="first" if after is None else "last",
    )
    if question.segment is None:
        return made
    return Segment(label, stack=(question.segment, made))


def _checked(question: Question, asked: dict[int, Any]) -> dict[int, Any]:
    for column, items in asked.items():
        place_of(question, column)
        if items is None or items == []:
            raise ArgumentError.of("path", asked, message("an item in every column"))
    columns = sorted(asked)
    if 0 not in asked or columns != list(range(columns[0], columns[-1] + 1)):
        raise ArgumentError.of(
            "path", columns, message("columns that follow each other, with the anchor (0)")
        )
    if question.same_event:
        raise ArgumentError.of(
            "path", asked, message("a flow without same_event: one row never serves two steps")
        )
    return asked


def _check_limit(question: Question, kept: list[int], ends: bool) -> None:
    """A sequence knows its first and its last step, no other."""
    if question.limit == "first" and kept[0] != 0:
        allowed = message("a path that starts with the anchor")
    elif question.limit == "last" and (kept[-1] != 0 or ends):
        allowed = message("a path that ends with the anchor")
    else:
        return
    raise ArgumentError.of(
        "limit",
        question.limit,
        allowed,
        message("Open the containers with members(path=…) instead."),
    )


def _step(flow: Flow, column: int, asked: dict[int, Any], first: bool) -> Step:
    """One column as a step that hangs on the column to its left."""
    question = flow.question
    items = _listed(asked[column])
    condition = _on_rows(question, _meant(flow, column, items))
    inner = column - 1 if column > 0 else column + 1
    if column and set(items) & set(_listed(asked[inner])):
        # without repeats an item never follows itself
        condition = joined("all", [condition, _between(flow, asked, column)])
    label = " / ".join(map(str, items))
    if not first:
        outer = column if column > 0 else column - 1
        return Step(label, condition, "next", next_among=_between(flow, asked, outer))
    if question.limit == "first":
        return Step(label, condition, "next", next_among=_anchors(question))
    return Step(label, condition)


def _between(flow: Flow, asked: dict[int, Any], outer: int) -> Condition:
    """Rows that would stand in column `outer` if they lay beside the column nearer the anchor."""
    question = flow.question
    inner = outer - 1 if outer > 0 else outer + 1
    dimension = question.dimension_of(outer)
    assert dimension is not None
    parts: list[Condition] = [Term(dimension, "exists", (True,))]
    same = question.dimension_of(inner) == dimension
    if same and not question.repeats and not flow.survey.multiplies:
        parts.append(Logic("not", (_meant(flow, inner, _listed(asked[inner])),)))
    return _on_rows(question, joined("all", [*parts, *_skipped(question, dimension)]))


def _anchors(question: Question) -> Condition:
    """Rows that are anchors."""
    parts = [question.anchor.condition, *_skipped(question, question.anchor.dimension)]
    return _on_rows(question, joined("all", parts))


def _skipped(question: Question, dimension: str | None) -> list[Condition]:
    """What keeps rows apart that are left out of every path."""
    if question.exclude_mode != "skip" or dimension != question.dimension:
        return []
    return [Logic("not", (condition,)) for _, condition in question.exclude]


def _on_rows(question: Question, condition: Condition) -> Condition:
    """The same among the rows that a segment of single rows leaves."""
    segment = question.segment
    if question.filter_scope == "events" and segment is not None and segment.scope == "event":
        return joined("all", [condition, InSegment(segment)])
    return condition


def _meant(flow: Flow, column: int, items: list[Any]) -> Condition:
    """What a row must be to stand in a column as one of some items."""
    question = flow.question
    dimension = question.dimension_of(column)
    # names that there are not are refused with those that there are
    chosen(flow, {column: items})
    if dimension is None:
        return question.anchor.condition
    parts: list[Condition] = []
    shown = _values(flow, column)
    for item in items:
        if item == OTHER:
            values = tuple(shown.values())
            others = [Term(dimension, "exists", (True,)), Term(dimension, "!=", values)]
            parts.append(joined("all", [*others, *_visible(question, column)]))
        else:
            parts.append(Term(dimension, "=", (shown.get(item, item),)))
    return joined("any", parts)


def _visible(question: Question, column: int) -> list[Condition]:
    """What filters leave of a column."""
    dimension = question.dimension_of(column)
    out: list[Condition] = [item for number, item in question.filters if number == column]
    for number, condition in question.exclude:
        everywhere = number is None and dimension == question.dimension
        skipped = question.exclude_mode == "skip"
        if number == column or (everywhere and (column or skipped)):
            out.append(Logic("not", (condition,)))
    return out


def _values(flow: Flow, column: int) -> dict[str, str]:
    """Name of each item that is told apart to its value."""
    k = column + flow.question.left
    dimension = flow.survey.dimension_at(k)
    assert dimension is not None
    names = [name for name, kind in flow.tables.names[k] if kind == "item"]
    return dict(zip(names, dimension.names(flow.survey.shown[k]), strict=True))


def _listed(items: Any) -> list[Any]:
    return list(items) if isinstance(items, list | tuple | set) else [items]
