"""A result in a real JupyterLab, offline: sentence, chart and table, and no request away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.labs import run_all

pytestmark = pytest.mark.browser

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


def test_results_show_in_jupyterlab_without_network(watched, lab, tmp_path):
    page = watched.page
    page.set_viewport_size({"width": 1440, "height": 2400})  # cells far below are not drawn
    run_all(page, lab.notebook("look", CELLS))
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
