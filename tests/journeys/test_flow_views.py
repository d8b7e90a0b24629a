"""What a flow can be asked next: over time, broken down, compared, opened, turned round."""

from __future__ import annotations

import pandas as pd
import pytest

import workbench as wb
from tests.journeys.flows import columns_of, paths
from tests.worlds import at
from workbench.errors import ArgumentError
from workbench.journeys.flow.members import MEMBER_COLUMNS, ROW_COLUMNS
from workbench.results.intervals import difference as by_statsmodels


def company():
    """Twelve big and twelve small accounts; after a webinar the big ones see a demo."""
    rows = []
    for n in range(24):
        big = n < 12
        follows = "demo" if (n % 12 < 10 if big else n % 12 < 2) else "blog"
        for day, content in ((n, "webinar"), (n + 2, follows), (n + 40, "pricing")):
            rows.append(
                {
                    "account_id": f"A{n:02d}",
                    "person_id": f"P{n}" if content == "webinar" else None,
                    "occurred_at": at(day),
                    "event": "view",
                    "content": content,
                    "channel": "mail" if n % 3 else "web",
                    "size": "big" if big else "small",
                }
            )
    known = pd.DataFrame(
        {"account_id": [f"A{n:02d}" for n in range(24)], "name": [f"Firm {n}" for n in range(24)]}
    )
    return wb.from_frames(events=pd.DataFrame(rows), accounts=known)


@pytest.fixture(scope="module")
def ws():
    return company()


@pytest.fixture(scope="module")
def flow(ws):
    return wb.flow(ws, starts_with={"content": "webinar"}, columns=3)


BIG, SMALL = wb.segment("Big", size="big"), wb.segment("Small", size="small")


def test_members_of_a_node_a_link_and_a_path(flow):
    demo = flow.members(1, "demo")
    assert list(demo.columns) == list(MEMBER_COLUMNS)
    assert len(demo) == 12
    assert demo["name"].iloc[0] == "Firm 0"
    assert demo["first_at"].iloc[0] == at(0)
    assert len(flow.members(0, "webinar", "blog")) == 12
    assert set(flow.members(path=["webinar", "demo", "pricing"])["key"]) == set(demo["key"])
    assert len(flow.members(path={1: ["demo", "blog"]})) == 24
    assert len(flow.members()) == 24


def test_an_item_that_was_put_together_can_still_be_opened():
    ws = paths(A="sa", B="sa", C="sb", D="sc")
    flow = wb.flow(ws, starts_with={"content": "s"}, items=1, columns=2)
    assert columns_of(flow)[1] == {"a": 2, "(other)": 2}
    assert flow.members(1, "(other)")["key"].tolist() == ["C", "D"]
    assert flow.members(1, "c")["key"].tolist() == ["D"]


def test_rows_behind_a_link_stand_in_their_order(flow):
    rows = flow.rows(0, "webinar", "demo", key="A01")
    assert list(rows.columns) == list(ROW_COLUMNS)
    assert rows["item"].tolist() == ["webinar", "demo", "pricing"]
    assert rows["column"].tolist() == [0, 1, 2]
    assert rows["occurred_at"].tolist() == [at(1), at(3), at(41)]
    assert rows["days_from_previous"].tolist()[1:] == [2, 38]
    assert pd.isna(rows["days_from_previous"].iloc[0])
    assert flow.rows(most=1)["path"].nunique() == 1


def test_trend_of_a_node_adds_up(flow):
    trend = flow.trend(1, "demo", granularity="week")
    assert trend.frame["path_views"].sum() == 12
    assert trend.frame["start"].sum() == 24
    assert (trend.frame["share_of_start"] <= 1).all()
    by_node = flow.trend(1, "demo", granularity="week", date="node")
    assert by_node.frame["path_views"].sum() == 12
    assert by_node.frame["start"].isna().all()
    assert "“demo”" in trend.headline()
    assert flow.trend(2, "(exit)").frame["path_views"].sum() == 0


