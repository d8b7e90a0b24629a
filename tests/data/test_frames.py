"""Frames, relations and paths give the same event view as files do, without a copy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.data.small import balanced, found, rows
from workbench.data import UnusableDataError, event_frame, load_frames
from workbench.errors import ArgumentError


@pytest.fixture
def events() -> pd.DataFrame:
    times = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]).tz_localize("UTC")
    return pd.DataFrame(
        {
            "account_id": ["a", "b", None],
            "occurred_at": times,
            "event": ["x", "y", "z"],
            "buying_group_id": ["g", None, "h"],
            "visits": pd.array([1, 2, 3], dtype="int32"),
            "known": [True, False, True],
        }
    )


def _forms(frame: pd.DataFrame, folder: Path) -> dict[str, Any]:
    path = folder / "events.parquet"
    frame.to_parquet(path)
    return {
        "pandas": frame,
        "polars": pl.from_pandas(frame),
        "pyarrow": pa.Table.from_pandas(frame, preserve_index=False),
        "relation": duckdb.sql(f"SELECT * FROM read_parquet('{path}')"),
        "path": path,
        "text path": str(path),
    }


@pytest.mark.parametrize("form", ["pandas", "polars", "pyarrow", "relation", "path", "text path"])
def test_every_form_gives_the_same_view(events: pd.DataFrame, tmp_path: Path, form: str) -> None:
    given = _forms(events, tmp_path)[form]
    accounts = pd.DataFrame({"account_id": ["a", "b"], "parent_account_id": ["b", None]})
    data = load_frames(events=given, accounts=accounts, cache=tmp_path / "cache")
    query = (
        "SELECT account_id, occurred_at::VARCHAR, event, buying_group_id, global_account_id, "
        "visits, known FROM touchpoints ORDER BY 1"
    )
    assert rows(data, query) == [
        ("a", "2024-01-01 00:00:00+00", "x", ["g"], "b", 1, True),
        ("b", "2024-01-02 00:00:00+00", "y", None, "b", 2, False),
    ]
    assert found(data, "without account, time or name")[0].count == 1
    assert data.as_of.isoformat() == "2024-01-02T00:00:00+00:00"
    kinds = {column.name: column.type for column in data.tables["touchpoints"].columns}
    assert (kinds["visits"], kinds["known"], kinds["buying_group_id"]) == (
        "integer",
        "boolean",
        "list",
    )
    balanced(data)


def test_fingerprints_follow_content_not_order(events: pd.DataFrame, tmp_path: Path) -> None:
    first = load_frames(events=events)
    assert load_frames(events=events.iloc[::-1]).fingerprint == first.fingerprint
    assert load_frames(events=events.assign(event="x")).fingerprint != first.fingerprint
    other = load_frames(events=events, settings={"report_tz": "Asia/Tokyo"})
    assert other.fingerprint != first.fingerprint


def test_files_keep_their_cache_folder(events: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    events.to_parquet(path)
    first = load_frames(events=path, cache=tmp_path / "cache")
    second = load_frames(events=path, cache=tmp_path / "cache")
    assert first.directory == second.directory
    assert first.directory.parent == tmp_path / "cache"


def test_tables_without_events_use_the_built_in_rules() -> None:
    deals = pd.DataFrame(
        {"opportunity_id": [1, 2], "account_id": ["a", "a"], "created_at": ["2024-01-01", "soon"]}
    )
    data = load_frames(opportunities=deals)
    assert rows(data, "SELECT event, opportunity_id FROM touchpoints") == [
        ("opportunity_created", "1")
    ]
    assert found(data, "cannot be read as instant")[0].value == "soon"


def test_times_without_zone_are_asked_about(events: pd.DataFrame) -> None:
    naive = events.assign(occurred_at=events["occurred_at"].dt.tz_localize(None))
    with pytest.raises(UnusableDataError, match=r"source_tz': 'UTC'"):
        load_frames(events=naive)
    data = load_frames(events=naive, settings={"source_tz": "Asia/Tokyo"})
    query = "SELECT min(occurred_at)::VARCHAR FROM touchpoints"
    assert rows(data, query) == [("2023-12-31 15:00:00+00",)]


def test_dates_and_text_as_times(events: pd.DataFrame) -> None:
    days = events.assign(occurred_at=events["occurred_at"].dt.date)
    query = "SELECT min(occurred_at)::VARCHAR, bool_and(date_only) FROM touchpoints"
    assert rows(load_frames(events=days), query) == [("2024-01-01 23:59:59+00", True)]
    texts = events.assign(occurred_at=["2024-01-01T10:00:00Z", "nonsense", None])
    data = load_frames(events=texts)
    assert rows(data, "SELECT account_id FROM touchpoints") == [("a",)]
    assert found(data, "without account, time or name")[0].count == 2


def test_refusals_name_the_argument(events: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="events: the column event is missing"):
        load_frames(events=events.drop(columns="event"))
    with pytest.raises(ArgumentError, match="Did you mean 'accounts'"):
        load_frames(events=events, account=events)
    with pytest.raises(ArgumentError, match="Did you mean 'report_tz'"):
        load_frames(events=events, settings={"report_tzz": "UTC"})
    with pytest.raises(ArgumentError, match=r"there is no file .*no\.parquet"):
        load_frames(events=tmp_path / "no.parquet")
    with pytest.raises(ArgumentError, match="a pandas, polars or pyarrow table"):
        load_frames(events=3)
    with pytest.raises(ArgumentError, match="Give events="):
        load_frames()
    with pytest.raises(ArgumentError, match="accounts: the column account_id is missing"):
        load_frames(accounts=pd.DataFrame({"name": ["x"]}))


def test_no_events_at_all(events: pd.DataFrame) -> None:
    data = load_frames(events=events.iloc[:0])
    assert rows(data, "SELECT count(*) FROM touchpoints") == [(0,)]
    assert data.as_of.isoformat() == "1970-01-01T00:00:00+00:00"


def test_an_unchanged_events_file_is_not_counted_again(tmp_path, monkeypatch):
    path = tmp_path / "events.parquet"
    frame = pd.DataFrame(
        {
            "account_id": ["A", None],
            "occurred_at": pd.to_datetime(["2026-01-01", "2026-01-02"], utc=True),
            "event": ["a", "b"],
        }
    )
    frame.to_parquet(path)
    first = load_frames(events=path, cache=tmp_path / "cache")
    with monkeypatch.context() as patched:
        patched.setattr(event_frame, "_counts", lambda *_: pytest.fail("counted again"))
        second = load_frames(events=path, cache=tmp_path / "cache")
    assert second.findings == first.findings
    assert second.balance.equals(first.balance)
    assert second.as_of == first.as_of
    assert len(second.connection.sql("SELECT event FROM touchpoints").fetchall()) == 1
    pd.concat([frame, frame.assign(event="c")]).to_parquet(path)
    changed = load_frames(events=path, cache=tmp_path / "cache")
    assert changed.balance["read"].tolist() == [4]
