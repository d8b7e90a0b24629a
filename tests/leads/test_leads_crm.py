"""Leads beside the CRM: what fits, by what, how surely, and that nothing is merged."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.leads.worlds import at, lead, world
from tests.worlds.company import HOSTILE
from workbench.leads.company import company_domain, company_key, domain_of
from workbench.leads.crm import CRM_COLUMNS
from workbench.leads.matches import MATCHED_FROM

ACCOUNTS = pd.DataFrame(
    [
        ("A1", "Contoso GmbH", "https://www.contoso.com/", "DE"),
        ("A2", "Fabrikam, Inc.", "fabrikam.com", "US"),
        ("A3", "Fabrikam Japan", "fabrikam.com", "JP"),
        ("A4", "株式会社 北風", None, "JP"),
        ("A5", "Northwind Traders", None, "GB"),
        ("A6", "Plant 12 AG", None, "DE"),
    ],
    columns=["account_id", "name", "domain", "country"],
)
PEOPLE = pd.DataFrame(
    [("P1", "A1", "Ada@Contoso.com "), ("P2", "A2", "both@shared.example"),
     ("P3", "A3", "both@shared.example")],
    columns=["person_id", "account_id", "email"],
)  # fmt: skip
DEALS = pd.DataFrame([("D1", "Big deal", "A5")], columns=["opportunity_id", "name", "account_id"])


def crm_world(rows, **more):
    tables = {"accounts": ACCOUNTS, "people": PEOPLE, "opportunities": DEALS, **more}
    return world(rows, **tables)


def matched(rows, **more):
    return wb.partner_leads(crm_world(rows, **more)).crm.set_index("lead_id")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Contoso GmbH & Co. KG", "contoso"), ("ＣＯＮＴＯＳＯ Ltd.", "contoso"), (None, ""),
        ("㈱北風", "北風"), ("株式会社　北風", "北風"), ("Foo S.p.A.", "foo"), ("GmbH", ""),
        ("The Foo Company, s.r.o.", "foo"), ("Müller & Söhne AG", "and muller sohne"),
        ("ガス株式会社", "ガス"), ("杭州鑫盛电子股份有限公司", "杭州鑫盛电子"),
    ],
)  # fmt: skip
def test_names_of_companies_lose_what_tells_nothing(name, key):
    assert company_key(name) == key


def test_domains_of_mails_and_websites():
    assert domain_of("https://www.Contoso.com:443/de?x") == domain_of("a@contoso.com")
    assert [domain_of(text) for text in (None, "", "localhost", "a@b")] == ["", "", "", ""]
    assert company_domain("a@gmail.com") == company_domain("contoso.com") == ""
    assert company_domain("A@Contoso.COM") == "contoso.com"


def test_the_key_comes_before_the_mail_and_the_mail_before_the_company():
    rows = [
        lead("key", "06-18", crm_id="D1", email="ada@contoso.com", customer_name="Contoso"),
        lead("mail", "06-18", email="ADA@contoso.com", customer_name="Something else"),
        lead("both", "06-18", email="both@shared.example"),
        lead("company", "06-18", email="new@contoso.com", customer_name="CONTOSO Ltd"),
        lead("domain", "06-18", email="new@contoso.com", customer_name="Wholly different"),
        lead("name", "06-18", email="x@gmail.com", customer_name="㈱北風", country="JP"),
        lead("alike", "06-18", email=None, customer_name="Northwind Trader Ltd", country="GB"),
        lead("far", "06-18", email=None, customer_name="Northwind Traders", country="US"),
        lead("digit", "06-18", email=None, customer_name="Plant 13 AG", country="DE"),
        lead("lone", "06-18", email="x@nowhere.example", customer_name=None),
    ]
    told = matched(rows)
    assert told["found_by"].fillna("").to_dict() == {
        "key": "crm_id", "mail": "email", "both": "email", "company": "domain and name",
        "domain": "domain", "name": "name", "alike": "name", "far": "name", "digit": "", "lone": "",
    }  # fmt: skip
    assert told["account_id"].fillna("").to_dict() == {
        "key": "A5", "mail": "A1", "both": "A2", "company": "A1", "domain": "A1", "name": "A4",
        "alike": "A5", "far": "A5", "digit": "", "lone": "",
    }  # fmt: skip
    sure = told["confidence"]
    assert sure["key"] == 1
    assert sure["mail"] > sure["company"] >= MATCHED_FROM
    assert sure["mail"] > sure["both"]
    assert sure["company"] > sure["name"] > sure["domain"] > sure["lone"] == 0
    assert sure["name"] > sure["alike"] > sure["far"]
    assert told.loc["both", "candidates"] == 2
    assert set(told.index[told["matched"]]) == {"both", "company", "key", "mail"}
    assert told.loc["key", ["crm_table", "crm_key", "crm_name"]].tolist() == [
        "opportunities", "D1", "Big deal",
    ]  # fmt: skip


def test_of_two_accounts_with_one_domain_the_name_decides():
    rows = [lead("A", "06-18", email="x@fabrikam.com", customer_name="Fabrikam Inc"),
            lead("B", "06-18", email="y@fabrikam.com", customer_name="FABRIKAM JAPAN")]  # fmt: skip
    told = matched(rows)
    assert told["account_id"].to_dict() == {"A": "A2", "B": "A3"}
    assert told["candidates"].tolist() == [2, 2]


def test_matches_are_columns_and_a_filter_and_never_merged(tmp_path):
    rows = [lead("A", "06-18", email="ada@contoso.com"), lead("B", "06-18"),
            lead("C", "06-18", crm_id="gone")]  # fmt: skip
    ws = crm_world(rows)
    asked = wb.partner_leads(ws)
    line = asked.frame.set_index("lead_id").loc["A"]
    assert line[["crm_matched", "crm_name", "customer"]].tolist() == [
        True, "Contoso GmbH", "Company A",
    ]  # fmt: skip
    for wanted, keys in ((True, ["A"]), (False, ["B", "C"])):
        some = wb.partner_leads(ws, where={"crm_matched": wanted}).frame
        assert sorted(some["lead_id"]) == keys
    assert "account_id" not in ws.columns_of("partner_leads")
    log = wb.decision_log(tmp_path / "log.jsonl")
    log.decide(ws, "B", "accept", at=at("06-19T00:00"), deal_name="x", deal_value=1, team="Me",
               expected_close_on="2024-09-30", crm_id="D1")  # fmt: skip
    with_log = wb.partner_leads(ws, log=log).crm.set_index("lead_id")
    assert with_log.loc["B", ["found_by", "account_id"]].tolist() == ["crm_id", "A5"]
    assert pd.isna(wb.partner_leads(ws).crm.set_index("lead_id").loc["B", "found_by"])


def test_without_tables_of_the_crm_nothing_fits():
    asked = wb.partner_leads(world([lead("A", "06-18", crm_id="D1")]))
    assert list(asked.crm) == list(CRM_COLUMNS)
    assert asked.crm["confidence"].tolist() == [0]
    assert not asked.frame["crm_matched"].any()


def test_expired_leads_show_no_contact_data_in_their_match():
    rows = [lead("gone", "06-01", email="ada@contoso.com", customer_name="Contoso")]
    told = matched(rows)
    assert told["found_by"].tolist() == ["email"]
    assert "ada@" not in told.to_csv()
    assert "Person gone" not in told.to_csv()


def test_very_many_accounts_of_one_name_and_domain_are_no_trouble():
    size = 3_000
    accounts = pd.DataFrame(
        {
            "account_id": [f"A{n:05d}" for n in range(size)], "name": "Acme",
            "domain": "acme.com", "country": ["DE", "JP", None] * (size // 3),
        }
    )  # fmt: skip
    rows = [lead(f"L{n:05d}", "06-18", email=f"x{n}@acme.com", customer_name="ACME Ltd",
                 country=("JP", "US", None)[n % 3]) for n in range(size)]  # fmt: skip
    told = wb.partner_leads(world(rows, accounts=accounts)).crm.sort_values("lead_id")
    # The domain of so many tells nothing; of the name, the lead's own country comes first.
    assert set(told["found_by"]) == {"name"}
    assert told["account_id"].iloc[:3].tolist() == ["A00001", "A00002", "A00000"]
    assert set(told["candidates"]) == {size}


NAMES = st.sampled_from(["Acme Ltd", "Acme Inc", "Acma", "Acmeville", "Zed 1", "Zed 2", *HOSTILE])
DOMAINS = st.sampled_from(["acme.com", "zed.jp", "gmail.com", None])


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(NAMES, DOMAINS), min_size=1, max_size=6),
    st.lists(st.tuples(NAMES, DOMAINS), min_size=1, max_size=6),
    st.randoms(),
)
def test_each_lead_gets_what_a_slow_search_gives(known, asked, chance: random.Random):
    accounts = [(f"A{n}", name, domain) for n, (name, domain) in enumerate(known)]
    leads = [
        lead(f"L{n}", "06-18", customer_name=name, email=f"x{n}@{domain}" if domain else None)
        for n, (name, domain) in enumerate(asked)
    ]
    chance.shuffle(leads)
    shuffled = chance.sample(accounts, len(accounts))
    frame = pd.DataFrame(shuffled, columns=["account_id", "name", "domain"], dtype=object)
    told = wb.partner_leads(world(leads, accounts=frame)).crm.set_index("lead_id")
    for n, (name, domain) in enumerate(asked):
        fits = [] if domain in (None, "gmail.com") else [a for a in accounts if a[2] == domain]
        line = told.loc[f"L{n}"]
        if fits:
            best = max(alike(company_key(name), company_key(a[1])) for a in fits)
            assert line["name_likeness"] == pytest.approx(best, abs=1e-6)
            assert line["candidates"] == len(fits)
            assert line["found_by"] == ("domain and name" if best >= 0.6 else "domain")
        else:
            same = [a for a in accounts if company_key(a[1]) == company_key(name) != ""]
            if same:
                assert line["found_by"] == "name"
                assert line["account_id"] == min(a[0] for a in same)
            else:
                assert line["found_by"] != "crm_id"
                assert line["confidence"] < MATCHED_FROM
    assert np.isfinite(told["confidence"]).all()


def alike(left: str, right: str) -> float:
    """The likeness of two texts by their longest common subsequence, worked out plainly."""
    if not left and not right:
        return 1.0
    rows = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            rows[i + 1][j + 1] = (
                rows[i][j] + 1 if one == other else max(rows[i][j + 1], rows[i + 1][j])
            )
    return 2 * rows[-1][-1] / (len(left) + len(right))
