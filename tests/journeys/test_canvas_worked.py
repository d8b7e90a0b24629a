"""The worked test of journeys-canvas.md, section 4, with all its variants."""

from __future__ import annotations

import pandas as pd
import pytest

import workbench as wb
from tests.worlds import at
from workbench.journeys.canvas import edits

ROWS = """
1 A p1 1 V
2 A p1 2 P
3 A - 3 W
4 B p2 1 V
5 B p3 2 D
6 B - 3 W
7 B p2 4 P
8 C p4 1 D
9 C p4 2 V
10 C p5 3 P
11 D4 p6 1 V
12 D4 - 2 W
"""
GRAPH = {
    "nodes": {name: {"label": f"the {name}", "where": {"event": name}} for name in "VPDW"},
    "arrows": [["V", "P"], ["P", "W"], ["V", "D"], ["D", "W"]],
}


def events(rows=ROWS) -> pd.DataFrame:
    read = [line.split() for line in rows.strip().splitlines()]
    return pd.DataFrame(
        {
            "event_id": number,
            "account_id": account,
            "person_id": None if person == "-" else person,
            "occurred_at": at(float(day)),
            "event": event,
        }
        for number, account, person, day, event in read
    )


@pytest.fixture(scope="module")
def ws():
    return wb.from_frames(events=events())


@pytest.fixture(scope="module")
def result(ws):
    return wb.canvas(ws, **GRAPH)


def column(result, name):
    return result.frame.set_index("node")[name].to_dict()


def moved(result):
    lines = result.arrows
    return dict(zip(zip(lines["from"], lines["to"], strict=True), lines["containers"], strict=True))


def test_numbers_percentages_and_fallout_by_account(result):
    assert column(result, "containers") == {"V": 4, "P": 3, "D": 1, "W": 2}
    of_start = column(result, "share_of_start")
    assert of_start == {"V": 1, "P": 0.75, "D": 0.25, "W": 0.5}
    of_previous = result.frame.set_index("node")["share_of_previous"]
    assert of_previous.isna().to_dict() == {"V": True, "P": False, "D": False, "W": False}
    assert of_previous["P"] == 0.75
    assert of_previous["D"] == 0.25
    # The parents' union is A, B, C.
    assert column(result, "previous")["W"] == 3
    assert of_previous["W"] == pytest.approx(2 / 3)
    fell = result.frame.set_index("node")["fell_out"]
    assert fell[["V", "P", "D"]].tolist() == [1, 2, 0]
    assert fell.isna()["W"]
    share = column(result, "share_fell_out")
    assert share["V"] == 0.25
    assert share["P"] == pytest.approx(2 / 3)
    assert share["D"] == 0


def test_who_fell_out_where(result):
    assert result.members(fallout="V")["key"].tolist() == ["D4"]
    assert set(result.members(fallout="P")["key"]) == {"B", "C"}
    assert set(result.members("W")["key"]) == {"A", "B"}
    assert result.members("D")["key"].tolist() == ["B"]


def test_arrows_are_not_exclusive(result):
    assert moved(result) == {("V", "P"): 3, ("V", "D"): 1, ("P", "W"): 1, ("D", "W"): 1}
    shares = result.arrows.set_index(["from", "to"])["share"]
    assert shares["P", "W"] == pytest.approx(1 / 3)
    assert shares["D", "W"] == 1
    out_of_v = moved(result)["V", "P"] + moved(result)["V", "D"]
    went_on = 4 - column(result, "fell_out")["V"]
    assert (out_of_v, went_on) == (4, 3)


def test_metrics_of_a_node(ws):
    assert column(wb.canvas(ws, **GRAPH, primary="events"), "value") == {
        "V": 4, "P": 3, "D": 1, "W": 2,
    }  # fmt: skip
    assert column(wb.canvas(ws, **GRAPH, primary="people"), "value")["W"] == 0


@pytest.mark.parametrize(("node_rows", "expected"), [("all_matching", 4), ("in_sequence", 3)])
def test_rows_before_the_path_was_complete(node_rows, expected):
    earlier = wb.from_frames(events=events("0 A p1 0 P" + ROWS))
    result = wb.canvas(earlier, **GRAPH, primary="events", node_rows=node_rows)
    assert column(result, "value")["P"] == expected
    assert column(result, "containers") == {"V": 4, "P": 3, "D": 1, "W": 2}


