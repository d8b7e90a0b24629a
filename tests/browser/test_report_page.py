"""A report in a real browser: offline, quiet, readable on every width, in dark and on paper."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.conftest import until
from tests.reports.blocks import HOSTILE, LONG

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
DARK = {"color_scheme": "dark"}
NO_SCRIPT = {"java_script_enabled": False}


def table(page, heading: str):
    """Return the table of the finding with this heading."""
    return page.locator("section", has=page.get_by_role("heading", name=heading)).locator(".table")


def rows(box) -> list[list[str]]:
    """Return what a table shows, row by row."""
    return box.evaluate(
        "b => [...b.querySelector('tbody').rows].map(r => [...r.cells].map(c => c.textContent))"
    )


def downloaded(page, box) -> tuple[str, bytes]:
    """Press a table's CSV button; return the file's name and bytes."""
    with page.expect_download() as caught:
        box.locator(".csv").click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def test_all_charts_are_drawn_without_a_request_or_a_complaint(watched, report):
    page = watched.open(report)
    drawn = page.locator("figure.chart.drawn")
    until(page, "document.querySelectorAll('figure.chart.drawn').length > 0")
    assert drawn.count() < page.locator(".spec").count(), "charts far below wait"
    watched.draw_all()
    assert drawn.count() == page.locator(".spec").count() == 4
    assert page.locator(".live svg").count() == 4
    watched.assert_quiet()


def test_a_tooltip_shows_hostile_text_as_text(watched, report):
    page = watched.open(report)
    watched.draw_all()
    bar = page.locator("section#hostile .mark-rect path").first
    bar.scroll_into_view_if_needed()
    bar.hover()
    tip = page.locator(".tip")
    tip.wait_for(state="visible")
    assert tip.locator("dd").first.inner_text() == HOSTILE
    assert tip.locator("dt").first.inner_text() == HOSTILE
    assert tip.locator("img, script, b").count() == 0
    page.mouse.move(0, 0)
    tip.wait_for(state="hidden")
    watched.assert_quiet()


def test_a_tooltip_tells_label_and_value(watched, report):
    page = watched.open(report)
    watched.draw_all()
    bar = page.locator("section#fallout .mark-rect path").nth(2)
    bar.scroll_into_view_if_needed()
    bar.hover()
    page.locator(".tip").wait_for(state="visible")
    assert page.locator(".tip dt, .tip dd").all_inner_texts() == [
        "Step", "MQL", "Accounts", "421", "Share of entries", "78.0%",
    ]  # fmt: skip


def test_sorting_goes_by_value_and_back(watched, report):
    page = watched.open(report)
    box = table(page, "312 accounts to call this week")
    before = rows(box)
    head = box.get_by_role("columnheader", name="Pipeline")
    button = head.get_by_role("button")
    button.click()
    assert head.get_attribute("aria-sort") == "descending"
    values = [float(row[4].replace(",", "")) for row in rows(box)]
    assert values == sorted(values, reverse=True)
    button.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert [float(row[4].replace(",", "")) for row in rows(box)] == values[::-1]
    button.click()
    assert head.get_attribute("aria-sort") == "none"
    assert rows(box) == before


def test_missing_values_stay_last_and_rounded_ones_sort_by_what_they_are(watched, report):
    page = watched.open(report)
    box = table(page, "312 accounts to call this week")
    button = box.get_by_role("columnheader", name="Won share").get_by_role("button")
    for _ in range(2):
        button.click()
        shown = [row[3] for row in rows(box)]
        assert set(shown[-shown.count("–") :]) == {"–"}
    exact = box.evaluate(
        "b => [...b.querySelectorAll('tbody tr')].map(r => r.cells[3])"
        ".filter(c => !('none' in c.dataset))"
        ".map(c => Number(c.dataset.v ?? parseFloat(c.textContent)))"
    )
    assert exact == sorted(exact)


def test_search_finds_every_script_and_counts(watched, report):
    page = watched.open(report)
    box = table(page, "312 accounts to call this week")
    field = box.get_by_role("searchbox")
    for needle in ("北極光", "müller", "شركة", "🚀"):
        field.fill(needle)
        found = rows(box)
        assert found
        assert all(needle in " ".join(row).lower() for row in found)
        assert box.locator(".count").inner_text() == f"{len(found)} of 1,000 rows"
    field.fill("nobody at all")
    assert box.locator(".count").inner_text() == "No row matches."
    assert box.locator(".csv").is_disabled()
    field.fill("")
    assert len(rows(box)) == 1000


def test_the_csv_is_what_is_shown(watched, report):
    page = watched.open(report)
    box = table(page, "312 accounts to call this week")
    box.get_by_role("searchbox").fill("2026-03-1")
    box.get_by_role("columnheader", name="Open opportunities").get_by_role("button").click()
    shown = rows(box)
    name, content = downloaded(page, box)
    assert name == "accounts-to-act-on.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert read[0] == box.locator("thead th button").all_inner_texts()
    assert len(read) - 1 == len(shown)
    for line, row in zip(read[1:], shown, strict=True):
        for text, cell in zip(line, row, strict=True):
            plain = re.sub(r"(?<=\d),(?=\d)", "", cell).removesuffix(" %")
            assert text in ("" if cell == "–" else plain, f"'{cell}")
    watched.assert_quiet()


def test_one_row_is_counted_as_one(watched, report):
    page = watched.open(report)
    box = table(page, "312 accounts to call this week")
    texts = [" ".join(row).lower() for row in rows(box)]
    names = (row[0].lower() for row in rows(box))
    box.get_by_role("searchbox").fill(next(n for n in names if sum(n in t for t in texts) == 1))
    assert len(rows(box)) == 1
    assert box.locator(".csv").inner_text() == "CSV of this row"


def test_the_csv_holds_no_formula(watched, report):
    page = watched.open(report)
    _, content = downloaded(page, table(page, "312 accounts to call this week"))
    cells = [cell for line in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in line]
    risky = [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]
    assert all(re.fullmatch(r"-\d+(\.\d+)?", cell) for cell in risky)
    assert "'=cmd|' /C calc'!A0" in cells
    assert {"'+81 Trading", "'-Minus KK", "'@handle"} <= set(cells)


@pytest.mark.parametrize("watched", [PHONE, {**PHONE, **DARK}], indirect=True)
def test_a_phone_scrolls_in_one_direction(watched, report):
    page = watched.open(report)
    watched.draw_all()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert not page.locator(".contents details").evaluate("d => d.open")
    widths = page.locator("section:not(#facet) .live svg").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().width)"
    )
    assert max(widths) <= 360
    box = table(page, "312 accounts to call this week")
    box.locator(".scroll").evaluate("s => { s.scrollLeft = 200; }")
    first = box.locator("tbody tr").first.locator("td").first
    assert first.bounding_box()["x"] == pytest.approx(box.bounding_box()["x"], abs=1)
    watched.assert_quiet()


def test_contents_stand_at_the_side_when_there_is_room(watched, report):
    page = watched.open(report)
    nav, main = page.locator(".contents").bounding_box(), page.locator("main").bounding_box()
    assert nav["x"] + nav["width"] <= main["x"]
    page.evaluate("scrollTo({top: 3000, behavior: 'instant'})")
    until(page, "document.querySelector('.contents a[aria-current]') !== null")
    assert page.locator(".contents").bounding_box()["y"] >= 0


CONTRAST = """() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = (element) => { for (let e = element; e; e = e.parentElement) {
    const colour = parts(getComputedStyle(e).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour; }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [21, 23, 26] : [255, 255, 255]; };
  const low = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || element.closest('script')) continue;
    if (!element.checkVisibility()) continue;
    const own = getComputedStyle(element);
    const ink = element instanceof SVGElement ? own.fill : own.color;
    if (ink === 'none') continue;
    const [a, b] = [light(parts(ink)), light(behind(element))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) low.push([walk.currentNode.data.slice(0, 40), ink]);
  }
  return low;
}"""


@pytest.mark.parametrize("watched", [{}, DARK], indirect=True)
def test_every_text_has_contrast(watched, report):
    page = watched.open(report)
    watched.draw_all()
    assert page.evaluate(CONTRAST) == []
    watched.assert_quiet()


def test_charts_follow_a_change_to_dark(watched, report):
    page = watched.open(report)
    watched.draw_all()
    ink = "getComputedStyle(document.querySelector('#fallout .role-axis-label text')).fill"
    light = page.evaluate(ink)
    page.emulate_media(color_scheme="dark")
    until(page, f"light => {ink} !== light", light)
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("watched", [NO_SCRIPT], indirect=True)
def test_without_scripts_pictures_and_tables_remain(watched, report):
    page = watched.open(report)
    assert page.locator("img.still").count() == 4
    widths = [image.bounding_box()["width"] for image in page.locator("img.still").all()]
    assert all(width > 300 for width in widths)
    assert table(page, "312 accounts to call this week").locator("tbody tr").count() == 1000
    assert page.locator(".tools:visible").count() == 0
    assert page.locator(".contents a").first.is_visible()


def test_the_keyboard_reaches_the_content(watched, report):
    page = watched.open(report)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for label in ("Search this table", "CSV of these"):
        assert page.get_by_label(label).or_(page.get_by_role("button", name=label)).count() >= 1
    page.locator("details.code summary").first.press("Enter")
    assert page.locator("details.code pre").first.is_visible()


def test_names_of_any_script_or_length_stay_in_the_page(watched, report):
    page = watched.open(report)
    page.set_viewport_size({"width": 1100, "height": 800})
    cell = page.locator("td", has_text=re.compile(re.escape(LONG) + "$")).first
    assert cell.bounding_box()["width"] < 460
    assert page.evaluate("document.documentElement.scrollWidth") == 1100


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext reads the printed page")
@pytest.mark.parametrize("watched", [{}, DARK], indirect=True)
def test_paper_has_contents_first_and_headers_on_each_page(watched, report, tmp_path):
    page = watched.open(report)
    target = tmp_path / "report.pdf"
    page.pdf(path=str(target), format="A4")
    text = subprocess.run(
        ["pdftotext", "-layout", target, "-"], capture_output=True, text=True, check=True
    ).stdout
    sheets = text.split("\f")
    first = sheets[0]
    assert first.index("How do accounts move") < first.index("Contents") < first.index("540")
    assert "Provenance" in first
    lists = [sheet for sheet in sheets if sheet.count("佐藤") > 5]
    assert len(lists) > 10
    assert all("Account" in sheet and "Pipeline" in sheet for sheet in lists)
    assert "answer(ws)" not in text
    assert "link (https://example.org)" in first
    assert "@handle 995" in text


def test_the_index_leads_to_the_report(watched, report):
    page = watched.open(report.parent / "index.html")
    assert page.locator(".entry").count() == 1
    assert page.locator(".entry .value").first.inner_text() == "540"
    assert page.locator(".answers li").first.inner_text().startswith("Accounts fall out")
    watched.assert_quiet()
    page.locator(".entry").get_by_role("link", name="How do accounts move").click()
    assert "full.html" in page.url
