"""Leads of files: documented and Japanese headers and values, nested JSON, and what is asked."""

from __future__ import annotations

import json

import pytest

import workbench as wb
from tests.data.small import found, loaded, rows
from tests.leads.worlds import AS_OF, lead, world
from workbench.errors import DataError
from workbench.leads.spoken import co_sell_stage_of, doubtful, quality_of, type_of, validity_of
from workbench.leads.terms import action_of, misplaced, stage_of

JAPANESE = (
    "リード ID,LeadCreationDateTime,潜在顧客の種類,リード ソース,行動喚起,状態,顧客名,国/地域,"
    "姓,名,電子メール,電子メールの有効性,電話,電話の有効性,潜在顧客の品質,連絡の希望,気に入り,おまけ\n"
    "A,2024-06-18T10:00:00Z,オファー リード,AppSource (SPZA)-PLT|contoso.vm-r77,お問い合わせ,"
    "受入済,株式会社テスト,JP,佐藤,愛子,aiko@test.example,有効,+81 50 1234 5678,不明,高,"
    "はい,はい,x\n"
    "B,2024-06-18T10:00:00Z,プロファイル リード,AppSource,,承認済み,㈱二,JP,,,"
    "b@test.example,,,,低,,,\n"
    "C,2024-05-18T10:00:00Z,オファー,AzurePortal-DNC,体験版,アーカイブ済み,㈱三,JP,,,,"
    "スパム,,無効です,,,,\n"
)
REFERRAL = {
    "id": "R1", "name": "Big deal", "createdDateTime": "2024-06-18T10:00:00Z",
    "expirationDateTime": "2024-06-26T10:00:00Z", "status": "New", "substatus": "Pending",
    "qualification": "SalesQualified", "type": "Shared", "direction": "Incoming",
    "customerProfile": {
        "name": "Contoso", "size": "10to50employees",
        "address": {"city": "Berlin", "country": "DE"},
        "team": [
            {"firstName": "Bo", "lastName": "X", "email": "bo@contoso.com"},
            {"firstName": "Ada", "lastName": "Ng", "email": "ada@contoso.com",
             "phoneNumber": "+49 30 1234567", "contactType": "Primary"},
        ],
    },
    "details": {"notes": "soon", "dealValue": 1200.5, "currency": "EUR",
                "closingDateTime": "2024-09-30T00:00:00Z"},
    "team": [{"firstName": "Aiko", "lastName": "Sato"}, {"firstName": "Ben", "lastName": "Li"}],
}  # fmt: skip
SECOND = {
    "id": "R2", "createdDateTime": "2024-06-10T10:00:00Z", "direction": "Incoming",
    "acceptedDateTime": "2024-06-12T10:00:00Z", "externalReferenceId": "OPP-7",
    "callToAction": "Contact me", "referralSource": "AppSource", "type": "Independent",
}  # fmt: skip
SENT = {"id": "R3", "createdDateTime": "2024-06-10T10:00:00Z", "direction": "Outgoing"}


def opened(folder, name, content):
    path = folder / name
    path.write_text(content, "utf-8")
    return wb.from_frames(partner_leads=path, as_of=AS_OF[:10])


def test_a_japanese_export_is_read(tmp_path):
    ws = opened(tmp_path, "leads.csv", JAPANESE)
    told = wb.partner_leads(ws).frame.set_index("lead_id")
    line = told.loc["A"]
    assert line[["lead_type", "lead_class", "stage", "source", "offer"]].tolist() == [
        "offer", "contact_me", "received", "AppSource", "contoso.vm-r77",
    ]  # fmt: skip
    assert line[["email_validity", "phone_validity", "quality", "alert", "contact"]].tolist() == [
        "valid", "unknown", "high", "hot", "愛子 佐藤",
    ]  # fmt: skip
    assert line["favourite"]
    assert line["status_given"] == "受入済"
    assert told.loc["B", ["lead_type", "stage", "quality"]].tolist() == [
        "profile", "accepted", "low",
    ]  # fmt: skip
    assert told.loc["C", ["lead_class", "email_validity", "phone_validity"]].tolist() == [
        "do_not_contact", "spam", "invalid",
    ]  # fmt: skip
    assert ws.sql("SELECT x_おまけ AS extra FROM partner_leads")["extra"].iloc[0] == "x"
    asked = wb.partner_leads(ws, where={"status": "受入済", "quality": "high"})
    assert asked.frame["lead_id"].tolist() == ["A"]