def test_by_person(ws):
    result = wb.canvas(ws, **GRAPH, container="person")
    assert result.frame["total"].unique().tolist() == [6]
    assert column(result, "containers") == {"V": 4, "P": 2, "D": 0, "W": 0}
    assert set(result.members("P")["key"]) == {"p1", "p2"}
    assert result.scope.dropped_null_key == 3
    fell = column(result, "fell_out")
    assert (fell["V"], fell["P"]) == (2, 2)


def test_the_caption(result):
    best = result.conversion()
    assert (best.start, best.end, best.reached, best.entered, best.rate) == ("V", "W", 2, 4, 0.5)
    assert result.conversion(rule="legacy").rate == 0.5
    assert result.headline().startswith("2 of 4 accounts get from “the V” to “the W” (50 %)")


def test_exclude_removes_those_who_reach_the_node(ws):
    result = wb.canvas(ws, **GRAPH, exclude=["D"])
    assert column(result, "containers") == {"V": 3, "P": 2, "D": 0, "W": 1}
    assert result.frame["total"].unique().tolist() == [3]
    assert set(result.members("V")["key"]) == {"A", "C", "D4"}
    other = wb.canvas(ws, **edits.exclude_node(GRAPH, "D"))
    pd.testing.assert_frame_equal(result.frame, other.frame)


def test_delete_a_node_connects_its_neighbours(ws):
    result = wb.canvas(ws, **edits.delete_node(GRAPH, "P"))
    assert set(result.members("W")["key"]) == {"A", "B", "D4"}
    assert sorted(moved(result)) == [("D", "W"), ("V", "D"), ("V", "W")]


def test_a_limit_on_an_arrow(ws):
    limited = edits.change_arrow(GRAPH, ("D", "W"), within="12h")
    assert wb.canvas(ws, **limited).members("W")["key"].tolist() == ["A"]
    inclusive = edits.change_arrow(GRAPH, ("D", "W"), within="24h", after="24h")
    assert set(wb.canvas(ws, **inclusive).members("W")["key"]) == {"A", "B"}


def test_each_way_has_its_own_count(result):
    ways = result.path_table().frame.set_index("path")["containers"].to_dict()
    assert ways == {"V → P → W": 1, "V → D → W": 1}


def test_the_percentage_mode_never_changes_a_number(ws, result):
    for percent in ("previous", "total"):
        other = wb.canvas(ws, **GRAPH, percent=percent)
        pd.testing.assert_frame_equal(result.frame, other.frame)
        pd.testing.assert_frame_equal(result.arrows, other.arrows)


def test_the_order_of_the_rows_changes_nothing(result):
    other = wb.canvas(wb.from_frames(events=events().sample(frac=1, random_state=3)), **GRAPH)
    pd.testing.assert_frame_equal(result.frame, other.frame)
    pd.testing.assert_frame_equal(result.arrows, other.arrows)


def test_a_note_says_why_a_node_is_larger_than_its_parent(result):
    (note,) = result.notes()
    assert note.startswith("“the W”: 2 here exceed 1 at “the D”: several ways merge")
    more = wb.from_frames(events=events("0 A p1 2.5 P" + ROWS + "13 A p1 2.6 P\n14 A p1 2.7 P"))
    notes = wb.canvas(more, **GRAPH, primary="events").notes()
    assert notes[0].startswith("“the P”: 6 here exceed 4 at “the V” although no more accounts came")
    assert "rows repeat" in notes[0]


def test_the_first_passage_times_and_who_did_both(result):
    lines = result.arrows.set_index(["from", "to"])
    # A 1 → 2, B 1 → 4, C 2 → 3: one day, three days, one day.
    assert lines.loc[("V", "P"), "median_days"] == 1
    assert lines.loc[("V", "P"), ["known_people", "same_person"]].tolist() == [3, 2]
    # D by p3 after V by p2; the won rows name nobody.
    assert lines.loc[("V", "D"), ["known_people", "same_person"]].tolist() == [1, 0]
    assert lines.loc[("D", "W"), "known_people"] == 0
