"""Buying groups: worked examples of the rules, options, views, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.journeys.abm_world import accounts, deal, event, member, people, roles, world
from tests.worlds import START, at
from workbench.errors import AbsentError, ArgumentError


def groups(*rows):
    return [
        {"group_id": g, "account_id": a, "solution": s, "template": "standard", "stage": "Open"}
        for g, a, s in rows
    ]


@pytest.fixture(scope="module")
def small():
    """Two groups of A, one of B; the last event on day 100."""
    return world(
        {
            "events": [
                event("A", 99, "page_viewed", "P1"),
                event("A", 99.5, "email_sent", "P2", direction="out"),
                event("A", 5, "email_received", "P2", direction="in"),
                event("A", 95, "meeting", "P3", direction="out"),
                event("A", 96, "sql_qualified", "P4"),
                event("B", 100, "email_received", "P5", direction="in"),
            ],
            "accounts": accounts("A", "B"),
            "people": people(("P1", "A"), ("P2", "A"), ("P3", "A"), ("P4", "A"), ("P5", "B")),
            "buying_groups": groups(("G1", "A", "Pumps"), ("G2", "A", "Valves"),
                                    ("G3", "B", "Pumps")),
            "buying_group_roles": roles(),
            "buying_group_members": [
                member("G1", "P1", "Influencer"),
                member("G1", "P2", "Decision Maker"),
                member("G1", "P4", "Champion"),
                member("G2", "P3", "Practitioner"),
                member("G2", "P1", "Decision Maker", removed=50),
                member("G3", "P5", "Decision Maker"),
            ],
            "opportunities": [
                deal("O1", "A", 10, amount=500.0),
                deal("O2", "A", 10, amount=200.0),
                deal("O3", "B", 10, 60, True),
                deal("O4", "B", 10, 61, False),
            ],
            "opportunity_people": [
                {"opportunity_id": "O1", "person_id": "P2", "role": "Decision Maker"},
                {"opportunity_id": "O1", "person_id": "P4", "role": "Champion"},
            ],
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def asked(small):
    return wb.buying_groups(small)


def line(result, key):
    return result.frame.set_index("key").loc[key]


def test_completeness_is_the_mean_over_the_roles_needed(asked):
    # Rule 11: Decision Maker 1 of 2, Influencer 1 of 1, Practitioner 0 of 1: 50 %.
    found = line(asked, "G1")
    assert found["roles_filled"] == pytest.approx(1.5)
    assert found["roles_required"] == 3
    assert found["share_complete"] == pytest.approx(0.5)
    assert found["missing_roles"] == "Decision Maker (1 of 2), Practitioner"
    # Weights 100, 80, 60: (0.5·100 + 80) / 240.
    assert found["share_complete_weighted"] == pytest.approx(130 / 240)


def test_a_role_that_needs_nobody_and_one_that_does_not_count_are_skipped():
    made = world(
        {
            "events": [event("A", 1, "page_viewed", "P1")],
            "buying_groups": groups(("G1", "A", "x")),
            "buying_group_roles": roles(
                [("DM", 0, 100.0, True), ("User", 1, 60.0, True), ("Sponsor", 1, 40.0, False)]
            ),
            "buying_group_members": [member("G1", "P1", "User")],
        }
    )
    found = line(wb.buying_groups(made), "G1")
    assert (found["roles_required"], found["share_complete"]) == (1, 1.0)
    assert found["missing_roles"] == ""


@pytest.fixture(scope="module")
def totals():
    """Role totals 52 / 28 / 17, each event on a day of its own; and 30 more on one day."""
    rows = [
        event("A", day + 0.5, "page_viewed", person)
        for person, number in (("P1", 52), ("P2", 28), ("P3", 17))
        for day in range(number)
    ]
    return rows, {
        "buying_groups": groups(("G1", "A", "x")),
        "buying_group_roles": roles(
            [("DM", 1, 100.0, True), ("Influencer", 1, 80.0, True), ("User", 1, 60.0, True)]
        ),
        "buying_group_members": [
            member("G1", "P1", "DM"), member("G1", "P2", "Influencer"), member("G1", "P3", "User"),
        ],
    }  # fmt: skip


def test_engagement_weighs_the_roles_present(totals):
    # Rule 12: 52·0.4167 + 28·0.3333 + 17·0.25 = 35.25.
    rows, tables = totals
    found = line(wb.buying_groups(world({"events": rows, **tables})), "G1")
    assert found["engagement"] == pytest.approx(35.25)
    assert found["events"] == 52 + 28 + 17


def test_of_one_person_kind_and_day_twenty_events_count(totals):
    rows, tables = totals
    burst = [event("A", 51.5 + n / 1000, "page_viewed", "P1") for n in range(30)]
    made = world({"events": rows + burst, **tables})
    found = line(wb.buying_groups(made), "G1")
    # 51 other days and 20 of the 31 events of day 51.
    assert found["engagement"] == pytest.approx((71 * 100 + 28 * 80 + 17 * 60) / 240)
    assert found["events"] == 127
    uncapped = line(wb.buying_groups(made, cap=100), "G1")
    assert uncapped["engagement"] == pytest.approx((82 * 100 + 28 * 80 + 17 * 60) / 240)


def test_what_was_sent_or_recorded_is_no_engagement(asked):
    result = asked
    people = result.members("G1").set_index("key")
    assert people["engaged"].to_dict() == {"P1": True, "P2": False, "P4": False}
    assert people.loc["P2", "outbound"] == 1
    assert people.loc["P2", "last_touch_at"] == pd.Timestamp(at(99.5))
    assert people.loc["P2", "last_engaged_at"] == pd.Timestamp(at(5))
    found = line(result, "G1")
    assert found[["members", "members_engaged"]].tolist() == [3, 1]
    assert found["share_engaged"] == pytest.approx(1 / 3)
    # A meeting is something that both did, whoever invited.
    assert line(result, "G2")[["members", "members_engaged"]].tolist() == [1, 1]


def test_the_recent_time_reaches_back_from_the_last_event(small):
    assert line(wb.buying_groups(small, recent="96d"), "G1")["members_engaged"] == 2
    assert line(wb.buying_groups(small, recent="12h"), "G1")["members_engaged"] == 0


def test_a_missing_and_a_silent_decision(asked):
    result = asked
    states = result.frame.set_index("key")["decision"].to_dict()
    assert states == {"G1": "silent", "G2": "missing", "G3": "engaged"}
    assert line(result, "G1")["decision_engaged_at"] == pd.Timestamp(at(5))
    assert "2 of 2 buying groups in an open opportunity" in result.headline()
    assert result.acting["key"].tolist() == ["G1", "G2"]
    block = result.to_act_on().content
    assert [row[2] for row in block["table"]["rows"]] == [
        "Decision Maker silent since 2026-01-06", "Decision Maker missing",
    ]  # fmt: skip


def test_an_opportunity_goes_to_the_group_that_shares_people_with_it(asked):
    result = asked
    amounts = result.frame.set_index("key")["open_amount"]
    # O1 shares two people with G1; O2 shares none, so it stands at both groups of the account.
    assert amounts["G1"] == 700
    assert amounts["G2"] == 200
    assert np.isnan(amounts["G3"])
    figures = result.key_figures().content["figures"]
    assert figures[-1]["value"] == "EUR 700"
    assert result.frame["key"].tolist() == ["G1", "G2", "G3"]


def test_members_are_those_of_the_end_of_the_period(small, asked):
    early = wb.buying_groups(small, period="..2026-02-01")
    assert line(early, "G2")["members"] == 2
    assert line(early, "G3")["open_opportunities"] == 2
    late = asked
    assert line(late, "G2")["members"] == 1
    assert "1 memberships had ended" in " ".join(late.scope.notes)


def test_a_segment_chooses_the_accounts_and_by_splits_the_groups(small):
    only = wb.buying_groups(small, segment=wb.segment("steel", industry="Steel"))
    assert set(only.frame["key"]) == {"G1", "G2"}
    split = wb.buying_groups(small, by="solution")
    assert split.frame.set_index("key")["group"].to_dict() == {
        "G1": "Pumps", "G2": "Valves", "G3": "Pumps",
    }  # fmt: skip
    assert split.summary["group"].drop_duplicates().tolist() == ["All", "Pumps", "Valves"]
    assert set(wb.buying_groups(small, by="industry").frame["group"]) == {"Steel", "Software"}
    assert set(split.members(of="Valves")["key"]) == {"P3"}


def test_shares_over_groups_carry_their_counts(asked):
    known = asked.summary.set_index("measure")
    assert known.loc["decision_filled", ["count", "total"]].tolist() == [2, 3]
    assert known.loc["members_engaged", ["count", "total"]].tolist() == [3, 5]
    assert (known["low"] <= known["share"]).all()
    assert (known["share"] <= known["high"]).all()


def test_roles_count_people_and_groups(asked):
    frame = asked.roles().frame.set_index("role")
    assert frame.loc["Decision Maker", ["engaged", "people"]].tolist() == [1, 2]
    # Two are needed in a group, and no group has two.
    assert frame.loc["Decision Maker", ["filled", "groups"]].tolist() == [0, 3]
    assert frame.loc["Influencer", ["filled", "groups"]].tolist() == [1, 3]
    assert not frame.loc["Champion", "needed"]


def test_every_cell_of_the_roles_can_be_opened(asked):
    view = asked.roles()
    for line in view.frame[view.frame["people"] > 0].itertuples():
        opened = view.members(line.role, across=line.across)
        assert opened["key"].nunique() <= line.people
        assert len(opened) == line.people
        assert len(view.members(line.role, across=line.across, engaged=True)) == line.engaged
    with pytest.raises(ArgumentError, match="across='nowhere'"):
        view.members(across="nowhere")


def test_who_was_in_the_group_at_closing_counts_for_won_and_lost():
    made = world(
        {
            "events": [event("A", 1, "page_viewed", "P1"), event("A", 200, "page_viewed", "P1")],
            "buying_groups": groups(("G1", "A", "x"), ("G2", "B", "x"), ("G3", "C", "x"),
                                    ("G4", "D", "x")),
            "buying_group_roles": roles([("DM", 1, 100.0, True), ("User", 1, 60.0, True)]),
            "buying_group_members": [
                member("G1", "P1", "DM", 0), member("G1", "P2", "User", 10),
                member("G2", "P3", "DM", 0, removed=20), member("G2", "P4", "User", 5),
                member("G3", "P5", "DM", 100),
                member("G4", "P6", "DM", 0), member("G4", "P7", "User", 40),
            ],
            "opportunities": [
                deal("O1", "A", 1, 30, True),
                deal("O2", "B", 1, 30, False),
                deal("O3", "C", 1, 30, False),
                deal("O4", "D", 1, 30, False),
            ],
        }
    )  # fmt: skip
    view = wb.buying_groups(made).won_and_lost()
    frame = view.frame.set_index("measure")
    counts = ["won_count", "won_total", "lost_count", "lost_total"]
    assert frame.loc["All roles filled", counts].tolist() == [1, 1, 0, 2]
    assert frame.loc["DM filled", counts].tolist() == [1, 1, 1, 2]
    assert frame.loc["User filled", counts].tolist() == [1, 1, 1, 2]
    assert view.later == 1
    assert "1 closed opportunities whose group had no member yet" in view.reading()
    opened = view.members("lost")
    assert opened["key"].tolist() == ["O2", "O4"]
    assert opened["share_complete"].tolist() == [0.5, 0.5]
    assert "Too few" in view.headline()


def test_without_groups_an_account_is_one_and_its_people_are_the_members():
    made = world(
        {
            "events": [event("A", 1, "page_viewed", "P1"), event("B", 2, "page_viewed", None)],
            "accounts": accounts("A", "B"),
            "people": people(("P1", "A"), ("P2", "A"), role_level="Director"),
            "opportunities": [deal("O1", "A", 0)],
            "opportunity_people": [{"opportunity_id": "O1", "person_id": "P2", "role": "Buyer"}],
        }
    )
    result = wb.buying_groups(made, required={"Buyer": 1})
    assert result.scope.container == "account"
    found = line(result, "A")
    assert found[["members", "members_engaged", "share_complete"]].tolist() == [2, 1, 1.0]
    assert found["decision"] == "silent"
    assert line(result, "B")["events"] == 1
    assert result.members("A").set_index("key")["role"].to_dict() == {
        "P1": "Director", "P2": "Buyer",
    }  # fmt: skip


def test_merged_people_count_once(small):
    tables = {
        "events": [event("A", 1, "page_viewed", "P1")],
        "people": [
            {"person_id": "P1", "account_id": "A", "merged_into_id": None},
            {"person_id": "P9", "account_id": "A", "merged_into_id": "P1"},
        ],
        "buying_groups": groups(("G1", "A", "x")),
        "buying_group_members": [member("G1", "P1", "User"), member("G1", "P9", "User")],
    }
    assert line(wb.buying_groups(world(tables)), "G1")["members"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"recent": "soon"}, "recent='soon'"),
        ({"recent": "0d"}, "longer than nothing"),
        ({"cap": 0}, "cap=0"),
        ({"required": {"DM": 0}}, "members needed"),
        ({"required": []}, "required"),
        ({"decision_roles": 3}, "a list of roles"),
        ({"period": "someday"}, "period='someday'"),
    ],
)
def test_a_wrong_value_is_refused_before_any_row_is_read(small, options, said):
    with pytest.raises(ArgumentError, match=said):
        wb.buying_groups(small, **options)


def test_a_column_that_is_not_there_is_absent(small):
    with pytest.raises(AbsentError, match="Did you mean 'solution'"):
        wb.buying_groups(small, by="solutoin")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"group": "G9"}, "Did you mean"),
        ({"role": "Chef"}, "role='Chef'"),
        ({"of": "nothing"}, "of='nothing'"),
    ],
)
def test_a_view_that_is_not_there_is_refused(asked, options, said):
    with pytest.raises(ArgumentError, match=said):
        asked.members(**options)
    with pytest.raises(ArgumentError, match="across"):
        asked.roles("nothing")
    with pytest.raises(ArgumentError, match="outcome"):
        asked.won_and_lost().members("open")


def test_the_definition_asks_the_same_again(small):
    asked = {"period": "..2026-03", "by": "solution", "recent": "30d", "required": {"User": 1},
             "decision_roles": ["User"], "cap": 5}  # fmt: skip
    result = wb.buying_groups(small, **asked)
    again = {k: v for k, v in result.definition.items() if k != "analysis"}
    pd.testing.assert_frame_equal(wb.buying_groups(small, **again).frame, result.frame)
    assert result.question.at.replace(tzinfo=START.tzinfo) > START
