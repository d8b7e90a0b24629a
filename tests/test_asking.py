"""A definition asks again; questions of a report are answered one below the other."""

from __future__ import annotations

from importlib import import_module

import pytest

import workbench as wb
from tests.widgets.worlds import company
from workbench.asking import ANALYSES, parameters_of
from workbench.errors import ArgumentError


@pytest.fixture(scope="module")
def world() -> wb.Workspace:
    return company()


@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_is_where_it_is_said_to_be(name):
    assert parameters_of(getattr(import_module(ANALYSES[name]), name))
    assert getattr(wb, name) is getattr(import_module(ANALYSES[name]), name)


@pytest.mark.parametrize(
    "ask",
    [
        lambda ws: wb.fallout(ws, steps=["a", "b"], by="industry"),
        lambda ws: wb.fallout(ws, steps=["a", "b"]).times(),
        lambda ws: wb.fallout(ws, steps=["a", "b"]).trend(granularity="day"),
        lambda ws: wb.flow(ws, starts_with={"event": "a"}, dimension="event"),
        lambda ws: wb.cohort(ws, inclusion="a", returning="b", granularity="day"),
        lambda ws: wb.canvas(ws, nodes={"x": "a", "y": "b"}, arrows=[("x", "y")]),
        lambda ws: wb.attribution(ws, conversion="b", dimension="channel"),
    ],
)
def test_the_definition_of_a_result_asks_it_again(world, ask):
    result = ask(world)
    again = wb.ask(world, result.definition)
    assert type(again) is type(result)
    assert again.frame.equals(result.frame)


@pytest.mark.parametrize(
    ("definition", "why"),
    [
        (7, "mapping"),
        ({"analysis": "falout"}, "Did you mean 'fallout'"),
        ({"analysis": "fallout", "stepps": ["a"]}, "Did you mean 'steps'"),
        ({"analysis": "fallout", "steps": ["a"], "view": "timez"}, "view"),
    ],
)
def test_a_definition_that_asks_nothing_is_refused(world, definition, why):
    with pytest.raises(ArgumentError, match=why):
        wb.ask(world, definition)


def test_a_question_that_cannot_be_answered_does_not_keep_the_others_from_it(world):
    found = wb.answers(
        world,
        [{"analysis": "fallout", "steps": ["gone"]}, {"analysis": "fallout", "steps": ["a", "b"]}],
    )
    assert len(found) == 2
    assert "gone" in found.items[0].content["text"]
    assert [result.headline() for result in found.results] == [
        wb.fallout(world, steps=["a", "b"]).headline()
    ]


def test_questions_must_be_a_list(world):
    with pytest.raises(ArgumentError, match="list"):
        wb.answers(world, {"analysis": "fallout"})
