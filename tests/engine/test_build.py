"""The store holds every usable row, whatever the columns are called and whatever goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pytest

from workbench.engine import build
from workbench.engine.build import build_store
from workbench.engine.layout import code_type
from workbench.engine.store import EventStore
from workbench.errors import StoreError

ROW = "'A' AS account_id, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS occurred_at, 'a' AS event"


def built(query: str, folder: Path, connection=None) -> EventStore:
    connection = connection or duckdb.connect()
    connection.execute(f"CREATE OR REPLACE VIEW touchpoints AS {query}")
    build_store(connection, "touchpoints", folder / "events", "Test")
    return EventStore(folder / "events")


def all_values(store: EventStore, name: str) -> list:
    return store.values_at(name, np.arange(len(store))).tolist()


def left_behind(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "events")


@pytest.mark.parametrize("without", ["account_id", "occurred_at", "event"])
def test_a_missing_column_is_named_with_what_was_found(tmp_path, without):
    columns = {
        "account_id": "'A'",
        "occurred_at": "TIMESTAMPTZ '2026-01-01'",
        "event": "'a'",
        "page": "'x'",
    }
    del columns[without]
    with pytest.raises(StoreError) as refused:
        built("SELECT " + ", ".join(f"{v} AS {k}" for k, v in columns.items()), tmp_path)
    assert str(refused.value) == (
        f"Events need the columns account_id, occurred_at and event; missing: {without}. Found: "
        f"{', '.join(columns)}. Map them in the workspace file under columns."
    )
    assert left_behind(tmp_path) == []


def test_rows_that_cannot_be_placed_are_left_out_and_counted(tmp_path):
    store = built(
        "SELECT * FROM (VALUES ('A', TIMESTAMPTZ '2026-01-01', 'a'), (NULL, '2026-01-01', 'a'), "
        "('', '2026-01-01', 'a'), ('A', NULL, 'a'), ('A', 'infinity', 'a'), "
        "('A', '2026-01-01', NULL), ('A', '2026-01-01', '')) t(account_id, occurred_at, event)",
        tmp_path,
    )
    assert (len(store), store.description["dropped"]) == (1, 6)
    assert store.newest == store.first == datetime(2026, 1, 1, tzinfo=UTC)


def test_no_rows_and_one_row(tmp_path):
    empty = built(f"SELECT {ROW}, ['g'] AS buying_group_id, 1.5 AS amount WHERE false", tmp_path)
    assert (len(empty), empty.first, empty.newest, repr(empty)) == (
        0, None, None, "EventStore(0 events)",
    )  # fmt: skip
    assert [len(empty.stream(name)) for name in empty.containers()] == [0, 0]
    assert empty.arrow().num_rows == 0
    one = built(f"SELECT {ROW}, ['g'] AS buying_group_id, 1.5 AS amount", tmp_path / "one")
    assert [len(one.stream(name)) for name in one.containers()] == [1, 1]
    assert repr(one) == "EventStore(1 events, 2026-01-01 to 2026-01-01)"


TYPES = {
    "tiny": ("1::TINYINT", "measure", 1.0),
    "small": ("-2::SMALLINT", "measure", -2.0),
    "unsigned": ("3::UINTEGER", "measure", 3.0),
    "huge": ("4::HUGEINT", "measure", 4.0),
    "decimal": ("12.34::DECIMAL(18,2)", "measure", 12.34),
    "float": ("0.5::FLOAT", "measure", 0.5),
    "infinite": ("'inf'::DOUBLE", "measure", np.inf),
    "day": ("DATE '2026-02-03'", "text", "2026-02-03"),
    "naive": ("TIMESTAMP '2026-02-03 04:05:06'", "text", "2026-02-03 04:05:06"),
    "aware": ("TIMESTAMPTZ '2026-02-03 04:05:06+09'", "text", "2026-02-02 19:05:06"),
    "clock": ("TIME '04:05:06'", "text", "04:05:06"),
    "span": ("INTERVAL 2 DAY", "text", "2 days"),
    "truth": ("true", "boolean", "true"),
    "uuid": ("'00000000-0000-0000-0000-000000000001'::UUID", "text", f"{'0' * 8}-0000-0000-0000-"
             f"{'0' * 11}1"),
    "json": ("""'{"a":1}'::JSON""", "text", '{"a":1}'),
    "mood": ("'ok'::ENUM('ok')", "text", "ok"),
    "bytes": ("'\\xAA'::BLOB", "text", "\\xAA"),
    "record": ("{'a': 1}", "text", "{'a': 1}"),
    "numbers": ("[2, 1, 2]", "list", "1\x1f2"),
    "fixed": ("[2, 1]::INTEGER[2]", "list", "1\x1f2"),
    "parted": ("['b' || chr(31), '', NULL, 'a']", "list", "a\x1fb␟"),
    "empty list": ("[]::VARCHAR[]", "list", None),
    "empty items": ("['', NULL]::VARCHAR[]", "list", None),
    "empty text": ("''", "text", None),
    "nul": ("'a' || chr(0) || 'b'", "text", "a\0b"),
}  # fmt: skip


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_every_type_is_kept_in_the_form_that_conditions_compare(tmp_path, zone):
    connection = duckdb.connect()
    connection.execute(f"SET TimeZone = '{zone}'")
    columns = ", ".join(f'{sql} AS "{name}"' for name, (sql, _, _) in TYPES.items())
    nothing = ", ".join("NULL" for _ in TYPES)
    query = (
        f"SELECT {ROW}, {columns} UNION ALL SELECT 'B', TIMESTAMPTZ '2026-01-02', 'a', {nothing}"
    )
    store = built(query, tmp_path, connection)
    found = {name: (store.columns[name]["kind"], all_values(store, name)) for name in TYPES}
    for name, (_, kind, value) in TYPES.items():
        missing = pytest.approx(np.nan, nan_ok=True) if kind == "measure" else None
        assert found[name] == (kind, [value, missing]), name


def test_a_time_without_zone_is_utc_whatever_zone_the_session_has(tmp_path):
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Tokyo'")
    for number, literal in enumerate(["TIMESTAMP '2026-01-01 00:00'", "DATE '2026-01-01'"]):
        query = f"SELECT 'A' AS account_id, {literal} AS occurred_at, 'a' AS event"
        store = built(query, tmp_path / str(number), connection)
        assert store.first == datetime(2026, 1, 1, tzinfo=UTC)


NAMES = ['say "hi"', "two words", "会社名", "a/b", "../up", "s", "v", "code", "h", "c0", "c1", "d0",
         "row_id", "row_hash", "rows", "account.offsets", "SELECT", "x" * 300, "dictionary of s",
         "tab\there", "semi;colon", "'quote'", "per%cent", "{brace}", "."]  # fmt: skip


def test_no_name_of_a_column_gets_in_the_way(tmp_path):
    columns = ", ".join(
        f"'value {n}' AS " + '"' + name.replace('"', '""') + '"' for n, name in enumerate(NAMES)
    )
    store = built(f"SELECT {ROW}, 7 AS event_id, {columns}", tmp_path / "inside")
    assert [all_values(store, name) for name in NAMES] == [
        [f"value {n}"] for n in range(len(NAMES))
    ]
    assert left_behind(tmp_path) == ["inside"]
    assert store.arrow().column_names == list(store.columns)


@pytest.mark.parametrize("values", [254, 255, 256, 257, 65_535, 65_536])
def test_codes_are_as_wide_as_the_values_need(tmp_path, values):
    store = built(
        "SELECT 'A' || i AS account_id, TIMESTAMPTZ '2026-01-01' AS occurred_at, 'a' AS event, "
        f"CASE WHEN i < {values} THEN 'p' || i END AS person_id FROM range({values} + 1) t(i)",
        tmp_path,
    )
    width = 1 if values <= 255 else 2 if values <= 65_535 else 4
    assert store.column("person_id").dtype.itemsize == width == code_type(values).itemsize
    people = store.stream("person")
    assert (len(people), people.dropped_null_key) == (values, 1)
    assert set(store.container_names(people)) == {f"p{i}" for i in range(values)}
    assert all_values(store, "person_id").count(None) == 1
    assert (np.diff(store.stream("account").offsets) == 1).all()


def test_rows_without_a_sequence_number_come_first(tmp_path):
    rows = "(3, 'c'), (NULL, 'n'), (-1, 'a'), (0, 'b')"
    store = built(
        "SELECT 'A' AS account_id, TIMESTAMPTZ '2026-01-01' AS occurred_at, event, sequence_no "
        f"FROM (VALUES {rows}) t(sequence_no, event)",
        tmp_path,
    )
    assert all_values(store, "event") == ["n", "a", "b", "c"]
    assert store.arrow(["sequence_no"]).column(0).to_pylist() == [None, -1, 0, 3]
    assert store.sequence.size == 4


def test_sequence_numbers_that_are_all_missing_cost_nothing(tmp_path):
    assert built(f"SELECT {ROW}, NULL::BIGINT AS sequence_no", tmp_path).sequence.size == 0


def test_settings_of_the_connection_are_as_before(tmp_path):
    for order in ("true", "false"):
        connection = duckdb.connect()
        connection.execute(f"SET preserve_insertion_order = {order}")
        asked = (
            "SELECT current_setting('preserve_insertion_order'), current_setting('temp_directory')"
        )
        before = connection.execute(asked).fetchall()
        built(f"SELECT {ROW}", tmp_path / order, connection)
        assert connection.execute(asked).fetchall() == before
        tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        assert tables == []
        with pytest.raises(StoreError):
            built(
                f"SELECT {ROW}, (SELECT max('x' || n)::INTEGER FROM range(3) t(n)) AS x",
                tmp_path / "broken",
                connection,
            )
        assert connection.execute(asked).fetchall() == before
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == []


def test_more_rows_than_memory_are_sorted_on_disk_inside_the_cache(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    connection = duckdb.connect(config={"memory_limit": "60MB", "threads": 2})
    store = built(
        "SELECT 'A' || (i % 1000) AS account_id, TIMESTAMPTZ '2026-01-01' + to_seconds(i) AS "
        "occurred_at, 'e' || (i % 9) AS event, md5(i::VARCHAR) AS event_id "
        "FROM range(1_500_000) t(i)",
        tmp_path / "cache",
        connection,
    )
    assert len(store) == 1_500_000
    assert (np.diff(store.column("account_id").astype(int)) >= 0).all()
    assert left_behind(tmp_path / "cache") in ([], ["spill"])
    connection.close()
    assert left_behind(tmp_path / "cache") == []
    assert not (tmp_path / ".tmp").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be written to .*file: .* WORKBENCH_CACHE=FOLDER"):
        built(f"SELECT {ROW}", tmp_path / "file")

    def read_only(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(build.tempfile, "mkdtemp", read_only)
    with pytest.raises(StoreError) as refused:
        built(f"SELECT {ROW}", tmp_path / "other")
    assert str(refused.value) == (
        f"The event store cannot be written to {tmp_path / 'other'}: Read-only file system. "
        "Choose a folder that can be written with WORKBENCH_CACHE=FOLDER."
    )


def _python(code: str, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


PREAMBLE = """
    import sys, duckdb
    from pathlib import Path
    from workbench.engine.build import build_store
    from workbench.errors import StoreError
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    def view(rows):
        connection.execute(
            f"CREATE VIEW touchpoints AS SELECT 'A' || (i % 999) AS account_id, 'e' || i AS page, "
            "TIMESTAMPTZ '2026-01-01' + to_seconds(i) AS occurred_at, 'a' AS event "
            f"FROM range({rows}) t(i)"
        )
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    code = """
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    view(100_000)
    try:
        build_store(connection, "touchpoints", Path(sys.argv[1]) / "events")
    except StoreError as problem:
        print(problem)
    """
    process = _python(PREAMBLE + code, str(tmp_path))
    out, err = process.communicate(timeout=120)
    assert err == ""
    assert out.startswith(f"The event store could not be written to {tmp_path / 'events'}: ")
    assert "Free some room or choose another folder" in out
    assert left_behind(tmp_path) == []
    assert not (tmp_path / "events").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
