"""Forecast by simulation: chances found again, nothing of the future seen, honest beside others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.sales.pipelines import pipeline
from tests.sales.simulated import AMOUNT, TO_S2, WON_FROM_S2, company, histories, on, table
from workbench.errors import AbsentError, ArgumentError
from workbench.sales.simulation import drawing, forecast_simulation
from workbench.sales.simulation.learning import Chance, followed

DRAWS = 2_000


def simulated(ws=None, **more):
    return forecast_simulation(ws or company(), **{"draws": DRAWS, **more})


def test_won_and_lost_compete_and_open_deals_are_censored():
    # Four deals: won on day 2, lost on day 3, open and seen for 3 days, won on day 5.
    days, fate = np.array([2, 3, 3, 5]), np.array([1, 2, 0, 1])
    won = followed(days, fate, 6).won
    # Day 2: 1 of 4. Day 3: 1 of 3 lost, so 1/2 are left. Day 5: the only one is won.
    assert won.tolist() == pytest.approx([0, 0, 0.25, 0.25, 0.25, 0.75, 0.75])


def slow(days, fate, horizon):
    """The same, one day after the other."""
    still, won, out = 1.0, 0.0, [0.0]
    for day in range(1, horizon + 1):
        at_risk = sum(d >= day for d in days)
        wins = sum(d == day and f == 1 for d, f in zip(days, fate, strict=True))
        losses = sum(d == day and f == 2 for d, f in zip(days, fate, strict=True))
        if at_risk:
            won += still * wins / at_risk
            still *= 1 - (wins + losses) / at_risk
        out.append(won)
    return out


@hypothesis_settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2)), max_size=12), st.integers(1, 15))
def test_chances_are_those_of_counting_day_by_day(deals, horizon):
    days, fate = (np.array([d[n] for d in deals], np.int64) for n in (0, 1))
    assert followed(days, fate, horizon).won == pytest.approx(slow(days, fate, horizon))


def test_without_deals_of_its_own_a_stage_borrows_everything():
    parent = Chance(
        np.array([0, 0.2, 0.2]),
        np.array([1, 0.7, 0.7]),
        np.array([[0, 0.2, 0.0], [0, 0.1, 0.0]]),
        50,
    )
    nothing = np.empty(0, np.int64)
    assert followed(nothing, nothing, 2, parent=parent).won == pytest.approx(parent.won)


def test_a_deal_that_is_open_for_some_days_more_has_the_chance_of_those_left():
    # Ten deals: two won on day 1, two on day 3, the others lost on day 4.
    chance = followed(np.array([1, 1, 3, 3, *[4] * 6]), np.array([1, 1, 1, 1, *[2] * 6]), 6)
    assert chance.between(0, 3) == pytest.approx(0.4)
    assert chance.between(0, 2, since=1) == pytest.approx(2 / 8)
    assert chance.between(1, 3) == pytest.approx(0.2)
    assert chance.between(0, 2, since=4) == 0


def test_planted_chances_are_found_again():
    deals = simulated(period="2026-07..2026-09").deals
    s1, s2 = (deals[deals["stage"] == s] for s in ("S1", "S2"))
    assert len(s1)
    assert len(s2)
    assert s1["chance"].between(0.8 * TO_S2 * WON_FROM_S2, 1.25 * TO_S2 * WON_FROM_S2).all()
    assert s2["chance"].between(0.85 * WON_FROM_S2, 1.15 * WON_FROM_S2).all()
    # Nobody is won from S1 in less than 20 days.
    soon = simulated(period="2026-07-01..2026-07-15").deals
    assert (soon.loc[soon["stage"] == "S1", "chance"] < 0.08).all()


def test_parts_add_up_and_open():
    result = simulated(period="2026-07")
    frame = result.frame.set_index("part")
    parts = frame.drop("total")
    assert parts["expected"].sum() == pytest.approx(frame.loc["total", "expected"])
    assert parts["share_of_expected"].sum() == pytest.approx(1)
    assert (frame["low_95"] <= frame["low_80"]).all()
    assert (frame["high_80"] <= frame["high_95"]).all()
    for part in ("stage:S1", "stage:S2"):
        found = result.members(part)
        assert len(found) == frame.loc[part, "deals"]
        assert found["amount"].sum() == frame.loc[part, "amount"]
        expected = (found["chance"] * found["amount"]).sum()
        assert frame.loc[part, "expected"] == pytest.approx(expected, rel=0.1)
    # Ten deals are created in 13 days; those of July can only be won in its last days, if at all.
    assert frame.loc["not_yet_created", "deals"] == pytest.approx(420 / 545 * 31, rel=0.05)


def test_what_is_won_already_stands_first():
    result = simulated(as_of="2026-06-15", period="2026-Q2")
    so_far = result.frame.set_index("part").loc["won_so_far"]
    won = result.members("won_so_far")
    assert so_far["deals"] == len(won) > 5
    assert so_far["low_95"] == so_far["high_95"] == won["amount"].sum()
    assert result.total.min() >= won["amount"].sum()


def test_a_period_that_has_not_begun_leaves_out_what_is_won_before():
    whole = simulated(period="2026-07..2026-08")
    later = simulated(period="2026-08")
    both = whole.deals.merge(later.deals, on="opportunity_id")
    assert (both["chance_y"] <= both["chance_x"]).all()
    assert both["chance_y"].sum() < both["chance_x"].sum()


def test_the_same_seed_gives_the_same_draws_whatever_the_order_of_the_file():
    deals, saves = table(histories(), 545)
    turned = pipeline(deals[::-1], saves[::-1], as_of=on(545))
    first, second = simulated(period="2026-07"), simulated(turned, period="2026-07")
    assert np.array_equal(first.total, second.total)
    other = simulated(period="2026-07", seed=1)
    assert not np.array_equal(first.total, other.total)
    assert other.total.mean() == pytest.approx(first.total.mean(), rel=0.05)


def test_nothing_after_the_instant_changes_anything():
    until = 450
    cut = on(until)
    deals, saves = table(histories(), 545)
    # Everything later is turned round: fates, amounts, new deals, days.
    turn = {"Won": "Lost", "Lost": "Won", "S2": "S1", "S1": "S2"}
    altered = [
        s if s[1] <= cut else (s[0], s[1], turn[s[2]], {**s[3], "amount": 1e6, "probability": 0.5})
        for s in saves
    ]
    fate = {key: stage for key, _, stage, _ in altered}
    changed = [
        {**d, "amount": 1e6, "stage": fate[d["opportunity_id"]],
         "is_won": fate[d["opportunity_id"]] == "Won"}
        if pd.isna(d["closed_at"]) or d["closed_at"].date().isoformat() > cut else d
        for d in deals
    ]  # fmt: skip
    deals_then, saves_then = table(histories(), until)
    known = pipeline(deals_then, saves_then, as_of=cut)
    given = {"as_of": cut, "period": "2026-04..2026-06"}
    looks = [simulated(ws, **given) for ws in
             (company(), pipeline(changed, altered, as_of=on(545)), known)]  # fmt: skip
    for look in looks[1:]:
        assert np.array_equal(look.total, looks[0].total)
        pd.testing.assert_frame_equal(look.frame, looks[0].frame)
    tests = [look.backtest(by="month").frame for look in looks]
    pd.testing.assert_frame_equal(tests[0], tests[1])
    pd.testing.assert_frame_equal(tests[0], tests[2])


def test_the_chance_of_a_target():
    result = simulated(period="2026-07", target=4 * AMOUNT)
    n = int((result.total >= 4 * AMOUNT).sum())
    assert result.reached == (n, DRAWS)
    assert f"{n:,} of 2,000" in result.headline()
    assert result.chance_of(0) == 1
    targets = pd.DataFrame({"kpi_id": ["won_value"], "period_start_on": ["2026-07-01"],
                            "period_end_on": ["2026-07-31"], "target": [5000.0]})  # fmt: skip
    deals, saves = table(histories(), 545)
    ws = pipeline(deals, saves, as_of=on(545), targets=targets)
    assert simulated(ws, period="2026-07").question.target == 5000
    assert simulated(ws, period="2026-07", target=False).reached == (0, 0)


def test_amounts_change_as_they_did_and_missing_ones_are_drawn():
    deals, saves = table(histories(), 545)
    doubled = [
        (*s[:3], {**s[3], "amount": s[3]["amount"] * (2 if s[2] in ("Won", "S2") else 1)})
        for s in saves
    ]
    deals = [{**d, "amount": d["amount"] * (1 if d["stage"] == "S1" else 2)} for d in deals]
    ws = pipeline(deals, doubled, as_of=on(545))
    plain, grown = simulated(period="2026-Q3"), simulated(ws, period="2026-Q3")
    for part in ("stage:S1", "stage:S2"):
        was, now = (r.frame.set_index("part").loc[part, "expected"] for r in (plain, grown))
        assert now == pytest.approx(2 * was, rel=0.02)
    none = [{**d, "amount": None} if d["stage"] == "S1" else d for d in table(histories(), 545)[0]]
    frame = simulated(pipeline(none, table(histories(), 545)[1], as_of=on(545)), period="2026-Q3")
    assert frame.frame.set_index("part").loc["stage:S1", "deals_without_amount"] > 0
    assert "no amount or no rate" in frame.explain()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"draws": 10}, "draws=10"),
        ({"seed": -1}, "seed=-1"),
        ({"period": "2026-06"}, "ends after 2026-06-30"),
        ({"period": "2026-07.."}, "a start and an end"),
        ({"learn_within": "ten days"}, "learn_within"),
        ({"target": {"a": 1}}, "target"),
        ({"as_of": "soon"}, "as_of"),
    ],
)
def test_bad_values_are_refused_in_words(given, what):
    with pytest.raises(ArgumentError, match=what):
        simulated(**given)
    with pytest.raises(ArgumentError):
        simulated().members("stage:S9")


def test_too_thin_a_history_is_refused_with_reasons():
    with pytest.raises(AbsentError, match="at least 40 closed deals with history"):
        simulated(company(until=30))
    with pytest.raises(AbsentError, match="opportunity_history"):
        simulated(pipeline(table(histories(), 545)[0], as_of=on(545)))


def test_the_sum_of_many_deals_is_distributed_as_deal_by_deal(monkeypatch):
    each = simulated(period="2026-07", draws=20_000)
    monkeypatch.setattr(drawing, "MANY", 2)
    together = simulated(period="2026-07", draws=20_000)
    for stage in range(2):
        one, other = (r.drawn.of_stage[:, stage] for r in (each, together))
        assert other.mean() == pytest.approx(one.mean(), rel=0.05)
        assert other.std() == pytest.approx(one.std(), rel=0.08)
