"""A page is run again from itself alone: the same numbers, or what differs and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.reports.kept import finding, keep
from tests.reports.notebooks import notebook, write
from workbench.cli import main
from workbench.errors import ReportError
from workbench.reports import about
from workbench.reports.kept_tables import table_digests
from workbench.reports.replay import CANNOT, DIFFERENT, SAME, replay_page
from workbench.reports.run import run_reports
from workbench.reports.snapshots import snapshots_of

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
PARAMETERS = """\
workspace: str = "ours"  # whose data
data: str = ""  # folder of the files
as_of: str = ""  # [date] look from this day
most: int = 3  # rows shown
"""
# Reads a file, so that the data can change; says everything a real page says of its data.
COUNTED = """\
from pathlib import Path
import hashlib
text = Path(data or "files", "accounts.csv").read_text()
names = text.split()[:most]
mark = hashlib.sha256(text.encode()).hexdigest()[:8]
Show(block="header", title="How many?", workspace=workspace, as_of="2026-03-31", fingerprint=mark,
     tables={"accounts": {"rows": len(text.split()), "digest": mark}})
"""
FIGURES = """\
count = {"kind": "count", "value": len(names)}
Show(block="figures", figures=[{"label": "Accounts", "value": str(len(names)), "raw": count}])
"""
TABLE = """\
columns = [{"name": "name", "label": "Name", "kind": "text"},
           {"name": "n", "label": "Letters", "kind": "count"}]
Show(block="table", anchor="names", heading="Names", table={"columns": columns,
     "rows": [[name, len(name)] for name in names]})
