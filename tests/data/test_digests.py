"""Digests of tables: the same for the same contents, whatever their order."""

from __future__ import annotations

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

import workbench as wb
from workbench.data.digests import table_digests


def digest_of(frame: pd.DataFrame) -> dict:
    """The digest of a frame as a table."""
    connection = duckdb.connect()
    connection.register("given", pa.Table.from_pandas(frame, preserve_index=False))
    connection.execute('create table "odd ""name" as select * from given')
    return table_digests(connection, ['odd "name'])['odd "name']


FRAME = pd.DataFrame({"a": ["x", "y", None], "n": [1.5, None, 3.0]})


def test_the_order_of_rows_makes_no_difference():
    assert digest_of(FRAME) == digest_of(FRAME.iloc[::-1])
    assert digest_of(FRAME)["rows"] == 3


@pytest.mark.parametrize(
    "other",
    [
        FRAME.assign(n=[1.5, 0.0, 3.0]),
        FRAME.iloc[:2],
        pd.concat([FRAME, FRAME, FRAME]),
        FRAME.assign(a=["y", "x", None]),
    ],
)
def test_other_contents_have_another_digest(other):
    assert digest_of(other)["digest"] != digest_of(FRAME)["digest"]


def test_a_table_without_rows_has_one_too():
    assert digest_of(FRAME.iloc[:0])["rows"] == 0


def test_a_workspace_tells_its_tables():
    days = pd.to_datetime(["2026-01-01", "2026-01-02"], utc=True)
    events = pd.DataFrame({"account_id": ["A", "B"], "occurred_at": days, "event": ["mql", "won"]})
    accounts = pd.DataFrame({"account_id": ["A", "B"], "name": ["Acme", "Bolt"]})
    first = wb.from_frames(events=events, accounts=accounts).digests()
    again = wb.from_frames(events=events, accounts=accounts.iloc[::-1]).digests()
    changed = wb.from_frames(events=events, accounts=accounts.assign(name="x")).digests()
    assert first["accounts"] == again["accounts"]
    assert first["accounts"]["rows"] == changed["accounts"]["rows"] == 2
    assert first["accounts"]["digest"] != changed["accounts"]["digest"]
    assert "touchpoints" not in first
