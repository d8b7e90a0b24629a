"""Nothing that came after a look is known at the look; what betrays the outcome is found."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.sales.pipelines import STAGES, day, pipeline
from tests.sales.scores import looks, world
from workbench.vocabulary.periods import microseconds_of

UNKNOWN = ("changed_at", "start_at", "added_at")


def changed_after(cut, name, table):
    """A table whose rows after an instant are changed beyond recognition, or gone."""
    column = next((c for c in UNKNOWN if c in table), None)
    if column is None:
        return table
    late = pd.to_datetime(table[column], utc=True) >= cut
    kept = table[~late | (np.arange(len(table)) % 3 != 0)].copy()
    late = pd.to_datetime(kept[column], utc=True) >= cut
    if name == "opportunity_history":
        kept.loc[late, "stage"] = "Lost"
        kept.loc[late, "amount"] = 1.0
        kept.loc[late, "expected_close_on"] = pd.Timestamp("2030-01-01")
    if name == "activities":
        kept.loc[late, "direction"] = "out"
    return kept


def test_changing_anything_after_a_look_changes_no_feature():
    cut = day("2026-01-15")
    roles = {
        "opportunity_people": pd.DataFrame(
            [
                (f"O{n:04d}", f"P{k}", "buyer", "customer", day("2025-06-01") + timedelta(days=n))
                for n in range(150)
                for k in range(n % 4)
            ],
            columns=["opportunity_id", "person_id", "role", "side", "added_at"],
        )
    }
    before = world(150, 20, **roles)
    tables = {
        name: before.sql(f"SELECT * FROM {name}")
        for name in ("opportunities", "opportunity_history", "activities", "opportunity_people")
    }
    deals = tables.pop("opportunities")
    later = pd.to_datetime(deals["closed_at"], utc=True) >= cut
    deals.loc[later, ["is_won", "amount"]] = [False, 7.0]
    deals.loc[later, "stage"] = "Lost"
    changed = {name: changed_after(cut, name, table) for name, table in tables.items()}
    after = pipeline(deals, (), STAGES, **changed)
    first, second = (looks(ws, cut) for ws in (before, after))
    first, second = (f[f["at"] < microseconds_of(cut)].reset_index(drop=True)
                     for f in (first, second))  # fmt: skip
    assert len(first) > 200
    assert {"roles", "inbound", "account_wins", "owner_record"} <= set(first.columns)
    pd.testing.assert_frame_equal(first, second)


def leaking(frame, rng):
    closed, won = frame["is_closed"].to_numpy(), frame["is_won"].to_numpy()
    size = len(frame)
    return {
        "signed_by": np.where(closed, "somebody", None),
        "rebate": np.where(closed & ~won, 5.0, np.nan),
        "state": np.where(won, "invoiced", np.where(closed, "archived", "in work")),
        "region": rng.choice(["north", "south"], size),
        "seats": rng.integers(1, 50, size).astype(float),
        "is_key": rng.random(size) < 0.5,
    }


@pytest.fixture(scope="module")
def planted():
    return wb.score(world(200, 40, more=leaking), fields="all")


def test_planted_columns_that_betray_the_outcome_are_found_and_left_out(planted):
    assert set(planted.leaks) == {"x_signed_by", "x_rebate", "x_state"}
    used = {column.name for column in planted.basis.model.design.columns}
    assert used >= {"x_region", "x_seats", "x_is_key", "type"}, planted.features
    assert not used & set(planted.leaks)
    frame = planted.features.set_index("feature")
    assert "filled in 200 of 200 closed deals, but in 0 of 40 open ones" in frame.loc[
        "x_signed_by", "reason"]  # fmt: skip
    assert "none of 40 open ones" in frame.loc["x_state", "reason"]
    assert any("“signed_by” takes no part" in note for note in planted.scope.notes)


def test_with_the_leak_it_would_be_too_good_to_be_true(planted):
    area = planted.performance.set_index(["forecaster", "measure"]).loc[("model", "auc"), "value"]
    assert area < 0.95


@pytest.mark.parametrize("learner", ["logistic", "trees"])
def test_outcomes_that_were_shuffled_cannot_be_foretold_and_the_page_says_so(learner):
    found = wb.score(world(400, 20, permuted=True), learner=learner)
    frame = found.performance.set_index(["forecaster", "measure"])
    line = frame.loc[("model", "auc")]
    assert line["low"] <= 0.5 <= line["high"]
    assert not found.basis.model.beats
    assert "not better than" in found.headline() or "it is not shown" in found.headline()


def test_roles_without_a_date_wait_until_they_are_asked_for():
    people = pd.DataFrame(
        [(f"O{n:04d}", f"P{k}", "buyer", "customer") for n in range(120) for k in range(n % 4)],
        columns=["opportunity_id", "person_id", "role", "side"],
    )
    ws = world(110, 10, opportunity_people=people)
    found = wb.score(ws)
    assert "roles" not in found.basis.features
    assert any("no date of their role" in note for note in found.scope.notes)
    asked = wb.score(ws, fields=["roles"])
    assert asked.basis.features["roles"].now
    assert any("Known only as they stand now: People" in note for note in asked.scope.notes)
