"""Campaigns with their costs and members, and leads passed on by the partner marketplace."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from workbench.data.demo import names
from workbench.data.demo.arrays import (
    DAY,
    MISSING,
    Calendar,
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
    spread,
    weighted,
    written,
)
from workbench.data.demo.companies import Companies, People
from workbench.data.demo.gatherings import (
    CAMPAIGN_OF_GATHERING,
    GATHERINGS,
    Attendance,
    gathering_starts,
)

CAMPAIGNS = 36
_THEMES = (
    "展示会フォローアップ", "Predictive maintenance", "Ersatzteil-Aktion", "新製品発表 🎉",
    "白皮書下載", "Retargeting", "メールマガジン", "Referral bonus", "Fachartikel Ü-Wert",
)  # fmt: skip
_CAMPAIGN_CHANNELS = ("email", "paid_search", "webinar", "display", "social", "event")
_MEMBER_STATUSES = ("Sent", "Opened", "Clicked", "Responded", "Registered", "Attended")


def campaigns_table(rng: np.random.Generator, calendar: Calendar) -> pa.Table:
    """All campaigns: online ones with the numbers 1 to 36, one per in-person event after 100."""
    number = CAMPAIGNS + len(GATHERINGS)
    online = np.arange(number) < CAMPAIGNS
    held = gathering_starts(calendar)
    begin = np.concatenate(
        [spread(rng, calendar.start, calendar.end - 60 * DAY, CAMPAIGNS), held - 60 * DAY]
    )
    end = np.concatenate([begin[:CAMPAIGNS] + 45 * DAY, held + 7 * DAY])
    theme = [
        f"{_THEMES[place % len(_THEMES)]} {place // len(_THEMES) + 1}" for place in range(CAMPAIGNS)
    ]
    budget = rng.integers(20, 400, number) * 10_000
    currency = weighted(rng, (0.7, 0.2, 0.1), number)
    budget = np.where(currency > 0, budget // 150, budget)
    cost = (budget * rng.uniform(0.7, 1.25, number)).astype(np.int64)
    code = np.where(online, np.arange(number) + 1, np.arange(number) - CAMPAIGNS + 101)
    channel = np.where(online, np.arange(number) % 5, 5)
    parent = np.where(online & (np.arange(number) % 6 > 0), np.arange(number) // 6 * 6 + 1, MISSING)
    return pa.table(
        {
            "campaign_id": ids("CMP-", code.astype(np.int64), 3),
            "name": theme + [name for name, _, _ in GATHERINGS],
            "parent_id": ids("CMP-", parent.astype(np.int64), 3),
            "channel": pick(_CAMPAIGN_CHANNELS, channel.astype(np.int64)),
            "status": pick(("Completed",), code * 0),
            "start_on": days(begin),
            "end_on": days(end),
            "budget": integers(budget),
            "actual_cost": integers(cost, hits(rng, 0.08, number)),
            "currency": pick(names.CURRENCIES, currency),
        }
    )


def members_table(
    rng: np.random.Generator, people: People, attendance: Attendance, campaigns: pa.Table,
    calendar: Calendar, first: int,
) -> pa.Table:  # fmt: skip
    """Who was in which campaign; responses carry a date only, as in most CRMs."""
    begin = _days_of(campaigns["start_on"])[:CAMPAIGNS]
    count = rng.poisson(1.6, len(people)).astype(np.int64)
    person, turn = ragged(np.minimum(count, 5))
    shift = rng.integers(0, CAMPAIGNS, len(people))
    campaign = (shift[person] + turn * 7) % CAMPAIGNS
    joined = begin[campaign] * DAY + rng.integers(0, 20, len(person)) * DAY
    responded = hits(rng, 0.28, len(person)) & (joined < calendar.end - 30 * DAY)
    status = np.where(responded, 3, weighted(rng, (0.5, 0.35, 0.15), len(person)))
    place = np.arange(len(people), dtype=np.int64)
    came = attendance.status == 0
    guests = place[attendance.person]
    code = np.concatenate([campaign + 1, attendance.gathering + 1 + CAMPAIGN_OF_GATHERING])
    everyone = np.concatenate([person, guests])
    status = np.concatenate([status, np.where(came, 5, 4)])
    answered = np.concatenate(
        [joined + rng.integers(0, 25, len(joined)) * DAY, attendance.status_at]
    )
    joined = np.concatenate([joined, attendance.status_at - 20 * DAY])
    has = np.concatenate([responded, came])
    number = len(everyone)
    return pa.table(
        {
            "member_id": ids("M-", first + np.arange(number, dtype=np.int64), 9),
            "campaign_id": ids("CMP-", code, 3),
            "person_id": people.ids(everyone),
            "status": pick(_MEMBER_STATUSES, status.astype(np.int64)),
            "has_responded": pick(("FALSE", "TRUE"), has.astype(np.int64)),
            "first_responded_on": days(np.where(has, answered, MISSING)),
            "success": pick(("FALSE", "TRUE"), (has & hits(rng, 0.6, number)).astype(np.int64)),
            "joined_at": local(joined),
        }
    )


def _days_of(column: pa.ChunkedArray) -> Ints:
    return column.cast(pa.int32()).to_numpy().astype(np.int64)


_STATES = (
    ("New", "Received"), ("Active", "Accepted"), ("Closed", "Won"), ("Closed", "Lost"),
    ("Closed", "Declined"), ("Closed", "Expired"),
)  # fmt: skip
_SOURCES = ("AppSource", "AzureMarketplace", "AzurePortal")
_ACTIONS = ("get_it_now", "free_trial", "test_drive", "contact_me", "create")
_ISO = "%Y-%m-%dT%H:%M:%SZ"


def partner_leads_table(
    rng: np.random.Generator, companies: Companies, calendar: Calendar, first: int
) -> pa.Table:
    """Leads of the partner marketplace under its own headers; the company is found by domain."""
    account, _ = ragged(rng.poisson(0.18, len(companies)).astype(np.int64))
    number = len(account)
    offer = hits(rng, 0.65, number)
    action = np.where(offer, weighted(rng, (0.2, 0.2, 0.15, 0.4, 0.05), number), 3)
    created = spread(rng, calendar.start, calendar.end, number)
    expires = created + 14 * DAY
    silent = offer & (action != 3)
    state = weighted(rng, (0.0, 0.2, 0.2, 0.2, 0.15, 0.25), number)
    state = np.where(silent | (expires >= calendar.end), 0, state)
    answered = created + (rng.uniform(0.1, 11, number) * DAY).astype(np.int64)
    accepted = np.isin(state, (1, 2, 3))
    closed = np.where(
        state >= 2, answered + (rng.uniform(1, 60, number) * DAY).astype(np.int64), -1
    )
    closed = np.where(state == 4, answered, np.where(state == 5, expires, closed))
    updated = np.where(accepted, answered, created)
    updated = np.minimum(np.where(closed >= 0, closed, updated), calendar.end - 1)
    given, family, start = names.person_names(rng, companies.locale[account])
    email = join(start, "@", companies.domains.take(pa.array(account)))
    quality = np.where(offer, weighted(rng, (0.55, 0.2, 0.25), number), -1)
    validity = np.where(offer, weighted(rng, (0.7, 0.12, 0.06, 0.12), number), -1)
    phone = np.where(offer, weighted(rng, (0.6, 0.2, 0.2), number), -1)
    worth = integers(rng.integers(10, 300, number) * 50_000, ~accepted)
    return pa.table(
        {
            "LeadId": ids("PL-", first + np.arange(number, dtype=np.int64), 8),
            "EngagementId": ids("EN-", first + np.arange(number, dtype=np.int64), 8),
            "LeadCreationDateTime": _stamp(created),
            "UpdatedDateTime": _stamp(updated),
            "AcceptedDateTime": _stamp(np.where(accepted, answered, -1)),
            "ExpirationDateTime": _stamp(np.where(silent, -1, expires)),
            "LeadType": pick(("Profile", "Offer"), offer.astype(np.int64)),
            "LeadSource": pick(_SOURCES, rng.integers(0, 3, number)),
            "CallToAction": pick(_ACTIONS, action),
            "OfferId": blank(ids("hoshino.offer-", account % 4, 2), ~offer),
            "Qualification": pick(("Direct", "MarketingQualified"), hits(rng, 0.2, number) * 1),
            "Status": pick([a for a, _ in _STATES], state),
            "Substatus": pick([b for _, b in _STATES], state),
            "CustomerName": companies.table_names.take(pa.array(account)),
            "Country": pick(names.COUNTRIES, companies.country[account]),
            "FirstName": given,
            "LastName": family,
            "Email": blank(email, hits(rng, 0.04, number)),
            "EmailValidity": pick(("Valid", "Invalid", "Spam", "Unknown"), validity),
            "Phone": blank(ids("+81 50 0000 ", account % 10_000, 4), hits(rng, 0.3, number)),
            "PhoneValidity": pick(("Valid", "Invalid", "Unknown"), phone),
            "LeadQuality": pick(("High", "Low", None), quality),
            "ContactRequested": pick(("False", "True"), (~offer & hits(rng, 0.5, number)) * 1),
            "DealName": blank(ids("Deal ", first + np.arange(number), 8), ~accepted),
            "DealValue": worth,
            "Currency": blank(pick(("JPY",), account * 0), ~accepted),
            "DeclineReason": pick(
                ("Out of region", "対象外"), np.where(state == 4, account % 2, -1)
            ),
        }
    )


def _stamp(instants: Ints) -> pa.Array:
    moment = pa.array(instants, mask=instants < 0).cast(pa.timestamp("s"))
    return written(moment, _ISO)
