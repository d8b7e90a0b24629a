"""What a canvas says: its headline, how to read its picture, what was asked, its key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.journeys.canvas.metrics import Metric
from workbench.journeys.canvas.nodes import SMALL, larger_than_before
from workbench.messages import message
from workbench.results import numbers
from workbench.results.tables import Column

if TYPE_CHECKING:
    from workbench.journeys.canvas.result import Canvas


def value_text(result: Canvas, metric: Metric, value: Any) -> str:
    """A number of a metric as a reader sees it."""
    if numbers.absent(value):
        return numbers.NOTHING
    if metric.whole:
        return numbers.count(value)
    currency = result.units.get(metric.column, "")
    return numbers.money(value, currency) if currency else numbers.significant(value)


def worst_fallout(result: Canvas) -> pd.Series | None:
    """The node of the first group at which most are lost, those still open left out."""
    first = result.nodes[result.nodes["group"] == result.groups[0].name]
    known = first.dropna(subset="fell_out")
    lost = known["fell_out"].astype(int) - known["open"].fillna(0).astype(int)
    if known.empty or not lost.max():
        return None
    return known.assign(lost=lost).loc[lost.idxmax()]


def headline(result: Canvas) -> str:
    """The best conversion, and the node at which most are lost."""
    question = result.question
    who = question.container.plural
    first = result.nodes[result.nodes["group"] == result.groups[0].name]
    if not first["total"].iloc[0]:
        return message(
            "No {containers} are in scope, so there is nothing to count.", containers=who
        )
    if not question.graph.arrows:
        largest = first.loc[first["value"].fillna(0).idxmax()]
        return message(
            "“{node}” is largest: {n} of {total} {containers}",
            node=largest["label"],
            n=numbers.count(largest["containers"]),
            total=numbers.count(largest["total"]),
            containers=who,
        )
    if len(result.groups) > 1:
        return _headline_of_groups(result)
    best = result.conversion()
    labels = labels_of(result)
    if not best.entered:
        return message(
            "No {containers} come to “{start}”, so nobody gets any further.",
            containers=who,
            start=labels[best.start],
        )
    text = message(
        "{n} of {entered} {containers} get from “{start}” to “{end}” ({share})",
        n=numbers.count(best.reached),
        entered=numbers.count(best.entered),
        containers=who,
        start=labels[best.start],
        end=labels[best.end],
        share=numbers.share(best.rate),
    )
    worst = worst_fallout(result)
    if worst is not None:
        text += message(
            "; most fall out at “{node}”: {lost} of {total}, {rate}",
            node=worst["label"],
            lost=numbers.count(worst["lost"]),
            total=numbers.count(worst["containers"]),
            rate=numbers.share(worst["lost"] / worst["containers"]),
        )
    return text


def _headline_of_groups(result: Canvas) -> str:
    best = result.conversion()
    end = result.nodes[result.nodes["node"] == best.end]
    found = end.dropna(subset="share_of_start")
    label = labels_of(result)[best.end]
    if found.empty or found["share_of_start"].nunique() < 2:
        return message(
            "“{node}” is reached equally often in all groups ({share})",
            node=label,
            share=numbers.share(found["share_of_start"].max() if len(found) else None),
        )
    most = found.loc[found["share_of_start"].idxmax()]
    least = found.loc[found["share_of_start"].idxmin()]
    return message(
        "“{node}” is reached most in “{best}” ({best_share}, {a} of {b}) and least in “{least}” "
        "({least_share}, {c} of {d})",
        node=label,
        best=most["group"],
        best_share=numbers.share(most["share_of_start"]),
        a=numbers.count(most["containers"]),
        b=numbers.count(most["start"]),
        least=least["group"],
        least_share=numbers.share(least["share_of_start"]),
        c=numbers.count(least["containers"]),
        d=numbers.count(least["start"]),
    )


def labels_of(result: Canvas) -> dict[str, str]:
    """Label of each node by id."""
    return {node.name: node.label for node in result.question.graph.nodes}


def base_in_words(result: Canvas) -> str:
    """What the percentages of the picture are of."""
    return {
        "start": message("of the start node (of all in scope where several starts lead there)"),
        "previous": message("of all at any node directly before"),
        "total": message("of all in scope"),
    }[result.question.percent]


def reading(result: Canvas) -> str:
    """Denominators, which rows count, what is small, and what is larger than its parent."""
    question = result.question
    who = question.container.plural
    parts = [
        message(
            "The number in a box: {metric}; its percentage is {base}. The number on an arrow: "
            "{containers} that came to the next box from this one, in percent of those here; "
            "arrows are not exclusive.",
            metric=question.primary.label,
            base=base_in_words(result),
            containers=who,
        )
    ]
    if question.show_fallout:
        parts.append(
            message(
                "The small triangle: went no further, that is, reached the box and none of the "
                "next ones from it, always in {containers}.",
                containers=who,
            )
        )
    if question.primary.kind != "containers":
        parts.append(
            message(
                "Boxes show {metric}, arrows and fallout count {containers}: they need not add up.",
                metric=question.primary.label,
                containers=who,
            )
        )
        parts.append(
            message("Only rows that themselves reached the box count.")
            if question.in_sequence
            else message(
                "All rows that match a box count once its {container} has reached it, earlier ones "
                "too.",
                container=question.container.singular,
            )
        )
    parts += notes(result)
    small = [g.name for g in result.groups if 0 < np.count_nonzero(g.counted) < SMALL]
    if small:
        parts.append(message("Fewer than {n} in: {groups}.", n=SMALL, groups=", ".join(small)))
    return " ".join(parts)


def notes(result: Canvas) -> list[str]:
    """Every node of the first group whose number exceeds that of a node before it, and why."""
    first = result.nodes[result.nodes["group"] == result.groups[0].name]
    columns = {name: first[name].tolist() for name in ("label", "value", "containers")}
    out = []
    for number, label in enumerate(columns["label"]):
        for sentence in larger_than_before(result.question, columns, number):
            out.append(message("“{node}”: {note}", node=label, note=sentence))
    return out


def definitions(result: Canvas) -> list[str]:
    """The question in sentences."""
    question = result.question
    labels = labels_of(result)
    out = [
        message("Box “{label}”: {words}.", label=node.label, words=str(node.step.condition))
        for node in question.graph.nodes
    ]
    out += [
        message(
            "“{before}” then “{after}” {limits}.",
            before=labels[arrow.source],
            after=labels[arrow.target],
            limits=arrow.in_words(),
        )
        for arrow in question.graph.arrows
        if arrow.in_words()
    ]
    out += [
        message(
            "The way from “{target}” to “{source}” may be walked {n} more times.",
            source=labels[arrow.source],
            target=labels[arrow.target],
            n=arrow.repeat,
        )
        for arrow in question.drawn.arrows
        if arrow.repeat
    ]
    if question.period:
        out.append(message("Period: {period}.", period=str(question.period)))
    if question.segment:
        out.append(message("Only {segment}.", segment=question.segment.in_words()))
    out += [f"{item.name}: {item.in_words()}." for item in question.compare]
    if question.exclude:
        out.append(
            message(
                "Left out are {containers} that reach {nodes}.",
                containers=question.container.plural,
                nodes=", ".join(f"“{labels[name]}”" for name in question.exclude),
            )
        )
    out.append(
        message(
            "A container reaches a box when any choice of its events leads there along the arrows; "
            "an arrow means later, not next. Shares carry 95 % Wilson intervals."
        )
    )
    return out


def shown(result: Canvas) -> tuple[Column, ...]:
    """Columns for a reader."""
    question = result.question
    who = question.container.plural.capitalize()
    grouped = (Column("group", message("Group")),) if len(result.groups) > 1 else ()
    metric: tuple[Column, ...] = ()
    if question.primary.kind != "containers":
        metric = (
            _metric_column(result, "value", question.primary),
            Column(
                f"ratio_of_{question.percent}",
                message("{metric}, {base}", metric=question.primary.label,
                        base=_base_word(question.percent)),
                "share",
            ),
        )  # fmt: skip
    if question.secondary is not None:
        metric += (_metric_column(result, "secondary", question.secondary),)
    limited = (
        (Column("open", message("Of these still open"), "count"),)
        if result.nodes["open"].notna().any()
        else ()
    )
    return (
        *grouped,
        Column("label", message("Box")),
        Column("containers", who, "count"),
        Column("share_of_start", message("Of the start"), "share"),
        Column("share_of_previous", message("Of those before"), "share"),
        Column("share_of_total", message("Of all in scope"), "share"),
        *metric,
        Column("fell_out", message("Went no further"), "count"),
        Column("share_fell_out", message("Of those at the box"), "share"),
        *limited,
        Column("note", message("Note")),
    )


def _metric_column(result: Canvas, name: str, metric: Metric) -> Column:
    currency = result.units.get(metric.column, "")
    if currency:
        return Column(name, metric.label, "money", currency)
    return Column(name, metric.label, "count" if metric.whole else "number")


def _base_word(percent: str) -> str:
    return {
        "start": message("of the start"),
        "previous": message("of those before"),
        "total": message("of all in scope"),
    }[percent]
