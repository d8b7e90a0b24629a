"""List views: the worked example, everything wrong at once, whose rows, boards, export."""

from __future__ import annotations

import csv
import re
from functools import cache

import numpy as np
import openpyxl
import pandas as pd
import pytest

import workbench as wb
from tests.sales.pipelines import deal, pipeline
from tests.worlds.company import HOSTILE
from workbench.errors import AbsentError, ArgumentError
from workbench.results.sheets import save_excel

AMOUNTS = [10.0, None, 30.0, 20.0, None]


@cache
def five(stage=("S1",) * 5):
    rows = [
        {**deal(f"O{n}", stage[n], amount=amount), "name": f"deal {n}"}
        for n, amount in enumerate(AMOUNTS)
    ]
    return pipeline(rows, as_of="2026-06-30")


def amounts(ws, **asked):
    frame = wb.view(ws, {"object": "opportunities", "columns": ["amount"], **asked}).frame
    return [None if np.isnan(value) else value for value in frame["amount"]]


def keys(ws, *filters, **asked):
    asked = {"object": "opportunities", "columns": ["opportunity_id"], "filters": filters, **asked}
    return list(wb.view(ws, asked).frame["opportunity_id"])


def test_nulls_come_last_both_ways():
    assert amounts(five(), sort=["-amount"]) == [30, 20, 10, None, None]
    assert amounts(five(), sort=["amount"]) == [10, 20, 30, None, None]
    assert amounts(five(), sort=[{"by": "amount", "order": "desc"}]) == [30, 20, 10, None, None]


def test_a_comparison_with_a_missing_value_is_unknown():
    ws = five(("S1", "S1", "S1", "Lost", "S1"))
    both = [["amount", ">", 15], ["stage", "!=", "Lost"]]
    assert amounts(ws, filters=both, sort=["amount"]) == [30]
    denied = {"filters": [["amount", ">", 15]], "logic": "NOT 1", "sort": ["amount"]}
    assert amounts(ws, **denied) == [10]
    assert amounts(ws, **denied, null_is_false=True) == [10, None, None]


def test_what_could_not_be_judged_is_counted():
    view = wb.view(five(), {"object": "opportunities", "filters": [["amount", ">", 15]]})
    assert view.counts == {"total": 5, "shown": 2, "unknown": 2}
    assert view.headline() == "opportunities: 2 of 5 opportunities"
    assert "2 more rows could not be judged" in view.scope.notes[0]


@pytest.mark.parametrize(
    ("logic", "said"),
    [
        ("1 AND 2", "filter 3 is not used"),
        ("1 AND 2 AND 3 AND 4", "there is no filter 4, only 1 to 3"),
        ("1 AND (2 OR 3) AND 2", "filter 2 is used more than once"),
        ("1 AND (2 OR 3", "a bracket is not closed"),
        ("1 2 3", "'2' stands where AND, OR or the end is expected"),
        ("1 XOR 2", "'XOR 2' cannot be read"),
        ("1 AND", "the end comes where a number is expected"),
        ("(" * 60 + "1" + ")" * 60, "more than 50 deep"),
    ],
)
def test_a_logic_string_uses_every_number_once(logic, said):
    with pytest.raises(ArgumentError, match="logic: ") as found:
        keys(five(), *[["amount", ">", n] for n in range(3)], logic=logic)
    assert said in str(found.value)


def test_everything_wrong_is_said_at_once_with_what_was_meant():
    asked = {
        "object": "opportunities",
        "filtres": [],
        "filters": [["nme", "=", 1], ["amount", "contains", "x"], ["is_won", ">", True],
                    ["created_at", ">", "LAST_N_DAY:3"], ["amount", "=", "ten"], ["name", "<"]],
        "logic": "1 AND 2",
        "columns": ["nmae"],
        "formulas": {"bad": "amount +", "sum": "name + 1", "loop": "loop + 1"},
        "sort": ["bad", "sum", "loop"],
    }  # fmt: skip
    with pytest.raises(ArgumentError) as found:
        wb.view(five(), asked)
    text = str(found.value)
    for part in (
        "'filtres' is not known. Did you mean 'filters'", "filters.1: 'nme' is not known",
        "Did you mean 'name'", "'contains' compares text, and amount holds number",
        "'>' does not go with true and false", "Did you mean 'LAST_N_DAYS:30'",
        "'ten' cannot be compared with amount, a number is needed", "'<' needs a value",
        "filter 3, 4, 5, 6 is not used", "columns.1: 'nmae'", "formula bad: the end comes",
        "formula sum:", "formula loop",
    ):  # fmt: skip
        assert part in text, part


