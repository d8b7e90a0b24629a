"""Names replaced: every one, everywhere, by the same code, whatever stands around it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reports.blocks import HOSTILE, NAMES, SPECS
from workbench.reports.bundles.identities import beginnings, identities_from, identities_of
from workbench.reports.bundles.names import Identity, Pseudonyms, folded, pseudonym, replaced_in
from workbench.results.numbers import shortened

KEY = b"a secret of the tests"
ACME = Identity("Account", "A-1", ("A-1", "Acme", "Acme Bearings GmbH", "acme.example"))
ANNA = Identity("Person", "P-7", ("P-7", "Anna Groß", "Groß, Anna", "anna@acme.example"))
PARTS = Identity("Person", "P-7", ("Anna", "Groß"), exact=True)


@pytest.fixture
def names() -> Pseudonyms:
    return Pseudonyms(KEY, [ACME, ANNA, PARTS, *identities_from({"Account": NAMES})])


@pytest.mark.parametrize(
    "text",
    [
        "Acme Bearings GmbH", "ACME BEARINGS GMBH leads", "deal with Acme: 3", "(Acme)", "Acme's",
        "Anna Groß <anna@acme.example>", "Groß, Anna wrote", "Anna says", "by Groß.",
        "www.acme.example/x", "A-1", "datum.name === 'Acme'", "x-A-1-y", "Acme→Acme",
    ],
)  # fmt: skip
def test_every_spelling_is_replaced(names, text):
    said = names.replaced(text)
    assert "Account " in said or "Person " in said
    for name in ("Acme", "acme", "ACME", "Anna", "Groß", "A-1"):
        assert name not in said


def test_one_thing_has_one_code_whatever_it_is_called(names):
    code = names.replaced("Acme")
    assert names.replaced("acme.example") == code == names.replaced("A-1")
    assert names.replaced("Anna Groß") == names.replaced("P-7") != code


def test_words_that_hold_a_short_name_stay(names):
    for text in ("Acmeville", "A-12", "Annapolis", "anna", "GroßE", "groß"):
        assert names.replaced(text) == text


def test_the_same_secret_gives_the_same_codes_and_another_one_others():
    assert pseudonym(KEY, "Account", "A-1") == pseudonym(KEY, "Account", "A-1")
    assert pseudonym(KEY, "Account", "A-1") != pseudonym(b"another secret", "Account", "A-1")
    assert pseudonym(KEY, "Account", "A-1") != pseudonym(KEY, "Person", "A-1")


@pytest.mark.parametrize("name", [name for name in NAMES if len(name) > 8])
@pytest.mark.parametrize("length", [8, 12, 34])
def test_names_that_a_chart_has_cut_are_replaced_too(names, name, length):
    cut = shortened(name, length)
    said = names.replaced(f"{cut} (2)")
    assert cut not in said
    assert said.endswith(" (2)")
    assert "…" not in said


def test_hostile_names_are_replaced_inside_sentences_and_data(names):
    for name in NAMES:
        assert name not in names.replaced(f"Led by {name}, then others")
        assert folded(name) not in folded(json.dumps(names.replaced(name), ensure_ascii=False))


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="…"), max_size=12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4), st.lists(WORDS, min_size=5))
def test_no_name_is_left_between_any_words(chosen, words):
    names = Pseudonyms(KEY, identities_from({"Account": NAMES}))
    text = "".join(f"{word} {name} " for word, name in zip(words, chosen, strict=False))
    said = names.replaced(text)
    assert names.finds(said) == []
    assert names.replaced(text) == said


def test_a_chart_keeps_its_grammar_when_companies_are_called_like_it():
    bar = Pseudonyms(KEY, identities_from({"Account": ["Bar", "nominal", "Lead", "step"]}))
    spec = replaced_in(SPECS["fallout"], bar)
    assert spec["layer"][0]["mark"]["type"] == "bar"
    assert spec["encoding"]["y"]["type"] == "nominal"
    values = spec["data"]["values"]
    field = spec["encoding"]["y"]["field"]
    assert field in values[0]  # a field that is called like a company is renamed on both sides
    assert values[1][field].startswith("Account ")


def test_names_of_fields_are_replaced_with_their_uses(names):
    spec = {"data": {"values": [{"Acme": 3}]}, "encoding": {"x": {"field": "Acme"}}}
    said = replaced_in(spec, names)
    assert list(said["data"]["values"][0]) == [said["encoding"]["x"]["field"]]
    assert "Acme" not in json.dumps(said)


def test_two_of_one_code_both_get_a_longer_one(monkeypatch):
    from workbench.reports.bundles import names as module

    real = module.pseudonym
    monkeypatch.setattr(
        module, "pseudonym", lambda k, kind, i, n=7: f"{kind} X" if n == 7 else real(k, kind, i, n)
    )
    both = Pseudonyms(KEY, identities_from({"Account": ["Alpha", "Beta"]}))
    assert both.replaced("Alpha") != both.replaced("Beta")


def test_only_names_of_which_the_beginning_is_said_are_kept():
    stands = beginnings("Bearings from Acme Bea… and 日本の会社")
    assert stands("Acme Bearings GmbH")
    assert stands("日本の会社")
    assert not stands("Zenith")


def test_the_workspace_knows_who_must_not_be_told():
    import pandas as pd

    import workbench as wb

    ws = wb.from_frames(
        events=pd.DataFrame({"account_id": ["A-1"], "occurred_at": ["2026-01-01"], "event": ["x"]}),
        accounts=pd.DataFrame({"account_id": ["A-1", "17"], "name": ["Acme", "May"],
                               "domain": ["acme.example", None]}),
        people=pd.DataFrame({"person_id": ["P-1"], "first_name": ["May"], "last_name": ["Li"],
                             "email": ["may@acme.example"]}),
    )  # fmt: skip
    known = identities_of(ws, "Acme and May Li, may@acme.example, 17 in May at acme.example, Li")
    names = Pseudonyms(KEY, known)
    said = names.replaced("Acme, May Li, may@acme.example, 17 accounts")
    assert said.count("Account ") == 1
    assert said.count("Person ") == 2
    assert said.endswith(", 17 accounts")  # a short number stands for anything


def test_nothing_known_changes_nothing():
    nobody = Pseudonyms(KEY, [])
    assert nobody.replaced(HOSTILE) == HOSTILE
    assert len(nobody) == 0
