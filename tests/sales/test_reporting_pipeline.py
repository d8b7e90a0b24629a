"""A report adds up to what the pipeline says, on the same deals and the same days."""

from __future__ import annotations

import pytest

import workbench as wb
from tests.sales.test_views_shipped import full


def test_open_deals_are_those_of_the_pipeline():
    pipeline = wb.pipeline(full()).frame.iloc[0]
    report = wb.table_report(full(), "open_by_stage")
    total = report.frame[report.frame["depth"] == 0].iloc[0]
    assert total["deals"] == pipeline["open_deals"] == 4
    assert total["amount"] == pytest.approx(pipeline["open_amount"]) == 70
    board = wb.view(full(), "open_deals").board().frame
    assert board["amount"].sum() == pytest.approx(pipeline["open_amount"])
    assert board["without_amount"].sum() == pipeline["without_amount"] == 1
