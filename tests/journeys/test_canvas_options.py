"""Options of a canvas one by one: metrics, percentages, segments, limits, loops, and refusals."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import yaml

import workbench as wb
from tests.journeys.funnels import TWO_INDUSTRIES, world
from tests.worlds import at
from workbench.errors import AbsentError, ArgumentError

CHAIN = {"nodes": {"a": "a", "b": "b", "c": "c"}, "arrows": [["a", "b"], ["b", "c"]]}


def by_node(result, column, group=None):
    frame = result.frame
    frame = frame if group is None else frame[frame["group"] == group]
    return frame.set_index("node")[column].to_dict()


@pytest.fixture(scope="module")
def merged():
    """Two starts that lead to one end, and amounts on some rows."""
    rows = [("A", 0, "s"), ("A", 1, "e", {"amount": 5.0}), ("A", 2, "e", {"amount": 2.5}),
            ("B", 0, "t"), ("B", 3, "e", {"amount": 1.0}), ("C", 0, "t"), ("D", 0, "s"),
            ("E", 0, "x", {"amount": 9.0})]  # fmt: skip
    return world(*[(*r[:3], {"amount": None, **(r[3] if len(r) > 3 else {})}) for r in rows])


MERGED = {"nodes": {"s": "s", "t": "t", "e": "e"}, "arrows": [["s", "e"], ["t", "e"]]}


def test_several_starts_are_measured_against_the_total(merged):
    frame = wb.canvas(merged, **MERGED).frame.set_index("node")
    assert frame["start_node"].to_dict() == {"s": "s", "t": "t", "e": "(total)"}
    assert frame.loc["e", ["containers", "start", "share_of_start"]].tolist() == [2, 5, 0.4]
    assert frame.loc["s", "share_of_start"] == 1


def test_the_caption_of_merging_starts_is_the_best_pair(merged):
    result = wb.canvas(merged, **MERGED)
    best = result.conversion()
    # A of A and D from s; B of B and C from t; the first of equals.
    assert (best.start, best.reached, best.entered) == ("s", 1, 2)
    legacy = wb.canvas(merged, **MERGED, primary="events").conversion(rule="legacy")
    assert (legacy.reached, legacy.entered) == (3, 2)
    assert legacy.rate == 1.5


def test_separate_ways_and_several_ends(funnel_world):
    result = wb.canvas(funnel_world, **{**CHAIN, "arrows": [["a", "b"]]})
    assert result.frame["role"].tolist() == ["start", "end", "alone"]
    assert result.conversion().end == "b"
    forked = wb.canvas(funnel_world, **{**CHAIN, "arrows": [["a", "b"], ["a", "c"]]})
    assert (forked.conversion().end, forked.conversion().rate) == ("b", 0.8)
    assert forked.conversion(rule="legacy").rate == 0.8


def test_a_node_without_arrows_is_a_plain_total(funnel_world):
    result = wb.canvas(funnel_world, nodes={"c": "c", "x": "x"}, primary="events")
    assert by_node(result, "value") == {"c": 3, "x": 1}
    assert "“c” is largest: 3 of 6 accounts" in result.headline()
    assert result.arrows.empty


@pytest.mark.parametrize(
    ("metric", "expected", "total"),
    [
        ("containers", 2, 5),
        ("accounts", 2, 5),
        ("events", 3, 8),
        ({"sum": "amount"}, 8.5, 17.5),
        ({"mean": "amount"}, 8.5 / 3, 17.5 / 4),
        ({"distinct": "event"}, 1, 4),
        ({"divide": ["events", "containers"], "label": "Events each"}, 1.5, 1.6),
    ],
)
def test_metrics(merged, metric, expected, total):
    result = wb.canvas(merged, **MERGED, primary=metric, secondary=metric)
    frame = result.frame.set_index("node")
    assert frame.loc["e", "value"] == pytest.approx(expected)
    assert frame.loc["e", "secondary"] == pytest.approx(expected)
    assert frame.loc["e", "value_total"] == pytest.approx(total)
    assert frame.loc["e", "ratio_of_total"] == pytest.approx(expected / total)
    assert wb.canvas(merged, **result.graph).definition == result.definition


def test_buying_groups_are_counted_one_by_one():
    ws = world(
        ("A", 0, "a", {"buying_group_id": ["g", "h"]}), ("A", 1, "a", {"buying_group_id": ["g"]})
    )
    result = wb.canvas(ws, nodes={"a": "a"}, primary="buying_groups")
    assert by_node(result, "value") == {"a": 2}
    groups = wb.canvas(ws, container="buying_group", nodes={"a": "a"}, primary="accounts")
    assert by_node(groups, "containers") == {"a": 2}
    assert by_node(groups, "value") == {"a": 1}
    broken = result.breakdown("a", dimension="buying_group_id").frame
    assert broken[["item", "containers"]].to_numpy().tolist() == [["g", 1], ["h", 1]]


def test_percentages_above_one_are_told_and_named():
    ws = world(("A", 0, "a"), *[("A", d, "b") for d in (1, 2, 3)])
    two = {"nodes": {"a": "a", "b": "b"}, "arrows": [["a", "b"]]}
    result = wb.canvas(ws, **two, primary="events", percent="previous")
    assert by_node(result, "ratio_of_previous")["b"] == 3
    assert by_node(result, "share_of_previous")["b"] == 1
    assert "3 here exceed 1 at “a”" in result.reading()
    assert result.block()["svg"].startswith("<svg")


def test_two_segments_side_by_side(funnel_world):
    ws = world(*[(f"A{n}", n, "a") for n in range(6)], *[(f"A{n}", n + 1, "b") for n in range(3)],
               accounts=TWO_INDUSTRIES)  # fmt: skip
    two = {"nodes": {"a": "a", "b": "b"}, "arrows": [["a", "b"]]}
    segments = [wb.segment(name, industry=name) for name in ("Software", "Steel")]
    result = wb.canvas(ws, **two, compare=segments)
    assert by_node(result, "containers", "All accounts") == {"a": 6, "b": 3}
    assert by_node(result, "containers", "Software") == {"a": 3, "b": 3}
    assert by_node(result, "containers", "Steel") == {"a": 3, "b": 0}
    assert "reached most in “Software” (100 %, 3 of 3)" in result.headline()
    alone = wb.canvas(ws, **two, compare=segments, with_all=False)
    assert alone.frame["group"].unique().tolist() == ["Software", "Steel"]
    drawn = alone.block()["svg"]
    assert "Software (n = 3)" in drawn
    assert wb.canvas(ws, **result.graph).definition == result.definition


def test_a_segment_of_rows_as_a_whole_or_at_each_node():
    ws = world(
        ("A", 0, "a", {"channel": "web"}), ("A", 1, "b", {"channel": "mail"}),
        ("B", 0, "a", {"channel": "mail"}), ("B", 1, "b", {"channel": "mail"}),
    )  # fmt: skip
    two = {"nodes": {"a": "a", "b": "b"}, "arrows": [["a", "b"]]}
    web = wb.segment("web", scope="event", channel="web")
    whole = wb.canvas(ws, **two, segment=web)
    assert by_node(whole, "containers") == {"a": 1, "b": 1}
    each = wb.canvas(ws, **two, segment=web, filter_scope="each_step", primary="events")
    assert by_node(each, "containers") == {"a": 1, "b": 0}
    assert by_node(each, "value_total") == {"a": 1, "b": 1}
    compared = wb.canvas(ws, **two, compare=[web], filter_scope="each_step")
    assert by_node(compared, "containers", "web") == {"a": 1, "b": 0}


def test_only_the_period_exists_and_warm_up_serves_nodes():
    ws = world(("A", -5, "a"), ("A", 1, "b"), ("B", 0, "a"), ("B", 2, "b"))
    two = {"nodes": {"a": "a", "b": "b"}, "arrows": [["a", "b"]]}
    cut = wb.canvas(ws, **two, period="2026-01", primary="events")
    assert by_node(cut, "containers") == {"a": 1, "b": 1}
    warm = wb.canvas(ws, **two, period="2026-01", warmup="10d", primary="events")
    assert by_node(warm, "containers") == {"a": 2, "b": 2}
    # The row before the period serves, but no metric counts it.
    assert by_node(warm, "value") == {"a": 1, "b": 2}


def test_unfinished_is_not_lost():
    ws = world(("A", 0, "a"), ("A", 3, "b"), ("B", 0, "a"), ("C", 8, "a"), ("D", 10, "x"))
    two = {"nodes": {"a": "a", "b": "b"}, "arrows": [{"from": "a", "to": "b", "within": "5d"}]}
    result = wb.canvas(ws, **two)
    line = result.frame.set_index("node").loc["a"]
    assert (line["fell_out"], line["open"]) == (2, 1)
    arrow = result.arrows.iloc[0]
    assert arrow[["matured_from", "matured_containers", "share_of_matured"]].tolist() == [2, 1, 0.5]
    opened = result.members(fallout="a").set_index("key")["may_still_come"]
    assert opened.to_dict() == {"B": False, "C": True}
    assert "1 of 3 accounts" in result.headline()


def test_a_loop_is_written_out():
    ws = world(*[("A", n, e) for n, e in enumerate("vpdpdw")],
               *[("B", n, e) for n, e in enumerate("vpdw")])  # fmt: skip
    nodes = {name: name for name in "vpdw"}
    arrows = [["v", "p"], ["p", "d"], ["d", "w"], {"from": "d", "to": "p", "repeat": 2}]
    result = wb.canvas(ws, nodes=nodes, arrows=arrows)
    counts = by_node(result, "containers")
    assert counts == {"v": 2, "p": 2, "d": 2, "p~2": 1, "d~2": 1, "p~3": 0, "d~3": 0, "w": 2}
    assert by_node(result, "drawn_as")["p~3"] == "p"
    lines = result.arrows.set_index(["from", "to"])["containers"]
    # Won straight after the first demo: A and B; after the second round: A.
    assert (lines["d", "w"], lines["d~2", "w"], lines["d", "p~2"]) == (2, 1, 1)
    assert wb.canvas(ws, **result.graph).definition == result.definition
    assert "may be walked 2 more times" in result.explain()


def test_loops_inside_loops_and_on_themselves():
    ws = world(*[("A", n, e) for n, e in enumerate("abbcabc")])
    arrows = [["a", "b"], ["b", "c"], {"from": "b", "to": "b", "repeat": 1},
              {"from": "c", "to": "a", "repeat": 1}]  # fmt: skip
    result = wb.canvas(ws, nodes={n: n for n in "abc"}, arrows=arrows)
    counts = by_node(result, "containers")
    assert len(counts) == 8
    # The whole way a b b c a b c is there: both rounds of b in the first, one in the second.
    assert (counts["b~2"], counts["c"], counts["a~2"]) == (1, 1, 1)
    ways = result.path_table().frame
    assert ways[ways["containers"] == 1]["nodes"].max() == 7


def test_the_graph_is_plain_text(funnel_world):
    result = wb.canvas(
        funnel_world, **CHAIN, secondary="events",
        exclude=["c"], percent="previous", arrow_text="values", show_fallout=False,
        direction="down", node_rows="in_sequence", warmup="3d", period="2026-01",
    )  # fmt: skip
    text = yaml.safe_load(yaml.safe_dump(result.graph))
    assert wb.canvas(funnel_world, **json.loads(json.dumps(text))).definition == result.definition
    assert result.definition["analysis"] == "canvas"


def test_many_nodes_are_warned_of(funnel_world):
    result = wb.canvas(funnel_world, nodes={str(n): "a" for n in range(51)})
    assert any("51 nodes" in note for note in result.scope.notes)


REFUSED = [
    ({"nodes": {}}, "nodes=.*at least one"),
    ({"nodes": {str(n): "a" for n in range(65)}}, "65 nodes.*at most 64"),
    ({"nodes": {"a": "a", " ": "b"}}, "ids that differ"),
    ({"nodes": {"a": wb.step("a", within="1d")}}, "put within and after on them"),
    ({"nodes": {"a": wb.step("a", link="next")}}, "without link or limits"),
    ({"nodes": {"a": {"segment": {"name": "S", "where": {"event": "a"}}}}}, "scope below account"),
    ({"arrows": [["a", "z"]]}, "arrows.to='z'.*'a', 'b', 'c'"),
    ({"arrows": [["a", "b", "c"]]}, "a pair"),
    ({"arrows": "a > b"}, "a list of pairs"),
    ({"arrows": [["a", "b"], {"from": "a", "to": "b", "within": "1d"}]}, "one arrow between"),
    ({"arrows": [{"from": "a", "to": "b", "wthin": "1d"}]}, "'wthin'.*Did you mean 'within'"),
    ({"arrows": [{"from": "a", "to": "b", "within": "1d", "after": "2d"}]}, "No row could ever"),
    ({"arrows": [{"from": "a", "to": "b", "within": 3}]}, "arrows.within=3.*unit"),
    ({"arrows": [["a", "b"], ["b", "c"], ["c", "a"]]}, "c → a → b → c|a → b → c → a|b → c → a → b"),
    ({"arrows": [["a", "a"]]}, "a → a.*without a cycle.*repeat: 2"),
    ({"arrows": [{"from": "a", "to": "b", "repeat": 2}]}, "only on an arrow that leads back"),
    ({"arrows": [["a", "b"], {"from": "b", "to": "a", "repeat": 40}]}, "at most 64 nodes"),
    ({"arrows": [["a", "b"], {"from": "b", "to": "a", "repeat": "often"}]}, "whole number"),
    ({"primary": "visitors"}, "primary='visitors'.*containers"),
    ({"primary": {"sum": "a", "mean": "b"}}, "with one of"),
    ({"primary": {"divide": ["events"]}}, "list of two metrics"),
    ({"percent": "half"}, "'start', 'previous', 'total'"),
    ({"node_rows": "all_match"}, "Did you mean 'all_matching'"),
    ({"exclude": ["z"]}, "exclude='z'"),
    ({"exclude": "a"}, "a list of ids"),
    ({"compare": [{"event": "a"}] * 3}, "one or two segments"),
    ({"ties": "often"}, "'any', 'stable'"),
    ({"direction": "up"}, "'auto', 'right', 'down'"),
    ({"container": "team"}, "container='team'"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_refusals_name_what_is_allowed(funnel_world, options, says):
    with pytest.raises(ArgumentError, match=says):
        wb.canvas(funnel_world, **{**CHAIN, "arrows": [], **options})


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"nodes": {"a": "aa"}}, "event='aa'.*Did you mean"),
        ({"primary": {"sum": "amount"}}, "primary.sum='amount'"),
        ({"primary": "sessions"}, "primary.distinct='session_id'"),
        ({"container": "session"}, "session"),
    ],
)
def test_what_the_data_do_not_hold_is_said(funnel_world, options, says):
    with pytest.raises(AbsentError, match=says):
        wb.canvas(funnel_world, **{**CHAIN, "arrows": [], **options})


def test_a_node_that_can_never_match_is_an_honest_zero(funnel_world):
    nodes = {**CHAIN["nodes"], "b": {"event": "b", "account_id": "nobody"}}
    result = wb.canvas(funnel_world, nodes=nodes, arrows=CHAIN["arrows"])
    assert by_node(result, "containers") == {"a": 5, "b": 0, "c": 0}
    assert any("account_id = nobody does not occur" in note for note in result.scope.notes)
    assert result.headline().startswith("0 of 5 accounts get from “a” to “c” (0 %)")


def test_ranges_of_dates_and_finer_segments_are_nodes():
    ws = world(
        ("A", 0, "a", {"session_id": "s"}), ("A", 1, "b", {"session_id": "s"}),
        ("A", 40, "a", {"session_id": "t"}), ("B", 2, "a", {"session_id": "u"}),
        ("B", 50, "c", {"session_id": "v"}),
    )  # fmt: skip
    both = wb.segment("sessions with a and b", scope="session", steps=["a", "b"])
    nodes = {"deep": {"segment": both.plain()}, "later": {"period": "2026-02.."}}
    result = wb.canvas(ws, nodes=nodes, arrows=[["deep", "later"]], primary="events")
    assert by_node(result, "value") == {"deep": 2, "later": 1}
    assert by_node(result, "containers") == {"deep": 1, "later": 1}
    # The range of the node is still limited by that of the panel.
    cut = wb.canvas(ws, nodes={"later": {"period": "2026-02.."}}, period="2026-01..2026-02-12")
    assert by_node(cut, "containers") == {"later": 1}
    assert by_node(cut, "total") == {"later": 2}


def test_a_row_never_serves_a_node_and_its_parent():
    ws = world(("A", 0, "a"), ("B", 0, "a"), ("B", 1, "a"))
    result = wb.canvas(ws, nodes={"first": "a", "again": "a"}, arrows=[["first", "again"]])
    assert by_node(result, "containers") == {"first": 2, "again": 1}


def test_one_account_one_event_and_a_window_of_zero():
    ws = world(("A", 0, "a"))
    two = {"nodes": {"a": "a", "b": "a"}, "arrows": [{"from": "a", "to": "b", "within": "0s"}]}
    result = wb.canvas(ws, **two)
    assert by_node(result, "containers") == {"a": 1, "b": 0}
    pair = wb.from_frames(
        events=pd.DataFrame({"account_id": "A", "occurred_at": [at(0), at(0)], "event": "a"})
    )
    assert by_node(wb.canvas(pair, **two), "containers") == {"a": 1, "b": 1}
