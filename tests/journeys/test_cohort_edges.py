"""Cohort tables asked badly, or of hardly anything: a sentence before any row is read."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

import workbench as wb
from tests.worlds import at
from workbench.errors import ArgumentError

ASKED = {"inclusion": "visit", "returning": "won"}


@pytest.fixture(scope="module")
def ws():
    rows = [("A", 0, "visit", 1.0), ("A", 40, "won", 2.0), ("B", 3, "visit", 3.0)]
    frame = pd.DataFrame(
        {"account_id": a, "occurred_at": at(d), "event": e, "amount": n, "channel": "web"}
        for a, d, e, n in rows
    )
    return wb.from_frames(events=frame)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"inclusion": "vist"}, "vist.*'visit'"),
        ({"returning": {"channel_": "web"}}, "channel_.*'channel'"),
        ({"mode": "rolling"}, "mode='rolling'.*'consecutive'"),
        ({"kind": "loss"}, "kind='loss'.*'churn'"),
        ({"granularity": "months"}, "Did you mean 'month'"),
        ({"container": "acount"}, "Did you mean 'account'"),
        ({"container": "person"}, "carry no person_id"),
        ({"inclusion": ["visit"] * 4}, "4 metrics.*1 to 3 metrics"),
        ({"inclusion": []}, "0 metrics"),
        ({"inclusion": {}}, "an event name or a mapping"),
        ({"inclusion": {"event": "visit", "at_least": "2"}}, "inclusion.at_least='2'"),
        ({"inclusion": {"event": "visit", "at_least": True}}, "a number"),
        ({"inclusion": {"event": "visit", "at_least": 3, "at_most": 2}}, "None ever does"),
        ({"returning": {"event": "won", "sum": "amout"}}, "returning.sum='amout'.*'amount'"),
        ({"returning": {"event": "won", "sum": "channel"}}, "a column of numbers"),
        ({"returning": {"metrics": ["won"], "unit": 1}}, "'unit'.*'operator'"),
        ({"returning": {"metrics": ["won"], "operator": "xor"}}, "'and', 'or'"),
        ({"returning": {"metrics": ["won"], "segments": [{"channel": "web"}] * 11}}, "at most 10"),
        ({"returning": wb.step("won", within="3d")}, "without link and limits"),
        ({"returning": {"times": {"of": "won", ">=": 2}}}, "a condition on single rows"),
        ({"value": "amout"}, "value='amout'.*'amount'"),
        ({"value": {"event": "won"}}, "a mapping with 'sum'"),
        ({"value": {"sum": "amount", "at_least": 2}}, "without thresholds"),
        ({"dimension": "chanel"}, "chanel.*'channel'"),
        ({"dimension": "amount"}, "amount"),
        ({"dimension": "channel", "latency": True}, "one inclusion period"),
        ({"dimension": "channel", "first_time": True}, "align='first_inclusion'"),
        ({"align": "first_inclusion"}, "only together with dimension"),
        ({"align": "own", "dimension": "channel"}, "align='own'"),
        ({"age": "old"}, "'calendar', 'own', or a length"),
        ({"age": "0s"}, "one second or more"),
        ({"age": "1s", "mode": "unbounded"}, "at most 5,000"),
        ({"age": "own", "latency": True}, "from \\+1 on"),
        ({"offsets": 0}, "offsets=0.*1 to 400"),
        ({"offsets": 2.5}, "a whole number"),
        ({"items": 0}, "items=0"),
        ({"lookback": 2}, "only with latency= or first_time="),
        ({"lookback": -1, "latency": True}, "lookback=-1"),
        ({"smallest": True}, "smallest=True"),
        ({"period": "2026-13"}, "period='2026-13'"),
        ({"period": "1000..2026", "granularity": "day"}, "at most 3,000 buckets"),
        ({"filter_scope": "all"}, "filter_scope='all'"),
        ({"segment": 5}, "segment=5"),
    ],
)
def test_a_bad_question_is_refused_in_a_sentence(ws, options, said):
    with pytest.raises(ArgumentError, match=said):
        wb.cohort(ws, **{**ASKED, **options})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda r: r.members("2026-09"), "cohort='2026-09'.*'2026-01'"),
        (lambda r: r.members("2026-01", 9), "offset=9.*'1'"),
        (lambda r: r.members("2026-01", 1, outcome="won"), "'returned', 'churned'"),
        (lambda r: r.members("2026-01", cells=[("2026-01", 1)]), "not both"),
        (lambda r: r.members(cells=["2026-01"]), "pairs such as"),
        (lambda r: r.segment_of([]), "one or more cells"),
        (lambda r: r.chart(show="all"), "show='all'"),
        (lambda r: r.survival(horizon="soon"), "horizon='soon'"),
    ],
)
def test_cells_that_are_not_there(ws, call, said):
    with pytest.raises(ArgumentError, match=said):
        call(wb.cohort(ws, **ASKED))


def test_one_event_and_none():
    one = pd.DataFrame({"account_id": ["A"], "occurred_at": [at(0)], "event": ["visit"]})
    lonely = wb.cohort(wb.from_frames(events=one), inclusion="visit", returning="visit")
    assert lonely.frame["included"].tolist() == [1]
    assert lonely.frame["base"].isna().all()
    assert "no later month is over yet" in lonely.headline()
    empty = wb.from_frames(events=one[:0])
    any_event = {"event": {"exists": True}}
    nothing = wb.cohort(empty, inclusion=any_event, returning=any_event, dimension="event")
    assert nothing.frame.empty
    assert nothing.members().empty
    assert nothing.averages["rows"].tolist() == []
    assert "nothing to follow" in nothing.headline()


def test_a_period_without_data_is_a_row_of_zeros(ws):
    before = wb.cohort(ws, **ASKED, period="2025-11..2026-01")
    assert before.frame.drop_duplicates("cohort")["included"].tolist() == [0, 0, 2]
    after = wb.cohort(ws, **ASKED, period="2027")
    assert after.frame.empty
    assert after.members().empty


def test_a_dimension_that_is_empty_is_one_row():
    frame = pd.DataFrame(
        {"account_id": ["A", "B"], "occurred_at": [at(0), at(40)], "event": ["visit", "won"],
         "channel": pd.Series([None, None], dtype="str")}
    )  # fmt: skip
    result = wb.cohort(wb.from_frames(events=frame), **ASKED, dimension="channel")
    assert result.grid.labels == ["(none)"]


def test_a_row_may_have_several_values_of_a_dimension():
    rows = [("A", 0, "visit", ["north", "south"]), ("B", 1, "visit", ["south"])]
    rows += [("A", 40, "won", None), ("C", 2, "visit", None), ("Z", 90, "other", None)]
    frame = pd.DataFrame(
        {"account_id": a, "occurred_at": at(d), "event": e, "buying_group_id": g}
        for a, d, e, g in rows
    )
    ws = wb.from_frames(events=frame)
    result = wb.cohort(ws, **ASKED, dimension="buying_group_id")
    found = result.frame[result.frame["offset"] == 1].set_index("cohort")
    assert found["included"].to_dict() == {"south": 2, "(none)": 1, "north": 1}
    assert found["returned"].to_dict() == {"south": 1, "(none)": 0, "north": 1}
    assert (result.containers, result.in_several_rows) == (3, 1)


def test_a_day_without_midnight_begins_when_the_clock_jumps():
    # On 4 November 2018 clocks in São Paulo went from 00:00 to 01:00.
    times = [datetime(2018, 11, 4, 2, 59, 59, tzinfo=UTC), datetime(2018, 11, 4, 3, tzinfo=UTC)]
    frame = pd.DataFrame({"account_id": ["A", "B"], "occurred_at": times, "event": "visit"})
    ws = wb.from_frames(events=frame, settings={"report_tz": "America/Sao_Paulo"})
    result = wb.cohort(ws, inclusion="visit", returning="visit", granularity="day")
    assert result.members("2018-11-03")["key"].tolist() == ["A"]
    assert result.members("2018-11-04")["key"].tolist() == ["B"]
