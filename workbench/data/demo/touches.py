"""E-mails, calls, meetings and tasks between our staff and the people of an account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.data.demo.arrays import (
    DAY,
    MISSING,
    Calendar,
    Flags,
    Ints,
    blank,
    days,
    hits,
    ids,
    integers,
    local,
    office_hours,
    pick,
    ragged,
    spread,
    weighted,
)
from workbench.data.demo.companies import USERS, Companies, People
from workbench.data.demo.customers import Contracts
from workbench.data.demo.deals import Deals
from workbench.data.demo.funnel import Journeys
from workbench.data.demo.truths import Truths

EMAIL, CALL, MEETING, TASK = range(4)
_TYPES = ("email", "call", "meeting", "task")
OUT, IN, NONE = range(3)
_SUBJECTS = (
    "お見積りの件", "RE: お見積りの件", "Rückfrage zum Angebot", "AW: Rückfrage zum Angebot",
    "Demo follow-up", "RE: Demo follow-up 🙏", "定例打合せ", "关于报价",
    "Vertragsentwurf, Version 3", 'Fwd: "urgent" delivery date', "Danke für den Besuch!",
    "=SUM(1;2) im Anhang", None,
)  # fmt: skip
_WEEK = 7 * DAY


@dataclass(frozen=True)
class Touches:
    """All activities of a block."""

    first: int
    account: Ints
    person: Ints
    kind: Ints
    direction: Ints
    when: Ints
    deal: Ints

    def __len__(self) -> int:
        return len(self.account)

    def ids(self) -> pa.Array:
        """Activity ids of the block."""
        return ids("T-", self.first + np.arange(len(self), dtype=np.int64), 10)


def make_touches(
    rng: np.random.Generator, companies: Companies, people: People, journeys: Journeys,
    contracts: Contracts, deals: Deals, calendar: Calendar, truths: Truths, first: int,
) -> Touches:  # fmt: skip
    """An even stream per account and one more per customer, thinned where a customer leaves."""
    since = np.where(journeys.lead >= 0, journeys.lead, calendar.start)
    since = np.where(contracts.customer & (contracts.began < calendar.start), calendar.start, since)
    rate = np.array([0.35, 0.6, 1.0])[companies.tier] * np.where(journeys.lead >= 0, 1.0, 0.15)
    general = _stream(rng, since, np.full(len(companies), calendar.end), rate)
    from_then = np.where(contracts.customer, np.maximum(contracts.began, calendar.start), 0)
    service = _stream(
        rng, from_then, np.where(contracts.customer, contracts.until(calendar), 0),
        np.where(contracts.customer, 0.8, 0.0),
    )  # fmt: skip
    account = np.concatenate([general[0], service[0]])
    when = office_hours(rng, np.concatenate([general[1], service[1]]))
    kind = weighted(rng, (0.62, 0.16, 0.10, 0.12), len(account))
    inbound = hits(rng, np.array([0.45, 0.40, 0.20, 0.0])[kind], len(account))
    direction = np.where(inbound, IN, np.where(kind == TASK, NONE, OUT))
    kept = (when >= since[account]) & (when >= calendar.start) & (when < calendar.end)
    kept &= _survives(rng, contracts, truths, account, when, inbound)
    order = np.flatnonzero(kept)[np.argsort(when[kept], kind="stable")]
    account, when = account[order], when[order]
    person = people.of(account, (rng.random(len(order)) ** 2 * 5).astype(np.int64))
    return Touches(
        first=first,
        account=account,
        person=person,
        kind=kind[order],
        direction=direction[order].astype(np.int64),
        when=when,
        deal=_deal_at(rng, companies, deals, account, when),
    )


def _stream(rng: np.random.Generator, low: Ints, high: Ints, per_week: object) -> tuple[Ints, Ints]:
    weeks = np.maximum(high - low, 0) / _WEEK
    account, _ = ragged(rng.poisson(weeks * np.asarray(per_week, dtype=float)).astype(np.int64))
    return account, spread(rng, low[account], high[account], len(account))


def _survives(
    rng: np.random.Generator, contracts: Contracts, truths: Truths, account: Ints, when: Ints,
    inbound: Flags,
) -> Flags:  # fmt: skip
    """Nothing after a customer left, and only a share of the inbound in the weeks before."""
    end = contracts.ended[account]
    leaving = (end >= 0) & (when >= end - truths.decline_weeks * _WEEK)
    thinned = leaving & inbound & ~hits(rng, truths.decline_share, len(account))
    return ~thinned & ~((end >= 0) & (when >= end))


def _deal_at(
    rng: np.random.Generator, companies: Companies, deals: Deals, account: Ints, when: Ints
) -> Ints:
    """One of the account's deals, if it was open at that time."""
    count = np.bincount(deals.account, minlength=len(companies))
    start = np.cumsum(count) - count
    if not len(deals):
        return np.full(len(account), MISSING, dtype=np.int64)
    guess = start[account] + (rng.random(len(account)) * count[account]).astype(np.int64)
    guess = np.minimum(guess, len(deals) - 1)
    closed = np.where(deals.closed >= 0, deals.closed, np.iinfo(np.int64).max)
    is_open = (deals.created[guess] <= when) & (when < closed[guess])
    return np.where(is_open & (deals.account[guess] == account), guess, MISSING)


