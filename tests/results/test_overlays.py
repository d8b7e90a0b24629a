"""Notes on charts: every form of time axis, no axis stretched, legends and tooltips as before."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.results.makers import MAKERS
from tests.worlds.company import HOSTILE, workspace
from workbench.results import theme
from workbench.results.annotating import Note
from workbench.results.overlays import laid_over
from workbench.results.time_axes import time_axis


def note(mark, first, last=None, title="t"):
    days = [date.fromisoformat(text) for text in (first, last or first)]
    return Note(mark, title, days[0], days[1], "#D55E00")


DAY, RANGE = note("a1", "2026-01-14"), note("a2", "2026-01-26", "2026-02-12")
TIMED = ["trend", "attribution trend", "canvas trend", "flow trend", "pipeline trend", "timeline",
         "component line 5", "component stacked 4", "dashboard filtered", "cohort",
         "forecast backtest", "slippage"]  # fmt: skip
OTHERS = ["fallout", "flow", "pipeline", "gatherings", "survival", "kpis"]


@pytest.fixture(scope="module")
def world():
    return "hostile", workspace()


@pytest.mark.parametrize("name", TIMED)
def test_every_chart_with_a_time_axis_is_marked_and_can_be_drawn(name, world):
    spec = MAKERS[name](world)._spec
    asked = [DAY, RANGE, note("a3", "2026-05-20", "2026-07-02", HOSTILE[1])]
    before = json.dumps(spec)
    drawn, notes = laid_over(spec, asked)
    assert notes
    svg = theme.as_svg(drawn)
    assert all(re.search(rf">[^<]*\b{one.mark}\b", svg) for one in notes)
    assert "<img" not in svg
    assert json.dumps(spec) == before


@pytest.mark.parametrize("name", OTHERS)
def test_charts_without_a_time_axis_stay_as_they_are(name, world):
    spec = MAKERS[name](world)._spec
    assert laid_over(spec, [DAY, RANGE]) == (spec, [])


def chart(values, kind="temporal", **more):
    rows = [{"day": value, "n": n} for n, value in enumerate(values)]
    encoding = {"x": {"field": "day", "type": kind}, "y": {"field": "n", "type": "quantitative"}}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.1.0.json", "width": 400,
        "height": 100, "mark": "line", "data": {"values": rows}, "encoding": encoding, **more,
    }  # fmt: skip


def axis_of(*values, kind="temporal", granularity=""):
    view = chart(values, kind)
    return time_axis(view, {}, None, granularity)


def touched(axis, one):
    return [place.value for place in axis.touched(one.first, one.last)]


def test_a_bucket_longer_than_a_day_is_marked_when_it_is_touched():
    weeks = axis_of("2026-01-05", "2026-01-12", "2026-01-19")
    assert touched(weeks, note("a", "2026-01-18")) == ["2026-01-12"]
    assert touched(weeks, note("a", "2026-01-11", "2026-01-12")) == ["2026-01-05", "2026-01-12"]
    assert touched(weeks, note("a", "2026-01-25")) == ["2026-01-19"]
    assert touched(weeks, note("a", "2026-01-26")) == []
    months = axis_of("2026-01-01", "2026-02-01", "2026-03-01")
    assert touched(months, note("a", "2026-02-28", "2026-03-01")) == ["2026-02-01", "2026-03-01"]
    quarters = axis_of("2025-Q4", "2026 Q1", kind="nominal")
    assert touched(quarters, note("a", "2026-03-31")) == ["2026 Q1"]
    named = axis_of("2026-W02", "2026-W03", kind="ordinal")
    assert touched(named, note("a", "2026-01-12")) == ["2026-W03"]
    one = axis_of("2026-01-01", granularity="month")
    assert touched(one, note("a", "2026-01-31")) == ["2026-01-01"]


def test_what_is_no_time_axis():
    assert axis_of("Software", "Retail", kind="nominal") is None
    assert axis_of("2026-01-05  Fair", kind="nominal") is None
    assert axis_of("2026-13", kind="nominal") is None
    assert axis_of("soon", kind="temporal") is None
    assert axis_of(kind="temporal") is None
    assert time_axis({**chart([]), "data": {"url": "x.csv"}}, {}, None) is None


def x_range(spec):
    return sorted(set(re.findall(r"[A-Z][a-z]{2} \d{2}|\d{4}-\d{2}-\d{2}", theme.as_svg(spec))))


@pytest.mark.parametrize("kind", ["temporal", "ordinal"])
def test_the_axis_is_not_stretched(kind):
    spec = chart([f"2026-01-{day:02d}" for day in range(10, 20)], kind)
    wide = [note("a1", "2025-06-01", "2026-01-12"), note("a2", "2026-01-15", "2027-01-01")]
    drawn, notes = laid_over(spec, wide)
    assert len(notes) == 2
    assert x_range(drawn) == x_range(spec)


def test_ranges_lie_behind_and_no_colour_is_encoded():
    spec = chart(["2026-01-05", "2026-01-12", "2026-01-19"])
    drawn, _ = laid_over(spec, [note("a1", "2026-01-05", "2026-01-13")])
    kinds = [layer["mark"] if isinstance(layer["mark"], str) else layer["mark"]["type"]
             for layer in drawn["layer"]]  # fmt: skip
    assert kinds[:2] == ["rect", "line"]
    own = [layer for layer in drawn["layer"] if layer["mark"] != "line"]
    assert not any("color" in layer["encoding"] for layer in own)


def test_overlapping_ranges_lie_in_lanes_of_their_own():
    spec = chart([f"2026-01-{day:02d}" for day in range(1, 29)])
    notes = [note(f"a{n}", f"2026-01-{n + 1:02d}", "2026-01-20") for n in range(3)]
    bars = [layer["mark"]["yOffset"] for layer in laid_over(spec, notes)[0]["layer"]
            if "yOffset" in layer["mark"]]  # fmt: skip
    assert bars == [0, -5, -10]


def test_many_notes_are_named_shortly_and_hostile_titles_are_text():
    spec = chart([f"2026-01-{day:02d}" for day in range(1, 29)])
    notes = [note(f"a{n}", "2026-01-10", title=title) for n, title in enumerate(HOSTILE)]
    svg = theme.as_svg(laid_over(spec, notes)[0])
    assert "a0 … a7 (8)" in svg
    few = theme.as_svg(laid_over(spec, notes[:1])[0])
    assert "&lt;script" in few
    assert "<script" not in few


def test_a_panel_that_names_no_axis_leaves_the_names_to_the_one_that_does(world):
    drawn, _ = laid_over(MAKERS["timeline"](world)._spec, [DAY])
    flags = [part for part in drawn["vconcat"] if '"annotation_name"' in json.dumps(part)]
    assert 0 < len(flags) < len(drawn["vconcat"])


def test_bars_stay_as_wide_as_they_were(world):
    spec = MAKERS["attribution trend"](world)._spec
    bars = {
        re.search(r'd="M[-\d.]+,[-\d.]+h([\d.]+)', path)[1]
        for path in re.findall(r'<path [^>]*fill="#0072B2"[^>]*>', theme.as_svg(spec))
    }
    marked = theme.as_svg(laid_over(spec, [DAY, RANGE])[0])
    again = {
        re.search(r'd="M[-\d.]+,[-\d.]+h([\d.]+)', path)[1]
        for path in re.findall(r'<path [^>]*fill="#0072B2"[^>]*>', marked)
    }
    assert bars == again != set()


def test_fiscal_periods_are_read_by_the_calendar_of_the_workspace():
    calendar = {"FY2026 Q1": (date(2026, 4, 1), date(2026, 7, 1))}.get
    view = chart(["FY2026 Q1", "FY2026 Q1"], "nominal")
    assert time_axis(view, {}, None) is None
    axis = time_axis(view, {}, None, "", calendar)
    assert touched(axis, note("a", "2026-06-30")) == ["FY2026 Q1"]
    assert touched(axis, note("a", "2026-07-01")) == []


@given(
    st.sampled_from(["day", "week", "month", "quarter"]),
    st.integers(1, 9), st.integers(-40, 500), st.integers(0, 200), st.booleans(),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_what_is_touched_is_what_a_walk_over_the_days_finds(bucket, many, begin, length, discrete):
    months = {"month": 1, "quarter": 3}.get(bucket, 0)
    firsts = [
        date(2025 + (months * n) // 12, (months * n) % 12 + 1, 1) if months
        else date(2025, 1, 6) + timedelta(days=n * (7 if bucket == "week" else 1))
        for n in range(many + 1)
    ]  # fmt: skip
    last = date(2025, 1, 1) + timedelta(days=begin + length)
    first = date(2025, 1, 1) + timedelta(days=begin)
    kind = "ordinal" if discrete else "temporal"
    axis = axis_of(*map(str, firsts[:-1]), kind=kind, granularity=bucket)
    days = {first + timedelta(days=n) for n in range(length + 1)}
    slow = [
        str(start) for start, end in pairwise(firsts)
        if any(start <= day < end for day in days)
    ]  # fmt: skip
    assert touched(axis, Note("a", "t", first, last, "#000000")) == slow
