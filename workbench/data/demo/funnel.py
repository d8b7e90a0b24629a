"""How accounts come in: lead forms, leads, MQL and SQL, decided per account first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.data.demo import names
from workbench.data.demo.arrays import (
    DAY,
    MISSING,
    TOKYO,
    Calendar,
    Flags,
    Ints,
    days,
    hits,
    ids,
    integers,
    lags,
    local,
    pick,
    ragged,
    seconds,
    spread,
    weighted,
)
from workbench.data.demo.companies import Companies, People
from workbench.data.demo.truths import Truths

_SOURCES = ("Web form", "Trade fair", "Partner", "Cold call", "Referral", "名刺交換", None)
_SOURCE_SHARES = (0.55, 0.14, 0.07, 0.08, 0.08, 0.05, 0.03)
_STATUSES = ("New", "Working", "MQL", "SQL", "Converted", "Disqualified")
_REASONS = ("No budget", "Student", "競合他社", "Kein Bedarf", None)


@dataclass(frozen=True)
class Journeys:
    """When each account first reached each step, -1 where it never did or has not yet."""

    form: Ints
    lead: Ints
    mql: Ints
    sql: Ints
    opportunity: Ints
    known_from: Ints


@dataclass(frozen=True)
class Leads:
    """All leads of a block; those of the account's own first journey have `turn` 0."""

    first: int
    account: Ints
    turn: Ints
    person: Ints
    created: Ints
    mql: Ints
    sql: Ints
    converted: Ints
    primary_of: Ints

    def ids(self, index: Ints) -> pa.Array:
        """Lead ids of places in the block; a negative place gives null."""
        return ids("L-", np.where(index < 0, -1, index + self.first), 8)


def make_journeys(
    rng: np.random.Generator, companies: Companies, calendar: Calendar, truths: Truths
) -> Journeys:
    """Draw each account's first time at each step; every step waits for the one before."""
    number = len(companies)
    fast = companies.industry == names.INDUSTRIES.index(truths.fast_industry)
    entry = _entries(rng, calendar, truths, number)
    has_form = hits(rng, 0.88, number)
    has_lead = np.where(has_form, hits(rng, 0.94, number), hits(rng, 0.35, number))
    at_once = hits(rng, 0.8, number)
    wait = np.where(at_once, spread(rng, 120, 14_400, number), spread(rng, DAY, 3 * DAY, number))
    lead = entry + wait
    mql = lead + lags(rng, 9.0, number, low=0.05, high=60)
    share = np.where(fast, truths.mql_to_sql_share_fast, truths.mql_to_sql_share_other)
    median = np.where(fast, truths.mql_to_sql_median_days_fast, truths.mql_to_sql_median_days_other)
    sql = mql + lags(rng, median, number, low=1.0, high=truths.mql_to_sql_max_days - 1)
    opportunity = sql + lags(rng, 6.0, number, low=1.2, high=30)
    is_mql = has_lead & hits(rng, 0.80, number)
    is_sql = is_mql & hits(rng, share, number)
    is_deal = is_sql & hits(rng, 0.88, number)
    return Journeys(
        form=_observed(calendar, entry, has_form),
        lead=_observed(calendar, lead, has_lead),
        mql=_observed(calendar, mql, is_mql),
        sql=_observed(calendar, sql, is_sql),
        opportunity=_observed(calendar, opportunity, is_deal),
        known_from=entry,
    )


