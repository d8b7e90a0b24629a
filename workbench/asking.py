"""A definition asked: the plain mapping that a result carries is its question, and asks it again.

Source: design.md, "Results" (`definition`: the plain mapping that reproduces it).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from workbench.errors import ArgumentError, WorkbenchError
from workbench.messages import message
from workbench.results.base import Block, Result
from workbench.workspace import Workspace

_JOURNEYS = (
    "attribution", "audience", "buying_groups", "canvas", "cohort", "fallout", "flow",
    "gatherings", "growth", "survival",
)  # fmt: skip
_PIPELINE = (
    "pipeline", "pushes", "sales_cycle", "slippage", "stage_conversion", "velocity", "win_rates",
)  # fmt: skip
# Where the function of each analysis is.
ANALYSES: Mapping[str, str] = {
    **{name: f"workbench.journeys.{name}" for name in _JOURNEYS},
    **dict.fromkeys(_PIPELINE, "workbench.sales.pipeline"),
    **dict.fromkeys(("kpis", "anomalies"), "workbench.sales.kpis"),
    "pipeline_change": "workbench.sales.change",
    "table_report": "workbench.sales.reporting",
    "stages": "workbench.sales.stages",
    "relationships": "workbench.relationship",
    "lead_funnel": "workbench.leads",
    "partner_leads": "workbench.leads",
}


def analysis_named(name: Any) -> Callable[..., Any]:
    """The function that answers an analysis.

    Raises
    ------
    ArgumentError
        With the analyses there are.
    """
    if name not in ANALYSES:
        raise ArgumentError.of("analysis", name, sorted(ANALYSES))
    return getattr(import_module(ANALYSES[name]), name)


def parameters_of(function: Callable[..., Any]) -> list[str]:
    """The parameters of an analysis that a definition may set."""
    kinds = inspect.signature(function).parameters.values()
    return [one.name for one in kinds if one.kind is inspect.Parameter.KEYWORD_ONLY]


def ask(workspace: Workspace, definition: Mapping[str, Any]) -> Any:
    """The result that a definition means, views included.

    Parameters
    ----------
    workspace : Workspace
    definition : mapping
        As a result carries it: ``analysis``, its arguments, and where it is a view of another
        result its name as ``view`` and the arguments of that.

    Returns
    -------
    Result

    Raises
    ------
    ArgumentError
        For an unknown analysis, parameter or view, with the closest names.
    """
    if not isinstance(definition, Mapping):
        raise ArgumentError.of("definition", definition, message("a mapping with analysis"))
    analysis = analysis_named(definition.get("analysis"))
    known, view = parameters_of(analysis), definition.get("view")
    rest = {str(k): v for k, v in definition.items() if k not in ("analysis", "view")}
    own = {name: value for name, value in rest.items() if view is None or name in known}
    for name in own:
        if name not in known:
            raise ArgumentError.of("parameter", name, known)
    result = analysis(workspace, **{k: v for k, v in own.items() if v is not None})
    if view is None:
        return result
    method = None if str(view).startswith("_") else getattr(result, str(view), None)
    if not callable(method):
        raise ArgumentError.of("view", view, message("a view of its analysis"))
    return method(**{k: v for k, v in rest.items() if k not in own and v is not None})


class Answers:
    """Several questions answered one below the other.

    Attributes
    ----------
    items : tuple of Result or Block
        In the order of the questions; one that cannot be answered is a sentence.
    """

    def __init__(self, items: Sequence[Result | Block]) -> None:
        self.items = tuple(items)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Result | Block]:
        return iter(self.items)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.items))

    @property
    def results(self) -> list[Result]:
        """Those that could be answered."""
        return [item for item in self.items if isinstance(item, Result)]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for item in self.items:
            display(item)


def answers(workspace: Workspace, questions: Sequence[Mapping[str, Any]]) -> Answers:
    """Answer the questions of a report.

    Parameters
    ----------
    workspace : Workspace
    questions : list of mapping
        Definitions, as `wb.explore` keeps them or a result carries them. A question that these
        data cannot answer becomes a sentence on the page, and the others are answered.

    Returns
    -------
    Answers

    Raises
    ------
    ArgumentError
        When `questions` is no list.
    """
    if isinstance(questions, str | Mapping) or not isinstance(questions, Sequence):
        raise ArgumentError.of("questions", questions, message("a list of definitions"))
    out: list[Result | Block] = []
    for number, question in enumerate(questions, start=1):
        try:
            out.append(ask(workspace, question))
        except WorkbenchError as refused:
            heading = message("Question {n} cannot be answered", n=number)
            out.append(Block({"block": "text", "heading": heading, "text": str(refused)}))
    return Answers(out)
