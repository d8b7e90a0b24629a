"""Counts of customers beside a slow, obvious way, whatever the order of the rows."""

from __future__ import annotations

import random
from datetime import timedelta

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.journeys.abm_world import accounts, event, world
from tests.worlds import at

KEYS = ["A", "B", "C"]
EVENTS = ["product_used", "email_received", "email_sent", "meeting", "call", "page_viewed",
          "mql_qualified"]  # fmt: skip
CONTRACTS = [
    {"contract_id": k, "account_id": k, "started_on": "2020-01-01", "ended_on": None} for k in KEYS
]
happened = st.lists(
    st.builds(
        lambda key, day, name, person, way, uses, item: event(
            key, day + 0.5, name, person, direction=way, uses=float(uses), product=item
        ),
        st.sampled_from(KEYS), st.integers(0, 250), st.sampled_from(EVENTS),
        st.sampled_from(["P0", "P1", "P2", None]), st.sampled_from(["in", "out", "none"]),
        st.integers(1, 9), st.sampled_from(["Pump", "Valve"]),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


def theirs(row) -> bool:
    if row["event"] == "mql_qualified":
        return False
    return row["event"] == "meeting" or (row["event"] != "email_sent" and row["direction"] != "out")


def came_in(row) -> bool:
    return row["direction"] == "in" or row["event"] == "email_received"


def expected(rows, key, end, weeks):
    """Counts of one customer, one row after the other."""
    mine = [r for r in rows if r["account_id"] == key and r["occurred_at"] < end]
    span = timedelta(weeks=weeks)
    late = [r for r in mine if r["occurred_at"] >= end - span]
    before = [r for r in mine if end - 2 * span <= r["occurred_at"] < end - span]
    older = [r for r in mine if end - 4 * span <= r["occurred_at"] < end - span]
    owned = {
        r["product"]
        for r in mine
        if r["event"] == "product_used" and r["occurred_at"] >= end - timedelta(days=180)
    }
    talks = [r["occurred_at"] for r in mine if r["event"] in ("meeting", "call") or came_in(r)]
    return {
        "uses_recent": sum(r["uses"] for r in late if r["event"] == "product_used"),
        "uses_before": sum(r["uses"] for r in before if r["event"] == "product_used"),
        "inbound_recent": sum(map(came_in, late)),
        "inbound_before": sum(map(came_in, older)),
        "people_engaged": len({r["person_id"] for r in late if theirs(r)} - {None}),
        "items": len(owned),
        "last_two_way_at": max(talks, default=None),
    }


@settings(max_examples=12)
@given(happened, st.integers(2, 10), st.integers(150, 252), st.randoms())
def test_every_count_is_that_of_the_slow_way(rows, weeks, day, chance):
    chance.shuffle(rows)
    # One use in the distant past, so that use is known.
    rows = [*rows, event("Z", 0, "product_used", uses=1.0, product="Pump", direction="none")]
    made = world(
        {"events": rows, "accounts": accounts(*KEYS, "Z"), "contracts": CONTRACTS},
        as_of=f"{at(day):%Y-%m-%d}",
    )
    end = made.as_of + timedelta(microseconds=1)
    customers = wb.growth(made, weeks=weeks).found.customers.set_index("key")
    for key in KEYS:
        for name, value in expected(rows, key, end, weeks).items():
            found = customers.loc[key, name]
            if value is None:
                assert pd.isna(found), (key, name)
            else:
                assert found == value, (key, name)


def test_the_order_of_the_rows_changes_nothing():
    rows = [
        event(KEYS[n % 3], n * 2.2, EVENTS[n % 7], f"P{n % 4}", direction="in", uses=1.0 + n % 5,
              product=["Pump", "Valve"][n % 2], active_users=float(n % 9), seats=10.0)
        for n in range(120)
    ]  # fmt: skip
    tables = {"events": rows, "accounts": accounts(*KEYS), "contracts": CONTRACTS}
    first = wb.growth(world(tables), least_comparable=1)
    mixed = random.Random(5)
    again = {name: mixed.sample(part, len(part)) for name, part in tables.items()}
    second = wb.growth(world(again), least_comparable=1)
    pd.testing.assert_frame_equal(first.frame, second.frame)
    pd.testing.assert_frame_equal(first.signals, second.signals)
    pd.testing.assert_frame_equal(first.health().frame, second.health().frame)
    assert first.explain() == second.explain()


@settings(max_examples=8)
@given(st.data())
def test_what_comparable_customers_own_is_counted_one_by_one(data):
    items = ["Pump", "Valve", "Saw"]
    keys = [f"K{n:02d}" for n in range(data.draw(st.integers(2, 9)))]
    kinds = {k: data.draw(st.sampled_from(["Steel", "Wood"])) for k in keys}
    owned = {k: data.draw(st.sets(st.sampled_from(items))) for k in keys}
    rows = [event(k, 300, "product_used", product=i, uses=1.0) for k in keys for i in owned[k]]
    rows.append(event("Z", 301, "page_viewed", product=None))
    least, share = data.draw(st.integers(1, 4)), data.draw(st.sampled_from([0.2, 0.5, 1.0]))
    made = world(
        {
            "events": rows,
            "accounts": [{"account_id": k, "name": k, "industry": kinds[k]} for k in keys],
            "contracts": [
                {"contract_id": k, "account_id": k, "started_on": "2020-01-01", "ended_on": None}
                for k in keys
            ],
        }
    )
    result = wb.growth(made, least_comparable=least, comparable_share=share)
    found = {
        (line.key, line.item): (line.count, line.total)
        for line in result.signals[result.signals["kind"] == "cross-sell"].itertuples()
    }
    wanted = {}
    for key in keys:
        if not owned[key]:
            continue
        active = [k for k in keys if owned[k] and k != key]
        same = [k for k in active if kinds[k] == kinds[key]]
        others = same if len(same) >= least else active
        for item in set(items) - owned[key]:
            users = sum(item in owned[k] for k in others)
            if len(others) >= least and users and users / len(others) >= share:
                wanted[(key, item)] = (users, len(others))
    assert found == wanted
