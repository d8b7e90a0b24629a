"""Segments of every kind where segments are asked for: as filter, as comparison, as a step."""

from __future__ import annotations

import pytest

import workbench as wb
from tests.journeys.funnels import world
from workbench.errors import ArgumentError


@pytest.fixture(scope="module")
def ws():
    """A and B go a→b→c; in A one person does it in two sessions, in B two people in one each."""
    rows = [
        ("A", 0, "a", "p", "s1"), ("A", 1, "b", "p", "s2"), ("A", 2, "c", None, None),
        ("B", 0, "a", "q", "s3"), ("B", 1, "b", "r", "s4"), ("B", 2, "c", None, None),
        ("C", 0, "a", "x", "s5"), ("C", 0.1, "b", "x", "s5"),
    ]  # fmt: skip
    return world(
        *((a, day, event, {"person_id": p, "session_id": s}) for a, day, event, p, s in rows)
    )


def nested(scope: str, **options):
    return {"segment": {"name": scope, "scope": scope, **options}}


SEGMENTS = {
    "nested": (wb.segment("S", where=nested("person", steps=["a", "b"])), ["A", "C"]),
    "checkpoints": (
        wb.segment("S", steps=[nested("session", where="a"), nested("session", where="b")]),
        ["A", "B"],
    ),
    "distinct": (wb.segment("S", where={"distinct": {"of": "person_id", ">=": 2}}), ["B"]),
    "group": (wb.segment("S", steps=[{"each": ["b", "a"]}, "c"]), ["A", "B"]),
    "limited": (wb.segment("S", steps=["a", wb.step("b", within="0 sessions")]), ["C"]),
    "stack": (
        [wb.segment("1", where="c"), wb.segment("2", where={"times": {"of": None, "=": 3}})],
        ["A", "B"],
    ),
    "after": (wb.segment("S", steps=["b"], part="after", without_after="a"), ["A", "B", "C"]),
}


@pytest.mark.parametrize("name", SEGMENTS)
def test_as_filter_and_as_comparison(ws, name):
    asked, expected = SEGMENTS[name]
    assert sorted(wb.audience(ws, segment=asked).members()["key"]) == expected
    alone = wb.fallout(ws, steps=["a"], segment=asked)
    assert alone.frame["reached"].iloc[0] == len(expected)
    assert sorted(alone.members(0)["key"]) == expected
    beside = wb.fallout(ws, steps=["a"], compare=[asked]).frame
    assert beside.groupby("group", sort=False)["reached"].first().tolist() == [3, len(expected)]
    again = wb.fallout(ws, **{k: v for k, v in alone.definition.items() if k != "analysis"})
    assert again.frame.equals(alone.frame)
    assert alone.question.segment.in_words() in alone.explain()


def test_each_step_inside_a_part_of_the_rows(ws):
    asked = wb.segment("S", steps=["b"], part="after")
    found = wb.fallout(ws, steps=["a", "b"], segment=asked, filter_scope="each_step").frame
    assert found["reached"].tolist() == [3, 0, 0]
    later = wb.fallout(ws, steps=["b", "c"], segment=asked, filter_scope="each_step").frame
    assert later["reached"].tolist() == [3, 3, 2]


def test_as_a_touchpoint_the_scope_must_lie_lower(ws):
    sessions = nested("session", where={"each": ["a", "b"]})
    found = wb.fallout(ws, steps=[{"label": "both", **sessions}, "b"]).frame
    assert found["reached"].tolist() == [3, 1, 1]
    for asked in (nested("account", where="a"), {"segment": wb.segment("S", where="a")}):
        with pytest.raises(ArgumentError, match="segments of a scope below account"):
            wb.fallout(ws, steps=[asked, "b"])
    stack = {"segment": [wb.segment("1", scope="session", where="a"), wb.segment("2", where="b")]}
    with pytest.raises(ArgumentError):
        wb.fallout(ws, steps=[stack, "b"])


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (wb.step("b", within="3 events"), r"within='3 events' .* In wb\.segment"),
        (wb.step("b", after="1 month"), "a fixed length of time"),
        ({"each": ["a", "b"]}, "put it into the where of a segment"),
        ({"times": {"of": "a", ">": 1}}, "a condition on single rows"),
    ],
)
def test_what_only_segments_know_is_refused_as_a_step(ws, step, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        wb.fallout(ws, steps=["a", step])
