"""A report as mail, picture and PDF: small, without a script, nothing to load."""

from __future__ import annotations

import email
import email.policy
import re

import pytest
from bs4 import BeautifulSoup

from tests.reports.blocks import FIGURES, HEADER, HOSTILE, LONG, SPECS, finding
from workbench.errors import ArgumentError, ReportError
from workbench.reports.exports import kept, mail, paper
from workbench.reports.exports.ask import export_report, material_of
from workbench.reports.exports.mail import MOST_BYTES, composed, letter
from workbench.reports.exports.material import Material
from workbench.reports.snapshots import find_snapshot

LINK = "https://reports.example.com/full.html"


@pytest.fixture(scope="module")
def material(pages):
    return material_of(find_snapshot(pages, "full"))


@pytest.fixture(scope="module")
def sent(pages, tmp_path_factory):
    (path,) = export_report(
        "full", form="email", folder=pages, out=tmp_path_factory.mktemp("out"), link=LINK
    )
    raw = path.read_bytes()
    assert len(raw) < MOST_BYTES
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_it_has_text_html_and_one_picture_inside(sent):
    assert [part.get_content_type() for part in sent.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    html = sent.get_body(("html",)).get_content()
    picture = next(part for part in sent.walk() if part.get_content_type() == "image/png")
    assert f"cid:{picture['Content-ID'].strip('<>')}" in html
    assert picture.get_content().startswith(b"\x89PNG")
    assert sent["Subject"] == HEADER["title"]


def test_both_texts_say_three_figures_the_finding_and_where_the_page_is(sent):
    html = BeautifulSoup(sent.get_body(("html",)).get_content(), "html.parser")
    text = sent.get_body(("plain",)).get_content()
    for said in (html.get_text(" "), text):
        for figure in FIGURES["figures"][:3]:
            assert figure["value"] in said
        assert FIGURES["figures"][3]["value"] not in said
        assert "193 of 421, 46 %" in said
        assert "as of 2026-03-31" in said
    assert LINK in text
    assert html.find("a")["href"] == LINK


def test_it_holds_no_script_and_asks_for_nothing(sent):
    html = sent.get_body(("html",)).get_content()
    page = BeautifulSoup(html, "html.parser")
    assert page.find(["script", "link", "style", "iframe", "object", "form", "svg"]) is None
    assert [tag["src"] for tag in page.find_all(src=True)] == [f"cid:{mail.CID}"]
    assert not re.search(r"url\(|@import|\son\w+=", html)


def test_hostile_words_stay_words(material):
    hostile = Material(
        "x", f"{HOSTILE}\r\nBcc: all@example.com", (LONG,),
        ({"block": "figures", "figures": [{"label": HOSTILE, "value": "\ud800", "detail": LONG}]},
         {"block": "finding", "heading": HOSTILE, "reading": "'\"&", "chart": SPECS["hostile"]}),
    )  # fmt: skip
    made = composed(letter(hostile))
    assert made["Bcc"] is None
    assert "\n" not in str(made["Subject"])
    again = email.message_from_bytes(bytes(made), policy=email.policy.default)
    html = BeautifulSoup(again.get_body(("html",)).get_content(), "html.parser")
    assert html.find("script") is None
    assert HOSTILE in html.get_text()
    assert len(bytes(made)) < MOST_BYTES


def test_a_crowded_picture_is_drawn_smaller_and_then_left_out(monkeypatch, material):
    scales = []

    def heavy(picture, form, scale):
        scales.append(scale)
        return b"\x89PNG" + bytes(90_000)

    monkeypatch.setattr(mail, "drawn", heavy)
    made = letter(material)
    assert scales == sorted(scales, reverse=True)
    assert made.picture == b""
    assert "cid:" not in made.html
    assert len(bytes(composed(made))) < MOST_BYTES


def test_a_report_without_data_or_without_end_says_so_first():
    empty = letter(Material("x", "How?", (), ()), empty=True)
    assert empty.subject == "No data: How?"
    assert "There are no data" in empty.text
    failed = letter(Material("x", "How?", (), (), failure="Cell 3 stopped."))
    assert failed.subject == "Failed: How?"
    assert "Cell 3 stopped." in failed.html


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "reports/x", "http:// x"]
)
def test_a_link_that_is_no_address_is_refused(material, link):
    with pytest.raises(ArgumentError, match="begins with http"):
        letter(material, link=link)


