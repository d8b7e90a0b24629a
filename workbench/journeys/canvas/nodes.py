"""The numbers of every node: containers, primary and secondary metric, fallout, and their bases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from workbench.engine.graph.reach import UNLIMITED
from workbench.engine.matching.steps import NEVER
from workbench.journeys.canvas.counting import Group
from workbench.journeys.canvas.metrics import Metric
from workbench.journeys.canvas.question import Question
from workbench.journeys.scoping import shares
from workbench.messages import message
from workbench.results import numbers
from workbench.results.intervals import wilson

TOTAL = "(total)"
COLUMNS = {
    "group": "Name of the compared segment; 'All …' without one",
    "node": "Id of the node",
    "label": "Label of the node",
    "drawn_as": "Id of the node it was drawn as; another one for copies of a loop",
    "role": "start, between, end, or alone for a node without any arrow",
    "excluded": "Whether containers that reach this node are left out",
    "containers": "Containers that reached the node",
    "total": "Containers in scope, the denominator of share_of_total",
    "share_of_total": "containers / total, 0…1",
    "share_of_total_low": "Lower end of its 95 % Wilson interval",
    "share_of_total_high": "Upper end of its 95 % Wilson interval",
    "start_node": "Id of the start node that the node is measured against; '(total)' where "
    "several starts lead here",
    "start": "Denominator of share_of_start: containers at start_node, or in scope",
    "share_of_start": "containers / start, 0…1",
    "share_of_start_low": "Lower end of its 95 % Wilson interval",
    "share_of_start_high": "Upper end of its 95 % Wilson interval",
    "previous": "Denominator of share_of_previous: containers at any node directly before; empty "
    "for a start",
    "share_of_previous": "containers / previous, 0…1",
    "share_of_previous_low": "Lower end of its 95 % Wilson interval",
    "share_of_previous_high": "Upper end of its 95 % Wilson interval",
    "fell_out": "Containers that reached the node and none of its next nodes from it; empty for "
    "an end",
    "share_fell_out": "fell_out / containers, 0…1",
    "share_fell_out_low": "Lower end of its 95 % Wilson interval",
    "share_fell_out_high": "Upper end of its 95 % Wilson interval",
    "open": "Of fell_out: reached the node too recently for the limits of its arrows to have run "
    "out, so not lost; empty where an arrow has no limit",
    "value": "Primary metric over the rows that count at the node",
    "value_total": "Primary metric over all rows in scope",
    "ratio_of_total": "value / value_total; may exceed 1",
    "value_start": "Primary metric at start_node, or over all rows in scope",
    "ratio_of_start": "value / value_start; may exceed 1",
    "value_previous": "Primary metric over the rows that count at any node directly before",
    "ratio_of_previous": "value / value_previous; may exceed 1",
    "secondary": "Secondary metric at the node; empty without one",
    "secondary_total": "Secondary metric over all rows in scope",
    "secondary_ratio_of_total": "secondary / secondary_total; may exceed 1",
    "secondary_start": "Secondary metric at start_node, or over all rows in scope",
    "secondary_ratio_of_start": "secondary / secondary_start; may exceed 1",
    "note": "Why the number exceeds that of a node before it, and that a group is small",
}
SMALL = 30


def nodes_frame(question: Question, group: Group) -> pd.DataFrame:
    """Lines of the frame for one group, in walking order."""
    graph = question.graph
    every = range(len(graph.nodes))
    tally = group.tally(Metric("containers"))
    starts = [_start_of(question, n) for n in every]
    fell, still_open = _fallout(question, group)
    size = len(graph.nodes)
    columns: dict[str, Any] = {
        "group": [group.name] * size,
        "node": [node.name for node in graph.nodes],
        "label": [node.label for node in graph.nodes],
        "drawn_as": [node.original for node in graph.nodes],
        "role": [graph.role(n) for n in every],
        "excluded": [node.name in question.exclude for node in graph.nodes],
        "containers": tally.nodes.astype(np.int64),
        "total": np.full(size, int(tally.total)),
        "start_node": [TOTAL if s is None else graph.nodes[s].name for s in starts],
        "start": [int(tally.total if s is None else tally.nodes[s]) for s in starts],
        "previous": _whole([group.of_parents(tally, n) for n in every]),
        "fell_out": _whole(fell),
        "open": _whole(still_open),
    }
    columns |= _shares(columns)
    columns |= _metric(question.primary, group, starts, "value", "", ("total", "start", "previous"))
    columns |= _metric(question.secondary, group, starts, "secondary", "secondary_",
                       ("total", "start"))  # fmt: skip
    columns["note"] = [_note(question, columns, n) for n in every]
    return pd.DataFrame({name: columns[name] for name in COLUMNS})


def _start_of(question: Question, node: int) -> int | None:
    """The start that a node is measured against; None where several lead to it (section 2)."""
    starts = question.graph.starts_of[node]
    return starts[0] if len(starts) == 1 else None


def _whole(values: list[float]) -> Any:
    return pd.array([None if v != v else round(v) for v in values], dtype="Int64")


def _shares(columns: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Every share of containers with its interval."""
    pairs = {
        "share_of_total": ("containers", "total"),
        "share_of_start": ("containers", "start"),
        "share_of_previous": ("containers", "previous"),
        "share_fell_out": ("fell_out", "containers"),
    }
    above, below = (
        np.array([_floats(columns[pair[side]]) for pair in pairs.values()]) for side in (0, 1)
    )
    low, high = wilson(above, below)
    found = shares(above, below)
    out: dict[str, np.ndarray] = {}
    for n, name in enumerate(pairs):
        out |= {name: found[n], f"{name}_low": low[n], f"{name}_high": high[n]}
    return out


