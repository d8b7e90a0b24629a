"""Pipeline numbers beside slow counts over plain rows, for random histories in any order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.sales import pipeline_oracle as slow
from tests.sales.pipelines import stage_table

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
PERIODS = {"2026-Q1": (date(2026, 1, 1), date(2026, 4, 1)),
           "2026-02..2026-05": (date(2026, 2, 1), date(2026, 6, 1))}  # fmt: skip

QUICK = settings(max_examples=9, deadline=None, phases=[Phase.explicit, Phase.generate])
save = st.tuples(
    st.integers(0, 164), st.integers(0, 23), st.sampled_from(slow.STAGES),
    st.none() | st.integers(0, 999_999), st.none() | st.integers(10, 220),
    st.none() | st.integers(0, 10),
)  # fmt: skip
worlds = st.tuples(
    st.lists(st.lists(save, min_size=1, max_size=7), min_size=1, max_size=12),
    st.lists(st.integers(-3, 20), min_size=12, max_size=12),
    st.randoms(use_true_random=False),
)


def made(drawn):
    """Deals, saves and a workspace whose table tells what the last saves told."""
    lists, ages, random = drawn
    deals, saves = [], []
    for n, own in enumerate(lists):
        key, used = f"o{n}", set()
        for day, hour, stage, cents, due, tenth in own:
            at = START + timedelta(days=day, hours=hour, minutes=n)
            if at in used:
                continue
            used.add(at)
            saves.append(
                {"key": key, "at": at, "stage": stage,
                 "amount": None if cents is None else cents / 100,
                 "due": None if due is None else date(2026, 1, 1) + timedelta(days=due),
                 "chance": None if tenth is None else tenth / 10}
            )  # fmt: skip
        created = min(used) - timedelta(days=ages[n])
        deals.append({"key": key, "created": created, "owner": f"u{n % 2}"})
    random.shuffle(saves)
    table = []
    for deal in deals:
        now = slow.state(deal, saves, NOW)
        table.append(
            {"opportunity_id": deal["key"], "owner_id": deal["owner"], "stage": now["stage"],
             "created_at": deal["created"], "closed_at": now["closed"] or pd.NaT,
             "is_closed": now["closed"] is not None, "is_won": now["stage"] == "Won",
             "amount": now["amount"], "expected_close_on": now["due"],
             "probability": now["chance"]}
        )  # fmt: skip
    random.shuffle(table)
    history = pd.DataFrame(
        {"history_id": f"h{n}", "opportunity_id": s["key"], "changed_at": s["at"],
         "stage": s["stage"], "amount": s["amount"], "expected_close_on": s["due"],
         "probability": s["chance"]}
        for n, s in enumerate(saves)
    )  # fmt: skip
    for frame in (history, frame_of := pd.DataFrame(table)):
        for name in ("amount", "probability"):
            frame[name] = frame[name].astype(float)
        frame["expected_close_on"] = pd.to_datetime(frame["expected_close_on"])
    frame_of["closed_at"] = pd.to_datetime(frame_of["closed_at"], utc=True)
    ws = wb.from_frames(opportunities=frame_of, opportunity_history=history, stages=stage_table(),
                        as_of=NOW.isoformat())  # fmt: skip
    return deals, saves, ws


def conserved(result):
    """Categories, stages and months hold every deal of the pipeline once."""
    total, lines = result.total, result.forecast().frame.head(7).set_index("category")
    assert lines["deals"].sum() == total["open_deals"] + total["won_deals"]
    assert lines["amount"].sum() == pytest.approx(
        total["open_amount"] + total["won_amount"], abs=0.005
    )
    cells = result.cells
    assert cells["open_deals"].sum() == total["open_deals"]
    assert cells["open_amount"].sum() == pytest.approx(total["open_amount"], abs=0.005)
    for part in ("open", "won"):
        assert len(result.members(part)) == total[f"{part}_deals"]


@QUICK
@given(worlds, st.sampled_from(sorted(PERIODS)), st.sampled_from([None, 5, 40, 89, 120]))
def test_numbers_beside_slow_counts(drawn, period, back):
    deals, saves, ws = made(drawn)
    first, after = PERIODS[period]
    moment = NOW if back is None else NOW - timedelta(days=back)
    as_of = None if back is None else moment.isoformat()
    asked = {"period": period, "as_of": as_of}
    existing = [d for d in deals if d["created"] <= moment]
    known = [d for d in existing if slow.rows_until(d, saves, moment)]
    for range_, limits in ((period, (first, after)), (None, (None, None))):
        result = wb.pipeline(ws, period=range_, as_of=as_of, by="owner")
        told = result.frame.set_index("group")
        stand_in = int((result.question.taking_part & result.question.standing.stand_in).sum())
        if stand_in:
            continue
        for group, name in (("All opportunities", None), ("u0", "u0"), ("u1", "u1")):
            if group not in told.index:
                continue
            line = told.loc[group]
            names = ["open_deals", "open_amount", "without_amount", "weighted_amount"]
            asked_for = slow.open_pipeline(known, saves, moment, *limits, name)
            assert line[names].tolist() == pytest.approx(asked_for, abs=0.01)
        summed = result.frame.iloc[1:].select_dtypes("number").sum()
        for column in ("open_deals", "open_amount", "weighted_amount", "won_amount", "rest_amount"):
            assert summed[column] == pytest.approx(result.total[column], abs=0.005)
        conserved(result)
    if len(known) == len(existing):
        lines = wb.win_rates(ws, **asked).frame
        lines = lines[lines["measure"] == "deals"]
        found = [(int(w), int(t)) for w, t in zip(lines["won"], lines["total"], strict=True)]
        assert found == slow.win_rates(known, saves, moment, first, after)
        line = wb.sales_cycle(ws, **asked).frame.iloc[0]
        count, middle, mean, negative = slow.cycles(known, saves, moment, first, after)
        assert (line["deals"], line["negative"]) == (count, negative)
        assert [line["median_days"], line["mean_days"]] == pytest.approx(
            [np.nan if v is None else v for v in (middle, mean)], nan_ok=True
        )


@QUICK
@given(worlds, st.sampled_from(sorted(PERIODS)), st.sampled_from([None, 3, 30, 90]), st.booleans())
def test_conversion_beside_slow_counts(drawn, period, days, implied):
    deals, saves, ws = made(drawn)
    first, after = PERIODS[period]
    horizon = None if days is None else timedelta(days=days)
    result = wb.stage_conversion(
        ws, period=period, horizon=None if days is None else f"{days}d", implied=implied
    )
    found = {
        (x.from_stage, x.to): (x.entered, x.matured, x.reached)
        for x in result.frame.itertuples() if x.entered
    }  # fmt: skip
    asked = slow.conversions(deals, saves, NOW, first, after, horizon, implied)
    assert found == asked


@QUICK
@given(worlds, st.sampled_from(sorted(PERIODS)), st.sampled_from(["day", "month"]))
def test_pushes_and_slippage_beside_slow_counts(drawn, period, count):
    deals, saves, ws = made(drawn)
    first, after = PERIODS[period]
    result = wb.pushes(ws, period=period, count=count)
    keys = result.question.deals.text("opportunity_id")
    asked = {d["key"]: slow.moved(d, saves, NOW, first, after, count == "month") for d in deals}
    told = result.moved
    found = {k: (int(a), int(b), int(c)) for k, a, b, c in
             zip(keys, told.pushes, told.pulls, told.net_days, strict=True)}  # fmt: skip
    assert found == asked
    result = wb.slippage(ws, period=period, granularity="month")
    for line, (start, _, _) in zip(result.frame.itertuples(), result._states, strict=True):
        if (start.stand_in & start.open).any():
            continue
        low, high = line.first_on.date(), line.last_on.date() + timedelta(days=1)
        assert (line.due, line.slipped) == slow.slipped(deals, saves, low, high, NOW)
