"""The worked examples of partner-leads.md, and what they say of an expired lead."""

from __future__ import annotations

import csv
import json

import pandas as pd
import pytest

import workbench as wb
from tests.leads.worlds import at, example, lead, world
from workbench.errors import AbsentError, ArgumentError
from workbench.leads.export import HEADER
from workbench.leads.terms import action_of, source_parts, stage_of


@pytest.fixture(scope="module")
def ws():
    return world(example())


def stages(result):
    return dict(zip(result.frame["lead_id"], result.frame["stage"], strict=True))


def test_lead_source_is_taken_apart():
    found = source_parts("AzureMarketplace-INS|contoso.vm-r77")
    assert found == ("AzureMarketplace", "get_it_now", "contoso", "vm-r77")
    assert source_parts("AppSource (SPZA)-PLT|a.b.c") == ("AppSource", "contact_me", "a", "b.c")
    assert source_parts("SPZA") == ("AppSource", None, None, None)
    assert source_parts("AzurePortal-DNC")[:2] == ("AzurePortal", "do_not_contact")
    assert source_parts("TestDrive-StartTestDrive|x")[:2] == ("TestDrive", "test_drive")
    assert source_parts("Azure-Portal") == ("AzurePortal", None, None, None)
    assert action_of("Get it now") == "get_it_now"


def test_japanese_statuses_are_known():
    assert stage_of("受入済", None) == "received"
    assert stage_of("承認済み", None) == stage_of("受諾", None) == "accepted"
    assert stage_of("アーカイブ済み", "失注") == "lost"
    assert stage_of("New", "Pending") == "received"
    assert stage_of("Somewhere", None) is None


def test_stages_and_clocks_of_the_example(ws):
    asked = wb.partner_leads(ws)
    assert stages(asked) == {
        "L1": "received", "L2": "received", "L3": "expired", "L3b": "received", "L4": "aged_out",
        "L5": "available", "L6": "accepted", "L7": "declined", "L8": "won", "L9": "lost",
    }  # fmt: skip
    lines = asked.frame.set_index("lead_id")
    assert lines.loc["L1", ["alert", "age_hours"]].tolist() == ["hot", 50]
    assert lines.loc["L1", "expires_at"] == pd.Timestamp("2024-07-02T10:00Z")
    assert lines.loc["L2", ["alert", "age_hours"]].tolist() == ["warm", 73]
    assert lines.loc["L3b", "hours_left"] == 1
    assert lines["due_soon"].to_dict() == {key: key == "L3b" for key in lines.index}
    assert lines.loc[["L6", "L7", "L8", "L9"], "response_hours"].tolist() == [48, 12, 30, 96]
    assert lines["response_hours"].notna().sum() == 4
    assert asked.frame["lead_id"].tolist()[:3] == ["L1", "L3b", "L2"]
    midnight = wb.partner_leads(ws, expiry="utc_midnight")
    assert stages(midnight)["L3b"] == "expired"


def test_kpis_of_the_example(ws):
    line = wb.lead_funnel(ws).frame.iloc[0]
    assert line[["received", "resolved", "open", "accepted"]].tolist() == [8, 5, 3, 3]
    assert line["share_accepted"] == pytest.approx(0.6)
    assert line["share_responded"] == pytest.approx(0.8)
    assert line["share_expired"] == pytest.approx(0.2)
    assert line["share_won"] == pytest.approx(0.5)
    assert line[["accepted_median_hours", "accepted_mean_hours"]].tolist() == [48, 58]
    # 12, 30, 48 and 96 hours
    assert line[["median_hours", "mean_hours"]].tolist() == [39, 46.5]
    assert line[["within", "timed", "share_within"]].tolist() == [3, 4, 0.75]
    midnight = wb.lead_funnel(ws, expiry="utc_midnight").frame.iloc[0]
    assert midnight["resolved"] == 6
    assert midnight["share_accepted"] == pytest.approx(1 / 2)
    assert midnight["share_responded"] == pytest.approx(2 / 3)
    assert midnight["share_expired"] == pytest.approx(1 / 3)


def test_exactly_72_hours_is_warm_and_exactly_the_expiry_is_expired():
    rows = [lead("A", "06-17T12:00", contact_requested=True), lead("B", "06-06T12:00"),
            lead("C", "06-17T12:00:01", contact_requested=True)]  # fmt: skip
    found = wb.partner_leads(world(rows)).frame.set_index("lead_id")
    assert found["alert"].fillna("").to_dict() == {"A": "warm", "B": "", "C": "hot"}
    assert found.loc["B", "stage"] == "expired"


def test_a_given_expiry_is_never_worked_out_again():
    rows = [lead("A", "2018-10-30T21:03", expires_at="2018-11-13T00:00")]
    found = wb.partner_leads(world(rows, "2018-11-12T21:03:00+00:00")).frame.iloc[0]
    assert found["expires_at"] == pd.Timestamp("2018-11-13T00:00Z")
    assert found["hours_left"] == pytest.approx(2 + 57 / 60)


def test_informational_leads_age_by_calendar_months():
    rows = [lead("A", "2023-08-31T10:00", "test_drive")]
    for moment, stage in (
        ("2024-02-29T09:59:59", "available"),
        ("2024-02-29T10:00:00", "aged_out"),
    ):
        assert stages(wb.partner_leads(world(rows, f"{moment}+00:00"))) == {"A": stage}


