"""The cache: swapped in whole, left alone on failure, shared by processes, quick to open."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from tests.data.small import ACCOUNTS, one_file, rows, workspace
from workbench.data import load
from workbench.data.cache import BUILDS_KEPT, CacheError, built, is_whole
from workbench.data.checked import DATABASE, DESCRIPTION
from workbench.errors import WorkbenchError


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return workspace(tmp_path, one_file(tmp_path, "accounts", ACCOUNTS))


def _entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_second_load_reads_no_input(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = small.parent / "cache"
    first = load(small, cache=cache)
    monkeypatch.setattr(sys.modules["workbench.data.load"], "build_workspace", _never)
    started = time.perf_counter()
    second = load(small, cache=cache)
    assert time.perf_counter() - started < 1
    assert second.fingerprint == first.fingerprint
    assert second.findings == first.findings
    assert second.tables == first.tables
    assert second.as_of == first.as_of
    assert second.balance.equals(first.balance)
    assert rows(second, "SELECT count(*) FROM accounts") == [(2,)]


def _never(*_: object) -> None:
    raise AssertionError("built again")


def test_a_changed_input_mapping_or_root_gives_another_fingerprint(small: Path) -> None:
    cache = small.parent / "cache"
    first = load(small, cache=cache)
    (small.parent / "accounts.csv").write_text(ACCOUNTS + "a3,C\n", encoding="utf-8")
    second = load(small, cache=cache)
    assert second.fingerprint != first.fingerprint
    assert rows(second, "SELECT count(*) FROM accounts") == [(3,)]
    small.write_text(small.read_text(encoding="utf-8") + "week_start: sun\n", encoding="utf-8")
    assert load(small, cache=cache).fingerprint != second.fingerprint
    assert rows(first, "SELECT count(*) FROM accounts") == [(2,)]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_an_interrupted_build_leaves_nothing(
    small: Path, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    cache = small.parent / "cache"

    def interrupted(*_: object) -> None:
        raise failure

    monkeypatch.setattr("workbench.data.build.finish", interrupted)
    with pytest.raises(failure):
        load(small, cache=cache)
    assert _entries(cache) == []


def test_an_interrupted_refresh_leaves_the_old_build_whole(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = small.parent / "cache"
    before = load(small, cache=cache)
    entries = _entries(cache)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.data.build.finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(small, cache=cache, refresh=True)
    assert _entries(cache) == entries
    assert is_whole(before.directory)
    assert rows(load(small, cache=cache), "SELECT count(*) FROM accounts") == [(2,)]


@pytest.mark.parametrize(
    "failure",
    [
        OSError(28, "No space left on device"),
        duckdb.IOException("IO Error: Could not write file: No space left on device"),
    ],
)
def test_a_full_disk_is_said_and_leaves_nothing(
    small: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    cache = small.parent / "cache"

    def full(*_: object) -> None:
        raise failure

    monkeypatch.setattr("workbench.data.build.finish", full)
    with pytest.raises(CacheError, match="No space left") as caught:
        load(small, cache=cache)
    assert "WORKBENCH_CACHE" in str(caught.value)
    assert _entries(cache) == []


def test_a_folder_that_cannot_be_written_is_said(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = small.parent / "blocked"
    blocked.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(CacheError, match="blocked"):
        load(small, cache=blocked)

    def read_only(**_: object) -> str:
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr("workbench.data.cache.tempfile.mkdtemp", read_only)
    with pytest.raises(CacheError, match="Read-only file system"):
        load(small, cache=small.parent / "cache")


def test_an_unreadable_parquet_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "web_events.parquet").write_bytes(b"PAR1 this is no parquet file PAR1")
    path = workspace(tmp_path, {"web_events": {"file": "web_events.parquet"}})
    with pytest.raises(WorkbenchError, match=r"web_events\.parquet.*Parquet"):
        load(path, cache=tmp_path / "cache")


def test_two_processes_build_at_once_and_both_end_well(small: Path) -> None:
    code = (
        "import sys; from workbench.data import load; "
        "d = load(sys.argv[1], refresh=True); "
        "print(d.connection.execute('SELECT count(*) FROM accounts').fetchall()[0][0])"
    )
    cache = small.parent / "cache"
    environment = {**os.environ, "WORKBENCH_CACHE": str(cache)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(small)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in running:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert out.strip() == "2"
    assert len(_entries(cache)) == 1
    assert load(small, cache=cache).tables["accounts"].rows == 2


def test_a_build_that_comes_second_uses_the_first(tmp_path: Path) -> None:
    target = tmp_path / "cache" / "x-1"

    def build(directory: Path) -> None:
        for name in ("tables.duckdb", "findings.json"):
            (directory / name).write_text("mine", encoding="utf-8")

    def slow(directory: Path) -> None:
        built(target, build)
        for name in ("tables.duckdb", "findings.json"):
            (directory / name).write_text("too late", encoding="utf-8")

    built(target, slow)
    assert (target / "findings.json").read_text(encoding="utf-8") == "mine"
    assert _entries(tmp_path / "cache") == ["x-1"]


def test_half_a_folder_is_built_again(small: Path) -> None:
    cache = small.parent / "cache"
    data = load(small, cache=cache)
    data.connection.close()
    (data.directory / "findings.json").unlink()
    assert rows(load(small, cache=cache), "SELECT count(*) FROM accounts") == [(2,)]


def test_builds_of_older_states_are_taken_away(tmp_path: Path) -> None:
    def build(directory: Path) -> None:
        (directory / DATABASE).write_bytes(b"")
        (directory / DESCRIPTION).write_text("{}")

    other = tmp_path / "demo-two-0123456789abcdef"
    other.mkdir()
    for number in range(7):
        target = built(tmp_path / f"demo-{number:016x}", build)
        os.utime(target, (number, number))
    kept = sorted(path.name for path in tmp_path.iterdir())
    newest = [f"demo-{number:016x}" for number in range(7 - BUILDS_KEPT, 7)]
    assert kept == sorted([other.name, *newest])


@pytest.mark.parametrize(
    "stopped", [RuntimeError("Query interrupted"), duckdb.InterruptException("INTERRUPT Error")]
)
def test_ctrl_c_inside_a_query_stays_ctrl_c(
    small: Path, monkeypatch: pytest.MonkeyPatch, stopped: Exception
) -> None:
    cache = small.parent / "cache"

    def interrupted(*_: object) -> None:
        raise stopped

    monkeypatch.setattr("workbench.data.build.finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(small, cache=cache)
    assert _entries(cache) == []


def test_drafts_of_killed_processes_go_after_a_day(tmp_path: Path) -> None:
    long_ago = time.time() - 3 * 86_400
    for name, age in ((".w-old", long_ago), (".w-young", time.time()), (".other-old", long_ago)):
        (tmp_path / name).mkdir()
        (tmp_path / name / DATABASE).write_bytes(b"half")
        os.utime(tmp_path / name / DATABASE, (age, age))
        os.utime(tmp_path / name, (age, age))

    def build(directory: Path) -> None:
        (directory / DATABASE).write_bytes(b"")
        (directory / DESCRIPTION).write_text("{}", encoding="utf-8")

    built(tmp_path / f"w-{'0' * 16}", build)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".other-old",
        ".w-young",
        f"w-{'0' * 16}",
    ]


def test_a_build_that_is_just_being_swapped_is_waited_for(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = small.parent / "cache"
    directory = load(small, cache=cache).directory
    away = directory.with_name("away")

    def gone(*_: object, **__: object) -> Path:
        directory.rename(away)
        return directory

    def back(_: float) -> None:
        away.rename(directory)

    module = sys.modules["workbench.data.load"]
    monkeypatch.setattr(module, "built", gone)
    monkeypatch.setattr(time, "sleep", back)
    assert load(small, cache=cache).tables["accounts"].rows == 2
