"""Scores as they would have been: at past month starts, by models that knew only what was known.

Features are read once for all looks; for each month that is needed a model is taught from deals
that were closed before it, and scores the deals that were open.

Source: sales-pipeline.md, section 7 (re-evaluation).
"""

from __future__ import annotations

import numpy as np

from workbench.sales.history import history_of
from workbench.sales.population import population
from workbench.sales.score.ask import leaks_of
from workbench.sales.score.features import features_of, sources_of
from workbench.sales.score.fields import read_fields
from workbench.sales.score.grades import NO_SCORE, scores_of
from workbench.sales.score.question import Question
from workbench.sales.score.snapshots import Rows, months_between, rows_of
from workbench.sales.score.standing import standing_at
from workbench.sales.score.training import Model, sample_of


def looks_before(question: Question, deals: np.ndarray, upto: np.ndarray) -> Rows:
    """The last look at each deal at a month start, at or before an instant of its own.

    Deals without one are left out.
    """
    history = history_of(question.workspace)
    rows = rows_of(history, "months", question.instant)
    limit = np.full(len(history.deals), np.iinfo(np.int64).min)
    limit[deals] = upto
    rows = rows.taken(rows.at <= limit[rows.deal])
    last = np.ones(len(rows), bool)
    last[:-1] = rows.deal[1:] != rows.deal[:-1]
    return rows.taken(last)


def scores_at(question: Question, looks: Rows) -> np.ndarray:
    """Score of each look, by a model of the month start at or before it; −1 under the floor."""
    history = history_of(question.workspace)
    sources = sources_of(history)
    chosen = population(history.deals, question.where)
    now = standing_at(history, question.instant)
    leaking = leaks_of(history.deals, now, chosen)
    fields = read_fields(history.deals, [n for n in question.fields if n not in leaking])
    options = {"owner": question.owner_history, "roles_now": question.roles_now}
    rows = rows_of(history, question.snapshots, question.instant)
    rows = rows.taken((chosen & now.closed)[rows.deal])
    features = features_of(sources, rows, fields, **options)
    asked = features_of(sources, looks, fields, **options)
    out = np.full(len(looks), NO_SCORE, np.int64)
    if not len(looks):
        return out
    zone = question.workspace.settings.report_tz
    months = months_between(int(history.at.min()), int(looks.at.max()), zone)
    month_of = np.searchsorted(months, looks.at, side="right") - 1
    for month in np.unique(month_of[month_of >= 0]):
        standing = standing_at(history, int(months[month]) - 1)
        sample = sample_of(history, standing, rows, features, chosen, question.weights)
        if not sample.enough:
            continue
        model = Model(sources, sample, question.learner)
        own = month_of == month
        chances, _ = model.scored({name: f.taken(own) for name, f in asked.items()})
        out[own] = scores_of(chances)
    return out
