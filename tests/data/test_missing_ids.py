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


def test_words_for_nothing_in_a_file_of_events_that_is_opened_again(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "account_id": ["a1", "#N/A", "a2"],
            "person_id": ["nan", "p", "p"],
            "event": ["x"] * 3,
            "occurred_at": pd.date_range("2024-01-01", periods=3, tz="UTC"),
        }
    )
    frame.to_parquet(tmp_path / "events.parquet")
    query = "SELECT account_id, person_id FROM touchpoints ORDER BY 1"
    for _ in range(2):
        data = load_frames(events=tmp_path / "events.parquet", cache=tmp_path / "cache")
        assert rows(data, query) == [("a1", None), ("a2", "p")]
        assert len(found(data, "A word for nothing")) == 2
        balanced(data)


def test_a_needed_identifier_of_a_log_that_stays_where_it_is(tmp_path: Path) -> None:
    people = pd.DataFrame({"activity_id": ["x1", "null", "x2"], "person_id": ["p", "p", "-"]})
    people.to_parquet(tmp_path / "who.parquet")
    data = loaded(tmp_path, {"activity_participants": {"file": "who.parquet"}})
    query = "SELECT activity_id, person_id FROM activity_participants ORDER BY 1"
    assert rows(data, query) == [("x1", "p"), ("x2", None)]
    assert found(data, "A needed value is missing")[0].count == 1
    assert [one.column for one in found(data, "A word for nothing")] == ["person_id"]
    balanced(data)
