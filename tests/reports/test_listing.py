"""The index: what stands in it without scripts, and what its script is given."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.reports.blocks import HOSTILE
from tests.reports.kept import figures, finding, header, keep
from workbench.reports import render, site
from workbench.reports.cells import Failure
from workbench.reports.packing import packed, unpacked

DAY = timedelta(days=1)


def read(folder: Path) -> tuple[BeautifulSoup, dict]:
    """The index as a tree, and the runs that its script reads."""
    text = site.write_index(folder).read_text(encoding="utf-8")
    found = re.search(r'id="all-runs">([^<]*)</script>', text)
    return BeautifulSoup(text, "html.parser"), json.loads(unpacked(found[1])) if found else {}


def spoken(content: dict) -> list[list]:
    """Runs with their texts in place."""
    texts = content["texts"]
    return [
        [page, made[:16], ok, *(texts[place] for place in places)]
        for page, made, ok, *places in (run[:10] for run in content["runs"])
    ]


@pytest.mark.parametrize("text", ["", "a", "ü株🚀</script>" * 999])
def test_packed_is_unpacked(text):
    assert unpacked(packed(text)) == text
    assert "<" not in packed(text)


@pytest.mark.parametrize("text", ["?", "aGVsbG8="])
def test_what_was_never_packed_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        unpacked(text)


def test_the_latest_of_each_report_and_every_run_newest_first(tmp_path):
    keep(tmp_path)
    keep(tmp_path, name="other", after=DAY)
    keep(tmp_path, header("2026-03-08"), figures(90), after=2 * DAY)
    soup, content = read(tmp_path)
    assert [link["href"] for link in soup.select(".entry h2 a")] == ["mini.html", "other.html"]
    assert [run[:3] for run in content["runs"]] == [
        ["runs/mini/2026-03-03T09-00-00Z/page.html", "2026-03-03T09:00:00+00:00", 1],
        ["runs/other/2026-03-02T09-00-00Z/page.html", "2026-03-02T09:00:00+00:00", 1],
        ["runs/mini/2026-03-01T09-00-00Z/page.html", "2026-03-01T09:00:00+00:00", 1],
    ]
    assert all((tmp_path / run[0]).is_file() for run in content["runs"])
    assert spoken(content)[0][3:8] == [
        "mini",
        "How are things?",
        "mini.ipynb",
        "demo",
        "2026-03-08",
    ]
    assert [button["data-report"] for button in soup.select(".history")] == ["mini"]
    assert "3 runs kept" in soup.select_one(".line").text


def test_a_failed_run_says_why_in_both_places(tmp_path):
    keep(tmp_path)
    keep(tmp_path, header(), failure=Failure(2, 3, "Losses", HOSTILE), after=DAY)
    soup, content = read(tmp_path)
    assert soup.select_one(".entry .badge").text == "failed"
    assert soup.select_one(".entry h2 a")["href"] == "mini.html"
    assert HOSTILE in soup.select_one(".entry .why").text
    assert [run[2] for run in content["runs"]] == [0, 1]
    assert HOSTILE in spoken(content)[0][-1]


def test_texts_stand_once(tmp_path):
    for number in range(5):
        keep(tmp_path, header(), figures(), finding(HOSTILE), after=number * DAY, top=7)
    _, content = read(tmp_path)
    assert len(content["texts"]) == len(set(content["texts"]))
    assert content["texts"].count(HOSTILE) == 1


def test_nothing_hostile_is_markup(tmp_path):
    keep(
        tmp_path,
        {**header(), "title": HOSTILE, "workspace": HOSTILE},
        finding(HOSTILE),
        segment=HOSTILE,
    )
    soup, _ = read(tmp_path)
    assert soup.h2.find_next("h2").text == HOSTILE
    assert soup.img is None
    assert "alert(1)" not in "".join(
        tag.text for tag in soup.find_all("script") if tag.get("type") is None
    )


def test_without_scripts_there_are_the_latest_pages_and_a_word_on_the_rest(tmp_path):
    keep(tmp_path)
    soup, _ = read(tmp_path)
    assert soup.select_one("noscript").text.strip().startswith("The list of all runs needs")
    assert soup.select_one("form[hidden]") is not None


def test_more_reports_than_can_be_told_in_full_are_listed_by_title(tmp_path, monkeypatch):
    monkeypatch.setattr(render, "FULL_ENTRIES", 2)
    for number in range(4):
        keep(tmp_path, name=f"report_{number}", after=number * DAY)
    soup, _ = read(tmp_path)
    assert len(soup.select(".entry")) == 2
    assert [tag.a["href"] for tag in soup.select(".further li")] == [
        "report_1.html",
        "report_0.html",
    ]


def test_pages_of_an_earlier_version_without_runs_are_listed(tmp_path):
    keep(tmp_path)
    import shutil

    shutil.rmtree(tmp_path / "runs")
    soup, content = read(tmp_path)
    assert len(soup.select(".entry")) == 1
    assert content == {}
    assert soup.select("form") == []
