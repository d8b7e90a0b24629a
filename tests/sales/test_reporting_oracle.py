"""Groups, joins that repeat rows, and trends against plain Python over lists of rows."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.sales.pipelines import day, deal, pipeline
from workbench.errors import ArgumentError

KINDS = st.sampled_from(["call", "mail", None])
DEALS = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S2", "Won", "Lost"]),
        st.one_of(st.none(), st.integers(0, 9).map(lambda n: n * 10.0)),
        st.sampled_from(["Ann", "Bob", None]),
        st.lists(KINDS, max_size=3),
    ),
    min_size=1,
    max_size=7,
)
VALUES = [
    "count", {"count": "opportunities", "as": "deals"}, {"count": "activities", "as": "calls"},
    {"sum": "amount", "as": "sum"}, {"avg": "amount", "as": "avg"},
    {"median": "amount", "as": "median"}, {"min": "amount", "as": "min"},
    {"max": "amount", "as": "max"}, {"p25": "amount", "as": "p25"},
    {"distinct": "owner_id", "as": "owners"},
    {"count": "opportunities", "filters": [["activities.type", "=", "call"]], "as": "called"},
    {"formula": "sum / deals", "as": "mean"},
]  # fmt: skip


def worlds(deals, shuffle):
    rows, acts = [], []
    for n, (stage, amount, owner, kinds) in enumerate(deals):
        rows.append({**deal(f"O{n}", stage, amount=amount), "owner_id": owner, "currency": "EUR"})
        acts += [{"activity_id": f"C{n}{k}", "opportunity_id": f"O{n}", "type": kind,
                  "start_at": day("01-10")} for k, kind in enumerate(kinds)]  # fmt: skip
    order = np.random.default_rng(shuffle)
    tables = {}
    if acts:
        tables["activities"] = pd.DataFrame([acts[i] for i in order.permutation(len(acts))])
    else:
        tables["activities"] = pd.DataFrame(
            {"activity_id": ["X"], "opportunity_id": ["gone"], "type": ["call"],
             "start_at": [day("01-10")]}
        )  # fmt: skip
    shuffled = [rows[i] for i in order.permutation(len(rows))]
    return pipeline(shuffled, as_of="2026-06-30", **tables)


def joined(deals, how):
    out = []
    for n, (stage, amount, owner, kinds) in enumerate(deals):
        base = {"deal": n, "stage": stage, "amount": amount, "owner": owner}
        if how != "without":
            out += [{**base, "call": (n, k), "type": kind} for k, kind in enumerate(kinds)]
        if (how == "with_or_without" and not kinds) or (how == "without" and not kinds):
            out.append({**base, "call": None, "type": None})
    return out


def figures(rows):
    amounts = list({row["deal"]: row["amount"] for row in rows}.values())
    held = [a for a in amounts if a is not None]
    deals = len({row["deal"] for row in rows})
    total = sum(held) if held else None
    return {
        "rows": len(rows),
        "deals": deals,
        "calls": sum(row["call"] is not None for row in rows),
        "sum": total,
        "avg": statistics.fmean(held) if held else None,
        "median": statistics.median(held) if held else None,
        "min": min(held, default=None),
        "max": max(held, default=None),
        "p25": float(np.quantile(held, 0.25)) if held else None,
        "owners": len({row["owner"] for row in rows} - {None}),
        "called": len({row["deal"] for row in rows if row["type"] == "call"}),
        "mean": total / deals if held and deals else None,
    }


def same(found, wanted):
    if wanted is None or found is None or found != found:
        return wanted is None and (found is None or found != found)
    return found == pytest.approx(wanted)


@settings(max_examples=10)
@given(DEALS, st.sampled_from(["with", "with_or_without", "without"]), st.integers(0, 3))
def test_every_level_is_worked_out_from_its_rows(deals, how, shuffle):
    values = [v for v in VALUES if how != "without" or "activities" not in str(v)]
    groups = ["owner_id"] if how == "without" else ["owner_id", "activities.type"]
    result = wb.table_report(
        worlds(deals, shuffle),
        {"object": "opportunities", "join": [{how: "activities"}], "rows": groups,
         "values": values},
    )  # fmt: skip
    rows = joined(deals, how)
    keys = [("owner", "owner_id"), ("type", "activities.type")][: len(groups)]
    seen = set()
    for line in result.frame.to_dict("records"):
        chosen = {}
        for key, name in keys[: line["depth"]]:
            chosen[key] = None if line[name] == "(empty)" else line[name]
        part = [row for row in rows if all(row[k] == v for k, v in chosen.items())]
        seen.add((line["depth"], *chosen.values()))
        wanted = figures(part)
        for measure in result.blocks[0].statement.measures:
            assert same(line[measure.name], wanted[measure.name]), (chosen, measure.name)
        opened = {name: line[name] for _, name in keys[: line["depth"]]}
        if line["depth"] == 2:
            continue  # opening every one takes long
        assert len(result.members(opened, value="deals")) == wanted["deals"]
        values_of = result.members(opened, value="sum")["value"].astype(float)
        assert values_of.sum() == pytest.approx(wanted["sum"] or 0)
        assert len(result.members(opened)) == wanted["rows"]
    depths = range(len(groups) + 1)
    assert seen == {
        (d, *[row[key] for key, _ in keys[:d]]) for d in depths for row in rows
    } | {(0,)}  # fmt: skip


MONTHS = ["2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01"]
SAVES = st.lists(
    st.tuples(st.integers(1, 120), st.sampled_from(["S1", "S2", "Won"]), st.integers(1, 9)),
    min_size=1, max_size=5, unique_by=lambda save: save[0],
)  # fmt: skip


def at(number):
    return datetime.fromordinal(datetime(2026, 1, 1).toordinal() + number).replace(
        hour=12, tzinfo=UTC
    )


@settings(max_examples=10)
@given(st.lists(SAVES, min_size=1, max_size=4))
def test_a_trend_has_every_deal_once_a_month_with_its_value_of_that_day(histories):
    deals, saves, wanted = [], [], {month: {} for month in MONTHS}
    for n, history in enumerate(histories):
        history = sorted(history)
        first, last = history[0], history[-1]
        deals.append({**deal(f"O{n}", last[1], amount=float(last[2])), "created_at": at(first[0]),
                      "closed_at": at(last[0]) if last[1] == "Won" else pd.NaT})  # fmt: skip
        for number, (day_no, stage, amount) in enumerate(history):
            saves.append({"history_id": f"H{n}{number}", "opportunity_id": f"O{n}", "stage": stage,
                          "changed_at": at(day_no), "amount": float(amount)})  # fmt: skip
        for month in MONTHS:
            known = [s for s in history if at(s[0]) <= datetime.fromisoformat(f"{month}T00:00Z")]
            if known:
                wanted[month][f"O{n}"] = known[-1][1:]
    ws = pipeline(deals, opportunity_history=pd.DataFrame(saves), as_of="2026-05-15")
    asked = {"object": "opportunities", "trend": {"period": "2026-02..2026-05"}}
    plain = wb.table_report(ws, {**asked, "columns": ["snapshot_on", "opportunity_id", "stage",
                                                      "amount", "is_won"]}).frame  # fmt: skip
    found = {month: {} for month in MONTHS}
    for row in plain.to_dict("records"):
        assert row["is_won"] == (row["stage"] == "Won")
        found[str(row["snapshot_on"])[:10]][row["opportunity_id"]] = (row["stage"], row["amount"])
    assert found == wanted
    summary = wb.table_report(ws, {**asked, "rows": ["snapshot_on", "stage"],
                                   "values": ["count", {"sum": "amount"}]})  # fmt: skip
    lines = summary.frame[summary.frame["depth"] == 1]
    for line in lines.to_dict("records"):
        values = wanted[line["snapshot_on"]].values()
        assert line["rows"] == len(values)
        assert line["sum amount"] == sum(amount for _, amount in values)
        opened = summary.members({"snapshot_on": line["snapshot_on"]}, value="sum amount")
        assert opened["value"].sum() == line["sum amount"]


def test_a_deal_that_nobody_touched_stands_in_every_month():
    deals = [deal("O1", amount=7.0, created="01-05"), deal("O2", amount=1.0, created="03-15")]
    ws = pipeline(deals, saves=[("O1", "01-05", "S1", {"amount": 7.0})], as_of="2026-05-15")
    asked = {"object": "opportunities", "values": ["count", {"sum": "amount"}]}
    trend = wb.table_report(ws, {**asked, "rows": ["snapshot_on"],
                                 "trend": {"period": "2026-01..2026-12"}})  # fmt: skip
    assert trend.frame["snapshot_on"].tolist()[:-1] == [*MONTHS]
    assert trend.frame["rows"].tolist() == [1, 1, 2, 2, 6]
    assert "a total over months adds it up again" in " ".join(trend.scope.notes)
    changes = wb.table_report(ws, {"object": "opportunity_history", "values": ["count"]})
    assert changes.frame["rows"].tolist() == [1]
    assert "report of changes" in " ".join(changes.scope.notes)


@pytest.mark.parametrize("period", ["..2026-03", "2027", "2026-03-02..2026-03-09", "1900..2026"])
def test_a_trend_needs_first_days_of_months(period):
    ws = pipeline([deal("O1")], saves=[("O1", "01-05", "S1")], as_of="2026-05-15")
    with pytest.raises(ArgumentError, match=r"trend\.period"):
        wb.table_report(ws, {"object": "opportunities", "trend": {"period": period},
                             "values": ["count"]})  # fmt: skip
