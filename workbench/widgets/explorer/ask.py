"""The call that opens an explorer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.absent import NotShown
from workbench.results.base import Result
from workbench.widgets.explorer.analyses import analysis_named, of_definition
from workbench.widgets.explorer.explorer import Explorer
from workbench.widgets.explorer.texts import definition_from
from workbench.workspace import Workspace


def explore(workspace: Workspace, question: Any = None, /, **given: Any) -> Explorer:
    """Put a question together by hand in JupyterLab.

    Parameters
    ----------
    workspace : Workspace
    question : str, mapping or Result, optional
        Name of an analysis (``"fallout"``, ``"flow"``, ``"cohort"``, ``"attribution"``,
        ``"survival"``, or another one such as ``"win_rates"``), a definition or its YAML, or an
        answer to go on from.
    **given
        Parameters to begin with, as the analysis takes them.

    Returns
    -------
    Explorer
        Shows itself in a notebook; ``definition``, ``yaml`` and ``python`` are the question so
        far, ``result`` its last answer.

    Raises
    ------
    ArgumentError
        For an unknown analysis or parameter.

    Notes
    -----
    Source: design.md, "Results"; journeys-fallout.md, section 1.
    """
    definition = {**_definition(question), **given}
    definition = {name: value for name, value in definition.items() if value not in (None, "")}
    of_definition(definition)
    return Explorer(workspace, definition)


def _definition(question: Any) -> dict[str, Any]:
    if question is None or isinstance(question, NotShown):
        return {"analysis": "fallout"}
    if isinstance(question, Result):
        return dict(question.definition)
    if isinstance(question, Mapping):
        return {"analysis": "fallout", **question}
    if isinstance(question, str) and ":" in question:
        return definition_from(question)
    if isinstance(question, str):
        return {"analysis": analysis_named(question).name}
    raise ArgumentError.of(
        "question", type(question).__name__,
        message("the name of an analysis, a definition, its YAML, or an answer"),
    )  # fmt: skip
