"""What a flow says: its headline, how to read its picture, what was asked and set aside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.engine.paths.sums import EQUAL, HIDDEN, JOINED, UNDECIDED
from workbench.journeys.scoping import scope_of
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.base import Scope
from workbench.results.intervals import SMALL_GROUP

if TYPE_CHECKING:
    from workbench.journeys.flow.result import Flow


def anchor_name(flow: Flow) -> str:
    """The anchor as a reader sees it."""
    anchor = flow.question.anchor
    if anchor.whole_dimension:
        return message("any {dimension}", dimension=anchor.dimension)
    if anchor.dimension is None:
        return anchor.label
    items = flow.nodes.loc[flow.nodes["column"] == 0, "item"].tolist()
    return items[0] if len(items) == 1 else anchor.label


def counted_word(flow: Flow) -> str:
    """What numerators and denominators are."""
    if flow.question.count == "containers":
        return flow.question.container.plural
    return message("path views")


def headline(flow: Flow) -> str:
    """The commonest neighbour of the anchor, with numerator and denominator."""
    question = flow.question
    name = anchor_name(flow)
    if not flow.tables.starts:
        return message(
            "“{anchor}” does not occur in the {containers} in scope, so there are no paths",
            anchor=name,
            containers=question.container.plural,
        )
    beside = 1 if question.numbers[-1] > 0 else -1
    nodes = flow.nodes[flow.nodes["column"] == beside]
    items = nodes[nodes["kind"] == "item"]
    if question.anchor.whole_dimension or len(flow.nodes[flow.nodes["column"] == 0]) > 1:
        return _of_links(flow)
    values = {
        "anchor": name,
        "start": numbers.count(flow.tables.start),
        "counted": counted_word(flow),
    }
    if items.empty:
        return _of_ends(nodes, beside, values)
    first = items.iloc[0]
    values |= {
        "item": first["item"],
        "n": numbers.count(first["value"]),
        "share": numbers.share(first["value"] / flow.tables.start),
    }
    if flow.survey.multiplies and question.count == "path_views":
        values["share"] = numbers.share(first["share_of_source"])
        values["start"] = numbers.count(first["source"])
    if beside > 0:
        return message(
            "After “{anchor}”, “{item}” comes next most often: {n} of {start} {counted}, {share}",
            **values,
        )
    return message(
        "Before “{anchor}”, “{item}” comes last most often: {n} of {start} {counted}, {share}",
        **values,
    )


def _of_ends(nodes: pd.DataFrame, beside: int, values: dict[str, str]) -> str:
    ended = nodes.loc[nodes["kind"].isin(["exit", "entry"]), "value"].sum()
    values["n"] = numbers.count(ended)
    if beside > 0:
        return message(
            "After “{anchor}”, nothing that is shown comes next: {n} of {start} {counted} end "
            "there",
            **values,
        )
    return message(
        "Before “{anchor}”, nothing that is shown comes first: {n} of {start} {counted} begin "
        "there",
        **values,
    )


def finding(flow: Flow) -> tuple[int, str, str] | None:
    """Column, source and target of the link that the headline speaks of."""
    beside = 0 if flow.question.numbers[-1] > 0 else -1
    links = flow.links
    links = links[
        (links["column"] == beside)
        & links["source_kind"].isin(["item", "event"])
        & links["target_kind"].isin(["item", "event"])
    ]
    if links.empty:
        return None
    first = links.loc[links["value"].idxmax()]
    return int(first["column"]), str(first["source"]), str(first["target"])


def _of_links(flow: Flow) -> str:
    name, found = anchor_name(flow), finding(flow)
    if found is None:
        return message(
            "Of {start} {counted} of “{anchor}”, none goes to an item that is shown",
            start=numbers.count(flow.tables.start),
            counted=counted_word(flow),
            anchor=name,
        )
    column, source, target = found
    links = flow.links.set_index(["column", "source", "target"]).sort_index()
    first = links.loc[[(column, source, target)]].iloc[0]
    return message(
        "Most paths of “{anchor}” go from “{source}” to “{target}”: {n} of {start} {counted} "
        "that leave “{source}”, {share}",
        anchor=name,
        source=source,
        target=target,
        n=numbers.count(first["value"]),
        start=numbers.count(first["source_value"]),
        counted=counted_word(flow),
        share=numbers.share(first["share_of_source"]),
    )


def reading(flow: Flow) -> str:
    """What a path view is, and what the picture leaves out."""
    from workbench.journeys.flow.chart import drawn_columns

    question = flow.question
    if not flow.tables.starts:
        return message("Nothing is drawn: no path begins or ends there.")
    parts = [
        message(
            "A path view is one occurrence of “{anchor}” followed from row to row, so one "
            "{container} can have several; percentages are of the {counted} of “{anchor}”.",
            anchor=anchor_name(flow),
            container=question.container.singular,
            counted=counted_word(flow),
        ),
        message(
            "(exit) and (entry): nothing later or earlier in the same {container}, in this period "
            "and up to {day}.",
            container=question.container.singular,
            day=numbers.day(pd.Timestamp(question.until, unit="us", tz="UTC")),
        ),
    ]
    drawn = drawn_columns(question)
    if len(drawn) < question.columns:
        parts.append(
            message(
                "The picture shows {n} of {columns} columns; the table has them all.",
                n=len(drawn),
                columns=question.columns,
            )
        )
    if 0 < flow.tables.anchored < SMALL_GROUP:
        parts.append(
            message(
                "Fewer than {least} {containers} ({n}): shares are uncertain.",
                least=SMALL_GROUP,
                n=flow.tables.anchored,
                containers=question.container.plural,
            )
        )
    return " ".join(parts)


def definitions(flow: Flow) -> list[str]:
    """The question in sentences."""
    question = flow.question
    anchor = question.anchor
    sides = {
        "starts_with": message("Paths start with {anchor}.", anchor=anchor.condition),
        "contains": message("Paths pass {anchor}.", anchor=anchor.condition),
        "ends_with": message("Paths end with {anchor}.", anchor=anchor.condition),
    }
    out = [
        sides[anchor.side],
        message(
            "A path goes to the next row of the same {container} on which {dimension} is set; "
            "other rows do not interrupt it.",
            container=question.container.singular,
            dimension=question.dimension,
        ),
    ]
    out += [
        message("Column {column} follows {dimension}.", column=column, dimension=name)
        for column, name in question.dimensions
    ]
    out.append(
        message("An item that follows itself directly counts again.")
        if question.repeats or flow.survey.multiplies
        else message("An item that follows itself directly counts once, at its first row.")
    )
    if question.limit == "first":
        out.append(message("Only the first occurrence of each {c}.", c=question.container.singular))
    if question.limit == "last":
        out.append(message("Only the last occurrence of each {c}.", c=question.container.singular))
    if question.same_event:
        out.append(message("The row of an event may itself be its neighbour."))
    if question.period:
        out.append(message("Period: {period}.", period=str(question.period)))
    if question.segment:
        out.append(message("Only {segment}.", segment=question.segment.in_words()))
        if question.filter_scope == "events":
            out.append(message("Rows outside the segment are left out of the paths."))
    out += _of_filters(flow)
    out += [f"{item.name}: {item.in_words()}." for item in question.compare]
    out.append(
        message(
            "Items are ranked by {counted}; full counts come first, then the rest of a column is "
            "put together as (other).",
            counted=counted_word(flow),
        )
    )
    out.append(
        message(
            "Shares carry 95 % Wilson intervals; path views of one {container} count as dependent.",
            container=question.container.singular,
        )
    )
    return out


def _of_filters(flow: Flow) -> list[str]:
    question = flow.question
    out = [
        message("Column {column} shows only: {condition}.", column=column, condition=condition)
        for column, condition in question.filters
    ]
    for column, condition in question.exclude:
        if question.exclude_mode == "skip":
            out.append(message("Left out of every path: {condition}.", condition=condition))
        elif column is None:
            out.append(message("No column shows {condition}.", condition=condition))
        else:
            out.append(
                message(
                    "Column {column} does not show {condition}.",
                    column=column,
                    condition=condition,
                )
            )
    return out


def scope(flow: Flow) -> Scope:
    """What was set aside, how far the order of rows is known, what the period cuts."""
    question, survey = flow.question, flow.survey
    read = survey.paths.high - survey.paths.low
    made = scope_of(
        question.workspace,
        survey.marker,
        question.container,
        question.period,
        dropped_null_key=survey.stream.dropped_null_key,
        rows_read=int(read.sum()) if question.period else None,
    )
    notes = [*made.notes, *_of_order(flow), *_of_hidden(flow), *_of_cuts(flow)]
    if survey.multiplies:
        notes.append(
            message(
                "A row with several values is a path view for each pair with the values before, "
                "so totals exceed the rows; repeats are kept."
            )
        )
    elif not any(d.table.size and (d.table >= 0).any() for d in survey.plan.dimensions):
        notes.append(message("{name} is set on no row.", name=question.dimension))
    return replace(made, notes=tuple(notes))


def scope_with(flow: Flow, notes: list[str]) -> Scope:
    """The scope of a flow with further sentences."""
    return replace(flow.scope, notes=(*flow.scope.notes, *notes))


def _of_order(flow: Flow) -> list[str]:
    totals = flow.tables.sums.totals
    joined, equal = int(totals[JOINED]), int(totals[EQUAL])
    if not equal:
        return []
    undecided = int(totals[UNDECIDED])
    values = {
        "share": numbers.share(equal / joined),
        "n": numbers.count(equal),
        "total": numbers.count(joined),
        "undecided": numbers.count(undecided),
    }
    if not undecided:
        return [
            message(
                "{share} of the steps from row to row ({n} of {total}) join rows with equal "
                "times; their sequence numbers decide the order.",
                **values,
            )
        ]
    return [
        message(
            "{share} of the steps from row to row ({n} of {total}) join rows with equal times; "
            "for {undecided} of them nothing but a stable order of the rows decides.",
            **values,
        )
    ]


def _of_hidden(flow: Flow) -> list[str]:
    sums, out = flow.tables.sums, []
    anchors = int(sums.totals[HIDDEN])
    if anchors:
        out.append(
            message_of_count(
                "{count} path view is hidden in column 0 by a filter.",
                "{count} path views are hidden in column 0 by a filter.",
                anchors,
            )
        )
    hidden = sums.hidden.reshape(2, flow.question.columns, -1).sum(axis=2)
    for side, k in np.argwhere(hidden > 0):
        column = int(k) - flow.question.left + (1 if side else -1)
        out.append(
            message_of_count(
                "{count} path view is hidden in column {column} by a filter.",
                "{count} path views are hidden in column {column} by a filter.",
                int(hidden[side, k]),
                column=column,
            )
        )
    return out


def _of_cuts(flow: Flow) -> list[str]:
    cut = int(flow.tables.sums.cut.sum())
    if not cut:
        return []
    ends = flow.nodes.loc[flow.nodes["kind"].isin(["exit", "entry"]), "path_views"].sum()
    return [
        message(
            "{n} of {total} ends, (exit) or (entry), are made by the period: the same {container} "
            "has such rows outside it.",
            n=numbers.count(cut),
            total=numbers.count(int(ends)),
            container=flow.question.container.singular,
        )
    ]
