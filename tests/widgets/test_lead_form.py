"""The form for decisions: what it asks, how it refuses, and that nothing typed is lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import workbench as wb
from tests.leads.worlds import at, example, lead, world
from tests.worlds.company import HOSTILE
from workbench.errors import ArgumentError
from workbench.leads.moves import FIELDS

pytest.importorskip("ipywidgets")
NOW = "2024-06-20T12:00:00+00:00"
DEAL = {"deal_name": "Big", "deal_value": "1,200.50", "team": "Aiko, Ben",
        "expected_close_on": "2024-09-30"}  # fmt: skip


@pytest.fixture(scope="module")
def ws():
    return world(example())


@pytest.fixture
def form(ws, tmp_path):
    return wb.decide_leads(ws, log=tmp_path / "log.jsonl", by="Aiko", as_of=NOW)


def choose(form, lead_id, decision):
    form._lead.value = lead_id
    form._decision.value = decision


def fill(form, values):
    for name, text in values.items():
        form._controls[name].value = text


def keys(form):
    return [key for _, key in form._lead.options]


def decisions(form):
    return [(d.lead_id, d.decision) for d in form.log.decisions()]


def test_what_must_be_answered_first_stands_first(form):
    assert keys(form) == ["L1", "L3b", "L2"]
    assert form.lead_id == "L1"
    assert "hot" in form._lead.options[0][0]
    assert "due soon" in form._lead.options[1][0]
    assert "Waiting for an answer: 3 of 8" in form._head.value
    assert "not who it is" in form._known.value
    form._which.value = "accepted"
    assert keys(form) == ["L6"]
    form._which.value = "all"
    assert len(keys(form)) == 10
    form._search.value = "company l8"
    assert keys(form) == ["L8"]
    form._search.value = "nobody"
    assert keys(form) == []
    assert form._form.layout.display == "none"
    assert "Nothing to show" in form._told.value


def test_each_lead_offers_the_moves_that_its_stage_allows(form):
    form._which.value = "all"
    offered = {}
    for key in keys(form):
        form._lead.value = key
        offered[key] = [name for _, name in form._decision.options]
    marks = ["favourite", "spam"]
    assert offered["L1"] == ["accept", "decline", *marks]
    assert offered["L6"] == ["edit", "won", "lost", *marks]
    assert offered["L3"] == offered["L5"] == offered["L8"] == marks
    choose(form, "L1", "accept")
    assert list(form._controls) == list(FIELDS["accept"])
    starred = [c.description for c in form._controls.values() if c.description.endswith("*")]
    assert len(starred) == 4


def test_what_is_missing_is_said_beside_each_field_and_nothing_is_written(form):
    choose(form, "L1", "accept")
    fill(form, {"deal_name": "Big", "deal_value": "1.200", "expected_close_on": "soon"})
    form.decide()
    wrong = {name: place.value for name, place in form._errors.items() if place.value}
    assert set(wrong) == {"deal_value", "team", "expected_close_on"}
    assert "an amount" in wrong["deal_value"]
    assert "a day such as" in wrong["expected_close_on"]
    assert "Needed for" in wrong["team"]
    assert "3 fields need another look" in form._said.value
    assert "role='alert'" in form._said.value
    assert decisions(form) == []
    assert form._controls["deal_name"].value == "Big"


def test_what_is_typed_stays_for_each_lead_and_decision_until_it_is_written(form):
    choose(form, "L1", "accept")
    fill(form, DEAL)
    choose(form, "L2", "decline")
    fill(form, {"decline_reason": "Out of region"})
    choose(form, "L1", "decline")
    assert form._controls["decline_reason"].value == ""
    form._decision.value = "accept"
    assert {n: form._controls[n].value for n in DEAL} == DEAL
    form.decide()
    assert "noted for the lead L1" in form._said.value
    assert keys(form) == ["L3b", "L2"]
    choose(form, "L2", "decline")
    assert form._controls["decline_reason"].value == "Out of region"
    form.decide()
    assert decisions(form) == [("L1", "accept"), ("L2", "decline")]
    assert form.drafts == {}
    made = form.log.decisions()[0]
    assert made.by == "Aiko"
    assert dict(made.fields) == {
        "deal_name": "Big", "deal_value": 1200.5, "team": ["Aiko", "Ben"],
        "expected_close_on": "2024-09-30",
    }  # fmt: skip


def test_a_lead_goes_all_the_way(form):
    choose(form, "L1", "accept")
    fill(form, DEAL)
    form.decide()
    form._which.value = "accepted"
    choose(form, "L1", "edit")
    assert form._controls["deal_name"].value == "Big"
    form.decide()
    assert "cannot be used" in form._said.value
    fill(form, {"deal_value": "900", "sales_stage": "Proposed"})
    form.decide()
    choose(form, "L1", "lost")
    fill(form, {"status_reason": "Price"})
    form.decide()
    assert [name for _, name in decisions(form)] == ["accept", "edit", "lost"]
    assert dict(form.log.decisions()[1].fields) == {"deal_value": 900.0, "sales_stage": "proposed"}
    line = form.leads.frame.set_index("lead_id").loc["L1"]
    assert line[["stage", "deal_value", "reason"]].tolist() == ["lost", 900, "Price"]


def test_who_decides_second_is_told_and_keeps_what_was_typed(ws, tmp_path):
    path = tmp_path / "log.jsonl"
    aiko, ben = (wb.decide_leads(ws, log=path, by=who, as_of=NOW) for who in ("Aiko", "Ben"))
    choose(ben, "L1", "accept")
    fill(ben, DEAL)
    choose(aiko, "L1", "decline")
    fill(aiko, {"decline_reason": "No"})
    aiko.decide()
    ben.decide()
    assert "is closed (declined)" in ben._said.value
    assert decisions(ben) == [("L1", "decline")]
    assert keys(ben) == ["L3b", "L2"]
    assert ben.drafts["L1", "accept"]["deal_name"] == "Big"


def test_the_form_runs_the_clocks_as_it_was_told(ws, tmp_path):
    form = wb.decide_leads(ws, log=tmp_path / "log.jsonl", as_of=NOW, expiry="utc_midnight")
    assert keys(form) == ["L1", "L2"]
    form._which.value = "all"
    form._lead.value = "L3b"
    assert "accept" not in [name for _, name in form._decision.options]


def test_addresses_can_be_copied_while_they_are_shown(form):
    assert "value='+49301234567'" in form._known.value
    form._which.value = "all"
    form._lead.value = "L3"
    assert "<input" not in form._known.value
    assert form.leads.contact("L1") == {"email": "l1@example.com", "phone": "+49301234567"}
    for key, words in (("L3", "no longer shown"), ("L99", "L9")):
        with pytest.raises(ArgumentError, match=words):
            form.leads.contact(key)


def test_marks_and_favourites(ws, tmp_path):
    own = tmp_path / "aiko.jsonl"
    form = wb.decide_leads(ws, log=tmp_path / "log.jsonl", favourites=own, as_of=NOW)
    choose(form, "L1", "favourite")
    form.decide()
    choose(form, "L1", "spam")
    fill(form, {"reason": "known"})
    form.decide()
    assert decisions(form) == [("L1", "spam")]
    assert [d.decision for d in wb.decision_log(own).decisions()] == ["favourite"]
    form._lead.value = "L1"
    assert [n for _, n in form._decision.options][-2:] == ["unfavourite", "not_spam"]


def test_hostile_texts_are_shown_as_text(tmp_path):
    rows = [lead(f"L{n}", "06-19", customer_name=name, contact_last_name=name, title=name)
            for n, name in enumerate(HOSTILE)]  # fmt: skip
    form = wb.decide_leads(world(rows), log=tmp_path / "log.jsonl", as_of=NOW, by="<b>me</b>")
    for key in keys(form):
        form._lead.value = key
        assert "<script" not in form._known.value.lower()
        assert "<img" not in form._known.value.lower()
    choose(form, "L0", "decline")
    fill(form, {"decline_reason": "<script>x</script>"})
    form.decide()
    assert "<script" not in form._said.value


def test_the_form_decides_now_and_says_how_old_the_data_are(tmp_path):
    now = datetime.now(UTC)
    fresh = world([{**lead("A", "06-19"), "created_at": now}], as_of=now.isoformat())
    form = wb.decide_leads(fresh, log=tmp_path / "a.jsonl")
    choose(form, "A", "decline")
    fill(form, {"decline_reason": "No"})
    form.decide()
    made = form.log.frame["at"].iloc[0]
    assert now <= made <= datetime.now(UTC)
    assert "old" not in form._head.value
    old = wb.decide_leads(world(example()), log=tmp_path / "b.jsonl")
    assert keys(old) == []
    assert "load a newer export" in old._head.value


@pytest.mark.parametrize(
    ("options", "words"),
    [({"log": ""}, "a file in a folder"), ({"by": 3}, "a name"), ({"tab": "x"}, "marketplace"),
     ({"favourites": "no/where/x"}, "a file in a folder")],
)  # fmt: skip
def test_what_is_not_allowed_is_refused(ws, tmp_path, options, words):
    with pytest.raises(ArgumentError, match=words):
        wb.decide_leads(ws, **{"log": tmp_path / "log.jsonl", **options})
    assert at("06-20").tzinfo is UTC
