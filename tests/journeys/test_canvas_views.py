"""Views of a canvas, counted by hand: neighbours, breakdowns, trends, members, segments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.journeys.funnels import world
from tests.worlds import at
from workbench.errors import ArgumentError

TWO = {"nodes": {"a": "a", "b": "b"}, "arrows": [["a", "b"]]}


@pytest.fixture(scope="module")
def ws():
    """A and B go a→b with something in between, C goes on elsewhere, D stops, E begins with z."""
    rows = [
        ("A", 0, "a", "web"), ("A", 1, "x", "web"), ("A", 2, "b", "mail"), ("A", 3, "y", "web"),
        ("B", 0, "a", "web"), ("B", 1, "x", "mail"), ("B", 1.5, "y", "web"), ("B", 2, "b", "web"),
        ("C", 0, "z", "web"), ("C", 40, "a", "mail"), ("C", 41, "y", "web"),
        ("D", 40, "a", "mail"),
        ("E", 0, "z", "web"), ("E", 3, "a", "web"), ("E", 4, "b", "web"),
    ]  # fmt: skip
    accounts = [
        {"account_id": k, "name": f"Account {k}", "industry": i}
        for k, i in zip("ABCDE", ["Steel", "Steel", "Food", "Food", "Food"], strict=True)
    ]
    return world(*[(k, d, e, {"channel": c}) for k, d, e, c in rows], accounts=accounts)


@pytest.fixture(scope="module")
def result(ws):
    return wb.canvas(ws, **TWO)


def pairs(view, *columns):
    return view.frame[list(columns)].to_numpy().tolist()


def test_what_is_directly_after_an_end(result):
    after = result.top_nodes(after="b")
    assert pairs(after, "item", "containers", "total") == [
        ["y", 1, 3], ["(no further event)", 2, 3],
    ]  # fmt: skip
    assert "After “b”, 1 of 3 accounts did “y” next" in after.headline()


def test_what_is_directly_before_a_start(result):
    before = result.top_nodes(before="a")
    assert pairs(before, "item", "containers") == [["z", 2], ["(no earlier event)", 3]]


def test_what_is_first_on_the_way(result):
    between = result.top_nodes(between=("a", "b"))
    assert pairs(between, "item", "containers") == [["x", 2], ["(nothing in between)", 1]]
    channels = result.top_nodes(between=("a", "b"), dimension="channel", items=1)
    # Equal numbers: the smaller name first, the rest put together.
    assert pairs(channels, "item", "containers") == [
        ["mail", 1], ["(other)", 1], ["(nothing in between)", 1],
    ]  # fmt: skip


def test_what_those_did_who_fell_out(result):
    after = result.after_fallout("a")
    assert pairs(after, "item", "containers", "total") == [
        ["y", 1, 2], ["(no further event)", 1, 2],
    ]  # fmt: skip
    assert set(result.members(fallout="a")["key"]) == {"C", "D"}
    assert "went no further than a" in after.headline()


def test_the_top_items_anywhere_and_as_nodes(ws, result):
    top = result.top_nodes(items=2)
    assert pairs(top, "item", "containers")[:2] == [["a", 5], ["b", 3]]
    grown = result.top_nodes(between=("a", "b")).graph()
    assert [list(a) for a in grown["arrows"]] == [["a", "x"], ["x", "b"]]
    assert wb.canvas(ws, **grown).frame.set_index("node")["containers"].to_dict() == {
        "a": 5, "x": 2, "b": 2,
    }  # fmt: skip
    later = result.top_nodes(after="b").graph()
    assert ["b", "y"] in [list(a) for a in later["arrows"]]
    earlier = wb.canvas(ws, **result.top_nodes(before="a").graph())
    assert earlier.frame.set_index("node")["containers"].to_dict() == {"z": 2, "a": 2, "b": 1}
    loose = result.top_nodes(dimension="channel").graph(items=1)
    assert set(loose["nodes"]) == {"a", "b", "mail"}
    joined = wb.canvas(ws, **result.top_nodes(dimension="channel", items=None).graph(joined=True))
    assert joined.number("mail or web")["containers"] == 5


def test_by_another_primary_metric(ws):
    result = wb.canvas(ws, **TWO, primary="events")
    broken = result.breakdown("a", dimension="channel").frame
    assert broken[["item", "value", "containers", "total"]].to_numpy().tolist() == [
        ["web", 3.0, 3, 5], ["mail", 2.0, 2, 5],
    ]  # fmt: skip


def test_a_breakdown_of_nodes_arrows_and_fallout(result):
    node = result.breakdown("b", dimension="channel").frame
    assert node[["item", "containers"]].to_numpy().tolist() == [["web", 2], ["mail", 1]]
    arrow = result.breakdown(arrow=("a", "b"), dimension="industry").frame
    assert arrow[["item", "containers", "total"]].to_numpy().tolist() == [
        ["Steel", 2, 3], ["Food", 1, 3],
    ]  # fmt: skip
    lost = result.breakdown(fallout="a", dimension="industry").frame
    assert lost[["item", "containers", "share"]].to_numpy().tolist() == [["Food", 2, 1.0]]
    several = result.breakdown(["a", "b"], fallout="a", dimension="channel", items=None)
    assert several.frame["point"].unique().tolist() == ["a", "b", "no further than a"]
    assert several.block()["svg"].count("<svg") == 1
    folded = result.breakdown("a", dimension="account_id", items=2).frame
    assert folded["item"].tolist() == ["A", "B", "(other)"]
    assert folded["containers"].tolist() == [1, 1, 3]


def test_people_in_several_items_are_counted_once_in_all_of_them():
    ws = world(*[("A", n, "a", {"person_id": "p", "channel": c}) for n, c in enumerate("wwm")],
               ("A", 4, "a", {"person_id": "q", "channel": "m"}))  # fmt: skip
    result = wb.canvas(ws, nodes={"a": "a"}, primary="people")
    broken = result.breakdown("a", dimension="channel").frame
    assert broken[["item", "value", "value_total"]].to_numpy().tolist() == [
        ["m", 2.0, 2.0], ["w", 1.0, 2.0],
    ]  # fmt: skip


def test_a_trend_by_first_reach_entry_and_activity(result):
    reach = result.trend("a", granularity="month").frame
    assert reach[["bucket", "containers"]].astype(str).to_numpy().tolist() == [
        ["2026-01-01", "3"], ["2026-02-01", "2"],
    ]  # fmt: skip
    entry = result.trend("b", granularity="month", date="entry").frame
    assert entry[["containers", "entered"]].to_numpy().tolist() == [[3, 3], [0, 2]]
    assert entry["containers"].sum() == 3
    active = result.trend("a", granularity="month", date="active").frame
    # A, B, E in January, C and its first event too; C and D in February.
    assert active["containers"].tolist() == [4, 2]
    lost = result.trend(fallout="a", granularity="week").frame
    assert lost["containers"].tolist() == [2]
    assert result.trend(arrow=("a", "b"), granularity="day").frame["containers"].sum() == 3
    assert reach["partial"].tolist() == [False, True]


def test_an_unusual_bucket_is_told():
    counts = enumerate([10, 11, 9, 10, 12, 30, 10])
    rows = [(f"A{week}-{n}", 7 * week, "a") for week, many in counts for n in range(many)]
    result = wb.canvas(world(*rows, ("Z", 60, "x")), nodes={"a": "a"})
    trend = result.trend("a", granularity="week")
    frame = trend.frame
    assert frame["containers"].tolist() == [10, 11, 9, 10, 12, 30, 10]
    assert frame["unusual"].tolist() == [False] * 5 + [True, False]
    assert frame["expected"].isna().tolist() == [True] * 4 + [False] * 3
    assert "as was to be expected" in trend.headline()


def test_members_say_when_and_what(result):
    there = result.members("b").set_index("key")
    assert there.loc["A", "name"] == "Account A"
    assert there.loc["A", "started_at"] == pd.Timestamp(at(0))
    assert there.loc["A", "reached_at"] == pd.Timestamp(at(2))
    assert there.loc["A", "days_from_start"] == 2
    assert there.loc["A", "days_since_reached"] == 39
    assert there.loc["B", "events"] == 4
    along = result.members(arrow=("a", "b"))
    assert set(along["key"]) == {"A", "B", "E"}
    assert along["point"].unique().tolist() == ["a → b"]
    assert set(result.members()["key"]) == {"A", "B", "E"}


def test_one_number_with_its_base(result):
    assert result.number("b") == {
        "label": "b", "containers": 3, "of": 5, "share": 0.6, "value": 3.0,
    }  # fmt: skip
    assert result.number(arrow=("a", "b"))["share"] == 0.6
    assert result.number(fallout="a")["share"] == 0.4


def test_segments_of_several_points_and_of_the_excluded(ws, result):
    def counted(segment):
        return wb.canvas(ws, **TWO, segment=segment).frame["total"].iloc[0]

    assert counted(result.segment_of("b")) == 3
    assert counted(result.segment_of(["a", "b"])) == 5
    assert counted(result.segment_of(arrow=("a", "b"), fallout="a")) == 5
    without = wb.canvas(ws, **{**TWO, "nodes": {**TWO["nodes"], "z": "z"}}, exclude=["z"])
    assert without.number("b")["containers"] == 2
    assert counted(without.segment_of("b")) == 2
    assert result.segment_of("b", name="Buyers").name == "Buyers"
    stable = wb.canvas(ws, **TWO, ties="stable")
    with pytest.raises(ArgumentError, match="either order"):
        stable.segment_of("b")


def test_two_canvases_are_compared(ws):
    steel = wb.segment("steel", industry="Steel")
    found = wb.compare(wb.canvas(ws, **TWO, segment=steel), wb.canvas(ws, **TWO)).frame
    line = found.set_index("label").loc["b"]
    assert line[["count_a", "total_a", "count_b", "total_b"]].tolist() == [2, 2, 3, 5]


def test_key_figures(result):
    values = [f["value"] for f in result.key_figures().content["figures"]]
    assert values == ["5", "60 %", "40 %", "2.0 days"]


REFUSED = [
    (lambda r: r.members("c"), "node='c'.*'a', 'b'"),
    (lambda r: r.members(arrow=("b", "a")), "'a → b'"),
    (lambda r: r.members(arrow="a"), "a pair"),
    (lambda r: r.members(fallout="b"), "Nobody falls out at an end"),
    (lambda r: r.members(["a", "b"]), "2 points.*one of them"),
    (lambda r: r.members("a", group="Steel"), "group='Steel'"),
    (lambda r: r.top_nodes(after="a"), "An arrow leaves this node already"),
    (lambda r: r.top_nodes(before="b"), "An arrow leads to this node already"),
    (lambda r: r.top_nodes(after="b", before="a"), "one of after, before and between"),
    (lambda r: r.top_nodes(items=0), "1 or more"),
    (lambda r: r.breakdown("a", dimension="chanel"), "Did you mean 'channel'"),
    (lambda r: r.breakdown("a", dimension="channel", items=0), "1 or more"),
    (lambda r: r.trend("a", granularity="hour"), "granularity='hour'"),
    (lambda r: r.trend("a", date="birth"), "'reach', 'entry', 'active'"),
    (lambda r: r.conversion(rule="mean"), "'best', 'legacy'"),
    (lambda r: r.steps_along(["a", "z"]), "path='z'"),
    (lambda r: r.steps_along(["b", "a"]), "'b → a'.*'a → b'"),
]


@pytest.mark.parametrize(("ask", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_refusals_of_views(result, ask, says):
    with pytest.raises(ArgumentError, match=says):
        ask(result)


def test_too_many_ways_are_refused_with_their_number():
    ws = world(("A", 0, "a"))
    nodes = {f"{layer} {n}": "a" for layer in range(12) for n in range(2)}
    arrows = [[f"{layer} {n}", f"{layer + 1} {m}"]
              for layer in range(11) for n in range(2) for m in range(2)]  # fmt: skip
    result = wb.canvas(ws, nodes=nodes, arrows=arrows)
    with pytest.raises(ArgumentError, match=r"4,096 ways from start to end.*at most 2,000"):
        result.path_table()
    with pytest.raises(ArgumentError, match=r"at most 100 ways lead.*2,048 ways"):
        result.segment_of("11 0")


def test_many_ways_are_counted_in_several_walks():
    """Three layers of five: 125 ways, more beginnings than one walk can tell apart."""
    rng = np.random.default_rng(7)
    rows = [(f"A{n % 60}", float(rng.integers(0, 30)), "abcde"[rng.integers(5)])
            for n in range(600)]  # fmt: skip
    ws = world(*rows)
    nodes = {f"{layer}{e}": e for layer in range(3) for e in "abcde"}
    arrows = [
        [f"{layer}{e}", f"{layer + 1}{f}"] for layer in range(2) for e in "abcde" for f in "abcde"
    ]
    ways = wb.canvas(ws, nodes=nodes, arrows=arrows).path_table().frame
    assert len(ways) == 125
    for line in ways.sample(12, random_state=1).itertuples():
        steps = [part[1:] for part in line.path.split(" → ")]
        assert wb.fallout(ws, steps=steps).frame["reached"].iloc[-1] == line.containers
