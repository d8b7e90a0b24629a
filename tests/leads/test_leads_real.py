"""Leads of files: what is set aside, what is odd, filters, values, and the demo company."""

from __future__ import annotations

import pandas as pd
import pytest

import workbench as wb
from tests.leads.worlds import example, lead, world
from tests.worlds.company import HOSTILE
from workbench.data.demo import generate
from workbench.errors import ArgumentError


def listed(rows, **options):
    return wb.partner_leads(world(rows), **options)


def test_tests_and_outgoing_leads_are_left_out_and_counted():
    rows = [lead("A", "06-19"), lead("B", "06-19", customer_name="MSFT_TEST Ltd"),
            lead("C", "06-19", email="msft_test@example.com"), lead("D", "06-19", direction="out"),
            lead("E", "07-19")]  # fmt: skip
    asked = listed(rows)
    assert asked.frame["lead_id"].tolist() == ["A"]
    notes = " ".join(asked.scope.notes)
    for words in ("2 test leads", "1 lead was sent to a partner", "1 lead arrived later"):
        assert words in notes


def test_what_is_odd_is_kept_and_told():
    rows = [
        lead("A", "06-01", status="Closed", substatus="Won", updated_at="06-10"),
        lead("B", "05-01", accepted_at="05-20", status="Active"),
        lead("C", "06-19", status="Somewhere"),
        lead("D", "06-19", "profile", lead_type="offer"),
    ]
    asked = listed(rows)
    found = asked.frame.set_index("lead_id")
    assert found.loc["A", ["stage", "odd"]].tolist() == ["won", "approximate, jumped"]
    assert found.loc["B", ["stage", "odd"]].tolist() == ["accepted", "late"]
    assert found.loc["C", "stage"] == "received"
    assert found.loc["D", "lead_class"] == "informational"
    notes = " ".join(asked.scope.notes)
    for words in ("without ever being accepted", "stays accepted", "its instants decide",
                  "names no call to action"):  # fmt: skip
        assert words in notes
    assert wb.lead_funnel(world(rows)).frame.iloc[0][["accepted", "timed"]].tolist() == [2, 1]


def test_leads_that_nobody_may_contact_ask_for_no_answer():
    asked = listed([lead("A", "06-19", None, source="AppSource-DNC|c.x", email_validity="valid")])
    line = asked.frame.iloc[0]
    assert line[["lead_class", "source", "offer"]].tolist() == [
        "do_not_contact",
        "AppSource",
        "c.x",
    ]
    assert not line["contactable"]
    assert asked.headline().startswith("Waiting for an answer: 0 of 0 leads")


def test_contactable_and_spam():
    kind = {"email_validity": "unknown", "phone_validity": None}
    rows = [
        lead("A", "06-19", "contact_me", email_validity="valid"),
        lead("B", "06-19", "contact_me", **kind),
        lead("C", "06-19"),
        lead("D", "06-19", email=None, phone=None),
        lead("E", "06-19", email="x@mail.bad.example"),
        lead("F", "06-19", "contact_me", email_validity="valid", quality="low"),
    ]
    told = listed(rows, spam_domains=["bad.example"]).frame.set_index("lead_id")
    assert told["contactable"].to_dict() == {
        "A": True, "B": False, "C": True, "D": False, "E": False, "F": False,
    }  # fmt: skip
    assert told.index[told["spam"]].tolist() == ["E", "F"]
    more = listed(rows, unknown_counts=True).frame.set_index("lead_id")
    assert more.loc["B", "contactable"]


def test_the_order_of_priority():
    rows = [
        lead("old", "06-10"), lead("older", "06-09"), lead("low", "06-08", quality="low"),
        lead("high", "06-18", quality="high"), lead("hot2", "06-19", contact_requested=True),
        lead("hot1", "06-18", contact_requested=True),
        lead("mute", "06-19T06:00", contact_requested=True, email=None, phone=None),
        lead("done", "06-07", accepted_at="06-08", status="Active"),
        lead("valid", "06-15", "contact_me", email_validity="valid"),
    ]  # fmt: skip
    assert listed(rows).frame["lead_id"].tolist() == [
        "hot1", "hot2", "high", "valid", "older", "old", "mute", "low", "done",
    ]  # fmt: skip
    newest = listed(rows, order="created").frame["created_at"]
    assert newest.is_monotonic_decreasing


def test_filters_are_joined():
    rows = [lead("A", "06-19", country="DE", source="SPZA"), lead("B", "06-19", country="JP"),
            lead("C", "06-19", country="FR", customer_name="ＣＯＮＴＯＳＯ Ltd"),
            lead("D", "06-19", "contact_me", country="DE", quality="high")]  # fmt: skip
    ws = world(rows)

    def keys(**where):
        return sorted(wb.partner_leads(ws, where=where).frame["lead_id"])

    assert keys(country=["DE", "JP"]) == ["A", "B", "D"]
    assert keys(country=["DE", "JP"], lead_type="Profile") == ["A", "B"]
    assert keys(customer="contoso") == ["C"]
    assert keys(quality=["none"]) == ["A", "B", "C"]
    assert keys(source="appsource") == ["A"]
    assert keys(call_to_action="Contact me") == ["D"]
    assert keys(status="受入済") == ["A", "B", "C", "D"]
    assert keys(waiting=False) == []
    with pytest.raises(ArgumentError, match="Did you mean 'FR'"):
        wb.partner_leads(ws, where={"country": "FRA"})


