"""Bad input is refused in a sentence; small, empty and enormous worlds give an honest answer."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.journeys.flows import columns_of, node, paths
from tests.worlds import at
from workbench.errors import AbsentError, ArgumentError


@pytest.fixture(scope="module")
def ws():
    return paths(A="ab!", B="abc")


ITEM = {"starts_with": {"content": "a"}}


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({}, r"starts_with / contains / ends_with=None .* exactly one of them"),
        (
            {"starts_with": "mql", "ends_with": "mql", "dimension": "content"},
            r"=\['ends_with', 'starts_with'\] .* exactly one",
        ),
        ({"starts_with": "mql"}, r"dimension=None .* dimension='event' follows the events"),
        ({"contains": "mql", "dimension": "content"}, r"contains='mql' .* no place inside a path"),
        ({"ends_with": "mqll", "dimension": "content"}, r"Did you mean 'mql'"),
        ({"ends_with": "mql", "dimension": "contnt"}, r"Did you mean 'content'"),
        ({"starts_with": {"contnt": "a"}}, r"Did you mean 'content'"),
        ({"starts_with": {"content": "webinar"}}, r"starts_with='webinar' .* 'a', 'b', 'c'"),
        (ITEM | {"columns": 1}, r"columns=1 .* a whole number of 2 or more"),
        (ITEM | {"columns": 2.5}, r"columns=2.5 .* a whole number"),
        (ITEM | {"columns": True}, r"columns=True"),
        (ITEM | {"items": 0}, r"items=0 .* a whole number of 1 or more"),
        (ITEM | {"items": 5_000, "columns": 30_000_000}, r"columns=30000000 .* fewer columns"),
        (ITEM | {"limit": "frist"}, r"limit='frist' .* Did you mean 'first'"),
        (ITEM | {"filter_scope": "rows"}, r"filter_scope='rows' .* 'whole', 'events'"),
        (ITEM | {"exclude_mode": "hide"}, r"exclude_mode='hide' .* 'drop', 'skip'"),
        (ITEM | {"count": "people"}, r"count='people' .* 'path_views', 'containers'"),
        (ITEM | {"repeats": "yes"}, r"repeats='yes' .* true or false"),
        (ITEM | {"container": "acount"}, r"Did you mean 'account'"),
        (ITEM | {"container": "person"}, r"container='person' .* carry no person_id"),
        (ITEM | {"filters": {9: "a"}}, r"filters=9 .* columns from 0 to 3"),
        (ITEM | {"filters": {1: {"event": "mql"}}}, r"items of content, or operators"),
        (ITEM | {"filters": ["a"]}, r"a mapping of columns from 0 to 3"),
        (ITEM | {"dimensions": {0: "event"}}, r"dimensions=0 .* columns beside the anchor"),
        (ITEM | {"dimensions": {1: "evnt"}}, r"Did you mean 'event'"),
        (ITEM | {"exclude": {1: "b"}, "exclude_mode": "skip"}, r"items alone, without a column"),
        (
            {"starts_with": "mql", "dimension": "content", "filters": {0: "a"}},
            r"columns beside the anchor, which is an event here",
        ),
        (ITEM | {"compare": [wb.segment("One", event="mql")]}, r"compare=.* two segments"),
        (ITEM | {"period": "2026-13"}, r"period='2026-13'"),
        ({"starts_with": wb.step("mql", within="1d"), "dimension": "content"}, r"without limits"),
        ({"starts_with": "view", "dimension": "occurred_at"}, r"asked for with period"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(ws, asked, match):
    with pytest.raises(ArgumentError, match=match):
        wb.flow(ws, **asked)


def test_what_these_data_do_not_hold_can_be_passed_over(ws):
    for asked in (
        {"ends_with": "demo_booked", "dimension": "content"},
        {"ends_with": "mql", "dimension": "content_type"},
        {"starts_with": {"content": "webinar"}},
        ITEM | {"container": "person"},
    ):
        with pytest.raises(AbsentError):
            wb.flow(ws, **asked)


def test_a_value_that_a_filter_names_and_that_is_not_there_is_said(ws):
    result = wb.flow(ws, **ITEM, exclude={1: "bb"})
    assert columns_of(result)[1] == {"b": 2}
    assert "content = bb does not occur. Closest: b." in result.scope.notes


def test_one_account_and_one_event():
    result = wb.flow(paths(A="a"), starts_with={"content": "a"})
    assert columns_of(result) == {0: {"a": 1}, 1: {"(exit)": 1}}
    assert result.headline() == (
        "After “a”, nothing that is shown comes next: 1 of 1 path views end there"
    )
    before = wb.flow(paths(A="a"), ends_with={"content": "a"})
    assert before.headline().endswith("1 of 1 path views begin there")
    for view in (result, result.trend(1, "(exit)"), result.breakdown(0, "a")):
        assert "<svg" in view._repr_mimebundle_()["text/html"]


def test_a_dimension_that_is_empty_says_so():
    frame = pd.DataFrame(
        {"account_id": ["A"], "occurred_at": [at(0)], "event": ["mql"], "content": [None]}
    )
    ws = wb.from_frames(events=frame.astype({"content": "str"}))
    result = wb.flow(ws, ends_with="mql", dimension="content")
    assert columns_of(result) == {0: {"mql": 1}, -1: {"(entry)": 1}}
    assert "content is set on no row." in result.scope.notes
    nothing = wb.flow(ws, starts_with={"content": "webinar"})
    assert nothing.frame.empty
    assert "does not occur" in nothing.headline()
    assert "does not occur" in re.sub(r"<[^>]*>", " ", nothing.block()["svg"])


def test_anchors_outside_the_period_make_no_paths(ws):
    result = wb.flow(ws, **ITEM, period="2025")
    assert result.frame.empty
    assert result.headline().endswith("so there are no paths")
    assert result.difference(wb.segment("mql", event="mql")).frame.empty
    assert result.members().empty
    assert result.rows().empty
    assert result.trend().frame.empty
    assert result.breakdown().frame.empty


def test_ten_thousand_items_in_a_column():
    count = 10_000
    numbers = np.arange(count)
    frame = pd.DataFrame(
        {
            "account_id": np.repeat([f"A{n}" for n in numbers], 2),
            "occurred_at": [at(0), at(1)] * count,
            "event": ["start", "view"] * count,
            "page": np.stack([np.full(count, None, object), [f"/{n:05d}" for n in numbers]], 1)
            .ravel()
            .tolist(),
        }
    )
    extra = pd.DataFrame(
        {"account_id": "A0", "occurred_at": [at(2)], "event": ["start"], "page": [None]}
    )
    more = pd.DataFrame(
        {"account_id": "A0", "occurred_at": [at(3)], "event": ["view"], "page": ["/07000"]}
    )
    ws = wb.from_frames(events=pd.concat([frame, extra, more], ignore_index=True))
    result = wb.flow(ws, starts_with="start", dimension="page", columns=5, items=3)
    assert columns_of(result)[1] == {"/07000": 2, "/00000": 1, "/00001": 1, "(other)": 9_997}
    assert result.balance["path_views"].equals(
        result.balance["passed_on"] + result.balance["hidden"]
    )
    assert result.members(1, "/09999")["key"].tolist() == ["A9999"]
    with pytest.raises(ArgumentError, match=r"page has 10,000 distinct items"):
        wb.flow(ws, starts_with="start", dimension="page", columns=100_000)
    with pytest.raises(ArgumentError, match=r"links between columns are more than"):
        wb.flow(ws, starts_with="start", dimension="page", columns=5, items=5_000)


def test_any_depth_is_counted_and_the_first_columns_are_drawn():
    ws = paths(A="ab" * 60)
    result = wb.flow(ws, starts_with={"content": "a"}, limit="first", columns=100)
    assert node(result, 99, "b")["path_views"] == 1
    assert "The picture shows 6 of 100 columns" in result.reading()
    assert "<svg" in result._repr_mimebundle_()["text/html"]


def test_values_that_are_called_like_our_own_nodes_stay_apart():
    frame = pd.DataFrame(
        {
            "account_id": ["A", "A", "B"],
            "occurred_at": [at(0), at(1), at(0)],
            "event": "view",
            "content": ["s", "(exit)", "s"],
        }
    )
    result = wb.flow(wb.from_frames(events=frame), starts_with={"content": "s"}, columns=2)
    assert columns_of(result)[1] == {"“(exit)”": 1, "(exit)": 1}
    assert result.members(1, "“(exit)”")["key"].tolist() == ["A"]
    assert result.members(1, "(exit)")["key"].tolist() == ["B"]
    assert result.segment_of(["s", "“(exit)”"]).steps[1].condition.plain() == {"content": "(exit)"}


def test_an_event_and_a_dimension_of_one_name():
    frame = pd.DataFrame(
        {
            "account_id": "A",
            "occurred_at": [at(0), at(1)],
            "event": ["content", "view"],
            "content": [None, "a"],
        }
    )
    ws = wb.from_frames(events=frame)
    event = wb.flow(ws, starts_with="content", dimension="content", columns=2)
    assert columns_of(event) == {0: {"content": 1}, 1: {"a": 1}}
    dimension = wb.flow(ws, starts_with={"content": {"exists": True}}, columns=2)
    assert columns_of(dimension) == {0: {"a": 1}, 1: {"(exit)": 1}}
