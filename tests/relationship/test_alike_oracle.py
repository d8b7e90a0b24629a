"""Similar won deals beside the slow, obvious way; rows in any order."""

from __future__ import annotations

import random
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.relationship import alike_oracle as oracle
from tests.relationship.alike_worlds import NOW, closed, day, deals_world, open_deal
from workbench.relationship.alike.comparing import MEASURES

OWN = ("x_size", "x_colour")
NAMES = ("amount", "employees", "industry", "country", "type", "lead_source", "products",
         "pipeline", *OWN)  # fmt: skip


def drawn(seed: int, gaps: float):
    """Deals, accounts and activities of one seed; `gaps` is the share of missing values."""
    dice = random.Random(seed)

    def some(*values):
        return None if dice.random() < gaps else dice.choice(values)

    accounts = [
        {"account_id": f"A{n}", "name": f"A{n}", "employees": some(10, 10, 500, 4_000),
         "industry": some("i1", "i2"), "country": some("JP", "DE")}
        for n in range(6)
    ]  # fmt: skip
    deals = []
    for n in range(72):
        more = {
            "account_id": f"A{dice.randrange(6)}", "amount": some(0.0, 100.0, 100.0, 9_000.0),
            "type": some("new", "old"), "lead_source": some("web", "fair", "web"),
            "pipeline": some("p1", "p2"), "product": some("a", "a;b", "b;c;a", "d"),
            "x_size": some(1, 2, 7), "x_colour": some("red", "blue"),
        }  # fmt: skip
        if n < 3:
            deals.append(open_deal(f"O{n}", dice.choice([0.5, 20, 300]), **more))
        else:
            ago, life = dice.choice([5, 5, 90]), dice.choice([3, 30, 200])
            deals.append(closed(f"C{n:02d}", n < 38, days=life, ago=ago, **more))
    acts = []
    for n in range(220):
        mail = dice.random() < 0.7
        acts.append({
            "activity_id": f"m{n:03d}", "type": "email" if mail else "call", "status": "done",
            "direction": dice.choice(["in", "out"]),
            "start_at": day(dice.choice([0.2, 4, 5, 30, 31, 70, 120]) + dice.randrange(30) / 10),
            "opportunity_id": dice.choice(deals)["opportunity_id"],
            "duration_min": None if mail else dice.choice([10.0, 35.0]),
            "thread_id": dice.choice("TUV") if mail else None,
        })  # fmt: skip
    return deals, accounts, acts


def asked(deals, accounts, acts, **options):
    ws = deals_world(deals, [(row, []) for row in acts], accounts=accounts)
    found = wb.relationships(ws, opportunity_link="strict")
    return found.similar_won(features=OWN, **options)


@settings(max_examples=10, deadline=None)
@given(
    st.integers(0, 10_000), st.sampled_from([0.0, 0.1, 0.4]), st.sampled_from([0.1, 0.35, 1.0]),
    st.sampled_from([(10, 5), (3, 1), (40, 2)]), st.sampled_from(["elapsed", "total"]),
    st.sampled_from(["mean", "median"]), st.randoms(use_true_random=False),
)  # fmt: skip
def test_neighbours_and_comparison(seed, gaps, furthest, number, alignment, typical, shuffled):
    deals, accounts, acts = drawn(seed, gaps)
    told = [
        {**d, **next(a for a in accounts if a["account_id"] == d["account_id"]),
         "products": d["product"]}
        for d in deals
    ]  # fmt: skip
    for rows in (deals, accounts, acts):
        shuffled.shuffle(rows)
    options = {"furthest": furthest, "most": number[0], "least": number[1]}
    found = asked(deals, accounts, acts, alignment=alignment, typical=typical, **options)
    used = found.fields.set_index("field")["used"]
    assert [name for name in NAMES if used[name]] == oracle.fields(told, NAMES)
    for deal in told[:3]:
        check(found, deal, told, acts, options, alignment, typical)


def check(found, deal, told, acts, options, alignment, typical):
    key = deal["opportunity_id"]
    mode, group = oracle.nearest(deal, told, NAMES, options)
    line, won = found.frame.set_index("key").loc[key], found.deals(key)
    assert line["mode"] == mode
    assert won["key"].tolist() == [other["opportunity_id"] for _, other in group]
    age = NOW - deal["created_at"]
    if mode == "similar":
        assert won["distance"].tolist() == pytest.approx([apart for apart, _ in group])
        parts = won[[name for name in won if name.startswith("part_")]]
        assert np.nansum(parts, axis=1) == pytest.approx(won["distance"])
        assert line["nearest"] == pytest.approx(group[0][0])
        assert line["distance"] == pytest.approx(np.mean([apart for apart, _ in group]))
    values = []
    for _, other in group:
        begin, end = other["created_at"], min(NOW, other["created_at"] + age)
        if alignment == "total":
            begin, end = NOW - timedelta(days=9_999), NOW
        values.append(oracle.measured(other, acts, begin, end))
    begin = NOW - timedelta(days=9_999) if alignment == "total" else deal["created_at"]
    own = oracle.measured(deal, acts, begin, NOW)
    one = found.one(key).frame.set_index("measure")
    for name in MEASURES:
        wanted = oracle.typical([v[name] for v in values], typical)
        same(line[name], own[name])
        same(line[f"{name}_typical"], wanted)
        assert line[f"{name}_known"] == sum(v[name] is not None for v in values)
        gap = None if own[name] is None or wanted is None else own[name] - wanted
        same(line[f"{name}_gap"], gap)
        same(line[f"{name}_relative"], gap / wanted if gap is not None and wanted else None)
        for column in ("typical", "gap", "relative", "known"):
            same(one.loc[name, column], line[f"{name}_{column}"])
        same(one.loc[name, "deal"], line[name])
        for at, row in enumerate(values):
            same(won[name].iloc[at], row[name])


def same(found, wanted):
    if wanted is None or wanted != wanted:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(wanted, abs=1e-9)


def test_members_are_what_is_counted():
    found = asked(*drawn(7, 0.1))
    for key in found.frame["key"]:
        line, won = found.frame.set_index("key").loc[key], found.deals(key)
        for name in ("activities", "started_by_us", "emails_sent", "emails_received",
                     "answered_by_us", "answered_by_them"):  # fmt: skip
            assert len(found.members(name, key=key)) == line[name]
            each = found.members(name, key=key, of="won").groupby("key").size()
            assert each.reindex(won["key"]).fillna(0).tolist() == won[name].tolist()
        for name in ("team_hours", "customer_hours"):
            assert found.members(name, key=key)["hours"].sum() == pytest.approx(line[name])
        hours = found.members("hours_by_us", key=key, of="won").groupby("key")["hours"].mean()
        assert hours.reindex(won["key"]).to_numpy() == pytest.approx(
            won["hours_by_us"], nan_ok=True
        )