def activities_table(
    rng: np.random.Generator, companies: Companies, people: People, deals: Deals, touches: Touches,
    calendar: Calendar,
) -> pa.Table:  # fmt: skip
    """Activities as a CRM exports them: Tokyo wall times, tasks with a due date only."""
    number = len(touches)
    kind = touches.kind
    minutes = np.where(
        kind == MEETING, rng.choice([30, 45, 60, 90], number), 3 + rng.poisson(9, number)
    )
    timed = (kind == MEETING) | (kind == CALL)
    end = np.where(timed, touches.when + minutes * 60, MISSING)
    status = np.where(kind == TASK, weighted(rng, (0.7, 0.05, 0.25), number), 0)
    status = np.where((kind == MEETING) & hits(rng, 0.07, number), 1, status)
    done = np.where(
        status == 0, np.where(timed, np.minimum(end, calendar.end - 1), touches.when), -1
    )
    due = touches.when + rng.integers(0, 30, number) * DAY
    thread = touches.person * 1_000 + (touches.when - calendar.start) // (14 * DAY)
    followed = (kind == EMAIL) & (touches.direction == OUT) & hits(rng, 0.5, number)
    lost_account = hits(rng, 0.02, number)
    return pa.table(
        {
            "activity_id": touches.ids(),
            "type": pick(_TYPES, kind),
            "direction": pick(("out", "in", "none"), touches.direction),
            "status": pick(("done", "cancelled", "open"), status.astype(np.int64)),
            "start_at": local(np.where(kind == TASK, MISSING, touches.when)),
            "end_at": local(np.where(timed, np.minimum(end, calendar.end - 1), MISSING)),
            "done_at": local(done),
            "due_on": days(np.where(kind == TASK, due, MISSING)),
            "duration_min": integers(minutes, ~timed | hits(rng, 0.05, number)),
            "subject": pick(_SUBJECTS, rng.integers(0, len(_SUBJECTS), number)),
            "thread_id": ids("TH-", np.where(kind == EMAIL, people.first * 1_000 + thread, -1), 13),
            "owner_id": ids("U-", companies.owner[touches.account], 3),
            "account_id": blank(companies.ids(touches.account), lost_account),
            "person_id": people.ids(touches.person),
            "opportunity_id": deals.ids(touches.deal),
            "followed": pick(
                ("false", "true"), np.where(kind == EMAIL, followed, -1).astype(np.int64)
            ),
            "opens": integers(rng.poisson(1.2, number), ~followed),
            "clicks": integers(rng.poisson(0.3, number), ~followed),
        }
    )


def participants_table(
    rng: np.random.Generator, companies: Companies, people: People, touches: Touches
) -> pa.Table:
    """Who took part: our owner, the customer's person, sometimes one more on either side."""
    place = np.flatnonzero(touches.kind != TASK)
    more = place[hits(rng, 0.3, len(place))]
    ours = place[hits(rng, 0.2, len(place))]
    activity = np.concatenate([place, place, more, ours])
    role = np.repeat(np.arange(4, dtype=np.int64), [len(place), len(place), len(more), len(ours)])
    account = touches.account[activity]
    other = people.of(account, touches.person[activity] - people.start[account] + 1)
    person = np.select([role == 1, role == 2], [touches.person[activity], other], MISSING)
    owner = companies.owner[account]
    user = np.select([role == 0, role == 3], [owner, (owner + 1) % USERS], MISSING)
    inbound = touches.direction[activity] == IN
    starter = np.where(inbound, role == 1, role == 0)
    meeting = touches.kind[activity] == MEETING
    part = np.where(
        meeting, np.where(starter, 3, 4), np.where(starter, 0, np.where(role < 2, 1, 2))
    )
    order = np.lexsort((role, activity))
    numbers = (touches.first + activity)[order]
    return pa.table(
        {
            "activity_id": ids("T-", numbers, 10),
            "person_id": people.ids(person[order]),
            "user_id": ids("U-", user[order], 3),
            "side": pick(("team", "customer"), (user[order] < 0).astype(np.int64)),
            "part": pick(
                ("from", "to", "cc", "organizer", "required"), part[order].astype(np.int64)
            ),
            "attended": pa.array(hits(rng, 0.9, len(order)) | starter[order], mask=~meeting[order]),
        }
    )
