"""The worked example of journeys-fallout.md, section 4, as it stands there."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

import workbench as wb

ROWS = """
1 A p1 1 09:00 lead_form
2 A p2 2 10:00 lead_gen
3 A p1 3 11:00 mql
4 B p3 1 09:00 lead_gen
5 B p3 2 09:00 lead_form
6 B p3 4 09:00 mql
7 C p4 1 08:00 lead_form
8 C p4 1 08:05 page
9 C p5 2 08:00 lead_form
10 C p5 2 08:01 lead_gen
11 D p6 1 12:00 page
12 A - 5 09:00 opp_created
"""
STEPS = ["lead_form", "lead_gen", "mql"]


def events() -> pd.DataFrame:
    rows = []
    for line in ROWS.strip().splitlines():
        number, account, person, day, clock, event = line.split()
        hour, minute = map(int, clock.split(":"))
        rows.append(
            {
                "event_id": number,
                "account_id": account,
                "person_id": None if person == "-" else person,
                "occurred_at": datetime(2026, 1, int(day), hour, minute, tzinfo=UTC),
                "event": event,
            }
        )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def ws():
    return wb.from_frames(events=events())


def counts(result):
    return result.frame["reached"].tolist()


def test_account_eventual(ws):
    frame = wb.fallout(ws, steps=STEPS).frame
    assert frame["reached"].tolist() == [4, 3, 2, 1]
    assert frame["share_of_previous"].round(3).tolist()[1:] == [0.75, 0.667, 0.5]
    assert frame["share_of_start"].round(3).tolist()[1:] == [0.75, 0.5, 0.25]


def test_person_eventual_says_what_it_dropped(ws):
    result = wb.fallout(ws, steps=STEPS, container="person")
    assert counts(result) == [6, 4, 1, 0]
    assert result.scope.dropped_null_key == 1
    assert result.members(2)["key"].tolist() == ["p5"]


@pytest.mark.parametrize(
    ("steps", "options", "expected"),
    [
        (
            ["lead_form", wb.step("lead_gen", link="next"), wb.step("mql", link="next")],
            {},
            [4, 3, 2, 1],
        ),
        (
            ["lead_form", wb.step("lead_gen", within="24h"), wb.step("mql", within="24h")],
            {},
            [4, 3, 1, 0],
        ),
        (STEPS, {"total_within": "48h"}, [4, 3, 2, 0]),
        (STEPS, {"total_within": "50h"}, [4, 3, 2, 1]),
        (["lead_form", "lead_form"], {}, [4, 3, 1]),
    ],
    ids=["next event", "each link within 24 h", "within 48 h", "within 50 h", "same step twice"],
)
def test_links_and_limits(ws, steps, options, expected):
    assert counts(wb.fallout(ws, steps=steps, **options)) == expected


def test_fallout_after_step_one_and_two(ws):
    result = wb.fallout(ws, steps=STEPS)
    first = result.breakdown(1).frame
    assert first[["item", "containers", "total"]].to_numpy().tolist() == [["mql", 1, 1]]
    second = result.breakdown(2).frame
    assert second[["item", "containers"]].to_numpy().tolist() == [["(no further event)", 1]]
    assert result.members(2, outcome="stopped_here")["key"].tolist() == ["C"]
    assert result.members(2, outcome="fell_out")["key"].tolist() == ["B"]


def test_the_order_of_the_rows_changes_nothing(ws):
    shuffled = events().sample(frac=1, random_state=3)
    other = wb.from_frames(events=shuffled)
    pd.testing.assert_frame_equal(
        wb.fallout(ws, steps=STEPS).frame, wb.fallout(other, steps=STEPS).frame
    )
