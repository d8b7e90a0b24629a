"""The workspace: as of when, which attribute, which name, and every kind of table it is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench.errors import ArgumentError
from workbench.vocabulary.conditions import condition_from

EVENTS = pd.DataFrame(
    {
        "account_id": ["A", "A", "B", "B", "C"],
        "person_id": ["p1", "p2", "p1", None, "p3"],
        "opportunity_id": [None, "o1", None, "o2", None],
        "occurred_at": pd.to_datetime(
            ["2026-01-01 10:00", "2026-01-31 14:59", "2026-01-31 15:00", "2026-02-01 09:00",
             "2026-03-01 00:00"], utc=True,
        ),
        "event": ["lead", "won", "lead", "won", "lead"],
    }
)  # fmt: skip
ACCOUNTS = pd.DataFrame(
    {
        "account_id": ["A", "B", "X"],
        "name": ["Acme", None, "Nobody"],
        "industry": ["Software", "Paper", "None"],
        "employees": [10, None, 7],
        'a "b" c': ["quoted", "q2", "q3"],
        "customer": [True, False, None],
    }
)
PEOPLE = pd.DataFrame(
    {
        "person_id": ["p1", "p2"],
        "account_id": ["A", "A"],
        "first_name": ["Ada", None],
        "last_name": ["Byron", "Hopper"],
        "title": ["CTO", "CFO"],
        "industry": ["of a person", "of a person"],
    }
)
OPPORTUNITIES = pd.DataFrame(
    {"opportunity_id": ["o1", "o2"], "account_id": ["A", "B"], "name": ["Deal", " "],
     "title": ["of a deal", "of a deal"]}
)  # fmt: skip
TOKYO = {"report_tz": "Asia/Tokyo"}


@pytest.fixture(scope="module")
def ws():
    return wb.from_frames(
        events=EVENTS, accounts=ACCOUNTS, people=PEOPLE, opportunities=OPPORTUNITIES, settings=TOKYO
    )


def reached(workspace, **options) -> list[int]:
    return wb.fallout(workspace, steps=["lead", "won"], **options).frame["reached"].tolist()


def parquet(folder):
    EVENTS.to_parquet(folder / "events.parquet")
    return folder / "events.parquet"


def polars(folder):
    return pytest.importorskip("polars").from_pandas(EVENTS)


def arrow(folder):
    return pytest.importorskip("pyarrow").Table.from_pandas(EVENTS)


FORMS = {
    "pandas": lambda folder: EVENTS,
    "polars": polars,
    "arrow": arrow,
    "relation": lambda folder: duckdb.from_arrow(arrow(folder)),
    "path": parquet,
    "path as text": lambda folder: str(parquet(folder)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_table_gives_the_same(form, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    workspace = wb.from_frames(events=FORMS[form](tmp_path), settings=TOKYO)
    assert reached(workspace) == [3, 3, 2]
    assert reached(workspace, container="person") == [3, 2, 0]
    assert workspace.events.stream("person").dropped_null_key == 1
    assert repr(workspace) == "Workspace('frames', events only, as of 2026-03-01)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31", "2026-01-31T14:59:59.999999"),  # the day ends at 15:00 UTC in Tokyo
        (date(2026, 1, 31), "2026-01-31T14:59:59.999999"),
        ("2026-01", "2026-01-31T14:59:59.999999"),
        (2026, "2026-12-31T14:59:59.999999"),
        ("2026-01-31T15:00:00Z", "2026-01-31T15:00:00"),
        ("2026-02-01T00:00:00+09:00", "2026-01-31T15:00:00"),
        (datetime(2026, 1, 31, 15, tzinfo=UTC), "2026-01-31T15:00:00"),
        (pd.Timestamp("2026-02-01", tz="Asia/Tokyo"), "2026-01-31T15:00:00"),
        (None, "2026-03-01T00:00:00"),
        ("", "2026-03-01T00:00:00"),
    ],
)
def test_as_of(value, expected):
    workspace = wb.from_frames(events=EVENTS, settings=TOKYO, as_of=value)
    assert workspace.as_of == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_nothing_after_as_of_is_seen():
    at_noon = wb.from_frames(events=EVENTS, settings=TOKYO, as_of="2026-01-31")
    later = wb.from_frames(events=EVENTS, settings=TOKYO, as_of="2026-01-31T15:00:00Z")
    before = wb.from_frames(events=EVENTS, settings=TOKYO, as_of="2020-01-01")
    assert [reached(w) for w in (at_noon, later, before)] == [[1, 1, 1], [2, 2, 1], [0, 0, 0]]
    won = wb.segment("won", where="won")
    assert reached(later, segment=won) == [1, 1, 1]


@pytest.mark.parametrize(
    "value",
    ["soon", "2026-13-01", "2026-01-31T10:00", "2026-01..", datetime(2026, 1, 1), "last 9 days",
     5.5],
)  # fmt: skip
def test_what_as_of_cannot_be(value):
    with pytest.raises(ArgumentError) as refused:
        wb.from_frames(events=EVENTS, as_of=value)
    assert str(refused.value) == (
        f"as_of={str(value)!r} cannot be used. Allowed: a date such as '2026-06-30', or an instant "
        "with its zone."
    )


def test_sql_answers_and_refuses_in_one_sentence(ws):
    assert ws.sql("SELECT count(*) AS n FROM touchpoints")["n"].tolist() == [5]
    assert ws.sql("SELECT name FROM accounts WHERE account_id = ?", ["A"])["name"].tolist() == [
        "Acme"
    ]
    for query, parameters in [
        ("SELEC 1", None),
        ("SELECT * FROM acounts", None),
        ("SELECT ?", None),
        ("SELECT 1", [1, 2]),
        ("SELECT 'a'::INTEGER", None),
        ("SELECT ?", [object()]),
    ]:
        with pytest.raises(ArgumentError, match=r"The query cannot be answered: .+ Tables: "):
            ws.sql(query, parameters)
    for query in ("", " ", None, 5):
        with pytest.raises(ArgumentError, match="Allowed: a SELECT statement as text"):
            ws.sql(query)
    assert ws.sql("SELECT 1 AS x")["x"].tolist() == [1]  # the connection goes on


def attribute_of(ws, name: str) -> list:
    codes, values = ws.marker().lookup(name)
    return [None if v is None or v != v else v for v in values[codes]]


def test_attributes_are_looked_for_in_the_order_of_tables(ws):
    assert attribute_of(ws, "industry") == ["Software", "Software", "Paper", "Paper", None]
    assert attribute_of(ws, "people.industry") == ["of a person"] * 3 + [None, None]
    assert attribute_of(ws, "title") == ["CTO", "CFO", "CTO", None, None]
    assert attribute_of(ws, "opportunities.title") == [None, "of a deal", None, "of a deal", None]
    assert attribute_of(ws, "employees") == [10, 10, None, None, None]
    assert attribute_of(ws, 'accounts.a "b" c') == ["quoted", "quoted", "q2", "q2", None]
    assert attribute_of(ws, "customer") == ["true", "true", "false", "false", None]
    assert ws.attribute("accounts.title") is None
    assert ws.attribute("people.title") is ws.attribute("people.title")
    assert {"industry", "employees", "title"} <= set(ws.attribute_names())


def test_attributes_are_conditions(ws):
    for plain, expected in [
        ({"people.title": ["CTO", "CFO"]}, [1, 1, 1, 0, 0]),
        ({"customer": True}, [1, 1, 0, 0, 0]),
        ({"employees": {">=": 10}, "event": "won"}, [0, 1, 0, 0, 0]),
        ({"employees": {"exists": False}}, [0, 0, 1, 1, 1]),
    ]:
        assert ws.marker().rows(condition_from(plain)).astype(int).tolist() == expected, plain
    with pytest.raises(ArgumentError, match=r"dimension='idustry' .* Did you mean 'industry'"):
        ws.marker().rows(condition_from({"idustry": "Software"}))


def test_keys_get_a_readable_name_where_one_is_known(ws):
    names = {
        "account": (["A", "B", "Z"], ["Acme", "B", "Z"]),
        "person": (["p1", "p2", "p9"], ["Ada Byron", "Hopper", "p9"]),
        "opportunity": (["o1", "o2"], ["Deal", "o2"]),
        "session": (["s"], ["s"]),
    }
    for container, (keys, expected) in names.items():
        assert ws.display_names(container, np.array(keys, object)).tolist() == expected
    assert ws.display_names("account", np.array([], object)).tolist() == []
    bare = wb.from_frames(events=EVENTS)
    assert bare.display_names("account", np.array(["A"], object)).tolist() == ["A"]


def test_values_of_a_container(ws):
    keys = np.array(["B", "A", "Z"], object)
    assert ws.values_of("account", "industry", keys).tolist() == ["Paper", "Software", None]
    assert ws.values_of("account", "no such column", keys) is None
    assert ws.values_of("session", "industry", keys) is None


def test_a_period_never_reaches_past_as_of(ws):
    start, end = ws.bounds(ws.period("2026"))
    assert datetime.fromtimestamp(start / 1e6, UTC) == datetime(2025, 12, 31, 15, tzinfo=UTC)
    assert end == int(ws.as_of.timestamp()) * 1_000_000 + 1
    rolling = ws.period("last 1 month")
    assert str(rolling) == "2026-02-02..2026-03-01"


def test_tables_without_events_make_an_empty_store():
    workspace = wb.from_frames(accounts=ACCOUNTS)
    assert len(workspace.events) == 0
    anything = {"event": {"exists": True}}
    assert wb.fallout(workspace, steps=[anything]).frame["reached"].tolist() == [0, 0]


def test_a_store_is_opened_again_rebuilt_and_replaced(tmp_path, monkeypatch):
    path = parquet(tmp_path)
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    first = wb.from_frames(events=path)
    assert reached(first) == [3, 3, 2]
    kept = first.events.directory / "store.json"
    stamp = kept.stat().st_mtime_ns
    assert reached(wb.from_frames(events=path)) == [3, 3, 2]
    assert kept.stat().st_mtime_ns == stamp
    kept.write_text('{"format": 1}')
    assert reached(wb.from_frames(events=path)) == [3, 3, 2]
    more = pd.concat([EVENTS, EVENTS.assign(account_id="N", occurred_at=EVENTS["occurred_at"]
                                            + timedelta(minutes=1))])  # fmt: skip
    more.to_parquet(path)
    assert reached(wb.from_frames(events=path)) == [4, 4, 3]
    assert reached(first) == [3, 3, 2]


FILE = """\
name: small
title: Small
report_tz: UTC
source_tz: UTC
tables:
  accounts: {file: accounts.csv}
  activities:
    file: activities.csv
