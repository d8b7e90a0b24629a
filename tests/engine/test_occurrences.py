"""The index of events: the same rows as a walk over all of them, whole or not there at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench.engine.occurrences import COLUMN, PARTS, occurrences
from workbench.engine.touches.collected import found


@pytest.fixture
def workspace(tmp_path):
    draw = np.random.default_rng(7)
    number = 4_000
    return wb.from_frames(
        events=pd.DataFrame(
            {
                "account_id": [f"A{n}" for n in draw.integers(0, 60, number)],
                "person_id": [None if n == 0 else f"P{n}" for n in draw.integers(0, 200, number)],
                "occurred_at": pd.Timestamp("2026-01-01", tz="UTC")
                + pd.to_timedelta(draw.integers(0, 5_000, number), unit="s"),
                "event": [f"e{n}" for n in draw.integers(0, 7, number)],
            }
        ),
        cache=tmp_path,
    )


def walked(store, stream, wanted, start, end):
    """What a walk over every row finds."""
    codes, last = store.column(COLUMN), len(stream)
    return found(codes, wanted, store.times, stream.rows, stream.offsets, 0, last, start, end)


@pytest.mark.parametrize("container", ["account", "person"])
@pytest.mark.parametrize("names", [(), ("e3",), ("e5", "e0", "e6")])
def test_the_index_finds_what_a_walk_finds(workspace, container, names):
    store, stream = workspace.events, workspace.events.stream(container)
    wanted = np.append(np.isin(store.dictionary(COLUMN).to_pylist(), names), False)
    start, end = int(np.quantile(store.times, 0.2)), int(np.quantile(store.times, 0.7))
    index = occurrences(store, stream, store.column(COLUMN))
    for ours, theirs in zip(
        index.found(wanted, start, end), walked(store, stream, wanted, start, end), strict=True
    ):
        assert ours.tolist() == theirs.tolist()
    inside = np.isin(store.values_at(COLUMN, stream.row_at(np.arange(stream.offsets[-1]))), names)
    assert index.counted(wanted) == inside.sum()


def test_an_index_is_written_once_and_read_again(workspace):
    store = workspace.events
    stream = store.stream("account")
    first = occurrences(store, stream, store.column(COLUMN))
    files = [store.directory / f"account.by_{COLUMN}.{part}.npy" for part in PARTS]
    written = [file.stat().st_mtime_ns for file in files]
    store.indices.clear()
    again = occurrences(store, stream, store.column(COLUMN))
    assert again.places.tolist() == first.places.tolist()
    assert [file.stat().st_mtime_ns for file in files] == written
    assert not list(store.directory.glob(".index-*"))


def test_a_broken_index_is_made_again(workspace):
    store = workspace.events
    stream = store.stream("account")
    expected = occurrences(store, stream, store.column(COLUMN)).places.tolist()
    (store.directory / f"account.by_{COLUMN}.places.npy").write_bytes(b"half")
    store.indices.clear()
    assert occurrences(store, stream, store.column(COLUMN)).places.tolist() == expected


def test_a_folder_that_cannot_be_written_costs_only_speed(workspace, monkeypatch):
    def refused(*args, **kwargs):
        raise PermissionError("read-only")

    asked = {"conversion": "e1", "dimension": "event", "model": "linear"}
    expected = wb.attribution(workspace, **asked).frame
    store = workspace.events
    store.indices.clear()
    for part in PARTS:
        (store.directory / f"account.by_{COLUMN}.{part}.npy").unlink()
    monkeypatch.setattr("workbench.engine.occurrences.tempfile.TemporaryDirectory", refused)
    assert occurrences(store, store.stream("account"), store.column(COLUMN)) is None
    assert wb.attribution(workspace, **asked).frame.equals(expected)


def test_conditions_on_more_than_the_event_have_no_index(workspace):
    store = workspace.events
    assert occurrences(store, store.stream("account"), store.column("person_id")) is None
