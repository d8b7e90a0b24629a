"""Files for other systems, options of the questions, and files that a user brings."""

from __future__ import annotations

import csv
import json
from email import message_from_bytes, policy

import pytest
import yaml

import workbench as wb
from tests.leads.worlds import at, example, lead, world
from tests.worlds.company import HOSTILE
from workbench.errors import ArgumentError
from workbench.leads.presets import PRESETS

FORMULA = '=HYPERLINK("http://x")'


@pytest.fixture(scope="module")
def mixed():
    """Leads of every kind that a CRM is not to get, and two that it is."""
    good = {"email_validity": "valid"}
    return world(
        [
            lead("good", "06-19", "contact_me", **good),
            lead("evil", "06-18", customer_name=FORMULA, title="+1"),
            lead("spam", "06-18", "contact_me", quality="low", **good),
            lead("fake", "06-18", "contact_me", email_validity="invalid"),
            lead("quiet", "06-18", None, source="AppSource-DNC|c.x", **good),
            lead("gone", "06-01"),
            lead("blank", "06-18", email=None, contact_last_name=None),
        ]
    )


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("crm", list(PRESETS))
def test_each_crm_gets_its_headers_and_the_rest_is_listed(mixed, tmp_path, crm):
    asked = wb.partner_leads(mixed)
    made = asked.export_crm(tmp_path / "up.csv", crm=crm)
    rows = read(made.path)
    assert list(rows[0]) == list(PRESETS[crm].columns)
    skipped = {row["LeadId"]: row["Reason"] for row in read(made.skipped_path)}
    assert skipped["gone"] == "its contact data are no longer shown"
    assert skipped["quiet"] == "nobody may contact it"
    assert skipped["spam"] == "marked as spam"
    assert skipped["fake"] == "no valid contact"
    assert skipped["blank"].startswith("the CRM needs")
    assert len(rows) + len(skipped) == len(asked.frame) == 7
    assert made.written == len(rows) == 2
    assert all(row[name] for row in rows for name in PRESETS[crm].required)
    text = made.path.read_text("utf-8")
    assert "'=HYPERLINK" in text
    assert "gone@example.com" not in text + made.skipped_path.read_text("utf-8")
    beside = json.loads((tmp_path / "up.filters.json").read_text("utf-8"))
    assert (beside["rows"], beside["skipped"], beside["crm"]) == (2, 5, crm)


def test_leads_without_a_valid_contact_go_along_when_asked_for(mixed, tmp_path):
    asked = wb.partner_leads(mixed)
    made = asked.export_crm(tmp_path / "up.csv", crm="marketo", contactable_only=False)
    assert made.written == 4
    assert set(made.skipped["LeadId"]) == {"gone", "quiet", "blank"}
    filtered = wb.partner_leads(mixed, where={"spam": True})
    assert filtered.export_crm(tmp_path / "some.csv", contactable_only=False).written == 1
    for wrong in ({"crm": "sap"}, {"contactable_only": "yes"}):
        with pytest.raises(ArgumentError):
            asked.export_crm(tmp_path / "x.csv", **wrong)
    with pytest.raises(ArgumentError, match=r"ends with \.csv"):
        asked.export_crm(tmp_path / "nowhere" / "x.csv")


def test_cells_of_an_export_run_nothing(tmp_path):
    rows = [lead(f"L{n}", "06-19", customer_name=name, email=name, deal_name=name)
            for n, name in enumerate([*HOSTILE, FORMULA, "@x", "\t=1"])]  # fmt: skip
    file = wb.partner_leads(world(rows)).export(tmp_path / "all.csv", bom=False)
    assert not file.read_bytes().startswith(b"\xef\xbb\xbf")
    cells = [cell for row in read(file) for cell in row.values()]
    assert len(read(file)) == len(rows)
    numbers = {cell for cell in cells if cell == "+49 30 1234567"}
    # A number stays one, so that a CRM takes it; it holds nothing that could be run.
    assert numbers
    assert not [c for c in cells if c.startswith(("=", "@", "\t", "+", "-")) and c not in numbers]


def test_an_export_can_be_read_again(tmp_path):
    rows = [*example(), lead("X", "06-18", None, source="AzureMarketplace-PLT|contoso.vm-r77",
                             email_validity="valid", quality="high", favourite=True)]  # fmt: skip
    first = wb.partner_leads(world(rows))
    file = first.export(tmp_path / "all.csv")
    ws = wb.from_frames(partner_leads=file, as_of="2024-06-20")
    again = wb.partner_leads(ws, as_of=first.question.as_of)
    names = ["lead_class", "stage", "alert", "phone", "offer", "quality", "favourite", "expires_at"]
    before, after = (r.frame.set_index("lead_id")[names].astype(str) for r in (first, again))
    # L3b has expired by the end of the day that the second one is opened for.
    kept = [key for key in before.index if key != "L3b"]
    assert after.loc[kept].equals(before.loc[kept])


