"""Bubbles and the list view by the worked examples of the specification."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.relationship.worlds import act, at, deal, world
from tests.worlds.company import HOSTILE
from workbench.errors import AbsentError, ArgumentError
from workbench.relationship.portfolio.phases import phases_of
from workbench.results import theme

ACT = act("m", "email", "out", "06-01", account_id="A1")


def scored(rows, scores, **options):
    """Open opportunities whose scores are given, as if they had been worked out."""
    asked = wb.relationships(world([ACT], opportunities=rows), **options)
    own = dict(zip((row["opportunity_id"] for row in rows), scores, strict=True))
    found = np.array([own[key] for key in asked.measured.records.keys], float)
    asked.measured.__dict__["score"] = found
    grades = np.where(found >= 60, 0, np.where(found >= 40, 1, 2))
    asked.measured.__dict__["state"] = np.where(np.isnan(found), 4, grades)
    return asked


def close(day):
    return None if day is None else pd.Timestamp(day).date()


WORKED = scored(
    [
        deal("O1", expected_close_on=close("2024-07-15"), amount=50e3, stage="Qualify"),
        deal("O2", expected_close_on=close("2024-08-01"), amount=20e3, stage="Develop"),
        deal("O3", expected_close_on=close("2024-06-29"), amount=90e3, stage="Propose"),
        deal("O4", expected_close_on=None, amount=1.0, stage="Close"),
        deal("O5", expected_close_on=close("2024-07-05"), amount=None, stage="Close"),
        deal("O6", expected_close_on=close("2024-07-01"), amount=5e3, stage="Close",
             is_closed=True, is_won=True, closed_at=at("06-20")),
        deal("O7", expected_close_on=close("2024-06-30"), amount=10e3, stage="Close"),
    ],
    [82, np.nan, 35, 55, 20, 99, 60],
)  # fmt: skip


def test_bubbles_by_hand():
    found = WORKED.bubbles()
    assert found.members("drawn")["key"].tolist() == ["O1", "O2", "O5", "O7"]
    assert found.members("past")["key"].tolist() == ["O3"]
    assert found.members("no_close")["key"].tolist() == ["O4"]
    assert "O6" not in set(found.frame["key"])
    assert "2 not drawn: 1 past close, 1 no close." in found.reading()
    radius = found.frame.set_index("key")["radius"]
    # Areas are as amounts: 90 is the largest, none the smallest.
    assert radius["O3"] == 40
    assert radius["O5"] == 3
    assert radius["O1"] == pytest.approx(40 * np.sqrt(50 / 90))
    drawn = points(found)
    assert (drawn["O2"]["part"], drawn["O2"]["y"]) == ("No score", 0)
    assert {key: line["part"] for key, line in drawn.items() if key != "O2"} == {
        "O1": "Qualify", "O5": "Close", "O7": "Close",
    }  # fmt: skip


def points(found):
    """What the picture draws, by key."""
    spec = theme.themed(found.chart())
    data = spec["datasets"].values()
    return {line["key"]: line for lines in data for line in lines if "key" in line}


def test_the_legend_names_the_mode_and_colours_follow_it():
    for mode in ("stage", "health"):
        text = json.dumps(theme.themed(WORKED.bubbles(colour=mode).chart()), ensure_ascii=False)
        assert f"Colour: {mode}" in text
    assert {n: line["part"] for n, line in points(WORKED.bubbles(colour="health")).items()} == {
        "O1": "Good", "O2": "No score", "O5": "Poor", "O7": "Good",
    }  # fmt: skip


def test_overdue_ones_stand_on_a_strip():
    strip = WORKED.bubbles(overdue=True)
    assert set(points(strip)) == {"O1", "O2", "O3", "O5", "O7"}
    assert "1 not drawn: 0 past close, 1 no close." in strip.reading()
    assert "The strip at the left holds 1" in strip.reading()
    assert len(theme.themed(strip.chart())["hconcat"]) == 2


def test_a_negative_amount_is_the_smallest_and_flagged():
    found = scored([deal("O1", amount=-5.0, expected_close_on=close("2024-07-01"), stage="x"),
                    deal("O2", amount=9.0, expected_close_on=close("2024-07-01"), stage="x")],
                   [50, 50]).bubbles()  # fmt: skip
    assert found.frame[["radius", "negative"]].to_numpy().tolist() == [[3, True], [40, False]]
    assert "1 amount is below zero" in found.reading()
    # The same point: the smaller one is drawn later, so that it lies on top.
    assert list(points(found)) == ["O2", "O1"]


def test_phases_by_name_else_by_place():
    names = ["Qualification", "Needs Analysis", "Proposal/Price Quote", "Negotiation", "S2", None]
    stages = pd.DataFrame({"pipeline": "p", "stage": ["S1", "S2", "Closed Won"],
                           "sort": [1, 2, 3], "kind": ["open", "open", "won"]})  # fmt: skip
    ws = wb.from_frames(stages=stages, accounts=pd.DataFrame({"account_id": ["A"]}))
    assert phases_of(ws, np.array(names, object)).tolist() == [
        "qualify", "develop", "propose", "close", "propose", "other",
    ]  # fmt: skip


def test_bubbles_refuse_what_has_none():
    with pytest.raises(ArgumentError, match="colour='size'"):
        WORKED.bubbles(colour="size")
    with pytest.raises(ArgumentError, match="place='late'"):
        WORKED.bubbles().members("late")
    with pytest.raises(AbsentError, match="of='account'"):
        wb.relationships(world([ACT]), of="account").bubbles()


def test_the_list_by_hand():
    rows = [deal(f"O{n}") for n in range(1, 5)]
    asked = scored(rows, [67, np.nan, 38, 0])
    order = asked.listed(sort="score", ascending=True)
    assert order.frame["key"].tolist() == ["O4", "O3", "O1", "O2"]
    assert asked.listed(sort="score").frame["key"].tolist() == ["O1", "O3", "O4", "O2"]
    low = asked.listed(lines={"score": {"<": 40}})
    assert sorted(low.frame["key"]) == ["O3", "O4"]
    assert low.headline().startswith("2 of 4 opportunities (50 %)")
    # Good, poor, poor, nothing done: states go from good to all others.
    assert asked.listed(sort="state", ascending=True).frame["state"].tolist() == [
        "good", "poor", "poor", "none_done",
    ]  # fmt: skip


FILTERED = world(
    [
        *[act(f"a{n}", "email", "out", f"06-{n + 1:02d}", opportunity_id="Odd", thread_id=f"x{n}")
          for n in range(3)],
        act("b1", "email", "in", "06-20", opportunity_id="Slow", thread_id="T"),
        act("b2", "email", "out", "06-22", opportunity_id="Slow", thread_id="T"),
        act("b3", "meeting", "out", "07-02", opportunity_id="Slow", status="open"),
        act("c1", "call", "in", "06-29", opportunity_id="Fine"),
    ],
    opportunities=[deal("Odd"), deal("Slow"), deal("Fine"), deal("Never")],
)  # fmt: skip


def test_ready_made_filters():
    asked = wb.relationships(FILTERED)
    kept = {name: set(asked.listed(only=name).frame["key"]) for name in (
        "nothing_planned", "long_silent", "slow", "one_sided", "declining")}  # fmt: skip
    assert kept == {
        "nothing_planned": {"Odd", "Fine", "Never"}, "long_silent": {"Odd", "Never"},
        "slow": {"Slow"}, "one_sided": {"Odd"}, "declining": set(),
    }  # fmt: skip
    both = asked.listed(only=["long_silent", "one_sided"])
    assert both.frame["key"].tolist() == ["Odd"]
    assert both.members("one_sided")["key"].tolist() == ["Odd"]
    every = asked.listed()
    assert every.frame["marks"].tolist() == sorted(every.frame["marks"], reverse=True)
    assert every.frame.set_index("key")["why"]["Slow"] == "We answer after more than 24 hours"
    assert every.interactive().rows == 4
    assert wb.relationships(FILTERED, every_days=30).listed(only="long_silent").frame[
        "key"].tolist() == ["Never"]  # fmt: skip


def test_the_list_refuses_what_is_not_there():
    asked = wb.relationships(FILTERED)
    for wrong in ({"only": "late"}, {"sort": "size"}, {"ascending": 1}, {"lines": {"size": 1}},
                  {"lines": {"score": {"<": "x"}}}):  # fmt: skip
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            asked.listed(**wrong)


def test_hostile_names_are_drawn():
    rows = [deal(f"O{n}", name=name, stage=name, expected_close_on=close("2024-07-10"),
                 amount=float(n)) for n, name in enumerate(HOSTILE)]  # fmt: skip
    asked = scored(rows, [n * 9 % 100 for n in range(len(rows))])
    for found in (asked.bubbles(), asked.listed()):
        assert found.block()["svg"].startswith("<svg")


def test_of_very_many_the_largest_are_drawn():
    rows = [deal(f"O{n:04d}", stage="Propose", expected_close_on=close("2024-07-10"),
                 amount=float(n)) for n in range(1_050)]  # fmt: skip
    found = scored(rows, [n % 101 for n in range(1_050)]).bubbles()
    drawn = points(found)
    assert len(drawn) == 1_000
    assert "O0049" not in drawn
    assert "Of 1,050 opportunities the 1,000 largest are drawn." in found.reading()