@pytest.mark.parametrize("seconds", [0, 1])
def test_an_interrupted_build_leaves_nothing_and_the_next_one_works(tmp_path, seconds):
    code = """
    view(6_000_000)
    print("begun", flush=True)
    build_store(connection, "touchpoints", Path(sys.argv[1]) / "events")
    print("finished")
    """
    process = _python(PREAMBLE + code, str(tmp_path))
    assert process.stdout.readline() == "begun\n"
    while not left_behind(tmp_path):
        assert process.poll() is None, process.stderr.read()
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert "finished" not in out
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert left_behind(tmp_path) == []
    assert len(built(f"SELECT {ROW}", tmp_path)) == 1


def test_two_processes_build_at_once_and_both_end_well(tmp_path):
    code = """
    from workbench.engine.store import EventStore
    view(300_000)

    for _ in range(3):
        build_store(connection, "touchpoints", Path(sys.argv[1]) / "events")
    store = EventStore(Path(sys.argv[1]) / "events")
    print(len(store), len(store.stream("account")))
    """
    processes = [_python(PREAMBLE + code, str(tmp_path)) for _ in range(2)]
    answers = [p.communicate(timeout=120) for p in processes]
    assert answers == [("300000 999\n", "")] * 2
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", json.dumps({"format": 1, "rows": 3})])
def test_what_cannot_be_opened_is_refused_and_built_again(tmp_path, content):
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "store.json").write_text(content)
    with pytest.raises(StoreError, match="Open the workspace with refresh=True to build it again"):
        EventStore(tmp_path / "events")
    assert len(built(f"SELECT {ROW}", tmp_path)) == 1
    assert left_behind(tmp_path) == []


def test_a_store_that_is_there_already_is_left_alone(tmp_path):
    first = built(f"SELECT {ROW}", tmp_path)
    again = built(f"SELECT {ROW} UNION ALL SELECT {ROW}", tmp_path)
    assert len(first) == len(again) == 1
    assert left_behind(tmp_path) == []


def test_what_a_killed_build_left_is_cleared_a_day_later(tmp_path):
    old, fresh = tmp_path / ".events-old", tmp_path / ".events-fresh"
    old.mkdir()
    fresh.mkdir()
    os.utime(old, (0, 0))
    built(f"SELECT {ROW}", tmp_path)
    assert left_behind(tmp_path) == [".events-fresh"]