def _floats(values: Any) -> np.ndarray:
    if hasattr(values, "to_numpy"):
        return values.to_numpy(float, na_value=np.nan)
    return np.asarray(values, float)


def _fallout(question: Question, group: Group) -> tuple[list[float], list[float]]:
    """Who went no further than each node, and who of them may still come; NaN at an end."""
    fell: list[float] = []
    still_open: list[float] = []
    for node, after in enumerate(question.graph.children):
        lost = group.fallen_out(node) if after else None
        fell.append(np.nan if lost is None else float(np.count_nonzero(lost)))
        still_open.append(np.nan if lost is None else open_at(question, group, node, lost))
    return fell, still_open


def longest_wait(question: Question, node: int) -> int:
    """Microseconds after which the limits of all arrows from a node have run out."""
    waits = [
        UNLIMITED if link.within is None else link.within.microseconds
        for link in question.graph.links
        if link.source == node
    ]
    return max(waits, default=UNLIMITED)


def young(question: Question, group: Group, node: int, wait: int) -> np.ndarray:
    """Containers that first reached a node less than `wait` before the end of what was read."""
    first = group.first_times(node)
    return (first != NEVER) & (first + wait > question.until)


def open_at(question: Question, group: Group, node: int, lost: np.ndarray) -> float:
    """Of those that fell out at a node, how many may still come; NaN without limits."""
    wait = longest_wait(question, node)
    if wait == UNLIMITED:
        return np.nan
    return float(np.count_nonzero(lost & young(question, group, node, wait)))


def _metric(
    metric: Metric | None,
    group: Group,
    starts: list[int | None],
    name: str,
    prefix: str,
    bases: tuple[str, ...],
) -> dict[str, np.ndarray]:
    """A metric at every node, what it is measured against, and the ratios."""
    every = range(len(starts))
    if metric is None:
        nothing = np.full(len(starts), np.nan)
        ratios = {f"{prefix}ratio_of_{base}": nothing for base in bases}
        return {name: nothing, **{f"{name}_{base}": nothing for base in bases}, **ratios}
    tally = group.tally(metric)
    against = {
        "total": lambda n: tally.total,
        "start": lambda n: tally.total if starts[n] is None else tally.nodes[starts[n]],
        "previous": lambda n: group.of_parents(tally, n),
    }
    columns = {name: tally.nodes}
    for base in bases:
        below = np.array([against[base](n) for n in every], float)
        columns |= {
            f"{name}_{base}": below,
            f"{prefix}ratio_of_{base}": ratios_of(tally.nodes, below),
        }
    return columns


def ratios_of(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Ratios that may exceed 1; not a number for a zero denominator."""
    out = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=out, where=(below != 0) & ~np.isnan(below))
    return out


def _note(question: Question, columns: Mapping[str, Any], node: int) -> str:
    """Why a node is larger than one before it, and whether its group is small."""
    parts = larger_than_before(question, columns, node)
    if 0 < columns["containers"][node] < SMALL:
        parts.append(
            message("Fewer than {n} {containers}.", n=SMALL, containers=question.container.plural)
        )
    return " ".join(parts)


def larger_than_before(question: Question, columns: Mapping[str, Any], node: int) -> list[str]:
    """A sentence for every node directly before one whose number is smaller, and why.

    Parameters
    ----------
    columns : mapping
        ``label``, ``value`` and ``containers`` of one group, each in walking order.
    """
    parts = []
    line = {name: columns[name][node] for name in ("label", "value", "containers")}
    for before in question.graph.parents[node]:
        other = {name: columns[name][before] for name in ("label", "value", "containers")}
        if not line["value"] > other["value"]:
            continue
        values = {
            "value": numbers.significant(line["value"]),
            "before": other["label"],
            "other": numbers.significant(other["value"]),
        }
        if line["containers"] > other["containers"]:
            parts.append(
                message(
                    "{value} here exceed {other} at “{before}”: several ways merge, and more "
                    "{containers} came by another one ({n} against {m}).",
                    containers=question.container.plural,
                    n=numbers.count(line["containers"]),
                    m=numbers.count(other["containers"]),
                    **values,
                )
            )
        else:
            parts.append(
                message(
                    "{value} here exceed {other} at “{before}” although no more {containers} came "
                    "({n} of {m}): rows repeat, and each {container} may add several.",
                    containers=question.container.plural,
                    container=question.container.singular,
                    n=numbers.count(line["containers"]),
                    m=numbers.count(other["containers"]),
                    **values,
                )
            )
    return parts
