"""Web and content events: sessions of pages and contents, and the completed lead forms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from workbench.data.demo.arrays import (
    DAY,
    MISSING,
    Calendar,
    Floats,
    Ints,
    hits,
    ids,
    integers,
    office_hours,
    pick,
    ragged,
    spread,
    utc,
    weighted,
)
from workbench.data.demo.companies import Companies, People
from workbench.data.demo.funnel import Journeys
from workbench.data.demo.truths import Truths

CONTENT = ("blog", "whitepaper", "webinar", "case_study", "video", "demo", "pricing")
_CONTENT_SHARES = (0.30, 0.16, 0.12, 0.14, 0.10, 0.08, 0.10)
_CONTENT_EVENTS = (
    "content_viewed", "content_downloaded", "webinar_watched", "content_viewed", "video_played",
    "demo_viewed", "pricing_viewed",
)  # fmt: skip
_EVENTS = (*_CONTENT_EVENTS, "page_viewed", "lead_form_started", "lead_form_completed")
PAGE, STARTED, COMPLETED = 7, 8, 9
_PAGES = (
    "/blog/予知保全の始め方", "/library/whitepaper-42", "/webinar/herbst", "/kunden/fallstudie",
    "/video/einführung", "/demo", "/pricing", "/", "/kontakt", "/kontakt/danke",
)  # fmt: skip
_MORE_PAGES = (
    "/",
    "/products/linewatch",
    "/produkte/ersatzteile",
    "/会社概要",
    "/blog?utm=✨",
    "/faq",
)
_CHANNELS = ("organic_search", "paid_search", "email", "direct", "referral", "social", "display")
_CHANNEL_SHARES = (0.27, 0.15, 0.17, 0.2, 0.08, 0.07, 0.06)
_DEVICES = ("desktop", "mobile", "tablet")
NAMELESS, UNKNOWN = 0.30, 0.02
"""Share of sessions without a form that know no person, and of those, no account either."""
MEAN_ROWS = 4.0
MOST_ROWS = 14


@dataclass(frozen=True)
class Sessions:
    """Sessions of a block: whose, when, how many rows, and whether they end in a form."""

    account: Ints
    person: Ints
    start: Ints
    rows: Ints
    form: Ints


def make_sessions(
    rng: np.random.Generator, companies: Companies, people: People, journeys: Journeys,
    calendar: Calendar, forms: tuple[Ints, Ints], wanted: int,
) -> Sessions:  # fmt: skip
    """As many sessions as give about `wanted` rows, the forms among them in any case."""
    form_account, form_at = forms
    form_rows = 3 + weighted(rng, (0.5, 0.3, 0.2), len(form_account))
    room = max(int(wanted - form_rows.sum()), 0)
    rows = _sizes(rng, room)
    number = len(rows)
    habit = np.array([0.5, 1.0, 2.0])[companies.tier] * np.exp(rng.normal(0, 0.25, len(companies)))
    account = weighted(rng, habit, number)
    anywhere = spread(rng, calendar.start, calendar.end, number)
    around = journeys.known_from[account] + (rng.uniform(-60, 240, number) * DAY).astype(np.int64)
    inside = (around >= calendar.start) & (around < calendar.end) & hits(rng, 0.45, number)
    start = office_hours(rng, np.where(inside, around, anywhere)) + rng.integers(0, 60, number)
    latest = calendar.end - MOST_ROWS * 400
    start = np.clip(start, calendar.start, latest)
    turn = (rng.random(number + len(form_account)) ** 2 * 6).astype(np.int64)
    everyone = np.concatenate([account, form_account])
    return Sessions(
        account=everyone,
        person=people.of(everyone, turn),
        start=np.concatenate([start, form_at]),
        rows=np.concatenate([rows, form_rows]),
        form=np.repeat(np.array([0, 1], dtype=np.int64), [number, len(form_account)]),
    )


def _sizes(rng: np.random.Generator, room: int) -> Ints:
    """Rows of sessions, exactly `room` in all."""
    drawn = rng.geometric(1 / MEAN_ROWS, int(room / MEAN_ROWS * 1.1) + 20)
    rows = np.minimum(drawn, MOST_ROWS).astype(np.int64)
    before = np.cumsum(rows) - rows
    return np.minimum(rows, np.maximum(room - before, 0))[before < room]


def contents(
    rng: np.random.Generator, sessions: Sessions, truths: Truths
) -> tuple[Ints, Ints, Ints]:
    """Session, position and kind of each row: a content type, a page, or a form step.

    A chain walks over the contents of a session; pages between them do not disturb it.
    """
    owner, position = ragged(sessions.rows)
    left = sessions.rows[owner] - position
    is_page = hits(rng, 0.35, len(owner))
    in_form = (sessions.form[owner] == 1) & (left <= 3)
    kind = np.where(is_page, PAGE, 0)
    kind = np.where(in_form, np.array([COMPLETED, STARTED, PAGE])[np.minimum(left, 3) - 1], kind)
    edges = np.cumsum(_chain(truths), axis=1)
    state = np.full(len(sessions.rows), MISSING, dtype=np.int64)
    order = np.argsort(position, kind="stable")
    bounds = np.searchsorted(position[order], np.arange(MOST_ROWS + 4))
    for step in range(len(bounds) - 1):
        rows = order[bounds[step] : bounds[step + 1]]
        rows = rows[kind[rows] == 0]
        before = state[owner[rows]]
        first = weighted(rng, _CONTENT_SHARES, len(rows))
        following = (rng.random(len(rows))[:, None] > edges[before]).sum(axis=1)
        chosen = np.where(before < 0, first, np.minimum(following, len(CONTENT) - 1))
        kind[rows] = chosen
        state[owner[rows]] = chosen
    return owner, position, kind


def _chain(truths: Truths) -> Floats:
    """Probabilities of the next content; never the same twice in a row."""
    size = len(CONTENT)
    source, target = CONTENT.index(truths.flow_from), CONTENT.index(truths.flow_to)
    chain = np.tile(np.array(_CONTENT_SHARES), (size, 1))
    np.fill_diagonal(chain, 0.0)
    chain[:, target] = 0.0
    for row in range(size):
        share = truths.flow_share if row == source else truths.flow_share_other
        share = 0.0 if row == target else share
        chain[row] *= (1.0 - share) / chain[row].sum()
        chain[row, target] = share
    return chain


def web_table(
    rng: np.random.Generator, companies: Companies, people: People, sessions: Sessions,
    calendar: Calendar, truths: Truths, *, first: int, first_session: int,
) -> pa.Table:  # fmt: skip
    """The rows of all sessions in order of time; some know no person, a few no account either."""
    owner, position, kind = contents(rng, sessions, truths)
    number = len(owner)
    gap = np.where(hits(rng, 0.03, number), 0, rng.integers(5, 360, number))
    gap[position == 0] = 0
    total = np.cumsum(gap)
    since = total - total[np.cumsum(sessions.rows)[owner] - sessions.rows[owner]]
    # a form session is dated by its form: the rows before it lie before
    last = total[np.cumsum(sessions.rows)[owner] - 1] - total
    form = sessions.form[owner] == 1
    when = sessions.start[owner] + np.where(form, -last, since)
    order = np.argsort(when, kind="stable")
    owner, position, kind, when, form = (
        owner[order], position[order], kind[order], when[order], form[order]
    )  # fmt: skip
    anonymous = hits(rng, NAMELESS, len(sessions.rows)) & (sessions.form == 0)
    lost = hits(rng, UNKNOWN, len(sessions.rows)) & anonymous
    account = companies.ids(np.where(lost, MISSING, sessions.account))
    person = people.ids(np.where(anonymous, MISSING, sessions.person))
    names = ids("S-", first_session + np.arange(len(sessions.rows), dtype=np.int64), 10)
    channel = weighted(rng, _CHANNEL_SHARES, len(sessions.rows))
    campaign = np.where((channel == 1) | (channel == 2), rng.integers(1, 37, len(channel)), -1)
    device = weighted(rng, (0.7, 0.25, 0.05), len(sessions.rows))
    content = np.where(kind < PAGE, kind, MISSING)
    extra = np.where(kind == PAGE, len(_PAGES) + rng.integers(0, len(_MORE_PAGES), number), kind)
    whose = pa.array(owner)
    return pa.table(
        {
            "event_id": ids("W-", first + np.arange(number, dtype=np.int64), 10),
            "occurred_at": utc(when),
            "event": pick(_EVENTS, kind),
            "account_id": account.take(whose),
            "person_id": person.take(whose),
            "session_id": names.take(whose),
            "sequence_no": integers(position + 1),
            "page": pick((*_PAGES, *_MORE_PAGES), extra),
            "content_type": pick(CONTENT, content),
            "channel": pick(_CHANNELS, channel[owner]),
            "campaign_id": ids("CMP-", campaign, 3).take(whose),
            "device": pick(_DEVICES, device[owner]),
            "seconds_on_page": integers(
                rng.integers(3, 600, number), missing=hits(rng, 0.1, number)
            ),
            "is_returning": pa.array(position > 0),
        }
    )
