"""Table reports: worked examples, formats, joins, money, and everything wrong at once."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.sales.pipelines import day, deal, pipeline
from tests.worlds.company import HOSTILE
from workbench.errors import AbsentError, ArgumentError


def calls(*owners):
    """One activity for each (deal, type)."""
    rows = [
        {
            "activity_id": f"C{n}",
            "opportunity_id": key,
            "type": kind,
            "start_at": day(f"01-{n + 10}"),
        }
        for n, (key, kind) in enumerate(owners)
    ]
    return pd.DataFrame(rows)


@cache
def fan():
    """A deal of 100 with three activities, a deal of 50 with none."""
    rows = [deal("O1", amount=100.0), deal("O2", amount=50.0)]
    return pipeline(rows, activities=calls(("O1", "call"), ("O1", "call"), ("O1", "mail")),
                    as_of="2026-06-30")  # fmt: skip


def report(ws, **asked):
    return wb.table_report(ws, {"object": "opportunities", **asked})


def lines(result, *names):
    frame = result.frame
    wanted = list(names or [c for c in frame.columns if c != "depth"])
    return [
        tuple(None if isinstance(v, float) and np.isnan(v) else v for v in row)
        for row in frame[wanted].itertuples(index=False)
    ]


FIGURES = ["count", {"sum": "amount"}, {"count": "activities"}, {"avg": "amount"}]


def test_a_join_that_repeats_rows_adds_each_deal_once():
    result = report(fan(), join=[{"with_or_without": "activities"}], values=FIGURES)
    assert lines(result) == [(4, 150.0, 3, 75.0)]
    assert "Joining repeats rows of opportunities; its figures count each row once." in (
        result.scope.notes
    )
    assert result.scope.events == 4


def test_with_without_and_either():
    values = ["count", {"sum": "amount"}]
    assert lines(report(fan(), join=[{"with": "activities"}], values=values)) == [(3, 100.0)]
    assert lines(report(fan(), join=[{"without": "activities"}], values=values)) == [(1, 50.0)]
    mails = [["type", "=", "mail"]]
    only = [{"with_or_without": "activities", "filters": mails}]
    assert lines(report(fan(), join=only, values=[*values, {"count": "activities"}])) == [
        (2, 150.0, 1)
    ]
    none = [{"without": "activities", "filters": [["type", "=", "visit"]]}]
    assert lines(report(fan(), join=none, values=values)) == [(2, 150.0)]


def test_a_deal_counts_once_in_each_group_and_once_in_the_total():
    result = report(fan(), join=[{"with": "activities"}], rows=["activities.type"], values=FIGURES)
    assert lines(result, "activities.type", "rows", "sum amount", "activities") == [
        ("call", 2, 100.0, 2), ("mail", 1, 100.0, 1), (None, 3, 100.0, 3),
    ]  # fmt: skip
    assert len(result.members({"activities.type": "call"}, value="sum amount")) == 1
    assert len(result.members({"activities.type": "call"}, value="rows")) == 2


def many():
    stages = ["S1", "S1", "S2", "Won", "Lost", "S1", "Won"]
    owners = ["Ann", "Bob", "Ann", "Ann", "Bob", None, "Bob"]
    amounts = [10.0, 20.0, 60.0, 5.0, None, 0.0, 100.0]
    closed = [None, None, None, "03-31", "04-01", None, "05-31"]
    return [
        {**deal(f"O{n}", s, amount=a, closed=c, created=f"0{n + 1}-01"), "owner_id": o,
         "currency": "EUR"}
        for n, (s, o, a, c) in enumerate(zip(stages, owners, amounts, closed, strict=True))
    ]  # fmt: skip


@cache
def world(month=1):
    return pipeline(many(), as_of="2026-08-31", settings={"fiscal_year": {"start_month": month}})


def test_subtotals_are_worked_out_from_the_rows():
    values = [{"avg": "amount"}, {"median": "amount"}, {"p90": "amount"}, "count"]
    result = report(world(), rows=["owner_id", "stage"], values=values)
    frame = result.frame
    total = frame[frame["depth"] == 0].iloc[0]
    held = [10, 20, 60, 5, 0, 100]
    assert total["avg amount"] == np.mean(held) != frame[frame["depth"] == 1]["avg amount"].mean()
    assert total["median amount"] == np.median(held)
    assert total["p90 amount"] == pytest.approx(np.quantile(held, 0.9))
    assert lines(result, "depth", "owner_id", "stage", "rows") == [
        (2, "Ann", "S1", 1), (2, "Ann", "S2", 1), (2, "Ann", "Won", 1), (1, "Ann", None, 3),
        (2, "Bob", "S1", 1), (2, "Bob", "Won", 1), (2, "Bob", "Lost", 1), (1, "Bob", None, 3),
        (2, "(empty)", "S1", 1), (1, "(empty)", None, 1), (0, None, None, 7),
    ]  # fmt: skip
    assert "1 row has no amount" in " ".join(result.scope.notes)


def test_formulas_are_worked_out_anew_at_each_level():
    values = [
        {"count": "opportunities", "filters": [["is_won", "=", True]], "as": "won"},
        {"count": "opportunities", "filters": [["is_closed", "=", True]], "as": "closed"},
        {"formula": "won / closed", "as": "win rate", "unit": "share"},
        {"formula": "if(closed > 1, `win rate` * 2, 0)", "as": "odd"},
    ]
    result = report(world(), rows=["owner_id"], values=values)
    assert lines(result) == [
        ("Ann", 1, 1, 1.0, 0.0), ("Bob", 1, 2, 0.5, 1.0), ("(empty)", 0, 0, None, 0.0),
        (None, 2, 3, pytest.approx(2 / 3), pytest.approx(4 / 3)),
    ]  # fmt: skip
    assert len(result.members({"owner_id": "Bob"}, value="closed")) == 2


def test_buckets_hold_their_lower_edge_and_the_last_one_both():
    buckets = {"size": {"field": "amount", "edges": [5, 20, 60]},
               "who": {"field": "owner_id", "lists": {"us": ["Ann", "Cyd"], "them": ["Eve"]},
                       "else": "others"}}  # fmt: skip
    result = report(world(), rows=["size"], buckets=buckets, values=["count"])
    assert lines(result) == [
        ("5 to under 20", 2), ("20 to 60", 2), ("else", 2), ("(empty)", 1), (None, 7),
    ]  # fmt: skip
    result = report(world(), rows=["who"], buckets=buckets, values=["count"])
    assert lines(result) == [("us", 3), ("them", 0), ("others", 3), ("(empty)", 1), (None, 7)]
    assert len(result.members({"who": "others"})) == 3
    assert result.members({"who": "them"}).empty


@pytest.mark.parametrize(
    ("month", "unit", "names"),
    [
        (1, "month", ["2026-03", "2026-04", "2026-05"]),
        (1, "quarter", ["2026-Q1", "2026-Q2"]),
        (2, "quarter", ["2026-Q1", "2026-Q2"]),
        (2, "fiscal_quarter", ["FY2026 Q1", "FY2026 Q2"]),
        (5, "fiscal_quarter", ["FY2025 Q4", "FY2026 Q1"]),
        (5, "fiscal_year", ["FY2025", "FY2026"]),
        (5, "year", ["2026"]),
        (1, "week", ["2026-03-30", "2026-05-25"]),
        (1, "day", ["2026-03-31", "2026-04-01", "2026-05-31"]),
    ],
)
def test_dates_by_units_of_the_calendar(month, unit, names):
    group = {"field": "closed_at", "by": unit, "name": "when"}
    result = report(world(month), rows=[group], values=["count"])
    assert list(result.frame["when"][:-1]) == [*names, "(empty)"]
    for name in names:
        shown = result.frame.set_index("when").loc[name, "rows"]
        assert len(result.members({"when": name})) == shown


def test_a_matrix_has_all_subtotals():
    values = ["count", {"sum": "amount"}]
    values = ["count", {"sum": "amount"}]
    result = report(world(), rows=["owner_id"], columns=["is_won"], values=values)
    table = result.table_frame()
    labels = [column.label for column in result.shown()]
    assert labels[0] == "owner_id"
    assert [text for text in labels[1:] if text.endswith("rows")] == [
        "no: rows", "yes: rows", "total: rows",
    ]  # fmt: skip
    by_label = table.set_axis(labels, axis=1).set_index("owner_id")
    assert by_label.loc["Total", "total: sum amount"] == 195
    assert by_label.loc["Bob", "yes: sum amount"] == 100
    assert by_label.loc["Ann", "total: rows"] == 3
    assert by_label.loc["(empty)", "yes: rows"] == 0


def test_blocks_stand_side_by_side_on_their_common_groups():
    ws = pipeline(many(), activities=calls(("O0", "call")).assign(owner_id="Cyd"),
                  as_of="2026-08-31")  # fmt: skip
    blocks = [
        {"title": "Deals", "object": "opportunities", "values": [{"sum": "amount"}]},
        {"title": "Calls", "object": "activities", "values": ["count"]},
    ]
    result = wb.table_report(ws, {"rows": ["owner_id"], "blocks": blocks})
    assert lines(result) == [
        ("Ann", 75.0, 0), ("Bob", 120.0, 0), ("Cyd", None, 1), ("(empty)", 0.0, 0),
        (None, 195.0, 1),
    ]  # fmt: skip
    assert len(result.members({"owner_id": "Cyd"}, block=1)) == 1


def test_groups_are_sorted_by_a_figure_within_their_group():
    result = report(world(), rows=["owner_id", "stage"], values=[{"sum": "amount"}],
                    sort=["-sum amount"])  # fmt: skip
    assert [x[:2] for x in lines(result, "owner_id", "stage") if x[1]] == [
        ("Bob", "Won"), ("Bob", "S1"), ("Bob", "Lost"), ("Ann", "S2"), ("Ann", "S1"),
        ("Ann", "Won"), ("(empty)", "S1"),
    ]  # fmt: skip


def test_amounts_of_several_currencies_need_a_policy():
    rows = [{**row, "currency": c} for row, c in zip(many(), ["EUR", "USD"] * 4, strict=False)]
    with pytest.raises(ArgumentError, match=r"values\.1: .*amounts in EUR, USD"):
        report(pipeline(rows, as_of="2026-08-31"), values=[{"sum": "amount"}])
    one = report(pipeline(rows, as_of="2026-08-31"), values=[{"sum": "amount"}],
                 filters=[["currency", "=", "USD"]])  # fmt: skip
    assert lines(one) == [(25.0,)]
    assert lines(report(pipeline(rows, as_of="2026-08-31"), values=["count"])) == [(7,)]
    rates = pd.DataFrame({"currency": ["USD"], "valid_from": [pd.Timestamp("2026-01-01").date()],
                          "rate": [2.0]})  # fmt: skip
    ws = pipeline(rows, as_of="2026-08-31", fx_rates=rates,
                  settings={"currency": {"reporting": "EUR", "policy": "latest"}})  # fmt: skip
    values = [{"sum": "amount"}, {"sum": "twice"}]
    result = report(ws, values=values, formulas={"twice": "amount * 2"})
    # EUR 10 + 60 + 0 + 100; USD 20 + 5 at two for one euro (the lost one has no amount).
    assert lines(result) == [(182.5, 365.0)]
    assert "Amounts are in EUR, converted at the latest rate." in result.reading()
    assert result.members(value="sum amount")["value"].sum() == 182.5


@pytest.fixture
def stock(tmp_path):
    """A workspace with a table that the data model does not know."""
    extra = pd.DataFrame({"sku": ["a", "b", "b"], "units": [1, 2, 3], "price": [1.5, 2.0, 4.0],
                          "currency": ["EUR", "EUR", "USD"], HOSTILE[0]: HOSTILE[:3]})  # fmt: skip
    extra.to_csv(tmp_path / "stock.csv", index=False)
    pd.DataFrame({"sku": ["a", "b"], "maker": ["x", "y"]}).to_csv(
        tmp_path / "makes.csv", index=False
    )
    path = tmp_path / "ours.yaml"
    path.write_text(
        "name: ours\nroot: .\ntables:\n"
        "  stock: {file: stock.csv, types: {units: integer, price: number},"
        " references: {sku: makes}}\n"
        "  makes: {file: makes.csv, key: sku}\n"
    )
    return wb.open(path)


def test_a_table_beside_the_data_model_is_reported_too(stock):
    asked = {"object": "stock", "rows": ["sku"], "values": [{"sum": "units"}]}
    assert lines(wb.table_report(stock, asked)) == [("a", 1), ("b", 5), (None, 6)]
    joined = {**asked, "join": [{"with": "makes"}], "rows": ["maker"]}
    assert lines(wb.table_report(stock, joined)) == [("x", 1), ("y", 5), (None, 6)]
    looked_up = {**asked, "rows": ["sku.maker"]}
    assert lines(wb.table_report(stock, looked_up)) == [("x", 1), ("y", 5), (None, 6)]
    hostile = wb.table_report(stock, {**asked, "rows": [HOSTILE[0]]})
    assert len(hostile.members({HOSTILE[0]: HOSTILE[1]})) == 1


def test_amounts_of_other_tables_are_named_by_the_definition(stock):
    asked = {"object": "stock", "values": [{"sum": "price"}], "money": {"price": "currency"}}
    with pytest.raises(ArgumentError, match="amounts in EUR, USD"):
        wb.table_report(stock, asked)
    euros = wb.table_report(stock, {**asked, "filters": [["currency", "=", "EUR"]]})
    assert lines(euros) == [(3.5,)]
    with pytest.raises(ArgumentError, match="stock has no column coin"):
        wb.table_report(stock, {**asked, "money": {"price": "coin"}})
    plain = wb.table_report(stock, {"object": "stock", "values": [{"sum": "price"}]})
    assert "price is added as plain numbers" in " ".join(plain.scope.notes)


def test_everything_wrong_is_said_at_once():
    asked = {
        "join": [{"with": "acivities"}, {"with": "accounts", "without": "people"}],
        "rows": ["stge", {"field": "stage", "by": "month"}],
        "values": [{"sum": "name"}, {"summ": "amount"}, {"count": "dels"}, {"p120": "amount"}],
        "buckets": {"size": {"field": "amount", "edges": [3, 2]}},
        "colour": "red",
    }
    with pytest.raises(ArgumentError) as found:
        report(world(), **asked)
    text = str(found.value)
    for part in ("join.2", "values.2.summ", "Did you mean 'sum'", "rising numbers", "colour"):
        assert part in text, part
    asked = {
        "join": [{"with": "acivities"}],
        "rows": ["stge", {"field": "stage", "by": "month"}],
        "values": [{"sum": "stage"}, {"count": "dels"}, {"formula": "rws / 2"},
                   {"formula": "later", "as": "a"}, {"count": "rows", "as": "later"}],
        "sort": ["-amnt"],
    }  # fmt: skip
    with pytest.raises(ArgumentError) as found:
        report(world(), **asked)
    text = str(found.value)
    for part in ("join.1", "rows.1", "Did you mean 'stage'", "'by' needs dates", "'sum' needs a",
                 "values.2", "values.3", "stands after the formula", "sort.1"):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"values": ["count"], "join": [{"with": "accounts"}] * 4}, "join"),
        ({"format": "matrix", "rows": ["stage"], "values": ["count"]}, "does not go with"),
        ({"values": ["count", "count"]}, "two values are called 'rows'"),
        ({"rows": ["stage", "stage"], "values": ["count"]}, "two groups are called the same"),
        ({"rows": ["stage"], "values": [{"sum": "amount", "as": "stage"}]}, "name of a group"),
        ({"trend": {"period": "2026"}, "values": ["count"]}, "opportunity_history"),
        ({"values": [{"distinct": "x", "sum": "y"}]}, "needs one of"),
        ({"values": [{"formula": "__import__('os')"}]}, "is not known"),
        ({"values": ["count", {"formula": "rows; DROP TABLE opportunities"}]}, "cannot be read"),
    ],
)
def test_what_cannot_be_reported(asked, said):
    with pytest.raises(ArgumentError, match=said):
        report(world(), **asked)


def test_export_is_exactly_the_frame(tmp_path):
    result = report(world(), rows=["owner_id"], values=["count", {"sum": "amount"}])
    with result.export(tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        read = list(csv.reader(stream))
    assert read[0] == list(result.frame.columns)
    assert [row[1] for row in read[1:]] == ["Ann", "Bob", "(empty)", ""]


def test_a_table_of_the_data_model_that_is_not_there_is_absent():
    with pytest.raises(AbsentError, match="these data have no table activities"):
        wb.table_report(world(), {"object": "activities", "values": ["count"]})


def test_members_of_unknown_groups_are_refused():
    result = report(world(), rows=["owner_id"], values=["count"])
    with pytest.raises(ArgumentError, match=r"owner_id='An'.*'Ann'"):
        result.members({"owner_id": "An"})
    with pytest.raises(ArgumentError, match="groups='owner'"):
        result.members({"owner": "Ann"})
    with pytest.raises(ArgumentError, match="value='sum'"):
        result.members(value="sum")
    with pytest.raises(ArgumentError, match="block=1"):
        result.members(block=1)


def test_further_filters_stay_in_the_definition():
    asked = {"values": ["count"], "filters": [["amount", ">", 50], ["amount", "<", 8]]}
    asked["logic"] = "1 OR 2"
    first = wb.table_report(world(), {"object": "opportunities", **asked},
                            where=[["owner_id", "=", "Ann"]])  # fmt: skip
    assert lines(first) == [(2,)]
    assert first.definition["logic"] == "(1 OR 2) AND 3"
    assert lines(wb.table_report(world(), first.definition)) == [(2,)]


def test_looking_back_says_what_it_does_not_change():
    asked = {"object": "opportunities", "values": ["count"]}
    back = wb.table_report(world(), asked, as_of="2026-03-15")
    assert lines(back) == [(3,)]
    assert "values are those of the table now" in " ".join(back.scope.notes)
    assert "those of the table now" in " ".join(
        wb.view(world(), {"object": "opportunities"}, as_of="2026-03-15").scope.notes
    )
