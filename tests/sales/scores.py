"""Worlds of deals with a history, made from one seed, whose outcome depends on what was planted."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from tests.sales.pipelines import STAGES, day, pipeline
from workbench.sales.history import history_of
from workbench.sales.score.features import features_of, sources_of
from workbench.sales.score.snapshots import rows_of
from workbench.vocabulary.periods import microseconds_of

FIRST = day("2025-01-01")


def world(
    closed: int = 200,
    still_open: int = 30,
    *,
    seed: int = 7,
    effect: float = 3.0,
    win_rate: float = 0.5,
    names=None,
    shuffled: bool = False,
    permuted: bool = False,
    more=None,
    **tables,
):
    """Deals of which those with contact from the customer are won more often.

    Every deal enters S1 and, ten to forty days later, S2; half of the closed ones S3 as well.
    `more` gives further columns from the frame of the deals and the generator of chance.
    """
    rng = np.random.default_rng(seed)
    total = closed + still_open
    begun = rng.integers(0, 500, total)
    begun[closed:] = rng.integers(500, 540, still_open)
    contact = rng.random(total) < 0.5
    odds = np.log(win_rate / (1 - win_rate)) + effect * (contact - 0.5)
    won = rng.random(total) < 1 / (1 + np.exp(-odds))
    if permuted:
        won[:closed] = rng.permutation(won[:closed])
    deals, saves, activities = [], [], []
    for n in range(total):
        start = FIRST + timedelta(days=int(begun[n]), minutes=n)
        steps = [("S1", 0), ("S2", int(rng.integers(10, 40)))]
        if rng.random() < 0.5:
            steps.append(("S3", steps[-1][1] + int(rng.integers(5, 30))))
        end = steps[-1][1] + int(rng.integers(3, 30))
        if n < closed:
            steps.append(("Won" if won[n] else "Lost", end))
        key, amount = f"O{n:04d}", float(rng.integers(1, 100) * 100)
        for stage, after in steps:
            saves.append(
                {
                    "history_id": f"{key}-{after:04d}",
                    "opportunity_id": key,
                    "changed_at": start + timedelta(days=after),
                    "stage": stage,
                    "amount": amount,
                    "expected_close_on": (start + timedelta(days=60)).date(),
                }
            )
        for number in range(int(contact[n]) * 3):
            activities.append(
                {
                    "activity_id": f"{key}-{number}",
                    "type": "email",
                    "direction": "in",
                    "status": "done",
                    "start_at": start + timedelta(days=number * 8 - 3),
                    "opportunity_id": key,
                    "account_id": f"A{n % 9}",
                }
            )
        stage, shut = steps[-1][0], n < closed
        deals.append(
            {
                "opportunity_id": key,
                "account_id": f"A{n % 9}",
                "name": names[n % len(names)] if names else f"Deal {n}",
                "stage": stage,
                "created_at": start,
                "closed_at": start + timedelta(days=end) if shut else pd.NaT,
                "is_closed": shut,
                "is_won": stage == "Won",
                "amount": amount,
                "type": ["new", "renewal"][n % 2],
            }
        )
    frame = pd.DataFrame(deals)
    for name, values in (more(frame, rng) if more else {}).items():
        frame[name] = values
    given = {
        "opportunity_history": pd.DataFrame(saves),
        "activities": pd.DataFrame(activities) if activities else None,
        **tables,
    }
    given = {name: table for name, table in given.items() if table is not None}
    if shuffled:
        frame = frame.sample(frac=1, random_state=1)
        given = {n: t.sample(frac=1, random_state=2) for n, t in given.items()}
    return pipeline(frame, (), STAGES, **given)


def looks(ws, upto, fields=None):
    """Every look at every deal up to an instant, as a frame."""
    history = history_of(ws)
    rows = rows_of(history, "both", microseconds_of(upto))
    found = features_of(sources_of(history), rows, fields or {}, owner=True, roles_now=False)
    keys = history.deals.text("opportunity_id")[rows.deal]
    values = {
        name: [f.levels[int(v)] if v >= 0 else "" for v in f.values]
        if name == "stage"
        else f.values
        for name, f in found.items()
    }
    return pd.DataFrame({"deal": keys, "at": rows.at, **values})
