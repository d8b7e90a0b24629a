"""Annotations, comments and what changed on a page in a real browser, on a phone in the dark."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.browser.conftest import until
from tests.reports.blocks import HOSTILE, SPECS, accounts, finding
from tests.reports.kept import figures, header
from tests.reports.notebooks import executed, notebook
from workbench.collaboration.comments import talking
from workbench.collaboration.comments.model import Anchor
from workbench.collaboration.store import open_store
from workbench.reports import site
from workbench.reports.definitions import Plan
from workbench.reports.parameters import read_parameters
from workbench.results.annotating import Note
from workbench.results.overlays import laid_over

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.fixture
def talked(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(tmp_path / "store.db"))
    notes = [
        Note("a1", HOSTILE, date(2025, 3, 1), date(2025, 3, 1), "#E69F00"),
        Note("a2", "Off", date(2025, 6, 1), date(2025, 9, 30), "#D55E00"),
        Note("a3", "Same time", date(2025, 8, 1), date(2025, 8, 31), "#009E73"),
    ]
    spec, _ = laid_over(SPECS["trend"], notes)
    told = [note.plain() for note in notes]
    trend = finding("trend", "The trend", annotations=told, table=accounts(20))
    trend |= {"chart": spec, "svg": None}
    store = open_store()
    row = accounts(1)["rows"][0][0]
    at_row = Anchor("trend", row=row, column="Open opportunities", value="7")
    talking.post(store, "weekly", f"*why* {HOSTILE}\n\n- one", by=HOSTILE, anchor=at_row)
    talking.reply(store, "c1", "because", by="ken", quote=True)
    talking.post(store, "weekly", "long " * 3_000, by="mika", anchor=Anchor("trend"))
    plan = Plan("weekly", "", Path("weekly.ipynb"), read_parameters(notebook()), {})
    made = datetime(2026, 4, 1, 9, tzinfo=UTC)
    fallout = finding("fallout", "Accounts fall out")
    before = executed(header(), figures(62), trend, fallout)
    site.write_report(plan, before, None, tmp_path / "reports", made_at=made)
    now = executed(header("2026-03-08", rows=812, digest="bb"), figures(90), trend, fallout)
    later = made + timedelta(days=7)
    return site.write_report(plan, now, None, tmp_path / "reports", made_at=later)


@pytest.mark.parametrize("watched", [PHONE], indirect=True)
def test_notes_comments_and_changes_are_read_on_a_phone_in_the_dark(watched, talked):
    page = watched.open(talked)
    watched.draw_all()
    texts = page.locator("#trend .live svg text").all_text_contents()
    shown = "\n".join(texts)
    assert all(any(mark in text.split() for text in texts) for mark in ("a1", "a2", "a3"))
    assert {"Electronics", "Automotive", "Medical"} <= set(texts)  # the legend is whole
    assert "undefined" not in shown
    # No stretched axis: what was drawn before is as wide as it was.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".figure .change").first.inner_text() == (
        "+5.2 points (95 %: +1.0 to +9.3) since 2026-03-01"
    )
    assert "accounts 800 → 812 rows" in page.locator(".since").inner_text()
    pin = page.locator("#trend h2 a.pin")
    assert pin.text_content() == "…"
    pin.click()
    until(page, "location.hash === '#c1'")
    until(page, "Math.abs(document.querySelector('#c1').getBoundingClientRect().top) < 400")
    assert HOSTILE.replace("**", "") in page.locator("#c1 .words").first.inner_text()
    assert page.locator("td[data-pin]").count() == 1
    mark = page.locator("td[data-pin]").evaluate("e => getComputedStyle(e, '::after').content")
    assert mark == '"1"'
    with page.expect_download() as caught:
        page.locator("#trend .csv").click()
    lines = Path(caught.value.path()).read_text("utf-8-sig").splitlines()
    kept = str(accounts(1)["rows"][0][2])
    assert kept in lines[1].split(",")  # the badge is no part of the number
    page.emulate_media(media="print")
    assert page.locator("#c3 .words").evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    watched.assert_quiet()
