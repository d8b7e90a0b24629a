"""The page of an executed notebook: every kind of block, everything escaped, nothing asked for."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.reports.blocks import (
    DEFINITIONS,
    FIGURES,
    HOSTILE,
    SPECS,
    accounts,
    crowded_report,
    finding,
    full_report,
)
from tests.reports.notebooks import BLOCK, executed, notebook
from workbench.reports import site
from workbench.reports.about import shown
from workbench.reports.cells import Failure
from workbench.reports.definitions import Plan
from workbench.reports.packing import unpacked
from workbench.reports.page import read_page
from workbench.reports.parameters import read_parameters

MADE = datetime(2026, 4, 1, 9, tzinfo=UTC)


def plan(name: str = "full", title: str = "", **values) -> Plan:
    """Return the plan of a page."""
    return Plan(name, title, Path(f"{name}.ipynb"), read_parameters(notebook()), values)


def written(tmp_path: Path, content, **values) -> str:
    """Return the HTML of an executed notebook."""
    path = site.write_report(plan(**values), content, None, tmp_path, made_at=MADE)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def html(tmp_path_factory) -> str:
    return written(tmp_path_factory.mktemp("page"), executed(*full_report()), segment=HOSTILE)


@pytest.fixture(scope="module")
def soup(html):
    return BeautifulSoup(html, "html.parser")


def test_title_line_and_figures_come_first(soup):
    assert soup.h1.text.startswith("How do accounts move")
    assert "as of 2026-03-31" in soup.select_one(".line").text
    assert soup.select_one(".figure dt").text == "Accounts that entered"


def test_headings_have_no_gaps(soup):
    levels = [int(tag.name[1]) for tag in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_entry_of_the_contents_leads_somewhere(soup):
    anchors = [link["href"][1:] for link in soup.select(".contents a")]
    identities = [tag["id"] for tag in soup.select("[id]")]
    assert len(identities) == len(set(identities))
    assert set(anchors) <= set(identities)
    assert anchors[-3:] == ["definitions", "data-quality", "provenance"]


def test_every_chart_has_its_sentence_as_alternative_text(soup):
    charts = soup.select("figure.chart")
    assert len(charts) == 4
    for chart in charts:
        assert chart.img["alt"] == chart.find_parent("section").find(["h2", "h3"]).text
        assert chart.img["src"].startswith("data:image/svg+xml")


def test_nothing_hostile_is_markup(soup):
    scripts = [tag for tag in soup.find_all("script") if tag.get("type") != "application/json"]
    assert all("alert(1)" not in tag.text for tag in scripts)
    assert not [tag for tag in soup.find_all("img") if "onerror" in tag.attrs]
    assert not [link for link in soup.find_all("a") if link["href"].startswith("javascript")]
    assert soup.find(string=re.compile(re.escape("<script>alert(1)</script>")))
    assert "49" not in soup.select_one(".text .prose").text


def test_no_script_element_is_ended_by_data(html):
    for content in re.findall(
        r'<script type="application/json"[^>]*>(.*?)</script>', html, re.DOTALL
    ):
        json.loads(content)
        assert "<" not in content


def test_the_page_asks_nothing_from_anywhere(soup):
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    for tag in soup.select("[src], link[href]"):
        assert (tag.get("src") or tag.get("href")).startswith("data:")
    assert not re.search(r"@import|url\((?!data:)", soup.style.text)


def test_the_library_is_there_once_and_only_with_charts(html, tmp_path):
    packed = re.findall(r'id="drawing">(.*?)</script>', html)
    assert [unpacked(text).count("vegaEmbed=") for text in packed] == [1]
    small = written(tmp_path, executed({"block": "text", "heading": "A", "text": "b"}))
    assert 'id="drawing"' not in small
    assert len(small) < 60_000


def test_provenance_says_what_made_the_page(soup):
    text = soup.select_one("#provenance").text
    for piece in (
        "3f9c1e77a2b04d18",
        "full.ipynb",
        "2026-04-01 09:00 UTC",
        "duckdb 2.0.0",
        "answer(ws)",
    ):
        assert piece in text
    assert HOSTILE in soup.select_one(".chips").text


def test_twelve_charts_stay_under_three_megabytes(tmp_path):
    which = [*SPECS] * 3
    blocks = [finding(name, f"Finding {n}", table=accounts(100)) for n, name in enumerate(which)]
    content = executed(*full_report()[:3], *blocks)
    html = written(tmp_path, content)
    assert len(BeautifulSoup(html, "html.parser").select("figure.chart")) == 12
    assert len(html.encode()) < 3_000_000


def test_a_chart_that_wants_an_address_keeps_only_its_picture(tmp_path):
    spec = {**SPECS["trend"], "data": {"url": "https://elsewhere.example/data.json"}}
    block = {**finding("trend", "H"), "chart": {"layer": [spec]}}
    soup = BeautifulSoup(written(tmp_path, executed(block)), "html.parser")
    assert soup.select_one("figure.chart img")
    assert not soup.select_one("script.spec")


def test_embedding_options_of_a_chart_are_dropped(soup):
    for tag in soup.select("script.spec"):
        assert "usermeta" not in json.loads(tag.text)


def test_not_a_number_becomes_null(tmp_path):
    block = finding("trend", "H")
    block["chart"] = {**SPECS["trend"], "data": {"values": [{"x": float("nan")}]}}
    soup = BeautifulSoup(written(tmp_path, executed(block)), "html.parser")
    assert json.loads(soup.select_one("script.spec").text)["data"]["values"] == [{"x": None}]


def test_unknown_outputs_are_shown_as_text(tmp_path):
    content = new_notebook()
    outputs = [
        new_output("display_data", {"text/html": HOSTILE}),
        new_output("display_data", {"text/html": "<i>x</i>", "text/plain": "a frame"}),
        new_output("display_data", {"image/png": "iVBORw0K\n\"><script>", "text/plain": "<F>"}),
        new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m <b>"),
        new_output("stream", name="stderr", text="careful"),
        new_output("display_data", {BLOCK: {"block": "new", "x": HOSTILE}}),
    ]  # fmt: skip
    content.cells.append(new_code_cell("1", outputs=outputs))
    soup = BeautifulSoup(written(tmp_path, content), "html.parser")
    shown = [tag.text for tag in soup.select("pre.output")]
    assert shown[0] == HOSTILE
    assert shown[1] == "a frame"
    assert "red <b>" in shown
    assert soup.select_one(".picture")["src"] == "data:image/png;base64,iVBORw0Kscript"
    assert soup.select_one("details.log pre").text == "careful"


def test_cells_tagged_so_are_left_out():
    content = executed(FIGURES, FIGURES, "a text")
    content.cells[0].metadata["tags"] = ["remove-output"]
    content.cells[1].metadata["tags"] = ["remove-input"]
    content.cells[2].metadata["tags"] = ["remove-cell"]
    page = read_page("x", content)
    assert [(part.kind, part.code) for part in page.sections] == [("figures", "")]
    assert len(page.code) == 2


def test_chips_say_steps_by_their_labels(tmp_path):
    steps = [{"label": "Lead", "event": "lead_created"}, {"label": "Won", "event": "closed_won"}]
    html = written(tmp_path, executed(FIGURES), steps=steps, period="2025", strict=True)
    chips = [
        chip.get_text(" ", strip=True)
        for chip in BeautifulSoup(html, "html.parser").select(".chips li")
    ]
    assert "steps Lead → Won" in chips
    assert "strict yes" in chips
    assert "period 2025" in chips


def test_a_cell_of_any_length_is_whole_and_folded(tmp_path):
    value = "E" * 5000
    table = {"columns": [{"name": "a", "kind": "text"}], "rows": [[value], ["short"]]}
    html = written(tmp_path, executed({"block": "table", "heading": "Long", "table": table}))
    cells = BeautifulSoup(html, "html.parser").select("td")
    assert [cell.get_text() for cell in cells] == [value, "short"]
    assert [len(cell.select(".clip[tabindex]")) for cell in cells] == [1, 0]


def test_markdown_is_plain(tmp_path):
    text = (
        "# Title\n\n## Part <b>\n\n#### Deep\n\n![x](https://elsewhere.example/x.png) <img src=y> "
        "[ok](https://a.b) [no](javascript:alert(1))"
    )
    content = new_notebook(cells=[new_markdown_cell(text)])
    soup = BeautifulSoup(written(tmp_path, content), "html.parser")
    assert soup.h1.text == "Title"
    assert not soup.select("main img")
    assert [link["href"] for link in soup.select(".prose a")] == [
        "https://elsewhere.example/x.png",
        "https://a.b",
    ]
    assert [tag.name for tag in soup.select("main .chapter")] == ["h2", "h3"]


def test_an_empty_notebook_still_is_a_page(tmp_path):
    soup = BeautifulSoup(written(tmp_path, new_notebook(), name="empty"), "html.parser")
    assert soup.h1.text == "empty"


def test_findings_stand_below_their_chapter():
    blocks = [
        finding("fallout", "A"),
        "## Chapter",
        finding("trend", "B"),
        "### Deeper",
        finding("trend", "C"),
    ]
    page = read_page("x", executed(*blocks))
    assert [(part.heading, part.level) for part in page.sections] == [
        ("A", 2), ("Chapter", 2), ("B", 3), ("Deeper", 3), ("C", 3),
    ]  # fmt: skip
    assert [text for _, text in page.contents] == ["A", "Chapter"]


def test_a_chapter_of_definitions_goes_to_the_end_with_them():
    page = read_page("x", executed("## Words", DEFINITIONS, "## Findings", FIGURES))
    assert [part.heading for part in page.sections if part.heading] == ["Findings"]
    assert [(part.kind, part.heading) for part in page.ending] == [("definitions", "Words")]


def test_a_failed_page_has_no_bare_chapters():
    failure = Failure(1, 2, "a", "b")
    page = read_page("x", executed("## Done", FIGURES, "## Never", "## Reached"), failure=failure)
    assert [part.heading for part in page.sections if part.heading] == ["Done"]


def test_an_empty_list_says_so(soup):
    section = soup.find("h3", string=re.compile("No deal is stalled")).find_parent("section")
    assert section.select_one(".empty").text == "This list has no rows."
    assert not section.find("table")


@pytest.mark.parametrize(
    "block",
    [
        {"block": "figures", "figures": None},
        {"block": "figures", "figures": [1, {"label": None}]},
        {"block": "finding"},
        {
            "block": "finding",
            "chart": {},
            "svg": "",
            "notes": "one",
            "definition": "x",
            "scope": [1],
        },
        {"block": "table", "table": {"columns": [{}], "rows": [None, [1, 2]]}},
        {"block": "definitions", "entries": [{}]},
        {"block": "quality"},
        {"block": "text"},
        {"block": "header", "versions": "x"},
        {"block": None},
        {},
    ],
)
def test_a_block_with_parts_missing_does_not_break_the_page(tmp_path, block):
    assert "</html>" in written(tmp_path, executed(block))


def test_a_first_level_heading_is_only_taken_when_it_comes_first():
    page = read_page("x", executed({"block": "text", "heading": "A", "text": "b"}, "# Later"))
    assert page.title == "x"
    assert [part.heading for part in page.sections] == ["A", "Later"]


def test_a_title_of_the_report_file_wins(tmp_path):
    soup = BeautifulSoup(written(tmp_path, executed("# Own"), title="Asked"), "html.parser")
    assert soup.h1.text == soup.title.text.strip() == "Asked"


def test_the_same_notebook_gives_the_same_page(tmp_path):
    content = executed(*full_report())
    nbformat.validate(content)
    first = written(tmp_path / "one", content)
    assert written(tmp_path / "other", content) == first


def test_a_page_of_12_charts_and_10_tables_of_1000_rows_is_under_3_mb(tmp_path):
    html = written(tmp_path, executed(*crowded_report()))
    assert html.count('<figure class="chart"') == 12
    assert html.count("<tr>") > 10_000
    assert len(html.encode()) < 3_000_000


def test_a_question_as_a_parameter_is_named_and_not_spelled_out():
    asked = [{"analysis": "fallout", "steps": ["a"] * 40}, {"analysis": "cohort", "view": "curves"}]
    assert shown(asked) == "fallout → curves"
