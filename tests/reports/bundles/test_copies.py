"""A copy for anyone: no name, no list, no small group, no code, no path, nothing after its day."""

from __future__ import annotations

import html as markup
import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from tests.reports.blocks import (
    DEFINITIONS,
    FIGURES,
    HEADER,
    NAMES,
    QUALITY,
    accounts,
    finding,
)  # fmt: skip
from tests.reports.notebooks import table
from workbench.errors import ArgumentError, ReportError
from workbench.reports.bundles import building
from workbench.reports.bundles.building import KEY, Terms, build_copy
from workbench.reports.bundles.identities import identities_from
from workbench.reports.bundles.locking import check_password, dated, locked
from workbench.reports.exports.material import Material

UNTIL = date(2026, 12, 31)
PEOPLE = ["佐藤 花子", "Anna Groß", "李 小龍"]
KNOWN = identities_from({"Account": NAMES, "Colleague": PEOPLE, "Person": ["Mika Tanaka"]})
SECRET = {KEY: "a secret of the tests"}
BY_OWNER = table(
    [("Owner", "text"), ("Deals", "count"), ("Won", "share")],
    [["佐藤 花子", 40, 0.25], ["Anna Groß", 3, 0.333], ["李 小龍", 50, 0.5], ["Tom Ray", 60, 0.1]],
)
PLANTED = [
    HEADER,
    FIGURES,
    finding("hostile", f"Meetings are held by few: {NAMES[1]} leads with 30", table=accounts(40)),
    finding("fallout", "Anna Groß owns few deals", table=BY_OWNER, chart=None, svg=None,
            anchor="owners", notes=[f"{NAMES[0]} is left out.", "See /data/exports/accounts.csv"],
            definition={"segment": f"name = '{NAMES[2]}'", "root": "C:\\exports\\crm"}),
    {"block": "table", "anchor": "all", "heading": "312 accounts to call", "table": accounts(9)},
    {"block": "text", "heading": "Next", "text": f"Call {NAMES[7]} and Mika Tanaka."},
    DEFINITIONS,
    QUALITY,
]  # fmt: skip
NOTE = {"number": 1, "place": NAMES[0], "author": "Anna Groß", "text": f"@Mika Tanaka: {NAMES[4]}",
        "value": "7", "at": "2026-03-01"}  # fmt: skip


def material(*blocks: object, **more: object) -> Material:
    given = tuple(blocks or PLANTED)
    return Material(f"growth--{NAMES[0]}", f"How does {NAMES[2]} grow?", ("Hoshino",), given,
                    (("Notebook", "/opt/x/n.ipynb"),), (NOTE,), **more)  # fmt: skip


def copy(least: int = 5, *blocks: object, **more: object) -> building.Copy:
    if not blocks and not more:
        return usual(least)
    return build_copy(material(*blocks), Terms(UNTIL, least, **more), identities=lambda _: KNOWN,
                      environment=SECRET)  # fmt: skip


@cache
def usual(least: int) -> building.Copy:
    return build_copy(
        material(), Terms(UNTIL, least), identities=lambda _: KNOWN, environment=SECRET
    )


def said(page: str) -> str:
    """Everything a file says, in every way it may be written."""
    texts = re.findall(r'"(?:[^"\\]|\\.)*"', page)
    plain = []
    for text in texts:
        try:
            plain.append(str(json.loads(text)))
        except ValueError:
            continue
    return "\n".join([page, markup.unescape(page), unquote(page), *plain])


@pytest.mark.parametrize("least", [0, 5])
def test_no_planted_name_stands_anywhere_in_the_file(least):
    made = copy(least, comments=True)
    everything = said(made.html) + made.name
    for name in [*NAMES, *PEOPLE, "Mika Tanaka", "Tanaka"]:
        assert name.casefold() not in everything.casefold()
    assert "Account " in made.html
    assert "Colleague " in made.html


def test_it_holds_no_code_no_path_and_no_facts_of_the_run():
    everything = said(copy(0).html)
    places = ("/data/exports", "exports\\crm", "/opt/", "n.ipynb", "accounts.csv")
    for gone in (*places, "answer(ws)", "report-facts", "report-origin", HEADER["fingerprint"]):
        assert gone not in everything


def test_rows_of_single_accounts_never_leave():
    for least in (0, 5):
        page = BeautifulSoup(copy(least).html, "html.parser")
        assert len(page.select("table")) == 1
        assert "312 accounts to call" not in page.get_text()
        assert "list of single accounts" in page.get_text()


