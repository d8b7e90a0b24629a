"""What counts as known before an event and what as following it, against a slow reading."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.worlds import START, at
from tests.worlds.in_person import SUMMIT, SUMMIT_DAY, opened, tables
from workbench.engine.matching.steps import NEVER

DAY = pd.Timedelta(days=1)
EVENTS = ("lead_created", "mql_qualified", "visit", "go")
START_DAY, DAYS_BEFORE, HORIZON = 10, 6, 5


def sample(result):
    """What was compared, as a frame by account."""
    made = result.analysis.sample
    keys = result.question.workspace.events.container_names(made.stream)[made.container]
    first = pd.DataFrame(made.first, columns=result.question.labels)
    frame = pd.DataFrame({"treated": made.treated, "stage": made.stage})
    columns = pd.DataFrame(made.design.natural, columns=list(made.design.names))
    return pd.concat([frame, first.add_prefix("first "), columns], axis=1).set_axis(keys)


def asked(rows, **options):
    frame = pd.DataFrame(rows, columns=["account_id", "occurred_at", "event"])
    frame["occurred_at"] = [START + timedelta(hours=int(h)) for h in frame["occurred_at"]]
    world = wb.from_frames(events=frame, as_of=f"{at(40):%Y-%m-%d}")
    day = f"{at(START_DAY):%Y-%m-%d}"
    given = {
        "event": {"event": {"contains": "go"}},
        "outcome": {"event": {"contains": "mql"}, "label": "mql"},
        "horizon": f"{HORIZON}d",
        "known_before": f"{DAYS_BEFORE}d",
        "stages": [{"event": {"contains": name}, "label": name} for name in EVENTS[:2]],
    }
    return wb.uplift(world, at=day, **{**given, **options}), frame


@settings(max_examples=10)
@given(
    st.lists(
        st.tuples(st.sampled_from("ABCD"), st.integers(0, 20 * 24), st.sampled_from(EVENTS)),
        min_size=1, max_size=40,
    ),
    st.randoms(),
)  # fmt: skip
def test_a_slow_reading_finds_the_same(rows, random):
    found, frame = asked(rows)
    random.shuffle(rows)
    shuffled, _ = asked(rows)
    pd.testing.assert_frame_equal(sample(found), sample(shuffled))
    start = pd.Timestamp(at(START_DAY))
    read = sample(found)
    before = frame[frame["occurred_at"] < start]
    assert sorted(read.index) == sorted(before["account_id"].unique())
    for key, line in read.iterrows():
        own = frame[frame["account_id"] == key]
        known = own[own["occurred_at"] < start]
        recent = known[known["occurred_at"] >= start - DAYS_BEFORE * DAY]
        that_day = own[(own["occurred_at"] >= start) & (own["occurred_at"] < start + DAY)]
        assert line["treated"] == (that_day["event"] == "go").any()
        after = own[own["occurred_at"].between(start, start + HORIZON * DAY)]
        hits = after.loc[after["event"] == "mql_qualified", "occurred_at"]
        expected = NEVER if hits.empty else int(hits.min().value // 1_000)
        assert line["first mql"] == expected
        reached = [name for name in EVENTS[:2] if (known["event"] == name).any()]
        assert line["stage"] == (reached[-1] if reached else "none yet")
        for name in EVENTS:
            column = f"{name}, {DAYS_BEFORE} days before"
            if column in read:  # left out where all agree
                assert line[column] == (recent["event"] == name).sum()
        for column, edge in (("first", known["occurred_at"].min()),
                             ("last", known["occurred_at"].max())):  # fmt: skip
            name = f"days since the {column} event"
            if name in read:
                assert line[name] == pytest.approx((start - edge) / DAY)


def test_the_edges_of_both_windows():
    hour = 24 * START_DAY
    rows = [
        ("A", hour - 1, "visit"), ("A", hour, "go"), ("A", hour + 24 * HORIZON, "mql_qualified"),
        ("B", hour - 24 * DAYS_BEFORE, "visit"), ("B", hour + 24 * HORIZON + 1, "mql_qualified"),
        ("C", hour - 24 * DAYS_BEFORE - 1, "visit"), ("C", hour, "mql_qualified"),
        ("D", hour, "visit"), ("E", hour + 23, "go"), ("F", 1, "visit"), ("F", hour + 24, "go"),
    ]  # fmt: skip
    found, _ = asked(rows)
    read = sample(found)
    assert read["treated"].to_dict() == {"A": True, "B": False, "C": False, "F": False}
    assert (read["first mql"] != NEVER).to_dict() == {"A": True, "B": False, "C": True, "F": False}
    assert read[f"visit, {DAYS_BEFORE} days before"].to_dict() == {"A": 1, "B": 1, "C": 0, "F": 0}
    (note,) = [n for n in found.scope.notes if "no event before" in n]
    assert note.startswith("1 ")  # E took part and nobody knew it; D did not take part


@pytest.fixture(scope="module")
def company():
    return tables(160)


def scored(company, later):
    """A grade of every account before the summit, and `later` after it."""
    keys = company["accounts"]["account_id"]
    made = [(key, "engagement", at(SUMMIT_DAY - 30), "AB"[n % 2]) for n, key in enumerate(keys)]
    made += [(key, "engagement", at(SUMMIT_DAY), later) for key in keys if later]
    table = pd.DataFrame(made, columns=["entity_id", "model", "scored_at", "grade"])
    return table.assign(entity_type="account")


def test_nothing_that_came_later_changes_what_was_known(company):
    start = pd.Timestamp(at(SUMMIT_DAY))
    one = wb.uplift(opened({**company, "scores": scored(company, "")}), event=SUMMIT)
    web = company["web_events"].copy()
    late = web["occurred_at"] >= start
    assert late.sum() > 100
    web.loc[late, "event"] = "something else"
    web.loc[late, "account_id"] = web.loc[late, "account_id"].to_numpy()[::-1]
    more = web[late].assign(event_id=[f"V{n}" for n in range(late.sum())], event="closed_won")
    attended = company["event_attendance"].copy()
    attended = attended[(attended["event_id"] == SUMMIT)]
    other = opened(
        {
            **company,
            "web_events": pd.concat([web, more]).iloc[::-1],
            "event_attendance": attended,
            "scores": scored(company, "Z"),
        }
    )
    two = wb.uplift(other, event=SUMMIT)
    assert "latest grade (engagement) = A" in one.analysis.design.names
    np.testing.assert_array_equal(one.analysis.design.natural, two.analysis.design.natural)
    assert one.analysis.design.names == two.analysis.design.names
    np.testing.assert_array_equal(one.analysis.comparison.weight, two.analysis.comparison.weight)
    assert one.frame["effect"].iloc[0] == two.frame["effect"].iloc[0]
    earlier = web.assign(occurred_at=web["occurred_at"].where(~late, start - DAY))
    three = wb.uplift(opened({**company, "web_events": earlier}), event=SUMMIT)
    assert three.frame["effect"].iloc[0] != one.frame["effect"].iloc[0]


def test_invitations_of_the_event_itself_are_not_known_before(company):
    """Who is invited comes: it would say all about taking part, and is a part of it."""
    plain = wb.uplift(opened(company), event=SUMMIT)
    attended = company["event_attendance"]
    came = attended[(attended["event_id"] == SUMMIT) & (attended["status"] == "attended")]
    invited = came.assign(status="registered", status_at=pd.Timestamp(at(SUMMIT_DAY - 20)))
    with_list = {**company, "event_attendance": pd.concat([attended, invited])}
    found = wb.uplift(opened(with_list), event=SUMMIT)
    assert found.analysis.sample.treated.sum() == plain.analysis.sample.treated.sum()
    pd.testing.assert_frame_equal(found.frame, plain.frame)
    assert not any("event_registered" in name for name in found.analysis.design.names)


def test_a_day_without_a_time_is_not_known_on_the_day_of_the_event():
    """At the start of its day it would stand before an event at ten that it may have followed."""
    held, day = "Summit", date(2026, 1, 11)
    attended = pd.DataFrame({"event_id": held, "person_id": ["p"], "status": "attended",
                             "status_at": [at(START_DAY + 0.5)]})  # fmt: skip
    made = {
        "people": pd.DataFrame({"person_id": ["p"], "account_id": ["A"]}),
        "event_attendance": attended,
        "opportunities": pd.DataFrame(
            {
                "opportunity_id": ["o1", "o2"],
                "account_id": ["A", "B"],
                "created_at": [day, day - timedelta(days=1)],
            }
        ),
        "web_events": pd.DataFrame(
            {"event_id": ["w"], "account_id": ["A"], "event": "visit", "occurred_at": [at(1)]}
        ),
    }
    for place in ("start", "end"):
        world = wb.from_frames(**made, settings={"date_only_at": place}, as_of="2026-03-01")
        read = sample(wb.uplift(world, event=held, horizon="5d", stages=["opportunity_created"]))
        assert read["stage"].to_dict() == {"A": "none yet", "B": "opportunity_created"}, place
        assert (read["first opportunity_created"] != NEVER).to_dict() == {"A": True, "B": False}


def test_a_segment_is_judged_by_what_was_known():
    hour = 24 * START_DAY
    rows = [
        ("A", 5, "visit"), ("A", hour + 9, "lead_created"), ("B", 5, "lead_created"),
        ("B", 7, "mql_qualified"), ("B", hour, "go"), ("C", 5, "visit"), ("C", hour, "visit"),
    ]  # fmt: skip
    segment = wb.segment("leads", event="lead_created")
    assert list(sample(asked(rows, segment=segment)[0]).index) == ["B"]


def test_columns_of_events_and_tables_can_be_held_equal():
    rows = [
        ("A", 1, "visit", "web", 3.0), ("A", 9, "visit", None, None), ("B", 2, "go", "mail", 1.0),
        ("B", 300, "visit", "later", 9.0), ("C", 4, "visit", None, None),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["account_id", "occurred_at", "event", "channel", "amount"])
    frame["occurred_at"] = [START + timedelta(hours=h) for h in frame["occurred_at"]]
    accounts = pd.DataFrame(
        {"account_id": list("ABC"), "industry": ["x", None, "y"], "employees": [1, 2, 4]}
    )
    world = wb.from_frames(events=frame, accounts=accounts, as_of="2026-03-01")
    found = wb.uplift(
        world, event="go", at="2026-01-11", outcome="visit", horizon="3d",
        covariates=["channel", "amount", "industry", "employees"],
    )  # fmt: skip
    read = sample(found)
    assert read["channel = web"].tolist() == [1, 0, 0]
    assert read["channel = (missing)"].tolist() == [0, 0, 1]
    assert read["industry = (missing)"].tolist() == [0, 1, 0]
    assert read["amount"].tolist() == [3, 1, 2]  # the median stands where it is missing
    assert read["amount = (missing)"].tolist() == [0, 0, 1]
    assert read["employees"].tolist() == [1, 2, 4]
    assert "channel = later" not in read


def test_rare_values_stand_together():
    keys = [f"K{n:03d}" for n in range(60)]
    rows = [(key, n, "go" if n % 2 else "visit") for n, key in enumerate(keys)]
    frame = pd.DataFrame(rows, columns=["account_id", "occurred_at", "event"])
    frame["occurred_at"] = [START + timedelta(hours=int(h)) for h in frame["occurred_at"]]
    accounts = pd.DataFrame({"account_id": keys, "city": [f"c{n // 2:02d}" for n in range(60)]})
    world = wb.from_frames(events=frame, accounts=accounts, as_of="2026-03-01")
    found = wb.uplift(
        world, event="go", at="2026-01-11", outcome="visit", horizon="3d", covariates=["city"]
    )
    names = found.analysis.design.names
    assert len(names) == 13
    assert names[-1] == "city = (other)"
    assert found.analysis.design.natural.sum() == 60
