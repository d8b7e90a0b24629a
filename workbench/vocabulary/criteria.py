"""Criteria: what a container must have done inside one bucket of time, in numbers.

A metric counts rows that meet a condition, or adds a measure over them, and compares the total
with a threshold. A criterion joins one to three metrics and narrows them by segments. Plain forms::

    "visit"
    {"event": "visit", "at_least": 2}
    {"event": "order", "sum": "amount", "more_than": 1000}
    {"metrics": [{"event": "visit"}, {"event": "call"}], "operator": "or", "segments": [...]}
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import marked, message
from workbench.vocabulary.conditions import Condition, InSegment, Term, condition_from, joined
from workbench.vocabulary.nesting import check_rows
from workbench.vocabulary.segments import Segment, segment_from
from workbench.vocabulary.steps import LIMITS, Step

THRESHOLDS = ("at_least", "more_than", "at_most", "less_than", "exactly")
METRIC_OPTIONS = ("label", "where", "sum", *THRESHOLDS)
CRITERION_KEYS = ("metrics", "operator", "segments")
OPERATORS = ("and", "or")
MOST_METRICS = 3
MOST_SEGMENTS = 10
EVERY_ROW = Term("event", "exists", (True,))
_WORDS = {
    "at_least": marked("at least {n}"),
    "more_than": marked("more than {n}"),
    "at_most": marked("at most {n}"),
    "less_than": marked("fewer than {n}"),
    "exactly": marked("exactly {n}"),
}


@dataclass(frozen=True)
class Metric:
    """A total of the rows of one bucket, and what it is compared with.

    Attributes
    ----------
    label : str
        What the reader sees.
    condition : Condition
        Rows that are counted or added up.
    sum : str or None
        Measure that is added; rows are counted when it is None.
    thresholds : tuple of (str, float)
        Names of `THRESHOLDS` with their numbers; all of them must hold.
    """

    label: str
    condition: Condition
    sum: str | None = None
    thresholds: tuple[tuple[str, float], ...] = (("at_least", 1.0),)

    @property
    def least(self) -> float:
        """Smallest total that is enough."""
        ends = {
            "at_least": lambda n: n,
            "exactly": lambda n: n,
            "more_than": lambda n: math.nextafter(n, math.inf),
        }
        return max((ends[k](n) for k, n in self.thresholds if k in ends), default=-math.inf)

    @property
    def most(self) -> float:
        """Largest total that is allowed."""
        ends = {
            "at_most": lambda n: n,
            "exactly": lambda n: n,
            "less_than": lambda n: math.nextafter(n, -math.inf),
        }
        return min((ends[k](n) for k, n in self.thresholds if k in ends), default=math.inf)

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this metric."""
        out: dict[str, Any] = {"label": self.label, "where": self.condition.plain()}
        if self.sum is not None:
            out["sum"] = self.sum
        out.update({name: _number(n) for name, n in self.thresholds})
        return out

    def in_words(self) -> str:
        """Rows or measure, and the threshold."""
        compared = message(" and ").join(
            message(_WORDS[name], n=f"{n:g}") for name, n in self.thresholds
        )
        if self.sum is not None:
            return message(
                "sum of {measure} over {condition}: {threshold}",
                measure=self.sum,
                condition=self.condition,
                threshold=compared,
            )
        if self.thresholds == (("at_least", 1.0),):
            return str(self.condition)
        return message("{condition}: {threshold}", condition=self.condition, threshold=compared)