def test_domains_of_a_file_are_spam_with_their_subdomains(tmp_path):
    path = tmp_path / "spam.txt"
    path.write_text("# throw-away\nTrash.example\n\n@bin.example\n", "utf-8")
    rows = [lead("A", "06-19", email="a@mail.trash.example"), lead("B", "06-19", email="b@ok.org"),
            lead("C", "06-19", email="c@bin.example"),
            lead("D", "06-19", email="d@xbin.example")]  # fmt: skip
    asked = wb.partner_leads(world(rows), spam_domains=path)
    told = asked.frame.set_index("lead_id")["spam"].to_dict()
    assert told == {"A": True, "B": False, "C": True, "D": False}
    assert asked.definition["spam_domains"] == str(path)
    with pytest.raises(ArgumentError, match="one domain a line"):
        wb.partner_leads(world(rows), spam_domains=tmp_path / "no.txt")


def test_favourites_are_a_file_of_their_own_for_each_user(tmp_path):
    ws = world(example())
    log, aiko = wb.decision_log(tmp_path / "log.jsonl"), wb.decision_log(tmp_path / "aiko.jsonl")
    log.decide(ws, "L1", "favourite", at=at("06-20T00:00"))
    aiko.decide(ws, "L2", "favourite", at=at("06-20T00:00"))
    aiko.decide(ws, "L1", "spam", at=at("06-20T00:00"))

    def hearts(**files):
        return wb.partner_leads(ws, tab="favourites", **files).frame["lead_id"].tolist()

    assert hearts(log=log) == ["L1"]
    assert hearts(log=log, favourites=aiko) == ["L2"]
    assert hearts(log=log, favourites=tmp_path / "ben.jsonl") == []
    aiko.decide(ws, "L2", "unfavourite", at=at("06-20T01:00"))
    assert hearts(favourites=aiko.path) == []
    # A file of favourites holds nothing but hearts.
    assert not wb.partner_leads(ws, favourites=aiko).frame["spam"].any()


def test_what_was_archived_long_ago_can_be_left_out():
    rows = [lead("old", "2023-11-01T00:00"), lead("new", "06-01"), lead("open", "06-19"),
            lead("won", "2023-10-01T00:00", accepted_at="2023-10-02", closed_at="2023-12-20T12:00",
                 status="Closed", substatus="Won"),
            lead("late", "2023-10-01T00:00", accepted_at="2023-10-02", closed_at="2023-12-21T00:00",
                 status="Closed", substatus="Won")]  # fmt: skip
    ws = world(rows)
    assert len(wb.partner_leads(ws).frame) == 5
    asked = wb.partner_leads(ws, hide_archived=True)
    assert sorted(asked.frame["lead_id"]) == ["late", "new", "open"]
    assert any("2 leads that were archived more than 6 months ago" in n for n in asked.scope.notes)
    assert asked.definition["hide_archived"]


def test_contact_data_are_kept_no_longer_than_asked():
    rows = [lead("old", "2023-12-19T00:00", "get_it_now"), lead("new", "03-01", "get_it_now"),
            lead("no", "06-10", closed_at="06-11", status="Closed",
                 substatus="Declined")]  # fmt: skip
    ws = world(rows)

    def mails(**options):
        frame = wb.partner_leads(ws, **options).frame
        return sorted(frame.loc[frame["email"].notna(), "lead_id"])

    assert mails() == ["new", "no"]
    assert mails(retention_months=0) == ["new", "no", "old"]
    assert mails(retention_months=3) == ["no"]
    assert mails(redact=True) == ["new"]
    notes = " ".join(wb.partner_leads(ws, redact=True).scope.notes)
    assert "expired or was declined" in notes
    assert "older than 6 months" in notes


def test_shares_of_all_leads_that_are_old_enough():
    line = wb.lead_funnel(world(example())).frame.iloc[0]
    # All but L1, which is 50 hours old; L6, L7 and L8 were answered within 72 hours.
    assert line[["matured", "within_matured"]].tolist() == [7, 3]
    assert line["share_within_matured"] == pytest.approx(3 / 7)