"""
MADE = "# How many?", COUNTED, FIGURES, TABLE


@pytest.fixture
def page(folder: Path) -> Path:
    """A page made from a file, alone: notebook, report folder and runs are gone."""
    (folder / "files").mkdir()
    (folder / "files" / "accounts.csv").write_text("Acme Bolt Cora Dora")
    write(folder, "mini", notebook(*MADE, parameters=PARAMETERS))
    made = run_reports(["mini"], assignments=["most=3"], now=lambda: NOW).made[0]
    assert made.status == "ok"
    copy = folder / "from-a-mail.html"
    copy.write_bytes((folder / "reports" / "mini.html").read_bytes())
    for path in sorted([*(folder / "notebooks").rglob("*"), *(folder / "reports").rglob("*")])[
        ::-1
    ]:
        path.unlink() if path.is_file() else path.rmdir()
    return copy


def test_the_same_data_give_the_same_numbers(page):
    found = replay_page(str(page), trust=True)
    assert (found.exit_code, found.reasons) == (SAME, ())
    assert found.sentence == "The numbers are the same: 1 key figures, 1 answers, 1 tables."


def test_changed_data_are_named_with_what_they_change(page, capsys):
    Path("files", "accounts.csv").write_text("Acme Bolton Cora Dora Elmo")
    found = replay_page(
        str(page), trust=True, save="again.html", now=lambda: NOW + timedelta(days=1)
    )
    assert found.exit_code == DIFFERENT
    assert found.reasons == ("The data changed: accounts 4 → 5 rows.",)
    assert found.sentence == "The numbers differ (tables: Names)."
    (table,) = found.comparison.tables
    assert [key for key, _ in table.added] == ["Bolton"]
    assert [key for key, _ in table.removed] == ["Bolt"]
    assert about.read_facts(Path("again.html"))["made_at"].startswith("2026-04-02")

    assert main(["replay", "--trust", str(page)]) == DIFFERENT
    printed = capsys.readouterr().out
    assert "The data changed: accounts 4 → 5 rows." in printed
    assert "  + Bolton" in printed


def test_changed_data_that_change_no_number_are_said_too(page):
    Path("files", "accounts.csv").write_text("Acme Bolt Cora Dora Elmo")
    found = replay_page(str(page), trust=True)
    assert found.exit_code == SAME
    assert found.reasons == ("The data changed: accounts 4 → 5 rows.",)


def test_data_that_are_gone_are_said_before_anything_runs(page, capsys, monkeypatch):
    monkeypatch.setattr("workbench.reports.run.execute", lambda plan: pytest.fail("it ran"))
    assert main(["replay", "--trust", str(page), "--data", "moved"]) == CANNOT
    assert "The data are gone: there is no folder moved." in capsys.readouterr().out


def test_data_that_moved_are_found_by_their_new_folder(page):
    Path("files").rename("moved")
    found = replay_page(str(page), trust=True)
    assert found.exit_code == CANNOT
    assert "FileNotFoundError" in found.sentence
    assert replay_page(str(page), trust=True, data="moved").exit_code == SAME


def test_chance_without_a_seed_and_other_versions_are_told_apart(folder):
    figure = "{'label': 'Drawn', 'value': os.urandom(8).hex()}"
    drawn = f"import os\nShow(block='figures', figures=[{figure}])"
    write(folder, "mini", notebook("# Drawn", drawn, parameters=PARAMETERS))
    run_reports(["mini"], data=".", now=lambda: NOW)
    found = replay_page("mini")
    assert found.exit_code == DIFFERENT
    assert found.sentence.startswith("The numbers differ (key figures: Drawn).")
    assert "without a seed" in found.sentence
    path = Path("reports", "mini.html")
    text = path.read_text(encoding="utf-8")
    known = about.library_versions()["pandas"]
    assert f'"pandas":"{known}"' in text
    path.write_text(text.replace(f'"pandas":"{known}"', '"pandas":"1.0"'), encoding="utf-8")
    found = replay_page(str(path))
    assert found.reasons == (f"Other versions: pandas 1.0 → {known}.",)
    assert "without a seed" not in found.sentence


def test_a_page_without_its_notebook_is_refused(tmp_path):
    run = keep(tmp_path)
    text = run.page.read_text(encoding="utf-8")
    bare = tmp_path / "bare.html"
    bare.write_text(text.replace('id="report-origin"', 'id="other"'), encoding="utf-8")
    with pytest.raises(ReportError, match="does not carry the notebook that made it"):
        replay_page(str(bare), trust=True)


def test_a_page_carries_everything_that_runs_it_again(tmp_path):
    run = keep(tmp_path, finding(), top=7, segment="</script><script>alert(1)</script>")
    origin = about.read_origin(run.page.read_text(encoding="utf-8"))
    assert [cell["source"] for cell in origin["cells"]] == ["answer(ws)"]
    assert origin["values"] == {"top": 7, "segment": "</script><script>alert(1)</script>"}
    assert origin["tables"] == table_digests(run.tables)
    assert set(run.facts["versions"]) >= {"workbench", "duckdb", "pandas", "numpy", "statsmodels"}
    json.dumps(run.facts)


def test_a_hostile_page_runs_nothing_before_its_parameters_fit(page):
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace('"values":{"most":3}', '"values":{"most":"3"}'), encoding="utf-8")
    with pytest.raises(ReportError, match="was not run: most='3' is not int"):
        replay_page(str(page), trust=True)


def test_latest_and_kept_runs_can_be_named_too(folder):
    (folder / "files").mkdir()
    (folder / "files" / "accounts.csv").write_text("Acme Bolt")
    write(folder, "mini", notebook(*MADE, parameters=PARAMETERS))
    run_reports(["mini"], now=lambda: NOW)
    run = next(snapshots_of(folder / "reports", "mini"))
    assert replay_page(run.run).exit_code == SAME


def test_code_from_elsewhere_runs_only_when_it_is_trusted(page, capsys, monkeypatch):
    monkeypatch.setattr("workbench.reports.run.execute", lambda plan: pytest.fail("it ran"))
    assert main(["replay", str(page)]) == CANNOT
    assert "holds code of a notebook that is not known here" in capsys.readouterr().err
    # A cell that calls itself parameters is code like any other.
    write(Path(), "mini", notebook(*MADE, parameters=PARAMETERS))
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("most: int = 3", "most: int = print(3)"), encoding="utf-8")
    with pytest.raises(ReportError, match="not known here"):
        replay_page(str(page))


def test_a_notebook_in_reach_is_trusted(page):
    write(Path(), "mini", notebook(*MADE, parameters=PARAMETERS))
    assert replay_page(str(page)).exit_code == SAME