def test_what_the_data_model_knows_and_these_data_lack_is_absent():
    with pytest.raises(AbsentError, match="these data do not hold next_step"):
        keys(five(), ["next_step", "empty"])
    with pytest.raises(AbsentError, match="these data have no table activities"):
        wb.view(five(), {"object": "activities"})
    view = wb.view(five(), {"object": "opportunities", "columns": ["name", "next_step"]})
    assert list(view.frame.columns) == ["name"]
    assert "do not hold next_step" in view.scope.notes[0]


@pytest.mark.parametrize("given", ["clsing_this_quarter", "", 3, None, "no/such.yaml"])
def test_an_unknown_definition_is_refused(given):
    with pytest.raises(ArgumentError):
        wb.view(five(), given)


def test_a_definition_that_is_no_mapping_is_refused(tmp_path):
    for text in ("- a\n- b\n", "a: [1\n", "\xff"):
        path = tmp_path / "bad.yaml"
        path.write_text(text, encoding="latin-1")
        with pytest.raises(ArgumentError):
            wb.view(five(), path)


USERS = pd.DataFrame(
    {
        "user_id": ["U1", "U2", "U3", "U4"],
        "name": ["Ann", "Bob", "Cyd", "Dan"],
        "team": ["East", "East", "West", "West"],
        "manager_id": [None, "U1", "U2", None],
    }
)


@cache
def owned():
    owners = ["U1", "U2", "U3", "U4", None, "Queue"]
    rows = [{**deal(f"O{n}"), "owner_id": owner} for n, owner in enumerate(owners)]
    return pipeline(rows, users=USERS, as_of="2026-06-30")


def test_scopes():
    ws = owned()

    def of(scope, user=None, **more):
        asked = {"object": "opportunities", "columns": ["opportunity_id"], "scope": scope, **more}
        return list(wb.view(ws, asked, user=user).frame["opportunity_id"])

    assert of("mine", "Ann") == ["O0"]
    assert of("team", "U1") == ["O0", "O1", "O2"]  # the team East, and Cyd who is led by Bob
    assert of("team", "U4") == ["O2", "O3"]
    assert of("queue") == ["O4", "O5"]
    assert of("queue", queue="Queue") == ["O5"]
    with pytest.raises(ArgumentError, match="'mine' needs user="):
        of("mine")
    with pytest.raises(ArgumentError, match="Did you mean"):
        of("mine", "Anne")


def test_private_and_group_views_are_for_their_readers():
    private = {"object": "opportunities", "sharing": "private", "owner": "U1"}
    assert len(wb.view(owned(), private, user="U1").frame) == 6
    assert len(wb.view(owned(), private).frame) == 6
    with pytest.raises(AbsentError, match="private to U1, not for U2"):
        wb.view(owned(), private, user="Bob")
    group = {"object": "opportunities", "sharing": "group", "groups": ["West"]}
    assert len(wb.view(owned(), group, user="Dan").frame) == 6
    with pytest.raises(AbsentError, match="for West"):
        wb.view(owned(), group, user="Ann")
    with pytest.raises(ArgumentError, match="needs an owner"):
        wb.view(owned(), {"object": "opportunities", "sharing": "private"})


