"""The page of one account without a browser: parts, choosing, and what cannot be shown."""

from __future__ import annotations

import json

import pytest
import yaml

import workbench as wb
from tests.widgets.worlds import company
from workbench.errors import ArgumentError
from workbench.widgets.one_account.view import script, words


@pytest.fixture(scope="module")
def world() -> wb.Workspace:
    return company()


def part(page, name: str) -> dict:
    (found,) = [section for section in page.sections() if section["name"] == name]
    return found


def test_every_part_is_there_and_plain(world):
    page = wb.account_page(world, account="A03")
    names = [section["name"] for section in page.sections()]
    assert names == ["history", "people", "opportunities", "health", "comments"]
    assert json.loads(json.dumps(page.sections())) == page.sections()
    plain = wb.timeline(world, account="A03")
    assert part(page, "history")["headline"] == plain.headline()
    assert part(page, "history")["spec"]["vconcat"] or part(page, "history")["spec"]
    assert part(page, "opportunities")["absent"]
    assert part(page, "health")["absent"]


def test_an_account_is_chosen_by_a_part_of_its_name_or_key(world):
    page = wb.account_page(world, account="A03")
    found = page.find("ACCOUNT 1")
    assert [item["value"] for item in found["items"]][:2] == ["A01", "A10"]
    assert (found["found"], found["total"]) == (11, 40)
    (told,) = page.heard({"do": "set", "name": "account", "value": "A10"})
    assert told["shown"]["name"] == "Account 10"
    assert yaml.safe_load(page.yaml) == page.definition == {"account": "A10"}
    again = eval(page.python, {"wb": wb, "ws": world})
    assert again.sections() == page.sections()
    page.heard({"do": "undo"})
    assert page.definition == {"account": "A03"}


@pytest.mark.parametrize(
    ("name", "value"), [("account", "A99"), ("account", ""), ("period", "2026-13"), ("x", "y")]
)
def test_what_cannot_be_shown_leaves_the_page_as_it_is(world, name, value):
    page = wb.account_page(world, account="A03")
    (told,) = page.heard({"do": "set", "name": name, "value": value})
    assert told["say"] == "problem"
    assert page.definition == {"account": "A03"}


def test_a_period_narrows_the_history(world):
    page = wb.account_page(world, account="A03", period="2026-01-01")
    assert len(part(page, "history")["table"]["rows"]) == 1
    page.heard({"do": "set", "name": "period", "value": ""})
    assert len(part(page, "history")["table"]["rows"]) == 3


def test_an_account_that_is_not_there_is_refused(world):
    with pytest.raises(ArgumentError, match="A99"):
        wb.account_page(world, account="A99")


def test_comments_about_the_account_stand_on_its_page(world, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(tmp_path / "collaboration.db"))
    monkeypatch.setenv("WORKBENCH_NOTEBOOK", "ours")
    wb.comment(world, text="Account 3 asks for a <b>quote</b>")
    wb.comment(world, text="Account 4 does not")
    page = wb.account_page(world, account="A03")
    assert len(part(page, "comments")["table"]["rows"]) == 1


def test_the_script_knows_every_word_it_says():
    used = {part.split(",")[0].split(")")[0].split(" ")[0].split(":")[0].split(";")[0]
            for part in script().split("page.words.")[1:]}  # fmt: skip
    own = {word for word in used if word.isidentifier()}
    shared = {"saved", "another", "choose", "search"}
    assert own - shared <= set(words()), own - shared - set(words())
    assert "innerHTML" not in script()
