"""The play-by-play of an account: rows, milestones, what came before and after, bad input."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.journeys.abm_world import accounts, deal, event, people, world
from tests.worlds import at
from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.timeline.labels import WIDTH, placed, text_width
from workbench.journeys.timeline.milestones import COLUMNS as MILESTONES

ROWS = [
    event("A", 0.0, "email_sent", "P1", direction="out"),
    event("A", 1.0, "page_viewed", "P1", session_id="S1", page="/home"),
    event("A", 1.01, "page_viewed", "P1", session_id="S1", page="/price"),
    event("A", 1.02, "page_viewed", "P1", session_id="S1", page="/price"),
    event("A", 1.6, "page_viewed", "P1", session_id="S2", page="/home"),
    event("A", 2.0, "lead_created", "P1"),
    event("A", 10.0, "mql_qualified", "P1"),
    event("A", 20.0, "opportunity_created", None, opportunity_id="O1"),
    event("A", 20.0, "stage_changed", None, opportunity_id="O1", stage="Proposal"),
    event("A", 25.0, "event_attended", "P1", in_person_event="Dinner"),
    event("A", 25.1, "event_attended", "P2", in_person_event="Dinner"),
    event("A", 40.0, "closed_won", None, opportunity_id="O1"),
    event("A", 40.2, "stage_changed", None, opportunity_id="O1", stage="Closed Won"),
    event("A", 50.0, "email_received", "P2", direction="in"),
    event("B", 3.0, "page_viewed", "P9"),
]
TABLES = {
    "accounts": [*accounts("A", "B"), {"account_id": "C", "name": "Twin", "industry": "Steel"},
                 {"account_id": "D", "name": "twin ", "industry": "Steel"},
                 {"account_id": "E", "name": "Quiet", "industry": "Steel"}],
    "people": people(("P1", "A"), ("P2", "A"), ("P9", "B"), title="Buyer"),
    "opportunities": [deal("O1", "A", 20, 40, True)],
    "opportunity_people": [{"opportunity_id": "O1", "person_id": "P2", "role": "Decider"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def small():
    return world({"events": ROWS, **TABLES})


@pytest.fixture(scope="module")
def told(small):
    return wb.timeline(small, account="A")


def test_rows_of_a_day_person_and_session_stand_together(told):
    frame = told.frame
    assert frame["rows"].sum() == len(told.rows) == 14
    views = frame[frame["event"] == "page_viewed"]
    assert views["rows"].tolist() == [3, 1]
    assert views["session_id"].tolist() == ["S1", "S2"]
    # /price twice, /home once.
    assert views["detail"].iloc[0] == "/price"
    assert views["person"].iloc[0] == "P1 Person"
    assert frame["from_at"].is_monotonic_increasing
    assert set(frame["who"]) == {"account", "own side", "record"}
    assert frame.set_index("event").loc["email_sent", "who"] == "own side"


def test_milestones_in_order_and_a_closing_is_not_said_twice(told):
    marks = told.milestones
    assert marks["label"].tolist() == [
        "First touch: page_viewed", "Lead", "MQL", "Opportunity", "Stage: Proposal",
        "Attended: Dinner", "Won",
    ]  # fmt: skip
    assert marks["number"].tolist() == list(range(1, 8))
    dinner = marks.set_index("label").loc["Attended: Dinner"]
    assert dinner[["rows", "people"]].tolist() == [2, 2]
    mql = marks.set_index("label").loc["MQL"]
    # Days 0 to 2 before; after: 20 twice, 25 twice, 40 and 40.2 too late by 0.2 days.
    assert mql[["rows_before", "rows_after"]].tolist() == [6, 5]


def test_own_milestones_replace_the_usual_ones(small):
    marks = wb.timeline(small, account="A", milestones=["email_received"]).milestones
    assert marks["event"].tolist() == ["email_received"]


def test_roles_come_from_opportunities_and_else_from_titles(told):
    members = told.members().set_index("key")
    assert members.loc["P1", "role"] == "Buyer"
    assert members.loc["P2", "role"] == "Decider"
    assert members.loc["P1", ["rows", "theirs", "ours", "milestones"]].tolist() == [8, 5, 1, 3]
    assert members["rows"].sum() == 14


def test_what_came_before_and_after(told):
    view = told.around("closed_won", before="20d", after="10d")
    frame = view.frame.set_index("event")
    # [20, 40): day 20 twice, 25 twice; (40, 50]: 40.2 and 50.
    assert frame[["before", "after"]].sum().tolist() == [4, 2]
    assert frame.loc["event_attended", ["before", "people_before", "after"]].tolist() == [2, 2, 0]
    assert frame.loc["email_received", "first_after_at"] == pd.Timestamp(at(50))
    assert frame.loc["email_received", "per_week_after"] == pytest.approx(0.7)
    assert view.rows["days"].min() == pytest.approx(-20)
    assert "In the 20 days before “Won” (2026-02-10) 4 events by 2 people" in view.headline()
    assert view.definition["milestone"] == 7


def test_a_time_that_has_not_passed_is_said(told):
    view = told.around("Won", after="30d")
    assert "Of the time after, 10 days of 30 days have passed." in view.reading()
    assert view.days_after == pytest.approx(10, abs=1e-6)


def test_the_weightiest_milestone_is_looked_around_when_none_is_named(told):
    assert told.around().milestone["label"] == "Won"
    assert told.around(2).milestone["label"] == "Lead"


def test_the_first_of_several_is_taken_and_the_others_are_named():
    made = world({"events": [event("A", d, "mql_qualified", "P") for d in (1, 5, 9)]})
    view = wb.timeline(made, account="A").around("mql_qualified")
    assert view.milestone["number"] == 2
    assert "The first of 3 such milestones; the others have the numbers 3, 4." in view.reading()


def test_an_account_is_found_by_key_and_by_name_in_any_case(small):
    assert wb.timeline(small, account="company a").question.account == "A"
    assert wb.timeline(small, account="A").question.name == "Company A"


def test_an_account_without_events_gets_a_sentence(small):
    quiet = wb.timeline(small, account="Quiet")
    assert quiet.headline() == "Nothing is known to have happened at Quiet"
    assert quiet.frame.empty
    assert quiet.milestones.empty
    assert list(quiet.milestones.columns) == list(MILESTONES)
    assert quiet.around().headline() == "There is no milestone to look around."
    assert quiet.block()["svg"].startswith("<svg")
    assert quiet.members().empty


def test_only_events_are_enough():
    made = world({"events": [event("X", 1, "signed_up"), event("X", 9, "churned")]})
    told = wb.timeline(made, account="X")
    assert told.milestones["label"].tolist() == ["First touch: signed_up", "Signed up", "Churned"]
    assert told.key_figures().content["figures"][3]["value"] == "0"


def test_a_period_and_as_of_cut_the_story(small):
    part = wb.timeline(small, account="A", period="2026-01-10..2026-01-25")
    assert part.milestones["event"].tolist() == [
        "first touch", "mql_qualified", "opportunity_created", "stage_changed",
    ]  # fmt: skip
    early = world({"events": ROWS, **TABLES}, as_of="2026-01-20")
    assert wb.timeline(early, account="A").rows["at"].max() < pd.Timestamp(at(20))


def test_an_unknown_account_is_answered_with_the_closest(small):
    with pytest.raises(AbsentError, match=r"Closest: 'Company [AB]' \([AB]\)"):
        wb.timeline(small, account="Compny A")
    with pytest.raises(
        ArgumentError, match="Several have this name; name one by its key: 'C', 'D'"
    ):
        wb.timeline(small, account="TWIN")
    with pytest.raises(AbsentError, match="The workspace holds no account"):
        wb.timeline(wb.from_frames(events=small_events().iloc[:0]), account="A")


def small_events() -> pd.DataFrame:
    frame = pd.DataFrame(ROWS)[["account_id", "occurred_at", "event"]]
    frame["occurred_at"] = pd.to_datetime(frame["occurred_at"], utc=True)
    return frame


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"account": ""}, "the key or the name of an account"),
        ({"account": 7}, "account=7"),
        ({"account": "A", "people": 0}, "people=0"),
        ({"account": "A", "period": "someday"}, "period='someday'"),
        ({"account": "A", "milestones": []}, "a list of event names"),
        ({"account": "A", "milestones": ["mql_qualifed"]}, "Did you mean 'mql_qualified'"),
    ],
)
def test_a_wrong_value_is_refused(small, options, said):
    with pytest.raises(ArgumentError, match=said):
        wb.timeline(small, **options)


@pytest.mark.parametrize(
    ("milestone", "options", "said"),
    [
        (99, {}, "1 to 7"),
        ("Wonn", {}, "Did you mean 'Won'"),
        ("Won", {"before": "0d"}, "longer than nothing"),
        ("Won", {"after": "later"}, "after='later'"),
    ],
)
def test_a_milestone_that_is_not_there_is_refused(told, milestone, options, said):
    with pytest.raises(ArgumentError, match=said):
        told.around(milestone, **options)


def test_the_definition_asks_the_same_again(small):
    asked = {"account": "A", "period": "2026-01", "milestones": ["mql_qualified"], "people": 3}
    result = wb.timeline(small, **asked)
    again = {k: v for k, v in result.definition.items() if k != "analysis"}
    assert again == asked
    pd.testing.assert_frame_equal(wb.timeline(small, **again).frame, result.frame)


def test_the_order_of_the_rows_changes_nothing(told):
    mixed = random.Random(3).sample(ROWS, len(ROWS))
    again = wb.timeline(world({"events": mixed, **TABLES}), account="A")
    pd.testing.assert_frame_equal(again.frame, told.frame)
    pd.testing.assert_frame_equal(again.milestones, told.milestones)
    assert again.explain() == told.explain()


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 700),
            st.sampled_from(["closed_won", "mql_qualified", "stage_changed", "x_lead"]),
            st.sampled_from(["Won", "Stage: 提案済みの段階", "M" * 60, "a"]),
        ),
        min_size=1, max_size=60,
    )
)  # fmt: skip
def test_no_name_of_a_milestone_runs_into_another(marks):
    days = [day for day, _, _ in marks]
    frame = pd.DataFrame(
        {
            "at": pd.to_datetime([at(d) for d in days], utc=True).as_unit("us"),
            "label": pd.Series([name for _, _, name in marks], dtype="str"),
            "event": [event for _, event, _ in marks],
            "detail": "",
            "rows": 1,
        }
    )
    micro = frame["at"].astype("int64")
    span = (int(micro.min()), int(micro.max()))
    out = placed(SimpleNamespace(milestones=frame, span=span))
    per_pixel = max(span[1] - span[0], 1) / WIDTH
    shown = out[out["label"] != ""]
    assert len(shown) >= 1
    boxes = []
    for line, time in zip(shown.itertuples(), micro[shown.index], strict=True):
        x = (time - span[0]) / per_pixel
        width = text_width(line.label) + 7
        low, high = (x, x + width) if line.side == "left" else (x - width, x)
        assert low >= -60
        assert high <= WIDTH + 60
        boxes.append((line.level, low, high))
    for n, (level, low, high) in enumerate(boxes):
        for other, a, b in boxes[n + 1 :]:
            assert level != other or high <= a or b <= low


def test_without_a_name_the_account_with_most_kinds_of_milestones_is_told(small):
    chosen = wb.timeline(small).question.account
    kinds = {}
    for key in small.events.dictionary("account_id").to_pylist():
        found = wb.timeline(small, account=key).milestones
        kinds[key] = found.loc[found["event"] != "first touch", "event"].nunique()
    assert kinds[chosen] == max(kinds.values())
    assert min(kinds.values()) < max(kinds.values())
