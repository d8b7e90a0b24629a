"""The question: how do deals stand in their stages?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from workbench.sales.stages.found import found_for
from workbench.sales.stages.question import question_of
from workbench.sales.stages.result import Stages
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace


def stages(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    where: Any = None,
    pipeline: str | None = None,
    as_of: str | date | None = None,
    quality: str | Sequence[str] | None = None,
) -> Stages:
    """Who stands in which stage, how long do deals stay there, and what becomes of them?

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Entries into stages count that fall inside it, in the reporting zone; where deals stand now
        does not depend on it.
    where : mapping, optional
        Only these deals, such as ``{"owner_id": ["U-001"]}``; see `workbench.sales.population`.
    pipeline : str, optional
        Only this pipeline; all of them when left out.
    as_of : str or date, optional
        Look from here: deals stand as their history says, and nothing later is known.
    quality : str or list of str, optional
        Only histories of these qualities count for lengths and moves: ``full``, ``partial``,
        ``truncated``.

    Returns
    -------
    Stages
        Its `frame` has the columns of `Stages.columns`. Without history, lengths and outcomes are
        empty and everything else holds.

    Raises
    ------
    AbsentError
        For a workspace without opportunities, an unknown pipeline or column.
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: sales-pipeline.md, section 1; b2b-data-model.md, section 4, rules 1 to 4.
    """
    question = question_of(
        workspace, period=period, where=where, pipeline=pipeline, as_of=as_of, quality=quality
    )
    return Stages(found_for(question))
