"""Every option of a fallout, on worlds small enough to draw."""

from __future__ import annotations

import pytest

import workbench as wb
from tests.journeys.funnels import line, world


def test_baseline_can_be_left_out(funnel_world):
    result = wb.fallout(funnel_world, steps=["a", "b", "c"], baseline=False)
    assert result.frame["position"].tolist() == [1, 2, 3]
    assert line(result, 3)["share_of_start"] == pytest.approx(3 / 5)
    assert line(result, 2)["fell_out"] == 1


def test_numerators_and_denominators_in_every_row(funnel_world):
    frame = wb.fallout(funnel_world, steps=["a", "b", "c"], by="industry").frame
    assert (frame["reached"] <= frame["previous"]).all()
    assert (frame["fell_out"] == frame["previous"] - frame["reached"]).all()
    assert (frame["share_of_start"] == frame["reached"] / frame["start"]).all()
    inside = frame["share_of_start"].between(
        frame["share_of_start_low"] - 1e-12, frame["share_of_start_high"] + 1e-12
    )
    assert inside.all()


def test_by_attribute_of_the_account(funnel_world):
    result = wb.fallout(funnel_world, steps=["a", "b", "c"], by="industry")
    software = result.frame[result.frame["group"] == "Software"]
    steel = result.frame[result.frame["group"] == "Steel"]
    assert software["reached"].tolist() == [3, 3, 3, 3]
    assert steel["reached"].tolist() == [3, 2, 1, 0]


def test_by_takes_the_value_at_entry():
    ws = world(
        ("A", 0, "x", {"channel": "mail"}),
        ("A", 1, "a", {"channel": "web"}),
        ("A", 2, "b", {"channel": "fair"}),
        ("B", 1, "x", {"channel": "mail"}),
    )
    result = wb.fallout(ws, steps=["a", "b"], by="channel")
    assert line(result, 2, "web")["reached"] == 1
    assert line(result, 0, "mail")["reached"] == 1  # B never entered: its first value
    assert "fair" not in set(result.frame["group"])


def test_rare_values_are_put_together():
    rows = [
        (f"A{n}", 0, "a", {"channel": f"c{n // 2}" if n < 6 else f"rare {n}"}) for n in range(9)
    ]
    result = wb.fallout(world(*rows), steps=["a"], by="channel", items=3)
    starts = result.frame[result.frame["position"] == 0].set_index("group")["reached"]
    assert starts.to_dict() == {"c0": 2, "c1": 2, "c2": 2, "(other)": 3}


def test_compared_segments_are_not_additive(funnel_world):
    software = wb.segment("Software", industry="Software")
    fast = wb.segment("Has c", event="c")
    result = wb.fallout(funnel_world, steps=["a", "b"], compare=[software, fast])
    assert line(result, 0, "All accounts")["reached"] == 6
    assert line(result, 0, "Software")["reached"] == 3
    assert line(result, 0, "Has c")["reached"] == 3
    without = wb.fallout(funnel_world, steps=["a"], compare=[software], with_all=False)
    assert set(without.frame["group"]) == {"Software"}


def test_filter_scope_whole_and_each_step():
    ws = world(
        ("A", 0, "a", {"region": "north"}),
        ("A", 1, "b", {"region": "south"}),
        ("B", 0, "a", {"region": "north"}),
        ("B", 1, "b", {"region": "north"}),
        ("C", 0, "a", {"region": "south"}),
    )
    north = wb.segment("north", scope="event", region="north")
    whole = wb.fallout(ws, steps=["a", "b"], segment=north)
    each = wb.fallout(ws, steps=["a", "b"], segment=north, filter_scope="each_step")
    assert whole.frame["reached"].tolist() == [2, 2, 2]
    assert each.frame["reached"].tolist() == [2, 2, 1]
    compared = wb.fallout(ws, steps=["a", "b"], compare=[north], filter_scope="each_step")
    assert line(compared, 2, "north")["reached"] == 1
    assert line(compared, 2, "All accounts")["reached"] == 2


