"""One block of accounts with everything that happens to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.data.demo import (
    customers,
    deals,
    exports,
    funnel,
    gatherings,
    marketing,
    touches,
    web,
)
from workbench.data.demo.arrays import MISSING, Calendar, hits
from workbench.data.demo.companies import (
    Companies,
    People,
    accounts_table,
    make_companies,
    make_people,
    people_table,
)
from workbench.data.demo.counting import touchpoints_in
from workbench.data.demo.reference import buying_groups
from workbench.data.demo.truths import Truths

NUMBERED = {
    "people": "people.csv",
    "leads": "leads.csv",
    "deals": "opportunities.csv",
    "history": "opportunity_history.parquet",
    "touches": "activities.csv",
    "members": "campaign_members.csv",
    "groups": "buying_groups.csv",
    "partners": "partner_leads.csv",
    "usage": "product_usage.parquet",
}
"""Tables whose rows are numbered on from block to block; web events and sessions are too."""


@dataclass(frozen=True)
class Block:
    """The finished tables of a block: by file name, and the web events apart."""

    tables: Mapping[str, pa.Table]
    web: pa.Table
    next_firsts: dict[str, int]
    realised: Mapping[str, float]


@dataclass(frozen=True)
class _World:
    """Everything drawn for a block, before it is written as tables."""

    companies: Companies
    people: People
    journeys: funnel.Journeys
    leads: funnel.Leads
    attendance: gatherings.Attendance
    deals: deals.Deals
    contracts: customers.Contracts
    touches: touches.Touches


def make_block(
    rng: np.random.Generator, calendar: Calendar, truths: Truths, campaigns: pa.Table, *,
    begin: int, count: int, firsts: Mapping[str, int], wanted: int,
) -> Block:  # fmt: skip
    """Draw and lay out the accounts numbered `begin` and up, with `wanted` touchpoints in all."""
    world = _draw(rng, calendar, truths, begin, count, firsts)
    forms = funnel.make_forms(rng, world.companies, world.journeys, calendar, truths)
    tables = _company_tables(rng, world, calendar, firsts)
    tables |= _selling_tables(rng, world, calendar, firsts)
    tables |= _marketing_tables(rng, world, calendar, campaigns, firsts)
    others = touchpoints_in(tables)
    room = int((wanted - others) / (1 - web.NAMELESS * web.UNKNOWN))
    sessions = web.make_sessions(
        rng, world.companies, world.people, world.journeys, calendar, forms, room
    )
    rows = web.web_table(rng, world.companies, world.people, sessions, calendar, truths,
                         first=firsts["web"], first_session=firsts["sessions"])  # fmt: skip
    lost = rows["account_id"].null_count
    return Block(
        tables=tables,
        web=rows,
        next_firsts=_after(firsts, tables, len(rows), len(sessions.rows)),
        realised={
            "touchpoints": others + len(rows) - lost,
            "web_rows_without_account": lost,
            "event_attendees": world.attendance.attended,
            "event_caused": len(world.attendance.caused),
        },
    )


def _after(
    firsts: Mapping[str, int], tables: Mapping[str, pa.Table], web_rows: int, sessions: int
) -> dict[str, int]:
    """Where the numbers of the next block begin: identifiers never repeat between blocks."""
    here = {name: len(tables[file]) for name, file in NUMBERED.items()}
    here |= {"web": web_rows, "sessions": sessions}
    return {name: first + here[name] for name, first in firsts.items()}


def _draw(
    rng: np.random.Generator, calendar: Calendar, truths: Truths, begin: int, count: int,
    firsts: Mapping[str, int],
) -> _World:  # fmt: skip
    companies = make_companies(rng, begin, count)
    people = make_people(rng, companies, firsts["people"])
    journeys = funnel.make_journeys(rng, companies, calendar, truths)
    leads = funnel.make_leads(rng, companies, people, journeys, calendar, firsts["leads"])
    account, created, origin = deals.background(rng, companies, journeys, calendar)
    attendance = gatherings.make_attendance(
        rng, companies, people, journeys, calendar, truths, account, created
    )
    campaign = gatherings.number_of(truths.event_with_effect) + 1 + gatherings.CAMPAIGN_OF_GATHERING
    caused = len(attendance.caused)
    made = deals.make_deals(
        rng, companies, calendar, truths, firsts["deals"],
        account=np.concatenate([account, attendance.caused]),
        created=np.concatenate([created, attendance.caused_at]),
        origin=np.concatenate([origin, np.full(caused, deals.ORIGINS.index("Event"))]),
        campaign=np.concatenate([np.full(len(account), MISSING), np.full(caused, campaign)]),
    )  # fmt: skip
    contracts = customers.make_contracts(rng, companies, made, calendar)
    contacts = touches.make_touches(
        rng, companies, people, journeys, contracts, made, calendar, truths, firsts["touches"]
    )
    return _World(companies, people, journeys, leads, attendance, made, contracts, contacts)


def _company_tables(
    rng: np.random.Generator, world: _World, calendar: Calendar, firsts: Mapping[str, int]
) -> dict[str, pa.Table]:
    companies, people, leads = world.companies, world.people, world.leads
    only_lead = np.zeros(len(people), dtype=bool)
    only_lead[leads.person] = True
    only_lead[leads.person[leads.converted >= 0]] = False
    without = only_lead & hits(rng, 0.1, len(people))
    deal_of_lead = _deals_of_leads(world)
    contracts = world.contracts
    return {
        "accounts.csv": accounts_table(rng, companies, calendar, contracts.began, contracts.ended),
        "people.csv": people_table(rng, companies, people, calendar, only_lead, without),
        "leads.csv": funnel.leads_table(
            rng, companies, people, leads, calendar, world.journeys.form >= 0, deal_of_lead
        ),
        "contracts.csv": customers.contracts_table(rng, companies, contracts, companies.first),
        "product_usage.parquet": customers.usage_table(
            rng, companies, people, contracts, calendar, firsts["usage"]
        ),
        "scores.parquet": customers.scores_table(rng, companies, calendar),
    }


def _deals_of_leads(world: _World) -> pa.Array:
    """The opportunity each converted first lead became."""
    made, leads = world.deals, world.leads
    own = np.flatnonzero(made.origin == 0)
    deal_of = np.full(len(world.companies), MISSING, dtype=np.int64)
    deal_of[made.account[own]] = own
    first = (leads.turn == 0) & (leads.converted >= 0)
    return made.ids(np.where(first, deal_of[leads.account], MISSING))


def _selling_tables(
    rng: np.random.Generator, world: _World, calendar: Calendar, firsts: Mapping[str, int]
) -> dict[str, pa.Table]:
    companies, people, made = world.companies, world.people, world.deals
    expected = exports.expected_close(rng, made)
    return {
        "opportunities.csv": exports.opportunities_table(
            rng, companies, world.leads, made, calendar, expected
        ),
        "opportunity_history.parquet": deals.history_table(
            rng, companies, made, expected, firsts["history"]
        ),
        "opportunity_people.csv": deals.people_of_deals(rng, companies, people, made),
        "activities.csv": touches.activities_table(
            rng, companies, people, made, world.touches, calendar
        ),
        "activity_participants.parquet": touches.participants_table(
            rng, companies, people, world.touches
        ),
    }


def _marketing_tables(
    rng: np.random.Generator, world: _World, calendar: Calendar, campaigns: pa.Table,
    firsts: Mapping[str, int],
) -> dict[str, pa.Table]:  # fmt: skip
    companies, people = world.companies, world.people
    groups, members = buying_groups(
        rng, companies, people, world.journeys, calendar, firsts["groups"]
    )
    return {
        "buying_groups.csv": groups,
        "buying_group_members.csv": members,
        "campaign_members.csv": marketing.members_table(
            rng, people, world.attendance, campaigns, calendar, firsts["members"]
        ),
        "event_attendance.csv": gatherings.attendance_table(rng, people, world.attendance),
        "partner_leads.csv": marketing.partner_leads_table(
            rng, companies, calendar, firsts["partners"]
        ),
    }
