"""The question: how likely is each open deal to be won, and can that number be trusted?"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.sales.deals import Deals
from workbench.sales.history import history_of
from workbench.sales.population import population
from workbench.sales.score.base import Basis
from workbench.sales.score.features import features_of, sources_of
from workbench.sales.score.fields import USUAL, columns_to_judge, leak_of, read_fields
from workbench.sales.score.grades import Grades
from workbench.sales.score.learners import LEARNERS
from workbench.sales.score.question import Question, chosen_fields, instant_of
from workbench.sales.score.result import Score
from workbench.sales.score.snapshots import KINDS, present_rows, rows_of
from workbench.sales.score.standing import Standing, standing_at
from workbench.sales.score.training import HARD_FLOOR, WEIGHTS, Model, Sample, sample_of
from workbench.workspace import Workspace


def score(
    workspace: Workspace,
    *,
    as_of: Any = None,
    where: Any = None,
    learner: str = "logistic",
    snapshots: str = "both",
    fields: Any = None,
    owner_history: bool = False,
    weights: str = "looks",
    grades: Any = None,
) -> Score:
    """How likely is each open deal to be won, from deals that were closed before?

    A model learns from *looks* at closed deals: what was known of a deal when it entered a stage
    and at the first instant of each month, beside how it ended. The oldest four fifths of the deals
    by closing teach it, the newest fifth judges it, beside the win rate of the stage and of all
    deals; the result says plainly when it is not better than those.

    Parameters
    ----------
    workspace : Workspace
    as_of : str or date, optional
        Day up to which anything is known; a look back sees, and learns from, what was known then.
    where : mapping or Condition, optional
        Only deals that meet a condition on their columns, or on those of their account.
    learner : {"logistic", "trees", "best"}
        Regularised logistic regression; boosted trees of one feature each with isotonic
        calibration; or the one with the smaller log loss on newer deals among those that teach.
    snapshots : {"both", "stages", "months"}
        When closed deals are looked at: as they enter a stage, at month starts, or both.
    fields : list of str or "all", optional
        Columns of the opportunities that take part as they stand now, since the data keep no
        history of them, and ``"roles"`` for people whose role carries no date; type and source
        when left out. Columns that betray the outcome are found, left out and named.
    owner_history : bool
        Whether the owner's wins and losses before a look take part.
    weights : {"looks", "deals"}
        Whether every look counts the same, or every deal counts one, spread over its looks. The
        second gives looks at deals that went on to live long less weight, so that early looks seem
        more hopeless than they are.
    grades : mapping, optional
        Smallest score of each grade; ``{"A": 70, "B": 50, "C": 30, "D": 1}`` when left out.

    Returns
    -------
    Score
        Its `frame` has a line for every open deal, with the columns of `Score.columns`. With fewer
        than 40 won and 40 lost deals that have a history there is no model: the result says so and
        shows the win rate of each stage.

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed, such as a field that is known only
        after closing.
    AbsentError
        When the workspace has no opportunities, or not the columns that are named.

    Notes
    -----
    Source: sales-pipeline.md, section 7 (our model), section 8 and section 9.
    """
    check_options(learner, snapshots, owner_history, weights)
    graded = Grades.of(grades)
    instant, day = instant_of(workspace, as_of)
    history = history_of(workspace)
    names, roles = chosen_fields(history.deals, fields, USUAL)
    question = Question(
        workspace, instant, day, where, learner, snapshots, tuple(names), roles, owner_history,
        weights, graded,
    )  # fmt: skip
    return Score(basis_of(question))


def check_options(learner: str, snapshots: str, owner_history: bool, weights: str) -> None:
    """Refuse what no data would make right."""
    if learner not in LEARNERS:
        raise ArgumentError.of("learner", learner, LEARNERS)
    if snapshots not in KINDS:
        raise ArgumentError.of("snapshots", snapshots, KINDS)
    if not isinstance(owner_history, bool):
        raise ArgumentError.of("owner_history", owner_history, [True, False])
    if weights not in WEIGHTS:
        raise ArgumentError.of("weights", weights, WEIGHTS)


def basis_of(question: Question) -> Basis:
    """Look at every deal, teach a model where the data allow it, and look at the open deals."""
    history = history_of(question.workspace)
    sources = sources_of(history)
    standing = standing_at(history, question.instant)
    chosen = population(history.deals, question.where)
    left_out = leaks_of(history.deals, standing, chosen)
    used = {
        name: field
        for name, field in read_fields(history.deals, list(question.fields)).items()
        if name not in left_out
    }
    options = {"owner": question.owner_history, "roles_now": question.roles_now}
    rows = rows_of(history, question.snapshots, question.instant)
    rows = rows.taken((chosen & standing.closed)[rows.deal])
    features = features_of(sources, rows, used, **options)
    sample = sample_of(history, standing, rows, features, chosen, question.weights)
    refusal = refusal_of(sample, standing, chosen, len(history))
    model = None if refusal else Model(sources, sample, question.learner)
    present = present_rows(history, standing, chosen)
    left_out |= _unused(sources.roles[1] is not None and sources.roles[0] is None, question, model)
    return Basis(
        question, sources, standing, chosen, sample, model, refusal, present,
        features_of(sources, present, used, **options), left_out,
    )  # fmt: skip


def leaks_of(deals: Deals, standing: Standing, chosen: np.ndarray) -> dict[str, str]:
    """Columns of the opportunities that betray the outcome, with the evidence."""
    found = read_fields(deals, columns_to_judge(deals))
    said = {name: leak_of(field, standing, chosen) for name, field in found.items()}
    return {name: text for name, text in said.items() if text}


def refusal_of(sample: Sample, standing: Standing, chosen: np.ndarray, saves: int) -> str:
    """Why there is no model; empty where there can be one."""
    if not saves:
        return message(
            "these data hold no history of the deals, so nothing is known of how they stood before "
            "they were closed"
        )
    if sample.enough:
        return ""
    if min(sample.wins, sample.losses) >= HARD_FLOOR:
        return message(
            "the oldest {share} of the closed deals, or the newest, all ended alike",
            share="80 %",
        )
    return message(
        "{won} won and {lost} lost deals have a history of two days or more, and {least} of each "
        "are needed",
        won=f"{sample.wins:,}",
        lost=f"{sample.losses:,}",
        least=HARD_FLOOR,
    )


def _unused(undated_roles: bool, question: Question, model: Model | None) -> dict[str, str]:
    out = {}
    if undated_roles and not question.roles_now:
        out["roles"] = message("people carry no date of their role; ask for it with fields")
    if model is not None:
        for name in model.design.dropped:
            out[name] = message("it is the same for all deals that teach")
    return out
