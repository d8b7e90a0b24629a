"""The command line: quick help, one function a command, sentences instead of tracebacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.reports.notebooks import notebook, write
from workbench import __version__, cli
from workbench.errors import ArgumentError, DataError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with one notebook."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "mini", notebook("# How?"))
    return tmp_path


def test_help_loads_nothing_heavy():
    code = "import sys; from workbench import cli; cli._parser(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {
        "pandas",
        "numpy",
        "duckdb",
        "altair",
        "numba",
        "papermill",
        "nbformat",
        "jinja2",
        "pydantic",
        "rich",
    }
    assert not heavy & set(loaded.stdout.split())


def test_version_and_help(capsys):
    for argument, text in (("--version", f"workbench {__version__}"), ("--help", "report")):
        with pytest.raises(SystemExit) as ended:
            cli.main([argument])
        assert ended.value.code == 0
        assert text in capsys.readouterr().out


def test_an_unknown_command_is_usage(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["repot"])
    assert ended.value.code == 2
    assert "report" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report"], "No report was named."),
        (["report", "nothing"], "No report or notebook is called 'nothing'."),
        (["report", "mini", "--data", ".", "-p", "tops=1"], "did you mean 'top'?"),
        (["report", "mini", "--data", ".", "-p", "top"], "-p top is not key=value."),
        (["report", "mini", "--data", ".", "--as-of", "soon"], "--as-of soon is not a date"),
        (["report", "mini", "--all"], "Give report names or --all, not both."),
        (["new", "."], ". is not empty."),
    ],
)
def test_what_cannot_be_understood_ends_with_2(folder, capsys, arguments, said):
    assert cli.main(arguments) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


def test_what_a_user_can_mend_ends_with_1(folder, capsys):
    assert cli.main(["report", "mini", "--data", "nowhere"]) == 1
    assert "there is no folder nowhere" in capsys.readouterr().err


def test_ctrl_c_is_one_sentence(folder, capsys, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.reports.run.run_reports", stop)
    assert cli.main(["report", "mini"]) == 130
    assert capsys.readouterr().err.startswith("Stopped.")


def test_ctrl_c_inside_a_query_is_the_same_sentence(folder, capsys, monkeypatch):
    def stopped(*_, **__):
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("workbench.reports.checking.ask", stopped)
    assert cli.main(["sql", "any", "select 1"]) == 130
    assert "half-written" in capsys.readouterr().err


def test_report_hands_everything_over(folder, capsys, monkeypatch):
    seen = {}

    def fake(names, **options):
        seen.update(options, names=names)
        options["say"]("a page")
        return SimpleNamespace(ok=False, index=Path("out/index.html"))

    monkeypatch.setattr("workbench.reports.run.run_reports", fake)
    code = cli.main(
        [
            "report",
            "a",
            "b",
            "--workspace",
            "w",
            "--data",
            "d",
            "-p",
            "x=1",
            "-p",
            "y=2",
            "--as-of",
            "2026-03-31",
            "--out",
            "out",
        ]
    )
    assert code == 1
    del seen["say"]
    assert seen == {
        "names": ["a", "b"], "every": False, "workspace": "w", "data": "d", "as_of": "2026-03-31",
        "assignments": ["x=1", "y=2"], "out": "out",
    }  # fmt: skip
    assert capsys.readouterr().out == f"a page\nIndex: {Path('out/index.html')}\n"


def test_demo_passes_only_what_was_given(capsys, monkeypatch):
    seen = []
    monkeypatch.setattr("workbench.data.demo.generate", lambda *a, **k: seen.append((a, k)))
    assert cli.main(["demo"]) == 0
    assert cli.main(["demo", "--out", "x", "--events", "1e6", "--seed", "3"]) == 0
    for _, options in seen:
        assert callable(options.pop("progress"))
    assert seen == [(("data/demo",), {}), (("x",), {"events": 1_000_000, "seed": 3})]


@pytest.mark.parametrize("events", ["0", "many", "-5"])
def test_a_number_of_events_is_checked(events, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["demo", f"--events={events}"])
    assert ended.value.code == 2
    assert "--events" in capsys.readouterr().err


def test_new_lays_out_a_whole_folder(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "work/here"]) == 0
    made = tmp_path / "work" / "here"
    assert "workbench demo" in capsys.readouterr().out
    assert {path.name for path in made.iterdir()} == {
        "notebooks",
        "parameters",
        "README.md",
        ".gitignore",
    }
    assert (made / "parameters" / "workspaces" / "demo.yaml").is_file()
    assert (made / "parameters" / "reports" / "grow_key_accounts.yaml").is_file()
    assert [path.name for path in made.parent.iterdir()] == ["here"]
    assert cli.main(["new", "work/here"]) == 2


WORKSPACE = """\
name: small
title: Small
root: data
source_tz: UTC
tables: {accounts: {file: accounts.csv}}
"""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of three accounts, one of them without a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "accounts.csv").write_text(
        "account_id,name\na,北極光\nb,Müller\n,Nobody\n", encoding="utf-8"
    )
    path = tmp_path / "small.yaml"
    path.write_text(WORKSPACE)
    return path


def test_check_prints_findings_and_balance(small, capsys):
    code = cli.main(["check", str(small)])
    shown = capsys.readouterr().out
    assert "accounts.csv, line 4, column account_id" in shown
    assert "quarantined" in shown
    assert code in (0, 1)
    assert (code == 1) == ("- error:" in shown)


def test_check_of_files_that_are_not_there_ends_with_1(small, capsys):
    assert cli.main(["check", str(small), "--data", "nowhere"]) == 1
    assert "accounts.csv" in capsys.readouterr().err


def test_check_of_an_unknown_workspace_names_the_known(small, capsys):
    assert cli.main(["check", "dmo"]) == 2
    assert "Did you mean 'demo'?" in capsys.readouterr().err


def test_sql_answers_as_text(small, capsys):
    assert cli.main(["sql", str(small), "select name from accounts order by account_id"]) == 0
    assert capsys.readouterr().out.split() == ["name", "北極光", "Müller", "2", "rows"]
    assert cli.main(["sql", str(small), "selec"]) == 2
    told = capsys.readouterr().err
    assert "cannot be answered" in told
    assert told.rstrip().endswith("Tables: accounts, touchpoints.")


@pytest.mark.parametrize(("error", "code"), [(ArgumentError("x"), 2), (DataError("x"), 1)])
def test_errors_of_the_house_become_codes(error, code, monkeypatch, capsys):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("workbench.reports.checking.check", fail)
    assert cli.main(["check", "x"]) == code
    assert capsys.readouterr().err == "x\n"
