"""Metrics of a node: containers, rows, distinct keys, sums of a measure, and ratios of them.

The plain form is a word or a mapping::

    containers                     # what the journey counts
    events                         # rows
    people                         # distinct persons; likewise sessions, accounts, opportunities, …
    {sum: amount}  {mean: amount}  # of a measure; a row without it adds nothing
    {distinct: campaign_id}        # values of any column
    {divide: [{sum: amount}, people], label: Amount per person}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.engine.store import EventStore
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.vocabulary.containers import CONTAINERS, Container

KINDS = ("containers", "events", "distinct", "sum", "mean", "divide")
_OPTIONS = ("label", "distinct", "sum", "mean", "divide")
WORDS = {
    **{item.many: item.name for item in CONTAINERS.values() if item.name != "event"},
    **{name: name for name in CONTAINERS if name != "event"},
    **{f"{name}s": name for name in CONTAINERS if name != "event"},
}


@dataclass(frozen=True)
class Metric:
    """What is counted at a node.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    column : str
        Column of a distinct count, a sum or a mean; empty otherwise.
    label : str
        What the reader sees.
    parts : tuple of Metric
        Numerator and denominator of a ratio.
    """

    kind: str
    column: str = ""
    label: str = ""
    parts: tuple[Metric, ...] = ()

    def plain(self) -> Any:
        """The word or mapping that makes this metric."""
        if self.kind in ("containers", "events"):
            return self.kind
        if self.kind == "divide":
            return {"divide": [part.plain() for part in self.parts], "label": self.label}
        return {self.kind: self.column, "label": self.label}

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        return self.kind in ("containers", "events", "distinct")

    def leaves(self) -> tuple[Metric, ...]:
        """The metrics that are counted for it."""
        if self.kind == "divide":
            return tuple(leaf for part in self.parts for leaf in part.leaves())
        return (self,)


def metric_from(value: Any, container: Container, argument: str = "primary") -> Metric:
    """Read a metric from a word or a mapping.

    Raises
    ------
    ArgumentError
        For an unknown word or a ratio that is none.
    """
    if isinstance(value, Metric):
        return value
    if isinstance(value, str):
        return _of_word(value, container, argument)
    if not isinstance(value, Mapping) or len({*value} - {"label"}) != 1:
        raise ArgumentError.of(
            argument,
            value,
            message("a word, or a mapping with one of {kinds}", kinds=", ".join(_OPTIONS[1:])),
        )
    (kind,) = {*value} - {"label"}
    if kind not in _OPTIONS:
        raise ArgumentError.of(argument, kind, _OPTIONS)
    inner, label = value[kind], value.get("label")
    if kind == "divide":
        if not isinstance(inner, list | tuple) or len(inner) != 2:
            raise ArgumentError.of(f"{argument}.divide", inner, message("a list of two metrics"))
        above, below = (metric_from(part, container, f"{argument}.divide") for part in inner)
        words = message("{above} per {below}", above=above.label, below=below.label)
        return Metric("divide", "", str(label or words), (above, below))
    if not isinstance(inner, str) or not inner:
        raise ArgumentError.of(f"{argument}.{kind}", inner, message("the name of a column"))
    words = {
        "sum": message("Sum of {column}", column=inner),
        "mean": message("Mean of {column}", column=inner),
        "distinct": message("Distinct {column}", column=inner),
    }[str(kind)]
    return Metric(str(kind), inner, str(label or words))


def _of_word(word: str, container: Container, argument: str) -> Metric:
    if word == "containers" or WORDS.get(word) == container.name:
        return Metric("containers", "", container.plural.capitalize())
    if word in ("events", "event"):
        return Metric("events", "", message("Events"))
    if word in WORDS:
        counted = CONTAINERS[WORDS[word]]
        return Metric("distinct", counted.key, counted.plural.capitalize())
    known = ["containers", "events", *dict.fromkeys(item.many for item in CONTAINERS.values())]
    raise ArgumentError.of(
        argument,
        word,
        list(dict.fromkeys(known)),
        message("A measure of the events is written {form}.", form="{sum: amount}"),
    )


def check_columns(metric: Metric, store: EventStore, argument: str) -> None:
    """Refuse columns that the events do not carry, or that hold something else.

    Raises
    ------
    AbsentError
        When there is no such column.
    ArgumentError
        When it cannot be added up, or not be told apart.
    """
    for leaf in metric.leaves():
        if not leaf.column:
            continue
        measures = [n for n, c in store.columns.items() if c["kind"] == "measure"]
        others = [n for n in store.columns if n not in (*measures, "occurred_at", "sequence_no")]
        wanted = others if leaf.kind == "distinct" else measures
        if leaf.column in wanted:
            continue
        error = ArgumentError if leaf.column in store.columns else AbsentError
        todo = (
            message("It holds numbers; they are added up with {form}.", form="{sum: …}")
            if leaf.kind == "distinct" and leaf.column in measures
            else ""
        )
        raise error.of(f"{argument}.{leaf.kind}", leaf.column, wanted, todo)
