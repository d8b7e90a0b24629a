"""Exports as they come: gaps, doubles, names that try to break things, and nothing at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.relationship.worlds import act, at, deal, one, world
from tests.worlds.company import HOSTILE
from workbench.errors import AbsentError, ArgumentError
from workbench.relationship.sorting import distinct, order_of

PEOPLE = [("S", "A1")]


def test_without_participants_owner_and_person_stand_in():
    rows = [act("m1", "email", "out", "06-01", owner_id="U1", person_id="S"),
            act("m2", "email", "out", "06-02", owner_id="U2", person_id="S")]  # fmt: skip
    ws = world(rows, people=PEOPLE, opportunities=[deal("O")], roles=[("O", "customer", "S")])
    found = one(ws, "O")
    assert (found["activities"], found["emails_sent"], found["accuracy"]) == (1, 1, "partial")
    assert one(ws, "S", of="person")["emails_sent"] == 2


def test_an_unknown_direction_counts_in_totals_only():
    rows = [act("m1", "email", None, "06-01", account_id="A1"),
            act("m2", "meeting", None, "06-02", account_id="A1"),
            act("m3", "call", None, "06-03", "customer:S:from", account_id="A1")]  # fmt: skip
    found = one(world(rows, people=PEOPLE), "A1", of="account")
    counts = ["emails", "emails_sent", "emails_received", "meetings", "calls_received"]
    assert found[counts].tolist() == [1, 0, 0, 1, 1]
    assert (found["unknown_direction"], found["directed"]) == (2, 1)
    assert found["without_duration"] == 2


def test_the_organizer_gives_a_meeting_its_direction():
    rows = [act("m1", "meeting", "out", "06-01", "customer:S:organizer", "team:U1:required"),
            act("m2", "meeting", "out", "06-02", "customer:S:organizer", "team:U1:organizer"),
            act("m3", "meeting", "out", "06-03", "customer:S:required")]  # fmt: skip
    found = one(world(rows, people=PEOPLE), "A1", of="account")
    names = ["meetings", "meetings_sent", "meetings_received", "unknown_direction"]
    assert found[names].tolist() == [3, 1, 1, 1]


def test_meetings_without_end_are_done_once_they_are_over():
    rows = [act("m1", "meeting", "out", "06-01", "customer:S:required", status="open"),
            act("m2", "task", "none", "06-02", account_id="A1", status="open")]  # fmt: skip
    ws = world(rows, people=PEOPLE)
    found = one(ws, "A1", of="account")
    assert (found["meetings"], found["overdue"]) == (1, 1)
    assert one(ws, "A1", of="account", auto_complete_past=False)["meetings"] == 0
    assert wb.relationships(ws, of="account").members("overdue")["activity_id"].tolist() == ["m2"]


def test_mails_among_ourselves_are_nobody_s():
    rows = [act("m1", "email", "out", "06-01", "team:U1:from", "team:U2:to")]
    ws = world(rows, people=PEOPLE, opportunities=[deal("O")], roles=[("O", "customer", "S")])
    assert one(ws, "O")["activities"] == 0
    assert one(ws, "A1", of="account")["activities"] == 0


def test_a_merged_person_is_the_one_that_is_left():
    people = pd.DataFrame(
        {"person_id": ["S", "T"], "account_id": ["A1", None], "merged_into_id": [None, "S"]}
    )
    rows = world([act("m1", "email", "in", "06-01", "customer:T:from")], people=PEOPLE)
    tables = {n: rows.sql(f"SELECT * FROM {n}") for n in ("activities", "activity_participants")}
    accounts = pd.DataFrame({"account_id": ["A1"]})
    ws = wb.from_frames(people=people, accounts=accounts, **tables)
    assert wb.relationships(ws, of="person").frame["key"].tolist() == ["S"]
    assert one(ws, "S", of="person")["emails_received"] == 1
    assert one(ws, "A1", of="account")["emails_received"] == 1


def test_an_address_stands_for_its_person():
    lines = [("m1", "a@own.example", "from"), ("m1", " S@Customer.example", "to")]
    ws = wb.from_frames(
        settings={"own_domains": ["own.example"]},
        accounts=pd.DataFrame({"account_id": ["A1"]}),
        people=pd.DataFrame(
            {"person_id": ["S"], "account_id": ["A1"], "email": ["s@customer.example"]}
        ),
        activities=pd.DataFrame(
            {"activity_id": ["m1"], "type": "email", "start_at": [at("06-01")]}
        ),
        activity_participants=pd.DataFrame(lines, columns=["activity_id", "raw_address", "part"]),
    )
    found = one(ws, "A1", of="account")
    assert (found["emails_sent"], found["unknown_direction"]) == (1, 0)


def test_what_is_uncertain_is_said_in_a_sentence():
    many = [f"customer:L{n}:to" for n in range(20_000)]
    rows = [act("m1", "email", None, "06-01", account_id="A1"),
            act("m2", "meeting", "out", "06-02", "customer:S:organizer", "team:U1:organizer"),
            act("m3", "call", "in", "06-03", "customer:S:from", duration_min=5),
            act("m4", "email", "out", "06-04", "team:U1:from", "customer:S:to", *many),
            act("m5", "email", "in", "06-05", "customer:S:from", thread_id="T"),
            act("m6", "email", "out", "06-06", "team:U1:from", "team:U2:to")]  # fmt: skip
    rows[5][0]["start_at"] = None
    notes = wb.relationships(world(rows, people=PEOPLE), of="account").scope.notes
    assert notes == (
        "1 activity has no time and takes no part.",
        "1 mail went to more than 20 receivers and is left out as list mail.",
        "Of 2 mails, calls and meetings nobody knows who began them: they count in totals only.",
        "1 meeting has organizers of both sides or of an unknown one.",
        "1 call or meeting has no duration and counts 0 minutes.",
        "3 mails have no thread: their subject and their two people stand in.",
        "4 of 6 activities belong to one of the records.",
    )


def test_nothing_after_the_day_that_is_looked_from():
    rows = [act(f"m{n}", "email", "out", f"06-{n + 10}", "customer:S:to", account_id="A1")
            for n in range(9)]  # fmt: skip
    found = one(world(rows, people=PEOPLE), "A1", of="account", as_of="2024-06-13")
    assert (found["activities"], found["last_id"]) == (4, "m3")
    assert found[["next_id"]].isna().all()


def test_hostile_names_and_subjects_pass_through():
    rows = [act(name, "email", "in", "06-01", account_id=HOSTILE[n], subject=name, thread_id=name)
            for n, name in enumerate(HOSTILE)]  # fmt: skip
    accounts = [{"account_id": name, "name": name} for name in HOSTILE]
    asked = wb.relationships(world(rows, accounts=accounts), of="account")
    assert asked.frame.set_index("key")["emails_received"].to_dict() == dict.fromkeys(HOSTILE, 1)
    assert asked.members(key=HOSTILE[2])["subject"].tolist() == [HOSTILE[2]]


def test_what_is_not_there_is_named():
    ws = world([act("m1", "email", "in", "06-01", account_id="A1")])
    with pytest.raises(AbsentError, match=r"of='lead'.*'account'"):
        wb.relationships(ws, of="lead")
    asked = wb.relationships(ws, of="account")
    with pytest.raises(AbsentError, match="key='A2'"):
        asked.members(key="A2")
    with pytest.raises(ArgumentError, match="name='mails'"):
        asked.members("mails")
    with pytest.raises(ArgumentError, match="days=0"):
        asked.days(days=0)
    without = wb.from_frames(accounts=pd.DataFrame({"account_id": ["A1"]}))
    with pytest.raises(AbsentError, match="a table of activities"):
        wb.relationships(without, of="account")


def test_every_count_opens_to_as_many_activities():
    rows = [act(f"m{n}", ("email", "call", "meeting", "task")[n % 4], ("in", "out")[n % 3 % 2],
                f"06-{n + 1:02d}", f"customer:S{n % 2}:to", "team:U1:from", opportunity_id="O",
                thread_id=f"T{n % 3}") for n in range(28)]  # fmt: skip
    asked = wb.relationships(world(rows, opportunities=[deal("O")]))
    line = asked.frame.iloc[0]
    for name in ("activities", "emails", "emails_sent", "emails_received", "meetings_sent", "calls",
                 "calls_made", "tasks", "asked_of_us", "answered_by_us", "asked_of_them",
                 "without_duration", "unknown_direction", "shared", "overdue"):  # fmt: skip
        assert len(asked.members(name, key="O")) == line[name], name
    assert line["emails"] + line["meetings"] + line["calls"] + line["tasks"] == line["activities"]
    assert len(asked.health().members("O")) == 5
    assert len(asked.health().members("O", most=None)) == 28


def test_usefulness_tells_won_from_lost():
    rows, deals = [], []
    for n in range(8):
        won = n < 4
        deals.append(deal(f"O{n}", is_closed=True, is_won=won, closed_at=at("06-20")))
        way = "in" if won else "out"
        rows += [
            act(f"m{n}-{i}", "email", way, f"05-{10 + i}", "customer:S:to", opportunity_id=f"O{n}")
            for i in range(3 + won)
        ]
    found = wb.relationships(world(rows, opportunities=deals), closed=True).health().usefulness()
    assert found["auc"].tolist() == [1.0] * 5
    assert (found["closed"].sum(), found["won"].sum()) == (8, 4)


def test_sorting_is_that_of_numpy():
    rng = np.random.default_rng(5)
    for high in (3, 2**40):
        keys = [rng.integers(-5, high, 300) for _ in range(3)]
        assert (order_of(*keys) == np.lexsort(keys[::-1])).all()
        assert (distinct(keys[0]) == np.unique(keys[0])).all()
    assert order_of(np.zeros(0, int)).size == 0


def test_a_table_without_a_line_is_no_activity():
    empty = pd.DataFrame({"activity_id": pd.Series([], dtype=object)})
    accounts = pd.DataFrame({"account_id": ["A1"]})
    asked = wb.relationships(wb.from_frames(accounts=accounts, activities=empty), of="account")
    assert asked.frame[["activities", "directed"]].to_numpy().tolist() == [[0, 0]]
    assert asked.headline().startswith("0 of 1 account were in contact")
    assert asked.days("A1")["activities"].sum() == 0
    assert asked.weeks().empty
    assert asked.members("all").empty
    assert asked.contacted("A1").empty


def test_importing_the_room_leaves_the_function_its_name():
    from workbench.relationship import ask

    assert wb.relationships is ask.relationships
