"""The question: which paths lead on from a point of the journey, or up to it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.engine.masks import Marker
from workbench.errors import ArgumentError
from workbench.journeys.flow.anchors import Anchor, anchor_from, plain_terms
from workbench.journeys.flow.question import Question
from workbench.journeys.flow.result import Flow
from workbench.journeys.flow.survey import survey
from workbench.messages import message
from workbench.vocabulary.conditions import OPERATORS, Condition, condition_from, fields_of
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import segment_from
from workbench.workspace import Workspace

COUNTS = ("path_views", "containers")
LIMITS = (None, "first", "last")
FILTER_SCOPES = ("whole", "events")
EXCLUDE_MODES = ("drop", "skip")


def flow(
    workspace: Workspace,
    *,
    container: str = "account",
    starts_with: Any = None,
    contains: Any = None,
    ends_with: Any = None,
    period: str | Period | None = None,
    segment: Any = None,
    dimension: str | None = None,
    columns: int = 4,
    items: int = 5,
    dimensions: Mapping[int, str] | None = None,
    repeats: bool = False,
    limit: str | None = None,
    filter_scope: str = "whole",
    filters: Mapping[int, Any] | None = None,
    exclude: Any = None,
    exclude_mode: str = "drop",
    same_event: bool = False,
    count: str = "path_views",
    compare: Sequence[Any] = (),
) -> Flow:
    """Which paths lead on from a point of the journey, or up to it?

    Parameters
    ----------
    workspace : Workspace
    container : str
        Whose rows may be joined: account, global_account, opportunity, buying_group, person,
        session.
    starts_with, contains, ends_with : str, mapping or Step
        The anchor, exactly one of the three: an item (``{"content_type": "webinar"}``, several in
        a list, or with an operator), a whole dimension (``"content_type"``), or an event
        (``"mql_qualified"``, or any condition on a row; not for `contains`). It stands in
        column 0; columns before it have negative numbers.
    period : str, optional
        Range of dates of the reporting zone; only rows inside exist.
    segment : Segment or mapping, optional
        Only containers of this segment.
    dimension : str, optional
        What is followed from row to row; the anchor's dimension when left out.
    columns : int
        Number of columns with that of the anchor; any depth.
    items : int
        Items of a column that are told apart; the rest is put together as ``(other)``.
    dimensions : mapping of int to str, optional
        Columns that follow another dimension: ``{2: "channel"}``.
    repeats : bool
        Whether an item that follows itself directly is a node of its own. Always so for a
        dimension that holds several values on a row.
    limit : {None, "first", "last"}
        Every anchor, or only the first or last of each container.
    filter_scope : {"whole", "events"}
        A container needs one row in the segment, or all rows outside it are left out.
    filters : mapping of int to condition, optional
        What a column may show: ``{1: "demo"}``, ``{1: {"contains": "web"}}``.
    exclude : optional
        Items (or an operator and its values) that no column may show, or a mapping of column to
        them.
    exclude_mode : {"drop", "skip"}
        Paths through what is excluded end there and are counted as hidden; or the rows are left
        out of every path, so that their neighbours meet. The latter is for all columns.
    same_event : bool
        Whether the row of an event, or of a column with another dimension, may itself be the
        neighbour.
    count : {"path_views", "containers"}
        What ranks items, widens ribbons and makes shares. Both stand in every row.
    compare : list of two segments, optional
        Show the difference between their paths.

    Returns
    -------
    Flow
        Its `frame` has the columns of `Flow.columns`, its `links` those of `Flow.link_columns`.

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: journeys-flow.md.

    Examples
    --------
    ``wb.flow(ws, ends_with="mql_qualified", dimension="content_type", columns=5)``
    """
    kind = container_named(container)
    _check_choices(limit, filter_scope, exclude_mode, count)
    _check_flags(repeats=repeats, same_event=same_event)
    _whole_number("columns", columns, 2)
    _whole_number("items", items, 1)
    when = workspace.period(period)
    marker = workspace.marker(when)
    workspace.events.stream(kind)
    given = {"starts_with": starts_with, "contains": contains, "ends_with": ends_with}
    anchor, followed = anchor_from(marker, dimension, given)
    question = Question(
        workspace=workspace,
        container=kind,
        anchor=anchor,
        dimension=followed,
        period=when,
        segment=None if segment is None else segment_from(segment),
        columns=columns,
        items=items,
        dimensions=(),
        repeats=repeats,
        limit=limit,
        filter_scope=filter_scope,
        filters=(),
        exclude=(),
        exclude_mode=exclude_mode,
        same_event=same_event,
        count=count,
        compare=_compared(compare),
    )
    return answer(_with_columns(marker, question, dimensions, filters, exclude))


def answer(question: Question) -> Flow:
    """Count the paths and put the result together."""
    return Flow(question=question, survey=survey(question))


def _check_choices(limit: Any, filter_scope: Any, exclude_mode: Any, count: Any) -> None:
    choices = {
        "limit": (limit, LIMITS),
        "filter_scope": (filter_scope, FILTER_SCOPES),
        "exclude_mode": (exclude_mode, EXCLUDE_MODES),
        "count": (count, COUNTS),
    }
    for argument, (value, allowed) in choices.items():
        if value not in allowed:
            raise ArgumentError.of(argument, value, allowed)


def _check_flags(**flags: Any) -> None:
    for argument, value in flags.items():
        if not isinstance(value, bool):
            raise ArgumentError.of(argument, value, message("true or false"))


def _whole_number(argument: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ArgumentError.of(
            argument, value, message("a whole number of {least} or more", least=least)
        )


def _compared(compare: Any) -> tuple[Any, ...]:
    if not isinstance(compare, list | tuple) or len(compare) not in (0, 2):
        raise ArgumentError.of("compare", compare, message("a list of two segments"))
    return tuple(segment_from(item, "compare") for item in compare)


def _with_columns(
    marker: Marker, question: Question, dimensions: Any, filters: Any, exclude: Any
) -> Question:
    """The question with what was said of single columns."""
    named = _by_column("dimensions", dimensions, question)
    if 0 in named:
        raise ArgumentError.of(
            "dimensions", 0, message("columns beside the anchor, which stands in column 0")
        )
    for name in (question.dimension, *named.values()):
        marker.lookup(name)
    question = _replaced(question, dimensions=tuple(named.items()))
    conditions = {
        column: _condition("filters", question.dimension_of(column), value)
        for column, value in _by_column("filters", filters, question).items()
    }
    question = _replaced(question, filters=tuple(conditions.items()))
    return _replaced(question, exclude=_excluded(question, exclude))


def _replaced(question: Question, **changes: Any) -> Question:
    from dataclasses import replace

    return replace(question, **changes)


def _excluded(question: Question, exclude: Any) -> tuple[tuple[int | None, Condition], ...]:
    """What is left out, by column; None for every column."""
    if exclude is None or (isinstance(exclude, list | tuple | set | Mapping) and not exclude):
        return ()
    if not isinstance(exclude, Mapping) or not all(map(_is_number, exclude)):
        return ((None, _condition("exclude", question.dimension, exclude)),)
    if question.exclude_mode == "skip":
        raise ArgumentError.of(
            "exclude",
            dict(exclude),
            message("items alone, without a column"),
            message("exclude_mode='skip' leaves their rows out of every path."),
        )
    return tuple(
        (column, _condition("exclude", question.dimension_of(column), value))
        for column, value in _by_column("exclude", exclude, question).items()
    )


def _is_number(key: Any) -> bool:
    return isinstance(key, int) or (isinstance(key, str) and key.lstrip("-").isdigit())


def _by_column(argument: str, given: Any, question: Question) -> dict[int, Any]:
    """A mapping of column to something; columns of a file may be written as text."""
    if given is None:
        return {}
    allowed = message(
        "a mapping of columns from {first} to {last}",
        first=question.numbers[0],
        last=question.numbers[-1],
    )
    if not isinstance(given, Mapping) or not all(map(_is_number, given)):
        raise ArgumentError.of(argument, given, allowed)
    out = {int(column): value for column, value in given.items()}
    for column in out:
        if column not in question.numbers:
            raise ArgumentError.of(argument, column, allowed)
    return dict(sorted(out.items()))


def _condition(argument: str, dimension: str | None, value: Any) -> Condition:
    """Items, operators or a condition, as a condition on one dimension."""
    if dimension is None:
        raise ArgumentError.of(
            argument, value, message("columns beside the anchor, which is an event here")
        )
    if isinstance(value, Mapping) and value and set(value) <= set(OPERATORS):
        value = {dimension: value}
    elif isinstance(value, str | int | float | list | tuple | set):
        value = {dimension: {"=": value}}
    read = condition_from(value, argument)
    if fields_of(read) != {dimension} or not plain_terms(read):
        raise ArgumentError.of(
            argument,
            str(read),
            message("items of {dimension}, or operators on them", dimension=dimension),
        )
    return read


__all__ = ["Anchor", "answer", "flow"]
