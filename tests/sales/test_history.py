"""Saves of deals: order, stages entered, quality, closing and reopening."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.sales.pipelines import deal, pipeline, stage_table
from tests.worlds.company import workspace
from workbench.errors import AbsentError
from workbench.sales.deals import deals_of
from workbench.sales.history import QUALITIES, history_of


def quality(history, key):
    place = list(history.deals.text("opportunity_id")).index(key)
    return QUALITIES[history.quality[place]]


SAVES = [
    ("o1", "01-05", "S1", {"amount": 10.0}),
    ("o1", "01-01", "S1", {"amount": 5.0}),
    ("o1", "01-15", "S1"),
    ("o1", "01-11", "S2"),
    ("o1", "01-20", "S2"),
    ("o1", "02-01", "Won"),
]


def test_equal_stages_in_a_row_count_once_whatever_the_order_of_the_file():
    for saves in (SAVES, SAVES[::-1]):
        ws = pipeline([deal("o1", "Won", closed="02-01")], saves)
        history = history_of(ws)
        names = history.deals.catalogue.frame["stage"].to_numpy()
        assert list(names[history.stage[history.entries]]) == ["S1", "S2", "S1", "S2", "Won"]
        assert history.amount[0] == 5.0


def test_quality_of_history():
    ws = pipeline(
        [deal("full"), deal("late"), deal("only", last_stage_change_at="2026-01-03"), deal("no")],
        [("full", "01-01", "S1"), ("late", "01-03", "S1")],
    )
    history = history_of(ws)
    assert [quality(history, k) for k in ("full", "late", "only", "no")] == [
        "full", "partial", "none", "absent",
    ]  # fmt: skip


def test_a_history_that_is_cut_off_after_twenty_saves():
    saves = [("o1", f"01-{n + 1:02d}", "S1") for n in range(20)]
    assert quality(history_of(pipeline([deal("o1")], saves)), "o1") == "truncated"
    saves.append(("o1", "01-21", "S1"))
    assert quality(history_of(pipeline([deal("o1")], saves)), "o1") == "full"


def test_the_closing_is_the_first_of_the_last_unbroken_run():
    saves = [
        ("o1", "01-01", "S1"), ("o1", "01-05", "Lost"), ("o1", "01-09", "S2"),
        ("o1", "01-12", "Won"), ("o1", "01-14", "Won", {"amount": 7.0}),
        ("o2", "01-01", "S1"), ("o2", "01-05", "Won"), ("o2", "01-06", "S1"),
    ]  # fmt: skip
    history = history_of(pipeline([deal("o1", "Won", closed="01-12"), deal("o2")], saves))
    assert list(history.closed_run) == [3, -1]
    assert list(history.reopened) == [1, 1]


def test_as_of_hides_what_came_later():
    ws = pipeline([deal("o1", "Won", closed="02-01"), deal("o2", created="03-01")], SAVES,
                  as_of="2026-01-12")  # fmt: skip
    history = history_of(ws)
    assert len(history.deals) == 1
    assert len(history) == 3
    assert list(history.last_before(10**18)) == [2]


def test_saves_of_unknown_deals_are_counted():
    history = history_of(pipeline([deal("o1")], [("o1", "01-01", "S1")]))
    assert history.unknown == 0
    assert len(deals_of(pipeline([deal("o1")]))) == 1


def test_a_workspace_without_opportunities_is_told_so():
    with pytest.raises(AbsentError, match="opportunities"):
        deals_of(workspace(1))


def test_stages_without_a_catalogue_are_read_from_the_deals():
    ws = pipeline([deal("o1", "Won", closed="02-01"), deal("o2", "Lost", closed="02-01"),
                   deal("o3", "Talk")], stages=())  # fmt: skip
    frame = deals_of(ws).catalogue.frame.set_index("stage")
    assert frame["kind"].to_dict() == {"Won": "won", "Lost": "lost", "Talk": "open"}
    assert not frame["known"].any()


def test_amounts_in_one_currency():
    deals = [deal("o1", amount=1000.0, currency="EUR", expected_close_on="2026-01-31"),
             deal("o2", amount=5.0, currency="USD"), deal("o3", amount=np.nan)]  # fmt: skip

    fx = pd.DataFrame({"currency": ["EUR"], "valid_from": ["2026-01-01"], "rate": [0.8]})
    ws = pipeline(deals, fx_rates=fx, settings={"currency": {"reporting": "USD"}})
    found = deals_of(ws)
    day = int(np.datetime64("2026-02-01").astype(int))
    assert found.converted(found.amount, at_day=day) == pytest.approx(
        [1250.0, 5.0, np.nan], nan_ok=True
    )


def test_saves_of_one_instant_stand_in_the_order_of_their_key_whatever_the_file():
    saves = pd.DataFrame(
        {
            "history_id": ["H3", "H1", "H2", "H0"],
            "opportunity_id": ["o1", "o1", "o1", "o2"],
            "changed_at": pd.to_datetime(["2026-01-01"] * 4, utc=True),
            "stage": ["S3", "S1", None, "S2"],
            "amount": [3.0, 1.0, 2.0, None],
            "forecast_category": ["Commit", "Pipeline", None, "Pipeline"],
        }
    )
    for frame in (saves, saves[::-1], saves.iloc[[2, 0, 3, 1]]):
        ws = wb.from_frames(
            opportunities=pd.DataFrame([deal("o1"), deal("o2")]), opportunity_history=frame,
            stages=stage_table(),
        )  # fmt: skip
        history = history_of(ws)
        assert list(history.stage) == [0, -1, 2, 1]
        assert history.amount == pytest.approx([1, 2, 3, np.nan], nan_ok=True)
        assert history.category.to_pylist() == ["Pipeline", None, "Commit", "Pipeline"]
        assert list(history.offsets) == [0, 3, 4]


def test_a_history_of_which_nothing_has_happened_yet():
    ws = pipeline([deal("o1")], [("o1", "03-01", "S1")], as_of="2026-02-01")
    history = history_of(ws)
    assert len(history) == 0
    assert list(history.offsets) == [0, 0]


def test_a_deal_with_very_many_saves_is_put_in_order():
    saves = [("o1", f"{2000 + n}-01-01", "S1") for n in range(150)]
    history = history_of(pipeline([deal("o1", created="2000-01-01")], saves[::-1]))
    assert (np.diff(history.at) > 0).all()
    assert len(history) == 150
