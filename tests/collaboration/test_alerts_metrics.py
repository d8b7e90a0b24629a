"""Numbers from period to period: of events, KPIs, the pipeline, and of any result asked again."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.collaboration.alert_worlds import at, world
from workbench.asking import ask
from workbench.collaboration.alerts.reading import alert_of, as_yaml
from workbench.collaboration.metrics import metric_from, read
from workbench.collaboration.metrics.asked import moved, picked
from workbench.errors import ArgumentError

STEPS = ["lead", "mql", "won"]


@pytest.fixture(scope="module")
def company():
    """From Monday on: 100 leads, of which 40 become MQL a day later; in the second month 20."""
    rows = []
    for month, share in ((1, 0.4), (2, 0.2), (3, 0.2)):
        for n in range(100):
            begin = pd.Timestamp(2026, month, 1 + n % 20, 12, tz="UTC")
            key = f"{month}-{n:03d}"
            rows.append((key, begin, "lead"))
            if n < share * 100:
                rows.append((key, begin + pd.Timedelta(days=1), "mql"))
            if n < share * 50:
                rows.append((key, begin + pd.Timedelta(days=3), "won"))
    rows.append(("end", pd.Timestamp(2026, 3, 31, 12, tz="UTC"), "visit"))
    events = pd.DataFrame(rows, columns=["account_id", "occurred_at", "event"])
    return wb.from_frames(events=events, settings={"report_tz": "UTC", "source_tz": "UTC"})


def test_events_are_counted_as_by_hand():
    ws = world({"a": [3, 0, 60, 2, 0, 0, 1, 4], "b": [1] * 8})
    days = read(ws, metric_from("a"), "day")
    assert days.values.tolist() == [3, 0, 60, 2, 0, 0, 1, 4]
    assert str(days.starts[0]) == "2026-01-05"
    accounts = read(ws, metric_from({"event": "a", "count": "account"}), "day")
    assert accounts.values.tolist() == [3, 0, 50, 2, 0, 0, 1, 4]
    both = read(ws, metric_from({"event": ["a", "b"]}), "day")
    assert both.values.tolist() == [4, 1, 61, 3, 1, 1, 2, 5]
    weeks = read(ws, metric_from("a"), "week")
    assert (weeks.values.tolist(), str(weeks.starts[0])) == ([66], "2026-01-05")
    until = read(ws, metric_from("a"), "day", until=at("2026-01-15T00:00"))
    assert np.isnan(until.values[-2:]).all()
    assert len(until) == 10


def test_days_are_those_of_the_reporting_zone():
    events = pd.DataFrame({
        "account_id": ["a", "a", "a"],
        "occurred_at": pd.to_datetime(["2026-03-04T14:59Z", "2026-03-04T15:00Z",
                                       "2026-03-06T14:59Z"]),
        "event": "x",
    })  # fmt: skip
    ws = wb.from_frames(events=events, settings={"report_tz": "Asia/Tokyo", "source_tz": "UTC"})
    found = read(ws, metric_from("x"), "day")
    assert [str(day) for day in found.starts] == ["2026-03-04", "2026-03-05", "2026-03-06"]
    assert found.values.tolist() == [1, 1, 1]


def test_weekdays_that_are_usually_empty_are_zero_and_others_are_no_data():
    week = [5, 5, 5, 5, 5, 0, 0]
    counts = week * 5
    counts[16] = 0
    found = read(world({"a": counts}), metric_from("a"), "day")
    assert np.isnan(found.values[16])
    assert found.values[5] == 0


def test_a_segment_filters_the_events():
    ws = world({"a": [2, 60], "b": [1, 1]})
    one = {"name": "one", "scope": "account", "where": {"account_id": "A0"}}
    found = read(ws, metric_from("a"), "day", segment=one)
    assert found.values.tolist() == [1, 1]
    with pytest.raises(ArgumentError, match="its own segment"):
        read(ws, metric_from({"kpi": "won_value"}), "month", segment=one)


def test_a_fallout_step_is_asked_again_for_every_month(company):
    funnel = wb.fallout(company, steps=STEPS, period="2026-03")
    alert = wb.alert_from(funnel, name="MQL", step="mql", granularity="month", value="20 %")
    found = wb.alert_preview(company, alert=alert, periods=2)
    values = [(v.start, v.actual) for o in found.outcomes for v in o.verdicts]
    assert values == [("2026-02-01", pytest.approx(0.2)), ("2026-03-01", pytest.approx(20 / 101))]
    assert [o.state for o in found.outcomes] == ["fired", "quiet"]
    verdict = found.outcomes[0].verdicts[0]
    assert (verdict.expected, verdict.deviation) == (pytest.approx(0.4), pytest.approx(-0.5))
    assert "20 % after 40 %" in found.messages()[0]


def test_each_number_equals_that_of_the_question_asked_by_hand(company):
    funnel = wb.fallout(company, steps=STEPS, period="2026-01..2026-02")
    alert = wb.alert_from(funnel, name="x", step=2, column="reached", granularity="month",
                          when="at_least", value=1)  # fmt: skip
    series = read(company, alert.triggers[0].metric, "month", back=2)
    for start, end, value in zip(["2026-01", "2026-02"], ["2026-02", "2026-03"], series.values,
                                 strict=True):  # fmt: skip
        seen = company.seen_at(f"{end}")
        by_hand = wb.fallout(seen, steps=STEPS, period=f"{start}..{end}").frame
        assert value == by_hand.loc[by_hand["position"] == 2, "reached"].iloc[0]


def test_a_node_of_a_canvas(company):
    nodes = {"lead": "lead", "mql": "mql"}
    canvas = wb.canvas(company, nodes=nodes, arrows=[("lead", "mql")], period="2026-03")
    alert = wb.alert_from(canvas, name="x", node="mql", granularity="month", when="at_most",
                          value=25, window="period")  # fmt: skip
    found = wb.alert_preview(company, alert=alert, periods=3)
    assert [o.verdicts[0].actual for o in found.outcomes] == [40, 20, 20]
    assert [o.state for o in found.outcomes] == ["quiet", "fired", "cooling"]


def test_a_cell_of_a_cohort_table(company):
    """The newest cohort of a day whose next day is known: two of five in January, then one."""
    asked = {"inclusion": "lead", "returning": "mql", "granularity": "day"}
    cohort = wb.cohort(company, **asked)
    alert = wb.alert_from(cohort, name="x", cell=("last", 1), granularity="month",
                          when="changes_by", value=0.3)  # fmt: skip
    found = wb.alert_preview(company, alert=alert, periods=2)
    assert [o.verdicts[0].actual for o in found.outcomes] == [0.2, 0.2]
    assert found.outcomes[0].verdicts[0].expected == 0.4
    assert [o.state for o in found.outcomes] == ["fired", "quiet"]


def test_a_link_of_a_flow(company):
    flow = wb.flow(company, starts_with="lead", dimension="event", columns=2, period="2026-03")
    link = flow.links.iloc[0]
    alert = wb.alert_from(flow, name="x", granularity="month", when="at_least", value=1,
                          link=(int(link["column"]), link["source"], link["target"]))  # fmt: skip
    found = wb.alert_preview(company, alert=alert, periods=3)
    assert found.outcomes[-1].verdicts[0].actual == float(
        link[alert.triggers[0].metric.content["number"]["column"]]
    )


def test_an_alert_of_a_result_reads_back_from_yaml(company):
    funnel = wb.fallout(company, steps=STEPS, period="2026-03", total_within="30d")
    alert = wb.alert_from(funnel, name="x", step="won", to=["file:out"], confidence=95,
                          when="anomaly")  # fmt: skip
    import yaml

    again = alert_of(yaml.safe_load(as_yaml(alert)))
    assert again == alert
    definition = again.triggers[0].metric.content["result"]
    pd.testing.assert_frame_equal(ask(company, definition).frame, funnel.frame)


def test_a_view_is_asked_again(company):
    trend = wb.fallout(company, steps=STEPS).trend(granularity="month")
    again = ask(company, dict(trend.definition))
    pd.testing.assert_frame_equal(again.frame, trend.frame)
    alert = wb.alert_from(trend, name="x", when="at_least", value=1, number={
        "where": {"step": "mql", "bucket": "last"}, "column": "reached"})  # fmt: skip
    assert read(company, alert.triggers[0].metric, "month").values.tolist() == [40, 20, 20]


@pytest.mark.parametrize(
    ("period", "last", "window", "asked"),
    [
        ("2026-01..2026-02", date(2026, 3, 31), "same", "2026-02-01..2026-03-31"),
        ("2026-02-03..2026-02-09", date(2026, 3, 31), "same", "2026-03-25..2026-03-31"),
        ("2026-02..", date(2026, 3, 31), "same", "2026-02-01..2026-03-31"),
        ("2026-01", date(2026, 3, 31), "period", "2026-03-01..2026-03-31"),
        ("2026-01", date(2026, 3, 31), "all", None),
        (None, date(2026, 3, 31), "same", None),
    ],
)
def test_the_period_of_a_definition_moves(company, period, last, window, asked):
    definition = {"analysis": "fallout", "steps": STEPS, "period": period, "as_of": "2026-01-01"}
    found = moved(definition, company, date(2026, 3, 1), last, window)
    assert found.get("period") == asked
    assert "as_of" not in found


def test_since_and_until_move_together(company):
    definition = {"analysis": "pipeline_change", "since": "2026-01-01", "until": "2026-01-31"}
    found = moved(definition, company, date(2026, 3, 1), date(2026, 3, 31), "same")
    assert (found["since"], found["until"]) == ("2026-03-01", "2026-03-31")


def test_a_number_must_lead_to_one_row(company):
    funnel = wb.fallout(company, steps=STEPS)
    with pytest.raises(ArgumentError, match="leads to 4 rows"):
        picked(funnel, {"column": "reached"})
    with pytest.raises(ArgumentError, match="'reached'"):
        picked(funnel, {"column": "reachd", "where": {"position": 1}})
    assert np.isnan(picked(funnel, {"column": "reached", "where": {"step": "gone"}}))
    with pytest.raises(ArgumentError, match="one of step, node, cell, link, number"):
        wb.alert_from(funnel, name="x")
    with pytest.raises(ArgumentError, match="a result of"):
        wb.alert_from(wb.compare(funnel, funnel), name="x", step=1)
    with pytest.raises(ArgumentError, match=r"a result with nodes"):
        wb.alert_from(funnel, name="x", node="mql")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (7, "the name of an event"),
        ({"event": "a", "kpi": "b"}, "one of the keys"),
        ({"event": "a", "count": "accounts"}, "'account'"),
        ({"kpi": "won_valu"}, "'won_value'"),
        ({"pipeline": "open"}, "'open_deals'"),
        ({"result": {"analysis": "os"}, "number": {"column": "x"}}, "'fallout'"),
        ({"result": {"analysis": "fallout"}, "number": {"colum": "x"}}, "a mapping with column"),
        ({"result": {"analysis": "fallout"}, "number": {"column": "x", "y": 1}}, "'table'"),
        ({"result": {"analysis": "fallout"}, "number": {"column": "x", "table": "__dict__"}},
         "'nodes'"),
        ({"result": {"analysis": "fallout"}, "number": {"column": "x"}, "window": "x"}, "'same'"),
    ],
)  # fmt: skip
def test_what_is_no_metric_is_refused(given, said):
    with pytest.raises(ArgumentError) as refused:
        metric_from(given)
    assert said in str(refused.value)


def test_a_definition_asks_nothing_but_analyses(company):
    for wrong in ({"analysis": "open"}, {"analysis": "fallout", "steps": STEPS, "view": "__init__"},
                  {"analysis": "fallout", "steps": STEPS, "view": "_attempts"}):  # fmt: skip
        with pytest.raises(ArgumentError):
            ask(company, wrong)
