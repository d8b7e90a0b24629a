"""Accounts and their people: who there is, how engaged, in which industry and country."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.data.demo import names
from workbench.data.demo.arrays import (
    DAY,
    Calendar,
    Flags,
    Ints,
    blank,
    days,
    hits,
    ids,
    integers,
    join,
    local,
    pick,
    ragged,
    weighted,
)

USERS = 40
TIER_SHARES = (0.40, 0.40, 0.20)
_RANKS = ("A", "B", "C", "D")
_TITLES = (
    "購買部 課長", "Head of Procurement", "Leiter Fertigung", "Produktionsleiterin", "CTO",
    "品質保証部", "采购经理", "Werkstudent", "VP Operations", "Directrice des achats", None,
)  # fmt: skip
_ROLE_LEVELS = ("C-level", "Director", "Manager", "Staff", None)
_REGIONS = ("East Asia", "Europe", "Americas", "East Asia", "East Asia", "Europe", "Europe")


@dataclass(frozen=True)
class Companies:
    """One block of accounts; `first` is the number of the first, arrays run over the block."""

    first: int
    tier: Ints
    industry: Ints
    country: Ints
    locale: Ints
    currency: Ints
    employees: Ints
    owner: Ints
    table_names: pa.Array
    domains: pa.Array

    def __len__(self) -> int:
        return len(self.tier)

    def ids(self, index: Ints) -> pa.Array:
        """Account ids of places in the block; a negative place gives null."""
        return ids("A-", np.where(index < 0, -1, index + self.first), 7)


@dataclass(frozen=True)
class People:
    """People of a block, grouped by account: those of account i start at `start[i]`."""

    first: int
    account: Ints
    start: Ints
    count: Ints

    def __len__(self) -> int:
        return len(self.account)

    def ids(self, index: Ints) -> pa.Array:
        """Person ids of places in the block; a negative place gives null."""
        return ids("P-", np.where(index < 0, -1, index + self.first), 8)

    def of(self, account: Ints, turn: Ints) -> Ints:
        """The `turn`-th person of each account, counted in a circle."""
        return self.start[account] + turn % self.count[account]


def make_companies(rng: np.random.Generator, first: int, count: int) -> Companies:
    """Draw the companies numbered `first` and up."""
    country = weighted(rng, names.COUNTRY_SHARES, count)
    locale = names.LOCALE_OF_COUNTRY[country].astype(np.int64)
    shown, domains = names.company_names(rng, locale, first)
    return Companies(
        first=first,
        tier=weighted(rng, TIER_SHARES, count),
        industry=weighted(rng, names.INDUSTRY_SHARES, count),
        country=country,
        locale=locale,
        currency=names.CURRENCY_OF_COUNTRY[country].astype(np.int64),
        employees=np.round(np.exp(rng.normal(5.3, 1.3, count))).astype(np.int64) + 3,
        owner=rng.integers(0, USERS, count),
        table_names=shown,
        domains=domains,
    )


def make_people(rng: np.random.Generator, companies: Companies, first: int) -> People:
    """Draw four people or more for each company: enough for any deal's contacts."""
    count = 4 + rng.poisson(1.5 + companies.tier, len(companies)).astype(np.int64)
    account, _ = ragged(count)
    return People(first, account, np.cumsum(count) - count, count)


def accounts_table(
    rng: np.random.Generator, companies: Companies, calendar: Calendar, began: Ints,
    churned: Ints,
) -> pa.Table:  # fmt: skip
    """The accounts as a CRM exports them; all were entered before the first event."""
    number = len(companies)
    place = np.arange(number, dtype=np.int64)
    parent = np.where(hits(rng, 0.15, number) & (place >= 10), rng.integers(0, 10, number), -1)
    parent = np.where((place >= 5) & (place < 10), place - 5, parent)
    revenue = companies.employees * rng.integers(8, 40, number) * 1_000_000
    rank = np.clip(3 - companies.tier - hits(rng, 0.3, number) + hits(rng, 0.3, number), 0, 3)
    created = calendar.start - (rng.random(number) * 1_500 * DAY).astype(np.int64) - 60
    created = np.where(began >= 0, np.minimum(created, began - 30 * DAY), created)
    kind = np.where(churned >= 0, 2, np.where(began >= 0, 1, 0))
    note = np.where(hits(rng, 0.02, number), rng.integers(0, len(_NOTES), number), -1)
    return pa.table(
        {
            "account_id": companies.ids(place),
            "name": companies.table_names,
            "parent_account_id": companies.ids(parent),
            "domain": names.mistyped(rng, companies.domains, 0.02),
            "industry": pick(names.INDUSTRIES, companies.industry),
            "employees": integers(companies.employees, hits(rng, 0.04, number)),
            "annual_revenue": integers(revenue, hits(rng, 0.10, number)),
            "revenue_currency": pick(("JPY",), np.zeros(number, dtype=np.int64)),
            "country": pick(names.COUNTRIES, companies.country),
            "region": pick(_REGIONS, companies.country),
            "rank": pick(_RANKS, rank.astype(np.int64)),
            "owner_id": ids("U-", companies.owner, 3),
            "type": pick(("Prospect", "Customer", "Former customer"), kind.astype(np.int64)),
            "website": join("https://www.", companies.domains),
            "description": pick(_NOTES, note),
            "churned_on": days(churned),
            "created_at": local(created),
        }
    )


_NOTES = (
    'Sagt "nur per Telefon"; Angebot folgt',
    "担当者交代のため要確認\n次回訪問は来月",
    "prefers WeChat 🙂",
    "Rückruf vereinbart, siehe E-Mail\r\nWiedervorlage Montag",
)


def people_table(
    rng: np.random.Generator, companies: Companies, people: People, calendar: Calendar,
    only_lead: Flags, without_account: Flags,
) -> pa.Table:  # fmt: skip
    """Contacts and lead persons; a lead person not yet converted has no account in the CRM.

    `only_lead` marks people known only as a lead, `without_account` those among them whose
    account the export leaves empty (it can still be found through the lead or the domain).
    """
    number = len(people)
    place = np.arange(number, dtype=np.int64)
    given, family, local_part = names.person_names(rng, companies.locale[people.account])
    domain = companies.domains.take(pa.array(people.account))
    email = join(local_part, ids(".", place % 1000, 3), "@", domain)
    twin = hits(rng, 0.004, number) & (place > people.start[people.account])
    created = calendar.start - (rng.random(number) * 900 * DAY).astype(np.int64) - 30
    account = np.where(without_account, -1, people.account)
    return pa.table(
        {
            "person_id": people.ids(place),
            "kind": pick(("contact", "lead"), only_lead.astype(np.int64)),
            "account_id": companies.ids(account),
            "first_name": given,
            "last_name": family,
            "email": names.mistyped(rng, email, 0.03),
            "phone": blank(join(ids("+81-3-", place % 10_000, 4), "-0000"), hits(rng, 0.4, number)),
            "title": pick(_TITLES, rng.integers(0, len(_TITLES), number)),
            "role_level": pick(_ROLE_LEVELS, rng.integers(0, len(_ROLE_LEVELS), number)),
            "country": pick(names.COUNTRIES, companies.country[people.account]),
            "is_internal": pick(("false",), np.zeros(number, dtype=np.int64)),
            "email_opt_out": pick(("No", "Yes"), hits(rng, 0.06, number).astype(np.int64)),
            "merged_into_id": people.ids(np.where(twin, people.start[people.account], -1)),
            "created_at": local(created),
        }
    )
