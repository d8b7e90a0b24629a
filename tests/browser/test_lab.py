"""A result in a real JupyterLab, offline: sentence, chart and table, and no request away."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TOKEN = "local-test"
CELLS = [
    """import pandas as pd
import workbench as wb
rows = [(f"A{n}", n % 28 + 1, "a") for n in range(40)]
rows += [(f"A{n}", n % 28 + 1, "<script>b</script>") for n in range(25)]
events = pd.DataFrame(rows, columns=["account_id", "day", "event"])
events["occurred_at"] = pd.to_datetime("2026-01-01", utc=True) + pd.to_timedelta(events["day"], "D")
ws = wb.from_frames(events=events.drop(columns="day"))
funnel = wb.fallout(ws, steps=["a", "<script>b</script>"])
funnel""",
    "funnel.key_figures()",
    """editor = wb.edit_segment(ws, segment={"name": "Began", "where": {"event": "a"}})
editor""",
    'wb.fallout(ws, steps=["aa"])',
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab that serves one notebook."""
    folder: Path = tmp_path_factory.mktemp("lab")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(book, folder / "look.ipynb")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", f"--port={port}",
         "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}",
         "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
         f"--ServerApp.root_dir={folder}"],
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "config"),
             "JUPYTER_RUNTIME_DIR": str(folder / "runtime")},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(f"{address}/api/status?token={TOKEN}")
        yield f"{address}/lab/tree/look.ipynb?token={TOKEN}"
    finally:
        server.terminate()
        server.wait(20)


def wait_until_up(address: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail("JupyterLab did not start within a minute.")


def test_results_show_in_jupyterlab_without_network(watched, lab, tmp_path):
    page = watched.page
    page.set_viewport_size({"width": 1440, "height": 2400})  # cells far below are not drawn
    page.goto(lab)
    page.get_by_role("menuitem", name="Run", exact=True).wait_for(timeout=60_000)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    output = page.locator(".jp-OutputArea-output")
    page.get_by_text("cannot be used").first.wait_for(timeout=90_000)

    html = output.first
    assert "15 of 40" in html.locator("h3").inner_text()
    assert html.locator("svg").count() == 1
    box = html.locator("svg").bounding_box()
    assert box is not None
    assert box["width"] > 400
    assert html.locator("tr").count() == 4
    assert page.get_by_text("Accounts in scope").count() == 1

    error = output.last.inner_text()
    assert "Did you mean 'a'" in error
    assert "Traceback" not in error

    editor = page.locator(".jp-OutputArea-output", has_text="Add a condition")
    editor.get_by_role("button", name="exclude").click()
    editor.get_by_text("0 of 40").wait_for(timeout=30_000)
    text = editor.locator("textarea")
    expect(text).to_have_value(re.compile("exclude: true"), timeout=30_000)
    text.fill('name: Odd\nscope: account\nwhere: {event: "<script>b</script>"}\n')
    text.blur()
    editor.get_by_text("25 of 40").first.wait_for(timeout=30_000)
    assert editor.locator("script").count() == 0

    page.screenshot(path=tmp_path / "lab.png")
    away = [u for u in watched.requests if not u.startswith(("http://127.0.0.1", "data:", "blob:"))]
    assert away == []
