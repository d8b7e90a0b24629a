"""Dashboards: the worked example, filters that apply, every mark open to its records."""

from __future__ import annotations

import json
from functools import cache

import pandas as pd
import pytest

import workbench as wb
from tests.results.makers.dashboards import COMPONENTS
from tests.sales.pipelines import day, deal, pipeline
from workbench.errors import AbsentError, ArgumentError

WON = {
    "object": "opportunities",
    "title": "Won",
    "rows": ["owner_id"],
    "filters": [["is_won", "=", True]],
    "values": [{"sum": "amount", "as": "amount"}],
}
STAGES = {"object": "stages", "title": "Stages", "values": ["count"]}
BOARD = {
    "title": "Won",
    "components": [
        {"id": "bar", "type": "bar", "report": WON, "top": 1},
        {"id": "number", "type": "number", "report": WON},
        {"id": "stages", "type": "number", "report": STAGES},
    ],
}


@cache
def small():
    rows = [
        {**deal(f"O{n}", "Won", amount=amount, closed="02-01"), "owner_id": owner}
        for n, (owner, amount) in enumerate([("A", 100.0), ("A", 50.0), ("B", 70.0)])
    ]
    users = pd.DataFrame({"user_id": ["A", "B"], "name": ["Ann", "Bob"], "team": ["x", "y"]})
    return pipeline(rows, users=users, as_of="2026-06-30", targets=pd.DataFrame({
        "kpi_id": ["won", "won", "won"], "team": ["x", "y", "x"], "target": [200.0, 100.0, 9.0],
        "period_start_on": [day("01-01"), day("01-01"), day("2025-01-01")],
        "period_end_on": [day("12-31"), day("12-31"), day("2025-12-31")],
    }))  # fmt: skip


def marks(component):
    return dict(zip(component.frame["mark"], component.frame["value"], strict=True))


def test_top_one_and_the_others():
    board = wb.dashboard(small(), BOARD)
    assert marks(board["bar"]) == {"A": 150.0, "Other": 70.0}
    assert marks(board["number"]) == {"all": 220.0}
    assert board["bar"].headline() == "Won: A has most, 150 of 220"
    assert board.members("bar", "Other")["owner_id"].tolist() == ["B"]


def test_a_filter_applies_where_the_report_has_the_field():
    board = wb.dashboard(small(), BOARD, filters={"owner_id": "B"})
    assert marks(board["bar"]) == {"B": 70.0}
    assert marks(board["number"]) == {"all": 70.0}
    assert marks(board["stages"]) == marks(wb.dashboard(small(), BOARD)["stages"]) == {"all": 5.0}
    assert "Not filtered by owner_id" in board["stages"].reading()
    assert "Not filtered" not in board["bar"].reading()
    assert "1 component is not filtered." in board.scope.notes
    again = wb.dashboard(small(), board.definition)
    pd.testing.assert_frame_equal(board.frame, again.frame)


def test_whose_rows():
    board = wb.dashboard(small(), BOARD, scope="mine", user="Bob")
    assert marks(board["number"]) == {"all": 70.0}
    assert marks(board["stages"]) == {"all": 5.0}
    with pytest.raises(ArgumentError, match="'team' needs user="):
        wb.dashboard(small(), BOARD, scope="team")


def test_targets_of_the_day():
    def of(target):
        item = {"type": "number", "report": WON, "target": target}
        return wb.dashboard(small(), {"components": [item]}).components[0]

    assert of(440).headline() == "Won: 220 of 440, 50 % of the target"
    assert of("won").target == 300
    assert of({"kpi": "won", "team": "y"}).target == 100
    assert "table of targets" not in of("won").reading()
    missing = of("lost")
    assert missing.report is None
    assert "'won'" in missing.absent
    with pytest.raises(AbsentError):
        missing.members()


@cache
def large():
    rows = []
    for n in range(60):
        stage = ["S1", "S2", "Won", "Lost"][n % 4]
        rows.append(
            {
                **deal(f"O{n:02d}", stage, amount=None if n % 9 == 5 else float(n * 7 % 50),
                       created=f"0{1 + n % 5}-1{n % 7}", closed="06-01" if n % 4 > 1 else None),
                "owner_id": None if n % 11 == 3 else f"U{n % 13}",
                "currency": ["EUR", "USD"][n % 2],
            }
        )  # fmt: skip
    acts = pd.DataFrame(
        {"activity_id": [f"C{n}" for n in range(90)], "type": ["call", "mail", "visit"] * 30,
         "opportunity_id": [f"O{n * 7 % 60:02d}" for n in range(90)],
         "start_at": [day("01-20")] * 90}
    )  # fmt: skip
    rates = pd.DataFrame({"currency": ["USD"], "valid_from": [day("01-01").date()], "rate": [1.25]})
    return pipeline(rows, activities=acts, fx_rates=rates, as_of="2026-06-30",
                    settings={"currency": {"reporting": "EUR", "policy": "latest"}})  # fmt: skip


