"""Comments as end notes of every form: their numbers, the value then, and what became of it."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest

from tests.reports.blocks import HEADER, finding
from tests.reports.notebooks import table
from workbench.collaboration.comments import talking
from workbench.collaboration.comments.model import Anchor
from workbench.collaboration.store import open_store
from workbench.reports.exports import paper
from workbench.reports.exports.ask import export_report, material_of
from workbench.reports.exports.said import with_later_notes
from workbench.reports.snapshots import find_snapshot

STEPS = table([("Step", "text"), ("Reached", "count")], [["Lead", 540], ["MQL", 421]])
HEADING = "Accounts fall out: 193 of 421"


@pytest.fixture
def talked(keep, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(tmp_path / "c.db"))
    pages = keep(HEADER, finding("fallout", HEADING, table=STEPS))
    store = open_store()
    place = {"visual": "fallout", "heading": HEADING, "metric": "Reached"}

    def say(text, anchor=None):
        return talking.post(store, "small", text, by="mika", anchor=anchor or Anchor())

    first = say("Why so few? <script>", Anchor(**place, row="MQL", value="400"))
    talking.reply(store, first.id, "A new rule.", by="noor")
    say("Gone", Anchor(**place, row="Acme", value="7"))
    settled = say("Old")
    talking.resolve(store, settled.id, by="mika")
    say("=2+2 on the whole")
    store.close()
    return pages


def test_open_threads_are_end_notes_with_the_value_then_and_now(talked):
    notes = material_of(find_snapshot(talked, "small")).comments
    assert [note["text"] for note in notes] == [
        "Why so few? <script>", "A new rule.", "Gone", "=2+2 on the whole",
    ]  # fmt: skip
    assert [note["depth"] for note in notes] == [0, 1, 0, 0]
    assert notes[0]["value"] == "400; now 421"
    assert notes[0]["place"] == f"{HEADING}: MQL · Reached"
    assert notes[2]["value"] == "7 (its place is gone)"


def test_excel_and_csv_hold_them(talked, tmp_path):
    (book,) = export_report("small", form="xlsx", folder=talked, out=tmp_path)
    sheet = openpyxl.load_workbook(book)["Comments"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [row[3] for row in rows] == ["mika", "noor", "mika", "mika"]
    assert rows[1][5] == "↳ A new rule."
    assert rows[3][5] == "'=2+2 on the whole"
    (archive,) = export_report("small", form="csv", folder=talked, out=tmp_path)
    with zipfile.ZipFile(archive) as opened:
        assert "'=2+2 on the whole" in opened.read("_comments.csv").decode("utf-8-sig")


def test_a_pdf_holds_those_that_the_page_does_not(talked, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(paper, "save_pdf", lambda html, path: seen.append(html) or path)
    export_report("small", form="pdf", folder=talked, out=tmp_path)
    assert "Comments since this page was made" in seen[0]
    assert "Why so few? &lt;script&gt;" in seen[0]
    late = datetime(2999, 1, 1, tzinfo=UTC).isoformat()
    notes = material_of(find_snapshot(talked, "small")).comments
    assert with_later_notes("<main></main>", notes, late) == "<main></main>"
    assert with_later_notes("<main></main>", notes, "") == "<main></main>"


def test_without_a_store_there_are_none_and_none_is_made(keep, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(tmp_path / "none.db"))
    pages = keep(HEADER, finding("fallout", HEADING, table=STEPS))
    assert material_of(find_snapshot(pages, "small")).comments == ()
    assert not (tmp_path / "none.db").exists()
