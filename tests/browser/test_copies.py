"""A copy for anyone in a real browser: it opens offline with its password, and ends on its day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Watched, until
from tests.reports.blocks import FIGURES, HEADER, finding
from workbench.reports.bundles.building import Terms, build_copy
from workbench.reports.bundles.locking import locked
from workbench.reports.exports.material import Material

pytestmark = pytest.mark.browser
DAY = date(2031, 5, 31)
PASSWORD = "pässword-42"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies")
    blocks = (HEADER, FIGURES, finding("fallout", "Accounts fall out: 193 of 421, 46 %"))
    material = Material("x", "How do accounts move?", ("Hoshino",), blocks)
    page = build_copy(material, Terms(DAY, 0, pseudonyms=False)).html
    (folder / "open.html").write_text(page, encoding="utf-8")
    (folder / "locked.html").write_text(locked(page, PASSWORD, DAY), encoding="utf-8")
    return folder


def opened(browser: Browser, path: Path, now: datetime) -> Watched:
    context = browser.new_context(offline=True)
    page = context.new_page()
    watched = Watched(page)
    page.clock.install(time=now)
    page.goto(path.as_uri())
    return watched


BEFORE = datetime(2031, 5, 31, 23, 59, tzinfo=UTC)
AFTER = datetime(2031, 6, 1, 0, 0, 1, tzinfo=UTC)


def test_before_its_day_is_over_the_copy_shows_its_numbers(browser, files):
    watched = opened(browser, files / "open.html", BEFORE)
    text = watched.page.inner_text("body")
    assert "193 of 421" in text
    assert "2031-05-31" in text
    assert watched.complaints == []
    assert [url for url in watched.requests if not url.startswith(("file:", "data:"))] == []
    watched.page.clock.run_for(90_000)  # it is still open when the day ends
    assert "193 of 421" not in watched.page.content()
    watched.page.context.close()


@pytest.mark.parametrize("name", ["open.html", "locked.html"])
def test_after_its_day_there_is_a_note_and_no_number(browser, files, name):
    watched = opened(browser, files / name, AFTER)
    page = watched.page
    until(page, "() => document.body.innerText.includes('given until 2031-05-31')")
    assert "193 of 421" not in page.content()
    assert page.query_selector("input") is None
    assert watched.complaints == []
    page.context.close()


def test_the_password_opens_it_offline_and_another_does_not(browser, files):
    watched = opened(browser, files / "locked.html", BEFORE)
    page = watched.page
    page.clock.resume()
    assert "193 of 421" not in page.content()
    page.fill("#password", "wrong")
    page.click("button")
    until(page, "() => document.querySelector('[role=status]').textContent.includes('does not')")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    until(page, "() => document.body?.innerText.includes('193 of 421')")
    until(page, "() => document.querySelector('figure.chart.drawn svg') !== null")
    assert watched.complaints == []
    assert [url for url in watched.requests if not url.startswith(("file:", "data:"))] == []
    page.context.close()
