"""How a page uses its width: key figures in even rows, panels stacked where it is narrow."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import until
from tests.reports.blocks import CONFIG, HEADER
from tests.reports.notebooks import executed
from workbench.reports import site
from workbench.reports.definitions import Plan

pytestmark = pytest.mark.browser

WIDTHS = (1440, 1200, 768, 390)
STEPS = ["Lead form completed", "Lead created", "MQL qualified"]
ROWS = [
    {"g": group, "step": step, "n": 90 - 20 * number}
    for group in ("Electronics", "Automotive", "Medical devices")
    for number, step in enumerate(STEPS)
]
UNIT = {
    "mark": "bar",
    "width": 330,
    "encoding": {
        "x": {"field": "n", "type": "quantitative", "scale": {"rangeMax": 250}},
        "y": {"field": "step", "type": "nominal", "sort": None, "title": None},
    },
}
PANEL = {"field": "g", "type": "nominal", "title": None}
TOP = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "config": CONFIG,
    "data": {"values": ROWS},
}
SPECS: dict[str, dict[str, Any]] = {
    "single": {**TOP, **UNIT, "height": {"step": 30}},
    "wrapped": {**TOP, "facet": PANEL, "columns": 3, "spec": UNIT},
    "columns": {**TOP, "facet": {"column": PANEL}, "spec": UNIT},
    "rows": {**TOP, "facet": {"row": PANEL}, "spec": {**UNIT, "width": 760}},
    "encoded": {**TOP, **UNIT, "encoding": {**UNIT["encoding"], "column": PANEL}},  # type: ignore[dict-item]
    "beside": {**TOP, "hconcat": [UNIT, {**UNIT, "width": 500}]},
    "below": {**TOP, "vconcat": [UNIT, {**UNIT, "width": 700}]},
}


COUNTS = {"field": "n", "type": "quantitative"}
NAMES = {"field": "step", "type": "nominal", "title": None}
NAMED = {"mark": "bar", "width": 100, "encoding": {"x": COUNTS, "y": NAMES}}
BARE = {**NAMED, "encoding": {"x": COUNTS, "y": {**NAMES, "axis": None}}}
LEANING = {**TOP, "hconcat": [NAMED, *[BARE] * 8]}


def figures(count: int) -> dict[str, Any]:
    """Return a block of key figures."""
    labels = [f"Share that reached step {number}" for number in range(count)]
    return {
        "block": "figures",
        "figures": [{"label": label, "value": "17 %", "detail": "138 / 801"} for label in labels],
    }


def page_of(folder: Path, *blocks: dict[str, Any]) -> Path:
    """Write a page of these blocks."""
    plan = Plan("layout", "", Path("layout.ipynb"), {}, {})
    made = datetime(2026, 4, 1, 9, tzinfo=UTC)
    return site.write_report(plan, executed(HEADER, *blocks), None, folder, made_at=made)


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a chart of every composition."""
    blocks = [
        {"block": "finding", "anchor": name, "heading": name, "chart": spec, "alt": name}
        for name, spec in SPECS.items()
    ]
    return page_of(tmp_path_factory.mktemp("charts"), *blocks)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 8])
def test_key_figures_stand_in_even_rows(watched, tmp_path, count):
    page = watched.open(page_of(tmp_path, figures(count)))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        boxes = page.locator(".figure").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(b => [b.top, b.left, b.right])"
        )
        rows: dict[float, list[tuple[float, float]]] = {}
        for top, left, right in boxes:
            rows.setdefault(round(top), []).append((left, right))
        sizes = [len(row) for row in rows.values()]
        assert max(sizes) - min(sizes) <= 1, (width, sizes)
        ends = {(round(row[0][0]), round(row[-1][1])) for row in rows.values()}
        assert len(ends) == 1, "every row is as wide as the page"
    watched.assert_quiet()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_chart_is_cut(watched, charts, width):
    page = watched.page
    page.set_viewport_size({"width": width, "height": 900})
    watched.open(charts)
    watched.draw_all()
    over = page.locator(".live").evaluate_all("all => all.map(e => e.scrollWidth - e.clientWidth)")
    assert max(over) <= 1
    assert page.locator("figure.wider").count() == 0
    assert page.locator("#wrapped .live").get_by_text("Lead created").count() in (1, 3)
    watched.assert_quiet()


