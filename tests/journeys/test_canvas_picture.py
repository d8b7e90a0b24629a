"""The picture of a canvas: everything in its place, nothing on top of anything else."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

import workbench as wb
from tests.worlds.company import HOSTILE, workspace
from workbench.journeys.canvas import layout, sketch, texts
from workbench.journeys.canvas.chart import _picture
from workbench.results import theme

ANY = {"event": {"exists": True}}


def drawn(text: str) -> str:
    return re.sub(r"<[^>]*>", "\n", text)


@pytest.fixture(scope="module")
def ws():
    return workspace()


def random_graph(seed, nodes=15):
    chance = random.Random(seed)
    arrows = set()
    for target in range(1, nodes):
        for _ in range(chance.choice([1, 1, 2])):
            arrows.add((str(chance.randrange(max(0, target - 6), target)), str(target)))
    return {
        "nodes": {str(n): {"label": HOSTILE[n % 8] + f" {n}", "where": ANY} for n in range(nodes)},
        "arrows": [
            {"from": s, "to": t, "label": chance.choice(["", "", "a label", HOSTILE[4]])}
            for s, t in sorted(arrows)
        ],
    }


def apart(one, other, slack=0.0):
    return (
        one[0] + one[2] <= other[0] + slack
        or other[0] + other[2] <= one[0] + slack
        or one[1] + one[3] <= other[1] + slack
        or other[1] + other[3] <= one[1] + slack
    )


def labels_of(picture):
    """Left, top, width and height of the text beside each arrow."""
    for route in picture.routes:
        width = max((line.width for line in route.lines), default=0.0)
        left = route.label_x - (width / 2 if picture.direction == "right" else 0)
        yield left, route.label_y - 12, width, sketch.LINE * len(route.lines)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("direction", ["right", "down"])
def test_boxes_and_labels_never_cover_each_other(ws, seed, direction):
    result = wb.canvas(ws, **random_graph(seed), direction=direction)
    picture = _picture(result, [result.groups[0].name])
    boxes = [(b.x, b.y, b.width, b.height) for b in picture.boxes]
    labels = [label for label in labels_of(picture) if label[2]]
    everything = [*boxes, *labels]
    for n, one in enumerate(everything):
        assert one[0] >= -0.5
        assert one[1] >= -0.5
        assert one[0] + one[2] <= picture.width + 0.5
        assert one[1] + one[3] <= picture.height + 0.5
        for other in everything[:n]:
            assert apart(one, other, slack=2.0), (one, other)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("direction", ["right", "down"])
def test_arrows_go_round_boxes_and_meet_their_own(ws, seed, direction):
    result = wb.canvas(ws, **random_graph(seed), direction=direction)
    picture = _picture(result, [result.groups[0].name])
    graph, boxes = result.question.graph, {b.node: b for b in picture.boxes}
    along = 0 if direction == "right" else 1
    for route in picture.routes:
        arrow = graph.arrows[route.arrow]
        assert (np.diff(route.points[:, along]) >= -1e-6).all()
        last = boxes[arrow.target]
        edge = last.x if direction == "right" else last.y
        assert route.points[-1, along] == pytest.approx(edge - sketch.HEAD)
        for name, box in boxes.items():
            if name in (arrow.source, arrow.target):
                continue
            inside = (
                (route.points[:, 0] > box.x + 1) & (route.points[:, 0] < box.x + box.width - 1)
                & (route.points[:, 1] > box.y + 1) & (route.points[:, 1] < box.y + box.height - 1)
            )  # fmt: skip
            assert not inside.any(), (arrow, name)


def test_crossings_that_can_be_avoided_are():
    # Two rows of four, joined so that the second row must stand the other way round.
    found = layout.placed(
        [0] * 4 + [1] * 4, [(n, 7 - n) for n in range(4)], [10] * 8, [(2, 2)] * 4, 2, 2
    )
    assert found.crossings == 0
    # A complete join of three and three crosses nine times, however it is drawn.
    joined = [(a, b) for a in range(3) for b in range(3, 6)]
    full = layout.placed([0] * 3 + [1] * 3, joined, [10] * 6, [(2, 2)] * 9, 2, 2)
    assert full.crossings == 9


def test_a_long_way_runs_straight_where_there_is_room():
    found = layout.placed([0, 1, 2, 3], [(0, 1), (1, 2), (2, 3), (0, 3)], [20] * 4,
                          [(3, 3)] * 4, 4, 5)  # fmt: skip
    long_way = found.ways[3]
    assert max(long_way) - min(long_way) < 1e-6


def test_places_are_the_nearest_that_keep_their_room():
    assert layout.spaced([0, 0, 0], [1, 1, 1], [2, 2]) == pytest.approx([-2, 0, 2])
    assert layout.spaced([0, 10, 9], [1, 1, 1], [2, 2]) == pytest.approx([0, 8.5, 10.5])
    assert layout.spaced([5, 1], [3, 1], [1]) == pytest.approx([3.75, 4.75])


def test_the_same_graph_is_the_same_picture(ws):
    specs = [theme.themed(wb.canvas(ws, **random_graph(3)).chart()) for _ in range(2)]
    assert specs[0] == specs[1]


def test_what_stands_on_arrows_and_in_boxes(ws):
    graph = {
        "nodes": {"lead": "lead", "won": "won"},
        "arrows": [{"from": "lead", "to": "won", "label": "own words", "within": "400d"}],
    }
    written = drawn(wb.canvas(ws, **graph).block()["svg"])
    assert "own words" in written
    assert "13 · 32 %" in written
    assert "27 · 68 %" in written
    values = drawn(wb.canvas(ws, **graph, arrow_text="values").block()["svg"])
    assert "own words" not in values
    nothing = drawn(wb.canvas(ws, **graph, arrow_text="none", show_fallout=False).block()["svg"])
    # The number of the box alone is left, of the arrow and of the fallout none.
    assert nothing.count("13 · 32 %") == 1
    assert "27 · 68 %" not in nothing
    limits = {**graph, "arrows": [{"from": "lead", "to": "won", "within": "400d"}]}
    assert "within 400 days" in drawn(wb.canvas(ws, **limits).block()["svg"])


def test_names_are_cut_in_the_middle_and_broken_between_words():
    assert texts.wrapped("Content downloaded", 90) == ("Content", "downloaded")
    assert texts.wrapped("lead_form_completed", 90) == ("lead_form_", "completed")
    for name in HOSTILE:
        for line in texts.wrapped(name, 130):
            assert texts.text_width(line, bold=True) <= 130
    assert "…" in texts.fitted("x" * 400, 100)
    assert texts.text_width("日本") > texts.text_width("ab")


def test_nothing_to_count_says_so():
    empty = wb.canvas(workspace(0), nodes={"a": ANY}, arrows=[])
    assert "No accounts in scope." in drawn(empty.block()["svg"])
    assert empty.headline() == "No accounts are in scope, so there is nothing to count."


def test_a_long_chain_leads_down_and_a_short_one_to_the_right(ws):
    def chain(length):
        return {"nodes": {str(n): ANY for n in range(length)},
                "arrows": [[str(n), str(n + 1)] for n in range(length - 1)]}  # fmt: skip

    for length, direction in ((3, "right"), (9, "down")):
        result = wb.canvas(ws, **chain(length))
        assert _picture(result, [result.groups[0].name]).direction == direction
