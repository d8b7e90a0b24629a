"""Bands of whole series: each period by what was known before it, and what the picture shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.collaboration.alert_worlds import world
from workbench.collaboration.anomalies.bands import band, bands
from workbench.collaboration.anomalies.holiday_table import COLUMNS, counterpart, holiday_table
from workbench.collaboration.anomalies.series import Rules, Series, checked_confidence, regular
from workbench.errors import ArgumentError

WEEK = np.array([60.0, 55, 50, 50, 45, 20, 15])


def days(values, first="2024-01-01", granularity="day", **given):
    """A series of days from a Monday on."""
    starts = np.datetime64(first) + np.arange(len(values))
    if granularity == "week":
        starts = np.datetime64(first) + 7 * np.arange(len(values))
    if granularity == "month":
        starts = (np.datetime64(first, "M") + np.arange(len(values))).astype("datetime64[D]")
    return Series("x", granularity, starts, np.array(values, float), **given)


def poisson(weeks, seed=1):
    return np.random.default_rng(seed).poisson(np.tile(WEEK, weeks)).astype(float)


@pytest.mark.parametrize(
    ("value", "fires"),
    [(104, {0.90}), (106, {0.90, 0.95}), (112, {0.90, 0.95, 0.99, 0.9975}),
     (92, {0.90, 0.95, 0.99})],
)  # fmt: skip
def test_the_worked_mondays_through_the_whole_band(value, fires):
    values = np.full(36, 50.0)
    values[0:35:7], values[35] = [100, 102, 98, 101, 99], value
    for level in (0.90, 0.95, 0.99, 0.9975, 0.999):
        found = band(days(values), Rules(level, "weekday"), [35]).iloc[0]
        assert (found["anomaly"] != "") == (level in fires), level
        assert found["expected"] == 100
        assert found["anomaly"] in ("", "above" if value > 100 else "below")


def test_a_value_on_the_edge_is_no_anomaly():
    values = np.full(36, 50.0)
    values[0:35:7] = [100, 102, 98, 101, 99]
    edge = band(days(values), Rules(0.95, "weekday"), [35])["high"].iloc[0]
    values[35] = edge
    assert band(days(values), Rules(0.95, "weekday"), [35])["anomaly"].iloc[0] == ""
    values[35] = edge + 1e-3
    assert band(days(values), Rules(0.95, "weekday"), [35])["anomaly"].iloc[0] == "above"


def test_the_worked_weeks_through_the_whole_band():
    values = [20.0, 22, 19, 21, 20, 23, 18, 21, 22, 20, 19, 21, 20, 22, 60]
    found = band(days(values, granularity="week"), Rules(0.95), [14]).iloc[0]
    assert (found["anomaly"], found["method"]) == ("above", "gesd")
    assert found["expected"] == pytest.approx(np.mean(values[:-1]))
    assert found["high"] < 60
    usual = band(days([*values[:-1], 21], granularity="month"), Rules(0.95), [14]).iloc[0]
    assert usual["anomaly"] == ""


def test_what_was_so_last_year_too_is_no_anomaly():
    values = np.random.default_rng(4).normal(100, 3, 156).round()
    values[52 + 60], values[60] = 160, 161
    at = 52 + 60
    found = band(days(values, granularity="week"), Rules(0.95), [at]).iloc[0]
    assert (found["anomaly"], found["rule"]) == ("", "as_last_year")
    values[60] = 100
    found = band(days(values, granularity="week"), Rules(0.95), [at]).iloc[0]
    assert (found["anomaly"], found["rule"]) == ("above", "confirmed")


def test_the_future_changes_no_verdict():
    values = poisson(20)
    values[100] = 200
    whole = band(days(values), Rules(0.95))
    cut = band(days(values[:120]), Rules(0.95))
    pd.testing.assert_frame_equal(whole.iloc[:120], cut)


def test_many_series_together_are_each_alone():
    given = [days(poisson(9, seed)) for seed in range(4)]
    places = [[62], [60, 61], None, []]
    together = bands(given, Rules(0.95), places)
    for series, place, frame in zip(given, places, together, strict=True):
        pd.testing.assert_frame_equal(frame, band(series, Rules(0.95), place))


def test_a_short_past_gaps_and_nothing_at_all():
    found = band(days(poisson(6)), Rules(0.95))
    assert (found["method"].iloc[:21] == "too_short").all()
    assert found["expected"].iloc[21:].notna().all()
    values = poisson(8)
    values[30:45] = np.nan
    gaps = band(days(values), Rules(0.95), [50]).iloc[0]
    assert gaps["method"] in ("weekday", "too_short")
    one = band(days([5.0]), Rules(0.95))
    assert one["anomaly"].tolist() == [""]
    assert len(band(days([]), Rules(0.95))) == 0
    nothing = band(days(np.full(60, np.nan)), Rules(0.95))
    assert set(nothing["anomaly"]) == {""}


def test_zeros_before_the_beginning_tell_nothing():
    values = np.concatenate([np.zeros(60), poisson(2)])
    found = band(days(values), Rules(0.95))
    assert (found["method"] == "too_short").all()


def test_small_counts_and_too_few():
    rng = np.random.default_rng(3)
    small = rng.poisson(np.tile([5, 5, 5, 5, 5, 0.2, 0.2], 6)).astype(float)
    small[-3], small[-1] = 14, 4
    found = band(days(small), Rules(0.99), [39, 41])
    assert found["method"].isin(["poisson", "negative_binomial"]).all()
    # Fourteen on a working day, and four on a Sunday where next to none are usual.
    assert found["anomaly"].tolist() == ["above", "above"]
    rare = band(days(rng.poisson(1.2, 50).astype(float)), Rules(0.99), [49]).iloc[0]
    assert rare["method"] == "too_few"
    assert np.isnan(rare["expected"])
    share = band(days(rng.normal(0.4, 0.02, 50), unit="share"), Rules(0.99), [49]).iloc[0]
    assert share["method"].startswith(("AN", "AA", "MN"))


def test_an_outlier_in_the_training_hides_no_later_one():
    values = np.tile(WEEK, 8) * np.random.default_rng(2).normal(1, 0.03, 56)
    values[40] = 900
    values[50] = 130
    found = band(days(values), Rules(0.99), [50]).iloc[0]
    assert found["method"].endswith("-outliers")
    assert found["anomaly"] == "above"


def test_chance_alone_fires_seldom():
    frames = bands([days(poisson(20, seed)) for seed in range(8)], Rules(0.99))
    judged = pd.concat(frames).query("expected.notna()")
    assert (judged["anomaly"] != "").mean() < 0.025


def christmas(values, table_days, low=0.1):
    for day in table_days:
        values[(np.datetime64(day) - np.datetime64("2024-01-01")).astype(int)] *= low


def test_a_holiday_is_expected_from_last_year():
    rng = np.random.default_rng(8)
    values = np.round(np.tile(10 * WEEK, 105) * rng.normal(1, 0.03, 735))
    holidays = ["2024-12-25", "2025-12-25"]
    christmas(values, holidays)
    table = holiday_table("trade_days", first=2023, last=2026)
    at = int((np.datetime64("2025-12-25") - np.datetime64("2024-01-01")).astype(int))
    bare = band(days(values), Rules(0.99), [at]).iloc[0]
    assert bare["anomaly"] == "below"
    told = band(days(values), Rules(0.99, holidays=table), [at]).iloc[0]
    assert told["anomaly"] == ""
    assert told["holiday"] == "Christmas Day"
    assert told["rule"] in ("additive", "multiplicative", "year_on_year")
    values[at] = values[at - 7]
    busy = band(days(values), Rules(0.99, holidays=table), [at]).iloc[0]
    # As many as on any Thursday: not outside the usual band, so it is not judged again.
    assert busy["rule"] == ""
    later = band(days(values), Rules(0.99, holidays=table), [at + 8]).iloc[0]
    assert later["anomaly"] == ""


def test_the_table_of_special_days():
    own = {"Fair": ["2026-07-01"], "Stock": {"rule": "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31"}}
    table = holiday_table(["US", "quarter_end", "trade_days", own], first=2025, last=2026)
    assert list(table.columns) == list(COLUMNS)
    by_name = {(n, d.year): f"{d:%m-%d}" for n, d in zip(table["name"], table["day"], strict=True)}
    assert by_name["Thanksgiving Day", 2025] == "11-27"
    assert by_name["Black Friday", 2025] == "11-28"
    assert by_name["Cyber Monday", 2025] == "12-01"
    assert by_name["Black Friday", 2026] == "11-27"
    assert by_name["Memorial Day", 2026] == "05-25"
    assert by_name["Quarter 1 ends (-2)", 2026] == "03-27"
    assert by_name["Quarter 4 ends (0)", 2025] == "12-31"
    assert by_name["Stock", 2025] == "03-31"
    line = np.arange(np.datetime64("2024-01-01"), np.datetime64("2026-01-01"))
    near = counterpart(holiday_table("trade_days", first=2023, last=2026), line)
    at = {str(line[place]): (name, off, str(line[past]) if past >= 0 else "")
          for place, (name, off, past) in near.items()}  # fmt: skip
    assert at["2025-11-28"] == ("Black Friday", 0, "2024-11-29")
    assert at["2025-11-29"] == ("Black Friday", 1, "2024-11-30")
    assert at["2025-11-30"] == ("Cyber Monday", -1, "2024-12-01")
    assert at["2024-12-25"][2] == ""


def test_a_fiscal_quarter_ends_by_the_calendar_of_the_workspace():
    from workbench.data.settings import Settings

    settings = Settings(fiscal_year={"start_month": 2})
    table = holiday_table("quarter_end", first=2026, last=2026, settings=settings)
    last = {n: f"{d:%m-%d}" for n, d in zip(table["name"], table["day"], strict=True)}
    assert last["Quarter 4 ends (0)"] == "01-30"
    assert last["Quarter 1 ends (0)"] == "04-30"


@pytest.mark.parametrize("wrong", ["XX", "DE-XX", 7, {"a": "soon"}, {"a": {"rule": "FREQ=NEVER"}},
                                   {"a": {"rule": "FREQ=YEARLY", "shift": "x"}},
                                   pd.DataFrame({"date": []})])  # fmt: skip
def test_a_calendar_that_cannot_be_used_is_refused(wrong):
    with pytest.raises(ArgumentError, match="holidays="):
        holiday_table(wrong, first=2026, last=2026)


def test_confidences_are_read_in_any_form():
    assert {checked_confidence(v) for v in (0.99, 99, "99 %", "99%", "0.99")} == {0.99}
    for wrong in (99.99, "high", True, 50, None):
        with pytest.raises(ArgumentError, match="confidence="):
            checked_confidence(wrong)


def test_a_period_may_stand_once():
    day = pd.to_datetime(["2026-01-01", "2026-01-01"])
    with pytest.raises(ArgumentError, match="two values"):
        regular(day, [1, 2], "day", name="x")


def test_the_result_says_and_draws_what_lies_outside():
    counts = poisson(15)
    counts[-4] = 160
    found = wb.anomaly_detection(world({"mql": counts}), metric="mql", periods=30, confidence=99.9)
    assert found.headline() == (
        "1 of 30 periods lies outside what was expected of it (99.9 %); the last one on "
        f"2026-04-16: 160 instead of {found.anomalies['expected'].iloc[0]:.3g}"
    )
    spec = found.chart().to_dict()
    dots = [layer for layer in spec["layer"] if layer["mark"].get("fill") == "#FFFFFF"]
    assert len(dots) == 1
    (limits,) = {tuple(layer["encoding"]["y"]["scale"]["domain"]) for layer in spec["layer"]}
    assert limits[0] == 0
    assert limits[1] < 1.1 * 160
    marked = found.table_frame()
    assert marked.loc[marked["anomaly"] == "above", "marked"].str.endswith(" % above").all()


def test_the_band_stretches_the_axis_only_when_it_may():
    frame = pd.DataFrame({"day": pd.date_range("2026-01-05", periods=60), "n": poisson(9)[:60]})
    tops = [
        wb.anomaly_detection(frame, date="day", value="n", stretch=stretch).chart().to_dict()
        ["layer"][0]["encoding"]["y"]["scale"]["domain"][1]
        for stretch in (False, True)
    ]  # fmt: skip
    assert tops[0] < tops[1]


def test_trends_are_read_by_what_they_are():
    steps = ["lead", "mql"]
    ws = world({"lead": np.full(250, 3), "mql": np.full(250, 2)})
    trend = wb.fallout(ws, steps=steps).trend(granularity="day", date="reach")
    found = wb.anomaly_detection(trend, where={"step": "lead"}, periods=10)
    assert set(found.frame["start"].dt.day_name()) >= {"Monday"}
    both = wb.anomaly_detection(trend, periods=10)
    assert {s.name for s in both.series} == {"lead", "mql"}
    with pytest.raises(ArgumentError, match="quarter"):
        wb.anomaly_detection(wb.fallout(ws, steps=steps).trend(granularity="quarter"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"metric": None}, "metric=None"),
        ({"metric": "mqll"}, "'mql'"),
        ({"granularity": "quarter"}, "'day', 'week', 'month'"),
        ({"confidence": 98}, "'95 %'"),
        ({"method": "prophet"}, "'auto', 'weekday'"),
        ({"periods": 0}, "1 to 3000"),
        ({"holidays": "ZZ"}, "holidays='ZZ'"),
        ({"stretch": "yes"}, "true or false"),
    ],
)
def test_what_cannot_be_asked_is_refused(given, said):
    ws = world({"mql": [3] * 5})
    with pytest.raises(ArgumentError) as refused:
        wb.anomaly_detection(ws, **{"metric": "mql"} | given)
    assert said in str(refused.value)


def test_frames_say_which_columns_they_lack():
    frame = pd.DataFrame({"day": pd.date_range("2026-01-05", periods=3), "n": [1, 2, 3]})
    with pytest.raises(ArgumentError, match=r"value=None .* 'n'"):
        wb.anomaly_detection(frame)
    with pytest.raises(ArgumentError, match="date='n'"):
        wb.anomaly_detection(frame, date="n", value="n")
    with pytest.raises(ArgumentError, match="a workspace, a trend, or a frame"):
        wb.anomaly_detection([1, 2])
