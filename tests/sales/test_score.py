"""The score of open deals: floors, split, weights, contributions, grades, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.sales.pipelines import deal, pipeline
from tests.sales.scores import world
from tests.worlds.company import workspace as company
from workbench.errors import AbsentError, ArgumentError
from workbench.sales.score.grades import scores_of


@pytest.fixture(scope="module")
def ws():
    return world(240, 30)


@pytest.fixture(scope="module")
def found(ws):
    return wb.score(ws)


@pytest.fixture(scope="module")
def trees(ws):
    return wb.score(ws, learner="trees")


def test_no_deal_teaches_and_judges_and_the_newest_judge(found):
    model = found.basis.model
    sample, closed_at = model.sample, found.basis.standing.closed_at
    old, new = (set(sample.rows.deal[part]) for part in (model.old, model.new))
    assert not old & new
    assert max(closed_at[list(old)]) <= min(closed_at[list(new)])
    assert len(old) == int(0.8 * (len(old) + len(new)))


def test_looks_count_alike_and_together_as_much_as_there_are_deals(ws, found):
    sample = found.basis.sample
    assert np.unique(sample.weight).size == 1
    assert sample.weight.sum() == pytest.approx(sample.deals.size)
    sample = wb.score(ws, weights="deals").basis.sample
    assert np.bincount(sample.rank, weights=sample.weight) == pytest.approx(1)


def test_a_deal_that_counts_one_by_itself_makes_early_looks_hopeless():
    """Half of the deals are lost from S1 at once, half are won after six more stages."""
    names = [f"T{n}" for n in range(7)]
    stages = [(n, "open", 0.5, None) for n in names]
    stages += [("Won", "won", 1.0, None), ("Lost", "lost", 0.0, None)]
    deals, saves = [], []
    for n in range(200):
        start, won = pd.Timestamp("2025-01-01") + pd.Timedelta(days=n), n % 2
        path = [*(names if won else names[:1]), "Won" if won else "Lost"]
        days = [f"{start + pd.Timedelta(days=3 * k):%Y-%m-%d}" for k in range(len(path))]
        saves += [(f"O{n:03d}", at, stage) for at, stage in zip(days, path, strict=True)]
        deals.append(deal(f"O{n:03d}", path[-1], created=days[0], closed=days[-1]))
    deals.append(deal("open", "T0", created="2025-08-01"))
    ws = pipeline(deals, [*saves, ("open", "2025-08-01", "T0")], stages)
    for weights, low, high in (("looks", 45, 55), ("deals", 1, 25)):
        found = wb.score(ws, snapshots="stages", weights=weights)
        assert low <= found.frame["score"].iloc[0] <= high


def test_a_planted_effect_is_found_and_beats_the_rates(found, trees):
    for result in (found, trees):
        assert result.basis.model.beats
        assert "is better than the win rate of the stage" in result.headline()
        frame = result.performance.set_index(["forecaster", "measure"])
        assert frame.loc[("model", "auc"), "low"] > 0.6
        assert frame.loc[("stage", "brier"), "gain_low"] > 0
    assert found.basis.model.learner.kind == "logistic"


@pytest.mark.parametrize("learner", ["logistic", "trees"])
def test_contributions_and_base_make_the_score(found, trees, learner):
    result = found if learner == "logistic" else trees
    for line in result.frame.dropna(subset="score").head(8).itertuples():
        reasons = result.reasons(line.opportunity_id)
        total = reasons.base + reasons.frame["contribution"].sum()
        assert 1 / (1 + np.exp(-total)) == pytest.approx(line.chance, abs=1e-9)
        assert reasons.score == line.score
        shown = reasons.frame[reasons.frame["shown"]]
        assert max((shown["contribution"] > 0).sum(), (shown["contribution"] < 0).sum()) <= 6
        assert (reasons.frame["won"] <= reasons.frame["deals"]).all()


def test_an_average_deal_is_the_base(found):
    model = found.basis.model
    parts = model.learner.parts(model.matrix[model.old])
    assert np.average(parts, axis=0, weights=model.sample.weight[model.old]) == pytest.approx(0)


def test_the_deals_behind_a_like_value_open(found):
    reasons = found.reasons()
    for line in reasons.frame.itertuples():
        members = reasons.members(line.feature)
        assert (len(members), int(members["won"].sum())) == (line.deals, line.won)


def test_members_open_every_count(found):
    frame = found.frame
    for grade in "ABCD":
        assert len(found.members(grade)) == (frame["grade"] == grade).sum()
    check = found.stages()
    for line in check.buckets.itertuples():
        assert len(check.members(line.stage, bucket=line.bucket)) == line.deals
    calibration = found.calibration()
    for line in calibration.frame.itertuples():
        members = calibration.members(line.bin)
        assert members["weight"].sum() == pytest.approx(line.weight)
        assert (len(members), members["won"].sum()) == (line.deals, line.won_deals)
    new = found.basis.model.new
    assert calibration.frame["looks"].sum() == new.sum()
    weight = found.basis.sample.weight[new].sum()
    assert calibration.frame["weight"].sum() == pytest.approx(weight)
    assert (calibration.frame["effective_deals"] <= calibration.frame["deals"] + 1e-9).all()


def test_the_order_of_the_files_changes_nothing(ws, found):
    again = wb.score(world(240, 30, shuffled=True))
    assert again.frame["chance"].to_numpy() == pytest.approx(found.frame["chance"].to_numpy())
    assert again.headline() == found.headline()


@pytest.mark.parametrize("closed", [70, 79])
def test_below_forty_of_each_there_is_no_model(closed):
    result = wb.score(world(closed, 5, seed=3))
    sample = result.basis.sample
    assert min(sample.wins, sample.losses) < 40
    assert result.frame["score"].isna().all()
    assert set(result.frame["reason"]) == {"no model"}
    assert result.headline().startswith(f"No model: {sample.wins} won and {sample.losses} lost")
    line = result.stage_rates.set_index("stage").loc["S1"]
    assert (line["won"], line["closed"]) == (sample.wins, closed)
    assert result.leaks == {}
    assert result.calibration().frame.empty
    assert result.reasons().frame.empty
    assert "Nothing to check" in result.rollout().content["entries"][1]["text"]


def test_between_the_floors_the_score_is_called_rough(found):
    assert any("200 of each are advised" in note for note in found.scope.notes)


def test_extreme_win_rates_are_said():
    result = wb.score(world(700, 5, win_rate=0.93, effect=1.0, seed=2))
    rate = result.basis.sample.wins / result.basis.sample.deals.size
    assert rate > 0.9
    assert any("so extreme a rate" in note for note in result.scope.notes)


def test_a_deal_closed_within_two_days_teaches_nothing():
    deals = [deal("a", "Won", closed="01-02"), deal("b", "Won", closed="01-03"), deal("c")]
    saves = [("a", "01-01", "S1"), ("a", "01-02", "Won"), ("b", "01-01", "S1"),
             ("b", "01-03", "Won"), ("c", "01-01", "S1")]  # fmt: skip
    sample = wb.score(pipeline(deals, saves)).basis.sample
    assert (sample.short, sample.wins) == (1, 1)


def test_looking_back_sees_and_learns_only_what_was_known(ws):
    earlier = wb.score(ws, as_of="2026-01-31")
    instant = earlier.basis.standing.instant
    assert (earlier.basis.sample.rows.at <= instant).all()
    assert (earlier.basis.standing.closed_at <= instant).all()
    assert 0 < earlier.basis.sample.deals.size < wb.score(ws).basis.sample.deals.size
    assert earlier.definition["as_of"] == "2026-01-31"


def test_only_deals_of_a_condition(ws, found):
    half = wb.score(ws, where={"type": "new"})
    assert len(half.frame) < len(found.frame)
    assert half.basis.sample.deals.size < found.basis.sample.deals.size


def test_an_inversion_of_stages_is_named(found):
    check = found.stages()
    frame = check.frame.set_index("stage")
    for name, line in frame.iterrows():
        before = frame.loc[:name].iloc[:-1]["median"]
        assert line["inverted"] == bool((before > line["median"]).any())
    assert (frame["scored"] + frame["no_score"] == frame["deals"]).all()


def test_the_definition_asks_the_same_again(ws, found):
    given = dict(found.definition)
    assert given.pop("analysis") == "score"
    again = wb.score(ws, **given)
    assert again.frame["score"].tolist() == found.frame["score"].tolist()


def test_best_takes_one_of_both_and_every_option_runs(ws):
    result = wb.score(
        ws, learner="best", snapshots="stages", fields=["type"], owner_history=False,
        grades={"hot": 60, "cold": 1},
    )  # fmt: skip
    assert result.basis.model.learner.kind in ("logistic", "trees")
    known = result.frame.dropna(subset="score")
    assert (known["score"] == scores_of(known["chance"].to_numpy())).all()
    assert set(known["grade"]) <= {"hot", "cold"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"learner": "forest"}, "learner='forest'"),
        ({"snapshots": "daily"}, "snapshots='daily'"),
        ({"fields": ["loss_reason"]}, "known only after closing"),
        ({"fields": ["is_won"]}, "It is the outcome"),
        ({"fields": "some"}, "fields='some'"),
        ({"owner_history": 1}, "owner_history=1"),
        ({"weights": "people"}, "weights='people'"),
        ({"as_of": "someday"}, "as_of='someday'"),
        ({"grades": {"A": 70}}, "grades="),
    ],
)
def test_what_cannot_be_asked_is_refused(ws, options, said):
    with pytest.raises(ArgumentError, match=said):
        wb.score(ws, **options)


def test_a_column_that_is_not_there_is_named_with_the_closest(ws):
    with pytest.raises(AbsentError, match=r"Did you mean 'type'"):
        wb.score(ws, fields=["typ"])
    with pytest.raises(AbsentError, match="opportunities"):
        wb.score(company())


def test_a_plan_of_use_is_checked_all_at_once(found):
    with pytest.raises(ArgumentError, match=r"aims.*Did you mean 'aim'.*plan.actions='E'"):
        found.rollout({"aims": "win_rate", "actions": {"E": "call"}})
    block = found.rollout({"aim": "forecast", "actions": {"A": "Weekly review."}})
    assert "A: Weekly review." in block.content["entries"][2]["text"]
