"""The worked example of journeys-flow.md, section 3, as it stands there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

import workbench as wb
from tests.journeys.flows import columns_of, link, node

ROWS = """
1 A p1 s1 whitepaper -
2 A p1 s1 whitepaper -
3 A p2 s2 webinar -
4 A - - - stage_change
5 A p1 s3 demo -
6 A - - - mql
7 B p3 s4 webinar -
8 B p3 s4 demo -
9 B p3 s4 webinar -
10 B p3 s4 demo -
11 B - - - mql
"""


def events() -> pd.DataFrame:
    rows = []
    for line in ROWS.strip().splitlines():
        number, account, person, session, content, event = line.split()
        rows.append(
            {
                "event_id": f"{int(number):02d}",
                "account_id": account,
                "person_id": None if person == "-" else person,
                "session_id": None if session == "-" else session,
                "content": None if content == "-" else content,
                "event": "content_viewed" if event == "-" else event,
                "occurred_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=int(number)),
            }
        )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def ws():
    return wb.from_frames(events=events())


WEBINAR = {"content": "webinar"}


def test_starts_with_webinar(ws):
    result = wb.flow(ws, starts_with=WEBINAR)
    assert columns_of(result) == {
        0: {"webinar": 3},
        1: {"demo": 3},
        2: {"webinar": 1, "(exit)": 2},
        3: {"demo": 1},
    }
    # traps: row 4 does not break A's path; 3 path views, 2 accounts; row 9 starts and is third
    assert node(result, 0, "webinar")[["path_views", "containers", "rows"]].tolist() == [3, 2, 3]
    assert link(result, 0, "webinar", "demo")["containers"] == 2
    assert node(result, 2, "webinar")["rows"] == 1


def test_limit_to_first(ws):
    result = wb.flow(ws, starts_with=WEBINAR, limit="first")
    assert columns_of(result) == {
        0: {"webinar": 2},
        1: {"demo": 2},
        2: {"webinar": 1, "(exit)": 1},
        3: {"demo": 1},
    }


@pytest.mark.parametrize("container", ["session", "person"])
def test_starts_with_webinar_in_finer_containers(ws, container):
    result = wb.flow(ws, starts_with=WEBINAR, container=container)
    assert columns_of(result) == {
        0: {"webinar": 3},
        1: {"demo": 2, "(exit)": 1},
        2: {"webinar": 1, "(exit)": 1},
        3: {"demo": 1},
    }


def test_ends_with_mql(ws):
    result = wb.flow(ws, ends_with="mql", dimension="content", columns=5)
    assert columns_of(result) == {
        0: {"mql": 2},
        -1: {"demo": 2},
        -2: {"webinar": 2},
        -3: {"whitepaper": 1, "demo": 1},
        -4: {"(entry)": 1, "webinar": 1},
    }
    assert link(result, -4, "(entry)", "whitepaper")["path_views"] == 1


def test_ends_with_mql_and_repeats(ws):
    result = wb.flow(ws, ends_with="mql", dimension="content", columns=5, repeats=True)
    assert columns_of(result)[-4] == {"whitepaper": 1, "webinar": 1}


@pytest.mark.parametrize("container", ["session", "person"])
def test_rows_of_the_anchor_without_a_key_are_counted_and_drop_out(ws, container):
    result = wb.flow(ws, ends_with="mql", dimension="content", columns=5, container=container)
    assert result.frame.empty
    assert result.links.empty
    assert result.scope.dropped_null_key == 3


def test_contains_demo(ws):
    found = columns_of(wb.flow(ws, contains={"content": "demo"}, columns=3))
    assert found == {-1: {"webinar": 3}, 0: {"demo": 3}, 1: {"webinar": 1, "(exit)": 2}}


def test_of_an_even_number_of_columns_the_right_gets_more(ws):
    found = columns_of(wb.flow(ws, contains={"content": "demo"}))
    assert sorted(found) == [-1, 0, 1, 2]


def test_ends_with_demo_limit_to_last(ws):
    result = wb.flow(ws, ends_with={"content": "demo"}, limit="last", columns=3)
    assert columns_of(result) == {
        0: {"demo": 2},
        -1: {"webinar": 2},
        -2: {"whitepaper": 1, "demo": 1},
    }


def test_exclude_demo_in_the_second_column_drops_the_paths_and_says_so(ws):
    result = wb.flow(ws, starts_with=WEBINAR, exclude={1: "demo"})
    assert columns_of(result) == {0: {"webinar": 3}}
    assert result.links.empty
    assert node(result, 0, "webinar")["hidden"] == 3
    assert result.balance[["passed_on", "hidden"]].to_numpy().tolist() == [[0, 3]]
    assert "3 path views are hidden in column 1 by a filter." in result.scope.notes


def test_exclude_demo_and_skip_bridges(ws):
    result = wb.flow(ws, starts_with=WEBINAR, exclude="demo", exclude_mode="skip")
    assert columns_of(result) == {0: {"webinar": 2}, 1: {"(exit)": 2}}


def test_the_order_of_the_rows_changes_nothing(ws):
    other = wb.from_frames(events=events().sample(frac=1, random_state=3))
    for question in ({"starts_with": WEBINAR}, {"ends_with": "mql", "dimension": "content"}):
        one, two = (wb.flow(opened, **question) for opened in (ws, other))
        pd.testing.assert_frame_equal(one.frame, two.frame)
        pd.testing.assert_frame_equal(one.links, two.links)


def test_shares_medians_and_people_by_hand(ws):
    result = wb.flow(ws, starts_with=WEBINAR)
    demo = link(result, 1, "demo", "(exit)")
    assert demo[["value", "source_value", "target_value"]].tolist() == [2, 3, 2]
    assert demo["share_of_source"] == pytest.approx(2 / 3)
    # hours from webinar to demo: 2 (A, past the stage change), 1 and 1 (B)
    assert link(result, 0, "webinar", "demo")["median_days"] == pytest.approx(1 / 24)
    assert link(result, 0, "webinar", "demo")["persons"] == 3
    assert node(result, 1, "demo")["persons"] == 2
    assert result.headline() == (
        "After “webinar”, “demo” comes next most often: 3 of 3 path views, 100 %"
    )
