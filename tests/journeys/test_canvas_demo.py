"""The journey of the demo company as one call, and what was planted in it."""

from __future__ import annotations

import pytest

import workbench as wb
from workbench.data.demo import generate
from workbench.data.demo.truths import TRUTHS

NODES = {
    "step 1": {"label": "Lead form, step 1", "where": {"event": "lead_form_started"}},
    "sent": {"label": "Lead form, sent", "where": {"event": "lead_form_completed"}},
    "lead": "lead_created",
    "mql": "mql_qualified",
    "sql": "sql_qualified",
    "opportunity": "opportunity_created",
    "won": {"label": "Closed won", "where": {"event": "closed_won"}},
}
CHAIN = list(zip(list(NODES)[:-1], list(NODES)[1:], strict=True))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    generate(folder / "files")
    return wb.open("demo", root=folder / "files", cache=folder / "cache")


@pytest.fixture(scope="module")
def journey(demo):
    return wb.canvas(demo, container="account", nodes=NODES, arrows=CHAIN)


def test_the_journey_from_form_to_won_is_one_call(demo, journey):
    counts = journey.frame["containers"].tolist()
    steps = journey.steps_along(list(NODES))
    assert counts == wb.fallout(demo, steps=steps).frame["reached"].tolist()[1:]
    assert counts == sorted(counts, reverse=True)
    assert 0.12 < journey.conversion().rate < 0.3
    assert "“Lead form, step 1” to “Closed won”" in journey.headline()
    assert len(journey.members("won")) == counts[-1]


def test_the_fast_industry_moves_on_more_often_and_sooner(demo):
    segments = [
        wb.segment("fast", industry=TRUTHS.fast_industry),
        wb.segment("other", industry={"!=": TRUTHS.fast_industry}),
    ]
    result = wb.canvas(
        demo, nodes={n: NODES[n] for n in ("mql", "sql")}, arrows=[("mql", "sql")],
        compare=segments, with_all=False,
    )  # fmt: skip
    lines = result.arrows.set_index("group")
    assert lines.loc["fast", "share"] > lines.loc["other", "share"]
    assert lines.loc["fast", "share_high"] > TRUTHS.mql_to_sql_share_fast
    assert lines.loc["fast", "median_days"] == pytest.approx(
        TRUTHS.mql_to_sql_median_days_fast, rel=0.35
    )
    assert lines.loc["other", "median_days"] == pytest.approx(
        TRUTHS.mql_to_sql_median_days_other, rel=0.35
    )


def test_a_webinar_leads_to_a_demo_within_the_session(demo):
    nodes = {"webinar": "webinar_watched", "download": "content_downloaded",
             "demo": "demo_viewed"}  # fmt: skip
    result = wb.canvas(
        demo, container="session", nodes=nodes,
        arrows=[("webinar", "demo"), ("download", "demo")], ties="stable",
    )  # fmt: skip
    shares = result.arrows.set_index("from")["share"]
    assert shares["webinar"] > 1.5 * shares["download"]
    following = {}
    for event in ("webinar_watched", "content_downloaded"):
        start = wb.canvas(demo, container="session", nodes={"it": event})
        directly = start.top_nodes(after="it", items=None).frame.set_index("item")["share"]
        following[event] = directly["demo_viewed"]
    assert following["webinar_watched"] > 2 * following["content_downloaded"]


def test_the_month_that_dipped_shows_in_the_trend(demo):
    forms = wb.canvas(demo, container="person", nodes={"form": "lead_form_completed"})
    trend = forms.trend("form").frame.set_index("bucket")["containers"]
    assert trend["2026-02-01"] < 0.75 * (trend["2026-01-01"] + trend["2026-03-01"]) / 2


def test_amounts_are_added_in_one_currency(demo):
    deals = wb.canvas(demo, container="opportunity", nodes={"opened": "opportunity_created",
                      "won": "closed_won"}, arrows=[("opened", "won")],
                      primary={"sum": "amount"})  # fmt: skip
    value = deals.frame.set_index("node")["value"]
    yen = demo.sql(
        "SELECT sum(t.amount) AS total FROM touchpoints t JOIN opportunities o "
        "USING (opportunity_id) WHERE t.event = 'closed_won' AND o.currency = 'JPY'"
    )["total"].iloc[0]
    # Euros and dollars become yen: more than the yen alone, and nowhere near a plain sum of units.
    assert value["won"] > yen
    assert deals.units == {"amount": "JPY"}
    assert "JPY" in str(deals.block()["table"]["columns"])


def test_each_container_of_a_segment_is_behind_the_number(demo, journey):
    segment = journey.segment_of(fallout="mql")
    again = wb.canvas(demo, nodes=NODES, arrows=CHAIN, segment=segment)
    stopped = journey.frame.set_index("node").loc["mql", "fell_out"]
    assert again.frame["total"].iloc[0] == stopped
    assert again.frame.set_index("node").loc["mql", "fell_out"] == stopped
