"""The score of the demo company: calibrated on deals it never saw, and plain about its worth."""

from __future__ import annotations

import pytest

import workbench as wb
from workbench.data.demo import generate


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    generate(folder / "files")
    return wb.open("demo", root=folder / "files", cache=folder / "cache")


@pytest.fixture(scope="module")
def found(demo):
    return wb.score(demo)


def test_every_closed_deal_is_accounted_for(demo, found):
    closed = demo.sql("SELECT count(*) AS n FROM opportunities WHERE is_closed")["n"][0]
    sample = found.basis.sample
    assert sample.deals.size + sample.short + sample.unseen == closed
    assert found.leaks == {}
    assert wb.score(demo, fields="all").leaks == {}


@pytest.mark.parametrize("learner", ["logistic", "trees"])
@pytest.mark.parametrize("snapshots", ["both", "stages"])
def test_chances_come_true_within_their_interval(demo, learner, snapshots):
    calibration = wb.score(demo, learner=learner, snapshots=snapshots).calibration()
    expected, _, low, high = calibration.expected_and_won
    assert low <= expected <= high
    # Of five or six intervals of 95 % one may miss.
    assert (~calibration.frame["inside"]).sum() <= 1


def test_what_the_model_adds_to_the_stage_is_said_plainly(found):
    frame = found.performance.set_index(["forecaster", "measure"])
    assert frame.loc[("model", "auc"), "low"] > 0.5
    # Little but the stage foretells an outcome here, and the page does not hide it.
    assert frame.loc[("stage", "brier"), "gain_low"] < 0
    assert "not shown that the score is better than the win rate of the stage" in found.headline()


def test_the_score_follows_the_stages(found):
    medians = found.stages().frame.groupby("stage")["median"].mean()
    assert medians["Negotiation"] > medians["Qualification"]
    rates = found.stage_rates.groupby("stage")[["won", "closed"]].sum()
    rates = rates["won"] / rates["closed"]
    order = ["Qualification", "Needs Analysis", "Proposal", "Negotiation"]
    assert rates[order].is_monotonic_increasing


def test_a_planted_stall_lowers_the_score(demo):
    """Deals of one contact stall and are won half as often; roles carry no date in these files."""
    model = wb.score(demo, fields=["roles"]).basis.model
    names = [column.name for column in model.design.columns]
    parts = model.learner.parts(model.matrix)[:, names.index("roles")]
    assert parts[model.matrix[:, names.index("roles")].argmin()] < 0 < parts.max()


def test_a_look_back_reviews_every_closed_deal(demo):
    review = wb.score_review(demo, at_stage="Negotiation")
    closed = demo.sql("SELECT count(*) AS n FROM opportunities WHERE is_closed")["n"][0]
    assert review.frame["deals"].sum() == closed
    assert len(review.members()) == closed
