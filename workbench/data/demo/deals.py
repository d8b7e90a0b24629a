"""Opportunities: when they arise, how they move through the stages, who is in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.data.demo.arrays import (
    DAY,
    MISSING,
    Calendar,
    Flags,
    Floats,
    Ints,
    days,
    hits,
    ids,
    pick,
    ragged,
    spread,
    utc,
    weighted,
)
from workbench.data.demo.companies import Companies, People
from workbench.data.demo.funnel import Journeys
from workbench.data.demo.truths import Truths

STAGES = ("Qualification", "Needs Analysis", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
PROBABILITIES = np.array([0.10, 0.25, 0.50, 0.80, 1.0, 0.0])
FORECASTS = ("Pipeline", "Pipeline", "BestCase", "Commit", "Closed", "Omitted")
OPEN_STAGES, WON, LOST = 4, 4, 5
_ROLES = ("Decision Maker", "Influencer", "Practitioner", "Champion", "Stakeholder")


@dataclass(frozen=True)
class Deals:
    """All opportunities of a block, grouped by account, in order of creation.

    `entered` holds the instant of entry into each open stage and of closing (column 4), -1 for a
    stage not entered, jumped over, or still ahead; `outcome` is WON, LOST, or -1 while open.
    """

    first: int
    account: Ints
    created: Ints
    origin: Ints
    campaign: Ints
    contacts: Ints
    stalled: Flags
    entered: Ints
    outcome: Ints
    returned: Flags
    amount: Ints

    def __len__(self) -> int:
        return len(self.account)

    def ids(self, index: Ints) -> pa.Array:
        """Opportunity ids of places in the block; a negative place gives null."""
        return ids("O-", np.where(index < 0, -1, index + self.first), 8)

    @property
    def closed(self) -> Ints:
        """When each deal was won or lost, -1 while it is open."""
        return self.entered[:, OPEN_STAGES]

    @property
    def stage(self) -> Ints:
        """The stage each deal is in now."""
        reached = (self.entered[:, :OPEN_STAGES] >= 0) * np.arange(OPEN_STAGES)
        return np.where(self.outcome >= 0, self.outcome, reached.max(axis=1, initial=0))


ORIGINS = ("Lead", "Existing relationship", "Outbound", "Event")


def background(
    rng: np.random.Generator, companies: Companies, journeys: Journeys, calendar: Calendar
) -> tuple[Ints, Ints, Ints]:
    """Account, creation and origin of the deals that arise without any in-person event."""
    own = np.flatnonzero(journeys.opportunity >= 0)
    years = np.maximum(calendar.end - journeys.opportunity, 0) / (365 * DAY)
    rate = np.array([0.35, 0.7, 1.3])[companies.tier] * years
    again, _ = ragged(rng.poisson(np.where(journeys.opportunity >= 0, rate, 0)).astype(np.int64))
    later = spread(rng, journeys.opportunity[again] + DAY, calendar.end, len(again))
    cold = np.flatnonzero((journeys.sql < 0) & hits(rng, 0.07, len(companies)))
    outbound = spread(rng, calendar.start, calendar.end, len(cold))
    account = np.concatenate([own, again, cold])
    created = np.concatenate([journeys.opportunity[own], later, outbound])
    origin = np.repeat(np.arange(3, dtype=np.int64), [len(own), len(again), len(cold)])
    return account, created, origin


def make_deals(
    rng: np.random.Generator, companies: Companies, calendar: Calendar, truths: Truths, first: int,
    *, account: Ints, created: Ints, origin: Ints, campaign: Ints,
) -> Deals:  # fmt: skip
    """Send every deal through the stages; what lies after the end has not happened."""
    order = np.lexsort((created, account))
    account, created, origin = account[order], created[order], origin[order]
    number = len(order)
    single = hits(rng, truths.single_contact_share, number)
    contacts = np.where(single, 1, rng.integers(2, 5, number)).astype(np.int64)
    share = np.where(single, truths.stall_share_single, truths.stall_share_several)
    stalled = hits(rng, share, number)
    entered, outcome, returned = _stages(rng, calendar, truths, created, stalled)
    size = np.exp(rng.normal(0.0, 0.8, number)) * (1 + companies.tier[account] * 0.4)
    unit = np.array([2_400_000, 15_000, 17_000])[companies.currency[account]]
    step = np.array([10_000, 100, 100])[companies.currency[account]]
    amount = np.maximum(np.round(size * unit / step), 1) * step
    return Deals(
        first=first,
        account=account,
        created=created,
        origin=origin,
        campaign=campaign[order],
        contacts=contacts,
        stalled=stalled,
        entered=entered,
        outcome=outcome,
        returned=returned,
        amount=amount.astype(np.int64),
    )


def _stages(
    rng: np.random.Generator, calendar: Calendar, truths: Truths, created: Ints, stalled: Flags
) -> tuple[Ints, Ints, Flags]:
    number = len(created)
    dwell: Floats = np.exp(rng.normal(0, 0.7, (number, OPEN_STAGES))) * [9, 14, 17, 11]
    dwell = np.clip(dwell, 0.5, truths.stage_max_days - 1)
    waits_in = rng.integers(1, 3, number)
    waiting = truths.stall_days + rng.uniform(3, 80, number)
    skips = hits(rng, 0.08, number) & ~stalled
    dwell[skips, 1] = 0
    stuck = np.flatnonzero(stalled)
    dwell[stuck, waits_in[stuck]] = waiting[stuck]
    wins = hits(rng, np.where(stalled, truths.win_share_stalled, truths.win_share_moving), number)
    last = np.where(wins, OPEN_STAGES - 1, weighted(rng, (0.3, 0.25, 0.3, 0.15), number))
    last = np.where(stalled, np.maximum(last, waits_in), last)
    dwell[np.arange(OPEN_STAGES)[None, :] > last[:, None]] = 0
    ends = created[:, None] + (np.cumsum(dwell, axis=1) * DAY).astype(np.int64)
    entered = np.column_stack([created, ends])
    entered[:, 1:OPEN_STAGES][dwell[:, 1:] == 0] = MISSING
    entered = calendar.seen(entered)
    outcome = np.where(entered[:, OPEN_STAGES] < 0, MISSING, np.where(wins, WON, LOST))
    returned = hits(rng, 0.05, number) & ~stalled & ~skips & (entered[:, 3] >= 0)
    return entered, outcome.astype(np.int64), returned


def history_table(
    rng: np.random.Generator, companies: Companies, deals: Deals, expected: Ints, first: int
) -> pa.Table:
    """One row per save: stage entries, returns to an earlier stage, and mere edits of amounts."""
    deal, column = np.nonzero(deals.entered >= 0)
    when = deals.entered[deal, column]
    stage = np.where(column == OPEN_STAGES, deals.outcome[deal], column)
    back = np.flatnonzero(deals.returned)
    third = (deals.entered[back, 3] - deals.entered[back, 2]) // 3
    edits = np.flatnonzero(hits(rng, 0.15, len(deals)) & (deals.entered[:, 1] >= 0))
    middle = (deals.entered[edits, 0] + deals.entered[edits, 1]) // 2
    deal = np.concatenate([deal, back, back, edits])
    stage = np.concatenate([stage, np.full_like(back, 1), np.full_like(back, 2), edits * 0])
    when = np.concatenate(
        [when, deals.entered[back, 2] + third, deals.entered[back, 2] + 2 * third, middle]
    )
    order = np.lexsort((when, deal))
    deal, stage, when = deal[order], stage[order], when[order]
    number = len(deal)
    early = when < deals.created[deal] + DAY
    amount = np.where(early, deals.amount[deal] * 9 // 10, deals.amount[deal])
    pushed = np.where(early, expected[deal] - 30 * DAY, expected[deal])
    return pa.table(
        {
            "history_id": ids("H-", first + np.arange(number, dtype=np.int64), 9),
            "opportunity_id": deals.ids(deal),
            "changed_at": utc(when),
            "changed_by": ids("U-", companies.owner[deals.account[deal]], 3),
            "stage": pick(STAGES, stage),
            "amount": pa.array(amount.astype(float)),
            "probability": pa.array(PROBABILITIES[stage]),
            "forecast_category": pick(FORECASTS, stage),
            "expected_close_on": days(pushed),
        }
    )


def people_of_deals(
    rng: np.random.Generator, companies: Companies, people: People, deals: Deals
) -> pa.Table:
    """Customer contacts, the first of them primary, and our own owner of each deal."""
    deal, turn = ragged(deals.contacts)
    start = rng.integers(0, 50, len(deals))
    person = people.of(deals.account[deal], start[deal] + turn)
    role = np.where(turn == 0, weighted(rng, (0.4, 0.15, 0.15, 0.2, 0.1), len(deal)), turn)
    everyone = np.arange(len(deals), dtype=np.int64)
    all_deals = np.concatenate([deal, everyone])
    nobody = np.full(len(deals), MISSING, dtype=np.int64)
    owner = np.concatenate([np.full_like(deal, MISSING), companies.owner[deals.account]])
    order = np.argsort(all_deals, kind="stable")
    roles = np.concatenate([role, np.full(len(deals), len(_ROLES))])
    return pa.table(
        {
            "opportunity_id": deals.ids(all_deals[order]),
            "person_id": people.ids(np.concatenate([person, nobody])[order]),
            "user_id": ids("U-", owner[order], 3),
            "role": pick((*_ROLES, "Owner"), roles[order].astype(np.int64)),
            "side": pick(("customer", "team"), (owner[order] >= 0).astype(np.int64)),
            "is_primary": pick(
                ("No", "Yes"), np.concatenate([turn == 0, nobody == 0])[order].astype(np.int64)
            ),
        }
    )
