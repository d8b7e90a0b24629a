"""Running notebooks: kernels of their own, pages that are whole or not there."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.reports.blocks import FIGURES, HEADER
from tests.reports.notebooks import notebook, write
from workbench.errors import ReportError
from workbench.reports import site
from workbench.reports.kernel import started_kernel
from workbench.reports.progress import Bar, Silent, watch
from workbench.reports.run import run_reports

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


def run(*names: str, out: str = "reports", **more):
    """Run reports on data that are there."""
    return run_reports(names, data=more.pop("data", "."), out=out, now=lambda: NOW, **more)


def page(path: Path) -> BeautifulSoup:
    """Return a page as a tree."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_a_report_runs_with_its_parameters(folder):
    write(
        folder,
        "mini",
        notebook("# How are things?", HEADER, FIGURES, "print(workspace, top, steps)"),
    )
    outcome = run("mini", assignments=["top=7", "steps=a,b"], as_of="2026-03-31")
    assert outcome.ok
    html = page(folder / "reports" / "mini.html")
    assert html.select_one("pre.output").text == "demo 7 ['a', 'b']"
    assert "7" in html.select_one(".chips").text
    assert sorted(path.name for path in (folder / "reports").iterdir()) == [
        "index.html",
        "mini.html",
        "runs",
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["notebooks", "reports"]


def test_a_failure_keeps_the_last_good_page_and_says_which_cell(folder):
    write(folder, "one", notebook("# One", FIGURES))
    run("one")
    good = (folder / "reports" / "one.html").read_bytes()
    why = "accounts.csv: no column <b>x</b>."
    broken = f"from workbench.errors import DataError\nraise DataError({why!r})"
    write(folder, "one", notebook("# One", FIGURES, "## Losses", broken, "print('never')"))
    outcome = run("one")
    assert not outcome.ok
    assert (folder / "reports" / "one.html").read_bytes() == good
    html = page(folder / "reports" / "one.failed.html")
    said = html.select_one(".failure .sentence").text
    assert (
        said
        == "Cell 6 of 7 (Losses) stopped the report: DataError: accounts.csv: no column <b>x</b>."
    )
    assert html.select_one(".figure"), "what was ready before is kept"
    assert "Traceback" not in html.text
    assert said in outcome.made[0].sentence
    index = page(folder / "reports" / "index.html")
    assert index.select_one(".entry a")["href"] == "one.html"
    assert index.select_one(".why a")["href"] == "one.failed.html"

    write(folder, "one", notebook("# One", FIGURES))
    assert run("one").ok
    assert not (folder / "reports" / "one.failed.html").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="ports are used there")
def test_a_kernel_leaves_no_sockets_in_the_working_folder(folder):
    before = sorted(Path.cwd().iterdir())
    with started_kernel() as manager:
        place = Path(manager.ip).parent
        assert place.is_dir()
        assert sorted(Path.cwd().iterdir()) == before
    assert not place.exists()
    assert sorted(Path.cwd().iterdir()) == before


def test_a_kernel_that_dies_gives_a_sentence(folder):
    write(folder, "dead", notebook("# Dead", "## Too much", "import os; os._exit(9)"))
    outcome = run("dead")
    assert outcome.made[0].status == "failed"
    assert (
        "Cell 5 of 5 (Too much) stopped the report: its process ended" in outcome.made[0].sentence
    )


def test_ctrl_c_leaves_nothing_behind(folder, monkeypatch):
    from workbench.reports import progress

    class Impatient(progress.Silent):
        def cell(self, number, label):
            if number > 2:
                raise KeyboardInterrupt

    monkeypatch.setattr("workbench.reports.run.watch", lambda *_: Impatient())
    write(folder, "slow", notebook("# Slow", "import time; time.sleep(60)"))
    with pytest.raises(KeyboardInterrupt):
        run("slow")
    assert not (folder / "reports").exists()


def test_everything_is_refused_before_anything_runs(folder, monkeypatch):
    monkeypatch.setattr("workbench.reports.run.execute", lambda plan: pytest.fail("it ran"))
    write(folder, "a", notebook())
    write(folder, "b", notebook(parameters="top: str = ''\n"))
    with pytest.raises(ReportError, match=r"top=5 is not str|unknown parameter 'data'"):
        run("a", "b", assignments=["top=5"])
    assert not (folder / "reports").exists()


