"""Old runs go by number or age; the last good one of a report never does."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.reports.kept import FIRST, header, keep
from workbench.cli import main
from workbench.errors import ArgumentError
from workbench.reports.cells import Failure
from workbench.reports.cleaning import clean, disk_use, size_of
from workbench.reports.snapshots import snapshots_of

DAY = timedelta(days=1)
NOW = FIRST + 100 * DAY


def days(folder: Path, name: str = "mini") -> list[int]:
    """Days after the first on which the kept runs were made, newest first."""
    return [
        (int(run.folder.name[5:7]) - 3) * 31 + int(run.folder.name[8:10]) - 1
        for run in snapshots_of(folder, name)
    ]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two reports: runs of days 0, 10, 20, 30, the newest two of one failed."""
    for day in (0, 10, 20, 30):
        failure = Failure(1, 2, "x", "y") if day >= 20 else None
        keep(tmp_path, header(), after=day * DAY)
        keep(tmp_path, header(), name="shaky", failure=failure, after=day * DAY)
    return tmp_path


def test_by_number(site):
    done = clean(site, keep=2, now=NOW)
    assert days(site) == [30, 20]
    assert days(site, "shaky") == [30, 20, 10], "the last good run stays beside the newest"
    assert len(done.gone) == 3
    assert done.kept == 5
    assert done.left == size_of(site / "runs")


def test_by_age(site):
    clean(site, older_than="85d", now=NOW)
    assert days(site) == [30, 20]
    assert days(site, "shaky") == [30, 20, 10]
    clean(site, older_than="1d", now=NOW)
    assert days(site) == [30]
    assert days(site, "shaky") == [10]


def test_by_both_only_what_is_neither_new_nor_young_goes(site):
    clean(site, keep=1, older_than="85d", now=NOW)
    assert days(site) == [30, 20]
    clean(site, keep=3, older_than="1d", now=NOW)
    assert days(site) == [30, 20]


def test_only_the_named_report(site):
    clean(site, keep=1, names=("mini",), now=NOW)
    assert days(site) == [30]
    assert len(days(site, "shaky")) == 4


def test_a_dry_run_says_what_would_go_and_leaves_it(site):
    before = size_of(site)
    done = clean(site, keep=1, now=NOW, dry_run=True)
    assert size_of(site) == before
    assert done.sentence(dry_run=True).startswith("5 runs would go, ")
    real = clean(site, keep=1, now=NOW)
    assert (real.gone, real.freed, real.kept) == (done.gone, done.freed, done.kept)
    assert abs(real.left - done.left) < 10


def test_latest_pages_stay(site):
    pages = {path.name: path.read_bytes() for path in site.glob("*.html")}
    clean(site, keep=1, now=NOW)
    assert {path.name: path.read_bytes() for path in site.glob("*.html")} == pages


def test_what_killed_writers_left_goes_after_a_day(site):
    old, young = (site / "runs" / "mini" / f".draft-{name}" for name in ("old", "young"))
    for draft in (old, young):
        draft.mkdir()
        (draft / "page.html").write_text("half")
    moment = (NOW - 2 * DAY).timestamp()
    os.utime(old, (moment, moment))
    os.utime(young, (NOW.timestamp(), NOW.timestamp()))
    (site / "runs" / "mini" / ".gone-2026-01-01T00-00-00Z").mkdir()
    clean(site, keep=100, now=NOW)
    left = [path.name for path in (site / "runs" / "mini").iterdir() if path.name[0] == "."]
    assert left == [".draft-young"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Say what may go"),
        ({"keep": 0}, "from 1 on"),
        ({"older_than": "soon"}, "a number with its unit"),
        ({"keep": 1, "names": ("max",)}, "mini"),
    ],
)
def test_what_cannot_be_understood_takes_nothing_away(site, asked, said):
    with pytest.raises(ArgumentError, match=said):
        clean(site, now=NOW, **asked)
    assert len(days(site)) == 4


def test_disk_use_is_said(site, tmp_path):
    lines = disk_use(site).splitlines()
    assert lines[0].startswith("mini: 4 runs, ")
    assert "(2 failed)" in lines[1]
    assert lines[2].startswith("All runs: ")
    assert disk_use(tmp_path / "none").startswith("No run is kept in ")


def test_the_commands(site, capsys):
    pages = ["--pages", str(site)]
    assert main(["site", "clean", "--keep", "2", *pages]) == 0
    assert capsys.readouterr().out.startswith("3 runs taken away, ")
    assert (site / "index.html").is_file()
    assert main(["site", "size", *pages]) == 0
    assert "mini: 2 runs" in capsys.readouterr().out
    assert main(["site", "index", *pages]) == 0
    assert main(["site", "clean", *pages]) == 2
