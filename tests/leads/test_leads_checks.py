"""Offline checks of addresses: their rules, and that they never stand in the vendor's place."""

from __future__ import annotations

import pytest

import workbench as wb
from tests.leads.worlds import example, lead, world
from workbench.leads.checks import RESULTS, mail_check, phone_check, phone_key


@pytest.mark.parametrize(
    ("mail", "result"),
    [
        ("ada@example.com", "ok"), (None, "not checked"), ("ada", "bad"), ("a@b@e.com", "bad"),
        ("@example.com", "bad"), ("ada@example", "bad"), ("ada@.com", "bad"), ("ada@", "bad"),
        ("a da@example.com", "bad"), (f"{'x' * 250}@e.com", "bad"), ("Info@example.com", "suspect"),
        ("ada@mail.spam.example", "suspect"), ("ada@notspam.example", "ok"),
    ],
)  # fmt: skip
def test_mail_addresses(mail, result):
    assert mail_check(mail, False, ("spam.example",))[0] == result


@pytest.mark.parametrize(
    ("phone", "country", "result"),
    [
        ("+49 30 1234567", "DE", "ok"), ("030 1234567", "DE", "ok"), (None, "DE", "not checked"),
        ("+49 30 1234567", "JP", "suspect"), ("+49 30 1234567", "Germany", "ok"),
        ("+49 30 1234567", None, "ok"), ("12345", None, "bad"), ("1" * 16, None, "bad"),
        ("+81 50 0000 0000", "JP", "suspect"), ("call me", "DE", "bad"),
        ("+1 416 555 0123", "CA", "ok"),
    ],
)  # fmt: skip
def test_telephone_numbers(phone, country, result):
    assert phone_check(phone, country)[0] == result


def test_one_number_in_several_spellings_is_one():
    spellings = ("+49 30 1234567", "030/1234567", "0049 30 123 45 67")
    assert {phone_key(text, "DE") for text in spellings} == {"+49301234567"}
    assert phone_key("12345", None) == phone_key(None, "DE") == ""
    rows = [lead(f"L{n}", "06-18", email=None, phone=text, country="DE")
            for n, text in enumerate(spellings)]  # fmt: skip
    assert wb.partner_leads(world(rows)).duplicates["role"].tolist() == [
        "primary", "repeat", "repeat",
    ]  # fmt: skip


def test_a_name_that_comes_five_times_in_a_day_is_suspect():
    rows = [lead(f"L{n}", f"06-18T{n:02d}:00", email=f"Bob@e{n}.com") for n in range(5)]
    rows += [lead("M", "06-16", email="bob@x.com"), lead("N", "06-18", email="eve@x.com")]
    told = wb.partner_leads(world(rows)).checks.set_index("lead_id")["x_email_check"]
    assert told.to_dict() == {**{f"L{n}": "suspect" for n in range(5)}, "M": "ok", "N": "ok"}
    fewer = wb.partner_leads(world(rows[1:])).checks
    assert set(fewer["x_email_check"]) == {"ok"}


def test_expired_leads_are_not_checked_and_nothing_of_the_vendor_is_overwritten():
    asked = wb.partner_leads(world(example()))
    told = asked.checks.set_index("lead_id")
    assert told.loc["L3", ["x_email_check", "x_phone_check"]].tolist() == ["not checked"] * 2
    assert told.index.tolist() == asked.frame["lead_id"].tolist()
    assert set(told["x_email_check"]) <= set(RESULTS)
    assert asked.frame["email_validity"].isna().all()
