"""What is wrong with deals and histories is found, named, and can be opened."""

from __future__ import annotations

import pytest

import workbench as wb
from tests.sales.pipelines import deal, pipeline

SAVED = [("o1", "01-01", "S1"), ("o1", "02-01", "S2")]


def codes(deals, saves, **more):
    found = wb.stages(pipeline(deals, saves, **more))
    return {p.code: p.count for p in found.findings if p.table != "stages"}, found


@pytest.mark.parametrize(
    ("deals", "saves", "code"),
    [
        ([deal("o1", "Talk")], [("o1", "01-01", "Talk")], "unlisted"),
        ([deal("o1", "S1")], [("o1", "01-01", "Talk"), ("o1", "02-01", "S1")], "unlisted"),
        ([deal("o1", None)], [("o1", "01-01", "S1")], "no_stage"),
        ([{**deal("o1", "S1"), "is_closed": True, "is_won": True}], SAVED[:1], "kind_differs"),
        ([deal("o1", "Won", "02-01", closed="01-15")], SAVED[:1], "closed_before_created"),
        ([deal("o1", "S2")], [("o1", "01-01", "S1"), ("o1", "01-01", "S2")], "tied"),
        ([deal("o1", "S2", "01-15")], SAVED, "before_creation"),
        ([deal("o1", "Won", closed="03-01")], SAVED, "closing_not_saved"),
        ([deal("o1", "S1")], [*SAVED, ("o1", "02-02", "Lost")], "opening_not_saved"),
        ([deal("o1", "S3")], SAVED, "ends_elsewhere"),
        (
            [deal("o1", "S2")],
            [
                ("o1", "01-01", "S1", {"amount": 5.0, "prev_amount": None}),
                ("o1", "02-01", "S2", {"amount": 9.0, "prev_amount": 7.0}),
            ],
            "missing_save",
        ),
        ([deal("o1", "S2", "2025-12-01")], SAVED, "partial"),
        ([deal("o1"), deal("o2")], [("o1", "01-01", "S1")], "no_history"),
        ([deal("o1", "S2")], [*SAVED, ("o1", "02-03", None)], "save_without_stage"),
        ([deal("o1", "S2")], [*SAVED, ("gone", "02-03", "S1")], "unknown_deal"),
        (
            [deal("o1", "S1")],
            [("o1", f"01-{n:02d}", "S1", {"amount": float(n)}) for n in range(1, 21)],
            "truncated",
        ),
    ],
)
def test_each_finding(deals, saves, code):
    found, result = codes(deals, saves)
    assert found.get(code) == 1
    opened = result.members(problem=code)
    assert len(opened) == (0 if code == "unknown_deal" else 1)
    line = result.findings_frame.set_index("code").loc[code]
    assert line["problem"]


def test_a_clean_history_has_no_finding():
    found, _ = codes([deal("o1", "S2")], SAVED)
    assert found == {}
