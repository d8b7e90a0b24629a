"""Options of a cohort table on worlds small enough to count by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

import workbench as wb
from workbench.errors import ArgumentError


def events(*rows, **settings):
    """Rows are (account, "month-day", event) or (account, "month-day", event, {more})."""
    as_of = settings.pop("as_of", "2026-04-30")
    frame = pd.DataFrame(
        {
            "account_id": row[0],
            "occurred_at": datetime(2026, *map(int, row[1].split("-")), 12, tzinfo=UTC),
            "event": row[2],
            **(row[3] if len(row) > 3 else {}),
        }
        for row in rows
    )
    return wb.from_frames(events=frame, settings=settings or None, as_of=as_of)


@pytest.fixture(scope="module")
def channels():
    rows = [(f"A{n}", "1-5", "visit", {"channel": "web"}) for n in range(4)]
    rows += [(f"A{n}", "1-6", "visit", {"channel": "mail"}) for n in range(3, 6)]
    rows += [("A6", "1-7", "visit", {"channel": "fair"}), ("A7", "1-8", "visit", {"channel": None})]
    rows += [("A8", "2-8", "visit", {"channel": "fair"})]
    rows += [("A0", "2-1", "won", {"channel": "mail"}), ("A3", "3-1", "won", {"channel": "web"})]
    rows += [("A8", "3-2", "won", {"channel": "web"})]
    return events(*rows)


def first(result, offset=1):
    frame = result.frame[result.frame["offset"] == offset]
    return {
        r.cohort: (r.included, r.base, r.returned) for r in frame.itertuples() if pd.notna(r.base)
    }


def test_rows_are_items_and_a_return_may_show_any(channels):
    result = wb.cohort(channels, inclusion="visit", returning="won", dimension="channel")
    # A3 is in two rows; A8 came in February and is not in the first bucket.
    assert first(result) == {
        "web": (4, 4, 1), "mail": (3, 3, 0), "(none)": (1, 1, 0), "fair": (1, 1, 0),
    }  # fmt: skip
    assert list(result.frame["cohort"].unique()) == ["web", "mail", "(none)", "fair"]
    assert first(result, 2)["mail"] == (3, 3, 1)
    assert (result.containers, result.in_several_rows) == (8, 1)
    assert result.members("mail", 2)["key"].tolist() == ["A3"]


def test_pooled_rows_take_each_account_at_its_own_first_bucket(channels):
    result = wb.cohort(
        channels, inclusion="visit", returning="won", dimension="channel", align="first_inclusion"
    )
    assert first(result)["fair"] == (2, 2, 1)
    # April minus three: A8, included in February, has no third month yet.
    assert first(result, 3)["fair"] == (2, 1, 0)


def test_items_beyond_the_largest_are_put_together(channels):
    result = wb.cohort(channels, inclusion="visit", returning="won", dimension="channel", items=1)
    assert first(result) == {"web": (4, 4, 1), "(other)": (5, 5, 0)}
    assert "3 further values are put together" in result.reading()
    with pytest.raises(ArgumentError, match="rows of one value"):
        result.segment_of([("(other)", 1)])
    found = wb.fallout(channels, steps=["visit"], segment=result.segment_of(("web", 1)))
    assert found.members()["key"].tolist() == ["A0"]


def test_segments_narrow_a_criterion(channels):
    web = {"name": "web", "scope": "event", "where": {"channel": "web"}}
    mail = {"name": "mail accounts", "scope": "account", "where": {"channel": "mail"}}
    asked = {"metrics": ["visit"], "segments": [web, mail]}
    result = wb.cohort(channels, inclusion=asked, returning="won")
    # A0 (its win came by mail) and A3 are accounts with mail and have a visit from the web.
    assert result.members("2026-01")["key"].tolist() == ["A0", "A3"]
    only = wb.cohort(channels, inclusion="visit", returning="won", segment=mail)
    assert only.members("2026-01")["key"].tolist() == ["A0", "A3", "A4", "A5"]
    each = wb.cohort(
        channels, inclusion="visit", returning="won", segment=web, filter_scope="each_step"
    )
    assert each.members("2026-01")["key"].tolist() == ["A0", "A1", "A2", "A3"]


def test_absence_includes_only_who_was_there_and_returns_everybody_else():
    ws = events(("A", "1-1", "visit"), ("B", "1-1", "call"), ("B", "2-1", "visit"))
    nothing = {"event": "visit", "exactly": 0}
    result = wb.cohort(ws, inclusion=nothing, returning=nothing, offsets=2)
    assert result.members("2026-01")["key"].tolist() == ["B"]
    assert first(result)["2026-01"] == (1, 1, 0)
    assert first(result, 2)["2026-01"] == (1, 1, 1)


def test_metrics_meet_in_one_bucket_not_in_one_row():
    ws = events(("A", "1-1", "visit"), ("A", "1-9", "call"), ("B", "1-1", "visit"))
    both = wb.cohort(ws, inclusion=["visit", "call"], returning="call")
    assert both.members("2026-01")["key"].tolist() == ["A"]
    either = wb.cohort(ws, inclusion=["visit", "call"], returning="call", operator="or")
    assert either.members("2026-01")["key"].tolist() == ["A", "B"]


def test_sums_of_a_measure_have_thresholds():
    pay = [("A", "1-1", 60.0), ("A", "1-2", 50.0), ("B", "1-1", 90.0), ("B", "2-1", 200.0)]
    ws = events(*[(a, d, "paid", {"amount": n}) for a, d, n in pay])
    result = wb.cohort(
        ws,
        inclusion={"event": "paid", "sum": "amount", "at_least": 100},
        returning={"event": "paid", "sum": "amount", "less_than": 100},
    )
    assert result.members("2026-01")["key"].tolist() == ["A"]
    assert result.members("2026-02")["key"].tolist() == ["B"]
    # Without any row in February the sum is 0, which is less than 100.
    assert first(result)["2026-01"] == (1, 1, 1)


def test_unfinished_and_cut_cells_are_marked_and_not_averaged():
    rows = [(a, f"{m}-12", "visit") for a in "AB" for m in (1, 2, 3, 4)]
    ws = events(*rows, as_of="2026-04-20")
    result = wb.cohort(ws, inclusion="visit", returning="visit", period="2026-01-10..2026-12")
    partial = result.frame.dropna(subset="base").set_index(["cohort", "offset"])["partial"]
    assert partial[partial].index.tolist() == [
        ("2026-01", 1), ("2026-01", 2), ("2026-01", 3), ("2026-02", 2), ("2026-03", 1),
    ]  # fmt: skip
    assert result.averages["rows"].tolist() == [1, 0, 0]
    asked = {"inclusion": "visit", "returning": "visit", "period": "2026-01-10..2026-12"}
    taken = wb.cohort(ws, **asked, partial_in_average=True)
    assert taken.averages["rows"].tolist() == [3, 2, 1]
    snapped = wb.cohort(ws, **asked, snap=True)
    assert not snapped.frame.set_index(["cohort", "offset"])["partial"][("2026-01", 1)]


def test_small_cells_are_hidden_everywhere():
    rows = [(f"A{n}", "1-5", "visit") for n in range(10)]
    rows += [(f"A{n}", "2-5", "visit") for n in range(1)]
    rows += [(f"A{n}", "3-5", "visit") for n in range(5)]
    result = wb.cohort(events(*rows), inclusion="visit", returning="visit", smallest=3)
    cells = result.frame.set_index(["cohort", "offset"])
    assert cells["suppressed"][("2026-01", 1)]
    assert pd.isna(cells["returned"][("2026-01", 1)])
    assert cells["returned"][("2026-01", 2)] == 5
    assert pd.isna(cells["included"][("2026-02", 1)])
    with pytest.raises(ArgumentError, match="hidden cell"):
        result.members("2026-01", 1)
    with pytest.raises(ArgumentError, match="hidden cell"):
        result.members("2026-02")


def test_quarters_and_years_follow_the_fiscal_calendar():
    rows = [("A", "1-5", "visit"), ("A", "4-5", "visit")]
    ws = events(*rows, fiscal_year={"start_month": 4, "named_by": "end"})
    quarters = wb.cohort(ws, inclusion="visit", returning="visit", granularity="quarter")
    assert quarters.grid.labels == ["FY2026 Q4", "FY2027 Q1"]
    years = wb.cohort(ws, inclusion="visit", returning="visit", granularity="year")
    assert years.grid.labels == ["FY2026", "FY2027"]
    plain = wb.cohort(events(*rows), inclusion="visit", returning="visit", granularity="quarter")
    assert plain.grid.labels == ["2026-Q1", "2026-Q2"]


def test_looking_back_before_the_period():
    rows = [("A", "1-5", "visit"), ("A", "3-5", "visit"), ("B", "3-5", "visit")]
    ws = events(*rows)
    asked = {"inclusion": "visit", "returning": "visit", "period": "2026-03..2026-04"}
    inside = wb.cohort(ws, **asked, latency=True)
    assert inside.frame["base"].dropna().index.size == 2  # +1 of March, −1 of April
    back = wb.cohort(ws, **asked, latency=True, lookback=2)
    assert first(back, -2)["2026-03"] == (2, 2, 1)
    new = wb.cohort(ws, **asked, first_time=True, lookback=2)
    assert new.members("2026-03")["key"].tolist() == ["B"]


def test_the_definition_asks_again(channels):
    result = wb.cohort(
        channels, inclusion={"event": "visit", "at_least": 1}, returning=["won"],
        period="2026-01..", mode="cumulative", first_time=True, zero_column=True, smallest=2,
    )  # fmt: skip
    again = {k: v for k, v in result.definition.items() if k != "analysis"}
    pd.testing.assert_frame_equal(wb.cohort(channels, **again).frame, result.frame)
