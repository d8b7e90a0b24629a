"""Every option of a flow, on worlds small enough to draw."""

from __future__ import annotations

import pandas as pd
import pytest

import workbench as wb
from tests.journeys.flows import columns_of, link, link_views, node, paths
from tests.worlds import at


def test_a_whole_dimension_is_an_anchor_by_name_or_as_a_condition():
    ws = paths(A="abca", B="b.c")
    by_name = wb.flow(ws, starts_with="content", columns=2)
    assert columns_of(by_name) == {
        0: {"a": 2, "b": 2, "c": 2},
        1: {"c": 2, "a": 1, "b": 1, "(exit)": 2},
    }
    as_condition = wb.flow(ws, starts_with={"content": {"exists": True}}, columns=2)
    pd.testing.assert_frame_equal(by_name.frame, as_condition.frame)
    first = wb.flow(ws, starts_with="content", columns=2, limit="first")
    assert columns_of(first) == {0: {"a": 1, "b": 1}, 1: {"b": 1, "c": 1}}


def test_several_items_and_operators_make_an_anchor():
    ws = paths(A="abca")
    several = wb.flow(ws, starts_with={"content": ["a", "c"]}, columns=2)
    assert columns_of(several)[0] == {"a": 2, "c": 1}
    operator = wb.flow(ws, starts_with={"content": {"!=": "b"}}, columns=2)
    pd.testing.assert_frame_equal(several.frame, operator.frame)


def test_an_event_counts_each_of_its_rows_and_a_label_names_it():
    ws = paths(A="a!!b", B="a!")
    step = wb.step("Qualified", event="mql")
    found = columns_of(wb.flow(ws, starts_with=step, dimension="content", columns=2))
    assert found == {0: {"Qualified": 3}, 1: {"b": 2, "(exit)": 1}}
    assert node(wb.flow(ws, ends_with=step, dimension="content", columns=2), -1, "a")["rows"] == 2


def test_events_themselves_are_followed_as_a_dimension():
    ws = paths(A="a!b", B="a!")
    found = wb.flow(ws, contains="mql", dimension="event", columns=3)
    assert columns_of(found) == {-1: {"view": 2}, 0: {"mql": 2}, 1: {"view": 1, "(exit)": 1}}


def test_every_event_can_be_an_anchor_by_the_name_of_the_column():
    ws = paths(A="a!", B="a")
    assert columns_of(wb.flow(ws, starts_with="event", columns=2)) == {
        0: {"view": 2, "mql": 1},
        1: {"mql": 1, "(exit)": 2},
    }


def test_a_run_that_reaches_past_the_anchor_still_comes_after_it():
    # Repeats are left out along a path, not across its anchor: after the mql there is another a.
    found = columns_of(wb.flow(paths(A="a!ab"), starts_with="mql", dimension="content"))
    assert found == {0: {"mql": 1}, 1: {"a": 1}, 2: {"b": 1}, 3: {"(exit)": 1}}


def test_the_row_of_an_event_may_be_its_own_neighbour():
    frame = pd.DataFrame(
        {
            "account_id": "A",
            "occurred_at": [at(0), at(1), at(2)],
            "event": ["view", "form", "view"],
            "content": ["a", "b", "c"],
        }
    )
    ws = wb.from_frames(events=frame)
    asked = {"starts_with": "form", "dimension": "content", "columns": 3}
    assert columns_of(wb.flow(ws, **asked)) == {0: {"form": 1}, 1: {"c": 1}, 2: {"(exit)": 1}}
    same = wb.flow(ws, **asked, same_event=True)
    assert columns_of(same) == {0: {"form": 1}, 1: {"b": 1}, 2: {"c": 1}}
    assert link(same, 0, "form", "b")["median_days"] == 0
    assert not any("equal times" in note for note in same.scope.notes)


def test_rare_items_are_put_together_after_the_full_count():
    letters = {f"A{n}": "s" + letter for n, letter in enumerate("aaabbcde")}
    result = wb.flow(paths(**letters), starts_with={"content": "s"}, columns=3, items=2)
    assert columns_of(result)[1] == {"a": 3, "b": 2, "(other)": 3}
    assert node(result, 1, "(other)")["containers"] == 3
    assert link_views(result)[1, "(other)", "(exit)"] == 3
    # equal counts are ranked by name
    tied = wb.flow(paths(A="sb", B="sa", C="sc"), starts_with={"content": "s"}, items=2)
    assert list(columns_of(tied)[1]) == ["a", "b", "(other)"]


