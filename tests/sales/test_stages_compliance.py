"""Exit criteria: required fields filled at the move, today's values only where labelled."""

from __future__ import annotations

import pandas as pd
import pytest

import workbench as wb
from tests.sales.pipelines import deal, stage_table
from workbench.errors import ArgumentError


def world(required, deals, saves, **columns):
    """A workspace whose stages require fields: {stage: text}."""
    stages = stage_table()
    stages["required_fields"] = [required.get(name) for name in stages["stage"]]
    history = pd.DataFrame(
        [
            {"history_id": f"H{n}", "opportunity_id": key, "stage": stage,
             "changed_at": pd.Timestamp(f"2026-{day}", tz="UTC"), **more}
            for n, (key, day, stage, more) in enumerate(saves)
        ]
    )  # fmt: skip
    return wb.from_frames(
        opportunities=pd.DataFrame(deals).assign(**columns), opportunity_history=history,
        stages=stages.astype({"required_fields": "str"}),
    )  # fmt: skip


SAVES = [
    ("a", "01-01", "S1", {"amount": None, "x_budget": None}),
    ("a", "01-05", "S2", {"amount": 5.0, "x_budget": "  \u3000"}),
    ("b", "01-01", "S1", {"amount": 0.0, "x_budget": "yes"}),
    ("b", "01-05", "S3", {"amount": None, "x_budget": None}),
    ("c", "01-01", "S1", {"amount": 1.0, "x_budget": None}),
    ("c", "01-04", "S1", {"amount": 2.0, "x_budget": "0"}),
    ("c", "01-05", "Won", {"amount": None, "x_budget": None}),
    ("d", "01-01", "S1", {"amount": None, "x_budget": None}),
    ("d", "01-05", "Lost", {"amount": None, "x_budget": None}),
]
DEALS = [deal("a", "S2"), deal("b", "S3"), deal("c", "Won", closed="01-05"),
         deal("d", "Lost", closed="01-05")]  # fmt: skip


def lines(result):
    return result.frame.set_index(["stage", "field"])


def test_fields_are_judged_as_they_were_at_the_move():
    found = wb.stages(world({"S1": "amount; budget"}, DEALS, SAVES)).compliance()
    table = lines(found)
    # a, b and c moved on; d was lost, which needs no criteria.
    assert table.loc[("S1", "amount"), ["advances", "filled"]].tolist() == [3, 3]
    assert table.loc[("S1", "budget"), ["advances", "filled"]].tolist() == [3, 2]
    assert table.loc[("S1", ""), ["advances", "filled", "source"]].tolist() == [3, 2, "history"]
    assert table.loc[("S1", "amount"), ["entered", "filled_on_entry"]].tolist() == [4, 2]
    assert list(found.members("S1")["opportunity_id"]) == ["a"]
    assert list(found.members("S1", "amount", filled=True)["opportunity_id"]) == ["a", "b", "c"]
    assert found.headline().startswith("2 of 3 moves on had all required fields filled")


def test_what_the_history_lacks_is_judged_by_today_and_labelled():
    found = wb.stages(
        world({"S1": "amount, next_step"}, DEALS, SAVES, next_step=["call", " ", "", "mail"])
    ).compliance()
    table = lines(found)
    assert table.loc[("S1", "next_step"), ["source", "advances", "filled"]].tolist() == [
        "today", 3, 1,
    ]  # fmt: skip
    assert table.loc[("S1", ""), "source"] == "mixed"
    assert "today" in found.headline()


def test_unknown_and_mostly_empty_fields_are_found():
    result = wb.stages(world({"S1": "amounts; budget", "S2": "amount"}, DEALS, SAVES))
    found = result.findings_frame.set_index("code")
    assert "Did you mean 'amount'" in found.loc["unknown_field", "remedy"]
    assert found.loc["fill_rate", ["level", "stage", "count"]].tolist() == ["note", "S1", 3]
    assert len(result.members(problem="fill_rate")) == 3
    assert ("S1", "amounts") not in lines(result.compliance()).index


def test_without_required_fields_it_says_so():
    found = wb.stages(world({}, DEALS, SAVES)).compliance()
    assert found.frame.empty
    assert "names no required fields" in found.headline()
    with pytest.raises(ArgumentError, match="field"):
        found.members("S1", "amount")
