"""The worked tests A and B of journeys-cohort.md, sections 4 and 5, as they stand there."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

import workbench as wb

VISITS = "X1 X2 X4 Y1 Y1 Y3 Z2 Z3 Z4 Q1"
DEALS = {"o1": (1, 2), "o2": (1, 3), "o3": (1, None), "o4": (2, 2), "o5": (2, 3), "o6": (3, None)}


@pytest.fixture(scope="module")
def visits():
    rows = [
        {
            "account_id": text[0],
            "occurred_at": datetime(2026, int(text[1]), 3 + place, tzinfo=UTC),
            "event": "visit",
            "amount": 10.0 * int(text[1]),
        }
        for place, text in enumerate(VISITS.split())
    ]
    return wb.from_frames(events=pd.DataFrame(rows), as_of="2026-04-30")


@pytest.fixture(scope="module")
def deals():
    rows = []
    for name, (created, won) in DEALS.items():
        row = {"account_id": "A", "opportunity_id": name}
        for month, event, day in ((created, "created", 5), (won, "closed_won", 20)):
            if month:
                at = datetime(2026, month, day, tzinfo=UTC)
                rows.append({**row, "occurred_at": at, "event": event})
    return wb.from_frames(events=pd.DataFrame(rows), as_of="2026-03-31")


def table(result, column="returned"):
    """Rows of the table as lists; nothing where a cell lies beyond the range."""
    frame = result.frame
    wide = frame.pivot(index="cohort", columns="offset", values=column)
    included = frame.drop_duplicates("cohort")["included"].tolist()
    cells = [[int(v) for v in row if not pd.isna(v)] for row in wide.to_numpy()]
    return dict(zip(wide.index, zip(included, cells, strict=True), strict=True))


def asked(visits, **options):
    return wb.cohort(visits, **{"inclusion": "visit", "returning": "visit", **options})


def test_standard_retention(visits):
    result = asked(visits)
    assert table(result) == {
        "2026-01": (3, [1, 1, 1]),
        "2026-02": (2, [1, 2]),
        "2026-03": (2, [1]),
        "2026-04": (2, []),
    }
    shares = result.frame.dropna(subset="share")["share"].round(3).tolist()
    assert shares == [0.333, 0.333, 0.333, 0.5, 1.0, 0.5]
    assert not result.frame["partial"].any()
    opened = {c: result.members(*c)["key"].tolist() for c in [("2026-01", 1), ("2026-01", 2)]}
    assert opened == {("2026-01", 1): ["X"], ("2026-01", 2): ["Y"]}
    assert result.members("2026-02", 2)["key"].tolist() == ["X", "Z"]


def test_average_rows(visits):
    found = asked(visits).averages.set_index("offset")
    assert found["average_share"].round(3).tolist() == [0.444, 0.667, 0.333]
    assert found.loc[2, ["counted", "base", "weighted_share"]].tolist() == [3, 5, 0.6]


def test_churn(visits):
    result = asked(visits, kind="churn")
    cells = result.frame.set_index(["cohort", "offset"])
    assert cells.loc[("2026-01", 1), ["churned", "share"]].tolist() == [2, pytest.approx(2 / 3)]
    assert cells.loc[("2026-02", 2), ["churned", "share"]].tolist() == [0, 0]
    assert result.members("2026-01", 1)["key"].tolist() == ["Y", "Q"]


def test_consecutive_is_of_the_previous_column(visits):
    frame = asked(visits, mode="consecutive").frame.dropna(subset="base")
    cells = {(r.cohort[-2:], r.offset): (r.returned, r.base) for r in frame.itertuples()}
    assert cells == {
        ("01", 1): (1, 3), ("01", 2): (0, 1), ("01", 3): (0, 0),
        ("02", 1): (1, 2), ("02", 2): (1, 1),
        ("03", 1): (1, 2),
    }  # fmt: skip
    shares = frame.set_index(["cohort", "offset"])["share"]
    assert pd.isna(shares["2026-01", 3])
    assert shares["2026-02", 2] == 1
    assert "previous column" in asked(visits, mode="consecutive").shown()[5].label


def test_latency(visits):
    result = asked(visits, latency=True)
    cells = result.frame.dropna(subset="base").set_index(["cohort", "offset"])["returned"]
    before = {cell: n for cell, n in cells.items() if cell[1] < 0}
    assert before == {
        ("2026-02", -1): 1, ("2026-03", -2): 1, ("2026-03", -1): 1,
        ("2026-04", -3): 1, ("2026-04", -2): 2, ("2026-04", -1): 1,
    }  # fmt: skip
    assert result.members("2026-03", -1)["key"].tolist() == ["Z"]
    assert result.members("2026-03", -2)["key"].tolist() == ["Y"]
    assert result.members("2026-04", -2)["key"].tolist() == ["X", "Z"]


def test_thresholds_first_time_and_cumulative(visits):
    twice = asked(visits, inclusion={"event": "visit", "at_least": 2})
    assert {row: n for row, (n, _) in table(twice).items()} == {
        "2026-01": 1, "2026-02": 0, "2026-03": 0, "2026-04": 0,
    }  # fmt: skip
    assert twice.members("2026-01")["key"].tolist() == ["Y"]
    first = table(asked(visits, first_time=True))
    assert first["2026-02"] == (1, [1, 1])
    assert [n for n, _ in first.values()] == [3, 1, 0, 0]
    assert table(asked(visits, mode="cumulative"))["2026-01"] == (3, [1, 2, 2])
    assert table(asked(visits, mode="unbounded"))["2026-01"] == (3, [2, 2, 1])


def test_rows_overlap_and_the_total_counts_each_account_once(visits):
    result = asked(visits)
    assert (result.containers, result.in_several_rows) == (4, 3)
    # X, Y, Q and Z sit in rows that have +1; X, Z and Z again returned there.
    total = result.total.set_index("offset")
    assert total.loc[1, ["base", "returned"]].tolist() == [4, 2]
    assert "3 of 4 accounts sit in more than one row" in result.reading()


def test_value_cohort(visits):
    cells = asked(visits, value="amount").frame.set_index(["cohort", "offset"])
    # Jan: X 10, Y 10 + 10, Q 10 = 40; in Feb only X pays, 20.
    first = cells.loc[("2026-01", 1)]
    assert first[["value_included", "value", "value_to_date"]].tolist() == [40, 20, 60]
    assert first["net_value_retention"] == 0.5
    assert first["value_per_included"] == pytest.approx(20 / 3)
    second = cells.loc[("2026-02", 2)]  # X and Z pay 20 + 20 in Feb and 40 + 40 in Apr
    assert second["net_value_retention"] == 2


def test_the_zero_column_shows_the_fastest_deal(deals):
    options = {"inclusion": "created", "returning": "closed_won", "container": "opportunity"}
    plain = wb.cohort(deals, **options)
    assert table(plain) == {"2026-01": (3, [1, 1]), "2026-02": (2, [1]), "2026-03": (1, [])}
    assert "1 return lies in the month of inclusion itself" in plain.reading()
    shown = wb.cohort(deals, **options, zero_column=True)
    assert table(shown) == {
        "2026-01": (3, [0, 1, 1]), "2026-02": (2, [1, 1]), "2026-03": (1, [0]),
    }  # fmt: skip
    assert shown.members("2026-02", 0)["key"].tolist() == ["o4"]
    so_far = wb.cohort(deals, **options, zero_column=True, mode="cumulative")
    found = so_far.frame.dropna(subset="share").groupby("cohort")["share"].agg(list)
    assert [round(v, 3) for v in found["2026-01"]] == [0, 0.333, 0.667]
    assert found["2026-02"] == [0.5, 1]


def test_by_own_age_no_return_is_hidden(deals):
    result = wb.cohort(
        deals, inclusion="created", returning="closed_won", container="opportunity", age="own"
    )
    # 46 days lie between o1's two dates, 15 between o4's: their first 30 days differ.
    cells = result.frame.dropna(subset="base").set_index(["cohort", "offset"])["returned"]
    assert cells[("2026-01", 1)] == 0
    assert cells[("2026-01", 2)] == 1
    assert cells[("2026-02", 1)] == 1
    # o6 entered 26 days before the end: too young for a first column.
    young = result.frame.set_index(["cohort", "offset"]).loc[("2026-03", 1)]
    assert young[["included", "base"]].tolist() == [1, 0]
    assert pd.isna(young["share"])
