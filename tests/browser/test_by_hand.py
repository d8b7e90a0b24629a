"""A list and an account by hand in a real JupyterLab: edited, moved and zoomed, offline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.labs import Lab, run_all

pytestmark = pytest.mark.browser

CELLS = [
    """import pandas as pd
import workbench as wb
days = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(range(60), "D")
keys = [f"A{n}" for n in range(6)]
events = pd.DataFrame({"account_id": keys * 10, "event": "meeting", "occurred_at": days})
accounts = pd.DataFrame({"account_id": keys, "name": [f"<b>Co</b> {n}" for n in range(6)]})
deals = pd.DataFrame({"opportunity_id": [f"O{n}" for n in range(6)], "account_id": keys,
                      "name": [f"Deal {n}" for n in range(6)], "created_at": days[0],
                      "stage": ["Qualify", "Propose"] * 3})
ws = wb.from_frames(events=events, accounts=accounts, opportunities=deals)
view = {"title": "Deals", "object": "opportunities", "columns": ["name", "stage"],
        "board": {"lane": "stage"}}
wb.edit_view(ws, view, edits="edits.jsonl")""",
    'wb.account_page(ws, account="A2")',
]


def test_a_card_is_moved_and_kept_and_a_history_is_zoomed(watched, lab: Lab):
    page = watched.page
    page.set_viewport_size({"width": 1440, "height": 2600})
    run_all(page, lab.notebook("by_hand", CELLS))
    lists, account = page.locator(".wbx-list-editor"), page.locator(".wbx-account")
    expect(lists.locator("tbody tr")).to_have_count(6, timeout=90_000)
    expect(account.locator("h2")).to_have_text("<b>Co</b> 2", timeout=60_000)

    cell = lists.locator("tbody tr").first.locator("td").first
    cell.dblclick()
    page.keyboard.press("Control+a")
    page.keyboard.type("Renamed")
    page.keyboard.press("Enter")
    expect(lists.locator("td.wbx-changed")).to_contain_text("Renamed", timeout=30_000)
    lists.get_by_role("button", name="Board", exact=True).click()
    lists.locator('[data-key="O1"] strong').drag_to(lists.locator('[data-lane="Qualify"]'))
    expect(lists.locator('[data-lane="Qualify"] h4')).to_contain_text("4", timeout=30_000)
    lists.get_by_role("button", name="Keep these edits").click()
    expect(lists.get_by_text("2 values are kept")).to_be_visible(timeout=30_000)
    lines = Path(lab.folder, "edits.jsonl").read_text("utf-8").splitlines()
    assert {(e["key"], e["value"]) for e in map(json.loads, lines)} == {
        ("O0", "Renamed"), ("O1", "Qualify"),
    }  # fmt: skip

    history = account.locator('[data-part="history"] .wbx-figure')
    expect(history.locator("svg")).to_have_count(1, timeout=30_000)
    before = history.get_attribute("data-from")
    history.focus()
    history.press("+")
    history.press("+")
    expect(history).not_to_have_attribute("data-from", before or "", timeout=30_000)
    box = account.locator("[data-path=account]")
    box.fill("co</b> 4")
    expect(account.locator(".wbx-list li")).to_have_count(1, timeout=30_000)
    box.press("ArrowDown")
    box.press("Enter")
    expect(account.locator("h2")).to_have_text("<b>Co</b> 4", timeout=60_000)
    away = [u for u in watched.requests if not u.startswith(("http://127.0.0.1", "data:", "blob:"))]
    assert away == []
