"""Reviews of scores: the worked example, the horizon, back-computed scores, and proposals."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.sales.pipelines import day, deal, pipeline
from tests.sales.scores import world
from workbench.errors import AbsentError, ArgumentError
from workbench.results.intervals import wilson
from workbench.sales.score.grades import Grades
from workbench.sales.score.judging import Verdict

EXAMPLE = [(92, "W"), (85, "W"), (78, "L"), (71, "W"), (66, "W"), (58, "L"), (52, "L"), (44, "W"),
           (35, "L"), (31, "L"), (22, "L"), (12, "L")]  # fmt: skip


def closed(outcomes, amounts=None):
    """Deals created in January and closed on the first of June."""
    return pipeline(
        [
            deal(
                f"O{n:02d}", "Won" if o == "W" else "Lost", closed="06-01",
                amount=100.0 if amounts is None else amounts[n],
            )
            for n, o in enumerate(outcomes)
        ]
    )  # fmt: skip


def log_of(scores, at="04-15"):
    return pd.DataFrame(
        {
            "opportunity_id": [f"O{n:02d}" for n in range(len(scores))],
            "scored_at": day(at),
            "score": scores,
        }
    )


@pytest.fixture(scope="module")
def twelve():
    return wb.score_review(closed([o for _, o in EXAMPLE]), log=log_of([s for s, _ in EXAMPLE]))


def test_the_twelve_deals(twelve):
    frame = twelve.frame.set_index("grade")
    counts = {g: (int(frame.loc[g, "won"]), int(frame.loc[g, "deals"])) for g in "ABCD"}
    assert counts == {"A": (3, 4), "B": (1, 3), "C": (1, 3), "D": (0, 2)}
    assert frame.loc["A", ["low", "high"]].tolist() == pytest.approx([0.301, 0.954], abs=5e-4)
    measures = twelve.measures.set_index("measure")["value"]
    assert measures["brier"] == pytest.approx(0.1699, abs=5e-5)
    assert measures["base_rate"] == pytest.approx(0.4167, abs=5e-5)
    assert measures["skill"] == pytest.approx(0.301, abs=5e-4)
    assert measures["auc"] == pytest.approx(0.857, abs=5e-4)
    assert measures["calibration_error"] == pytest.approx(0.1217, abs=5e-5)
    assert measures["threshold"] == 58
    assert measures["f1"] == pytest.approx(0.80)


def test_equal_shares_of_two_grades_are_no_fault(twelve):
    assert twelve.monotonic
    worse = wb.score_review(closed("LWLW"), log=log_of([90, 60, 80, 10]))
    assert not worse.monotonic
    assert any("won less often" in note for note in worse.scope.notes)


def test_four_deals_are_too_few_to_move_a_threshold(twelve):
    assert twelve.proposal().startswith("No minimum of grade A is proposed")


def test_a_threshold_is_proposed_and_never_applied():
    outcomes = ["W"] * 38 + ["L"] * 2 + ["W"] * 10 + ["L"] * 30
    scores = [80] * 40 + [75] * 40
    found = wb.score_review(closed(outcomes), log=log_of(scores), precision=0.8)
    assert found.verdict.proposal(0.8) == (76, 38, 40, pytest.approx(0.835, abs=1e-3))
    assert "grade A from 76 on (now 70)" in found.proposal()
    assert found.frame.loc[0, ["minimum", "deals"]].tolist() == [70, 80]


def test_the_score_at_the_horizon_counts_and_never_a_later_one():
    ws = closed("WWWW")
    log = pd.DataFrame(
        [
            ("O00", day("05-02"), 80),  # thirty days before: counts
            ("O00", day("05-03"), 20),  # too late
            ("O01", day("03-01"), 30),
            ("O01", day("04-01"), 60),  # the last one before the horizon
            ("O02", day("05-31"), 99),  # only a late one
        ],
        columns=["opportunity_id", "scored_at", "score"],
    )
    found = wb.score_review(ws, log=log)
    members = found.members().set_index("opportunity_id")["score"]
    assert members.dropna().to_dict() == {"O00": 80, "O01": 60}
    assert set(found.unscored["opportunity_id"]) == {"O02", "O03"}
    frame = found.frame.set_index("grade")
    assert frame.loc["no score", "deals"] == 2
    assert any("2 of 4 closed deals had no score" in note for note in found.scope.notes)


def test_at_the_entry_of_a_stage():
    ws = pipeline(
        [deal("O00", "Won", closed="06-01"), deal("O01", "Lost", closed="06-01")],
        [("O00", "01-01", "S1"), ("O00", "03-01", "S2"), ("O00", "06-01", "Won"),
         ("O01", "01-01", "S1"), ("O01", "06-01", "Lost")],
    )  # fmt: skip
    log = pd.concat([log_of([40, 40], "02-01"), log_of([90, 90], "04-01")])
    found = wb.score_review(ws, log=log, at_stage="S2")
    assert found.members().set_index("opportunity_id")["score"].dropna().to_dict() == {"O00": 40}
    with pytest.raises(AbsentError, match=r"at_stage='S9'"):
        wb.score_review(ws, log=log, at_stage="S9")


def test_won_value_in_the_best_grade_knows_what_is_unknown():
    ws = closed("WWWL", [100.0, 300.0, None, 50.0])
    found = wb.score_review(ws, log=log_of([80, 20, 90, 75]))
    assert found.verdict.value_in_best == (100.0, 400.0, 1)
    assert found.measures.set_index("measure").loc["value_in_best", "value"] == 0.25
    assert any("no known amount" in note for note in found.scope.notes)


def test_only_deals_closed_in_the_period(twelve):
    ws = closed([o for _, o in EXAMPLE])
    none = wb.score_review(ws, log=log_of([50] * 12), period="2026-07")
    assert none.frame["deals"].sum() == 0
    assert "No score to review" in none.headline()
    assert twelve.frame["deals"].sum() == 12


def test_a_log_of_several_models_wants_one_named():
    log = pd.concat([log_of([60]).assign(model="a"), log_of([20]).assign(model="b")])
    ws = closed("W")
    with pytest.raises(ArgumentError, match="model="):
        wb.score_review(ws, log=log)
    assert wb.score_review(ws, log=log, model="b").members()["score"].tolist() == [20]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"horizon": "12h"}, "knows the outcome"),
        ({"horizon": 30}, "horizon=30"),
        ({"precision": 70}, "precision=70"),
        ({"log": "no/such/file.jsonl"}, "log="),
        ({"log": pd.DataFrame({"score": [1]})}, "log="),
        ({"log": log_of([100])}, "scores from 1 to 99"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, said):
    with pytest.raises(ArgumentError, match=said):
        wb.score_review(closed("W"), **options)


@pytest.fixture(scope="module")
def computed():
    return wb.score_review(world(400, 20))


def test_without_a_log_scores_are_computed_from_what_was_known(computed):
    assert "computed afterwards" in computed.reading()
    members = computed.members().dropna(subset="score")
    assert (members["scored_at"] <= members["closed_at"] - timedelta(days=30)).all()
    assert members["scored_at"].dt.day.eq(1).all()
    assert computed.measures.set_index("measure").loc["skill", "value"] > 0.2


def test_what_came_after_a_month_changes_no_score_of_that_month(computed):
    """The same company, cut off in the middle: the scores of the first half stay the same."""
    half = wb.score_review(world(400, 20), as_of="2026-01-31")
    both = half.members().merge(computed.members(), on="opportunity_id")
    both = both.dropna(subset=["score_x", "score_y"])
    assert len(both) > 50
    assert (both["score_x"] == both["score_y"]).all()


def test_the_definition_asks_the_same_again(tmp_path):
    ws = world(120, 10)
    log = wb.score_log(tmp_path / "scores.jsonl")
    log.append(wb.score(ws, as_of="2026-03-31"))
    for kept in (log, None):
        found = wb.score_review(ws, log=kept, horizon="10d")
        asked = dict(found.definition)
        assert asked.pop("analysis") == "score_review"
        again = wb.score_review(ws, **asked)
        pd.testing.assert_frame_equal(again.frame, found.frame)


PAIRS = st.lists(st.tuples(st.integers(1, 99), st.booleans()), min_size=1, max_size=60)


@settings(max_examples=40)
@given(PAIRS)
def test_a_line_a_grade_beside_counting_one_by_one(pairs):
    score, won = (np.array(column) for column in zip(*pairs, strict=True))
    found = Verdict(score, won.astype(bool), np.ones(len(pairs)), Grades.of(None))
    for line in found.by_grade.itertuples():
        own = [w for s, w in pairs if line.minimum <= s <= line.maximum]
        assert (line.deals, line.won) == (len(own), sum(own))
        low, high = wilson(np.array([sum(own)]), np.array([len(own)]))
        assert (line.low, line.high) == pytest.approx((low[0], high[0]), nan_ok=True)
    assert found.by_grade["deals"].sum() == len(pairs)
    proposed = found.proposal(0.5)
    slow = [
        least
        for least in range(1, 100)
        if len(above := [w for s, w in pairs if s >= least]) >= 20
        and wilson(np.array([sum(above)]), np.array([len(above)]))[0][0] >= 0.5
    ]
    assert (proposed[0] if proposed else None) == (slow[0] if slow else None)