def test_buckets_that_still_wait_are_partial(flow):
    later = flow.trend(2, "pricing", granularity="week")
    # nine of ten went on within 40 days; the data end 40 days after the last webinar
    assert later.frame["partial"].iloc[-1]
    assert not later.frame["partial"].iloc[0]


def test_breakdown_of_a_node(flow):
    found = flow.breakdown(1, "demo", "size")
    assert found.frame[["item", "path_views", "total"]].to_numpy().tolist() == [
        ["big", 10, 12],
        ["small", 2, 12],
    ]
    assert found.headline() == "At “demo”, size is most often “big”: 10 of 12 path views, 83 %"
    named = flow.breakdown(1, "demo", "name", items=3)
    assert named.frame["item"].tolist()[-1] == "(other)"
    assert named.frame["path_views"].sum() == 12
    ends = wb.flow(flow.question.workspace, starts_with={"content": "pricing"}, columns=2)
    last = ends.breakdown(1, "(exit)", "content")
    assert last.frame["item"].tolist() == ["pricing"]
    assert "last row" in last.reading()


def test_two_segments_differ_and_by_how_much(flow):
    found = flow.difference(BIG, SMALL)
    demo = found.frame.set_index(["column", "item"]).loc[(1, "demo")]
    assert demo[["value_a", "start_a", "value_b", "start_b"]].tolist() == [10, 12, 2, 12]
    assert demo["difference"] == pytest.approx(8 / 12)
    # one path view an account: the interval is Newcombe's, as statsmodels gives it
    expected = by_statsmodels(10, 12, 2, 12)
    assert demo["difference_low"] == pytest.approx(expected.low)
    assert demo["difference_high"] == pytest.approx(expected.high)
    assert demo["differs"]
    link = found.links.set_index(["column", "source", "target"]).loc[(0, "webinar", "demo")]
    assert link["difference"] == pytest.approx(8 / 12)
    assert found.headline().startswith("“demo” 1 after differs most: 83 % (10 / 12) in “Big”")
    assert "Fewer than 30 in: Big, Small." in found.reading()


def test_a_segment_is_compared_with_all_others_and_overlap_is_said(flow):
    one = flow.difference(BIG)
    two = flow.difference(BIG, SMALL)
    same = ["value_a", "value_b", "difference"]
    pd.testing.assert_frame_equal(one.frame[same], two.frame[same])
    assert one.names == ("Big", "All others")
    overlapping = flow.difference(BIG, wb.segment("Everybody", event="view"))
    assert "12 accounts are in both segments" in overlapping.scope.notes[-1]


def test_compare_makes_the_difference_the_answer(ws):
    asked = {"starts_with": {"content": "webinar"}, "columns": 3}
    flow = wb.flow(ws, **asked, compare=[BIG, SMALL])
    assert flow.headline() == flow.difference().headline()
    pd.testing.assert_frame_equal(flow.frame, wb.flow(ws, **asked).frame)
    assert flow.block()["table"]["columns"][2]["label"] == "Big"
    assert flow.definition["compare"][0]["name"] == "Big"


def test_rows_of_segments_can_be_compared_alone(ws):
    mail = wb.segment("Mail", scope="event", channel="mail")
    web = wb.segment("Web", scope="event", channel="web")
    flow = wb.flow(
        ws, starts_with={"content": "webinar"}, filter_scope="events", compare=[mail, web]
    )
    start = flow.difference().frame.set_index(["column", "item"]).loc[(0, "webinar")]
    assert start[["value_a", "value_b"]].tolist() == [16, 8]