@pytest.mark.parametrize("shape", ["list", "value", "engagements", "lines"])
def test_nested_objects_are_read_however_they_are_wrapped(tmp_path, shape):
    referrals = [REFERRAL, SECOND, SENT]
    text = {
        "list": json.dumps(referrals),
        "value": json.dumps({"@odata.context": "x", "value": referrals}),
        "engagements": json.dumps({"items": [{"id": "E1", "referrals": referrals}]}),
        "lines": "\n".join(json.dumps(one) for one in referrals),
    }[shape]
    asked = wb.partner_leads(opened(tmp_path, "leads.json", text))
    told = asked.frame.set_index("lead_id")
    assert told.index.tolist() == ["R1", "R2"]
    line = told.loc["R1"]
    assert line[["lead_class", "stage", "customer", "country", "contact", "phone"]].tolist() == [
        "qualified", "received", "Contoso", "DE", "Ada Ng", "+49 30 1234567",
    ]  # fmt: skip
    assert line[["deal_name", "deal_value", "currency"]].tolist() == ["Big deal", 1200.5, "EUR"]
    # The row's own eight days are kept.
    assert str(line["expires_at"]) == "2024-06-26 10:00:00+00:00"
    # Without a status the instants decide; an offer's button makes it a lead that asks.
    assert told.loc["R2", ["stage", "lead_class"]].tolist() == ["accepted", "contact_me"]
    records = asked.question.records
    assert records["team"][0] == "Aiko Sato, Ben Li"
    assert records["expected_close_on"][0] == "2024-09-30"
    assert records["engagement_id"][0] == ("E1" if shape == "engagements" else None)
    assert any("sent to a partner" in note for note in asked.scope.notes)


def test_entries_that_are_no_objects_are_set_aside_and_balance(tmp_path):
    (tmp_path / "leads.json").write_text(json.dumps([REFERRAL, "no lead", SECOND, 7]), "utf-8")
    data = loaded(tmp_path, {"partner_leads": {"file": "leads.json"}})
    line = data.balance.iloc[0]
    assert line[["read", "kept", "quarantined", "merged"]].tolist() == [4, 2, 2, 0]
    assert data.quarantine is not None
    assert "no lead" in data.quarantine.read_text("utf-8")


@pytest.mark.parametrize("text", ['[{"id": 1', "no json", "[" * 100_000])
def test_a_file_that_is_no_json_is_a_sentence(tmp_path, text):
    with pytest.raises(wb.WorkbenchError, match="cannot be read as JSON"):
        opened(tmp_path, "leads.json", text)


def test_objects_that_stand_very_deep_are_not_opened(tmp_path):
    deep: dict = {"end": 1}
    for _ in range(400):
        deep = {"in": deep}
    ws = opened(tmp_path, "leads.json", json.dumps([{**SECOND, "more": deep}]))
    assert len(wb.partner_leads(ws).frame) == 1
    assert len(ws.columns_of("partner_leads")) < 30


def test_headers_that_may_mean_several_things_are_asked_not_guessed(tmp_path):
    text = "lead_id,created_at,Name,有効性\nA,2024-06-18T10:00:00Z,Contoso,有効\n"
    asked = wb.partner_leads(opened(tmp_path, "leads.csv", text))
    line = asked.frame.iloc[0]
    assert line[["customer", "deal_name", "email_validity", "phone_validity"]].isna().all()
    notes = " ".join(asked.scope.notes)
    assert "Name may be customer_name or contact_last_name or deal_name" in notes
    assert "有効性 may be email_validity or phone_validity" in notes
    data = loaded(tmp_path, {"partner_leads": {"file": "leads.csv"}})
    assert found(data, "may be email_validity or phone_validity")
    named = {"file": "leads.csv", "columns": {"customer_name": "Name"}}
    data = loaded(tmp_path, {"partner_leads": named})
    assert rows(data, "SELECT customer_name FROM partner_leads") == [("Contoso",)]