"""


def test_a_workspace_file_is_opened_with_a_cache_of_ones_choice(tmp_path):
    (tmp_path / "accounts.csv").write_text("account_id,name\nA,Acme\nB,Bolt\n")
    (tmp_path / "activities.csv").write_text(
        "activity_id,account_id,type,direction,start_at\n1,A,call,outbound,2026-01-01 10:00:00\n"
        "2,A,meeting,,2026-01-02 10:00:00\n3,B,call,inbound,2026-01-03 10:00:00\n"
    )
    (tmp_path / "small.yaml").write_text(FILE)
    for _ in range(2):
        opened = wb.open(tmp_path / "small.yaml", root=tmp_path, cache=tmp_path / "cache")
        assert wb.fallout(opened, steps=["call", "meeting"]).frame["reached"].tolist() == [2, 2, 1]
        assert opened.events.directory.is_relative_to(tmp_path / "cache")
        assert repr(opened) == "Workspace('small', tables accounts, activities, as of 2026-01-03)"
    with pytest.raises(ArgumentError, match="no workspace file"):
        wb.open(tmp_path / "smal.yaml")


def test_a_store_whose_folder_went_away_is_told(tmp_path, monkeypatch):
    import shutil

    path = parquet(tmp_path)
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    workspace = wb.from_frames(events=path)
    directory = workspace.events.directory
    shutil.rmtree(directory)
    with pytest.raises(wb.WorkbenchError, match=r"is gone or cannot be read .* Open the workspace"):
        reached(workspace)
