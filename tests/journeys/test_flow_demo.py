"""What was planted in the demo company comes out of a flow, equal to what plain pandas finds."""

from __future__ import annotations

import pytest

import workbench as wb
from tests.data.demo_files import web
from tests.data.demo_truths import share_agrees
from tests.journeys.flows import columns_of
from workbench.data.demo import generate
from workbench.data.demo.truths import TRUTHS


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "files"
    generate(folder, events=100_000)
    return folder


@pytest.fixture(scope="module")
def demo(files):
    return wb.open("demo", root=files, cache=files.parent / "cache")


def followed(demo, **asked):
    """Of the views that are followed by another in their session: how many by a demo."""
    flow = wb.flow(
        demo, **asked, container="session", columns=2, items=20, repeats=True, limit=None
    )
    ends = flow.nodes[flow.nodes["kind"] == "exit"]["path_views"].sum()
    demos = flow.nodes[(flow.nodes["column"] == 1) & (flow.nodes["item"] == TRUTHS.flow_to)]
    return int(demos["path_views"].sum()), int(flow.tables.starts - ends)


def test_a_webinar_leads_to_a_demo_within_a_session(demo):
    webinar, total = followed(demo, starts_with={"content_type": TRUTHS.flow_from})
    assert share_agrees(webinar, total, TRUTHS.flow_share)
    other = {"content_type": {"!=": [TRUTHS.flow_from, TRUTHS.flow_to]}}
    assert share_agrees(*followed(demo, starts_with=other), TRUTHS.flow_share_other)


def test_the_same_pairs_are_found_with_pandas(demo, files):
    frame = web(files).dropna(subset=["content_type", "session_id"])
    frame = frame.sort_values(["session_id", "sequence_no"])
    frame["after"] = frame.groupby("session_id")["content_type"].shift(-1)
    flow = wb.flow(
        demo,
        starts_with="content_type",
        container="session",
        columns=2,
        items=20,
        repeats=True,
        segment=wb.segment("web", scope="event", source_table="web_events"),
        filter_scope="events",
    )
    # rows that no account is known of are not in the store
    known = int(flow.tables.starts)
    assert 0.97 * len(frame) < known <= len(frame)
    pairs = frame.groupby(["content_type", "after"]).size()
    links = flow.links[flow.links["target_kind"] == "item"]
    for link in links.itertuples():
        assert link.path_views == pytest.approx(pairs[link.source, link.target], rel=0.05, abs=8)


def test_the_example_of_the_seed_is_one_call(demo):
    flow = wb.flow(demo, ends_with="mql_qualified", dimension="content_type", columns=5)
    columns = columns_of(flow)
    assert sorted(columns) == [-4, -3, -2, -1, 0]
    mql = demo.sql("SELECT count(*) AS n FROM touchpoints WHERE event = 'mql_qualified'")["n"][0]
    assert columns[0] == {"mql_qualified": mql}
    assert sum(columns[-1].values()) == mql
    assert flow.headline().startswith("Before “mql_qualified”, “")
    assert (flow.members(-1, "webinar")["name"] != flow.members(-1, "webinar")["key"]).all()


def test_webinars_lead_on_to_demos_more_than_other_content_does(demo):
    flow = wb.flow(
        demo, starts_with="content_type", container="session", columns=2, items=20, repeats=True
    )
    links = flow.links[flow.links["target"] == TRUTHS.flow_to].set_index("source")
    ranked = (
        links["share_of_source"].drop(TRUTHS.flow_to, errors="ignore").sort_values(ascending=False)
    )
    assert ranked.index[0] == TRUTHS.flow_from
    assert links.loc[TRUTHS.flow_from, "share_of_source_low"] > 2 * ranked.iloc[1]