def test_a_matrix_makes_pages_and_an_overview(folder):
    reports = folder / "parameters" / "reports"
    reports.mkdir(parents=True)
    write(folder, "mini", notebook("# How?", FIGURES, "assert segment != 'B', 'no B'"))
    (reports / "seg.yaml").write_text(
        "notebook: mini\ntitle: How each?\nmatrix: {segment: [A, B, '<i>']}\n"
    )
    outcome = run("seg")
    assert [made.status for made in outcome.made] == ["ok", "failed", "ok"]
    overview = page(folder / "reports" / "seg.html")
    assert overview.h1.text == "How each?"
    links = {link.text: link["href"] for link in overview.select("td a")}
    assert links == {"A": "seg--A.html".lower(), "B": "seg--b.failed.html", "<i>": "seg--i.html"}
    assert [cell.text for cell in overview.select("tbody tr")[0].select("td")][:2] == ["A", "540"]
    assert "no B" in overview.select_one(".why").text
    index = page(folder / "reports" / "index.html")
    assert [entry.h2.text for entry in index.select(".entry")] == ["How each?"]
    assert index.select_one(".badge").text == "failed"


def test_all_passes_over_reports_whose_files_are_absent(folder):
    for name in ("here", "gone", "needed"):
        (folder / "parameters" / "workspaces").mkdir(parents=True, exist_ok=True)
        (folder / "parameters" / "workspaces" / f"{name}.yaml").write_text(
            f"name: {name}\nroot: ../../data/{name}\n"
        )
    (folder / "data" / "here").mkdir(parents=True)
    reports = folder / "parameters" / "reports"
    reports.mkdir(parents=True)
    write(folder, "mini", notebook("# How?", "print(repr(data))"))
    (reports / "a.yaml").write_text("notebook: mini\nworkspace: here\n")
    (reports / "b.yaml").write_text("notebook: mini\nworkspace: gone\nneeds_data: true\n")
    said: list[str] = []
    outcome = run(every=True, data="", say=said.append)
    assert [made.name for made in outcome.made] == ["a"]
    assert said[0] == f"Report b was passed over: its files are not in {Path('data/gone')}."

    (folder / "elsewhere" / "gone").mkdir(parents=True)
    outcome = run(every=True, data="elsewhere")
    assert [made.name for made in outcome.made] == ["a", "b"]
    shown = page(folder / "reports" / "b.html").select_one("pre.output").text
    assert shown == repr(str(Path("elsewhere/gone")))

    (reports / "c.yaml").write_text("notebook: mini\nworkspace: needed\n")
    with pytest.raises(ReportError, match="Report c was not run: there is no folder"):
        run("c", data="")
    with pytest.raises(ReportError, match="Give report names or --all, not both"):
        run("c", every=True)


def test_the_index_is_newest_first_and_passes_over_strangers(folder):
    out = folder / "out"
    for name, day in (("old", 1), ("new", 3), ("middle", 2)):
        write(folder, name, notebook(f"# Is it {name}?"))
        run_reports([name], data=".", out=out, now=lambda day=day: NOW.replace(day=day))
    (out / "stranger.html").write_text("<html>")
    (out / "liar.html").write_text(
        '<script type="application/json" id="report-facts">{"name": 1}</script>'
    )
    site.write_index(out)
    index = page(out / "index.html")
    assert [entry.h2.text for entry in index.select(".entry")] == [
        "Is it new?",
        "Is it middle?",
        "Is it old?",
    ]


def test_an_index_of_nothing_says_what_to_do(folder):
    site.write_index(folder / "out")
    assert "workbench report NAME" in page(folder / "out" / "index.html").select_one(".empty").text


def test_a_folder_that_cannot_be_written_is_a_sentence(folder):
    (folder / "reports").write_text("a file")
    write(folder, "mini", notebook())
    with pytest.raises(ReportError, match=r"cannot be written: .*--out"):
        run("mini")


def test_progress_is_quiet_unless_a_terminal_watches():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert isinstance(watch("x", ["a"], stream=io.StringIO()), Silent)
    assert isinstance(watch("x", ["a"], stream=Terminal()), Bar)


def test_progress_names_the_cell_and_what_it_does(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    with Bar("funnel", ["a", "b"]) as bar:
        bar.cell(2, "[bold]Where do they fall out?")
        bar._bar.refresh()
    shown = capsys.readouterr().err
    assert "cell 2 of 2" in shown
    assert "[bold]Where do they fall out?" in shown