REPORT = {
    "object": "opportunities",
    "join": [{"with_or_without": "activities"}],
    "rows": ["stage", {"field": "created_at", "by": "month", "name": "month"}, "owner_id",
             "activities.type"],
    "values": [
        {"sum": "amount", "as": "amount"}, "count", {"avg": "amount"}, {"p75": "amount"},
        {"count": "opportunities", "as": "deals"}, {"distinct": "owner_id", "as": "owners"},
        {"count": "opportunities", "filters": [["is_won", "=", True]], "as": "won"},
    ],
}  # fmt: skip
SHAPES = [
    {"type": "number"}, {"type": "number", "value": "p75 amount"},
    {"type": "gauge", "min": 0, "breakpoints": [1, 2], "max": 3, "value": "won"},
    {"type": "bar", "group": "owner_id", "top": 3, "sort": "-value"},
    {"type": "bar", "group": "activities.type", "value": "rows", "sort": "-group"},
    {"type": "bar", "group": "owner_id", "top": 2, "value": "avg amount", "sort": "value"},
    {"type": "column", "group": "month", "value": "deals", "top": 2},
    {"type": "stacked", "group": "activities.type", "series": "owner_id", "value": "amount"},
    {"type": "stacked", "group": "owner_id", "series": "stage", "top": 4, "value": "owners"},
    {"type": "line", "group": "month", "series": "stage", "value": "avg amount"},
    {"type": "donut", "group": "owner_id", "value": "deals"},
    {"type": "funnel", "group": "stage", "value": "won"},
    {"type": "scatter", "group": "owner_id", "x": "deals", "y": "amount"},
    {"type": "table", "report": {**REPORT, "rows": REPORT["rows"][:1]}},
]  # fmt: skip


def total(component, mark, name):
    """The figure worked out from the records of a mark."""
    members = component.members(mark, measure=name)
    kind = {m.name: m.asked for m in component.statement.measures}[name]
    if kind.kind == "count":
        return float(len(members))
    values = members["value"].dropna()
    if kind.kind == "distinct":
        return float(values.nunique())
    if not len(values):
        return None
    values = values.astype(float)
    return {"sum": values.sum, "avg": values.mean,
            "percentile": lambda: values.quantile((kind.p or 0) / 100)}[kind.kind]()  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s['type']} {s.get('group', '')}")
def test_the_records_of_every_mark_add_up_to_its_figure(shape):
    asked = {"components": [{"report": REPORT, "id": "it", **shape}]}
    for filters in ({}, {"stage": ["S1", "Won"]}, {"activities.type": "call"}):
        component = wb.dashboard(large(), asked, filters=filters)["it"]
        assert len(component.frame)
        assert component.frame["mark"].is_unique or shape["type"] in ("table", "scatter")
        for line in component.frame.to_dict("records"):
            found = total(component, line["mark"], line["measure"])
            shown = line["value"]
            assert (found is None and shown != shown) or found == pytest.approx(shown), line


def test_every_type_is_tried():
    from workbench.sales.dashboards.model import TYPES

    assert {shape["type"] for shape in SHAPES} == set(TYPES) == {c["type"] for c in COMPONENTS}


def test_the_others_of_an_added_figure_make_the_rest():
    item = {"type": "bar", "group": "owner_id", "top": 3, "report": REPORT, "id": "it"}
    some = wb.dashboard(large(), {"components": [item]})["it"].frame
    item = {"type": "bar", "group": "owner_id", "report": REPORT, "id": "it"}
    every = wb.dashboard(large(), {"components": [item]})["it"].frame
    assert some["value"].sum() == pytest.approx(every["value"].sum())
    assert len(some) == 4
    assert sorted(every["value"])[-3:] == sorted(some["value"][:3])
    assert some["mark"].iloc[-1] == "Other"


def test_same_parameters_and_same_files_give_the_same_bytes():
    asked = {"components": [{"report": REPORT, "id": str(n), **shape}
                            for n, shape in enumerate([SHAPES[3], SHAPES[10]])]}  # fmt: skip
    first = wb.dashboard(large(), asked)._repr_mimebundle_()
    large.cache_clear()
    second = wb.dashboard(large(), asked)._repr_mimebundle_()
    assert json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)


