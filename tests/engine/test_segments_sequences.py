"""Sequences of a segment by hand: parts, value basis, limits, groups and exclusions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worlds import START, store_of
from workbench.engine.masks import Marker
from workbench.engine.months import clock_of, months_later
from workbench.engine.segments import evidence, segment_rows
from workbench.errors import AbsentError, ArgumentError
from workbench.vocabulary.conditions import condition_from
from workbench.vocabulary.periods import microseconds_of
from workbench.vocabulary.segments import segment
from workbench.vocabulary.steps import step


def marker_of(events: str, hours=None, others: str = "", **columns) -> Marker:
    """One account whose rows carry one event each, an hour apart; others only name events."""
    names = events.split()
    rows = [
        {
            "account_id": "A",
            "occurred_at": START + timedelta(hours=n if hours is None else hours[n]),
            "event": name,
            "row": str(n + 1),
            **{key: values[n] for key, values in columns.items()},
        }
        for n, name in enumerate(names)
    ]
    rows += [{**rows[0], "account_id": f"of {name}", "event": name} for name in others.split()]
    return Marker(store_of(rows))


def kept(marker: Marker, asked) -> list[int]:
    """Numbers of the rows of account A that a segment keeps."""
    rows = np.flatnonzero(segment_rows(marker, asked))
    accounts = marker.store.values_at("account_id", rows)
    numbers = marker.store.values_at("row", rows)
    return sorted(int(n) for n, account in zip(numbers, accounts, strict=True) if account == "A")


def passes(events: str, hours=None, **options) -> bool:
    return bool(kept(marker_of(events, hours, "a b x y"), segment("S", **options)))


@pytest.mark.parametrize(
    ("events", "part", "expected"),
    [
        ("K M X W Y", "before", [1, 2]),
        ("K M X W Y", "after", [4, 5]),
        ("M W M X W D W", "before", [1, 2, 3]),
        ("M W M X W D W", "after", [2, 3, 4, 5, 6, 7]),
    ],
)
def test_sequence_parts_of_the_specification(events, part, expected):
    asked = segment("S", steps=["M", "W"], part=part)
    assert kept(marker_of(events), asked) == expected


def test_a_part_keeps_what_has_no_order_against_its_border():
    marker = marker_of("K M X W Y", hours=[0, 1, 1, 2, 2])
    assert kept(marker, segment("S", steps=["M", "W"], part="before")) == [1, 2, 3]
    assert kept(marker, segment("S", steps=["M", "W"], part="after")) == [4, 5]


CHANNELS = ["Webinar", "Email", "Webinar", None, "Webinar", "Paid"]


@pytest.mark.parametrize(
    ("basis", "expected"),
    [("repeating", [1, 3, 4, 5]), ("instance", [1, 3, 5]), ("non_repeating", [1, 3])],
)
def test_the_value_basis_of_the_specification(basis, expected):
    marker = marker_of("a a a a a a", channel=CHANNELS)
    where = {"channel": {"=": "Webinar", "basis": basis}}
    assert kept(marker, segment("S", scope="event", where=where)) == expected


def test_a_value_lasts_inside_its_container_and_the_period():
    people = ["p", "q", "p", "q", "p", None]
    marker = marker_of("a a a a a a", channel=["x", None, None, "y", "x", None], person_id=people)
    lasting = {"channel": {"=": "x", "basis": "repeating", "per": "person"}}
    fresh = {"channel": {"=": "x", "basis": "non_repeating", "per": "person"}}
    missing = {"channel": {"exists": False, "basis": "repeating", "per": "person"}}
    assert marker.rows(condition_from(lasting)).tolist() == [1, 0, 1, 0, 1, 0]
    assert marker.rows(condition_from(fresh)).tolist() == [1, 0, 0, 0, 0, 0]
    assert marker.rows(condition_from(missing)).tolist() == [0, 1, 0, 0, 0, 1]
    later = Marker(marker.store, start=microseconds_of(START + timedelta(hours=1)))
    assert later.rows(condition_from(lasting)).tolist() == [1, 0, 0, 0, 1, 0]
    for field, sentence in (("amount", "neither last nor repeat"), ("industri", "cannot be used")):
        numbers = marker_of("a", amount=[1.0])
        with pytest.raises(ArgumentError, match=sentence):
            numbers.rows(condition_from({field: {"=": 1, "basis": "repeating"}}))


@pytest.mark.parametrize(
    ("events", "options", "expected"),
    [
        # Within and after, in time and in events; both bounds are inside.
        ("a x b", {"steps": ["a", step("b", within="2h")]}, True),
        ("a x b", {"steps": ["a", step("b", within="1h")]}, False),
        ("a x b", {"steps": ["a", step("b", after="2h", within="2h")]}, True),
        ("a x b", {"steps": ["a", step("b", within="1 event")]}, False),
        ("a a b", {"steps": ["a", step("b", within="1 event")]}, True),
        ("a x b", {"steps": ["a", step("b", after="2 events")]}, True),
        ("a b x", {"steps": ["a", step("b", after="2 events")]}, False),
        ("a b x b", {"steps": ["a", step("b", within=["3h", "3 events"], after="2h")]}, True),
        # Exclusion between, at the start and at the end.
        ("a x b", {"steps": ["a", step("b", without="x")]}, False),
        ("a x a b", {"steps": ["a", step("b", without="x")]}, True),
        ("x a b", {"steps": [step("a", without="x"), "b"]}, False),
        ("x a b", {"steps": ["a", "b"], "without_before": "x"}, False),
        ("a x b", {"steps": ["a", "b"], "without_before": "x"}, True),
        ("a x a", {"steps": ["a"], "without_after": "x"}, False),
        ("a x a", {"steps": ["a"], "without_after": "x", "anchor": "last"}, True),
        ("x a", {"steps": ["a"], "without_after": "x"}, True),
        # Exclude (AND) is not both, exclude (OR) is neither.
        ("a x b y", {"steps": ["a", step("b", without={"each": ["x", "y"]})]}, True),
        ("a x y b", {"steps": ["a", step("b", without={"each": ["x", "y"]})]}, False),
        ("a x b y", {"steps": ["a", step("b", without={"event": ["x", "y"]})]}, False),
        # A group: any order, all of it between its neighbours.
        ("a y x b", {"steps": ["a", step(where={"each": ["x", "y"]}), "b"]}, True),
        ("x a y b", {"steps": ["a", step(where={"each": ["x", "y"]}), "b"]}, False),
        ("a y b x", {"steps": ["a", step(where={"each": ["x", "y"]}), "b"]}, False),
        (
            "a y x b",
            {"steps": ["a", step(where={"each": ["x", "y"]}, within="1h"), step("b", within="1h")]},
            True,
        ),
        ("a y x", {"steps": ["a", step(where={"each": ["x", "y"]}, after="2h")]}, False),
        # One row may serve several conditions of a group, but not of two steps.
        ("a x", {"steps": ["a", step(where={"each": ["x", {"event": ["x", "y"]}]})]}, True),
        ("a x", {"steps": ["a", "x", {"event": ["x", "y"]}]}, False),
        ("a b a", {"steps": ["a", "b", "a"], "total_within": "2h"}, True),
        ("a b x a", {"steps": ["a", "b", "a"], "total_within": "2h"}, False),
    ],
)
def test_links_exclusions_and_groups(events, options, expected):
    assert passes(events, **options) is expected


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"within": "1 session"}, True),
        ({"within": "0 sessions"}, False),
        ({"after": "1 session"}, True),
        ({"after": "2 sessions"}, False),
        ({"within": "1 value of page"}, False),
        ({"within": "2 values of page"}, True),
        ({"after": "2 values of page"}, True),
        ({"after": "3 values of page"}, False),
    ],
)
def test_limits_in_sessions_and_values(limit, expected):
    marker = marker_of(
        "a x x b",
        session_id=["s", "s", None, "t"],
        page=["home", "docs", None, "home"],
        others="a b x",
    )
    assert bool(kept(marker, segment("S", steps=["a", step("b", **limit)]))) is expected


def test_calendar_months_are_not_thirty_days():
    hours = [0, 24 * 31, 24 * 31 + 1]  # 1 January, 1 February, an hour later
    for limit, expected in (("1 month", True), ("30d", False), ("1 year", True)):
        asked = ["a", step("b", within=limit)]
        assert passes("a b x", hours, steps=asked) is expected
        assert passes("a x b", hours, steps=asked) is (limit == "1 year")
        total = {"steps": ["a", "b"], "total_within": limit}
        assert passes("a b x", hours, **total) is expected
    assert passes("a b x", hours, steps=["a", step("b", after="1 month")])
    assert not passes("a b x", hours, steps=["a", step("b", after="2 months")])


@pytest.mark.parametrize(
    ("zone", "instant", "months", "expected"),
    [
        ("UTC", "2026-03-31T10:00", -13, "2025-02-28T10:00"),
        ("UTC", "2024-02-29T00:00", 12, "2025-02-28T00:00"),
        ("UTC", "2026-01-31T00:00", 1, "2026-02-28T00:00"),
        ("Asia/Tokyo", "2026-01-30T16:00", 1, "2026-02-27T16:00"),  # 31 January there
        # 09:00 stays 09:00 when the clocks of Berlin go forward.
        ("Europe/Berlin", "2026-03-01T08:00", 1, "2026-04-01T07:00"),
        # 02:30 on 29 March 2026 is left out there; the clock already stands at 03:30.
        ("Europe/Berlin", "2026-02-28T01:30", 1, "2026-03-28T01:30"),
        ("Europe/Berlin", "2026-01-29T01:30", 2, "2026-03-29T01:30"),
        # 02:30 on 25 October 2026 comes twice; the first one counts.
        ("Europe/Berlin", "2026-09-25T00:30", 1, "2026-10-25T00:30"),
    ],
)
def test_months_later_on_the_clock_of_a_zone(zone, instant, months, expected):
    moment = microseconds_of(datetime.fromisoformat(instant).replace(tzinfo=UTC))
    clock = clock_of(zone, moment - 10**15, moment + 10**15)
    later = datetime.fromtimestamp(months_later(moment, months, clock) / 1e6, UTC)
    assert later == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@given(st.integers(-(10**15), 4 * 10**15), st.integers(-400, 400))
def test_months_later_as_pandas_counts_them(moment, months):
    clock = clock_of("UTC", moment, moment)
    expected = pd.Timestamp(moment, unit="us") + pd.DateOffset(months=months)
    assert months_later(moment, months, clock) == expected.value // 1_000


def sessions(*rows) -> Marker:
    """Rows are (hour, session, person, event) of one account; another account names all events."""
    made = [
        {
            "account_id": "A", "session_id": session, "person_id": person, "event": event,
            "occurred_at": START + timedelta(hours=hour), "row": str(n + 1),
        }
        for n, (hour, session, person, event) in enumerate(rows)
    ]  # fmt: skip
    others = [{**made[0], "account_id": "Z", "session_id": f"Z{e}", "event": e} for e in "abx"]
    return Marker(store_of([*made, *others]))


def visit(event: str) -> dict:
    return {"segment": {"name": event, "scope": "session", "where": event}}


def test_checkpoints_are_later_different_containers():
    asked = segment("S", steps=[visit("a"), visit("b")])
    assert not kept(sessions((0, "s", "p", "a"), (1, "s", "p", "b")), asked)
    assert kept(sessions((0, "s", "p", "a"), (1, "t", "p", "b")), asked)
    # The second begins before the first has ended, or in the same instant.
    overlapping = sessions((0, "s", "p", "a"), (1, "t", "q", "b"), (2, "s", "p", "x"))
    assert not kept(overlapping, asked)
    assert not kept(sessions((0, "s", "p", "a"), (0, "t", "p", "b")), asked)
    # The clock runs from the last row of one to the first of the other.
    later = sessions((0, "s", "p", "a"), (3, "s", "p", "x"), (5, "t", "p", "b"))
    for limit, expected in (("2h", True), ("1h", False)):
        steps = [visit("a"), step(where=visit("b"), within=limit)]
        assert bool(kept(later, segment("S", steps=steps))) is expected
    # The whole sequence reaches from the first row of the first to the last row of the last.
    for limit, expected in (("5h", True), ("4h", False)):
        walked = segment("S", steps=[visit("a"), visit("b")], total_within=limit)
        assert bool(kept(later, walked)) is expected


def test_rows_and_containers_in_one_sequence():
    marker = sessions((0, "s", "p", "a"), (1, None, None, "x"), (2, "t", "p", "b"))
    assert kept(marker, segment("S", steps=[visit("a"), "x", visit("b")]))
    assert not kept(marker, segment("S", steps=["a", visit("a")]))
    assert not kept(marker, segment("S", steps=[visit("a"), step(where=visit("b"), without="x")]))
    either_order = segment("S", steps=[{"where": {"each": [visit("b"), "x"]}}])
    assert kept(marker, either_order)


def test_siblings_are_joined_through_rows():
    """The person saw the price elsewhere; a meeting carries both the person and the deal."""
    rows = [
        ("p", None, "pricing"), ("p", "o1", "meeting"), ("q", "o2", "meeting"),
        (None, "o2", "pricing"),
    ]  # fmt: skip
    marker = Marker(
        store_of(
            {
                "account_id": "A", "person_id": person, "opportunity_id": deal, "event": event,
                "occurred_at": START + timedelta(hours=n), "row": str(n + 1),
            }
            for n, (person, deal, event) in enumerate(rows)
        )
    )  # fmt: skip
    buyer = {"segment": {"name": "buyer", "scope": "person", "where": "pricing"}}
    deals = segment("deals", scope="opportunity", where=buyer)
    assert kept(marker, deals) == [2]
    assert kept(marker, segment("S", scope="person", where={"segment": deals.plain()})) == [1, 2]


def test_an_inner_container_sees_only_what_the_outer_one_leaves():
    """p works for two accounts: in neither of them did p do both."""
    marker = Marker(
        store_of(
            {
                "account_id": account, "person_id": "p", "event": event, "row": str(n + 1),
                "occurred_at": START + timedelta(hours=n),
            }
            for n, (account, event) in enumerate([("A", "pricing"), ("B", "demo"), ("A", "x")])
        )
    )  # fmt: skip
    both = segment("both", scope="person", steps=["pricing", "demo"])
    assert segment_rows(marker, both).all()
    assert not segment_rows(marker, segment("S", where={"segment": both.plain()})).any()


def test_numbers_of_a_container():
    marker = marker_of("a b a a", person_id=["p", "q", "p", None], amount=[1.0, 5.0, None, 2.0])
    for where, expected in [
        ({"times": {"of": "a", ">=": 3}}, True),
        ({"times": {"of": "a", ">": 3}}, False),
        ({"times": {"of": None, "=": 4}}, True),
        ({"distinct": {"of": "person_id", "=": 2}}, True),
        ({"distinct": {"of": "person_id", "where": "a", ">=": 2}}, False),
        ({"total": {"of": "amount", ">=": 8}}, True),
        ({"total": {"of": "amount", "where": "a", ">=": 3, "<": 4}}, True),
        ({"each": ["a", "b"]}, True),
        ({"event": ["a", "b"], "times": {"of": "b", "!=": 1}}, False),
    ]:
        assert bool(kept(marker, segment("S", where=where))) is expected, where
    with pytest.raises(ArgumentError, match="Only measures of the events add up"):
        kept(marker, segment("S", where={"total": {"of": "person_id", ">": 1}}))


def test_containers_without_keys_are_refused():
    marker = marker_of("a b")
    for asked in (
        segment("S", scope="session", where="a"),
        segment("S", steps=[visit("a"), "b"]),
        segment("S", where={"segment": {"name": "p", "scope": "person", "where": "a"}}),
    ):
        with pytest.raises(AbsentError, match=r"carry no (session|person)_id"):
            segment_rows(marker, asked)
    with pytest.raises(AbsentError, match="carry no session_id"):
        segment_rows(marker, segment("S", steps=["a", step("b", within="1 session")]))
    with pytest.raises(ArgumentError, match="Did you mean"):
        segment_rows(marker, segment("S", steps=["a", step("b", within="1 value of evnt")]))


def test_too_many_orders_are_refused_before_a_row_is_read():
    group = {"each": [{"event": e} for e in ("a", "b", "x", "y")]}
    group["each"].append({"event": ["a", "b", "x", "y"]})
    with pytest.raises(ArgumentError, match="more than 600 orders"):
        passes("a", steps=[{"where": group}, {"label": "again", "where": group}])


def test_evidence_says_which_part_is_missing():
    marker = marker_of("a x", others="a b x")
    asked = segment("S", steps=["a", step("b", within="1 event")], where={"each": ["a", "x"]})
    grouping, parts = evidence(marker, asked)
    account = marker.store.container_names(grouping.stream).tolist().index("A")
    assert [(part.step, bool(part.met[account])) for part in parts] == [
        (0, True), (1, True), (2, False),
    ]  # fmt: skip


def test_a_stack_keeps_what_all_its_segments_keep():
    from workbench.vocabulary.segments import segment_from

    marker = marker_of("a x b")
    both = segment_from([segment("1", steps=["a", "b"], part="before"), segment("2", where="x")])
    assert kept(marker, both) == [1]
    assert both.name == "1 and 2"
    with pytest.raises(ArgumentError, match="'c'"):
        kept(marker, segment_from([segment("1", where="a"), segment("2", where="c")]))
