"""States without a score, options of the formula, coverage, and accounts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.relationship.worlds import act, at, deal, one, world
from workbench.errors import AbsentError, ArgumentError

DAILY = [act(f"m{n}", "email", ("in", "out")[n % 2], f"06-{n + 10}", "customer:S:from",
             opportunity_id="O") for n in range(18)]  # fmt: skip


def health(rows, opportunity=None, **options):
    ws = world(rows, opportunities=[opportunity or deal("O")], people=[("S", "A1")])
    return wb.relationships(ws, closed=True, **options).health().frame.iloc[0]


def test_closed_without_a_day_says_what_is_missing():
    found = health(DAILY, deal("O", is_closed=True))
    assert (found["state"], found["trend"]) == ("failed", "failed")
    assert np.isnan(found["score"])
    assert found["reason"] == "It is closed, but on which day is not known."


def test_two_years_are_a_limit_only_on_request():
    old = deal("O", created_at=at("2022-06-29 12:00"))
    assert health(DAILY, old)["state"] == "good"
    found = health(DAILY, old, health={"limit_age": True})
    assert (found["state"], found["trend"]) == ("too_old", "ended")
    assert found["reason"] == "It was created more than two years ago."
    young = deal("O", created_at=at("2022-07-01 12:00"))
    assert health(DAILY, young, health={"limit_age": True})["state"] == "good"


def test_few_activities_say_how_many_are_needed():
    found = health(DAILY[:2])
    assert found["reason"] == "2 activities in 90 days; a score needs 3."
    never = health([act("x", "call", "in", "06-01")])
    assert never["reason"] == "Nothing was ever done with it."
    assert health(DAILY[:2], health={"least": 2})["score"] > 0
    assert health(DAILY)["reason"] is None


def with_mood(values, **columns):
    rows = [act(f"m{n}", "call", "in", f"06-{20 + n}", opportunity_id="O", sentiment=value,
                **columns) for n, value in enumerate(values)]  # fmt: skip
    return world(rows, opportunities=[deal("O")])


@pytest.mark.parametrize(("moods", "part"), [([1, 1, 1], 1.0), ([-1, -1, -1], 0.0),
                                              ([0.5, None, 9], 0.75)])  # fmt: skip
def test_the_mood_is_a_fourth_part(moods, part):
    ws = with_mood(moods)
    plain = wb.relationships(ws).health().frame.iloc[0]
    found = wb.relationships(ws, health={"sentiment": True}).health().frame.iloc[0]
    assert np.isnan(plain["sentiment"])
    assert found["sentiment"] == part
    points = 45 * found["activity"] + 25 * found["recency"] + 15 * found["engagement"] + 15 * part
    assert found["score"] == np.floor(points + 0.5)
    names = ["activity_points", "recency_points", "engagement_points", "sentiment_points"]
    assert found[names].sum() == pytest.approx(points)


def test_sources_without_mood_are_told():
    with pytest.raises(AbsentError, match="a column sentiment"):
        wb.relationships(world(DAILY, opportunities=[deal("O")]), health={"sentiment": True})


def test_messages_of_social_networks_have_a_weight_from_nothing():
    rows = [act(f"m{n}", "InMail", "in", f"06-{10 + n}", opportunity_id="O") for n in range(3)]
    ws = world(rows, opportunities=[deal("O")])
    scores = {w: wb.relationships(ws, weights={"social": w}).health().frame["activity"].iloc[0]
              for w in (0, 6, 9)}  # fmt: skip
    assert scores[0] == 0
    assert scores[9] == pytest.approx(1.5 * scores[6])
    assert scores[6] == wb.relationships(ws).health().frame["activity"].iloc[0]
    with pytest.raises(AbsentError, match="weights='social'"):
        wb.relationships(world(DAILY, opportunities=[deal("O")]), weights={"social": 3})
    with pytest.raises(ArgumentError, match="a whole number from 0 to 9"):
        wb.relationships(ws, weights={"social": -1})


def test_further_options_of_the_formula():
    usual = health(DAILY)
    assert health(DAILY, health={"half_life_days": 14.0})["activity"] == usual["activity"]
    assert health(DAILY, health={"half_life_days": 3})["activity"] <= 1
    assert health(DAILY, health={"look_back_days": 1, "least": 1})["done"] < usual["done"]
    assert health(DAILY[:4], health={"good": 100, "fair": 99})["state"] == "poor"
    only = health(DAILY, health={"shares": [0, 0, 1]})
    assert only["score"] == np.floor(100 * only["engagement"] + 0.5)


@pytest.mark.parametrize(
    "wrong",
    [{"goood": 60}, {"good": 40}, {"fair": 60}, {"least": 0}, {"shares": [1, 1, 1]},
     {"shares": [0.5, 0.5]}, {"sentiment": 1}, {"half_life_days": 0}, {"daily_cap": -1}, 5],
)  # fmt: skip
def test_options_that_fit_no_formula_are_refused(wrong):
    with pytest.raises(ArgumentError, match="health"):
        wb.relationships(world(DAILY, opportunities=[deal("O")]), health=wrong)


def test_options_stand_in_the_definition_and_ask_again():
    ws = with_mood([0.5, 0.5, 0.5])
    given = {"health": {"sentiment": True, "good": 70, "fair": 30}, "weights": {"call": 9}}
    asked = wb.relationships(ws, **given)
    said = dict(asked.definition)
    assert said.pop("analysis") == "relationships"
    again = wb.relationships(ws, **said)
    pd.testing.assert_frame_equal(again.frame, asked.frame)
    assert again.definition == asked.definition


def test_coverage_counts_people_with_any_mail():
    rows = [act("m1", "email", "in", "06-01", "customer:S:from", "customer:T:cc"),
            act("m2", "call", "in", "06-02", "customer:U:from"),
            act("m3", "email", "out", "07-02", "customer:U:to")]  # fmt: skip
    people = [("S", "A1"), ("T", "A1"), ("U", "A1"), ("V", "A1")]
    found = one(world(rows, people=people), "A1", of="account")
    assert found[["people", "people_with_mail", "coverage"]].tolist() == [4, 2, 0.5]


def test_accounts_have_the_trend_of_what_is_below_them():
    days = pd.date_range("2024-03-15", "2024-05-25", freq="3D")
    rows = [act(f"m{n}", "call", "in", f"{d:%m-%d}", "customer:S:from", opportunity_id="O")
            for n, d in enumerate(days)]  # fmt: skip
    ws = world(rows, opportunities=[deal("O")], people=[("S", "A1")])
    asked = wb.relationships(ws, of="account", roll_up=True)
    assert asked.frame["trend"].tolist() == ["declining"]
    assert asked.frame["score"].tolist() == wb.relationships(ws).frame["score"].tolist()
    lone = wb.relationships(world(rows[:1], people=[("S", "A1")]), of="account", roll_up=True)
    assert lone.health().frame["reason"].iloc[0].startswith("None of its open opportunities")


def test_a_closed_one_keeps_its_score_and_leaves_the_pictures():
    won = deal("O", is_closed=True, is_won=True, closed_at=at("06-28"))
    ws = world(DAILY, opportunities=[won, deal("P")], people=[("S", "A1")])
    asked = wb.relationships(ws, closed=True)
    line = asked.frame.set_index("key").loc["O"]
    assert (line["trend"], line["score"] > 0, line["open"]) == ("ended", True, False)
    assert asked.bubbles().frame["key"].tolist() == ["P"]


def test_an_account_says_whose_mean_its_score_is():
    rows = [act(f"m{n}", "email", "in", f"06-{n + 10}", "customer:S:from",
                opportunity_id=f"O{n % 2}") for n in range(12)]  # fmt: skip
    deals = [deal("O0", amount=30.0), deal("O1", amount=10.0)]
    ws = world(rows, opportunities=deals, people=[("S", "A1")])
    page = wb.relationships(ws, of="account", roll_up=True).record("A1")
    rows = page.contributions().content["table"]["rows"]
    assert [row[0] for row in rows] == ["O0", "O1"]
    assert [row[3] for row in rows] == [0.75, 0.25]
    mean = sum(row[2] * row[3] for row in rows)
    assert page.line["score"] == np.floor(mean + 0.5)
    with pytest.raises(AbsentError, match="roll_up=True"):
        wb.relationships(ws, of="account").record("A1").contributions()
    with pytest.raises(AbsentError, match="of='person'"):
        wb.relationships(ws, of="person").single_threaded()
