"""Survival of opportunities and accounts on worlds small enough to count by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import workbench as wb
from tests.worlds import at
from workbench.errors import ArgumentError

# Opportunity, created, won, lost, first day each; the data end on day 100.
DEALS = {
    "o1": (0, 10, None), "o2": (0, 30, None), "o3": (5, None, 25), "o4": (10, 70, 40),
    "o5": (40, 41, 90), "o6": (60, None, None), "o7": (90, 95, None), "o8": (50, 50, 50),
}  # fmt: skip
ASKED = {"entered": "created", "won": "won", "lost": "lost"}


@pytest.fixture(scope="module")
def ws():
    rows = []
    for name, days in DEALS.items():
        for event, day in zip(("created", "won", "lost"), days, strict=True):
            if day is not None:
                rows.append((name, day, event))
    rows += [("o9", 3, "won"), ("o9", 4, "other"), (None, 100, "other")]
    frame = pd.DataFrame(
        {"account_id": "A", "opportunity_id": o, "occurred_at": at(d), "event": e,
         "channel": "web" if o in ("o1", "o2", "o3") else "fair"}
        for o, d, e in rows
    )  # fmt: skip
    opportunities = pd.DataFrame(
        {"opportunity_id": list(DEALS), "account_id": "A", "name": [f"Deal {n}" for n in DEALS]}
    )
    return wb.from_frames(events=frame, opportunities=opportunities)


def test_the_first_outcome_decides_and_open_ones_stay_open(ws):
    result = wb.survival(ws, **ASKED)
    found = result.members().set_index("key")
    assert found["outcome"].to_dict() == {
        "o1": "won", "o2": "won", "o3": "lost", "o4": "lost", "o5": "won", "o6": "open",
        "o7": "won", "o8": "won",
    }  # fmt: skip
    assert found.loc["o6", "days"] == pytest.approx(40)
    assert found.loc["o8", "days"] == 0
    assert "Deal o4" in found["name"].tolist()
    line = result.groups.iloc[0]
    assert line[["entered", "won", "lost", "open"]].tolist() == [8, 5, 2, 1]
    assert any("3 opportunities met both outcomes" in note for note in result.scope.sentences())


def test_a_row_never_serves_entry_and_outcome():
    rows = [("A", 0, "visit"), ("A", 7, "visit"), ("B", 3, "visit"), ("B", 3, "visit"),
            ("C", 5, "visit"), ("C", 20, "other")]  # fmt: skip
    frame = pd.DataFrame(
        {"account_id": a, "occurred_at": at(d), "event": e, "page": n}
        for n, (a, d, e) in enumerate(rows)
    )
    result = wb.survival(
        wb.from_frames(events=frame), container="account", entered="visit", won="visit"
    )
    days = result.members().set_index("key")[["outcome", "days"]].to_dict("index")
    assert days["A"] == {"outcome": "won", "days": 7}
    assert days["B"] == {"outcome": "won", "days": 0}  # two rows of one instant
    assert days["C"]["outcome"] == "open"


def test_the_curve_by_hand(ws):
    # Days of outcomes: 0 won, 1 won, 5 won, 10 won, 20 lost, 30 won and lost; open at 40.
    frame = wb.survival(ws, **ASKED).frame
    assert frame["days"].tolist() == [0, 1, 5, 10, 20, 30, 40]
    assert frame["at_risk"].tolist() == [8, 7, 6, 5, 4, 3, 1]
    # Nobody leaves unfinished before day 40, so the shares are plain counts of eight.
    assert frame["won_share"].tolist() == pytest.approx([n / 8 for n in (1, 2, 3, 4, 4, 5, 5)])
    assert frame["lost_share"].tolist() == pytest.approx([0, 0, 0, 0, 1 / 8, 2 / 8, 2 / 8])
    result = wb.survival(ws, **ASKED)
    assert result.groups["median_days"].tolist() == [10]
    assert "Half of 8 opportunities have “won” within 10 days" in result.headline()


def test_losses_as_mere_open_ones_would_overstate(ws):
    result = wb.survival(ws, **ASKED)
    last = result.frame.iloc[-1]
    assert last["won_if_none_lost"] > last["won_share"]
    alone = wb.survival(ws, entered="created", won="won")
    assert alone.frame["won_share"].tolist() == alone.frame["won_if_none_lost"].tolist()
    # o4 is lost on day 30 and won on day 60 all the same, once losses are not asked for.
    assert alone.groups["won"].tolist() == [6]


def test_no_median_is_told_where_fewer_than_half_are_won(ws):
    result = wb.survival(ws, entered="created", won={"event": "won", "channel": "web"}, lost="lost")
    assert result.groups["median_days"].isna().all()
    assert "fewer than half had it within 50 days, so there is no median" in result.headline()
    nobody = wb.survival(ws, entered="lost", won="other")
    assert "None of 4 opportunities met “other” yet" in nobody.headline()


def test_groups_are_cohorts_or_values_at_entry(ws):
    months = wb.survival(ws, **ASKED, by="cohort")
    assert months.groups.set_index("group")["entered"].to_dict() == {
        "2026-01": 4, "2026-02": 2, "2026-03": 1, "2026-04": 1,
    }  # fmt: skip
    assert months.tests["group"].tolist() == ["", "2026-01", "2026-02", "2026-03", "2026-04"]
    channels = wb.survival(ws, **ASKED, by="channel")
    assert channels.groups.set_index("group")["entered"].to_dict() == {"fair": 5, "web": 3}
    assert channels.tests["group"].tolist() == [""]
    assert channels.members("web")["key"].tolist() == ["o2", "o3", "o1"]
    rest = wb.survival(ws, **ASKED, by="name", items=2)
    assert rest.followed.labels == ["Deal o1", "Deal o2", "(other)"]
    assert "3 comparisons of one group against all others" in rest.reading()


def test_it_stands_beside_the_cohort_table(ws):
    table = wb.cohort(ws, container="opportunity", inclusion="created", returning="won")
    beside = table.survival(lost="lost")
    assert beside.groups["entered"].sum() == table.containers
    assert beside.definition["by"] == "cohort"
    whole = table.survival(lost="lost", by=None)
    pd.testing.assert_frame_equal(whole.frame, wb.survival(ws, **ASKED).frame)


def test_a_period_ends_what_is_looked_at(ws):
    result = wb.survival(ws, **ASKED, period="2026-01")
    found = result.members().set_index("key")
    assert found["outcome"].to_dict() == {"o1": "won", "o2": "won", "o3": "lost", "o4": "open"}
    assert found.loc["o4", "days"] == pytest.approx(21)


def test_the_definition_asks_again(ws):
    result = wb.survival(ws, **ASKED, by="channel", items=1, horizon="30d", period="2026")
    again = {k: v for k, v in result.definition.items() if k != "analysis"}
    pd.testing.assert_frame_equal(wb.survival(ws, **again).frame, result.frame)
    assert result.groups["horizon_days"].tolist() == [30, 30]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"won": "wonn"}, "wonn.*'won'"),
        ({"won": {"event": "won", "at_most": 2}}, "at_least or more_than"),
        ({"lost": {"event": "lost", "exactly": 0}}, "at_least or more_than"),
        ({"entered": {"event": "created", "less_than": 1}}, "at_least or more_than"),
        ({"by": "chanel"}, "chanel.*'channel'"),
        ({"items": 0}, "items=0"),
        ({"horizon": "0d"}, "above zero"),
        ({"horizon": 30}, "horizon=30"),
        ({"granularity": "hour"}, "granularity='hour'"),
        ({"filter_scope": "all"}, "filter_scope='all'"),
        ({"container": "person"}, "person_id"),
    ],
)
def test_a_bad_question_is_refused_in_a_sentence(ws, options, said):
    with pytest.raises(ArgumentError, match=said):
        wb.survival(ws, **{**ASKED, **options})


def test_groups_and_outcomes_that_are_not_there(ws):
    result = wb.survival(ws, **ASKED, by="channel")
    with pytest.raises(ArgumentError, match="group='web2'"):
        result.members("web2")
    with pytest.raises(ArgumentError, match="outcome='gone'"):
        result.members(outcome="gone")


def test_buying_groups_are_told_apart_by_a_column_of_their_own_table():
    rows = [("g1", 0, "created"), ("g1", 5, "won"), ("g2", 0, "created"), ("g3", 1, "created"),
            ("g3", 3, "won"), (None, 9, "won")]  # fmt: skip
    frame = pd.DataFrame(
        {"account_id": "A", "buying_group_id": [[g] if g else None for g, _, _ in rows],
         "occurred_at": [at(d) for _, d, _ in rows], "event": [e for _, _, e in rows]}
    )  # fmt: skip
    groups = pd.DataFrame(
        {"group_id": ["g1", "g2", "g3"], "account_id": "A", "solution": ["Scan", "Scan", None]}
    )
    world = wb.from_frames(events=frame, buying_groups=groups)
    found = wb.survival(world, container="buying_group", entered="created", won="won",
                        by="solution")  # fmt: skip
    counted = found.groups.set_index("group")[["entered", "won"]]
    assert counted.to_dict("index") == {
        "Scan": {"entered": 2, "won": 1}, "(missing)": {"entered": 1, "won": 1},
    }  # fmt: skip
