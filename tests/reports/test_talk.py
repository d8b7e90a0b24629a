"""What people say about a page: badges, threads near the end, notes under charts, the commands."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.reports.blocks import DEFINITIONS, HOSTILE, accounts, finding
from tests.reports.notebooks import executed, notebook
from workbench.cli import main
from workbench.collaboration.comments import rights, talking
from workbench.collaboration.comments.mentions import Person
from workbench.collaboration.comments.model import Anchor
from workbench.collaboration.store import open_store
from workbench.reports import site
from workbench.reports.definitions import Plan
from workbench.reports.parameters import read_parameters

MADE = datetime(2026, 4, 1, 9, tzinfo=UTC)
NOTES = [
    {"mark": "a1", "title": HOSTILE, "days": "2025-03-05", "colour": "#E69F00", "kind": "campaign",
     "text": "two\nlines", "by": "mika"},
    {"mark": "a2", "title": "Off", "days": "2025-06-01 to 2025-06-09", "colour": "red;}</style>"},
    "no note",
]  # fmt: skip


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(tmp_path / "store.db"))
    monkeypatch.setenv("WORKBENCH_USER", "mika")
    monkeypatch.chdir(tmp_path)
    return open_store()


def blocks():
    return [
        finding("fallout", "Accounts fall out", table=accounts(8), annotations=NOTES),
        finding("trend", "The trend", annotations=NOTES[:1]),
        DEFINITIONS,
    ]


def soup(tmp_path, name="weekly", file="review.ipynb"):
    plan = Plan(name, "", Path(file), read_parameters(notebook()), {})
    path = site.write_report(plan, executed(*blocks()), None, tmp_path / "reports", made_at=MADE)
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def place(row, column="Open opportunities", value="7"):
    return Anchor("fallout", "Accounts fall out", row=row, column=column, value=value)


def first_account():
    return accounts(1)["rows"][0][0]


def test_a_page_of_nobody_says_nothing(store, tmp_path):
    page = soup(tmp_path)
    assert page.select("#comments, a.pin, td[data-pin]") == []


def test_notes_stand_under_their_charts_and_in_a_list(store, tmp_path):
    page = soup(tmp_path)
    assert [li.strong.text for li in page.select("#fallout .marks li")] == ["a1", "a2"]
    listed = page.select("#annotations .noted li")
    assert [li.strong.text for li in listed] == ["a1", "a2"]
    assert [a["href"] for a in listed[0].select("a")] == ["#fallout", "#trend"]
    assert HOSTILE in listed[0].text
    assert listed[1].select_one(".swatch")["style"] == "--of: #5B6B7B"
    headings = [h.text.strip() for h in page.select("main h2")]
    assert headings.index("Annotations") < headings.index("Definitions")


def test_threads_badges_and_cells(store, tmp_path):
    first = talking.post(store, "weekly", f"**why** {HOSTILE}", by="mika",
                         anchor=place(first_account()))  # fmt: skip
    talking.reply(store, first.id, "because", by="ken", quote=True)
    talking.like(store, first.id, by="ken")
    talking.post(store, "review", "of the notebook", by="ken")
    talking.post(store, "other", "of another report", by="ken")
    talking.post(store, "weekly", "gone", by="ken", anchor=place("Nobody", value="3"))
    settled = talking.post(store, "weekly", "settled", by="ken", anchor=Anchor("trend"))
    talking.resolve(store, settled.id, by="mika")
    page = soup(tmp_path)
    threads = page.select("#comments .thread")
    assert [one["id"] for one in threads] == ["c1", "c3", "c5"]
    assert page.select_one("#comments .reading").text.startswith("3 threads. 1 more is settled")
    assert threads[0].select_one(".then").text == "7 when written, 0 now"
    assert "liked by 1" in threads[0].text
    assert threads[0].select_one(".words strong").text == "why"
    assert HOSTILE.replace("**", "") in threads[0].select_one(".words").text
    assert threads[0].select_one(".reply blockquote").text.strip().startswith("mika: why")
    assert threads[2].select_one(".badge").text.startswith("detached")
    assert threads[2].select_one(".then").text == "3 when written"
    pin = page.select_one("#fallout h2 a.pin")
    assert (pin.text, pin["href"], pin["aria-label"]) == ("…", "#c1", "2 comments on this: 1, 2")
    assert page.select("#trend a.pin") == []
    assert [td["data-pin"] for td in page.select("td[data-pin]")] == ["1"]
    assert [a["href"] for a in page.select("nav a")].count("#comments") == 1


def test_one_comment_shows_its_number_and_headings_in_texts_make_no_chapter(store, tmp_path):
    talking.post(store, "weekly", "# Big\n\n![x](http://e/x.png)", by="m", anchor=Anchor("trend"))
    page = soup(tmp_path)
    assert page.select_one("#trend a.pin").text == "1"
    assert page.select("#comments h1, #comments h2 + h2, #comments img") == []
    assert page.select_one("#comments .words strong").text == "Big"


def test_two_names_of_a_report_give_no_number_twice(store, tmp_path):
    for project in ("review", "weekly"):
        talking.post(store, project, "x", by="mika", anchor=Anchor("trend"))
    assert [one.text for one in soup(tmp_path).select(".thread .pin")] == ["1", "2"]


def test_comments_that_are_switched_off_are_not_shown(store, tmp_path):
    talking.post(store, "weekly", "x", by="mika", anchor=Anchor("trend"))
    rights.switch(store, "weekly", on=False, by="mika")
    assert soup(tmp_path).select("#comments, a.pin") == []


def test_a_store_that_cannot_be_read_is_said_on_the_page(tmp_path, monkeypatch):
    broken = tmp_path / "broken.db"
    broken.write_text("no database " * 100)
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(broken))
    said = soup(tmp_path).select_one("#comments .reading").text
    assert said.startswith("The comments could not be read.")


def said(capsys, *arguments):
    code = main([*arguments])
    caught = capsys.readouterr()
    return code, caught.out + caught.err


def test_the_commands(store, tmp_path, capsys, monkeypatch):
    soup(tmp_path)
    row = first_account()
    code, text = said(capsys, "comment", "weekly", "why?", "--visual", "fallout", "--row", row,
                      "--column", "Open opportunities")  # fmt: skip
    assert (code, text.split()[0]) == (0, "c1")
    assert talking.threads(store, "weekly")[0].anchor.value == "0"
    code, text = said(capsys, "comment", "weekly", "x", "--visual", "fallout", "--row", "No")
    assert code == 2
    assert row in text
    monkeypatch.setattr("sys.stdin", io.StringIO("two\nlines"))
    assert said(capsys, "comment", "weekly", "-", "--reply-to", "c1", "--quote")[0] == 0
    assert "two\n" in said(capsys, "comments", "weekly")[1]
    assert said(capsys, "comment", "weekly", "why, really?", "--edit", "c1")[0] == 0
    assert "why?" in said(capsys, "comments", "weekly", "--history", "c1")[1]
    for act in ("--like", "--resolve", "--place"):
        assert said(capsys, "comments", "weekly", act, "c1") == (0, "Done.\n")
    assert said(capsys, "comments", "weekly")[1] == "0 threads\n1 settled (--all)\n"
    assert said(capsys, "comments", "weekly", "--delete", "c1")[1] == "2 comments are gone.\n"
    for wrong in (["comment", "../weekly", "x"], ["comment", "weekly", "x" * 15_001],
                  ["comment", "weekly", "@nobody"],
                  ["comments", "weekly", "--like", "c9"]):  # fmt: skip
        code, text = said(capsys, *wrong)
        assert (code, "cannot be used" in text) == (2, True)


def test_the_command_of_mentions(store, capsys):
    ken = Person("Ken Sato", "ken@hoshino.example")
    talking.post(store, "weekly", "@ken look", by="mika", people=[ken])
    assert said(capsys, "mentions")[1] == "0 mentions\n"
    code, text = said(capsys, "mentions", "--of", "KEN@hoshino.example", "--seen")
    assert (code, text.startswith("c1  weekly  mika  ")) == (0, True)
    assert said(capsys, "mentions", "--of", "Ken Sato")[1] == "0 mentions\n"
    assert said(capsys, "mentions", "--of", "Ken Sato", "--all")[1].endswith("1 mention\n")


def test_the_commands_of_annotations(store, capsys):
    assert said(capsys, "annotate", "Fair", "--on", "2026-03-05", "--kind", "campaign")[0] == 0
    listed = said(capsys, "annotations")[1]
    assert listed == "a1  2026-03-05  Fair  (mika)\n1 annotation\n"
    assert said(capsys, "annotations", "--off", "user=mika")[0] == 0
    assert said(capsys, "annotations", "--remove", "a1")[0] == 0
    assert said(capsys, "annotations")[1] == "0 annotations\n"
    for wrong in (["annotate", "x", "--on", "never"], ["annotate", "x", "--on", "today",
                  "--workspace", "nowhere"], ["annotations", "--off", "page=x"]):  # fmt: skip
        assert said(capsys, *wrong)[0] == 2