def test_segment_of_a_path_is_a_sequence(flow):
    segment = flow.segment_of(["webinar", "demo"], "Went to the demo")
    assert segment.plain() == {
        "name": "Went to the demo",
        "scope": "account",
        "steps": [
            {"label": "webinar", "where": {"content": "webinar"}},
            {
                "label": "demo",
                "where": {"content": "demo"},
                "link": "next",
                "next_among": {
                    "all": [{"content": {"exists": True}}, {"not": {"content": "webinar"}}]
                },
            },
        ],
    }
    again = wb.flow(
        flow.question.workspace, starts_with={"content": "webinar"}, segment=segment, columns=2
    )
    assert columns_of(again) == {0: {"webinar": 12}, 1: {"demo": 12}}


def test_a_path_to_an_end_and_from_a_beginning_is_a_sequence_too():
    ws = paths(A="ab", B="abc", C="zab")
    forward = wb.flow(ws, starts_with={"content": "a"}, columns=4)
    ended = forward.segment_of(["a", "b", "(exit)"])
    assert forward.members(path=["a", "b", "(exit)"])["key"].tolist() == ["A", "C"]
    kept = wb.flow(ws, starts_with={"content": "a"}, segment=ended, columns=2)
    assert kept.members()["key"].tolist() == ["A", "C"]
    backward = wb.flow(ws, ends_with={"content": "b"}, columns=4)
    begun = backward.segment_of(["(entry)", "a", "b"])
    kept = wb.flow(ws, ends_with={"content": "b"}, segment=begun, columns=2)
    assert kept.members()["key"].tolist() == ["A", "B"]


def test_focus_and_other_options(flow):
    focused = flow.focus(1, "demo")
    assert focused.question.anchor.side == "contains"
    assert columns_of(focused)[0] == {"demo": 12}
    wider = flow.again(columns=5, count="containers")
    assert wider.question.columns == 5
    assert wider.frame["value"].equals(wider.frame["containers"])
    turned = flow.again(ends_with={"content": "pricing"})
    assert columns_of(turned)[0] == {"pricing": 24}


def test_two_flows_are_compared_like_any_two_answers(ws, flow):
    found = wb.compare(flow, flow.again(segment=BIG), names=("all", "big"))
    demo = found.frame.set_index("label").loc["demo (+1)"]
    assert demo[["count_a", "total_a", "count_b", "total_b"]].tolist() == [12, 24, 10, 12]


def test_key_figures_name_what_they_count(flow):
    labels = [figure["label"] for figure in flow.key_figures().content["figures"]]
    assert labels == [
        "Path views of “webinar”",
        "“blog” comes next",
        "Median time between the two",
        "Nothing comes after it",
    ]


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        (lambda f: f.members(1, "dmo"), r"item='dmo' .* Did you mean 'demo'"),
        (lambda f: f.members(7), r"column=7 .* '0', '1', '2'"),
        (lambda f: f.members(2, "pricing", "x"), r"column=3"),
        (lambda f: f.rows(most=0), r"most=0"),
        (lambda f: f.trend(1, "demo", granularity="hour"), r"granularity='hour'"),
        (lambda f: f.trend(1, "demo", date="entry"), r"date='entry'"),
        (lambda f: f.breakdown(1, "demo", "chanel"), r"Did you mean 'channel'"),
        (lambda f: f.breakdown(1, "demo", "channel", items=0), r"items=0"),
        (lambda f: f.difference(), r"a=None .* a segment"),
        (lambda f: f.segment_of(["demo", None]), r"an item in every column"),
        (lambda f: f.segment_of({1: "demo"}), r"columns that follow each other"),
        (lambda f: f.segment_of("webinar"), r"path='webinar'"),
        (lambda f: f.focus(1, "dmo"), r"Did you mean 'demo'"),
        (lambda f: f.again(column=3), r"option='column' .* Did you mean 'columns'"),
        (lambda f: f.again(same_event=True).segment_of(["webinar"]), r"without same_event"),
        (
            lambda f: f.again(limit="last").segment_of(["webinar", "demo"]),
            r"limit='last' .* ends with the anchor",
        ),
    ],
)
def test_views_refuse_what_there_is_not(flow, ask, match):
    with pytest.raises(ArgumentError, match=match):
        ask(flow)
