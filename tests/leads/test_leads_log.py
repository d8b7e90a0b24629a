"""Decisions: what is allowed, what is kept through crashes, and what replaying gives."""

from __future__ import annotations

import json

import pytest

import workbench as wb
from tests.leads.worlds import at, example, lead, world
from workbench.errors import ArgumentError

DEAL = {"deal_name": "Big", "deal_value": 1000, "team": "Aiko", "expected_close_on": "2024-09-30"}


@pytest.fixture(scope="module")
def ws():
    return world(example())


@pytest.fixture
def log(tmp_path):
    return wb.decision_log(tmp_path / "decisions.jsonl")


def stage(ws, log, key, as_of="2024-06-20T12:00:00+00:00"):
    frame = wb.partner_leads(ws, log=log, as_of=as_of).frame.set_index("lead_id")
    return frame.loc[key, "stage"]


def test_the_log_replayed_gives_the_state(ws, log):
    log.decide(ws, "L1", "accept", at=at("06-19T00:00"), by="Aiko", **DEAL)
    log.decide(ws, "L1", "won", at=at("06-20T00:00"))
    log.decide(ws, "L2", "decline", at=at("06-20T01:00"), decline_reason="Out of region")
    log.decide(ws, "L3b", "favourite", at=at("06-20T01:00"))
    assert stage(ws, log, "L1") == "won"
    assert stage(ws, log, "L1", "2024-06-19T12:00:00+00:00") == "accepted"
    assert stage(ws, log, "L1", "2024-06-18T12:00:00+00:00") == "received"
    found = wb.partner_leads(ws, log=log.path).frame.set_index("lead_id")
    assert found.loc["L1", ["deal_name", "deal_value", "response_hours"]].tolist() == [
        "Big", 1000, 14,
    ]  # fmt: skip
    assert found.loc["L2", ["stage", "reason"]].tolist() == ["declined", "Out of region"]
    assert found.loc["L3b", "favourite"]
    assert wb.partner_leads(ws, log=log, tab="favourites").frame["lead_id"].tolist() == ["L3b"]
    assert wb.partner_leads(ws).frame.set_index("lead_id").loc["L1", "stage"] == "received"
    assert log.frame["decision"].tolist() == ["accept", "won", "decline", "favourite"]
    assert wb.lead_funnel(ws, log=log).frame.iloc[0]["resolved"] == 7


@pytest.mark.parametrize(
    ("key", "decision", "fields", "words"),
    [
        ("L1", "won", {}, "'won' is not allowed for the lead L1: it is received"),
        ("L1", "accept", {"deal_name": "Big"}, "deal_value=None"),
        ("L1", "accept", {**DEAL, "team": []}, "team="),
        ("L1", "accept", {**DEAL, "deal_value": -1}, "zero or more"),
        ("L1", "accept", {**DEAL, "expected_close_on": "soon"}, "a day"),
        ("L1", "accept", {**DEAL, "colour": "red"}, "deal_name"),
        ("L1", "decline", {}, "decline_reason"),
        ("L1", "decline", {"decline_reason": "  "}, "decline_reason"),
        ("L3", "accept", DEAL, "closed (expired)"),
        ("L8", "lost", {}, "closed (won)"),
        ("L5", "accept", DEAL, "asks for no answer"),
        ("L6", "accept", DEAL, "Allowed: edit or won or lost"),
        ("L6", "edit", {}, "edit"),
        ("L1", "remove", {}, "accept"),
        ("L99", "accept", DEAL, "L9"),
    ],
)
def test_what_is_not_allowed_is_refused_and_nothing_is_written(
    ws, log, key, decision, fields, words
):
    with pytest.raises(ArgumentError) as refused:
        log.decide(ws, key, decision, at=at("06-20T12:00"), **fields)
    assert words in str(refused.value)
    assert log.decisions() == []


def test_decisions_are_written_for_those_who_follow_up(ws, log, tmp_path):
    log.decide(ws, "L1", "accept", at=at("06-19T00:00"), by="=Aiko", **{**DEAL, "team": ["A", "B"]})
    log.decide(ws, "L2", "decline", at=at("06-20T01:00"), decline_reason="No")
    lines = log.export(tmp_path / "out.csv").read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("at,lead_id,decision,by,campaign_id,")
    assert "'=Aiko" in lines[1]
    assert '"A, B"' in lines[1]
    assert "decline" in lines[2]
    assert len(lines) == 3


def test_a_line_that_a_crash_cut_off_is_skipped_and_counted(ws, log):
    log.decide(ws, "L1", "accept", at=at("06-19T00:00"), **DEAL)
    whole = log.path.read_bytes()
    log.path.write_bytes(whole + whole[: len(whole) // 2])
    assert stage(ws, log, "L1") == "accepted"
    log.decide(ws, "L1", "lost", at=at("06-20T00:00"))
    assert [d.decision for d in log.decisions()] == ["accept", "lost"]
    assert log.unreadable == 1
    assert log.path.read_bytes().startswith(whole)
    notes = wb.partner_leads(ws, log=log).scope.notes
    assert "1 line of the log cannot be read." in notes


def test_decisions_that_do_not_fit_the_leads_are_told(ws, log):
    lines = [
        {"at": "2024-06-19T00:00:00+00:00", "lead_id": "gone", "decision": "favourite"},
        {"at": "2024-06-19T00:00:00+00:00", "lead_id": "L8", "decision": "lost"},
        {"at": "2024-06-19T00:00:00", "lead_id": "L1", "decision": "favourite"},
        {"at": "2024-06-19T00:00:00+00:00", "lead_id": "L1", "decision": "explode"},
        ["no decision"],
    ]
    log.path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    asked = wb.partner_leads(ws, log=log)
    assert "2 decisions of the log had no effect." in asked.scope.notes
    assert "3 lines of the log cannot be read." in asked.scope.notes
    assert stage(ws, log, "L8") == "won"


def test_a_newer_file_knows_how_an_accepted_lead_ended(log):
    before = world([lead("A", "06-10")])
    log.decide(before, "A", "accept", at=at("06-11T00:00"), **DEAL)
    row = lead("A", "06-10", accepted_at="06-11T09:00", closed_at="06-15", status="Closed",
               substatus="Won")  # fmt: skip
    assert stage(world([row]), log, "A") == "won"
    portal = lead("A", "06-01", closed_at="06-15", status="Closed", substatus="Expired")
    assert stage(world([portal]), log, "A") == "accepted"


def test_a_mark_taken_away_wins_over_all_reasons_for_spam(log):
    ws = world([lead("A", "06-19", "contact_me", quality="low", email_validity="valid")])
    assert wb.partner_leads(ws).frame["spam"].tolist() == [True]
    log.decide(ws, "A", "not_spam", at=at("06-19T10:00"), reason="I know them")
    found = wb.partner_leads(ws, log=log).frame.iloc[0]
    assert not found["spam"]
    assert found["contactable"]
    assert log.frame["fields"].tolist() == [{"reason": "I know them"}]


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ArgumentError, match="folder that exists"):
        wb.decision_log(tmp_path / "no" / "log.jsonl")
    with pytest.raises(ArgumentError, match="instant with its zone"):
        wb.decision_log(tmp_path / "log.jsonl").decide(
            world([lead("A", "06-19")]), "A", "spam", at="today"
        )