def test_period_cuts_and_warmup_reads_earlier_rows():
    ws = world(("A", 0, "a"), ("A", 10, "b"), ("B", 0, "a"), ("C", 11, "a"))
    period = "2026-01-11..2026-01-31"
    cut = wb.fallout(ws, steps=["a", "b"], period=period)
    assert cut.frame["reached"].tolist() == [2, 1, 0]
    warm = wb.fallout(ws, steps=["a", "b"], period=period, warmup="20d")
    assert warm.frame["reached"].tolist() == [2, 2, 1]  # B has no row inside and stays out


def test_same_holds_a_property_constant():
    ws = world(
        ("A", 0, "a", {"opportunity_id": "o1"}),
        ("A", 1, "b", {"opportunity_id": "o2"}),
        ("B", 0, "a", {"opportunity_id": "o3"}),
        ("B", 2, "b", {"opportunity_id": "o3"}),
        ("C", 0, "a", {"opportunity_id": None}),
    )
    free = wb.fallout(ws, steps=["a", "b"])
    held = wb.fallout(ws, steps=["a", "b"], same="opportunity_id")
    assert free.frame["reached"].tolist() == [3, 3, 2]
    assert held.frame["reached"].tolist() == [3, 2, 1]
    assert held.scope.dropped_null_key == 1
    assert held.members()["key"].tolist() == ["B"]
    times = held.times().frame.iloc[0]
    assert times["median_days_from_previous"] == pytest.approx(2)


def test_exclusion_between_steps():
    ws = world(
        ("A", 0, "a"),
        ("A", 1, "stop"),
        ("A", 2, "b"),
        ("B", 0, "a"),
        ("B", 2, "b"),
        ("B", 3, "stop"),
    )
    result = wb.fallout(ws, steps=["a", wb.step("b", without="stop")])
    assert result.frame["reached"].tolist() == [2, 2, 1]
    assert result.members()["key"].tolist() == ["B"]


def test_next_among_skips_other_rows():
    ws = world(
        ("A", 0, "a", {"page": "home"}),
        ("A", 1, "noise", {"page": None}),
        ("A", 2, "b", {"page": "price"}),
    )
    strict = wb.fallout(ws, steps=["a", wb.step("b", link="next")])
    among = wb.step("b", link="next", next_among={"page": {"exists": True}})
    assert strict.frame["reached"].tolist() == [1, 1, 0]
    assert wb.fallout(ws, steps=["a", among]).frame["reached"].tolist() == [1, 1, 1]


def test_attempts_have_no_baseline():
    ws = world(("A", 0, "a"), ("A", 1, "b"), ("A", 2, "a"), ("A", 3, "b"), ("A", 4, "a"))
    result = wb.fallout(ws, steps=["a", "b"], count="attempts")
    assert result.frame["reached"].tolist() == [3, 2]
    assert result.frame["position"].tolist() == [1, 2]


def test_open_entries_are_kept_apart_from_lost_ones():
    ws = world(
        ("old lost", 0, "a"),
        ("old won", 0, "a"),
        ("old won", 3, "b"),
        ("young", 18, "a"),
        ("young won", 18, "a"),
        ("young won", 19, "b"),
        ("clock", 20, "x"),
    )
    result = wb.fallout(ws, steps=["a", "b"], total_within="7d")
    b = line(result, 2)
    assert (b["reached"], b["open"]) == (2, 1)
    assert (b["matured_entries"], b["matured_reached"]) == (2, 1)
    assert b["share_of_matured"] == 0.5
    assert result.members(2, outcome="open")["key"].tolist() == ["young"]
    assert result.members(2, outcome="fell_out")["key"].tolist() == ["young", "old lost"]
    assert wb.fallout(ws, steps=["a", "b"]).frame["open"].isna().iloc[2]


def test_an_entry_exactly_as_old_as_the_limit_has_matured():
    ws = world(("A", 0, "a"), ("B", 7, "x"))
    assert line(wb.fallout(ws, steps=["a", "a"], total_within="7d"), 2)["matured_entries"] == 1
