"""Many writers, killed writers, and a real PostgreSQL server: tried, acknowledged, found again."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workbench.collaboration.store import open_store
from workbench.errors import StoreError

WRITER = [sys.executable, "-m", "tests.collaboration.writers"]


def test_fifty_threads_lose_nothing_and_no_number_is_given_twice(tmp_path):
    address = str(tmp_path / "store.db")
    open_store(address)

    def write(who):
        store = open_store(address)
        return [store.add("comments", {"n": n}, by=str(who)).id for n in range(4)]

    with ThreadPoolExecutor(50) as pool:
        told = [identity for ids in pool.map(write, range(50)) for identity in ids]
    found = open_store(address).find("comments")
    assert len(told) == 200  # tried and acknowledged
    assert sorted(told) == sorted(record.id for record in found)
    assert sorted(record.number for record in found) == list(range(1, 201))


def test_processes_that_open_a_new_store_at_once_lose_nothing(tmp_path):
    address = str(tmp_path / "store.db")
    writers = [
        subprocess.Popen([*WRITER, address, str(n), "10"], stdout=subprocess.PIPE, text=True)
        for n in range(4)
    ]
    told = [line.split()[0] for one in writers for line in one.communicate()[0].splitlines()]
    assert len(told) == 40
    assert sorted(told) == sorted(record.id for record in open_store(address).find("comments"))


def test_a_writer_killed_at_any_moment_has_lost_nothing_acknowledged(tmp_path):
    address, chance = str(tmp_path / "store.db"), random.Random(7)
    open_store(address)
    writers = [
        subprocess.Popen([*WRITER, address, str(n), "0"], stdout=subprocess.PIPE, text=True)
        for n in range(4)
    ]
    firsts = [one.stdout.readline() for one in writers]  # each has begun
    for one in writers:
        time.sleep(chance.uniform(0.01, 0.2))
        one.send_signal(signal.SIGKILL)
    told = [line for first, one in zip(firsts, writers, strict=True)
            for line in [first, *one.communicate()[0].splitlines()]]  # fmt: skip
    whole = [line.split() for line in told if len(line.split()) == 3]
    found = {r.id: r.definition for r in open_store(address).find("comments")}
    assert len(whole) >= 4
    for identity, who, n in whole:
        assert found[identity] == {"who": who, "n": int(n)}
    # A writer may die between keeping and telling: at most one record each.
    assert len(found) - len(whole) <= len(writers)
    with sqlite3.connect(address) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A PostgreSQL server of this test alone; it does not run as root."""
    pytest.importorskip("pg8000")
    programs = [shutil.which(name) for name in ("postgres", "initdb")]
    if not all(programs):
        pytest.skip("PostgreSQL is not installed here: postgres and initdb are not on the path.")
    folder = tmp_path_factory.mktemp("pg")
    before = []
    if os.getuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("PostgreSQL refuses to run as root, and setpriv is not here.")
        before = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        folder = Path("/tmp") / f"pg-{os.getpid()}"  # nobody may enter the other
        folder.mkdir()
        os.chown(folder, 65534, 65534)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [*before, programs[1], "-D", folder / "data", "-U", "wb", "-A", "trust", "-N"],
        check=True, **quiet,
    )  # fmt: skip
    running = subprocess.Popen(
        [*before, programs[0], "-D", folder / "data", "-p", str(port), "-k", folder,
         "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"], **quiet,
    )  # fmt: skip
    try:
        yield _answering(f"postgresql://wb:secret@127.0.0.1:{port}/postgres")
    finally:
        running.send_signal(signal.SIGINT)  # does not wait for clients
        running.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _answering(address):
    for _ in range(100):
        try:
            open_store(address, patience=5)
            return address
        except StoreError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def test_in_postgresql_the_store_is_the_same(server):
    store = open_store(server)
    made = store.add("alerts", {"text": "日本\x00", "n": 1}, by="mika", name="x", only=True)
    assert store.get("alerts", made.id).definition == {"text": "日本\ufffd", "n": 1}
    assert store.change("alerts", made.id, {"n": 2}, by="ken", version=1).version == 2
    assert store.note("alert_runs", of=made.id, key="d")
    assert not store.note("alert_runs", of=made.id, key="d")
    assert [v["definition"] for v in store.history("alerts", made.id)][1] == {"n": 2}
    assert "secret" not in repr(store)


def test_in_postgresql_fifty_writers_lose_nothing(server):
    def write(who):
        store = open_store(server)
        try:
            return [store.add("comments", {"n": n}, by=str(who)).id for n in range(3)]
        finally:
            store.close()

    with ThreadPoolExecutor(50) as pool:
        told = [identity for ids in pool.map(write, range(50)) for identity in ids]
    found = open_store(server).find("comments")
    assert len(told) == 150
    assert sorted(told) == sorted(record.id for record in found)
    assert sorted(record.number for record in found) == list(range(1, 151))


def test_in_postgresql_a_writer_that_holds_the_store_is_told_of(server):
    with open_store(server).transaction() as now:
        now.add("shares", {}, by="mika")
        with pytest.raises(StoreError, match="held by another writer"):
            open_store(server, patience=0.3).add("shares", {}, by="ken")
