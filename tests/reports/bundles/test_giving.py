"""A copy given through its link: made from a kept run, by who may, gone when the link is dead."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

import workbench as wb
from tests.reports.blocks import DEFINITIONS, FIGURES, HEADER, QUALITY, accounts, finding
from tests.reports.exports.conftest import kept_run
from tests.reports.notebooks import table
from workbench.cli import main
from workbench.collaboration import sharing
from workbench.collaboration.store import open_store
from workbench.errors import ArgumentError, ReportError
from workbench.reports.bundles.giving import PASSWORD, SHARED, give_copy, sweep, used_parts

DAY = date(2026, 3, 2)
OWNERS = table([("Owner", "text"), ("Deals", "count")], [["Anna Groß", 40], ["Tom Ray", 60]])
BLOCKS = [
    HEADER, FIGURES,
    finding("fallout", "Acme Bearings GmbH falls out: 193 of 421", table=OWNERS),
    finding("trend", "Anna Groß wins more often: 19 % of 84"),
    {"block": "table", "anchor": "all", "heading": "Call", "table": accounts(9)},
    DEFINITIONS, QUALITY,
]  # fmt: skip


@pytest.fixture(scope="module")
def workspace():
    events = {"account_id": ["A-77001"], "occurred_at": ["2026-01-01"], "event": ["lead"]}
    users = {"user_id": ["U-01"], "name": ["Anna Groß"], "email": ["anna@own.example"]}
    return wb.from_frames(
        events=pd.DataFrame(events),
        accounts=pd.DataFrame({"account_id": ["A-77001"], "name": ["Acme Bearings GmbH"]}),
        users=pd.DataFrame(users),
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return kept_run(tmp_path_factory.mktemp("pages"), BLOCKS, name="weekly")


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(tmp_path / "c.db"))
    made = open_store()
    yield made
    made.close()
    monkeypatch.undo()


@pytest.fixture
def give(store, pages, workspace):
    for old in (pages / SHARED).glob("*"):
        old.unlink()
    usual = {"by": "mika", "folder": pages, "workspace": workspace, "today": DAY}
    return lambda report="weekly", **more: give_copy(store, report, **{**usual, **more})


def test_the_file_lies_under_the_token_of_its_link_and_names_nobody(give, pages):
    made = give(expires="2026-12-31")
    assert made.path == pages / SHARED / f"{made.link.token}.html"
    page = made.path.read_text(encoding="utf-8")
    for name in ("Acme", "Anna", "Groß", "A-77001", "own.example"):
        assert name not in page
    assert "until 2026-12-31" in page
    assert any("cannot be taken back" in text for text in made.said)


def test_renewing_takes_the_old_file_away_and_ending_the_new_one(give, store, pages):
    (pages / SHARED).mkdir(exist_ok=True)
    (pages / SHARED / "own.html").write_text("mine")
    first, second = give(), give(renew=True)
    assert first.link.token != second.link.token
    assert second.removed == (first.path.name,)
    assert not first.path.exists()
    sharing.end_link(store, "weekly", by="mika", today=DAY)
    assert sweep(store, pages, today=DAY) == [second.path.name]
    assert [path.name for path in (pages / SHARED).iterdir()] == ["own.html"]


def test_an_expired_link_loses_its_file(give, store, pages):
    made = give(expires=DAY)
    assert sweep(store, pages, today=DAY) == []
    assert sweep(store, pages, today=date(2026, 3, 3)) == [made.path.name]


def test_readers_see_the_curated_parts(give, store, pages):
    assert used_parts("weekly", pages) == ["figures", "fallout", "trend", "all", "definitions",
                                           "quality"]  # fmt: skip
    sharing.choose_parts(store, "weekly", by="mika", remove=["trend", "figures"])
    page = give(least=0).path.read_text(encoding="utf-8")
    assert "falls out" in page
    assert "wins more often" not in page
    assert FIGURES["figures"][3]["value"] not in page


def test_what_may_not_be_given_writes_nothing_and_kills_no_link(give, store, pages):
    first = give()
    for call in (
        {"expires": "2031-01-01"}, {"least": -1}, {"least": 5000}, {"password": "weak"},
        {"report": "nothing"}, {"report": "../weekly"}, {"by": "noor"},
    ):  # fmt: skip
        with pytest.raises((ArgumentError, ReportError)):
            give(renew=True, **call)
    assert [path.name for path in (pages / SHARED).iterdir()] == [first.path.name]
    assert sharing.link_of(store, "weekly", today=DAY).token == first.link.token


def test_without_its_workspace_names_cannot_be_replaced_and_that_is_said(
    give, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("workbench.shelf.shipped", lambda: tmp_path)
    with pytest.raises(ArgumentError, match="cannot be replaced"):
        give(workspace=None)
    assert "Anna Groß" in give(workspace=None, pseudonyms=False).path.read_text(encoding="utf-8")


def test_the_command_gives_ends_and_says_what_was_done(store, pages, capsys, monkeypatch):
    monkeypatch.setenv("WORKBENCH_USER", "mika")
    monkeypatch.setenv(PASSWORD, "correct-horse-1")

    def said(*words):
        code = main(["share", *words])
        out = capsys.readouterr()
        return code, out.out + out.err

    where = ("--pages", str(pages))
    code, text = said("copy", "weekly", "--keep-names", "--least", "0", "--password", *where)
    assert code == 0, text
    path = pages / SHARED / text.splitlines()[0].rpartition("/")[2]
    assert "falls out" not in path.read_text(encoding="utf-8")
    assert "asks for a password" in text
    assert "correct-horse" not in text
    assert ": on" in said("link", "weekly")[1]
    assert f"taken away: {path.name}" in said("end", "weekly", *where)[1]
    assert not path.exists()
    assert said("copy", "../x", *where)[0] != 0
    assert said("copy", "weekly", "--until", "soon", *where)[0] == 2


def test_the_commands_of_roles_groups_parts_and_settings(
    store, pages, capsys, monkeypatch, tmp_path
):
    monkeypatch.setenv("WORKBENCH_USER", "ada")

    def said(*words, code=0):
        assert main(["share", *words]) == code
        out = capsys.readouterr()
        return (out.out + out.err).strip()

    assert said("admin", "ada") == "ada"
    assert said("group", "Sales", "--members", "mika, noor") == "mika, noor"
    assert said("group", "Sales") == "mika, noor"
    text = said("add", "P", "Q", "--to", "group:Sales", "--to", "olga", "--role", "read_only")
    assert text == "P: group:Sales, user:olga\nQ: group:Sales, user:olga"
    assert said("role", "P", "noor") == "Read only: Read only through group:Sales"
    assert said("role", "P", "guest", "--by-link").startswith("Edit copy")
    assert said("stop", "P", "--to", "olga") == "P: group:Sales"
    assert said("list", "P") == "owner: ada\ngroup:Sales: Read only"
    assert said("take-up", "Q") == "ada owns it"
    file = tmp_path / "s.yaml"
    file.write_text("top: 5\n")
    assert said("settings", "P", "--save", str(file)) == "P was saved as version 1."
    assert "saved by ada" in said("settings", "P", "--save", str(file), code=2)
    assert said("settings", "P") == "# version 1\ntop: 5"
    assert "trend" not in said("parts", "weekly", "--remove", "trend", "--pages", str(pages))
    assert "weekly" not in said("forbid", "--pages", str(pages))
    assert "forbidden" in said("copy", "weekly", "--keep-names", "--pages", str(pages), code=2)
    assert "may be given" in said("allow")
    assert said("disable", "olga") == "olga"
    assert "Only administrators" in said("disable", "mika", "--by", "noor", code=2)