def make_forms(
    rng: np.random.Generator, companies: Companies, journeys: Journeys, calendar: Calendar,
    truths: Truths,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Account and instant of every completed lead form, the first ones included."""
    filled = journeys.form >= 0
    years = np.where(filled, calendar.end - journeys.form, 0) / (365 * DAY)
    further = rng.poisson(years * (1.5 + 2.0 * companies.tier)).astype(np.int64)
    account, _ = ragged(further)
    when = spread(rng, journeys.form[account] + DAY, calendar.end, len(account))
    dipped = _in_dip(calendar, truths, when)
    kept = (when < calendar.end) & ~(dipped & ~hits(rng, truths.dip_share, len(when)))
    first = np.flatnonzero(filled)
    return np.concatenate([first, account[kept]]), np.concatenate(
        [journeys.form[first], when[kept]]
    )


def make_leads(
    rng: np.random.Generator, companies: Companies, people: People, journeys: Journeys,
    calendar: Calendar, first: int,
) -> Leads:  # fmt: skip
    """The account's first lead, and colleagues who follow and never overtake it."""
    has = journeys.lead >= 0
    count = np.where(has, 1 + rng.poisson(0.8 + 0.7 * companies.tier), 0)
    account, turn = ragged(np.minimum(count, people.count))
    number = len(account)
    own = turn == 0
    created = spread(rng, journeys.lead[account] + DAY, calendar.end, number)
    created = np.where(own, journeys.lead[account], created)
    follows = hits(rng, 0.45, number) & (journeys.mql[account] >= 0)
    mql = np.maximum(created, journeys.mql[account]) + lags(rng, 12, number, low=0.1, high=90)
    mql = np.where(own, journeys.mql[account], _observed(calendar, mql, follows))
    qualifies = hits(rng, 0.4, number) & (mql >= 0) & (journeys.sql[account] >= 0)
    sql = np.maximum(mql, journeys.sql[account]) + lags(rng, 20, number, low=1, high=90)
    sql = np.where(own, journeys.sql[account], _observed(calendar, sql, qualifies))
    converted = sql + lags(rng, 1.0, number, low=0.2, high=1.1)
    primary_of = np.full(len(companies), MISSING, dtype=np.int64)
    primary_of[account[own]] = np.flatnonzero(own)
    return Leads(
        first=first,
        account=account,
        turn=turn,
        person=people.of(account, turn),
        created=created,
        mql=mql,
        sql=sql,
        converted=_observed(calendar, converted, sql >= 0),
        primary_of=primary_of,
    )


def leads_table(
    rng: np.random.Generator, companies: Companies, people: People, leads: Leads,
    calendar: Calendar, from_web: Flags, deal_of_lead: pa.Array,
) -> pa.Table:  # fmt: skip
    """Leads as exported: MQL with a time of day, SQL and conversion with the date only."""
    number = len(leads.account)
    place = np.arange(number, dtype=np.int64)
    stale = (leads.sql < 0) & (leads.created < calendar.end - 120 * DAY) & hits(rng, 0.5, number)
    status = np.where(leads.mql >= 0, 2, np.where(hits(rng, 0.5, number), 1, 0))
    status = np.where(leads.sql >= 0, 3, np.where(stale, 5, status))
    status = np.where(leads.converted >= 0, 4, status).astype(np.int64)
    source = np.where(from_web[leads.account], 0, weighted(rng, _SOURCE_SHARES, number))
    later = weighted(rng, _SOURCE_SHARES, number)
    reason = np.where(status == 5, rng.integers(0, len(_REASONS), number), -1)
    converted = leads.converted >= 0
    return pa.table(
        {
            "lead_id": leads.ids(place),
            "person_id": people.ids(leads.person),
            "account_id": companies.ids(leads.account),
            "company_text": companies.table_names.take(pa.array(leads.account)),
            "source": pick(_SOURCES, np.where(leads.turn == 0, source, later)),
            "status": pick(_STATUSES, status),
            "score": integers(rng.integers(1, 100, number), hits(rng, 0.2, number)),
            "owner_id": ids("U-", companies.owner[leads.account], 3),
            "country": pick(names.COUNTRIES, companies.country[leads.account]),
            "created_at": local(leads.created),
            "mql_at": local(leads.mql),
            "sql_at": days(leads.sql),
            "converted_at": days(leads.converted),
            "converted_account_id": companies.ids(np.where(converted, leads.account, -1)),
            "converted_person_id": people.ids(np.where(converted, leads.person, -1)),
            "converted_opportunity_id": deal_of_lead,
            "disqualify_reason": pick(_REASONS, reason),
        }
    )


def end_of_day(instants: Ints) -> Ints:
    """The last second of each instant's Tokyo day: where a date-only fact is placed."""
    return (instants + TOKYO) // DAY * DAY + DAY - 1 - TOKYO


def _entries(rng: np.random.Generator, calendar: Calendar, truths: Truths, number: int) -> Ints:
    """First contacts: more of them early, so that journeys can ripen, and fewer in the dip."""
    day = calendar.start + np.arange(calendar.days, dtype=np.int64) * DAY
    weight = np.linspace(1.5, 0.5, len(day))
    weight = np.where(_in_dip(calendar, truths, day), weight * truths.dip_share, weight)
    chosen = day[weighted(rng, weight, number)]
    return chosen + (rng.uniform(7.0, 22.0, number) * 3_600).astype(np.int64)


def _in_dip(calendar: Calendar, truths: Truths, instants: Ints) -> Flags:
    first = truths.dip_month(calendar.last_day)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return (instants >= seconds(first)) & (instants < seconds(after))


def _observed(calendar: Calendar, instants: Ints, happens: Flags) -> Ints:
    return np.where(happens, calendar.seen(instants), MISSING).astype(np.int64)
