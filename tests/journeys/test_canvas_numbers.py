"""Every number of a canvas against a slow count, over every option; and what always holds."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.engine.graph_oracle import Arrow
from tests.journeys.canvas_worlds import Slow, events_of, graph_of, metric, workspace_of

rows_of_world = st.lists(
    st.tuples(
        st.sampled_from("ABCDE"),
        st.sampled_from(["p", "q", "r", "s", ""]),
        st.integers(0, 4),
        st.sampled_from("abcx"),
        st.one_of(st.none(), st.integers(0, 2)),
        st.one_of(st.none(), st.integers(0, 9).map(float)),
    ),
    min_size=1,
    max_size=26,
)
EVERY_EVENT = [("Z", "z", 90 + n, event, n, None) for n, event in enumerate("abcx")]
METRICS = ["events", "people", "accounts", {"sum": "amount"}]


@st.composite
def graphs(draw):
    sets = st.sets(st.sampled_from("abc"), min_size=1, max_size=2).map(frozenset)
    nodes = draw(st.lists(sets, min_size=1, max_size=6))
    pairs = [(s, t) for t in range(len(nodes)) for s in range(t)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=8)) if pairs else []
    arrows = [
        Arrow(s, t, draw(st.sampled_from([None, None, 1, 2])), draw(st.sampled_from([0, 0, 1])))
        for s, t in sorted(chosen, key=lambda pair: (pair[1], pair[0]))
    ]
    return nodes, arrows


def close(a, b):
    return (a != a and b != b) or math.isclose(a, b, abs_tol=1e-9)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=rows_of_world,
    drawn=graphs(),
    key=st.sampled_from(["account", "account", "person"]),
    ties=st.sampled_from(["any", "any", "stable"]),
    numbered=st.booleans(),
    in_sequence=st.booleans(),
    primary=st.sampled_from(METRICS),
    data=st.data(),
)
def test_every_number(rows, drawn, key, ties, numbered, in_sequence, primary, data):
    nodes, arrows = drawn
    events = events_of([*rows, *EVERY_EVENT])
    # The stable order is that of time, sequence number, account and id, whatever the file says.
    if not numbered:
        events = [type(e)(e.time, e.event, None, e.place, e.account, e.person, e.amount)
                  for e in events]  # fmt: skip
    if ties == "stable":
        ordered = sorted(
            events, key=lambda e: (e.time, -1 if e.number is None else e.number, e.account, e.place)
        )
        events = [type(e)(e.time, e.event, e.number, n, e.account, e.person, e.amount)
                  for n, e in enumerate(ordered)]  # fmt: skip
    exclude = data.draw(st.lists(st.integers(0, len(nodes) - 1), max_size=1))
    slow = Slow(events, nodes, arrows, key=key, ties=ties, in_sequence=in_sequence, exclude=exclude)
    shuffled = list(events)
    data.draw(st.randoms(use_true_random=False)).shuffle(shuffled)
    result = wb.canvas(
        workspace_of(shuffled, numbered), **graph_of(nodes, arrows), container=key, ties=ties,
        primary=primary, secondary="events", exclude=[f"n{n}" for n in exclude],
        node_rows="in_sequence" if in_sequence else "all_matching",
    )  # fmt: skip
    check_nodes(result, slow, "sum" if isinstance(primary, dict) else primary)
    check_arrows(result, slow)


def check_nodes(result, slow, primary):
    frame = result.frame.set_index("node")
    everything = [e for rows in slow.rows.values() for e in rows]
    for n in range(len(slow.nodes)):
        line = frame.loc[f"n{n}"]
        own, before = slow.counted([n]), slow.parents(n)
        assert line["containers"] == len(slow.at(n))
        assert line["total"] == len(slow.rows)
        assert line["value"] == pytest.approx(metric(own, primary))
        assert line["secondary"] == len(own)
        assert line["value_total"] == pytest.approx(metric(everything, primary))
        assert set(result.members(f"n{n}")["key"]) == slow.at(n)
        if before:
            union = set().union(*(slow.at(p) for p in before))
            assert line["previous"] == len(union)
            assert line["value_previous"] == pytest.approx(metric(slow.counted(before), primary))
        else:
            assert pd.isna(line["previous"])
        fell = slow.fallen_out(n)
        assert pd.isna(line["fell_out"]) if fell is None else line["fell_out"] == len(fell)
        if fell is not None:
            assert set(result.members(fallout=f"n{n}")["key"]) == fell
            assert len(fell) <= len(slow.at(n))


def check_arrows(result, slow):
    lines = result.arrows.set_index(["from", "to"])
    for arrow in slow.arrows:
        pair = f"n{arrow.source}", f"n{arrow.target}"
        line, took = lines.loc[pair], slow.along(arrow)
        assert line["containers"] == len(took)
        assert line["from_containers"] == len(slow.at(arrow.source))
        assert set(result.members(arrow=pair)["key"]) == took


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=rows_of_world, drawn=graphs(), numbered=st.booleans())
def test_ways_segments_and_what_always_holds(rows, drawn, numbered):
    nodes, arrows = drawn
    ws = workspace_of(events_of([*rows, *EVERY_EVENT]), numbered)
    result = wb.canvas(ws, **graph_of(nodes, arrows))
    frame = result.frame
    for base in ("total", "start", "previous"):
        known = frame.dropna(subset=base)
        assert (known["containers"] <= known[base]).all()
    lines = frame.set_index("node")
    ways = result.path_table().frame
    assert (ways["containers"] <= ways["start"]).all()
    assert (ways["containers"] <= ways["end"]).all()
    for line in ways.itertuples():
        path = line.path.split(" → ")
        fallout = wb.fallout(ws, steps=result.steps_along(path)).frame
        assert fallout["reached"].iloc[-1] == line.containers
    for node, count in lines["containers"].items():
        own = wb.canvas(ws, nodes={"all": {"event": {"exists": True}}},
                        segment=result.segment_of(node))  # fmt: skip
        assert own.frame["total"].iloc[0] == count
    for node, count in lines["fell_out"].dropna().items():
        own = wb.canvas(ws, nodes={"all": {"event": {"exists": True}}},
                        segment=result.segment_of(fallout=node))  # fmt: skip
        assert own.frame["total"].iloc[0] == count


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=rows_of_world,
    steps=st.lists(
        st.sets(st.sampled_from("abc"), min_size=1).map(frozenset), min_size=1, max_size=4
    ),
    within=st.sampled_from([None, 1, 2]),
    ties=st.sampled_from(["any", "stable"]),
)
def test_a_chain_is_a_fallout(rows, steps, within, ties):
    ws = workspace_of(events_of([*rows, *EVERY_EVENT]), True)
    arrows = [Arrow(n, n + 1, within) for n in range(len(steps) - 1)]
    result = wb.canvas(ws, **graph_of(steps, arrows), ties=ties)
    path = [f"n{n}" for n in range(len(steps))]
    fallout = wb.fallout(ws, steps=result.steps_along(path), ties=ties).frame.iloc[1:]
    frame = result.frame
    assert frame["containers"].tolist() == fallout["reached"].tolist()
    np.testing.assert_allclose(
        frame["share_of_previous"].iloc[1:].astype(float), fallout["share_of_previous"].iloc[1:]
    )
    assert frame["fell_out"].iloc[:-1].tolist() == fallout["fell_out"].iloc[1:].tolist()
    if len(steps) == 2:
        times = wb.fallout(ws, steps=result.steps_along(path), ties=ties).times().frame
        assert close(
            result.arrows["median_days"].iloc[0], times["median_days_from_previous"].iloc[-1]
        )
