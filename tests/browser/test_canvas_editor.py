"""The canvas editor by hand: in a real JupyterLab, and in a page of its own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

import workbench as wb
from tests.browser.canvas_page import drag
from tests.browser.labs import Lab, run_all

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>"
WORLD = """import pandas as pd
import workbench as wb
rows = [(f"A{n:02}", n, "visit", "web") for n in range(40)]
rows += [(f"A{n:02}", n + 40, "demo", "web") for n in range(25)]
rows += [(f"A{n:02}", n + 80, "<img src=x onerror=alert(1)>", "call") for n in range(10)]
rows += [(f"A{n:02}", n + 120, "won", "call") for n in range(0, 25, 5)]
events = pd.DataFrame(rows, columns=["account_id", "hour", "event", "channel"])
events["occurred_at"] = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(events["hour"], "h")
ws = wb.from_frames(events=events.drop(columns="hour"))
"""
CELLS = [
    WORLD + 'editor = wb.edit_canvas(ws, graph="journey.yaml")\neditor',
    "editor",
    'wb.edit_canvas(ws, graph="nodes: {a: visit}\\narrows: [[a, b]]")',
]
WALK = {"nodes": {"V": "visit", "D": "demo", "W": "won"}, "arrows": [["V", "D"], ["D", "W"]]}


@pytest.fixture(scope="module")
def world() -> wb.Workspace:
    told: dict[str, object] = {}
    exec(WORLD, told)
    return told["ws"]


def item(root: Page | Locator, name: str) -> Locator:
    return root.locator(".wbc-item", has_text=name)


def box(root: Page | Locator, name: str) -> Locator:
    return root.locator(f'[data-node="{name}"]')


def test_a_journey_is_drawn_counted_saved_and_opened_again(watched, lab: Lab, tmp_path, world):
    page = watched.page
    page.set_viewport_size({"width": 1440, "height": 2400})
    address = lab.notebook("canvas", CELLS)
    run_all(page, address)
    first, second = page.locator(".wbc").first, page.locator(".wbc").last
    expect(item(first, "visit")).to_contain_text("40", timeout=90_000)
    expect(second.locator(".wbc-hint")).to_contain_text("Drag an event")
    error = page.locator(".jp-OutputArea-output").last
    expect(error).to_contain_text("'b' cannot be used", timeout=30_000)
    expect(error).not_to_contain_text("Traceback")

    drag(page, item(first, "visit"), first.locator(".wbc-stage"), (160, 200))
    expect(box(first, "visit").locator(".wbc-value")).to_have_text("40", timeout=30_000)
    drag(page, item(first, "won"), first.locator(".wbc-stage"), (560, 200))
    expect(box(second, "won").locator(".wbc-value")).to_have_text("5", timeout=30_000)
    box(first, "visit").hover()
    drag(page, box(first, "visit").locator(".wbc-port"), box(first, "won"))
    walked = {"nodes": {"visit": "visit", "won": "won"}, "arrows": [("visit", "won")]}
    counted = wb.canvas(world, **walked).number(arrow=("visit", "won"))
    arrow = first.locator(".wbc-label")
    expect(arrow).to_contain_text(f"{counted['containers']} · ", timeout=30_000)
    expect(box(second, "won").locator(".wbc-value")).to_have_text("5 · 12 %")
    drag(page, item(first, "demo"), arrow)
    expect(first.locator(".wbc-label")).to_have_count(2, timeout=30_000)
    drag(page, item(first, HOSTILE), box(first, "demo"))
    expect(box(first, "demo")).to_contain_text(f"demo or {HOSTILE}", timeout=30_000)
    assert page.locator(".wbc img").count() == 0

    box(first, "demo").focus()
    page.keyboard.press("Delete")
    expect(box(second, "demo")).to_have_count(0, timeout=30_000)
    page.keyboard.press("Control+z")
    expect(box(second, "demo")).to_have_count(1, timeout=30_000)
    second.get_by_role("button", name="Undo").click()
    expect(box(first, "demo").locator(".wbc-name")).to_have_text("demo", timeout=30_000)
    box(first, "demo").click(button="right")
    expect(page.locator(".lm-Menu")).to_have_count(0)
    first.get_by_role("menuitem", name="Who is it?").click()
    expect(first.locator(".wbc-panel")).to_contain_text("25 of 40 accounts", timeout=30_000)

    first.get_by_role("button", name="YAML").click()
    text = first.locator(".wbc-panel textarea")
    expect(text).to_have_value(re.compile(r"- \[visit, demo\]"))
    kept = text.input_value()
    text.fill("nodse: {}")
    first.get_by_role("button", name="Read it").click()
    expect(first.locator(".wbc-panel [role=alert]").first).to_contain_text("Did you mean 'nodes'")
    first.get_by_role("button", name="Save").click()
    expect(first.locator(".wbc-told")).to_contain_text("Saved to journey.yaml", timeout=30_000)
    page.screenshot(path=tmp_path / "canvas.png")
    assert (lab.folder / "journey.yaml").read_text() == kept

    page.locator(".jp-Cell .cm-content").first.click()
    page.keyboard.press("Control+s")
    expect(page.locator("#jp-main-dock-panel .jp-mod-dirty")).to_have_count(0, timeout=30_000)
    page.goto(address)
    opened = page.locator(".wbc").first
    expect(opened.locator(".wbc-label")).to_have_count(2, timeout=90_000)
    run_all(page, address)
    expect(opened.locator(".wbc-headline")).to_contain_text("5 of 40 accounts", timeout=90_000)
    opened.get_by_role("button", name="YAML").click()
    expect(opened.locator(".wbc-panel textarea")).to_have_value(kept)
    away = [u for u in watched.requests if not u.startswith(("http://127.0.0.1", "data:", "blob:"))]
    assert away == []
