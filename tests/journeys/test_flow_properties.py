"""What holds for every question: numbers balance, open to their rows, are the same at any depth."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.worlds import at
from workbench.engine.segments import segment_rows
from workbench.journeys.scoping import with_a_row

CONTENTS = "abcdefgh"
CHANNELS = ("mail", "web", "fair")


def rows(seed: int = 5, accounts: int = 40) -> pd.DataFrame:
    """Accounts with up to twelve rows, some without content, some conversions, some at once."""
    drawn = random.Random(seed)
    out = []
    for n in range(accounts):
        day = drawn.random()
        for _ in range(drawn.randint(0, 12)):
            day += drawn.choice([0, 0.25, 1, 3])
            kind = drawn.choice(["view", "view", "view", "mql", "note"])
            content = drawn.choice(CONTENTS[: 3 + n % 6]) if kind == "view" else None
            person = drawn.choice([f"P{n}", f"P{n}x", "shared", None])
            out.append((f"A{n:02d}", day, kind, content, drawn.choice(CHANNELS), person))
    columns = ["account_id", "day", "event", "content", "channel", "person_id"]
    frame = pd.DataFrame(out, columns=columns)
    frame["occurred_at"] = [at(day) for day in frame.pop("day")]
    frame["event_id"] = [f"{n:04d}" for n in range(len(frame))]
    frame["tags"] = [
        [content, content.upper()][: 1 + n % 2] if isinstance(content, str) else None
        for n, content in enumerate(frame["content"])
    ]
    return frame


@pytest.fixture(scope="module")
def ws():
    return wb.from_frames(events=rows())


@st.composite
def questions(draw):
    side = draw(st.sampled_from(["starts_with", "contains", "ends_with"]))
    anchors = [{"content": "a"}, {"content": ["a", "b"]}, "content"]
    anchors += ["mql", wb.step("Any mail", channel="mail", event="view")]
    anchor = draw(st.sampled_from(anchors[: 3 if side == "contains" else 5]))
    asked = {
        side: anchor,
        "dimension": draw(st.sampled_from(["content", "content", "tags"])),
        "columns": draw(st.integers(2, 6)),
        "items": draw(st.integers(1, 9)),
        "repeats": draw(st.booleans()),
        "limit": draw(st.sampled_from([None, None, "first", "last"])),
        "same_event": draw(st.booleans()),
        "container": draw(st.sampled_from(["account", "account", "person"])),
        "period": draw(st.sampled_from([None, "2026-01-03..2026-01-09"])),
    }
    side_columns = {"starts_with": 1, "ends_with": -1, "contains": 1}
    column = side_columns[side]
    if draw(st.booleans()):
        asked["filters"] = {column: draw(st.sampled_from([["a", "b"], {"!=": "b"}]))}
    if draw(st.booleans()):
        asked["exclude"] = "b"
        asked["exclude_mode"] = draw(st.sampled_from(["drop", "skip"]))
    return asked


@settings(max_examples=60)
@given(asked=questions())
def test_every_node_balances_on_both_sides(ws, asked):
    result = wb.flow(ws, **asked)
    balance = result.balance
    assert (
        balance["path_views"] + balance["split"] == balance["passed_on"] + balance["hidden"]
    ).all()
    if asked["dimension"] == "content":
        assert not balance["split"].any()
    # what reaches a node beside the anchor came along its links
    links, left = result.links, result.question.left
    for row in result.nodes[result.nodes["column"] != 0].itertuples():
        end, other = ("target", row.column - 1) if row.column > 0 else ("source", row.column)
        coming = links[
            (links["column"] == other)
            & (links[end] == row.item)
            & (links[f"{end}_kind"] == row.kind)
        ]
        assert coming["path_views"].sum() == row.path_views
    # (exit) and (entry) end: nothing runs on from them
    assert not links["source_kind"].isin(["exit"]).any()
    assert not links["target_kind"].isin(["entry"]).any()
    assert set(result.nodes["column"]) <= set(range(-left, asked["columns"] - left))


@settings(max_examples=40)
@given(asked=questions())
def test_shares_counts_and_hidden_views_fit_together(ws, asked):
    result = wb.flow(ws, **asked)
    nodes, links = result.nodes, result.links
    assert (nodes["containers"] <= nodes["path_views"]).all()
    for table, shares in ((nodes, ["source"]), (links, ["source", "target"])):
        for name in shares:
            total = table[name if table is nodes else f"{name}_value"]
            assert (table["value"] <= total).all()
    for ends, side in (("share_of_source", "source"), ("share_of_target", "target")):
        if asked["dimension"] == "content" and len(links):
            sums = links.groupby(["column", side, f"{side}_kind"])[ends].sum()
            assert (sums <= 1 + 1e-9).all()
    low, high = nodes["share_of_start_low"], nodes["share_of_start_high"]
    known = nodes["share_of_start"].notna()
    inside = (low <= nodes["share_of_start"] + 1e-9) & (nodes["share_of_start"] <= high + 1e-9)
    assert inside[known].all()
    counted = wb.flow(ws, **asked, count="containers")
    assert (counted.nodes["value"] == counted.nodes["containers"]).all()
    assert counted.nodes["share_of_start"].dropna().between(0, 1).all()


@settings(max_examples=25)
@given(asked=questions(), more=st.integers(1, 3))
def test_more_columns_or_items_do_not_change_what_was_there(ws, asked, more):
    if "contains" in asked:
        asked["columns"], more = 3, 2
    shorter = wb.flow(ws, **{**asked, "items": 20})
    longer = wb.flow(ws, **{**asked, "items": 20, "columns": asked["columns"] + more})
    kept = longer.nodes[longer.nodes["column"].isin(shorter.nodes["column"])]
    same = ["column", "item", "kind", "path_views", "containers", "persons", "rows"]
    pd.testing.assert_frame_equal(
        kept[same].reset_index(drop=True), shorter.nodes[same], check_dtype=False
    )
    folded = wb.flow(ws, **asked)
    by_column = ["column"]
    pd.testing.assert_series_equal(
        folded.nodes.groupby(by_column)["path_views"].sum(),
        shorter.nodes.groupby(by_column)["path_views"].sum(),
    )


@settings(max_examples=25)
@given(asked=questions(), data=st.data())
def test_every_number_opens_to_its_containers_and_rows(ws, asked, data):
    result = wb.flow(ws, **asked)
    if result.nodes.empty:
        return
    node = result.nodes.iloc[data.draw(st.integers(0, len(result.nodes) - 1))]
    members = result.members(int(node["column"]), node["item"])
    assert members["path_views"].sum() == node["path_views"]
    assert len(members) == node["containers"]
    if result.links.empty:
        return
    link = result.links.iloc[data.draw(st.integers(0, len(result.links) - 1))]
    where = int(link["column"]), link["source"], link["target"]
    behind = result.members(*where)
    assert behind["path_views"].sum() == link["path_views"]
    assert len(behind) == link["containers"]
    listed = result.rows(*where)
    assert listed.drop_duplicates("path")["path_views"].sum() == link["path_views"]
    both = listed[listed["column"].isin([where[0], where[0] + 1])]
    gaps = both.groupby("path")["occurred_at"].agg(lambda times: times.max() - times.min())
    if pd.notna(link["median_days"]) and asked["dimension"] == "content":
        assert gaps.median() / pd.Timedelta(days=1) == pytest.approx(link["median_days"])


@settings(max_examples=30)
@given(data=st.data())
def test_a_segment_of_a_path_holds_the_containers_that_walk_it(data):
    ws = _without_ties()
    anchor = data.draw(st.sampled_from([{"content": "a"}, "mql", "content"]))
    side = data.draw(st.sampled_from(["starts_with", "ends_with"]))
    limits = [None, "first" if side == "starts_with" else "last"]
    result = wb.flow(
        ws,
        **{side: anchor},
        dimension="content",
        columns=4,
        items=3,
        repeats=data.draw(st.booleans()),
        limit=data.draw(st.sampled_from(limits)),
        exclude=data.draw(st.sampled_from([None, "b"])),
        exclude_mode="skip",
    )
    path: dict[int, str] = {}
    for column in sorted(result.question.numbers, key=abs)[: data.draw(st.integers(1, 4))]:
        items = result.nodes.loc[result.nodes["column"] == column, "item"].tolist()
        if not items or {"(exit)", "(entry)"} & set(path.values()):
            break
        path[column] = data.draw(st.sampled_from(items))
    if "(other)" in path.values() and not result.question.repeats:
        return  # a change among items that are put together counts as a repeat there
    members = set(result.members(path=path)["key"])
    marker, stream = result.survey.marker, result.survey.stream
    inside = segment_rows(marker, result.segment_of(path))
    found = with_a_row(ws, marker, stream, result.question.period, inside)
    assert set(ws.events.container_names(stream)[found]) == members


_kept: list = []


def _without_ties():
    """The same accounts with every row at a time of its own."""
    if not _kept:
        frame = rows(seed=11)
        frame["occurred_at"] = [at(n / 24) for n in range(len(frame))]
        _kept.append(wb.from_frames(events=frame))
    return _kept[0]


def test_the_order_of_the_rows_of_a_file_changes_nothing(ws):
    other = wb.from_frames(events=rows().sample(frac=1, random_state=1))
    for asked in ({"starts_with": "content"}, {"ends_with": "mql", "dimension": "tags"}):
        one, two = wb.flow(ws, **asked, columns=5), wb.flow(other, **asked, columns=5)
        pd.testing.assert_frame_equal(one.frame, two.frame)
        pd.testing.assert_frame_equal(one.links, two.links)