def test_text_is_compared_without_case_and_width_only_when_asked():
    names = ["ＡＢＣ商事", "abc trading", "Straße", "STRASSE", "ｶﾌﾞ", "カブ", None]
    rows = [{**deal(f"O{n}"), "name": name} for n, name in enumerate(names)]
    ws = pipeline(rows, as_of="2026-06-30")
    assert keys(ws, ["name", "contains", "abc"]) == ["O1"]
    assert keys(ws, ["name", "contains", "abc"], ignore_case=True) == ["O0", "O1"]
    assert keys(ws, ["name", "=", "strasse"], ignore_case=True) == ["O2", "O3"]
    assert keys(ws, ["name", "starts with", "ｶ"], ignore_case=True) == ["O4", "O5"]
    assert keys(ws, ["name", "not contains", "abc"], ignore_case=True) == ["O2", "O3", "O4", "O5"]
    assert keys(ws, ["name", "contains", ["abc", "カ"]]) == ["O1", "O5"]
    assert keys(ws, ["name", "not in", ["Straße", "カブ"]]) == ["O0", "O1", "O3", "O4"]
    assert keys(ws, ["name", "empty"]) == ["O6"]
    assert keys(ws, ["name", "ends with", "ing"]) == ["O1"]


def test_hostile_names_are_names():
    column = 'x"; DROP TABLE opportunities; --.$v0'
    rows = [{**deal(f"O{n}"), column: value, HOSTILE[5]: value} for n, value in enumerate(HOSTILE)]
    ws = pipeline(rows, as_of="2026-06-30")
    for n, value in enumerate(HOSTILE):
        assert f"O{n}" in keys(ws, [column, "=", value])
        assert f"O{n}" in keys(ws, [HOSTILE[5], "contains", value[:5]], ignore_case=True)
    view = wb.view(ws, {"object": "opportunities", "columns": [column, "f"], "sort": [f"-{column}"],
                        "formulas": {"f": f"upper(`{column}`)"}})  # fmt: skip
    assert len(view.frame) == len(HOSTILE)
    assert 'DROP TABLE opportunities; --.$v0"' in view.sql
    assert len(wb.view(ws, {"object": "opportunities"}).frame) == len(HOSTILE)


def board_deals():
    stages = ["S1", "S2", "S2", "Won", "S1", "S9"]
    amounts = [100.0, 200.0, None, 50.0, 1.0, 7.0]
    return [{**deal(f"O{n}", s, amount=a), "currency": "EUR"}
            for n, (s, a) in enumerate(zip(stages, amounts, strict=True))]  # fmt: skip


def test_a_board_counts_and_adds_each_lane():
    asked = {"object": "opportunities", "board": {"lane": "stage", "sum": "amount"}}
    view = wb.view(pipeline(board_deals(), as_of="2026-06-30"), asked)
    frame = view.board().frame.set_index("lane")
    assert list(frame.index) == ["S1", "S2", "Won", "S9"]  # the catalogue does not hold S9
    assert frame["count"].to_dict() == {"S1": 2, "S2": 2, "Won": 1, "S9": 1}
    assert frame["amount"].to_dict() == {"S1": 101, "S2": 200, "Won": 50, "S9": 7}
    assert frame.loc["S2", "without_amount"] == 1
    for lane, row in frame.iterrows():
        assert len(view.board().members(lane)) == row["count"]
    with pytest.raises(ArgumentError, match="'S8'"):
        view.board().members("S8")


def test_a_board_never_adds_across_currencies():
    rows = [{**row, "currency": c} for row, c in zip(board_deals(), ["EUR", "USD"] * 3,
                                                       strict=True)]  # fmt: skip
    asked = {"object": "opportunities", "board": {"lane": "stage", "sum": "amount"}}
    with pytest.raises(ArgumentError, match="amounts in EUR, USD"):
        wb.view(pipeline(rows, as_of="2026-06-30"), asked).board()
    rates = pd.DataFrame({"currency": ["USD"], "valid_from": ["2026-01-01"], "rate": [2.0]})
    rates["valid_from"] = pd.to_datetime(rates["valid_from"]).dt.date
    ws = pipeline(rows, as_of="2026-06-30", fx_rates=rates,
                  settings={"currency": {"reporting": "EUR", "policy": "latest"}})  # fmt: skip
    board = wb.view(ws, asked).board()
    assert board.frame.set_index("lane").loc["S2", "amount"] == 100  # 200 USD at 2 for one EUR
    assert "EUR, converted at the latest rate" in board.reading()


