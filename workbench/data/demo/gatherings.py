"""In-person events: who registers, who comes, and the one that causes opportunities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.data.demo.arrays import (
    DAY,
    Calendar,
    Flags,
    Ints,
    hits,
    ids,
    local,
    pick,
    ragged,
    weighted,
)
from workbench.data.demo.companies import Companies, People
from workbench.data.demo.funnel import Journeys
from workbench.data.demo.truths import Truths

GATHERINGS = (
    ("Herbstforum München", "München", 0.06),
    ("ものづくりワールド大阪", "大阪", 0.17),
    ("Open House Nagoya", "名古屋", 0.26),
    ("顧客サミット 東京 2日間", "東京", 0.40),
    ("Taipei 智慧製造展", "臺北", 0.49),
    ("Hannover Messe Abend 🍻", "Hannover", 0.57),
    ("Regional Dinner Chicago", "Chicago", 0.66),
    ("工場見学会 (第3回)", "諏訪", 0.75),
    ("Anwendertag Köln", "Köln", 0.84),
    ("ユーザー会 2026 <春>", "東京", 0.93),
)
_STATUSES = ("attended", "registered", "no_show", "cancelled", "invited", "waitlisted")
CAMPAIGN_OF_GATHERING = 100
"""The campaign of the n-th event (from 1) has this number plus n."""


@dataclass(frozen=True)
class Attendance:
    """One final status per person and event, and what the effective event did per account."""

    gathering: Ints
    account: Ints
    person: Ints
    status: Ints
    status_at: Ints
    caused: Ints
    caused_at: Ints
    attended: int


def gathering_starts(calendar: Calendar) -> Ints:
    """Start of each event: at a fixed share of the months covered, at 10 in the morning."""
    day = np.array([share for _, _, share in GATHERINGS]) * calendar.days
    return calendar.start + day.astype(np.int64) * DAY + 10 * 3_600


def number_of(event_id: str) -> int:
    """Place of an event in the list from its id, ``EV-0004`` being place 3."""
    return int(event_id.split("-")[1]) - 1


def make_attendance(
    rng: np.random.Generator, companies: Companies, people: People, journeys: Journeys,
    calendar: Calendar, truths: Truths, deal_account: Ints, deal_created: Ints,
) -> Attendance:  # fmt: skip
    """Draw who comes; attendees of the effective event without a deal of their own may get one."""
    parts: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []
    caused, caused_at, came = np.empty(0, np.int64), np.empty(0, np.int64), 0
    for place, start in enumerate(gathering_starts(calendar).tolist()):
        event = f"EV-{place + 1:04d}"
        known = (journeys.lead >= 0) & (journeys.lead < start - 7 * DAY)
        big = event in (truths.event_with_effect, truths.event_without_effect)
        share = np.array(truths.attendance_by_tier)[companies.tier] * (1.0 if big else 0.3)
        comes = known & hits(rng, share, len(companies))
        parts.append(_guests(rng, people, place, start, known, comes))
        if event == truths.event_with_effect:
            window = truths.event_window_days * DAY
            near = (deal_created > start) & (deal_created <= start + window)
            without = comes.copy()
            without[deal_account[near]] = False
            caused = np.flatnonzero(without & hits(rng, truths.event_effect, len(companies)))
            wait = rng.uniform(2.0, truths.event_window_days - 2.0, len(caused)) * DAY
            caused_at = start + wait.astype(np.int64)
            came = int(comes.sum())
    gathering, account, person, status, at = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return Attendance(gathering, account, person, status, at, caused, caused_at, came)


def _guests(
    rng: np.random.Generator, people: People, place: int, start: int, known: Flags, comes: Flags
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Rows of one event: one to three people who came, and others who did not."""
    number = len(known)
    came, came_turn = ragged(np.where(comes, rng.integers(1, 4, number), 0))
    missed, missed_turn = ragged((known & hits(rng, 0.12, number)).astype(np.int64))
    account = np.concatenate([came, missed])
    turn = np.concatenate([came_turn, missed_turn + 3])  # nobody has two rows at one event
    status = np.concatenate(
        [np.zeros_like(came), weighted(rng, (0, 0.15, 0.3, 0.2, 0.3, 0.05), len(missed))]
    )
    during = start + rng.integers(0, 3 * 3_600, len(account))
    before = start - (rng.uniform(3, 40, len(account)) * DAY).astype(np.int64)
    at = np.where((status == 0) | (status == 2), during, before)
    return np.full_like(account, place), account, people.of(account, turn), status, at


def attendance_table(rng: np.random.Generator, people: People, attendance: Attendance) -> pa.Table:
    """Attendance as the event tool exports it."""
    registered = attendance.status_at - (rng.uniform(2, 30, len(attendance.account)) * DAY).astype(
        np.int64
    )
    uninvited = attendance.status == _STATUSES.index("invited")
    return pa.table(
        {
            "event_id": ids("EV-", attendance.gathering + 1, 4),
            "person_id": people.ids(attendance.person),
            "status": pick(_STATUSES, attendance.status),
            "status_at": local(attendance.status_at),
            "registered_at": local(np.where(uninvited, -1, registered)),
            "badge_printed": pick(("Yes", "No"), (attendance.status > 0).astype(np.int64)),
        }
    )


def events_table(calendar: Calendar) -> pa.Table:
    """The in-person events themselves."""
    start = gathering_starts(calendar)
    place = np.arange(len(GATHERINGS), dtype=np.int64)
    return pa.table(
        {
            "event_id": ids("EV-", place + 1, 4),
            "name": [name for name, _, _ in GATHERINGS],
            "start_at": local(start),
            "end_at": local(start + 7 * 3_600),
            "place": [town for _, town, _ in GATHERINGS],
            "campaign_id": ids("CMP-", place + 1 + CAMPAIGN_OF_GATHERING, 3),
            "capacity": [80 + 40 * (number % 3) for number in range(len(GATHERINGS))],
        }
    )
