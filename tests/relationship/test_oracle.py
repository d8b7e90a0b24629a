"""Linking, counts and turns beside slow, obvious ones; rows in any order."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.relationship import oracle
from tests.relationship.worlds import at, deal, world

USERS, PERSONS = ("U1", "U2", "U3"), ("P1", "P2", "P3", "P4")
ACCOUNT_OF = {"P1": "A1", "P2": "A1", "P3": "A2", "P4": "A2"}
AS_OF = at("06-30 23:59")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["email", "call", "meeting"]),
        st.sampled_from(["in", "out"]),
        st.integers(0, 60 * 24),
        st.sets(st.sampled_from(USERS), min_size=1),
        st.sets(st.sampled_from(PERSONS), min_size=1),
        st.booleans(),
        st.sampled_from([None, "O1", "O2"]),
        st.sampled_from([None, "A1", "A2"]),
        st.sampled_from(["T1", "T2", "T3"]),
        st.sampled_from([None, 10, 25]),
    ),
    min_size=1, max_size=14,
)  # fmt: skip
ROLES = st.sets(
    st.tuples(
        st.sampled_from(["O1", "O2"]),
        st.sampled_from([("customer", p) for p in PERSONS] + [("team", u) for u in USERS]),
    ),
    max_size=6,
)


def drawn_world(drawn, roles):
    acts, present = {}, []
    for n, (kind, way, hour, users, persons, blind, deal_key, account, thread, length) in enumerate(
        drawn
    ):
        name = f"m{n:02d}"
        acts[name] = {
            "activity_id": name, "type": kind, "direction": way, "status": "done",
            "start_at": at("05-01 00:00") + timedelta(hours=hour), "opportunity_id": deal_key,
            "account_id": account, "thread_id": thread if kind == "email" else None,
            "duration_min": length if kind != "email" else None,
        }  # fmt: skip
        part = "required" if kind == "meeting" else "to"
        lines = [(name, "team", u, part) for u in users]
        lines += [(name, "customer", p, part) for p in persons]
        if blind and kind == "email" and len(persons) > 1:
            lines[-1] = (*lines[-1][:3], "bcc")
        present += lines
    return {
        "acts": acts, "present": present, "person": ACCOUNT_OF,
        "roles": [(o, side, key) for o, (side, key) in sorted(roles)],
        "primary": {"A1": "P1", "A2": "P3"},
        "account": {"A1": {}, "A2": {}},
        "opportunity": {"O1": {"owner": "U1", "account": "A1"},
                        "O2": {"owner": "U2", "account": "A2"}},
    }  # fmt: skip


def opened(told, random):
    rows = [(row, [p for p in told["present"] if p[0] == n]) for n, row in told["acts"].items()]
    random.shuffle(rows)
    return world(
        rows,
        accounts=[{"account_id": a, "name": a, "primary_contact_id": p}
                  for a, p in told["primary"].items()],
        people=list(ACCOUNT_OF.items()), roles=told["roles"], users=USERS,
        opportunities=[deal("O1", "U1", "A1"), deal("O2", "U2", "A2")], as_of=AS_OF,
    )  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(
    ACTS, ROLES, st.sampled_from(["strict", "vendor", "loose"]),
    st.sampled_from([1, 14, 40]), st.randoms(use_true_random=False),
)  # fmt: skip
def test_links_counts_and_turns(drawn, roles, mode, days, random):
    told = drawn_world(drawn, roles)
    ws = opened(told, random)
    for kind in ("opportunity", "account"):
        asked = wb.relationships(ws, of=kind, opportunity_link=mode, maturity=f"{days}d")
        wanted = oracle.links(told, kind, mode)
        members = asked.members("all")
        assert len(members) == sum(map(len, wanted.values()))
        for key, names in wanted.items():
            assert set(members.loc[members["key"] == key, "activity_id"]) == names
            line = asked.frame.set_index("key").loc[key]
            for name, value in oracle.counts(told, names).items():
                assert line[name] == pytest.approx(value), name
            check_turns(line, oracle.turns(told, names, AS_OF, timedelta(days=days)))


def check_turns(line, turns):
    for side, by_customer in (("us", True), ("them", False)):
        own = [hours for way, _, hours in turns if way == by_customer]
        took = [hours for hours in own if hours is not None]
        assert line[f"asked_of_{side}"] == len(own)
        assert line[f"answered_by_{side}"] == len(took)
        mean = line[f"hours_by_{side}"]
        assert mean == pytest.approx(np.mean(took)) if took else np.isnan(mean)


@settings(max_examples=8, deadline=None)
@given(ACTS, ROLES, st.randoms(use_true_random=False), st.sampled_from([1, 7, 30]))
def test_health_beside_the_formula(drawn, roles, random, every):
    told = drawn_world(drawn, roles)
    ws = opened(told, random)
    found = wb.relationships(ws, of="opportunity", every_days=every).health().frame
    for key, names in oracle.links(told, "opportunity", "vendor").items():
        line = found.set_index("key").loc[key]
        acts = [told["acts"][n] for n in names]
        assert line["done"] == len(acts)
        if len(acts) < 3:
            assert np.isnan(line["score"])
            continue
        ages = [(AS_OF - a["start_at"]) / timedelta(days=1) for a in acts]
        total = sum(0.5 ** (age / (2 * every)) for age in ages)
        activity = min(1, total * (1 - 0.5**0.5))
        recency = min(1, max(0, 1 - (min(ages) - every) / (3 * every)))
        engagement = min(1, 2 * sum(a["direction"] == "in" for a in acts) / len(acts))
        assert line["activity"] == pytest.approx(activity)
        assert line["recency"] == pytest.approx(recency)
        assert line["engagement"] == pytest.approx(engagement)
        score = 50 * activity + 30 * recency + 20 * engagement
        assert line["score"] == pytest.approx(np.floor(score + 0.5 + 1e-9))
