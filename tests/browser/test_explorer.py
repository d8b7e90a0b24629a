"""An explorer in a real JupyterLab: edited by hand, and every number is the one Python computes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.labs import Lab, run_all

pytestmark = pytest.mark.browser

CELLS = [
    """import pandas as pd
import workbench as wb
rows = [(f"A{n:02}", n, "a", "web") for n in range(40)]
rows += [(f"A{n:02}", n + 40, "b", "web") for n in range(25)]
rows += [(f"A{n:02}", n + 80, "<img src=x onerror=alert(1)>", "call") for n in range(10)]
events = pd.DataFrame(rows, columns=["account_id", "hour", "event", "channel"])
events["occurred_at"] = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(events["hour"], "h")
ws = wb.from_frames(events=events.drop(columns="hour"))
explorer = wb.explore(ws, steps=["a", "b"])
explorer""",
    "explorer",
]


def test_a_question_is_changed_by_hand_and_shown_twice(watched, lab: Lab, tmp_path):
    page = watched.page
    page.set_viewport_size({"width": 1440, "height": 2600})
    run_all(page, lab.notebook("explorer", CELLS))
    first, second = page.locator(".wbx").first, page.locator(".wbx").last
    expect(first.locator(".wbx-headline")).to_contain_text("15 of 40", timeout=90_000)
    expect(first.locator(".wbx-figure svg")).to_have_count(1, timeout=30_000)

    first.get_by_role("button", name="Add a step").click()
    first.locator('[data-path="steps.2.0.value"]').press_sequentially("onerror")
    expect(first.locator(".wbx-list li")).to_have_text([re.compile(r"img src.*10")], timeout=10_000)
    first.locator('[data-path="steps.2.0.value"]').press("ArrowDown")
    first.locator('[data-path="steps.2.0.value"]').press("Enter")
    for view in (first, second):
        expect(view.locator("tbody tr").nth(3)).to_contain_text("40 %", timeout=30_000)
    assert page.locator(".wbx img").count() == 0

    grip = first.locator('[data-path="steps.1.grip"]')
    grip.focus()
    grip.press("ArrowUp")
    text = second.locator("textarea[data-path=yaml]")
    expect(text).to_have_value(re.compile(r"steps:\n- b\n- a\n"), timeout=30_000)
    page.locator(".wbx").first.get_by_role("button", name="Undo").click()
    expect(text).to_have_value(re.compile(r"steps:\n- a\n- b\n"), timeout=30_000)

    first.locator("tbody tr").nth(2).click()
    expect(first.get_by_text("Who they are: 25")).to_be_visible(timeout=30_000)

    second.locator("summary", has_text="As text").click()
    text.fill("analysis: fallout\nsteps: [a, bb]\n")
    second.get_by_role("button", name="Take this text").click()
    expect(second.locator(".wbx-problem:visible")).to_contain_text("Did you mean", timeout=30_000)
    expect(second.locator(".wbx-figure svg")).to_have_count(1)
    page.screenshot(path=tmp_path / "explorer.png")
    away = [u for u in watched.requests if not u.startswith(("http://127.0.0.1", "data:", "blob:"))]
    assert away == []


def test_after_a_restart_the_answer_stays_and_a_sentence_says_that_nobody_answers(
    watched, lab: Lab
):
    page = watched.page
    run_all(page, lab.notebook("restarted", CELLS[:1]))
    explorer = page.locator(".wbx").first
    expect(explorer.locator(".wbx-figure svg")).to_have_count(1, timeout=90_000)
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.locator(".lm-Menu-item", has_text="Restart Kernel…").first.click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(explorer.locator(".wbx-problem:visible")).to_contain_text(
        "The kernel does not answer", timeout=30_000
    )
    explorer.locator('[data-path="period"]').fill("2026")
    explorer.locator('[data-path="period"]').press("Enter")
    expect(explorer.locator(".wbx-headline")).to_contain_text("15 of 40")
    expect(explorer.locator(".wbx-figure svg")).to_have_count(1)
    expect(explorer.locator(".wbx-problem:visible")).to_have_count(1)
    assert not [said for said in watched.complaints if "Cannot send" in said]
