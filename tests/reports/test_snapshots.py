"""Every run is kept: whole or not at all, whoever writes at the same time."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import time
from datetime import timedelta

import pytest
import yaml

from tests.reports.blocks import HOSTILE
from tests.reports.kept import FIRST, figures, finding, header, keep
from tests.reports.notebooks import executed, notebook, table, write
from workbench.errors import ReportError
from workbench.reports import site
from workbench.reports.cells import Failure
from workbench.reports.definitions import Plan
from workbench.reports.files import safe_name, write_folder
from workbench.reports.parameters import read_parameters
from workbench.reports.run import run_reports
from workbench.reports.snapshots import find_snapshot, report_names, snapshots_of

HOUR = timedelta(hours=1)


def test_a_run_keeps_its_page_and_its_results_as_data(tmp_path):
    run = keep(tmp_path, top=7)
    assert run.run == "mini/2026-03-01T09-00-00Z"
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "facts.json", "page.html", "parameters.yaml", "results.json", "tables",
    ]  # fmt: skip
    assert run.page.read_bytes() == (tmp_path / "mini.html").read_bytes()
    assert yaml.safe_load((run.folder / "parameters.yaml").read_text())["top"] == 7
    assert run.facts["figures"][0]["raw"]["numerator"] == 62
    assert run.facts["values"]["top"] == 7
    assert run.facts["bytes"] > 10_000
    (only,) = run.tables
    assert only.anchor == "loss"
    assert only.rows == (("Acme", 12, 0.3), ("Bolt", 18, 0.45))
    assert [column["kind"] for column in only.columns] == ["text", "count", "share"]
    parts = {part["kind"]: part for part in run.results["sections"]}
    assert parts["finding"]["tables"] == ["tables/01-loss.parquet"]
    assert parts["finding"]["definition"] == {"analysis": "loss"}


def test_tables_keep_odd_values(tmp_path):
    rows = [[HOSTILE, None, 1.5], ["\ud800x", 2**70, float("nan")], [None, 3, float("inf")]]
    block = table([("a", "text"), ("a", "count"), ("b", "number")], rows)
    empty = {"columns": [{"name": "x", "kind": "money"}], "rows": []}
    run = keep(
        tmp_path,
        {"block": "table", "heading": "Odd", "table": block},
        {"block": "table", "heading": "None", "table": empty},
    )
    odd, none = run.tables
    assert [column["name"] for column in odd.columns] == ["a", "a_2", "b"]
    assert odd.rows[0] == (HOSTILE, None, 1.5)
    assert odd.rows[1][2] is None
    assert odd.rows[2][0] is None
    assert none.rows == ()


def test_two_runs_of_one_second_both_stay_and_the_newest_is_known(tmp_path):
    runs = [keep(tmp_path) for _ in range(12)]
    names = [run.folder.name for run in runs]
    assert names == ["2026-03-01T09-00-00Z", *(f"2026-03-01T09-00-00Z-{n}" for n in range(2, 13))]
    assert next(snapshots_of(tmp_path, "mini")).folder.name == names[-1]
    assert find_snapshot(tmp_path, "mini").folder.name == names[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="started by fork")
def test_writers_at_once_lose_nothing(tmp_path):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_plain_write, args=(tmp_path, 6)) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join(60)
    assert [one.exitcode for one in writers] == [0] * 4
    runs = list(snapshots_of(tmp_path, "mini"))
    assert len(runs) == 24
    assert all(len(run.tables) == 1 and run.page.stat().st_size > 10_000 for run in runs)
    assert not list((tmp_path / "runs" / "mini").glob(".draft*"))


def _plain_write(folder, times):
    plan = Plan("mini", "", folder / "mini.ipynb", read_parameters(notebook()), {})
    content = executed(header(), figures(), finding())
    for _ in range(times):
        site.write_report(plan, content, None, folder, made_at=FIRST)
        site.write_index(folder)


def _write_for_ever(folder, pipe):
    while True:
        pipe.send(keep(folder).folder.name)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_kill_leaves_whole_runs_only_and_loses_none_that_was_told(tmp_path):
    context, told = multiprocessing.get_context("fork"), 0
    for wait in (0.31, 0.17, 0.43):
        mine, its = context.Pipe(duplex=False)
        writer = context.Process(target=_write_for_ever, args=(tmp_path, its), daemon=True)
        writer.start()
        its.close()
        assert mine.recv()
        time.sleep(wait)
        os.kill(writer.pid, signal.SIGKILL)
        told += 1
        with contextlib.suppress(EOFError):
            while mine.recv():
                told += 1
        writer.join()
    runs = list(snapshots_of(tmp_path, "mini"))
    assert told <= len(runs) <= told + 3
    for run in runs:
        assert run.page.read_text().rstrip().endswith("</html>")
        assert len(run.tables) == 1
        assert run.results["sections"]
    assert (tmp_path / "mini.html").read_text().rstrip().endswith("</html>")


def test_failed_runs_are_kept_and_told_apart(tmp_path):
    good = keep(tmp_path)
    bad = keep(tmp_path, header(), failure=Failure(2, 3, "Losses", "no table"), after=HOUR)
    assert [run.ok for run in snapshots_of(tmp_path, "mini")] == [False, True]
    assert "Losses" in bad.facts["why"]
    assert find_snapshot(tmp_path, "mini").run == good.run
    assert find_snapshot(tmp_path, bad.run).run == bad.run
    assert (tmp_path / "mini.html").read_bytes() == good.page.read_bytes()


def test_runs_are_found_by_report_day_and_path(tmp_path):
    runs = [keep(tmp_path, after=timedelta(days=day)) for day in range(3)]
    assert find_snapshot(tmp_path, "mini/2026-03-02").run == runs[1].run
    assert find_snapshot(tmp_path, "mini/2026-03-02T09:00").run == runs[1].run
    assert find_snapshot(tmp_path, str(runs[0].folder)).run == runs[0].run
    assert find_snapshot(tmp_path, str(runs[0].page)).run == runs[0].run
    with pytest.raises(ReportError, match=r"No run of a report 'max' is kept in .*mini"):
        find_snapshot(tmp_path, "max")
    with pytest.raises(ReportError, match=r"no good run '2027'\. Its newest runs: 2026-03-03"):
        find_snapshot(tmp_path, "mini/2027")
    with pytest.raises(ReportError, match="No run of a report"):
        find_snapshot(tmp_path, "../../etc")


def test_what_is_no_run_is_passed_over(tmp_path):
    run = keep(tmp_path)
    for name in (".draft-1", "2026-03-01", "2026-03-01T10-00-00Z"):
        (run.folder.parent / name).mkdir()
    (run.folder.parent / "2026-03-01T11-00-00Z").write_text("a file")
    (run.folder.parent / "2026-03-01T10-00-00Z" / "facts.json").write_text("{")
    assert [one.run for one in snapshots_of(tmp_path, "mini")] == [run.run]
    assert report_names(tmp_path) == ["mini"]
    (run.folder / "results.json").write_text("{")
    with pytest.raises(ReportError, match="damaged"):
        _ = run.results
    (run.folder / "tables" / "01-loss.parquet").write_text("no")
    with pytest.raises(ReportError, match="cannot be read"):
        _ = run.tables


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "..",
        "a/b",
        "a\\b",
        ".hidden",
        "",
        "a\x00b",
        "NUL",
        "con.x",
        "x" * 300,
        "a ",
        "Index",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_before_anything_is_written(tmp_path, name):
    with pytest.raises(ReportError, match="cannot be called"):
        safe_name(name)
    if name and "\x00" not in name:
        with pytest.raises(ReportError, match="cannot be called"):
            keep(tmp_path / "out", name=name)
        assert not list(tmp_path.rglob("*.html"))


@pytest.mark.parametrize("name", ["grow_key_accounts", "umsatz-über", "株式会社", "a b", "x--1.5"])
def test_names_of_every_script_are_names(tmp_path, name):
    assert keep(tmp_path, name=name).name == safe_name(name) == name


def test_a_folder_that_cannot_be_filled_leaves_nothing(tmp_path):
    def fill(draft):
        (draft / "a").write_text("x")
        raise OSError(28, "No space left on device")

    with pytest.raises(ReportError, match="No space left"):
        write_folder(tmp_path / "runs" / "x", fill)
    assert list((tmp_path / "runs").iterdir()) == []


def test_the_command_refuses_a_path_as_a_name(folder):
    write(folder, "mini", notebook("# Mini"))
    with pytest.raises(ReportError, match=r"No report or notebook is called '\.\./mini'"):
        run_reports(["../mini"], data=".")
    assert not (folder / "reports").exists()


def test_facts_are_json_that_any_reader_takes(tmp_path):
    run = keep(tmp_path, header(), figures(0, 0), finding(HOSTILE))
    text = (run.folder / "facts.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail)["figures"][0]["raw"]["value"] is None
