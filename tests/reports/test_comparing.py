"""Two runs side by side: as raw values, as pages alone, as text and as a page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reports.blocks import HOSTILE, accounts, full_report
from tests.reports.kept import figures, finding, header, keep
from workbench.cli import main
from workbench.errors import ReportError
from workbench.reports.compared_page import write_comparison
from workbench.reports.comparing import compare_runs, find_side, in_text
from workbench.reports.kept_tables import KeptTable
from workbench.reports.page_tables import tables_of_page
from workbench.reports.table_changes import change_of

DAY = timedelta(days=1)


def kept(columns: str, *rows, anchor: str = "t") -> KeptTable:
    """A table whose columns are named and typed: ``name:text n:count``."""
    pairs = [one.split(":") for one in columns.split()]
    described = tuple({"name": n, "label": n.upper(), "kind": k, "unit": ""} for n, k in pairs)
    return KeptTable(anchor, "Title", described, tuple(map(tuple, rows)))


def test_rows_are_recognised_by_what_tells_them_apart():
    before = kept("owner:text key:text n:count", ("A", "k1", 1), ("A", "k2", 2), ("B", "k3", 3))
    after = kept("owner:text key:text n:count", ("C", "k2", 2), ("A", "k1", 4), ("B", "k4", 3))
    found = change_of(before, after)
    assert found.keys == ("KEY",)
    assert [key for key, _ in found.added] == ["k4"]
    assert [key for key, _ in found.removed] == ["k3"]
    assert found.changed == (("k2", "OWNER", "A", "C"), ("k1", "N", 1, 4))
    assert not found.same


def test_several_columns_are_taken_when_one_is_not_enough():
    rows = [("A", "x", 1), ("A", "y", 2), ("B", "x", 3)]
    found = change_of(kept("a:text b:text n:count", *rows), kept("a:text b:text n:count", *rows))
    assert found.keys == ("A", "B")
    assert found.same


def test_rows_without_any_name_are_counted_off():
    before, after = kept("n:count", (1,), (2,)), kept("n:count", (1,), (5,), (6,))
    found = change_of(before, after)
    assert found.keys == ()
    assert found.changed == (("#2", "N", 2, 5),)
    assert [key for key, _ in found.added] == ["#3"]


def test_columns_that_came_or_went_are_named():
    before = kept("a:text n:count old:text", ("x", 1, "y"))
    after = kept("a:text n:count m:share", ("x", 1, 0.5))
    found = change_of(before, after)
    assert (found.columns_added, found.columns_removed) == (("M",), ("old",))
    assert found.changed == ()


def test_numbers_that_differ_by_the_order_of_adding_are_the_same():
    one, other = kept("a:text n:money", ("x", 0.1 + 0.2)), kept("a:text n:money", ("x", 0.3))
    assert change_of(one, other).same


ROWS = st.dictionaries(st.text("abcé<&", min_size=1, max_size=4), st.integers(0, 9), max_size=8)


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS, st.randoms(use_true_random=False))
def test_every_row_is_accounted_for_whatever_the_order(one, other, random):
    lines = list(other.items())
    random.shuffle(lines)
    found = change_of(kept("a:text n:count", *one.items()), kept("a:text n:count", *lines))
    assert {key for key, _ in found.added} == set(other) - set(one)
    assert {key for key, _ in found.removed} == set(one) - set(other)
    assert {key: (a, b) for key, _, a, b in found.changed} == {
        key: (one[key], other[key]) for key in one if key in other and one[key] != other[key]
    }
    back = change_of(kept("a:text n:count", *lines), kept("a:text n:count", *one.items()))
    assert (len(back.added), len(back.removed)) == (len(found.removed), len(found.added))


def test_a_page_alone_gives_its_tables_back(tmp_path):
    run = keep(tmp_path, *full_report())
    shown, raw = tables_of_page(run.page.read_text(encoding="utf-8")), run.tables
    assert [table.anchor for table in shown] == [table.anchor for table in raw if table.rows]
    steps = next(table for table in shown if table.anchor == "fallout")
    assert steps.rows[1][:2] == ("Lead", 498.0)
    assert steps.rows[1][2] == pytest.approx(100 * 498 / 540)
    big = next(table for table in shown if table.anchor == "all")
    assert len(big.rows) == 1000
    assert big.rows[4][3] is None, "what is unknown stays unknown"
    assert HOSTILE not in str(big.labels)


def two(tmp_path):
    """Two runs that differ in a figure, an answer, two rows and the data."""
    keep(tmp_path, header(), figures(), finding("12 of 30 are lost", Acme=12, Bolt=18))
    keep(tmp_path, header("2026-03-08", rows=812), figures(90),
         finding("13 of 33 are lost", Acme=13, Cora=20), after=DAY)  # fmt: skip
    return [find_side(tmp_path, f"mini/2026-03-0{day}") for day in (1, 2)]


def test_two_runs_as_text(tmp_path):
    found = compare_runs(*two(tmp_path))
    assert not found.same
    text = in_text(found)
    for line in (
        "mini 2026-03-01 09:00 → mini 2026-03-02 09:00",
        "Asked differently: as of: 2026-03-01 → 2026-03-08.",
        "Other data: accounts 800 → 812 rows.",
        "  Won: 11 % → 17 %  (+5.2 points (95 %: +1.0 to +9.3))",
        "  − 12 of 30 are lost",
        "13 of 33 are lost: 1 row added, 1 row removed, 1 row changed",
        "  + Cora",
        "  Acme · Lost: 12 → 13",
    ):
        assert line in text
    assert "and 2 more lines" in in_text(found, most=2)


def test_the_same_run_is_the_same(tmp_path):
    side = two(tmp_path)[0]
    assert compare_runs(side, side).same
    assert "Every number and every sentence is the same." in in_text(compare_runs(side, side))


def test_pages_alone_are_compared_by_what_they_show(tmp_path):
    sides = two(tmp_path / "site")
    alone = []
    for number, side in enumerate(sides):
        copy = tmp_path / f"{number}.html"
        copy.write_bytes(side.page.read_bytes())
        alone.append(find_side(tmp_path / "nowhere", str(copy)))
    assert [side.run for side in alone] == [None, None]
    found, raw = compare_runs(*alone), compare_runs(*sides)
    assert found.figures == raw.figures
    changes = [one.changed for one in found.tables]
    assert changes == [(("Acme", "Lost", 12.0, 13.0), ("Acme", "Share", 30.0, 32.5))]
    mixed = compare_runs(alone[0], sides[1])
    assert [one.changed for one in mixed.tables] == changes


def test_the_latest_page_is_known_as_its_run(tmp_path):
    sides = two(tmp_path)
    latest = find_side(tmp_path, str(tmp_path / "mini.html"))
    assert latest.run is not None
    assert latest.run.run == sides[1].run.run


def test_what_is_no_page_is_refused(tmp_path):
    stranger = tmp_path / "stranger.html"
    stranger.write_text("<p>Hello</p>")
    with pytest.raises(ReportError, match="is no page of a report"):
        find_side(tmp_path, str(stranger))
    with pytest.raises(ReportError, match=r"There is no page .*gone\.html"):
        find_side(tmp_path, str(tmp_path / "gone.html"))


def test_the_page_of_a_comparison_holds_it_all_and_runs_nothing(tmp_path):
    keep(tmp_path, header(), figures(), finding(HOSTILE, **{HOSTILE: 1}))
    keep(tmp_path, header(), figures(70), finding(HOSTILE, **{HOSTILE: 2}), after=DAY)
    found = compare_runs(*(find_side(tmp_path, f"mini/2026-03-0{day}") for day in (1, 2)))
    path = write_comparison(found, tmp_path / "out" / "difference.html")
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    assert soup.h1.text == "What changed: How are things?"
    rows = [[cell.text for cell in row.select("td")] for row in soup.select("#table-1 tbody tr")]
    assert rows[0] == ["changed", HOSTILE, "Lost", "1", "2"]
    assert soup.img is None
    assert len(soup.select("#figures tbody tr")) == 3


def test_a_difference_of_thousands_of_rows_stays_a_page(tmp_path):
    many = {"block": "table", "heading": "Many", "table": accounts(3000)}
    keep(tmp_path, header(), many)
    keep(tmp_path, header(), {**many, "table": accounts(10)}, after=DAY)
    found = compare_runs(*(find_side(tmp_path, f"mini/2026-03-0{day}") for day in (1, 2)))
    path = write_comparison(found, tmp_path / "difference.html")
    assert path.stat().st_size < 600_000
    assert "The first 1,000 of 2,990 lines." in path.read_text(encoding="utf-8")


def test_the_command_prints_and_writes(tmp_path, capsys):
    two(tmp_path)
    pages = ["--pages", str(tmp_path)]
    out = str(tmp_path / "d.html")
    assert main(["compare", "mini/2026-03-01", "mini", "--html", out, *pages]) == 0
    printed = capsys.readouterr().out
    assert "Key figures" in printed
    assert printed.splitlines()[-1] == f"Page: {out}"
    assert main(["compare", "mini", "../x", *pages]) == 1
    assert "No run of a report '..' is kept" in capsys.readouterr().err
