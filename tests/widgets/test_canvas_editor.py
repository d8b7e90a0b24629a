"""The canvas editor without a browser: what is heard, what is shown, and that nothing is lost."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import workbench as wb
from workbench.errors import ArgumentError
from workbench.widgets.canvas_editor.desk import ASKS, Desk
from workbench.widgets.canvas_editor.page import script, style
from workbench.widgets.canvas_editor.sketch import Sketch
from workbench.widgets.canvas_editor.texts import Kept
from workbench.widgets.canvas_editor.words import words

# The worked test of journeys-canvas.md, section 4.
ROWS = [
    ("A", "p1", 1, "V"), ("A", "p1", 2, "P"), ("A", None, 3, "W"),
    ("B", "p2", 1, "V"), ("B", "p3", 2, "D"), ("B", None, 3, "W"), ("B", "p2", 4, "P"),
    ("C", "p4", 1, "D"), ("C", "p4", 2, "V"), ("C", "p5", 3, "P"),
    ("D4", "p6", 1, "V"), ("D4", None, 2, "W"),
]  # fmt: skip
GRAPH = {
    "nodes": {"V": "V", "P": "P", "D": "D", "W": "W"},
    "arrows": [["V", "P"], ["V", "D"], ["P", "W"], ["D", "W"]],
}


@pytest.fixture(scope="module")
def world() -> wb.Workspace:
    frame = pd.DataFrame(ROWS, columns=["account_id", "person_id", "hour", "event"])
    frame["occurred_at"] = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(
        frame["hour"], "h"
    )
    frame["channel"] = ["web", "mail", None] * 4
    return wb.from_frames(events=frame.drop(columns="hour"))


@pytest.fixture
def desk(world) -> Desk:
    return Desk(world, Sketch.of(GRAPH), Kept(None))


def do(desk: Desk, **gesture: object) -> dict:
    assert desk.heard({"gestures": [gesture]}) == {}
    return desk.picture


def ask(desk: Desk, **question: object) -> dict:
    answer = desk.heard({"ask": question})
    json.dumps(answer)
    return answer


def values(picture: dict) -> dict[str, str]:
    return {node["id"]: node["lines"][0][1] if node["lines"] else "" for node in picture["nodes"]}


def test_the_picture_holds_the_numbers_of_the_worked_example(desk):
    picture = desk.picture
    assert values(picture) == {"V": "4", "P": "3 · 75 %", "D": "1 · 25 %", "W": "2 · 50 %"}
    nodes = {node["id"]: node for node in picture["nodes"]}
    assert nodes["P"]["lines"][1] == ["fallout", "2 · 67 %"]
    assert len(nodes["W"]["lines"]) == 1
    texts = {(a["from"], a["to"]): a["text"] for a in picture["arrows"]}
    assert texts == {
        ("V", "P"): "3 · 75 %", ("V", "D"): "1 · 25 %", ("P", "W"): "1 · 33 %",
        ("D", "W"): "1 · 100 %",
    }  # fmt: skip
    assert "2 of 4 accounts" in picture["headline"]
    assert json.loads(json.dumps(picture)) == picture


@pytest.mark.parametrize(
    ("gesture", "expected"),
    [
        ({"kind": "exclude", "node": "D"},
         {"V": "3", "P": "2 · 67 %", "D": "left out", "W": "1 · 33 %"}),
        ({"kind": "delete", "node": "P"}, {"V": "4", "D": "1 · 25 %", "W": "3 · 75 %"}),
        ({"kind": "limits", "arrow": ["D", "W"], "within": "30min"},
         {"V": "4", "P": "3 · 75 %", "D": "1 · 25 %", "W": "1 · 25 %"}),
        ({"kind": "set", "name": "primary", "value": "events"},
         {"V": "4", "P": "3 · 75 %", "D": "1 · 25 %", "W": "2 · 50 %"}),
        ({"kind": "set", "name": "container", "value": "person"},
         {"V": "4", "P": "2 · 50 %", "D": "0 · 0 %", "W": "0 · 0 %"}),
        ({"kind": "set", "name": "percent", "value": "previous"},
         {"V": "4", "P": "3 · 75 %", "D": "1 · 25 %", "W": "2 · 67 %"}),
    ],
)  # fmt: skip
def test_each_gesture_is_counted_and_undo_brings_the_numbers_back(desk, gesture, expected):
    before = values(desk.picture)
    assert values(do(desk, **gesture)) == expected
    result = wb.canvas(desk.workspace, **desk.sketch.graph)
    counted = dict(zip(result.frame["node"], result.frame["value"], strict=True))
    for node, text in expected.items():
        assert text == "left out" or float(text.split(" ")[0]) == counted[node]
    picture = do(desk, kind="undo")
    assert values(picture) == before
    assert picture["redo"]
    assert values(do(desk, kind="redo")) == expected


def test_what_is_moved_or_undone_is_not_counted_again(desk, monkeypatch):
    do(desk, kind="delete", node="P")
    from workbench.widgets.canvas_editor import desk as module

    monkeypatch.setattr(module, "canvas", lambda *a, **k: pytest.fail("counted again"))
    moved = do(desk, kind="move", places={"V": [5, 6]})
    assert moved["nodes"][0]["place"] == [5, 6]
    assert values(do(desk, kind="undo"))["W"] == "3 · 75 %"
    assert values(do(desk, kind="undo"))["W"] == "2 · 50 %"


def test_a_refusal_stands_beside_what_it_is_about_and_is_over_with_the_next_gesture(desk):
    before = desk.sketch
    (problem,) = do(desk, kind="connect", **{"from": "W", "to": "V"})["problems"]
    assert "cycle" in problem["text"]
    assert problem["node"] == "W"
    (problem,) = do(desk, kind="set", name="period", value="soon")["problems"]
    assert (problem["control"], "soon" in problem["text"]) == ("period", True)
    (problem,) = do(desk, kind="limits", arrow=["V", "P"], within="x")["problems"]
    assert problem["arrow"] == ["V", "P"]
    assert desk.sketch is before
    assert (
        do(desk, kind="set", name="container", value="team")["problems"][0]["control"]
        == "container"
    )
    assert values(desk.picture)["W"] == "2 · 50 %"
    assert do(desk, kind="move", places={"V": [0, 1]})["problems"] == []


def test_gestures_that_came_together_are_counted_once_and_stop_at_a_refusal(desk):
    pictures: list[dict] = []
    desk.show = pictures.append
    desk.heard({"gestures": [
        {"kind": "delete", "node": "P"}, {"kind": "delete", "node": "gone"},
        {"kind": "delete", "node": "D"},
    ]})  # fmt: skip
    assert len(pictures) == 1
    assert set(values(pictures[0])) == {"V", "D", "W"}
    assert "'gone'" in pictures[0]["problems"][0]["text"]


def test_a_slow_answer_shows_the_drawing_first_with_the_last_numbers(desk):
    desk._took_s = 1.0
    pictures: list[dict] = []
    desk.show = pictures.append
    desk.heard({"gestures": [{"kind": "delete", "node": "P"}]})
    assert [picture["fresh"] for picture in pictures] == [False, True]
    assert values(pictures[0]) == {"V": "4", "D": "1 · 25 %", "W": "2 · 50 %"}
    assert pictures[0]["turn"] < pictures[1]["turn"]


def test_an_event_that_is_gone_is_said_at_its_box_and_nothing_is_lost(world):
    graph = {**GRAPH, "nodes": {**GRAPH["nodes"], "D": "Demo"}}
    desk = Desk(world, Sketch.of(graph), Kept(None))
    problems = {node["id"]: node["problem"] for node in desk.picture["nodes"]}
    assert "event='Demo' cannot be used" in problems["D"]
    assert [name for name, text in problems.items() if text] == ["D"]
    assert "no answer" not in desk.heard({"ask": {"kind": "texts"}})["yaml"]
    assert "Demo" in desk.heard({"ask": {"kind": "members", "point": {"node": "V"}}})["problem"]
    assert values(do(desk, kind="delete", node="D"))["W"] == "3 · 75 %"


def test_more_boxes_than_can_be_counted_are_drawn_all_the_same(world):
    nodes = {f"n{n}": "V" for n in range(200)}
    desk = Desk(world, Sketch.of({"nodes": nodes, "arrows": []}), Kept(None))
    assert len(desk.picture["nodes"]) == 200
    assert "200 nodes" in desk.picture["problems"][0]["text"]
    assert (
        "cycle"
        in do(desk, kind="paste", text="nodes: {a: V, b: V}\narrows: [[a, b], [b, a]]")["problems"][
            0
        ]["text"]
    )
    picture = do(desk, kind="paste", text="nodes: {a: V}")
    assert (values(picture), picture["problems"]) == ({"a": "4"}, [])


def test_top_nodes_are_drawn_where_they_were_found(desk):
    table = ask(desk, kind="top", side="between", of=["V", "P"])["table"]
    assert table["rows"][0][0] == "D"
    do(desk, kind="top", side="between", of=["V", "P"])
    assert ["V", "D 2"] in desk.sketch.graph["arrows"]
    assert set(desk.sketch.graph["places"]) == set(desk.sketch.graph["nodes"])
    (problem,) = do(desk, kind="top", side="after", of="V")["problems"]
    assert "An arrow leaves this node" in problem["text"]
    picture = do(Desk(desk.workspace, Sketch.of({"nodes": {"V": "V"}, "arrows": []}), Kept(None)),
                 kind="top", side="anywhere", dimension="channel")  # fmt: skip
    assert [node["label"] for node in picture["nodes"]] == ["V", "mail", "web"]


def test_a_dimension_is_drawn_on_an_empty_canvas_only_with_something_to_count(world):
    desk = Desk(world, Sketch.of(None), Kept(None))
    assert "Drag an event" in desk.picture["headline"]
    assert "nothing on the canvas" in do(desk, kind="top", side="anywhere")["problems"][0]["text"]


def test_members_breakdown_times_and_segment_are_those_of_the_canvas(desk):
    result = wb.canvas(desk.workspace, **GRAPH)
    table = ask(desk, kind="members", point={"fallout": "P"})["table"]
    assert table["title"] == "2 of 3 accounts: no further than P"
    assert sorted(row[0] for row in table["rows"]) == ["B", "C"]
    assert list(desk.shown["key"]) == list(result.members(fallout="P")["key"])
    table = ask(desk, kind="breakdown", point={"node": "V"}, dimension="channel")["table"]
    assert {"field": "channel", "values": ["web"]} in table["parts"]
    assert table["parts"][[row[0] for row in table["rows"]].index("(missing)")] is None
    assert ask(desk, kind="arrow", arrow=["V", "P"])["tip"][0].startswith("Median 1.0 hours")
    made = ask(desk, kind="segment", point={"arrow": ["P", "W"]}, name="Moved on")
    assert "name: Moved on" in made["yaml"]
    assert wb.audience(desk.workspace, segment=desk.segment).headline().startswith("1 of 4")


@pytest.mark.parametrize(
    "content",
    [{}, {"ask": None}, {"ask": {"kind": "fnd"}}, {"ask": {"kind": "members"}}, {"gestures": 5},
     {"gestures": [5]}, {"ask": {"kind": "arrow"}},
     {"ask": {"kind": "segment", "point": {"node": "x"}}},
     {"ask": {"kind": "breakdown", "point": {"node": "V"}, "dimension": "nope"}},
     {"ask": {"kind": "top", "side": "upon", "of": "V"}},
     {"ask": {"kind": "save", "file": "x.txt"}}],
    ids=str,
)  # fmt: skip
def test_whatever_comes_is_answered_in_a_sentence(desk, content):
    before = desk.sketch
    answer = desk.heard(content)
    assert answer["problem"]
    assert "Traceback" not in answer["problem"]
    assert desk.sketch == before


def test_events_and_values_are_found_with_their_counts(desk):
    items = ask(desk, kind="find", field="event", text="")["items"]
    assert {item["label"]: item["count"] for item in items} == {
        "V": "4",
        "P": "3",
        "W": "3",
        "D": "2",
    }
    assert ask(desk, kind="find", field="event", text="zz")["more"] == "None of 4 fits."
    names = [item["dimension"] for item in ask(desk, kind="find", field="dimensions")["items"]]
    assert "channel" in names
    choices = desk.picture["choices"]
    assert {"value": "person", "label": "People"} in choices["container"]


def test_a_box_on_a_limited_arrow_says_that_the_limit_is_gone(desk):
    do(desk, kind="limits", arrow=["P", "W"], within="90d")
    part = {"field": "event", "values": ["D"]}
    assert "(within 90d)" in do(desk, kind="insert", arrow=["P", "W"], part=part)["said"]
    assert do(desk, kind="undo")["said"] == ""


def test_compared_segments_are_told_apart_by_their_number(world):
    mail = {"name": "By mail", "scope": "account", "where": {"channel": "mail"}}
    picture = Desk(world, Sketch.of({**GRAPH, "compare": [mail]}), Kept(None)).picture
    assert picture["notes"][:2] == ["1: All accounts", "2: By mail"]
    lines = {node["id"]: [text for _, text in node["lines"]] for node in picture["nodes"]}
    found = wb.canvas(world, **GRAPH, compare=[mail]).frame.set_index(["group", "node"])
    assert lines["V"] == [f"1: {found.loc[('All accounts', 'V'), 'containers']}",
                          f"2: {found.loc[('By mail', 'V'), 'containers']}"]  # fmt: skip
    assert picture["arrows"][0]["text"].count("\n") == 1


def test_a_segment_is_kept_under_its_name_and_asked_for(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    desk = Desk(world, Sketch.of(GRAPH), Kept(None))
    assert "no segment to keep" in ask(desk, kind="keep")["problem"]
    assert "Saw it" not in [item["value"] for item in desk.picture["choices"]["segment"]]
    ask(desk, kind="segment", point={"node": "D"})
    assert "Kept as Saw it" in ask(desk, kind="keep", name="Saw it")["said"]
    assert "Saw it" in [item["value"] for item in desk.picture["choices"]["segment"]]
    assert values(do(desk, kind="set", name="segment", value="Saw it"))["V"] == "1"
    assert "problem" in ask(desk, kind="keep", name="../x")
    assert values(do(desk, kind="set", name="segment", value=None))["V"] == "4"


def test_no_events_at_all_is_a_canvas_to_begin_with(world):
    frame = pd.DataFrame({"account_id": ["A"], "event": ["V"], "occurred_at": ["2026-01-01"]})
    nothing = wb.from_frames(events=frame.head(0))
    desk = Desk(nothing, Sketch.of(None), Kept(None))
    assert ask(desk, kind="find", field="event", text="")["items"] == []
    assert "Drag an event" in desk.picture["headline"]


def test_a_file_keeps_the_graph_and_is_not_written_over_unseen(world, tmp_path):
    path = tmp_path / "journey.yaml"
    editor = wb.edit_canvas(world, graph=path)
    editor.do(kind="add", part={"field": "event", "values": ["V"]}, at=[30, 40])
    assert editor.save(path) == path
    again = wb.edit_canvas(world, graph=str(path))
    assert again.graph == editor.graph
    assert again.graph["places"] == {"V": [30, 40]}
    path.write_text("nodes: {other: V}\n")
    with pytest.raises(ArgumentError, match="holds something else"):
        editor.save(path)
    editor.save(path)
    assert wb.edit_canvas(world, graph=path).graph == editor.graph
    with pytest.raises(ArgumentError, match="can be written"):
        editor.save(tmp_path / "nowhere" / "x.yaml")
    path.write_text("nodes: {a: V\n")
    with pytest.raises(ArgumentError, match="cannot be read as YAML"):
        wb.edit_canvas(world, graph=path)


def test_an_editor_begins_with_any_form_of_a_graph(world):
    result = wb.canvas(world, **GRAPH, places={"V": [1, 2]})
    assert wb.edit_canvas(world, graph=result).graph["places"]["V"] == [1, 2]
    editor = wb.edit_canvas(world, graph="nodes: {V: V}\narrows: []")
    assert editor.result.frame["containers"].tolist() == [4]
    assert editor.python.startswith("wb.canvas(")
    assert wb.edit_canvas(world, graph=editor.yaml).graph == editor.graph
    with pytest.raises(ArgumentError, match="cycle"):
        wb.edit_canvas(
            world, graph={"nodes": {"a": "V", "b": "P"}, "arrows": [["a", "b"], ["b", "a"]]}
        )
    with pytest.raises(ArgumentError, match="'gone'"):
        editor.do(kind="delete", node="gone")


def test_the_widget_answers_each_view_and_shows_all_of_them_the_same(world):
    editor = wb.edit_canvas(world, graph=GRAPH)
    sent: list[dict] = []
    editor.widget.send = sent.append
    editor.widget._heard(
        None, {"view": "one", "id": 7, "gestures": [{"kind": "delete", "node": "P"}]}, []
    )
    assert sent == [{"to": "one", "id": 7}]
    assert values(editor.widget.picture)["W"] == "3 · 75 %"
    bundle, _ = editor._repr_mimebundle_()
    assert "3 boxes" in bundle["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_the_page_makes_no_markup_of_data_and_asks_nothing_of_the_network():
    code = script() + style()
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "eval(",
        "fetch(",
        "http://",
        "import ",
    ):
        assert forbidden not in code.replace("http://www.w3.org/2000/svg", "")
    used = {part.split("words.")[1] for part in _names(code)}
    assert used <= set(words()) | {"keys"}
    kinds = {part.split('"')[1] for part in code.split("ask({ kind: ")[1:]}
    assert kinds <= set(ASKS)


def _names(code: str) -> list[str]:
    import re

    return re.findall(r"\bwords\.\w+", code)


def test_many_gestures_leave_a_bounded_past(desk):
    for n in range(260):
        do(desk, kind="move", places={"V": [n, n]})
    assert len(desk.sketch.past) == 200
