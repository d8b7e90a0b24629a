"""A real browser that reports every request and every complaint of a page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser.labs import Lab, running_lab
from tests.reports.blocks import HOSTILE, full_report
from tests.reports.notebooks import executed, notebook
from workbench.reports import site
from workbench.reports.definitions import Plan
from workbench.reports.parameters import read_parameters

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find_browser(playwright: Playwright) -> str:
    """Return the path of a Chromium: $CHROMIUM, one on the PATH, or playwright's own."""
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES)]
    own = playwright.chromium.executable_path
    paths = [path for path in [*found, own] if path and Path(path).is_file()]
    if not paths:
        pytest.fail(
            "These tests need Chromium. Install it (apt-get install chromium, or "
            "python -m playwright install chromium), or set CHROMIUM to its path.",
            pytrace=False,
        )
    return paths[0]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(playwright), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab for all tests."""
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with every kind of block, and an index beside it."""
    folder = tmp_path_factory.mktemp("reports")
    known = read_parameters(notebook())
    values = {"segment": HOSTILE, "steps": ["lead_form_completed", "closed_won"]}
    plan = Plan("full", "", Path("full.ipynb"), known, values)
    made = datetime(2026, 4, 1, 9, tzinfo=UTC)
    path = site.write_report(plan, executed(*full_report()), None, folder, made_at=made)
    site.write_index(folder)
    return path


def until(page: Page, expression: str, arg: object = None) -> None:
    """Ask the page until it says yes; a page that evaluates no text cannot be asked from inside."""
    for _ in range(600):
        if page.evaluate(expression, arg):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"Not within half a minute: {expression}")


class Watched:
    """A page with what it asked for and what it complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)
        page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))

    def _heard(self, message: object) -> None:
        if message.type in ("error", "warning"):  # type: ignore[attr-defined]
            self.complaints.append(message.text)  # type: ignore[attr-defined]

    def open(self, path: Path) -> Page:
        """Open a file."""
        self.page.goto(path.as_uri())
        return self.page

    def draw_all(self) -> Page:
        """Scroll every chart near and wait until it is drawn."""
        charts = self.page.locator("figure.chart:has(.spec)")
        for number in range(charts.count()):
            charts.nth(number).scroll_into_view_if_needed()
            until(
                self.page,
                "n => document.querySelectorAll('figure.chart:has(.spec)')[n].matches('.drawn')",
                number,
            )
        return self.page

    def assert_quiet(self) -> None:
        """Nothing was asked from anywhere, and nothing went wrong."""
        elsewhere = [
            url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))
        ]
        files = [url for url in self.requests if url.startswith("file:")]
        assert elsewhere == []
        assert len(files) == 1
        assert self.complaints == []


@pytest.fixture
def watched(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """A page in a context of its own; ``indirect`` parameters are options of the context."""
    options = {"viewport": {"width": 1440, "height": 900}, "accept_downloads": True}
    context = browser.new_context(**{**options, **getattr(request, "param", {})})
    yield Watched(context.new_page())
    context.close()
