"""What holds for every test: no cache of the reader's is touched, no seed is drawn by chance."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True, database=None)
settings.load_profile("house")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Stores of tests go to a folder of this run, unless one was named."""
    if "WORKBENCH_CACHE" not in os.environ:
        os.environ["WORKBENCH_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser to drive: CHROMIUM, else the first one on PATH, else Playwright's own."""
    found = [path for path in map(shutil.which, BROWSERS) if path]
    named = os.environ.get("CHROMIUM") or (found[0] if found else _playwrights_own())
    if not named:
        pytest.fail("No Chromium was found. Run the tests with `make test`, which looks for one.")
    return named


def _playwrights_own() -> str:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else ""
