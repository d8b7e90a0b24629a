"""The store: records with every version, entries that exist once, older and newer stores."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest

from workbench.collaboration import place
from workbench.collaboration.store import existing_store, migrating, open_store
from workbench.errors import AbsentError, ArgumentError, StoreError


@pytest.fixture
def address(tmp_path):
    return str(tmp_path / "store.db")


@pytest.fixture
def store(address):
    return open_store(address)


def test_a_record_keeps_every_version_and_refuses_what_was_not_read(store):
    made = store.add("alerts", {"n": 1}, by="mika", name="first")
    changed = store.change("alerts", made.id, {"n": 2}, by="ken", version=made.version)
    assert (changed.version, changed.changed_by, changed.created_by) == (2, "ken", "mika")
    with pytest.raises(ArgumentError, match="changed by ken"):
        store.change("alerts", made.id, {"n": 3}, by="mika", version=made.version)
    assert [v["definition"]["n"] for v in store.history("alerts", made.id)] == [1, 2]
    store.remove("alerts", made.id, by="mika")
    assert store.find("alerts") == []
    assert store.get("alerts", made.id, removed=True).removed_at is not None
    with pytest.raises(AbsentError, match="alert-1"):
        store.get("alerts", made.id)


def test_a_name_may_be_taken_once_and_is_free_again(store):
    made = store.add("alerts", {}, by="mika", name="x", only=True)
    with pytest.raises(ArgumentError, match=made.id):
        store.add("alerts", {}, by="mika", name="x", only=True)
    store.remove("alerts", made.id, by="mika")
    assert store.add("alerts", {}, by="mika", name="x", only=True).id != made.id


def test_an_entry_exists_once_for_a_thing_and_a_key(store):
    assert store.note("alert_runs", of="alert-1", key="2026-03-05", status="fired")
    assert not store.note("alert_runs", of="alert-1", key="2026-03-05", status="again")
    assert store.note("alert_runs", of="alert-1", status="always")
    assert store.note("alert_runs", of="alert-1", status="always")
    store.settle("alert_runs", of="alert-1", key="2026-03-05", status="sent", content={"n": 1})
    assert [entry.status for entry in store.noted("alert_runs")] == ["sent", "always", "always"]
    assert store.noted("alert_runs", last=1)[0].number == 3
    assert store.noted("alert_runs", since=datetime(2999, 1, 1, tzinfo=UTC)) == []
    with pytest.raises(AbsentError):
        store.settle("alert_runs", of="alert-1", key="never", status="sent")


def test_a_transaction_keeps_all_or_nothing(store):
    def half():
        with store.transaction() as now:
            now.add("shares", {}, by="mika")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert store.find("shares") == []


def test_values_come_back_as_every_database_can_hold_them(store):
    given = {"nan": float("nan"), "day": datetime(2026, 3, 5, tzinfo=UTC), "text": "a\x00b\ud800"}
    kept = store.add("objects", given, by="m\x00ika").definition
    assert kept == {"nan": None, "day": "2026-03-05T00:00:00+00:00", "text": "a\ufffdb?"}
    assert store.get("objects", "object-1").definition == kept


@pytest.mark.parametrize("kind", ["alert", "alert_runs", "versions"])
def test_unknown_kinds_are_refused(store, kind):
    with pytest.raises(ArgumentError, match="Allowed"):
        store.add(kind, {}, by="mika")
    with pytest.raises(ArgumentError, match="Allowed"):
        store.note("alerts", of="x")


def test_looking_makes_no_file(address):
    assert existing_store(address) is None
    assert not place.there_is_a_store(address)
    open_store(address)
    assert place.there_is_a_store(address)


def test_the_store_lies_beside_the_project(tmp_path, monkeypatch):
    monkeypatch.delenv(place.ADDRESS, raising=False)
    (tmp_path / "parameters").mkdir()
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "notebooks" / "deep")
    assert place.store_address() == str(tmp_path / "collaboration.db")
    monkeypatch.setenv(place.ADDRESS, "elsewhere.db")
    assert place.store_address() == "elsewhere.db"


def test_a_store_of_a_newer_workbench_is_left_alone(address, store):
    store.add("alerts", {}, by="mika")
    with sqlite3.connect(address) as raw:
        raw.execute(f"UPDATE {migrating.VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer workbench"):
        open_store(address)
    with sqlite3.connect(address) as raw:
        assert raw.execute("SELECT count(*) FROM alerts").fetchone() == (1,)


def test_an_older_store_takes_the_steps_that_are_missing(address):
    with sqlite3.connect(address) as raw:
        raw.execute(f"CREATE TABLE {migrating.VERSION_TABLE} (version_num VARCHAR(32) NOT NULL)")
    assert open_store(address).find("alerts") == []
    with sqlite3.connect(address) as raw:
        found = raw.execute(f"SELECT version_num FROM {migrating.VERSION_TABLE}").fetchone()
    assert found == (migrating.known_versions()[-1],)


def test_the_steps_stand_in_one_line():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrating.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    steps = list(ScriptDirectory.from_config(config).walk_revisions())
    assert [step.revision for step in steps] == list(migrating.known_versions())[::-1]


def test_the_tables_of_the_steps_are_those_of_the_code(address, store):
    import sqlalchemy as sa

    from workbench.collaboration.store.tables import METADATA

    with store.reading() as now:
        there = sa.inspect(now.connection)
        for table in METADATA.sorted_tables:
            columns = {
                column["name"]: column["nullable"] for column in there.get_columns(table.name)
            }
            assert columns == {column.name: column.nullable for column in table.columns}


def test_what_is_no_store_and_what_is_no_place(tmp_path):
    other = tmp_path / "other.db"
    other.write_text("no database " * 100)
    with pytest.raises(StoreError, match="no store of this workbench"):
        open_store(other)
    assert other.read_text().startswith("no database")
    with pytest.raises(ArgumentError, match="There is no folder"):
        open_store(tmp_path / "absent" / "store.db")
    for address in ("mysql://a:secret@b/c", "postgresql://a:secret@", "http://x"):
        with pytest.raises(ArgumentError) as refused:
            open_store(address)
        assert "secret" not in str(refused.value)


def test_a_server_that_is_not_there_is_a_sentence_without_its_password():
    pytest.importorskip("pg8000")
    with pytest.raises(StoreError, match="did not answer") as refused:
        open_store("postgresql://me:secret@127.0.0.1:1/none", patience=2)
    assert "secret" not in str(refused.value)


def test_a_held_store_is_waited_for_then_told(address, store):
    raw = sqlite3.connect(address, isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"held by another writer for more than 0\.2 seconds"):
        open_store(address, patience=0.2).add("alerts", {}, by="mika")
    assert store.find("alerts") == []  # readers do not wait
    raw.execute("ROLLBACK")
    raw.close()
    assert store.add("alerts", {}, by="mika").id == "alert-1"
