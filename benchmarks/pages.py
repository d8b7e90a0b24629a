"""Pages in a headless browser: how large, and how soon they can be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.lines import MILLION, Line, Plan

REPORTS, RUNS = 40, 125


def pages(plan: Plan) -> Iterator[Line]:
    """A page of 12 charts and 10,000 rows, and an index over 5,000 runs."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import FLAGS, find_browser

    crowded, index = _crowded(plan.folder), plan.folder / "site"
    index.mkdir(exist_ok=True)
    from tests.reports.kept import many_runs
    from workbench.reports import site

    kept = many_runs(index, reports=REPORTS, runs=RUNS)
    begun = perf_counter()
    listed = site.write_index(index)
    writing = perf_counter() - begun
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(playwright), args=FLAGS)
        page_s = _until(browser, crowded, _CHART, plan.slow_runs)
        index_s = _until(browser, listed, _READY, plan.slow_runs)
        browser.close()
    mb = crowded.stat().st_size / MILLION
    yield Line("Page with 12 charts and 10 tables of 1,000 rows", f"{mb:.2f} MB", "", "",
               "under 3 MB", mb < 3)  # fmt: skip
    yield Line("That page, until its tables sort and its first chart is drawn live",
               f"{page_s:.2f} s", "", "", "under 1.5 s", page_s < 1.5)  # fmt: skip
    yield Line(f"Index of {kept:,} kept runs, until it can be searched", f"{index_s:.2f} s", "", "",
               "under 1 s", index_s < 1)  # fmt: skip
    size = listed.stat().st_size / MILLION
    yield Line(f"Writing that index of {size:.2f} MB", f"{writing:.2f} s", "", "", "–", True)


def _crowded(folder: Path) -> Path:
    from tests.reports.blocks import crowded_report
    from tests.reports.notebooks import executed
    from workbench.reports import site
    from workbench.reports.definitions import Plan as Asked

    asked = Asked("crowded", "", Path("crowded.ipynb"), {}, {})
    made = datetime(2026, 4, 1, 9, tzinfo=UTC)
    content = executed(*crowded_report())
    return site.write_report(asked, content, None, folder / "crowded", made_at=made)


_CHART = "!document.querySelector('.tools[hidden]') && document.querySelector('figure.chart.drawn')"
_READY = "'ready' in document.documentElement.dataset"


def _until(browser: Any, path: Path, ready: str, runs: int) -> float:
    """Seconds from asking for a page until it is ready, the median of several fresh ones."""
    taken = []
    for _ in range(runs):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        begun = perf_counter()
        page.goto(path.as_uri())
        while not page.evaluate(f"Boolean({ready})"):
            page.wait_for_timeout(10)
        taken.append(perf_counter() - begun)
        page.close()
    return median(taken)
