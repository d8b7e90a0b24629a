"""What hands do to a graph, without a page and without data: gestures, undo, text and back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from workbench.errors import ArgumentError
from workbench.widgets.canvas_editor.laying import BOX_HEIGHT, BOX_WIDTH, laid_out
from workbench.widgets.canvas_editor.sketch import Sketch, checked
from workbench.widgets.canvas_editor.texts import as_python, as_yaml, graph_from

WALK = {"nodes": {"V": "visit", "P": "page", "W": "won"}, "arrows": [["V", "P"], ["P", "W"]]}
DEMO = {"field": "event", "values": ["demo"]}


def drawn(sketch: Sketch) -> list[tuple[str, str]]:
    arrows = [
        a if isinstance(a, dict) else {"from": a[0], "to": a[1]} for a in sketch.graph["arrows"]
    ]
    return sorted((a["from"], a["to"]) for a in arrows)


def test_a_box_dropped_on_the_ground_stands_where_it_was_dropped():
    sketch = Sketch.of(None).done({"kind": "add", "part": DEMO, "at": [40.4, -7]})
    assert sketch.graph["nodes"] == {"demo": {"label": "demo", "where": {"event": "demo"}}}
    assert sketch.graph["places"] == {"demo": [40, -7]}
    again = sketch.done({"kind": "add", "part": DEMO, "at": [40, 0]})
    assert list(again.graph["nodes"]) == ["demo", "demo 2"]
    (x, y), (a, b) = again.graph["places"].values()
    assert abs(x - a) >= BOX_WIDTH or abs(y - b) >= BOX_HEIGHT


def test_a_box_added_after_or_before_another_one_is_connected():
    sketch = Sketch.of(WALK).done({"kind": "add", "part": DEMO, "after": "W"})
    assert ("W", "demo") in drawn(sketch)
    assert ("page", "V") in drawn(
        sketch.done({"kind": "add", "part": {"field": "event", "values": ["page"]}, "before": "V"})
    )


def test_a_box_dropped_on_an_arrow_stands_between_its_ends():
    sketch = Sketch.of(WALK).done({"kind": "insert", "arrow": ["V", "P"], "part": DEMO})
    assert drawn(sketch) == [("P", "W"), ("V", "demo"), ("demo", "P")]


def test_a_box_between_two_others_gets_room_and_what_is_right_of_it_moves_on():
    graph = {**WALK, "places": {"V": [0, 0], "P": [200, 40], "W": [400, 0]}}
    places = (
        Sketch.of(graph).done({"kind": "insert", "arrow": ["V", "P"], "part": DEMO}).graph["places"]
    )
    assert places == {"V": [0, 0], "demo": [320, 20], "P": [640, 40], "W": [840, 0]}
    behind = {**WALK, "places": {"V": [900, 0], "P": [0, 0], "W": [400, 300]}}
    moved = Sketch.of(behind).done({"kind": "insert", "arrow": ["V", "P"], "part": DEMO})
    assert moved.graph["places"] == {"V": [900, 0], "demo": [450, 0], "P": [0, 0], "W": [400, 300]}


def test_events_on_a_box_are_alternatives_and_dimensions_restrict_it():
    sketch = Sketch.of(WALK).done({"kind": "combine", "node": "P", "part": DEMO})
    assert sketch.graph["nodes"]["P"] == {
        "label": "page or demo",
        "where": {"any": [{"event": "page"}, {"event": "demo"}]},
    }
    part = {"field": "channel", "values": ["web"]}
    where = sketch.done({"kind": "combine", "node": "P", "part": part}).graph["nodes"]["P"]["where"]
    assert where == {"all": [{"any": [{"event": "page"}, {"event": "demo"}]}, {"channel": "web"}]}


def test_a_label_of_the_readers_own_stays_when_something_is_dropped_on_the_box():
    sketch = Sketch.of(WALK).done({"kind": "rename", "node": "P", "label": "Engaged"})
    both = sketch.done({"kind": "combine", "node": "P", "part": DEMO})
    assert both.graph["nodes"]["P"]["label"] == "Engaged"


def test_a_deleted_box_leaves_its_neighbours_connected_and_no_place_behind():
    sketch = Sketch.of(WALK).done({"kind": "delete", "node": "P"})
    assert drawn(sketch) == [("V", "W")]
    assert set(sketch.graph["places"]) == {"V", "W"}


def test_limits_come_and_go_by_what_was_typed():
    limited = {"kind": "limits", "arrow": ["P", "W"], "within": " 90d ", "after": "", "label": "x"}
    sketch = Sketch.of(WALK).done(limited)
    assert {"from": "P", "to": "W", "within": "90d", "label": "x"} in sketch.graph["arrows"]
    bare = sketch.done({**limited, "within": "", "label": ""})
    assert ["P", "W"] in bare.graph["arrows"]
    with pytest.raises(ArgumentError, match="a number with its unit"):
        sketch.done({**limited, "within": "soon"})


def test_an_arrow_that_stands_there_keeps_its_limits():
    sketch = Sketch.of({**WALK, "arrows": [{"from": "V", "to": "P", "within": "1d"}]})
    assert sketch.done({"kind": "connect", "from": "V", "to": "P"}) is sketch


@pytest.mark.parametrize(
    ("gesture", "said"),
    [
        ({"kind": "connect", "from": "W", "to": "V"}, "without a cycle"),
        ({"kind": "connect", "from": "V", "to": "V"}, "another node"),
        ({"kind": "connect", "from": "V", "to": "gone"}, "'gone' cannot be used"),
        ({"kind": "delete", "node": "gone"}, "'gone' cannot be used"),
        ({"kind": "cut", "arrow": ["V", "W"]}, "V → P"),
        ({"kind": "cut"}, "a pair"),
        ({"kind": "add", "part": {"field": "event", "values": []}}, "one or more values"),
        ({"kind": "add", "part": DEMO, "at": ["x", 1]}, "two numbers"),
        ({"kind": "move", "places": {"V": [1, float("nan")]}}, "two numbers"),
        ({"kind": "move", "places": {"gone": [1, 2]}}, "'gone'"),
        ({"kind": "rename", "node": "V", "label": "  "}, "what the reader sees"),
        ({"kind": "set", "name": "nodes", "value": {}}, "container"),
        ({"kind": "paste", "text": "nodes: {a: b}\n c: ["}, "Line 2"),
        ({"kind": "paste", "text": "nodse: {a: b}"}, "Did you mean 'nodes'"),
        ({"kind": "paste", "text": "just words"}, "a mapping with nodes and arrows"),
        ({"kind": "paste", "text": "nodes: {a: b}\narrows: [[a, c]]"}, "'c' cannot be used"),
        ({"kind": "conect"}, "Did you mean 'connect'"),
        ({}, "cannot be used"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(gesture, said):
    sketch = Sketch.of(WALK)
    with pytest.raises(ArgumentError, match=said):
        sketch.done(gesture)


def test_undo_and_redo_walk_through_what_was_done():
    first = Sketch.of(WALK)
    second = first.done({"kind": "delete", "node": "P"})
    assert second.undone().graph == first.graph
    assert second.undone().redone() == second
    assert second.undone().done({"kind": "cut", "arrow": ["V", "P"]}).future == ()
    assert first.undone() is first
    assert first.redone() is first
    assert first.done({"kind": "move", "places": {"V": first.graph["places"]["V"]}}) is first


def test_every_box_of_a_layer_has_room_of_its_own():
    nodes = {f"n{n}": "visit" for n in range(60)}
    arrows = [[f"n{n // 3}", f"n{n}"] for n in range(1, 60)]
    places = list(laid_out({"nodes": nodes, "arrows": arrows}).values())
    for n, (x, y) in enumerate(places):
        for a, b in places[:n]:
            assert abs(x - a) >= BOX_WIDTH or abs(y - b) >= BOX_HEIGHT


def test_a_box_written_into_the_text_finds_a_place_beside_those_that_have_one():
    graph = {**WALK, "places": {"V": [0, 0], "W": [900, 0]}}
    places = Sketch.of(graph).graph["places"]
    assert places["V"] == [0, 0]
    assert 0 < places["P"][0] < 900


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)


@settings(max_examples=40)
@given(st.dictionaries(texts, st.tuples(texts, texts), min_size=1, max_size=4), texts)
def test_text_and_back_loses_nothing(nodes, label):
    names = list(nodes)
    graph = {
        "nodes": {n: {"label": label, "where": {"event": e}} for n, (label, e) in nodes.items()},
        "arrows": [{"from": a, "to": b, "within": "90d", "label": label}
                   for a, b in pairwise(names)],
    }  # fmt: skip
    begun = checked(graph_from(graph))
    assert checked(graph_from(as_yaml(begun))) == begun
    told = {}

    class Call:
        canvas = staticmethod(lambda ws, **given: told.update(given))

    eval(as_python(begun), {"wb": Call, "ws": None})
    assert told == {key: value for key, value in begun.items() if key != "places"}


class Hands(RuleBasedStateMachine):
    """Any gestures in any order: the graph can always be drawn, and undo leads all the way back."""

    def __init__(self) -> None:
        super().__init__()
        self.first = self.sketch = Sketch.of(WALK)
        self.refusals: list[str] = []

    def _do(self, **gesture):
        try:
            self.sketch = self.sketch.done(gesture)
        except ArgumentError as refused:
            self.refusals.append(str(refused))

    @rule(data=st.data(), kind=st.sampled_from(["delete", "duplicate", "exclude", "include"]))
    @precondition(lambda self: self.sketch.graph["nodes"])
    def of_a_box(self, data, kind):
        self._do(kind=kind, node=data.draw(st.sampled_from(list(self.sketch.graph["nodes"]))))

    @rule(data=st.data(), kind=st.sampled_from(["cut", "insert"]))
    @precondition(lambda self: self.sketch.graph["arrows"])
    def of_an_arrow(self, data, kind):
        arrow = data.draw(st.sampled_from(drawn(self.sketch)))
        self._do(kind=kind, arrow=arrow, part=DEMO)

    @rule(data=st.data())
    @precondition(lambda self: self.sketch.graph["nodes"])
    def connect(self, data):
        name = st.sampled_from(list(self.sketch.graph["nodes"]))
        self._do(kind="connect", **{"from": data.draw(name), "to": data.draw(name)})

    @rule(name=texts)
    def add(self, name):
        self._do(kind="add", part={"field": "event", "values": [name]})

    @rule(kind=st.sampled_from(["undo", "redo", "tidy"]))
    def other(self, kind):
        self._do(kind=kind)

    @invariant()
    def it_can_be_drawn_and_written(self):
        assert all(self.refusals)
        graph = self.sketch.graph
        assert set(graph.get("places", {})) == set(graph["nodes"])
        assert checked(graph_from(as_yaml(graph))) == graph

    def teardown(self):
        back = self.sketch
        while back.past:
            back = back.undone()
        assert back.graph == self.first.graph


TestHands = Hands.TestCase
TestHands.settings = settings(max_examples=12, stateful_step_count=12)
