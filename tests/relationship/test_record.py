"""One record in depth: ten questions, summary sentences, its last days; who is named on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.relationship.worlds import act, deal, world
from workbench.errors import AbsentError, ArgumentError
from workbench.relationship.one_record.summary import summary_of
from workbench.results import theme

WAY = {"in": ("customer:S:from", "team:U1:to"), "out": ("team:U1:from", "customer:S:to")}
SAID = [
    ("email", "in", "06-03 09:00", "T"), ("email", "out", "06-03 15:00", "T"),
    ("email", "in", "06-04 15:00", "T"), ("meeting", "out", "06-10 10:00", None),
    ("meeting", "out", "06-12 10:00", None), ("call", "in", "06-20 10:00", None),
]  # fmt: skip
ROWS = [act(f"m{n}", kind, way, when, *WAY[way], opportunity_id="O", thread_id=thread,
            duration_min=None if kind == "email" else 30.0)
        for n, (kind, way, when, thread) in enumerate(SAID)]  # fmt: skip
ROWS.append(act("next", "meeting", "out", "07-05", opportunity_id="O", status="open"))
WORLD = world(ROWS, opportunities=[deal("O"), deal("P")], people=[("S", "A1")], users=["U1"],
              as_of="2024-06-30T12:00:00+00:00")  # fmt: skip


def test_ten_questions_in_order():
    found = wb.relationships(WORLD).record("O")
    assert found.frame["position"].tolist() == list(range(1, 11))
    assert found.frame["name"].tolist() == [
        "good", "time", "last", "next", "mails", "meetings", "rate", "started", "answer",
        "attention",
    ]  # fmt: skip
    answers = dict(zip(found.frame["name"], found.frame["answer"], strict=True))
    assert answers["good"].startswith("Good: ")
    # Two meetings and a call of half an hour, a mail written and two read.
    assert answers["time"] == "1.7 h of ours, 1.7 h of the customer"
    assert answers["last"] == "2024-06-20, 10 days ago: Call, by the customer"
    assert answers["next"] == "2024-07-05: Meeting"
    assert answers["mails"] == "1 sent, 2 received"
    assert answers["meetings"] == "2 meetings and 1 call"
    assert answers["rate"] == "100 % (1 of 1)"
    assert answers["started"] == "50 % (3 of 6)"
    assert answers["answer"] == "6 h on average; 1 of 2 answered"
    assert answers["attention"].startswith("Number 2 of 2 opportunities")
    lines = found.frame.set_index("name")
    assert lines.loc["started", ["count", "total", "value"]].tolist() == [3, 6, 0.5]


def test_answers_open_to_their_activities():
    found = wb.relationships(WORLD).record("O")
    sizes = {name: len(found.members(name)) for name in found.frame["name"]}
    assert (sizes["mails"], sizes["meetings"], sizes["rate"], sizes["started"]) == (3, 2, 1, 3)
    with pytest.raises(ArgumentError, match="name='size'"):
        found.members("size")


def test_without_a_key_the_one_that_needs_attention_most():
    asked = wb.relationships(WORLD)
    assert asked.record().key == "P"
    assert asked.record().frame["answer"].tolist()[:4] == [
        "Nothing done yet",
        "0.0 h of ours, 0.0 h of the customer",
        "Never",
        "Nothing is planned",
    ]
    with pytest.raises(AbsentError, match="key='X'"):
        asked.record("X")
    with pytest.raises(AbsentError, match="0 opportunities to look at"):
        wb.relationships(WORLD, where={"name": "nobody"}).record()


@pytest.mark.parametrize("of", ["account", "person"])
def test_other_records_have_a_page_too(of):
    asked = wb.relationships(WORLD, of=of, roll_up=True)
    found = asked.record()
    assert len(found.frame) == 10
    assert found.block()["svg"].startswith("<svg")
    plain = wb.relationships(WORLD, of="account").record()
    assert plain.frame["answer"].iloc[0] == (
        "Not asked: accounts have a health with roll_up=True")  # fmt: skip


def test_members_of_staff_are_named_only_on_request():
    hidden = wb.relationships(WORLD).record("O")
    named = wb.relationships(WORLD).record("O", people=True)
    assert len(hidden.contacted().content["table"]["rows"]) == 1
    assert len(named.contacted().content["table"]["rows"]) == 2
    assert "named only on request" in hidden.explain()
    assert "must not serve decisions on anybody's pay" in named.explain()
    assert "must not serve decisions" in named.contacted().content["reading"]


def test_what_the_score_is_made_of():
    found = wb.relationships(WORLD).record("O").contributions().content
    assert found["reading"].startswith("One meeting by us today: +")
    assert len(found["table"]["rows"]) == 5


def line(**more):
    names = ["meetings_sent", "meetings_received", "calls_made", "calls_received", "emails_sent",
             "emails_received"]  # fmt: skip
    return pd.Series({**dict.fromkeys(names, 0), "activities": 9, **more})


def test_summary_sentences():
    beside = pd.DataFrame({"measure": ["hours_by_us", "activities"], "deal": [4.0, 10.0],
                           "typical": [10.0, 10.5]})  # fmt: skip
    told = summary_of(line(meetings_sent=5, meetings_received=2, calls_received=4), beside)
    # Relative gaps: calls 4 / 2, meetings 3 / 3.5, hours −6 / 10; half an activity says nothing.
    assert told == [
        "The customer started 4 more calls than we did.",
        "We started 3 more meetings than the customer.",
        "We answer 6 h faster than in similar won deals.",
    ]
    assert summary_of(line(activities=4, calls_received=4), beside) == []
    slower = beside.assign(deal=[16.0, 10.0])
    assert summary_of(line(), slower) == ["We answer 6 h slower than in similar won deals."]


def test_the_last_days_count_by_the_date_of_reports():
    rows = [act("m", "email", "in", "05-01 23:30", "customer:S:from", opportunity_id="O"),
            act("t", "task", "none", "06-02", opportunity_id="O"),
            act("c", "call", None, "06-20", "customer:S:required", opportunity_id="O")]  # fmt: skip
    given = {"opportunities": [deal("O")], "people": [("S", "A1")]}
    for zone, counted in (("UTC", 0), ("Asia/Tokyo", 1)):
        asked = wb.relationships(world(rows, settings={"report_tz": zone}, **given))
        found = asked.recent("O")
        days = found.frame["day"].dt.strftime("%Y-%m-%d")
        assert days.iloc[[0, -1]].tolist() == ["2024-05-02", "2024-06-30"]
        assert (len(found.frame), found.frame["mails_received"].sum()) == (60, counted)
        assert len(found.members(series="mails_received")) == counted
        assert asked.recent("O", days=90).frame["mails_received"].sum() == 1
    assert found.frame["activities"].sum() == 2
    assert asked.recent("O", tasks=True).frame["activities"].sum() == 3
    assert "1 activity more is a task or has no known direction." in found.reading()


def test_the_longest_silence_is_said_and_shaded():
    found = wb.relationships(WORLD).recent("O")
    assert found.headline() == (
        "3 of 6 activities in 60 days were begun by the customer; the longest silence was "
        "32 days, to 2024-06-02")  # fmt: skip
    assert "32 days of silence" in theme.as_svg(theme.themed(found.chart()))
    assert found.members("2024-06-03")["activity_id"].tolist() == ["m0", "m1"]
    assert found.members("2024-06-03", "mails_sent")["activity_id"].tolist() == ["m1"]
    none = wb.relationships(WORLD).recent("P")
    assert none.headline() == "Nothing was done in the last 60 days"
    for wrong in ({"day": "2024-01-01"}, {"day": "soon"}, {"series": "mails"}):
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            found.members(**wrong)
    for wrong in ({"days": 0}, {"tasks": 1}):
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            wb.relationships(WORLD).recent("O", **wrong)


def test_all_records_together_count_an_activity_once():
    both = [act("m", "email", "in", "06-20", "customer:S:from", account_id="A1")]
    ws = world(both, people=[("S", "A1"), ("T", "A1")], accounts=["A1", "A2"])
    found = wb.relationships(ws, of="account").recent()
    assert found.frame["mails_received"].sum() == len(found.members()) == 1


VIEWS = {
    "health": lambda asked: asked.health(),
    "bubbles": lambda asked: asked.bubbles(colour="health", overdue=True),
    "listed": lambda asked: asked.listed(only="long_silent", lines={"activities": {"<": 3}}),
    "network": lambda asked: asked.network("O", people=True, with_calls=False),
    "single_threaded": lambda asked: asked.single_threaded(recent="30d", senior="vp"),
    "gaps": lambda asked: asked.gaps(),
    "handovers": lambda asked: asked.handovers(people=True),
    "recent": lambda asked: asked.recent("O", days=30, tasks=True),
    "warnings": lambda asked: asked.warnings(signal="trend", weeks=4),
    "record": lambda asked: asked.record("O"),
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_definition_asks_again(view):
    given = {"every_days": 14, "health": {"good": 70}, "where": {"name": ["O", "P"]}}
    found = VIEWS[view](wb.relationships(WORLD, **given))
    again = wb.ask(WORLD, found.definition)
    assert type(again) is type(found)
    assert again.definition == found.definition
    pd.testing.assert_frame_equal(again.frame, found.frame)


def test_a_line_a_record_and_day_for_other_tools():
    asked = wb.relationships(WORLD)
    busy = asked.record_days()
    assert busy["key"].tolist() == ["O"] * 5
    assert busy["day"].dt.strftime("%m-%d").tolist() == ["06-03", "06-04", "06-10", "06-12",
                                                         "06-20"]  # fmt: skip
    assert busy[["mails_sent", "mails_received", "activities"]].iloc[0].tolist() == [1, 1, 2]
    every = asked.record_days(days=30, scores=True)
    assert len(every) == 2 * 30
    assert every.groupby("day")["activities"].sum().tolist() == asked.days(days=30)[
        "activities"].tolist()  # fmt: skip
    last = every[every["day"] == "2024-06-30"].set_index("key")["score"]
    assert last["O"] == asked.frame.set_index("key")["score"]["O"]
    assert np.isnan(last["P"])
    own = every[every["key"] == "O"]["score"].to_numpy()
    page = asked.record("O").daily["score"].to_numpy()[-30:]
    assert ((own == page) | (np.isnan(own) & np.isnan(page))).all()
    assert asked.record_days("P").empty