def test_stages_of_co_sell_deals_weigh_their_values(tmp_path):
    taken = {"accepted_at": "06-02", "status": "Active", "currency": "EUR"}
    rows = [lead("A", "06-01", deal_value=100.0, sales_stage="Proposal", **taken),
            lead("B", "06-01", deal_value=50.0, **taken),
            lead("C", "06-01", sales_stage="Develop", **taken),
            lead("D", "06-01", deal_value=10.0, sales_stage="Won", **taken),
            lead("E", "06-01", deal_value=7.0, **{**taken, "status": "Closed"}, substatus="Won",
                 closed_at="06-05"),
            lead("F", "06-01", deal_value=7.0, **{**taken, "status": "Closed"}, substatus="Lost",
                 closed_at="06-05")]  # fmt: skip
    ws = world(rows)
    told = wb.lead_funnel(ws).co_sell.set_index("stage")
    assert told["share"].tolist() == [0.1, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert told["count"].to_dict() == {
        "accepted": 1, "qualified": 0, "develop": 1, "proposed": 1, "negotiate": 1, "won": 1,
    }  # fmt: skip
    assert told["weighted_value"].tolist() == pytest.approx([5, 0, 0, 60, 8, 7])
    assert told.loc["develop", "value_unknown"] == 1
    log = wb.decision_log(tmp_path / "log.jsonl")
    log.decide(ws, "B", "edit", at=at("06-19T00:00"), sales_stage="Qualified")
    assert wb.lead_funnel(ws, log=log).co_sell.set_index("stage").loc["qualified", "count"] == 1


PEOPLE = [
    {"name": "Aiko", "email": "aiko@partner.example"},
    {"name": "Ben", "email": "ben@partner.example", "profile": True, "action_centre": False},
    {"name": "Cleo", "email": "cleo@partner.example", "profile": False, "action_centre": True},
    {"name": "Dan", "email": "dan@partner.example", "action_centre": "DAN2@partner.example"},
    {"name": "Eve", "email": "eve@partner.example", "profile": False},
    {"name": "Aiko again", "email": "AIKO@partner.example"},
]


def test_the_action_centre_overrides_the_profile_and_each_recipient_has_an_own_count(tmp_path):
    rows = [lead(f"L{n:02d}", f"06-19T{n:02d}:00", "contact_me") for n in range(11)]
    asked = wb.partner_leads(world(rows))
    told = asked.notices(recipients=PEOPLE)
    assert told[["recipient", "kind", "count"]].to_numpy().tolist() == [
        ["Aiko", "digest", 11], ["Cleo", "digest", 11], ["Dan", "digest", 11],
    ]  # fmt: skip
    file = tmp_path / "people.yaml"
    file.write_text(yaml.safe_dump(PEOPLE), "utf-8")
    streaming = asked.notices(recipients=file, streaming=True)
    assert streaming.groupby("recipient")["kind"].apply(list).map(len).tolist() == [11, 11, 11]
    mails = [path for path in asked.save_notices(tmp_path / "out", recipients=PEOPLE)
             if path.suffix == ".eml"]  # fmt: skip
    heads = [message_from_bytes(path.read_bytes(), policy=policy.default)["To"] for path in mails]
    assert heads == ["aiko@partner.example", "cleo@partner.example", "DAN2@partner.example"]


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ([{"name": "x", "email": "a@b.example\nBcc: c@d.example"}], "a mail address"),
        ([{"email": "x@y.example", "colour": "red"}], "action_centre"),
        ([{"email": "x@y.example", "action_centre": 3}], "true, false, or a mail address"),
        ("nowhere.yaml", "list of mappings"), ([1], "list of mappings"),
    ],
)  # fmt: skip
def test_recipients_that_cannot_be_are_refused(people, words):
    with pytest.raises(ArgumentError, match=words):
        wb.partner_leads(world([lead("A", "06-19", "contact_me")])).notices(recipients=people)


def test_filters_of_age_duplicates_and_search():
    rows = [lead("A", "06-19T12:00", notes="Wants a demo"), lead("C", "06-05", offer_id="vm"),
            lead("B", "06-13T12:00", email="A@EXAMPLE.com"),
            lead("D", "06-18", customer_name="ＤＥＭＯ ltd")]  # fmt: skip
    ws = world(rows)

    def keys(**where):
        return sorted(wb.partner_leads(ws, where=where).frame["lead_id"])

    assert keys(younger_than="2d") == ["A"]
    assert keys(younger_than="1d") == []
    assert keys(older_than="7d") == ["C"]
    assert keys(older_than="167h", younger_than="169h") == ["B"]
    assert keys(duplicate=True) == ["A", "B"]
    assert keys(duplicate=False) == ["C", "D"]
    assert keys(search="demo") == ["A", "D"]
    assert keys(search="ada person b") == keys(search="person b") == ["B"]
    assert keys(search="a@example") == ["A", "B"]
    # C has expired: nobody finds it by what is not shown.
    assert keys(search="person c") == keys(search="c@example") == []
    with pytest.raises(ArgumentError, match="number with its unit"):
        keys(older_than="7")
