"""The worked examples of the specification, and what the rules say where they are silent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.relationship.worlds import act, at, deal, one, world
from workbench.errors import AbsentError, ArgumentError


def linked(ws, of, **options):
    found = wb.relationships(ws, of=of, closed=True, **options).members("all")
    return found.groupby("key")["activity_id"].agg(set).to_dict()


LINKING = world(
    [
        act("m1", "email", "out", "06-01", "team:U1:from", "customer:S:to", opportunity_id="O"),
        act("m2", "email", "out", "06-02", "team:U2:from", "customer:S:to"),
        act("m3", "meeting", "out", "06-03", "team:U1:organizer", "customer:P:required"),
        act("m4", "email", "out", "06-04", "team:U1:from", "customer:S:to"),
        act("m5", "email", "out", "06-05", "team:U1:from", "customer:S:bcc"),
        act("m6", "meeting", "none", "06-06", "team:U1:organizer", "team:U2:required"),
        act("m7", "meeting", "none", "06-07", "team:U2:organizer", opportunity_id="O"),
    ],
    accounts=[{"account_id": "A1", "name": "A1", "primary_contact_id": "P"}],
    people=[("S", "A1"), ("P", "A1")],
    opportunities=[deal("O")],
    roles=[("O", "customer", "S"), ("O", "team", "U1")],
    leads=[
        {"lead_id": "L", "person_id": "S", "owner_id": "U2", "created_at": at("05-01")},
    ],
    users=["U1", "U2"],
)


def test_linking_by_hand():
    # Section 2: U2 is not of the team; P is reached through the account alone.
    assert linked(LINKING, "opportunity") == {"O": {"m1", "m4", "m7"}}
    assert linked(LINKING, "opportunity", opportunity_link="strict") == {"O": {"m1", "m7"}}
    loose = linked(LINKING, "opportunity", opportunity_link="loose")
    assert loose == {"O": {"m1", "m3", "m4", "m7"}}
    assert linked(LINKING, "account") == {"A1": {"m1", "m2", "m3", "m4"}}
    assert linked(LINKING, "person") == {"S": {"m1", "m2", "m4"}, "P": {"m3"}}
    assert linked(LINKING, "lead") == {"L": {"m2"}}


def test_turns_by_hand():
    way = {"in": ("customer:S:from", "team:U1:to"), "out": ("team:U1:from", "customer:S:to")}
    mails = [
        ("T1", "in", "06-03 09:00"), ("T1", "in", "06-03 11:00"), ("T1", "out", "06-03 15:00"),
        ("T1", "in", "06-04 15:00"), ("T1", "out", "06-05 03:00"), ("T2", "in", "06-06 09:00"),
    ]  # fmt: skip
    ws = world(
        [
            act(f"m{n}", "email", d, t, *way[d], thread_id=thread)
            for n, (thread, d, t) in enumerate(mails)
        ],
        people=[("S", "A1")], users=["U1"],
    )  # fmt: skip
    found = one(ws, "A1", of="account")
    assert found[["hours_by_us", "answered_by_us", "asked_of_us"]].tolist() == [9.0, 2, 3]
    assert found["rate_by_us"] == pytest.approx(2 / 3)
    assert found[["hours_by_them", "rate_by_them"]].tolist() == [24.0, 0.5]
    assert found[["emails_sent", "emails_received"]].tolist() == [2, 4]
    assert found[["ratio_by_us", "ratio_by_them"]].tolist() == [0.5, 2.0]
    # 06-03 is a Monday: 09–15 is 6 h; Tuesday 15–17 and Wednesday up to 03:00 is 2 h.
    office = one(ws, "A1", of="account", business_hours="09:00-17:00")
    assert office["hours_by_us"] == (6 + 2) / 2
    assert wb.relationships(ws, of="account").members("asked_of_us")["activity_id"].tolist() == [
        "m0", "m3", "m5",
    ]  # fmt: skip


def test_a_young_mail_without_answer_is_not_yet_unanswered():
    mail = act("m", "email", "in", "06-20", "customer:S:from", "team:U1:to", thread_id="T")
    ws = world([mail], people=[("S", "A1")], users=["U1"])
    assert one(ws, "A1", of="account")["asked_of_us"] == 0
    assert one(ws, "A1", of="account", maturity="5d")["asked_of_us"] == 1


def test_automatic_answers_end_no_turn_and_holidays_count_nothing():
    said = [("m1", "in", "01-05 16:00", "Offer"), ("m2", "out", "01-05 16:01", "Out of office"),
            ("m3", "out", "01-09 10:00", "Re: Offer")]  # fmt: skip
    way = {"in": ("customer:S:from", "team:U1:to"), "out": ("team:U1:from", "customer:S:to")}
    ws = world([act(k, "email", d, t, *way[d], subject=s) for k, d, t, s in said],
               people=[("S", "A1")], users=["U1"])  # fmt: skip
    # No thread: subject and pair stand in. Friday 16–17, Tuesday 9–10; Monday is Japan's holiday.
    hours = {"business_hours": "09:00-17:00"}
    assert one(ws, "A1", of="account")["hours_by_us"] == 90
    assert one(ws, "A1", of="account", **hours)["hours_by_us"] == 1 + 8 + 1
    assert one(ws, "A1", of="account", holidays="JP", **hours)["hours_by_us"] == 2


def test_minutes_by_hand():
    ws = world(
        [
            act("m1", "meeting", "out", "06-01", "team:U1:organizer", "team:U2:required",
                "team:U3:required", "customer:S:required", "customer:T:required",
                duration_min=30),
            act("m2", "email", "out", "06-02", "team:U1:from", "customer:S:to"),
            act("m3", "email", "in", "06-03", "customer:S:from", "team:U1:to", "team:U2:to"),
            act("m4", "call", "in", "06-04", "customer:S:from", "team:U1:to", duration_min=12),
            act("m5", "call", "in", "06-05", "customer:S:from", "team:U1:to"),
        ],
        people=[("S", "A1"), ("T", "A1")], users=["U1", "U2", "U3"],
    )  # fmt: skip
    found = one(ws, "A1", of="account")
    assert found["team_minutes"] == 90 + 5 + 2.5 + 12
    assert found["customer_minutes"] == 30 + 2.5 + 5 + 12
    assert found["face_minutes"] == 42
    assert found["without_duration"] == 1
    assert one(ws, "A1", of="account", per_team_recipient=True)["team_minutes"] == 112


FOUR = [("meeting", "out", "06-23"), ("email", "in", "06-16"), ("email", "out", "06-09"),
        ("call", "out", "06-02")]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "weights", "activity", "recency", "score", "state"),
    [
        (7, {}, 0.5303, 1, 67, "good"), (7, {"meeting": 9}, 0.6339, 1, 72, "good"),
        (7, {"meeting": 3}, 0.4268, 1, 61, "good"), (3, {}, 0.2260, 0.5556, 38, "poor"),
        (14, {}, 0.7740, 1, 79, "good"), (1, {}, 0.0284, 0, 11, "poor"),
    ],
)  # fmt: skip
def test_health_by_hand(days, weights, activity, recency, score, state):
    ws = world(
        [
            act(f"m{n}", k, d, t, "team:U1:from", "customer:S:to", opportunity_id="O")
            for n, (k, d, t) in enumerate(FOUR)
        ],
        people=[("S", "A1")], opportunities=[deal("O")], users=["U1"],
        as_of="2024-06-30T12:00:00+00:00",
    )  # fmt: skip
    # Meetings without an organizer keep the direction that is written.
    asked = wb.relationships(ws, every_days=days, weights=weights)
    found = asked.health().frame.iloc[0]
    assert found["activity"] == pytest.approx(activity, abs=5e-5)
    assert found["recency"] == pytest.approx(recency, abs=5e-5)
    assert found["engagement"] == 0.5
    assert (found["score"], found["state"]) == (score, state)
    points = found[["activity_points", "recency_points", "engagement_points"]].sum()
    assert np.floor(points + 0.5) == score
    assert asked.frame["score"].tolist() == [score]
    assert found["with_mail_in"] > found["with_mail"]


def test_states_without_a_score():
    rows = [act(f"m{n}", "email", "in", f"06-{n + 10}", "customer:S:from", opportunity_id="O1")
            for n in range(2)]  # fmt: skip
    ws = world(rows, opportunities=[deal("O1"), deal("O2")], people=[("S", "A1")])
    found = wb.relationships(ws).health()
    assert found.frame["state"].tolist() == ["not_enough", "none_done"]
    assert found.frame["score"].isna().all()
    assert found.headline() == "0 of 2 opportunities have enough activities for a score"


def test_closed_opportunities_keep_their_last_score():
    rows = [act(f"m{n}", "email", "in", f"03-{n + 10}", "customer:S:from", opportunity_id="O")
            for n in range(10)]  # fmt: skip
    lost = deal("O", is_closed=True, closed_at=at("03-21"))
    ws = world(rows, opportunities=[lost], people=[("S", "A1")])
    assert wb.relationships(ws).frame.empty
    found = one(ws, "O", closed=True)
    assert found["state"] == "good"
    assert found["trend"] == "ended"
    assert one(ws, "O", as_of="2024-03-20")["score"] > 80


def test_the_roll_up_weighs_by_amount_and_is_off_by_default():
    rows = [
        act(f"m{key}{n}", "email", "in", f"06-{n + first:02d}", "customer:S:from",
            opportunity_id=key)
        for key, first in (("O1", 20), ("O2", 1)) for n in range(4)
    ]  # fmt: skip
    ws = world(rows, opportunities=[deal("O1", amount=30.0), deal("O2", amount=10.0)])
    scores = wb.relationships(ws).frame["score"].tolist()
    plain = wb.relationships(ws, of="account")
    assert plain.frame["state"].tolist() == ["not_applicable"]
    with pytest.raises(AbsentError, match="roll_up=True"):
        plain.health()
    rolled = wb.relationships(ws, of="account", roll_up=True)
    mean = (scores[0] * 30 + scores[1] * 10) / 40
    assert rolled.frame["score"].tolist() == [np.floor(mean + 0.5)]


def test_a_declining_relationship_is_flagged():
    days = pd.date_range("2024-03-15", "2024-05-25", freq="3D")
    rows = [act(f"m{n}", "call", "in", f"{d:%m-%d}", "customer:S:from", opportunity_id="O")
            for n, d in enumerate(days)]  # fmt: skip
    ws = world(rows, opportunities=[deal("O")], people=[("S", "A1")])
    assert one(ws, "O")["trend"] == "declining"
    assert one(ws, "O", as_of="2024-05-24")["trend"] == "steady"


def test_more_than_five_a_day_weigh_no_more():
    def score(n):
        rows = [act(f"m{i}", "email", "out", f"06-20 0{i}:00", "team:U1:from", "customer:S:to",
                    opportunity_id="O") for i in range(n)]  # fmt: skip
        return one(world(rows, opportunities=[deal("O")]), "O")["score"]

    assert score(4) < score(5) == score(9)


def test_last_next_and_overdue():
    ws = world(
        [
            act("m1", "call", "in", "06-01", "customer:S:from", opportunity_id="O"),
            act("m2", "meeting", "out", "07-03", "customer:S:required", opportunity_id="O",
                status="open"),
            act("m3", "meeting", "out", "07-02", "customer:S:required", opportunity_id="O",
                status="cancelled"),
        ],
        opportunities=[deal("O"), deal("O2")], people=[("S", "A1")],
        as_of="2024-06-30T12:00:00+00:00",
    )  # fmt: skip
    found = one(ws, "O")
    assert (found["last_id"], found["days_since_last"], found["last_direction"]) == ("m1", 29, "in")
    assert found["next_id"] == "m2"
    assert one(ws, "O2")[["last_id", "next_id"]].isna().all()


def test_list_mail_is_left_out_and_said():
    many = [f"customer:S{n}:to" for n in range(25)]
    rows = [act("m1", "email", "out", "06-01", "team:U1:from", *many)]
    ws = world(rows, people=[("S1", "A1")], users=["U1"])
    asked = wb.relationships(ws, of="account")
    assert asked.frame["emails"].tolist() == [0]
    assert "1 mail went to more than 20 receivers" in asked.explain()
    assert one(ws, "A1", of="account", most_receivers=None)["emails"] == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"of": "deal"}, "of='deal'"), ({"opportunity_link": "any"}, "opportunity_link='any'"),
        ({"every_days": 5}, "every_days=5"), ({"weights": {"fax": 3}}, "weights='fax'"),
        ({"weights": {"call": 10}}, "weights=10"), ({"window": "30"}, "window="),
        ({"business_hours": "9-17"}, "business_hours='9-17'"), ({"holidays": "JP"}, "holidays="),
        ({"most_receivers": 0}, "most_receivers=0"), ({"closed": 1}, "closed=1"),
        ({"where": {"nam": "x"}}, "where='nam'"), ({"of": "account", "window": "stage"}, "window"),
    ],
)  # fmt: skip
def test_refusals_say_what_is_allowed(wrong, said):
    with pytest.raises(ArgumentError, match=said):
        wb.relationships(LINKING, **wrong)


def test_conditions_and_windows():
    assert wb.relationships(LINKING, of="person", where={"account_id": "A1"}).frame.shape[0] == 2
    assert wb.relationships(LINKING, of="person", where={"person_id": "P"}).frame.shape[0] == 1
    late = wb.relationships(LINKING, of="account", window="28d").frame
    assert late["activities"].tolist() == [2]
    empty = wb.relationships(LINKING, where={"name": "nobody"})
    assert empty.headline() == "0 opportunities to look at, so there is no relationship"
    assert empty.chart()


def test_sixty_days_in_the_zone_of_reports():
    rows = [act("m", "email", "in", "05-01 23:30", "customer:S:from", opportunity_id="O")]
    given = {"opportunities": [deal("O")], "people": [("S", "A1")]}
    for zone, counted in (("UTC", 0), ("Asia/Tokyo", 1)):
        ws = world(rows, settings={"report_tz": zone}, **given)
        found = wb.relationships(ws).days("O")
        assert found["day"].dt.strftime("%m-%d").iloc[[0, -1]].tolist() == ["05-02", "06-30"]
        assert (len(found), found["mails_received"].sum()) == (60, counted)
        assert wb.relationships(ws).weeks()["activities"].sum() == 1


def test_who_knows_whom_by_hand():
    said = [("X", "email", "06-30"), ("X", "email", "04-01"), ("Z", "call", "06-30"),
            ("Z", "call", "06-30"), *[("Y", "email", "01-02")] * 3]  # fmt: skip
    rows = [act(f"m{n}", kind, "out", day, f"team:{user}:from", "customer:S:to")
            for n, (user, kind, day) in enumerate(said)]  # fmt: skip
    ws = world(rows, people=[("S", "A1")], users=["X", "Y", "Z"],
               as_of="2024-06-30T12:00:00+00:00")  # fmt: skip
    asked = wb.relationships(ws, of="person")
    assert asked.knows("S")[["key", "strength"]].to_numpy().tolist() == [["X", 1.5], ["Y", 0.75]]
    with_calls = asked.knows("S", with_calls=True)
    assert with_calls[["key", "strength"]].to_numpy().tolist()[:2] == [["Z", 2.0], ["X", 1.5]]
    found = asked.contacted("S")
    assert found["side"].tolist() == ["customer", "team", "team", "team"]
    # Equal numbers: who was in contact later comes first, then by name.
    assert found["key"].tolist() == ["S", "Y", "X", "Z"]
    assert asked.contacted("S", latest=True)["key"].tolist() == ["S", "X", "Z", "Y"]