def test_small_groups_are_hidden_with_what_tells_them():
    page = BeautifulSoup(copy(5).html, "html.parser")
    rows = [[cell.get_text() for cell in row.select("td")] for row in page.select("tbody tr")]
    by_deals = {row[1]: row for row in rows}
    assert [row[1:] for row in rows].count(["hidden", "hidden"]) == 2
    assert by_deals["50"][2] == "50.0 %"
    assert "3" not in {cell for row in rows for cell in row}
    assert "Groups of fewer than 5" in page.get_text()
    # A mark for each single account is a group of one.
    assert page.select_one("#hostile figure.chart") is None
    assert "leads with" not in page.get_text()


def test_without_the_option_names_stay_and_lists_still_do_not():
    made = build_copy(material(), Terms(UNTIL, 0, pseudonyms=False))
    assert "Anna Groß" in made.html
    assert "312 accounts to call" not in made.html


def test_the_same_secret_gives_the_same_codes_in_every_copy():
    pages = (copy(0).html, copy(0, comments=True).html)
    codes = [set(re.findall(r"Colleague [A-Z2-7]{7}", page)) for page in pages]
    assert codes[0] == codes[1] != set()
    other = build_copy(material(), Terms(UNTIL, 0), identities=lambda _: KNOWN, environment={})
    assert codes[0].isdisjoint(re.findall(r"Colleague [A-Z2-7]{7}", other.html))


def test_only_what_was_chosen_is_seen():
    page = copy(0, visible=("figures", "owners")).html
    assert "owns few deals" in page
    assert "Meetings are held" not in page
    assert "Account reached a step" not in page
    with pytest.raises(ArgumentError, match="owners"):
        copy(0, visible=("nothing",))


def test_more_than_fifty_charts_and_tables_are_refused():
    many = [finding("fallout", f"Finding {n}", table=BY_OWNER) for n in range(26)]
    with pytest.raises(ArgumentError, match="52 charts and tables"):
        copy(0, *many)


def test_a_failed_report_is_not_given_away():
    with pytest.raises(ArgumentError, match="did not finish"):
        build_copy(material(failure="Cell 3 stopped"), Terms(UNTIL, pseudonyms=False))


def test_names_must_be_known_and_the_secret_long():
    with pytest.raises(ArgumentError, match="pseudonyms"):
        build_copy(material(), Terms(UNTIL))
    with pytest.raises(ArgumentError, match="at least 16") as refused:
        build_copy(material(), Terms(UNTIL), identities=lambda _: KNOWN, environment={KEY: "short"})
    assert "'short'" not in str(refused.value)


def test_a_page_in_which_a_name_is_found_is_not_written(monkeypatch):
    monkeypatch.setattr(building, "_renamed", lambda material, names: material)
    with pytest.raises(ReportError, match="not written") as refused:
        copy(0, comments=True)
    assert not any(name in str(refused.value) for name in NAMES)


def test_the_day_is_said_and_kept_by_a_script():
    page = copy(0).html
    assert "2027-01-01T00:00:00+00:00" in page
    assert "cannot be taken back" in page
    assert page.index("Date.parse(given.end)") < page.index("<body")
    assert dated("<head></head>", UNTIL).startswith("<head>\n<script>")


@pytest.mark.parametrize("password", ["", "short1!", "longenough", "longenough1", "longenough!"])
def test_weak_passwords_are_refused(password):
    with pytest.raises(ArgumentError) as refused:
        check_password(password)
    assert not password or password not in str(refused.value)


def test_behind_a_password_nothing_can_be_read():
    page = locked(copy(0).html, "correct-horse-1", UNTIL, rounds=1000)
    assert "How does" not in page
    assert "correct-horse" not in page
    assert "[[" not in page
    for name in ("Account ", "Colleague "):
        assert name not in page
    assert locked("<p>x", "correct-horse-1", UNTIL, rounds=1000) != locked(
        "<p>x", "correct-horse-1", UNTIL, rounds=1000
    )


def test_the_template_asks_for_nothing():
    folder = Path(building.__file__).parents[1] / "template"
    for name in ("locked.html", "locked.js", "expiry.js"):
        assert not re.search(r"fetch\(|https?://|import\(|XMLHttp", (folder / name).read_text())
