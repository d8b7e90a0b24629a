"""The analyses that can be explored: their parameters, and the function that answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.asking import analysis_named as analysis_function
from workbench.asking import parameters_of
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.containers import COUNTABLE
from workbench.vocabulary.periods import GRANULARITIES
from workbench.widgets.explorer.fields import Field
from workbench.widgets.explorer.generic import fields_of, questions

MORE = "more"


@dataclass(frozen=True)
class Analysis:
    """One analysis.

    Attributes
    ----------
    name : str
        As in ``definition["analysis"]`` and ``wb.<name>``.
    label : str
        The question it answers.
    fields : tuple of Field
        In the order of the form.
    """

    name: str
    label: str
    fields: tuple[Field, ...]

    @property
    def function(self) -> Callable[..., Any]:
        """What answers it."""
        return analysis_function(self.name)

    def accepts(self, parameter: str) -> bool:
        """Whether the function has such a parameter."""
        return parameter in self.parameters()

    def parameters(self) -> list[str]:
        """All parameters that may be set."""
        return parameters_of(self.function)

    def field(self, name: str) -> Field | None:
        """The field of a parameter; None where only text can set it."""
        return next((field for field in self.fields if field.name == name), None)


def offered() -> dict[str, str]:
    """What every analysis answers, by its name, in the order in which they are offered."""
    return {one.name: one.label for one in analyses().values()} | questions()


def analyses() -> dict[str, Analysis]:
    """The analyses with a form of their own, by name."""
    return {one.name: one for one in (_fallout(), _flow(), _cohort(), _attribution(), _survival())}


def analysis_named(name: Any) -> Analysis:
    """The analysis of a name.

    Raises
    ------
    ArgumentError
        With the names there are.
    """
    own, others = analyses(), questions()
    if name in own:
        return own[name]
    if name in others:
        return Analysis(str(name), others[name], fields_of(str(name)))
    raise ArgumentError.of("analysis", name, (*own, *others))


def of_definition(definition: Mapping[str, Any]) -> Analysis:
    """The analysis a definition asks for; every further key must be a parameter of it.

    Raises
    ------
    ArgumentError
        For an unknown analysis or parameter, with the closest names.
    """
    found = analysis_named(definition.get("analysis", "fallout"))
    for name in definition:
        if name != "analysis" and not found.accepts(name):
            raise ArgumentError.of("parameter", name, found.parameters())
    return found


def _container(default: str = "account") -> Field:
    return Field("container", message("Count"), "choice", default, COUNTABLE)


def _scope() -> tuple[Field, ...]:
    return (
        Field("period", message("Period"), "text", None, hint="2026-01..2026-06"),
        Field("segment", message("Only this segment"), "segment"),
    )


def _fallout() -> Analysis:
    return Analysis(
        "fallout", message("How far do they get, and where do they fall out?"),
        (
            Field("steps", message("Steps"), "steps", needed=True),
            _container(), *_scope(),
            Field("by", message("Split by"), "dimension"),
            Field("compare", message("Compare segments"), "segments"),
            Field("total_within", message("All steps within"), "text", None, hint="90d"),
            Field("same", message("Same at all steps"), "dimension", group=MORE),
            Field("count", message("Counted"), "choice", "containers",
                  ("containers", "attempts"), group=MORE),
            Field("filter_scope", message("Segment holds for"), "choice", "whole",
                  ("whole", "each_step"), group=MORE),
            Field("warmup", message("Look back before the period"), "text", None, hint="30d",
                  group=MORE),
            Field("items", message("Values shown of the split"), "number", 8, group=MORE),
            Field("baseline", message("First bar counts everybody"), "flag", True, group=MORE),
        ),
    )  # fmt: skip


def _flow() -> Analysis:
    return Analysis(
        "flow", message("Which paths lead on from a point, or up to it?"),
        (
            Field("starts_with", message("Starts with"), "step"),
            Field("contains", message("Goes through"), "step"),
            Field("ends_with", message("Ends with"), "step"),
            Field("dimension", message("Along"), "dimension", None, needed=True),
            _container(), *_scope(),
            Field("columns", message("Columns"), "number", 4),
            Field("items", message("Items a column"), "number", 5),
            Field("repeats", message("Show repeats"), "flag", False),
            Field("limit", message("Of several paths"), "choice", None, ("first", "last"),
                  group=MORE),
            Field("exclude", message("Leave out"), "plain", None, group=MORE),
            Field("compare", message("Compare two segments"), "segments", group=MORE),
            Field("count", message("Counted"), "choice", "path_views",
                  ("path_views", "containers"), group=MORE),
        ),
    )  # fmt: skip


def _cohort() -> Analysis:
    return Analysis(
        "cohort", message("Who of those that did one thing did another later?"),
        (
            Field("inclusion", message("Came in with"), "step", needed=True),
            Field("returning", message("Came back with"), "step", needed=True),
            _container(), *_scope(),
            Field("granularity", message("By"), "choice", "month", tuple(GRANULARITIES)),
            Field("mode", message("Counted as back"), "choice", "exact",
                  ("exact", "consecutive", "cumulative", "unbounded")),
            Field("kind", message("Shows"), "choice", "retention", ("retention", "churn")),
            Field("dimension", message("Rows are values of"), "dimension"),
            Field("first_time", message("Only the first time"), "flag", False),
            Field("latency", message("Latency table"), "flag", False, group=MORE),
            Field("offsets", message("Columns"), "number", None, group=MORE),
            Field("items", message("Rows"), "number", 14, group=MORE),
        ),
    )  # fmt: skip


def _attribution() -> Analysis:
    models = (
        "last", "first", "linear", "same_touch", "u_shaped", "j_curve", "inverse_j",
        "time_decay", "participation", "markov", "shapley",
    )  # fmt: skip
    return Analysis(
        "attribution", message("Which touches earned the credit?"),
        (
            Field("conversion", message("Conversion"), "step", needed=True),
            Field("dimension", message("Credit goes to"), "dimension", needed=True),
            Field("model", message("Model"), "choice", "last", models),
            Field("lookback", message("Looking back"), "text", "90d", hint="90d"),
            _container(), *_scope(),
            Field("value", message("Value"), "text", None, hint="amount", group=MORE),
        ),
    )  # fmt: skip


def _survival() -> Analysis:
    return Analysis(
        "survival", message("How long does it take, and who is faster?"),
        (
            Field("entered", message("Begins with"), "step", needed=True),
            Field("won", message("Reached with"), "step", needed=True),
            Field("lost", message("Given up with"), "step"),
            _container(), *_scope(),
            Field("by", message("Split by"), "dimension"),
        ),
    )  # fmt: skip