def test_containers_rank_widen_and_share_when_they_are_counted():
    ws = paths(A="sasasa", B="sb", C="sb", D="sc")
    views = wb.flow(ws, starts_with={"content": "s"}, columns=2, items=1)
    assert columns_of(views)[1] == {"a": 3, "(other)": 3}
    containers = wb.flow(ws, starts_with={"content": "s"}, columns=2, items=1, count="containers")
    assert columns_of(containers)[1] == {"b": 2, "(other)": 4}
    other = node(containers, 1, "(other)")
    assert other[["value", "start", "source"]].tolist() == [2, 4, 4]
    assert containers.headline().endswith("2 of 4 accounts, 50 %")


def test_columns_may_follow_other_dimensions():
    frame = pd.DataFrame(
        {
            "account_id": "A",
            "occurred_at": [at(day) for day in range(5)],
            "event": "view",
            "content": ["a", None, "b", "b", "c"],
            "channel": ["mail", "web", None, "fair", "web"],
        }
    )
    ws = wb.from_frames(events=frame)
    asked = {"starts_with": {"content": "a"}, "dimensions": {1: "channel"}, "columns": 3}
    assert columns_of(wb.flow(ws, **asked)) == {0: {"a": 1}, 1: {"web": 1}, 2: {"b": 1}}
    same = columns_of(wb.flow(ws, **asked, same_event=True))
    assert same == {0: {"a": 1}, 1: {"mail": 1}, 2: {"b": 1}}
    result = wb.flow(ws, **asked)
    assert result.nodes["dimension"].tolist() == ["content", "channel", "content"]
    # an item of one dimension may lead to another
    other = wb.flow(ws, ends_with={"content": "c"}, dimension="channel", columns=2)
    assert columns_of(other) == {0: {"c": 1}, -1: {"fair": 1}}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("b", {"b": 2}),
        (["b", "c"], {"b": 2, "c": 1}),
        ({"!=": "b"}, {"c": 1, "dd": 1}),
        ({"contains": "d"}, {"dd": 1}),
        ({"not": {"content": "c"}}, {"b": 2, "dd": 1}),
    ],
)
def test_a_column_filter_shows_some_items_and_ranks_among_them(shown, expected):
    frame = pd.DataFrame(
        [
            {"account_id": account, "occurred_at": at(n), "event": "view", "content": content}
            for account, after in {"A": "b", "B": "b", "C": "c", "D": "dd"}.items()
            for n, content in enumerate(["s", after, "z"])
        ]
    )
    ws = wb.from_frames(events=frame)
    result = wb.flow(ws, starts_with={"content": "s"}, filters={1: shown}, columns=3)
    assert columns_of(result)[0] == {"s": 4}
    assert columns_of(result)[1] == expected
    hidden = 4 - sum(expected.values())
    assert node(result, 0, "s")["hidden"] == hidden
    assert columns_of(result)[2] == {"z": sum(expected.values())}


def test_a_filter_on_the_anchor_column_hides_anchors():
    result = wb.flow(paths(A="ab"), starts_with="content", filters={0: "a"}, columns=2)
    assert columns_of(result) == {0: {"a": 1}, 1: {"b": 1}}
    assert "1 path view is hidden in column 0 by a filter." in result.scope.notes


def test_excluding_everywhere_spares_the_anchor_and_ends():
    ws = paths(A="saxs", B="sx")
    result = wb.flow(ws, starts_with={"content": "s"}, exclude=["x"], columns=3)
    assert columns_of(result) == {0: {"s": 3}, 1: {"a": 1, "(exit)": 1}}
    assert "1 path view is hidden in column 2 by a filter." in result.scope.notes
    anchor = wb.flow(ws, starts_with={"content": "s"}, exclude="s", columns=2)
    assert columns_of(anchor)[0] == {"s": 3}


def test_a_segment_keeps_containers_or_rows():
    frame = pd.DataFrame(
        [
            ("A", 0, "a", "north"),
            ("A", 1, "b", "south"),
            ("A", 2, "c", "north"),
            ("B", 0, "a", "south"),
            ("B", 1, "b", "south"),
        ],
        columns=["account_id", "day", "content", "region"],
    )
    frame["occurred_at"] = [at(day) for day in frame.pop("day")]
    ws = wb.from_frames(events=frame.assign(event="view"))
    north = wb.segment("north", scope="event", region="north")
    asked = {"starts_with": {"content": "a"}, "columns": 2, "segment": north}
    assert columns_of(wb.flow(ws, **asked)) == {0: {"a": 1}, 1: {"b": 1}}
    assert columns_of(wb.flow(ws, **asked, filter_scope="events")) == {0: {"a": 1}, 1: {"c": 1}}


