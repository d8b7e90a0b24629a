"""Buying groups beside a slow, obvious count, whatever the order of the rows."""

from __future__ import annotations

import math
import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.journeys.abm_world import deal, event, member, roles, world
from tests.worlds import at

ROLES = ["Decision Maker", "Influencer", "Practitioner", "Champion", None]
EVENTS = ["page_viewed", "email_received", "email_sent", "meeting", "mql_qualified", "call"]
PEOPLE = ["P0", "P1", "P2", "P3"]
GROUPS = [("G0", "A"), ("G1", "A"), ("G2", "B")]

members = st.lists(
    st.builds(
        member,
        st.sampled_from([g for g, _ in GROUPS]),
        st.sampled_from(PEOPLE),
        st.sampled_from(ROLES),
        st.integers(-20, 90),
        st.none() | st.integers(91, 140),
    ),
    min_size=1, max_size=10, unique_by=lambda m: (m["group_id"], m["person_id"], m["role"]),
)  # fmt: skip
happened = st.lists(
    st.builds(
        lambda day, name, person, way: event("A", day, name, person, direction=way),
        st.integers(0, 119), st.sampled_from(EVENTS), st.sampled_from(PEOPLE),
        st.sampled_from(["in", "out", "none"]),
    ),
    min_size=1, max_size=25,
)  # fmt: skip


def theirs(row) -> bool:
    if row["event"] == "mql_qualified":
        return False
    if row["event"] == "meeting":
        return True
    return row["event"] != "email_sent" and row["direction"] != "out"


def expected(rows, memberships, group, now, recent):
    """Counts of one group, one row after the other."""
    here = [
        m for m in memberships
        if m["group_id"] == group and m["added_at"] <= now
        and (m["removed_at"] is None or m["removed_at"] > now)
    ]  # fmt: skip
    people = {m["person_id"] for m in here}
    of = {p: [r for r in rows if r["person_id"] == p and r["occurred_at"] <= now] for p in people}
    late = {p: [r for r in rs if r["occurred_at"] > now - recent] for p, rs in of.items()}
    filled, total = 0.0, 0
    for role, need, _, counts in [("Decision Maker", 2, 0, 1), ("Influencer", 1, 0, 1),
                                  ("Practitioner", 1, 0, 1)]:  # fmt: skip
        total += counts
        filled += min(1, len({m["person_id"] for m in here if m["role"] == role}) / need)
    deciding = {m["person_id"] for m in here if m["role"] == "Decision Maker"}
    awake = [p for p in deciding if any(map(theirs, late[p]))]
    return {
        "members": len(people),
        "members_engaged": sum(any(map(theirs, late[p])) for p in people),
        "events": sum(theirs(r) for p in people for r in late[p]),
        "inbound": sum(
            r["direction"] == "in" or r["event"] == "email_received"
            for p in people
            for r in late[p]
        ),
        "share_complete": filled / total,
        "decision": "missing" if not deciding else "engaged" if awake else "silent",
        "last_touch_at": max((r["occurred_at"] for p in people for r in of[p]), default=None),
    }


@settings(max_examples=12)
@given(happened, members, st.integers(5, 60), st.integers(60, 119), st.randoms())
def test_every_count_is_that_of_the_slow_way(rows, memberships, recent, day, chance):
    chance.shuffle(rows)
    chance.shuffle(memberships)
    made = world(
        {
            "events": rows,
            "accounts": [{"account_id": k, "name": k} for k in ("A", "B")],
            "buying_groups": [
                {"group_id": g, "account_id": a, "template": "standard"} for g, a in GROUPS
            ],
            "buying_group_roles": roles(),
            "buying_group_members": memberships,
        },
        as_of=f"{at(day):%Y-%m-%d}",
    )
    now = made.as_of
    result = wb.buying_groups(made, recent=f"{recent}d").frame.set_index("key")
    for group, _ in GROUPS:
        wanted = expected(rows, memberships, group, now, pd.Timedelta(days=recent))
        found = result.loc[group]
        for name, value in wanted.items():
            if value is None:
                assert pd.isna(found[name]), name
            elif isinstance(value, float):
                assert found[name] == pytest.approx(value), name
            else:
                assert found[name] == value, (group, name)


def test_the_order_of_the_rows_changes_nothing():
    rows = [event("A", n % 50 + n / 100, EVENTS[n % 5], PEOPLE[n % 4]) for n in range(120)]
    tables = {
        "events": rows,
        "buying_groups": [
            {"group_id": g, "account_id": a, "template": "standard"} for g, a in GROUPS
        ],
        "buying_group_roles": roles(),
        "buying_group_members": [
            member(g, p, ROLES[(n + k) % 5], k)
            for n, (g, _) in enumerate(GROUPS)
            for k, p in enumerate(PEOPLE)
        ],
        "opportunities": [
            deal(f"O{n}", "AB"[n % 2], n, None if n % 3 else n + 9, n % 2 == 0) for n in range(9)
        ],
        "opportunity_people": [
            {"opportunity_id": f"O{n}", "person_id": PEOPLE[n % 4], "role": "x"} for n in range(9)
        ],
    }
    first = wb.buying_groups(world(tables))
    mixed = random.Random(7)
    again = {name: mixed.sample(list(rows), len(list(rows))) for name, rows in tables.items()}
    second = wb.buying_groups(world(again))
    pd.testing.assert_frame_equal(first.frame, second.frame)
    pd.testing.assert_frame_equal(first.roles().frame, second.roles().frame)
    pd.testing.assert_frame_equal(first.won_and_lost().frame, second.won_and_lost().frame)
    assert first.explain() == second.explain()


def test_shares_stay_between_nothing_and_everything_and_more_members_fill_more_roles():
    base = [member("G0", "P0", "Influencer")]
    before = 0.0
    for more in ([], [member("G0", "P1", "Decision Maker")], [member("G0", "P2", "Practitioner")]):
        base = base + more
        made = world(
            {
                "events": [event("A", 1, "page_viewed", "P0")],
                "buying_groups": [{"group_id": "G0", "account_id": "A", "template": "standard"}],
                "buying_group_roles": roles(),
                "buying_group_members": base,
            }
        )
        found = wb.buying_groups(made).frame.iloc[0]
        assert before < found["share_complete"] <= 1
        assert not math.isnan(found["share_engaged"])
        before = found["share_complete"]
