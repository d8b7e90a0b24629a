"""Small, lopsided and unfinished worlds: every sentence stays true and every chart readable."""

from __future__ import annotations

import pytest

import workbench as wb
from tests.journeys.funnels import world


def test_one_step_alone_has_every_view():
    result = wb.fallout(world(("A", 0, "a"), ("B", 0, "x")), steps=["a"])
    assert result.breakdown().frame["item"].tolist() == ["(no further event)"]
    assert result.breakdown(of="fallthrough").headline() == "No accounts went on after “a”."
    assert result.times().frame.empty
    for view in (result, result.trend(), result.people(), result.differences(), result.times()):
        assert "<svg" in view._repr_mimebundle_()["text/html"]


def test_nobody_is_called_lost_while_all_are_open():
    rows = [(f"A{n}", 10, "a") for n in range(5)] + [("A0", 11, "b"), ("Z", 12, "x")]
    result = wb.fallout(world(*rows), steps=["a", "b"], total_within="30d")
    assert result.headline() == (
        "Nobody is lost yet: 4 of 5 accounts may still get from “a” to “b”"
    )
    labels = [f["label"] for f in result.key_figures().content["figures"]]
    assert not any("loss" in label for label in labels)


def test_nobody_falls_out():
    result = wb.fallout(world(("A", 0, "a"), ("A", 1, "b")), steps=["a", "b"])
    assert result.headline() == "Nobody falls out: 1 of 1 accounts reach “b”"
    assert result.times().headline().endswith("the only one that got there took 1.0 days")


def test_those_who_stopped_and_did_nothing_more():
    result = wb.fallout(world(("A", 0, "a"), ("B", 0, "a")), steps=["a"])
    assert result.breakdown().headline() == (
        "After “a”, none of the 2 accounts that went no further did anything"
    )


def test_long_names_that_end_alike_stay_apart():
    names = [f"Segment value number {n} of a very long description" for n in range(12)]
    rows = [(f"A{n}", 0, "a", {"kind": name}) for n, name in enumerate(names)]
    result = wb.fallout(world(*rows), steps=["a"], by="kind", items=20)
    svg = result.block()["svg"]
    drawn = [name for name in names if f"{name[:14]}" in svg]
    assert drawn
    spec = result.block()["chart"]
    data = next(iter(spec["datasets"].values()))
    assert len({row["panel"] for row in data}) == 12


def test_a_lost_event_that_never_happens_is_said_and_passed_over():
    result = wb.fallout(world(("A", 0, "a"), ("B", 0, "a"), ("B", 1, "b")), steps=["a", "b"])
    block = result.to_act_on(lost=["closed_lost"]).content
    assert "No event is called closed_lost" in block["reading"]
    assert result.standing(lost=["closed_lost"])["state"].tolist() == ["no yardstick"]


def test_groups_that_are_alike_are_said_to_be():
    rows = [("A", 0, "a", {"kind": "x"}), ("B", 0, "a", {"kind": "y"})]
    result = wb.fallout(world(*rows), steps=["a"], by="kind")
    assert result.headline() == "“a” is reached equally often in all groups (100 %)"


@pytest.mark.parametrize("steps", [["a"], ["a", "b"], ["a", "b", "a", "b", "a"]])
def test_key_figures_for_any_number_of_steps(steps):
    result = wb.fallout(world(("A", 0, "a"), ("A", 1, "b")), steps=steps)
    assert 2 <= len(result.key_figures().content["figures"]) <= 5


def test_those_who_went_on_at_once_are_not_denied():
    result = wb.fallout(world(("A", 0, "a"), ("A", 1, "b"), ("B", 0, "a")), steps=["a", "b"])
    between = result.breakdown(1, of="fallthrough")
    assert between.frame.empty
    assert between.headline() == (
        "After “a”, none of the 1 accounts that went on did anything in between"
    )