def test_a_chart_follows_the_page_when_it_is_resized(watched, charts):
    page = watched.open(charts)
    watched.draw_all()
    width = "document.querySelector('#single .live svg').getBoundingClientRect().width"
    wide = page.evaluate(width)
    page.set_viewport_size({"width": 500, "height": 900})
    until(page, f"() => {width} < {wide} - 100")
    until(
        page,
        "() => [...document.querySelectorAll('.live')]"
        ".every(e => e.scrollWidth - 2 < e.clientWidth)",
    )
    watched.assert_quiet()


def test_a_chart_that_cannot_be_narrower_says_that_it_goes_on(watched, tmp_path):
    names = [{"g": "x" * 150, "step": f"{number} " + "y" * 90, "n": 5} for number in range(3)]
    axis = {"labelLimit": 900, "titleLimit": 900}
    unit = {**UNIT, "encoding": {**UNIT["encoding"]}}  # type: ignore[dict-item]
    unit["encoding"]["y"] = {**unit["encoding"]["y"], "axis": axis}  # type: ignore[index]
    spec = {**TOP, "data": {"values": names}, "facet": {"row": PANEL}, "spec": unit}
    block = {"block": "finding", "anchor": "wide", "heading": "wide", "chart": spec, "alt": "wide"}
    watched.page.set_viewport_size({"width": 390, "height": 844})
    page = watched.open(page_of(tmp_path, block))
    watched.draw_all()
    figure = page.locator("figure.chart")
    assert "wider" in figure.get_attribute("class")
    assert "scroll it sideways" in figure.evaluate("e => getComputedStyle(e, '::after').content")
    assert page.locator(".live").get_attribute("tabindex") == "0"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nine_panels_that_lean_on_one_list_of_names_flow_into_one_column(watched, tmp_path):
    block = {"block": "finding", "anchor": "nine", "heading": "nine", "chart": LEANING, "alt": "n"}
    watched.page.set_viewport_size({"width": 390, "height": 844})
    page = watched.open(page_of(tmp_path, block))
    watched.draw_all()
    assert page.locator("figure.wider").count() == 0
    names = page.locator(".live svg text", has_text="Lead created")
    assert names.count() == 9, "every panel names its rows"
    lefts = names.evaluate_all("all => all.map(one => Math.round(one.getBoundingClientRect().x))")
    assert len(set(lefts)) == 1
    page.set_viewport_size({"width": 1440, "height": 900})
    until(page, "document.querySelectorAll('.live svg').length === 1")
    watched.assert_quiet()


def test_panels_of_a_dashboard_stand_side_by_side_or_below_each_other(watched, tmp_path):
    panels = [
        {"heading": f"Panel {n} <b>", "reading": "As of today.", "chart": SPECS["single"],
         "alt": f"Panel {n}", "wide": 2 if n == 3 else 1}
        for n in range(5)
    ]  # fmt: skip
    block = {"block": "dashboard", "anchor": "board", "heading": "Board", "panels": panels,
             "chart": SPECS["beside"]}  # fmt: skip
    page = watched.open(page_of(tmp_path, block))
    watched.draw_all()
    assert page.locator("#board figure.chart").count() == 5, "not the one picture beside that"
    box = "all => all.map(one => { const b = one.getBoundingClientRect(); return [b.x, b.width] })"
    wide = page.locator(".panel").evaluate_all(box)
    assert len({round(x) for x, _ in wide}) == 3
    assert wide[3][1] > 1.9 * wide[0][1]
    page.set_viewport_size({"width": 390, "height": 844})
    until(page, "document.documentElement.scrollWidth <= 390")
    assert {(round(x), round(w)) for x, w in page.locator(".panel").evaluate_all(box)} == {
        (16, 358)
    }
    assert page.locator(".panel .title").first.inner_text() == "Panel 0 <b>"
    assert page.locator("#board img").first.get_attribute("alt") == "Panel 0"
    watched.assert_quiet()