def test_pictures_of_all_charts_or_of_one(pages, tmp_path):
    made = export_report("full", form="png", folder=pages, out=tmp_path / "all")
    assert [path.name for path in made] == [
        f"full-{name}.png" for name in ("fallout", "trend", "hostile", "facet")
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in made)
    (one,) = export_report("full", form="svg", folder=pages, out=tmp_path / "a.svg", chart="2")
    assert "month of entry" in one.read_text()
    with pytest.raises(ArgumentError, match="fallout"):
        export_report("full", form="png", folder=pages, out=tmp_path, chart="falout")
    with pytest.raises(ReportError):
        export_report("full", form="png", folder=pages, out=tmp_path, chart="../x")


def test_a_chart_that_wants_data_from_elsewhere_is_drawn_from_its_picture(keep, tmp_path):
    spec = {**SPECS["fallout"], "data": {"url": "https://elsewhere.example/x.json"}}
    pages = keep(finding("fallout", "Elsewhere") | {"chart": spec})
    (path,) = export_report("small", form="svg", folder=pages, out=tmp_path, chart="1")
    assert "elsewhere" not in path.read_text()


def test_charts_are_found_on_the_page(pages):
    snapshot = find_snapshot(pages, "full")
    charts = kept.charts_of(kept.page_of(snapshot))
    assert len(charts) == 4
    assert all(
        chart["chart"]["$schema"] and chart["svg"].startswith("<svg") for chart in charts.values()
    )


def test_every_panel_of_a_dashboard_is_a_picture():
    part = {
        "kind": "finding", "anchor": "overview", "heading": "All at once", "chart": "",
        "panels": [{"chart": f"chart-{n}", "heading": f"Panel {n}"} for n in (1, 2, 3)],
    }  # fmt: skip
    charts = {f"chart-{n}": {"chart": SPECS["fallout"], "svg": "<svg/>"} for n in (1, 2)}
    blocks = kept._blocks(part, {}, charts)
    pictures = Material("x", "", (), tuple(blocks)).pictures()
    assert [(one.anchor, one.heading) for one in pictures] == [
        ("overview-1", "Panel 1"), ("overview-2", "Panel 2"),
    ]  # fmt: skip


def test_without_chromium_a_sentence_says_what_to_do(monkeypatch, pages, tmp_path):
    monkeypatch.setattr(paper.shutil, "which", lambda name: None)
    with pytest.raises(ReportError, match="CHROMIUM="):
        export_report("full", form="pdf", folder=pages, out=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_browser_that_hangs_is_ended(tmp_path, monkeypatch):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 60 & wait\n")
    slow.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(slow))
    with pytest.raises(ReportError, match=r"within 0\.5 seconds"):
        paper.save_pdf("<p>x", tmp_path / "a.pdf", seconds=0.5)
    slow.write_text("#!/bin/sh\necho 'no such thing' >&2; exit 3\n")
    with pytest.raises(ReportError, match="no such thing"):
        paper.save_pdf("<p>x", tmp_path / "a.pdf")


@pytest.mark.browser
def test_the_page_is_printed_without_a_request(keep, tmp_path):
    pages = keep(HEADER, FIGURES, finding("fallout", "Accounts fall out: 193 of 421"))
    (path,) = export_report("small", form="pdf", folder=pages, out=tmp_path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) >= 1
    assert re.search(rb"/MediaBox\s*\[\s*0 0 59[45]", content)  # A4
