"""Partner leads decided in a real JupyterLab: refused beside the field, written down, and shown."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.labs import Lab, run_all

pytestmark = pytest.mark.browser

CELLS = [
    """import pandas as pd
import workbench as wb
names = ["Contoso", "<img src=x onerror=alert(1)>", "Long ago"]
leads = pd.DataFrame({
    "lead_id": ["A", "B", "C"], "customer_name": names, "lead_type": "profile", "status": "New",
    "email": [" ada@contoso.com", "b@x.example", "hidden@x.example"], "country": "DE",
    "phone": "030 1234567", "contact_last_name": ["Ng", "Bo", "Hidden"],
    "contact_requested": [True, False, False],
    "created_at": pd.to_datetime(["2024-06-19", "2024-06-18", "2024-06-01"], utc=True)})
ws = wb.from_frames(partner_leads=leads, as_of="2024-06-20")
form = wb.decide_leads(ws, log="decisions.jsonl", by="Aiko", as_of="2024-06-20")
form""",
]


def test_a_lead_is_accepted_by_hand(watched, lab: Lab, tmp_path):
    page = watched.page
    page.set_viewport_size({"width": 1440, "height": 1900})
    run_all(page, lab.notebook("leads", CELLS))
    form = page.locator(".jp-OutputArea-output", has_text="Must be answered")
    waiting = form.locator("select option")
    expect(waiting).to_have_text([re.compile("Contoso.*hot"), re.compile("img.src")],
                                 timeout=90_000)  # fmt: skip
    expect(form.get_by_label("Copy the number")).to_have_value("+49301234567")
    expect(form.get_by_label("Copy the mail address")).to_have_value("ada@contoso.com")

    form.get_by_role("button", name="Accept", exact=True).click()
    form.get_by_label("Name of the deal *").fill("Big")
    form.get_by_label("Value of the deal *").fill("1.200")
    form.get_by_role("button", name="Write it down").click()
    expect(form.get_by_role("alert")).to_have_count(4, timeout=15_000)
    expect(form.get_by_label("Name of the deal *")).to_have_value("Big")

    form.get_by_label("Value of the deal *").fill("1,200")
    form.get_by_label("Team, separated by commas *").fill("Aiko, Ben")
    form.get_by_label("Expected purchase").fill("2024-09-30")
    page.screenshot(path=tmp_path / "form.png")
    form.get_by_role("button", name="Write it down").click()
    expect(form.get_by_role("status")).to_contain_text("noted for the lead A", timeout=15_000)
    expect(waiting).to_have_text([re.compile("img.src")])
    written = json.loads((lab.folder / "decisions.jsonl").read_text("utf-8"))
    assert written["fields"]["deal_value"] == 1200
    assert (written["decision"], written["by"]) == ("accept", "Aiko")

    form.get_by_role("button", name="All", exact=True).click()
    form.locator("select").select_option(index=2)
    expect(form.get_by_text("no longer shown")).to_have_count(1, timeout=15_000)
    assert "hidden@x.example" not in form.inner_html()
    assert form.locator("img").count() == 0
