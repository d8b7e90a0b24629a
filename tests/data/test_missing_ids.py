"""Words for nothing, and errors of a spreadsheet, are no identifiers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.data.small import balanced, found, loaded, one_file, rows
from workbench.data import load_frames


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_words_for_nothing_are_no_identifiers(tmp_path: Path, ending: str) -> None:
    frame = pd.DataFrame(
        {
            "event_id": ["e1", "e2", "e3", "e4", "e5"],
            "account_id": ["a1", "#N/A", "NA", "a1", "a1"],
            "person_id": ["p1", "p2", "null", "-", "#REF!"],
            "event": ["x"] * 5,
            "occurred_at": pd.date_range("2024-01-01", periods=5, tz="UTC"),
        }
    )
    path = tmp_path / f"web_events.{ending}"
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path)
    data = loaded(tmp_path, {"web_events": {"file": path.name}})
    query = "SELECT event_id, account_id, person_id FROM web_events ORDER BY 1"
    kept = [row for row in rows(data, query) if row[1]]
    assert kept == [("e1", "a1", "p1"), ("e3", "NA", None), ("e4", "a1", None), ("e5", "a1", None)]
    noted = {one.column: one for one in found(data, "A word for nothing")}
    assert (noted["person_id"].count, noted["person_id"].level) == (3, "note")
    assert noted["account_id"].value == "#N/A"
    balanced(data)


def test_a_key_that_is_a_word_for_nothing_sets_its_row_aside(tmp_path: Path) -> None:
    content = "account_id,name\na1,One\n#N/A,Two\n"
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    assert rows(data, "SELECT account_id FROM accounts") == [("a1",)]
    missing = found(data, "A needed value is missing")[0]
    assert (missing.row, missing.value) == (3, "#N/A")
    balanced(data)


def test_words_for_nothing_in_a_frame_of_events() -> None:
    frame = pd.DataFrame(
        {
            "account_id": ["a1", "#N/A", "a2"],
            "person_id": ["nan", "p", "p"],
            "event": ["x"] * 3,
            "occurred_at": pd.date_range("2024-01-01", periods=3, tz="UTC"),
        }
    )
    data = load_frames(events=frame)
    assert rows(data, "SELECT account_id, person_id FROM touchpoints ORDER BY 1") == [
        ("a1", None),
        ("a2", "p"),
    ]
    assert {one.column: one.count for one in found(data, "A word for nothing")} == {
        "account_id": 1,
        "person_id": 1,
    }
