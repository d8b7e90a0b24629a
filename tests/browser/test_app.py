"""The app in a real browser: explorers without cells, and no request to anywhere else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.labs import free_port, wait_until_up

pytestmark = pytest.mark.browser


@pytest.fixture
def served(tmp_path):
    """The address of an app on forty accounts."""
    rows = [f"A{n:02},2026-01-{n % 28 + 1:02}T00:00:00Z,a" for n in range(40)]
    rows += [f"A{n:02},2026-02-{n % 28 + 1:02}T00:00:00Z,b" for n in range(25)]
    text = "\n".join(["account_id,occurred_at,event", *rows])
    (tmp_path / "events.csv").write_text(text + "\n", encoding="utf-8")
    folder = tmp_path / "parameters" / "workspaces"
    folder.mkdir(parents=True)
    (folder / "ours.yaml").write_text(
        "name: ours\nroot: ../..\ntables:\n  web_events: {file: events.csv}\n", encoding="utf-8"
    )
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench.cli", "app", "ours", f"--port={port}"], cwd=tmp_path,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
             "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until_up(f"http://127.0.0.1:{port}/voila/static/voila.js")
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(20)


def test_the_app_answers_without_cells_and_without_network(watched, served):
    page = watched.page
    page.goto(served)
    explorer = page.locator(".wbx")
    explorer.get_by_role("button", name="Add a step").click(timeout=90_000)
    box = explorer.locator('[data-path="steps.0.0.value"]')
    box.press_sequentially("b")
    box.press("ArrowDown")
    box.press("Enter")
    expect(explorer.locator(".wbx-headline")).to_contain_text("of 40", timeout=60_000)
    expect(explorer.locator(".wbx-figure svg")).to_have_count(1, timeout=30_000)
    away = [u for u in watched.requests if not u.startswith(("http://127.0.0.1", "data:", "blob:"))]
    assert away == []
