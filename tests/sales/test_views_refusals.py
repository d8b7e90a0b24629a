"""Whatever a definition says: an answer, or a sentence that says why not."""

from __future__ import annotations

import contextlib
import copy
import math

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.sales.pipelines import deal, pipeline
from tests.sales.test_views_shipped import PARAMETERS, full
from tests.worlds.company import HOSTILE

ASKS = {"views": wb.view, "tables": wb.table_report}
DEFINITIONS = [
    (kind, yaml.safe_load(path.read_text(encoding="utf-8")))
    for kind in ASKS
    for path in sorted((PARAMETERS / kind).glob("*.yaml"))
]
JUNK = st.sampled_from([
    None, "", 0, -1, 10**30, 10**40, 1.5, math.nan, math.inf, True, [], {}, [[]], {"a": 1},
    ["a", None], "amount", "name", "is_won", "created_at", "stage.x", "account_id.owner_id.name",
    "LAST_N_DAYS:99999", "NEXT_N_YEARS:9999", "1 AND 2", "amount + created_at", "1 / 0",
    "round(name)", "date('x')", "year(name)", "amount ^ 2", "users", "stages", "touchpoints",
    "rows", "`", "'", b"x", {1: 2}, *HOSTILE,
])  # fmt: skip


def places(part, at=()):
    if not isinstance(part, dict | list):
        return
    for key, inner in part.items() if isinstance(part, dict) else enumerate(part):
        yield (*at, key)
        yield from places(inner, (*at, key))


@settings(max_examples=40)
@given(st.sampled_from(DEFINITIONS), st.data())
def test_nothing_in_a_definition_ends_in_a_traceback(asked, data):
    kind, definition = asked
    changed = copy.deepcopy(definition)
    place = data.draw(st.sampled_from(list(places(changed))))
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = data.draw(JUNK)
    with contextlib.suppress(wb.WorkbenchError):
        answer = ASKS[kind](full(), changed)
        assert answer.headline()
        assert answer.explain()
        assert list(answer.frame.columns) == list(answer.columns)


def test_filters_on_amounts_say_that_currencies_are_not_converted():
    rows = [{**deal(f"O{n}", amount=5.0), "currency": c} for n, c in enumerate(["EUR", "JPY"])]
    ws = pipeline(rows, as_of="2026-06-30")
    said = "The filter on amount compares each amount in its own currency."
    asked = {"object": "opportunities", "filters": [["amount", ">", 1]]}
    assert said in wb.view(ws, asked).scope.notes
    assert said in wb.table_report(ws, {**asked, "values": ["count"]}).scope.notes
    assert said not in wb.view(ws, {"object": "opportunities"}).scope.notes


@pytest.mark.parametrize("depth", [39, 45])
def test_formulas_are_read_to_a_depth(depth):
    asked = {"object": "opportunities", "formulas": {"deep": "(" * depth + "1" + ")" * depth},
             "columns": ["deep"]}  # fmt: skip
    if depth < 40:
        assert set(wb.view(full(), asked).frame["deep"]) == {1}
    else:
        with pytest.raises(wb.WorkbenchError, match="more than 40 deep"):
            wb.view(full(), asked)


@pytest.mark.parametrize("column", ["email", "phone", "contact_last_name"])
def test_contact_data_of_partner_leads_are_left_to_the_analysis_that_knows_who_expired(column):
    leads = pd.DataFrame(
        {"lead_id": ["L1"], "status": ["Closed"], "substatus": ["Expired"],
         "email": ["secret@buyer.example"], "phone": ["+81312345678"],
         "contact_last_name": ["Secret"], "created_at": pd.Timestamp("2026-01-01", tz="UTC")}
    )  # fmt: skip
    events = pd.DataFrame(
        {"account_id": ["A1"], "event": ["a"], "occurred_at": pd.Timestamp("2026-03-01", tz="UTC")}
    )
    ws = wb.from_frames(events=events, partner_leads=leads)
    with pytest.raises(wb.WorkbenchError, match=r"wb\.partner_leads only"):
        wb.view(ws, {"object": "partner_leads", "columns": ["lead_id", column]})
    shown = wb.view(ws, {"object": "partner_leads", "columns": ["lead_id", "status"]})
    assert "secret" not in str(shown.block()).lower()
    assert column not in shown.members().columns