def test_a_validity_leaves_only_offer_leads():
    states = (
        ("A", "contact_me", "valid"), ("B", "contact_me", "invalid"), ("C", "create", "unknown"),
        ("D", "profile", None), ("E", "contact_me", "spam"),
    )  # fmt: skip
    rows = [lead(key, "06-18", kind, email_validity=v) for key, kind, v in states]
    asked = wb.partner_leads(world(rows), where={"email_validity": "Valid"})
    assert asked.frame["lead_id"].tolist() == ["A"]
    assert any("removed 1 lead of no offer" in note for note in asked.scope.notes)


def everything(result, folder) -> str:
    file = result.export(folder / "leads.csv")
    return file.read_text("utf-8-sig") + json.dumps(result._repr_mimebundle_()) + str(
        result.frame.to_dict()
    ) + result.explain() + result.to_answer()._repr_mimebundle_()["text/html"]  # fmt: skip


def test_expired_leads_show_no_contact_data_anywhere(ws, tmp_path):
    text = everything(wb.partner_leads(ws), tmp_path)
    assert "Person L1" in text
    assert "l1@example.com" in text
    assert "Head of L1" in text
    for secret in ("Person L3'", 'Person L3"', "Person L3,", "l3@example.com", "Head of L3,"):
        assert secret not in text.replace("l3b@example.com", "").replace("Person L3b", "")
    back = wb.partner_leads(ws, as_of="2024-06-10")
    assert stages(back)["L3"] == "received"
    hidden = back.frame.set_index("lead_id").loc["L3"]
    assert hidden[["contact", "email", "phone", "title"]].isna().all()
    assert not hidden["contactable"]


def test_the_csv_holds_the_rows_of_the_filters_in_their_order(ws, tmp_path):
    asked = wb.partner_leads(ws, where={"status": "Received"}, order="created")
    file = asked.export(tmp_path / "some.csv")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        text = stream.read()
    rows = list(csv.DictReader(text.splitlines()))
    assert tuple(rows[0]) == HEADER
    assert "\r\n" in text
    assert [row["LeadId"] for row in rows] == ["L1", "L2", "L3b"]
    assert rows[0]["LeadCreationDateTime"] == "2024-06-18T10:00:00Z"
    beside = json.loads((tmp_path / "some.filters.json").read_text("utf-8"))
    assert beside["filters"]["where"] == {"status": ["received"]}
    assert (beside["rows"], beside["leads_known"]) == (3, 10)
    with pytest.raises(ArgumentError, match=r"ends with \.csv"):
        asked.export(tmp_path / "some.txt")


def test_choosing_a_status_removes_leads_that_only_inform(ws):
    archived = wb.partner_leads(ws, where={"status": "archived"})
    assert sorted(archived.frame["lead_id"]) == ["L3", "L7", "L8", "L9"]
    assert any("2 leads that ask for no answer" in note for note in archived.scope.notes)


def test_looking_from_an_earlier_day(ws):
    may = wb.partner_leads(ws, as_of="2024-05-12")
    assert stages(may) == {"L4": "available", "L5": "available", "L8": "accepted", "L9": "received"}
    assert wb.lead_funnel(ws, as_of="2024-05-12").frame.iloc[0]["accepted"] == 1


def test_funnel_of_a_period_keeps_what_came_before_apart(ws):
    june = wb.lead_funnel(ws, period="2024-05-14..2024-06-20")
    past = june.past.set_index("step")
    assert past.loc["accepted"].tolist() == [1, 1]
    assert past.loc["won"].tolist() == [0, 1]
    assert june.frame.iloc[0]["received"] == 6


def test_what_is_not_there_is_said():
    with pytest.raises(AbsentError, match="partner leads"):
        wb.partner_leads(wb.from_frames(accounts=pd.DataFrame({"account_id": ["A"]})))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"tab": "marketplaces"}, "marketplace"),
        ({"order": "name"}, "priority"),
        ({"expiry": "local"}, "utc_midnight"),
        ({"where": {"colour": "red"}}, "country"),
        ({"where": {"status": "open"}}, "received"),
        ({"where": {"hot": "yes"}}, "True"),
        ({"where": ["status"]}, "mapping"),
        ({"where": {"country": []}}, "list of values"),
        ({"as_of": "yesterday"}, "instant with its zone"),
        ({"as_of": "2024-06-20T12:00"}, "instant with its zone"),
        ({"due_soon_hours": -1}, "above 0"),
        ({"log": "nowhere.jsonl"}, "that exists"),
    ],
)
def test_what_is_not_allowed_is_refused(ws, options, words):
    with pytest.raises(ArgumentError, match=words):
        wb.partner_leads(ws, **options)


def test_members_open_the_numbers(ws):
    asked, funnel = wb.partner_leads(ws), wb.lead_funnel(ws, by="lead_class")
    assert len(asked.members("waiting")) == 3
    assert asked.members("hot")["lead_id"].tolist() == ["L1"]
    for line in funnel.frame.to_dict("records"):
        for outcome in ("received", "accepted", "declined", "expired", "open", "won", "lost"):
            assert len(funnel.members(outcome, group=line["group"])) == line[outcome]
    assert at("06-18T10:00").tzinfo is not None
