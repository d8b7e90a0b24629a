"""Tables as plain data, and CSV that no spreadsheet runs."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from workbench.errors import ArgumentError
from workbench.results.tables import Column, as_text, defused, plain_table, save_csv

VALUES = [1, np.int64(2), 2.5, np.float32(0.5), float("nan"), float("inf"), None, pd.NA, pd.NaT,
          Decimal("1.5"), True, "text", "", date(2026, 1, 2), datetime(2026, 1, 2, 20, tzinfo=UTC),
          pd.Timestamp("2026-01-02"), pd.Timedelta(days=1), [1, 2], {"a": 1}]  # fmt: skip


@pytest.mark.parametrize("kind", ["text", "count", "number", "share", "money", "date", "duration"])
def test_every_cell_is_plain_and_has_a_text(kind):
    frame = pd.DataFrame({"x": pd.Series(VALUES, dtype=object)})
    table = plain_table(frame, [Column("x", "X", kind, "JPY")], zone="Asia/Tokyo")
    again = json.loads(json.dumps(table, allow_nan=False))
    assert again == table
    cells = [row[0] for row in table["rows"]]
    assert all(isinstance(as_text(cell, kind, "JPY"), str) for cell in cells)
    assert [cells[4], *cells[6:9]] == [None] * 4
    assert cells[5] == ("inf" if kind == "text" else None)
    assert cells[14] == "2026-01-03"  # in Tokyo
    if kind == "count":
        assert cells[:3] == [1, 2, 2]
    assert table["columns"] == [{"name": "x", "label": "X", "kind": kind, "unit": "JPY"}]


def test_only_so_many_rows_and_the_number_there_were():
    frame = pd.DataFrame({"x": range(30)})
    table = plain_table(frame, [Column("x", "X", "count")], most=20, file_name="a.csv", note="n")
    assert (len(table["rows"]), table["total_rows"]) == (20, 30)
    assert (table["file_name"], table["note"]) == ("a.csv", "n")
    assert plain_table(frame.head(0), [Column("x", "X")])["rows"] == []


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u3000＝1", "＠x",
            "\ufeff=1"]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_defused(text):
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("value", ["a=1", "", "a", -1, None, "会社"])
def test_other_values_stay(value):
    assert defused(value) == value


def test_a_csv_holds_what_the_frame_holds(tmp_path):
    hostile = [*FORMULAS, 'say "hi", or; not', "line\nbreak", "日本語 العربية 🏭", "half \ud800"]
    names = pd.Series(hostile, dtype=object)
    frame = pd.DataFrame({"=name": names, "n": [1.5, np.nan, *range(len(hostile) - 2)]})
    path = save_csv(frame, tmp_path / "list.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    assert header == ["'=name", "n"]
    assert [row[0] for row in rows[: len(FORMULAS)]] == [f"'{text}" for text in FORMULAS]
    assert [row[0] for row in rows[len(FORMULAS) :]] == [*hostile[len(FORMULAS) : -1], "half ?"]
    assert rows[1][1] == ""
    assert [p.name for p in tmp_path.iterdir()] == ["list.csv"]


def test_a_csv_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "list.csv"
    save_csv(pd.DataFrame({"x": [1]}), path)
    before = path.read_bytes()

    class Full:
        def __str__(self) -> str:
            raise OSError(28, "No space left on device")

    with pytest.raises(ArgumentError) as refused:
        save_csv(pd.DataFrame({"x": [2, Full()]}), path)
    assert str(refused.value) == (
        f"path='{path}' cannot be used. Allowed: a place that can be written. "
        "No space left on device."
    )
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["list.csv"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    for path in (tmp_path / "no" / "list.csv", tmp_path):
        with pytest.raises(ArgumentError, match="path="):
            save_csv(pd.DataFrame({"x": [1]}), path)
