"""Measures of visits beside slow, obvious counts; rows in any order."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.sales.kpi_worlds import accounts, kpi, visit, world
from tests.sales.pipelines import deal
from workbench.sales.kpis.measured import months_before

TODAY = date(2026, 5, 31)
REPS = ["U1", "U2", "U4"]
ACCOUNTS = {"A1": "A", "A2": "B", "A3": "C", "A4": None}
DAYS = st.dates(date(2026, 1, 1), TODAY)
VISITS = st.lists(
    st.tuples(st.sampled_from([*ACCOUNTS, None]), DAYS, st.sets(st.sampled_from(REPS))),
    min_size=1, max_size=14,
)  # fmt: skip
STAFF = pd.DataFrame({"user_id": REPS, "name": REPS, "team": ["E", "E", "W"], "is_active": True})
PERIODS = {
    "month": (date(2026, 5, 1), date(2026, 6, 1)),
    "quarter": (date(2026, 4, 1), date(2026, 7, 1)),
    "year": (date(2026, 1, 1), date(2027, 1, 1)),
}


def opened(drawn, random, deals=(), start="mon", created=None):
    made = [visit(n, a, d.isoformat(), *sorted(u)) for n, (a, d, u) in enumerate(drawn)]
    random.shuffle(made)
    known = accounts(**ACCOUNTS)
    if created:
        known["created_at"] = pd.to_datetime(created, utc=True)
    owned = [deal(f"o{u}", owner_id=u, account="none", created="2025-01-01") for u in REPS]
    return world([*owned, *deals], made, known=known, users=STAFF,
                 as_of=TODAY.isoformat(), settings={"week_start": start})  # fmt: skip


@settings(max_examples=10)
@given(
    VISITS, st.sampled_from(list(PERIODS)), st.sampled_from(["mon", "sun"]),
    st.lists(DAYS, min_size=4, max_size=4), st.integers(1, 5),
    st.dictionaries(st.sampled_from(list(ACCOUNTS)), DAYS), st.randoms(use_true_random=False),
)  # fmt: skip
def test_visits(drawn, period, start, created, months, won, random):
    deals = [deal(f"w{a}", "Won", "2025-01-01", account=a, closed=d.isoformat())
             for a, d in won.items()]  # fmt: skip
    ws = opened(drawn, random, deals, start=start, created=[d.isoformat() for d in created])
    joint_visits(ws, drawn, period)
    account_weeks(ws, drawn, period, start, created)
    long_unvisited(ws, drawn, months)
    visits_to_customers(ws, drawn, period, won)


def joint_visits(ws, drawn, period):
    first, after = PERIODS[period]
    inside = [(a, d, u) for a, d, u in drawn if first <= d < after]
    each = {rep: sum(rep in u for _, _, u in inside) for rep in REPS}
    definitions = [kpi({"measure": "visits"}, period=period),
                   kpi({"measure": "visits_per_rep"}, kpi_id="rep", period=period)]  # fmt: skip
    frame = wb.kpis(ws, by="owner", definitions=definitions, trend=1).frame
    values = {(line.kpi_id, line.group): line.value for line in frame.itertuples()}
    assert values["k", ""] == len(inside)
    assert all(values.get(("k", rep), 0) == each[rep] for rep in REPS)
    assert values["rep", ""] * len(REPS) == pytest.approx(sum(each.values()))
    assert all(values["rep", rep] == each[rep] for rep in REPS)
    teams = wb.kpis(ws, by="team", definitions=definitions, trend=1).frame
    east = teams[(teams["group"] == "E") & (teams["kpi_id"] == "k")]["value"]
    assert east.sum() == sum(bool(u & {"U1", "U2"}) for _, _, u in inside)


def account_weeks(ws, drawn, period, start, created):
    first, after = PERIODS[period]
    week = first
    while week.weekday() != (0 if start == "mon" else 6):
        week += timedelta(days=1)
    visited = total = 0
    while week + timedelta(days=7) <= min(after, TODAY + timedelta(days=1)):
        days = {week + timedelta(days=n) for n in range(7)}
        for (account, rank), born in zip(ACCOUNTS.items(), created, strict=True):
            if rank in ("A", "B") and born <= week:
                total += 1
                visited += any(a == account and d in days for a, d, _ in drawn)
        week += timedelta(days=7)
    source = {"measure": "accounts_visited_weekly"}
    line = wb.kpis(ws, definitions=[kpi(source, period=period)], trend=1).frame.iloc[0]
    assert (line.numerator, line.denominator if total else 0) == (visited, total)


def long_unvisited(ws, drawn, months):
    source = {"measure": "unvisited_accounts", "months": months}
    month = TODAY.month - months
    year, month = (TODAY.year, month) if month > 0 else (TODAY.year - 1, month + 12)
    edge = date(year, month, min(TODAY.day, monthrange(year, month)[1]))
    last = {a: max((d for b, d, _ in drawn if a == b), default=None) for a in ACCOUNTS}
    result = wb.kpis(ws, definitions=[kpi(source, direction="down")], trend=1)
    old = {a for a, d in last.items() if d is not None and d <= edge}
    assert result.frame["value"].iloc[0] == len(old)
    assert set(result.members("k")["record_id"]) == old
    never = {a for a, d in last.items() if d is None}
    assert set(result.members("k", what="apart")["record_id"]) == never


def visits_to_customers(ws, drawn, period, won):
    first, after = PERIODS[period]
    inside = [(a, d) for a, d, _ in drawn if a is not None and first <= d < after]
    customer = [won.get(a, TODAY) < d for a, d in inside]
    source = {"measure": "customer_visit_share"}
    line = wb.kpis(ws, definitions=[kpi(source, period=period)], trend=1).frame.iloc[0]
    assert (line.numerator if inside else 0) == sum(customer)
    assert (line.denominator if inside else 0) == len(inside)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 60))
def test_months_back_never_leave_the_month_they_are_meant_for(day, months):
    found = months_before(day, months)
    assert (day.year * 12 + day.month) - (found.year * 12 + found.month) == months
    assert found.day == min(day.day, monthrange(found.year, found.month)[1])
    assert months_before(found, -months).replace(day=1) == day.replace(day=1)
