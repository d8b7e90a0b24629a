"""Fiscal quarters and years by name, wherever a period may stand."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

import workbench as wb
from workbench.errors import ArgumentError
from workbench.vocabulary.fiscal import fiscal_days, is_fiscal


@pytest.fixture
def workspace():
    """A fiscal year from April, named by its start, as in the worked example of rule 10."""
    events = pd.DataFrame(
        {
            "account_id": ["A", "A", "B"],
            "occurred_at": pd.to_datetime(
                ["2025-03-31 16:00", "2025-03-31 01:00", "2025-06-30 15:30"], utc=True
            ),
            "event": "won",
        }
    )
    settings = {"report_tz": "Asia/Tokyo", "fiscal_year": {"start_month": 4, "named_by": "start"}}
    return wb.from_frames(events=events, settings=settings, as_of="2025-07-15")


@pytest.mark.parametrize(
    ("text", "first", "after", "name"),
    [
        ("this fiscal quarter", date(2025, 7, 1), date(2025, 10, 1), "FY2025 Q2"),
        ("Previous Fiscal Quarter", date(2025, 4, 1), date(2025, 7, 1), "FY2025 Q1"),
        ("next_fiscal_quarter", date(2025, 10, 1), date(2026, 1, 1), "FY2025 Q3"),
        ("last fiscal year", date(2024, 4, 1), date(2025, 4, 1), "FY2024"),
        ("FY2024 Q4", date(2025, 1, 1), date(2025, 4, 1), "FY2024 Q4"),
        ("FY2025", date(2025, 4, 1), date(2026, 4, 1), "FY2025"),
    ],
)
def test_names_of_fiscal_periods(workspace, text, first, after, name):
    assert is_fiscal(text)
    assert fiscal_days(text, workspace.settings, date(2025, 7, 15)) == (first, after, name)


def test_other_words_are_left_to_the_usual_periods(workspace):
    assert fiscal_days("this quarter", workspace.settings, date(2025, 7, 15)) is None
    assert not is_fiscal("2025-Q1")


def test_a_year_that_no_calendar_has_is_refused(workspace):
    with pytest.raises(ArgumentError, match="FY9999"):
        fiscal_days("FY9999", workspace.settings, date(2025, 7, 15))


def test_every_analysis_takes_them_in_the_reporting_zone(workspace):
    # 16:00 in UTC on 31 March is 1 April in Tokyo, so only one event lies in FY2024 Q4.
    won = {"steps": ["won"], "period": "FY2024 Q4"}
    assert wb.fallout(workspace, **won).frame["reached"].iloc[-1] == 1
    assert str(workspace.period("FY2025 Q1")) == "2025-04-01..2025-06-30"
    assert str(workspace.period("this fiscal quarter")) == "2025-07-01..2025-09-30"
