"""Who knows whom, single threads, gaps, and hand-overs, each small enough to draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.relationship.worlds import act, at, deal, world
from tests.worlds.company import HOSTILE
from workbench.errors import AbsentError, ArgumentError
from workbench.relationship.people import seniority
from workbench.relationship.people.network_chart import MOST_PEOPLE, drawn_people
from workbench.results import theme


def staffed(rows, people, users, **more):
    """A world whose people have levels and whose users have teams."""
    first = world(rows, people=[(p, "A1") for p, _ in people], users=[u for u, _ in users], **more)
    tables = {n: first.sql(f"SELECT * FROM {n}") for n in first.tables
              if n not in ("people", "users", "touchpoints")}  # fmt: skip
    tables["people"] = pd.DataFrame(
        {"person_id": [p for p, _ in people], "account_id": "A1", "first_name": None,
         "last_name": [f"Name {p}" for p, _ in people], "role_level": [v for _, v in people]}
    )  # fmt: skip
    tables["users"] = pd.DataFrame(
        {"user_id": [u for u, _ in users], "name": [f"User {u}" for u, _ in users],
         "team": [t for _, t in users]}
    )  # fmt: skip
    return wb.from_frames(as_of="2024-06-30T12:00:00+00:00", **tables)


PEOPLE = [("P1", "Staff"), ("P2", "CFO"), ("P3", "Head of IT")]
USERS = [("U1", "East"), ("U2", "East"), ("U3", None)]
MET = staffed(
    [
        act("m1", "email", "out", "06-30", "team:U1:from", "customer:P1:to"),
        act("m2", "meeting", "out", "04-01", "team:U1:organizer", "team:U2:required",
            "customer:P1:required", "customer:P2:required"),
        act("m3", "call", "in", "06-30", "team:U3:to", "customer:P1:from"),
        act("m4", "email", "out", "06-29", "team:U1:from", "customer:P2:bcc"),
    ],
    PEOPLE, USERS,
)  # fmt: skip


def test_who_knows_whom_names_teams_unless_people_are_asked_for():
    asked = wb.relationships(MET, of="account")
    found = asked.network("A1").frame
    assert found["person"].tolist() == ["P2", "P3", "P1", "P1"]
    assert found["colleague_name"].tolist() == ["East", None, "East", "Our side"]
    assert "User" not in str(asked.network("A1").block())
    by_team = found.set_index(["person", "colleague_name"])
    # A meeting with two of a team counts once for the team.
    assert by_team.loc[("P1", "East"), ["count", "total"]].tolist() == [2, 3]
    assert by_team.loc[("P1", "East"), "strength"] == pytest.approx(1.5)
    named = asked.network("A1", people=True)
    ties = named.frame.set_index(["person", "colleague"])["count"].dropna()
    assert ties[("P1", "U1")] == 2
    assert ties[("P1", "U2")] == 1
    assert "Members of staff are named because it was asked for" in named.explain()
    assert named.headline() == (
        "We are in contact with 2 of 3 people, and with 1 of 2 directors or above")  # fmt: skip
    assert set(asked.network("A1", with_calls=False).frame["total"]) == {0, 1, 2}


def test_every_tie_opens_to_its_activities():
    found = wb.relationships(MET, of="account").network("A1", people=True)
    for line in found.frame.itertuples():
        if line.count:
            assert len(found.members(line.person, line.colleague)) == line.count
        assert len(found.members(line.person)) == line.total
    with pytest.raises(AbsentError, match="person='X'"):
        found.members("X")
    with pytest.raises(AbsentError, match="colleague='X'"):
        found.members("P1", "X")
    with pytest.raises(ArgumentError, match="people=1"):
        wb.relationships(MET, of="account").network("A1", people=1)


def test_two_hundred_people_with_hostile_names_are_drawn_to_a_limit():
    rows = [act(f"m{n}", "email", "out", f"06-{1 + n % 28:02d}", f"team:U{n % 30}:from",
                f"customer:P{n % 200}:to") for n in range(260)]  # fmt: skip
    people = [(f"P{n}", ("Staff", "CEO", HOSTILE[1], None)[n % 4]) for n in range(200)]
    ws = staffed(rows, people, [(f"U{n}", HOSTILE[n % 7]) for n in range(30)])
    found = wb.relationships(ws, of="account").network("A1", people=True)
    drawn = drawn_people(found.frame)
    assert (len(drawn), found.frame["person"].nunique()) == (MOST_PEOPLE, 200)
    assert "24 of 200 people are drawn" in found.reading()
    assert theme.as_svg(theme.themed(found.chart())).startswith("<svg")


@pytest.mark.parametrize(
    ("text", "rank"),
    [("C-level", 5), ("CEO", 5), ("Geschäftsführerin", 5), ("取締役", 5), ("Vice President", 4),
     ("SVP Sales", 4), ("Managing Director", 5), ("Head of IT", 3), ("品質保証部長", 3),
     ("Teamleiter", 2), ("Produktionsleiterin", 3), ("購買部 課長", 2),
     ("Account Executive", 1), ("Staff", 1), ("", 0),
     (None, 0), (3.5, 0), ("Wizard", 0)],
)  # fmt: skip
def test_levels_of_several_languages(text, rank):
    assert seniority.rank_of(text) == rank


def test_single_threads_by_hand():
    def with_people(deal_key, *people):
        return [act(f"{deal_key}{p}", "email", "out", "06-01", "team:U1:from", f"customer:{p}:to",
                    opportunity_id=deal_key) for p in people]  # fmt: skip

    rows = [*with_people("O1", "P1"), *with_people("O2", "P1", "P4"),
            *with_people("O3", "P1", "P2"),
            act("old", "email", "out", "2023-06-01 10:00", "customer:P2:to", opportunity_id="O4"),
            act("again", "call", "in", "06-02", "customer:P1:from", opportunity_id="O2"),
            ]  # fmt: skip
    ws = staffed(rows, [*PEOPLE, ("P4", "Manager")], USERS,
                 opportunities=[deal(f"O{n}") for n in range(1, 5)])  # fmt: skip
    asked = wb.relationships(ws).single_threaded()
    assert asked.frame["flag"].tolist() == ["one_person", "nobody_senior", "several", "nobody"]
    assert asked.frame[["in_contact", "senior"]].to_numpy().tolist() == [
        [1, 0], [2, 0], [2, 1], [0, 0]]  # fmt: skip
    second = asked.frame.iloc[1]
    assert second[["person", "level", "count", "total"]].tolist() == ["P1", "Staff", 2, 3]
    assert [len(asked.members(key)) for key in asked.frame["key"]] == asked.frame["total"].tolist()
    assert asked.members(flag="one_person")["key"].tolist() == ["O1"]
    assert asked.headline().startswith("1 of 4 opportunities hang by one person")
    wide = wb.relationships(ws).single_threaded(recent="730d", senior="manager")
    assert wide.frame["flag"].tolist() == ["one_person", "several", "several", "one_person"]
    for wrong in ({"senior": "boss"}, {"recent": "long"}):
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            wb.relationships(ws).single_threaded(**wrong)


def test_without_levels_nobody_is_called_junior():
    rows = [act(f"m{n}", "call", "in", "06-01", f"customer:S{n}:from", opportunity_id="O")
            for n in range(2)]  # fmt: skip
    ws = world(rows, opportunities=[deal("O")])
    assert wb.relationships(ws).single_threaded().frame["flag"].tolist() == ["several"]


def test_gaps_by_hand():
    days = ["06-01", "06-03", "06-05", "06-15", "06-16"]
    rows = [act(f"m{n}", "call", "in", day, opportunity_id="O1") for n, day in enumerate(days)]
    rows += [act("x", "task", "none", "06-29", opportunity_id="O1"),
             act("y1", "email", "out", "06-01", opportunity_id="O2"),
             act("y2", "email", "out", "06-03", opportunity_id="O2")]  # fmt: skip
    ws = world(rows, opportunities=[deal(f"O{n}") for n in range(1, 4)],
               as_of="2024-06-30T12:00:00+00:00")  # fmt: skip
    found = wb.relationships(ws).gaps()
    first, second, third = (line for _, line in found.frame.iterrows())
    # Gaps of 2, 2, 10 and 1 days; a task is no contact.
    names = ["contacts", "days_since_last", "median_days", "longest_days", "times_usual"]
    assert first[names].tolist() == [5, 14, 2, 10, 7]
    assert [first[n].strftime("%m-%d") for n in ("longest_from", "longest_until")] == [
        "06-05", "06-15"]  # fmt: skip
    assert (first["longest_now"], second["longest_now"], third["longest_now"]) == (
        True, True, False)  # fmt: skip
    assert third["contacts"] == 0
    assert found.headline().startswith("2 of 2 opportunities with two contacts or more")
    assert "With 1 opportunity nobody has ever spoken." in found.reading()
    members = found.members("O1")
    assert members["days_since_previous"].tolist()[1:] == [2, 2, 10, 1]


def contacts(users, first_day=1):
    return [act(f"m{n}", "call", "out", f"05-{first_day + n:02d}", f"team:{user}:from",
                opportunity_id="O") for n, user in enumerate(users)]  # fmt: skip


def test_hand_overs_are_read_from_contacts():
    rows = contacts(["U1"] * 4) + [
        act(f"n{n}", "call", "out", f"05-{25 + n}", "team:U2:from", opportunity_id="O")
        for n in range(3)
    ]
    ws = staffed(rows, PEOPLE, USERS, opportunities=[deal("O")])
    found = wb.relationships(ws).handovers(people=True)
    line = found.frame.iloc[0]
    assert line[["source", "from_key", "to_key"]].tolist() == ["contacts", "U1", "U2"]
    assert line[["before", "count", "total", "gap_days"]].tolist() == [4, 3, 3, 21]
    assert "1 of 1 time" in found.headline()
    assert found.members("O")["after"].tolist() == [False] * 4 + [True] * 3
    hidden = wb.relationships(ws).handovers()
    assert hidden.frame[["from_name", "to_name"]].to_numpy().tolist() == [["East", "East"]]
    assert "User" not in str(hidden.block())


@pytest.mark.parametrize("users", [["U1"] * 7, ["U1", "U2"] * 4, ["U1"] * 2 + ["U2"] * 5,
                                   ["U1"] * 5 + ["U2"] * 2])  # fmt: skip
def test_no_hand_over_without_a_change(users):
    ws = staffed(contacts(users), PEOPLE, USERS, opportunities=[deal("O")])
    found = wb.relationships(ws).handovers()
    assert found.frame.empty
    assert found.headline() == "0 of 1 opportunity went to other hands"


def test_hand_overs_are_changes_of_owner_where_the_history_names_owners():
    first = world(contacts(["U1", "U1", "U2"]), opportunities=[deal("O", "U2")], users=["U1", "U2"])
    tables = {n: first.sql(f"SELECT * FROM {n}") for n in first.tables if n != "touchpoints"}
    tables["opportunity_history"] = pd.DataFrame(
        {"history_id": ["a", "b", "c", "d"], "opportunity_id": "O",
         "changed_at": [at("04-01"), at("05-01"), at("05-02 20:00"), at("07-09")],
         "owner_id": ["U1", "U1", "U2", "U1"]}
    )  # fmt: skip
    found = wb.relationships(wb.from_frames(as_of="2024-06-30", **tables)).handovers(people=True)
    line = found.frame.iloc[0]
    assert len(found.frame) == 1
    assert line[["source", "from_key", "to_key"]].tolist() == ["history", "U1", "U2"]
    assert line[["before", "count", "total", "gap_days"]].tolist() == [2, 1, 1, 1]
    assert np.isclose(line["share"], 1)