def test_export_is_exactly_what_is_shown(tmp_path):
    rows = [{**deal(f"O{n}", amount=float(n)), "name": name} for n, name in enumerate(HOSTILE)]
    ws = pipeline(rows, as_of="2026-06-30")
    view = wb.view(ws, {"object": "opportunities", "columns": ["amount", "name", "created_at"],
                        "filters": [["amount", ">=", 2]], "sort": ["-amount"]})  # fmt: skip
    with view.export(tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as stream:
        read = list(csv.reader(stream))
    assert read[0] == ["amount", "name", "created_at"]
    assert [float(row[0]) for row in read[1:]] == list(view.frame["amount"]) == [7, 6, 5, 4, 3, 2]
    assert read[4][1] == f"'{HOSTILE[4]}"
    sheet = openpyxl.load_workbook(view.export(tmp_path / "rows.xlsx")).active
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[0] == ("amount", "name", "created_at")
    assert [line[0] for line in lines[1:]] == [7, 6, 5, 4, 3, 2]
    assert sheet.cell(row=5, column=2).value == f"'{HOSTILE[4]}"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    with pytest.raises(ArgumentError, match=r"\.csv or \.xlsx"):
        view.export(tmp_path / "rows.ods")
    with pytest.raises(ArgumentError, match="folder that exists"):
        view.export(tmp_path / "none" / "rows.xlsx")


def test_equal_frames_give_equal_bytes(tmp_path):
    frame = pd.DataFrame({"=a": ["=1+1", "x" * 3, None], "b": [1.5, float("inf"), None]})
    first = save_excel(frame, tmp_path / "a.xlsx").read_bytes()
    assert first == save_excel(frame, tmp_path / "b.xlsx").read_bytes()
    with pytest.raises(ArgumentError, match="32,766"):
        save_excel(pd.DataFrame({"a": ["x" * 40_000]}), tmp_path / "c.xlsx")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


def test_the_order_of_the_file_changes_nothing():
    rows = [{**deal(f"O{n}", amount=float(n % 3)), "name": "same"} for n in range(20)]
    asked = {"object": "opportunities", "sort": ["-amount"]}
    first = wb.view(pipeline(rows, as_of="2026-06-30"), asked).frame
    second = wb.view(pipeline(rows[::-1], as_of="2026-06-30"), asked).frame
    pd.testing.assert_frame_equal(first, second)


def test_it_asks_again_from_its_definition():
    asked = {"object": "opportunities", "filters": [["amount", ">", 15]], "sort": ["-amount"],
             "formulas": {"double": "amount * 2"}, "columns": ["double"]}  # fmt: skip
    view = wb.view(five(), asked)
    again = wb.view(five(), view.definition)
    pd.testing.assert_frame_equal(view.frame, again.frame)
    assert list(view.frame["double"]) == [60, 40]


def test_rows_created_later_are_not_there_yet():
    rows = [deal("O0", created="01-10"), deal("O1", created="03-10")]
    ws = pipeline(rows, as_of="2026-06-30")
    asked = {"object": "opportunities", "columns": ["opportunity_id"]}
    assert list(wb.view(ws, asked, as_of="2026-02-01").frame["opportunity_id"]) == ["O0"]


def test_all_rows_can_be_searched_without_a_request():
    rows = [{**deal(f"O{n}", amount=float(n)), "name": HOSTILE[n % 8]} for n in range(300)]
    ws = pipeline(rows, as_of="2026-06-30")
    shown = wb.view(ws, {"object": "opportunities", "columns": ["name", "amount"]}).interactive()
    assert repr(shown) == "Table of 300 rows"
    page = shown._repr_html_()
    assert HOSTILE[0] not in page
    assert HOSTILE[1] not in page
    assert "cdn" not in page[-20_000:].lower()
    assert not re.search(r"(src|href)=[\"']?https?://(?!itables\.org)", page[-200_000:])
    report = wb.table_report(ws, {"object": "opportunities", "rows": ["name"], "values": ["count"]})
    assert report.interactive().rows == 9
