"""The index in a real browser: search, filters, history, latest; offline, by keys, on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import until
from tests.reports.kept import many_runs
from workbench.reports import site

pytestmark = pytest.mark.browser

READY = "'ready' in document.documentElement.dataset"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six reports of 40 runs each."""
    folder = tmp_path_factory.mktemp("site")
    many_runs(folder, reports=6, runs=40)
    return site.write_index(folder)


@pytest.fixture
def page(watched, index):
    """The index, ready."""
    page = watched.open(index)
    until(page, READY)
    return page


def found(page) -> str:
    """How many runs are said to be found."""
    return page.locator("#runs .count").inner_text()


def search(page, **fields) -> str:
    """Fill in fields and return what is said to be found."""
    before = found(page)
    for name, value in fields.items():
        field = page.locator(f"#find [name={name}]")
        if field.evaluate("f => f.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    until(page, "before => document.querySelector('#runs .count').innerText !== before", before)
    return found(page)


def test_it_opens_offline_with_the_latest_first(page, watched):
    assert page.locator(".entry h2").first.inner_text() == "How are things in market 5?"
    assert page.locator(".entry").count() == 6
    assert found(page) == "240 runs"
    assert page.locator(".runs li").count() == 50
    watched.assert_quiet()


def test_search_finds_answers_of_old_runs(page):
    assert search(page, q='2026-03-05 "market 4?"') == "1 of 240 runs"
    assert page.locator(".runs li a").get_attribute("href").startswith("runs/report_4/2026-03-05T")
    assert search(page, q="no such thing") == "No run matches."
    assert page.locator(".entry:visible").count() == 0
    assert page.locator("#latest .count").inner_text() == "No report matches."
    page.get_by_role("button", name="Clear").click()
    until(page, "document.querySelector('#runs .count').innerText === '240 runs'")
    assert page.locator(".entry:visible").count() == 6


def test_filters_by_notebook_workspace_status_and_parameter(page):
    assert search(page, notebook="grow.ipynb") == "120 of 240 runs"
    assert search(page, workspace="demo") == "40 of 240 runs"
    assert search(page, status="failed") == "2 of 240 runs"
    assert page.locator(".runs .why").first.inner_text().startswith("Cell 3 of 9")
    page.get_by_role("button", name="Clear").click()
    until(page, "document.querySelector('#runs .count').innerText === '240 runs'")
    assert search(page, parameter="market: m3") == "40 of 240 runs"
    assert page.locator(".entry:visible h2").all_inner_texts() == ["How are things in market 3?"]


def test_a_filter_can_be_kept_as_a_link(page, index):
    search(page, workspace="ours")
    search(page, q='"market 5"')
    assert page.url.endswith("#q=%22market%205%22&workspace=ours")
    page.goto("about:blank")
    page.goto(f"{index.as_uri()}#q=%22market%205%22&workspace=ours")
    until(page, READY)
    assert found(page) == "40 of 240 runs"
    page.goto("about:blank")
    page.goto(f"{index.as_uri()}#q=%E0%A4%A&status=nothing&other=1")
    until(page, READY)


def test_history_shows_the_runs_of_one_report_and_latest_stays_one_link(page, index):
    entry = page.locator(".entry", has_text="market 2?")
    assert entry.locator("h2 a").get_attribute("href") == "report_2.html"
    entry.locator(".history").click()
    until(page, "document.querySelector('#runs .count').innerText === '40 of 240 runs'")
    links = page.locator(".runs a").evaluate_all("a => a.map(one => one.getAttribute('href'))")
    assert len(links) == 40
    assert all(link.startswith("runs/report_2/") for link in links)
    assert links == sorted(links, reverse=True), "newest first"
    assert page.evaluate("document.activeElement.closest('.runs') !== null")


def test_keys_are_enough(page):
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("market 1?")
    until(page, "document.querySelector('#runs .count').innerText === '40 of 240 runs'")
    assert page.locator("#runs .count").get_attribute("aria-live") == "polite"
    page.keyboard.press("Enter")
    assert page.url.endswith("#q=market%201%3F"), "nothing is sent"
    page.locator("#find [name=q]").fill("")
    until(page, "document.querySelector('#runs .count').innerText === '240 runs'")
    more = page.get_by_role("button", name="Show 50 more")
    more.focus()
    page.keyboard.press("Enter")
    assert page.locator(".runs li").count() == 100
    at = "[...document.querySelectorAll('.runs a')].indexOf(document.activeElement)"
    assert page.evaluate(at) == 50, "the focus goes on to the first new run"


@pytest.mark.parametrize(
    "watched", [{"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}], indirect=True
)
def test_on_a_phone_in_dark_nothing_is_wider_than_the_page(page):
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    search(page, status="failed")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("watched", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_the_latest_pages_are_there(watched, index):
    page = watched.open(index)
    assert page.locator(".entry h2 a").count() == 6
    assert page.locator("#find").is_hidden()
    assert "needs JavaScript" in page.locator("#runs").inner_text()


def test_an_old_browser_keeps_the_latest_pages(watched, index):
    watched.page.add_init_script("delete globalThis.DecompressionStream")
    page = watched.open(index)
    until(page, "document.querySelector('#runs .count').innerText !== ''")
    assert "cannot open the list of runs" in found(page)
    assert page.locator(".entry:visible").count() == 6