def test_a_period_cuts_paths_and_says_how_many():
    ws = paths(A="abcd", B=".b")
    result = wb.flow(ws, contains={"content": "b"}, columns=3, period="2026-01-02")
    assert columns_of(result) == {-1: {"(entry)": 2}, 0: {"b": 2}, 1: {"(exit)": 2}}
    assert node(result, 1, "(exit)")["cut_by_period"] == 1
    assert node(result, -1, "(entry)")["cut_by_period"] == 1
    (note,) = [note for note in result.scope.notes if "made by the period" in note]
    assert note.startswith("2 of 4 ends")
    whole = wb.flow(ws, contains={"content": "b"}, columns=3)
    assert whole.nodes["cut_by_period"].sum() == 0


def test_nothing_after_as_of_is_looked_at():
    rows = paths(A="abc").sql("SELECT account_id, occurred_at, event, content FROM touchpoints")
    ws = wb.from_frames(events=rows, as_of="2026-01-02")
    result = wb.flow(ws, starts_with={"content": "b"}, columns=2)
    assert columns_of(result) == {0: {"b": 1}, 1: {"(exit)": 1}}
    assert result.nodes["cut_by_period"].sum() == 0


def test_rows_with_several_values_are_path_views_of_each():
    frame = pd.DataFrame(
        {
            "account_id": "A",
            "occurred_at": [at(0), at(1), at(2), at(3)],
            "event": "view",
            "tags": [["x"], ["a", "b"], ["a", "b"], ["c"]],
        }
    )
    result = wb.flow(wb.from_frames(events=frame), starts_with={"tags": "x"}, columns=4)
    assert columns_of(result) == {
        0: {"x": 1},
        1: {"a": 1, "b": 1},
        2: {"a": 2, "b": 2},
        3: {"c": 4},
    }
    assert node(result, 2, "a")["rows"] == 1
    assert result.balance[["item", "path_views", "split", "passed_on"]].to_numpy().tolist() == [
        ["x", 1, 1, 2],
        ["a", 1, 1, 2],
        ["b", 1, 1, 2],
        ["a", 2, 0, 2],
        ["b", 2, 0, 2],
    ]
    assert result.nodes["share_of_start"].isna().all()
    assert any("repeats are kept" in note for note in result.scope.notes)
    everybody = wb.segment("everybody", event="view")
    assert "split have no shares to compare" in result.difference(everybody, everybody).headline()
    by_container = wb.flow(
        wb.from_frames(events=frame), starts_with={"tags": "x"}, columns=4, count="containers"
    )
    assert (by_container.nodes["share_of_start"] == 1).all()


def test_rows_with_equal_times_are_told():
    frame = pd.DataFrame(
        {
            "account_id": "A",
            "occurred_at": [at(0), at(0), at(1)],
            "event": "view",
            "content": ["a", "b", "c"],
        }
    )
    undecided = wb.flow(wb.from_frames(events=frame), starts_with="content", columns=2)
    (note,) = undecided.scope.notes
    assert note.startswith("50 % of the steps from row to row (1 of 2)")
    assert "for 1 of them nothing but a stable order" in note
    numbered = wb.from_frames(events=frame.assign(sequence_no=[2, 1, 3]))
    decided = wb.flow(numbered, starts_with="content", columns=2)
    assert link_views(decided)[0, "b", "a"] == 1
    assert decided.scope.notes[0].endswith("their sequence numbers decide the order.")


def test_attributes_of_accounts_and_numbers_can_be_followed():
    known = pd.DataFrame({"account_id": ["A"], "industry": ["Steel"], "employees": [20]})
    rows = paths(A="ab").sql("SELECT account_id, occurred_at, event, content FROM touchpoints")
    ws = wb.from_frames(events=rows, accounts=known)
    assert columns_of(wb.flow(ws, starts_with={"content": "a"}, dimension="industry"))[1] == {
        "Steel": 1
    }
    assert columns_of(wb.flow(ws, starts_with={"employees": {">": 10}}, columns=2)) == {
        0: {"20": 1},
        1: {"(exit)": 1},
    }


def test_a_definition_asks_the_same_again():
    ws = paths(A="abcabc!", B="bca!")
    asked = {
        "ends_with": wb.step("Qualified", event="mql"),
        "dimension": "content",
        "columns": 5,
        "items": 2,
        "filters": {-1: {"!=": "z"}},
        "exclude": {-2: ["c"]},
        "dimensions": {-3: "event"},
        "period": "2026-01",
        "segment": wb.segment("views", event="view"),
        "count": "containers",
        "repeats": True,
    }
    first = wb.flow(ws, **asked)
    plain = {name: value for name, value in first.definition.items() if name != "analysis"}
    second = wb.flow(ws, **plain)
    assert second.definition == first.definition
    pd.testing.assert_frame_equal(first.frame, second.frame)
    pd.testing.assert_frame_equal(first.again().links, first.links)
