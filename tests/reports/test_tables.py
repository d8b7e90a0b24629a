"""Cells as they are shown."""

from __future__ import annotations

import pytest

from tests.reports.notebooks import table
from workbench.reports.tables import read_table


def column(kind: str, values: list, **more) -> list[str]:
    """Return the shown texts of one column."""
    shown = read_table(table([("X", kind)], [[value] for value in values], **more))
    assert shown is not None
    return [row[0].text for row in shown.rows]


@pytest.mark.parametrize(
    ("kind", "values", "shown"),
    [
        ("count", [1234567, 0, None], ["1,234,567", "0", "–"]),
        ("share", [0.5778, 0, 1, None], ["57.8 %", "0.0 %", "100.0 %", "–"]),
        ("number", [1, 20], ["1", "20"]),
        ("number", [1.234, 20], ["1.23", "20.00"]),
        ("number", [0.01234], ["0.0123"]),
        ("number", [float("nan"), float("inf")], ["–", "–"]),
        ("money", [1234567.89, -5], ["1,234,568", "-5"]),
        ("number", [-0.00001, 1.5], ["0.00", "1.50"]),
        ("date", ["2026-03-31T00:00:00", None], ["2026-03-31", "–"]),
        ("date", ["2026-03-31T09:30:00+09:00"], ["2026-03-31 09:30 +09:00"]),
        ("duration", [86400 * 12, 86400], ["12", "1"]),
        ("duration", [90, 60], ["1.5", "1.0"]),
        ("text", ["", None, True, ["a", "b"], "<b>"], ["–", "–", "yes", "a, b", "<b>"]),
        ("count", ["n/a"], ["n/a"]),
        ("points", [0.27, -0.058, 0], ["+27.0", "-5.8", "0.0"]),
    ],
)  # fmt: skip
def test_values_are_shown_by_their_kind(kind, values, shown):
    assert column(kind, values) == shown


def test_the_unit_stands_in_the_header():
    shown = read_table(
        {
            "columns": [
                {"label": "Waiting", "kind": "duration"},
                {"label": "Value", "kind": "money", "unit": "JPY"},
                {"label": "Days", "kind": "number", "unit": "days"},
            ],
            "rows": [[86400 * 3, 5, 2]],
        }
    )
    assert [one.label for one in shown.columns] == ["Waiting (days)", "Value (JPY)", "Days"]


def test_the_exact_value_stays_beside_a_rounded_one():
    shown = read_table(table([("S", "share")], [[1 / 3], [0.5]]))
    assert float(shown.rows[0][0].exact) == pytest.approx(100 / 3)
    assert shown.rows[1][0].exact == ""


def test_short_rows_are_filled_and_cut_lists_are_said():
    shown = read_table(table([("A", "text"), ("B", "count")], [["x"]], total_rows=40, note="N."))
    assert shown.rows[0][1].missing
    assert shown.note == "N. The first 1 of 40 rows."


def test_only_whole_web_addresses_become_links():
    shown = read_table(
        table(
            [("A", "text")],
            [["https://example.org/a?b=1"], ["javascript:alert(1)"], ["see https://x.y"]],
        )
    )
    assert [row[0].href for row in shown.rows] == ["https://example.org/a?b=1", "", ""]


@pytest.mark.parametrize("block", [None, [], {}, {"columns": "x"}, {"rows": [[1]]}])
def test_what_is_no_table_is_none(block):
    found = read_table(block)
    assert found is None or not found.rows


def test_a_file_name_cannot_leave_its_folder():
    shown = read_table(table([("A", "text")], [["x"]], file_name="../../etc/passwd"))
    assert "/" not in shown.file_name
    assert shown.file_name.endswith("passwd.csv")