@pytest.mark.parametrize(
    ("words", "unclear"),
    [
        (["受入済", "承認済み"], []),
        (["受入済"], []),
        (["受入済", "受信"], ["受入済"]),
        (["受入済", "受信", "受諾"], []),
        (["受入済み", "受諾"], ["受入済み"]),
        (["アクティブ", "終了", "New"], ["アクティブ", "終了"]),
    ],
)
def test_words_that_may_mean_two_stages(words, unclear):
    assert sorted(doubtful(words)) == sorted(unclear)


def test_an_ambiguous_status_is_asked_and_the_answer_is_taken(tmp_path):
    text = "lead_id,created_at,状態,サブステータス\n" + "".join(
        f"{key},2024-06-18T10:00:00Z,{status},{inner}\n"
        for key, status, inner in (("A", "受入済み", ""), ("B", "受諾", ""), ("C", "有効", "Won"))
    )
    ws = opened(tmp_path, "leads.csv", text)
    for ask in (wb.partner_leads, wb.lead_funnel):
        with pytest.raises(DataError) as refused:
            ask(ws)
        assert "'受入済み' (1 lead) may mean received or accepted" in str(refused.value)
        assert "tables.partner_leads.values.status" in str(refused.value)
        # The substatus says what the status of the third lead means.
        assert "有効" not in str(refused.value).partition("Say which")[0]
    answer = {"file": "leads.csv", "values": {"status": {"受入済み": "received"}}}
    data = loaded(tmp_path, {"partner_leads": answer})
    told = wb.partner_leads(wb.Workspace(data)).frame.set_index("lead_id")["stage"]
    assert told.to_dict() == {"A": "received", "B": "accepted", "C": "won"}


def test_a_substatus_of_another_status_is_told():
    pairs = (("New", "Won"), ("Active", "Accepted"), ("Closed", "Won"), ("Closed", "Received"))
    assert [misplaced(*pair) for pair in pairs] == [True, False, False, True]
    told = [lead("A", "06-01", status="New", substatus="Won", updated_at="06-03")]
    asked = wb.partner_leads(world(told))
    assert asked.frame.iloc[0][["stage", "odd"]].tolist() == [
        "won", "approximate, jumped, misplaced",
    ]  # fmt: skip
    assert any("does not belong to its status" in note for note in asked.scope.notes)


def test_without_a_status_the_instants_decide():
    told = [lead("A", "06-10", accepted_at="06-11"), lead("B", "06-18"), lead("C", "06-01")]
    stages = wb.partner_leads(world(told)).frame.set_index("lead_id")["stage"].to_dict()
    assert stages == {"A": "accepted", "B": "received", "C": "expired"}


def test_what_the_older_interface_leaves_out_is_told():
    row = {"lead_id": "A", "created_at": lead("A", "06-18")["created_at"]}
    notes = wb.partner_leads(world([row])).scope.notes
    assert any("older interface" in note for note in notes)
    assert not any("older interface" in n for n in wb.partner_leads(world([lead("A", "06-18")]))
                   .scope.notes)  # fmt: skip


def test_words_that_nobody_knows_stay_as_they_are():
    assert [quality_of("高"), quality_of("Medium")] == ["high", "Medium"]
    assert [validity_of("スパム"), validity_of("Risky")] == ["spam", "Risky"]
    assert [type_of("Offer Lead"), type_of("Shared"), type_of("Other")] == ["offer", None, "Other"]
    assert [action_of("今すぐ入手する"), action_of("体験版")] == ["get_it_now", "test_drive"]
    assert [co_sell_stage_of("Proposal"), co_sell_stage_of("Later")] == ["proposed", "Later"]
    assert stage_of(None, None) is None
    medium = world([lead("A", "06-18", quality="Medium")])
    assert wb.partner_leads(medium, where={"quality": "Medium"}).frame["quality"].tolist() == [
        "Medium"
    ]
