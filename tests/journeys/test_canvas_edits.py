"""Gestures on a plain graph: a new graph each time, the old one untouched."""

from __future__ import annotations

import copy
import json

import pytest

import workbench as wb
from tests.journeys.funnels import world
from workbench.errors import ArgumentError
from workbench.journeys.canvas import edits

GRAPH = {
    "container": "account",
    "nodes": {"a": "a", "b": wb.step("Bee", event="b"), "c": {"event": "c", "channel": "web"}},
    "arrows": [("a", "b"), {"from": "b", "to": "c", "within": "3d", "label": "soon"}],
    "exclude": ["c"],
}


@pytest.fixture(autouse=True)
def untouched():
    before = copy.deepcopy(GRAPH)
    yield
    assert before == GRAPH


def arrows(graph):
    return [
        tuple(a) if isinstance(a, list | tuple) else (a["from"], a["to"]) for a in graph["arrows"]
    ]


def test_what_stands_beside_the_graph_stays_and_all_is_plain():
    grown = edits.add_node(GRAPH, "d", {"event": "d"})
    assert grown["container"] == "account"
    assert grown["exclude"] == ["c"]
    assert list(grown["nodes"]) == ["a", "b", "c", "d"]
    assert json.loads(json.dumps(grown)) == grown
    assert "analysis" not in edits.add_node({**GRAPH, "analysis": "canvas"}, "d", "d")


def test_insert_on_an_arrow():
    grown = edits.insert_node(GRAPH, ("b", "c"), "x", "x")
    assert arrows(grown) == [("a", "b"), ("b", "x"), ("x", "c")]
    assert list(grown["nodes"]) == ["a", "b", "x", "c"]
    # The label stays on the first half; neither half can hold the limit.
    assert grown["arrows"][1] == {"from": "b", "to": "x", "label": "soon"}
    assert grown["arrows"][2] == ["x", "c"]


def test_delete_a_node_or_an_arrow():
    assert arrows(edits.delete_node(GRAPH, "b")) == [("a", "c")]
    assert arrows(edits.delete_node(GRAPH, "a")) == [("b", "c")]
    assert edits.delete_node(GRAPH, "c")["exclude"] == []
    assert arrows(edits.delete_arrow(GRAPH, ("a", "b"))) == [("b", "c")]
    kept = edits.delete_node(edits.add_arrow(GRAPH, {"from": "a", "to": "c", "label": "own"}), "b")
    assert kept["arrows"] == [{"from": "a", "to": "c", "label": "own"}]


def test_add_and_change_arrows():
    assert arrows(edits.add_arrow(GRAPH, ("a", "c"))) == [("a", "b"), ("b", "c"), ("a", "c")]
    again = edits.add_arrow(GRAPH, {"from": "b", "to": "c", "after": "1h"})
    assert again["arrows"][-1] == {"from": "b", "to": "c", "after": "1h"}
    changed = edits.change_arrow(GRAPH, ("b", "c"), within=None, label="later", after="2d")
    assert changed["arrows"][-1] == {"from": "b", "to": "c", "after": "2d", "label": "later"}
    plain = edits.change_arrow(GRAPH, ("b", "c"), within=None, label="")
    assert plain["arrows"][-1] == ["b", "c"]


def test_duplicate_rename_exclude_include_combine():
    twice = edits.duplicate_node(GRAPH, "b")
    assert twice["nodes"]["b 2"] == twice["nodes"]["b"]
    assert arrows(twice) == arrows(GRAPH)
    assert edits.rename_node(GRAPH, "b", "Buzz")["nodes"]["b"]["label"] == "Buzz"
    assert edits.exclude_node(GRAPH, "a")["exclude"] == ["c", "a"]
    assert "exclude" not in edits.include_node(GRAPH, "c")
    joined = edits.combine_node(GRAPH, "a", "x")
    assert joined["nodes"]["a"]["where"] == {"any": [{"event": "a"}, {"event": "x"}]}
    narrowed = edits.combine_node(GRAPH, "a", {"channel": "web"}, label="A on the web")
    assert narrowed["nodes"]["a"] == {
        "label": "A on the web", "where": {"event": "a", "channel": "web"},
    }  # fmt: skip


def test_an_edited_graph_is_asked():
    ws = world(*[("A", n, e, {"channel": "web"}) for n, e in enumerate("abxc")])
    start = wb.canvas(ws, **{**GRAPH, "exclude": []})
    grown = wb.canvas(ws, **edits.insert_node(start.graph, ("b", "c"), "x", "x"))
    assert grown.frame.set_index("node")["containers"].to_dict() == dict.fromkeys("abxc", 1)
    back = edits.delete_node(grown.graph, "x")
    assert wb.canvas(ws, **back).frame.set_index("node")["containers"].to_dict() == {
        "a": 1, "b": 1, "c": 1,
    }  # fmt: skip


REFUSED = [
    (lambda: edits.add_node({"node": {}}, "x", "x"), "a mapping with nodes"),
    (lambda: edits.add_node(GRAPH, "a", "x"), "an id that no node has yet"),
    (lambda: edits.insert_node(GRAPH, ("a", "c"), "x", "x"), "'a → c'.*'a → b'"),
    (lambda: edits.insert_node(GRAPH, ("a", "b"), "c", "x"), "an id that no node has yet"),
    (lambda: edits.delete_node(GRAPH, "z"), "node='z'.*'a', 'b', 'c'"),
    (lambda: edits.delete_arrow(GRAPH, "a"), "a pair"),
    (lambda: edits.add_arrow(GRAPH, ("a", "z")), "arrows.to='z'"),
    (lambda: edits.change_arrow(GRAPH, ("a", "b"), wthin="1d"), "'within', 'after', 'label'"),
    (lambda: edits.rename_node(GRAPH, "a", " "), "what the reader sees"),
]


@pytest.mark.parametrize(("edit", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_refusals(edit, says):
    with pytest.raises(ArgumentError, match=says):
        edit()
