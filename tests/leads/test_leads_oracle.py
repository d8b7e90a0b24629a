"""Stages, clocks and KPIs against a slow count that takes one lead after the other."""

from __future__ import annotations

import calendar
import random
from datetime import UTC, datetime, timedelta
from statistics import median

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.leads.worlds import frame, lead
from workbench.leads.states import kept_until
from workbench.vocabulary.periods import microseconds_of

START = datetime(2024, 1, 1, tzinfo=UTC)
KINDS = ("profile", "contact_me", "get_it_now", "create")
HOURS = st.integers(0, 24 * 40)
ENDS = (None, "Won", "Lost", "Declined", "Expired")


@st.composite
def rows(draw):
    """Leads whose instants come in the order of a life cycle, at whole hours."""
    out = []
    for n in range(draw(st.integers(1, 20))):
        created = START + timedelta(hours=draw(HOURS))
        more = {
            "contact_requested": draw(st.booleans()),
            "qualification": draw(st.sampled_from(["direct", "marketing", None])),
            "source": draw(st.sampled_from(["AppSource", "AzurePortal", None])),
            "quality": draw(st.sampled_from(["high", "low", None])),
            "status": "New",
        }
        if draw(st.booleans()):
            more["expires_at"] = created + timedelta(hours=draw(st.integers(1, 500)))
        taken = created + timedelta(hours=draw(st.integers(0, 400)))
        if draw(st.booleans()):
            more |= {"accepted_at": taken, "status": "Active"}
        end = draw(st.sampled_from(ENDS))
        if end and (end != "Declined" or "accepted_at" not in more):
            closed = taken + timedelta(hours=draw(st.integers(0, 300)))
            more |= {"closed_at": closed, "status": "Closed", "substatus": end}
        out.append({**lead(f"L{n}", "01-01", draw(st.sampled_from(KINDS)), **more),
                    "created_at": created})  # fmt: skip
    return out


def six_months_later(instant: datetime) -> datetime:
    year, month = instant.year + (instant.month + 5) // 12, (instant.month + 5) % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return instant.replace(year=year, month=month, day=min(instant.day, last))


def slow(row: dict, now: datetime, mode: str) -> dict | None:
    """One lead, as the rules are told."""
    created = row["created_at"]
    if created > now:
        return None
    qualified = row["qualification"] == "marketing"
    if row["lead_type"] == "offer" and row["call_to_action"] != "contact_me" and not qualified:
        aged = now >= six_months_later(created)
        return {"stage": "aged_out" if aged else "available", "actionable": False}
    begin = created
    if mode == "utc_midnight":
        begin = created.replace(hour=0, minute=0, second=0, microsecond=0)
    expires = row.get("expires_at") or begin + timedelta(days=14)
    taken, closed = row.get("accepted_at"), row.get("closed_at")
    end = (row.get("substatus") or "").lower()
    if end in ("won", "lost", "declined") and closed <= now:
        stage = end
    elif taken and taken <= now:
        stage = "accepted"
    elif now >= expires or (end == "expired" and closed <= now):
        stage = "expired"
    else:
        stage = "received"
    alert = None
    if stage == "received" and row["contact_requested"]:
        alert = "hot" if now - created < timedelta(hours=72) else "warm"
    left = expires - now
    response = None
    if stage in ("accepted", "won", "lost") and taken and taken <= now:
        response = (taken - created).total_seconds() / 3600
    elif stage == "declined":
        response = (closed - created).total_seconds() / 3600
    return {
        "stage": stage, "actionable": True, "alert": alert, "expires": expires,
        "due": stage == "received" and timedelta(0) < left <= timedelta(hours=48),
        "response": response,
    }  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(rows(), st.integers(0, 24 * 250), st.sampled_from(["exact", "utc_midnight"]), st.randoms())
def test_each_lead_stands_where_the_slow_count_says(leads, hours, mode, chance: random.Random):
    leads = leads or [lead("only", "01-01", qualification="direct", contact_requested=False)]
    now = START + timedelta(hours=hours)
    expected = {row["lead_id"]: slow(row, now, mode) for row in leads}
    expected = {key: value for key, value in expected.items() if value}
    shuffled = list(leads)
    chance.shuffle(shuffled)
    ws = wb.from_frames(partner_leads=frame(shuffled))
    found = wb.partner_leads(ws, as_of=now, expiry=mode)
    assert set(found.frame["lead_id"]) == set(expected)
    for line in found.frame.to_dict("records"):
        told = expected[line["lead_id"]]
        assert line["stage"] == told["stage"]
        if told["actionable"]:
            assert (line["alert"] if isinstance(line["alert"], str) else None) == told["alert"]
            assert line["due_soon"] == told["due"]
            assert line["expires_at"] == told["expires"]
            assert (line["response_hours"] if line["response_hours"] >= 0 else None) == told[
                "response"
            ]
    assert_funnel(wb.lead_funnel(ws, as_of=now, expiry=mode, by="source"), expected)


def assert_funnel(funnel, expected) -> None:
    asked = [told for told in expected.values() if told["actionable"]]
    stages = [told["stage"] for told in asked]
    line = funnel.frame.iloc[0]
    accepted = sum(stage in ("accepted", "won", "lost") for stage in stages)
    assert line["received"] == len(asked)
    assert line["accepted"] == accepted
    for name in ("declined", "expired", "won", "lost"):
        assert line[name] == stages.count(name)
    assert line["open"] == stages.count("received")
    assert line["received"] == line["resolved"] + line["open"]
    times = [told["response"] for told in asked if told["response"] is not None]
    assert line["timed"] == len(times)
    if times:
        assert line["median_hours"] == median(times)
        assert line["within"] == sum(time <= 72 for time in times)
    counts = ["received", "accepted", "declined", "expired", "open", "won", "lost", "spam"]
    groups = funnel.frame.iloc[1:]
    assert groups[counts].sum().tolist() == line[counts].tolist()


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)))
def test_six_months_are_calendar_months(naive):
    instant = naive.replace(tzinfo=UTC)
    found = kept_until(np.array([microseconds_of(instant)]))[0]
    assert found == microseconds_of(six_months_later(instant))


@settings(max_examples=5, deadline=None)
@given(rows())
def test_resolved_leads_only_grow_with_time(leads):
    ws = wb.from_frames(partner_leads=frame([lead("first", "01-01"), *leads]))
    days = [START + timedelta(days=n) for n in range(0, 80, 8)]
    resolved = [wb.lead_funnel(ws, as_of=day).frame.iloc[0]["resolved"] for day in days]
    assert resolved == sorted(resolved)
