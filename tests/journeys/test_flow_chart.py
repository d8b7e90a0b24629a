"""The picture: labels apart, ribbons that meet their bars, ends that look like ends."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import workbench as wb
from tests.journeys.flows import paths
from tests.worlds.company import HOSTILE
from workbench.journeys.flow import layout
from workbench.journeys.flow.chart import MOST_COLUMNS, SLOT, drawn_columns, joined
from workbench.journeys.flow.labels import cut

LETTERS = "abcdefghijklmnop"


def crowded():
    """Accounts that wander among sixteen contents."""
    drawn = np.random.default_rng(3)
    walks = {
        f"A{n}": "".join(drawn.choice(list(LETTERS), drawn.integers(2, 20))) for n in range(80)
    }
    return wb.flow(paths(**walks), starts_with="content", columns=5, items=10)


@pytest.fixture(scope="module")
def result():
    return crowded()


@pytest.fixture(scope="module")
def placed(result):
    nodes, links = joined(result.question, result.nodes, result.links)
    nodes, height = layout.placed(nodes, links, slot=SLOT)
    return nodes, links, height


def test_five_columns_of_ten_items_fit_and_labels_stay_apart(placed):
    nodes, _, height = placed
    assert nodes.groupby("place").size().max() == 12
    assert height < 650
    for _, column in nodes.groupby("place"):
        middles = np.sort(column["middle"].to_numpy())
        assert np.diff(middles).min() >= SLOT - 1e-6
        tops = column.sort_values("top")
        assert (tops["top"].to_numpy()[1:] >= tops["bottom"].to_numpy()[:-1]).all()
    assert nodes["top"].min() >= 0
    assert nodes["bottom"].max() <= height


def test_bars_are_as_high_as_their_numbers(placed):
    nodes, _, _ = placed
    large = nodes[nodes["bottom"] - nodes["top"] > layout.THINNEST_END]
    ratio = (large["bottom"] - large["top"]) / large["size"]
    assert ratio.max() == pytest.approx(ratio.min())
    assert (nodes["size"] == nodes["value"]).all()


def test_ribbons_leave_and_enter_inside_their_bars_without_overlap(placed):
    nodes, links, _ = placed
    at = nodes.set_index("node")
    points = layout.ribbons(nodes, links, 0.07).groupby("link")
    first, last = points.first(), points.last()
    for side, end in ((first, "left"), (last, "right")):
        bars = at.loc[links.set_index("link").loc[side.index, end]]
        assert (side["low"].to_numpy() >= bars["top"].to_numpy() - 0.2).all()
        assert (side["low"].to_numpy() <= bars["bottom"].to_numpy() + 0.2).all()
    ends = links.set_index("link").join(first[["low", "high"]])
    for _, bar in ends.groupby("left"):
        stacked = bar.sort_values("low")
        wide = stacked["value"] * nodes["scale"].iloc[0]
        gaps = np.diff(stacked["low"])
        assert (gaps >= wide.to_numpy()[:-1] - 0.3).all()


def test_ends_and_the_rest_have_looks_of_their_own(result):
    spec = result.block()["chart"]
    text = json.dumps(spec)
    dashed = [
        layer["mark"]
        for layer in spec["layer"]
        if layer["mark"].get("strokeDash") and layer["mark"]["type"] == "rect"
    ]
    assert len(dashed) == 1
    assert "(exit)" in text
    assert "(other)" in text
    assert len(text) < 600_000


def test_the_columns_nearest_to_the_anchor_are_drawn(result):
    deep = result.again(columns=9)
    assert drawn_columns(deep.question) == [0, 1, 2, 3, 4, 5]
    middle = result.again(contains={"content": "a"}, columns=9)
    assert drawn_columns(middle.question) == [-2, -1, 0, 1, 2, 3]
    assert len(drawn_columns(middle.question)) == MOST_COLUMNS


@given(
    st.lists(st.text(max_size=60), min_size=1, max_size=30, unique=True),
    st.floats(60, 250),
)
def test_no_two_names_look_the_same(names, room):
    short = cut([*names, *HOSTILE], room)
    assert len(set(short.values())) == len(short)


def test_what_tells_similar_names_apart_stays():
    names = [f"A very long product name number {n} of our catalogue" for n in range(3)]
    assert list(cut(names, 130).values()) == [f"A ve…number {n}…" for n in range(3)]
    assert cut(["short", "shorter"], 130) == {"short": "short", "shorter": "shorter"}
    assert all(len(short) < 20 for short in cut([*names, "予知保全" * 20], 130).values())


def test_a_difference_is_coloured_and_explained():
    walks = {f"A{n}": "sa" if n % 2 else "sb" for n in range(200)}
    ws = paths(**walks)
    flow = wb.flow(ws, starts_with={"content": "s"}, columns=2)
    found = flow.difference(wb.segment("With a", content="a"), wb.segment("With b", content="b"))
    spec = found.block()["chart"]
    tones = {row["tone"] for rows in spec["datasets"].values() for row in rows if row.get("tone")}
    assert tones == {"more in With a", "more in With b ", "could be chance"}
    assert "more in With a" in found.block()["svg"]


def test_names_that_are_alike_in_two_columns_look_alike(result):
    nodes = pd.concat([result.nodes, result.nodes])
    short = cut(nodes["item"], 100)
    assert set(short) == set(result.nodes["item"])