@dataclass(frozen=True)
class Criterion:
    """One to three metrics joined by AND or OR, over rows of all its segments.

    Notes
    -----
    Source: journeys-cohort.md, sections 1, 2 and 6.
    """

    metrics: tuple[Metric, ...]
    operator: str = "and"
    segments: tuple[Segment, ...] = ()

    @property
    def label(self) -> str:
        """What the reader sees."""
        word = message(" and ") if self.operator == "and" else message(" or ")
        return word.join(metric.label for metric in self.metrics)

    @property
    def met_by_nothing(self) -> bool:
        """Whether a bucket without any row meets it."""
        found = [metric.least <= 0 <= metric.most for metric in self.metrics]
        return all(found) if self.operator == "and" else any(found)

    @property
    def only_grows(self) -> bool:
        """Whether further rows can never undo it: no upper threshold, no sum."""
        return all(m.most == math.inf and m.sum is None for m in self.metrics)

    def conditions(self) -> list[Condition]:
        """Rows of each metric, narrowed by the segments."""
        within = [InSegment(segment) for segment in self.segments]
        return [joined("all", [metric.condition, *within]) for metric in self.metrics]

    def any_row(self) -> Condition:
        """Every row that the segments leave."""
        within: list[Condition] = [InSegment(segment) for segment in self.segments]
        return joined("all", within) if within else EVERY_ROW

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this criterion."""
        out: dict[str, Any] = {"metrics": [metric.plain() for metric in self.metrics]}
        if self.operator != "and":
            out["operator"] = self.operator
        if self.segments:
            out["segments"] = [segment.plain() for segment in self.segments]
        return out

    def in_words(self) -> str:
        """The definition as one sentence part."""
        word = message(" and ") if self.operator == "and" else message(" or ")
        text = word.join(metric.in_words() for metric in self.metrics)
        if not self.segments:
            return text
        names = message(" and ").join(segment.in_words() for segment in self.segments)
        return message("{metrics}, only rows of {segments}", metrics=text, segments=names)


def criterion_from(value: Any, argument: str, operator: str = "and") -> Criterion:
    """Read a criterion from an event name, a mapping, a step, or a list of metrics.

    Parameters
    ----------
    operator : {"and", "or"}
        How several metrics are joined where the criterion itself does not say.
    """
    segments: Sequence[Any] = ()
    if isinstance(value, Criterion):
        return value
    if isinstance(value, Mapping) and ("metrics" in value or "segments" in value):
        segments = value.get("segments", ())
        if "metrics" in value:
            unknown = [str(k) for k in value if k not in CRITERION_KEYS]
            if unknown:
                raise ArgumentError.of(argument, unknown[0], CRITERION_KEYS)
            operator, value = value.get("operator", operator), value["metrics"]
        else:
            value = {k: v for k, v in value.items() if k != "segments"}
    if operator not in OPERATORS:
        raise ArgumentError.of(f"{argument}.operator", operator, OPERATORS)
    several = list(value) if isinstance(value, list | tuple) else [value]
    if not 1 <= len(several) <= MOST_METRICS:
        raise ArgumentError.of(
            argument,
            message("{n} metrics", n=len(several)),
            message("1 to {n} metrics", n=MOST_METRICS),
        )
    if isinstance(segments, str | Mapping | Segment) or not isinstance(segments, Sequence):
        segments = [segments]
    if len(segments) > MOST_SEGMENTS:
        raise ArgumentError.of(
            f"{argument}.segments",
            message("{n} segments", n=len(segments)),
            message("at most {n}", n=MOST_SEGMENTS),
        )
    return Criterion(
        tuple(metric_from(item, argument) for item in several),
        operator,
        tuple(segment_from(item, f"{argument}.segments") for item in segments),
    )


def metric_from(value: Any, argument: str) -> Metric:
    """Read one metric."""
    if isinstance(value, Metric):
        return value
    if isinstance(value, Step):
        given = [name for name in LIMITS if getattr(value, name) not in (None, "eventual")]
        if given:
            raise ArgumentError.of(
                argument,
                given[0],
                message("a step without link and limits"),
                message("Buckets of time decide here."),
            )
        check_rows(value.condition, argument, each=False)
        return Metric(value.label, value.condition)
    if not isinstance(value, Mapping):
        condition = condition_from(value, argument)
        check_rows(condition, argument, each=False)
        return Metric(str(condition), condition)
    options = {str(k): v for k, v in value.items() if k in METRIC_OPTIONS}
    dimensions = {str(k): v for k, v in value.items() if k not in METRIC_OPTIONS}
    parts = [condition_from(options["where"], argument)] if "where" in options else []
    if dimensions:
        parts.append(condition_from(dimensions, argument))
    measure = options.get("sum")
    if not parts and measure is None:
        raise ArgumentError.of(
            argument,
            dict(value),
            message("an event name or a mapping such as {example}", example={"event": "meeting"}),
        )
    condition = joined("all", parts) if parts else EVERY_ROW
    check_rows(condition, argument, each=False)
    if measure is not None and (not isinstance(measure, str) or not measure):
        raise ArgumentError.of(f"{argument}.sum", measure, message("the name of a measure"))
    thresholds = tuple(
        (name, _threshold(options[name], f"{argument}.{name}"))
        for name in THRESHOLDS
        if options.get(name) is not None
    )
    if measure is not None and not thresholds:
        thresholds = (("more_than", 0.0),)
    metric = Metric(
        str(options.get("label") or _label(condition, measure)),
        condition,
        measure,
        thresholds or (("at_least", 1.0),),
    )
    if metric.least > metric.most or (measure is None and metric.most < 0):
        raise ArgumentError.of(
            argument,
            metric.in_words(),
            message("thresholds that some total can meet"),
            message("None ever does."),
        )
    return metric


def value_from(value: Any, argument: str = "value") -> Metric:
    """Read what is added up: the name of a measure, or a mapping with ``sum``."""
    read = metric_from({"sum": value} if isinstance(value, str) else value, argument)
    if read.sum is None:
        raise ArgumentError.of(
            argument, value, message("the name of a measure, or a mapping with 'sum': its name")
        )
    if isinstance(value, Mapping) and set(value) & set(THRESHOLDS):
        raise ArgumentError.of(argument, value, message("a measure without thresholds"))
    return read


def _label(condition: Condition, measure: str | None) -> str:
    if measure is None:
        return str(condition)
    if condition == EVERY_ROW:
        return measure
    return message("{measure} of {condition}", measure=measure, condition=condition)


def _threshold(value: Any, argument: str) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    if not known or not math.isfinite(value):
        raise ArgumentError.of(argument, value, message("a number"))
    return float(value)


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value
