"""Analyses without a form of their own in the explorer: offered, asked, changed and text too."""

from __future__ import annotations

import inspect
import json

import pytest
import yaml

import workbench as wb
from tests.widgets.test_explorer import told
from tests.widgets.worlds import company
from workbench.widgets.explorer.fields import KINDS
from workbench.widgets.explorer.generic import fields_of, questions


@pytest.fixture(scope="module")
def world() -> wb.Workspace:
    return company()


@pytest.mark.parametrize("name", questions())
def test_every_other_analysis_is_offered_with_the_controls_of_its_parameters(name):
    function = getattr(wb, name)
    given = {
        one.name: one.default
        for one in inspect.signature(function).parameters.values()
        if one.kind is inspect.Parameter.KEYWORD_ONLY
    }
    fields = {field.name: field for field in fields_of(name)}
    assert set(fields) == set(given)
    for field in fields.values():
        assert field.kind in KINDS
        assert field.needed == (given[field.name] is inspect.Parameter.empty)
        if field.kind == "flag":
            assert field.default is given[field.name]
        json.dumps(field.plain())


def test_another_analysis_is_asked_changed_and_is_text(world):
    explorer = wb.explore(world, "canvas", nodes={"x": "a", "y": "b"}, arrows=[["x", "y"]])
    answer = told(explorer.heard({"do": "hello"}), "answer")["answer"]
    assert "25 of 40" in answer["headline"]
    plain = {"do": "set", "name": "nodes", "value": "x: a\ny: a\n"}
    explorer.heard(plain)
    assert explorer.definition["nodes"] == {"x": "a", "y": "a"}
    assert yaml.safe_load(explorer.yaml) == explorer.definition
    refused = told(explorer.heard({"do": "open", "rows": [0]}), "problem")
    assert "members" in refused["sentence"]
    wrong = told(explorer.heard({"do": "set", "name": "nodes", "value": "x: ["}), "problem")
    assert wrong["field"] == "nodes"


def test_an_analysis_that_these_data_cannot_answer_says_so(world):
    explorer = wb.explore(world, "win_rates")
    assert told(explorer.heard({"do": "hello"}), "problem")["sentence"]
    shown = told(explorer.heard({"do": "hello"}), "shown")["shown"]
    assert ["win_rates", "How much do we win, and who differs?"] in shown["analyses"]