def test_values_are_added_in_one_currency():
    rows = [lead("A", "06-01", accepted_at="06-02", status="Active", deal_value=100.0,
                 currency="USD"),
            lead("B", "06-01", accepted_at="06-02", closed_at="06-10", status="Closed",
                 substatus="Won", deal_value=50.0, currency="EUR"),
            lead("C", "06-01", accepted_at="06-02", status="Active")]  # fmt: skip
    with pytest.raises(ArgumentError, match="one currency"):
        _ = wb.lead_funnel(world(rows)).frame
    rates = pd.DataFrame({"currency": ["USD"], "valid_from": ["2024-01-01"], "rate": [1.25]})
    ws = world(rows, settings={"currency": {"reporting": "EUR"}}, fx_rates=rates)
    line = wb.lead_funnel(ws).frame.iloc[0]
    assert line[["value_accepted", "value_won", "value_unknown"]].tolist() == [80, 50, 1]


def test_reasons_are_counted():
    rows = [lead(f"L{n}", "06-01", closed_at="06-02", status="Closed", substatus="Declined",
                 decline_reason=HOSTILE[0] if n else None) for n in range(3)]  # fmt: skip
    told = wb.lead_funnel(world(rows)).reasons
    assert told[["count", "total"]].to_numpy().tolist() == [[2, 3], [1, 3]]
    assert told["reason"].tolist() == [HOSTILE[0], "no reason"]


def test_the_headline_of_groups_says_where_wins_came_from():
    def won(key, source, end="Won"):
        return lead(key, "06-01", accepted_at="06-02", closed_at="06-03", status="Closed",
                    substatus=end, source=source)  # fmt: skip

    rows = [won("A", "AppSource"), won("B", "AppSource", "Lost"), won("C", "AzurePortal")]
    tied = wb.lead_funnel(world(rows), by="source").headline()
    assert tied == (
        "2 of 3 leads that were won or lost were won; 2 groups brought the most, 1 each"
    )
    rows += [won("D", "AppSource"), won("E", None)]
    told = wb.lead_funnel(world(rows), by="source").headline()
    assert told == (
        "4 of 5 leads that were won or lost were won; AppSource brought more than any other: 2, "
        "of 3 won or lost there; 1 win names none"
    )


def test_nothing_and_one_lead_give_a_sentence():
    nothing = wb.partner_leads(world(example()), where={"customer": "nobody"})
    assert nothing.headline() == "0 leads pass these filters"
    assert nothing.block()["svg"].startswith("<svg")
    funnel = wb.lead_funnel(world([lead("A", "06-19")]))
    assert funnel.headline() == "0 of 1 lead answered or expired so far"


def test_the_leads_of_the_demo_company(tmp_path):
    generate(tmp_path / "files", events=60_000)
    demo = wb.open("demo", root=tmp_path / "files", cache=tmp_path / "cache")
    asked, funnel = wb.partner_leads(demo), wb.lead_funnel(demo, by="source")
    assert len(asked.frame) == demo.tables["partner_leads"].rows
    expired = asked.frame[asked.frame["stage"] == "expired"]
    assert len(expired)
    assert expired[["contact", "email", "phone"]].isna().all(axis=None)
    line = funnel.frame.iloc[0]
    assert line["received"] == line["resolved"] + line["open"] > 15
    # Leads of the demo company come from its accounts, by their domains and names.
    assert asked.frame["crm_matched"].mean() > 0.8
    # Answers are planted between 0.1 and 11 days after the arrival.
    assert funnel.members("resolved")["response_hours"].min() > 2.3
    assert line["p90_hours"] < 264


def test_the_trend_sets_the_last_full_month_beside_the_first():
    days = ("03-01", "03-31", "05-01", "05-15", "05-31", "06-10", "02-29")
    rows = [lead(f"L{n}", day) for n, day in enumerate(days)]
    told = wb.lead_funnel(world(rows, "2024-06-15T12:00:00+00:00")).trend()
    line = told.set_index("measure").loc["received"]
    assert line[["first_month", "last_month"]].tolist() == [
        pd.Timestamp("2024-03-01"), pd.Timestamp("2024-05-01"),
    ]  # fmt: skip
    assert line[["first", "last", "change"]].tolist() == [2, 3, 0.5]
    assert pd.isna(told.set_index("measure").loc["won", "change"])


def test_one_customer_at_several_steps():
    mail = {"email": "One@Example.com "}
    rows = [lead("A", "05-01", "get_it_now", **mail), lead("B", "05-20", "contact_me", **mail),
            lead("C", "12-20", "contact_me", **mail)]  # fmt: skip
    ws = world(rows, "2024-12-31T00:00:00+00:00")
    told = wb.partner_leads(ws).duplicates
    assert told[["lead_id", "role", "group"]].to_numpy().tolist() == [
        ["A", "informational", "A"], ["B", "primary", "A"],
    ]  # fmt: skip
    for count in ("leads", "people"):
        assert wb.lead_funnel(ws, count=count).frame.iloc[0]["received"] == 2
    rows.append(lead("D", "06-01", "contact_me", email="one@example.com"))
    ws = world(rows, "2024-12-31T00:00:00+00:00")
    counts = [wb.lead_funnel(ws, count=c).frame.iloc[0]["received"] for c in ("leads", "people")]
    assert counts == [3, 2]
    assert wb.partner_leads(ws).duplicates["role"].tolist() == [
        "informational",
        "primary",
        "repeat",
    ]
