"""Who came and was not followed up, by hand."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import workbench as wb
from tests.journeys.gathered import workspace
from tests.worlds import at
from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.gatherings.follow_up import FollowUp
from workbench.results.base import BLOCK


@pytest.fixture(scope="module")
def gathered(tmp_path_factory):
    return workspace(tmp_path_factory.mktemp("gathered"))


@pytest.fixture(scope="module")
def found(gathered):
    return wb.gatherings(gathered).followed_up(within="14d")


def states(result):
    members = result.members()
    return {(m.event_id, m.key): m.state for m in members.itertuples()}


def test_accounts_by_whether_somebody_followed_up(found):
    """A was written to on day 10; C was called a month later, and what it sent is no follow-up.

    After the dinner nobody turned to A; B heard at the last moment of the fourteenth day. The
    second summit is five days old. The forum has not begun.
    """
    assert states(found) == {
        ("E1", "A"): "in_time", ("E1", "C"): "late",
        ("E2", "A"): "never", ("E2", "B"): "in_time",
        ("E4", "C"): "open",
    }  # fmt: skip
    frame = found.frame.set_index("event_id")
    assert list(frame.index) == ["E1", "E2", "E4"]
    assert frame.loc["E1", ["attended", "in_time", "late", "open", "never", "ripe"]].tolist() == [
        2, 1, 1, 0, 0, 2,
    ]  # fmt: skip
    assert frame.loc["E4", ["attended", "open", "ripe"]].tolist() == [1, 1, 0]
    assert pd.isna(frame.loc["E4", "share_in_time"])
    assert frame.loc["E2", "share_never"] == 0.5
    assert frame.loc["E2", "median_days"] == pytest.approx(14.25)


def test_the_sentence(found):
    assert found.headline() == (
        "2 of 4 visits by accounts were not followed up within 14 days (50 %): 1 later, 1 not at "
        "all"
    )
    assert "1 visit has still time" in found.reading()
    assert "What came from the customer is none." in found.reading()


def test_the_list_to_act_on_names_owner_and_days(found):
    block = found.to_act_on()
    content = block.content
    assert content["block"] == "table"
    assert content["heading"] == "2 of 5 visits by accounts wait for a follow-up"
    names = [column["name"] for column in content["table"]["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in content["table"]["rows"]]
    # Gamma's open amount of 16,000 + 700 yen is the largest
    assert [(r["name"], r["owner"], r["state"]) for r in rows] == [
        ("Gamma", "Mori", "due"), ("Alpha", "Mori", "overdue"),
    ]  # fmt: skip
    assert rows[0]["open_amount"] == pytest.approx(16_700)
    assert rows[1]["days_since_event"] == pytest.approx(31.25, abs=0.01)
    assert rows[0]["people"] == "Gil Eight"
    assert json.dumps(block._repr_mimebundle_()[BLOCK], allow_nan=False)


def test_members_in_each_state_and_event(found):
    assert found.members("never")["key"].tolist() == ["A"]
    assert found.members("late", event="E1")["days_to_follow_up"].iloc[0] == pytest.approx(30.625)
    first = found.members("in_time", event="E1").iloc[0]
    assert first["people"] == "Ann One, Ben Two"
    assert first["followed_up_at"] == pd.Timestamp("2026-02-20 01:00", tz="UTC")
    assert len(found.members(event="Summit")) == 3
    with pytest.raises(ArgumentError, match="state='lost'"):
        found.members("lost")
    with pytest.raises(AbsentError, match="event='Sumit'"):
        found.members(event="Sumit")


def test_the_very_person_may_be_asked_for(gathered):
    people = wb.gatherings(gathered).followed_up("14d", container="person")
    assert states(people) == {
        ("E1", "p1"): "never", ("E1", "p2"): "in_time", ("E1", "p6"): "never",
        ("E1", "p8"): "late", ("E2", "p1"): "never", ("E2", "p4"): "never", ("E4", "p8"): "open",
    }  # fmt: skip
    first = people.members("never", event="E1").set_index("key")
    assert first["account"].fillna("").to_dict() == {"p1": "Alpha", "p6": ""}
    columns = [c["name"] for c in people.to_act_on().content["table"]["columns"]]
    assert "account" in columns
    assert "people" not in columns


def test_other_limits_and_other_follow_ups(gathered):
    result = wb.gatherings(gathered)
    assert states(result.followed_up("31d"))["E1", "C"] == "in_time"
    assert states(result.followed_up("13d"))["E2", "B"] == "late"
    by_mail = result.followed_up(by=["email_received"])
    assert states(by_mail)["E1", "A"] == "in_time"
    assert states(by_mail)["E1", "C"] == "never"
    assert "none." not in by_mail.reading()
    both = wb.compare(result.followed_up("31d"), result.followed_up("13d"))
    assert both.frame["count_a"].sum() > both.frame["count_b"].sum()


def test_what_cannot_be_told_is_said(tmp_path):
    made = {
        "event_attendance": pd.DataFrame(
            {"event_id": "E", "person_id": "p", "status": "attended", "status_at": [at(0)]}
        ),
        "accounts": pd.DataFrame({"account_id": ["A"], "name": ["Alpha"]}),
    }
    nobody = wb.from_frames(**made, as_of="2026-03-01")
    silent = wb.gatherings(nobody).followed_up()
    assert "No event of these data is a follow-up" in silent.headline()
    assert silent.frame["attended"].sum() == 0
    assert silent.to_act_on().content["table"]["rows"] == []
    people = pd.DataFrame({"person_id": ["p"], "account_id": ["A"]})
    known = wb.from_frames(**made, people=people, as_of="2026-01-03")
    waiting = wb.gatherings(known).followed_up(by=["event_attended"])
    assert "there is still time" in waiting.headline()
    assert isinstance(waiting, FollowUp)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"within": "0d"}, "within='0d'"),
        ({"within": 14}, "within=14"),
        ({"container": "opportunity"}, "container='opportunity'"),
        ({"by": ["fax"]}, "event='fax'"),
        ({"by": []}, "by="),
    ],
)
def test_a_wrong_question_is_refused(gathered, options, words):
    with pytest.raises(ArgumentError) as refused:
        wb.gatherings(gathered).followed_up(**options)
    assert words in str(refused.value)
