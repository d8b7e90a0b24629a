"""A report as Excel and as CSV: every table whole, values with formats, nothing that runs."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import datetime

import openpyxl
import pytest

from tests.reports.blocks import HEADER, HOSTILE, NAMES, accounts
from tests.reports.notebooks import table
from workbench.errors import ArgumentError, ReportError
from workbench.reports.exports.ask import export_report

STARTS = ("=", "@", "\t", "\r", "＝", "＠")


@pytest.fixture(scope="module")
def book(pages, tmp_path_factory):
    (path,) = export_report(
        "full", form="xlsx", folder=pages, out=tmp_path_factory.mktemp("out") / "a.xlsx"
    )
    return openpyxl.load_workbook(path)


def test_there_is_one_sheet_a_table_and_sheets_for_what_they_mean(book):
    assert book.sheetnames == [
        "Summary", "Fallout", "Hostile", "All", "Balance", "Findings", "Definitions", "Provenance",
    ]  # fmt: skip
    assert book["All"].max_row == 4 + 1000
    assert book["Definitions"]["A2"].value == "Account reached a step"
    provenance = dict(book["Provenance"].iter_rows(min_row=2, values_only=True))
    assert provenance["Workspace"] == HEADER["workspace"]
    assert provenance["Fingerprint of data and settings"] == HEADER["fingerprint"]


def test_numbers_are_numbers_with_a_format_and_days_are_days(book):
    heads = [cell.value for cell in book["Hostile"][4]]
    row = dict(zip(heads, book["Hostile"][6], strict=True))
    assert heads[-1] == "Waiting (days)"
    assert (row["Open opportunities"].value, row["Open opportunities"].number_format) == (
        7,
        "#,##0",
    )
    assert row["Won share"].value == pytest.approx(0.3701)
    assert row["Won share"].number_format == "0.0%"
    assert row["Last contact"].value == datetime(2026, 3, 2)
    assert row["Last contact"].number_format == "yyyy-mm-dd"
    assert row["Waiting (days)"].value == pytest.approx(13)
    missing = dict(zip(heads, book["Hostile"][9], strict=True))
    assert missing["Won share"].value is None


def test_nothing_runs_and_every_name_is_there(book):
    texts = [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    ]
    assert all(cell.data_type == "s" for cell in texts)
    assert [cell.value for cell in texts if cell.value.startswith(STARTS)] == []
    said = {cell.value.removeprefix("'") for cell in texts}
    assert set(NAMES) <= said
    changed = next(cell for cell in texts if "1.8 points" in cell.value)
    assert changed.value.startswith("+1.8")
    assert changed.quotePrefix  # Excel is told that this is a text


def test_the_summary_leads_to_every_table(book):
    links = [row[0].hyperlink for row in book["Summary"].iter_rows() if row[0].hyperlink]
    assert [re.match(r"'(.+)'!A1", link.location)[1] for link in links] == [
        "Fallout", "Hostile", "All", "Balance", "Findings",
    ]  # fmt: skip


def test_equal_reports_are_equal_files(pages, tmp_path):
    for form, name in (("xlsx", "a.xlsx"), ("csv", "a.zip"), ("email", "a.eml")):
        made = [
            export_report("full", form=form, folder=pages, out=tmp_path / side / name)[0]
            for side in "xy"
        ]
        contents = [re.sub(rb"={15}\d+==", b"", path.read_bytes()) for path in made]
        assert contents[0] == contents[1]


LONG_NAMES = ["History", "history", "a" * 40, "a" * 41, "x/y:z[1]*?", "'quoted'", HOSTILE, "日本"]


def test_sheet_names_are_what_excel_takes(keep, tmp_path):
    blocks = [
        {
            "block": "table",
            "anchor": name,
            "heading": name,
            "table": table([("A", "text")], [["1"]]),
        }
        for name in LONG_NAMES
    ]
    (path,) = export_report("small", form="xlsx", folder=keep(*blocks), out=tmp_path)
    names = openpyxl.load_workbook(path).sheetnames[1:-1]
    assert len(names) == len(LONG_NAMES)
    assert len({name.casefold() for name in names}) == len(names)
    assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in names)
    assert "history" not in {name.casefold() for name in names}


def test_a_text_that_no_cell_holds_is_cut_and_says_so(keep, tmp_path):
    block = {"block": "table", "anchor": "t", "heading": "Long",
             "table": table([("A", "text")], [["x" * 40_000], ["a\x07b"]])}  # fmt: skip
    (path,) = export_report("small", form="xlsx", folder=keep(block), out=tmp_path)
    cells = [
        row[0] for row in openpyxl.load_workbook(path)["T"].iter_rows(min_row=5, values_only=True)
    ]
    assert len(cells[0]) < 32_767
    assert cells[0].endswith("(40,000 signs in all)")
    assert cells[1] == "a\ufffdb"


def test_a_report_without_any_table_is_still_a_book(keep, tmp_path):
    (path,) = export_report("small", form="xlsx", folder=keep(HEADER), out=tmp_path)
    assert openpyxl.load_workbook(path).sheetnames == ["Summary", "Provenance"]


def test_csv_holds_every_row_with_the_values_behind_what_is_shown(pages, tmp_path):
    (path,) = export_report("full", form="csv", folder=pages, out=tmp_path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
    rows = list(csv.reader(io.StringIO(files["all.csv"])))
    assert len(rows) == 1001
    wanted = accounts(1000)["rows"][1]
    assert float(rows[2][3]) == wanted[3]
    assert [row[0] for row in rows if row[0].startswith(STARTS)] == []
    assert not any(re.search(r"[/\\]|\.\.", name) for name in files)
    assert {"_figures.csv", "_definitions.csv", "_provenance.csv"} <= set(files)


@pytest.mark.parametrize("name", ["../full", "/etc/passwd", "nothing", "..", "full/2031"])
def test_a_run_that_is_not_kept_is_refused(pages, tmp_path, name):
    with pytest.raises(ReportError):
        export_report(name, form="xlsx", folder=pages, out=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_form_or_a_wrong_ending_is_refused(pages, tmp_path):
    with pytest.raises(ArgumentError, match="xlsx"):
        export_report("full", form="xls", folder=pages, out=tmp_path)
    with pytest.raises(ArgumentError, match=r"\.xlsx"):
        export_report("full", form="xlsx", folder=pages, out=tmp_path / "a.pdf")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArgumentError, match="can be written"):
        export_report("full", form="xlsx", folder=pages, out=tmp_path / "file" / "a.xlsx")
    (tmp_path / "full.xlsx").symlink_to(tmp_path / "elsewhere.xlsx")
    with pytest.raises(ArgumentError, match="of its own"):
        export_report("full", form="xlsx", folder=pages, out=tmp_path)
