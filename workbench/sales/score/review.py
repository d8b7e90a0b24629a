"""The question: did the scores come true, some time before the deals were closed?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.sales.history import History, history_of
from workbench.sales.population import population
from workbench.sales.score.ask import check_options
from workbench.sales.score.backcast import looks_before, scores_at
from workbench.sales.score.fields import USUAL
from workbench.sales.score.grades import NO_SCORE, Grades
from workbench.sales.score.log import ScoreLog, frame_of
from workbench.sales.score.question import Question, chosen_fields, instant_of
from workbench.sales.score.review_result import ScoreReview
from workbench.sales.score.snapshots import Rows
from workbench.sales.score.standing import Standing, standing_at
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

DAY = 86_400_000_000


@dataclass(frozen=True)
class Reviewed:
    """Closed deals with the score that each had at the horizon.

    Attributes
    ----------
    question : Question
    history : History
    standing : Standing
    deals : numpy.ndarray of int64
        Numbers of the deals closed in the window.
    score : numpy.ndarray of int64
        −1 without one.
    scored_at : numpy.ndarray of int64
        Microseconds; the smallest integer without one.
    period : Period
    horizon : Duration
    at_stage : str
    log : str
        Path of the log, or ``frame``; empty where the scores were computed afterwards.
    precision : float
    """

    question: Question
    history: History
    standing: Standing
    deals: np.ndarray
    score: np.ndarray
    scored_at: np.ndarray
    period: Period
    horizon: Duration
    at_stage: str
    log: str
    precision: float

    @property
    def computed(self) -> bool:
        """Whether the scores were computed afterwards."""
        return not self.log


def score_review(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    log: Any = None,
    horizon: Any = "30d",
    at_stage: str | None = None,
    grades: Any = None,
    precision: float = 0.7,
    as_of: Any = None,
    where: Any = None,
    model: str | None = None,
    learner: str = "logistic",
    snapshots: str = "both",
    fields: Any = None,
    owner_history: bool = False,
    weights: str = "looks",
) -> ScoreReview:
    """Did scores come true? Closed deals by the score they had a while before they were closed.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Range of days in which deals were closed.
    log : ScoreLog, path or pandas.DataFrame, optional
        Scores that were kept; a frame has entity_id (or opportunity_id), scored_at and score. When
        left out, scores are computed afterwards for past month starts, each by a model that
        learned only from deals that were closed before it.
    horizon : str
        The last score at or before this long before the closing counts; one day or more.
    at_stage : str, optional
        Instead of the horizon: the last score at or before the deal first entered this stage; when
        scores are computed, that at the very entry.
    grades : mapping, optional
        As in `workbench.score`.
    precision : float
        Share won that a proposed minimum of the best grade must keep for certain. Proposals are
        shown and never applied.
    as_of, where, learner, snapshots, fields, owner_history, weights
        As in `workbench.score`; the last five only where scores are computed.
    model : str, optional
        Name of the model, where the log holds several.

    Returns
    -------
    ScoreReview
        Its `frame` has a line a grade and one for deals without a score, with the columns of
        `ScoreReview.columns`.

    Raises
    ------
    ArgumentError, AbsentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: sales-pipeline.md, section 7 (re-evaluation, exact).
    """
    check_options(learner, snapshots, owner_history, weights)
    graded, length = Grades.of(grades), Duration.parse(horizon, "horizon")
    if length.microseconds < DAY:
        raise ArgumentError.of(
            "horizon",
            str(horizon),
            message("one day or more"),
            message("A score of the day of closing knows the outcome."),
        )
    number = isinstance(precision, int | float) and not isinstance(precision, bool)
    if not number or not 0 < precision < 1:
        raise ArgumentError.of("precision", precision, message("a share between 0 and 1"))
    kept = None if log is None else _of_one_model(frame_of(log), model)
    window = workspace.period(period)
    instant, day = instant_of(workspace, as_of)
    history = history_of(workspace)
    names, roles = chosen_fields(history.deals, fields, USUAL)
    question = Question(
        workspace, instant, day, where, learner, snapshots, tuple(names), roles, owner_history,
        weights, graded,
    )  # fmt: skip
    stages = _stages_named(history, at_stage)
    standing = standing_at(history, instant)
    deals = _closed_in(workspace, window, standing, population(history.deals, where))
    if stages is None:
        limit = standing.closed_at[deals] - length.microseconds
        looks = None
    else:
        looks = _entries(history, standing, deals, stages)
        limit = np.full(len(history.deals), np.iinfo(np.int64).min)
        limit[looks.deal] = looks.at
        limit = limit[deals]
    if kept is None:
        score, scored_at = _computed(question, history, deals, limit, looks)
    else:
        score, scored_at = _logged(history, kept, deals, limit)
    return ScoreReview(
        Reviewed(
            question, history, standing, deals, score, scored_at, window, length,
            at_stage or "", _name_of(log), float(precision),
        )
    )  # fmt: skip


def _name_of(log: Any) -> str:
    if log is None:
        return ""
    if isinstance(log, ScoreLog):
        return str(log.path)
    return str(log) if isinstance(log, str | Path) else "frame"


def _of_one_model(frame: pd.DataFrame, model: str | None) -> pd.DataFrame:
    known = sorted(frame["model"].dropna().unique())
    if model is not None and model not in known:
        raise AbsentError.of("model", model, known)
    if model is None and len(known) > 1:
        raise ArgumentError.of(
            "model", model, known, message("The log holds several: name the one that is meant.")
        )
    return frame if model is None else frame[frame["model"] == model]


def _stages_named(history: History, at_stage: str | None) -> np.ndarray | None:
    if at_stage is None:
        return None
    catalogue = history.deals.catalogue
    known = catalogue.frame["stage"].to_numpy(object)
    chosen = (known == at_stage) & (catalogue.kind == 0)
    if not chosen.any():
        raise AbsentError.of("at_stage", at_stage, sorted(set(known[catalogue.kind == 0])))
    return chosen


def _closed_in(
    workspace: Workspace, window: Period, standing: Standing, chosen: np.ndarray
) -> np.ndarray:
    start, end = workspace.bounds(window)
    closed = chosen & standing.closed
    return np.flatnonzero(closed & (standing.closed_at >= start) & (standing.closed_at < end))


def _entries(history: History, standing: Standing, deals: np.ndarray, stages: np.ndarray) -> Rows:
    """The first entry of each deal into a stage, as a look; deals that never entered are left out.

    An entry at the instant of closing is none: the score of that instant knows the outcome.
    """
    wanted = np.zeros(len(history.deals), bool)
    wanted[deals] = True
    places = history.entries
    places = places[stages[history.stage[places]] & wanted[history.deal[places]]]
    places = places[history.at[places] < standing.closed_at[history.deal[places]]]
    deal, first = np.unique(history.deal[places], return_index=True)
    places = places[first]
    return Rows(deal.astype(np.int64), history.at[places], places.astype(np.int64))


def _computed(
    question: Question, history: History, deals: np.ndarray, limit: np.ndarray, looks: Rows | None
) -> tuple[np.ndarray, np.ndarray]:
    looks = looks_before(question, deals, limit) if looks is None else looks
    nothing = np.iinfo(np.int64).min
    score = np.full(len(history.deals), NO_SCORE, np.int64)
    at = np.full(len(history.deals), nothing, np.int64)
    found = scores_at(question, looks)
    score[looks.deal] = found
    at[looks.deal] = np.where(found == NO_SCORE, nothing, looks.at)
    return score[deals], at[deals]


def _logged(
    history: History, kept: pd.DataFrame, deals: np.ndarray, limit: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The last score of each deal at or before its own instant."""
    keys = history.deals.text("opportunity_id")[deals].astype(str)
    limits = pd.DataFrame({"entity_id": keys, "limit": limit, "place": np.arange(deals.size)})
    at = kept["scored_at"].dt.tz_localize(None).to_numpy().astype("M8[us]").astype(np.int64)
    lines = pd.DataFrame(
        {"entity_id": kept["entity_id"], "score": kept["score"].astype(np.int64), "at": at}
    )
    merged = lines.merge(limits, on="entity_id")
    merged = merged[merged["at"] <= merged["limit"]].sort_values(["place", "at"], kind="stable")
    last = merged.drop_duplicates("place", keep="last")
    score = np.full(deals.size, NO_SCORE, np.int64)
    scored_at = np.full(deals.size, np.iinfo(np.int64).min, np.int64)
    score[last["place"]], scored_at[last["place"]] = last["score"], last["at"]
    return score, scored_at