def test_each_component_says_its_day_rows_and_rule():
    item = {"type": "bar", "group": "stage", "report": REPORT, "id": "it"}
    board = wb.dashboard(large(), {"components": [item]}, as_of="2026-05-31")
    component = board["it"]
    assert component.reading().startswith("As of 2026-05-31, ")
    assert "rows used. Amounts in EUR, converted at the latest rate." in component.reading()
    assert "As of 2026-05-31" in json.dumps(board.block()["chart"])
    assert component.reading() in board._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize(
    ("components", "said"),
    [
        ([], "components"),
        ([{"type": "pie", "report": WON}], "components.1.type"),
        ([{"type": "gauge", "report": WON}], "rising order"),
        ([{"type": "gauge", "report": WON, "min": 3, "breakpoints": [2, 4], "max": 5}], "rising"),
        ([{"type": "scatter", "report": WON, "x": "amount"}], "x and y"),
        ([{"type": "bar", "report": WON, "series": "owner_id"}], "a series belongs to"),
        ([{"type": "stacked", "report": WON}], "no further group for series"),
        ([{"type": "bar", "report": WON, "group": "stge"}], "'stge' is not known"),
        ([{"type": "bar", "report": WON, "value": "amuont"}], "Did you mean 'amount'"),
        ([{"type": "bar", "report": "no_such_report"}], "no_such_report"),
        ([{"type": "bar", "report": {**WON, "rows": ["ownr"]}}], "Did you mean 'owner_id'"),
        ([{"type": "number", "report": WON, "id": "a"}] * 2, "two components are called a"),
        ([{"type": "number", "report": {"rows": ["stage"], "blocks": [WON]}}], "one block"),
    ],
)
def test_what_cannot_be_shown(components, said):
    with pytest.raises(ArgumentError, match=said):
        wb.dashboard(small(), {"components": components})


def test_a_filter_that_nothing_has_is_a_mistake():
    with pytest.raises(ArgumentError, match="no component has the field ownr"):
        wb.dashboard(small(), BOARD, filters={"ownr": "B"})
    with pytest.raises(ArgumentError, match="filters"):
        wb.dashboard(small(), BOARD, filters="owner_id")
    with pytest.raises(ArgumentError, match="component='br'"):
        wb.dashboard(small(), BOARD).members("br")
    with pytest.raises(ArgumentError, match="mark='C'"):
        wb.dashboard(small(), BOARD).members("bar", "C")


def test_what_these_data_cannot_answer_says_so_in_its_place():
    calls = {"type": "number", "id": "calls",
             "report": {"object": "activities", "values": ["count"]}}  # fmt: skip
    board = wb.dashboard(small(), {"components": [*BOARD["components"], calls]})
    assert board["calls"].report is None
    assert "no table activities" in board["calls"].reading()
    assert "3 of 4 components" in board.headline()


def test_seen_from_an_earlier_day_deals_stand_as_they_stood():
    deals = [
        deal("A", "Won", created="01-05", closed="03-10"),
        deal("B", "S2", created="01-06", amount=40.0),
        deal("C", "S1", created="03-01", amount=7.0),
    ]
    saves = [
        ("A", "01-05", "S1", {"amount": 60.0}), ("A", "03-10", "Won", {"amount": 100.0}),
        ("B", "01-06", "S1", {"amount": 40.0}), ("B", "02-20", "S2", {"amount": 40.0}),
    ]  # fmt: skip
    now = pipeline(deals, saves, as_of="2026-03-31")
    then = now.seen_at("2026-02-10")
    asked = {
        "object": "opportunities",
        "title": "Open",
        "filters": [["is_closed", "=", False]],
        "values": ["count", {"sum": "amount", "as": "amount"}],
    }
    for workspace, count, amount in ((now, 2, 47.0), (then, 2, 100.0)):
        told = wb.pipeline(workspace).total
        assert (told["open_deals"], told["open_amount"]) == (count, amount)
        line = wb.table_report(workspace, asked).frame.iloc[0].to_list()
        assert line[-2:] == [count, amount]
        board = {"title": "Now", "components": [{"id": "n", "type": "number", "report": asked}]}
        assert wb.dashboard(workspace, board).members("n", "all")["amount"].sum() == amount
    assert not now.looks_back
    assert then.looks_back
    stages = wb.view(then, {"object": "opportunities", "columns": ["opportunity_id", "stage"]})
    assert stages.frame.set_index("opportunity_id")["stage"].to_dict() == {"A": "S1", "B": "S1"}
    assert "as they stood then" in " ".join(stages.scope.notes)
