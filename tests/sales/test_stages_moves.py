"""Moves between stages, lengths of stay, and stalls, beside a slow oracle and the planted truth."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.sales.pipelines import STAGES, deal, pipeline
from workbench.errors import ArgumentError

NAMES = [s[0] for s in STAGES]
MOVED = [
    ("o1", "06-01", "S1"),
    ("o1", "06-08", "S3"),
    ("o1", "06-10", "S1"),
    ("o1", "06-20", "Won"),
]


def counts(result):
    frame = result.frame
    keys = zip(frame["from_stage"], frame["to_stage"], frame["move"], strict=True)
    return dict(zip(keys, frame["moves"], strict=True))


def test_the_worked_example_of_moves():
    found = wb.stage_moves(pipeline([deal("o1", "Won", "06-01", closed="06-20")], MOVED))
    assert counts(found) == {
        ("", "S1", "start"): 1, ("S1", "S3", "skip"): 1, ("S3", "S1", "regress"): 1,
        ("S1", "Won", "close"): 1,
    }  # fmt: skip
    closing = found.closings.iloc[0]
    assert (closing["from_stage"], closing["won_from"], closing["lost_from"]) == ("S1", 1, 0)
    line = found.frame.set_index("to_stage").loc["S3"]
    assert (line["left"], line["share"], line["median_days"]) == (2, 0.5, 7)
    assert len(found.members("S1", "S3")) == len(found.members(move="regress")) == 1
    assert found.matrix().loc["S1", "S3"] == 1


def test_closing_opening_again_and_going_to_another_pipeline():
    saves = [("a", "01-01", "S1"), ("a", "01-05", "Lost"), ("a", "01-09", "S2"),
             ("a", "01-12", "Won")]  # fmt: skip
    found = wb.stage_moves(pipeline([deal("a", "Won", closed="01-12")], saves))
    kinds = dict(zip(found.kinds["move"], found.kinds["moves"], strict=True))
    assert (kinds["close"], kinds["reopen"], kinds["advance"]) == (2, 1, 0)
    later = wb.stage_moves(found.found.question.workspace, period="2026-01-06..2026-01-31")
    assert counts(later) == {("Lost", "S2", "reopen"): 1, ("S2", "Won", "close"): 1}


def kind_of(before, after):
    open_stages = NAMES[:3]
    if before is None:
        return "start"
    if after not in open_stages:
        return "close"
    if before not in open_stages:
        return "reopen"
    step = NAMES.index(after) - NAMES.index(before)
    return "advance" if step == 1 else "skip" if step > 1 else "regress"


def slowly(saves):
    """Moves, and stages passed by, one save after the other."""
    moves, deals, passed = Counter(), {}, Counter()
    for key, rows in groupby(sorted(saves, key=lambda s: (s[0], s[1])), lambda s: s[0]):
        before = None
        for _, _, stage in rows:
            if stage == before:
                continue
            cell = (before or "", stage, kind_of(before, stage))
            moves[cell] += 1
            deals.setdefault(cell, set()).add(key)
            if cell[2] == "skip":
                passed.update(NAMES[NAMES.index(before) + 1 : NAMES.index(stage)])
            before = stage
    return moves, {cell: len(keys) for cell, keys in deals.items()}, passed


drawn_saves = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.integers(1, 28)), st.sampled_from(NAMES), min_size=1
)


@settings(max_examples=15, deadline=None)
@given(drawn_saves, st.randoms(use_true_random=False))
def test_moves_beside_a_slow_oracle(drawn, random):
    saves = [(key, f"01-{day:02d}", stage) for (key, day), stage in drawn.items()]
    random.shuffle(saves)
    keys = sorted({s[0] for s in saves})
    ws = pipeline([deal(k) for k in keys], saves, as_of="2026-01-31T12:00:00+00:00")
    found = wb.stage_moves(ws)
    moves, deals, passed = slowly(saves)
    assert counts(found) == moves
    frame = found.frame
    cells = zip(frame["from_stage"], frame["to_stage"], frame["move"], strict=True)
    assert dict(zip(cells, frame["deals"], strict=True)) == deals
    lines = wb.stages(ws).frame.set_index("stage")
    assert {name: n for name, n in lines["implied"].items() if n} == dict(passed)
    # What enters a stage has left it, or is still there.
    into = frame.groupby("to_stage")["moves"].sum().reindex(NAMES, fill_value=0)
    out = frame[frame["from_stage"] != ""].groupby("from_stage")["moves"].sum()
    rest = into - out.reindex(NAMES, fill_value=0)
    assert rest.min() >= 0
    assert rest.sum() == len(keys)
    assert (lines["visits"] == into).all()
    assert (frame.groupby("from_stage")["share"].sum().round(9) == 1).all()


def test_the_box_of_won_and_lost_deals():
    deals, saves = [], []
    for n, days in enumerate([2, 4, 6, 8, 10]):
        end = "Won" if n < 3 else "Lost"
        deals.append(deal(f"o{n}", end, closed="02-01"))
        saves += [(f"o{n}", "01-01", "S2"), (f"o{n}", f"01-{1 + days:02d}", end)]
    deals.append(deal("open", "S2"))
    saves.append(("open", "01-01", "S2"))
    found = wb.stages(pipeline(deals, saves, as_of="2026-02-15")).times()
    box = found.frame[found.frame["stage"] == "S2"].set_index("outcome")
    assert box["stays"].to_dict() == {"all": 5, "won": 3, "lost": 2}
    assert box["median_days"].to_dict() == {"all": 6, "won": 4, "lost": 9}
    assert (box.loc["all", "q1_days"], box.loc["all", "q3_days"]) == (4, 8)
    assert box.loc["all", "running"] == 1
    assert len(found.members("S2", "won", longer_than=3)) == 2


@pytest.mark.parametrize(("measure", "days"), [("latest", 2), ("cumulative", 9), ("visit", 4.5)])
def test_three_ways_to_measure_a_stay(measure, days):
    saves = [("a", "01-01", "S1"), ("a", "01-08", "S2"), ("a", "01-10", "S1"), ("a", "01-12", "S2")]
    found = wb.stages(pipeline([deal("a", "S2")], saves)).times(measure)
    line = found.frame[found.frame["stage"] == "S1"].set_index("outcome").loc["all"]
    assert line["median_days"] == days


def test_a_measure_that_is_none_is_refused():
    with pytest.raises(ArgumentError, match="cumulative"):
        wb.stages(pipeline([deal("a")])).times("total")
    with pytest.raises(ArgumentError, match="move"):
        wb.stage_moves(pipeline([deal("a")])).members(move="jump")


def test_stalled_deals_are_a_list_to_act_on():
    deals = [deal("a", "S1", amount=5.0), deal("b", "S1", amount=9.0), deal("c", "S1"),
             deal("d", "S2")]  # fmt: skip
    saves = [("a", "01-01", "S1"), ("b", "01-02", "S1"), ("c", "01-20", "S1"), ("d", "01-01", "S2")]
    found = wb.stages(pipeline(deals, saves, as_of="2026-01-21")).stalled()
    assert list(found.frame["opportunity_id"]) == ["b", "a"]
    assert list(found.frame["days_over"]) == [10, 11]
    assert found.headline().startswith("2 of 3 open deals")
    assert len(found.members("S1")) == 2
