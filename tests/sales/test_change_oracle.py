"""The waterfall beside plain Python over random histories: every bar, and that it adds up."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sales.pipelines import deal, pipeline
from workbench.sales.change import pipeline_change

FIRST = date(2026, 1, 1)
CLOSED = ("Won", "Lost")
RATES = {"EUR": [(-90, 0.8), (5, 0.9), (20, 0.75)], "USD": [(-90, 1.0)]}
PERIODS = (None, (0, 89), (5, 30), (-20, 5))
POLICIES = ("close_date", "latest", "frozen_at_close")


def text(day):
    return (FIRST + timedelta(days=day)).isoformat()


def number(day):
    """Days after 1 January 2026 of a day as text."""
    return (date.fromisoformat(day) - FIRST).days


saves = st.lists(
    st.tuples(
        st.integers(-30, 40),
        st.sampled_from(["S1", "S2", "Won", "Lost", None]),
        st.sampled_from([None, 0.0, 10.0, 99.99, 1234.56]),
        st.sampled_from([None, -20, 5, 30, 100, 200, 320]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda s: s[0],
)
histories = st.lists(
    st.tuples(saves, st.sampled_from(["EUR", "USD"]), st.sampled_from([0, 0, 3, -4])),
    min_size=1,
    max_size=8,
)


def last(rows, place):
    """The value that was named last."""
    found = [row[place] for row in rows if row[place] is not None]
    return found[-1] if found else None


def state(rows, created, day):
    """How a deal stands when a day has ended: (kind, amount, expected, closed on), or None."""
    past = [row for row in rows if row[0] <= day]
    if not past:
        if created > day:
            return None
        return "open", rows[0][2], rows[0][3], None
    stage = last(past, 1)
    kind = {"Won": "won", "Lost": "lost"}.get(stage, "open")
    closed = None
    if kind != "open":
        shown, here = None, None
        for row in past:
            here = row[1] or here
            shown = (row[0] if shown is None else shown) if here in CLOSED else None
        closed = shown
    return kind, last(past, 2), last(past, 3), closed


def rate(currency, policy, seen, day):
    kind, _, expected, closed = seen
    on = day
    if policy == "close_date":
        on = closed if kind != "open" else day if expected is None else expected
    elif policy == "frozen_at_close" and kind != "open":
        on = min(closed, day)
    known = [value for begins, value in RATES[currency] if begins <= on]
    return 1 / known[-1] if known else None


def cents(amount, factor):
    return round((amount or 0) * (factor or 0) * 100)


def inside(period, seen):
    if period is None:
        return True
    due = seen[2]
    if due is None and seen[0] != "open":
        due = seen[3]
    return due is not None and period[0] <= due <= period[1]


def waterfall(deals, since, until, period, policy):
    """Bars in cents, one deal after the other."""
    bars = dict.fromkeys(
        ["start", "new", "moved_in", "reopened", "increased", "decreased", "moved_out", "won",
         "lost", "fx", "end"], 0,
    )  # fmt: skip
    for rows, currency, shift in deals:
        rows = sorted(rows)
        created = rows[0][0] + min(shift, 0)
        a, b = state(rows, created, since - 1), state(rows, created, until)
        if b is None:
            continue
        fa, fb = (
            rate(currency, policy, a, since - 1) if a else None,
            rate(currency, policy, b, until),
        )
        first, final = cents(a[1], fa) if a else 0, cents(b[1], fb)
        closed_since = b[0] != "open" and (not a or a[0] == "open" or b[3] >= since)
        if a and a[0] == "open" and inside(period, a):
            bars["start"] += first
            if b[0] == "open" and not inside(period, b):
                bars["moved_out"] += first
                continue
            factor = fb if fa is None else fa
            change = final - first if fa == fb else cents((b[1] or 0) - (a[1] or 0), factor)
            bars["increased" if change > 0 else "decreased"] += abs(change)
            bars["fx"] += final - first - change
        elif inside(period, b) and (b[0] == "open" or closed_since):
            entry = "new" if not a else "moved_in" if a[0] == "open" else "reopened"
            bars[entry] += final
        else:
            continue
        bars["end" if b[0] == "open" else b[0]] += final
    return bars


def table(key, rows, currency, shift):
    rows = sorted(rows)
    stage, when = last(rows, 1), state(rows, -99, 99)[3]
    closed = {"closed": text(when)} if when is not None else {}
    due = last(rows, 3)
    return deal(
        key, stage or "S1", text(rows[0][0] + min(shift, 0)), amount=last(rows, 2),
        currency=currency, expected_close_on=None if due is None else text(due), **closed,
    )  # fmt: skip


def world(deals, policy, order):
    rates = pd.DataFrame(
        [(c, text(day), value) for c, known in RATES.items() for day, value in known],
        columns=["currency", "valid_from", "rate"],
    )
    told = [
        (f"o{n}", text(at), stage,
         {"amount": amount, "expected_close_on": None if due is None else text(due)})
        for n, (rows, _, _) in enumerate(deals)
        for at, stage, amount, due in rows
    ]  # fmt: skip
    return pipeline(
        [table(f"o{n}", *given) for n, given in enumerate(deals)],
        sorted(told, key=lambda row: hash((row[0], row[1], order))),
        settings={"currency": {"reporting": "USD", "policy": policy}},
        fx_rates=rates,
        as_of=text(60),
    )


@settings(max_examples=18, suppress_health_check=list(HealthCheck))
@given(
    deals=histories,
    spans=st.lists(
        st.tuples(st.integers(-10, 15), st.integers(1, 30), st.sampled_from(PERIODS)),
        min_size=3,
        max_size=3,
    ),
    policy=st.sampled_from(POLICIES),
)
def test_every_bar_is_that_of_plain_python_and_they_add_up(deals, spans, policy):
    ws = world(deals, policy, spans[0][0])
    for since, length, period in spans:
        until = since + length
        result = pipeline_change(
            ws,
            since=text(since),
            until=text(until),
            period=None if period is None else f"{text(period[0])}..{text(period[1])}",
        )
        found = {bar: round(amount * 100) for bar, amount in result.bars["amount"].items()}
        assert found.pop("deleted") == 0
        assert found == waterfall(deals, since, until, period, policy)
        assert_adds_up(result, found)


def assert_adds_up(result, found):
    """Bars to the end, deals to each bar, parts to each bar."""
    assert round(result.bars["effect"].drop("end").sum() * 100) == found["end"]
    for bar, cents_of_bar in found.items():
        members = result.members(bar)
        assert len(members) == result.bars.loc[bar, "deals"]
        assert round(members["amount"].sum() * 100) == cents_of_bar
    for bar, amount in result.parts.groupby("bar")["amount"].sum().items():
        assert round(amount * 100) == found[bar]
